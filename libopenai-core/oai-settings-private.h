/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-settings.h"

G_BEGIN_DECLS

typedef void (*OaiPairFunc) (const char *name, const char *value, gpointer user_data);

/* In the order they were set; value may be NULL for a header that is removed. */
_OAI_INTERNAL
void oai_settings_foreach_header (OaiSettings *self, OaiPairFunc func, gpointer user_data);
_OAI_INTERNAL
void oai_settings_foreach_query (OaiSettings *self, OaiPairFunc func, gpointer user_data);

/* The URL of a request, Azure's routes included.  path: expanded and encoded,
 * relative ("chat/completions") or an absolute http(s) URL, which passes as it
 * is; may hold a query of its own, which is kept.  deployment: the operation lives
 * below deployments/ on Azure.  model: of the body, or NULL.  query: encoded
 * ("a=1&b=2") or NULL. */
_OAI_INTERNAL
char *oai_settings_build_url (OaiSettings *self, const char *path, gboolean deployment, const char *model, const char *query, GError **error);

/* Whether an operation by raw path (no table) lives below deployments/ on Azure. */
_OAI_INTERNAL
gboolean oai_settings_path_has_deployment (const char *method, const char *path);

G_END_DECLS
