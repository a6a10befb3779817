/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-proxy-listener-private.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "oai-proxy-sockets-private.h"
#include "oai-source-private.h"

/* Connections that are accepted before other sources of the main context run. */
#define MAX_BATCH 64
/* Before it is tried again to accept connections, since descriptors were exhausted. */
#define RETRY_MS 100
#define TLS_HANDSHAKE 0x16
#define TLS_HEADER_SIZE 5
#define TLS_MAX_RECORD (16384 + 256)

/* Shared with the connections, which may outlive the listener, and may be finalized in any thread. */
typedef struct
{
  GMutex lock;
  OaiProxyListener *listener; /* NULL when it was freed; changes in its main context only */
  GMainContext *context;
  guint n;
  GHashTable *by_address; /* guint64 → number of connections */
  gboolean full;          /* the listener waits until a connection is closed */
} Counts;

typedef struct
{
  Counts *counts;
  guint64 address;
  gboolean has_address;
} Counted;

typedef struct
{
  OaiProxyListener *listener;
  GSocket *socket;
  OaiProxyTls *tls; /* or NULL */
  GSource *source;  /* NULL while it does not accept */
} Port;

/* A connection whose TLS handshake is not complete. */
typedef struct
{
  OaiProxyListener *listener;
  OaiProxyTls *tls;
  GIOStream *stream;
  GSocketAddress *address;
  GSource *readable;         /* while it waits for the first message of the client */
  GSource *timer;
  GCancellable *cancellable; /* of a running handshake */
  guint expected;            /* bytes that are waited for */
  GList link;
} Handshake;

struct _OaiProxyListener
{
  OaiProxyListenerSettings settings;
  OaiProxyAcceptedFunc func;
  gpointer user_data;
  GMainContext *context;
  GPtrArray *ports;
  GSource *retry; /* while descriptors are exhausted */
  Counts *counts;
  GQueue waiting; /* Handshake: for their first message */
  GQueue queued;  /* Handshake: for others to complete */
  GQueue running;
  gboolean stopped;
};

static void resume_accepting (OaiProxyListener *self);
static void start_queued (OaiProxyListener *self);

static void
listener_clear (gpointer data)
{
  OaiProxyListener *self = data;

  g_ptr_array_unref (self->ports);
  g_main_context_unref (self->context);
}

/* While func runs, which may free the listener. */
static void
listener_ref (OaiProxyListener *self)
{
  g_rc_box_acquire (self);
}

static void
listener_unref (OaiProxyListener *self)
{
  g_rc_box_release_full (self, listener_clear);
}

static void
counts_clear (gpointer data)
{
  Counts *self = data;

  g_hash_table_unref (self->by_address);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
}

static void
counts_unref (gpointer data)
{
  g_atomic_rc_box_release_full (data, counts_clear);
}

/* Addresses of one network of IPv6 belong to one client. */
static gboolean
get_address_key (GSocketAddress *address, guint64 *key)
{
  GInetAddress *inet;
  const guint8 *bytes;
  static const guint8 mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

  if (!G_IS_INET_SOCKET_ADDRESS (address))
    return FALSE;

  inet = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address));
  bytes = g_inet_address_to_bytes (inet);
  *key = G_MAXUINT64;
  if (g_inet_address_get_family (inet) == G_SOCKET_FAMILY_IPV4)
    memcpy ((guint8 *) key + 4, bytes, 4);
  else if (memcmp (bytes, mapped, sizeof mapped) == 0)
    memcpy ((guint8 *) key + 4, bytes + sizeof mapped, 4);
  else
    memcpy (key, bytes, sizeof *key);

  return TRUE;
}

static void
count_address (Counts *self, guint64 address, int change)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->by_address, &address)) + change;

  if (n == 0)
    g_hash_table_remove (self->by_address, &address);
  else
    g_hash_table_insert (self->by_address, g_memdup2 (&address, sizeof address), GUINT_TO_POINTER (n));
}

static gboolean
accept_again (gpointer user_data)
{
  Counts *counts = user_data;

  if (counts->listener != NULL)
    resume_accepting (counts->listener);

  return G_SOURCE_REMOVE;
}

