/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Synchronous forms run the asynchronous ones in a main context of their own,
 * one a thread, which nobody else's sources are attached to. */

#pragma once

#include <gio/gio.h>

#include "oai-version.h"

G_BEGIN_DECLS

typedef struct
{
  GMainContext *context;
  GAsyncResult *result;
} OaiBlockingCall;

_OAI_INTERNAL
void oai_blocking_call_begin (OaiBlockingCall *sync);
/* The callback, with the OaiBlockingCall as user data. */
_OAI_INTERNAL
void oai_blocking_call_ready (GObject *source, GAsyncResult *result, gpointer user_data);
/* Waits for it; the result is borrowed. */
_OAI_INTERNAL
GAsyncResult *oai_blocking_call_wait (OaiBlockingCall *sync);
/* Whether the thread-default main context is that of a call that blocks. */
_OAI_INTERNAL
gboolean oai_blocking_call_is_current (void);
_OAI_INTERNAL
void oai_blocking_call_end (OaiBlockingCall *sync);

G_END_DECLS
