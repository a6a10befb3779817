/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-sync-private.h"

#define MAX_LEFT_OVERS 16

static void
context_unref (gpointer context)
{
  g_main_context_unref (context);
}

static GPrivate thread_context = G_PRIVATE_INIT (context_unref);

void
oai_sync_begin (OaiSync *sync)
{
  sync->context = g_private_get (&thread_context);
  if (sync->context == NULL)
    {
      sync->context = g_main_context_new ();
      g_private_set (&thread_context, sync->context);
    }
  sync->result = NULL;
  g_main_context_push_thread_default (sync->context);
}

void
oai_sync_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OaiSync *sync = user_data;

  sync->result = g_object_ref (result);
}

GAsyncResult *
oai_sync_wait (OaiSync *sync)
{
  while (sync->result == NULL)
    g_main_context_iteration (sync->context, TRUE);

  return sync->result;
}

gboolean
oai_sync_is_current (void)
{
  GMainContext *context = g_private_get (&thread_context);

  return context != NULL && g_main_context_get_thread_default () == context;
}

void
oai_sync_end (OaiSync *sync)
{
  /* What was cut off lets go of its connection now, not with the next call. */
  for (guint i = 0; i < MAX_LEFT_OVERS && g_main_context_iteration (sync->context, FALSE); i++)
    ;
  g_main_context_pop_thread_default (sync->context);
  g_clear_object (&sync->result);
}
