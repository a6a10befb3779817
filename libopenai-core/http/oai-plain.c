/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-plain-private.h"

#include "oai-body-stream-private.h"
#include "oai-client-private.h"
#include "oai-deadlines-private.h"
#include "oai-error-map-private.h"
#include "oai-i18n-private.h"
#include "oai-linked-cancellable-private.h"
#include "oai-pending-private.h"
#include "oai-source-private.h"

#define STEP (64 * 1024)

static SoupSession *
ref_session (OaiClient *client)
{
  return client != NULL ? oai_client_ref_session (client) : soup_session_new ();
}

static guint
get_idle_timeout (OaiClient *client)
{
  return client != NULL ? oai_settings_get_idle_timeout (oai_client_get_settings (client)) : 0;
}

static gboolean
check_status (SoupMessage *message, GError **error)
{
  OaiErrorDetails details = { 0 };
  guint status = soup_message_get_status (message);
  const char *phrase = soup_message_get_reason_phrase (message);
  g_autofree char *reason = g_utf8_make_valid (phrase != NULL ? phrase : "", -1);

  if (status >= 200 && status <= 299)
    return TRUE;

  /* Translators: %u is an HTTP status such as 404, %s its name in the words of the server. */
  g_set_error (error, OAI_ERROR, oai_error_code_for (status, &details), _("It could not be loaded: HTTP %u %s"), status, reason);

  return FALSE;
}

/* Opening */

typedef struct
{
  OaiClient *client;        /* or NULL */
  SoupMessage *message;
  OaiLinkedCancellable stop;
  OaiDeadlines deadlines;
  OaiPending *pending;      /* of libsoup, for the task */
  GSource *stopped;         /* ends the task */
} Opening;

static void
opening_free (gpointer data)
{
  Opening *self = data;

  g_clear_object (&self->client);
  g_object_unref (self->message);
  oai_linked_cancellable_clear (&self->stop);
  g_free (self);
}

/* From now on, nothing ends it any more. */
static void
stop_watching (Opening *self)
{
  oai_deadlines_stop (&self->deadlines);
  oai_drop_source (&self->stopped);
  g_signal_handlers_disconnect_by_data (self->message, self);
  oai_linked_cancellable_disarm (&self->stop);
}

static void
expired_cb (gpointer user_data)
{
  Opening *self = user_data;

  oai_linked_cancellable_expire (&self->stop);
}

static void
network_event_cb (SoupMessage *message, GSocketClientEvent event, GIOStream *connection, Opening *self)
{
  if (event == G_SOCKET_CLIENT_COMPLETE)
    oai_deadlines_stop_connecting (&self->deadlines);
  else if (event == G_SOCKET_CLIENT_RESOLVING)
    oai_deadlines_start_connecting (&self->deadlines, oai_settings_get_connect_timeout (oai_client_get_settings (self->client)));
}

static gboolean stopped_cb (GCancellable *cancellable, gpointer user_data);

static void
watch (GTask *task)
{
  Opening *self = g_task_get_task_data (task);

  oai_linked_cancellable_init (&self->stop, g_task_get_context (task), g_task_get_cancellable (task));
  self->stopped = g_cancellable_source_new (self->stop.cancellable);
  g_source_set_static_name (self->stopped, "[oai] stopped");
  g_source_set_callback (self->stopped, G_SOURCE_FUNC (stopped_cb), task, NULL);
  g_source_attach (self->stopped, g_task_get_context (task));
  if (self->client != NULL)
    {
      oai_deadlines_start (&self->deadlines, g_task_get_context (task), oai_settings_get_timeout (oai_client_get_settings (self->client)), 0, expired_cb, self);
      g_signal_connect (self->message, "network-event", G_CALLBACK (network_event_cb), self);
    }
}

static GError *
new_failure (Opening *self, const GError *error)
{
  g_autofree char *address = NULL;

  if (self->stop.expired)
    return oai_error_new_timed_out ();
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return oai_error_new_cancelled ();

  address = g_uri_to_string_partial (soup_message_get_uri (self->message), G_URI_HIDE_PASSWORD | G_URI_HIDE_QUERY | G_URI_HIDE_FRAGMENT);

  return oai_error_new_for_transport (error, address);
}

