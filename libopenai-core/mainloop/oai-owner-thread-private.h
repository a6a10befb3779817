/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The thread that something was made in, to get back into its main context. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _OaiOwnerThread OaiOwnerThread;

OaiOwnerThread *oai_owner_thread_ref_current (void);
void oai_owner_thread_unref (OaiOwnerThread *self);
/* Calls func in the thread when that ends; until then it can be unwatched by its data. */
typedef void (*OaiOwnerThreadEndFunc) (OaiOwnerThread *home, gpointer data);
void oai_owner_thread_watch_end (OaiOwnerThread *self, OaiOwnerThreadEndFunc func, gpointer data, GDestroyNotify destroy);
void oai_owner_thread_unwatch_end (OaiOwnerThread *self, gpointer data);
/* Whether the thread is over. */
gboolean oai_owner_thread_has_ended (OaiOwnerThread *self);
/* Makes a context the thread's default where that takes nobody by surprise and
 * waits for no call; only for what is quick.  TRUE: to be left. */
gboolean oai_owner_thread_enter (OaiOwnerThread *self, GMainContext *context);
/* The same; where another thread runs the context, that closes the body, if any. */
gboolean oai_owner_thread_enter_or_let_go (OaiOwnerThread *self, GMainContext *context, GInputStream **body);
void oai_owner_thread_leave (GMainContext *context);
/* Does something quick in the context, also while a call that blocks runs it. */
void oai_owner_thread_run (OaiOwnerThread *self, GMainContext *context, void (*func) (gpointer data), gpointer data);
/* Closes (a stream) and unrefs an object there: now in its own thread, otherwise when
 * that runs the context, at the latest when it ends.  Takes the object. */
void oai_owner_thread_let_go (OaiOwnerThread *self, GMainContext *context, gpointer object);

/* A call that blocks begins in this thread: makes the context that it runs the thread's default. */
GMainContext *oai_owner_thread_begin_call (void);
void oai_owner_thread_end_call (void);
/* Whether the thread-default main context is that of a call that blocks. */
gboolean oai_owner_thread_is_calling (void);
/* Where it is, makes that of the caller the thread's default, to run handlers of the program.
 * The result goes to oai_owner_thread_return_to_call (). */
guint oai_owner_thread_leave_call (void);
void oai_owner_thread_return_to_call (guint times);

/* Runs func where the context is run, for a thread that may be another one: here where
 * this is the thread of the home or the context is free, in a call that blocks while that
 * goes on, which is waited for, or else later, when the program runs its context. */
void oai_owner_thread_send (OaiOwnerThread *self, GMainContext *context, void (*func) (GObject *object), GObject *object);

G_END_DECLS