/* A connection was finalized. */
static void
uncount (gpointer user_data, GObject *stream)
{
  Counted *counted = user_data;
  Counts *counts = counted->counts;
  gboolean was_full;

  g_mutex_lock (&counts->lock);
  counts->n--;
  if (counted->has_address)
    count_address (counts, counted->address, -1);
  was_full = counts->full;
  counts->full = FALSE;
  g_mutex_unlock (&counts->lock);

  if (was_full)
    {
      g_autoptr(GSource) source = g_idle_source_new ();

      g_source_set_callback (source, accept_again, g_atomic_rc_box_acquire (counts), counts_unref);
      g_source_set_priority (source, G_PRIORITY_DEFAULT);
      g_source_attach (source, counts->context);
    }
  g_free (counted);
  counts_unref (counts);
}

/* Returns FALSE if the client has too many connections. */
static gboolean
count (OaiProxyListener *self, GIOStream *stream, GSocketAddress *address)
{
  Counts *counts = self->counts;
  Counted *counted;
  guint64 key = 0;
  gboolean has_address = get_address_key (address, &key);
  guint limit = self->settings.max_connections_per_address;
  gboolean exceeded;

  g_mutex_lock (&counts->lock);
  exceeded = has_address && limit > 0 && GPOINTER_TO_UINT (g_hash_table_lookup (counts->by_address, &key)) >= limit;
  if (!exceeded)
    counts->n++;
  if (!exceeded && has_address)
    count_address (counts, key, 1);
  g_mutex_unlock (&counts->lock);
  if (exceeded)
    return FALSE;

  counted = g_new (Counted, 1);
  *counted = (Counted) { g_atomic_rc_box_acquire (counts), key, has_address };
  g_object_weak_ref (G_OBJECT (stream), uncount, counted);
  return TRUE;
}

/* Notes that the listener waits, if no more connections are allowed. */
static gboolean
is_full (OaiProxyListener *self)
{
  Counts *counts = self->counts;
  gboolean full;

  g_mutex_lock (&counts->lock);
  full = self->settings.max_connections > 0 && counts->n >= self->settings.max_connections;
  counts->full = full;
  g_mutex_unlock (&counts->lock);

  return full;
}

static GSocket *
get_socket (GIOStream *stream)
{
  return g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream));
}

static void
deliver (OaiProxyListener *self, GIOStream *stream, const OaiProxyPeer *peer)
{
  self->func (self, stream, peer, self->user_data);
}

/* queue: that which contains it. */
static void
handshake_free (Handshake *self, GQueue *queue)
{
  if (queue != NULL)
    g_queue_unlink (queue, &self->link);
  oai_drop_source (&self->readable);
  oai_drop_source (&self->timer);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->stream);
  g_clear_object (&self->address);
  oai_proxy_tls_unref (self->tls);
  g_free (self);
}

static void
handshake_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Handshake *handshake = user_data;
  OaiProxyListener *self = handshake->listener;
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocketAddress) address = g_steal_pointer (&handshake->address);
  gboolean complete = g_tls_connection_handshake_finish (G_TLS_CONNECTION (source), result, &error);
  OaiProxyPeer peer = { .address = address };

  if (self == NULL) /* the listener was stopped */
    {
      handshake_free (handshake, NULL);
      return;
    }

  handshake_free (handshake, &self->running);
  if (complete)
    {
      peer.certificate = g_tls_connection_get_peer_certificate (G_TLS_CONNECTION (source));
      listener_ref (self);
      deliver (self, G_IO_STREAM (source), &peer);
      start_queued (self);
      listener_unref (self);
      return;
    }

  g_debug ("A TLS handshake failed: %s", error->message);
  start_queued (self);
}

/* queue: that which contains it. */
static void
start_handshake (Handshake *handshake, GQueue *queue)
{
  OaiProxyListener *self = handshake->listener;
  g_autoptr(GError) error = NULL;
  g_autoptr(GIOStream) tls = oai_proxy_tls_wrap (handshake->tls, handshake->stream, &error);

  if (tls == NULL)
    {
      g_warning ("%s", error->message);
      handshake_free (handshake, queue);
      return;
    }

  g_queue_unlink (queue, &handshake->link);
  g_queue_push_tail_link (&self->running, &handshake->link);
  handshake->cancellable = g_cancellable_new ();
  g_tls_connection_handshake_async (G_TLS_CONNECTION (tls), G_PRIORITY_DEFAULT, handshake->cancellable, handshake_done, handshake);
}

