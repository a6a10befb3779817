/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Counters of identities in the memory of the process. */

#include "oai-memory-counters-private.h"

#include <string.h>

#include "oai-json-hash-private.h"
#include "oai-limit-window-private.h"

#define DEFAULT_MAX 1000000
#define DAY G_GINT64_CONSTANT (86400000)
/* A month that ends later was entered while the clock of the system was wrong. */
#define LONGEST_MONTH (32 * DAY)
/* Identities that are removed for each that is added, so that no request has to remove many. */
#define SWEEP_STEP 4

#define MONTH_BIT (1 << OAI_LIMIT_COST_PER_MONTH)
#define DAY_BITS (1 << OAI_LIMIT_REQUESTS_PER_DAY | 1 << OAI_LIMIT_TOKENS_PER_DAY | 1 << OAI_LIMIT_COST_PER_DAY)

/* Identities without requests in progress, by the longest of their windows.  In each queue, those that can be
 * removed first are at the head. */
typedef enum
{
  FOR_MINUTE,
  FOR_DAY,
  FOR_MONTH,
  N_QUEUES
} QueueKind;

typedef struct _OaiMemoryIdentity Identity;

typedef struct
{
  Identity *head;
  Identity *tail;
} Queue;

struct _OaiMemoryIdentity
{
  Identity *previous;
  Identity *next;
  OaiLimitWindow *windows; /* of the kinds in mask, in their order */
  gint64 expires;          /* while it is in a queue */
  guint leases;
  guint streams;
  guint8 mask;
  guint8 queue;            /* N_QUEUES: in none */
  char id[];
};

struct _OaiMemoryCounters
{
  GHashTable *identities; /* by id, which is in them */
  Queue queues[N_QUEUES];
  OaiLimitClock clock;
  gint64 month_end;       /* of the month of the last request */
  guint max;
  guint64 n_evicted;
};

static gint64
get_monotonic (gpointer user_data)
{
  return g_get_monotonic_time () / 1000;
}

static gint64
get_real (gpointer user_data)
{
  return g_get_real_time () / 1000;
}

static inline gint64
get_now (OaiMemoryCounters *self)
{
  return self->clock.get_monotonic (self->clock.user_data);
}

static inline Identity *
from_id (gpointer id)
{
  return (gpointer) ((char *) id - G_STRUCT_OFFSET (Identity, id));
}

static inline guint
count_bits (guint mask)
{
  return __builtin_popcount (mask);
}

static inline OaiLimitWindow *
get_window (Identity *identity, OaiLimitKind kind)
{
  return &identity->windows[count_bits (identity->mask & ((1u << kind) - 1))];
}

static inline const OaiLimitSpan *
get_span (OaiLimitKind kind)
{
  return kind == OAI_LIMIT_REQUESTS_PER_MINUTE || kind == OAI_LIMIT_TOKENS_PER_MINUTE ? &oai_limit_minute : &oai_limit_day;
}

static void
identity_free (Identity *identity)
{
  for (guint i = 0; i < count_bits (identity->mask); i++)
    oai_limit_window_clear (&identity->windows[i]);
  g_free (identity->windows);
  g_free (identity);
}

OaiMemoryCounters *
oai_memory_counters_new (const OaiLimitClock *clock)
{
  OaiMemoryCounters *self = g_new0 (OaiMemoryCounters, 1);

  self->identities = g_hash_table_new (oai_json_hash_name, g_str_equal);
  self->max = DEFAULT_MAX;
  self->clock = clock != NULL ? *clock : (OaiLimitClock) { get_monotonic, get_real, NULL };

  return self;
}

void
oai_memory_counters_free (OaiMemoryCounters *self)
{
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, self->identities);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      g_hash_table_iter_steal (&iter);
      identity_free (from_id (id));
    }
  g_hash_table_unref (self->identities);
  g_free (self);
}

