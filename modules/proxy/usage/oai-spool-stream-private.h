/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads a stored body, with an edit.  Several streams can read one body. */

#pragma once

#include "oai-body-spool-private.h"
#include "oai-immediate-stream-private.h"

G_BEGIN_DECLS

#define OAI_TYPE_SPOOL_STREAM (oai_spool_stream_get_type ())
G_DECLARE_FINAL_TYPE (OaiSpoolStream, oai_spool_stream, OAI, SPOOL_STREAM, OaiImmediateStream)

/* edit: copied; nullable. */
GInputStream *oai_spool_stream_new (OaiBodySpool *spool, const OaiBodyEdit *edit);

/* Of the spool: reads up to count bytes that were written at offset, which is not after the end. */
gssize oai_body_spool_read_at (OaiBodySpool *self, guint64 offset, void *buffer, gsize count, GError **error);

G_END_DECLS
