/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The base class of streamed replies. */

#pragma once

#include "oai-record.h"

G_BEGIN_DECLS

#define OAI_TYPE_STREAM (oai_stream_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (OaiStream, oai_stream, OAI, STREAM, GObject)

struct _OaiStreamSchema;

struct _OaiStreamClass
{
  GObjectClass parent_class;

  /*< private >*/
  gpointer table;
  gpointer padding[8];
};

OAI_AVAILABLE_IN_1_0
gboolean oai_stream_is_running (OaiStream *self);
OAI_AVAILABLE_IN_1_0
OaiCall *oai_stream_get_call (OaiStream *self);
OAI_AVAILABLE_IN_1_0
guint oai_stream_get_coalesce_interval_ms (OaiStream *self);
OAI_AVAILABLE_IN_1_0
void oai_stream_set_coalesce_interval_ms (OaiStream *self, guint interval_ms);
OAI_AVAILABLE_IN_1_0
guint oai_stream_get_max_resumes (OaiStream *self);
OAI_AVAILABLE_IN_1_0
void oai_stream_set_max_resumes (OaiStream *self, guint max_resumes);
OAI_AVAILABLE_IN_1_0
OaiRecord *oai_stream_dup_result (OaiStream *self);

/* Push: events are reported by signals.  Completes at the end of the stream with the folded
 * record. */
OAI_AVAILABLE_IN_1_0
OaiRecord *oai_stream_run (OaiStream *self, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_stream_run_async (OaiStream *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiRecord *oai_stream_run_finish (OaiStream *self, GAsyncResult *result, GError **error);

/* Pull: returns one chunk, or all that have arrived; NULL at the end.  Reads at most a small buffer
 * more from the network than was requested. */
OAI_AVAILABLE_IN_1_0
OaiRecord *oai_stream_next (OaiStream *self, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_stream_next_async (OaiStream *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiRecord *oai_stream_next_finish (OaiStream *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
OaiRecord *oai_stream_try_next (OaiStream *self);
OAI_AVAILABLE_IN_1_0
GPtrArray *oai_stream_next_many (OaiStream *self, guint max_items, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_stream_next_many_async (OaiStream *self, guint max_items, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
GPtrArray *oai_stream_next_many_finish (OaiStream *self, GAsyncResult *result, GError **error);

/* Closes the connection at once; a running operation completes with G_IO_ERROR_CANCELLED. */
OAI_AVAILABLE_IN_1_0
void oai_stream_close (OaiStream *self);

/* For generated code of stream classes. */
OAI_AVAILABLE_IN_1_0
void oai_stream_class_set_schema (OaiStreamClass *klass, const struct _OaiStreamSchema *schema);
OAI_AVAILABLE_IN_1_0
const char *oai_stream_get_reply_text (OaiStream *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
OAI_AVAILABLE_IN_1_0
gpointer oai_stream_dup_reply_record (OaiStream *self, GType type, const char *format, ...) G_GNUC_PRINTF (3, 4);
OAI_AVAILABLE_IN_1_0
GPtrArray *oai_stream_dup_reply_list (OaiStream *self, GType type, const char *format, ...) G_GNUC_PRINTF (3, 4);

G_END_DECLS
