/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include <gio/gio.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* Pure functions: what was answered, and what to do about it.  Absent headers are NULL. */
typedef struct
{
  guint status;                /* 0: the connection failed */
  const char *should_retry;    /* x-should-retry */
  const char *retry_after_ms;  /* retry-after-ms */
  const char *retry_after;     /* retry-after: seconds or a date */
} OaiRetryAnswer;

/* Seconds that the server requests to wait, or -1 if the header is missing or invalid. now: Unix seconds. */
double oai_retry_get_hint (const OaiRetryAnswer *answer, double now);
gboolean oai_retry_should_retry (const OaiRetryAnswer *answer, double max_delay, double now);
/* Seconds to wait before the next attempt; retries: how many were made already; random: in [0, 1). */
double oai_retry_get_delay (const OaiRetryAnswer *answer, guint retries, double max_delay, double now, double random);

/* "1s", "6m0s", "8.64s", "20ms", "1h2m3.5s", plain seconds; milliseconds, or -1. */
gint64 oai_duration_parse (const char *text);

G_END_DECLS
