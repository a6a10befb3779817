/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-sync-private.h"

#include "oai-home-private.h"

#define MAX_LEFT_OVERS 16

void
oai_sync_begin (OaiSync *sync)
{
  sync->context = oai_home_begin_call ();
  sync->result = NULL;
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
  return oai_home_is_calling ();
}

void
oai_sync_end (OaiSync *sync)
{
  /* What was cut off lets go of its connection now, not with the next call. */
  for (guint i = 0; i < MAX_LEFT_OVERS && g_main_context_iteration (sync->context, FALSE); i++)
    ;
  oai_home_end_call ();
  g_clear_object (&sync->result);
}
