/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Admits requests within the limits of their identities. */

#include "oai-proxy-limiter-private.h"

#include <string.h>

#include "oai-i18n-private.h"
#include "oai-limit-window-private.h"
#include "oai-proxy-error.h"
#include "oai-source-private.h"

#define SWEEP_SECONDS 30
/* For refusals of which it is not known when they end. */
#define RETRY_MS 1000
/* The kinds for which a history is counted. */
#define RESTORED_KINDS (1 << OAI_LIMIT_REQUESTS_PER_DAY | 1 << OAI_LIMIT_TOKENS_PER_DAY | 1 << OAI_LIMIT_COST_PER_DAY | 1 << OAI_LIMIT_COST_PER_MONTH)

struct _OaiProxyLimiter
{
  grefcount refs;
  OaiMemoryCounters *memory;
  OaiCounterStore *store; /* nullable */
  OaiProxyUnavailable policy;
  GMainContext *context;
  GSource *sweep;         /* while there are identities in memory */
  gboolean counting;      /* requests have been counted in memory, or what was used before is being read */
  GSource *restoring;     /* while requests wait for the history: its time limit */
  GQueue waiting;         /* of OaiProxyAdmission */
  OaiLimitHistory *history; /* until its amounts have left their windows; nullable */
};

struct _OaiProxyLease
{
  OaiProxyLimiter *limiter;
  OaiMemoryLease memory;
  char *identity;        /* in the store; NULL if it is not counted there */
  OaiCounterSlot *slot;  /* nullable */
  OaiLimitSet limits;
  OaiLimitState state;
};

struct _OaiProxyAdmission
{
  OaiProxyLimiter *limiter;
  OaiCounterCall *call; /* NULL: it waits for the history */
  GList link;           /* in the queue of the limiter then */
  OaiLimitSet limits;
  gboolean stream;
  OaiProxyAdmitFunc func;
  gpointer user_data;
  char identity[];
};

static const char *const messages[] = {
  [OAI_LIMIT_REQUESTS_PER_MINUTE] = "The limit of requests per minute is exhausted",
  [OAI_LIMIT_REQUESTS_PER_DAY] = "The limit of requests per day is exhausted",
  [OAI_LIMIT_TOKENS_PER_MINUTE] = "The limit of tokens per minute is exhausted",
  [OAI_LIMIT_TOKENS_PER_DAY] = "The limit of tokens per day is exhausted",
  [OAI_LIMIT_COST_PER_DAY] = "The budget of the day is exhausted",
  [OAI_LIMIT_COST_PER_MONTH] = "The budget of the month is exhausted",
  [OAI_LIMIT_STREAMS] = "Too many streams are open at the same time",
};

static void
read_limits (OaiProxyLimits *limits, OaiLimitSet *set)
{
  *set = (OaiLimitSet) { 0 };
  if (limits == NULL)
    return;

  set->limits[OAI_LIMIT_REQUESTS_PER_MINUTE] = oai_proxy_limits_get_requests_per_minute (limits);
  set->limits[OAI_LIMIT_REQUESTS_PER_DAY] = oai_proxy_limits_get_requests_per_day (limits);
  set->limits[OAI_LIMIT_TOKENS_PER_MINUTE] = oai_proxy_limits_get_tokens_per_minute (limits);
  set->limits[OAI_LIMIT_TOKENS_PER_DAY] = oai_proxy_limits_get_tokens_per_day (limits);
  set->limits[OAI_LIMIT_COST_PER_DAY] = oai_limit_get_cost_units (oai_proxy_limits_get_cost_per_day (limits));
  set->limits[OAI_LIMIT_COST_PER_MONTH] = oai_limit_get_cost_units (oai_proxy_limits_get_cost_per_month (limits));
  set->max_streams = oai_proxy_limits_get_max_streams (limits);
  for (guint kind = 0; kind < OAI_N_LIMITS; kind++)
    {
      set->limits[kind] = CLAMP (set->limits[kind], 0, OAI_LIMIT_MAX_AMOUNT);
      if (set->limits[kind] > 0)
        set->mask |= 1 << kind;
    }
}

