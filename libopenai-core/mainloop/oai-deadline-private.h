/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Ends an operation when its caller cancels it or when a time limit expires. */

#pragma once

#include <gio/gio.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* timed_out: FALSE if the operation was cancelled. */
typedef void (*OaiDeadlineFunc) (gboolean timed_out, gpointer user_data);

typedef struct
{
  GMainContext *context;     /* of the sources; NULL when it is not in use */
  OaiDeadlineFunc func;
  gpointer user_data;
  GCancellable *cancellable; /* only of oai_deadline_init_linked() */
  gboolean timed_out;
  GSource *cancelled_source; /* of the caller's cancellable */
  GSource *timer;            /* for the nearest limit */
  /* Monotonic microseconds; 0 if there is no such limit. */
  gint64 total;
  gint64 connect;
  gint64 idle_since;
  gint64 idle_limit;         /* a duration */
} OaiDeadline;

/* Calls func in context. */
_OAI_INTERNAL
void oai_deadline_init (OaiDeadline *self, GMainContext *context, OaiDeadlineFunc func, gpointer user_data);
/* Instead of calling a function, cancels self->cancellable, which the operation is started with. */
_OAI_INTERNAL
void oai_deadline_init_linked (OaiDeadline *self, GMainContext *context, GCancellable *outer);
/* Replaces the caller's cancellable, which may be NULL.  One that was cancelled before is
 * reported at the next iteration of the context. */
_OAI_INTERNAL
void oai_deadline_set_cancellable (OaiDeadline *self, GCancellable *cancellable);
/* Stops and frees the deadline, which can then be initialized again. */
_OAI_INTERNAL
void oai_deadline_clear (OaiDeadline *self);

/* Time limits in milliseconds, 0 for none.  total begins now; idle begins with
 * oai_deadline_start_body() or oai_deadline_resume(). */
_OAI_INTERNAL
void oai_deadline_start (OaiDeadline *self, gint64 total, gint64 idle);
void oai_deadline_start_connecting (OaiDeadline *self, gint64 limit);
void oai_deadline_stop_connecting (OaiDeadline *self);
/* The head of the reply has arrived: idle time counts from now on.  keep_total: whether the
 * total limit also includes the body. */
void oai_deadline_start_body (OaiDeadline *self, gboolean keep_total);
/* Restarts the idle time, since data has arrived. */
void oai_deadline_touch (OaiDeadline *self);
/* Stops and restarts the idle time. */
void oai_deadline_pause (OaiDeadline *self);
void oai_deadline_resume (OaiDeadline *self);
/* Stops all time limits; the caller may still cancel. */
_OAI_INTERNAL
void oai_deadline_stop (OaiDeadline *self);
/* Stops the time limits and ignores the caller's cancellable: the operation has ended. */
_OAI_INTERNAL
void oai_deadline_disarm (OaiDeadline *self);
/* Ends the operation now, as timed out. */
void oai_deadline_expire (OaiDeadline *self);

/* Waits in the thread-default main context.  Fails with G_IO_ERROR_CANCELLED if it is cancelled. */
_OAI_INTERNAL
void oai_deadline_wait_async (guint milliseconds, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
_OAI_INTERNAL
gboolean oai_deadline_wait_finish (GAsyncResult *result, GError **error);

G_END_DECLS
