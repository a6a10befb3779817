/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* JSON of GVariants: dictionaries with string keys are objects, other containers arrays; ay is Base64,
 * and v any value. */

#pragma once

#include "oai-json-builder-private.h"

G_BEGIN_DECLS

/* Returns whether an array type is an object in JSON. */
G_GNUC_INTERNAL
gboolean oai_variant_type_is_object (const GVariantType *type);
/* Returns a floating reference; NULL with OAI_ERROR_INVALID_ARGUMENT. */
G_GNUC_INTERNAL
GVariant *oai_json_variant_read (const GVariantType *type, OaiJsonDoc *doc, OaiJsonNode node, GError **error);
G_GNUC_INTERNAL
void oai_json_variant_add (OaiJsonBuilder *builder, const char *name, GVariant *value);

G_END_DECLS
