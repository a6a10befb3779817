/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-upstream-pool-private.h"

#include <gio/gunixsocketaddress.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "oai-passed-request-private.h"

#define MAX_IDLE 256
#define IDLE_TIMEOUT_MS (60 * 1000)
#define MICROSECONDS 1000

struct _OaiUpstreamPool
{
  OaiUpstreamPoolSettings settings;
  GPtrArray *origins; /* of OaiUpstreamOrigin */
};

struct _OaiUpstreamOrigin
{
  int ref_count;
  OaiUpstreamPool *pool; /* NULL after it was freed */
  gboolean secure;
  char *host;
  guint16 port;
  char *socket_path;     /* or NULL */
  SoupSession *session;  /* or NULL */
  OaiSettings *settings; /* or NULL */
  GQueue idle;           /* of OaiUpstreamConnection; the most recently used first */
};

struct _OaiUpstreamConnect
{
  OaiUpstreamOrigin *origin;
  GCancellable *cancellable;
  GSocketConnectable *address;
  OaiConnectionSettings settings;
  OaiUpstreamConnectFunc func; /* NULL after it was cancelled */
  gpointer user_data;
};

/* Origins */

static void
close_connection (OaiUpstreamConnection *connection)
{
  if (connection->idle)
    g_queue_unlink (&connection->origin->idle, &connection->link);
  oai_http_transport_close (&connection->transport, FALSE);
  oai_upstream_origin_unref (connection->origin);
  g_free (connection);
}

static void
close_idle (OaiUpstreamOrigin *self)
{
  while (self->idle.head != NULL)
    close_connection (self->idle.head->data);
}

OaiUpstreamOrigin *
oai_upstream_origin_ref (OaiUpstreamOrigin *self)
{
  self->ref_count++;

  return self;
}

void
oai_upstream_origin_unref (OaiUpstreamOrigin *self)
{
  if (--self->ref_count > 0)
    return;

  g_clear_object (&self->session);
  g_clear_object (&self->settings);
  g_free (self->host);
  g_free (self->socket_path);
  g_free (self);
}

static guint16
get_port (GUri *uri, gboolean secure)
{
  int port = g_uri_get_port (uri);

  return port > 0 ? (guint16) port : secure ? 443 : 80;
}

static gboolean
origin_is (OaiUpstreamOrigin *self, GUri *uri, gboolean secure, const char *socket_path, SoupSession *session, OaiSettings *settings)
{
  return self->secure == secure && self->session == session && self->settings == settings && self->port == get_port (uri, secure)
         && strcmp (self->host, g_uri_get_host (uri)) == 0 && g_strcmp0 (self->socket_path, socket_path) == 0;
}

static OaiUpstreamOrigin *
origin_new (OaiUpstreamPool *pool, GUri *uri, gboolean secure, const char *socket_path, SoupSession *session, OaiSettings *settings)
{
  OaiUpstreamOrigin *self = g_new0 (OaiUpstreamOrigin, 1);

  self->ref_count = 1;
  self->pool = pool;
  self->secure = secure;
  self->host = g_strdup (g_uri_get_host (uri));
  self->port = get_port (uri, secure);
  self->socket_path = g_strdup (socket_path);
  g_set_object (&self->session, session);
  g_set_object (&self->settings, settings);

  return self;
}

/* The pool */

static void
origin_close (gpointer data)
{
  OaiUpstreamOrigin *self = data;

  self->pool = NULL;
  close_idle (self);
  oai_upstream_origin_unref (self);
}

OaiUpstreamPool *
oai_upstream_pool_new (const OaiUpstreamPoolSettings *settings)
{
  OaiUpstreamPool *self = g_new0 (OaiUpstreamPool, 1);

  if (settings != NULL)
    self->settings = *settings;
  if (self->settings.max_idle == 0)
    self->settings.max_idle = MAX_IDLE;
  if (self->settings.idle_timeout_ms == 0)
    self->settings.idle_timeout_ms = IDLE_TIMEOUT_MS;
  self->origins = g_ptr_array_new_with_free_func (origin_close);

  return self;
}

