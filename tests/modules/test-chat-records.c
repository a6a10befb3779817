/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <glib/gstdio.h>
#include <openai-1/openai.h>

static const guint8 PNG[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13 };
#define PNG_URL "data:image/png;base64,iVBORw0KGgoAAAAN"

static void
assert_json (gpointer record, const char *expected)
{
  g_autofree char *json = oai_record_to_json (OAI_RECORD (record));

  g_assert_cmpstr (json, ==, expected);
}

static OaiChatCompletion *
read_completion (const char *json)
{
  g_autoptr(GError) error = NULL;
  OaiRecord *record = oai_record_new_from_json (OAI_TYPE_CHAT_COMPLETION, json, &error);

  g_assert_no_error (error);
  return OAI_CHAT_COMPLETION (record);
}

/* Messages */

static void
test_message_roles (void)
{
  g_autoptr(OaiChatMessage) system = oai_chat_message_new_system ("Be brief.");
  g_autoptr(OaiChatMessage) developer = oai_chat_message_new_developer ("Be brief.");
  g_autoptr(OaiChatMessage) user = oai_chat_message_new_user ("Hello");
  g_autoptr(OaiChatMessage) assistant = oai_chat_message_new_assistant ("Hi");
  g_autoptr(OaiChatMessage) tool = oai_chat_message_new_tool ("call_1", "42");

  assert_json (system, "{\"role\":\"system\",\"content\":\"Be brief.\"}");
  assert_json (developer, "{\"role\":\"developer\",\"content\":\"Be brief.\"}");
  assert_json (user, "{\"role\":\"user\",\"content\":\"Hello\"}");
  assert_json (assistant, "{\"role\":\"assistant\",\"content\":\"Hi\"}");
  assert_json (tool, "{\"role\":\"tool\",\"content\":\"42\",\"tool_call_id\":\"call_1\"}");
}

static void
test_message_tool_result (void)
{
  g_autoptr(OaiRecord) call = oai_record_new_from_json (OAI_TYPE_CHAT_TOOL_CALL, "{\"id\":\"call_7\",\"type\":\"function\"}", NULL);
  g_autoptr(OaiChatMessage) message = oai_chat_message_new_tool_result (OAI_CHAT_TOOL_CALL (call), "{\"result\":1}");

  assert_json (message, "{\"role\":\"tool\",\"content\":\"{\\\"result\\\":1}\",\"tool_call_id\":\"call_7\"}");
}

static void
test_message_parts_after_text (void)
{
  g_autoptr(OaiChatMessage) message = oai_chat_message_new_user ("What is this?");

  oai_chat_message_add_image_url (message, "https://example.org/a.png", OAI_IMAGE_DETAIL_LOW);
  oai_chat_message_add_text (message, " Tell me.");

  g_assert_null (oai_chat_message_get_content (message));
  g_assert_cmpuint (oai_chat_message_get_content_parts (message)->len, ==, 3);
  g_assert_cmpstr (oai_chat_message_get_text (message), ==, "What is this? Tell me.");
  assert_json (message,
               "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"What is this?\"},"
               "{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://example.org/a.png\",\"detail\":\"low\"}},"
               "{\"type\":\"text\",\"text\":\" Tell me.\"}]}");
}

static void
test_message_text_stays (void)
{
  g_autoptr(OaiChatMessage) message = oai_chat_message_new (OAI_ROLE_USER);
  const char *text = NULL;

  g_assert_null (oai_chat_message_get_text (message));
  oai_chat_message_add_text (message, "a");
  oai_chat_message_add_text (message, "b");

  text = oai_chat_message_get_text (message);
  g_assert_cmpstr (text, ==, "ab");
  g_assert_true (oai_chat_message_get_text (message) == text);

  oai_chat_message_add_text (message, "c");
  g_assert_cmpstr (oai_chat_message_get_text (message), ==, "abc");
}

/* Requests */

