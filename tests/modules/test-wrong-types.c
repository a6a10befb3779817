/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Events in which one member or element has a wrong type.  Each one in turn is replaced.  The
 * stream must return a record or an error. */

#include <json-glib/json-glib.h>
#include <string.h>

#include "test-module.h"

typedef OaiStream *(*StreamFunc) (OaiClient *client);

typedef struct
{
  const char *path;
  StreamFunc create;
  const char *const *events; /* "name {…}" if the name of the event matters, or "{…}"; NULL-terminated */
} Kind;

static const char *const wrong[] = { "null", "true", "-1", "1e400", "\"\"", "\"x\"", "[]", "[1]", "[[1]]", "[null,{\"a\":1}]", "{}", "{\"index\":[1]}" };

/* Streams */

static OaiStream *
new_chat_stream (OaiClient *client)
{
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (client);
  g_autoptr(OaiChatRequest) request = oai_chat_request_new ("gpt-4o");

  oai_chat_request_add_user_message (request, "Hello");

  return OAI_STREAM (oai_chat_endpoint_create_stream (chat, request));
}

static OaiStream *
new_completion_stream (OaiClient *client)
{
  g_autoptr(OaiCompletionsEndpoint) completions = oai_completions_endpoint_new (client);
  g_autoptr(OaiCompletionRequest) request = oai_completion_request_new ("gpt-3.5-turbo-instruct");

  oai_completion_request_set_prompt (request, "Hello");

  return OAI_STREAM (oai_completions_endpoint_create_stream (completions, request));
}

static OaiStream *
new_image_stream (OaiClient *client)
{
  g_autoptr(OaiImagesEndpoint) images = oai_images_endpoint_new (client);
  g_autoptr(OaiImageRequest) request = oai_image_request_new ("A house");

  return OAI_STREAM (oai_images_endpoint_generate_stream (images, request));
}

static OaiStream *
new_speech_stream (OaiClient *client)
{
  g_autoptr(OaiAudioEndpoint) audio = oai_audio_endpoint_new (client);
  g_autoptr(OaiSpeechRequest) request = oai_speech_request_new ("gpt-4o-mini-tts", "Hello");

  oai_speech_request_set_voice (request, OAI_SPEECH_VOICE_ALLOY);

  return OAI_STREAM (oai_audio_endpoint_create_speech_stream (audio, request));
}

static OaiStream *
new_transcription_stream (OaiClient *client)
{
  g_autoptr(OaiAudioEndpoint) audio = oai_audio_endpoint_new (client);
  g_autoptr(GBytes) sound = g_bytes_new_static ("sound", 5);
  g_autoptr(OaiInputFile) file = oai_input_file_new_for_bytes (sound, "a.wav");
  g_autoptr(OaiTranscriptionRequest) request = oai_transcription_request_new (file, "gpt-4o-transcribe");

  return OAI_STREAM (oai_audio_endpoint_transcribe_stream (audio, request));
}

static OaiStream *
new_run_stream (OaiClient *client)
{
  g_autoptr(OaiThreadsEndpoint) threads = oai_threads_endpoint_new (client);
  g_autoptr(OaiRunRequest) request = oai_run_request_new ("asst_1");

  return OAI_STREAM (oai_threads_endpoint_create_run_stream (threads, "thread_1", request, NULL));
}

static const char *const chat_events[] = {
  "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\","
  "\"content\":\"a\",\"refusal\":\"r\",\"reasoning_content\":\"t\",\"tool_calls\":[{\"index\":0,\"id\":\"i\",\"type\":\"function\",\"function\":{\"name\":\"f\","
  "\"arguments\":\"{}\"}},{\"index\":1,\"id\":\"j\",\"type\":\"custom\",\"custom\":{\"name\":\"f\",\"input\":\"x\"}}],\"function_call\":{\"name\":\"f\",\"arguments\":\"{}\"},"
  "\"audio\":{\"id\":\"a\",\"data\":\"QUJD\",\"transcript\":\"t\",\"expires_at\":1},\"annotations\":[{\"type\":\"url_citation\",\"url_citation\":{\"url\":\"u\"}}]},"
  "\"finish_reason\":\"stop\",\"logprobs\":{\"content\":[{\"token\":\"a\",\"logprob\":-1,\"bytes\":[1],\"top_logprobs\":[]}],\"refusal\":[]}}],"
  "\"usage\":{\"total_tokens\":1,\"prompt_tokens_details\":{\"cached_tokens\":1}}}",
  "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"b\",\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{}\"}}]},\"finish_reason\":\"stop\"}]}",
  NULL,
};