static void
start_queued (OaiProxyListener *self)
{
  while (!self->stopped && self->queued.length > 0 && self->running.length < self->settings.max_handshakes)
    start_handshake (self->queued.head->data, &self->queued);
}

static gboolean
handshake_timed_out (gpointer user_data)
{
  Handshake *handshake = user_data;

  oai_drop_source (&handshake->timer);
  if (handshake->cancellable != NULL)
    g_cancellable_cancel (handshake->cancellable);
  else
    handshake_free (handshake, handshake->readable != NULL ? &handshake->listener->waiting : &handshake->listener->queued);

  return G_SOURCE_REMOVE;
}

/* A client that does not use TLS receives a reply that it can show. */
static void
refuse_plain (GSocket *socket)
{
  static const char reply[] = "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: 105\r\nConnection: close\r\n\r\n"
                              "{\"error\":{\"message\":\"This port requires HTTPS.\",\"type\":\"invalid_request_error\",\"code\":null,\"param\":null}}";

  char discarded[4096];

  g_socket_send_with_blocking (socket, reply, sizeof reply - 1, FALSE, NULL, NULL);
  g_socket_shutdown (socket, FALSE, TRUE, NULL);
  /* Unread data would reset the connection before the client has read the reply. */
  g_socket_receive_with_blocking (socket, discarded, sizeof discarded, FALSE, NULL, NULL);
}

static void
wait_for_bytes (Handshake *self, GSocket *socket, guint bytes)
{
  self->expected = bytes;
  g_socket_set_option (socket, SOL_SOCKET, SO_RCVLOWAT, bytes, NULL);
}

/* Threads of GLib run the handshakes, so a handshake begins when the first message of the client has arrived
 * completely. */
static gboolean
first_message_readable (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  Handshake *handshake = user_data;
  OaiProxyListener *self = handshake->listener;
  guint8 bytes[TLS_HEADER_SIZE];
  gssize n = recv (g_socket_get_fd (socket), bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);
  guint size;

  if (n > 0 && bytes[0] != TLS_HANDSHAKE)
    refuse_plain (socket);
  if (n <= 0 || bytes[0] != TLS_HANDSHAKE)
    {
      handshake_free (handshake, &self->waiting);
      return G_SOURCE_REMOVE;
    }

  size = n == TLS_HEADER_SIZE ? TLS_HEADER_SIZE + bytes[3] * 256u + bytes[4] : TLS_HEADER_SIZE;
  if (size > handshake->expected && size <= TLS_MAX_RECORD)
    {
      wait_for_bytes (handshake, socket, size);
      return G_SOURCE_CONTINUE;
    }

  g_socket_set_option (socket, SOL_SOCKET, SO_RCVLOWAT, 1, NULL);
  oai_drop_source (&handshake->readable);
  g_queue_unlink (&self->waiting, &handshake->link);
  g_queue_push_tail_link (&self->queued, &handshake->link);
  start_queued (self);

  return G_SOURCE_REMOVE;
}

static void
begin_handshake (OaiProxyListener *self, OaiProxyTls *tls, GIOStream *stream, GSocketAddress *address)
{
  Handshake *handshake = g_new0 (Handshake, 1);
  GSocket *socket = get_socket (stream);

  handshake->listener = self;
  handshake->tls = oai_proxy_tls_ref (tls);
  handshake->stream = g_object_ref (stream);
  handshake->address = address != NULL ? g_object_ref (address) : NULL;
  handshake->link.data = handshake;
  g_queue_push_tail_link (&self->waiting, &handshake->link);

  handshake->timer = g_timeout_source_new (self->settings.handshake_timeout_ms);
  g_source_set_callback (handshake->timer, handshake_timed_out, handshake, NULL);
  g_source_attach (handshake->timer, self->context);
  wait_for_bytes (handshake, socket, 1);
  handshake->readable = g_socket_create_source (socket, G_IO_IN, NULL);
  g_source_set_callback (handshake->readable, G_SOURCE_FUNC (first_message_readable), handshake, NULL);
  g_source_attach (handshake->readable, self->context);
}

