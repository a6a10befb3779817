/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* JSON schemas. */

#pragma once

#include "oai-types.h"

G_BEGIN_DECLS

#define OAI_TYPE_JSON_SCHEMA (oai_json_schema_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiJsonSchema, oai_json_schema, OAI, JSON_SCHEMA, GObject)

OAI_AVAILABLE_IN_1_0
OaiJsonSchema *oai_json_schema_new (const char *json, GError **error);
OAI_AVAILABLE_IN_1_0
OaiJsonSchema *oai_json_schema_new_for_type (GType type, GError **error);
OAI_AVAILABLE_IN_1_0
OaiJsonSchema *oai_json_schema_new_for_properties (GParamSpec **params, guint n_params, GError **error);
OAI_AVAILABLE_IN_1_0
OaiJsonSchema *oai_json_schema_new_for_variant_type (const GVariantType *type, GError **error);
OAI_AVAILABLE_IN_1_0
const char *oai_json_schema_get_json (OaiJsonSchema *self);
OAI_AVAILABLE_IN_1_0
OaiJsonSchema *oai_json_schema_make_strict (OaiJsonSchema *self, GError **error);
OAI_AVAILABLE_IN_1_0
gboolean oai_json_schema_validate (OaiJsonSchema *self, const char *json, GError **error);

G_END_DECLS
