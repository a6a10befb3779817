/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where the events of a stream come from: the transport that OaiStream does not know. */

#pragma once

#include "oai-call.h"
#include "oai-json-doc-private.h"

G_BEGIN_DECLS

typedef struct _OaiEventSource OaiEventSource;

typedef struct
{
  const char *name;  /* nullable */
  char *data;        /* NUL-terminated; may be parsed in place; not empty */
  gsize length;
  gboolean is_value; /* it is JSON without framing, and only an object makes sense */
  gboolean is_reply; /* it is one whole reply, which is JSON, in place of events */
} OaiEvent;

typedef enum
{
  OAI_EVENT_SOURCE_EVENT,   /* an event */
  OAI_EVENT_SOURCE_WAIT,    /* the next one has not arrived */
  OAI_EVENT_SOURCE_DONE,    /* the end, by a marker */
  OAI_EVENT_SOURCE_EOF,     /* the end of the connection, behind an event */
  OAI_EVENT_SOURCE_ERROR    /* what arrives cannot be read any further */
} OaiEventSourceStatus;

/* What a source reports.  Either may close and free the source. */
typedef struct
{
  /* Events can be taken, or the end.  FALSE: the source pauses. */
  gboolean (*ready) (OaiEventSource *source, gpointer user_data);
  /* The connection failed; nothing more is reported.  Takes the error. */
  void (*failed) (OaiEventSource *source, GError *error, gpointer user_data);
  /* Whether JSON that came alone is one of the events. */
  gboolean (*is_chunk) (OaiEventSource *source, OaiJsonDoc *doc, gpointer user_data);
} OaiEventListener;

typedef struct
{
  /* Opens the connection; call is known then. */
  void (*prepare) (OaiEventSource *self);
  void (*start) (OaiEventSource *self, GCancellable *cancellable);
  /* The event stays until the next call. */
  OaiEventSourceStatus (*next) (OaiEventSource *self, OaiEvent *event, GError **error);
  /* Continues after ready() returned FALSE, for another operation. */
  void (*resume) (OaiEventSource *self, GCancellable *cancellable);
  /* The events taken mean the end: by a failure, or without error completeness.  Nothing is
   * reported any more.  Redacts the error. */
  void (*finish) (OaiEventSource *self, GError *error);
  /* Closes the connection at once, for that reason.  Nothing is reported any more. */
  void (*close) (OaiEventSource *self, const GError *error);
  void (*free) (OaiEventSource *self);
} OaiEventSourceClass;

/* The beginning of each source, which is made with one reference. */
struct _OaiEventSource
{
  const OaiEventSourceClass *klass;
  int ref_count;
  const OaiEventListener *listener; /* NULL when nothing is to be reported any more */
  gpointer user_data;
  OaiCall *call;        /* NULL before prepare() */
  const char *secret;   /* credentials, one a line, to be redacted from what the server repeats; or NULL */
  GBytes *request_body; /* JSON that is sent, or NULL */
};

static inline void
oai_event_source_listen (OaiEventSource *self, const OaiEventListener *listener, gpointer user_data)
{
  self->listener = listener;
  self->user_data = user_data;
}

static inline OaiEventSourceStatus
oai_event_source_next (OaiEventSource *self, OaiEvent *event, GError **error)
{
  return self->klass->next (self, event, error);
}

static inline OaiEventSource *
oai_event_source_ref (OaiEventSource *self)
{
  self->ref_count++;

  return self;
}

void oai_event_source_unref (OaiEventSource *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiEventSource, oai_event_source_unref)
/* Stops reports, and drops a reference. */
void oai_event_source_drop (OaiEventSource *self);

G_END_DECLS