static void
test_request_conversation (void)
{
  g_autoptr(OaiChatRequest) request = oai_chat_request_new ("gpt-4o");
  g_autoptr(OaiRecord) call = oai_record_new_from_json (OAI_TYPE_CHAT_TOOL_CALL, "{\"id\":\"c\"}", NULL);

  oai_chat_request_add_system_message (request, "1");
  oai_chat_request_add_developer_message (request, "2");
  oai_chat_request_add_user_message (request, "3");
  oai_chat_request_add_assistant_message (request, "4");
  oai_chat_request_add_tool_result (request, OAI_CHAT_TOOL_CALL (call), "5");

  assert_json (request,
               "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"system\",\"content\":\"1\"},"
               "{\"role\":\"developer\",\"content\":\"2\"},{\"role\":\"user\",\"content\":\"3\"},"
               "{\"role\":\"assistant\",\"content\":\"4\"},"
               "{\"role\":\"tool\",\"content\":\"5\",\"tool_call_id\":\"c\"}]}");
}

static void
test_request_tool_choice (void)
{
  g_autoptr(OaiChatRequest) request = oai_chat_request_new ("m");

  oai_chat_request_set_tool_choice_function (request, "get_weather");
  assert_json (request, "{\"model\":\"m\",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"get_weather\"}}}");

  oai_chat_request_set_tool_choice_custom (request, "shell");
  assert_json (request, "{\"model\":\"m\",\"tool_choice\":{\"type\":\"custom\",\"custom\":{\"name\":\"shell\"}}}");

  oai_chat_request_set_tool_choice (request, OAI_CHAT_TOOL_MODE_REQUIRED);
  assert_json (request, "{\"model\":\"m\",\"tool_choice\":\"required\"}");
  g_assert_null (oai_chat_request_get_tool_choice_object (request));
}

static void
test_request_json (void)
{
  g_autoptr(OaiChatRequest) request = oai_chat_request_new ("m");
  g_autoptr(GError) error = NULL;
  gboolean taken = FALSE;

  oai_chat_request_set_json_mode (request);
  assert_json (request, "{\"model\":\"m\",\"response_format\":{\"type\":\"json_object\"}}");

  taken = oai_chat_request_set_json_schema (request, "answer", "{\"type\": \"object\"}", TRUE, &error);
  g_assert_no_error (error);
  g_assert_true (taken);
  assert_json (request,
               "{\"model\":\"m\",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":"
               "{\"name\":\"answer\",\"schema\":{\"type\":\"object\"},\"strict\":true}}}");
}

static void
test_request_bad_schema (void)
{
  static const struct
  {
    const char *name;
    const char *schema;
  } cases[] = {
    { "answer", "{\"type\": " },
    { "answer", "[]" },
    { "answer", "\"text\"" },
    { "answer", "" },
    { "two words", "{}" },
    { "", "{}" },
  };
  g_autoptr(OaiChatRequest) request = oai_chat_request_new ("m");

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_false (oai_chat_request_set_json_schema (request, cases[i].name, cases[i].schema, FALSE, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
    }
  assert_json (request, "{\"model\":\"m\"}");
}

static void
test_request_options (void)
{
  g_autoptr(OaiChatRequest) request = oai_chat_request_new ("m");

  oai_chat_request_enable_logprobs (request, 3);
  oai_chat_request_enable_stream_usage (request);
  oai_chat_request_set_predicted_text (request, "x");
  oai_chat_request_enable_speech (request, OAI_CHAT_VOICE_NAME_ALLOY, OAI_CHAT_AUDIO_FORMAT_WAV);
  assert_json (request,
               "{\"model\":\"m\",\"logprobs\":true,\"top_logprobs\":3,\"modalities\":[\"text\",\"audio\"],"
               "\"audio\":{\"format\":\"wav\",\"voice\":\"alloy\"},\"prediction\":{\"type\":\"content\",\"content\":\"x\"},"
               "\"stream_options\":{\"include_usage\":true}}");

  oai_chat_request_enable_logprobs (request, 0);
  g_assert_true (oai_chat_request_get_logprobs (request));
  g_assert_false (oai_record_has_member (OAI_RECORD (request), "top_logprobs"));
}

/* Tools */

static void
test_tool_function (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiChatTool) tool = oai_chat_tool_new_function ("get_weather", "Tells the weather",
                                                            "{\"type\":\"object\",\"properties\":{}}", TRUE, &error);
  g_autoptr(OaiChatTool) plain = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (oai_chat_tool_get_name (tool), ==, "get_weather");
  assert_json (tool,
               "{\"type\":\"function\",\"function\":{\"name\":\"get_weather\",\"description\":\"Tells the weather\","
               "\"parameters\":{\"type\":\"object\",\"properties\":{}},\"strict\":true}}");

  plain = oai_chat_tool_new_function ("now", NULL, NULL, FALSE, &error);
  g_assert_no_error (error);
  assert_json (plain, "{\"type\":\"function\",\"function\":{\"name\":\"now\"}}");
}

