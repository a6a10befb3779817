/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-emit-private.h"

#include "oai-owner-thread-private.h"

void
oai_emit (gpointer instance, guint signal_id, GQuark detail, ...)
{
  guint n_pushed = oai_owner_thread_suspend_call ();
  va_list arguments;

  va_start (arguments, detail);
  g_signal_emit_valist (instance, signal_id, detail, arguments);
  va_end (arguments);
  oai_owner_thread_resume_call (n_pushed);
}

void
oai_emit_valist (gpointer instance, guint signal_id, GQuark detail, va_list arguments)
{
  guint n_pushed = oai_owner_thread_suspend_call ();

  g_signal_emit_valist (instance, signal_id, detail, arguments);
  oai_owner_thread_resume_call (n_pushed);
}

void
oai_emit_values (const GValue *values, guint signal_id)
{
  guint n_pushed = oai_owner_thread_suspend_call ();

  g_signal_emitv (values, signal_id, 0, NULL);
  oai_owner_thread_resume_call (n_pushed);
}

void
oai_emit_notify (gpointer object, GParamSpec *pspec)
{
  g_autoptr(GObject) held = g_object_ref (object);
  guint n_pushed = oai_owner_thread_suspend_call ();

  g_object_notify_by_pspec (held, pspec);
  oai_owner_thread_resume_call (n_pushed);
}

void
oai_emit_thaw (gpointer object)
{
  g_autoptr(GObject) held = g_object_ref (object);
  guint n_pushed = oai_owner_thread_suspend_call ();

  g_object_thaw_notify (held);
  oai_owner_thread_resume_call (n_pushed);
}

void
oai_emit_items_changed (gpointer model, guint position, guint removed, guint added)
{
  guint n_pushed = oai_owner_thread_suspend_call ();

  g_list_model_items_changed (model, position, removed, added);
  oai_owner_thread_resume_call (n_pushed);
}
