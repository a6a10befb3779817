/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Counters of identities in Redis or Valkey.
 *
 * While the server is not available, admissions fail at once; only those at the beginning wait for the first
 * connection.  What the identities use meanwhile is summed up, and counted when the server is available again.  If
 * a connection is closed before the reply to a command, it is not known whether the command was executed: what it
 * counts is counted again, so an identity may be charged twice for it.  It is charged less than it used only if more than
 * MAX_OWED identities use something meanwhile, or if the process ends before the server is available again. */

#include "oai-redis-store-private.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-hash-private.h"
#include "oai-limit-window-private.h"
#include "oai-proxy-pattern-private.h"
#include "oai-redis-connection-private.h"
#include "oai-redis-script-private.h"
#include "oai-secret-private.h"
#include "oai-source-private.h"

#define DEFAULT_TIMEOUT_MS 500
#define DEFAULT_STREAM_TIMEOUT_MS 30000
#define DEFAULT_PREFIX "oai"
#define FIRST_DELAY_MS 100
#define MAX_DELAY_MS 5000
/* Admissions that wait at the same time; more are not available. */
#define MAX_CALLS 10000
/* Identities for which amounts are kept while the server is not available. */
#define MAX_OWED 100000
/* Streams to be released when the server is available again; others expire. */
#define MAX_RELEASES 100000
/* Commands of background work that are sent without a reply. */
#define MAX_IN_FLIGHT 64
#define RENEW_STEP 50
/* In bytes. */
#define MAX_PREFIX 64
#define KEY_SIZE 384

/* A key that is truncated would be that of several identities. */
G_STATIC_ASSERT (KEY_SIZE > MAX_PREFIX + OAI_PROXY_MAX_NAME + sizeof ":{}:c");

#define LOG_INTERVAL (60 * G_TIME_SPAN_SECOND)

typedef struct
{
  OaiCounterStore parent;
  guint refs;                /* of the owner, and of commands that were sent */
  OaiRedisUrl *url;
  GTlsDatabase *ca_database;
  char *prefix;
  gboolean hash_identities;
  guint timeout_ms;
  guint stream_timeout_ms;
  GMainContext *context;
  char script_hash[41];
  char id[17];               /* of this process, in the names of its streams */
  guint64 n_slots;           /* that were ever created */

  OaiRedisConnection *connection; /* nullable */
  gboolean ready;
  gboolean closing;          /* it was freed, and waits for the replies to what it has to send */
  gboolean failed;           /* the last attempt to connect failed, or the connection was closed */
  char *reason;              /* that was logged; NULL while the server is available */
  gint64 error_logged;       /* when an error of the script was logged last */
  guint delay_ms;
  GSource *retry;            /* connects again */

  GQueue waiting;            /* calls before the first connection */
  guint n_calls;
  GHashTable *owed;          /* key of counters → Owed */
  GQueue owed_order;         /* the same */
  GQueue releases;           /* slots */
  guint in_flight;
  GSource *pause;            /* background work continues after it */
  GHashTable *slots;         /* of streams in progress */
  GSource *renew;            /* while there are slots, and until the next time after them */
} RedisStore;

struct _OaiCounterSlot
{
  RedisStore *store;
  char name[48];
  char key[];
};

struct _OaiCounterCall
{
  RedisStore *store;
  OaiCounterFunc func;       /* NULL: cancelled */
  gpointer user_data;
  OaiLimitSet limits;
  OaiCounterSlot *slot;      /* if it is a stream */
  gboolean sent;
  gboolean with_text;        /* with the text of the script */
  gboolean *done;            /* set when the call is freed; nullable */
  char key[];
};

/* What is to be counted. */
typedef struct
{
  RedisStore *store;
  GList link;                /* in owed_order */
  guint mask;
  OaiLimitAmounts amounts;
  gboolean with_text;        /* it was sent with the text of the script */
  char key[];
} Owed;

static void work (RedisStore *self);
static void end_when_done (RedisStore *self);

static RedisStore *
store_ref (RedisStore *self)
{
  self->refs++;

  return self;
}

