/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sessions as JSON text, in steps and for files. */

#pragma once

#include "oai-saved-session.h"

G_BEGIN_DECLS

/* Writes a session with the items that it has now. */
typedef struct _OaiSessionWriter OaiSessionWriter;

OaiSessionWriter *oai_session_writer_new (OaiSession *session);
void oai_session_writer_free (OaiSessionWriter *self);
/* Writes items as they are at this moment, until a monotonic time in microseconds.  Returns whether all are written. */
gboolean oai_session_writer_write (OaiSessionWriter *self, gint64 end_time);
/* Frees the writer, and returns the text. */
GString *oai_session_writer_finish (OaiSessionWriter *self);

/* Takes ownership of json, which need not end with NUL. */
OaiSession *oai_session_restore_take (GType type, OaiClient *client, char *json, gsize length, GError **error);

G_END_DECLS
