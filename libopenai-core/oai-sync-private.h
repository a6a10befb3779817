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
} OaiSync;

_OAI_INTERNAL
void oai_sync_begin (OaiSync *sync);
/* The callback, with the OaiSync as user data. */
_OAI_INTERNAL
void oai_sync_ready (GObject *source, GAsyncResult *result, gpointer user_data);
/* Waits for it; the result is borrowed. */
_OAI_INTERNAL
GAsyncResult *oai_sync_wait (OaiSync *sync);
/* Whether the thread-default main context is that of a call that blocks. */
_OAI_INTERNAL
gboolean oai_sync_is_current (void);
_OAI_INTERNAL
void oai_sync_end (OaiSync *sync);

/* The thread that something was made in, to get back into its main context. */
typedef struct _OaiHome OaiHome;

_OAI_INTERNAL
OaiHome *oai_home_ref_current (void);
_OAI_INTERNAL
void oai_home_unref (OaiHome *self);
/* Whether the thread is over. */
_OAI_INTERNAL
gboolean oai_home_has_ended (OaiHome *self);
/* Makes a context the thread's default where that takes nobody by surprise and
 * waits for no call; only for what is quick.  TRUE: to be left. */
_OAI_INTERNAL
gboolean oai_home_enter (OaiHome *self, GMainContext *context);
/* The same; where another thread runs the context, that closes the body, if any. */
_OAI_INTERNAL
gboolean oai_home_enter_or_let_go (OaiHome *self, GMainContext *context, GInputStream **body);
_OAI_INTERNAL
void oai_home_leave (GMainContext *context);
/* Does something quick in the context, also while a call that blocks runs it. */
_OAI_INTERNAL
void oai_home_run (OaiHome *self, GMainContext *context, void (*func) (gpointer data), gpointer data);
/* Closes (a stream) and unrefs an object there: now in its own thread, otherwise when
 * that runs the context, at the latest when it ends.  Takes the object. */
_OAI_INTERNAL
void oai_home_let_go (OaiHome *self, GMainContext *context, gpointer object);

G_END_DECLS
