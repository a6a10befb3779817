/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-image-stream.h"

#include <string.h>

#include "oai-call.h"
#include "oai-emit-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-mime-private.h"
#include "oai-stream-private.h"

/**
 * OaiImageStream:
 *
 * Pictures that can be seen while they are made.
 *
 * ```c
 * g_autoptr(OaiImageStream) stream = oai_images_endpoint_generate_stream (images, request);
 * g_signal_connect_object (stream, "partial-image", G_CALLBACK (on_partial_image), picture, 0);
 * oai_stream_run_async (OAI_STREAM (stream), cancellable, on_done, NULL);
 * ```
 *
 * [method@Oai.ImageRequest.set_partial_images] tells how many intermediate
 * pictures are wanted. The result of [method@Oai.Stream.run_finish] is an
 * [class@Oai.ImageList] as without a stream, with the pictures that are ready and
 * the tokens they took.
 *
 * Stands for
 * [Image streaming](https://platform.openai.com/docs/api-reference/images-streaming).
 *
 * Since: 1.0
 */

enum
{
  PARTIAL_IMAGE,
  COMPLETED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _OaiImageStream
{
  OaiStream parent_instance;

  GBytes *newest;
  GString *images;   /* JSON of those that are ready, without the brackets */
  GString *members;  /* what else is known of them */
  char *whole;       /* a reply that was no stream, as JSON */
};

G_DEFINE_FINAL_TYPE (OaiImageStream, oai_image_stream, OAI_TYPE_STREAM)

static void
oai_image_stream_finalize (GObject *object)
{
  OaiImageStream *self = OAI_IMAGE_STREAM (object);

  g_clear_pointer (&self->newest, g_bytes_unref);
  g_string_free (self->images, TRUE);
  g_string_free (self->members, TRUE);
  g_free (self->whole);

  G_OBJECT_CLASS (oai_image_stream_parent_class)->finalize (object);
}

/* here: whether there is a picture, and not only where it is.  FALSE: it is damaged. */
static gboolean
take_picture (OaiImageStream *self, OaiJsonDoc *doc, OaiJsonNode node, gboolean *here, GError **error)
{
  gsize length = 0;
  const char *base64 = oai_json_get_string (doc, oai_json_get_member (doc, node, "b64_json"), &length);
  GBytes *picture;

  *here = FALSE;
  if (base64 == NULL || length == 0)
    return TRUE;

  picture = g_str_has_prefix (base64, "data:") ? oai_data_url_parse (base64, NULL, NULL) : oai_base64_decode (base64, length, NULL);
  if (picture == NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent a picture that is damaged"));
      return FALSE;
    }
  g_clear_pointer (&self->newest, g_bytes_unref);
  self->newest = picture;
  *here = TRUE;

  return TRUE;
}

static void
emit_partial (OaiImageStream *self, OaiJsonDoc *doc, OaiJsonNode node)
{
  g_autoptr(GBytes) picture = g_bytes_ref (self->newest);
  gint64 index = 0;

  oai_json_get_int (doc, oai_json_get_member (doc, node, "partial_image_index"), &index);
  oai_emit (self, signals[PARTIAL_IMAGE], 0, picture, (guint) CLAMP (index, 0, G_MAXINT));
}

static void
emit_completed (OaiImageStream *self)
{
  g_autoptr(GBytes) picture = g_bytes_ref (self->newest);

  oai_emit (self, signals[COMPLETED], 0, picture);
}

static void
write_member (GString *out, const char *name, OaiJsonDoc *doc, OaiJsonNode value)
{
  if (out->len > 0)
    g_string_append_c (out, ',');
  oai_json_write_string (out, name, -1);
  g_string_append_c (out, ':');
  oai_json_write_node (out, doc, value);
}

/* The event is a picture and what is known of it; the list has the two apart. */
static void
keep_image (OaiImageStream *self, OaiJsonDoc *doc, OaiJsonNode node)
{
  g_autoptr(GString) image = g_string_new (NULL);
  const char *name;
  OaiJsonIter iter;
  OaiJsonNode value;

  g_string_truncate (self->members, 0);
  oai_json_iter_init_members (&iter, doc, node);
  while (oai_json_iter_next (&iter, &name, &value))
    {
      if (g_str_equal (name, "b64_json") || g_str_equal (name, "url") || g_str_equal (name, "revised_prompt"))
        write_member (image, name, doc, value);
      else if (g_str_equal (name, "created_at"))
        write_member (self->members, "created", doc, value);
      else if (!g_str_equal (name, "type"))
        write_member (self->members, name, doc, value);
    }
  g_string_append_printf (self->images, "%s{", self->images->len > 0 ? "," : "");
  g_string_append_len (self->images, image->str, image->len);
  g_string_append_c (self->images, '}');
}

/* What the stream asks for */

static gboolean
oai_image_stream_fold (OaiStream *stream, const char *event, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  OaiImageStream *self = OAI_IMAGE_STREAM (stream);
  const char *type = oai_json_get_string (doc, oai_json_get_member (doc, node, "type"), NULL);
  gboolean here;

  if (type == NULL)
    type = event != NULL ? event : "";
  if (g_str_has_suffix (type, ".partial_image"))
    {
      if (!take_picture (self, doc, node, &here, error))
        return FALSE;
      if (here)
        emit_partial (self, doc, node);
    }
  else if (g_str_has_suffix (type, ".completed"))
    {
      if (!take_picture (self, doc, node, &here, error))
        return FALSE;
      keep_image (self, doc, node);
      if (here)
        emit_completed (self);
    }

  return TRUE;
}

/* One image with what the list says of all.  Tokens are those of the whole list. */
static void
add_completed (OaiImageStream *self, const char *type, OaiJsonDoc *doc, OaiJsonNode list, OaiJsonNode image, gboolean last)
{
  g_autoptr(GString) members = g_string_new (NULL);
  g_autofree char *json = NULL;
  const char *name;
  OaiJsonIter iter;
  OaiJsonNode value;

  oai_json_iter_init_members (&iter, doc, image);
  while (oai_json_iter_next (&iter, &name, &value))
    if (!g_str_equal (name, "type"))
      write_member (members, name, doc, value);
  oai_json_iter_init_members (&iter, doc, list);
  while (oai_json_iter_next (&iter, &name, &value))
    if (g_str_equal (name, "created"))
      write_member (members, "created_at", doc, value);
    else if (!g_str_equal (name, "data") && (last || !g_str_equal (name, "usage")))
      write_member (members, name, doc, value);

  json = g_strdup_printf ("{\"type\":\"%s\"%s%s}", type, members->len > 0 ? "," : "", members->str);
  oai_stream_add_event (OAI_STREAM (self), NULL, json);
}

static gboolean
oai_image_stream_split_reply (OaiStream *stream, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  OaiImageStream *self = OAI_IMAGE_STREAM (stream);
  gboolean edited = g_str_has_prefix (oai_call_get_operation (oai_stream_get_call (stream)), "images.edit");
  OaiJsonNode list = oai_json_get_member (doc, node, "data");
  guint left = oai_json_get_type (doc, list) == OAI_JSON_ARRAY ? oai_json_get_size (doc, list) : 0;
  g_autoptr(GString) json = NULL;
  OaiJsonIter iter;
  OaiJsonNode image;

  if (left == 0)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The reply holds no pictures"));
      return FALSE;
    }