static void
free_owed (RedisStore *self)
{
  Owed *owed;

  while ((owed = g_queue_peek_head (&self->owed_order)) != NULL)
    {
      g_queue_unlink (&self->owed_order, &owed->link);
      g_free (owed);
    }
  g_hash_table_unref (self->owed);
}

static void
store_unref (RedisStore *self)
{
  if (--self->refs > 0)
    return;

  oai_drop_source (&self->retry);
  oai_drop_source (&self->pause);
  oai_drop_source (&self->renew);
  g_queue_clear_full (&self->releases, g_free);
  free_owed (self);
  g_hash_table_unref (self->slots);
  g_main_context_unref (self->context);
  g_clear_object (&self->ca_database);
  oai_redis_url_free (self->url);
  g_free (self->prefix);
  g_free (self->reason);
  g_free (self);
}

static void
start_source (RedisStore *self, GSource **source, guint ms, const char *name, GSourceFunc func)
{
  *source = g_timeout_source_new (ms);
  g_source_set_static_name (*source, name);
  g_source_set_callback (*source, func, self, NULL);
  g_source_attach (*source, self->context);
}

/* The key contains the identity in braces, so that proxies of clusters keep both keys of it on one server.  A brace at its
 * beginning would end that. */
static void
make_key (RedisStore *self, const char *identity, char type, char key[KEY_SIZE])
{
  gboolean hashed = self->hash_identities || identity[0] == '}';
  g_autofree char *hash = hashed ? g_compute_checksum_for_string (G_CHECKSUM_SHA256, identity, -1) : NULL;

  g_snprintf (key, KEY_SIZE, "%s:{%s}:%c", self->prefix, hash != NULL ? hash : identity, type);
}

/* Logs that the server is not available, once for each reason. */
static void
note_failure (RedisStore *self, const char *reason)
{
  g_autofree char *address = NULL;

  self->failed = TRUE;
  if (g_strcmp0 (reason, self->reason) == 0)
    return;

  g_free (self->reason);
  self->reason = g_strdup (reason);
  address = oai_redis_url_describe (self->url);
  /* Translators: the first %s is the address of the server, the second one says why, such as "it requires a password". */
  g_message (_("Redis at %s is not available: %s"), address, reason);
}

/* The server has executed a command. */
static void
note_success (RedisStore *self)
{
  g_autofree char *address = NULL;

  self->delay_ms = FIRST_DELAY_MS;
  if (self->reason == NULL)
    return;

  g_clear_pointer (&self->reason, g_free);
  address = oai_redis_url_describe (self->url);
  g_message (_("Redis at %s is available again"), address);
}

/* with_text: sends the script, not only its hash. */
static void
call_script (RedisStore *self, gboolean with_text, guint n_keys, const char *const *keys, guint n_arguments, const char *const *arguments, OaiRedisReplyFunc func, gpointer user_data)
{
  const char *words[3 + 2 * RENEW_STEP + 16];
  char count[16];

  g_assert (n_keys + n_arguments <= 2 * RENEW_STEP + 16);
  g_snprintf (count, sizeof count, "%u", n_keys);
  words[0] = with_text ? "EVAL" : "EVALSHA";
  words[1] = with_text ? oai_redis_script : self->script_hash;
  words[2] = count;
  memcpy (words + 3, keys, n_keys * sizeof *keys);
  memcpy (words + 3 + n_keys, arguments, n_arguments * sizeof *arguments);
  oai_redis_connection_send (self->connection, 3 + n_keys + n_arguments, words, func, user_data);
}

/* An error that concerns all commands: the connection is opened again. */
static gboolean
is_fatal (const OaiRedisReply *reply)
{
  static const char *const codes[] = { "READONLY", "LOADING", "MASTERDOWN", "NOAUTH" };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      if (oai_redis_reply_is_error (reply, codes[i]))
        return TRUE;
    }

  return FALSE;
}

/* An error that concerns one command. */
static void
log_error (RedisStore *self, const char *reason)
{
  gint64 now = g_get_monotonic_time ();
  g_autofree char *address = NULL;

  if (self->error_logged != 0 && now - self->error_logged < LOG_INTERVAL)
    return;

  self->error_logged = now;
  address = oai_redis_url_describe (self->url);
  /* Translators: the first %s is the address of the server, the second one says why. */
  g_message (_("Redis at %s did not count a request: %s"), address, reason);
}