static const char *const completion_events[] = {
  "{\"id\":\"c\",\"choices\":[{\"index\":0,\"text\":\"a\",\"logprobs\":{\"tokens\":[\"a\"],\"token_logprobs\":[-1],\"top_logprobs\":[{\"a\":-1}],"
  "\"text_offset\":[0]},\"finish_reason\":\"stop\"}],\"usage\":{\"total_tokens\":1}}",
  NULL,
};

static const char *const image_events[] = {
  "{\"type\":\"image_generation.partial_image\",\"b64_json\":\"QUJD\",\"partial_image_index\":0,\"size\":\"auto\"}",
  "{\"type\":\"image_generation.completed\",\"b64_json\":\"QUJD\",\"usage\":{\"total_tokens\":1,\"input_tokens_details\":{\"text_tokens\":1}}}",
  NULL,
};

static const char *const speech_events[] = {
  "{\"type\":\"speech.audio.delta\",\"audio\":\"QUJD\"}",
  "{\"type\":\"speech.audio.done\",\"usage\":{\"input_tokens\":1}}",
  NULL,
};

static const char *const transcription_events[] = {
  "{\"type\":\"transcript.text.delta\",\"delta\":\"a\",\"logprobs\":[{\"token\":\"a\",\"logprob\":-1,\"bytes\":[1]}],\"segment_id\":\"s\"}",
  "{\"type\":\"transcript.text.segment\",\"id\":\"s\",\"start\":0,\"end\":1.5,\"text\":\"a\",\"speaker\":\"A\"}",
  "{\"type\":\"transcript.text.done\",\"text\":\"a\",\"logprobs\":[],\"usage\":{\"type\":\"tokens\",\"input_token_details\":{\"audio_tokens\":1}}}",
  NULL,
};

static const char *const run_events[] = {
  "thread.run.created {\"id\":\"r\",\"object\":\"thread.run\",\"status\":\"queued\",\"required_action\":{\"type\":\"submit_tool_outputs\","
  "\"submit_tool_outputs\":{\"tool_calls\":[{\"id\":\"t\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}}}",
  "thread.message.created {\"id\":\"m\",\"object\":\"thread.message\",\"content\":[]}",
  "thread.message.delta {\"id\":\"m\",\"object\":\"thread.message.delta\",\"delta\":{\"role\":\"assistant\",\"content\":[{\"index\":0,\"type\":\"text\",\"text\":"
  "{\"value\":\"a\",\"annotations\":[{\"index\":0,\"type\":\"file_citation\",\"text\":\"x\",\"file_citation\":{\"file_id\":\"f\"}}]}}]}}",
  "thread.run.step.created {\"id\":\"s\",\"object\":\"thread.run.step\",\"step_details\":{\"type\":\"tool_calls\",\"tool_calls\":[]}}",
  "thread.run.step.delta {\"id\":\"s\",\"object\":\"thread.run.step.delta\",\"delta\":{\"step_details\":{\"type\":\"tool_calls\",\"tool_calls\":[{\"index\":0,"
  "\"id\":\"t\",\"type\":\"code_interpreter\",\"code_interpreter\":{\"input\":\"a\",\"outputs\":[{\"index\":0,\"type\":\"logs\",\"logs\":\"l\"}]}}]}}}",
  "thread.message.completed {\"id\":\"m\",\"object\":\"thread.message\",\"content\":[{\"type\":\"text\",\"text\":{\"value\":\"a\",\"annotations\":[]}}]}",
  "thread.run.completed {\"id\":\"r\",\"object\":\"thread.run\",\"status\":\"completed\",\"usage\":{\"total_tokens\":1}}",
  NULL,
};

