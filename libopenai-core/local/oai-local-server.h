/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A server on this machine. */

#pragma once

#include "oai-server-profile.h"

G_BEGIN_DECLS

#define OAI_TYPE_LOCAL_SERVER (oai_local_server_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiLocalServer, oai_local_server, OAI, LOCAL_SERVER, GObject)

OAI_AVAILABLE_IN_1_0
const char *oai_local_server_get_name (OaiLocalServer *self);
OAI_AVAILABLE_IN_1_0
const char *oai_local_server_get_base_url (OaiLocalServer *self);
OAI_AVAILABLE_IN_1_0
const char *const *oai_local_server_get_models (OaiLocalServer *self);
OAI_AVAILABLE_IN_1_0
OaiServerProfile *oai_local_server_get_server_profile (OaiLocalServer *self);

G_END_DECLS
