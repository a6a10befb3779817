/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Describes the members of record types to programs and bindings. */

#pragma once

#include "oai-types.h"

G_BEGIN_DECLS

#define OAI_TYPE_FIELD_INFO (oai_field_info_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiFieldInfo, oai_field_info, OAI, FIELD_INFO, GObject)

OAI_AVAILABLE_IN_1_0
GPtrArray *oai_record_list_fields (GType type);
OAI_AVAILABLE_IN_1_0
GType oai_record_find_type (GType type, const char *tag);

OAI_AVAILABLE_IN_1_0
const char *oai_field_info_get_name (OaiFieldInfo *self);
OAI_AVAILABLE_IN_1_0
const char *oai_field_info_get_member (OaiFieldInfo *self);
OAI_AVAILABLE_IN_1_0
const char *oai_field_info_get_type_name (OaiFieldInfo *self);
OAI_AVAILABLE_IN_1_0
GType oai_field_info_get_item_type (OaiFieldInfo *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_field_info_is_property (OaiFieldInfo *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_field_info_is_writable (OaiFieldInfo *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_field_info_is_required (OaiFieldInfo *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_field_info_is_nullable (OaiFieldInfo *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_field_info_is_secret (OaiFieldInfo *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_field_info_is_tag (OaiFieldInfo *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_field_info_is_deprecated (OaiFieldInfo *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_field_info_is_alternative (OaiFieldInfo *self);

G_END_DECLS
