/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Emits signals that carry text.  Buffers the text for an interval, so that one signal carries
 * several deltas.  Signals keep their order. */

#pragma once

#include "oai-stream-schema.h"

G_BEGIN_DECLS

typedef struct
{
  gpointer object;       /* emits the signals; not owned */
  GMainContext *context; /* the main context of the source; not owned */
  guint interval;        /* milliseconds; 0 for no buffering */
  GQueue texts;          /* the buffered texts, the oldest first */
  GSource *source;       /* flushes the buffer; or NULL */
} OaiCoalescer;

void oai_coalescer_init (OaiCoalescer *self, gpointer object);
/* Discards the buffered text. */
void oai_coalescer_clear (OaiCoalescer *self);
/* Applies to text that is already buffered, too. */
void oai_coalescer_set_interval (OaiCoalescer *self, guint milliseconds);
/* Emits a signal with a text and indexes as arguments, at once or within the interval.  indexes has
 * OAI_STREAM_MAX_INDEXES elements. */
void oai_coalescer_add (OaiCoalescer *self, guint signal_id, const char *text, gsize length, const guint *indexes);
/* Emits the buffered text. */
void oai_coalescer_flush (OaiCoalescer *self);

G_END_DECLS
