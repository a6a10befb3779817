/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The thread that owns an object.  An operation of libsoup has to be continued in the thread and in
 * the main context in which it was started. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _OaiOwnerThread OaiOwnerThread;

OaiOwnerThread *oai_owner_thread_ref_current (void);
void oai_owner_thread_unref (OaiOwnerThread *self);

/* Calls func in the thread when it ends.  data identifies the watch; destroy frees it. */
typedef void (*OaiOwnerThreadEndFunc) (OaiOwnerThread *thread, gpointer data);
void oai_owner_thread_watch_end (OaiOwnerThread *self, OaiOwnerThreadEndFunc func, gpointer data, GDestroyNotify destroy);
void oai_owner_thread_unwatch_end (OaiOwnerThread *self, gpointer data);
gboolean oai_owner_thread_has_ended (OaiOwnerThread *self);

typedef enum
{
  OAI_CONTEXT_CURRENT, /* it is the thread-default main context already */
  OAI_CONTEXT_PUSHED,  /* it was acquired and pushed */
  OAI_CONTEXT_BUSY     /* another thread or a blocking call may iterate it */
} OaiContextState;

/* Acquires context and makes it the thread-default main context, if that is possible without
 * waiting for long.  Only for short work.  The result is the argument of
 * oai_owner_thread_pop_context(). */
OaiContextState oai_owner_thread_push_context (OaiOwnerThread *self, GMainContext *context);
void oai_owner_thread_pop_context (GMainContext *context, OaiContextState state);

/* Calls func, which has to be short, with context as the thread-default main context.  While a
 * blocking call of another thread iterates the context, that thread calls it, and this one waits. */
void oai_owner_thread_invoke (OaiOwnerThread *self, GMainContext *context, void (*func) (gpointer data), gpointer data);
/* Calls func in the thread that iterates context: at once in the owner thread or if the context is
 * free, in a blocking call and waiting for it, or later when the program iterates its context. */
void oai_owner_thread_send (OaiOwnerThread *self, GMainContext *context, void (*func) (GObject *object), GObject *object);
/* Closes the object, if it is a stream, and unrefs it: at once in the owner thread, otherwise when
 * the context is iterated, at the latest when the thread ends.  Takes the object. */
void oai_owner_thread_release_object (OaiOwnerThread *self, GMainContext *context, gpointer object);

/* A blocking call begins in this thread: returns the main context to iterate, which becomes the
 * thread-default one. */
GMainContext *oai_owner_thread_begin_call (void);
void oai_owner_thread_end_call (void);
/* Whether the thread-default main context is that of a blocking call. */
gboolean oai_owner_thread_is_calling (void);
/* While a blocking call runs, makes the caller's main context the thread-default one, for handlers
 * of the program.  Returns the argument of oai_owner_thread_resume_call(). */
guint oai_owner_thread_suspend_call (void);
void oai_owner_thread_resume_call (guint n_pushed);
/* The same for a tool, whose operations a blocking call waits for.  If the thread has no main context
 * that it may iterate, that of the call stays the thread-default one, and the result is 0. */
guint oai_owner_thread_suspend_call_for_tool (void);
/* A blocking call waits for a tool that will answer later.  Meanwhile it also iterates the caller's
 * main context. */
void oai_owner_thread_begin_wait (OaiOwnerThread *self);
void oai_owner_thread_end_wait (OaiOwnerThread *self);
/* Whether a blocking call of this thread waits for a tool. */
gboolean oai_owner_thread_is_waiting (void);

G_END_DECLS
