/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The signals of response streams, what they add to the response, and how they continue.
 *
 * Servers without indexes, identifiers, or events for the end   /response-stream/signals/no-…
 * Text that only a whole item or a whole response contains      /response-stream/signals/only-…
 * Responses that failed or are incomplete, errors               /response-stream/errors/…
 * Invalid indexes and events of other items                     /response-stream/rejected/…
 * Lost connections                                              /response-stream/resume/…
 */

#include "test-module.h"

#include <string.h>
#include <sys/resource.h>

#define EVENT(json) "data: " json "\n\n"
#define RESPONSE(event, number, status, members) EVENT ("{\"type\":\"response." event "\",\"sequence_number\":" number ",\"response\":{\"id\":\"resp_1\",\"status\":\"" status "\"" members "}}")
#define CREATED RESPONSE ("created", "0", "in_progress", ",\"output\":[]")
#define COMPLETED(output) RESPONSE ("completed", "99", "completed", ",\"output\":" output)
#define ITEM(event, index, item) EVENT ("{\"type\":\"response.output_item." event "\",\"output_index\":" index ",\"item\":" item "}")
#define MESSAGE(content) "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"content\":" content "}"
#define TEXT_PART(text) "{\"type\":\"output_text\",\"text\":\"" text "\",\"annotations\":[]}"
#define BEGUN CREATED ITEM ("added", "0", MESSAGE ("[]"))
#define AT "\"item_id\":\"msg_1\",\"output_index\":0,\"content_index\":0,"
#define PART(event, at, part) EVENT ("{\"type\":\"response.content_part." event "\"," at "\"part\":" part "}")
#define TEXT(at, delta) EVENT ("{\"type\":\"response.output_text.delta\"," at "\"delta\":\"" delta "\"}")
#define TEXT_DONE(at, text) EVENT ("{\"type\":\"response.output_text.done\"," at "\"text\":\"" text "\"}")
#define OF_ITEM(type, members) EVENT ("{\"type\":\"response." type "\",\"output_index\":0," members "}")
#define DONE EVENT ("[DONE]")

/* The emitted signals, in order. */

static void
on_response (OaiStream *stream, OaiResponse *response, GString *told)
{
  g_string_append_printf (told, "%s ", oai_response_get_status (response));
}

static void
on_item_added (OaiStream *stream, OaiResponseItem *item, guint index, GString *told)
{
  g_string_append_printf (told, "+%s%u ", oai_record_get_string_member (OAI_RECORD (item), "type"), index);
}

static void
on_item_done (OaiStream *stream, OaiResponseItem *item, guint index, GString *told)
{
  g_string_append_printf (told, "-%s%u ", oai_record_get_string_member (OAI_RECORD (item), "type"), index);
}

static void
on_progress (OaiStream *stream, const char *type, const char *status, guint index, GString *told)
{
  g_string_append_printf (told, "%s=%s ", type, status);
}

static void
on_part (OaiStream *stream, OaiResponseContent *part, guint index, guint content_index, GString *told)
{
  g_string_append_printf (told, "part%u.%u ", index, content_index);
}

static void
on_part_delta (OaiStream *stream, const char *text, guint index, guint part, GString *told)
{
  g_string_append_printf (told, "%u.%u:%s ", index, part, text);
}

static void
on_part_done (OaiStream *stream, const char *text, guint index, guint part, GString *told)
{
  g_string_append_printf (told, "%u.%u=%s ", index, part, text);
}

static void
on_delta (OaiStream *stream, const char *text, guint index, GString *told)
{
  g_string_append_printf (told, "%u:%s ", index, text);
}

static void
on_done (OaiStream *stream, const char *text, guint index, GString *told)
{
  g_string_append_printf (told, "%u=%s ", index, text);
}

static void
on_annotation (OaiStream *stream, OaiResponseAnnotation *annotation, guint index, guint content_index, guint annotation_index, GString *told)
{
  g_string_append_printf (told, "cite%u.%u.%u ", index, content_index, annotation_index);
}

static void
on_output_delta (OaiStream *stream, const char *output, const char *error, guint index, guint command, GString *told)
{
  g_string_append_printf (told, "%u.%u:%s/%s ", index, command, output != NULL ? output : "", error != NULL ? error : "");
}

static void
on_output_done (OaiStream *stream, const char *json, guint index, guint command, GString *told)
{
  g_string_append_printf (told, "%u.%u=%s ", index, command, json);
}

static void
on_image (OaiStream *stream, GBytes *image, guint index, guint number, GString *told)
{
  g_string_append_printf (told, "image%u.%u=%.*s ", index, number, (int) g_bytes_get_size (image), (const char *) g_bytes_get_data (image, NULL));
}

static void
on_audio (OaiStream *stream, GBytes *audio, GString *told)
{
  g_string_append_printf (told, "audio=%.*s ", (int) g_bytes_get_size (audio), (const char *) g_bytes_get_data (audio, NULL));
}

static void
on_text (OaiStream *stream, const char *text, GString *told)
{
  g_string_append_printf (told, "%s ", text);
}

static void
on_resumed (OaiStream *stream, guint attempt, GString *told)
{
  g_string_append_printf (told, "resumed%u ", attempt);
}

static const struct
{
  const char *signal;
  GCallback callback;
} listeners[] = {
  { "response-created", G_CALLBACK (on_response) },
  { "response-changed", G_CALLBACK (on_response) },
  { "item-added", G_CALLBACK (on_item_added) },
  { "item-done", G_CALLBACK (on_item_done) },
  { "item-progress", G_CALLBACK (on_progress) },
  { "content-part-added", G_CALLBACK (on_part) },
  { "output-text-delta", G_CALLBACK (on_part_delta) },
  { "output-text-done", G_CALLBACK (on_part_done) },
  { "refusal-delta", G_CALLBACK (on_part_delta) },
  { "refusal-done", G_CALLBACK (on_part_done) },
  { "reasoning-text-delta", G_CALLBACK (on_part_delta) },
  { "reasoning-text-done", G_CALLBACK (on_part_done) },
  { "reasoning-summary-delta", G_CALLBACK (on_part_delta) },
  { "reasoning-summary-done", G_CALLBACK (on_part_done) },
  { "function-call-arguments-delta", G_CALLBACK (on_delta) },
  { "function-call-arguments-done", G_CALLBACK (on_done) },
  { "custom-tool-call-input-delta", G_CALLBACK (on_delta) },
  { "custom-tool-call-input-done", G_CALLBACK (on_done) },
  { "mcp-call-arguments-delta", G_CALLBACK (on_delta) },
  { "mcp-call-arguments-done", G_CALLBACK (on_done) },
  { "code-interpreter-code-delta", G_CALLBACK (on_delta) },
  { "code-interpreter-code-done", G_CALLBACK (on_done) },
  { "patch-diff-delta", G_CALLBACK (on_delta) },
  { "patch-diff-done", G_CALLBACK (on_done) },
  { "annotation-added", G_CALLBACK (on_annotation) },
  { "shell-command-delta", G_CALLBACK (on_part_delta) },
  { "shell-command-done", G_CALLBACK (on_part_done) },
  { "shell-output-delta", G_CALLBACK (on_output_delta) },
  { "shell-output-done", G_CALLBACK (on_output_done) },
  { "partial-image", G_CALLBACK (on_image) },
  { "audio-delta", G_CALLBACK (on_audio) },
  { "audio-transcript-delta", G_CALLBACK (on_text) },
  { "audio-transcript-done", G_CALLBACK (on_text) },
  { "resumed", G_CALLBACK (on_resumed) },
};

