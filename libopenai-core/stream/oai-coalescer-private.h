/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Emits signals of text, and buffers the text for an interval so that one signal carries several
 * deltas.  All signals keep their order. */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define OAI_COALESCER_MAX_INDEXES 4

typedef struct
{
  gpointer object;       /* that has the signals; not owned */
  GMainContext *context; /* where the source runs; not owned */
  guint interval;        /* milliseconds; 0 for no buffering */
  GQueue texts;          /* what is buffered, the oldest first */
  GSource *source;       /* that flushes, or NULL */
} OaiCoalescer;

void oai_coalescer_init (OaiCoalescer *self, gpointer object);
/* Drops what is buffered. */
void oai_coalescer_clear (OaiCoalescer *self);
/* Also holds for the text that is buffered, from now on. */
void oai_coalescer_set_interval (OaiCoalescer *self, guint milliseconds);
/* Emits a signal whose arguments are a text and indexes, now or within the interval.  indexes has
 * OAI_COALESCER_MAX_INDEXES elements. */
void oai_coalescer_add (OaiCoalescer *self, guint signal_id, const char *text, gsize length, const guint *indexes);
/* Emits what is buffered. */
void oai_coalescer_flush (OaiCoalescer *self);

G_END_DECLS
