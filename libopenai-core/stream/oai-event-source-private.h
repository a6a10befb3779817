/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The transport of a stream, which OaiStream reads events from. */

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
  gboolean is_value; /* data is JSON without framing, which must be an object */
  gboolean is_reply; /* data is one whole JSON reply, in place of events */
} OaiEvent;

typedef enum
{
  OAI_EVENT_SOURCE_EVENT,   /* an event */
  OAI_EVENT_SOURCE_WAIT,    /* the next one has not arrived */
  OAI_EVENT_SOURCE_DONE,    /* the end marker arrived */
  OAI_EVENT_SOURCE_EOF,     /* the connection ended after a complete event */
  OAI_EVENT_SOURCE_ERROR    /* the data is invalid */
} OaiEventSourceStatus;

/* The callbacks of a source.  A callback may close and free the source. */
typedef struct
{
  /* Events, or the end, can be read with next().  Return FALSE to pause the source. */
  gboolean (*ready) (OaiEventSource *source, gpointer user_data);
  /* The connection failed; no callback follows.  Takes ownership of the error. */
  void (*failed) (OaiEventSource *source, GError *error, gpointer user_data);
  /* Return whether JSON without framing is one of the events, and not a whole reply. */
  gboolean (*is_chunk) (OaiEventSource *source, OaiJsonDoc *doc, gpointer user_data);
} OaiEventListener;

typedef struct
{
  /* Creates the call. */
  void (*prepare) (OaiEventSource *self);
  void (*start) (OaiEventSource *self, GCancellable *cancellable);
  /* The event is valid until the next call. */
  OaiEventSourceStatus (*next) (OaiEventSource *self, OaiEvent *event, GError **error);
  /* Continues after ready() returned FALSE, for another operation. */
  void (*resume) (OaiEventSource *self, GCancellable *cancellable);
  /* Ends the source, since the events complete the reply (error is NULL) or report a failure.  No
   * callback follows.  Redacts the error. */
  void (*finish) (OaiEventSource *self, GError *error);
  /* Closes the connection at once; error is the reason.  No callback follows. */
  void (*close) (OaiEventSource *self, const GError *error);
  void (*free) (OaiEventSource *self);
} OaiEventSourceClass;

/* The first members of each source.  A source is created with one reference. */
struct _OaiEventSource
{
  const OaiEventSourceClass *klass;
  int ref_count;
  const OaiEventListener *listener; /* NULL if no callback may follow */
  gpointer user_data;
  OaiCall *call;        /* NULL before prepare() */
  const char *secret;   /* credentials, one per line, which are redacted from messages of the server; or NULL */
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
/* Prevents further callbacks, and releases a reference. */
void oai_event_source_drop (OaiEventSource *self);

G_END_DECLS
