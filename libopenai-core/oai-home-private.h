/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The thread that something was made in, to get back into its main context. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _OaiHome OaiHome;

OaiHome *oai_home_ref_current (void);
void oai_home_unref (OaiHome *self);
/* Calls func in the thread when that ends; until then it can be unwatched by its data. */
typedef void (*OaiHomeEndFunc) (OaiHome *home, gpointer data);
void oai_home_watch_end (OaiHome *self, OaiHomeEndFunc func, gpointer data, GDestroyNotify destroy);
void oai_home_unwatch_end (OaiHome *self, gpointer data);
/* Whether the thread is over. */
gboolean oai_home_has_ended (OaiHome *self);
/* Makes a context the thread's default where that takes nobody by surprise and
 * waits for no call; only for what is quick.  TRUE: to be left. */
gboolean oai_home_enter (OaiHome *self, GMainContext *context);
/* The same; where another thread runs the context, that closes the body, if any. */
gboolean oai_home_enter_or_let_go (OaiHome *self, GMainContext *context, GInputStream **body);
void oai_home_leave (GMainContext *context);
/* Does something quick in the context, also while a call that blocks runs it. */
void oai_home_run (OaiHome *self, GMainContext *context, void (*func) (gpointer data), gpointer data);
/* Closes (a stream) and unrefs an object there: now in its own thread, otherwise when
 * that runs the context, at the latest when it ends.  Takes the object. */
void oai_home_let_go (OaiHome *self, GMainContext *context, gpointer object);

/* A call that blocks begins in this thread: makes the context that it runs the thread's default. */
GMainContext *oai_home_begin_call (void);
void oai_home_end_call (void);
/* Whether the thread-default main context is that of a call that blocks. */
gboolean oai_home_is_calling (void);
/* Where it is, makes that of the caller the thread's default, to run handlers of the program.
 * The result goes to oai_home_return_to_call (). */
guint oai_home_leave_call (void);
void oai_home_return_to_call (guint times);

/* Runs func where the context is run, for a thread that may be another one: here where
 * this is the thread of the home or the context is free, in a call that blocks while that
 * goes on, which is waited for, or else later, when the program runs its context. */
void oai_home_send (OaiHome *self, GMainContext *context, void (*func) (GObject *object), GObject *object);

G_END_DECLS
