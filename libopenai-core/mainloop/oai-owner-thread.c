/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-owner-thread-private.h"

struct _OaiOwnerThread
{
  gatomicrefcount ref_count;
  /* With the lock held: */
  GMainContext *context; /* that of calls that block, or NULL */
  guint calls;           /* how many run it, one within the other */
  GQueue leavings;       /* Leaving */
  GSList *watches;       /* Watch */
  gboolean ended;
};

typedef struct
{
  OaiOwnerThreadEndFunc func;
  gpointer data;
  GDestroyNotify destroy;
} Watch;

typedef struct
{
  GMainContext *context;
  GSource *source; /* of the context: lets it go */
  GObject *object;
} Leaving;

typedef struct
{
  void (*func) (gpointer data);
  gpointer data;
  gboolean done;
} Errand;

static void home_end (gpointer data);

static GPrivate current_home = G_PRIVATE_INIT (home_end);
/* Of all homes, never held for long; told of contexts that are released. */
static GMutex lock;
static GCond released;

static OaiOwnerThread *
home_ref (OaiOwnerThread *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
oai_owner_thread_unref (OaiOwnerThread *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->context, g_main_context_unref);
  g_free (self);
}

static OaiOwnerThread *
ensure_home (void)
{
  OaiOwnerThread *self = g_private_get (&current_home);

  if (self == NULL)
    {
      self = g_new0 (OaiOwnerThread, 1);
      g_atomic_ref_count_init (&self->ref_count);
      g_queue_init (&self->leavings);
      g_private_set (&current_home, self);
    }

  return self;
}

OaiOwnerThread *
oai_owner_thread_ref_current (void)
{
  return home_ref (ensure_home ());
}

static void
watch_free (gpointer data)
{
  Watch *watch = data;

  watch->destroy (watch->data);
  g_free (watch);
}

void
oai_owner_thread_watch_end (OaiOwnerThread *self, OaiOwnerThreadEndFunc func, gpointer data, GDestroyNotify destroy)
{
  Watch *watch = g_new (Watch, 1);

  *watch = (Watch) { func, data, destroy };
  g_mutex_lock (&lock);
  self->watches = g_slist_prepend (self->watches, watch);
  g_mutex_unlock (&lock);
}

void
oai_owner_thread_unwatch_end (OaiOwnerThread *self, gpointer data)
{
  GSList *link;

  g_mutex_lock (&lock);
  for (link = self->watches; link != NULL; link = link->next)
    if (((Watch *) link->data)->data == data)
      break;
  if (link != NULL)
    self->watches = g_slist_remove_link (self->watches, link);
  g_mutex_unlock (&lock);

  g_slist_free_full (link, watch_free);
}

gboolean
oai_owner_thread_has_ended (OaiOwnerThread *self)
{
  gboolean ended;

  g_mutex_lock (&lock);
  ended = self->ended;
  g_mutex_unlock (&lock);

  return ended;
}

static void
release (GMainContext *context)
{
  g_mutex_lock (&lock);
  g_main_context_release (context);
  g_cond_broadcast (&released);
  g_mutex_unlock (&lock);
}

/* With the lock held.  A context of the program's is for its own thread, which alone
 * may push it unawares; a call that blocks waits until its own is given back. */
static gboolean
acquire (OaiOwnerThread *self, GMainContext *context)
{
  if (context != self->context)
    return (self == g_private_get (&current_home) || self->ended) && g_main_context_acquire (context);

  while (!g_main_context_acquire (context))
    {
      if (self->calls > 0)
        return FALSE;
      g_cond_wait (&released, &lock);
    }

  return TRUE;
}

gboolean
oai_owner_thread_enter (OaiOwnerThread *self, GMainContext *context)
{
  g_autoptr (GMainContext) here = g_main_context_ref_thread_default ();
  gboolean entered;

  if (here == context)
    return FALSE;

  g_mutex_lock (&lock);
  entered = acquire (self, context);
  g_mutex_unlock (&lock);
  if (entered)
    g_main_context_push_thread_default (context);

  return entered;
}

void
oai_owner_thread_leave (GMainContext *context)
{
  g_main_context_pop_thread_default (context);
  release (context);
}

static gboolean
errand_cb (gpointer user_data)
{
  Errand *errand = user_data;

  /* Whatever the sender has done is seen. */
  g_mutex_lock (&lock);
  g_mutex_unlock (&lock);
  errand->func (errand->data);
  g_mutex_lock (&lock);
  errand->done = TRUE;
  g_cond_broadcast (&released);
  g_mutex_unlock (&lock);

  return G_SOURCE_REMOVE;
}

