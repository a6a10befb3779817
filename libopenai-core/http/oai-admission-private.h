/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Decides how many requests over HTTP/1.1 and TLS are sent at the same time.  Each of them occupies
 * a connection, and opening one takes as much time as several requests to a fast server.  Therefore
 * only a few are sent at first, and twice as many each time when a request has waited too long. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Times are those of g_get_monotonic_time(). */
typedef struct
{
  guint limit;
  guint active;
  gint64 last_progress; /* when the last connection was opened or the limit was raised; 0 without either */
  gint64 last_end;      /* of a request */
  gboolean connected;   /* a connection was opened since the limit was reset */
} OaiAdmission;

/* It is not known yet whether connections are shared: one request finds out. */
void oai_admission_init (OaiAdmission *self);
/* shared: whether requests share a connection, so that their number is not limited */
void oai_admission_set_shared (OaiAdmission *self, gboolean shared);
/* Returns FALSE if the request has to wait. */
gboolean oai_admission_enter (OaiAdmission *self, gint64 now);
void oai_admission_leave (OaiAdmission *self, gint64 now);
void oai_admission_note_connection (OaiAdmission *self, gint64 now);
/* Raises the limit if the first request that waits, which began at since, has waited too long. */
void oai_admission_update (OaiAdmission *self, gint64 since, gint64 now);
/* When the limit is raised next. */
gint64 oai_admission_get_next (OaiAdmission *self, gint64 since);

G_END_DECLS
