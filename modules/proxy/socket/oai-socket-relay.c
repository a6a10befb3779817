/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-socket-relay-private.h"

#include <string.h>

#include "oai-redact-private.h"
#include "oai-secret-private.h"
#include "oai-socket-detach-private.h"
#include "oai-socket-event-private.h"
#include "oai-source-private.h"

#define CLOSE_ABNORMAL 1006
#define LOST_SERVER "The connection to the server was lost"
#define LOST_CLIENT "The connection to the client was lost"

struct _OaiSocketRelay
{
  int ref_count;
  OaiSocketSettings settings;
  const OaiSocketRelayFuncs *funcs; /* NULL when the relay was freed */
  gpointer user_data;
  OaiProxyLimits *limits;
  GMainContext *context;

  OaiCall *call;
  OaiExchange *exchange; /* while connecting */
  char *secrets;         /* credentials to redact, one on each line */
  char **secret_list;    /* the same */
  SoupWebsocketConnection *connection; /* until the client was accepted */

  OaiSocketPeer *client;
  OaiSocketPeer *server;
  gboolean refused;        /* an event, and the client has not read enough since then */
  gboolean client_closing; /* its last frame has arrived, or it is gone */
  gboolean server_closing;
  gboolean client_ended;
  gboolean server_ended;
  guint close_code;        /* of the side that is closing, to answer it if the other does not */
  GSource *close_source;
  OaiSocketStatistics statistics;
};

static OaiSocketRelay *
relay_ref (OaiSocketRelay *self)
{
  self->ref_count++;
  return self;
}

static void
free_secrets (OaiSocketRelay *self)
{
  for (guint i = 0; self->secret_list != NULL && self->secret_list[i] != NULL; i++)
    oai_secret_free (self->secret_list[i]);
  g_clear_pointer (&self->secret_list, g_free);
  g_clear_pointer (&self->secrets, oai_secret_free);
}

static void
relay_unref (OaiSocketRelay *self)
{
  if (--self->ref_count > 0)
    return;

  free_secrets (self);
  g_clear_object (&self->limits);
  g_clear_object (&self->call);
  g_main_context_unref (self->context);
  g_free (self);
}

static void
close_all (OaiSocketRelay *self)
{
  oai_drop_source (&self->close_source);
  g_clear_pointer (&self->exchange, oai_exchange_free);
  g_clear_pointer (&self->client, oai_socket_peer_free);
  g_clear_pointer (&self->server, oai_socket_peer_free);
  g_clear_object (&self->connection);
}

void
oai_socket_relay_free (OaiSocketRelay *self)
{
  self->funcs = NULL;
  close_all (self);
  relay_unref (self);
}

OaiCall *
oai_socket_relay_get_call (OaiSocketRelay *self)
{
  return self->call;
}

const OaiSocketStatistics *
oai_socket_relay_get_statistics (OaiSocketRelay *self)
{
  return &self->statistics;
}

/* The end */

static void
report_closed (OaiSocketRelay *self)
{
  const OaiSocketRelayFuncs *funcs = self->funcs;

  if (funcs == NULL || !self->client_ended || !self->server_ended)
    return;

  oai_drop_source (&self->close_source);
  self->funcs = NULL;
  funcs->closed (self, self->user_data);
}

/* The reason of the server is redacted, since it may repeat credentials. */
static void
close_client (OaiSocketRelay *self, guint code, const char *reason, gsize length)
{
  g_autofree char *redacted = oai_redact_and_truncate (reason, length, self->secrets, OAI_FRAME_MAX_CONTROL);

  if (self->client != NULL)
    oai_socket_peer_send_close (self->client, code, redacted, strlen (redacted));
}

static void
finish_both (OaiSocketRelay *self)
{
  relay_ref (self);
  if (self->client != NULL)
    oai_socket_peer_finish (self->client);
  if (self->server != NULL)
    oai_socket_peer_finish (self->server);
  relay_unref (self);
}

/* The other side did not answer in time. */
static gboolean
close_cb (gpointer user_data)
{
  OaiSocketRelay *self = relay_ref (user_data);

  oai_drop_source (&self->close_source);
  if (self->client != NULL)
    oai_socket_peer_send_close (self->client, self->close_code, NULL, 0);
  if (self->server != NULL)
    oai_socket_peer_send_close (self->server, self->close_code, NULL, 0);
  finish_both (self);
  relay_unref (self);

  return G_SOURCE_REMOVE;
}

