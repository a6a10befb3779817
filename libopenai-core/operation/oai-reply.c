/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-reply-private.h"

#include "oai-event-reader-private.h"
#include "oai-json-doc-private.h"
#include "oai-json-writer-private.h"
#include "oai-record-private.h"
#include "oai-reply-body-private.h"
#include "oai-stream-private.h"

/* Folds a reply that consists of several values or of a single chunk: the server sent a stream
 * without framing. */
static OaiRecord *
new_streamed_record (OaiClient *client, const OaiOperation *operation, OaiCall *call, GBytes *body, const char *secret, GError **error)
{
  return oai_stream_fold_body (operation->stream_type (), client, call, operation->chunk_type (), body, secret, error);
}

static OaiRecord *
new_json_record (OaiClient *client, const OaiOperation *operation, OaiCall *call, GBytes *body, const char *secret, GError **error)
{
  g_autoptr(OaiJsonDoc) doc = NULL;
  gsize length;
  const char *data = g_bytes_get_data (body, &length);

  if (operation->stream_type != NULL && oai_event_reader_is_sequence (data, length))
    return new_streamed_record (client, operation, call, body, secret, error);

  doc = oai_reply_body_parse (call, body, operation->result_type (), secret, error);
  if (doc == NULL)
    return NULL;
  if (oai_json_get_type (doc, 0) != OAI_JSON_OBJECT)
    {
      g_propagate_error (error, oai_reply_body_new_no_object_error ());
      return NULL;
    }
  if (operation->stream_type != NULL && oai_stream_type_is_chunk (operation->stream_type (), doc))
    {
      GString *json = g_string_new (NULL);

      oai_json_write_node (json, doc, 0);
      return new_streamed_record (client, operation, call, g_string_free_to_bytes (json), secret, error);
    }

  if (operation->stream_type != NULL && !oai_stream_type_is_reply (operation->stream_type (), doc))
    {
      g_propagate_error (error, oai_reply_body_new_other_error ());
      return NULL;
    }

  return oai_record_new_from_doc (operation->result_type (), doc, 0, client, call);
}

static OaiRecord *
new_record (OaiClient *client, const OaiOperation *operation, OaiFormat format, OaiCall *call, GBytes *body, const char *secret, GError **error)
{
  g_autoptr(OaiJsonDoc) doc = NULL;

  if (operation->stream_type != NULL && oai_reply_body_is_event_stream (call, body))
    return new_streamed_record (client, operation, call, body, secret, error);

  if (operation->text_member != NULL && oai_reply_body_is_page (call, body))
    {
      g_autoptr(GBytes) owned = body;
      gsize length;
      const char *data = g_bytes_get_data (owned, &length);

      g_propagate_error (error, oai_reply_body_new_foreign_error (call, data, length, secret));
      return NULL;
    }
  if (operation->text_member == NULL || !oai_reply_body_is_text (call, operation->text_member, format, body))
    return new_json_record (client, operation, call, body, secret, error);

  doc = oai_reply_body_new_text_doc (operation->text_member, body);

  return oai_record_new_from_doc (operation->result_type (), doc, 0, client, call);
}

gpointer
oai_reply_new (OaiClient *client, const OaiOperation *operation, OaiFormat format, OaiCall *call, GBytes *body, const char *secret, GError **error)
{
  gpointer data;
  gsize length;

  switch ((OaiResultKind) operation->result)
    {
    case OAI_RESULT_RECORD:
      return new_record (client, operation, format, call, body, secret, error);
    case OAI_RESULT_BYTES:
      if ((operation->flags & OAI_OPERATION_MEDIA) == 0 || (!oai_reply_body_is_no_media (call) && g_bytes_get_size (body) > 0))
        return body;
      g_propagate_error (error, oai_reply_body_new_media_error (call, body, secret));
      return NULL;
    case OAI_RESULT_TEXT:
      data = g_bytes_unref_to_data (body, &length);
      body = g_bytes_new_take (data, length);
      data = g_utf8_make_valid (g_bytes_get_data (body, NULL), length);
      g_bytes_unref (body);
      return data;
    case OAI_RESULT_NONE:
      g_bytes_unref (body);
      return GINT_TO_POINTER (TRUE);
    case OAI_RESULT_LIST:
    default:
      g_assert_not_reached ();
    }
}

GDestroyNotify
oai_reply_get_destroy (const OaiOperation *operation)
{
  switch ((OaiResultKind) operation->result)
    {
    case OAI_RESULT_BYTES:
      return (GDestroyNotify) g_bytes_unref;
    case OAI_RESULT_TEXT:
      return g_free;
    case OAI_RESULT_NONE:
      return NULL;
    case OAI_RESULT_RECORD:
    case OAI_RESULT_LIST:
    default:
      return g_object_unref;
    }
}
