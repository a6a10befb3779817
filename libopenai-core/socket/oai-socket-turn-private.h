/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The source of a stream that shares a WebSocket connection: one request, and the events that
 * answer it. */

#pragma once

#include "oai-deadline-private.h"
#include "oai-event-source-private.h"

G_BEGIN_DECLS

typedef struct _OaiSocketTurn OaiSocketTurn;

/* What the owner of the connection does for a turn. */
typedef struct
{
  /* The stream has started. */
  void (*begin) (OaiSocketTurn *turn, gpointer owner);
  /* The stream needs no more events.  The server may still send some. */
  void (*leave) (OaiSocketTurn *turn, gpointer owner);
  /* Returns a better message for an error that the server sent, or NULL. */
  char *(*explain) (OaiSocketTurn *turn, gpointer owner, const GError *error);
} OaiSocketTurnFuncs;

struct _OaiSocketTurn
{
  OaiEventSource parent;
  const OaiSocketTurnFuncs *funcs;
  GObject *owner;      /* NULL if the stream needs no more events */
  const char *operation; /* of the call */
  char *lane;          /* "" for the default lane */
  char *secret;        /* what parent.secret points to */
  guint64 id;          /* of the message */
  GMainContext *context; /* NULL before the start */
  GError *error;       /* why the turn failed before the start, or NULL */
  OaiDeadline deadline;
  GString *first;      /* the event that next() returns next, or NULL */
  GQueue events;       /* of GString, after first */
  GString *current;    /* the event that next() returned last; reused; or NULL */
  gsize size;          /* of the events in bytes */
  gsize limit;         /* of size; 0 for none */
  guint n_events;      /* that have arrived */
  gboolean owned;      /* owner is referenced */
  gboolean current_is_error;
  gboolean in_use;     /* the stream still uses current */
  gboolean handed;     /* the message is in the send queue, or was sent */
  gboolean ended;      /* the last event has arrived */
  gboolean over;       /* the stream needs no more events */
  gboolean paused;     /* the stream does not want events now */
};

/* message: NULL for a reply without a request.  owner: referenced until the stream needs no more events, by a
 * reply without a request only when its stream has started or it has ended, since the owner keeps it before. */
OaiSocketTurn *oai_socket_turn_new (GObject *owner, const OaiSocketTurnFuncs *funcs, const char *operation, const char *lane, GBytes *message);

/* Sets the credentials to redact.  secret: nullable, copied. */
void oai_socket_turn_set_secret (OaiSocketTurn *self, const char *secret);
/* The message is sent now: time-outs begin. */
void oai_socket_turn_set_sent (OaiSocketTurn *self, const char *url, gint64 timeout, gint64 idle_timeout);
/* Passes an event on.  last: it ends the turn.  is_error: it reports an error of the request. */
void oai_socket_turn_push (OaiSocketTurn *self, const char *data, gsize length, gboolean last, gboolean is_error);
/* Ends the stream with an error.  Takes ownership of the error. */
void oai_socket_turn_fail (OaiSocketTurn *self, GError *error);

G_END_DECLS