void
oai_upstream_pool_free (OaiUpstreamPool *self)
{
  g_ptr_array_unref (self->origins);
  g_free (self);
}

guint
oai_upstream_pool_get_n_idle (OaiUpstreamPool *self)
{
  guint n = 0;

  for (guint i = 0; i < self->origins->len; i++)
    n += ((OaiUpstreamOrigin *) self->origins->pdata[i])->idle.length;

  return n;
}

/* Idle connections have references of their origin. */
static void
remove_unused_origins (OaiUpstreamPool *self)
{
  for (guint i = self->origins->len; i > 0; i--)
    if (((OaiUpstreamOrigin *) self->origins->pdata[i - 1])->ref_count == 1)
      g_ptr_array_remove_index_fast (self->origins, i - 1);
}

OaiUpstreamOrigin *
oai_upstream_pool_ref_origin (OaiUpstreamPool *self, GUri *uri, const char *socket_path, SoupSession *session, OaiSettings *settings)
{
  gboolean secure = socket_path == NULL && strcmp (g_uri_get_scheme (uri), "https") == 0;
  OaiUpstreamOrigin *origin;

  for (guint i = 0; i < self->origins->len; i++)
    if (origin_is (self->origins->pdata[i], uri, secure, socket_path, session, settings))
      return oai_upstream_origin_ref (self->origins->pdata[i]);

  remove_unused_origins (self);
  origin = origin_new (self, uri, secure, socket_path, session, settings);
  g_ptr_array_add (self->origins, origin);

  return oai_upstream_origin_ref (origin);
}

/* Idle connections */

/* A server that sends something without a request, or closes the connection, cannot receive one. */
static gboolean
is_alive (OaiUpstreamConnection *connection)
{
  OaiHttpTransport *transport = &connection->transport;
  char byte;

  if (transport->ended || transport->broken)
    return FALSE;

  transport->can_read = TRUE;

  return oai_http_transport_read (transport, &byte, 1, NULL) < 0 && !transport->can_read;
}

static void
event_cb (OaiHttpWatchEvents events, gpointer user_data)
{
  OaiUpstreamConnection *connection = user_data;

  if (!connection->idle)
    connection->func (events, connection->user_data);
  else if ((events & OAI_HTTP_WATCH_DEADLINE) != 0 || !is_alive (connection))
    close_connection (connection);
  else
    oai_http_transport_wait (&connection->transport, TRUE, FALSE);
}

OaiUpstreamConnection *
oai_upstream_origin_take (OaiUpstreamOrigin *self)
{
  while (self->idle.head != NULL)
    {
      OaiUpstreamConnection *connection = self->idle.head->data;

      if (is_alive (connection))
        {
          g_queue_unlink (&self->idle, &connection->link);
          connection->idle = FALSE;
          connection->reused = TRUE;
          oai_http_watch_set_deadline (&connection->transport.watch, 0);
          return connection;
        }
      close_connection (connection);
    }

  return NULL;
}

void
oai_upstream_connection_attach (OaiUpstreamConnection *self, OaiHttpWatchFunc func, gpointer user_data)
{
  self->func = func;
  self->user_data = user_data;
}

void
oai_upstream_connection_release (OaiUpstreamConnection *self, gboolean reusable)
{
  OaiUpstreamOrigin *origin = self->origin;
  OaiUpstreamPool *pool = origin->pool;

  if (!reusable || pool == NULL || self->transport.ended || self->transport.broken)
    {
      close_connection (self);
      return;
    }

  if (origin->idle.length >= pool->settings.max_idle)
    close_connection (origin->idle.tail->data);
  self->func = NULL;
  self->user_data = NULL;
  self->idle = TRUE;
  oai_http_watch_unschedule (&self->transport.watch);
  g_queue_push_head_link (&origin->idle, &self->link);
  oai_http_watch_set_deadline (&self->transport.watch, g_get_monotonic_time () + (gint64) pool->settings.idle_timeout_ms * MICROSECONDS);
  oai_http_transport_wait (&self->transport, TRUE, FALSE);
}

/* New connections */

static void
connect_free (OaiUpstreamConnect *self)
{
  oai_upstream_origin_unref (self->origin);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->address);
  oai_connection_settings_clear (&self->settings);
  g_free (self);
}

