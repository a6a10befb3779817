/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Conversion between records and the nodes of json-glib. */

#pragma once

#include <json-glib/json-glib.h>
#include <openai-1/openai.h>

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
OaiRecord *oai_record_new_from_node (GType type, JsonNode *node, GError **error);
OAI_AVAILABLE_IN_1_0
JsonNode *oai_record_to_node (OaiRecord *self);
OAI_AVAILABLE_IN_1_0
JsonNode *oai_record_dup_member_node (OaiRecord *self, const char *member);
OAI_AVAILABLE_IN_1_0
gboolean oai_record_set_member_node (OaiRecord *self, const char *member, JsonNode *node, GError **error);

G_END_DECLS
