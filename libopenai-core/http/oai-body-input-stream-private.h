/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The body of a reply, as a program reads it. */

#pragma once

#include "oai-pollable-stream-private.h"
#include "oai-version.h"

G_BEGIN_DECLS

#define OAI_TYPE_BODY_INPUT_STREAM (oai_body_input_stream_get_type ())
G_DECLARE_FINAL_TYPE (OaiBodyInputStream, oai_body_input_stream, OAI, BODY_INPUT_STREAM, OaiPollableStream)

/* owner (nullable): kept alive by the stream.  expected: the number of bytes, or -1 if it is
 * unknown; a shorter body fails with OAI_ERROR_INCOMPLETE.  idle_timeout: milliseconds to wait
 * for the next byte, or 0 for no limit; then reading fails with G_IO_ERROR_TIMED_OUT.  Closing
 * or freeing the stream before its end closes the connection, at the next iteration of the main
 * context of the session. */
GInputStream *oai_body_input_stream_new (GInputStream *body, GObject *owner, goffset expected, guint idle_timeout);
/* Whether a body of libsoup was truncated, after reading it has returned 0 and before it is
 * closed.  Before version 3.6, libsoup takes a connection that ends between two chunks for the
 * end of the body. */
gboolean oai_body_was_cut (GInputStream *body);
/* Borrowed; NULL if there is none. */
GObject *oai_body_input_stream_get_owner (OaiBodyInputStream *self);

G_END_DECLS
