/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Durable records of requests, in SQLite or PostgreSQL.  Records wait in a bounded queue, and a thread writes them in batches,
 * so that a slow database does not delay requests.  Several processes can write to one database. */

#pragma once

#include <gio/gio.h>

#include "oai-limit-history-private.h"
#include "oai-proxy-report-private.h"

G_BEGIN_DECLS

/* Longer than a statement may take in a database that works. */
#define OAI_USAGE_LOG_FLUSH_TIMEOUT_MS 40000

#define OAI_TYPE_USAGE_LOG (oai_usage_log_get_type ())
G_DECLARE_FINAL_TYPE (OaiUsageLog, oai_usage_log, OAI, USAGE_LOG, GObject)

/* location: the path of a file, or a URL of PostgreSQL (postgresql://…).  Opens it, which may block.  The error does not
 * contain passwords. */
OaiUsageLog *oai_usage_log_new (const char *location, GError **error);
/* The name of the plug-in for a location. */
const char *oai_usage_log_get_backend (const char *location);
/* Requests without an identity are not recorded. */
void oai_usage_log_add (OaiUsageLog *self, const OaiProxyReportData *data);
/* Number of records that are not written yet, and of those that were lost since the queue was full. */
guint oai_usage_log_get_n_queued (OaiUsageLog *self);
guint64 oai_usage_log_get_n_lost (OaiUsageLog *self);
/* How many records the queue contains at most; 100000 at first. */
void oai_usage_log_set_max_queued (OaiUsageLog *self, guint max_queued);
/* How long a flush waits for a database that does not reply; OAI_USAGE_LOG_FLUSH_TIMEOUT_MS at first. */
void oai_usage_log_set_flush_timeout (OaiUsageLog *self, guint milliseconds);
/* Writes all records that were added.  Fails if the database is not available. */
void oai_usage_log_flush_async (OaiUsageLog *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean oai_usage_log_flush_finish (OaiUsageLog *self, GAsyncResult *result, GError **error);

/* The sums of an identity and a model on one day (UTC). */
typedef struct
{
  char *day;      /* 2025-12-31; "" if it is not valid in the database */
  char *identity;
  char *model;    /* "" if it is not known */
  gint64 n_requests;
  gint64 input_tokens;
  gint64 cached_tokens;
  gint64 output_tokens;
  double cost;    /* of the requests whose cost is known */
} OaiUsageSum;

/* Writes all records that were added, and reads what identities used in the current month and the last 24 hours, in a thread.
 * Nothing waits for it, so it has no cancellable.  now: milliseconds since 1970; later requests are left out. */
void oai_usage_log_load_history_async (OaiUsageLog *self, gint64 now, GAsyncReadyCallback callback, gpointer user_data);
OaiLimitHistory *oai_usage_log_load_history_finish (OaiUsageLog *self, GAsyncResult *result, GError **error);

void oai_usage_sum_free (OaiUsageSum *self);
/* Reads the sums of the requests that began in [from, to), in microseconds since 1970, by day, identity and model.  Blocks.
 * Returns an array of OaiUsageSum. */
GPtrArray *oai_usage_log_load_sums (const char *location, gint64 from, gint64 to, GError **error);

G_END_DECLS
