/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-owner-thread-private.h"

#include "oai-main-thread-private.h"

struct _OaiOwnerThread
{
  gatomicrefcount ref_count;
  int waits;             /* the number of tools that will answer later; atomic */
  /* Protected by the lock: */
  GMainContext *context; /* of blocking calls, or NULL */
  guint calls;           /* the number of nested blocking calls */
  GQueue releases;       /* of Release */
  GSList *watches;       /* of Watch */
  gboolean ended;
};

typedef struct
{
  OaiOwnerThreadEndFunc func;
  gpointer data;
  GDestroyNotify destroy;
} Watch;

/* An object that is released when its context is iterated. */
typedef struct
{
  GMainContext *context;
  GSource *source;
  GObject *object;
} Release;

/* A function that another thread calls while this one waits. */
typedef struct
{
  void (*func) (gpointer data);
  gpointer data;
  gboolean done;
} Invocation;

static void thread_end (gpointer data);

static GPrivate current_thread = G_PRIVATE_INIT (thread_end);
/* For all owner threads; only held for a short time.  The condition is signalled when a context is
 * released. */
static GMutex lock;
static GCond released;

static OaiOwnerThread *
owner_thread_ref (OaiOwnerThread *self)
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
ensure_current (void)
{
  OaiOwnerThread *self = g_private_get (&current_thread);

  if (self == NULL)
    {
      self = g_new0 (OaiOwnerThread, 1);
      g_atomic_ref_count_init (&self->ref_count);
      g_queue_init (&self->releases);
      g_private_set (&current_thread, self);
    }

  return self;
}

OaiOwnerThread *
oai_owner_thread_ref_current (void)
{
  return owner_thread_ref (ensure_current ());
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
release_context (GMainContext *context)
{
  g_mutex_lock (&lock);
  g_main_context_release (context);
  g_cond_broadcast (&released);
  g_mutex_unlock (&lock);
}

/* With the lock held.  A context of the program is acquired by its own thread only.  The context
 * of blocking calls is waited for, unless such a call runs. */
static gboolean
acquire (OaiOwnerThread *self, GMainContext *context)
{
  if (context != self->context)
    return (self == g_private_get (&current_thread) || self->ended) && g_main_context_acquire (context);

  while (!g_main_context_acquire (context))
    {
      if (self->calls > 0)
        return FALSE;
      g_cond_wait (&released, &lock);
    }

  return TRUE;
}

OaiContextState
oai_owner_thread_push_context (OaiOwnerThread *self, GMainContext *context)
{
  g_autoptr (GMainContext) here = g_main_context_ref_thread_default ();
  gboolean acquired;

  if (here == context)
    return OAI_CONTEXT_CURRENT;

  g_mutex_lock (&lock);
  acquired = acquire (self, context);
  g_mutex_unlock (&lock);
  if (!acquired)
    return OAI_CONTEXT_BUSY;

  g_main_context_push_thread_default (context);

  return OAI_CONTEXT_PUSHED;
}

void
oai_owner_thread_pop_context (GMainContext *context, OaiContextState state)
{
  if (state != OAI_CONTEXT_PUSHED)
    return;

  g_main_context_pop_thread_default (context);
  release_context (context);
}

static gboolean
invocation_cb (gpointer user_data)
{
  Invocation *invocation = user_data;

  /* Synchronizes memory with the sender. */
  g_mutex_lock (&lock);
  g_mutex_unlock (&lock);
  invocation->func (invocation->data);
  g_mutex_lock (&lock);
  invocation->done = TRUE;
  g_cond_broadcast (&released);
  g_mutex_unlock (&lock);

  return G_SOURCE_REMOVE;
}

/* Lets the blocking call that iterates the context call the function.  If that call ends first,
 * this thread calls the function. */
static void
invoke_in_call (GMainContext *context, Invocation *invocation)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  gboolean acquired = FALSE;

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (source, "[oai] from another thread");
  g_source_set_callback (source, invocation_cb, invocation, NULL);

  g_mutex_lock (&lock);
  g_source_attach (source, context);
  while (!invocation->done && !(acquired = g_main_context_acquire (context)))
    g_cond_wait (&released, &lock);
  g_mutex_unlock (&lock);

  g_source_destroy (source);
  if (!acquired)
    return;

  g_main_context_push_thread_default (context);
  invocation->func (invocation->data);
  oai_owner_thread_pop_context (context, OAI_CONTEXT_PUSHED);
}

void
oai_owner_thread_invoke (OaiOwnerThread *self, GMainContext *context, void (*func) (gpointer data), gpointer data)
{
  OaiContextState state = oai_owner_thread_push_context (self, context);
  Invocation invocation = { func, data, FALSE };
  gboolean blocking;

  g_mutex_lock (&lock);
  blocking = context == self->context;
  g_mutex_unlock (&lock);

  if (state == OAI_CONTEXT_BUSY && blocking)
    {
      invoke_in_call (context, &invocation);
      return;
    }

  func (data);
  oai_owner_thread_pop_context (context, state);
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
  /* Synchronizes memory with the sender. */
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
  Invocation invocation = { run_message, &message, FALSE };
  gboolean own, blocking, acquired;

  g_mutex_lock (&lock);
  own = self == g_private_get (&current_thread);
  blocking = context == self->context;
  acquired = !own && (blocking || self->ended) && g_main_context_acquire (context);
  g_mutex_unlock (&lock);

  if (own || acquired)
    func (object);
  else if (blocking)
    invoke_in_call (context, &invocation);
  else
    post (context, &message);
  if (acquired)
    release_context (context);
}

static void
release_now (GObject *object)
{
  if (G_IS_INPUT_STREAM (object))
    g_input_stream_close (G_INPUT_STREAM (object), NULL, NULL);
  g_object_unref (object);
}

