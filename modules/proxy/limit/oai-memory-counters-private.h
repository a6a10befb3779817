/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Counters of identities in the memory of the process. */

#pragma once

#include "oai-counter-store-private.h"

G_BEGIN_DECLS

typedef struct _OaiMemoryCounters OaiMemoryCounters;
typedef struct _OaiMemoryLease OaiMemoryLease;

/* Replaces the clocks, in tests.  Milliseconds. */
typedef struct
{
  gint64 (*get_monotonic) (gpointer user_data);
  gint64 (*get_real) (gpointer user_data);
  gpointer user_data;
} OaiLimitClock;

/* A request that was admitted; of the caller.  identity is NULL otherwise. */
struct _OaiMemoryLease
{
  struct _OaiMemoryIdentity *identity;
  gboolean stream;
};

/* clock: NULL for the system's. */
OaiMemoryCounters *oai_memory_counters_new (const OaiLimitClock *clock);
/* There are no leases. */
void oai_memory_counters_free (OaiMemoryCounters *self);
/* The number of identities that are kept.  If there are more, those are removed that have not been used for the
 * longest time, with what they used; those with requests in progress are kept in addition. */
void oai_memory_counters_set_max (OaiMemoryCounters *self, guint max);
guint oai_memory_counters_get_size (OaiMemoryCounters *self);
/* Identities that were removed because of the maximum while their counters were not 0. */
guint64 oai_memory_counters_get_n_evicted (OaiMemoryCounters *self);

/* Counts a request if no limit is exhausted. */
void oai_memory_counters_admit (OaiMemoryCounters *self, const char *identity, const OaiLimitSet *limits, gboolean stream, OaiLimitState *state, OaiMemoryLease *lease);
/* Counts a request that was admitted elsewhere. */
void oai_memory_counters_enter (OaiMemoryCounters *self, const char *identity, const OaiLimitSet *limits, gboolean stream, OaiMemoryLease *lease);
void oai_memory_counters_count (OaiMemoryCounters *self, OaiMemoryLease *lease, const OaiLimitAmounts *amounts);
void oai_memory_counters_release (OaiMemoryCounters *self, OaiMemoryLease *lease);
/* Counts what was used before the program started, for the kinds in mask, in the order of time.
 * time: milliseconds since 1970. */
void oai_memory_counters_restore (OaiMemoryCounters *self, const char *identity, guint mask, gint64 time, const OaiLimitAmounts *amounts);
/* Milliseconds since 1970. */
gint64 oai_memory_counters_get_real_time (OaiMemoryCounters *self);
/* Removes identities whose counters are 0.  Happens while others are admitted, too. */
void oai_memory_counters_sweep (OaiMemoryCounters *self);

G_END_DECLS
