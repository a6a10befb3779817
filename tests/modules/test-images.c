/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "test-module.h"
#include "oai-image-stream.h"

typedef struct
{
  Fixture base;
  OaiImagesEndpoint *images;
  Place place;
} Test;

static void
set_up (Test *test, gconstpointer data)
{
  fixture_set_up (&test->base, data);
  test->images = oai_images_endpoint_new (test->base.client);
  place_init (&test->place, "picture.png");
}

static void
tear_down (Test *test, gconstpointer data)
{
  if (oai_mock_server_is_validating (test->base.server))
    assert_no_violations (&test->base);
  place_clear (&test->place);
  g_object_unref (test->images);
  fixture_tear_down (&test->base, data);
}

static void
assert_png (GBytes *bytes)
{
  g_assert_nonnull (bytes);
  g_assert_cmpuint (g_bytes_get_size (bytes), >, 8);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), 8, "\x89PNG\r\n\x1a\n", 8);
}

static OaiImage *
first_of (OaiImageList *list)
{
  GPtrArray *data = oai_image_list_get_data (list);

  g_assert_cmpuint (data->len, >, 0);

  return g_ptr_array_index (data, 0);
}

static OaiInputFile *
new_input (const char *name)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static ("\x89PNG\r\n\x1a\n", 8);

  return oai_input_file_new_for_bytes (bytes, name);
}

static void
test_generate (Test *test, gconstpointer data)
{
  g_autoptr(OaiImageRequest) request = oai_image_request_new ("A house riding a velociraptor");
  g_autoptr(OaiImageList) list = NULL;
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GError) error = NULL;

  oai_image_request_set_model (request, "gpt-image-1");
  oai_image_request_set_n (request, 2);
  oai_image_request_set_size (request, OAI_IMAGE_SIZE_LANDSCAPE_1536);
  list = oai_images_endpoint_generate (test->images, request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (oai_image_list_get_data (list)->len, ==, 2);
  g_assert_cmpstr (oai_image_list_get_size (list), ==, "1536x1024");
  g_assert_cmpint (oai_image_usage_get_output_tokens (oai_image_list_get_usage (list)), ==, 272);
  bytes = oai_image_dup_bytes (first_of (list));
  assert_png (bytes);
}

static void
assert_starts (GBytes *bytes, const char *start)
{
  g_assert_nonnull (bytes);
  g_assert_cmpuint (g_bytes_get_size (bytes), >=, strlen (start));
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), strlen (start), start, strlen (start));
}

static void
test_svg (Test *test, gconstpointer data)
{
  g_autoptr(OaiImageRequest) request = oai_image_request_new ("A house riding a velociraptor");
  g_autoptr(OaiImageSvg) svg = oai_image_svg_new ();
  g_autoptr(OaiImageSvgReasoning) reasoning = oai_image_svg_reasoning_new ();
  g_autoptr(OaiImageList) list = NULL;
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GError) error = NULL;

  oai_image_request_set_model (request, "gpt-image-2.5-sunburst");
  oai_image_request_set_output_format (request, OAI_IMAGE_FORMAT_SVG);
  oai_image_request_set_quality (request, OAI_IMAGE_QUALITY_MAX);
  oai_image_request_set_complexity (request, OAI_IMAGE_COMPLEXITY_LOW);
  oai_image_request_set_safety_identifier (request, "0123abcd");
  oai_image_svg_set_model (svg, "gpt-6-sol");
  oai_image_svg_reasoning_set_effort (reasoning, OAI_IMAGE_REASONING_EFFORT_XHIGH);
  oai_image_svg_set_reasoning (svg, reasoning);
  oai_image_request_set_svg (request, svg);
  list = oai_images_endpoint_generate (test->images, request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_image_list_get_output_format (list), ==, OAI_IMAGE_FORMAT_SVG);
  g_assert_cmpstr (oai_image_list_get_quality (list), ==, OAI_IMAGE_QUALITY_MAX);
  g_assert_cmpstr (oai_image_list_get_safety_identifier (list), ==, "0123abcd");
  g_assert_cmpstr (oai_image_svg_usage_get_model (oai_image_list_get_svg_usage (list)), ==, "gpt-6-sol");
  g_assert_cmpint (oai_image_svg_usage_get_reasoning_tokens (oai_image_list_get_svg_usage (list)), ==, 10);
  bytes = oai_image_dup_bytes (first_of (list));
  assert_starts (bytes, "<svg ");
}

