/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Short functions that create and read nodes of json-glib. */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

JsonObject *oai_mock_object (const char *first_member, ...) G_GNUC_NULL_TERMINATED;
void oai_mock_object_set (JsonObject *object, const char *first_member, ...) G_GNUC_NULL_TERMINATED;
JsonArray *oai_mock_array_of_object (JsonObject *object);
JsonArray *oai_mock_array_of_strings (const char *first, ...) G_GNUC_NULL_TERMINATED;

JsonNode *oai_mock_node_for_object (JsonObject *object);
JsonNode *oai_mock_parse (const char *text, gssize length, GError **error);
char *oai_mock_object_to_text (JsonObject *object);
char *oai_mock_node_to_text (JsonNode *node);
JsonObject *oai_mock_object_copy (JsonObject *object);

JsonNode *oai_mock_member (JsonObject *object, const char *name);
const char *oai_mock_get_string (JsonObject *object, const char *name);
gint64 oai_mock_get_int (JsonObject *object, const char *name, gint64 fallback);
double oai_mock_get_double (JsonObject *object, const char *name, double fallback);
gboolean oai_mock_get_boolean (JsonObject *object, const char *name, gboolean fallback);
JsonObject *oai_mock_get_object (JsonObject *object, const char *name);
JsonArray *oai_mock_get_array (JsonObject *object, const char *name);
JsonObject *oai_mock_array_get_object (JsonArray *array, guint index);
void oai_mock_copy_members (JsonObject *from, JsonObject *to, const char *const *names);
JsonNode *oai_mock_dup_member (JsonObject *object, const char *name);

JsonNode *oai_mock_sample (JsonObject *schema, const char *text);

G_END_DECLS
