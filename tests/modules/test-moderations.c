/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-module.h"

#include <string.h>

static OaiModeration *
create (Fixture *fixture, OaiModerationRequest *request)
{
  g_autoptr(OaiModerationsEndpoint) moderations = oai_moderations_endpoint_new (fixture->client);
  g_autoptr(GError) error = NULL;
  OaiModeration *moderation = oai_moderations_endpoint_create (moderations, request, NULL, &error);

  g_assert_no_error (error);

  return moderation;
}

static gboolean
moderate (Fixture *fixture, const char *text)
{
  g_autoptr(OaiModerationsEndpoint) moderations = oai_moderations_endpoint_new (fixture->client);
  g_autoptr(GError) error = NULL;
  gboolean flagged = oai_moderations_endpoint_moderate_text (moderations, text, NULL, &error);

  g_assert_no_error (error);

  return flagged;
}

static void
test_moderate (Fixture *fixture, gconstpointer data)
{
  g_assert_true (moderate (fixture, "so much violence"));
  g_assert_false (moderate (fixture, "I love you"));
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->server), ==, 2);
  assert_no_violations (fixture);
}

/* Harmful text at the end, or across a chunk boundary, is detected. */
static void
test_long_text (Fixture *fixture, gconstpointer data)
{
  for (gsize place = 985; place < 1005; place++)
    {
      g_autofree char *text = g_strnfill (1800, 'x');

      memcpy (text + place, "violence", strlen ("violence"));
      g_assert_true (moderate (fixture, text));
      memcpy (text + 1800 - strlen ("violence"), "violence", strlen ("violence"));
      memset (text + place, 'x', strlen ("violence"));
      g_assert_true (moderate (fixture, text));
    }
}

static void
test_moderate_stops (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiModerationsEndpoint) moderations = oai_moderations_endpoint_new (fixture->client);
  g_autofree char *text = g_strnfill (10000, 'x');
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  memcpy (text, "violence", strlen ("violence"));
  g_assert_true (moderate (fixture, text));
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->server), ==, 1);

  memset (text, 'x', strlen ("violence"));
  oai_moderations_endpoint_moderate_text_async (moderations, text, NULL, keep_result, &result);
  wait_for (&result);
  g_assert_false (oai_moderations_endpoint_moderate_text_finish (moderations, result, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->server), ==, 1 + 11);
}

