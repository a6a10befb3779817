/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* References within a JSON schema: "#", or "#" and a JSON pointer (RFC 6901). */

#pragma once

#include "oai-json-types-private.h"

G_BEGIN_DECLS

/* Returns the tokens of the pointer; NULL if the reference is not one within the document. */
G_GNUC_INTERNAL
char **oai_schema_pointer_split (const char *reference);
/* Returns an index of an array; FALSE if the token is none. */
G_GNUC_INTERNAL
gboolean oai_schema_pointer_get_index (const char *token, guint *index);
/* Returns OAI_JSON_NONE if nothing is there. */
G_GNUC_INTERNAL
OaiJsonNode oai_schema_pointer_find (OaiJsonDoc *doc, const char *reference);

G_END_DECLS
