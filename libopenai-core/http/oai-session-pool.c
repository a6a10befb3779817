/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-session-pool-private.h"

#include "oai-owner-thread-private.h"

/* The maximum number of main contexts whose connections are kept.  A context counts again for each
 * UNIX socket. */
#define MAX_CONTEXTS 16

typedef struct
{
  GMainContext *context;
  char *socket_path;      /* of the server, or NULL for servers on the network */
  OaiOwnerThread *thread; /* the thread that used it last */
  OaiSessionGroup *groups[OAI_N_SESSION_KINDS];
} Connections;

struct _OaiSessionPool
{
  GMutex lock;
  SoupSession *model; /* the session whose settings are copied, or NULL */
  OaiSettings *settings;
  GQueue contexts;    /* of Connections, the most recently used first */
  GPtrArray *threads;   /* of OaiOwnerThread, whose ends are watched */
};

static Connections *
connections_new (OaiSessionPool *pool, GMainContext *context, const char *socket_path)
{
  g_autoptr(GSocketAddress) socket = socket_path != NULL ? g_unix_socket_address_new (socket_path) : NULL;
  Connections *self = g_new0 (Connections, 1);

  self->context = g_main_context_ref (context);
  self->socket_path = g_strdup (socket_path);
  self->thread = oai_owner_thread_ref_current ();
  for (guint kind = 0; kind < OAI_N_SESSION_KINDS; kind++)
    self->groups[kind] = oai_session_group_new (kind, pool->model, pool->settings, socket, context, &pool->lock);

  return self;
}

static void
connections_free (gpointer data)
{
  Connections *self = data;

  for (guint kind = 0; kind < OAI_N_SESSION_KINDS; kind++)
    oai_session_group_free (self->groups[kind], self->thread);
  oai_owner_thread_unref (self->thread);
  g_main_context_unref (self->context);
  g_free (self->socket_path);
  g_free (self);
}

static Connections *
find_connections (OaiSessionPool *self, GMainContext *context, const char *socket_path)
{
  for (GList *link = self->contexts.head; link != NULL; link = link->next)
    {
      Connections *connections = link->data;

      if (connections->context == context && g_strcmp0 (connections->socket_path, socket_path) == 0)
        return connections;
    }

  return NULL;
}

static OaiSessionGroup *
find_group (OaiSessionPool *self, SoupSession *session, Connections **owner)
{
  for (GList *link = self->contexts.head; link != NULL; link = link->next)
    {
      *owner = link->data;
      for (guint kind = 0; kind < OAI_N_SESSION_KINDS; kind++)
        if (oai_session_group_has ((*owner)->groups[kind], session))
          return (*owner)->groups[kind];
    }

  return NULL;
}

OaiSessionPool *
oai_session_pool_new (SoupSession *model, OaiSettings *settings)
{
  OaiSessionPool *self = g_atomic_rc_box_new0 (OaiSessionPool);

  g_set_object (&self->model, model);
  self->settings = g_object_ref (settings);
  g_mutex_init (&self->lock);
  g_queue_init (&self->contexts);
  self->threads = g_ptr_array_new_with_free_func ((GDestroyNotify) oai_owner_thread_unref);

  return self;
}

static void
sessions_clear (gpointer data)
{
  OaiSessionPool *self = data;

  g_ptr_array_unref (self->threads);
  g_clear_object (&self->model);
  g_object_unref (self->settings);
  g_mutex_clear (&self->lock);
}

static void
sessions_unref (gpointer self)
{
  g_atomic_rc_box_release_full (self, sessions_clear);
}

/* A thread that is ending may hold a reference to the rest. */
void
oai_session_pool_free (OaiSessionPool *self)
{
  g_autoptr(GPtrArray) threads = g_ptr_array_new_with_free_func ((GDestroyNotify) oai_owner_thread_unref);
  GQueue contexts;

  g_mutex_lock (&self->lock);
  contexts = self->contexts;
  g_queue_init (&self->contexts);
  g_ptr_array_extend_and_steal (threads, g_steal_pointer (&self->threads));
  self->threads = g_ptr_array_new_with_free_func ((GDestroyNotify) oai_owner_thread_unref);
  g_mutex_unlock (&self->lock);

  for (guint i = 0; i < threads->len; i++)
    oai_owner_thread_unwatch_end (g_ptr_array_index (threads, i), self);
  g_queue_clear_full (&contexts, connections_free);
  sessions_unref (self);
}

static gboolean
is_idle (Connections *self)
{
  for (guint kind = 0; kind < OAI_N_SESSION_KINDS; kind++)
    if (!oai_session_group_is_idle (self->groups[kind]))
      return FALSE;

  return TRUE;
}

