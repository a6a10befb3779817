/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A request of another client, with what the settings and the credentials of this client add to it: for programs that
 * pass requests on, and send and receive them themselves. */

#pragma once

#include "oai-client-private.h"
#include "oai-name-values-private.h"

G_BEGIN_DECLS

/* The first members can be read. */
typedef struct
{
  OaiSettings *settings; /* from when it was created */
  GUri *uri;
  char *socket_path;     /* of the UNIX socket to which the request is sent, or NULL */

  OaiRequest *request;
  OaiAuth *auth;         /* or NULL */
  char *token;           /* or NULL */
  char *secrets;         /* when they are needed first */
  gboolean has_secrets;
} OaiPassedRequest;

/* Takes request, whose member passthrough is set. */
_OAI_INTERNAL
OaiPassedRequest *oai_passed_request_new (OaiClient *client, OaiRequest *request, GError **error);
_OAI_INTERNAL
void oai_passed_request_free (OaiPassedRequest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiPassedRequest, oai_passed_request_free)

/* Whether the credentials are known.  If not, request them. */
_OAI_INTERNAL
gboolean oai_passed_request_has_token (OaiPassedRequest *self);
/* If self was freed meanwhile, finish() must not be called. */
_OAI_INTERNAL
void oai_passed_request_request_token_async (OaiPassedRequest *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
_OAI_INTERNAL
gboolean oai_passed_request_request_token_finish (OaiPassedRequest *self, GAsyncResult *result, GError **error);

/* With the credentials: */

/* Calls func with the headers that replace those of the other client.  The value is NULL for a header that is removed. */
_OAI_INTERNAL
void oai_passed_request_foreach_header (OaiPassedRequest *self, OaiNameValueFunc func, gpointer user_data);
/* Whether credentials may be sent to the server: encrypted, to this computer, or if the settings allow it.  has_header:
 * whether a header that is sent contains credentials, by oai_passed_request_is_credential(). */
_OAI_INTERNAL
gboolean oai_passed_request_check_secure (OaiPassedRequest *self, gboolean has_header, GError **error);
_OAI_INTERNAL
gboolean oai_passed_request_is_credential (const char *header);
/* What to redact in the reply, one secret on each line; or NULL. */
_OAI_INTERNAL
const char *oai_passed_request_get_secrets (OaiPassedRequest *self);

/* The settings of a connection to the server. */
typedef struct
{
  GProxyResolver *proxy_resolver; /* NULL to use no proxies */
  GTlsDatabase *database; /* NULL for the authorities of the system */
  GTlsInteraction *interaction; /* or NULL */
  GInetSocketAddress *local_address; /* or NULL */
} OaiConnectionSettings;

/* session: of oai_client_get_session(), or NULL.  settings: of the client, or NULL for the proxies of the system. */
_OAI_INTERNAL
void oai_connection_settings_init (OaiConnectionSettings *self, SoupSession *session, OaiSettings *settings);

static inline void
oai_connection_settings_clear (OaiConnectionSettings *self)
{
  g_clear_object (&self->proxy_resolver);
  g_clear_object (&self->database);
  g_clear_object (&self->interaction);
  g_clear_object (&self->local_address);
}

G_END_DECLS