OaiProxyLimiter *
oai_proxy_limiter_new (OaiCounterStore *store, OaiProxyUnavailable policy, const OaiLimitClock *clock)
{
  OaiProxyLimiter *self = g_new0 (OaiProxyLimiter, 1);

  g_ref_count_init (&self->refs);
  self->memory = oai_memory_counters_new (clock);
  self->store = store;
  self->policy = policy;
  self->context = g_main_context_ref_thread_default ();

  return self;
}

OaiProxyLimiter *
oai_proxy_limiter_ref (OaiProxyLimiter *self)
{
  g_ref_count_inc (&self->refs);

  return self;
}

void
oai_proxy_limiter_unref (OaiProxyLimiter *self)
{
  if (!g_ref_count_dec (&self->refs))
    return;

  oai_drop_source (&self->sweep);
  oai_drop_source (&self->restoring);
  g_clear_pointer (&self->history, oai_limit_history_free);
  if (self->store != NULL)
    self->store->funcs->free (self->store);
  oai_memory_counters_free (self->memory);
  g_main_context_unref (self->context);
  g_free (self);
}

gboolean
oai_proxy_limiter_has_store (OaiProxyLimiter *self)
{
  return self->store != NULL;
}

OaiMemoryCounters *
oai_proxy_limiter_get_counters (OaiProxyLimiter *self)
{
  return self->memory;
}

static gboolean
on_sweep (gpointer user_data)
{
  OaiProxyLimiter *self = user_data;

  oai_memory_counters_sweep (self->memory);
  if (oai_memory_counters_get_size (self->memory) > 0)
    return G_SOURCE_CONTINUE;

  oai_drop_source (&self->sweep);

  return G_SOURCE_REMOVE;
}

/* Identities have been added. */
static inline void
start_sweeping (OaiProxyLimiter *self)
{
  if (self->sweep != NULL)
    return;

  self->sweep = g_timeout_source_new_seconds (SWEEP_SECONDS);
  g_source_set_static_name (self->sweep, "OaiProxyLimiter sweep");
  g_source_set_callback (self->sweep, on_sweep, self, NULL);
  g_source_attach (self->sweep, self->context);
}

static void
restore (const char *identity, guint mask, gint64 time, const OaiLimitAmounts *amounts, gpointer user_data)
{
  OaiProxyLimiter *self = user_data;

  oai_memory_counters_restore (self->memory, identity, mask, time, amounts);
}

/* Counts what an identity used before the program started when it is first used, since its limits are known then. */
static void
restore_identity (OaiProxyLimiter *self, const char *identity, guint mask)
{
  if (oai_memory_counters_get_real_time (self->memory) >= oai_limit_history_get_expiry (self->history))
    {
      g_clear_pointer (&self->history, oai_limit_history_free);
      return;
    }

  oai_limit_history_take (self->history, identity, mask & RESTORED_KINDS, restore, self);
}

static OaiProxyLease *
lease_new (OaiProxyLimiter *self, const OaiLimitSet *limits)
{
  OaiProxyLease *lease = g_new0 (OaiProxyLease, 1);

  lease->limiter = oai_proxy_limiter_ref (self);
  lease->limits = *limits;

  return lease;
}

static void
refuse (const OaiLimitState *state, OaiProxyAdmitFunc func, gpointer user_data)
{
  g_autoptr(GError) error = g_error_new_literal (OAI_PROXY_ERROR, OAI_PROXY_ERROR_RATE_LIMITED, messages[state->refused_by]);

  func (NULL, error, state->wait_ms >= 0 ? state->wait_ms : RETRY_MS, user_data);
}