static void
dequeue (OaiMemoryCounters *self, Identity *identity)
{
  Queue *queue;

  if (identity->queue == N_QUEUES)
    return;

  queue = &self->queues[identity->queue];
  *(identity->previous != NULL ? &identity->previous->next : &queue->head) = identity->next;
  *(identity->next != NULL ? &identity->next->previous : &queue->tail) = identity->previous;
  identity->previous = identity->next = NULL;
  identity->queue = N_QUEUES;
}

static void
enqueue (OaiMemoryCounters *self, Identity *identity, QueueKind kind)
{
  Queue *queue = &self->queues[kind];

  identity->queue = kind;
  identity->previous = queue->tail;
  identity->next = NULL;
  *(queue->tail != NULL ? &queue->tail->next : &queue->head) = identity;
  queue->tail = identity;
}

static void
remove_identity (OaiMemoryCounters *self, Identity *identity)
{
  dequeue (self, identity);
  g_hash_table_remove (self->identities, identity->id);
  identity_free (identity);
}

/* The end of the current month.  It is computed once a month. */
static gint64
get_month_end (OaiMemoryCounters *self, gint64 real)
{
  if (real >= self->month_end || real < self->month_end - LONGEST_MONTH)
    self->month_end = oai_limit_get_month_end (real);

  return self->month_end;
}

/* The window of a month has one entry, with the time at which the month ends.  Removes the amount of a month that
 * has ended. */
static void
update_month (OaiLimitWindow *window, gint64 real)
{
  if (window->n > 0 && (real >= window->entry.time || real < window->entry.time - LONGEST_MONTH))
    oai_limit_window_clear (window);
}

static void
add_to_month (OaiMemoryCounters *self, OaiLimitWindow *window, gint64 amount)
{
  gint64 real = self->clock.get_real (self->clock.user_data);

  update_month (window, real);
  amount = MIN (amount, OAI_LIMIT_MAX_AMOUNT - window->total);
  if (amount <= 0)
    return;

  window->total += amount;
  window->n = 1;
  window->entry.time = get_month_end (self, real);
}

/* The time after which all counters of an idle identity are 0, on the clock of its queue. */
static void
set_expiry (OaiMemoryCounters *self, Identity *identity, QueueKind *kind)
{
  if ((identity->mask & MONTH_BIT) != 0)
    {
      *kind = FOR_MONTH;
      /* The windows of a day may end after the month. */
      identity->expires = get_month_end (self, self->clock.get_real (self->clock.user_data)) + DAY;
      return;
    }

  *kind = (identity->mask & DAY_BITS) != 0 ? FOR_DAY : FOR_MINUTE;
  identity->expires = get_now (self) + (*kind == FOR_DAY ? oai_limit_day.length : oai_limit_minute.length);
}

/* Keeps an identity until its counters are 0. */
static void
make_idle (OaiMemoryCounters *self, Identity *identity)
{
  QueueKind kind;

  dequeue (self, identity);
  if (identity->mask == 0)
    {
      remove_identity (self, identity);
      return;
    }

  set_expiry (self, identity, &kind);
  enqueue (self, identity, kind);
}

/* Removes the first identity of a queue if its counters are 0. */
static gboolean
sweep_queue (OaiMemoryCounters *self, QueueKind kind)
{
  Identity *identity = self->queues[kind].head;
  gint64 now;

  if (identity == NULL)
    return FALSE;

  now = kind == FOR_MONTH ? self->clock.get_real (self->clock.user_data) : get_now (self);
  if (identity->expires > now)
    return FALSE;

  remove_identity (self, identity);

  return TRUE;
}

void
oai_memory_counters_sweep (OaiMemoryCounters *self)
{
  for (guint i = 0; i < N_QUEUES; i++)
    {
      while (sweep_queue (self, i))
        ;
    }
}

/* Before an identity is added. */
static void
make_room (OaiMemoryCounters *self)
{
  for (guint i = 0; i < N_QUEUES; i++)
    {
      for (guint n = 0; n < SWEEP_STEP && sweep_queue (self, i); n++)
        ;
    }

  for (guint i = 0; i < N_QUEUES && g_hash_table_size (self->identities) >= self->max; i++)
    {
      for (guint n = 0; n < SWEEP_STEP && self->queues[i].head != NULL && g_hash_table_size (self->identities) >= self->max; n++)
        {
          remove_identity (self, self->queues[i].head);
          self->n_evicted++;
        }
    }
}