/* The reply to a script is not what it returns. */
static void
note_unexpected (RedisStore *self, const OaiRedisReply *reply)
{
  char code[32];
  g_autofree char *reason = NULL;

  if (oai_redis_reply_get_code (reply, code))
    reason = g_strdup_printf (_("it replied with the error %s"), code);
  else
    reason = g_strdup (_("its reply is not valid"));

  if (reply->type == OAI_REDIS_REPLY_ERROR && !is_fatal (reply))
    log_error (self, reason);
  else if (self->connection != NULL)
    oai_redis_connection_fail (self->connection, reason);
}

static OaiCounterSlot *
slot_new (RedisStore *self, const char *identity)
{
  char key[KEY_SIZE];
  OaiCounterSlot *slot;

  make_key (self, identity, 's', key);
  slot = g_malloc0 (sizeof (OaiCounterSlot) + strlen (key) + 1);
  slot->store = self;
  memcpy (slot->key, key, strlen (key));
  g_snprintf (slot->name, sizeof slot->name, "%s:%" G_GUINT64_FORMAT, self->id, self->n_slots++);

  return slot;
}

/* Removes the stream on the server. */
static void
release_slot (RedisStore *self, OaiCounterSlot *slot)
{
  if (self->releases.length >= MAX_RELEASES)
    {
      g_free (slot);
      return;
    }

  g_queue_push_tail (&self->releases, slot);
  work (self);
}

static void
call_free (OaiCounterCall *call)
{
  if (call->done != NULL)
    *call->done = TRUE;
  g_free (call->slot);
  g_free (call);
}

/* The server is not available. */
static void
fail_call (OaiCounterCall *call)
{
  RedisStore *self = call->store;
  g_autoptr(GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED, _("The server of the counters is not available"));

  self->n_calls--;
  /* The stream may have been added nevertheless. */
  if (call->slot != NULL && call->sent)
    release_slot (self, g_steal_pointer (&call->slot));
  if (call->func != NULL)
    call->func (NULL, NULL, error, call->user_data);
  call_free (call);
}

static gboolean on_renew (gpointer user_data);

/* The stream is renewed from now on. */
static OaiCounterSlot *
start_slot (RedisStore *self, OaiCounterSlot *slot)
{
  g_hash_table_add (self->slots, slot);
  if (self->renew == NULL)
    start_source (self, &self->renew, MAX (self->stream_timeout_ms / 3, 1), "OaiRedisStore renew", on_renew);

  return slot;
}

/* Whether all values of a reply are in their ranges. */
static gboolean
read_state (const OaiRedisReply *reply, OaiLimitState *state)
{
  gint64 values[OAI_REDIS_SCRIPT_N_RESULTS];

  if (reply->type != OAI_REDIS_REPLY_ARRAY || reply->n_elements != OAI_REDIS_SCRIPT_N_RESULTS)
    return FALSE;

  for (guint i = 0; i < OAI_REDIS_SCRIPT_N_RESULTS; i++)
    {
      if (reply->elements[i]->type != OAI_REDIS_REPLY_INTEGER)
        return FALSE;

      values[i] = reply->elements[i]->integer;
      if (values[i] > OAI_LIMIT_MAX_AMOUNT || values[i] < (i == 2 ? -1 : 0))
        return FALSE;
    }
  if (values[0] > 1 || values[1] > OAI_LIMIT_STREAMS + 1 || (values[0] == 0 && values[1] == 0))
    return FALSE;

  state->admitted = values[0] == 1;
  state->refused_by = MAX (values[1], 1) - 1;
  state->wait_ms = values[2];
  for (guint kind = 0; kind < OAI_N_LIMITS; kind++)
    {
      state->used[kind] = values[3 + 2 * kind];
      state->reset_ms[kind] = values[4 + 2 * kind];
    }

  return TRUE;
}

static void
finish_call (OaiCounterCall *call, const OaiLimitState *state)
{
  RedisStore *self = call->store;
  OaiCounterSlot *slot = state->admitted ? g_steal_pointer (&call->slot) : NULL;

  self->n_calls--;
  if (call->func != NULL)
    call->func (state, slot != NULL ? start_slot (self, slot) : NULL, NULL, call->user_data);
  call_free (call);
}