static OaiMockReply *
new_reply (const char *wire)
{
  gboolean whole = *wire == '{';
  OaiMockReply *reply = whole ? oai_mock_reply_new_json (200, wire) : oai_mock_reply_new (200);

  if (whole)
    return reply;

  oai_mock_reply_set_content_type (reply, "text/event-stream");
  oai_mock_reply_add_text (reply, wire);

  return reply;
}

static void
push (Fixture *fixture, const char *wire)
{
  g_autoptr(OaiMockReply) reply = new_reply (wire);

  oai_mock_server_push_reply (fixture->server, reply);
}

static OaiResponseStream *
new_stream (Fixture *fixture, GString *told)
{
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (fixture->client);
  g_autoptr(OaiResponseRequest) request = oai_response_request_new ();
  OaiResponseStream *stream;

  oai_response_request_set_model (request, "gpt-5");
  oai_response_request_set_input (request, "Hi");
  stream = oai_responses_endpoint_create_stream (responses, request);
  for (guint i = 0; told != NULL && i < G_N_ELEMENTS (listeners); i++)
    g_signal_connect (stream, listeners[i].signal, listeners[i].callback, told);

  return stream;
}

typedef struct
{
  const char *name;
  const char *wire;
  const char *told;
  const char *output; /* of the response, or NULL for no check */
} Case;

#define MESSAGE_HI "[{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":\"Hi\"}]}]"

#define RUNNING_CALL(status, arguments) "{\"id\":\"fc\",\"type\":\"function_call\",\"status\":\"" status "\",\"call_id\":\"c\",\"name\":\"f\",\"arguments\":\"" arguments "\"}"

