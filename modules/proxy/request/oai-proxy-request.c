/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-proxy-request-private.h"

#include <string.h>

#include "oai-emit-private.h"
#include "oai-secret-private.h"

/* The subprotocol with which browsers pass a key to OpenAI's WebSocket endpoints. */
#define KEY_PROTOCOL "openai-insecure-api-key."

/**
 * OaiProxyRequest:
 *
 * A request to the proxy: what an authenticator needs to decide who the client is, and what the program learns of a
 * request while it is being processed.
 *
 * A handler of [signal@Oai.ProxyServer::authenticate] calls [method@Oai.ProxyRequest.accept] or
 * [method@Oai.ProxyRequest.refuse], at once or later. Only the first answer counts. A request is refused if its last
 * reference is released without an answer.
 *
 * ```c
 * static gboolean
 * authenticate_cb (OaiProxyServer *server, OaiProxyRequest *request, gpointer identity)
 * {
 *   const char *token = oai_proxy_request_get_token (request);
 *
 *   if (g_strcmp0 (token, "sess-example") == 0)
 *     oai_proxy_request_accept (request, identity);
 *   else
 *     oai_proxy_request_refuse (request, OAI_PROXY_ERROR_UNAUTHENTICATED, NULL);
 *
 *   return TRUE;
 * }
 * ```
 *
 * Since: 1.0
 */
struct _OaiProxyRequest
{
  GObject parent_instance;

  const OaiHttpHead *head; /* NULL after the request has ended */
  char id[OAI_PROXY_REQUEST_ID_SIZE];
  char *method;
  char *path;  /* relative to the API */
  char *query;
  char *token; /* NULL until the first use, or if there is none */
  const char *operation;
  char *model;
  OaiProxyPeer peer;
  OaiProxyIdentity *identity;
  GCancellable *cancellable;
  OaiProxyAnswerFunc answer;
  gpointer answer_data;
};

G_DEFINE_FINAL_TYPE (OaiProxyRequest, oai_proxy_request, G_TYPE_OBJECT)

enum
{
  PROP_IDENTITY = 1,
  PROP_MODEL,
  N_PROPS
};

static GParamSpec *props[N_PROPS];

static void
answer (OaiProxyRequest *self, OaiProxyIdentity *identity, const GError *error)
{
  OaiProxyAnswerFunc func = g_steal_pointer (&self->answer);

  if (func != NULL)
    func (identity, error, self->answer_data);
}