static void
take_connection (Port *port, GSocket *socket)
{
  OaiProxyListener *self = port->listener;
  g_autoptr(GIOStream) stream = G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GCredentials) credentials = NULL;
  OaiProxyPeer peer = { 0 };

  g_socket_set_blocking (socket, FALSE);
  if (g_socket_get_family (socket) == G_SOCKET_FAMILY_UNIX)
    {
      credentials = g_socket_get_credentials (socket, NULL);
    }
  else
    {
      g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
      g_socket_set_keepalive (socket, TRUE);
      address = g_socket_get_remote_address (socket, NULL);
    }
  if (!count (self, stream, address))
    return;

  if (port->tls != NULL)
    {
      begin_handshake (self, port->tls, stream, address);
      return;
    }

  peer.address = address;
  peer.credentials = credentials;
  deliver (self, stream, &peer);
}

static void
pause_accepting (OaiProxyListener *self)
{
  for (guint i = 0; i < self->ports->len; i++)
    {
      Port *port = self->ports->pdata[i];

      oai_drop_source (&port->source);
    }
}

static gboolean
retry (gpointer user_data)
{
  OaiProxyListener *self = user_data;

  oai_drop_source (&self->retry);
  resume_accepting (self);

  return G_SOURCE_REMOVE;
}

/* Returns whether other connections can be accepted at once. */
static gboolean
note_failure (OaiProxyListener *self, const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return FALSE;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED))
    return TRUE;

  g_warning ("%s", error->message);
  pause_accepting (self);
  self->retry = g_timeout_source_new (RETRY_MS);
  g_source_set_callback (self->retry, retry, self, NULL);
  g_source_attach (self->retry, self->context);

  return FALSE;
}

static void
accept_connections (Port *port)
{
  OaiProxyListener *self = port->listener;

  for (guint i = 0; i < MAX_BATCH && !self->stopped && port->source != NULL; i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GSocket) socket = NULL;

      if (is_full (self))
        {
          pause_accepting (self);
          return;
        }

      socket = g_socket_accept (port->socket, NULL, &error);
      if (socket != NULL)
        take_connection (port, socket);
      else if (!note_failure (self, error))
        return;
    }
}

static gboolean
port_readable (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  Port *port = user_data;
  OaiProxyListener *self = port->listener;

  listener_ref (self);
  accept_connections (port);
  listener_unref (self);

  return G_SOURCE_CONTINUE;
}

static void
port_start (Port *self)
{
  if (self->source != NULL)
    return;

  self->source = g_socket_create_source (self->socket, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (port_readable), self, NULL);
  g_source_attach (self->source, self->listener->context);
}

static void
resume_accepting (OaiProxyListener *self)
{
  if (self->stopped || self->retry != NULL)
    return;

  for (guint i = 0; i < self->ports->len; i++)
    port_start (self->ports->pdata[i]);
}

static void
port_release (Port *self)
{
  oai_drop_source (&self->source);
  g_object_unref (self->socket);
  g_clear_pointer (&self->tls, oai_proxy_tls_unref);
  g_free (self);
}

static void
port_free (gpointer data)
{
  Port *self = data;

  oai_proxy_socket_remove_file (self->socket);
  g_socket_close (self->socket, NULL);
  port_release (self);
}

OaiProxyListener *
oai_proxy_listener_new (const OaiProxyListenerSettings *settings, OaiProxyAcceptedFunc func, gpointer user_data)
{
  OaiProxyListener *self = g_rc_box_new0 (OaiProxyListener);

  self->settings = *settings;
  self->func = func;
  self->user_data = user_data;
  self->context = g_main_context_ref_thread_default ();
  self->ports = g_ptr_array_new_with_free_func (port_free);
  self->counts = g_atomic_rc_box_new0 (Counts);
  g_mutex_init (&self->counts->lock);
  self->counts->listener = self;
  self->counts->context = g_main_context_ref (self->context);
  self->counts->by_address = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  return self;
}

static void
abandon_handshakes (OaiProxyListener *self)
{
  while (self->waiting.length > 0)
    handshake_free (self->waiting.head->data, &self->waiting);
  while (self->queued.length > 0)
    handshake_free (self->queued.head->data, &self->queued);
  while (self->running.length > 0)
    {
      Handshake *handshake = self->running.head->data;

      g_queue_unlink (&self->running, &handshake->link);
      oai_drop_source (&handshake->timer);
      handshake->listener = NULL;
      g_cancellable_cancel (handshake->cancellable);
    }
}

