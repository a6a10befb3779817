/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Replays recorded exchanges with the library. Reads one line of JSON for each, and writes one line of JSON. */

#pragma once

#include <json-glib/json-glib.h>

#include "oai-client-endpoints.h"
#include "oai-mock.h"
#include "oai-endpoint.h"
#include "oai-operation.h"
#include "oai-paged-list.h"
#include "oai-stream.h"
#include "oai-record-private.h"

G_BEGIN_DECLS

typedef struct
{
  OaiMockServer *server;
  char *origin;       /* of the server */
  char *base_path;    /* of the client */
  OaiClient *client;
} Replay;

/* Members of JSON objects; NULL or fallback if absent or of another kind. */
const char *driver_get_string (JsonObject *object, const char *name);
gint64 driver_get_int (JsonObject *object, const char *name, gint64 fallback);
JsonObject *driver_get_object (JsonObject *object, const char *name);
JsonArray *driver_get_array (JsonObject *object, const char *name);
void driver_set_string (JsonObject *object, const char *name, const char *value);
GBytes *driver_dup_bytes (JsonObject *object, const char *name);

/* describe.c: the operations of all endpoints whose modules are loaded, and the
 * types of their records. */
void driver_describe (JsonObject *out);
/* Makes replies writable in this process, so that their setters can be tested. */
void driver_make_writable (void);

/* rebuild.c: a new record with the same members, each set by the setter of its
 * type.  odd: receives "Type.member" where a member is of a kind that the type
 * does not have; it is copied as JSON. */
OaiRecord *driver_rebuild (OaiRecord *record, JsonArray *odd);

/* replay.c */
void replay_init (Replay *self);
void replay_clear (Replay *self);
/* The client for the origin of the server and that path. */
void replay_set_base_path (Replay *self, const char *base_path);
void replay_invoke (Replay *self, JsonObject *play, JsonObject *out);
void replay_stream (Replay *self, JsonObject *play, JsonObject *out);
void replay_request (Replay *self, JsonObject *play, JsonObject *out);

/* generic.c: replies that core reads without a module. */
void generic_record (JsonObject *play, JsonObject *out);
void generic_events (JsonObject *play, JsonObject *out);

G_END_DECLS
