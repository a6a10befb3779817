/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A session of the Responses API. */

#pragma once

#include "oai-responses-types.h"
#include "oai-session.h"

G_BEGIN_DECLS

#define OAI_TYPE_RESPONSES_SESSION (oai_responses_session_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiResponsesSession, oai_responses_session, OAI, RESPONSES_SESSION, OaiSession)

OAI_AVAILABLE_IN_1_0
OaiSession *oai_responses_session_new (OaiClient *client, const char *model);
OAI_AVAILABLE_IN_1_0
OaiSession *oai_responses_session_new_from_json (OaiClient *client, const char *json, GError **error);
OAI_AVAILABLE_IN_1_0
OaiSession *oai_responses_session_load (OaiClient *client, GFile *file, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_responses_session_load_async (OaiClient *client, GFile *file, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiSession *oai_responses_session_load_finish (GAsyncResult *result, GError **error);

G_END_DECLS