/* Whatever libsoup does, or does not. */
static gboolean
stopped_cb (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Opening *self = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;

  g_cancellable_set_error_if_cancelled (cancellable, &error);
  oai_pending_abandon (&self->pending);
  stop_watching (self);
  g_task_return_error (task, new_failure (self, error));

  return G_SOURCE_REMOVE;
}

static goffset
get_length (SoupMessageHeaders *headers)
{
  if (soup_message_headers_get_encoding (headers) != SOUP_ENCODING_CONTENT_LENGTH || soup_message_headers_get_one (headers, "Content-Encoding") != NULL)
    return -1;

  return soup_message_headers_get_content_length (headers);
}

static void
sent_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = oai_pending_claim (user_data);
  g_autoptr(GError) error = NULL;
  g_autoptr(GInputStream) body = soup_session_send_finish (SOUP_SESSION (object), result, &error);
  Opening *self;

  if (task == NULL)
    {
      if (body != NULL)
        g_input_stream_close (body, NULL, NULL);
      return;
    }

  self = g_task_get_task_data (task);
  stop_watching (self);
  if (body == NULL)
    {
      g_task_return_error (task, new_failure (self, error));
      return;
    }
  if (!check_status (self->message, &error))
    {
      g_input_stream_close (body, NULL, NULL);
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  g_task_return_pointer (task,
                         oai_body_stream_new (body, object, get_length (soup_message_get_response_headers (self->message)), get_idle_timeout (self->client)),
                         g_object_unref);
}

static SoupMessage *
new_message (const char *url)
{
  g_autoptr(GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);

  if (uri == NULL || (g_strcmp0 (g_uri_get_scheme (uri), "https") != 0 && g_strcmp0 (g_uri_get_scheme (uri), "http") != 0))
    return NULL;
  if (g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0')
    return NULL;

  return soup_message_new_from_uri (SOUP_METHOD_GET, uri);
}

void
oai_plain_open_async (OaiClient *client, const char *url, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(SoupSession) session = NULL;
  SoupMessage *message = new_message (url);
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Opening *opening;

  g_task_set_source_tag (task, oai_plain_open_async);
  g_task_set_check_cancellable (task, FALSE);
  if (message == NULL)
    {
      g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server named an address that is not of the web"));
      g_object_unref (task);
      return;
    }

  session = ref_session (client);
  opening = g_new0 (Opening, 1);
  opening->message = message;
  g_set_object (&opening->client, client);
  g_task_set_task_data (task, opening, opening_free);
  watch (task);
  soup_message_disable_feature (message, SOUP_TYPE_AUTH_MANAGER);
  soup_session_send_async (session, message, G_PRIORITY_DEFAULT, opening->stop.cancellable, sent_cb, oai_pending_new (&opening->pending, task));
}

GInputStream *
oai_plain_open_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Reading to the end */

typedef struct
{
  GInputStream *stream;
  GByteArray *data;
  gsize limit;
} Reading;

static void
reading_free (gpointer data)
{
  Reading *reading = data;

  g_input_stream_close (reading->stream, NULL, NULL);
  g_object_unref (reading->stream);
  g_clear_pointer (&reading->data, g_byte_array_unref);
  g_free (reading);
}

static void read_more (GTask *task);

static void
read_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Reading *reading = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr(GBytes) bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (object), result, &error);

  if (bytes == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  if (g_bytes_get_size (bytes) == 0)
    {
      g_task_return_pointer (task, g_byte_array_free_to_bytes (g_steal_pointer (&reading->data)), (GDestroyNotify) g_bytes_unref);
      return;
    }
  if (g_bytes_get_size (bytes) > reading->limit - reading->data->len)
    {
      g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sends more than fits"));
      return;
    }

  g_byte_array_append (reading->data, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  read_more (g_steal_pointer (&task));
}

static void
read_more (GTask *task)
{
  Reading *reading = g_task_get_task_data (task);

  g_input_stream_read_bytes_async (reading->stream, STEP, g_task_get_priority (task), g_task_get_cancellable (task), read_cb, task);
}

void
oai_plain_read_async (GInputStream *stream, gsize limit, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Reading *reading = g_new0 (Reading, 1);

  reading->stream = g_object_ref (stream);
  reading->data = g_byte_array_new ();
  reading->limit = limit;
  g_task_set_source_tag (task, oai_plain_read_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, reading, reading_free);
  read_more (task);
}

GBytes *
oai_plain_read_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
