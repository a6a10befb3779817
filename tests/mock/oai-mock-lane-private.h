/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The lanes of a WebSocket connection, each of which generates one response after the other. */

#pragma once

#include "oai-mock-private.h"

G_BEGIN_DECLS

/* What the lanes of a connection share. */
typedef struct {
  OaiMockServer *server;
  OaiMockService *service;
  char *collection; /* with the records of all responses of the connection, which need not be stored */
  guint n_steers;
} OaiMockLanes;

typedef struct _OaiMockLane OaiMockLane;

OaiMockLane *_oai_mock_lane_new (OaiMockLanes *lanes, const char *id);
void _oai_mock_lane_free (OaiMockLane *self);
const char *_oai_mock_lane_get_id (OaiMockLane *self);
void _oai_mock_lane_push (OaiMockLane *self, OaiMockRequest *request, JsonObject *message, OaiMockReply *scripted);
char *_oai_mock_lane_next (OaiMockLane *self);

char *_oai_mock_lane_error_text (OaiMockReply *problem, const char *lane);

G_END_DECLS
