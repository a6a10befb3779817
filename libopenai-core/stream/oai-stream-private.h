/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Functions for other files of core, and for hand-written stream classes of the modules of this
 * project. */

#pragma once

#include "oai-event-source-private.h"
#include "oai-json-builder-private.h"
#include "oai-json-doc-private.h"
#include "oai-json-value-private.h"
#include "oai-json-writer-private.h"
#include "oai-stream.h"
#include "oai-stream-schema.h"

G_BEGIN_DECLS

/* Takes ownership of source and error, of which one is NULL.  Without a source, the client may be
 * NULL. */
OaiStream *oai_stream_new (GType type, OaiClient *client, OaiEventSource *source, GType chunk_type, GError *error);
/* Folds the events of a body that has arrived.  Takes ownership of the body. */
OaiRecord *oai_stream_fold_body (GType type, OaiClient *client, OaiCall *call, GType chunk_type, GBytes *body, const char *secret, GError **error);
/* Returns whether a reply that is one JSON object is a chunk of a stream, and not a whole reply. */
gboolean oai_stream_type_is_chunk (GType type, OaiJsonDoc *doc);
/* Returns whether an object can be a whole reply of the class. */
gboolean oai_stream_type_is_reply (GType type, OaiJsonDoc *doc);

typedef enum
{
  OAI_STREAM_END_DONE, /* the server sent the marker [DONE], or one whole reply */
  OAI_STREAM_END_EOF   /* the connection ended after a complete event */
} OaiStreamEnd;

typedef enum
{
  OAI_STREAM_EVENT_NEW,
  OAI_STREAM_EVENT_UNKNOWN, /* it is handled, but does not show that the reply has continued */
  OAI_STREAM_EVENT_EARLIER, /* it is part of the reply, but not reported */
  OAI_STREAM_EVENT_REPEATED /* it has been handled already, and is ignored */
} OaiStreamEventAge;

/* Hand-written functions of a stream class; each may be NULL. */
struct _OaiStreamHooks
{
  gsize state_size;                   /* size of the value that oai_stream_get_state() returns */
  void (*init_state) (OaiStream *self, gpointer state); /* state is zeroed */
  void (*clear_state) (gpointer state);
  /* Checks an event before the program gets it as a record.  Not called if it does not. */
  gboolean (*check) (OaiStream *self, OaiJsonDoc *doc, OaiJsonNode event, GError **error);
  /* Whether the class finds errors in events itself, in the pass over their members.  It must
   * call oai_stream_check_error() before it uses an event that may be an error.  Other events are checked by the
   * stream: those called "error", those that are not objects, and those that the program gets. */
  gboolean finds_errors;
  /* Returns whether an object can be a whole reply, also to a request without a stream.  If NULL, each
   * object can. */
  gboolean (*is_reply) (OaiJsonDoc *doc, OaiJsonNode object);
  /* Converts a whole reply to events, which it adds with oai_stream_add_event().  If NULL, the
   * reply counts as one event. */
  gboolean (*split_reply) (OaiStream *self, OaiJsonDoc *doc, OaiJsonNode reply, GError **error);
  /* Whether the result of a whole reply is the reply itself, and not the result of its events. */
  gboolean keeps_reply;
  /* Returns whether the reply is complete, after the last event.  If NULL, the schema or the end
   * marker decides. */
  gboolean (*complete) (OaiStream *self, OaiStreamEnd end, GError **error);
  /* Adds the result so far to a builder without a root.  Returns FALSE if there is none.  If the
   * function is NULL, the result is that of the schema's rules. */
  gboolean (*build_result) (OaiStream *self, OaiJsonBuilder *builder);
  /* After the connection was lost: returns a new stream of the same class for the events that have not
   * arrived, whose request the stream continues with; NULL if that is impossible. */
  OaiStream *(*resume) (OaiStream *self);
  /* Returns whether get_age() is called for the next event. */
  gboolean (*may_repeat) (OaiStream *self);
  OaiStreamEventAge (*get_age) (OaiStream *self, OaiJsonDoc *doc, OaiJsonNode event);
};

/* Returns FALSE with an error if the value, which is usually an event, is an error.  An event called
 * "error" always is one. */
_OAI_INTERNAL
gboolean oai_stream_check_error (OaiStream *self, const char *name, OaiJsonDoc *doc, OaiJsonNode node, GError **error);
/* Returns the result of the schema's rules so far; an object unless a rule replaced it. */
_OAI_INTERNAL
OaiJsonValue *oai_stream_get_reply (OaiStream *self);
/* Returns a value of the reply by a path of the schema, for an event; NULL if there is none. */
_OAI_INTERNAL
OaiJsonValue *oai_stream_find_value (OaiStream *self, const char *path, OaiJsonDoc *doc, OaiJsonNode event);
/* Adds an event in split_reply().  name, which is nullable, becomes its tag if events have one.
 * Takes ownership of the event. */
_OAI_INTERNAL
void oai_stream_add_event (OaiStream *self, const char *name, OaiJsonValue *event);

G_END_DECLS
