/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The arguments of an operation that a model can choose. */

#pragma once

#include "oai-json-doc-private.h"
#include "oai-json-schema.h"
#include "oai-operation.h"

G_BEGIN_DECLS

/* Returns the schema, and the names of the arguments in names.  fixed: a document with the arguments that the
 * program has set, or NULL.  Files, secrets and what makes the reply a stream are omitted; an operation
 * that requires a file fails with OAI_ERROR_INVALID_ARGUMENT. */
OaiJsonSchema *oai_operation_schema_new (const OaiOperation *operation, OaiJsonDoc *fixed, GPtrArray *names, GError **error);

G_END_DECLS
