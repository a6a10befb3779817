/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* libsoup 3.2 waits for the 407 of a proxy before it sends the credentials of the proxy's
 * address, and then mistakes the proxy's URI for that of the request.  Therefore the header is
 * set here, for connections to a proxy only; if the proxy refuses it, its reply is final.  Over
 * TLS, the header belongs to the CONNECT, a message that libsoup creates.  Proxies whose address
 * contains no credentials are handled by libsoup, which emits the signal
 * SoupMessage::authenticate. */

#include "oai-proxy-private.h"

#include <string.h>

#include "oai-emit-private.h"
#include "oai-quark-private.h"

static OAI_DEFINE_QUARK ("oai-proxy-authorized", oai_proxy_authorized)
static OAI_DEFINE_QUARK ("oai-proxy-credentials", oai_proxy_credentials)

/* For the data of all sessions, which blocking calls of several threads may share. */
static GMutex lock;

/* Stores the credentials that the program gave in a handler of "authenticate"; NULL removes
 * them. */
static void
remember (SoupSession *session, char *authorization)
{
  g_mutex_lock (&lock);
  g_object_set_qdata_full (G_OBJECT (session), oai_proxy_credentials_quark (), authorization, g_free);
  g_mutex_unlock (&lock);
}

static char *
dup_remembered (SoupSession *session)
{
  char *authorization;

  g_mutex_lock (&lock);
  authorization = g_strdup (g_object_get_qdata (G_OBJECT (session), oai_proxy_credentials_quark ()));
  g_mutex_unlock (&lock);

  return authorization;
}

static gboolean
is_http_proxy (GSocketAddress *address)
{
  return G_IS_PROXY_ADDRESS (address) && strcmp (g_proxy_address_get_protocol (G_PROXY_ADDRESS (address)), "http") == 0;
}

/* Returns NULL without an HTTP proxy, or if its address contains no user. */
static char *
dup_authorization (GSocketAddress *address)
{
  const char *user;
  const char *password;
  g_autofree char *pair = NULL;
  g_autofree char *encoded = NULL;

  if (!is_http_proxy (address))
    return NULL;
  user = g_proxy_address_get_username (G_PROXY_ADDRESS (address));
  if (user == NULL)
    return NULL;

  password = g_proxy_address_get_password (G_PROXY_ADDRESS (address));
  pair = g_strconcat (user, ":", password != NULL ? password : "", NULL);
  encoded = g_base64_encode ((const guchar *) pair, strlen (pair));

  return g_strconcat ("Basic ", encoded, NULL);
}

static gboolean
is_authorized (SoupMessage *message)
{
  return g_object_get_qdata (G_OBJECT (message), oai_proxy_authorized_quark ()) != NULL;
}

static void
authorize (SoupMessage *message, const char *authorization)
{
  soup_message_headers_replace (soup_message_get_request_headers (message), "Proxy-Authorization", authorization);
  g_object_set_qdata (G_OBJECT (message), oai_proxy_authorized_quark (), GINT_TO_POINTER (TRUE));
}

/* Prevents libsoup from authenticating with the proxy. */
static void
stop_authentication (SoupSession *session, SoupMessage *message)
{
  SoupSessionFeature *manager = soup_session_get_feature (session, SOUP_TYPE_AUTH_MANAGER);

  if (manager != NULL)
    g_signal_handlers_disconnect_by_data (message, manager);
}

static void
got_headers_cb (SoupMessage *message, SoupSession *session)
{
  if (soup_message_get_status (message) == SOUP_STATUS_PROXY_AUTHENTICATION_REQUIRED)
    stop_authentication (session, message);
}

/* A message that is sent again may have another connection. */
void
oai_proxy_authorize (SoupSession *session, SoupMessage *message)
{
  GSocketAddress *address = soup_message_get_remote_address (message);
  g_autofree char *authorization = dup_authorization (address);
  gboolean again = is_authorized (message);

  if (authorization == NULL && is_http_proxy (address))
    authorization = dup_remembered (session);
  if (authorization != NULL)
    authorize (message, authorization);
  else if (again)
    soup_message_headers_remove (soup_message_get_request_headers (message), "Proxy-Authorization");
  if (authorization != NULL && !again)
    g_signal_connect (message, "got-headers", G_CALLBACK (got_headers_cb), session);
}

gboolean
oai_proxy_authenticate (SoupSession *session, SoupMessage *message, SoupMessageHeaders *headers)
{
  const char *challenge = soup_message_headers_get_list (headers, "Proxy-Authenticate");
  g_autofree char *host = NULL;
  g_autoptr(SoupAuth) auth = NULL;
  gboolean handled = FALSE;

  if (challenge == NULL || strcasestr (challenge, "basic") == NULL)
    return FALSE;
  if (is_authorized (message))
    {
      remember (session, NULL);
      return FALSE;
    }

  host = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (soup_message_get_remote_address (message)));
  auth = g_object_new (SOUP_TYPE_AUTH_BASIC, "realm", "", "authority", host, "is-for-proxy", TRUE, NULL);
  oai_emit (message, g_signal_lookup ("authenticate", SOUP_TYPE_MESSAGE), 0, auth, FALSE, &handled);
  if (!soup_auth_is_authenticated (auth))
    return FALSE;

  remember (session, soup_auth_get_authorization (auth, message));

  return TRUE;
}

