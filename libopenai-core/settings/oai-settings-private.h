/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Functions of OaiSettings for the files that create requests. */

#pragma once

#include "oai-auth.h"
#include "oai-name-values-private.h"
#include "oai-settings.h"

G_BEGIN_DECLS

/* Returns a copy that does not change, which all callers share until the settings change. */
OaiSettings *oai_settings_ref_snapshot (OaiSettings *self);
/* Whether the server is OpenAI's. */
gboolean oai_settings_is_openai (OaiSettings *self);
/* The environment variable from which the base URL was read; NULL if it is set by the program or the default. */
const char *oai_settings_get_base_url_variable (OaiSettings *self);

/* In the order in which they were set.  The value is NULL for a header that is removed. */
void oai_settings_foreach_header (OaiSettings *self, OaiNameValueFunc func, gpointer user_data);
void oai_settings_foreach_query (OaiSettings *self, OaiNameValueFunc func, gpointer user_data);

/* Returns the value that is sent with the key of auth (nullable): the value of the settings, else
 * that of the key, else, for a key of the environment or without a key, that of the environment. */
const char *oai_settings_resolve_organization (OaiSettings *self, OaiAuth *auth);
const char *oai_settings_resolve_project (OaiSettings *self, OaiAuth *auth);
/* Whether the key is sent as "api-key", as Azure requires, instead of "Authorization". */
gboolean oai_settings_uses_api_key_header (OaiSettings *self, OaiAuth *auth);

/* The path of the UNIX socket to which the requests below the root are sent, or NULL. */
char *oai_settings_dup_socket_path (OaiSettings *self);
/* The URL that the path of a request is appended to; for a UNIX socket, an http URL.  deployment: on Azure, it is below
 * deployments/.  model: nullable. */
char *oai_settings_build_root (OaiSettings *self, gboolean deployment, const char *model, GError **error);

G_END_DECLS