/* owed: the store counts the request when it is available again. */
static void
admit_in_memory (OaiProxyLimiter *self, const char *identity, const OaiLimitSet *limits, gboolean stream, gboolean owed, OaiProxyAdmitFunc func, gpointer user_data)
{
  OaiLimitState state;
  OaiMemoryLease memory;
  OaiProxyLease *lease;

  self->counting = TRUE;
  if (self->history != NULL)
    restore_identity (self, identity, limits->mask);
  oai_memory_counters_admit (self->memory, identity, limits, stream, &state, &memory);
  start_sweeping (self);
  if (!state.admitted)
    {
      refuse (&state, func, user_data);
      return;
    }

  lease = lease_new (self, limits);
  lease->memory = memory;
  lease->state = state;
  if (owed)
    {
      lease->identity = g_strdup (identity);
      self->store->funcs->count (self->store, identity, limits->mask, &(OaiLimitAmounts) { .requests = 1 });
    }
  func (lease, NULL, -1, user_data);
}

/* The store is not available. */
static void
apply_policy (OaiProxyAdmission *admission)
{
  OaiProxyLimiter *self = admission->limiter;
  g_autoptr(GError) error = NULL;
  OaiProxyLease *lease;

  switch (self->policy)
    {
    case OAI_PROXY_UNAVAILABLE_LOCAL:
      admit_in_memory (self, admission->identity, &admission->limits, admission->stream, TRUE, admission->func, admission->user_data);
      return;
    case OAI_PROXY_UNAVAILABLE_ALLOW:
      lease = lease_new (self, &admission->limits);
      lease->identity = g_strdup (admission->identity);
      self->store->funcs->count (self->store, lease->identity, lease->limits.mask, &(OaiLimitAmounts) { .requests = 1 });
      /* The remaining amounts are not known, so there are no headers. */
      lease->limits.limits[OAI_LIMIT_REQUESTS_PER_MINUTE] = lease->limits.limits[OAI_LIMIT_REQUESTS_PER_DAY] = 0;
      lease->limits.limits[OAI_LIMIT_TOKENS_PER_MINUTE] = lease->limits.limits[OAI_LIMIT_TOKENS_PER_DAY] = 0;
      admission->func (lease, NULL, -1, admission->user_data);
      return;
    case OAI_PROXY_UNAVAILABLE_REFUSE:
    default:
      error = g_error_new_literal (OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNAVAILABLE, "The limits cannot be checked now; try again later");
      admission->func (NULL, error, RETRY_MS, admission->user_data);
    }
}

static void
admission_free (OaiProxyAdmission *admission)
{
  oai_proxy_limiter_unref (admission->limiter);
  g_free (admission);
}

static void
on_state (const OaiLimitState *state, OaiCounterSlot *slot, const GError *error, gpointer user_data)
{
  OaiProxyAdmission *admission = user_data;
  OaiProxyLimiter *self = admission->limiter;
  OaiProxyLease *lease;

  if (state == NULL)
    {
      apply_policy (admission);
    }
  else if (!state->admitted)
    {
      refuse (state, admission->func, admission->user_data);
    }
  else
    {
      lease = lease_new (self, &admission->limits);
      lease->identity = g_strdup (admission->identity);
      lease->state = *state;
      lease->slot = slot;
      if (self->policy == OAI_PROXY_UNAVAILABLE_LOCAL)
        {
          oai_memory_counters_enter (self->memory, admission->identity, &admission->limits, admission->stream, &lease->memory);
          start_sweeping (self);
        }
      admission->func (lease, NULL, -1, admission->user_data);
    }

  admission_free (admission);
}

static OaiProxyAdmission *
admission_new (OaiProxyLimiter *self, const char *identity, const OaiLimitSet *limits, gboolean stream, OaiProxyAdmitFunc func, gpointer user_data)
{
  gsize length = strlen (identity) + 1;
  OaiProxyAdmission *admission = g_malloc0 (sizeof (OaiProxyAdmission) + length);

  admission->limiter = oai_proxy_limiter_ref (self);
  admission->limits = *limits;
  admission->stream = stream;
  admission->func = func;
  admission->user_data = user_data;
  memcpy (admission->identity, identity, length);

  return admission;
}

