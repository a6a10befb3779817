/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-json-doc-private.h"
#include "oai-json-writer-private.h"
#include "oai-stream.h"

G_BEGIN_DECLS

typedef enum
{
  OAI_STREAM_END_DONE, /* the server said so, by [DONE] */
  OAI_STREAM_END_EOF   /* the connection ended in order, and behind an event */
} OaiStreamEnd;

/* What the streams of a module do with the events; each may be NULL. */
struct _OaiStreamVTable
{
  /* Whether an event makes sense, before anybody is shown it as a record; asked only then. */
  gboolean (*check) (OaiStream *self, OaiJsonDoc *doc, OaiJsonNode node, GError **error);
  /* One event, which is no error. Folds it into the result and emits signals. */
  gboolean (*fold) (OaiStream *self, const char *event, OaiJsonDoc *doc, OaiJsonNode node, GError **error);
  /* A whole reply in place of events: adds, by oai_stream_add_event(), those that would have
   * brought it.  Without it, the reply counts as one event. */
  gboolean (*split_reply) (OaiStream *self, OaiJsonDoc *doc, OaiJsonNode node, GError **error);
  /* Emits what was buffered before oai_stream_schedule_flush(). */
  void (*flush) (OaiStream *self);
  /* The events are over, and the last one is whole: is the reply, too?  Without it: when there was one. */
  gboolean (*complete) (OaiStream *self, OaiStreamEnd end, GError **error);
  /* The result so far, or NULL; without it, the newest event. */
  OaiRecord *(*dup_result) (OaiStream *self);
};

/* For subclasses: flush() is called at once, or after the time that
 * oai_stream_set_coalesce() names. */
_OAI_INTERNAL
void oai_stream_schedule_flush (OaiStream *self);
/* For split_reply(): one event as it would have come; event may be NULL. */
_OAI_INTERNAL
void oai_stream_add_event (OaiStream *self, const char *event, const char *json);
/* A record of the result, with the client and the call. */
_OAI_INTERNAL
OaiRecord *oai_stream_new_record (OaiStream *self, GType type, const char *json);
/* Whether the program pulls chunks one by one, and so looks at them itself. */
_OAI_INTERNAL
gboolean oai_stream_is_pulled (OaiStream *self);
/* The JSON that was, or will be, sent; NULL when it is no JSON. */
_OAI_INTERNAL
GBytes *oai_stream_get_request_body (OaiStream *self);

G_END_DECLS
