/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How Azure's URLs differ from OpenAI's.  Functions with an error fail with
 * OAI_ERROR_INVALID_ARGUMENT. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The version of the API that is requested by default, and the parameter of the query for it. */
#define OAI_AZURE_DEFAULT_VERSION "2024-10-21"
#define OAI_AZURE_VERSION_PARAMETER "api-version"

/* https://RESOURCE.openai.azure.com/openai */
char *oai_azure_url_from_resource (const char *resource, GError **error);
/* The URL of an endpoint of Azure, with "/openai" at its end. */
char *oai_azure_url_from_endpoint (const char *endpoint, GError **error);

/* Whether the path of a base URL contains the name of a deployment. */
gboolean oai_azure_has_deployment (const char *base_url);
/* Appends the path of a deployment to a base URL.  what: what name is, for the error. */
char *oai_azure_add_deployment (const char *base_url, const char *what, const char *name, GError **error);

G_END_DECLS
