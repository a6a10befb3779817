/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* How signals and notifications are emitted while calls go on: also within a call that
 * blocks, handlers run with the thread-default main context of the caller.
 *
 * Handlers may do anything, such as drop references, close, cancel and iterate a main loop.
 * The code that emits holds what it uses afterwards, and looks at its state again. */

#pragma once

#include <gio/gio.h>

#include "oai-version.h"

G_BEGIN_DECLS

_OAI_INTERNAL
void oai_emit (gpointer instance, guint signal_id, GQuark detail, ...);
_OAI_INTERNAL
void oai_emit_notify (gpointer object, GParamSpec *pspec);
/* The notifications that were frozen. */
_OAI_INTERNAL
void oai_emit_thaw (gpointer object);
_OAI_INTERNAL
void oai_emit_items_changed (gpointer model, guint position, guint removed, guint added);

G_END_DECLS
