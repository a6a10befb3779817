/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tests of the usage log that are the same for all databases. */

#pragma once

#include <gio/gio.h>

#include "oai-usage-log-private.h"

G_BEGIN_DECLS

/* 2025-01-01, in microseconds since 1970. */
#define USAGE_LOG_BEGIN G_GINT64_CONSTANT (1735689600000000)
#define USAGE_LOG_DAY G_GINT64_CONSTANT (86400000000)

OaiUsageLog *usage_log_open (const char *location);
/* Adds a record with 10 input, 4 cached and 5 output tokens, and a cost of 0.5.  The request has the number. */
void usage_log_add (OaiUsageLog *log, const char *identity, const char *model, guint number, gint64 time);
gboolean usage_log_flush (OaiUsageLog *log, GError **error);
/* The number of requests from USAGE_LOG_BEGIN. */
gint64 usage_log_count (const char *location, const char *identity);
/* now: milliseconds since 1970. */
OaiLimitHistory *usage_log_load_history (OaiUsageLog *log, gint64 now);

void usage_log_check_sums (const char *location);
void usage_log_check_hostile_text (const char *location);
void usage_log_check_repeated_records (const char *location);
void usage_log_check_several_writers (const char *location);
void usage_log_check_full_queue (const char *location);
void usage_log_check_history (const char *location);

G_END_DECLS
