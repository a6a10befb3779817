/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-blocking-call-private.h"

#include "oai-owner-thread-private.h"

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

GAsyncResult *
oai_blocking_call_wait (OaiBlockingCall *self)
{
  while (self->result == NULL)
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
