/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A WebSocket connection for many responses. */

#pragma once

#include "oai-responses-types.h"
#include "oai-web-socket.h"

G_BEGIN_DECLS

#define OAI_TYPE_RESPONSES_SOCKET (oai_responses_socket_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiResponsesSocket, oai_responses_socket, OAI, RESPONSES_SOCKET, OaiWebSocket)

OAI_AVAILABLE_IN_1_0
OaiResponseStream *oai_responses_socket_create_stream (OaiResponsesSocket *self, OaiResponseRequest *request, const char *lane);
OAI_AVAILABLE_IN_1_0
OaiResponseStream *oai_responses_socket_create_warm_up (OaiResponsesSocket *self, OaiResponseRequest *request, const char *lane);
OAI_AVAILABLE_IN_1_0
gboolean oai_responses_socket_steer (OaiResponsesSocket *self, const char *response_id, const char *text, GError **error);
OAI_AVAILABLE_IN_1_0
const char *oai_responses_socket_get_last_response_id (OaiResponsesSocket *self, const char *lane);
OAI_AVAILABLE_IN_1_0
guint oai_responses_socket_get_max_streams (OaiResponsesSocket *self);
OAI_AVAILABLE_IN_1_0
void oai_responses_socket_set_max_streams (OaiResponsesSocket *self, guint max_streams);
OAI_AVAILABLE_IN_1_0
gboolean oai_responses_socket_get_continue_lanes (OaiResponsesSocket *self);
OAI_AVAILABLE_IN_1_0
void oai_responses_socket_set_continue_lanes (OaiResponsesSocket *self, gboolean continue_lanes);

G_END_DECLS
