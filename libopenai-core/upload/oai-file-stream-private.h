/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One reading of an OaiInputFile: opened with the first byte asked for, pollable
 * whatever it reads from, exact in length, and telling the file how far it is. */

#pragma once

#include "oai-input-file-private.h"

G_BEGIN_DECLS

#define OAI_TYPE_FILE_STREAM (oai_file_stream_get_type ())
G_DECLARE_FINAL_TYPE (OaiFileStream, oai_file_stream, OAI, FILE_STREAM, GInputStream)

/* size: what oai_input_file_check said; anything else that comes is an error. */
GInputStream *oai_file_stream_new (OaiInputFile *file, gint64 size);
/* Whether a stream reads a regular file of this machine, which never waits. */
gboolean oai_file_stream_is_regular (GInputStream *stream);

G_END_DECLS