static void
oai_proxy_request_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  OaiProxyRequest *self = OAI_PROXY_REQUEST (object);

  switch (id)
    {
    case PROP_IDENTITY:
      g_value_set_object (value, self->identity);
      break;
    case PROP_MODEL:
      g_value_set_string (value, self->model);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
oai_proxy_request_dispose (GObject *object)
{
  OaiProxyRequest *self = OAI_PROXY_REQUEST (object);

  if (self->answer != NULL)
    {
      g_autoptr(GError) error = g_error_new_literal (OAI_PROXY_ERROR, OAI_PROXY_ERROR_INTERNAL, "The request was released without an answer");

      answer (self, NULL, error);
    }

  G_OBJECT_CLASS (oai_proxy_request_parent_class)->dispose (object);
}

static void
oai_proxy_request_finalize (GObject *object)
{
  OaiProxyRequest *self = OAI_PROXY_REQUEST (object);

  g_free (self->method);
  g_free (self->path);
  g_free (self->query);
  oai_secret_free (self->token);
  g_free (self->model);
  g_clear_object (&self->peer.address);
  g_clear_object (&self->peer.certificate);
  g_clear_object (&self->peer.credentials);
  g_clear_object (&self->identity);
  g_clear_object (&self->cancellable);

  G_OBJECT_CLASS (oai_proxy_request_parent_class)->finalize (object);
}

static void
oai_proxy_request_class_init (OaiProxyRequestClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = oai_proxy_request_get_property;
  object_class->dispose = oai_proxy_request_dispose;
  object_class->finalize = oai_proxy_request_finalize;

  /**
   * OaiProxyRequest:identity:
   *
   * The identity of the client, or %NULL until it is known.
   *
   * Since: 1.0
   */
  props[PROP_IDENTITY] = g_param_spec_object ("identity", NULL, NULL, OAI_TYPE_PROXY_IDENTITY, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiProxyRequest:model:
   *
   * The model that the request names, or %NULL if it names none or if its body has not been read yet.
   *
   * Since: 1.0
   */
  props[PROP_MODEL] = g_param_spec_string ("model", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

void
oai_proxy_request_create_id (char id[OAI_PROXY_REQUEST_ID_SIZE])
{
  guint64 now = (guint64) g_get_real_time ();

  g_snprintf (id, OAI_PROXY_REQUEST_ID_SIZE, "req_%014" G_GINT64_MODIFIER "x%08x%08x", now, g_random_int (), g_random_int ());
}

static void
oai_proxy_request_init (OaiProxyRequest *self)
{
  oai_proxy_request_create_id (self->id);
}

OaiProxyRequest *
oai_proxy_request_new (const OaiHttpHead *head, const OaiProxyPeer *peer)
{
  OaiProxyRequest *self = g_object_new (OAI_TYPE_PROXY_REQUEST, NULL);

  self->head = head;
  self->method = g_strdup (head->method);
  self->path = g_strdup (head->path[0] == '/' ? head->path + 1 : head->path);
  self->query = g_strdup (head->query);
  g_set_object (&self->peer.address, peer->address);
  g_set_object (&self->peer.certificate, peer->certificate);
  g_set_object (&self->peer.credentials, peer->credentials);

  return self;
}

void
oai_proxy_request_detach (OaiProxyRequest *self)
{
  self->head = NULL;
  self->answer = NULL;
  g_clear_pointer (&self->token, oai_secret_free);
}

const OaiHttpHead *
oai_proxy_request_get_head (OaiProxyRequest *self)
{
  return self->head;
}

void
oai_proxy_request_set_path (OaiProxyRequest *self, const char *path)
{
  char *old = self->path;

  self->path = g_strdup (path);
  g_free (old);
}

void
oai_proxy_request_set_operation (OaiProxyRequest *self, const char *operation)
{
  self->operation = operation;
}

void
oai_proxy_request_set_model (OaiProxyRequest *self, const char *model)
{
  g_free (self->model);
  self->model = g_strdup (model);
  oai_emit_notify (self, props[PROP_MODEL]);
}

void
oai_proxy_request_set_identity (OaiProxyRequest *self, OaiProxyIdentity *identity)
{
  if (g_set_object (&self->identity, identity))
    oai_emit_notify (self, props[PROP_IDENTITY]);
}

void
oai_proxy_request_wait (OaiProxyRequest *self, OaiProxyAnswerFunc func, gpointer user_data)
{
  self->answer = func;
  self->answer_data = user_data;
}

char *
oai_proxy_request_dup_peer (OaiProxyRequest *self)
{
  if (!G_IS_INET_SOCKET_ADDRESS (self->peer.address))
    return NULL;

  return g_inet_address_to_string (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (self->peer.address)));
}

void
oai_proxy_request_cancel (OaiProxyRequest *self)
{
  if (self->cancellable == NULL)
    self->cancellable = g_cancellable_new ();
  g_cancellable_cancel (self->cancellable);
}

/**
 * oai_proxy_request_get_id:
 * @self: the request
 *
 * Gets the identifier of the request, which the client receives as `x-request-id`.
 *
 * Returns: the identifier
 *
 * Since: 1.0
 */
const char *
oai_proxy_request_get_id (OaiProxyRequest *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REQUEST (self), NULL);

  return self->id;
}

/**
 * oai_proxy_request_get_method:
 * @self: the request
 *
 * Gets the HTTP method.
 *
 * Returns: the method, such as `POST`
 *
 * Since: 1.0
 */
const char *
oai_proxy_request_get_method (OaiProxyRequest *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REQUEST (self), NULL);

  return self->method;
}

/**
 * oai_proxy_request_get_path:
 * @self: the request
 *
 * Gets the path, relative to the base path of the API.
 *
 * Returns: the path without a slash at the beginning, such as `chat/completions`
 *
 * Since: 1.0
 */
const char *
oai_proxy_request_get_path (OaiProxyRequest *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REQUEST (self), NULL);

  return self->path;
}

