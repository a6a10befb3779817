/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The properties of a class that JSON has. */

#pragma once

#include "oai-json-property.h"

G_BEGIN_DECLS

/* Returns the properties that are part of the JSON of an object; free with g_free(). */
G_GNUC_INTERNAL
GParamSpec **oai_json_property_list (GObjectClass *klass, guint *n_properties);
G_GNUC_INTERNAL
GType oai_json_property_get_item_type (GParamSpec *pspec);
/* Returns whether null is accepted: the property is nullable, or it has a default value. */
G_GNUC_INTERNAL
gboolean oai_json_property_is_optional (GParamSpec *pspec);
G_GNUC_INTERNAL
gboolean oai_json_property_has_default (GParamSpec *pspec);
/* Returns the name of the member. */
G_GNUC_INTERNAL
char *oai_json_property_dup_member (GParamSpec *pspec);
/* Whether a type is a list of items: a GListModel or a GPtrArray. */
G_GNUC_INTERNAL
gboolean oai_json_type_is_list (GType type);

/* Sets the error of a type that has no JSON form, and returns FALSE.  pspec: the property that has the
 * type; or NULL. */
G_GNUC_INTERNAL
gboolean oai_json_property_fail_type (GParamSpec *pspec, const char *type_name, GError **error);

G_END_DECLS
