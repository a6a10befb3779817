/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-blocking-call-private.h"

#include "oai-context-source-private.h"
#include "oai-owner-thread-private.h"
#include "oai-source-private.h"

/* Iterations after the result. */
#define MAX_ITERATIONS 16

void
oai_blocking_call_begin (OaiBlockingCall *self)
{
  self->context = oai_owner_thread_begin_call ();
  self->result = NULL;
}

void
oai_blocking_call_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OaiBlockingCall *self = user_data;

  self->result = g_object_ref (result);
}

/* Iterates the caller's main context as well, while a tool waits for its sources.  Returns FALSE if
 * this thread cannot iterate it. */
static gboolean
iterate_both (OaiBlockingCall *self)
{
  guint n_pushed = oai_owner_thread_suspend_call_for_tool ();
  g_autoptr(GMainContext) program = g_main_context_ref_thread_default ();
  gboolean acquired = n_pushed > 0 && g_main_context_acquire (program);
  GSource *source;

  if (acquired)
    {
      source = oai_context_source_attach (self->context, program);
      while (self->result == NULL && oai_owner_thread_is_waiting ())
        g_main_context_iteration (program, TRUE);
      oai_drop_source (&source);
      g_main_context_release (program);
    }
  oai_owner_thread_resume_call (n_pushed);

  return acquired;
}

GAsyncResult *
oai_blocking_call_wait (OaiBlockingCall *self)
{
  while (self->result == NULL)
    if (!oai_owner_thread_is_waiting () || !iterate_both (self))
      g_main_context_iteration (self->context, TRUE);

  return self->result;
}

gboolean
oai_blocking_call_is_current (void)
{
  return oai_owner_thread_is_calling ();
}

void
oai_blocking_call_end (OaiBlockingCall *self)
{
  /* Connections of cancelled operations are closed now instead of during the next call. */
  for (guint i = 0; i < MAX_ITERATIONS && g_main_context_iteration (self->context, FALSE); i++)
    ;
  oai_owner_thread_end_call ();
  g_clear_object (&self->result);
}
