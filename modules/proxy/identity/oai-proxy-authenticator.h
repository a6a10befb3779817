/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The base class of the objects that identify the clients of the proxy. */

#pragma once

#include "oai-proxy-request.h"

G_BEGIN_DECLS

#define OAI_TYPE_PROXY_AUTHENTICATOR (oai_proxy_authenticator_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (OaiProxyAuthenticator, oai_proxy_authenticator, OAI, PROXY_AUTHENTICATOR, GObject)

/**
 * OaiProxyAuthenticatorClass:
 * @parent_class: the parent class
 * @authenticate_now: identifies the client of a request if that needs no I/O; see
 *   [method@Oai.ProxyAuthenticator.authenticate_now]. The default implementation decides nothing
 * @authenticate_async: identifies the client of a request that @authenticate_now has not decided. The default
 *   implementation refuses the request
 * @authenticate_finish: returns the result of @authenticate_async
 *
 * A subclass overrides @authenticate_now, or the other two functions, or all.
 *
 * Since: 1.0
 */
struct _OaiProxyAuthenticatorClass
{
  GObjectClass parent_class;

  gboolean (*authenticate_now) (OaiProxyAuthenticator *self, OaiProxyRequest *request, OaiProxyIdentity **identity, GError **error);
  void (*authenticate_async) (OaiProxyAuthenticator *self, OaiProxyRequest *request, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  OaiProxyIdentity *(*authenticate_finish) (OaiProxyAuthenticator *self, GAsyncResult *result, GError **error);

  /*< private >*/
  gpointer padding[8];
};

OAI_AVAILABLE_IN_1_0
gboolean oai_proxy_authenticator_authenticate_now (OaiProxyAuthenticator *self, OaiProxyRequest *request, OaiProxyIdentity **identity, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_proxy_authenticator_authenticate_async (OaiProxyAuthenticator *self, OaiProxyRequest *request, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiProxyIdentity *oai_proxy_authenticator_authenticate_finish (OaiProxyAuthenticator *self, GAsyncResult *result, GError **error);

OAI_AVAILABLE_IN_1_0
void oai_proxy_authenticator_set_limits (OaiProxyAuthenticator *self, const char *name, OaiProxyLimits *limits);
OAI_AVAILABLE_IN_1_0
OaiProxyLimits *oai_proxy_authenticator_get_limits (OaiProxyAuthenticator *self, const char *name);
OAI_AVAILABLE_IN_1_0
OaiProxyIdentity *oai_proxy_authenticator_create_identity (OaiProxyAuthenticator *self, const char *id, const char *limits_name, GError **error);

G_END_DECLS
