/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-session-pool-private.h"

#include "oai-emit-private.h"
#include "oai-owner-thread-private.h"
#include "oai-proxy-private.h"

/* The maximum number of main contexts whose connections are kept. */
#define MAX_CONTEXTS 16
#define MAX_CONNECTIONS 256
#define MAX_CONNECTIONS_PER_HOST 100

/* libsoup polls each idle connection of a session for every event: with 64 of them, a hundred
 * times for each request.  Therefore programs with many parallel requests get several sessions
 * with few connections each.  All others, and those that use HTTP/2, get one. */
#define MAX_SHARDS 16
#define REQUESTS_PER_SHARD 4

/* The protocols that the connections of a session offer to the server. */
typedef enum
{
  OFFER_ALL,
  OFFER_HTTP1,
  N_OFFERS
} Offer;

typedef struct
{
  SoupSession *session;
  guint active;
} Shard;

typedef struct
{
  GMainContext *context;
  OaiOwnerThread *thread;      /* the thread that used it last */
  SoupSession *model; /* of the pool; borrowed */
  GArray *shards[N_OFFERS]; /* of Shard; the first is used most */
  gboolean http1;     /* the server does not support HTTP/2 */
} Connections;

struct _OaiSessionPool
{
  GMutex lock;
  SoupSession *model; /* the session whose settings are copied, or NULL */
  GQueue contexts;    /* of Connections, the most recently used first */
  GPtrArray *threads;   /* of OaiOwnerThread, whose ends are watched */
};

static Connections *
connections_new (GMainContext *context, SoupSession *model)
{
  Connections *self = g_new0 (Connections, 1);

  self->context = g_main_context_ref (context);
  self->thread = oai_owner_thread_ref_current ();
  self->model = model;
  for (guint offer = 0; offer < N_OFFERS; offer++)
    self->shards[offer] = g_array_new (FALSE, FALSE, sizeof (Shard));

  return self;
}

/* Idle connections have sources of their context, so they are released there. */
static void
connections_free (gpointer data)
{
  Connections *self = data;

  for (guint offer = 0; offer < N_OFFERS; offer++)
    {
      for (guint i = 0; i < self->shards[offer]->len; i++)
        oai_owner_thread_release_object (self->thread, self->context, g_array_index (self->shards[offer], Shard, i).session);
      g_array_unref (self->shards[offer]);
    }
  oai_owner_thread_unref (self->thread);
  g_main_context_unref (self->context);
  g_free (self);
}

static SoupSession *
new_session (void)
{
  g_autoptr(GProxyResolver) resolver = oai_proxy_resolver_new ();

  return soup_session_new_with_options ("max-conns", MAX_CONNECTIONS,
                                        "max-conns-per-host", MAX_CONNECTIONS_PER_HOST,
                                        "timeout", 0,
                                        "proxy-resolver", resolver,
                                        NULL);
}

/* A program may watch the requests of its session, for example to authenticate with a proxy.  It
 * also gets those of the sessions that stand in for it. */
static void
forward_queued_cb (SoupSession *session, SoupMessage *message, SoupSession *model)
{
  oai_emit (model, g_signal_lookup ("request-queued", SOUP_TYPE_SESSION), 0, message);
}

static void
forward_unqueued_cb (SoupSession *session, SoupMessage *message, SoupSession *model)
{
  oai_emit (model, g_signal_lookup ("request-unqueued", SOUP_TYPE_SESSION), 0, message);
}

/* Creates a session with the same settings and the same shared features.  The limits of a program
 * assume that the replies of a server share connections, which those over HTTP/1.1 do not. */
static SoupSession *
new_session_like (SoupSession *model, Offer offer)
{
  const GType shared[] = { SOUP_TYPE_LOGGER, SOUP_TYPE_COOKIE_JAR, SOUP_TYPE_HSTS_ENFORCER };
  guint max_conns;
  guint max_conns_per_host;
  guint timeout;
  guint idle_timeout;
  g_autoptr(GInetSocketAddress) local_address = NULL;
  g_autoptr(GTlsInteraction) tls_interaction = NULL;
  g_autoptr(GTlsDatabase) tls_database = NULL;
  g_autoptr(GProxyResolver) proxy_resolver = NULL;
  SoupSession *session;

  g_object_get (model, "max-conns", &max_conns, "max-conns-per-host", &max_conns_per_host, "timeout", &timeout,
                "idle-timeout", &idle_timeout, "local-address", &local_address, "tls-interaction", &tls_interaction,
                "tls-database", &tls_database, "proxy-resolver", &proxy_resolver, NULL);
  if (offer == OFFER_HTTP1)
    {
      max_conns = MAX (max_conns, MAX_CONNECTIONS);
      max_conns_per_host = MAX (max_conns_per_host, MAX_CONNECTIONS_PER_HOST);
    }
  session = soup_session_new_with_options ("max-conns", max_conns, "max-conns-per-host", max_conns_per_host, "timeout", timeout,
                                           "idle-timeout", idle_timeout, "local-address", local_address,
                                           "tls-interaction", tls_interaction, NULL);
  if (tls_database != NULL)
    soup_session_set_tls_database (session, tls_database);
  if (proxy_resolver != NULL)
    soup_session_set_proxy_resolver (session, proxy_resolver);
  for (guint i = 0; i < G_N_ELEMENTS (shared); i++)
    {
      SoupSessionFeature *feature = soup_session_get_feature (model, shared[i]);

      if (feature != NULL)
        soup_session_add_feature (session, feature);
    }
  g_signal_connect_object (session, "request-queued", G_CALLBACK (forward_queued_cb), model, 0);
  g_signal_connect_object (session, "request-unqueued", G_CALLBACK (forward_unqueued_cb), model, 0);

  return session;
}

