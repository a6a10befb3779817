/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The body of a reply, as it is handed to a program. */

#pragma once

#include <gio/gio.h>

#include "oai-version.h"

G_BEGIN_DECLS

#define OAI_TYPE_BODY_STREAM (oai_body_stream_get_type ())
_OAI_INTERNAL
G_DECLARE_FINAL_TYPE (OaiBodyStream, oai_body_stream, OAI, BODY_STREAM, GInputStream)

/* owner (nullable) lives as long as the stream.  expected: bytes that a whole body
 * has, -1 unknown; a shorter one fails with OAI_ERROR_INCOMPLETE.  idle_timeout:
 * milliseconds to wait for the next byte, 0 for ever; then G_IO_ERROR_TIMED_OUT.
 * Closing or dropping the stream before its end closes the connection. */
_OAI_INTERNAL
GInputStream *oai_body_stream_new (GInputStream *body, GObject *owner, goffset expected, guint idle_timeout);
/* Borrowed; NULL when there is none. */
_OAI_INTERNAL
GObject *oai_body_stream_get_owner (OaiBodyStream *self);

G_END_DECLS
