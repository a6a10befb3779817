/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs an asynchronous function to its end, for its synchronous form.  The main context that is
 * iterated belongs to the library, one for each thread, so that no other sources run.  Only while the
 * call waits for a tool, it also iterates the main context of its caller. */

#pragma once

#include <gio/gio.h>

#include "oai-version.h"

G_BEGIN_DECLS

typedef struct
{
  GMainContext *context;
  GAsyncResult *result;
} OaiBlockingCall;

/* To be called before the asynchronous function. */
void oai_blocking_call_begin (OaiBlockingCall *self);
/* The callback of the asynchronous function; its user data is the OaiBlockingCall. */
void oai_blocking_call_ready (GObject *source, GAsyncResult *result, gpointer user_data);
/* Iterates the context until the function has completed.  The result is borrowed. */
GAsyncResult *oai_blocking_call_wait (OaiBlockingCall *self);
void oai_blocking_call_end (OaiBlockingCall *self);
/* Whether the thread-default main context is that of a blocking call. */
gboolean oai_blocking_call_is_current (void);

G_END_DECLS
