/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The interface of the plug-ins that store usage records ("sqlite" and "postgresql").  All functions block; those of one store are
 * called by one thread at a time.  Errors are of G_IO_ERROR and contain no passwords. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* All strings are valid UTF-8; those that may be NULL say so. */
typedef struct
{
  char *request_id;
  char *identity;
  char *operation;    /* nullable */
  char *model;        /* nullable */
  char *upstream;     /* nullable */
  const char *outcome;
  gint64 begin_time;  /* microseconds since 1970 */
  guint status;
  gboolean has_usage; /* if not, the tokens are stored as NULL */
  gint64 input_tokens;
  gint64 cached_tokens;
  gint64 output_tokens;
  double cost;        /* -1: stored as NULL */
  gint64 received_bytes;
  gint64 sent_bytes;
  gint64 duration_us;
} OaiUsageRecord;

/* day: the number of days since 1970 (UTC).  Strings are borrowed. */
typedef void (*OaiUsageStoreSumFunc) (gint64 day, const char *identity, const char *model, const gint64 counts[4], double cost, gpointer user_data);

/* Times are microseconds since 1970.  end: of the last of the requests.  Strings are borrowed. */
typedef void (*OaiUsageStoreAmountFunc) (const char *identity, gint64 end, gint64 n_requests, gint64 tokens, double cost, gpointer user_data);

typedef struct
{
  /* Creates the tables if they do not exist.  Fails if they belong to a later version. */
  gpointer (*open) (const char *location, GError **error);
  /* Writes all records or none.  Records with a known request_id are ignored, so that a batch can be written again. */
  gboolean (*insert) (gpointer store, OaiUsageRecord *const *records, guint n_records, GError **error);
  /* By day, identity and model, in this order.  counts: requests, input, cached and output tokens. */
  gboolean (*sum) (gpointer store, gint64 from, gint64 to, OaiUsageStoreSumFunc func, gpointer user_data, GError **error);
  /* What identities used, in the order of time for each of them: of requests that began in [from, to) and were forwarded
   * to a server.  Requests that ended in one quarter of an hour, or before day, may be added up; those that ended before month
   * are left out. */
  gboolean (*load) (gpointer store, gint64 from, gint64 to, gint64 month, gint64 day, OaiUsageStoreAmountFunc func, gpointer user_data, GError **error);
  void (*close) (gpointer store);
} OaiUsageStore;

G_END_DECLS
