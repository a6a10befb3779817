/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Waiting for something on the server to change, by asking again and again. */

#pragma once

#include "oai-endpoint.h"
#include "oai-record.h"

G_BEGIN_DECLS

/* What a reply says about the wait. */
typedef enum
{
  OAI_POLL_DONE,
  OAI_POLL_PENDING,
  OAI_POLL_UNKNOWN  /* a status that nobody knows: asked about again at once, and if it stays, as one that is pending */
} OaiPollState;

typedef struct
{
  OaiEndpoint *endpoint;
  const char *operation;               /* the one that retrieves: "retrieve_run" */
  const char *const *path_arguments;   /* NULL-terminated */
  OaiPollState (*get_state) (OaiRecord *record);
  guint interval;                      /* milliseconds between a reply and the next question; 0: what the server says, else the default */
  guint default_interval;              /* milliseconds; 0: one second */
  gint64 timeout;                      /* milliseconds; 0: one question; -1: no end */
  const char *timeout_message;         /* what the time-out error says; NULL: something general */
} OaiPoll;

/* Takes the task, and ends it with the first record that is done, with
 * G_IO_ERROR_TIMED_OUT, with G_IO_ERROR_CANCELLED, or with the error of a
 * question.  What poll points to may go. */
_OAI_INTERNAL
void oai_poll (const OaiPoll *poll, GTask *task);

/* For who asks in another way.  The endpoint, whose calls say that they poll; interval as above. */
_OAI_INTERNAL
OaiEndpoint *oai_poll_new_endpoint (OaiEndpoint *endpoint, guint interval);
/* How long to rest after the reply, in milliseconds; first: so far there was no pause. */
_OAI_INTERNAL
guint oai_poll_get_pause (OaiRecord *record, guint interval, guint default_interval, gboolean first);

/* For tests: time as it is told; waiting takes none. */
typedef struct
{
  gint64 (*get_time) (gpointer user_data);                /* milliseconds */
  void (*wait) (guint milliseconds, gpointer user_data);
  gpointer user_data;
} OaiPollClock;

/* NULL: the clock of the machine, again.  For one thread at a time. */
_OAI_INTERNAL
void oai_poll_set_clock (const OaiPollClock *clock);

G_END_DECLS
