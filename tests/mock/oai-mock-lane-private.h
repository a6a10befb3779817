/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The lanes of a WebSocket connection, each of which generates one response after the other. */

#pragma once

#include "oai-mock-private.h"

G_BEGIN_DECLS

/* What the lanes of a connection share. */
typedef struct {
  OaiMockServer *server;
  OaiMockService *service;
  OaiMockReply *fault; /* the scripted reply to the handshake, or NULL */
  char *collection; /* with the records of all responses of the connection, which need not be stored */
  GHashTable *pending; /* arrays of the input that waits for the continuation of a response, by the id of that response */
  guint n_steers;
  guint n_steer_events;
} OaiMockLanes;

typedef struct _OaiMockLane OaiMockLane;

/* oai-mock-lane.c */
OaiMockLane *_oai_mock_lane_new (OaiMockLanes *lanes, const char *id);
void _oai_mock_lane_free (OaiMockLane *self);
const char *_oai_mock_lane_get_id (OaiMockLane *self);
const char *_oai_mock_lane_get_response_id (OaiMockLane *self);
void _oai_mock_lane_push (OaiMockLane *self, OaiMockRequest *request, JsonObject *message, OaiMockReply *scripted);
JsonObject *_oai_mock_lane_steer (OaiMockLane *self, JsonObject *message);
char *_oai_mock_lane_next (OaiMockLane *self);
char *_oai_mock_lane_error_text (OaiMockService *checked, OaiMockReply *problem, const char *lane);

/* oai-mock-steer.c */
JsonArray *_oai_mock_steer_required (JsonObject *response);
JsonObject *_oai_mock_steer_accepted (OaiMockLanes *lanes, JsonObject *steer);
JsonObject *_oai_mock_steer_pending (OaiMockLanes *lanes, JsonObject *steer, JsonArray *items);
JsonObject *_oai_mock_steer_failed (OaiMockLanes *lanes, JsonObject *steer, const char *code, const char *message);
gboolean _oai_mock_steer_is_valid (JsonObject *steer);
void _oai_mock_steer_append (JsonArray *to, JsonNode *input);

G_END_DECLS
