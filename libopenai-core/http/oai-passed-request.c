/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-passed-request-private.h"

#include "oai-auth-private.h"
#include "oai-message-builder-private.h"
#include "oai-proxy-private.h"
#include "oai-request-url-private.h"
#include "oai-secret-private.h"
#include "oai-settings-private.h"

/* The headers of the program may contain the credentials. */
static gboolean
find_auth (OaiPassedRequest *self, OaiClient *client, GError **error)
{
  g_autoptr(GError) reason = NULL;

  self->auth = oai_client_ref_auth (client, &reason);
  if (reason == NULL || oai_message_builder_has_own_credentials (self->settings, NULL))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

static gboolean
find_address (OaiPassedRequest *self, OaiClient *client, GError **error)
{
  OaiRequest *request = self->request;
  g_autofree char *url = oai_request_url_build_passed (self->settings, request->path, request->deployment, request->model, request->query, error);
  g_autofree char *shown = NULL;

  if (url == NULL)
    return FALSE;

  self->socket_path = oai_settings_dup_socket_path (self->settings);
  self->uri = oai_client_parse_url (client, url, &shown, error);

  return self->uri != NULL;
}

OaiPassedRequest *
oai_passed_request_new (OaiClient *client, OaiRequest *request, GError **error)
{
  g_autoptr(OaiPassedRequest) self = g_new0 (OaiPassedRequest, 1);

  self->request = request;
  self->settings = oai_settings_ref_snapshot (oai_client_get_settings (client));
  if (!find_auth (self, client, error) || !find_address (self, client, error))
    return NULL;

  return g_steal_pointer (&self);
}

void
oai_passed_request_free (OaiPassedRequest *self)
{
  oai_request_free (self->request);
  g_clear_object (&self->settings);
  g_clear_object (&self->auth);
  g_clear_pointer (&self->uri, g_uri_unref);
  oai_secret_free (self->token);
  oai_secret_free (self->secrets);
  g_free (self->socket_path);
  g_free (self);
}

/* A header with credentials is sent in place of a key that is missing, but together with the tokens of a program: a
 * gateway may require both. */
gboolean
oai_passed_request_has_token (OaiPassedRequest *self)
{
  if (self->auth == NULL || self->token != NULL)
    return TRUE;
  if (!oai_auth_has_tokens (self->auth) && oai_message_builder_has_own_credentials (self->settings, NULL))
    return TRUE;

  self->token = oai_auth_dup_token (self->auth);

  return self->token != NULL;
}

static void
token_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  char *token = oai_auth_request_token_finish (OAI_AUTH (source), result, &error);

  if (token != NULL)
    g_task_return_pointer (task, token, (GDestroyNotify) oai_secret_free);
  else
    g_task_return_error (task, error);
}

void
oai_passed_request_request_token_async (OaiPassedRequest *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  /* A subclass may drop references. */
  g_autoptr(OaiAuth) auth = g_object_ref (self->auth);
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, oai_passed_request_request_token_async);
  oai_auth_request_token_async (auth, cancellable, token_cb, g_steal_pointer (&task));
}

gboolean
oai_passed_request_request_token_finish (OaiPassedRequest *self, GAsyncResult *result, GError **error)
{
  self->token = g_task_propagate_pointer (G_TASK (result), error);

  return self->token != NULL;
}

static OaiMessageSpec
make_spec (OaiPassedRequest *self)
{
  return (OaiMessageSpec) {
    .request = self->request,
    .settings = self->settings,
    .auth = self->auth,
    .token = self->token,
    .method = self->request->method,
    .uri = self->uri,
    .attempt = 1,
    .with_body = TRUE,
    .with_credentials = TRUE,
    .streamed = TRUE,
  };
}

void
oai_passed_request_foreach_header (OaiPassedRequest *self, OaiNameValueFunc func, gpointer user_data)
{
  OaiMessageSpec spec = make_spec (self);

  oai_message_builder_foreach_own_header (&spec, func, user_data);
}

gboolean
oai_passed_request_is_credential (const char *header)
{
  return oai_message_builder_is_credential (header);
}

gboolean
oai_passed_request_check_secure (OaiPassedRequest *self, gboolean has_header, GError **error)
{
  OaiMessageSpec spec = make_spec (self);

  return oai_message_builder_check_secure (&spec, has_header, error);
}

const char *
oai_passed_request_get_secrets (OaiPassedRequest *self)
{
  OaiMessageSpec spec = make_spec (self);

  if (!self->has_secrets)
    self->secrets = oai_message_builder_dup_secrets (&spec);
  self->has_secrets = TRUE;

  return self->secrets;
}

void
oai_connection_settings_init (OaiConnectionSettings *self, SoupSession *session, OaiSettings *settings)
{
  *self = (OaiConnectionSettings) { 0 };
  if (session != NULL)
    g_object_get (session, "proxy-resolver", &self->proxy_resolver, "tls-database", &self->database,
                  "tls-interaction", &self->interaction, "local-address", &self->local_address, NULL);
  else
    self->proxy_resolver = settings != NULL ? oai_proxy_resolver_new (settings) : g_object_ref (g_proxy_resolver_get_default ());
}
