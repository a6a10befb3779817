/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Streams that share a WebSocket connection.  The requests of a lane are sent one after the other,
 * so that an error without an identifier belongs to the request that is being answered. */

#pragma once

#include "oai-socket-schema.h"
#include "oai-socket-turn-private.h"

G_BEGIN_DECLS

/* Sends the message of a turn.  Returns FALSE with an error if it cannot be sent. */
typedef gboolean (*OaiLaneSendFunc) (OaiSocketTurn *turn, gpointer user_data, GError **error);
/* Returns whether the message of a turn is still in the send queue.  remove: removes it from there. */
typedef gboolean (*OaiLaneUnsentFunc) (OaiSocketTurn *turn, gboolean remove, gpointer user_data);

typedef struct
{
  const OaiSocketSchema *schema; /* NULL if the class has no streams */
  char *quoted_member;           /* the member of the lane, in quotes */
  GString *passed;               /* how the last event began that was passed on without parsing it; contains its type */
  GHashTable *lanes;             /* from the name of a lane to a GQueue of OaiSocketTurn; NULL until it is needed */
  GQueue *default_lane;          /* the one of lanes that is named "", or NULL */
  gboolean names_lanes;          /* an event of the server has named a lane */
  OaiLaneSendFunc send;
  OaiLaneUnsentFunc is_unsent;
  gpointer user_data;
} OaiSocketLanes;

void oai_socket_lanes_init (OaiSocketLanes *self, const OaiSocketSchema *schema, OaiLaneSendFunc send, OaiLaneUnsentFunc is_unsent, gpointer user_data);
void oai_socket_lanes_clear (OaiSocketLanes *self);

/* Adds a turn, and sends its message if it is the first one of its lane. */
void oai_socket_lanes_add (OaiSocketLanes *self, OaiSocketTurn *turn);
/* Adds a turn without a message, as the first one of its lane. */
void oai_socket_lanes_adopt (OaiSocketLanes *self, OaiSocketTurn *turn);
/* Removes a turn without a stream. */
void oai_socket_lanes_forget (OaiSocketLanes *self, OaiSocketTurn *turn);
/* The stream of the turn needs no more events.  If its message was sent, the turn stays until its last
 * event has arrived. */
void oai_socket_lanes_leave (OaiSocketLanes *self, OaiSocketTurn *turn);
/* Passes an event on without parsing it, which is faster.  Returns FALSE if it has to be parsed: only events
 * within a reply, whose text begins with their type and contains no lane, are passed on.  data: NUL-terminated. */
gboolean oai_socket_lanes_pass (OaiSocketLanes *self, const char *data, gsize length);
/* Whether the event begins a reply without a request. */
gboolean oai_socket_lanes_is_unrequested (OaiSocketLanes *self, const char *name, const char *lane);
/* Returns the name of the lane if the event is the last one of a stream, else NULL.  lane: as in the event, or NULL. */
char *oai_socket_lanes_dup_ending (OaiSocketLanes *self, const char *name, const char *lane);
/* Passes an event on to the stream that it belongs to. */
void oai_socket_lanes_route (OaiSocketLanes *self, const char *name, const char *lane, const char *data, gsize length);
/* Whether the event belongs to no stream. */
gboolean oai_socket_lanes_is_apart (OaiSocketLanes *self, const char *name);
/* The connection has ended.  keep: it will be opened again, so turns whose message was not sent stay.
 * cause: nullable; requests that were not sent fail with its code. */
void oai_socket_lanes_fail (OaiSocketLanes *self, gboolean keep, const GError *cause);
/* Sets the credentials to redact in the errors of the streams.  secret: nullable. */
void oai_socket_lanes_set_secret (OaiSocketLanes *self, const char *secret);
/* Returns how many streams are open. */
guint oai_socket_lanes_count (OaiSocketLanes *self);

G_END_DECLS
