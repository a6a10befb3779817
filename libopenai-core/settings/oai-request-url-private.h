/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Builds the URL of a request from the settings and a path. */

#pragma once

#include "oai-settings.h"

G_BEGIN_DECLS

/* path: expanded and encoded, relative ("chat/completions") or a whole http or https URL, which is
 * used as it is; its query is kept.  deployment: on Azure, the operation is below deployments/.
 * model: that of the body, or NULL.  query: encoded ("a=1&b=2"), or NULL. */
char *oai_request_url_build (OaiSettings *settings, const char *path, gboolean deployment, const char *model, const char *query, GError **error);
/* The same for a request of another client: path is never a whole URL, and the parameters of the settings win over
 * those of query. */
char *oai_request_url_build_passed (OaiSettings *settings, const char *path, gboolean deployment, const char *model, const char *query, GError **error);
/* Whether a path is a whole URL. */
gboolean oai_request_url_is_absolute (const char *path);

G_END_DECLS
