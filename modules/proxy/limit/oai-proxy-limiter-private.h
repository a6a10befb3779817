/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Admits requests within the limits of their identities.
 *
 * Minutes and days are sliding windows: no 60 seconds and no 24 hours contain more requests than the limit.  The
 * month of costs is the calendar month in UTC.  A request that is refused is not counted.
 *
 * What a request uses is known only after its reply.  It is admitted if the identity has used less than its limits of
 * tokens and costs at that time; requests that are in progress have not been counted then.  The limits are therefore
 * exceeded by at most what the requests use that are in progress at the same time, which max-streams and
 * requests-per-minute bound. */

#pragma once

#include "oai-limit-history-private.h"
#include "oai-memory-counters-private.h"
#include "oai-proxy-limits.h"
#include "oai-proxy-unavailable.h"

G_BEGIN_DECLS

typedef struct _OaiProxyLimiter OaiProxyLimiter;
typedef struct _OaiProxyLease OaiProxyLease;         /* a request that was admitted */
typedef struct _OaiProxyAdmission OaiProxyAdmission; /* a request that waits for the store, or for the history */

/* lease: owned by the caller; NULL if the request is refused, with an error of OAI_PROXY_ERROR, which is borrowed.
 * retry_after: milliseconds; -1 if it is not known. */
typedef void (*OaiProxyAdmitFunc) (OaiProxyLease *lease, const GError *error, gint64 retry_after, gpointer user_data);
/* A header of the reply. */
typedef void (*OaiProxyLeaseHeaderFunc) (const char *name, const char *value, gpointer user_data);

/* store: takes it; NULL to count in memory.  policy: while the store is not available.  Of the thread-default main context.  clock: NULL for
 * the system's. */
OaiProxyLimiter *oai_proxy_limiter_new (OaiCounterStore *store, OaiProxyUnavailable policy, const OaiLimitClock *clock);
OaiProxyLimiter *oai_proxy_limiter_ref (OaiProxyLimiter *self);
void oai_proxy_limiter_unref (OaiProxyLimiter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiProxyLimiter, oai_proxy_limiter_unref)

/* Whether a store has the counters, which other processes can share. */
gboolean oai_proxy_limiter_has_store (OaiProxyLimiter *self);
/* The counters in memory, for their maximum and for metrics. */
OaiMemoryCounters *oai_proxy_limiter_get_counters (OaiProxyLimiter *self);
/* What was used before the program started is being read: requests of identities with limits of days or months wait until
 * oai_proxy_limiter_end_restore() was called, or the time has passed, which is logged.  Returns FALSE if nothing is to be
 * restored, because the counters are not in memory, or requests have been counted already. */
gboolean oai_proxy_limiter_begin_restore (OaiProxyLimiter *self, guint timeout_ms);
/* history: takes it; NULL if it could not be read.  It is counted even if the time has passed. */
void oai_proxy_limiter_end_restore (OaiProxyLimiter *self, OaiLimitHistory *history);

/* limits: nullable.  stream: whether the request counts for max-streams until its lease is released.  May call func
 * before it returns, and returns NULL then. */
OaiProxyAdmission *oai_proxy_limiter_admit (OaiProxyLimiter *self, const char *identity, OaiProxyLimits *limits, gboolean stream, OaiProxyAdmitFunc func, gpointer user_data);
/* func is not called. */
void oai_proxy_admission_cancel (OaiProxyAdmission *admission);

/* The headers x-ratelimit-*: the remaining amounts when the request was admitted. */
void oai_proxy_lease_get_headers (OaiProxyLease *self, OaiProxyLeaseHeaderFunc func, gpointer user_data);
/* Counts what the request used; cost in US dollars.  May be called several times. */
void oai_proxy_lease_count (OaiProxyLease *self, gint64 tokens, double cost);
/* The request has ended. */
void oai_proxy_lease_release (OaiProxyLease *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiProxyLease, oai_proxy_lease_release)

/* A duration in the form of the headers x-ratelimit-reset-*: "20ms", "1.5s", "6m0s", "1h0m5s". */
char *oai_limit_format_duration (gint64 ms);

G_END_DECLS