static OaiProxyAdmission *
admit_in_store (OaiProxyLimiter *self, const char *identity, const OaiLimitSet *limits, gboolean stream, OaiProxyAdmitFunc func, gpointer user_data)
{
  OaiProxyAdmission *admission = admission_new (self, identity, limits, stream, func, user_data);
  OaiCounterCall *call = self->store->funcs->admit (self->store, identity, limits, stream && limits->max_streams > 0, on_state, admission);

  if (call == NULL)
    return NULL;

  admission->call = call;

  return admission;
}

static OaiProxyAdmission *
wait_for_history (OaiProxyLimiter *self, const char *identity, const OaiLimitSet *limits, gboolean stream, OaiProxyAdmitFunc func, gpointer user_data)
{
  OaiProxyAdmission *admission = admission_new (self, identity, limits, stream, func, user_data);

  admission->link.data = admission;
  g_queue_push_tail_link (&self->waiting, &admission->link);

  return admission;
}

/* Requests that arrive meanwhile do not wait. */
static void
admit_waiting (OaiProxyLimiter *self)
{
  oai_drop_source (&self->restoring);
  oai_proxy_limiter_ref (self);
  while (self->waiting.head != NULL)
    {
      OaiProxyAdmission *admission = self->waiting.head->data;

      g_queue_unlink (&self->waiting, &admission->link);
      admit_in_memory (self, admission->identity, &admission->limits, admission->stream, FALSE, admission->func, admission->user_data);
      admission_free (admission);
    }
  oai_proxy_limiter_unref (self);
}

static gboolean
on_restore_timeout (gpointer user_data)
{
  OaiProxyLimiter *self = user_data;

  g_warning ("%s", _("What was used before the start is still being read. Limits of days and months do not include it until then."));
  admit_waiting (self);

  return G_SOURCE_REMOVE;
}

gboolean
oai_proxy_limiter_begin_restore (OaiProxyLimiter *self, guint timeout_ms)
{
  if (self->store != NULL || self->counting)
    return FALSE;

  self->counting = TRUE;
  self->restoring = g_timeout_source_new (timeout_ms);
  g_source_set_static_name (self->restoring, "OaiProxyLimiter restore");
  g_source_set_callback (self->restoring, on_restore_timeout, self, NULL);
  g_source_attach (self->restoring, self->context);

  return TRUE;
}

void
oai_proxy_limiter_end_restore (OaiProxyLimiter *self, OaiLimitHistory *history)
{
  self->history = history;
  admit_waiting (self);
}

OaiProxyAdmission *
oai_proxy_limiter_admit (OaiProxyLimiter *self, const char *identity, OaiProxyLimits *limits, gboolean stream, OaiProxyAdmitFunc func, gpointer user_data)
{
  OaiLimitSet set;

  read_limits (limits, &set);
  if (set.mask == 0 && (!stream || set.max_streams == 0))
    {
      func (lease_new (self, &set), NULL, -1, user_data);
      return NULL;
    }
  if (self->store != NULL)
    return admit_in_store (self, identity, &set, stream, func, user_data);
  if (self->restoring != NULL && (set.mask & RESTORED_KINDS) != 0)
    return wait_for_history (self, identity, &set, stream, func, user_data);

  admit_in_memory (self, identity, &set, stream, FALSE, func, user_data);

  return NULL;
}

void
oai_proxy_admission_cancel (OaiProxyAdmission *admission)
{
  OaiProxyLimiter *self = admission->limiter;

  if (admission->call != NULL)
    self->store->funcs->cancel (self->store, admission->call);
  else
    g_queue_unlink (&self->waiting, &admission->link);
  admission_free (admission);
}

