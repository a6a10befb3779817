/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Functions of OaiClient for the files that send requests. */

#pragma once

#include "oai-adaptation-private.h"
#include "oai-call.h"
#include "oai-client.h"
#include "oai-request-private.h"
#include "oai-session-group-private.h"

G_BEGIN_DECLS

/* Parses the URL of a request; most requests have the same.  shown: the URL without what may be
 * secret. */
GUri *oai_client_parse_url (OaiClient *self, const char *url, char **shown, GError **error);
/* Returns a session for one request, in the thread-default main context.  Returns NULL if the request
 * has to wait.  Then func is called in that context, unless oai_session_wait_cancel() is called
 * before. */
SoupSession *oai_client_acquire_session (OaiClient *self, GUri *uri, const char *socket_path, OaiRequest *request, OaiSessionWait **wait, OaiSessionFunc func, gpointer user_data);
/* Notes whether the server supports HTTP/2. */
void oai_client_note_version (OaiClient *self, SoupSession *session, gboolean http2);
/* Notes that a connection was opened. */
void oai_client_note_connection (OaiClient *self, SoupSession *session);
/* The request has ended.  Takes the session. */
void oai_client_release_session (OaiClient *self, SoupSession *session);
/* Returns the credentials to use.  NULL with an error if none are found and the server requires
 * them; NULL without an error if it may not require them. */
OaiAuth *oai_client_ref_auth (OaiClient *self, GError **error);
/* Whether a call in the thread-default main context that requires a network may be sent to a host. */
gboolean oai_client_has_network (OaiClient *self, const char *host);
/* The monitor that is in use, or NULL. */
GNetworkMonitor *oai_client_get_network_monitor (OaiClient *self);
/* For servers that are not at loopback addresses; NULL if no proxy is used. */
GProxyResolver *oai_client_ref_proxy_resolver (OaiClient *self);
void oai_client_announce (OaiClient *self, OaiCall *call);
void oai_client_remember_failure (OaiClient *self, OaiCall *call);
/* What was learned of a server from its refusals.  model: nullable. */
/* Whether anything was learned. */
gboolean oai_client_has_adaptations (OaiClient *self);
OaiAdaptations oai_client_find_adaptations (OaiClient *self, const char *server, const char *endpoint, const char *model);
void oai_client_learn_adaptations (OaiClient *self, const char *server, const char *endpoint, const char *model, OaiAdaptations adaptations);

/* Returns the limit of the options, or that of the settings if the options have none. */
guint oai_client_get_limit (guint of_settings, int of_options);

G_END_DECLS
