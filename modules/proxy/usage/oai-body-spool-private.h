/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Stores the body of a request, so that it can be sent after it was inspected, and sent again to another server: in memory,
 * and beyond 256 KiB in a temporary file without a name. */

#pragma once

#include <gio/gio.h>

#include "oai-body-inspector-private.h"

G_BEGIN_DECLS

#define OAI_BODY_SPOOL_MEMORY (256 * 1024)

typedef struct _OaiBodySpool OaiBodySpool;

/* directory: of the temporary file; NULL: that of the system. */
OaiBodySpool *oai_body_spool_new (const char *directory);
OaiBodySpool *oai_body_spool_ref (OaiBodySpool *self);
void oai_body_spool_unref (OaiBodySpool *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiBodySpool, oai_body_spool_unref)
/* Error: of G_IO_ERROR, such as G_IO_ERROR_NO_SPACE. */
gboolean oai_body_spool_write (OaiBodySpool *self, const char *data, gsize size, GError **error);
guint64 oai_body_spool_get_size (OaiBodySpool *self);
/* The whole body if it is in memory, without a copy if there is no edit; otherwise NULL.  Nothing may be written
 * after it. */
GBytes *oai_body_spool_dup_bytes (OaiBodySpool *self, const OaiBodyEdit *edit);
/* Returns a new stream (OaiImmediateStream) from the start of the body; any number at the same time.  Nothing may be
 * written after it.  edit: nullable. */
GInputStream *oai_body_spool_open (OaiBodySpool *self, const OaiBodyEdit *edit);
/* The number of bytes that such a stream returns. */
guint64 oai_body_spool_get_edited_size (OaiBodySpool *self, const OaiBodyEdit *edit);

G_END_DECLS
