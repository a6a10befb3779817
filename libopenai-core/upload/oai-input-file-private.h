/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Functions of OaiInputFile for the files that send uploads. */

#pragma once

#include "oai-input-file.h"

G_BEGIN_DECLS

/* The source of the bytes.  After oai_input_file_check() has succeeded, exactly one of file, bytes
 * and stream is not NULL.  They are borrowed. */
typedef struct
{
  GFile *file;
  GBytes *bytes;
  GInputStream *stream;
  GBytes *head;             /* nullable: precedes the rest of the stream */
} OaiInputSource;

void oai_input_file_get_source (OaiInputFile *self, OaiInputSource *source);
/* The name that is sent: valid UTF-8, never empty, without directories unless they are kept. */
char *oai_input_file_dup_sent_name (OaiInputFile *self, gboolean keep_path);

/* Finds the size of a remote file, so that the next oai_input_file_check() does not wait for the
 * network, and the format of a stream without a name. */
gboolean oai_input_file_needs_prepare (OaiInputFile *self);
void oai_input_file_prepare_async (OaiInputFile *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean oai_input_file_prepare_finish (OaiInputFile *self, GAsyncResult *result, GError **error);
/* Whether a part of it was read from a stream that cannot be rewound. */
gboolean oai_input_file_is_used_up (OaiInputFile *self);
/* Checks before each upload whether it can be sent.  size: -1 if it is unknown */
gboolean oai_input_file_check (OaiInputFile *self, gint64 *size, GError **error);
/* Begins reading, and returns the number of the reading.  Since a stream has one position, a new
 * reading ends the previous one. */
guint oai_input_file_begin (OaiInputFile *self, GError **error);
gboolean oai_input_file_is_current (OaiInputFile *self, guint reading);
/* Updates the progress.  total: -1 if it is unknown */
void oai_input_file_report (OaiInputFile *self, gint64 sent, gint64 total, gboolean finished);

G_END_DECLS