/* The call does it that runs the context, or if that is over first, this thread. */
static void
send_errand (GMainContext *context, Errand *errand)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  gboolean acquired = FALSE;

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "[oai] from another thread");
  g_source_set_callback (source, errand_cb, errand, NULL);

  g_mutex_lock (&lock);
  g_source_attach (source, context);
  while (!errand->done && !(acquired = g_main_context_acquire (context)))
    g_cond_wait (&released, &lock);
  g_mutex_unlock (&lock);

  g_source_destroy (source);
  if (!acquired)
    return;

  g_main_context_push_thread_default (context);
  errand->func (errand->data);
  oai_owner_thread_leave (context);
}

void
oai_owner_thread_run (OaiOwnerThread *self, GMainContext *context, void (*func) (gpointer data), gpointer data)
{
  g_autoptr (GMainContext) here = g_main_context_ref_thread_default ();
  gboolean entered = oai_owner_thread_enter (self, context);
  Errand errand = { func, data, FALSE };
  gboolean blocking;

  g_mutex_lock (&lock);
  blocking = context == self->context;
  g_mutex_unlock (&lock);

  if (!entered && blocking && here != context)
    {
      send_errand (context, &errand);
      return;
    }

  func (data);
  if (entered)
    oai_owner_thread_leave (context);
}

typedef struct
{
  void (*func) (GObject *object);
  GObject *object;
} Message;

static void
run_message (gpointer data)
{
  Message *message = data;

  message->func (message->object);
}

static void
message_free (gpointer data)
{
  Message *message = data;

  g_object_unref (message->object);
  g_free (message);
}

static gboolean
message_cb (gpointer user_data)
{
  /* Whatever the sender has done is seen. */
  g_mutex_lock (&lock);
  g_mutex_unlock (&lock);
  run_message (user_data);

  return G_SOURCE_REMOVE;
}

static void
post (GMainContext *context, const Message *message)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  Message *copy = g_memdup2 (message, sizeof *message);

  g_object_ref (copy->object);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "[oai] from another thread");
  g_source_set_callback (source, message_cb, copy, message_free);
  g_mutex_lock (&lock);
  g_source_attach (source, context);
  g_mutex_unlock (&lock);
}

void
oai_owner_thread_send (OaiOwnerThread *self, GMainContext *context, void (*func) (GObject *object), GObject *object)
{
  Message message = { func, object };
  Errand errand = { run_message, &message, FALSE };
  gboolean own, blocking, acquired;

  g_mutex_lock (&lock);
  own = self == g_private_get (&current_home);
  blocking = context == self->context;
  acquired = !own && (blocking || self->ended) && g_main_context_acquire (context);
  g_mutex_unlock (&lock);

  if (own || acquired)
    func (object);
  else if (blocking)
    send_errand (context, &errand);
  else
    post (context, &message);
  if (acquired)
    release (context);
}

static void
let_go (GObject *object)
{
  if (G_IS_INPUT_STREAM (object))
    g_input_stream_close (G_INPUT_STREAM (object), NULL, NULL);
  g_object_unref (object);
}

static void
leaving_free (Leaving *leaving)
{
  g_source_destroy (leaving->source);
  g_source_unref (leaving->source);
  g_main_context_unref (leaving->context);
  g_free (leaving);
}

/* Of one context, or of all. */
static Leaving *
take_leaving (OaiOwnerThread *self, GMainContext *context)
{
  Leaving *found = NULL;

  g_mutex_lock (&lock);
  for (GList *link = self->leavings.head; link != NULL && found == NULL; link = link->next)
    {
      Leaving *leaving = link->data;

      if (context != NULL && leaving->context != context)
        continue;
      found = leaving;
      g_queue_delete_link (&self->leavings, link);
      break;
    }
  g_mutex_unlock (&lock);

  return found;
}

static gboolean
let_go_cb (gpointer user_data)
{
  OaiOwnerThread *self = user_data;
  GMainContext *context = g_source_get_context (g_main_current_source ());
  Leaving *leaving;

  /* It is run here, but that does not make it the thread's default. */
  g_main_context_push_thread_default (context);
  while ((leaving = take_leaving (self, context)) != NULL)
    {
      let_go (leaving->object);
      leaving_free (leaving);
    }
  g_main_context_pop_thread_default (context);

  return G_SOURCE_REMOVE;
}

