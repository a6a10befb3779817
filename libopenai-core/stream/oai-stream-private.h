/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Streams for the rest of core, and for the hand-written part of stream classes in modules of this
 * project. */

#pragma once

#include "oai-event-source-private.h"
#include "oai-json-doc-private.h"
#include "oai-json-value-private.h"
#include "oai-json-writer-private.h"
#include "oai-stream.h"
#include "oai-stream-schema.h"

G_BEGIN_DECLS

/* Takes source and error, of which one is NULL.  Without a source the client may be NULL, too. */
OaiStream *oai_stream_new (GType type, OaiClient *client, OaiEventSource *source, GType chunk_type, GError *error);
/* The events of a body that has arrived, folded.  Takes the body. */
OaiRecord *oai_stream_fold_body (GType type, OaiClient *client, OaiCall *call, GType chunk_type, GBytes *body, const char *secret, GError **error);
/* Whether a reply that is one JSON object is a chunk of such a stream, and not the whole. */
gboolean oai_stream_type_is_chunk (GType type, OaiJsonDoc *doc);

typedef enum
{
  OAI_STREAM_END_DONE, /* the server sent the marker [DONE], or one whole reply */
  OAI_STREAM_END_EOF   /* the connection ended in order, and behind an event */
} OaiStreamEnd;

/* Hand-written functions of a stream class; each may be NULL. */
struct _OaiStreamHooks
{
  gsize state_size;                   /* of what oai_stream_get_state() returns */
  void (*init_state) (OaiStream *self, gpointer state); /* state is zeroed */
  void (*clear_state) (gpointer state);
  /* Whether an event makes sense, before the program gets it as a record; only called then. */
  gboolean (*check) (OaiStream *self, OaiJsonDoc *doc, OaiJsonNode event, GError **error);
  /* One whole reply in place of events: adds the events that would have brought it.  Without it
   * the reply counts as one event. */
  gboolean (*split_reply) (OaiStream *self, OaiJsonDoc *doc, OaiJsonNode reply, GError **error);
  /* Whether the result of a whole reply is the reply itself, and not what its events make. */
  gboolean keeps_reply;
  /* After the last event: whether the reply is complete.  Without it: as the schema says, or by
   * the end marker. */
  gboolean (*complete) (OaiStream *self, OaiStreamEnd end, GError **error);
  /* The result so far, or NULL.  Without it: what the rules of the schema made. */
  OaiRecord *(*dup_result) (OaiStream *self);
};

/* What the rules of the schema have made so far; an object unless a rule replaced it. */
_OAI_INTERNAL
OaiJsonValue *oai_stream_get_reply (OaiStream *self);
/* A value of the reply by a path of the schema, for an event; NULL if there is none. */
_OAI_INTERNAL
OaiJsonValue *oai_stream_find_value (OaiStream *self, const char *path, OaiJsonDoc *doc, OaiJsonNode event);
/* For split_reply(): one event as it would have arrived.  name, which is nullable, becomes its tag
 * if events have one.  Takes the event. */
_OAI_INTERNAL
void oai_stream_add_event (OaiStream *self, const char *name, OaiJsonValue *event);

G_END_DECLS
