/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Replaces the clock of polling in tests. */

#pragma once

#include "oai-poll.h"

G_BEGIN_DECLS

/* A clock for tests, on which waiting takes no time. */
typedef struct
{
  gint64 (*get_time) (gpointer user_data);                /* milliseconds */
  void (*wait) (guint milliseconds, gpointer user_data);
  gpointer user_data;
} OaiPollClock;

/* NULL restores the clock of the machine.  Not thread-safe. */
void oai_poll_set_clock (const OaiPollClock *clock);

G_END_DECLS