static void
test_moderate_fails (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiModerationsEndpoint) moderations = oai_moderations_endpoint_new (fixture->client);
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_error (400, "invalid_request_error", NULL, "No.");
  g_autoptr(GCancellable) cancelled = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  oai_mock_server_push_reply (fixture->server, reply);
  g_assert_false (oai_moderations_endpoint_moderate_text (moderations, "text", NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_BAD_REQUEST);
  g_clear_error (&error);

  g_cancellable_cancel (cancelled);
  g_assert_false (oai_moderations_endpoint_moderate_text (moderations, "text", cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static const char *const unclear[] = {
  "{}",
  "{\"results\":null}",
  "{\"results\":[]}",
  "{\"results\":{\"flagged\":false}}",
  "{\"results\":[null]}",
  "{\"results\":[{}]}",
  "{\"results\":[{\"flagged\":null}]}",
  "{\"results\":[{\"flagged\":\"true\"}]}",
  "{\"results\":[{\"flagged\":\"false\"}]}",
  "{\"results\":[{\"flagged\":1}]}",
  "{\"results\":[{\"flagged\":0}]}",
  "{\"results\":[{\"flagged\":false},null]}",
  "{\"results\":[{\"flagged\":false},{\"categories\":{\"hate\":true}}]}",
  "{\"choices\":[{\"message\":{\"content\":\"unsafe\"}}]}",
};

static void
push_body (Fixture *fixture, const char *body)
{
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, body);

  oai_mock_server_push_reply (fixture->server, reply);
}

/* A missing result is not treated as harmless. */
static void
test_unclear_results (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiModerationsEndpoint) moderations = oai_moderations_endpoint_new (fixture->client);

  for (gsize i = 0; i < G_N_ELEMENTS (unclear); i++)
    {
      g_autoptr(GError) error = NULL;

      push_body (fixture, unclear[i]);
      g_assert_false (oai_moderations_endpoint_moderate_text (moderations, "text", NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
    }
}

/* Every chunk needs a result. Earlier results do not replace a missing one. */
static void
test_unclear_chunk (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiModerationsEndpoint) moderations = oai_moderations_endpoint_new (fixture->client);
  g_autofree char *text = g_strnfill (2500, 'x');
  g_autoptr(GError) error = NULL;

  push_body (fixture, "{\"results\":[{\"flagged\":false}]}");
  push_body (fixture, "{\"results\":[]}");
  g_assert_false (oai_moderations_endpoint_moderate_text (moderations, text, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->server), ==, 2);
}

static gboolean
is_flagged (const char *json)
{
  g_autoptr(OaiRecord) moderation = oai_record_new_from_json (OAI_TYPE_MODERATION, json, NULL);

  return oai_moderation_is_flagged (OAI_MODERATION (moderation));
}

static void
test_unclear_is_flagged (Fixture *fixture, gconstpointer data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (unclear); i++)
    g_assert_true (is_flagged (unclear[i]));

  g_assert_false (is_flagged ("{\"results\":[{\"flagged\":false},{\"flagged\":false}]}"));
  g_assert_true (is_flagged ("{\"results\":[{\"flagged\":false},{\"flagged\":true}]}"));
}

/* For all sizes and characters, the chunks are the whole text, and each starts with the end of the previous one. */
static void
test_split (Fixture *fixture, gconstpointer data)
{
  static const char *const characters[] = { "a", "é", "€", "🦖" };

  for (guint round = 0; round < 2000; round++)
    {
      guint length = (guint) g_test_rand_int_range (0, 60);
      guint chunk_size = (guint) g_test_rand_int_range (1, 20);
      guint overlap = (guint) g_test_rand_int_range (0, (int) chunk_size);
      g_autoptr(GString) text = g_string_new (NULL);
      g_autoptr(GString) joined = g_string_new (NULL);
      g_auto(GStrv) pieces = NULL;

      for (guint i = 0; i < length; i++)
        g_string_append (text, characters[g_test_rand_int_range (0, 4)]);
      pieces = oai_moderation_split_text (text->str, chunk_size, overlap);
      g_assert_nonnull (pieces[0]);
      for (guint i = 0; pieces[i] != NULL; i++)
        {
          const char *fresh = i > 0 ? g_utf8_offset_to_pointer (pieces[i], overlap) : pieces[i];

          g_assert_cmpint (g_utf8_strlen (pieces[i], -1), <=, chunk_size);
          g_assert_cmpmem (pieces[i], fresh - pieces[i], joined->str + joined->len - (fresh - pieces[i]), fresh - pieces[i]);
          g_string_append (joined, fresh);
        }
      g_assert_cmpstr (joined->str, ==, text->str);
    }
}

static void
test_split_of_invalid_utf8 (Fixture *fixture, gconstpointer data)
{
  g_auto(GStrv) pieces = oai_moderation_split_text ("ab\xf0", 2, 0);

  g_assert_cmpuint (g_strv_length (pieces), ==, 2);
  g_assert_cmpstr (pieces[0], ==, "ab");
  g_assert_cmpstr (pieces[1], ==, "\357\277\275");
}

static void
test_scores (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiModerationRequest) request = oai_moderation_request_new_for_text ("harassment/threatening");
  g_autoptr(OaiModeration) moderation = create (fixture, request);
  OaiModerationResult *result = g_ptr_array_index (oai_moderation_get_results (moderation), 0);
  g_auto(GStrv) flagged = oai_moderation_result_dup_flagged_categories (result);

  g_assert_true (oai_moderation_is_flagged (moderation));
  g_assert_true (oai_moderation_result_get_flagged (result));
  g_assert_true (oai_moderation_categories_get_harassment_threatening (oai_moderation_result_get_categories (result)));
  g_assert_false (oai_moderation_categories_get_sexual (oai_moderation_result_get_categories (result)));
  g_assert_cmpfloat (oai_moderation_scores_get_harassment_threatening (oai_moderation_result_get_category_scores (result)), ==, 0.875);
  g_assert_cmpfloat (oai_moderation_result_get_score (result, "harassment/threatening"), ==, 0.875);
  g_assert_cmpfloat (oai_moderation_result_get_score (result, "sexual"), <, 0.5);
  g_assert_cmpfloat (oai_moderation_result_get_score (result, "no such category"), ==, 0);
  g_assert_true (oai_moderation_result_is_category_flagged (result, "harassment"));
  g_assert_false (oai_moderation_result_is_category_flagged (result, "no such category"));
  g_assert_true (g_strv_equal ((const char *const *) flagged, (const char *const[]) { "harassment", "harassment/threatening", NULL }));
}

