/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-input-file.h"

G_BEGIN_DECLS

/* Where the bytes are; exactly one is not NULL.  Borrowed. */
typedef struct
{
  GFile *file;
  GBytes *bytes;
  GInputStream *stream;
} OaiInputSource;

_OAI_INTERNAL
void oai_input_file_get_source (OaiInputFile *self, OaiInputSource *source);
/* The name as it goes over the wire: no directories unless asked for, never empty, UTF-8. */
_OAI_INTERNAL
char *oai_input_file_dup_sent_name (OaiInputFile *self, gboolean keep_path);

/* Finds the size of a file that is not on this machine, so that the next call of
 * check does not wait for the network. */
_OAI_INTERNAL
gboolean oai_input_file_needs_prepare (OaiInputFile *self);
_OAI_INTERNAL
void oai_input_file_prepare_async (OaiInputFile *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
_OAI_INTERNAL
gboolean oai_input_file_prepare_finish (OaiInputFile *self, GAsyncResult *result, GError **error);
/* Before each upload: whether it can be sent (again), and how much it is (-1 unknown). */
_OAI_INTERNAL
gboolean oai_input_file_check (OaiInputFile *self, gint64 *size, GError **error);
/* A reading starts.  The answer is the number of the reading: a stream has one
 * position, so a new reading of it ends the one before. */
_OAI_INTERNAL
guint oai_input_file_begin (OaiInputFile *self, GError **error);
_OAI_INTERNAL
gboolean oai_input_file_is_current (OaiInputFile *self, guint reading);
/* total: -1 unknown. */
_OAI_INTERNAL
void oai_input_file_report (OaiInputFile *self, gint64 sent, gint64 total, gboolean finished);

G_END_DECLS
