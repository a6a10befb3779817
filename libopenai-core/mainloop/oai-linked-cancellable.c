/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-linked-cancellable-private.h"

#include "oai-source-private.h"

static gboolean
cancelled_cb (GCancellable *outer, gpointer user_data)
{
  OaiLinkedCancellable *self = user_data;

  g_cancellable_cancel (self->cancellable);

  return G_SOURCE_REMOVE;
}

static gboolean
deadline_cb (gpointer user_data)
{
  oai_linked_cancellable_expire (user_data);

  return G_SOURCE_REMOVE;
}

void
oai_linked_cancellable_init (OaiLinkedCancellable *self, GMainContext *context, GCancellable *outer)
{
  *self = (OaiLinkedCancellable) { .cancellable = g_cancellable_new (), .context = g_main_context_ref (context) };
  if (outer == NULL)
    return;
  if (g_cancellable_is_cancelled (outer))
    g_cancellable_cancel (self->cancellable);

  self->cancelled = g_cancellable_source_new (outer);
  g_source_set_static_name (self->cancelled, "[oai] cancelled");
  g_source_set_callback (self->cancelled, G_SOURCE_FUNC (cancelled_cb), self, NULL);
  g_source_attach (self->cancelled, context);
}

void
oai_linked_cancellable_after (OaiLinkedCancellable *self, gint64 milliseconds)
{
  self->deadline = g_timeout_source_new (MIN (milliseconds, G_MAXINT));
  g_source_set_static_name (self->deadline, "[oai] end of the time");
  g_source_set_callback (self->deadline, deadline_cb, self, NULL);
  g_source_attach (self->deadline, self->context);
}

void
oai_linked_cancellable_expire (OaiLinkedCancellable *self)
{
  self->expired = TRUE;
  g_cancellable_cancel (self->cancellable);
}

void
oai_linked_cancellable_disarm (OaiLinkedCancellable *self)
{
  oai_drop_source (&self->cancelled);
  oai_drop_source (&self->deadline);
}

void
oai_linked_cancellable_clear (OaiLinkedCancellable *self)
{
  oai_linked_cancellable_disarm (self);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->context, g_main_context_unref);
}
