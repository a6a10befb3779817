/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whether a server replies, from the results of the requests to it.
 *
 * After a few failures in succession, or if the server requests a delay, the server is avoided for a time that doubles
 * with each further failure.  After that time, one request probes it. */

#pragma once

#include "oai-retry-private.h"

G_BEGIN_DECLS

typedef struct
{
  guint failures;   /* in succession */
  gint64 until;     /* when the server may be used again, in microseconds; 0 if it is healthy */
  gboolean probing; /* a request probes the server */
} OaiHealth;

/* now: monotonic, in microseconds, in all functions. */
gboolean oai_health_is_usable (const OaiHealth *self, gint64 now);
/* A request is sent to the server.  Returns whether it is the probe. */
gboolean oai_health_begin (OaiHealth *self, gint64 now);
/* The probe ended without a result. */
void oai_health_abandon (OaiHealth *self);
void oai_health_succeed (OaiHealth *self);
/* delay: what the server requested, in seconds; -1 if it did not. */
void oai_health_fail (OaiHealth *self, double delay, gint64 now);

/* Whether the reply is a failure of the server, and not of the request. */
gboolean oai_health_is_failure (const OaiRetryAnswer *reply);

G_END_DECLS