static void
home_unref_cb (gpointer data)
{
  oai_owner_thread_unref (data);
}

/* With the lock held. */
static void
add_leaving (OaiOwnerThread *self, GMainContext *context, GObject *object)
{
  Leaving *leaving = g_new0 (Leaving, 1);

  leaving->context = g_main_context_ref (context);
  leaving->object = object;
  leaving->source = g_idle_source_new ();
  g_queue_push_tail (&self->leavings, leaving);

  g_source_set_priority (leaving->source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (leaving->source, "[oai] let go");
  g_source_set_callback (leaving->source, let_go_cb, home_ref (self), home_unref_cb);
  g_source_attach (leaving->source, context);
}

void
oai_owner_thread_let_go (OaiOwnerThread *self, GMainContext *context, gpointer object)
{
  g_autoptr (GMainContext) here = g_main_context_ref_thread_default ();
  gboolean acquired = FALSE;
  gboolean own;

  g_mutex_lock (&lock);
  own = self == g_private_get (&current_home) || self->ended;
  if (own && (here != context || self->ended))
    acquired = acquire (self, context);
  if (!acquired && !(own && here == context))
    {
      add_leaving (self, context, object);
      g_mutex_unlock (&lock);
      return;
    }
  g_mutex_unlock (&lock);

  if (acquired)
    g_main_context_push_thread_default (context);
  let_go (object);
  if (acquired)
    oai_owner_thread_leave (context);
}

gboolean
oai_owner_thread_enter_or_let_go (OaiOwnerThread *self, GMainContext *context, GInputStream **body)
{
  g_autoptr (GMainContext) here = g_main_context_ref_thread_default ();

  if (oai_owner_thread_enter (self, context))
    return TRUE;
  if (here != context && *body != NULL)
    oai_owner_thread_let_go (self, context, g_steal_pointer (body));

  return FALSE;
}

/* The thread ends: nobody runs its contexts any more.  Sessions hold theirs, so
 * that a source that holds a session would never be freed. */
static void
home_end (gpointer data)
{
  OaiOwnerThread *self = data;
  GSList *watches;
  guint n_leavings;

  g_mutex_lock (&lock);
  self->ended = TRUE;
  watches = g_steal_pointer (&self->watches);
  n_leavings = self->leavings.length;
  g_mutex_unlock (&lock);

  for (GSList *link = watches; link != NULL; link = link->next)
    ((Watch *) link->data)->func (self, ((Watch *) link->data)->data);
  g_slist_free_full (watches, watch_free);

  /* Those whose context another thread runs come back, and are left to it. */
  for (; n_leavings > 0; n_leavings--)
    {
      Leaving *leaving = take_leaving (self, NULL);

      if (leaving == NULL)
        break;
      oai_owner_thread_let_go (self, leaving->context, leaving->object);
      leaving_free (leaving);
    }
  oai_owner_thread_unref (self);
}

GMainContext *
oai_owner_thread_begin_call (void)
{
  OaiOwnerThread *self = ensure_home ();

  g_mutex_lock (&lock);
  if (self->context == NULL)
    self->context = g_main_context_new ();
  while (!g_main_context_acquire (self->context))
    g_cond_wait (&released, &lock);
  self->calls++;
  g_mutex_unlock (&lock);
  g_main_context_push_thread_default (self->context);

  return self->context;
}

void
oai_owner_thread_end_call (void)
{
  OaiOwnerThread *self = ensure_home ();

  g_main_context_pop_thread_default (self->context);
  g_mutex_lock (&lock);
  self->calls--;
  g_main_context_release (self->context);
  g_cond_broadcast (&released);
  g_mutex_unlock (&lock);
}

gboolean
oai_owner_thread_is_calling (void)
{
  OaiOwnerThread *self = g_private_get (&current_home);

  return self != NULL && self->context != NULL && g_main_context_get_thread_default () == self->context;
}

/* Each task that returns has pushed it once more.  The thread goes on owning the context. */
guint
oai_owner_thread_leave_call (void)
{
  guint times = 0;

  for (; oai_owner_thread_is_calling (); times++)
    g_main_context_pop_thread_default (g_main_context_get_thread_default ());

  return times;
}

void
oai_owner_thread_return_to_call (guint times)
{
  OaiOwnerThread *self;

  if (G_LIKELY (times == 0))
    return;

  self = g_private_get (&current_home);
  for (; times > 0; times--)
    g_main_context_push_thread_default (self->context);
}
