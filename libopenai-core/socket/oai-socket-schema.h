/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tables of sockets, which compiled API descriptions and hand-written socket classes contain.  For
 * module authors; not introspected.  The structures begin with their size, and can grow. */

#pragma once

#include "oai-record.h"

G_BEGIN_DECLS

/* A socket endpoint of the API. */
typedef struct _OaiSocketOperation OaiSocketOperation;
struct _OaiSocketOperation
{
  gsize size;                         /* of this structure */
  const char *name;                   /* "create_socket" */
  const char *path;                   /* "things/{thing_id}", relative to the base URL */
  GType (*query_type) (void);         /* record of the query, or NULL */
  GType (*client_event_type) (void);  /* union of the events that the program sends */
  GType (*server_event_type) (void);  /* union of the events that the server sends */
  GType (*socket_type) (void);        /* OaiWebSocket or a subclass */
  const char *beta;                   /* name in the OpenAI-Beta header, or NULL */
  const char *beta_version;           /* version in that header, unless the settings select another one; NULL: the header is sent only if they select one */
};

/* How streams share a connection: each answers one request.  The requests of a lane are sent one
 * after the other, and the events of a lane belong to the oldest of its requests that has not
 * ended. */
typedef struct _OaiSocketSchema OaiSocketSchema;
struct _OaiSocketSchema
{
  gsize size;                   /* of this structure */
  const char *operation;        /* "things.create", the operation of the calls of the streams */
  const char *lane_member;      /* member of an event that names its lane */
  const char *const *ends;      /* events after which a stream ends, besides errors; NULL-terminated */
  const char *const *apart;     /* events that belong to no stream; NULL-terminated, or NULL */
  const char *first;            /* the first event of a reply, which may come without a request; or NULL */
  /* Called for events that belong to no stream, before OaiWebSocket::event.  Or NULL. */
  void (*apart_event) (OaiWebSocket *self, const char *name, OaiRecord *event);
  /* Called before the event of a request is sent, when the earlier requests of its lane have been answered.
   * lane: "" for the default lane.  Returns the text to send instead, or NULL.  Or NULL. */
  char *(*adapt) (OaiWebSocket *self, const char *lane, GBytes *event);
  /* Returns a better message for the error of a request, or NULL.  Or NULL. */
  char *(*explain) (OaiRecord *event, const GError *error);
  /* Called for the last event of a reply, before its stream.  lane: "" for the default lane.  Or NULL. */
  void (*last_event) (OaiWebSocket *self, const char *lane, OaiRecord *event);
  /* Called for the first event of a reply without a request.  stream_type: the class of its stream, which is
   * passed to unrequested().  The stream receives nothing before it is started.  Or NULL. */
  GType (*stream_type) (void);
  void (*unrequested) (OaiWebSocket *self, const char *lane, OaiStream *stream);
};

G_END_DECLS