static void
start_closing (OaiSocketRelay *self, guint code)
{
  if (self->close_source != NULL)
    return;

  self->close_code = code;
  self->close_source = g_timeout_source_new (self->settings.close_timeout_ms);
  g_source_set_static_name (self->close_source, "[oai] close of a socket");
  g_source_set_callback (self->close_source, close_cb, self, NULL);
  g_source_attach (self->close_source, self->context);
}

static void
note_close (OaiSocketRelay *self, guint code, gboolean by_client, const char *problem)
{
  if (self->statistics.close_code != 0)
    return;

  self->statistics.close_code = code;
  self->statistics.closed_by_client = by_client;
  self->statistics.problem = problem;
}

/* Each side is read until its last frame, also after the first frame that closes the connection. */
static void
continue_closing (OaiSocketRelay *self, guint code)
{
  if (self->funcs == NULL)
    return;

  if (self->client_closing && self->server_closing)
    finish_both (self);
  else
    start_closing (self, code);
}

void
oai_socket_relay_close (OaiSocketRelay *self, guint code, const char *reason)
{
  relay_ref (self);
  note_close (self, code, FALSE, NULL);
  if (self->client != NULL)
    oai_socket_peer_send_close (self->client, code, reason, strlen (reason));
  if (self->server != NULL)
    oai_socket_peer_send_close (self->server, OAI_CLOSE_GOING_AWAY, NULL, 0);
  continue_closing (self, code);
  relay_unref (self);
}

/* Back-pressure */

/* A client that does not read the errors of its events cannot send more of them.  Otherwise, the client is read also
 * while its own output is full, so that it can cancel a response. */
static void
update_pauses (OaiSocketRelay *self)
{
  gboolean is_full;

  if (self->client == NULL || self->server == NULL)
    return;

  is_full = oai_socket_peer_is_full (self->client);
  self->refused = self->refused && is_full;
  oai_socket_peer_set_paused (self->client, self->refused || oai_socket_peer_is_full (self->server));
  oai_socket_peer_set_paused (self->server, is_full);
}

static void
writable_cb (OaiSocketPeer *peer, gpointer user_data)
{
  update_pauses (user_data);
}

/* Messages of the client */

static gboolean
admit_message (OaiSocketRelay *self, gboolean is_text, const char *data, gsize size, GError **error)
{
  OaiSocketEvent event;
  gboolean admitted;

  if (self->limits == NULL && (!is_text || self->funcs->client_event == NULL))
    return TRUE;
  if (!oai_socket_event_read (&event, data, size, self->limits, error))
    return FALSE;

  admitted = self->funcs->client_event == NULL || self->funcs->client_event (self, event.type, (const char *const *) event.models, error, self->user_data);
  oai_socket_event_clear (&event);

  return admitted;
}

static void
refuse_message (OaiSocketRelay *self, const GError *error)
{
  g_autofree char *text = oai_socket_event_make_error (error);

  self->refused = TRUE;
  oai_socket_peer_send (self->client, TRUE, text, strlen (text));
  oai_socket_peer_flush (self->client);
}

static void
client_message_cb (OaiSocketPeer *peer, gboolean is_text, const char *data, gsize size, gpointer user_data)
{
  OaiSocketRelay *self = relay_ref (user_data);
  g_autoptr(GError) error = NULL;
  gboolean admitted = admit_message (self, is_text, data, size, &error);

  self->statistics.n_client_messages++;
  self->statistics.n_client_bytes += size;
  if (admitted && self->server != NULL)
    oai_socket_peer_send (self->server, is_text, data, size);
  else if (!admitted && self->client != NULL)
    refuse_message (self, error);
  update_pauses (self);
  relay_unref (self);
}

static void
client_idle_cb (OaiSocketPeer *peer, gpointer user_data)
{
  OaiSocketRelay *self = user_data;

  if (self->server != NULL)
    oai_socket_peer_flush (self->server);
}

static void
client_closing_cb (OaiSocketPeer *peer, guint code, const char *reason, gsize length, gpointer user_data)
{
  OaiSocketRelay *self = relay_ref (user_data);

  note_close (self, code, TRUE, NULL);
  self->client_closing = TRUE;
  if (self->server != NULL)
    oai_socket_peer_send_close (self->server, code, reason, length);
  continue_closing (self, code);
  relay_unref (self);
}

