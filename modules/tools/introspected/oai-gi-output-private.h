/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Converts the results of introspected functions to JSON. */

#pragma once

#include "oai-gi-type-private.h"

G_BEGIN_DECLS

/* Appends a value as JSON.  length: the number of elements of a C array without a zero at its end.  Sets
 * error if it is not set and a value has no JSON form. */
void oai_gi_output_write (GITypeInfo *type, const GIArgument *argument, gsize length, GString *out, GError **error);
/* Frees what the caller owns of a value. */
void oai_gi_output_clear (GITypeInfo *type, GITransfer transfer, const GIArgument *argument, gsize length);

G_END_DECLS