static void send_call (OaiCounterCall *call, gboolean with_text);

static void
on_admitted (const OaiRedisReply *reply, gpointer user_data)
{
  OaiCounterCall *call = user_data;
  RedisStore *self = call->store;
  OaiLimitState state;

  if (reply == NULL)
    {
      fail_call (call);
    }
  else if (read_state (reply, &state))
    {
      note_success (self);
      finish_call (call, &state);
    }
  else if (call->func != NULL && !call->with_text && oai_redis_reply_is_error (reply, "NOSCRIPT"))
    {
      send_call (call, TRUE);
    }
  else
    {
      if (call->func != NULL)
        note_unexpected (self, reply);
      fail_call (call);
    }
  end_when_done (self);
  store_unref (self);
}

static void
send_call (OaiCounterCall *call, gboolean with_text)
{
  RedisStore *self = call->store;
  const char *keys[] = { call->key, call->slot != NULL ? call->slot->key : call->key };
  char limits[OAI_N_LIMITS][24], max_streams[16], timeout[16];
  const char *arguments[10] = { "a" };

  for (guint kind = 0; kind < OAI_N_LIMITS; kind++)
    {
      g_snprintf (limits[kind], sizeof limits[kind], "%" G_GINT64_FORMAT, call->limits.limits[kind]);
      arguments[1 + kind] = limits[kind];
    }
  g_snprintf (max_streams, sizeof max_streams, "%u", call->limits.max_streams);
  g_snprintf (timeout, sizeof timeout, "%u", self->stream_timeout_ms);
  arguments[7] = call->slot != NULL ? call->slot->name : "";
  arguments[8] = max_streams;
  arguments[9] = timeout;
  call->sent = TRUE;
  call->with_text = with_text;
  store_ref (self);
  call_script (self, with_text, G_N_ELEMENTS (keys), keys, G_N_ELEMENTS (arguments), arguments, on_admitted, call);
}

static OaiCounterCall *
redis_store_admit (OaiCounterStore *store, const char *identity, const OaiLimitSet *limits, gboolean stream, OaiCounterFunc func, gpointer user_data)
{
  RedisStore *self = (RedisStore *) store;
  char key[KEY_SIZE];
  OaiCounterCall *call;
  gboolean done = FALSE;

  make_key (self, identity, 'c', key);
  call = g_malloc0 (sizeof (OaiCounterCall) + strlen (key) + 1);
  call->store = self;
  call->func = func;
  call->user_data = user_data;
  call->limits = *limits;
  call->slot = stream ? slot_new (self, identity) : NULL;
  memcpy (call->key, key, strlen (key));

  self->n_calls++;
  if (self->n_calls > MAX_CALLS || (!self->ready && self->failed))
    {
      fail_call (call);
      return NULL;
    }
  if (!self->ready)
    {
      g_queue_push_tail (&self->waiting, call);
      return call;
    }

  call->done = &done;
  send_call (call, FALSE);
  if (!done)
    oai_redis_connection_flush (self->connection);
  if (done)
    return NULL;

  call->done = NULL;

  return call;
}

static void
redis_store_cancel (OaiCounterStore *store, OaiCounterCall *call)
{
  call->func = NULL;
  /* The server executes it after the admission. */
  if (call->sent && call->slot != NULL)
    release_slot (call->store, g_steal_pointer (&call->slot));
}

static Owed *
owed_new (RedisStore *self, const char *key)
{
  Owed *owed = g_malloc0 (sizeof (Owed) + strlen (key) + 1);

  owed->store = self;
  owed->link.data = owed;
  memcpy (owed->key, key, strlen (key));

  return owed;
}

static void
add_amounts (OaiLimitAmounts *self, const OaiLimitAmounts *other)
{
  self->requests = MIN (self->requests + other->requests, OAI_LIMIT_MAX_AMOUNT);
  self->tokens = MIN (MIN (other->tokens, OAI_LIMIT_MAX_AMOUNT) + self->tokens, OAI_LIMIT_MAX_AMOUNT);
  self->cost = MIN (MIN (other->cost, OAI_LIMIT_MAX_AMOUNT) + self->cost, OAI_LIMIT_MAX_AMOUNT);
}