static const Case cases[] = {
  { "text", BEGUN PART ("added", AT, TEXT_PART ("")) TEXT (AT, "H") TEXT (AT, "i") TEXT_DONE (AT, "Hi") PART ("done", AT, TEXT_PART ("Hi"))
      ITEM ("done", "0", MESSAGE ("[" TEXT_PART ("Hi") "]")) COMPLETED ("[" MESSAGE ("[" TEXT_PART ("Hi") "]") "]"),
    "in_progress +message0 part0.0 0.0:H 0.0:i 0.0=Hi -message0 completed ", "[" MESSAGE ("[" TEXT_PART ("Hi") "]") "]" },
  { "done-wins", BEGUN TEXT (AT, "draft") TEXT_DONE (AT, "Hi") COMPLETED ("[]"), "in_progress +message0 0.0:draft 0.0=Hi -message0 completed ", MESSAGE_HI },
  { "done-without-deltas", BEGUN TEXT_DONE (AT, "Hi") COMPLETED ("[]"), "in_progress +message0 0.0:Hi 0.0=Hi -message0 completed ", MESSAGE_HI },
  { "no-indexes", CREATED EVENT ("{\"type\":\"response.output_item.added\",\"item\":" MESSAGE ("[]") "}") PART ("added", "\"item_id\":\"msg_1\",", TEXT_PART (""))
      TEXT ("\"item_id\":\"msg_1\",", "H") TEXT ("\"item_id\":\"msg_1\",", "i") COMPLETED ("[]"),
    "in_progress +message0 part0.0 0.0:H 0.0:i 0.0=Hi -message0 completed ", "[" MESSAGE ("[" TEXT_PART ("Hi") "]") "]" },
  { "no-identifiers", CREATED ITEM ("added", "0", "{\"type\":\"message\"}") TEXT ("\"output_index\":0,", "Hi") COMPLETED ("[]"),
    "in_progress +message0 0.0:Hi 0.0=Hi -message0 completed ", "[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"Hi\"}]}]" },
  { "no-items", CREATED TEXT ("", "Hi") COMPLETED ("[]"), "in_progress +message0 0.0:Hi 0.0=Hi -message0 completed ",
    "[{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":\"Hi\"}]}]" },
  { "no-created", TEXT (AT, "Hi") COMPLETED ("[]"), "+message0 0.0:Hi 0.0=Hi -message0 completed ", MESSAGE_HI },
  { "no-item-end", CREATED ITEM ("added", "0", RUNNING_CALL ("in_progress", "")) OF_ITEM ("function_call_arguments.delta", "\"delta\":\"{}\"") COMPLETED ("[]"),
    "in_progress +function_call0 0:{} 0={} -function_call0 completed ", "[" RUNNING_CALL ("completed", "{}") "]" },
  { "no-item-end-failed", CREATED ITEM ("added", "0", RUNNING_CALL ("failed", "")) COMPLETED ("[]"),
    "in_progress +function_call0 0= -function_call0 completed ", "[" RUNNING_CALL ("failed", "") "]" },
  { "item-end-in-progress", CREATED ITEM ("done", "0", RUNNING_CALL ("in_progress", "{}")) COMPLETED ("[]"),
    "in_progress +function_call0 0:{} 0={} -function_call0 completed ", "[" RUNNING_CALL ("in_progress", "{}") "]" },
  { "no-end", BEGUN TEXT (AT, "Hi") DONE, "in_progress +message0 0.0:Hi ", MESSAGE_HI },
  { "changed-identifier", BEGUN TEXT ("\"item_id\":\"other\",\"output_index\":0,\"content_index\":0,", "Hi") COMPLETED ("[]"), "in_progress +message0 0.0:Hi 0.0=Hi -message0 completed ", MESSAGE_HI },
  { "first-index-is-not-0", BEGUN TEXT ("\"output_index\":0,\"content_index\":1,", "Hi") ITEM ("done", "0", MESSAGE ("[" TEXT_PART ("Hi") "]")) COMPLETED ("[]"),
    "in_progress +message0 0.1:Hi 0.1=Hi -message0 completed ", "[" MESSAGE ("[" TEXT_PART ("Hi") "]") "]" },
  { "only-in-item", CREATED ITEM ("done", "0", MESSAGE ("[" TEXT_PART ("Hi") "]")) COMPLETED ("[]"), "in_progress +message0 0.0:Hi 0.0=Hi -message0 completed ",
    "[" MESSAGE ("[" TEXT_PART ("Hi") "]") "]" },
  { "only-in-response", CREATED COMPLETED ("[" MESSAGE ("[" TEXT_PART ("Hi") "]") "]"), "in_progress +message0 0.0:Hi 0.0=Hi -message0 completed ",
    "[" MESSAGE ("[" TEXT_PART ("Hi") "]") "]" },
  { "other-identifiers-in-response", BEGUN TEXT (AT, "Hi") COMPLETED ("[{\"id\":\"new\",\"type\":\"message\",\"content\":[" TEXT_PART ("Hi") "]}]"),
    "in_progress +message0 0.0:Hi 0.0=Hi -message0 completed ", "[{\"id\":\"new\",\"type\":\"message\",\"content\":[" TEXT_PART ("Hi") "]}]" },
  { "whole-reply", "{\"id\":\"resp_1\",\"object\":\"response\",\"status\":\"completed\",\"output\":[" MESSAGE ("[" TEXT_PART ("Hi") "]") "]}",
    "+message0 0.0:Hi 0.0=Hi -message0 completed ", "[" MESSAGE ("[" TEXT_PART ("Hi") "]") "]" },
  { "unknown-events", BEGUN EVENT ("{\"type\":\"keepalive\",\"sequence_number\":3}") EVENT ("{\"type\":\"response.future\",\"output_index\":7}") EVENT ("{\"type\":\"error\"}") TEXT (AT, "Hi") COMPLETED ("[]"),
    "in_progress +message0 0.0:Hi 0.0=Hi -message0 completed ", MESSAGE_HI },
  { "states", RESPONSE ("created", "0", "queued", "") RESPONSE ("queued", "1", "queued", "") RESPONSE ("in_progress", "2", "in_progress", "") COMPLETED ("[]"), "queued queued in_progress completed ", "[]" },
  { "refusal", BEGUN EVENT ("{\"type\":\"response.refusal.delta\"," AT "\"delta\":\"No\"}") EVENT ("{\"type\":\"response.refusal.done\"," AT "\"refusal\":\"No.\"}") COMPLETED ("[]"),
    "in_progress +message0 0.0:No 0.0:. 0.0=No. -message0 completed ", NULL },
  { "reasoning", CREATED ITEM ("added", "0", "{\"id\":\"rs\",\"type\":\"reasoning\",\"summary\":[]}") OF_ITEM ("reasoning_summary_part.added", "\"summary_index\":0,\"part\":{\"type\":\"summary_text\",\"text\":\"\"}")
      OF_ITEM ("reasoning_summary_text.delta", "\"summary_index\":0,\"delta\":\"S\"") OF_ITEM ("reasoning_summary_text.done", "\"summary_index\":0,\"text\":\"S\"")
      OF_ITEM ("reasoning_text.delta", "\"content_index\":0,\"delta\":\"R\"") OF_ITEM ("reasoning_text.done", "\"content_index\":0,\"text\":\"R\"") COMPLETED ("[]"),
    "in_progress +reasoning0 0.0:S 0.0=S 0.0:R 0.0=R -reasoning0 completed ",
    "[{\"id\":\"rs\",\"type\":\"reasoning\",\"summary\":[{\"type\":\"summary_text\",\"text\":\"S\"}],\"content\":[{\"type\":\"reasoning_text\",\"text\":\"R\"}]}]" },
  { "function-call", CREATED ITEM ("added", "0", "{\"id\":\"fc\",\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\",\"arguments\":\"\"}")
      OF_ITEM ("function_call_arguments.delta", "\"delta\":\"{\"") OF_ITEM ("function_call_arguments.delta", "\"delta\":\"}\"") OF_ITEM ("function_call_arguments.done", "\"arguments\":\"{}\"") COMPLETED ("[]"),
    "in_progress +function_call0 0:{ 0:} 0={} -function_call0 completed ", "[{\"id\":\"fc\",\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\",\"arguments\":\"{}\"}]" },
  { "custom-tool", CREATED OF_ITEM ("custom_tool_call_input.delta", "\"delta\":\"a\"") OF_ITEM ("custom_tool_call_input.done", "\"input\":\"ab\"") COMPLETED ("[]"),
    "in_progress +custom_tool_call0 0:a 0:b 0=ab -custom_tool_call0 completed ", "[{\"type\":\"custom_tool_call\",\"input\":\"ab\"}]" },
  { "mcp", CREATED OF_ITEM ("mcp_call.in_progress", "\"item_id\":\"m\"") OF_ITEM ("mcp_call_arguments.delta", "\"delta\":\"{}\"") OF_ITEM ("mcp_call.failed", "\"item_id\":\"m\"") COMPLETED ("[]"),
    "in_progress +mcp_call0 mcp_call=in_progress 0:{} mcp_call=failed 0={} -mcp_call0 completed ", "[{\"id\":\"m\",\"type\":\"mcp_call\",\"status\":\"failed\",\"arguments\":\"{}\"}]" },
  { "code", CREATED OF_ITEM ("code_interpreter_call_code.delta", "\"delta\":\"1\"") OF_ITEM ("code_interpreter_call.interpreting", "\"item_id\":\"\"") OF_ITEM ("code_interpreter_call_code.done", "\"code\":\"1\"") COMPLETED ("[]"),
    "in_progress +code_interpreter_call0 0:1 code_interpreter_call=interpreting 0=1 -code_interpreter_call0 completed ", NULL },
  { "patch", CREATED ITEM ("added", "0", "{\"type\":\"apply_patch_call\",\"operation\":{\"type\":\"create_file\",\"diff\":\"\"}}") OF_ITEM ("apply_patch_call_operation_diff.delta", "\"delta\":\"+a\"") COMPLETED ("[]"),
    "in_progress +apply_patch_call0 0:+a 0=+a -apply_patch_call0 completed ", "[{\"type\":\"apply_patch_call\",\"operation\":{\"type\":\"create_file\",\"diff\":\"+a\"}}]" },
  { "search", CREATED OF_ITEM ("web_search_call.searching", "\"item_id\":\"w\"") OF_ITEM ("web_search_call.completed", "\"item_id\":\"w\"") COMPLETED ("[]"),
    "in_progress +web_search_call0 web_search_call=searching web_search_call=completed -web_search_call0 completed ", "[{\"id\":\"w\",\"type\":\"web_search_call\",\"status\":\"completed\"}]" },
  { "shell", CREATED ITEM ("added", "0", "{\"type\":\"shell_call\",\"action\":{\"commands\":[]}}") OF_ITEM ("shell_call_command.added", "\"command_index\":0,\"command\":\"\"")
      OF_ITEM ("shell_call_command.delta", "\"command_index\":0,\"delta\":\"ls\"") OF_ITEM ("shell_call_command.done", "\"command_index\":0,\"command\":\"ls -l\"") COMPLETED ("[]"),
    "in_progress +shell_call0 0.0:ls 0.0: -l 0.0=ls -l -shell_call0 completed ", "[{\"type\":\"shell_call\",\"action\":{\"commands\":[\"ls -l\"]}}]" },
  { "shell-output", CREATED OF_ITEM ("shell_call_output_content.delta", "\"command_index\":0,\"delta\":{\"stdout\":\"a\"}") OF_ITEM ("shell_call_output_content.done", "\"command_index\":0,\"output\":[{\"stdout\":\"ab\"}]") COMPLETED ("[]"),
    "in_progress +shell_call_output0 0.0:a/ 0.0=[{\"stdout\":\"ab\"}] -shell_call_output0 completed ", "[{\"type\":\"shell_call_output\",\"output\":[{\"stdout\":\"ab\"}]}]" },
  { "image", CREATED OF_ITEM ("image_generation_call.partial_image", "\"partial_image_index\":1,\"partial_image_b64\":\"QUJD\"") COMPLETED ("[]"),
    "in_progress +image_generation_call0 image0.1=ABC -image_generation_call0 completed ", NULL },
  { "annotation", BEGUN TEXT (AT, "Hi") EVENT ("{\"type\":\"response.output_text.annotation.added\"," AT "\"annotation_index\":0,\"annotation\":{\"type\":\"url_citation\",\"url\":\"u\"}}") COMPLETED ("[]"),
    "in_progress +message0 0.0:Hi cite0.0.0 0.0=Hi -message0 completed ", NULL },
  { "audio", CREATED EVENT ("{\"type\":\"response.audio.delta\",\"delta\":\"QU\"}") EVENT ("{\"type\":\"response.audio.delta\",\"delta\":\"JD\"}") EVENT ("{\"type\":\"response.audio.transcript.delta\",\"delta\":\"A\"}")
      EVENT ("{\"type\":\"response.audio.transcript.delta\",\"delta\":\"B\"}") EVENT ("{\"type\":\"response.audio.transcript.done\"}") COMPLETED ("[]"),
    "in_progress audio=ABC A B AB completed ", "[]" },
};

