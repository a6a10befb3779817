/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-deadline-private.h"

#include "oai-source-private.h"

static gint64
to_usec (gint64 milliseconds)
{
  return MIN (milliseconds, G_MAXINT) * 1000;
}

static gint64
get_nearest (OaiDeadline *self)
{
  gint64 nearest = G_MAXINT64;

  if (self->connect > 0)
    nearest = MIN (nearest, self->connect);
  if (self->total > 0)
    nearest = MIN (nearest, self->total);
  if (self->idle_limit > 0 && self->idle_since > 0)
    nearest = MIN (nearest, self->idle_since + self->idle_limit);

  return nearest;
}

static void
report (OaiDeadline *self, gboolean timed_out)
{
  self->timed_out = self->timed_out || timed_out;
  if (self->func != NULL)
    self->func (timed_out, self->user_data);
  else
    g_cancellable_cancel (self->cancellable);
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  report (user_data, FALSE);

  return G_SOURCE_REMOVE;
}

static gboolean timer_cb (gpointer user_data);

static void
arm (OaiDeadline *self)
{
  gint64 nearest = get_nearest (self);
  gint64 armed;

  if (nearest == G_MAXINT64)
    return;
  if (self->timer == NULL)
    {
      self->timer = g_timeout_source_new (0);
      g_source_set_static_name (self->timer, "[oai] time-out");
      g_source_set_callback (self->timer, timer_cb, self, NULL);
      g_source_set_ready_time (self->timer, nearest);
      g_source_attach (self->timer, self->context);
      return;
    }

  armed = g_source_get_ready_time (self->timer);
  if (armed < 0 || nearest < armed)
    g_source_set_ready_time (self->timer, nearest);
}

/* Starts another timer if the limits were extended: a GTimeoutSource that continues gets a new time from
 * its interval, and not the time that the callback has set. */
static gboolean
timer_cb (gpointer user_data)
{
  OaiDeadline *self = user_data;
  gint64 nearest = get_nearest (self);

  if (nearest > g_get_monotonic_time ())
    {
      oai_drop_source (&self->timer);
      arm (self);
    }
  else
    report (self, TRUE);

  return G_SOURCE_REMOVE;
}

void
oai_deadline_init (OaiDeadline *self, GMainContext *context, OaiDeadlineFunc func, gpointer user_data)
{
  *self = (OaiDeadline) { .context = g_main_context_ref (context), .func = func, .user_data = user_data };
}

void
oai_deadline_init_linked (OaiDeadline *self, GMainContext *context, GCancellable *outer)
{
  oai_deadline_init (self, context, NULL, NULL);
  self->cancellable = g_cancellable_new ();
  if (g_cancellable_is_cancelled (outer))
    g_cancellable_cancel (self->cancellable);
  oai_deadline_set_cancellable (self, outer);
}

void
oai_deadline_set_cancellable (OaiDeadline *self, GCancellable *cancellable)
{
  oai_drop_source (&self->cancelled_source);
  if (cancellable == NULL)
    return;

  self->cancelled_source = g_cancellable_source_new (cancellable);
  g_source_set_static_name (self->cancelled_source, "[oai] cancelled");
  g_source_set_callback (self->cancelled_source, G_SOURCE_FUNC (cancelled_cb), self, NULL);
  g_source_attach (self->cancelled_source, self->context);
}

void
oai_deadline_clear (OaiDeadline *self)
{
  oai_deadline_disarm (self);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->context, g_main_context_unref);
}

void
oai_deadline_start (OaiDeadline *self, gint64 total, gint64 idle)
{
  oai_deadline_stop (self);
  self->timed_out = FALSE;
  self->total = total > 0 ? g_get_monotonic_time () + to_usec (total) : 0;
  self->idle_limit = to_usec (idle);
  arm (self);
}

void
oai_deadline_start_connecting (OaiDeadline *self, gint64 limit)
{
  if (limit == 0)
    return;

  self->connect = g_get_monotonic_time () + to_usec (limit);
  arm (self);
}

void
oai_deadline_stop_connecting (OaiDeadline *self)
{
  self->connect = 0;
}

void
oai_deadline_start_body (OaiDeadline *self, gboolean keep_total)
{
  self->connect = 0;
  self->idle_since = g_get_monotonic_time ();
  if (!keep_total)
    self->total = 0;
  arm (self);
}

void
oai_deadline_touch (OaiDeadline *self)
{
  self->idle_since = g_get_monotonic_time ();
}

void
oai_deadline_pause (OaiDeadline *self)
{
  self->idle_since = 0;
}

void
oai_deadline_resume (OaiDeadline *self)
{
  self->idle_since = g_get_monotonic_time ();
  arm (self);
}

void
oai_deadline_stop (OaiDeadline *self)
{
  oai_drop_source (&self->timer);
  self->connect = self->total = self->idle_since = 0;
}

void
oai_deadline_disarm (OaiDeadline *self)
{
  oai_deadline_stop (self);
  oai_drop_source (&self->cancelled_source);
}

void
oai_deadline_expire (OaiDeadline *self)
{
  report (self, TRUE);
}

/* Wait */

static void
wait_free (gpointer data)
{
  OaiDeadline *self = data;

  oai_deadline_clear (self);
  g_free (self);
}

static void
wait_ended_cb (gboolean timed_out, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;

  oai_deadline_disarm (g_task_get_task_data (task));
  if (timed_out)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error_if_cancelled (task);
}

void
oai_deadline_wait_async (guint milliseconds, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  OaiDeadline *self = g_new0 (OaiDeadline, 1);

  g_task_set_source_tag (task, oai_deadline_wait_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, self, wait_free);
  oai_deadline_init (self, g_task_get_context (task), wait_ended_cb, task);
  oai_deadline_set_cancellable (self, cancellable);
  /* A limit of 0 would be none. */
  oai_deadline_start (self, MAX (milliseconds, 1), 0);
}

gboolean
oai_deadline_wait_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