static void
add_owed (RedisStore *self, const char *key, guint mask, const OaiLimitAmounts *amounts)
{
  Owed *owed = g_hash_table_lookup (self->owed, key);

  if (owed == NULL)
    {
      if (g_hash_table_size (self->owed) >= MAX_OWED)
        return;

      owed = owed_new (self, key);
      g_hash_table_insert (self->owed, owed->key, owed);
      g_queue_push_tail_link (&self->owed_order, &owed->link);
    }
  owed->mask |= mask;
  add_amounts (&owed->amounts, amounts);
}

static void
redis_store_count (OaiCounterStore *store, const char *identity, guint mask, const OaiLimitAmounts *amounts)
{
  RedisStore *self = (RedisStore *) store;
  char key[KEY_SIZE];
  guint used = 0;

  for (guint kind = 0; kind < OAI_N_LIMITS; kind++)
    used |= oai_limit_amounts_get (amounts, kind) > 0 ? mask & 1 << kind : 0;
  if (used == 0)
    return;

  make_key (self, identity, 'c', key);
  add_owed (self, key, used, amounts);
  work (self);
}

static gboolean
on_pause (gpointer user_data)
{
  RedisStore *self = user_data;

  oai_drop_source (&self->pause);
  work (self);

  return G_SOURCE_REMOVE;
}

/* The server refuses commands; the next attempt is later. */
static void
start_pause (RedisStore *self)
{
  if (self->pause == NULL)
    start_source (self, &self->pause, 1000, "OaiRedisStore pause", on_pause);
}

static void send_owed (Owed *owed, gboolean with_text);

static void
on_counted (const OaiRedisReply *reply, gpointer user_data)
{
  Owed *owed = user_data;
  RedisStore *self = owed->store;

  if (reply != NULL && !owed->with_text && oai_redis_reply_is_error (reply, "NOSCRIPT"))
    {
      send_owed (owed, TRUE);
      store_unref (self);
      return;
    }

  self->in_flight--;
  if (reply != NULL && reply->type == OAI_REDIS_REPLY_INTEGER)
    note_success (self);
  else
    add_owed (self, owed->key, owed->mask, &owed->amounts);
  g_free (owed);
  if (reply != NULL && reply->type != OAI_REDIS_REPLY_INTEGER)
    {
      start_pause (self);
      note_unexpected (self, reply);
    }
  work (self);
  end_when_done (self);
  store_unref (self);
}

static void
send_owed (Owed *owed, gboolean with_text)
{
  const char *keys[] = { owed->key };
  char mask[OAI_N_LIMITS + 1] = "", requests[24], tokens[24], cost[24];

  for (guint kind = 0; kind < OAI_N_LIMITS; kind++)
    mask[kind] = (owed->mask & 1 << kind) != 0 ? '1' : '0';
  g_snprintf (requests, sizeof requests, "%" G_GINT64_FORMAT, owed->amounts.requests);
  g_snprintf (tokens, sizeof tokens, "%" G_GINT64_FORMAT, owed->amounts.tokens);
  g_snprintf (cost, sizeof cost, "%" G_GINT64_FORMAT, owed->amounts.cost);
  owed->with_text = with_text;
  store_ref (owed->store);
  call_script (owed->store, with_text, 1, keys, 5, (const char *[]) { "c", mask, requests, tokens, cost }, on_counted, owed);
}

static void
on_released (const OaiRedisReply *reply, gpointer user_data)
{
  OaiCounterSlot *slot = user_data;
  RedisStore *self = slot->store;

  self->in_flight--;
  if (reply == NULL)
    {
      release_slot (self, slot);
    }
  else
    {
      /* After an error, it expires. */
      g_free (slot);
      work (self);
    }
  end_when_done (self);
  store_unref (self);
}