static char *
dup_output (OaiRecord *response)
{
  GPtrArray *items = oai_response_get_output_items (OAI_RESPONSE (response));
  GString *json = g_string_new ("[");

  for (guint i = 0; items != NULL && i < items->len; i++)
    {
      g_autofree char *item = oai_record_to_json (g_ptr_array_index (items, i));

      g_string_append_printf (json, "%s%s", i > 0 ? "," : "", item);
    }
  g_string_append_c (json, ']');

  return g_string_free (json, FALSE);
}

static void
test_signals (Fixture *fixture, gconstpointer data)
{
  const Case *test = data;
  g_autoptr(GString) told = g_string_new (NULL);
  g_autoptr(OaiResponseStream) stream = new_stream (fixture, told);
  g_autoptr(OaiRecord) response = NULL;
  g_autofree char *output = NULL;
  g_autoptr(GError) error = NULL;

  push (fixture, test->wire);
  response = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (told->str, ==, test->told);
  output = dup_output (response);
  if (test->output != NULL)
    g_assert_cmpstr (output, ==, test->output);
}

/* The same events as chunks give the same response. */
static void
test_pulled (Fixture *fixture, gconstpointer data)
{
  const Case *test = data;
  g_autoptr(OaiResponseStream) stream = new_stream (fixture, NULL);
  g_autoptr(OaiRecord) response = NULL;
  g_autofree char *output = NULL;
  g_autoptr(GError) error = NULL;
  OaiRecord *chunk;

  push (fixture, test->wire);
  while ((chunk = oai_stream_next (OAI_STREAM (stream), NULL, &error)) != NULL)
    {
      g_assert_true (OAI_IS_RESPONSE_EVENT (chunk));
      g_object_unref (chunk);
    }
  g_assert_no_error (error);
  response = oai_stream_dup_result (OAI_STREAM (stream));
  output = dup_output (response);
  if (test->output != NULL)
    g_assert_cmpstr (output, ==, test->output);
}

/* A loop over the events of a server that does not stream finds the texts. */
static void
test_pulled_reply (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiResponseStream) stream = new_stream (fixture, NULL);
  g_autoptr(GString) told = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  OaiRecord *chunk;

  push (fixture, "{\"id\":\"resp_1\",\"object\":\"response\",\"status\":\"completed\",\"output\":[{\"id\":\"rs\",\"type\":\"reasoning\",\"summary\":[]},1,"
                 "{\"id\":\"msg_1\",\"type\":\"message\",\"content\":[{\"type\":\"hologram\"}," TEXT_PART ("Hi") ",{\"type\":\"refusal\",\"refusal\":\"No\"}]}]}");
  while ((chunk = oai_stream_next (OAI_STREAM (stream), NULL, &error)) != NULL)
    {
      g_autofree char *type = oai_record_dup_member (chunk, "type");
      g_autofree char *delta = oai_record_dup_member (chunk, "delta");
      g_autofree char *index = oai_record_dup_member (chunk, "content_index");

      g_string_append_printf (told, "%s %s %s\n", type, index != NULL ? index : "-", delta != NULL ? delta : "-");
      g_object_unref (chunk);
    }
  g_assert_no_error (error);
  g_assert_cmpstr (told->str, ==,
                   "\"response.output_item.done\" - -\n"
                   "\"response.output_text.delta\" 1 \"Hi\"\n"
                   "\"response.refusal.delta\" 2 \"No\"\n"
                   "\"response.output_item.done\" - -\n"
                   "\"response.completed\" - -\n");
}

/* Errors */

typedef struct
{
  const char *name;
  const char *wire;
  int code;
  const char *message; /* part of it */
  const char *status;  /* of the response so far; NULL for no response */
} ErrorCase;

