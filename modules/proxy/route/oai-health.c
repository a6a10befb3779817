/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-health-private.h"

/* The number of failures in succession after which a server is avoided. */
#define MAX_FAILURES 3
/* How long a server is avoided, in seconds. */
#define FIRST_DELAY 1
#define LONGEST_DELAY 60

gboolean
oai_health_is_usable (const OaiHealth *self, gint64 now)
{
  return self->until == 0 || (!self->probing && now >= self->until);
}

gboolean
oai_health_begin (OaiHealth *self, gint64 now)
{
  if (self->until == 0 || self->probing || now < self->until)
    return FALSE;

  self->probing = TRUE;

  return TRUE;
}

void
oai_health_abandon (OaiHealth *self)
{
  self->probing = FALSE;
}

void
oai_health_succeed (OaiHealth *self)
{
  self->failures = 0;
  self->until = 0;
  self->probing = FALSE;
}

static double
get_backoff (const OaiHealth *self)
{
  guint doubled = MIN (self->failures - MAX_FAILURES, 6);

  return MIN (FIRST_DELAY * (1 << doubled), LONGEST_DELAY);
}

/* A requested delay counts from the first failure on, but is limited, since a server could request a day.  The failures
 * of requests that began before a server was avoided do not prolong that time. */
void
oai_health_fail (OaiHealth *self, double delay, gint64 now)
{
  self->probing = FALSE;
  if (now < self->until)
    return;

  if (self->failures < G_MAXUINT)
    self->failures++;

  delay = MIN (delay, LONGEST_DELAY);
  if (self->failures >= MAX_FAILURES)
    delay = MAX (delay, get_backoff (self));
  if (delay > 0)
    self->until = now + (gint64) (delay * G_USEC_PER_SEC);
}

gboolean
oai_health_is_failure (const OaiRetryAnswer *reply)
{
  return reply->status == 0 || reply->status == 408 || reply->status == 429 || reply->status >= 500;
}
