/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-blocking-call-private.h"

#include "oai-owner-thread-private.h"

#define MAX_LEFT_OVERS 16

void
oai_blocking_call_begin (OaiBlockingCall *sync)
{
  sync->context = oai_owner_thread_begin_call ();
  sync->result = NULL;
}

void
oai_blocking_call_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OaiBlockingCall *sync = user_data;

  sync->result = g_object_ref (result);
}

GAsyncResult *
oai_blocking_call_wait (OaiBlockingCall *sync)
{
  while (sync->result == NULL)
    g_main_context_iteration (sync->context, TRUE);

  return sync->result;
}

gboolean
oai_blocking_call_is_current (void)
{
  return oai_owner_thread_is_calling ();
}

void
oai_blocking_call_end (OaiBlockingCall *sync)
{
  /* What was cut off lets go of its connection now, not with the next call. */
  for (guint i = 0; i < MAX_LEFT_OVERS && g_main_context_iteration (sync->context, FALSE); i++)
    ;
  oai_owner_thread_end_call ();
  g_clear_object (&sync->result);
}
