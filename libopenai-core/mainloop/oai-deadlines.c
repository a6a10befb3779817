/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-deadlines-private.h"

static gint64
to_usec (guint milliseconds)
{
  return milliseconds * G_GINT64_CONSTANT (1000);
}

static gint64
get_nearest (OaiDeadlines *self)
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

/* A limit that was put off since is waited for anew. */
static gboolean
timer_cb (gpointer user_data)
{
  OaiDeadlines *self = user_data;
  gint64 nearest = get_nearest (self);

  if (nearest > g_get_monotonic_time ())
    {
      g_source_set_ready_time (self->timer, nearest == G_MAXINT64 ? -1 : nearest);
      return G_SOURCE_CONTINUE;
    }

  self->expired (self->user_data);

  return G_SOURCE_REMOVE;
}

static void
arm (OaiDeadlines *self)
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

void
oai_deadlines_start (OaiDeadlines *self, GMainContext *context, guint total, guint idle, void (*expired) (gpointer user_data), gpointer user_data)
{
  oai_deadlines_stop (self);
  self->context = context;
  self->expired = expired;
  self->user_data = user_data;
  self->total = total > 0 ? g_get_monotonic_time () + to_usec (total) : 0;
  self->idle_limit = to_usec (idle);
  arm (self);
}

void
oai_deadlines_start_connecting (OaiDeadlines *self, guint limit)
{
  if (limit == 0)
    return;

  self->connect = g_get_monotonic_time () + to_usec (limit);
  arm (self);
}

void
oai_deadlines_stop_connecting (OaiDeadlines *self)
{
  self->connect = 0;
}

void
oai_deadlines_start_body (OaiDeadlines *self, gboolean keep_total)
{
  self->connect = 0;
  self->idle_since = g_get_monotonic_time ();
  if (!keep_total)
    self->total = 0;
  arm (self);
}

void
oai_deadlines_touch (OaiDeadlines *self)
{
  self->idle_since = g_get_monotonic_time ();
}

void
oai_deadlines_pause (OaiDeadlines *self)
{
  self->idle_since = 0;
}

void
oai_deadlines_resume (OaiDeadlines *self)
{
  self->idle_since = g_get_monotonic_time ();
  arm (self);
}

void
oai_deadlines_stop (OaiDeadlines *self)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
  self->connect = self->total = self->idle_since = 0;
}
