/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Writes the schema of the arguments of a tool. */

#pragma once

#include "oai-json-schema.h"

G_BEGIN_DECLS

typedef struct
{
  GString *properties;
  GString *required;
  char *definitions; /* the value of $defs, or NULL */
} OaiArgumentsSchema;

void oai_arguments_schema_init (OaiArgumentsSchema *self);
/* Adds an argument.  schema: JSON text of its schema, without description. */
void oai_arguments_schema_add (OaiArgumentsSchema *self, const char *name, const char *schema, const char *description, const char *default_json, gboolean nullable, gboolean required);
/* Returns the schema of an object with these arguments and no others, and frees the texts. */
OaiJsonSchema *oai_arguments_schema_end (OaiArgumentsSchema *self, GError **error);

G_END_DECLS
