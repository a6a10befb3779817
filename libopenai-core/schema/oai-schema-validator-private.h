/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Checks whether a value fits a JSON schema: the validation keywords of JSON Schema 2020-12, items as
 * an array and exclusive limits as booleans as in older drafts, and nullable of OpenAPI.  "format" and
 * references to other documents are not checked.
 *
 * Patterns are searched with GRegex; one that it cannot compile is not checked.  The effort is
 * limited: nesting and the number of steps, also those of a pattern. */

#pragma once

#include "oai-json-types-private.h"

G_BEGIN_DECLS

/* The error, OAI_ERROR_INVALID_ARGUMENT, lists up to five problems for a model, in English: where, and
 * what was expected. */
G_GNUC_INTERNAL
gboolean oai_schema_validate (OaiJsonDoc *schema, OaiJsonDoc *doc, GError **error);

G_END_DECLS
