/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-proxy-authenticator.h"

#include "oai-i18n-private.h"

/**
 * OaiProxyAuthenticator:
 *
 * Identifies the clients of the proxy by their credentials.
 *
 * The proxy passes each request to its authenticators, in the order in which they were added, until one of them
 * returns an identity or an error. An authenticator returns %NULL without an error if the request contains no
 * credentials of its kind; then the next one is used. A request that all of them return %NULL for is refused, and so is
 * every request if there is no authenticator.
 *
 * Ready-made are [class@Oai.ProxyTokenFile], [class@Oai.ProxyTokenIssuer], [class@Oai.ProxyCommand],
 * [class@Oai.ProxyOpenId], [class@Oai.ProxyClientCertificates] and [class@Oai.ProxyPeerCredentials]. A subclass
 * overrides `authenticate_now` if it needs no I/O, which is the usual case, and otherwise `authenticate_async` and
 * `authenticate_finish`. [method@Oai.ProxyRequest.get_token] returns the token of a request. Secrets should be compared
 * in constant time.
 *
 * The credentials can name limits, which are added with [method@Oai.ProxyAuthenticator.set_limits].
 *
 * An object is used in the main context of the proxy only.
 *
 * Since: 1.0
 */
typedef struct
{
  OaiProxyLimits *default_limits;
  GHashTable *limits; /* name → OaiProxyLimits */
} OaiProxyAuthenticatorPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (OaiProxyAuthenticator, oai_proxy_authenticator, G_TYPE_OBJECT)

#define PRIVATE(self) ((OaiProxyAuthenticatorPrivate *) oai_proxy_authenticator_get_instance_private (self))

static void
oai_proxy_authenticator_finalize (GObject *object)
{
  OaiProxyAuthenticatorPrivate *priv = PRIVATE (OAI_PROXY_AUTHENTICATOR (object));

  g_clear_object (&priv->default_limits);
  g_hash_table_unref (priv->limits);

  G_OBJECT_CLASS (oai_proxy_authenticator_parent_class)->finalize (object);
}

static gboolean
oai_proxy_authenticator_real_authenticate_now (OaiProxyAuthenticator *self, OaiProxyRequest *request, OaiProxyIdentity **identity, GError **error)
{
  return FALSE;
}

/* Also used if authenticate_now of a language binding fails with an exception. */
static void
oai_proxy_authenticator_real_authenticate_async (OaiProxyAuthenticator *self, OaiProxyRequest *request, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_task_report_new_error (self, callback, user_data, oai_proxy_authenticator_real_authenticate_async, OAI_PROXY_ERROR,
                           OAI_PROXY_ERROR_INTERNAL, "The authenticator %s has not decided", G_OBJECT_TYPE_NAME (self));
}

static OaiProxyIdentity *
oai_proxy_authenticator_real_authenticate_finish (OaiProxyAuthenticator *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
oai_proxy_authenticator_class_init (OaiProxyAuthenticatorClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = oai_proxy_authenticator_finalize;
  klass->authenticate_now = oai_proxy_authenticator_real_authenticate_now;
  klass->authenticate_async = oai_proxy_authenticator_real_authenticate_async;
  klass->authenticate_finish = oai_proxy_authenticator_real_authenticate_finish;
}

static void
oai_proxy_authenticator_init (OaiProxyAuthenticator *self)
{
  PRIVATE (self)->limits = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
}

/**
 * oai_proxy_authenticator_authenticate_now:
 * @self: an authenticator
 * @request: a request
 * @identity: (out) (nullable) (transfer full): the client; %NULL if the request contains no credentials of this kind
 * @error: return location for a #GError
 *
 * Identifies the client of a request if that needs no I/O.
 *
 * Fails with an [error@Oai.ProxyError] if the request is refused. Without an error, %FALSE means that the request was
 * not decided, and that [method@Oai.ProxyAuthenticator.authenticate_async] is to be called.
 *
 * Returns: %TRUE if @identity was set
 *
 * Since: 1.0
 */
gboolean
oai_proxy_authenticator_authenticate_now (OaiProxyAuthenticator *self, OaiProxyRequest *request, OaiProxyIdentity **identity, GError **error)
{
  g_autoptr(OaiProxyIdentity) found = NULL;
  GError *reason = NULL;
  gboolean decided;

  g_return_val_if_fail (OAI_IS_PROXY_AUTHENTICATOR (self), FALSE);
  g_return_val_if_fail (OAI_IS_PROXY_REQUEST (request), FALSE);
  g_return_val_if_fail (identity != NULL, FALSE);

  *identity = NULL;
  decided = OAI_PROXY_AUTHENTICATOR_GET_CLASS (self)->authenticate_now (self, request, &found, &reason);
  if (reason != NULL)
    {
      g_propagate_error (error, reason);
      return FALSE;
    }
  if (!decided)
    return FALSE;

  *identity = g_steal_pointer (&found);

  return TRUE;
}

/**
 * oai_proxy_authenticator_authenticate_async:
 * @self: an authenticator
 * @request: a request
 * @cancellable: (nullable): a cancellable
 * @callback: (nullable) (scope async) (closure user_data): called when the request was decided
 * @user_data: data for @callback
 *
 * Identifies the client of a request.
 *
 * As a virtual function, it is only called for requests that `authenticate_now` has not decided.
 *
 * Since: 1.0
 */
void
oai_proxy_authenticator_authenticate_async (OaiProxyAuthenticator *self, OaiProxyRequest *request, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(OaiProxyIdentity) identity = NULL;
  g_autoptr(GTask) task = NULL;
  GError *error = NULL;
  gboolean decided;

  g_return_if_fail (OAI_IS_PROXY_AUTHENTICATOR (self));
  g_return_if_fail (OAI_IS_PROXY_REQUEST (request));

  decided = oai_proxy_authenticator_authenticate_now (self, request, &identity, &error);
  if (!decided && error == NULL)
    {
      OAI_PROXY_AUTHENTICATOR_GET_CLASS (self)->authenticate_async (self, request, cancellable, callback, user_data);
      return;
    }

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_proxy_authenticator_authenticate_async);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_steal_pointer (&identity), g_object_unref);
}