static void
test_tool_custom (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiChatTool) tool = oai_chat_tool_new_custom ("shell", "Runs a command", &error);
  g_autoptr(OaiChatTool) grammar = oai_chat_tool_new_custom_with_grammar ("sum", NULL, OAI_CHAT_GRAMMAR_SYNTAX_REGEX,
                                                                          "[0-9+]*", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (oai_chat_tool_get_name (tool), ==, "shell");
  assert_json (tool, "{\"type\":\"custom\",\"custom\":{\"name\":\"shell\",\"description\":\"Runs a command\"}}");
  assert_json (grammar,
               "{\"type\":\"custom\",\"custom\":{\"name\":\"sum\",\"format\":{\"type\":\"grammar\",\"grammar\":"
               "{\"definition\":\"[0-9+]*\",\"syntax\":\"regex\"}}}}");
}

static void
test_tool_bad (void)
{
  g_autofree char *long_name = g_strnfill (65, 'a');
  const char *names[] = { "", "get weather", "get.weather", "größe", long_name };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GError) custom_error = NULL;

      g_assert_null (oai_chat_tool_new_function (names[i], NULL, NULL, FALSE, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
      g_assert_null (oai_chat_tool_new_custom (names[i], NULL, &custom_error));
      g_assert_error (custom_error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
    }
}

static void
test_tool_bad_parameters (void)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (oai_chat_tool_new_function ("f", NULL, "{'a': 1}", FALSE, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

static void
test_tool_call (void)
{
  static const struct
  {
    const char *json;
    const char *name;
    const char *input;
  } cases[] = {
    { "{\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"}}", "f", "{\"a\":1}" },
    { "{\"function\":{\"name\":\"f\",\"arguments\":{\"a\":1}}}", "f", "{\"a\":1}" },
    { "{\"custom\":{\"name\":\"c\",\"input\":\"ls\"}}", "c", "ls" },
    { "{\"function\":{\"name\":null,\"arguments\":\"\"}}", NULL, "" },
    { "{\"function\":{}}", NULL, NULL },
    { "{}", NULL, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(OaiRecord) call = oai_record_new_from_json (OAI_TYPE_CHAT_TOOL_CALL, cases[i].json, NULL);

      g_assert_cmpstr (oai_chat_tool_call_get_name (OAI_CHAT_TOOL_CALL (call)), ==, cases[i].name);
      g_assert_cmpstr (oai_chat_tool_call_get_input (OAI_CHAT_TOOL_CALL (call)), ==, cases[i].input);
    }
}

/* Parts */

static void
test_part_image_bytes (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = g_bytes_new_static (PNG, sizeof PNG);
  g_autoptr(OaiChatImagePart) part = oai_chat_image_part_new_for_bytes (bytes, OAI_IMAGE_DETAIL_AUTO, &error);

  g_assert_no_error (error);
  assert_json (part, "{\"type\":\"image_url\",\"image_url\":{\"url\":\"" PNG_URL "\"}}");
}

static void
test_part_no_image (void)
{
  static const char *const texts[] = { "", "hello", "%PDF-1.7", "<html>" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GBytes) bytes = g_bytes_new_static (texts[i], strlen (texts[i]));

      g_assert_null (oai_chat_image_part_new_for_bytes (bytes, NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
    }
}

static void
keep_result (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **kept = user_data;

  *kept = g_object_ref (result);
}

static GAsyncResult *
load_image (GFile *file, GCancellable *cancellable)
{
  GAsyncResult *result = NULL;

  oai_chat_image_part_new_for_file_async (file, OAI_IMAGE_DETAIL_HIGH, cancellable, keep_result, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);

  return result;
}

static void
test_part_image_file (void)
{
  g_autofree char *directory = g_dir_make_tmp ("oai-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "wrong.jpg", NULL);
  g_autoptr(GFile) file = g_file_new_for_path (path);
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiChatImagePart) part = NULL;
  g_autoptr(OaiChatImagePart) async_part = NULL;
  g_autoptr(GAsyncResult) result = NULL;

  g_assert_true (g_file_set_contents (path, (const char *) PNG, sizeof PNG, NULL));

  part = oai_chat_image_part_new_for_file (file, OAI_IMAGE_DETAIL_HIGH, NULL, &error);
  g_assert_no_error (error);
  assert_json (part, "{\"type\":\"image_url\",\"image_url\":{\"url\":\"" PNG_URL "\",\"detail\":\"high\"}}");

  result = load_image (file, NULL);
  async_part = oai_chat_image_part_new_for_file_finish (result, &error);
  g_assert_no_error (error);
  g_assert_true (oai_record_equal (OAI_RECORD (part), OAI_RECORD (async_part)));

  g_unlink (path);
  g_rmdir (directory);
}

static void
test_part_image_file_errors (void)
{
  g_autoptr(GFile) file = g_file_new_for_path ("/nowhere/at/all.png");
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) async_error = NULL;
  g_autoptr(GError) cancelled = NULL;
  g_autoptr(GAsyncResult) result = load_image (file, NULL);
  g_autoptr(GAsyncResult) cancelled_result = NULL;

  g_assert_null (oai_chat_image_part_new_for_file (file, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_null (oai_chat_image_part_new_for_file_finish (result, &async_error));
  g_assert_error (async_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);

  g_cancellable_cancel (cancellable);
  cancelled_result = load_image (file, cancellable);
  g_assert_null (oai_chat_image_part_new_for_file_finish (cancelled_result, &cancelled));
  g_assert_error (cancelled, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* It has no end. */
static void
test_part_image_device (void)
{
  g_autoptr(GFile) file = g_file_new_for_path ("/dev/zero");
  g_autoptr(GError) error = NULL;

  g_assert_null (oai_chat_image_part_new_for_file (file, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE);
}

static void
test_part_audio (void)
{
  g_autoptr(GBytes) wav = g_bytes_new_static ("RIFF\x04\0\0\0WAVE", 12);
  g_autoptr(GBytes) mp3 = g_bytes_new_static ("ID3\x04\0\0\0\0\0\0\0\0", 12);
  g_autoptr(GBytes) ogg = g_bytes_new_static ("OggS\0\0\0\0\0\0\0\0", 12);
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiChatAudioPart) wav_part = oai_chat_audio_part_new_for_bytes (wav, &error);
  g_autoptr(OaiChatAudioPart) mp3_part = oai_chat_audio_part_new_for_bytes (mp3, &error);

  g_assert_no_error (error);
  assert_json (wav_part, "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"UklGRgQAAABXQVZF\",\"format\":\"wav\"}}");
  assert_json (mp3_part, "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"SUQzBAAAAAAAAAAA\",\"format\":\"mp3\"}}");

  g_assert_null (oai_chat_audio_part_new_for_bytes (ogg, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

static void
test_part_file (void)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static ("%PDF-1.7\n", 9);
  g_autoptr(OaiChatFilePart) part = oai_chat_file_part_new_for_bytes (bytes, "paper.pdf");
  g_autoptr(OaiChatFilePart) by_id = oai_chat_file_part_new_for_id ("file-1");

  assert_json (part,
               "{\"type\":\"file\",\"file\":{\"filename\":\"paper.pdf\","
               "\"file_data\":\"data:application/pdf;base64,JVBERi0xLjcK\"}}");
  assert_json (by_id, "{\"type\":\"file\",\"file\":{\"file_id\":\"file-1\"}}");
}

/* Replies */

static void
test_completion_text (void)
{
  static const struct
  {
    const char *message;
    const char *text;
    const char *refusal;
    const char *reasoning;
  } cases[] = {
    { "{\"content\":\"Hi\"}", "Hi", NULL, NULL },
    { "{\"content\":null}", NULL, NULL, NULL },
    { "{}", NULL, NULL, NULL },
    { "{\"content\":\"\"}", "", NULL, NULL },
    { "{\"content\":null,\"refusal\":\"No.\"}", NULL, "No.", NULL },
    { "{\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"novel\",\"x\":1},{\"type\":\"text\",\"text\":\"b\"}]}",
      "ab", NULL, NULL },
    { "{\"content\":[{\"type\":\"refusal\",\"refusal\":\"No.\"}]}", NULL, "No.", NULL },
    { "{\"content\":[]}", NULL, NULL, NULL },
    { "{\"content\":\"x\",\"reasoning_content\":\"Hm\"}", "x", NULL, "Hm" },
    { "{\"content\":\"x\",\"reasoning\":\"Hm\"}", "x", NULL, "Hm" },
    { "{\"content\":\"x\",\"reasoning_content\":\"\",\"reasoning\":\"Hm\"}", "x", NULL, "Hm" },
    { "{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"H\"},{\"type\":\"text\",\"text\":\"m\"}]},"
      "{\"type\":\"text\",\"text\":\"x\"}]}",
      "x", NULL, "Hm" },
    { "{\"content\":[{\"type\":\"thinking\",\"thinking\":\"Hm\"}]}", NULL, NULL, "Hm" },
    { "{\"content\":\"x\",\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"H\"},{\"type\":\"reasoning.encrypted\","
      "\"data\":\"??\"},{\"type\":\"reasoning.summary\",\"summary\":\"m\"}]}",
      "x", NULL, "Hm" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"choices\":[{\"index\":0,\"message\":%s,\"finish_reason\":\"stop\"}]}",
                                               cases[i].message);
      g_autoptr(OaiChatCompletion) completion = read_completion (json);

      g_test_message ("%s", cases[i].message);
      g_assert_cmpstr (oai_chat_completion_get_text (completion), ==, cases[i].text);
      g_assert_cmpstr (oai_chat_completion_get_refusal (completion), ==, cases[i].refusal);
      g_assert_cmpstr (oai_chat_completion_get_reasoning (completion), ==, cases[i].reasoning);
      g_assert_cmpstr (oai_chat_completion_get_finish_reason (completion), ==, OAI_FINISH_REASON_STOP);
    }
}

static void
test_completion_without_choices (void)
{
  static const char *const cases[] = {
    "{}", "{\"choices\":[]}", "{\"choices\":null}", "{\"choices\":[{}]}", "{\"choices\":[{\"index\":0,\"message\":null}]}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(OaiChatCompletion) completion = read_completion (cases[i]);

      g_assert_null (oai_chat_completion_get_message (completion));
      g_assert_null (oai_chat_completion_get_text (completion));
      g_assert_null (oai_chat_completion_get_refusal (completion));
      g_assert_null (oai_chat_completion_get_reasoning (completion));
      g_assert_null (oai_chat_completion_get_finish_reason (completion));
      g_assert_null (oai_chat_completion_get_tool_calls (completion));
    }
}

static void
test_completion_first_choice (void)
{
  g_autoptr(OaiChatCompletion) completion =
    read_completion ("{\"choices\":[{\"index\":1,\"message\":{\"content\":\"b\"}},{\"index\":0,\"message\":{\"content\":\"a\"}}]}");
  g_autoptr(OaiChatCompletion) odd = read_completion ("{\"choices\":[{\"index\":4,\"message\":{\"content\":\"c\"}}]}");

  g_assert_cmpstr (oai_chat_completion_get_text (completion), ==, "a");
  g_assert_cmpstr (oai_chat_completion_get_text (odd), ==, "c");
}

/* A message of the model is sent back unchanged, including unknown members. */
static void
test_completion_continued (void)
{
  const char *message = "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\","
                        "\"function\":{\"name\":\"f\",\"arguments\":\"{}\"},\"extra_content\":{\"thought_signature\":\"xyz\"}}],"
                        "\"novel\":[1,2.50]}";
  g_autofree char *json = g_strdup_printf ("{\"choices\":[{\"index\":0,\"message\":%s}]}", message);
  g_autofree char *expected = g_strdup_printf ("{\"model\":\"m\",\"messages\":[%s,{\"role\":\"tool\",\"content\":\"1\","
                                               "\"tool_call_id\":\"c1\"}]}",
                                               message);
  g_autoptr(OaiChatCompletion) completion = read_completion (json);
  g_autoptr(OaiChatRequest) request = oai_chat_request_new ("m");
  GPtrArray *calls = oai_chat_completion_get_tool_calls (completion);

  g_assert_cmpuint (calls->len, ==, 1);
  oai_chat_request_add_message (request, oai_chat_completion_get_message (completion));
  oai_chat_request_add_tool_result (request, g_ptr_array_index (calls, 0), "1");
  assert_json (request, expected);
}

static void
test_completion_details (void)
{
  g_autoptr(OaiChatCompletion) completion =
    read_completion ("{\"id\":\"chatcmpl-1\",\"created\":1700000000,\"service_tier\":\"novel\",\"choices\":[{\"index\":0,"
                     "\"logprobs\":{\"content\":[{\"token\":\"H\",\"logprob\":-0.5,\"bytes\":[72],\"top_logprobs\":"
                     "[{\"token\":\"J\",\"logprob\":-1,\"bytes\":null}]}],\"refusal\":null}}],"
                     "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3,"
                     "\"completion_tokens_details\":{\"reasoning_tokens\":1}}}");
  OaiChatLogprobs *logprobs = oai_chat_choice_get_logprobs (oai_chat_completion_get_first_choice (completion));
  OaiChatTokenLogprob *token = g_ptr_array_index (oai_chat_logprobs_get_content_tokens (logprobs), 0);
  g_autoptr(GDateTime) created = oai_chat_completion_dup_created_date_time (completion);
  gsize n_bytes = 0;
  const gint64 *bytes = oai_chat_token_logprob_get_bytes (token, &n_bytes);

  g_assert_cmpint (g_date_time_get_year (created), ==, 2023);
  g_assert_cmpstr (oai_chat_completion_get_service_tier (completion), ==, "novel");
  g_assert_cmpfloat (oai_chat_token_logprob_get_logprob (token), ==, -0.5);
  g_assert_cmpuint (n_bytes, ==, 1);
  g_assert_cmpint (bytes[0], ==, 72);
  g_assert_cmpuint (oai_chat_token_logprob_get_top_logprobs (token)->len, ==, 1);
  g_assert_cmpuint (oai_chat_logprobs_get_refusal_tokens (logprobs)->len, ==, 0);
  g_assert_cmpint (oai_completion_tokens_details_get_reasoning_tokens (
                     oai_completion_usage_get_completion_tokens_details (oai_chat_completion_get_usage (completion))),
                   ==, 1);
}

static void
test_usage_add (void)
{
  g_autoptr(OaiRecord) a =
    oai_record_new_from_json (OAI_TYPE_COMPLETION_USAGE,
                              "{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3,"
                              "\"prompt_tokens_details\":{\"cached_tokens\":5},\"cost\":0.25,\"tier\":\"a\",\"new\":null}",
                              NULL);
  g_autoptr(OaiRecord) b =
    oai_record_new_from_json (OAI_TYPE_COMPLETION_USAGE,
                              "{\"prompt_tokens\":10,\"completion_tokens\":20,\"total_tokens\":30,"
                              "\"prompt_tokens_details\":{\"cached_tokens\":7},\"cost\":0.5,\"tier\":\"b\",\"new\":4}",
                              NULL);
  g_autoptr(OaiCompletionUsage) sum = oai_completion_usage_add (OAI_COMPLETION_USAGE (a), OAI_COMPLETION_USAGE (b));
  g_autoptr(OaiCompletionUsage) same = oai_completion_usage_add (OAI_COMPLETION_USAGE (a), NULL);

  g_assert_cmpint (oai_completion_usage_get_prompt_tokens (sum), ==, 11);
  g_assert_cmpint (oai_completion_usage_get_completion_tokens (sum), ==, 22);
  g_assert_cmpint (oai_completion_usage_get_total_tokens (sum), ==, 33);
  g_assert_cmpint (oai_prompt_tokens_details_get_cached_tokens (oai_completion_usage_get_prompt_tokens_details (sum)), ==, 12);
  g_assert_null (oai_completion_usage_get_completion_tokens_details (sum));
  g_assert_true (oai_record_equal (a, OAI_RECORD (same)));
  /* Members that this library does not know: numbers are added up as well. */
  g_assert_cmpfloat (oai_record_get_double_member (OAI_RECORD (sum), "cost"), ==, 0.75);
  g_assert_cmpstr (oai_record_get_string_member (OAI_RECORD (sum), "tier"), ==, "a");
  g_assert_cmpint (oai_record_get_int_member (OAI_RECORD (sum), "new"), ==, 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/chat/message/roles", test_message_roles);
  g_test_add_func ("/chat/message/tool-result", test_message_tool_result);
  g_test_add_func ("/chat/message/parts-after-text", test_message_parts_after_text);
  g_test_add_func ("/chat/message/text-is-valid-until-the-content-changes", test_message_text_stays);
  g_test_add_func ("/chat/request/conversation", test_request_conversation);
  g_test_add_func ("/chat/request/tool-choice", test_request_tool_choice);
  g_test_add_func ("/chat/request/json", test_request_json);
  g_test_add_func ("/chat/request/invalid-schema-is-an-error", test_request_bad_schema);
  g_test_add_func ("/chat/request/options", test_request_options);
  g_test_add_func ("/chat/tool/function", test_tool_function);
  g_test_add_func ("/chat/tool/custom", test_tool_custom);
  g_test_add_func ("/chat/tool/invalid-name-is-an-error", test_tool_bad);
  g_test_add_func ("/chat/tool/invalid-parameters-are-an-error", test_tool_bad_parameters);
  g_test_add_func ("/chat/tool/call", test_tool_call);
  g_test_add_func ("/chat/part/image-bytes", test_part_image_bytes);
  g_test_add_func ("/chat/part/unknown-image-format-is-an-error", test_part_no_image);
  g_test_add_func ("/chat/part/image-file", test_part_image_file);
  g_test_add_func ("/chat/part/image-file-errors", test_part_image_file_errors);
  g_test_add_func ("/chat/part/image-device", test_part_image_device);
  g_test_add_func ("/chat/part/audio", test_part_audio);
  g_test_add_func ("/chat/part/file", test_part_file);
  g_test_add_func ("/chat/completion/text-refusal-reasoning", test_completion_text);
  g_test_add_func ("/chat/completion/without-choices", test_completion_without_choices);
  g_test_add_func ("/chat/completion/first-choice", test_completion_first_choice);
  g_test_add_func ("/chat/completion/continued", test_completion_continued);
  g_test_add_func ("/chat/completion/details", test_completion_details);
  g_test_add_func ("/chat/usage/add", test_usage_add);

  return g_test_run ();
}
