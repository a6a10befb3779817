/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads an OaiInputFile once.  The stream opens the source with the first read, can be polled for
 * every source, checks the length, and reports the progress to the file. */

#pragma once

#include "oai-input-file-private.h"
#include "oai-immediate-stream-private.h"

G_BEGIN_DECLS

#define OAI_TYPE_FILE_STREAM (oai_file_stream_get_type ())
G_DECLARE_FINAL_TYPE (OaiFileStream, oai_file_stream, OAI, FILE_STREAM, OaiImmediateStream)

/* size: from oai_input_file_check(); another number of bytes is an error. */
GInputStream *oai_file_stream_new (OaiInputFile *file, gint64 size);

G_END_DECLS
