/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Responses of the mock service. */

#pragma once

#include "oai-mock-private.h"

G_BEGIN_DECLS

/* One response while it is generated. */
typedef struct {
  OaiMockCall *call;
  JsonArray *context; /* the items before this turn */
  JsonArray *input;
  JsonArray *output;
  JsonObject *last;
  char *said;
  char *result; /* what the tools returned, or NULL */
  JsonArray *annotations; /* of the answer */
  guint reasoning_tokens;
  gboolean compacts; /* because the input demands it */
  gboolean waits; /* for the results of tools that the client executes */
} OaiMockTurn;

/* oai-mock-response-input.c: the items that a response continues */
OaiMockReply *_oai_mock_turn_init (OaiMockTurn *self, OaiMockCall *call);
const char *_oai_mock_turn_get_conversation (OaiMockTurn *self);
void _oai_mock_turn_clear (OaiMockTurn *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OaiMockTurn, _oai_mock_turn_clear)
JsonObject *_oai_mock_item_new (OaiMockStore *store, JsonObject *given);
gboolean _oai_mock_item_is (JsonObject *item, const char *type);

/* oai-mock-response-output.c: the content of a response */
JsonObject *_oai_mock_turn_answer (OaiMockTurn *self, const char *id);
void _oai_mock_turn_add (OaiMockTurn *self, JsonObject *item);
gboolean _oai_mock_turn_includes (OaiMockTurn *self, const char *what);
JsonObject *_oai_mock_turn_compact (OaiMockTurn *self);
JsonObject *_oai_mock_response_as (JsonObject *response, const char *status);
JsonObject *_oai_mock_response_usage (guint input, guint output, guint reasoning);
void _oai_mock_response_cut (JsonObject *response, gint64 words, const char *reason);

/* oai-mock-response-tools.c: the calls of tools */
void _oai_mock_turn_use_tools (OaiMockTurn *self);

/* oai-mock-response-events.c: a response as events */
JsonArray *_oai_mock_response_events (JsonObject *response);
JsonObject *_oai_mock_response_event_obfuscate (JsonObject *event);
OaiMockReply *_oai_mock_response_stream (JsonArray *events, gint64 after, gboolean obfuscate);

/* oai-mock-conversations.c */
OaiMockReply *_oai_mock_conversation_check (OaiMockCall *call, const char *id);
GPtrArray *_oai_mock_conversation_items (OaiMockStore *store, const char *id);
void _oai_mock_conversation_add (OaiMockStore *store, const char *id, JsonArray *items);

/* oai-mock-responses.c: the stored responses. A record has the members id, response, context, input, and status. The
 * status is that of the response until it has ended. */
JsonObject *_oai_mock_response_create (OaiMockCall *call, OaiMockReply **problem);
gboolean _oai_mock_response_obfuscates (JsonObject *request);
JsonObject *_oai_mock_response_find (OaiMockCall *call, const char *id);

G_END_DECLS
