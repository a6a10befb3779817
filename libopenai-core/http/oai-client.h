/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The client: settings, credentials and connections. */

#pragma once

#include <libsoup/soup.h>

#include "oai-auth.h"
#include "oai-settings.h"

G_BEGIN_DECLS

#define OAI_TYPE_CLIENT (oai_client_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiClient, oai_client, OAI, CLIENT, GObject)

OAI_AVAILABLE_IN_1_0
OaiClient *oai_client_new (OaiAuth *auth, OaiSettings *settings);
OAI_AVAILABLE_IN_1_0
OaiClient *oai_client_new_with_session (OaiAuth *auth, OaiSettings *settings, SoupSession *session);

OAI_AVAILABLE_IN_1_0
OaiAuth *oai_client_get_auth (OaiClient *self);
OAI_AVAILABLE_IN_1_0
OaiSettings *oai_client_get_settings (OaiClient *self);
OAI_AVAILABLE_IN_1_0
SoupSession *oai_client_get_session (OaiClient *self);

OAI_AVAILABLE_IN_1_0
gboolean oai_client_get_network_available (OaiClient *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_client_get_network_metered (OaiClient *self);

OAI_AVAILABLE_IN_1_0
OaiCall *oai_client_find_call_for_error (OaiClient *self, const GError *error);

G_END_DECLS
