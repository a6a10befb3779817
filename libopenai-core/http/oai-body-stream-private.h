/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The body of a reply, as it is handed to a program. */

#pragma once

#include <gio/gio.h>

#include "oai-version.h"

G_BEGIN_DECLS

#define OAI_TYPE_BODY_STREAM (oai_body_stream_get_type ())
G_DECLARE_FINAL_TYPE (OaiBodyStream, oai_body_stream, OAI, BODY_STREAM, GInputStream)

/* owner (nullable) lives as long as the stream.  expected: bytes that a whole body
 * has, -1 unknown; a shorter one fails with OAI_ERROR_INCOMPLETE.  idle_timeout:
 * milliseconds to wait for the next byte, 0 for ever; then G_IO_ERROR_TIMED_OUT.
 * Closing or dropping the stream before its end closes the connection, at the next
 * turn of the main loop that the session works in. */
GInputStream *oai_body_stream_new (GInputStream *body, GObject *owner, goffset expected, guint idle_timeout);
/* Whether a body of libsoup that has just been read to its end is truncated: before
 * version 3.6, libsoup treats a connection that is closed between two chunks as the end of
 * the body.  Call this after a read returned 0, and before the body is closed. */
gboolean oai_body_was_cut (GInputStream *body);
/* Borrowed; NULL when there is none. */
GObject *oai_body_stream_get_owner (OaiBodyStream *self);

G_END_DECLS
