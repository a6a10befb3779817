/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Pushes bytes back to the filter stream from which they were read.  It replaces the base of the
 * filter stream until the bytes are read again. */

#pragma once

#include "oai-pollable-stream-private.h"

G_BEGIN_DECLS

#define OAI_TYPE_PUSHBACK_STREAM (oai_pushback_stream_get_type ())
G_DECLARE_FINAL_TYPE (OaiPushbackStream, oai_pushback_stream, OAI, PUSHBACK_STREAM, OaiPollableStream)

/* The next reads of the filter stream, which must be pollable, return the bytes before all
 * others. */
void oai_pushback_stream_push (GFilterInputStream *filter, GByteArray *bytes);

G_END_DECLS
