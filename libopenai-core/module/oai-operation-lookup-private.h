/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Finds operations by their paths. */

#pragma once

#include "oai-operation.h"

G_BEGIN_DECLS

/* Returns the operation with this path, which has no parameters, and this method (NULL for any).
 * The first segment of the path is the name of the endpoint; its module is loaded if it is
 * installed.  Slashes around the path and a query are ignored. */
const OaiOperation *oai_operation_lookup (const char *method, const char *path);

/* Finds the operation that a request of another client is for, among those of all installed modules, which are loaded
 * at the first call.  path: relative to the base URL, without a query.  A parameter is one segment that is not empty.
 * name: interned, "chat.create"; optional.  Returns NULL if there is none. */
_OAI_INTERNAL
const OaiOperation *oai_operation_match (const char *method, const char *path, const char **name);

G_END_DECLS
