/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Images: each is one red pixel, as PNG, GIF or SVG. */

#include "oai-mock-private.h"

#include <string.h>

static const guint8 png[] = {
  0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
  0x01, 0x08, 0x02, 0x00, 0x00, 0x00, 0x90, 0x77, 0x53, 0xde, 0x00, 0x00, 0x00, 0x0c, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0xf8, 0xcf,
  0xc0, 0x00, 0x00, 0x03, 0x01, 0x01, 0x00, 0xc9, 0xfe, 0x92, 0xef, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
};

static const guint8 gif[] = {
  0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x01, 0x00, 0x01, 0x00, 0x80, 0x00, 0x00, 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x2c,
  0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x02, 0x02, 0x44, 0x01, 0x00, 0x3b,
};

static const char svg[] = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1\" height=\"1\"><path fill=\"red\" d=\"M0 0h1v1H0z\"/></svg>\n";

static gboolean
is_gpt_image (JsonObject *body)
{
  const char *model = oai_mock_get_string (body, "model");

  return model != NULL && (g_str_has_prefix (model, "gpt-image") || g_str_has_prefix (model, "chatgpt-image"));
}

static const char *
choose (JsonObject *body, const char *name, const char *const *allowed, const char *fallback)
{
  const char *value = oai_mock_get_string (body, name);

  return value != NULL && g_strv_contains (allowed, value) ? value : fallback;
}

static const char *
get_size (JsonObject *body)
{
  const char *const sizes[] = { "1024x1024", "1024x1536", "1536x1024", NULL };

  return choose (body, "size", sizes, "1024x1024");
}

static const char *
get_quality (JsonObject *body)
{
  const char *const qualities[] = { "low", "medium", "high", "xhigh", "max", NULL };

  return choose (body, "quality", qualities, "high");
}

static const char *
get_background (JsonObject *body)
{
  const char *const backgrounds[] = { "transparent", "opaque", NULL };

  return choose (body, "background", backgrounds, "opaque");
}

static const char *
get_format (JsonObject *body)
{
  const char *const formats[] = { "svg", "gif", NULL };

  return choose (body, "output_format", formats, "png");
}

static char *
encode_image (JsonObject *body)
{
  const char *format = get_format (body);

  if (g_str_equal (format, "svg"))
    return g_base64_encode ((const guint8 *) svg, strlen (svg));

  return g_str_equal (format, "gif") ? g_base64_encode (gif, sizeof gif) : g_base64_encode (png, sizeof png);
}

/* The identifier of the end user; the newer member has precedence. */
static void
add_safety_identifier (JsonObject *object, JsonObject *body)
{
  const char *identifier = oai_mock_get_string (body, "safety_identifier");

  if (identifier == NULL || *identifier == '\0')
    identifier = oai_mock_get_string (body, "user");
  if (identifier != NULL)
    oai_mock_object_set (object, "safety_identifier:s", identifier, NULL);
}

static JsonObject *
make_svg_usage (JsonObject *body)
{
  const char *model = oai_mock_get_string (oai_mock_get_object (body, "svg"), "model");

  return oai_mock_object ("model:s", model != NULL ? model : "mock-svg", "input_tokens:i", 20, "output_tokens:i", 60, "reasoning_tokens:i", 10,
                          "total_tokens:i", 80, NULL);
}

static JsonObject *
make_usage (JsonObject *body)
{
  guint prompt = _oai_mock_text_count (oai_mock_get_string (body, "prompt"));

  return oai_mock_object ("input_tokens:i", prompt, "output_tokens:i", 272, "total_tokens:i", prompt + 272,
                          "input_tokens_details:o", oai_mock_object ("text_tokens:i", prompt, "image_tokens:i", 0, NULL), NULL);
}

static JsonObject *
make_image (OaiMockCall *call)
{
  const char *format = oai_mock_get_string (call->body, "response_format");
  const char *model = oai_mock_get_string (call->body, "model");
  JsonObject *image = json_object_new ();

  if (is_gpt_image (call->body) || g_strcmp0 (format, "b64_json") == 0)
    {
      g_autofree char *data = encode_image (call->body);

      oai_mock_object_set (image, "b64_json:s", data, NULL);
    }
  else
    {
      g_autofree char *id = _oai_mock_store_new_id (call->store, "img-");
      g_autofree char *url = g_strdup_printf ("%s/mock-images/%s.png", oai_mock_server_get_base_url (call->server), id);

      oai_mock_object_set (image, "url:s", url, NULL);
    }
  if (g_strcmp0 (model, "dall-e-3") == 0)
    oai_mock_object_set (image, "revised_prompt:s", oai_mock_get_string (call->body, "prompt"), NULL);

  return image;
}

static OaiMockReply *
reply_whole (OaiMockCall *call)
{
  gint64 n = CLAMP (oai_mock_get_int (call->body, "n", 1), 1, 10);
  JsonArray *data = json_array_new ();
  JsonObject *object;

  for (gint64 i = 0; i < n; i++)
    json_array_add_object_element (data, make_image (call));
  object = oai_mock_object ("created:l", _oai_mock_store_now (call->store), "data:a", data, NULL);
  if (is_gpt_image (call->body))
    oai_mock_object_set (object, "size:s", get_size (call->body), "quality:s", get_quality (call->body), "background:s", get_background (call->body),
                         "output_format:s", get_format (call->body), "usage:o", make_usage (call->body), NULL);
  if (g_str_equal (get_format (call->body), "svg"))
    oai_mock_object_set (object, "svg_usage:o", make_svg_usage (call->body), NULL);
  add_safety_identifier (object, call->body);

  return _oai_mock_reply_new_object (object);
}

