/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The modules that are linked into a test together with the static core.  The loader of
 * modules would bring the shared core in, so that such a test gets endpoints here. */

#pragma once

#include "oai-client.h"
#include "oai-endpoint.h"
#include "oai-module.h"

G_BEGIN_DECLS

/* NULL-terminated. */
extern const OaiModuleGetDescriptor static_modules[];

/* The descriptor of a module; NULL with OAI_ERROR_MODULE if there is no such module. */
const OaiModuleDescriptor *static_modules_find (const char *name, GError **error);
/* As oai_client_get_endpoint(). */
OaiEndpoint *static_modules_get_endpoint (OaiClient *client, const char *name, GError **error);

G_END_DECLS