/* Takes the connections of threads that have ended, and the least recently used ones.  Those in
 * use stay, since releasing them would not end their requests.  With the lock held. */
static GSList *
take_surplus (OaiSessionPool *self)
{
  GSList *surplus = NULL;
  GList *previous;

  for (GList *link = self->contexts.tail; link != NULL; link = previous)
    {
      Connections *connections = link->data;
      gboolean may_stay = link == self->contexts.head || self->contexts.length <= MAX_CONTEXTS;

      previous = link->prev;
      if (!is_idle (connections) || (may_stay && !oai_owner_thread_has_ended (connections->thread)))
        continue;
      surplus = g_slist_prepend (surplus, connections);
      g_queue_delete_link (&self->contexts, link);
    }

  return surplus;
}

/* Releases, in the thread that ends, the connections that no other thread can use. */
static void
thread_ended_cb (OaiOwnerThread *thread, gpointer data)
{
  OaiSessionPool *self = data;
  GSList *surplus;

  g_mutex_lock (&self->lock);
  g_ptr_array_remove_fast (self->threads, thread);
  surplus = take_surplus (self);
  g_mutex_unlock (&self->lock);

  g_slist_free_full (surplus, connections_free);
}

/* Once for each thread.  With the lock held. */
static void
watch_thread (OaiSessionPool *self, OaiOwnerThread *thread)
{
  if (g_ptr_array_find (self->threads, thread, NULL))
    return;

  g_ptr_array_add (self->threads, oai_owner_thread_ref_current ());
  oai_owner_thread_watch_end (thread, thread_ended_cb, g_atomic_rc_box_acquire (self), sessions_unref);
}

static void
touch (OaiSessionPool *self, Connections *connections)
{
  OaiOwnerThread *thread = oai_owner_thread_ref_current ();
  GList *link = g_queue_find (&self->contexts, connections);

  if (thread != connections->thread)
    watch_thread (self, thread);
  oai_owner_thread_unref (connections->thread);
  connections->thread = thread;
  g_queue_unlink (&self->contexts, link);
  g_queue_push_head_link (&self->contexts, link);
}

/* Returns the connections of the thread-default main context to a server.  With the lock held.  surplus: to
 * be freed after it was released. */
static Connections *
ensure_connections (OaiSessionPool *self, const char *socket_path, GSList **surplus)
{
  g_autoptr(GMainContext) context = g_main_context_ref_thread_default ();
  Connections *connections = find_connections (self, context, socket_path);

  if (connections != NULL)
    {
      touch (self, connections);
      return connections;
    }

  connections = connections_new (self, context, socket_path);
  watch_thread (self, connections->thread);
  g_queue_push_head (&self->contexts, connections);
  *surplus = take_surplus (self);

  return connections;
}

SoupSession *
oai_session_pool_acquire (OaiSessionPool *self, OaiSessionKind kind, const char *socket_path, OaiSessionWait **wait, OaiSessionFunc func, gpointer user_data)
{
  GSList *surplus = NULL;
  SoupSession *session;

  g_mutex_lock (&self->lock);
  session = oai_session_group_acquire (ensure_connections (self, socket_path, &surplus)->groups[kind], wait, func, user_data);
  g_mutex_unlock (&self->lock);

  g_slist_free_full (surplus, connections_free);

  return session;
}

void
oai_session_pool_note_version (OaiSessionPool *self, SoupSession *session, gboolean http2)
{
  Connections *connections;
  OaiSessionGroup *group;

  g_mutex_lock (&self->lock);
  group = find_group (self, session, &connections);
  if (group != NULL)
    oai_session_group_note_version (group, http2);
  g_mutex_unlock (&self->lock);
}

void
oai_session_pool_note_connection (OaiSessionPool *self, SoupSession *session)
{
  Connections *connections;
  OaiSessionGroup *group;

  g_mutex_lock (&self->lock);
  group = find_group (self, session, &connections);
  if (group != NULL)
    oai_session_group_note_connection (group);
  g_mutex_unlock (&self->lock);
}

void
oai_session_pool_release (OaiSessionPool *self, SoupSession *session)
{
  GSList *surplus = NULL;
  Connections *connections;
  OaiSessionGroup *group;

  g_mutex_lock (&self->lock);
  group = find_group (self, session, &connections);
  if (group != NULL)
    {
      /* This is not the last reference, which may only be dropped in the context of the session. */
      g_object_unref (session);
      oai_session_group_release (group, session);
      if (self->contexts.length > MAX_CONTEXTS || oai_owner_thread_has_ended (connections->thread))
        surplus = take_surplus (self);
    }
  g_mutex_unlock (&self->lock);

  if (group == NULL)
    g_object_unref (session);
  g_slist_free_full (surplus, connections_free);
}