/* Unknown categories, and one without a result. */
static void
test_new_categories (Fixture *fixture, gconstpointer data)
{
  const char *json = "{\"results\":[{\"flagged\":true,\"categories\":{\"hate\":false,\"illicit\":null,\"spam/links\":true},\"category_scores\":{\"hate\":0.1,\"spam/links\":0.75}}]}";
  g_autoptr(OaiRecord) moderation = oai_record_new_from_json (OAI_TYPE_MODERATION, json, NULL);
  OaiModerationResult *result = g_ptr_array_index (oai_moderation_get_results (OAI_MODERATION (moderation)), 0);
  g_auto(GStrv) flagged = oai_moderation_result_dup_flagged_categories (result);

  g_assert_true (g_strv_equal ((const char *const *) flagged, (const char *const[]) { "spam/links", NULL }));
  g_assert_true (oai_moderation_result_is_category_flagged (result, "spam/links"));
  g_assert_false (oai_moderation_result_is_category_flagged (result, "illicit"));
  g_assert_cmpfloat (oai_moderation_result_get_score (result, "spam/links"), ==, 0.75);
}

static void
test_several_texts (Fixture *fixture, gconstpointer data)
{
  const char *const texts[] = { "I love you", "violence", NULL };
  g_autoptr(OaiModerationRequest) request = oai_moderation_request_new_for_text ("text");
  g_autoptr(OaiModeration) moderation = NULL;
  GPtrArray *results;

  oai_moderation_request_set_inputs (request, texts);
  oai_moderation_request_set_model (request, "text-moderation-latest");
  moderation = create (fixture, request);
  results = oai_moderation_get_results (moderation);
  g_assert_cmpuint (results->len, ==, 2);
  g_assert_false (oai_moderation_result_get_flagged (g_ptr_array_index (results, 0)));
  g_assert_true (oai_moderation_result_get_flagged (g_ptr_array_index (results, 1)));
  g_assert_cmpstr (oai_moderation_get_model (moderation), ==, "text-moderation-latest");
  assert_no_violations (fixture);
}

static void
test_images (Fixture *fixture, gconstpointer data)
{
  static const guint8 png[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0, 0, 13 };
  g_autoptr(GBytes) bytes = g_bytes_new_static (png, sizeof png);
  g_autoptr(OaiModerationRequest) request = g_object_new (OAI_TYPE_MODERATION_REQUEST, NULL);
  g_autoptr(OaiModeration) moderation = NULL;
  g_autoptr(OaiMockRequest) sent = NULL;
  g_autofree char *text = NULL;
  OaiModerationResult *result;

  oai_moderation_request_add_text (request, "what is this?");
  oai_moderation_request_add_image_url (request, "https://example.org/violence.png");
  oai_moderation_request_add_image (request, bytes);
  moderation = create (fixture, request);
  sent = oai_mock_server_dup_request (fixture->server, -1);
  text = oai_mock_request_dup_body_text (sent);
  g_assert_nonnull (strstr (text, "\"data:image/png;base64,iVBORw0KGgo"));

  result = g_ptr_array_index (oai_moderation_get_results (moderation), 0);
  g_assert_true (oai_moderation_result_get_flagged (result));
  g_assert_true (g_strv_contains (oai_moderation_input_types_get_violence (oai_moderation_result_get_category_applied_input_types (result)), OAI_MODERATION_INPUT_TYPE_IMAGE));
  assert_no_violations (fixture);
}

