/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-session-group-private.h"

#include "oai-admission-private.h"
#include "oai-emit-private.h"
#include "oai-proxy-private.h"
#include "oai-refused-upgrade-private.h"
#include "oai-source-private.h"

#define MAX_CONNECTIONS 256

/* libsoup polls each idle connection of a session for every event: with 64 of them, a hundred
 * times for each request.  A session also opens one connection after the other, which takes longer
 * over TLS.  Therefore programs with many parallel requests get several sessions with few
 * connections each. */
#define MAX_PLAIN_SESSIONS 16
#define REQUESTS_PER_PLAIN_SESSION 4
#define MAX_TLS_SESSIONS 64
#define REQUESTS_PER_TLS_SESSION 1

/* The connections of all sessions of a group to a server. */
#define MAX_PER_HOST 1600

typedef struct
{
  SoupSession *session;
  guint active;
} Shard;

struct _OaiSessionGroup
{
  OaiSessionKind kind;
  SoupSession *model;    /* of the pool; borrowed */
  OaiSettings *settings; /* of the pool; borrowed */
  GSocketAddress *socket; /* where all requests are sent, or NULL */
  GMainContext *context; /* of the connections; borrowed */
  GMutex *lock;          /* of the pool */
  GArray *shards;        /* of Shard; the first is used most */
  gboolean shared;       /* the server supports HTTP/2, or this is not known yet: one session for all requests */
  gboolean version_known;
  OaiAdmission admission;
  GQueue waits;          /* of OaiSessionWait, the oldest first */
  GSource *source;       /* admits requests that wait */
};

struct _OaiSessionWait
{
  OaiSessionGroup *group;
  OaiSessionFunc func;
  gpointer user_data;
  gint64 since;
};

static guint
get_max_per_host (OaiSessionKind kind)
{
  return MAX_PER_HOST / (kind == OAI_SESSION_PLAIN ? MAX_PLAIN_SESSIONS : MAX_TLS_SESSIONS);
}

/* The library decodes bodies, and sends the credentials for proxies.  No program can connect to the
 * signal SoupMessage::authenticate of messages of these sessions. */
static SoupSession *
new_session (OaiSessionKind kind, OaiSettings *settings, GSocketAddress *socket)
{
  g_autoptr(GProxyResolver) resolver = oai_proxy_resolver_new (settings);
  SoupSession *session = soup_session_new_with_options ("max-conns", MAX_CONNECTIONS,
                                                        "max-conns-per-host", get_max_per_host (kind),
                                                        "timeout", 0,
                                                        "proxy-resolver", resolver,
                                                        "remote-connectable", socket,
                                                        NULL);

  soup_session_remove_feature_by_type (session, SOUP_TYPE_AUTH_MANAGER);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_DECODER);

  return session;
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
new_session_like (SoupSession *model, OaiSessionKind kind, GSocketAddress *socket)
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
  if (kind == OAI_SESSION_TLS_HTTP1)
    {
      max_conns = MAX (max_conns, MAX_CONNECTIONS);
      max_conns_per_host = MAX (max_conns_per_host, get_max_per_host (kind));
    }
  session = soup_session_new_with_options ("max-conns", max_conns, "max-conns-per-host", max_conns_per_host, "timeout", timeout,
                                           "idle-timeout", idle_timeout, "local-address", local_address,
                                           "tls-interaction", tls_interaction, "remote-connectable", socket, NULL);
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

static Shard *
add_shard (OaiSessionGroup *self)
{
  Shard shard = { 0 };

  shard.session = self->model != NULL ? new_session_like (self->model, self->kind, self->socket) : new_session (self->kind, self->settings, self->socket);
  if (self->kind == OAI_SESSION_UPGRADE)
    oai_refused_upgrade_watch_session (shard.session);
  g_array_append_val (self->shards, shard);

  return &g_array_index (self->shards, Shard, self->shards->len - 1);
}

/* A session of the program has limits on connections, which several sessions would multiply. */
static guint
get_max_shards (OaiSessionGroup *self)
{
  if (self->shared || (self->model != NULL && self->kind == OAI_SESSION_TLS))
    return 1;

  return self->kind == OAI_SESSION_PLAIN ? MAX_PLAIN_SESSIONS : MAX_TLS_SESSIONS;
}

/* Prefers the first shard with room, so that its connections are reused. */
static Shard *
choose_shard (OaiSessionGroup *self)
{
  guint room = self->kind == OAI_SESSION_PLAIN ? REQUESTS_PER_PLAIN_SESSION : REQUESTS_PER_TLS_SESSION;
  guint max = get_max_shards (self);
  Shard *least = NULL;

  for (guint i = 0; i < MIN (self->shards->len, max); i++)
    {
      Shard *shard = &g_array_index (self->shards, Shard, i);

      if (shard->active < room)
        return shard;
      if (least == NULL || shard->active < least->active)
        least = shard;
    }

  return self->shards->len < max ? add_shard (self) : least;
}

static SoupSession *
use_session (OaiSessionGroup *self)
{
  Shard *shard = choose_shard (self);

  shard->active++;

  return g_object_ref (shard->session);
}