void
oai_upstream_connect_cancel (OaiUpstreamConnect *self)
{
  self->func = NULL;
  g_cancellable_cancel (self->cancellable);
}

static void
fail (OaiUpstreamConnect *self, const GError *error)
{
  if (self->func != NULL)
    self->func (NULL, error, self->user_data);
  connect_free (self);
}

static void
succeed (OaiUpstreamConnect *self, GIOStream *stream)
{
  OaiUpstreamConnection *connection;

  if (self->func == NULL)
    {
      connect_free (self);
      return;
    }

  connection = g_new0 (OaiUpstreamConnection, 1);
  connection->origin = oai_upstream_origin_ref (self->origin);
  connection->link.data = connection;
  oai_http_transport_init (&connection->transport, stream, event_cb, connection);
  self->func (connection, NULL, self->user_data);
  connect_free (self);
}

static void
handshake_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GIOStream) stream = G_IO_STREAM (source);
  g_autoptr(GError) error = NULL;

  if (!g_tls_connection_handshake_finish (G_TLS_CONNECTION (source), result, &error))
    {
      fail (user_data, error);
      return;
    }

  /* Before 2.80, glib-networking keeps all authorities with each connection, as long as it has the database. */
  g_tls_connection_set_database (G_TLS_CONNECTION (source), NULL);
  succeed (user_data, stream);
}

static void
start_tls (OaiUpstreamConnect *self, GSocketConnection *base)
{
  static const char *const protocols[] = { "http/1.1", NULL };
  g_autoptr(GError) error = NULL;
  GTlsConnection *stream = G_TLS_CONNECTION (g_tls_client_connection_new (G_IO_STREAM (base), self->address, &error));

  if (stream == NULL)
    {
      fail (self, error);
      return;
    }

  g_tls_connection_set_advertised_protocols (stream, protocols);
  if (self->settings.database != NULL)
    g_tls_connection_set_database (stream, self->settings.database);
  if (self->settings.interaction != NULL)
    g_tls_connection_set_interaction (stream, self->settings.interaction);
  g_tls_connection_handshake_async (stream, G_PRIORITY_DEFAULT, self->cancellable, handshake_cb, self);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OaiUpstreamConnect *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocketConnection) stream = g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);

  if (stream == NULL)
    {
      fail (self, error);
      return;
    }

  /* Each message is written at once. */
  if (G_IS_TCP_CONNECTION (stream))
    g_socket_set_option (g_socket_connection_get_socket (stream), IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  if (self->origin->secure)
    start_tls (self, stream);
  else
    succeed (self, G_IO_STREAM (stream));
}

static GSocketConnectable *
new_address (OaiUpstreamOrigin *origin)
{
  if (origin->socket_path != NULL)
    return G_SOCKET_CONNECTABLE (g_unix_socket_address_new (origin->socket_path));

  /* The resolver of proxies receives the scheme. */
  return g_object_new (G_TYPE_NETWORK_ADDRESS, "hostname", origin->host, "port", (guint) origin->port,
                       "scheme", origin->secure ? "https" : "http", NULL);
}

OaiUpstreamConnect *
oai_upstream_origin_connect (OaiUpstreamOrigin *origin, OaiUpstreamConnectFunc func, gpointer user_data)
{
  g_autoptr(GSocketClient) client = g_socket_client_new ();
  OaiUpstreamConnect *self = g_new0 (OaiUpstreamConnect, 1);

  self->origin = oai_upstream_origin_ref (origin);
  self->cancellable = g_cancellable_new ();
  self->address = new_address (origin);
  self->func = func;
  self->user_data = user_data;
  oai_connection_settings_init (&self->settings, origin->session, origin->settings);
  g_socket_client_set_enable_proxy (client, self->settings.proxy_resolver != NULL);
  g_socket_client_set_proxy_resolver (client, self->settings.proxy_resolver);
  if (self->settings.local_address != NULL)
    g_socket_client_set_local_address (client, G_SOCKET_ADDRESS (self->settings.local_address));
  g_socket_client_connect_async (client, self->address, self->cancellable, connected_cb, self);

  return self;
}
