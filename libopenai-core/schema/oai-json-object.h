/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Objects and other values from JSON, and the reverse. */

#pragma once

#include "oai-types.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
GObject *oai_json_to_object (GType type, const char *json, GError **error);
OAI_AVAILABLE_IN_1_0
gboolean oai_json_update_object (GObject *object, const char *json, GError **error);
OAI_AVAILABLE_IN_1_0
char *oai_json_from_object (GObject *object, GError **error);
OAI_AVAILABLE_IN_1_0
gboolean oai_json_to_value (GValue *value, const char *json, GError **error);
OAI_AVAILABLE_IN_1_0
char *oai_json_from_value (const GValue *value, GError **error);
OAI_AVAILABLE_IN_1_0
GVariant *oai_json_to_variant (const GVariantType *type, const char *json, GError **error);
OAI_AVAILABLE_IN_1_0
char *oai_json_from_variant (GVariant *variant);

G_END_DECLS