OaiSessionGroup *
oai_session_group_new (OaiSessionKind kind, SoupSession *model, OaiSettings *settings, GSocketAddress *socket, GMainContext *context, GMutex *lock)
{
  OaiSessionGroup *self = g_new0 (OaiSessionGroup, 1);

  self->kind = kind;
  self->model = model;
  self->settings = settings;
  g_set_object (&self->socket, socket);
  self->context = context;
  self->lock = lock;
  self->shards = g_array_new (FALSE, FALSE, sizeof (Shard));
  self->shared = kind == OAI_SESSION_TLS;
  oai_admission_init (&self->admission);
  if (!self->shared)
    oai_admission_set_shared (&self->admission, kind == OAI_SESSION_PLAIN);
  g_queue_init (&self->waits);

  return self;
}

/* Idle connections have sources of their context, so they are released there. */
void
oai_session_group_free (OaiSessionGroup *self, OaiOwnerThread *thread)
{
  for (guint i = 0; i < self->shards->len; i++)
    oai_owner_thread_release_object (thread, self->context, g_array_index (self->shards, Shard, i).session);
  g_array_unref (self->shards);
  g_clear_object (&self->socket);
  g_free (self);
}

gboolean
oai_session_group_is_idle (OaiSessionGroup *self)
{
  return self->admission.active == 0 && self->waits.length == 0;
}

static Shard *
find_shard (OaiSessionGroup *self, SoupSession *session)
{
  for (guint i = 0; i < self->shards->len; i++)
    if (g_array_index (self->shards, Shard, i).session == session)
      return &g_array_index (self->shards, Shard, i);

  return NULL;
}

gboolean
oai_session_group_has (OaiSessionGroup *self, SoupSession *session)
{
  return find_shard (self, session) != NULL;
}

/* Waiting */

static gboolean admit_cb (gpointer user_data);

/* Plans the next admission.  A new source, unlike a new time of a source, does not wake up the main
 * context. */
static void
schedule (OaiSessionGroup *self, gint64 ready_time)
{
  oai_drop_source (&self->source);
  if (self->waits.length == 0)
    return;

  self->source = g_timeout_source_new (0);
  g_source_set_static_name (self->source, "[oai] admission");
  g_source_set_ready_time (self->source, ready_time);
  g_source_set_callback (self->source, admit_cb, self, NULL);
  g_source_attach (self->source, self->context);
}

/* Returns the first request that waits if it may start, or plans when to try again. */
static OaiSessionWait *
admit_first (OaiSessionGroup *self)
{
  OaiSessionWait *first = g_queue_peek_head (&self->waits);
  gint64 now = g_get_monotonic_time ();

  if (first != NULL)
    {
      oai_admission_update (&self->admission, first->since, now);
      if (oai_admission_enter (&self->admission, now))
        return g_queue_pop_head (&self->waits);
    }
  schedule (self, first != NULL ? oai_admission_get_next (&self->admission, first->since) : -1);

  return NULL;
}

/* The functions that it calls may free the group. */
static gboolean
admit_cb (gpointer user_data)
{
  OaiSessionGroup *self = user_data;
  g_autofree OaiSessionWait *admitted = NULL;
  SoupSession *session = NULL;

  g_mutex_lock (self->lock);
  admitted = admit_first (self);
  if (admitted != NULL)
    {
      session = use_session (self);
      schedule (self, 0);
    }
  g_mutex_unlock (self->lock);

  if (admitted != NULL)
    admitted->func (session, admitted->user_data);

  return G_SOURCE_REMOVE;
}

static OaiSessionWait *
start_waiting (OaiSessionGroup *self, OaiSessionFunc func, gpointer user_data, gint64 now)
{
  OaiSessionWait *wait = g_new (OaiSessionWait, 1);

  *wait = (OaiSessionWait) { self, func, user_data, now };
  g_queue_push_tail (&self->waits, wait);
  if (self->source == NULL)
    schedule (self, oai_admission_get_next (&self->admission, now));

  return wait;
}

void
oai_session_wait_cancel (OaiSessionWait *self)
{
  OaiSessionGroup *group = self->group;

  g_mutex_lock (group->lock);
  g_queue_remove (&group->waits, self);
  if (group->waits.length == 0)
    oai_drop_source (&group->source);
  g_mutex_unlock (group->lock);
  g_free (self);
}

SoupSession *
oai_session_group_acquire (OaiSessionGroup *self, OaiSessionWait **wait, OaiSessionFunc func, gpointer user_data)
{
  gint64 now = g_get_monotonic_time ();

  if (self->waits.length == 0 && oai_admission_enter (&self->admission, now))
    return use_session (self);

  *wait = start_waiting (self, func, user_data, now);

  return NULL;
}

void
oai_session_group_release (OaiSessionGroup *self, SoupSession *session)
{
  find_shard (self, session)->active--;
  oai_admission_leave (&self->admission, g_get_monotonic_time ());
  if (self->waits.length > 0)
    schedule (self, 0);
}

void
oai_session_group_note_version (OaiSessionGroup *self, gboolean http2)
{
  if (self->kind != OAI_SESSION_TLS || (self->version_known && self->shared == http2))
    return;

  self->version_known = TRUE;
  self->shared = http2;
  oai_admission_set_shared (&self->admission, http2);
  if (self->waits.length > 0)
    schedule (self, 0);
}

void
oai_session_group_note_connection (OaiSessionGroup *self)
{
  oai_admission_note_connection (&self->admission, g_get_monotonic_time ());
}
