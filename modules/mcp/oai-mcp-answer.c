/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-mcp-answer-private.h"

#include "oai-i18n-private.h"

static void
cancelled_cb (gboolean timed_out, gpointer user_data)
{
  g_autoptr(GTask) task = oai_mcp_answer_steal (user_data);

  if (task != NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "%s", _("The operation was cancelled"));
}

void
oai_mcp_answer_init (OaiMcpAnswer *self, GTask *task)
{
  GCancellable *cancellable = g_task_get_cancellable (task);

  self->task = task;
  self->cancellable = cancellable != NULL ? g_object_ref (cancellable) : g_cancellable_new ();
  oai_deadline_init (&self->deadline, g_task_get_context (task), cancelled_cb, self);
  oai_deadline_set_cancellable (&self->deadline, cancellable);
}

void
oai_mcp_answer_clear (OaiMcpAnswer *self)
{
  oai_deadline_clear (&self->deadline);
  g_clear_object (&self->task);
  g_clear_object (&self->cancellable);
}

GTask *
oai_mcp_answer_steal (OaiMcpAnswer *self)
{
  if (self->task != NULL)
    oai_deadline_disarm (&self->deadline);

  return g_steal_pointer (&self->task);
}