/**
 * oai_proxy_authenticator_authenticate_finish:
 * @self: an authenticator
 * @result: the result that was passed to the callback
 * @error: return location for a #GError
 *
 * Returns the result of [method@Oai.ProxyAuthenticator.authenticate_async].
 *
 * Fails with an [error@Oai.ProxyError] if the request is refused. The message is shown to the client.
 *
 * Returns: (nullable) (transfer full): the client; %NULL without an error if the request contains no credentials of
 *   this kind
 *
 * Since: 1.0
 */
OaiProxyIdentity *
oai_proxy_authenticator_authenticate_finish (OaiProxyAuthenticator *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (OAI_IS_PROXY_AUTHENTICATOR (self), NULL);
  g_return_val_if_fail (G_IS_ASYNC_RESULT (result), NULL);

  if (g_async_result_is_tagged (result, oai_proxy_authenticator_authenticate_async))
    return g_task_propagate_pointer (G_TASK (result), error);

  return OAI_PROXY_AUTHENTICATOR_GET_CLASS (self)->authenticate_finish (self, result, error);
}

/**
 * oai_proxy_authenticator_set_limits:
 * @self: an authenticator
 * @name: (nullable): the name in credentials; %NULL for those that name no limits
 * @limits: (nullable): the limits; %NULL to remove them
 *
 * Sets the limits of identities that are created afterwards.
 *
 * Since: 1.0
 */
void
oai_proxy_authenticator_set_limits (OaiProxyAuthenticator *self, const char *name, OaiProxyLimits *limits)
{
  OaiProxyAuthenticatorPrivate *priv;

  g_return_if_fail (OAI_IS_PROXY_AUTHENTICATOR (self));
  g_return_if_fail (limits == NULL || OAI_IS_PROXY_LIMITS (limits));

  priv = PRIVATE (self);
  if (name == NULL)
    g_set_object (&priv->default_limits, limits);
  else if (limits != NULL)
    g_hash_table_insert (priv->limits, g_strdup (name), g_object_ref (limits));
  else
    g_hash_table_remove (priv->limits, name);
}

/**
 * oai_proxy_authenticator_get_limits:
 * @self: an authenticator
 * @name: (nullable): the name in credentials; %NULL for those that name no limits
 *
 * Returns limits that were set.
 *
 * Returns: (nullable) (transfer none): the limits; %NULL if there are none of the name
 *
 * Since: 1.0
 */
OaiProxyLimits *
oai_proxy_authenticator_get_limits (OaiProxyAuthenticator *self, const char *name)
{
  OaiProxyAuthenticatorPrivate *priv;

  g_return_val_if_fail (OAI_IS_PROXY_AUTHENTICATOR (self), NULL);

  priv = PRIVATE (self);

  return name == NULL ? priv->default_limits : g_hash_table_lookup (priv->limits, name);
}

/**
 * oai_proxy_authenticator_create_identity:
 * @self: an authenticator
 * @id: the name of the client
 * @limits_name: (nullable): the name of its limits
 * @error: return location for a #GError
 *
 * Creates an identity with the limits that were set for a name.
 *
 * Fails with %OAI_PROXY_ERROR_FORBIDDEN if @id is not valid as described at [func@Oai.ProxyIdentity.id_is_valid], or if
 * there are no limits of that name.
 *
 * Returns: (transfer full): an identity
 *
 * Since: 1.0
 */
OaiProxyIdentity *
oai_proxy_authenticator_create_identity (OaiProxyAuthenticator *self, const char *id, const char *limits_name, GError **error)
{
  OaiProxyLimits *limits;

  g_return_val_if_fail (OAI_IS_PROXY_AUTHENTICATOR (self), NULL);
  g_return_val_if_fail (id != NULL, NULL);

  if (!oai_proxy_identity_id_is_valid (id))
    {
      g_set_error_literal (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_FORBIDDEN, _("The credentials contain an identity that is not valid"));
      return NULL;
    }
  limits = oai_proxy_authenticator_get_limits (self, limits_name);
  if (limits == NULL && limits_name != NULL)
    {
      g_set_error_literal (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_FORBIDDEN, _("The credentials name limits that are not configured"));
      return NULL;
    }

  return oai_proxy_identity_new (id, limits);
}
