/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The time limits of one attempt, watched by one timer. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  GSource *timer;
  GMainContext *context;
  void (*expired) (gpointer user_data);
  gpointer user_data;
  gint64 connect;     /* monotonic microseconds; 0: none */
  gint64 total;
  gint64 idle_since;  /* 0: nothing is awaited yet */
  gint64 idle_limit;  /* microseconds; 0: none */
} OaiDeadlines;

/* Milliseconds, 0 for none.  Borrows the context. */
void oai_deadlines_start (OaiDeadlines *self, GMainContext *context, guint total, guint idle, void (*expired) (gpointer user_data), gpointer user_data);
void oai_deadlines_start_connecting (OaiDeadlines *self, guint limit);
void oai_deadlines_stop_connecting (OaiDeadlines *self);
/* The head is here: from now on, silence counts; the total only where the whole body is awaited. */
void oai_deadlines_start_body (OaiDeadlines *self, gboolean keep_total);
/* Something has arrived. */
void oai_deadlines_touch (OaiDeadlines *self);
/* Idle time does not count in between, nor before the first of them. */
void oai_deadlines_pause (OaiDeadlines *self);
void oai_deadlines_resume (OaiDeadlines *self);
void oai_deadlines_stop (OaiDeadlines *self);

G_END_DECLS