static void
assert_input (OaiModerationRequest *request, const char *json)
{
  g_autofree char *input = oai_record_dup_member (OAI_RECORD (request), "input");

  g_assert_cmpstr (input, ==, json);
}

/* New inputs are added to the existing ones, since a text that is not sent is not moderated. */
static void
test_adding_to_texts (Fixture *fixture, gconstpointer data)
{
  const char *const texts[] = { "violence", "b", NULL };
  g_autoptr(OaiModerationRequest) one = oai_moderation_request_new_for_text ("first");
  g_autoptr(OaiModerationRequest) several = oai_moderation_request_new_for_text ("");
  g_autoptr(OaiModeration) moderation = NULL;

  oai_moderation_request_add_text (one, "second");
  oai_moderation_request_add_text (one, "third");
  assert_input (one, "[{\"type\":\"text\",\"text\":\"first\"},{\"type\":\"text\",\"text\":\"second\"},{\"type\":\"text\",\"text\":\"third\"}]");

  oai_moderation_request_set_inputs (several, texts);
  oai_moderation_request_add_image_url (several, "https://example.org/cat.png");
  assert_input (several, "[{\"type\":\"text\",\"text\":\"violence\"},{\"type\":\"text\",\"text\":\"b\"},"
                         "{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://example.org/cat.png\"}}]");
  moderation = create (fixture, several);
  g_assert_true (oai_moderation_is_flagged (moderation));
  assert_no_violations (fixture);
}

/* Requests that were created from JSON. */
static void
test_adding_to_json (Fixture *fixture, gconstpointer data)
{
  static const char *const inputs[][2] = {
    { "\"a\"", "[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":\"z\"}]" },
    { "[\"a\"]", "[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":\"z\"}]" },
    { "[{\"type\":\"text\",\"text\":\"a\"}]", "[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":\"z\"}]" },
    { "[\"b\",{\"type\":\"new\",\"a\":1}]", "[{\"type\":\"text\",\"text\":\"b\"},{\"type\":\"new\",\"a\":1},{\"type\":\"text\",\"text\":\"z\"}]" },
    { "[{\"type\":\"new\",\"a\":1},\"b\"]", "[{\"type\":\"new\",\"a\":1},\"b\",{\"type\":\"text\",\"text\":\"z\"}]" },
    { "[]", "[{\"type\":\"text\",\"text\":\"z\"}]" },
    { "null", "[{\"type\":\"text\",\"text\":\"z\"}]" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (inputs); i++)
    {
      g_autoptr(OaiModerationRequest) request = oai_moderation_request_new_for_text ("text");

      g_assert_true (oai_record_set_member (OAI_RECORD (request), "input", inputs[i][0], NULL));
      oai_moderation_request_add_text (request, "z");
      assert_input (request, inputs[i][1]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  TEST ("/moderations/moderate", test_moderate);
  TEST ("/moderations/moderate-long-text", test_long_text);
  TEST ("/moderations/moderate-stops-at-the-first-hit", test_moderate_stops);
  TEST ("/moderations/moderate-fails", test_moderate_fails);
  TEST ("/moderations/moderate-without-a-result", test_unclear_results);
  TEST ("/moderations/moderate-without-a-result-for-a-chunk", test_unclear_chunk);
  TEST ("/moderations/not-moderated-counts-as-flagged", test_unclear_is_flagged);
  TEST ("/moderations/no-character-is-missing", test_split);
  TEST ("/moderations/chunks-of-invalid-utf8", test_split_of_invalid_utf8);
  TEST ("/moderations/scores", test_scores);
  TEST ("/moderations/categories-that-are-new", test_new_categories);
  TEST ("/moderations/several-texts", test_several_texts);
  TEST ("/moderations/images", test_images);
  TEST ("/moderations/adding-to-texts", test_adding_to_texts);
  TEST ("/moderations/adding-to-json", test_adding_to_json);

  return g_test_run ();
}