void
oai_memory_counters_set_max (OaiMemoryCounters *self, guint max)
{
  self->max = MAX (max, 1);
}

guint
oai_memory_counters_get_size (OaiMemoryCounters *self)
{
  return g_hash_table_size (self->identities);
}

guint64
oai_memory_counters_get_n_evicted (OaiMemoryCounters *self)
{
  return self->n_evicted;
}

/* Adds windows for further kinds. */
static void
extend (Identity *identity, guint mask)
{
  OaiLimitWindow *windows;
  guint n = 0, old = 0;

  mask |= identity->mask;
  windows = g_new0 (OaiLimitWindow, count_bits (mask));
  for (guint kind = 0; kind < OAI_N_LIMITS; kind++)
    {
      if ((identity->mask & 1 << kind) != 0)
        windows[n] = identity->windows[old++];
      n += (mask & 1 << kind) != 0;
    }
  g_free (identity->windows);
  identity->windows = windows;
  identity->mask = mask;
}

static Identity *
ensure_identity (OaiMemoryCounters *self, const char *id, guint mask)
{
  char *found = g_hash_table_lookup (self->identities, id);
  Identity *identity;

  if (found != NULL)
    {
      identity = from_id (found);
    }
  else
    {
      gsize length = strlen (id) + 1;

      make_room (self);
      identity = g_malloc0 (sizeof (Identity) + length);
      memcpy (identity->id, id, length);
      identity->queue = N_QUEUES;
      g_hash_table_add (self->identities, identity->id);
    }
  if ((mask & ~identity->mask) != 0)
    extend (identity, mask);

  return identity;
}

static void
note_refusal (OaiLimitState *state, OaiLimitKind kind, gint64 wait)
{
  if (!state->admitted && state->wait_ms >= wait)
    return;

  state->admitted = FALSE;
  state->refused_by = kind;
  state->wait_ms = wait;
}

static void
check_month (OaiMemoryCounters *self, OaiLimitWindow *window, gint64 limit, OaiLimitState *state)
{
  gint64 real = self->clock.get_real (self->clock.user_data);

  update_month (window, real);
  state->used[OAI_LIMIT_COST_PER_MONTH] = window->total;
  state->reset_ms[OAI_LIMIT_COST_PER_MONTH] = window->n == 0 ? 0 : window->entry.time - real;
  if (window->total >= limit)
    note_refusal (state, OAI_LIMIT_COST_PER_MONTH, window->entry.time - real);
}

static void
check (OaiMemoryCounters *self, Identity *identity, const OaiLimitSet *limits, OaiLimitState *state)
{
  gint64 now = get_now (self);

  for (guint kind = 0; kind < OAI_LIMIT_COST_PER_MONTH; kind++)
    {
      const OaiLimitSpan *span = get_span (kind);
      OaiLimitWindow *window;

      if ((limits->mask & 1 << kind) == 0)
        continue;

      window = get_window (identity, kind);
      state->used[kind] = oai_limit_window_get_total (window, span, now);
      state->reset_ms[kind] = oai_limit_window_get_reset (window, span, now);
      if (state->used[kind] >= limits->limits[kind])
        note_refusal (state, kind, oai_limit_window_get_wait (window, span, now, limits->limits[kind]));
    }
  if ((limits->mask & MONTH_BIT) != 0)
    check_month (self, get_window (identity, OAI_LIMIT_COST_PER_MONTH), limits->limits[OAI_LIMIT_COST_PER_MONTH], state);
}

static void
add_amounts (OaiMemoryCounters *self, Identity *identity, gint64 now, const OaiLimitAmounts *amounts)
{
  for (guint kind = 0; kind < OAI_LIMIT_COST_PER_MONTH; kind++)
    {
      gint64 amount = oai_limit_amounts_get (amounts, kind);

      if ((identity->mask & 1 << kind) != 0 && amount > 0)
        oai_limit_window_add (get_window (identity, kind), get_span (kind), now, amount);
    }
  if ((identity->mask & MONTH_BIT) != 0 && amounts->cost > 0)
    add_to_month (self, get_window (identity, OAI_LIMIT_COST_PER_MONTH), amounts->cost);
}

