/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Base URLs from what programs and people call a server.  All functions fail with
 * OAI_ERROR_INVALID_ARGUMENT. */

#pragma once

#include <gio/gio.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* https://DOMAIN/VERSION.  Both are nullable. */
char *oai_server_address_from_domain (const char *domain, const char *version, GError **error);
/* A region of OpenAI, such as "eu". */
char *oai_server_address_from_region (const char *region, GError **error);

/* Whether path, such as "chat/completions", is that of an operation. */
typedef gboolean (*OaiIsOperationFunc) (const char *path);
/* An address that a person has typed or pasted: a missing scheme is added ("unix:" to an absolute
 * path), "/v1" is added if there is no path, and a query, slashes and the path of an operation at its end are removed. */
char *oai_server_address_repair (const char *text, OaiIsOperationFunc is_operation, GError **error);

G_END_DECLS