/**
 * oai_proxy_request_get_query:
 * @self: the request
 *
 * Gets the query as it was received.
 *
 * Returns: (nullable): the encoded query without the question mark, or %NULL
 *
 * Since: 1.0
 */
const char *
oai_proxy_request_get_query (OaiProxyRequest *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REQUEST (self), NULL);

  return self->query;
}

/* Values can have any bytes but control characters. */
static const char *
get_text (OaiHttpFields *fields, const char *name)
{
  const char *value = oai_http_fields_get (fields, name);

  return value != NULL && g_utf8_validate (value, -1, NULL) ? value : NULL;
}

/**
 * oai_proxy_request_get_header:
 * @self: the request
 * @name: the name of a header, in any case
 *
 * Gets a header. If there are several of that name, this is the first one.
 *
 * Returns: (nullable): the value, or %NULL if there is no such header, if its value is not UTF-8, or if the request has
 *   ended
 *
 * Since: 1.0
 */
const char *
oai_proxy_request_get_header (OaiProxyRequest *self, const char *name)
{
  g_return_val_if_fail (OAI_IS_PROXY_REQUEST (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  return self->head != NULL ? get_text (self->head->fields, name) : NULL;
}

/**
 * oai_proxy_request_list_header_names:
 * @self: the request
 *
 * Lists the names of the headers, in their order. A name occurs as often as its header.
 *
 * Returns: (transfer full) (array zero-terminated=1): the names; empty if the request has ended
 *
 * Since: 1.0
 */
char **
oai_proxy_request_list_header_names (OaiProxyRequest *self)
{
  g_autoptr(GStrvBuilder) names = g_strv_builder_new ();
  guint n;

  g_return_val_if_fail (OAI_IS_PROXY_REQUEST (self), NULL);

  n = self->head != NULL ? oai_http_fields_get_n (self->head->fields) : 0;
  for (guint i = 0; i < n; i++)
    g_strv_builder_add (names, oai_http_fields_get_nth (self->head->fields, i)->name);

  return g_strv_builder_end (names);
}

/* The key in a list of subprotocols. */
static char *
dup_protocol_token (const char *protocols)
{
  g_auto(GStrv) list = g_strsplit (protocols != NULL ? protocols : "", ",", -1);

  for (guint i = 0; list[i] != NULL; i++)
    {
      const char *protocol = g_strstrip (list[i]);

      if (g_str_has_prefix (protocol, KEY_PROTOCOL) && protocol[strlen (KEY_PROTOCOL)] != '\0')
        return g_strdup (protocol + strlen (KEY_PROTOCOL));
    }

  return NULL;
}

static char *
dup_token (const OaiHttpHead *head)
{
  const char *authorization = get_text (head->fields, "authorization");
  const char *key = get_text (head->fields, "api-key");

  if (authorization != NULL && g_ascii_strncasecmp (authorization, "bearer ", 7) == 0)
    {
      authorization += 7 + strspn (authorization + 7, " ");
      return *authorization != '\0' ? g_strdup (authorization) : NULL;
    }
  if (authorization == NULL && key != NULL && *key != '\0')
    return g_strdup (key);
  if (authorization == NULL && key == NULL && head->upgrade_websocket)
    return dup_protocol_token (get_text (head->fields, "sec-websocket-protocol"));

  return NULL;
}

/**
 * oai_proxy_request_get_token:
 * @self: the request
 *
 * Gets the token with which the client authenticates: that of `Authorization: Bearer`, else that of `api-key`. For
 * WebSocket connections without either, it is that of the subprotocol `openai-insecure-api-key.`, which browsers use.
 *
 * Returns: (nullable): the token, or %NULL if there is none, or if the request has ended
 *
 * Since: 1.0
 */
const char *
oai_proxy_request_get_token (OaiProxyRequest *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REQUEST (self), NULL);

  if (self->token == NULL && self->head != NULL)
    self->token = dup_token (self->head);

  return self->token;
}

/**
 * oai_proxy_request_get_operation:
 * @self: the request
 *
 * Gets the name of the operation of the API that the method and the path belong to.
 *
 * Returns: (nullable): the name, such as `chat.create`, or %NULL if the operation is not known
 *
 * Since: 1.0
 */
const char *
oai_proxy_request_get_operation (OaiProxyRequest *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REQUEST (self), NULL);

  return self->operation;
}

