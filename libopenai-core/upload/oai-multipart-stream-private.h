/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The bytes of a multipart body, generated while they are read. */

#pragma once

#include "oai-input-file-private.h"
#include "oai-immediate-stream-private.h"

G_BEGIN_DECLS

#define OAI_TYPE_MULTIPART_STREAM (oai_multipart_stream_get_type ())
G_DECLARE_FINAL_TYPE (OaiMultipartStream, oai_multipart_stream, OAI, MULTIPART_STREAM, OaiImmediateStream)

OaiMultipartStream *oai_multipart_stream_new (void);
void oai_multipart_stream_add_bytes (OaiMultipartStream *self, GBytes *bytes);
/* size: from oai_input_file_check() */
void oai_multipart_stream_add_file (OaiMultipartStream *self, OaiInputFile *file, gint64 size);
/* -1 if the size of a part is unknown */
goffset oai_multipart_stream_get_length (OaiMultipartStream *self);

G_END_DECLS
