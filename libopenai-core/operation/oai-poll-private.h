/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-poll.h"

G_BEGIN_DECLS

/* For classes that poll by other requests: an endpoint whose requests have the headers of polling. */
_OAI_INTERNAL
OaiEndpoint *oai_poll_new_endpoint (OaiEndpoint *endpoint, guint interval);
/* Milliseconds to pause after the reply; first: there was no pause so far. */
_OAI_INTERNAL
guint oai_poll_get_pause (OaiRecord *record, guint interval, guint default_interval, gboolean first);

/* A clock for tests, on which waiting takes no time. */
typedef struct
{
  gint64 (*get_time) (gpointer user_data);                /* milliseconds */
  void (*wait) (guint milliseconds, gpointer user_data);
  gpointer user_data;
} OaiPollClock;

/* NULL restores the clock of the machine.  Not thread-safe. */
_OAI_INTERNAL
void oai_poll_set_clock (const OaiPollClock *clock);

G_END_DECLS
