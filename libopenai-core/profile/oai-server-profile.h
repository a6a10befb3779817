/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a server refuses in requests. */

#pragma once

#include "oai-key-requirement.h"
#include "oai-types.h"

G_BEGIN_DECLS

#define OAI_TYPE_SERVER_PROFILE (oai_server_profile_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiServerProfile, oai_server_profile, OAI, SERVER_PROFILE, GObject)

OAI_AVAILABLE_IN_1_0
OaiServerProfile *oai_server_profile_new_from_text (const char *text, const char *name, GError **error);

OAI_AVAILABLE_IN_1_0
OaiServerProfile *oai_server_profile_find_for_base_url (const char *base_url);

OAI_AVAILABLE_IN_1_0
const char *oai_server_profile_get_name (OaiServerProfile *self);
OAI_AVAILABLE_IN_1_0
OaiKeyRequirement oai_server_profile_get_key_requirement (OaiServerProfile *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_server_profile_has_operation (OaiServerProfile *self, const char *operation);

G_END_DECLS
