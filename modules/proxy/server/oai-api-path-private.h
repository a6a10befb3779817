/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The paths of the proxy. */

#pragma once

#include "oai-router-private.h"

G_BEGIN_DECLS

/* Returns the part of a path after the prefix and the base path of the API: /v1, or that of an upstream, such as /openai
 * of Azure.  NULL if it is not below one of them.  prefix: "" or "/prefix". */
const char *oai_api_path_find (const char *path, const char *prefix, OaiRouter *router);
/* Returns the path of the operation, without the deployment of Azure's paths. */
const char *oai_api_path_skip_deployment (const char *path);
/* Returns the model that a path, relative to the API, or a query names: the deployment of Azure's paths, and that of
 * connections of the Realtime API; or NULL. */
char *oai_api_path_dup_model (const char *path, const char *query);
gboolean oai_api_path_is_health (const char *path, const char *prefix);
/* Returns a prefix as "" or "/a/b", or NULL if it is not the beginning of a path. */
char *oai_api_path_normalize_prefix (const char *prefix);

G_END_DECLS