void
oai_proxy_listener_stop (OaiProxyListener *self)
{
  if (self->stopped)
    return;

  self->stopped = TRUE;
  oai_drop_source (&self->retry);
  abandon_handshakes (self);
  /* The function that runs may be that of a port. */
  pause_accepting (self);
  for (guint i = 0; i < self->ports->len; i++)
    {
      Port *port = self->ports->pdata[i];

      oai_proxy_socket_remove_file (port->socket);
      g_socket_close (port->socket, NULL);
    }
}

void
oai_proxy_listener_free (OaiProxyListener *self)
{
  oai_proxy_listener_stop (self);
  self->counts->listener = NULL;
  g_clear_pointer (&self->counts, counts_unref);
  listener_unref (self);
}

void
oai_proxy_listener_set_settings (OaiProxyListener *self, const OaiProxyListenerSettings *settings)
{
  self->settings = *settings;
  start_queued (self);
  resume_accepting (self);
}

static void
add_port (OaiProxyListener *self, GSocket *socket, OaiProxyTls *tls)
{
  Port *port = g_new0 (Port, 1);

  port->listener = self;
  port->socket = socket;
  port->tls = tls != NULL ? oai_proxy_tls_ref (tls) : NULL;
  g_ptr_array_add (self->ports, port);
  if (self->retry == NULL)
    port_start (port);
}

gboolean
oai_proxy_listener_add_address (OaiProxyListener *self, GSocketAddress *address, gboolean reuse_port, OaiProxyTls *tls, GError **error)
{
  GSocket *socket = oai_proxy_socket_new_for_address (address, reuse_port, self->settings.backlog, error);

  if (socket == NULL)
    return FALSE;

  add_port (self, socket, tls);
  return TRUE;
}

gboolean
oai_proxy_listener_add_path (OaiProxyListener *self, const char *path, guint mode, GError **error)
{
  GSocket *socket = oai_proxy_socket_new_for_path (path, mode, self->settings.backlog, error);

  if (socket == NULL)
    return FALSE;

  add_port (self, socket, NULL);
  return TRUE;
}

gboolean
oai_proxy_listener_add_socket (OaiProxyListener *self, GSocket *socket, OaiProxyTls *tls, GError **error)
{
  g_autoptr(GSocketAddress) address = g_socket_get_local_address (socket, error);

  if (address == NULL)
    return FALSE;

  g_socket_set_blocking (socket, FALSE);
  add_port (self, g_object_ref (socket), tls);
  return TRUE;
}

static Port *
find_port (OaiProxyListener *self, GSocket *socket)
{
  for (guint i = 0; i < self->ports->len; i++)
    if (((Port *) self->ports->pdata[i])->socket == socket)
      return self->ports->pdata[i];

  return NULL;
}

void
oai_proxy_listener_withdraw_socket (OaiProxyListener *self, GSocket *socket)
{
  Port *port = find_port (self, socket);

  if (port == NULL)
    return;

  g_ptr_array_set_free_func (self->ports, NULL);
  g_ptr_array_remove (self->ports, port);
  g_ptr_array_set_free_func (self->ports, port_free);
  port_release (port);
}

void
oai_proxy_listener_set_tls (OaiProxyListener *self, GSocket *socket, OaiProxyTls *tls)
{
  Port *port = find_port (self, socket);

  if (port == NULL || port->tls == tls)
    return;

  g_clear_pointer (&port->tls, oai_proxy_tls_unref);
  port->tls = tls != NULL ? oai_proxy_tls_ref (tls) : NULL;
}

GPtrArray *
oai_proxy_listener_list_addresses (OaiProxyListener *self)
{
  GPtrArray *addresses = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < self->ports->len; i++)
    {
      Port *port = self->ports->pdata[i];
      GSocketAddress *address = g_socket_get_local_address (port->socket, NULL);

      if (address != NULL)
        g_ptr_array_add (addresses, address);
    }

  return addresses;
}

guint
oai_proxy_listener_get_n_connections (OaiProxyListener *self)
{
  guint n;

  g_mutex_lock (&self->counts->lock);
  n = self->counts->n;
  g_mutex_unlock (&self->counts->lock);

  return n;
}
