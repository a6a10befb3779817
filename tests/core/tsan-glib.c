/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* GLib is not built with ThreadSanitizer, which therefore does not know that GLib's locks
 * and reference counts synchronize threads.  These functions replace those of GLib in the
 * program and in the libraries of this project, and report the synchronization. */

#include <dlfcn.h>
#include <gio/gio.h>

void __tsan_acquire (void *address);
void __tsan_release (void *address);

#define REAL(name) ((__typeof__ (&name)) dlsym (RTLD_NEXT, #name))

static void
order (gpointer address)
{
  __tsan_release (address);
  __tsan_acquire (address);
}

/* Locks */

#define LOCK(type, name)                  \
  void name (type *lock)                  \
  {                                       \
    REAL (name) (lock);                   \
    __tsan_acquire (lock);                \
  }
#define TRY_LOCK(type, name)              \
  gboolean name (type *lock)              \
  {                                       \
    gboolean locked = REAL (name) (lock); \
                                          \
    if (locked)                           \
      __tsan_acquire (lock);              \
                                          \
    return locked;                        \
  }
#define UNLOCK(type, name)                \
  void name (type *lock)                  \
  {                                       \
    __tsan_release (lock);                \
    REAL (name) (lock);                   \
  }

LOCK (GMutex, g_mutex_lock)
TRY_LOCK (GMutex, g_mutex_trylock)
UNLOCK (GMutex, g_mutex_unlock)
LOCK (GRecMutex, g_rec_mutex_lock)
TRY_LOCK (GRecMutex, g_rec_mutex_trylock)
UNLOCK (GRecMutex, g_rec_mutex_unlock)
LOCK (GRWLock, g_rw_lock_reader_lock)
TRY_LOCK (GRWLock, g_rw_lock_reader_trylock)
UNLOCK (GRWLock, g_rw_lock_reader_unlock)
LOCK (GRWLock, g_rw_lock_writer_lock)
TRY_LOCK (GRWLock, g_rw_lock_writer_trylock)
UNLOCK (GRWLock, g_rw_lock_writer_unlock)

void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  __tsan_release (mutex);
  REAL (g_cond_wait) (cond, mutex);
  __tsan_acquire (mutex);
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  gboolean signalled;

  __tsan_release (mutex);
  signalled = REAL (g_cond_wait_until) (cond, mutex, end_time);
  __tsan_acquire (mutex);

  return signalled;
}

/* Initialization that runs once */

gboolean
(g_once_init_enter) (volatile void *location)
{
  gboolean first = ((gboolean (*) (volatile void *)) dlsym (RTLD_NEXT, "g_once_init_enter")) (location);

  if (!first)
    __tsan_acquire ((void *) location);

  return first;
}

void
(g_once_init_leave) (volatile void *location, gsize result)
{
  __tsan_release ((void *) location);
  ((void (*) (volatile void *, gsize)) dlsym (RTLD_NEXT, "g_once_init_leave")) (location, result);
}

/* Reference counts: all actions of a thread before it drops its reference happen before the finalization. */

#define UNREF(name, type)                 \
  void name (type counted)                \
  {                                       \
    order (counted);                      \
    REAL (name) (counted);                \
  }

UNREF (g_object_unref, gpointer)
UNREF (g_bytes_unref, GBytes *)
UNREF (g_ptr_array_unref, GPtrArray *)
UNREF (g_hash_table_unref, GHashTable *)
UNREF (g_source_unref, GSource *)
UNREF (g_source_destroy, GSource *)
UNREF (g_main_context_unref, GMainContext *)

/* Sources that one thread attaches for another: the thread that runs the context sees all earlier actions. */

guint
g_source_attach (GSource *source, GMainContext *context)
{
  order (context != NULL ? (gpointer) context : (gpointer) g_main_context_default ());

  return REAL (g_source_attach) (source, context);
}

gboolean
g_main_context_iteration (GMainContext *context, gboolean may_block)
{
  gboolean dispatched = REAL (g_main_context_iteration) (context, may_block);

  order (context != NULL ? (gpointer) context : (gpointer) g_main_context_default ());

  return dispatched;
}

typedef struct
{
  GSourceFunc func;
  gpointer data;
  GDestroyNotify notify;
} Invocation;

static gboolean
invoke (gpointer data)
{
  Invocation *self = data;

  __tsan_acquire (self);

  return self->func (self->data);
}

static void
invocation_free (gpointer data)
{
  Invocation *self = data;

  __tsan_acquire (self);
  if (self->notify != NULL)
    self->notify (self->data);
  g_free (self);
}

void
g_main_context_invoke_full (GMainContext *context, int priority, GSourceFunc func, gpointer data, GDestroyNotify notify)
{
  Invocation *self = g_new (Invocation, 1);

  self->func = func;
  self->data = data;
  self->notify = notify;
  __tsan_release (self);
  REAL (g_main_context_invoke_full) (context, priority, invoke, self, invocation_free);
}