static void
add_lease (OaiMemoryCounters *self, Identity *identity, gboolean stream, OaiMemoryLease *lease)
{
  dequeue (self, identity);
  add_amounts (self, identity, get_now (self), &(OaiLimitAmounts) { .requests = 1 });
  identity->leases++;
  identity->streams += stream;
  *lease = (OaiMemoryLease) { identity, stream };
}

/* Includes the request that was admitted. */
static void
count_request (const OaiLimitSet *limits, OaiLimitState *state)
{
  for (guint kind = OAI_LIMIT_REQUESTS_PER_MINUTE; kind <= OAI_LIMIT_REQUESTS_PER_DAY; kind++)
    {
      if ((limits->mask & 1 << kind) == 0)
        continue;

      state->used[kind]++;
      state->reset_ms[kind] = get_span (kind)->length;
    }
}

void
oai_memory_counters_admit (OaiMemoryCounters *self, const char *id, const OaiLimitSet *limits, gboolean stream, OaiLimitState *state, OaiMemoryLease *lease)
{
  Identity *identity = ensure_identity (self, id, limits->mask);

  *state = (OaiLimitState) { .admitted = TRUE, .wait_ms = -1 };
  *lease = (OaiMemoryLease) { 0 };
  check (self, identity, limits, state);
  /* Only if nothing else refuses it: the time to wait is not known. */
  if (state->admitted && stream && limits->max_streams > 0 && identity->streams >= limits->max_streams)
    note_refusal (state, OAI_LIMIT_STREAMS, -1);

  if (state->admitted)
    {
      add_lease (self, identity, stream, lease);
      count_request (limits, state);
    }
  else if (identity->leases == 0)
    {
      make_idle (self, identity);
    }
}

void
oai_memory_counters_enter (OaiMemoryCounters *self, const char *id, const OaiLimitSet *limits, gboolean stream, OaiMemoryLease *lease)
{
  add_lease (self, ensure_identity (self, id, limits->mask), stream, lease);
}

void
oai_memory_counters_count (OaiMemoryCounters *self, OaiMemoryLease *lease, const OaiLimitAmounts *amounts)
{
  add_amounts (self, lease->identity, get_now (self), amounts);
}

void
oai_memory_counters_release (OaiMemoryCounters *self, OaiMemoryLease *lease)
{
  Identity *identity = g_steal_pointer (&lease->identity);

  identity->leases--;
  identity->streams -= lease->stream;
  if (identity->leases == 0)
    make_idle (self, identity);
}

gint64
oai_memory_counters_get_real_time (OaiMemoryCounters *self)
{
  return self->clock.get_real (self->clock.user_data);
}

void
oai_memory_counters_restore (OaiMemoryCounters *self, const char *id, guint mask, gint64 time, const OaiLimitAmounts *amounts)
{
  gint64 real = oai_memory_counters_get_real_time (self), now = get_now (self);
  gint64 age = MAX (real - time, 0);
  Identity *identity = ensure_identity (self, id, mask);

  for (guint kind = 0; kind < OAI_LIMIT_COST_PER_MONTH; kind++)
    {
      OaiLimitWindow *window;

      if ((mask & 1 << kind) == 0 || age >= get_span (kind)->length)
        continue;

      window = get_window (identity, kind);
      oai_limit_window_add (window, get_span (kind), MAX (now - age, oai_limit_window_get_last (window)), oai_limit_amounts_get (amounts, kind));
    }
  if ((mask & MONTH_BIT) != 0 && oai_limit_get_month_end (real - age) == get_month_end (self, real))
    add_to_month (self, get_window (identity, OAI_LIMIT_COST_PER_MONTH), amounts->cost);
  if (identity->leases == 0)
    make_idle (self, identity);
}
