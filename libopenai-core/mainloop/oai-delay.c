/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-delay-private.h"

static gboolean
waited_cb (gpointer user_data)
{
  GTask *task = user_data;
  GSource *cancelled = g_task_get_task_data (task);

  if (cancelled != NULL)
    g_source_destroy (cancelled);
  g_task_return_boolean (task, TRUE);

  return G_SOURCE_REMOVE;
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  GTask *task = user_data;
  GSource *timer = g_object_get_data (G_OBJECT (task), "timer");

  g_source_destroy (timer);
  g_task_return_error_if_cancelled (task);

  return G_SOURCE_REMOVE;
}

static GSource *
watch_cancellable (GTask *task, GCancellable *cancellable)
{
  GSource *source = g_cancellable_source_new (cancellable);

  g_source_set_callback (source, G_SOURCE_FUNC (cancelled_cb), g_object_ref (task), g_object_unref);
  g_source_attach (source, g_task_get_context (task));

  return source;
}

void
oai_delay_async (guint milliseconds, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  GSource *timer = g_timeout_source_new (milliseconds);

  g_task_set_source_tag (task, oai_delay_async);
  g_task_set_check_cancellable (task, FALSE);
  g_source_set_static_name (timer, "[oai] pause");
  g_source_set_callback (timer, waited_cb, g_object_ref (task), g_object_unref);
  g_object_set_data_full (G_OBJECT (task), "timer", timer, (GDestroyNotify) g_source_unref);
  g_source_attach (timer, g_task_get_context (task));
  if (cancellable != NULL)
    g_task_set_task_data (task, watch_cancellable (task, cancellable), (GDestroyNotify) g_source_unref);
}

gboolean
oai_delay_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