  oai_json_iter_init (&iter, doc, list);
  while (oai_json_iter_next (&iter, NULL, &image))
    add_completed (self, edited ? OAI_IMAGE_EVENT_TYPE_EDIT_COMPLETED : OAI_IMAGE_EVENT_TYPE_GENERATION_COMPLETED, doc, node, image, --left == 0);

  json = g_string_new (NULL);
  oai_json_write_node (json, doc, node);
  self->whole = g_string_free (g_steal_pointer (&json), FALSE);

  return TRUE;
}

static gboolean
oai_image_stream_complete (OaiStream *stream, OaiStreamEnd end, GError **error)
{
  OaiImageStream *self = OAI_IMAGE_STREAM (stream);

  if (self->whole != NULL || self->images->len > 0)
    return TRUE;

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INCOMPLETE, _("The picture broke off: the server ended the stream before it was ready"));

  return FALSE;
}

static OaiRecord *
oai_image_stream_dup_result (OaiStream *stream)
{
  OaiImageStream *self = OAI_IMAGE_STREAM (stream);
  g_autofree char *json = NULL;

  if (self->whole != NULL)
    return oai_stream_new_record (stream, OAI_TYPE_IMAGE_LIST, self->whole);

  json = g_strconcat ("{", self->members->str, self->members->len > 0 ? "," : "", "\"data\":[", self->images->str, "]}", NULL);

  return oai_stream_new_record (stream, OAI_TYPE_IMAGE_LIST, json);
}

static const OaiStreamVTable stream_vtable = {
  .fold = oai_image_stream_fold,
  .split_reply = oai_image_stream_split_reply,
  .complete = oai_image_stream_complete,
  .dup_result = oai_image_stream_dup_result,
};

static void
oai_image_stream_class_init (OaiImageStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = oai_image_stream_finalize;
  OAI_STREAM_CLASS (klass)->vtable = &stream_vtable;

  /**
   * OaiImageStream::partial-image:
   * @self: the stream
   * @picture: the file, in the format that was asked for
   * @index: which of the intermediate pictures, from 0
   *
   * An intermediate picture has arrived.
   *
   * Since: 1.0
   */
  signals[PARTIAL_IMAGE] = g_signal_new ("partial-image", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 2, G_TYPE_BYTES, G_TYPE_UINT);
  /**
   * OaiImageStream::completed:
   * @self: the stream
   * @picture: the file, in the format that was asked for
   *
   * A picture is ready.
   *
   * Since: 1.0
   */
  signals[COMPLETED] = g_signal_new ("completed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                     G_TYPE_NONE, 1, G_TYPE_BYTES);
}

static void
oai_image_stream_init (OaiImageStream *self)
{
  self->images = g_string_new (NULL);
  self->members = g_string_new (NULL);
}

/**
 * oai_image_stream_get_newest:
 * @self: a stream
 *
 * Gets the picture that arrived last, intermediate or ready. It is there also
 * after the stream has failed.
 *
 * Returns: (nullable) (transfer none): the file, or %NULL when none has arrived; until the next event
 *
 * Since: 1.0
 */
GBytes *
oai_image_stream_get_newest (OaiImageStream *self)
{
  g_return_val_if_fail (OAI_IS_IMAGE_STREAM (self), NULL);

  return self->newest;
}

/**
 * oai_image_stream_dup_images:
 * @self: a stream
 *
 * Gets the pictures that are ready; [method@Oai.Stream.dup_result] with its type.
 *
 * Returns: (transfer full): the pictures
 *
 * Since: 1.0
 */
OaiImageList *
oai_image_stream_dup_images (OaiImageStream *self)
{
  g_return_val_if_fail (OAI_IS_IMAGE_STREAM (self), NULL);

  return OAI_IMAGE_LIST (oai_stream_dup_result (OAI_STREAM (self)));
}