static const Kind kinds[] = {
  { "/wrong-types/chat", new_chat_stream, chat_events },
  { "/wrong-types/completion", new_completion_stream, completion_events },
  { "/wrong-types/image", new_image_stream, image_events },
  { "/wrong-types/speech", new_speech_stream, speech_events },
  { "/wrong-types/transcription", new_transcription_stream, transcription_events },
  { "/wrong-types/run", new_run_stream, run_events },
};

/* Replaces the count-th node in document order, and decrements count for each node. */
static gboolean
replace (JsonNode *parent, guint *count, const char *value)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (parent) ? json_node_get_object (parent) : NULL;
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (parent) ? json_node_get_array (parent) : NULL;
  g_autoptr(GList) names = object != NULL ? json_object_get_members (object) : NULL;
  guint n = object != NULL ? g_list_length (names) : array != NULL ? json_array_get_length (array) : 0;

  for (guint i = 0; i < n; i++)
    {
      const char *name = object != NULL ? g_list_nth_data (names, i) : NULL;

      if ((*count)-- == 0)
        {
          JsonNode *node = json_from_string (value, NULL);

          if (object != NULL)
            {
              json_object_set_member (object, name, node);
            }
          else
            {
              json_array_remove_element (array, i);
              json_array_add_element (array, node);
            }
          return TRUE;
        }
      if (replace (object != NULL ? json_object_get_member (object, name) : json_array_get_element (array, i), count, value))
        return TRUE;
    }

  return FALSE;
}

/* The event with one node replaced, or NULL if it has no such node. */
static char *
spoil (const char *json, guint count, const char *value)
{
  g_autoptr(JsonNode) root = json_from_string (json, NULL);

  g_assert_nonnull (root);

  return replace (root, &count, value) ? json_to_string (root, FALSE) : NULL;
}

static void
append_event (GString *body, const char *event, const char *json)
{
  const char *start = strchr (event, '{');

  if (start != event)
    g_string_append_printf (body, "event: %.*s\n", (int) (start - event - 1), event);
  g_string_append_printf (body, "data: %s\n\n", json);
}

static void
play (Fixture *fixture, const Kind *kind, const char *body)
{
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_text (200, "text/event-stream", body);
  g_autoptr(OaiStream) stream = kind->create (fixture->client);
  g_autoptr(OaiRecord) record = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *json = NULL;

  oai_mock_server_reset (fixture->server);
  oai_mock_server_push_reply (fixture->server, reply);
  record = oai_stream_run (stream, NULL, &error);
  g_assert_true ((record == NULL) == (error != NULL));
  if (record != NULL)
    json = oai_record_to_json (record);
}

static void
test_wrong_types (Fixture *fixture, gconstpointer data)
{
  const Kind *kind = data;
  guint n_played = 0;

  for (guint event = 0; kind->events[event] != NULL; event++)
    for (guint node = 0, more = TRUE; more; node++)
      for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
        {
          g_autofree char *spoiled = spoil (strchr (kind->events[event], '{'), node, wrong[i]);
          g_autoptr(GString) body = g_string_new (NULL);

          more = spoiled != NULL;
          if (!more)
            break;
          for (guint k = 0; kind->events[k] != NULL; k++)
            append_event (body, kind->events[k], k == event ? spoiled : strchr (kind->events[k], '{'));
          g_string_append (body, "data: [DONE]\n\n");
          play (fixture, kind, body->str);
          n_played++;
        }
  g_test_message ("%u streams", n_played);
  g_assert_cmpuint (n_played, >, 20);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    g_test_add (kinds[i].path, Fixture, &kinds[i], fixture_set_up, test_wrong_types, fixture_tear_down);

  return g_test_run ();
}
