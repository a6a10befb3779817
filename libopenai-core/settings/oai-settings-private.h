/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-auth.h"
#include "oai-name-values-private.h"
#include "oai-settings.h"

G_BEGIN_DECLS

#define OAI_DEFAULT_BASE_URL "https://api.openai.com/v1"

/* In the order they were set; value may be NULL for a header that is removed. */
void oai_settings_foreach_header (OaiSettings *self, OaiNameValueFunc func, gpointer user_data);
void oai_settings_foreach_query (OaiSettings *self, OaiNameValueFunc func, gpointer user_data);

/* What to send: the settings' own, else what comes with the key, else, with a key of the
 * environment or none, the environment's. */
const char *oai_settings_resolve_organization (OaiSettings *self, OaiAuth *auth);
const char *oai_settings_resolve_project (OaiSettings *self, OaiAuth *auth);
/* Whether the key goes into Azure's "api-key" header instead of "Authorization". */
gboolean oai_settings_uses_api_key_header (OaiSettings *self, OaiAuth *auth);

/* The URL of a request, Azure's routes included.  path: expanded and encoded,
 * relative ("chat/completions") or an absolute http(s) URL, which passes as it
 * is; may hold a query of its own, which is kept.  deployment: the operation lives
 * below deployments/ on Azure.  model: of the body, or NULL.  query: encoded
 * ("a=1&b=2") or NULL. */
char *oai_settings_build_url (OaiSettings *self, const char *path, gboolean deployment, const char *model, const char *query, GError **error);

/* Whether a path is a whole URL. */
gboolean oai_settings_path_is_absolute (const char *path);
/* Whether an operation by raw path (no table) lives below deployments/ on Azure. */
gboolean oai_settings_path_has_deployment (const char *method, const char *path);

/* Within the settings. */

typedef enum
{
  OAI_LIMIT_CONNECT_TIMEOUT,
  OAI_LIMIT_IDLE_TIMEOUT,
  OAI_LIMIT_TIMEOUT,
  OAI_LIMIT_MAX_RETRIES,
  OAI_LIMIT_MAX_RETRY_DELAY,
  OAI_LIMIT_MAX_EVENT_SIZE,
  OAI_LIMIT_MAX_REPLY_SIZE,
  OAI_N_LIMITS
} OaiLimit;

guint oai_settings_get_limit (OaiSettings *self, OaiLimit limit);
void oai_settings_set_limit (OaiSettings *self, OaiLimit limit, guint value);

/* A text that is no URL is kept, and fails the calls. */
void oai_settings_use_base_url (OaiSettings *self, const char *base_url);
void oai_settings_make_azure (OaiSettings *self, const char *deployment, const char *api_version, gboolean use_active_directory);
void oai_settings_set_environment (OaiSettings *self, const char *organization, const char *project);
/* The URL that a path is appended to. */
char *oai_settings_build_root (OaiSettings *self, gboolean deployment, const char *model, GError **error);

/* The version of a beta that requests name in the header OpenAI-Beta; NULL for the default of
 * the operation. */
const char *oai_settings_get_beta_version (OaiSettings *self, const char *beta);

G_END_DECLS