/* Sends what is to be released and to be counted. */
static void
work (RedisStore *self)
{
  while (self->ready && self->pause == NULL && self->in_flight < MAX_IN_FLIGHT)
    {
      OaiCounterSlot *slot = g_queue_pop_head (&self->releases);
      Owed *owed = slot == NULL ? g_queue_peek_head (&self->owed_order) : NULL;

      if (slot == NULL && owed == NULL)
        return;

      self->in_flight++;
      if (slot != NULL)
        {
          store_ref (self);
          oai_redis_connection_send (self->connection, 3, (const char *[]) { "ZREM", slot->key, slot->name }, on_released, slot);
          continue;
        }
      g_hash_table_remove (self->owed, owed->key);
      g_queue_unlink (&self->owed_order, &owed->link);
      send_owed (owed, FALSE);
    }
}

static void
redis_store_release (OaiCounterStore *store, OaiCounterSlot *slot)
{
  RedisStore *self = (RedisStore *) store;

  g_hash_table_remove (self->slots, slot);
  release_slot (self, slot);
}

static void
on_renewed (const OaiRedisReply *reply, gpointer user_data)
{
  RedisStore *self = user_data;

  if (reply != NULL && reply->type != OAI_REDIS_REPLY_INTEGER)
    note_unexpected (self, reply);
  store_unref (self);
}

static void
renew_some (RedisStore *self, guint n, OaiCounterSlot *const *slots)
{
  const char *keys[RENEW_STEP], *arguments[2 + RENEW_STEP];
  char timeout[16];

  g_snprintf (timeout, sizeof timeout, "%u", self->stream_timeout_ms);
  arguments[0] = "r";
  arguments[1] = timeout;
  for (guint i = 0; i < n; i++)
    {
      keys[i] = slots[i]->key;
      arguments[2 + i] = slots[i]->name;
    }
  /* With the text, which is little for one call in many seconds, since the server may have lost the script. */
  call_script (self, TRUE, n, keys, 2 + n, arguments, on_renewed, store_ref (self));
}

/* Renews all streams, and adds those again that the server has lost. */
static void
renew (RedisStore *self)
{
  g_autofree OaiCounterSlot **slots = NULL;
  guint n;

  if (g_hash_table_size (self->slots) == 0)
    return;

  slots = (OaiCounterSlot **) g_hash_table_get_keys_as_array (self->slots, &n);
  for (guint i = 0; i < n && self->ready; i += RENEW_STEP)
    renew_some (self, MIN (n - i, RENEW_STEP), slots + i);
}

