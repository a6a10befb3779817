/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What GParamSpec does not say of a property in JSON. */

#pragma once

#include "oai-types.h"

G_BEGIN_DECLS

/**
 * OaiJsonPropertyFlags:
 * @OAI_JSON_PROPERTY_DEFAULT: a property that is part of the JSON of an object
 * @OAI_JSON_PROPERTY_NULLABLE: the property can be `null`, or absent
 * @OAI_JSON_PROPERTY_IGNORED: the property is not part of the JSON of an object
 *
 * How a property of a class is part of the JSON of its objects.
 *
 * Since: 1.0
 */
typedef enum /*< flags >*/
{
  OAI_JSON_PROPERTY_DEFAULT = 0,
  OAI_JSON_PROPERTY_NULLABLE = 1 << 0,
  OAI_JSON_PROPERTY_IGNORED = 1 << 1
} OaiJsonPropertyFlags;

OAI_AVAILABLE_IN_1_0
void oai_json_set_property_flags (GType type, const char *property_name, OaiJsonPropertyFlags flags);
OAI_AVAILABLE_IN_1_0
void oai_json_set_item_type (GType type, const char *property_name, GType item_type);

G_END_DECLS