static gboolean
is_tunnel_for (SoupMessage *tunnel, SoupMessage *message)
{
  GUri *from = soup_message_get_uri (tunnel);
  GUri *to = soup_message_get_uri (message);

  return g_strcmp0 (soup_message_get_method (tunnel), "CONNECT") == 0
         && g_strcmp0 (g_uri_get_host (from), g_uri_get_host (to)) == 0
         && g_uri_get_port (from) == g_uri_get_port (to);
}

static void
request_queued_cb (SoupSession *session, SoupMessage *tunnel, SoupMessage *message)
{
  const char *authorization = g_object_get_qdata (G_OBJECT (message), oai_proxy_authorized_quark ());

  if (!is_tunnel_for (tunnel, message))
    return;

  authorize (tunnel, authorization);
  stop_authentication (session, tunnel);
}

void
oai_proxy_authorize_tunnel (SoupSession *session, SoupMessage *message, GIOStream *connection)
{
  g_autoptr(GSocketAddress) address = NULL;
  char *authorization;

  if (!G_IS_SOCKET_CONNECTION (connection) || is_authorized (message))
    return;

  address = g_socket_connection_get_remote_address (G_SOCKET_CONNECTION (connection), NULL);
  authorization = dup_authorization (address);
  if (authorization == NULL)
    return;

  g_object_set_qdata_full (G_OBJECT (message), oai_proxy_authorized_quark (), authorization, g_free);
  g_signal_connect_object (session, "request-queued", G_CALLBACK (request_queued_cb), message, 0);
}

gboolean
oai_proxy_refused_tunnel (SoupMessage *message)
{
  return is_http_proxy (soup_message_get_remote_address (message))
         && strcmp (g_uri_get_scheme (soup_message_get_uri (message)), "https") == 0
         && soup_message_get_tls_peer_certificate (message) == NULL;
}

/* The resolver */

#define OAI_TYPE_PROXY_RESOLVER (oai_proxy_resolver_get_type ())
G_DECLARE_FINAL_TYPE (OaiProxyResolver, oai_proxy_resolver, OAI, PROXY_RESOLVER, GObject)

struct _OaiProxyResolver
{
  GObject parent_instance;

  OaiSettings *settings;
};

static void oai_proxy_resolver_iface_init (GProxyResolverInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (OaiProxyResolver, oai_proxy_resolver, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY_RESOLVER, oai_proxy_resolver_iface_init))

static gboolean
is_loopback (const char *url)
{
  g_autoptr(GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;
  g_autoptr(GInetAddress) address = host != NULL ? g_inet_address_new_from_string (host) : NULL;

  if (address != NULL)
    return g_inet_address_get_is_loopback (address);

  return host != NULL && (g_ascii_strcasecmp (host, "localhost") == 0 || g_str_has_suffix (host, ".localhost"));
}

static gboolean
is_direct (GProxyResolver *resolver, const char *url)
{
  return is_loopback (url) && !oai_settings_get_proxy_loopback (OAI_PROXY_RESOLVER (resolver)->settings);
}

static char **
new_direct (void)
{
  const char *const direct[] = { "direct://", NULL };

  return g_strdupv ((char **) direct);
}

static char **
oai_proxy_resolver_lookup (GProxyResolver *resolver, const char *url, GCancellable *cancellable, GError **error)
{
  if (is_direct (resolver, url))
    return new_direct ();

  return g_proxy_resolver_lookup (g_proxy_resolver_get_default (), url, cancellable, error);
}

static void
looked_up_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  char **proxies = g_proxy_resolver_lookup_finish (G_PROXY_RESOLVER (source), result, &error);

  if (proxies == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, proxies, (GDestroyNotify) g_strfreev);
}

static void
oai_proxy_resolver_lookup_async (GProxyResolver *resolver, const char *url, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (resolver, cancellable, callback, user_data);

  g_task_set_source_tag (task, oai_proxy_resolver_lookup_async);
  if (is_direct (resolver, url))
    {
      g_task_return_pointer (task, new_direct (), (GDestroyNotify) g_strfreev);
      return;
    }

  g_proxy_resolver_lookup_async (g_proxy_resolver_get_default (), url, cancellable, looked_up_cb, g_steal_pointer (&task));
}

static char **
oai_proxy_resolver_lookup_finish (GProxyResolver *resolver, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
oai_proxy_resolver_iface_init (GProxyResolverInterface *iface)
{
  iface->lookup = oai_proxy_resolver_lookup;
  iface->lookup_async = oai_proxy_resolver_lookup_async;
  iface->lookup_finish = oai_proxy_resolver_lookup_finish;
}

static void
oai_proxy_resolver_finalize (GObject *object)
{
  g_object_unref (OAI_PROXY_RESOLVER (object)->settings);

  G_OBJECT_CLASS (oai_proxy_resolver_parent_class)->finalize (object);
}

static void
oai_proxy_resolver_class_init (OaiProxyResolverClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = oai_proxy_resolver_finalize;
}

static void
oai_proxy_resolver_init (OaiProxyResolver *self)
{
}

GProxyResolver *
oai_proxy_resolver_new (OaiSettings *settings)
{
  OaiProxyResolver *self = g_object_new (OAI_TYPE_PROXY_RESOLVER, NULL);

  self->settings = g_object_ref (settings);

  return G_PROXY_RESOLVER (self);
}