static void
network_event_cb (SoupMessage *message, GSocketClientEvent event, GIOStream *connection)
{
  static const char *const protocols[] = { "http/1.1", NULL };

  if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING)
    g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (connection), protocols);
}

static void
request_queued_cb (SoupSession *session, SoupMessage *message)
{
  g_signal_connect (message, "network-event", G_CALLBACK (network_event_cb), NULL);
}

static Shard *
add_shard (Connections *self, Offer offer)
{
  GArray *shards = self->shards[offer];
  Shard shard = { 0 };

  shard.session = self->model != NULL ? new_session_like (self->model, offer) : new_session ();
  if (offer == OFFER_HTTP1)
    g_signal_connect (shard.session, "request-queued", G_CALLBACK (request_queued_cb), NULL);
  g_array_append_val (shards, shard);

  return &g_array_index (shards, Shard, shards->len - 1);
}

/* Prefers the first shard with room, so that its connections are reused. */
static Shard *
choose_shard (Connections *self, OaiSessionFlags flags)
{
  gboolean secure = (flags & OAI_SESSION_SECURE) != 0;
  Offer offer = secure && (flags & OAI_SESSION_HTTP1) != 0 ? OFFER_HTTP1 : OFFER_ALL;
  GArray *shards = self->shards[offer];
  Shard *least = NULL;

  if (shards->len == 0)
    return add_shard (self, offer);
  if (secure && offer == OFFER_ALL && !self->http1)
    return &g_array_index (shards, Shard, 0);

  for (guint i = 0; i < shards->len; i++)
    {
      Shard *shard = &g_array_index (shards, Shard, i);

      if (shard->active < REQUESTS_PER_SHARD)
        return shard;
      if (least == NULL || shard->active < least->active)
        least = shard;
    }

  return shards->len < MAX_SHARDS ? add_shard (self, offer) : least;
}

static Connections *
find_connections (OaiSessionPool *self, GMainContext *context)
{
  for (GList *link = self->contexts.head; link != NULL; link = link->next)
    {
      Connections *connections = link->data;

      if (connections->context == context)
        return connections;
    }

  return NULL;
}

static Shard *
find_in (GArray *shards, SoupSession *session)
{
  for (guint i = 0; i < shards->len; i++)
    if (g_array_index (shards, Shard, i).session == session)
      return &g_array_index (shards, Shard, i);

  return NULL;
}

static Shard *
find_shard (OaiSessionPool *self, SoupSession *session, Connections **owner)
{
  for (GList *link = self->contexts.head; link != NULL; link = link->next)
    {
      *owner = link->data;
      for (guint offer = 0; offer < N_OFFERS; offer++)
        {
          Shard *shard = find_in ((*owner)->shards[offer], session);

          if (shard != NULL)
            return shard;
        }
    }

  return NULL;
}

OaiSessionPool *
oai_session_pool_new (SoupSession *model)
{
  OaiSessionPool *self = g_atomic_rc_box_new0 (OaiSessionPool);

  g_set_object (&self->model, model);
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
  for (guint offer = 0; offer < N_OFFERS; offer++)
    for (guint i = 0; i < self->shards[offer]->len; i++)
      if (g_array_index (self->shards[offer], Shard, i).active > 0)
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

/* Returns the connections of the thread-default main context.  With the lock held.  surplus: to
 * be freed after it was released. */
static Connections *
ensure_connections (OaiSessionPool *self, GSList **surplus)
{
  g_autoptr(GMainContext) context = g_main_context_ref_thread_default ();
  Connections *connections = find_connections (self, context);

  if (connections != NULL)
    {
      touch (self, connections);
      return connections;
    }

  connections = connections_new (context, self->model);
  watch_thread (self, connections->thread);
  g_queue_push_head (&self->contexts, connections);
  *surplus = take_surplus (self);

  return connections;
}

SoupSession *
oai_session_pool_acquire (OaiSessionPool *self, OaiSessionFlags flags)
{
  GSList *surplus = NULL;
  Shard *shard;
  SoupSession *session;

  g_mutex_lock (&self->lock);
  shard = choose_shard (ensure_connections (self, &surplus), flags);
  shard->active++;
  session = g_object_ref (shard->session);
  g_mutex_unlock (&self->lock);

  g_slist_free_full (surplus, connections_free);

  return session;
}

void
oai_session_pool_note_http1 (OaiSessionPool *self, SoupSession *session)
{
  g_mutex_lock (&self->lock);
  for (GList *link = self->contexts.head; link != NULL; link = link->next)
    {
      Connections *connections = link->data;

      if (find_in (connections->shards[OFFER_ALL], session) != NULL)
        connections->http1 = TRUE;
    }
  g_mutex_unlock (&self->lock);
}

void
oai_session_pool_release (OaiSessionPool *self, SoupSession *session)
{
  GSList *surplus = NULL;
  Connections *connections;
  Shard *shard;

  g_mutex_lock (&self->lock);
  shard = find_shard (self, session, &connections);
  if (shard != NULL)
    {
      /* This is not the last reference, which may only be dropped in the context of the session. */
      g_object_unref (session);
      shard->active--;
      if (self->contexts.length > MAX_CONTEXTS || oai_owner_thread_has_ended (connections->thread))
        surplus = take_surplus (self);
    }
  g_mutex_unlock (&self->lock);

  if (shard == NULL)
    g_object_unref (session);
  g_slist_free_full (surplus, connections_free);
}