static void
release_free (Release *release)
{
  g_source_destroy (release->source);
  g_source_unref (release->source);
  g_main_context_unref (release->context);
  g_free (release);
}

/* context: NULL for any. */
static Release *
take_release (OaiOwnerThread *self, GMainContext *context)
{
  Release *found = NULL;

  g_mutex_lock (&lock);
  for (GList *link = self->releases.head; link != NULL && found == NULL; link = link->next)
    {
      Release *release = link->data;

      if (context != NULL && release->context != context)
        continue;
      found = release;
      g_queue_delete_link (&self->releases, link);
      break;
    }
  g_mutex_unlock (&lock);

  return found;
}

static gboolean
release_cb (gpointer user_data)
{
  OaiOwnerThread *self = user_data;
  GMainContext *context = g_source_get_context (g_main_current_source ());
  Release *release;

  /* Iterating a context does not make it the thread-default one. */
  g_main_context_push_thread_default (context);
  while ((release = take_release (self, context)) != NULL)
    {
      release_now (release->object);
      release_free (release);
    }
  g_main_context_pop_thread_default (context);

  return G_SOURCE_REMOVE;
}

static void
unref_cb (gpointer data)
{
  oai_owner_thread_unref (data);
}

/* With the lock held. */
static void
queue_release (OaiOwnerThread *self, GMainContext *context, GObject *object)
{
  Release *release = g_new0 (Release, 1);

  release->context = g_main_context_ref (context);
  release->object = object;
  release->source = g_idle_source_new ();
  g_queue_push_tail (&self->releases, release);

  g_source_set_priority (release->source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (release->source, "[oai] release");
  g_source_set_callback (release->source, release_cb, owner_thread_ref (self), unref_cb);
  g_source_attach (release->source, context);
}

void
oai_owner_thread_release_object (OaiOwnerThread *self, GMainContext *context, gpointer object)
{
  g_autoptr (GMainContext) here = g_main_context_ref_thread_default ();
  gboolean acquired = FALSE;
  gboolean own;

  g_mutex_lock (&lock);
  own = self == g_private_get (&current_thread) || self->ended;
  if (own && (here != context || self->ended))
    acquired = acquire (self, context);
  if (!acquired && !(own && here == context))
    {
      queue_release (self, context, object);
      g_mutex_unlock (&lock);
      return;
    }
  g_mutex_unlock (&lock);

  if (acquired)
    g_main_context_push_thread_default (context);
  release_now (object);
  if (acquired)
    oai_owner_thread_pop_context (context, OAI_CONTEXT_PUSHED);
}

/* The thread ends, and its contexts are no longer iterated.  Since sessions hold a reference to
 * their context, sources that hold a session would never be freed. */
static void
thread_end (gpointer data)
{
  OaiOwnerThread *self = data;
  GSList *watches;
  guint n_releases;

  g_mutex_lock (&lock);
  self->ended = TRUE;
  watches = g_steal_pointer (&self->watches);
  n_releases = self->releases.length;
  g_mutex_unlock (&lock);

  for (GSList *link = watches; link != NULL; link = link->next)
    ((Watch *) link->data)->func (self, ((Watch *) link->data)->data);
  g_slist_free_full (watches, watch_free);

  /* A release whose context another thread iterates is queued again, for that thread. */
  for (; n_releases > 0; n_releases--)
    {
      Release *release = take_release (self, NULL);

      if (release == NULL)
        break;
      oai_owner_thread_release_object (self, release->context, release->object);
      release_free (release);
    }
  oai_owner_thread_unref (self);
}

GMainContext *
oai_owner_thread_begin_call (void)
{
  OaiOwnerThread *self = ensure_current ();

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
  OaiOwnerThread *self = ensure_current ();

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
  OaiOwnerThread *self = g_private_get (&current_thread);

  return self != NULL && self->context != NULL && g_main_context_get_thread_default () == self->context;
}

/* Each task that returns has pushed the context once more.  The thread continues to own it. */
guint
oai_owner_thread_suspend_call (void)
{
  guint n_pushed = 0;

  for (; oai_owner_thread_is_calling (); n_pushed++)
    g_main_context_pop_thread_default (g_main_context_get_thread_default ());

  return n_pushed;
}

void
oai_owner_thread_resume_call (guint n_pushed)
{
  OaiOwnerThread *self;

  if (G_LIKELY (n_pushed == 0))
    return;

  self = g_private_get (&current_thread);
  for (; n_pushed > 0; n_pushed--)
    g_main_context_push_thread_default (self->context);
}

/* A thread without a main context of its own does not iterate the global one, which another thread
 * may begin to iterate at any time. */
static gboolean
has_own_context (void)
{
  GMainContext *global = g_main_context_default ();

  if (g_main_context_get_thread_default () != NULL)
    return TRUE;
  if (!oai_is_main_thread () && !g_main_context_is_owner (global))
    return FALSE;
  if (!g_main_context_acquire (global))
    return FALSE;

  g_main_context_release (global);

  return TRUE;
}

guint
oai_owner_thread_suspend_call_for_tool (void)
{
  guint n_pushed = oai_owner_thread_suspend_call ();

  if (n_pushed == 0 || has_own_context ())
    return n_pushed;

  oai_owner_thread_resume_call (n_pushed);

  return 0;
}

void
oai_owner_thread_begin_wait (OaiOwnerThread *self)
{
  g_atomic_int_inc (&self->waits);
}

void
oai_owner_thread_end_wait (OaiOwnerThread *self)
{
  g_atomic_int_add (&self->waits, -1);
}

gboolean
oai_owner_thread_is_waiting (void)
{
  OaiOwnerThread *self = g_private_get (&current_thread);

  return self != NULL && g_atomic_int_get (&self->waits) > 0;
}
