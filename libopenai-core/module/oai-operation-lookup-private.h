/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Finds operations by their paths, for requests and addresses that name no module. */

#pragma once

#include "oai-operation.h"

G_BEGIN_DECLS

/* The operation with exactly this path, which has no parameters, and with this method (NULL for
 * any).  It is looked for in the endpoint that has the name of the first segment; its module is
 * loaded if it is installed.  Slashes around the path and a query are ignored. */
_OAI_INTERNAL
const OaiOperation *oai_operation_lookup (const char *method, const char *path);

G_END_DECLS