static void
client_failed_cb (OaiSocketPeer *peer, guint code, const char *problem, gpointer user_data)
{
  OaiSocketRelay *self = relay_ref (user_data);

  note_close (self, code != 0 ? code : CLOSE_ABNORMAL, TRUE, problem);
  self->client_closing = TRUE;
  if (self->server != NULL)
    oai_socket_peer_send_close (self->server, OAI_CLOSE_GOING_AWAY, LOST_CLIENT, strlen (LOST_CLIENT));
  continue_closing (self, OAI_CLOSE_GOING_AWAY);
  relay_unref (self);
}

static void
client_ended_cb (OaiSocketPeer *peer, gpointer user_data)
{
  OaiSocketRelay *self = relay_ref (user_data);

  self->client_ended = TRUE;
  self->client_closing = TRUE;
  if (self->server_ended)
    report_closed (self);
  else if (self->server_closing && self->server != NULL)
    oai_socket_peer_finish (self->server);
  relay_unref (self);
}

static const OaiSocketPeerFuncs client_funcs = { client_message_cb, client_idle_cb, writable_cb, client_closing_cb, client_failed_cb, client_ended_cb };

/* Messages of the server */

static gboolean
has_secret (OaiSocketRelay *self, const char *data, gsize size)
{
  for (guint i = 0; self->secret_list != NULL && self->secret_list[i] != NULL; i++)
    {
      const char *secret = self->secret_list[i] + (*self->secret_list[i] == OAI_REDACT_INDIVISIBLE);
      gsize length = strlen (secret);

      if (length > 0 && memmem (data, size, secret, length) != NULL)
        return TRUE;
    }

  return FALSE;
}

/* Errors of servers repeat parts of keys. */
static gboolean
may_have_secret (OaiSocketRelay *self, const char *data, gsize size)
{
  static const char word[] = "\"error\"";

  return self->secret_list != NULL && (has_secret (self, data, size) || memmem (data, size, word, sizeof word - 1) != NULL);
}

static void
send_to_client (OaiSocketRelay *self, gboolean is_text, const char *data, gsize size)
{
  g_autofree char *redacted = NULL;

  if (is_text && may_have_secret (self, data, size))
    {
      redacted = oai_redact_and_truncate (data, size, self->secrets, 2 * size);
      data = redacted;
      size = strlen (redacted);
    }
  else if (!is_text && has_secret (self, data, size))
    {
      oai_socket_relay_close (self, OAI_CLOSE_FAILED, "The server sent credentials");
      return;
    }

  oai_socket_peer_send (self->client, is_text, data, size);
}

static void
server_message_cb (OaiSocketPeer *peer, gboolean is_text, const char *data, gsize size, gpointer user_data)
{
  OaiSocketRelay *self = relay_ref (user_data);

  self->statistics.n_server_messages++;
  self->statistics.n_server_bytes += size;
  if (is_text && self->funcs != NULL && self->funcs->server_event != NULL)
    self->funcs->server_event (self, data, size, self->user_data);
  if (self->client != NULL)
    send_to_client (self, is_text, data, size);
  update_pauses (self);
  relay_unref (self);
}

static void
server_idle_cb (OaiSocketPeer *peer, gpointer user_data)
{
  OaiSocketRelay *self = user_data;

  if (self->client != NULL)
    oai_socket_peer_flush (self->client);
}

static void
server_closing_cb (OaiSocketPeer *peer, guint code, const char *reason, gsize length, gpointer user_data)
{
  OaiSocketRelay *self = relay_ref (user_data);

  note_close (self, code, FALSE, NULL);
  self->server_closing = TRUE;
  close_client (self, code, reason, length);
  continue_closing (self, code);
  relay_unref (self);
}

static void
server_failed_cb (OaiSocketPeer *peer, guint code, const char *problem, gpointer user_data)
{
  OaiSocketRelay *self = relay_ref (user_data);

  note_close (self, code != 0 ? code : CLOSE_ABNORMAL, FALSE, problem);
  self->server_closing = TRUE;
  close_client (self, OAI_CLOSE_FAILED, LOST_SERVER, strlen (LOST_SERVER));
  continue_closing (self, OAI_CLOSE_FAILED);
  relay_unref (self);
}

static void
server_ended_cb (OaiSocketPeer *peer, gpointer user_data)
{
  OaiSocketRelay *self = relay_ref (user_data);

  self->server_ended = TRUE;
  self->server_closing = TRUE;
  if (self->client_ended)
    report_closed (self);
  else if (self->client_closing && self->client != NULL)
    oai_socket_peer_finish (self->client);
  relay_unref (self);
}

