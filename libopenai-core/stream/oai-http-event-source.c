/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-http-event-source-private.h"

#include "oai-call-private.h"
#include "oai-error-map-private.h"
#include "oai-event-reader-private.h"
#include "oai-exchange-private.h"
#include "oai-i18n-private.h"
#include "oai-json-writer-private.h"
#include "oai-redact-private.h"
#include "oai-reply-body-private.h"
#include "oai-settings-private.h"

typedef struct
{
  OaiEventSource parent;

  OaiClient *client;       /* NULL for a body that has arrived */
  OaiRequest *request;     /* until it is sent */
  OaiExchange *exchange;
  GBytes *body;            /* a body that has arrived, until it is read */
  const char *text_member; /* the member for a reply that is not JSON, or NULL */
  OaiFormat format;
  GType result_type;       /* of a whole reply */
  guint max_reply;         /* size limit of a whole reply in bytes; 0 for no limit */
  OaiEventReader reader;
  GString *reply;          /* JSON of a whole reply that was not returned yet, or NULL */
  gboolean is_reply;       /* a whole reply arrived */
  gboolean done;           /* the end marker arrived */
} OaiHttpEventSource;

/* Events */

/* Skips blanks, comments that a gateway wrapped into data, and empty data.  Returns FALSE if no
 * data is left. */
static gboolean
has_data (OaiHttpEventSource *self, OaiEvent *event)
{
  gsize blanks = event->length > 0 && *event->data == '{' ? 0 : oai_event_reader_count_blanks (event->data, event->length);

  event->data += blanks;
  event->length -= blanks;
  if (event->length == 0)
    return FALSE;
  if (*event->data == '{')
    return TRUE;

  self->done = oai_event_reader_is_end_marker (event->data, event->length);

  return !self->done && *event->data != ':';
}

static void
take_reply (OaiHttpEventSource *self, OaiEvent *event)
{
  event->name = NULL;
  event->data = self->reply->str;
  event->length = self->reply->len;
  event->is_reply = TRUE;
  self->is_reply = TRUE;
}

static OaiEventSourceStatus
get_end (OaiHttpEventSource *self, GError **error)
{
  if (self->done || self->is_reply)
    return OAI_EVENT_SOURCE_DONE;
  if (!self->reader.truncated)
    return OAI_EVENT_SOURCE_EOF;

  g_propagate_error (error, oai_error_new_incomplete (_("it ended within an event")));

  return OAI_EVENT_SOURCE_ERROR;
}

static OaiEventSourceStatus
oai_http_event_source_next (OaiEventSource *source, OaiEvent *event, GError **error)
{
  OaiHttpEventSource *self = (OaiHttpEventSource *) source;
  GError *failure = NULL;
  OaiSseEvent read;

  if (self->reply != NULL && !self->is_reply)
    {
      take_reply (self, event);
      return OAI_EVENT_SOURCE_EVENT;
    }

  while (!self->done && oai_event_reader_next (&self->reader, &read, &failure))
    {
      *event = (OaiEvent) { read.event, read.data, read.length, self->reader.kind == OAI_BODY_VALUES, FALSE };
      if (has_data (self, event))
        return OAI_EVENT_SOURCE_EVENT;
    }
  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      return OAI_EVENT_SOURCE_ERROR;
    }

  return self->done || self->reader.ended ? get_end (self, error) : OAI_EVENT_SOURCE_WAIT;
}

/* Reads a complete body that is JSON or the text of the reply.  Fails for other bodies. */
static gboolean
read_reply (OaiHttpEventSource *self, GError **error)
{
  OaiEventSource *source = &self->parent;
  GBytes *body = oai_event_reader_take_whole (&self->reader);
  gsize used;
  g_autoptr(OaiJsonDoc) doc = oai_reply_body_parse_first (source->call, self->text_member, self->format, g_bytes_ref (body), &used, source->secret, error);
  gsize length;
  g_autofree char *data = g_bytes_unref_to_data (body, &length);

  if (doc == NULL)
    return FALSE;
  if (source->listener->is_chunk (source, doc, source->user_data) || !oai_event_reader_is_end (data + used, length - used))
    {
      oai_event_reader_take_values (&self->reader, g_steal_pointer (&data), length);
      return TRUE;
    }
  if (!oai_reply_body_check (source->call, doc, self->result_type, source->secret, error))
    return FALSE;

  self->reply = g_string_new (NULL);
  oai_json_write_node (self->reply, doc, 0);

  return TRUE;
}

/* Callbacks of the exchange */

/* Takes ownership of the error.  A signal handler of the call may close the stream. */
static void
fail (OaiHttpEventSource *self, GError *error)
{
  g_autoptr(OaiEventSource) source = oai_event_source_ref (&self->parent);

  source->klass->finish (source, error);
  if (source->listener != NULL)
    source->listener->failed (source, error, source->user_data);
  else
    g_error_free (error);
}

static void
head_cb (OaiExchange *exchange, gpointer user_data)
{
  OaiHttpEventSource *self = user_data;

  self->parent.secret = oai_exchange_get_secret (exchange);
  oai_event_reader_set_type (&self->reader, oai_call_get_header (self->parent.call, "content-type"));
}

static char *
reserve_cb (gsize *size, gpointer user_data)
{
  return oai_event_reader_reserve (&((OaiHttpEventSource *) user_data)->reader, size);
}