static const ErrorCase errors[] = {
  { "failed", BEGUN TEXT (AT, "Hi") RESPONSE ("failed", "9", "failed", ",\"error\":{\"code\":\"server_error\",\"message\":\"It broke\"},\"output\":[]"), OAI_ERROR_SERVER, "It broke", "failed" },
  { "failed-rate-limit", CREATED RESPONSE ("failed", "9", "failed", ",\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"Slow down\"}"), OAI_ERROR_RATE_LIMITED, "Slow down", "failed" },
  { "failed-prompt", CREATED RESPONSE ("failed", "9", "failed", ",\"error\":{\"code\":\"invalid_prompt\",\"message\":\"Write another one\"}"), OAI_ERROR_BAD_REQUEST, "Write another one", "failed" },
  { "failed-too-large", CREATED RESPONSE ("failed", "9", "failed", ",\"error\":{\"code\":\"image_too_large\",\"message\":\"No\"}"), OAI_ERROR_BAD_REQUEST, "No", "failed" },
  { "failed-policy", CREATED RESPONSE ("failed", "9", "failed", ",\"error\":{\"code\":\"bio_policy\",\"message\":\"No\"}"), OAI_ERROR_CONTENT_FILTER, "No", "failed" },
  { "failed-without-reason", CREATED RESPONSE ("failed", "9", "failed", ",\"error\":null"), OAI_ERROR_FAILED, "no reason", "failed" },
  { "steered", CREATED RESPONSE ("incomplete", "9", "incomplete", ",\"incomplete_details\":{\"reason\":\"steered\"}"), OAI_ERROR_INCOMPLETE, "steered", "incomplete" },
  { "length", BEGUN TEXT (AT, "Hi") RESPONSE ("incomplete", "9", "incomplete", ",\"incomplete_details\":{\"reason\":\"max_output_tokens\"}"), OAI_ERROR_LENGTH, "token limit", "incomplete" },
  { "content-filter", CREATED RESPONSE ("incomplete", "9", "incomplete", ",\"incomplete_details\":{\"reason\":\"content_filter\"}"), OAI_ERROR_CONTENT_FILTER, "content filter", "incomplete" },
  { "incomplete", CREATED RESPONSE ("incomplete", "9", "incomplete", ""), OAI_ERROR_INCOMPLETE, "incomplete", "incomplete" },
  { "cancelled", CREATED RESPONSE ("cancelled", "9", "cancelled", ""), OAI_ERROR_INCOMPLETE, "cancelled", "cancelled" },
  { "completed-as-failed", BEGUN TEXT (AT, "Hi") RESPONSE ("completed", "9", "failed", ""), OAI_ERROR_FAILED, "no reason", "failed" },
  { "completed-as-incomplete", BEGUN TEXT (AT, "Hi") RESPONSE ("completed", "9", "incomplete", ",\"incomplete_details\":{\"reason\":\"max_output_tokens\"}"), OAI_ERROR_LENGTH, "token limit", "incomplete" },
  { "truncated", BEGUN TEXT (AT, "Hi"), OAI_ERROR_INCOMPLETE, "before the response was complete", "in_progress" },
  { "flat", CREATED EVENT ("{\"type\":\"error\",\"code\":\"server_error\",\"message\":\"Flat\",\"param\":null,\"sequence_number\":1}"), OAI_ERROR_SERVER, "Flat", "in_progress" },
  { "nested", CREATED EVENT ("{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"Nested\"}}"), OAI_ERROR_BAD_REQUEST, "Nested", "in_progress" },
  { "first", EVENT ("{\"type\":\"error\",\"code\":\"server_error\",\"message\":\"First\"}"), OAI_ERROR_SERVER, "First", NULL },
  { "named", CREATED "event: error\n" EVENT ("{\"code\":\"server_error\",\"message\":\"Named\"}"), OAI_ERROR_SERVER, "Named", "in_progress" },
  { "whole-reply", "{\"id\":\"resp_1\",\"object\":\"response\",\"status\":\"failed\",\"error\":{\"code\":\"server_error\",\"message\":\"It broke\"},\"output\":[]}", OAI_ERROR_SERVER, "It broke", "failed" },
  { "rejected/output-index", CREATED ITEM ("added", "4294967294", MESSAGE ("[]")), OAI_ERROR_PROTOCOL, "index", "in_progress" },
  { "rejected/lower-output-index", CREATED ITEM ("added", "3", MESSAGE ("[]")) ITEM ("added", "2", "{\"type\":\"reasoning\"}"), OAI_ERROR_PROTOCOL, "index", "in_progress" },
  { "rejected/negative-index", BEGUN TEXT ("\"output_index\":-1,", "Hi"), OAI_ERROR_PROTOCOL, "index", "in_progress" },
  { "rejected/content-index", BEGUN TEXT ("\"output_index\":0,\"content_index\":4294967294,", "Hi"), OAI_ERROR_PROTOCOL, "index", "in_progress" },
  { "rejected/text-as-index", BEGUN TEXT ("\"output_index\":0,\"content_index\":\"0\",", "Hi"), OAI_ERROR_PROTOCOL, "index", "in_progress" },
  { "rejected/annotation-index", BEGUN TEXT (AT, "Hi") EVENT ("{\"type\":\"response.output_text.annotation.added\"," AT "\"annotation_index\":1,\"annotation\":{}}"), OAI_ERROR_PROTOCOL, "index", "in_progress" },
  { "rejected/command-index", CREATED OF_ITEM ("shell_call_output_content.delta", "\"command_index\":1000000,\"delta\":{\"stdout\":\"a\"}"), OAI_ERROR_PROTOCOL, "index", "in_progress" },
  { "rejected/type-of-item", BEGUN OF_ITEM ("function_call_arguments.delta", "\"item_id\":\"msg_1\",\"delta\":\"{}\""), OAI_ERROR_PROTOCOL, "function_call_arguments", "in_progress" },
  { "rejected/type-of-part", BEGUN PART ("added", AT, "{\"type\":\"refusal\",\"refusal\":\"\"}") TEXT (AT, "Hi"), OAI_ERROR_PROTOCOL, "refusal", "in_progress" },
  { "rejected/other-item", BEGUN ITEM ("added", "1", "{\"id\":\"msg_2\",\"type\":\"message\"}") TEXT ("\"item_id\":\"msg_2\",\"output_index\":0,", "Hi"), OAI_ERROR_PROTOCOL, "another item", "in_progress" },
  { "rejected/same-identifier", BEGUN ITEM ("added", "1", MESSAGE ("[]")), OAI_ERROR_PROTOCOL, "same identifier", "in_progress" },
  { "rejected/replaced-item", BEGUN ITEM ("done", "0", "{\"id\":\"msg_1\",\"type\":\"reasoning\"}"), OAI_ERROR_PROTOCOL, "replaced", "in_progress" },
  { "rejected/logprobs-of-text", BEGUN ITEM ("added", "1", "{\"type\":\"message\",\"content\":[\"a\"]}") EVENT ("{\"type\":\"response.output_text.delta\",\"output_index\":1,\"delta\":\"b\",\"logprobs\":[{}]}"), OAI_ERROR_PROTOCOL, "output_text.delta", "in_progress" },
  { "rejected/annotation-of-text", BEGUN ITEM ("added", "1", "{\"type\":\"message\",\"content\":[\"a\"]}") EVENT ("{\"type\":\"response.output_text.annotation.added\",\"output_index\":1,\"annotation\":{}}"), OAI_ERROR_PROTOCOL, "annotation", "in_progress" },
  { "rejected/long-type", BEGUN PART ("added", AT, "{\"type\":\"ééééééééééééééééééééééééééééééééx\"}") TEXT (AT, "Hi"), OAI_ERROR_PROTOCOL, "“…”", "in_progress" },
  { "rejected/many-outputs", CREATED EVENT ("{\"type\":\"response.shell_call_output_content.delta\",\"output_index\":0,\"command_index\":4000,\"delta\":{\"stdout\":\"a\"}}")
      EVENT ("{\"type\":\"response.shell_call_output_content.delta\",\"output_index\":1,\"command_index\":4000,\"delta\":{\"stdout\":\"a\"}}"), OAI_ERROR_PROTOCOL, "index", "in_progress" },
  { "rejected/audio", CREATED EVENT ("{\"type\":\"response.audio.delta\",\"delta\":\"?\"}"), OAI_ERROR_PROTOCOL, "damaged", "in_progress" },
};