static void
test_gif (Test *test, gconstpointer data)
{
  g_autoptr(OaiImageRequest) request = oai_image_request_new ("A house riding a velociraptor");
  g_autoptr(OaiImageList) list = NULL;
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GError) error = NULL;

  oai_image_request_set_model (request, "gpt-image-2.5-sunburst");
  oai_image_request_set_output_format (request, OAI_IMAGE_FORMAT_GIF);
  oai_image_request_set_frame_count (request, 4);
  oai_image_request_set_frame_duration_ms (request, 100);
  list = oai_images_endpoint_generate (test->images, request, NULL, &error);
  g_assert_no_error (error);
  bytes = oai_image_dup_bytes (first_of (list));
  assert_starts (bytes, "GIF89a");

  oai_image_request_set_output_format (request, OAI_IMAGE_FORMAT_PNG);
  g_assert_null (oai_images_endpoint_generate (test->images, request, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_BAD_REQUEST);
}

static void
test_no_stream_of_svg (Test *test, gconstpointer data)
{
  g_autoptr(OaiImageRequest) request = oai_image_request_new ("A house");
  g_autoptr(OaiImageStream) stream = NULL;
  g_autoptr(GError) error = NULL;

  oai_image_request_set_output_format (request, OAI_IMAGE_FORMAT_SVG);
  stream = oai_images_endpoint_generate_stream (test->images, request);
  g_assert_null (oai_stream_run (OAI_STREAM (stream), NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_BAD_REQUEST);
  g_assert_cmpstr (oai_call_get_error_param (oai_stream_get_call (OAI_STREAM (stream))), ==, "stream");
}

/* The URL does not belong to the API, so no key is sent to it. */
static void
test_address (Test *test, gconstpointer data)
{
  g_autoptr(OaiImageRequest) request = oai_image_request_new ("A house");
  g_autoptr(OaiImageList) list = NULL;
  g_autoptr(OaiMockRequest) seen = NULL;
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) names = NULL;

  oai_image_request_set_model (request, "dall-e-3");
  oai_image_request_set_response_format (request, OAI_IMAGE_RESPONSE_FORMAT_URL);
  list = oai_images_endpoint_generate (test->images, request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_image_get_revised_prompt (first_of (list)), ==, "A house");
  g_assert_null (oai_image_dup_bytes (first_of (list)));

  oai_mock_server_set_api_key (test->base.server, NULL);
  bytes = oai_image_load_bytes (first_of (list), NULL, &error);
  g_assert_no_error (error);
  assert_png (bytes);
  seen = oai_mock_server_dup_request (test->base.server, -1);
  g_assert_cmpstr (oai_mock_request_get_method (seen), ==, "GET");
  g_assert_null (oai_mock_request_get_header (seen, "authorization"));
  names = oai_mock_request_dup_header_names (seen);
  for (guint i = 0; names[i] != NULL; i++)
    g_assert_false (g_ascii_strncasecmp (names[i], "openai", 6) == 0 || g_ascii_strncasecmp (names[i], "x-", 2) == 0);
}

static OaiImage *
image_of (Test *test, const char *json)
{
  g_autoptr(OaiImageRequest) request = oai_image_request_new ("A house");
  g_autoptr(OaiMockReply) reply = NULL;
  g_autofree char *text = g_strdup_printf ("{\"created\":1,\"data\":[%s]}", json);
  g_autoptr(OaiImageList) list = NULL;

  reply = oai_mock_reply_new_json (200, text);
  oai_mock_server_push_reply_for (test->base.server, "POST", "/images/generations", reply);
  list = oai_images_endpoint_generate (test->images, request, NULL, NULL);

  return g_object_ref (first_of (list));
}

