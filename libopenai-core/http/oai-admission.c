/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-admission-private.h"

#define INITIAL_LIMIT 4
#define UNLIMITED G_MAXUINT

/* How long a request waits before the limit is raised, in microseconds.  As long as no connection
 * is open, opening the first one takes the time. */
#define MAX_WAIT (50 * 1000)
#define MAX_WAIT_UNCONNECTED (1000 * 1000)

/* libsoup closes connections that were unused for this time. */
#define IDLE_TIME (60 * G_USEC_PER_SEC)

void
oai_admission_init (OaiAdmission *self)
{
  *self = (OaiAdmission) { .limit = 1 };
}

void
oai_admission_set_shared (OaiAdmission *self, gboolean shared)
{
  if (shared)
    self->limit = UNLIMITED;
  else if (self->limit == UNLIMITED || self->limit < INITIAL_LIMIT)
    self->limit = INITIAL_LIMIT;
}

static void
reset_if_unused (OaiAdmission *self, gint64 now)
{
  if (self->active > 0 || self->limit == UNLIMITED || now - self->last_end < IDLE_TIME)
    return;

  self->limit = MIN (self->limit, INITIAL_LIMIT);
  self->connected = FALSE;
}

gboolean
oai_admission_enter (OaiAdmission *self, gint64 now)
{
  reset_if_unused (self, now);
  if (self->active >= self->limit)
    return FALSE;

  self->active++;

  return TRUE;
}

void
oai_admission_leave (OaiAdmission *self, gint64 now)
{
  self->active--;
  self->last_end = now;
}

void
oai_admission_note_connection (OaiAdmission *self, gint64 now)
{
  self->last_progress = now;
  self->connected = TRUE;
}

gint64
oai_admission_get_next (OaiAdmission *self, gint64 since)
{
  return MAX (since, self->last_progress) + (self->connected ? MAX_WAIT : MAX_WAIT_UNCONNECTED);
}

void
oai_admission_update (OaiAdmission *self, gint64 since, gint64 now)
{
  if (self->active < self->limit || now < oai_admission_get_next (self, since))
    return;

  self->limit *= 2;
  self->last_progress = now;
}