static void
test_error (Fixture *fixture, gconstpointer data)
{
  const ErrorCase *test = data;
  g_autoptr(GString) told = g_string_new (NULL);
  g_autoptr(OaiResponseStream) stream = new_stream (fixture, told);
  g_autoptr(OaiRecord) response = NULL;
  g_autoptr(GError) error = NULL;

  push (fixture, test->wire);
  g_assert_null (oai_stream_run (OAI_STREAM (stream), NULL, &error));
  g_assert_error (error, OAI_ERROR, test->code);
  g_assert_nonnull (strstr (error->message, test->message));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  response = oai_stream_dup_result (OAI_STREAM (stream));
  g_assert_true ((response != NULL) == (test->status != NULL));
  if (response != NULL)
    g_assert_cmpstr (oai_response_get_status (OAI_RESPONSE (response)), ==, test->status);
}

/* The items of a truncated response that were in progress are not complete. */
static void
test_truncated_item (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiResponseStream) stream = new_stream (fixture, NULL);
  g_autoptr(OaiRecord) response = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *output = NULL;

  push (fixture, CREATED ITEM ("added", "0", RUNNING_CALL ("in_progress", "")) RESPONSE ("incomplete", "9", "incomplete", ",\"output\":[]"));
  g_assert_null (oai_stream_run (OAI_STREAM (stream), NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE);
  response = oai_stream_dup_result (OAI_STREAM (stream));
  output = dup_output (response);
  g_assert_cmpstr (output, ==, "[" RUNNING_CALL ("in_progress", "") "]");
}

/* Methods */

static void
check_methods (OaiResponseStream *stream, const char *text, guint index, guint part, gpointer user_data)
{
  gboolean *checked = user_data;
  g_autoptr(OaiResponseItem) item = oai_response_stream_dup_item (stream, index);

  g_assert_cmpstr (oai_response_stream_get_text (stream, index, part), ==, "Hi");
  g_assert_null (oai_response_stream_get_text (stream, index + 1, part));
  g_assert_null (oai_response_stream_get_text (stream, index, part + 1));
  g_assert_cmpstr (oai_response_stream_get_phase (stream, index), ==, "commentary");
  g_assert_null (oai_response_stream_get_phase (stream, index + 1));
  g_assert_cmpstr (oai_record_get_string_member (OAI_RECORD (item), "id"), ==, "msg_1");
  g_assert_null (oai_response_stream_dup_item (stream, index + 1));
  g_assert_cmpint (oai_response_stream_get_sequence_number (stream), ==, 5);
  *checked = TRUE;
}

static void
test_methods (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiResponseStream) stream = new_stream (fixture, NULL);
  g_autoptr(OaiRecord) response = NULL;
  g_autoptr(GError) error = NULL;
  gboolean checked = FALSE;

  g_assert_null (oai_stream_dup_result (OAI_STREAM (stream)));
  g_assert_cmpint (oai_response_stream_get_sequence_number (stream), ==, -1);
  g_signal_connect (stream, "output-text-delta", G_CALLBACK (check_methods), &checked);
  push (fixture, CREATED ITEM ("added", "0", "{\"id\":\"msg_1\",\"type\":\"message\",\"phase\":\"commentary\",\"content\":[]}") TEXT ("\"sequence_number\":5," AT, "Hi") COMPLETED ("[]"));
  response = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (checked);
}

static void
test_coalesced (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GString) told = g_string_new (NULL);
  g_autoptr(OaiResponseStream) stream = new_stream (fixture, told);
  g_autoptr(OaiRecord) response = NULL;
  g_autoptr(GError) error = NULL;

  oai_stream_set_coalesce_interval_ms (OAI_STREAM (stream), 60000);
  push (fixture, BEGUN TEXT (AT, "H") TEXT (AT, "i") TEXT (AT, "!") COMPLETED ("[]"));
  response = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (told->str, ==, "in_progress +message0 0.0:Hi! 0.0=Hi! -message0 completed ");
}

/* Continuing */

#define BACKGROUND RESPONSE ("created", "0", "queued", ",\"background\":true,\"output\":[]")
#define NUMBERED(number, delta) TEXT ("\"sequence_number\":" number "," AT, delta)

static void
assert_request (Fixture *fixture, int index, const char *method, const char *query)
{
  g_autoptr(OaiMockRequest) request = oai_mock_server_dup_request (fixture->server, index);

  g_assert_cmpstr (oai_mock_request_get_method (request), ==, method);
  g_assert_cmpstr (oai_mock_request_get_query (request), ==, query);
}