static gboolean
on_renew (gpointer user_data)
{
  RedisStore *self = user_data;

  if (g_hash_table_size (self->slots) == 0)
    oai_drop_source (&self->renew);
  else
    renew (self);

  return self->renew != NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static const OaiRedisConnectionFuncs connection_funcs;

static void
connect_store (RedisStore *self)
{
  self->connection = oai_redis_connection_new (self->url, self->ca_database, self->timeout_ms, &connection_funcs, self);
}

static gboolean
on_retry (gpointer user_data)
{
  RedisStore *self = user_data;

  oai_drop_source (&self->retry);
  connect_store (self);

  return G_SOURCE_REMOVE;
}

/* Processes that lost the server at the same time do not connect at the same time. */
static void
start_retry (RedisStore *self)
{
  guint delay = self->delay_ms * 3 / 4 + g_random_int_range (0, self->delay_ms / 2);

  self->delay_ms = MIN (self->delay_ms * 2, MAX_DELAY_MS);
  start_source (self, &self->retry, delay, "OaiRedisStore retry", on_retry);
}

static void
on_opened (gpointer user_data)
{
  RedisStore *self = store_ref (user_data);
  OaiCounterCall *call;

  self->ready = TRUE;
  self->failed = FALSE;
  while ((call = g_queue_pop_head (&self->waiting)) != NULL)
    {
      if (self->ready && call->func != NULL)
        send_call (call, FALSE);
      else
        fail_call (call);
    }
  renew (self);
  work (self);
  store_unref (self);
}

static void
on_closed (const char *reason, gpointer user_data)
{
  RedisStore *self = store_ref (user_data);
  OaiCounterCall *call;

  self->ready = FALSE;
  g_clear_pointer (&self->connection, oai_redis_connection_free);
  if (!self->closing)
    {
      note_failure (self, reason);
      start_retry (self);
    }
  while ((call = g_queue_pop_head (&self->waiting)) != NULL)
    fail_call (call);
  end_when_done (self);
  store_unref (self);
}

static const OaiRedisConnectionFuncs connection_funcs = { on_opened, on_closed };

/* Commands in progress may need the store for a while. */
static void
end_store (RedisStore *self)
{
  OaiCounterCall *call;

  self->closing = FALSE;
  self->ready = FALSE;
  self->failed = TRUE;
  oai_drop_source (&self->retry);
  oai_drop_source (&self->pause);
  oai_drop_source (&self->renew);
  g_clear_pointer (&self->connection, oai_redis_connection_free);
  while ((call = g_queue_pop_head (&self->waiting)) != NULL)
    fail_call (call);
  store_unref (self);
}

static gboolean
has_work (RedisStore *self)
{
  if (self->in_flight > 0 || self->n_calls > 0)
    return TRUE;

  return self->ready && self->pause == NULL && (self->releases.length > 0 || self->owed_order.length > 0);
}

static void
end_when_done (RedisStore *self)
{
  if (self->closing && !has_work (self))
    end_store (self);
}

/* What was counted and released last is sent, if the server is available: it may be more than can be in flight.  Each
 * command has a time limit. */
static void
redis_store_free (OaiCounterStore *store)
{
  RedisStore *self = store_ref ((RedisStore *) store);

  oai_drop_source (&self->retry);
  oai_drop_source (&self->renew);
  self->closing = TRUE;
  /* At once, since the main loop may have ended. */
  if (self->connection != NULL)
    oai_redis_connection_flush (self->connection);
  if (self->closing && (!self->ready || !has_work (self)))
    end_store (self);
  store_unref (self);
}

static const OaiCounterStoreFuncs store_funcs = {
  .free = redis_store_free,
  .admit = redis_store_admit,
  .cancel = redis_store_cancel,
  .count = redis_store_count,
  .release = redis_store_release,
};

static RedisStore *
create_store (const OaiRedisSettings *settings, OaiRedisUrl *url, GTlsDatabase *ca_database)
{
  RedisStore *self = g_new0 (RedisStore, 1);
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA1, oai_redis_script, -1);

  self->parent.funcs = &store_funcs;
  self->refs = 1;
  self->url = url;
  g_set_object (&self->ca_database, ca_database);
  self->prefix = g_strdup (settings->prefix != NULL ? settings->prefix : DEFAULT_PREFIX);
  self->hash_identities = settings->hash_identities;
  self->timeout_ms = settings->timeout_ms != 0 ? settings->timeout_ms : DEFAULT_TIMEOUT_MS;
  self->stream_timeout_ms = settings->stream_timeout_ms != 0 ? settings->stream_timeout_ms : DEFAULT_STREAM_TIMEOUT_MS;
  self->context = g_main_context_ref_thread_default ();
  self->delay_ms = FIRST_DELAY_MS;
  self->owed = g_hash_table_new (oai_json_hash_name, g_str_equal);
  self->slots = g_hash_table_new (NULL, NULL);
  g_strlcpy (self->script_hash, hash, sizeof self->script_hash);
  g_snprintf (self->id, sizeof self->id, "%08x%08x", g_random_int (), g_random_int ());

  return self;
}

OaiCounterStore *
oai_redis_store_new (const OaiRedisSettings *settings, GError **error)
{
  g_autoptr(OaiRedisUrl) url = oai_redis_url_parse (settings->url, error);
  g_autoptr(GTlsDatabase) ca_database = NULL;
  RedisStore *self;

  if (url == NULL)
    return NULL;
  if (settings->prefix != NULL && strlen (settings->prefix) > MAX_PREFIX)
    {
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The prefix of the keys in Redis is longer than %d bytes"), MAX_PREFIX);
      return NULL;
    }
  if (settings->ca_file != NULL)
    {
      ca_database = g_tls_file_database_new (settings->ca_file, error);
      if (ca_database == NULL)
        return NULL;
    }
  if (settings->password != NULL)
    {
      oai_secret_free (url->password);
      url->password = g_strdup (settings->password);
    }

  self = create_store (settings, g_steal_pointer (&url), ca_database);
  connect_store (self);

  return &self->parent;
}