static gboolean
commit_cb (gsize size, gpointer user_data)
{
  OaiHttpEventSource *self = user_data;

  oai_event_reader_commit (&self->reader, size);
  /* The rest of a body that is neither events nor JSON, such as a page of a proxy, is not read. */
  if (self->reader.kind == OAI_BODY_OTHER && self->text_member == NULL)
    {
      fail (self, oai_reply_body_new_foreign_error (self->parent.call, self->reader.whole.data, self->reader.whole.length, self->parent.secret));
      return FALSE;
    }
  if (self->max_reply > 0 && self->reader.whole.length > self->max_reply)
    {
      fail (self, oai_error_new_too_large (self->max_reply));
      return FALSE;
    }

  return self->parent.listener->ready (&self->parent, self->parent.user_data);
}

static void
done_cb (OaiExchange *exchange, GError *error, gpointer user_data)
{
  OaiHttpEventSource *self = user_data;
  OaiEventSource *source = user_data;

  if (error != NULL)
    {
      source->listener->failed (source, error, source->user_data);
      return;
    }

  oai_event_reader_end (&self->reader);
  if (oai_event_reader_is_whole (&self->reader) && !read_reply (self, &error))
    fail (self, error);
  else
    source->listener->ready (source, source->user_data);
}

static const OaiExchangeSink exchange_sink = { head_cb, reserve_cb, commit_cb, done_cb };

/* The source */

static void
oai_http_event_source_prepare (OaiEventSource *source)
{
  OaiHttpEventSource *self = (OaiHttpEventSource *) source;
  OaiSettings *settings;

  if (self->client == NULL)
    {
      oai_event_reader_init (&self->reader, 0);
      return;
    }

  settings = oai_client_get_settings (self->client);
  self->max_reply = oai_settings_get_max_reply_size (settings);
  oai_event_reader_init (&self->reader, oai_settings_get_max_event_size (settings));
  self->exchange = oai_exchange_new (self->client, g_steal_pointer (&self->request), TRUE, &exchange_sink, self);
  source->call = g_object_ref (oai_exchange_get_call (self->exchange));
}

static void
read_body (OaiHttpEventSource *self)
{
  gsize length;
  const char *data = g_bytes_get_data (self->body, &length);

  if (oai_event_reader_is_json (data, length))
    {
      char *values = g_bytes_unref_to_data (g_steal_pointer (&self->body), &length);

      oai_event_reader_take_values (&self->reader, values, length);
    }
  else
    {
      oai_event_reader_add_events (&self->reader, data, length);
    }
  oai_event_reader_end (&self->reader);
}

static void
oai_http_event_source_start (OaiEventSource *source, GCancellable *cancellable)
{
  OaiHttpEventSource *self = (OaiHttpEventSource *) source;

  if (self->client != NULL)
    {
      oai_exchange_start (self->exchange, cancellable);
      return;
    }

  read_body (self);
  source->listener->ready (source, source->user_data);
}

static void
oai_http_event_source_resume (OaiEventSource *source, GCancellable *cancellable)
{
  OaiHttpEventSource *self = (OaiHttpEventSource *) source;

  if (self->exchange == NULL)
    return;

  oai_exchange_set_cancellable (self->exchange, cancellable);
  oai_exchange_resume (self->exchange);
}

/* The call fails as well, even if its body has already ended. */
static void
oai_http_event_source_finish (OaiEventSource *source, GError *error)
{
  OaiHttpEventSource *self = (OaiHttpEventSource *) source;

  if (error != NULL)
    oai_redact_error (error, source->secret);
  if (self->exchange == NULL)
    return;

  if (error == NULL && !self->done && !self->is_reply)
    return;
  if (error != NULL && oai_call_get_state (source->call) == OAI_CALL_STATE_DONE)
    oai_exchange_fail_reply (self->exchange, error);
  else
    oai_exchange_finish_early (self->exchange, error != NULL ? g_error_copy (error) : NULL);
}

static void
oai_http_event_source_close (OaiEventSource *source, const GError *error)
{
  OaiHttpEventSource *self = (OaiHttpEventSource *) source;
  g_autoptr(GError) copy = g_error_copy (error);

  if (self->exchange == NULL)
    return;

  oai_exchange_close (self->exchange);
  oai_exchange_fail_reply (self->exchange, copy);
}

static void
oai_http_event_source_free (OaiEventSource *source)
{
  OaiHttpEventSource *self = (OaiHttpEventSource *) source;

  g_clear_pointer (&self->exchange, oai_exchange_free);
  g_clear_pointer (&self->request, oai_request_free);
  g_clear_pointer (&self->body, g_bytes_unref);
  oai_event_reader_clear (&self->reader);
  if (self->reply != NULL)
    g_string_free (self->reply, TRUE);
  g_clear_object (&self->client);
}

static const OaiEventSourceClass http_event_source_class = {
  oai_http_event_source_prepare,
  oai_http_event_source_start,
  oai_http_event_source_next,
  oai_http_event_source_resume,
  oai_http_event_source_finish,
  oai_http_event_source_close,
  oai_http_event_source_free,
};

OaiEventSource *
oai_http_event_source_new (OaiClient *client, OaiRequest *request)
{
  OaiHttpEventSource *self = g_new0 (OaiHttpEventSource, 1);

  self->parent.klass = &http_event_source_class;
  self->parent.ref_count = 1;
  self->parent.request_body = request->body != NULL ? g_bytes_ref (request->body) : NULL;
  self->client = g_object_ref (client);
  self->request = request;
  self->text_member = request->text_member;
  self->format = request->format;
  self->result_type = request->result_type;

  return &self->parent;
}

OaiEventSource *
oai_http_event_source_new_for_body (OaiCall *call, GBytes *body, const char *secret)
{
  OaiHttpEventSource *self = g_new0 (OaiHttpEventSource, 1);

  self->parent.klass = &http_event_source_class;
  self->parent.ref_count = 1;
  self->parent.call = g_object_ref (call);
  self->parent.secret = secret;
  self->body = body;

  return &self->parent;
}