static void
test_odd_replies (Test *test, gconstpointer data)
{
  static const char *const good[] = {
    "{\"url\":\"data:image/png;base64,iVBORw0KGgoA\"}", "{\"b64_json\":\"data:image/png;base64,iVBORw0KGgoA\"}", "{\"b64_json\":\"iVBORw0K\\nGgoA\",\"url\":null}",
    "{\"b64_json\":\"iVBORw0KGgoAAA\"}",
  };
  static const char *const bad[] = { "{}", "{\"url\":\"file:///etc/passwd\"}", "{\"url\":\"nonsense\"}", "{\"url\":\"\"}", "{\"b64_json\":\"\"}",
    "{\"b64_json\":\"@@@@\"}", "{\"b64_json\":\"iVBO=Rw0K\"}", "{\"b64_json\":\"iVBOR\"}", "{\"b64_json\":\"==\"}", "{\"url\":\"data:image/png;base64,@@\"}" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr(OaiImage) image = image_of (test, good[i]);
      g_autoptr(GError) error = NULL;
      g_autoptr(GBytes) bytes = oai_image_load_bytes (image, NULL, &error);

      g_assert_no_error (error);
      assert_png (bytes);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr(OaiImage) image = image_of (test, bad[i]);
      g_autoptr(GError) error = NULL;

      g_assert_null (oai_image_dup_bytes (image));
      g_assert_null (oai_image_load_bytes (image, NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
      g_clear_error (&error);
      g_assert_false (oai_image_save (image, test->place.target, TRUE, NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
    }
}

static OaiImage *
remote_image (Test *test, OaiMockReply *reply)
{
  g_autofree char *json = g_strdup_printf ("{\"url\":\"%s/mock-images/x.png\"}", oai_mock_server_get_base_url (test->base.server));

  oai_mock_server_push_reply_for (test->base.server, "GET", "/mock-images/x.png", reply);

  return image_of (test, json);
}

static void
test_save (Test *test, gconstpointer data)
{
  static const char *const models[] = { "gpt-image-1", "dall-e-2" };

  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    {
      g_autoptr(OaiImageRequest) request = oai_image_request_new ("A house");
      g_autoptr(OaiImageList) list = NULL;
      g_autofree char *contents = NULL;
      g_autoptr(GError) error = NULL;
      g_autoptr(GBytes) bytes = NULL;
      gsize length;

      oai_image_request_set_model (request, models[i]);
      list = oai_images_endpoint_generate (test->images, request, NULL, NULL);
      g_assert_true (oai_image_save (first_of (list), test->place.target, FALSE, NULL, &error));
      g_assert_no_error (error);
      g_assert_true (g_file_load_contents (test->place.target, NULL, &contents, &length, NULL, NULL));
      bytes = g_bytes_new (contents, length);
      assert_png (bytes);

      g_assert_false (oai_image_save (first_of (list), test->place.target, FALSE, NULL, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
      g_file_delete (test->place.target, NULL, NULL);
    }
}

static void
test_failed_load (Test *test, gconstpointer data)
{
  g_autoptr(OaiMockReply) gone = oai_mock_reply_new_text (404, "text/xml", "<Error/>");
  g_autoptr(OaiMockReply) cut = oai_mock_reply_new_text (200, "image/png", "\x89PNG and so on");
  g_autoptr(OaiImage) image = remote_image (test, gone);
  g_autoptr(GError) error = NULL;

  g_assert_null (oai_image_load_bytes (image, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_NOT_FOUND);
  g_clear_error (&error);

  oai_mock_reply_set_framing (cut, OAI_MOCK_FRAMING_LENGTH);
  oai_mock_reply_set_truncate_after (cut, 5);
  g_clear_object (&image);
  image = remote_image (test, cut);
  g_assert_false (oai_image_save (image, test->place.target, FALSE, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE);
  g_assert_false (g_file_query_exists (test->place.target, NULL));
}

static void
test_load_cancelled (Test *test, gconstpointer data)
{
  g_autoptr(OaiMockReply) hang = oai_mock_reply_new_hang ();
  g_autoptr(OaiImage) image = remote_image (test, hang);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  oai_image_load_bytes_async (image, cancellable, keep_result, &result);
  g_main_context_iteration (NULL, FALSE);
  g_cancellable_cancel (cancellable);
  wait_for (&result);
  g_assert_null (oai_image_load_bytes_finish (image, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* A request for a URL whose server never replies times out like other requests. */
static void
test_load_times_out (Test *test, gconstpointer data)
{
  g_autoptr(OaiMockReply) hang = oai_mock_reply_new_hang ();
  g_autoptr(OaiImage) image = remote_image (test, hang);
  g_autoptr(OaiImage) nowhere = image_of (test, "{\"data\":[{\"url\":\"http://\"}]}");
  g_autoptr(GError) error = NULL;

  oai_settings_set_timeout_ms (oai_client_get_settings (test->base.client), 100);
  oai_settings_set_max_retries (oai_client_get_settings (test->base.client), 0);
  g_assert_null (oai_image_load_bytes (image, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);
  g_assert_null (oai_image_load_bytes (nowhere, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
}

/* It uses the same exchange as other requests: it is retried, creates a call, and errors do not
 * contain the signature of the URL. */
static void
test_load_retries (Test *test, gconstpointer data)
{
  g_autoptr(OaiMockReply) busy = oai_mock_reply_new_text (503, "text/plain", "busy");
  g_autoptr(OaiMockReply) refusal = oai_mock_reply_new_text (403, "text/plain", "Signature 0123456789abcdef did not match");
  g_autoptr(OaiImage) image = remote_image (test, busy);
  g_autoptr(OaiImage) signed_image = NULL;
  g_autoptr(OaiCall) call = NULL;
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *json = g_strdup_printf ("{\"url\":\"%s/mock-images/x.png?sig=0123456789abcdef\"}", oai_mock_server_get_base_url (test->base.server));

  bytes = oai_image_load_bytes (image, NULL, &error);
  g_assert_no_error (error);
  assert_png (bytes);

  oai_mock_server_push_reply_for (test->base.server, "GET", "/mock-images/x.png", refusal);
  signed_image = image_of (test, json);
  g_assert_null (oai_image_load_bytes (signed_image, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PERMISSION_DENIED);
  g_assert_null (strstr (error->message, "0123456789"));
  call = oai_client_find_call_for_error (test->base.client, error);
  g_assert_nonnull (call);
  g_assert_cmpuint (oai_call_get_status_code (call), ==, 403);
  g_assert_null (strstr (oai_call_get_url (call), "0123456789"));
}

/* A record without a client can be loaded as well. */
static void
test_load_without_client (Test *test, gconstpointer data)
{
  g_autofree char *json = g_strdup_printf ("{\"url\":\"%s/mock-images/x.png\"}", oai_mock_server_get_base_url (test->base.server));
  g_autoptr(OaiRecord) record = NULL;
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GError) error = NULL;

  record = oai_record_new_from_json (OAI_TYPE_IMAGE, json, &error);
  g_assert_no_error (error);
  g_assert_null (oai_record_get_client (record));
  bytes = oai_image_load_bytes (OAI_IMAGE (record), NULL, &error);
  g_assert_no_error (error);
  assert_png (bytes);
  g_assert_true (oai_image_save (OAI_IMAGE (record), test->place.target, FALSE, NULL, &error));
  g_assert_no_error (error);
}

static void
test_edit (Test *test, gconstpointer data)
{
  g_autoptr(OaiImageEditRequest) request = oai_image_edit_request_new ("Add a flamingo");
  g_autoptr(OaiInputFile) first = new_input ("lounge.png");
  g_autoptr(OaiInputFile) second = new_input ("flamingo.png");
  g_autoptr(OaiInputFile) mask = new_input ("mask.png");
  g_autoptr(OaiImageList) list = NULL;
  g_autoptr(OaiMockRequest) seen = NULL;
  g_auto(GStrv) parts = NULL;
  g_autofree char *type = NULL;
  g_autoptr(GError) error = NULL;

  oai_image_edit_request_add_image (request, first);
  oai_image_edit_request_add_image (request, second);
  oai_image_edit_request_set_mask (request, mask);
  oai_image_edit_request_set_model (request, "gpt-image-1");
  oai_image_edit_request_set_input_fidelity (request, OAI_IMAGE_FIDELITY_HIGH);
  list = oai_images_endpoint_edit (test->images, request, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (oai_image_get_b64_json (first_of (list)));

  seen = oai_mock_server_dup_request (test->base.server, -1);
  parts = oai_mock_request_dup_part_names (seen);
  g_assert_true (g_strv_contains ((const char *const *) parts, "image[]"));
  g_assert_true (g_strv_contains ((const char *const *) parts, "mask"));
  type = oai_mock_request_dup_part_content_type (seen, "mask");
  g_assert_cmpstr (type, ==, "image/png");
}

static void
assert_part (OaiMockRequest *seen, const char *name, const char *content)
{
  g_autoptr(GBytes) part = oai_mock_request_dup_part (seen, name);

  g_assert_nonnull (part);
  g_assert_cmpmem (g_bytes_get_data (part, NULL), g_bytes_get_size (part), content, strlen (content));
}

/* In a form, an object becomes one part for each of its members. */
static void
test_edit_to_svg (Test *test, gconstpointer data)
{
  g_autoptr(OaiImageEditRequest) request = oai_image_edit_request_new ("Add a flamingo");
  g_autoptr(OaiInputFile) image = new_input ("lounge.png");
  g_autoptr(OaiInputFile) markup = new_input ("markup.png");
  g_autoptr(OaiImageSvg) svg = oai_image_svg_new ();
  g_autoptr(OaiImageSvgReasoning) reasoning = oai_image_svg_reasoning_new ();
  g_autoptr(OaiImageList) list = NULL;
  g_autoptr(OaiMockRequest) seen = NULL;
  g_autoptr(GError) error = NULL;

  oai_image_edit_request_set_image (request, image);
  oai_image_edit_request_set_markup (request, markup);
  oai_image_edit_request_set_model (request, "gpt-image-2.5-flare");
  oai_image_edit_request_set_output_format (request, OAI_IMAGE_FORMAT_SVG);
  oai_image_svg_set_model (svg, "gpt-6-sol");
  oai_image_svg_reasoning_set_effort (reasoning, OAI_IMAGE_REASONING_EFFORT_LOW);
  oai_image_svg_set_reasoning (svg, reasoning);
  oai_image_edit_request_set_svg (request, svg);
  list = oai_images_endpoint_edit (test->images, request, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_image_list_get_output_format (list), ==, OAI_IMAGE_FORMAT_SVG);

  seen = oai_mock_server_dup_request (test->base.server, -1);
  assert_part (seen, "svg[model]", "gpt-6-sol");
  assert_part (seen, "svg[reasoning][effort]", "low");
  assert_part (seen, "markup", "\x89PNG\r\n\x1a\n");
}

static void
test_edit_one_and_vary (Test *test, gconstpointer data)
{
  g_autoptr(OaiImageEditRequest) edit = oai_image_edit_request_new ("Add a flamingo");
  g_autoptr(OaiInputFile) picture = new_input ("lounge.png");
  g_autoptr(OaiImageVariationRequest) variation = NULL;
  g_autoptr(OaiImageList) edited = NULL;
  g_autoptr(OaiImageList) varied = NULL;
  g_autoptr(GError) error = NULL;

  oai_image_edit_request_set_image (edit, picture);
  edited = oai_images_endpoint_edit (test->images, edit, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (oai_image_get_url (first_of (edited)));

  variation = oai_image_variation_request_new (picture);
  oai_image_variation_request_set_n (variation, 2);
  oai_image_variation_request_set_size (variation, OAI_IMAGE_SIZE_SQUARE_256);
  oai_image_variation_request_set_response_format (variation, OAI_IMAGE_RESPONSE_FORMAT_B64_JSON);
  varied = oai_images_endpoint_create_variation (test->images, variation, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (oai_image_list_get_data (varied)->len, ==, 2);
}

static void
test_edit_without_image (Test *test, gconstpointer data)
{
  g_autoptr(OaiImageEditRequest) edit = oai_image_edit_request_new ("Add a flamingo");
  g_autoptr(GError) error = NULL;

  g_assert_null (oai_images_endpoint_edit (test->images, edit, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_cmpuint (oai_mock_server_get_n_requests (test->base.server), ==, 0);
}

/* Streams */

static void
partial_cb (OaiImageStream *stream, GBytes *picture, guint index, gpointer user_data)
{
  guint *counts = user_data;

  assert_png (picture);
  g_assert_cmpuint (index, ==, counts[0]);
  g_assert_true (oai_image_stream_get_newest (stream) == picture);
  counts[0]++;
}

static void
completed_cb (OaiImageStream *stream, GBytes *picture, gpointer user_data)
{
  guint *counts = user_data;

  assert_png (picture);
  counts[1]++;
}

static OaiImageStream *
new_stream (Test *test, guint *counts)
{
  g_autoptr(OaiImageRequest) request = oai_image_request_new ("A house");
  OaiImageStream *stream;

  oai_image_request_set_model (request, "gpt-image-1");
  oai_image_request_set_partial_images (request, 3);
  stream = oai_images_endpoint_generate_stream (test->images, request);
  g_signal_connect (stream, "partial-image", G_CALLBACK (partial_cb), counts);
  g_signal_connect (stream, "completed", G_CALLBACK (completed_cb), counts);

  return stream;
}

static void
test_stream (Test *test, gconstpointer data)
{
  guint counts[2] = { 0, 0 };
  g_autoptr(OaiImageStream) stream = new_stream (test, counts);
  g_autoptr(OaiRecord) result = NULL;
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GError) error = NULL;

  result = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (counts[0], ==, 3);
  g_assert_cmpuint (counts[1], ==, 1);
  g_assert_true (OAI_IS_IMAGE_LIST (result));
  bytes = oai_image_dup_bytes (first_of (OAI_IMAGE_LIST (result)));
  assert_png (bytes);
  g_assert_cmpint (oai_image_usage_get_output_tokens (oai_image_list_get_usage (OAI_IMAGE_LIST (result))), ==, 272);
  g_assert_cmpint (oai_image_list_get_created (OAI_IMAGE_LIST (result)), >, 0);
}

static void
test_stream_of_edits (Test *test, gconstpointer data)
{
  guint counts[2] = { 0, 0 };
  g_autoptr(OaiImageReferenceEditRequest) request = oai_image_reference_edit_request_new ("Add a flamingo");
  g_autoptr(OaiImageReference) reference = oai_image_reference_new ();
  g_autoptr(OaiImageStream) stream = NULL;
  g_autoptr(OaiRecord) result = NULL;
  g_autoptr(GError) error = NULL;

  oai_image_reference_set_file_id (reference, "file-1");
  oai_image_reference_edit_request_add_image (request, reference);
  oai_image_reference_edit_request_set_partial_images (request, 1);
  stream = oai_images_endpoint_edit_references_stream (test->images, request);
  g_signal_connect (stream, "partial-image", G_CALLBACK (partial_cb), counts);
  g_signal_connect (stream, "completed", G_CALLBACK (completed_cb), counts);
  result = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (counts[0], ==, 1);
  g_assert_cmpuint (counts[1], ==, 1);
}

#define PARTIAL "{\"type\":\"image_generation.partial_image\",\"b64_json\":\"iVBORw0KGgoA\",\"partial_image_index\":0}"

static void
test_stream_truncated (Test *test, gconstpointer data)
{
  guint counts[2] = { 0, 0 };
  g_autoptr(OaiImageStream) stream = new_stream (test, counts);
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_events ();
  g_autoptr(OaiImageList) list = NULL;
  g_autoptr(GError) error = NULL;

  oai_mock_reply_add_event (reply, NULL, PARTIAL);
  oai_mock_server_push_reply (test->base.server, reply);
  g_assert_null (oai_stream_run (OAI_STREAM (stream), NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE);
  g_assert_cmpuint (counts[0], ==, 1);
  assert_png (oai_image_stream_get_newest (stream));
  list = oai_image_stream_dup_images (stream);
  g_assert_cmpuint (oai_image_list_get_data (list)->len, ==, 0);
}

/* Each image is an event with the members of the list; the usage is reported once. */
static void
test_stream_that_is_none_pulled (Test *test, gconstpointer data)
{
  static const char list[] = "{\"created\":7,\"size\":\"1024x1024\",\"data\":[{\"b64_json\":\"iVBORw0KGgoA\"},{\"b64_json\":\"iVBORw0KGgoA\",\"x\":1}],\"usage\":{\"output_tokens\":5}}";
  guint counts[2] = { 0, 0 };
  g_autoptr(OaiImageStream) stream = new_stream (test, counts);
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, list);
  g_autoptr(OaiImageList) images = NULL;
  g_autoptr(GError) error = NULL;

  oai_mock_server_push_reply (test->base.server, reply);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(OaiRecord) chunk = oai_stream_next (OAI_STREAM (stream), NULL, &error);
      OaiImageEvent *event = OAI_IMAGE_EVENT (chunk);

      g_assert_no_error (error);
      g_assert_cmpuint (counts[1], ==, i + 1);
      g_assert_cmpstr (oai_record_get_string_member (chunk, "type"), ==, OAI_IMAGE_EVENT_TYPE_GENERATION_COMPLETED);
      g_assert_cmpstr (oai_image_event_get_b64_json (event), ==, "iVBORw0KGgoA");
      g_assert_cmpint (oai_image_event_get_created_at (event), ==, 7);
      g_assert_cmpstr (oai_image_event_get_size (event), ==, "1024x1024");
      g_assert_true ((oai_image_event_get_usage (event) != NULL) == (i == 1));
    }
  g_assert_null (oai_stream_next (OAI_STREAM (stream), NULL, &error));
  g_assert_no_error (error);
  images = oai_image_stream_dup_images (stream);
  g_assert_cmpuint (oai_image_list_get_data (images)->len, ==, 2);
  g_assert_cmpint (oai_image_usage_get_output_tokens (oai_image_list_get_usage (images)), ==, 5);
}

static void
test_stream_fails (Test *test, gconstpointer data)
{
  guint counts[2] = { 0, 0 };
  g_autoptr(OaiImageStream) stream = new_stream (test, counts);
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_events ();
  g_autoptr(GError) error = NULL;

  oai_mock_reply_add_event (reply, NULL, PARTIAL);
  oai_mock_reply_add_event (reply, "error", "{\"type\":\"error\",\"error\":{\"type\":\"image_generation_user_error\",\"code\":\"moderation_blocked\",\"message\":\"Your request was rejected\"}}");
  oai_mock_server_push_reply (test->base.server, reply);
  g_assert_null (oai_stream_run (OAI_STREAM (stream), NULL, &error));
  g_assert_nonnull (strstr (error->message, "Your request was rejected"));
  g_assert_cmpstr (oai_call_get_error_code (oai_stream_get_call (OAI_STREAM (stream))), ==, "moderation_blocked");
}

static void
test_stream_damaged (Test *test, gconstpointer data)
{
  static const char *const whole[] = { "{\"created\":7,\"data\":[]}", "{\"created\":7,\"data\":[{\"b64_json\":\"@@@@\"}]}" };
  guint counts[2] = { 0, 0 };
  g_autoptr(OaiImageStream) stream = new_stream (test, counts);
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_events ();
  g_autoptr(GError) error = NULL;

  oai_mock_reply_add_event (reply, NULL, "{\"type\":\"image_generation.completed\",\"b64_json\":\"@@@@\"}");
  oai_mock_server_push_reply (test->base.server, reply);
  g_assert_null (oai_stream_run (OAI_STREAM (stream), NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);

  for (guint i = 0; i < G_N_ELEMENTS (whole); i++)
    {
      g_autoptr(OaiImageStream) other = new_stream (test, counts);
      g_autoptr(OaiMockReply) bad = oai_mock_reply_new_json (200, whole[i]);

      g_clear_error (&error);
      oai_mock_server_push_reply (test->base.server, bad);
      g_assert_null (oai_stream_run (OAI_STREAM (other), NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
    }
  g_assert_cmpuint (counts[1], ==, 0);
}

/* Not an error, as in OpenAI's libraries; programs must check the number of images. */
static void
test_nothing_came (Test *test, gconstpointer data)
{
  static const char *const replies[] = { "{}", "{\"created\":1,\"data\":[]}", "{\"created\":1,\"data\":null}" };

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_autoptr(OaiImageRequest) request = oai_image_request_new ("A house");
      g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, replies[i]);
      g_autoptr(OaiImageList) list = NULL;
      g_autoptr(GError) error = NULL;

      oai_mock_server_push_reply (test->base.server, reply);
      list = oai_images_endpoint_generate (test->images, request, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (oai_image_list_get_data (list)->len, ==, 0);
    }
}

static void
test_image_without_a_name (Test *test, gconstpointer data)
{
  g_autoptr(OaiInputFile) image = new_input (NULL);
  g_autoptr(OaiImageEditRequest) request = oai_image_edit_request_new ("Add a flamingo");
  g_autoptr(OaiImageList) list = NULL;
  g_autoptr(OaiMockRequest) seen = NULL;
  g_autofree char *name = NULL;
  g_autofree char *type = NULL;
  g_autoptr(GError) error = NULL;

  oai_image_edit_request_set_image (request, image);
  list = oai_images_endpoint_edit (test->images, request, NULL, &error);
  g_assert_no_error (error);
  seen = oai_mock_server_dup_request (test->base.server, -1);
  name = oai_mock_request_dup_part_file_name (seen, "image");
  type = oai_mock_request_dup_part_content_type (seen, "image");
  g_assert_cmpstr (name, ==, "image.png");
  g_assert_cmpstr (type, ==, "image/png");
}

/* Servers that do not support streams reply as without streaming. */
static void
test_stream_that_is_none (Test *test, gconstpointer data)
{
  guint counts[2] = { 0, 0 };
  g_autoptr(OaiImageStream) stream = new_stream (test, counts);
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, "{\"created\":7,\"data\":[{\"b64_json\":\"iVBORw0KGgoA\"},{\"url\":\"https://example.org/\"}]}");
  g_autoptr(OaiRecord) result = NULL;
  g_autoptr(GError) error = NULL;

  oai_mock_server_push_reply (test->base.server, reply);
  result = oai_stream_run (OAI_STREAM (stream), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (counts[1], ==, 1);
  g_assert_cmpuint (oai_image_list_get_data (OAI_IMAGE_LIST (result))->len, ==, 2);
}

static void
test_refused (Test *test, gconstpointer data)
{
  g_autoptr(OaiImageRequest) request = oai_image_request_new ("Something bad");
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_error (400, "image_generation_user_error", "moderation_blocked", "Your request was rejected");
  g_autoptr(GError) error = NULL;

  oai_mock_server_push_reply (test->base.server, reply);
  g_assert_null (oai_images_endpoint_generate (test->images, request, NULL, &error));
  g_assert_nonnull (strstr (error->message, "rejected"));
}

#define ADD(path, function) g_test_add (path, Test, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/images/generate/images-are-bytes", test_generate);
  ADD ("/images/generate/a-url-is-loaded-without-the-key", test_address);
  ADD ("/images/generate/odd-replies", test_odd_replies);
  ADD ("/images/generate/no-image-is-an-empty-list", test_nothing_came);
  ADD ("/images/edit/an-image-without-a-name", test_image_without_a_name);
  ADD ("/images/stream/damaged-images-are-errors", test_stream_damaged);
  ADD ("/images/generate/an-error-status-is-reported", test_refused);
  ADD ("/images/save/images-and-urls", test_save);
  ADD ("/images/save/a-failed-load-leaves-no-file", test_failed_load);
  ADD ("/images/load/is-cancelled", test_load_cancelled);
  ADD ("/images/load/times-out", test_load_times_out);
  ADD ("/images/load/retried-and-reported-as-a-call", test_load_retries);
  ADD ("/images/load/without-a-client", test_load_without_client);
  ADD ("/images/generate/svg-has-a-model", test_svg);
  ADD ("/images/generate/gif-has-frames", test_gif);
  ADD ("/images/stream/svg-is-rejected", test_no_stream_of_svg);
  ADD ("/images/edit/several-images-and-a-mask", test_edit);
  ADD ("/images/edit/an-object-in-the-form", test_edit_to_svg);
  ADD ("/images/edit/one-image-and-variations", test_edit_one_and_vary);
  ADD ("/images/edit/without-an-image-nothing-is-sent", test_edit_without_image);
  ADD ("/images/stream/intermediate-images", test_stream);
  ADD ("/images/stream/edits-of-uploaded-images", test_stream_of_edits);
  ADD ("/images/stream/truncated-streams-keep-the-text", test_stream_truncated);
  ADD ("/images/stream/an-error-event-is-an-error", test_stream_fails);
  ADD ("/images/stream/a-whole-reply-is-read-chunk-by-chunk", test_stream_that_is_none_pulled);
  ADD ("/images/stream/a-whole-reply-is-accepted", test_stream_that_is_none);

  return g_test_run ();
}
