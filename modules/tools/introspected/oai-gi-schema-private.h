/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Schemas of types of the introspection data. */

#pragma once

#include "oai-gi-type-private.h"

G_BEGIN_DECLS

typedef struct
{
  GArray *types; /* GType of the values whose schemas core makes */
  OaiJsonDoc *doc;
} OaiGiSchema;

void oai_gi_schema_init (OaiGiSchema *self);
void oai_gi_schema_clear (OaiGiSchema *self);
/* Adds a type.  All types are added before the first schema is written. */
void oai_gi_schema_add_type (OaiGiSchema *self, GITypeInfo *type);
/* Makes the schemas of core, which share definitions.  Returns the value of $defs in definitions, or NULL. */
gboolean oai_gi_schema_prepare (OaiGiSchema *self, char **definitions, GError **error);
/* Appends the schema of a value. */
void oai_gi_schema_write (OaiGiSchema *self, GITypeInfo *type, GString *out);

G_END_DECLS