static JsonObject *
make_event (OaiMockCall *call, const char *kind, const char *what)
{
  g_autofree char *type = g_strconcat (kind, ".", what, NULL);
  g_autofree char *data = g_base64_encode (png, sizeof png);

  return oai_mock_object ("type:s", type, "b64_json:s", data, "created_at:l", _oai_mock_store_now (call->store), "size:s", get_size (call->body),
                          "quality:s", get_quality (call->body), "background:s", get_background (call->body), "output_format:s", "png", NULL);
}

static OaiMockReply *
reply_stream (OaiMockCall *call, const char *kind)
{
  OaiMockReply *reply = oai_mock_reply_new_events ();
  gint64 n = CLAMP (oai_mock_get_int (call->body, "partial_images", 0), 0, 3);
  g_autofree char *partial = g_strconcat (kind, ".partial_image", NULL);
  g_autofree char *completed = g_strconcat (kind, ".completed", NULL);
  JsonObject *event;

  for (gint64 i = 0; i < n; i++)
    {
      event = make_event (call, kind, "partial_image");
      oai_mock_object_set (event, "partial_image_index:l", i, NULL);
      _oai_mock_reply_add_object_event (reply, partial, event);
    }
  event = make_event (call, kind, "completed");
  oai_mock_object_set (event, "usage:o", make_usage (call->body), NULL);
  add_safety_identifier (event, call->body);
  _oai_mock_reply_add_object_event (reply, completed, event);

  return reply;
}

/* Checks which members exclude the formats in preview, and which require them. */
static OaiMockReply *
refuse_format (OaiMockCall *call)
{
  const char *format = get_format (call->body);
  gboolean is_gif = g_str_equal (format, "gif");
  gboolean is_svg = g_str_equal (format, "svg");

  if ((is_gif || is_svg) && oai_mock_get_boolean (call->body, "stream", FALSE))
    return _oai_mock_call_invalid (call, "stream", "Streaming is not supported with this output format.");
  if (!is_gif && oai_mock_get_int (call->body, "frame_count", 0) != 0)
    return _oai_mock_call_invalid (call, "frame_count", "'frame_count' is only supported with the output format 'gif'.");
  if (!is_svg && oai_mock_get_object (call->body, "svg") != NULL)
    return _oai_mock_call_invalid (call, "svg", "'svg' is only supported with the output format 'svg'.");
  if (is_svg && oai_mock_get_int (call->body, "n", 1) != 1)
    return _oai_mock_call_invalid (call, "n", "'n' must be 1 with the output format 'svg'.");

  return NULL;
}

static OaiMockReply *
reply (OaiMockCall *call, const char *kind)
{
  OaiMockReply *refusal = refuse_format (call);

  if (refusal != NULL)
    return refusal;

  return oai_mock_get_boolean (call->body, "stream", FALSE) ? reply_stream (call, kind) : reply_whole (call);
}

static gboolean
lacks_prompt (OaiMockCall *call)
{
  return call->body == NULL || oai_mock_get_string (call->body, "prompt") == NULL;
}

static OaiMockReply *
create_image (OaiMockCall *call)
{
  if (lacks_prompt (call))
    return _oai_mock_call_invalid (call, "prompt", "Missing required parameter: 'prompt'.");

  return reply (call, "image_generation");
}

static gboolean
has_image (OaiMockCall *call)
{
  if (call->form != NULL)
    return _oai_mock_form_find (call->form, "image") != NULL || _oai_mock_form_find (call->form, "image[]") != NULL;

  return call->body != NULL && oai_mock_array_get_object (oai_mock_get_array (call->body, "images"), 0) != NULL;
}

static OaiMockReply *
edit_image (OaiMockCall *call)
{
  if (lacks_prompt (call))
    return _oai_mock_call_invalid (call, "prompt", "Missing required parameter: 'prompt'.");
  if (!has_image (call))
    return _oai_mock_call_invalid (call, "image", "Missing required parameter: 'image'.");

  return reply (call, "image_edit");
}

static OaiMockReply *
vary_image (OaiMockCall *call)
{
  if (call->form == NULL || !has_image (call))
    return _oai_mock_call_invalid (call, "image", "Missing required parameter: 'image'.");

  return reply_whole (call);
}

/* Serves the URLs of images. */
static OaiMockReply *
get_image (OaiMockCall *call)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (png, sizeof png);

  return oai_mock_reply_new_bytes (200, "image/png", bytes);
}

const OaiMockRoute _oai_mock_images_routes[] = {
  { "POST", "/images/generations", create_image },
  { "POST", "/images/edits", edit_image },
  { "POST", "/images/variations", vary_image },
  { "GET", "/mock-images/{name}", get_image },
  { NULL },
};
