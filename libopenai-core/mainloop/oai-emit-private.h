/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Emits signals and notifications during calls.  While a call blocks, handlers run with the
 * caller's main context as the thread-default one.
 *
 * Handlers may, for example, release references, close, cancel, or iterate a main loop.  Code that
 * emits a signal holds references to the objects that it uses afterwards, and checks its state
 * again. */

#pragma once

#include <gio/gio.h>

#include "oai-version.h"

G_BEGIN_DECLS

_OAI_INTERNAL
void oai_emit (gpointer instance, guint signal_id, GQuark detail, ...);
void oai_emit_valist (gpointer instance, guint signal_id, GQuark detail, va_list arguments);
/* values: the instance and the arguments. */
void oai_emit_values (const GValue *values, guint signal_id);
_OAI_INTERNAL
void oai_emit_notify (gpointer object, GParamSpec *pspec);
/* Does the same as g_object_thaw_notify(). */
_OAI_INTERNAL
void oai_emit_thaw (gpointer object);
void oai_emit_items_changed (gpointer model, guint position, guint removed, guint added);

G_END_DECLS
