/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <libsoup/soup.h>

#include "oai-auth.h"
#include "oai-endpoint.h"
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
OaiEndpoint *oai_client_get_endpoint (OaiClient *self, const char *name, GError **error);
OAI_AVAILABLE_IN_1_0
OaiCall *oai_client_get_call_for_error (OaiClient *self, const GError *error);

OAI_AVAILABLE_IN_1_0
char *oai_client_request (OaiClient *self, const char *method, const char *path, const char *body, OaiCallOptions *options, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_client_request_async (OaiClient *self, const char *method, const char *path, const char *body, OaiCallOptions *options, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
char *oai_client_request_finish (OaiClient *self, GAsyncResult *result, GError **error);

G_END_DECLS