char *
oai_limit_format_duration (gint64 ms)
{
  gint64 seconds = ms / 1000;
  char fraction[8] = "";

  if (ms < 1000)
    return g_strdup_printf ("%" G_GINT64_FORMAT "ms", MAX (ms, 0));

  if (ms % 1000 != 0)
    {
      g_snprintf (fraction, sizeof fraction, ".%03d", (int) (ms % 1000));
      for (char *end = fraction + 3; *end == '0'; end--)
        *end = '\0';
    }
  if (seconds < 60)
    return g_strdup_printf ("%d%ss", (int) seconds, fraction);
  if (seconds < 3600)
    return g_strdup_printf ("%dm%d%ss", (int) (seconds / 60), (int) (seconds % 60), fraction);

  return g_strdup_printf ("%" G_GINT64_FORMAT "h%dm%d%ss", seconds / 3600, (int) (seconds / 60 % 60), (int) (seconds % 60), fraction);
}

typedef struct
{
  const char *limit;
  const char *remaining;
  const char *reset;
} HeaderNames;

/* Of the minute and the day, the one of which less is left. */
static void
add_headers (OaiProxyLease *self, const HeaderNames *names, OaiLimitKind minute, OaiLimitKind day, OaiProxyLeaseHeaderFunc func, gpointer user_data)
{
  gint64 left = G_MAXINT64;
  OaiLimitKind chosen = OAI_N_LIMITS;
  char value[32];
  g_autofree char *reset = NULL;

  for (OaiLimitKind kind = minute; kind <= day; kind++)
    {
      gint64 kind_left = self->limits.limits[kind] - self->state.used[kind];

      if (self->limits.limits[kind] == 0 || kind_left >= left)
        continue;
      left = kind_left;
      chosen = kind;
    }
  if (chosen == OAI_N_LIMITS)
    return;

  g_snprintf (value, sizeof value, "%" G_GINT64_FORMAT, self->limits.limits[chosen]);
  func (names->limit, value, user_data);
  g_snprintf (value, sizeof value, "%" G_GINT64_FORMAT, MAX (left, 0));
  func (names->remaining, value, user_data);
  reset = oai_limit_format_duration (self->state.reset_ms[chosen]);
  func (names->reset, reset, user_data);
}

void
oai_proxy_lease_get_headers (OaiProxyLease *self, OaiProxyLeaseHeaderFunc func, gpointer user_data)
{
  static const HeaderNames requests = { "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests" };
  static const HeaderNames tokens = { "x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens" };

  add_headers (self, &requests, OAI_LIMIT_REQUESTS_PER_MINUTE, OAI_LIMIT_REQUESTS_PER_DAY, func, user_data);
  add_headers (self, &tokens, OAI_LIMIT_TOKENS_PER_MINUTE, OAI_LIMIT_TOKENS_PER_DAY, func, user_data);
}

void
oai_proxy_lease_count (OaiProxyLease *self, gint64 tokens, double cost)
{
  OaiLimitAmounts amounts = { 0, MAX (tokens, 0), oai_limit_get_cost_units (cost) };

  if (amounts.tokens == 0 && amounts.cost == 0)
    return;

  if (self->memory.identity != NULL)
    oai_memory_counters_count (self->limiter->memory, &self->memory, &amounts);
  if (self->identity != NULL)
    self->limiter->store->funcs->count (self->limiter->store, self->identity, self->limits.mask, &amounts);
}

void
oai_proxy_lease_release (OaiProxyLease *self)
{
  OaiProxyLimiter *limiter = self->limiter;

  if (self->memory.identity != NULL)
    oai_memory_counters_release (limiter->memory, &self->memory);
  if (self->slot != NULL)
    limiter->store->funcs->release (limiter->store, self->slot);
  g_free (self->identity);
  g_free (self);
  oai_proxy_limiter_unref (limiter);
}
