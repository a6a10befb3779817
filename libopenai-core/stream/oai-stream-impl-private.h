/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the parts of OaiStream share; for oai-stream*.c only. */

#pragma once

#include "oai-event-joiner-private.h"
#include "oai-event-reader-private.h"
#include "oai-owner-thread-private.h"
#include "oai-stream-request-private.h"

G_BEGIN_DECLS

typedef enum
{
  OAI_STREAM_NEW,
  OAI_STREAM_RUNNING,
  OAI_STREAM_OVER
} OaiStreamState;

/* Where a stream is read, for another thread that closes it. */
typedef struct
{
  OaiOwnerThread *home;
  GMainContext *context;
} OaiStreamPlace;

typedef struct
{
  OaiClient *client;
  OaiRequest *request;
  GBytes *request_body;
  OaiExchange *exchange;
  OaiCall *call;
  const char *text_member; /* where a reply that is no JSON goes, or NULL */
  OaiFormat format;
  GType chunk_type;
  gboolean enveloped;    /* the chunk holds the event's name and its data */
  GMainContext *context;
  OaiStreamPlace *place; /* NULL before the stream has started; atomic */
  int closing;           /* whether close() was called, atomic */
  OaiStreamState state;
  OaiEventReader reader;
  OaiSseEvent event;     /* whose values are folded one after the other; length 0 for none */
  gboolean several;      /* one of its values was folded */
  OaiEventJoiner joiner; /* of events whose text ends within a character */
  gboolean whole;        /* a whole reply came, in place of events */
  guint max_whole;       /* how many bytes it may have; 0 for no limit */
  gboolean done;         /* the end marker came */
  gboolean folding;      /* an event is folded; handlers run */
  OaiJsonDoc *doc;       /* reused where no record is wanted */
  OaiRecord *newest;     /* the result of streams that fold nothing */
  GQueue chunks;         /* pulled, not given away yet */
  guint wanted;          /* how many the pending pull takes at most */
  GTask *task;           /* run or pull under way */
  gboolean pulling;
  GError *error;         /* what the stream ended with */
  const char *secret;    /* while events are folded */
  guint coalesce;
  GSource *flush_source;
} OaiStreamPrivate;

/* oai-stream.c */
OaiStreamPrivate *oai_stream_get_private (OaiStream *self);
const OaiStreamVTable *oai_stream_get_vtable (OaiStream *self);
/* From now on, other threads close the stream where it is read. */
void oai_stream_set_place (OaiStream *self);
/* Closes the stream if close() was called before it had started. */
void oai_stream_catch_up_close (OaiStream *self);
void oai_stream_notify_running (OaiStream *self);
void oai_stream_notify_call (OaiStream *self);
gboolean oai_stream_wants_events (OaiStream *self);
void oai_stream_emit_event (OaiStream *self, const char *name, const char *json);
gboolean oai_stream_wants_chunks (OaiStream *self);
void oai_stream_emit_chunk (OaiStream *self, OaiRecord *chunk);

/* oai-stream-events.c */
/* Takes the error.  Nothing is read any more. */
void oai_stream_end (OaiStream *self, GError *error);
/* The same for a stream that is not over, without a word of text that is held back. */
void oai_stream_settle (OaiStream *self, GError *error);

G_END_DECLS