/* The second request repeats an event. */
static void
test_resume (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GString) told = g_string_new (NULL);
  g_autoptr(OaiResponseStream) stream = new_stream (fixture, told);
  g_autoptr(OaiRecord) response = NULL;
  g_autoptr(GError) error = NULL;

  push (fixture, BACKGROUND NUMBERED ("1", "H") NUMBERED ("2", "i"));
  push (fixture, NUMBERED ("2", "i") NUMBERED ("3", "!"));
  push (fixture, NUMBERED ("4", "?") COMPLETED ("[]"));
  response = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (told->str, ==, "queued +message0 0.0:H 0.0:i resumed1 0.0:! resumed1 0.0:? 0.0=Hi!? -message0 completed ");
  assert_request (fixture, 1, "GET", "starting_after=2&stream=true");
  assert_request (fixture, 2, "GET", "starting_after=3&stream=true");
  assert_no_violations (fixture);
}

/* A truncated body, and a program that reads the chunks itself. */
static void
test_resume_pulled (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GString) told = g_string_new (NULL);
  g_autoptr(OaiResponseStream) stream = new_stream (fixture, NULL);
  g_autoptr(OaiMockReply) reply = new_reply (BACKGROUND NUMBERED ("1", "H") NUMBERED ("2", "i"));
  g_autoptr(GError) error = NULL;
  OaiRecord *chunk;

  oai_mock_reply_set_truncate_after (reply, strlen (BACKGROUND NUMBERED ("1", "H")) + 20);
  oai_mock_server_push_reply (fixture->server, reply);
  push (fixture, NUMBERED ("2", "i") COMPLETED ("[]"));
  g_signal_connect (stream, "resumed", G_CALLBACK (on_resumed), told);
  while ((chunk = oai_stream_next (OAI_STREAM (stream), NULL, &error)) != NULL)
    {
      g_string_append_printf (told, "%d ", (int) oai_response_event_get_sequence_number (OAI_RESPONSE_EVENT (chunk)));
      g_object_unref (chunk);
    }
  g_assert_no_error (error);
  g_assert_cmpstr (told->str, ==, "0 1 resumed1 2 99 ");
  g_assert_cmpstr (oai_response_stream_get_text (stream, 0, 0), ==, "Hi");
}

/* Replies without a new event. */
static void
test_resume_bounded (Fixture *fixture, gconstpointer data)
{
  const char *wire = data;
  g_autoptr(GString) told = g_string_new (NULL);
  g_autoptr(OaiResponseStream) stream = new_stream (fixture, told);
  g_autoptr(OaiMockReply) again = new_reply (wire);
  g_autoptr(GError) error = NULL;

  oai_stream_set_max_resumes (OAI_STREAM (stream), 2);
  g_assert_cmpuint (oai_stream_get_max_resumes (OAI_STREAM (stream)), ==, 2);
  oai_mock_reply_set_times (again, 5);
  push (fixture, BACKGROUND NUMBERED ("1", "H"));
  oai_mock_server_push_reply (fixture->server, again);
  g_assert_null (oai_stream_run (OAI_STREAM (stream), NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE);
  g_assert_cmpstr (told->str, ==, "queued +message0 0.0:H resumed1 resumed2 ");
}

/* Events of another response, also if they have the numbers of earlier events. */
static void
test_resume_other (Fixture *fixture, gconstpointer data)
{
  static const char *const wires[] = {
    EVENT ("{\"type\":\"response.created\",\"sequence_number\":0,\"response\":{\"id\":\"resp_2\",\"status\":\"queued\"}}") NUMBERED ("2", "?"),
    EVENT ("{\"type\":\"response.in_progress\",\"sequence_number\":2,\"response\":{\"id\":\"resp_2\",\"status\":\"in_progress\"}}") NUMBERED ("3", "?"),
    EVENT ("{\"type\":\"response.completed\",\"response\":{\"id\":\"resp_2\",\"status\":\"completed\"}}"),
    "{\"id\":\"resp_2\",\"object\":\"response\",\"status\":\"completed\",\"output\":[" MESSAGE ("[" TEXT_PART ("?") "]") "]}",
  };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (wires); i++)
    {
      g_autoptr(GString) told = g_string_new (NULL);
      g_autoptr(OaiResponseStream) stream = new_stream (fixture, told);
      g_autoptr(OaiRecord) response = NULL;
      g_autoptr(OaiRecord) chunk = NULL;
      g_autoptr(GError) error = NULL;

      push (fixture, BACKGROUND NUMBERED ("1", "H"));
      push (fixture, wires[i / 2]);
      if (i % 2 == 0)
        g_assert_null (oai_stream_run (OAI_STREAM (stream), NULL, &error));
      else
        while ((chunk = oai_stream_next (OAI_STREAM (stream), NULL, &error)) != NULL)
          g_clear_object (&chunk);
      g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
      g_assert_nonnull (strstr (error->message, "another response"));
      g_assert_cmpstr (told->str, ==, "queued +message0 0.0:H resumed1 ");
      response = oai_stream_dup_result (OAI_STREAM (stream));
      g_assert_cmpstr (oai_response_get_id (OAI_RESPONSE (response)), ==, "resp_1");
      g_assert_cmpstr (oai_response_stream_get_text (stream, 0, 0), ==, "H");
    }
}

/* Responses in the foreground, without numbers, and those that have ended are not continued. */
static void
test_not_resumed (Fixture *fixture, gconstpointer data)
{
  static const char *const wires[] = {
    CREATED NUMBERED ("1", "H"),
    EVENT ("{\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\",\"status\":\"queued\",\"background\":true}}"),
    BACKGROUND RESPONSE ("incomplete", "1", "incomplete", ",\"background\":true"),
  };

  for (guint i = 0; i < G_N_ELEMENTS (wires); i++)
    {
      g_autoptr(GString) told = g_string_new (NULL);
      g_autoptr(OaiResponseStream) stream = new_stream (fixture, told);
      g_autoptr(GError) error = NULL;

      push (fixture, wires[i]);
      g_assert_null (oai_stream_run (OAI_STREAM (stream), NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE);
      g_assert_null (strstr (told->str, "resumed"));
      g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->server), ==, i + 1);
    }
}

static void
close_cb (OaiStream *stream, guint attempt, gpointer user_data)
{
  oai_stream_close (stream);
}

static void
test_resume_closed (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiResponseStream) stream = new_stream (fixture, NULL);
  g_autoptr(GError) error = NULL;

  push (fixture, BACKGROUND NUMBERED ("1", "H"));
  g_signal_connect (stream, "resumed", G_CALLBACK (close_cb), NULL);
  g_assert_null (oai_stream_run (OAI_STREAM (stream), NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->server), ==, 1);
}

