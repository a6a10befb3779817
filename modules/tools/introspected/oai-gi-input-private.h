/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Converts JSON to arguments of introspected functions. */

#pragma once

#include "oai-gi-scope-private.h"
#include "oai-gi-type-private.h"

G_BEGIN_DECLS

/* Converts a value to an argument.  Its memory is added to scope.  length is set to the number of
 * elements of an array.  Null is only accepted if nullable.  The error is for the model: OAI_ERROR_INVALID_ARGUMENT. */
gboolean oai_gi_input_convert (GITypeInfo *type, GITransfer transfer, gboolean nullable, OaiJsonDoc *doc, OaiJsonNode node, OaiGiScope *scope, GIArgument *argument, gsize *length, GError **error);

G_END_DECLS