static const OaiSocketPeerFuncs server_funcs = { server_message_cb, server_idle_cb, writable_cb, server_closing_cb, server_failed_cb, server_ended_cb };

/* Connecting */

static void
refused_cb (OaiExchange *exchange, GError *error, gpointer user_data)
{
  OaiSocketRelay *self = relay_ref (user_data);
  g_autoptr(GError) reason = error;
  const OaiSocketRelayFuncs *funcs = g_steal_pointer (&self->funcs);

  g_clear_pointer (&self->exchange, oai_exchange_free);
  if (funcs != NULL)
    funcs->refused (self, reason, self->user_data);
  relay_unref (self);
}

static void
upgraded_cb (OaiExchange *exchange, SoupWebsocketConnection *connection, gpointer user_data)
{
  OaiSocketRelay *self = relay_ref (user_data);

  self->secrets = g_strdup (oai_exchange_get_secret (exchange));
  self->secret_list = self->secrets != NULL ? g_strsplit (self->secrets, "\n", -1) : NULL;
  g_clear_pointer (&self->exchange, oai_exchange_free);
  self->connection = connection;
  self->funcs->connected (self, self->user_data);
  relay_unref (self);
}

static const OaiExchangeSink sink = { .done = refused_cb, .upgraded = upgraded_cb };

OaiSocketRelay *
oai_socket_relay_new (OaiClient *client, OaiRequest *request, OaiProxyLimits *limits,
                      const OaiSocketSettings *settings, const OaiSocketRelayFuncs *funcs, gpointer user_data)
{
  OaiSocketRelay *self = g_new0 (OaiSocketRelay, 1);

  self->ref_count = 1;
  self->settings = *settings;
  self->funcs = funcs;
  self->user_data = user_data;
  self->limits = limits != NULL ? g_object_ref (limits) : NULL;
  self->context = g_main_context_ref_thread_default ();
  self->exchange = oai_exchange_new (client, request, FALSE, &sink, self);
  self->call = g_object_ref (oai_exchange_get_call (self->exchange));

  return self;
}

void
oai_socket_relay_connect (OaiSocketRelay *self)
{
  relay_ref (self);
  oai_exchange_start (self->exchange, NULL);
  relay_unref (self);
}

static void
start_server (OaiSocketRelay *self, GInputStream *input)
{
  GIOStream *stream = soup_websocket_connection_get_io_stream (self->connection);

  self->server = oai_socket_peer_new (stream, input, G_OBJECT (self->connection), FALSE, &self->settings, &server_funcs, self);
}

/* Extensions change the frames.  They are used only if the program's session offers them. */
static gboolean
has_extensions (SoupWebsocketConnection *connection)
{
  return soup_websocket_connection_get_extensions (connection) != NULL;
}

static void
send_reply (OaiSocketRelay *self, const OaiHttpHead *head, OaiHttpFields *fields)
{
  const char *chosen = soup_websocket_connection_get_protocol (self->connection);
  g_autofree char *reply = oai_socket_handshake_make_reply (head, oai_socket_handshake_choose_protocol (head, chosen), fields);

  oai_socket_peer_write_raw (self->client, reply, strlen (reply));
}

void
oai_socket_relay_accept (OaiSocketRelay *self, GIOStream *stream, GBytes *first, const OaiHttpHead *head, OaiHttpFields *fields)
{
  g_autoptr(GBytes) first_of_server = NULL;
  g_autoptr(GInputStream) input = NULL;

  g_return_if_fail (self->connection != NULL);

  relay_ref (self);
  self->client = oai_socket_peer_new (stream, NULL, NULL, TRUE, &self->settings, &client_funcs, self);
  send_reply (self, head, fields);
  if (!has_extensions (self->connection))
    input = oai_socket_detach_input (self->connection, &first_of_server);
  if (input == NULL)
    {
      self->server_ended = TRUE;
      self->server_closing = TRUE;
      note_close (self, CLOSE_ABNORMAL, FALSE, "The server uses extensions of the protocol");
      close_client (self, OAI_CLOSE_FAILED, LOST_SERVER, strlen (LOST_SERVER));
      start_closing (self, OAI_CLOSE_FAILED);
    }
  else
    {
      start_server (self, input);
      g_clear_object (&self->connection);
    }
  if (self->client != NULL)
    oai_socket_peer_start (self->client, first);
  if (self->server != NULL)
    oai_socket_peer_start (self->server, first_of_server);
  relay_unref (self);
}
