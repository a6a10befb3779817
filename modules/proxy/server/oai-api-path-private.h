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
/* Reads the models that a path, relative to the API, and a query name: the deployment of Azure's paths, and those of
 * connections of the Realtime API.  Each is NULL if it is not named.  Returns FALSE if servers could read others. */
gboolean oai_api_path_read_models (const char *path, const char *query, char **model, char **deployment);
/* Whether no character of a path is encoded that needs no encoding: such a path is another one only for some readers. */
gboolean oai_api_path_is_plain (const char *path);
/* Whether a path, relative to the API, is that of chat or text completions for any server. */
gboolean oai_api_path_is_completion (const char *path);
gboolean oai_api_path_is_health (const char *path, const char *prefix);
/* Returns a prefix as "" or "/a/b", or NULL if it is not the beginning of a path. */
char *oai_api_path_normalize_prefix (const char *prefix);

G_END_DECLS
