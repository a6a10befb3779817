/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Pure functions that decide whether and when a request is retried.  How often it is retried is
 * the setting max-retries. */

#pragma once

#include <gio/gio.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* The parts of a reply that decide about a retry.  Absent headers are NULL. */
typedef struct
{
  guint status;                /* 0: the connection failed */
  const char *should_retry;    /* x-should-retry */
  const char *retry_after_ms;  /* retry-after-ms */
  const char *retry_after;     /* retry-after: seconds or a date */
} OaiRetryAnswer;

/* The delay that the server requests in seconds; -1 if there is none or it is invalid.  now:
 * unix seconds */
_OAI_INTERNAL
double oai_retry_get_hint (const OaiRetryAnswer *answer, double now);
gboolean oai_retry_should_retry (const OaiRetryAnswer *answer, double max_delay, double now);
/* The delay before the next attempt in seconds.  retries: the number of previous retries;
 * random: in [0, 1) */
double oai_retry_get_delay (const OaiRetryAnswer *answer, guint retries, double max_delay, double now, double random);

/* "1s", "6m0s", "8.64s", "20ms", "1h2m3.5s", plain seconds; milliseconds, or -1. */
gint64 oai_duration_parse (const char *text);

G_END_DECLS