/**
 * oai_proxy_request_get_model:
 * @self: the request
 *
 * Gets the model that the request names; see [property@Oai.ProxyRequest:model].
 *
 * Returns: (nullable): the model, or %NULL
 *
 * Since: 1.0
 */
const char *
oai_proxy_request_get_model (OaiProxyRequest *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REQUEST (self), NULL);

  return self->model;
}

/**
 * oai_proxy_request_get_peer_address:
 * @self: the request
 *
 * Gets the address from which the client is connected.
 *
 * Returns: (transfer none) (nullable): the address, or %NULL if it is not known
 *
 * Since: 1.0
 */
GSocketAddress *
oai_proxy_request_get_peer_address (OaiProxyRequest *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REQUEST (self), NULL);

  return self->peer.address;
}

/**
 * oai_proxy_request_get_peer_certificate:
 * @self: the request
 *
 * Gets the certificate that the client presented, and that the authorities of the listening address verified.
 *
 * Returns: (transfer none) (nullable): the certificate, or %NULL
 *
 * Since: 1.0
 */
GTlsCertificate *
oai_proxy_request_get_peer_certificate (OaiProxyRequest *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REQUEST (self), NULL);

  return self->peer.certificate;
}

/**
 * oai_proxy_request_get_peer_credentials:
 * @self: the request
 *
 * Gets the user and the process of a client that is connected over a UNIX socket.
 *
 * Returns: (transfer none) (nullable): the credentials, or %NULL
 *
 * Since: 1.0
 */
GCredentials *
oai_proxy_request_get_peer_credentials (OaiProxyRequest *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REQUEST (self), NULL);

  return self->peer.credentials;
}

/**
 * oai_proxy_request_get_identity:
 * @self: the request
 *
 * Gets the identity of the client.
 *
 * Returns: (transfer none) (nullable): the identity, or %NULL until it is known
 *
 * Since: 1.0
 */
OaiProxyIdentity *
oai_proxy_request_get_identity (OaiProxyRequest *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REQUEST (self), NULL);

  return self->identity;
}

/**
 * oai_proxy_request_get_cancellable:
 * @self: the request
 *
 * Gets an object that is cancelled if the client closes its connection before it has the reply.
 *
 * Returns: (transfer none): the cancellable
 *
 * Since: 1.0
 */
GCancellable *
oai_proxy_request_get_cancellable (OaiProxyRequest *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REQUEST (self), NULL);

  if (self->cancellable == NULL)
    self->cancellable = g_cancellable_new ();

  return self->cancellable;
}

/**
 * oai_proxy_request_accept:
 * @self: a request that waits for its authentication
 * @identity: the identity of the client
 *
 * Accepts a request. Calls after the first answer have no effect.
 *
 * Since: 1.0
 */
void
oai_proxy_request_accept (OaiProxyRequest *self, OaiProxyIdentity *identity)
{
  g_autoptr(OaiProxyRequest) held = NULL;

  g_return_if_fail (OAI_IS_PROXY_REQUEST (self));
  g_return_if_fail (OAI_IS_PROXY_IDENTITY (identity));

  held = g_object_ref (self);
  answer (self, identity, NULL);
}

/**
 * oai_proxy_request_refuse:
 * @self: a request that waits for its authentication
 * @reason: the reason, which selects the HTTP status
 * @message: a sentence for the client
 *
 * Refuses a request. Calls after the first answer have no effect.
 *
 * Since: 1.0
 */
void
oai_proxy_request_refuse (OaiProxyRequest *self, OaiProxyError reason, const char *message)
{
  g_autoptr(OaiProxyRequest) held = NULL;
  g_autoptr(GError) error = NULL;

  g_return_if_fail (OAI_IS_PROXY_REQUEST (self));
  g_return_if_fail (message != NULL);

  held = g_object_ref (self);
  error = g_error_new_literal (OAI_PROXY_ERROR, reason, message);
  answer (self, NULL, error);
}