/* All events are sent again, and those that the program knows complete the response only. */
static void
test_starting_after (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GString) told = g_string_new (NULL);
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (fixture->client);
  g_autoptr(OaiResponseStream) stream = oai_responses_endpoint_retrieve_stream (responses, "resp_1", NULL);
  g_autoptr(OaiRecord) response = NULL;
  g_autofree char *output = NULL;
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (listeners); i++)
    g_signal_connect (stream, listeners[i].signal, listeners[i].callback, told);
  oai_response_stream_set_starting_after (stream, 1);
  push (fixture, BACKGROUND NUMBERED ("1", "H") NUMBERED ("2", "i") COMPLETED ("[]"));
  response = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (told->str, ==, "0.0:i 0.0=Hi -message0 completed ");
  output = dup_output (response);
  g_assert_cmpstr (output, ==, MESSAGE_HI);
  assert_request (fixture, 0, "GET", "stream=true");
}

/* Cancelling */

typedef struct
{
  GMainLoop *loop;
  GError *error;
  gboolean done;
} Run;

static void
run_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Run *run = user_data;
  g_autoptr(OaiRecord) response = oai_stream_run_finish (OAI_STREAM (source), result, &run->error);

  g_assert_true ((response != NULL) == (run->error == NULL));
  run->done = TRUE;
  g_main_loop_quit (run->loop);
}

static gboolean
cancel_cb (gpointer user_data)
{
  g_cancellable_cancel (user_data);

  return G_SOURCE_REMOVE;
}

/* At increasing delays, until the stream, which is continued once, has ended first.  Each delay has a server of
 * its own, since a cancelled request can still arrive. */
static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  gboolean ended = FALSE;

  for (guint delay = 0; !ended && delay < 400; delay += 3)
    {
      g_autoptr(OaiMockReply) first = new_reply (BACKGROUND NUMBERED ("1", "H"));
      g_autoptr(OaiMockReply) second = new_reply (NUMBERED ("2", "i") COMPLETED ("[]"));
      g_autoptr(GCancellable) cancellable = g_cancellable_new ();
      Run run = { g_main_loop_new (NULL, FALSE), NULL, FALSE };
      Fixture own = { 0 };
      OaiResponseStream *stream;
      guint timeout;

      fixture_set_up (&own, NULL);
      stream = new_stream (&own, NULL);
      oai_mock_reply_set_chunk_size (first, 60);
      oai_mock_reply_set_chunk_delay (first, 2);
      oai_mock_reply_set_chunk_size (second, 60);
      oai_mock_reply_set_chunk_delay (second, 2);
      oai_mock_server_push_reply (own.server, first);
      oai_mock_server_push_reply (own.server, second);
      timeout = g_timeout_add (delay, cancel_cb, cancellable);
      oai_stream_run_async (OAI_STREAM (stream), cancellable, run_cb, &run);
      if (!run.done)
        g_main_loop_run (run.loop);
      ended = run.error == NULL;
      if (ended)
        g_assert_cmpstr (oai_response_stream_get_text (stream, 0, 0), ==, "Hi");
      else
        g_assert_error (run.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_clear_error (&run.error);
      g_main_loop_unref (run.loop);
      if (!g_cancellable_is_cancelled (cancellable))
        g_source_remove (timeout);
      g_object_unref (stream);
      fixture_tear_down (&own, NULL);
    }
  g_assert_true (ended);
}

/* Memory */

static void
count_cb (OaiStream *stream, const char *text, guint index, guint part, guint64 *count)
{
  (*count)++;
}

static void
test_million (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiResponseStream) stream = new_stream (fixture, NULL);
  g_autoptr(OaiMockReply) reply = new_reply (BEGUN);
  g_autoptr(GBytes) delta = g_bytes_new_static (TEXT (AT, "a"), strlen (TEXT (AT, "a")));
  g_autoptr(OaiRecord) response = NULL;
  g_autoptr(GError) error = NULL;
  struct rusage before, after;
  guint64 count = 0;
  guint n = g_test_slow () ? 1000000 : 100000;

  oai_mock_reply_add_repeated (reply, delta, n);
  oai_mock_reply_add_text (reply, DONE);
  oai_mock_server_push_reply (fixture->server, reply);
  g_signal_connect (stream, "output-text-delta", G_CALLBACK (count_cb), &count);
  getrusage (RUSAGE_SELF, &before);
  response = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  getrusage (RUSAGE_SELF, &after);
  g_assert_no_error (error);
  g_assert_cmpuint (count, ==, n);
  g_assert_cmpuint (strlen (oai_response_stream_get_text (stream, 0, 0)), ==, n);
  /* The text itself, buffers, and the server in the same process. */
  g_test_message ("%ld kB more", after.ru_maxrss - before.ru_maxrss);
  g_assert_cmpint (after.ru_maxrss - before.ru_maxrss, <, 64 * 1024);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, data, function) g_test_add (path, Fixture, data, fixture_set_up, function, fixture_tear_down)
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/response-stream/signals/", cases[i].name, NULL);
      g_autofree char *pulled = g_strconcat ("/response-stream/pulled/", cases[i].name, NULL);

      ADD (path, &cases[i], test_signals);
      ADD (pulled, &cases[i], test_pulled);
    }
  for (guint i = 0; i < G_N_ELEMENTS (errors); i++)
    {
      g_autofree char *path = g_strconcat ("/response-stream/errors/", errors[i].name, NULL);

      ADD (path, &errors[i], test_error);
    }
  ADD ("/response-stream/pulled-reply", NULL, test_pulled_reply);
  ADD ("/response-stream/truncated-item", NULL, test_truncated_item);
  ADD ("/response-stream/methods", NULL, test_methods);
  ADD ("/response-stream/coalesced", NULL, test_coalesced);
  ADD ("/response-stream/resume/continues", NULL, test_resume);
  ADD ("/response-stream/resume/pulled", NULL, test_resume_pulled);
  ADD ("/response-stream/resume/bounded", NUMBERED ("1", "H"), test_resume_bounded);
  ADD ("/response-stream/resume/bounded-without-number", EVENT ("{\"type\":\"keepalive\"}"), test_resume_bounded);
  ADD ("/response-stream/resume/not", NULL, test_not_resumed);
  ADD ("/response-stream/resume/other-response", NULL, test_resume_other);
  ADD ("/response-stream/resume/closed", NULL, test_resume_closed);
  ADD ("/response-stream/resume/starting-after", NULL, test_starting_after);
  ADD ("/response-stream/cancel", NULL, test_cancel);
  ADD ("/response-stream/many-events", NULL, test_million);

  return g_test_run ();
}
