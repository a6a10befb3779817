/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-image-stream.h"

#include "oai-base64-private.h"
#include "oai-call.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-images-streams-private.h"
#include "oai-mime-private.h"

typedef struct
{
  GBytes *newest;
  gboolean has_image; /* the current event contains an image, and not only a URL */
} ImageState;

static void
clear_state (gpointer state)
{
  ImageState *self = state;

  g_clear_pointer (&self->newest, g_bytes_unref);
}

static gboolean
take_image (ImageState *self, OaiJsonDoc *doc, OaiJsonNode event, GError **error)
{
  gsize length = 0;
  const char *base64 = oai_json_get_string (doc, oai_json_get_member (doc, event, "b64_json"), &length);
  GBytes *image;

  self->has_image = length > 0;
  if (length == 0)
    return TRUE;

  image = g_str_has_prefix (base64, "data:") ? oai_data_url_parse (base64, NULL, NULL) : oai_base64_decode (base64, length, NULL);
  if (image == NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent an image that is damaged"));
      return FALSE;
    }
  g_clear_pointer (&self->newest, g_bytes_unref);
  self->newest = image;

  return TRUE;
}

gboolean
oai_image_stream_take_partial (OaiStream *self, const char *name, OaiJsonDoc *doc, OaiJsonNode event, GError **error)
{
  ImageState *state = oai_stream_get_state (self);
  g_autoptr(GBytes) image = NULL;
  gint64 index = 0;

  if (!take_image (state, doc, event, error))
    return FALSE;
  if (!state->has_image)
    return TRUE;

  image = g_bytes_ref (state->newest);
  oai_json_get_int (doc, oai_json_get_member (doc, event, "partial_image_index"), &index);
  oai_stream_emit (self, IMAGE_STREAM__PARTIAL_IMAGE, image, (guint) CLAMP (index, 0, G_MAXINT));

  return TRUE;
}

gboolean
oai_image_stream_take_completed (OaiStream *self, const char *name, OaiJsonDoc *doc, OaiJsonNode event, GError **error)
{
  return take_image (oai_stream_get_state (self), doc, event, error);
}

/* Called after the image was added to the list. */
gboolean
oai_image_stream_report_completed (OaiStream *self, const char *name, OaiJsonDoc *doc, OaiJsonNode event, GError **error)
{
  ImageState *state = oai_stream_get_state (self);
  g_autoptr(GBytes) image = NULL;

  if (!state->has_image)
    return TRUE;

  image = g_bytes_ref (state->newest);
  oai_stream_emit (self, IMAGE_STREAM__COMPLETED, image);

  return TRUE;
}

/* Adds an event for one image, with the members that all images of the list share.  The tokens are
 * those of the whole list. */
static void
add_completed (OaiStream *self, const char *type, OaiJsonDoc *doc, OaiJsonNode list, OaiJsonNode image, gboolean last)
{
  OaiJsonValue *event = oai_json_value_new_object ();
  const char *name;
  OaiJsonIter iter;
  OaiJsonNode value;

  oai_json_iter_init_members (&iter, doc, list);
  while (oai_json_iter_next (&iter, &name, &value))
    if (!g_str_equal (name, "data") && (last || !g_str_equal (name, "usage")))
      oai_json_value_set_member (event, g_str_equal (name, "created") ? "created_at" : name, oai_json_value_new_from_node (doc, value));
  oai_json_iter_init_members (&iter, doc, image);
  while (oai_json_iter_next (&iter, &name, &value))
    oai_json_value_set_member (event, name, oai_json_value_new_from_node (doc, value));
  oai_stream_add_event (self, type, event);
}

static gboolean
split_reply (OaiStream *self, OaiJsonDoc *doc, OaiJsonNode reply, GError **error)
{
  gboolean edited = g_str_has_prefix (oai_call_get_operation (oai_stream_get_call (self)), "images.edit");
  OaiJsonNode list = oai_json_get_member (doc, reply, "data");
  guint n_left = oai_json_get_type (doc, list) == OAI_JSON_ARRAY ? oai_json_get_size (doc, list) : 0;
  OaiJsonIter iter;
  OaiJsonNode image;

  if (n_left == 0)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The reply has no images"));
      return FALSE;
    }

  oai_json_iter_init (&iter, doc, list);
  while (oai_json_iter_next (&iter, NULL, &image))
    add_completed (self, edited ? OAI_IMAGE_EVENT_TYPE_EDIT_COMPLETED : OAI_IMAGE_EVENT_TYPE_GENERATION_COMPLETED, doc, reply, image, --n_left == 0);

  return TRUE;
}

const OaiStreamHooks oai_image_stream_hooks = {
  .state_size = sizeof (ImageState),
  .clear_state = clear_state,
  .split_reply = split_reply,
  .keeps_reply = TRUE,
};

/**
 * oai_image_stream_get_newest:
 * @self: a stream
 *
 * Gets the file of the newest image, which can be an intermediate image. This function can also be
 * called after the stream has failed.
 *
 * Returns: (nullable) (transfer none): the file, or %NULL if no image has arrived; valid until the
 *   next event
 *
 * Since: 1.0
 */
GBytes *
oai_image_stream_get_newest (OaiImageStream *self)
{
  ImageState *state;

  g_return_val_if_fail (OAI_IS_IMAGE_STREAM (self), NULL);

  state = oai_stream_get_state (OAI_STREAM (self));

  return state->newest;
}
