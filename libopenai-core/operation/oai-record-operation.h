/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Operations as methods of records.  They use the client that is associated with the record.  For
 * module authors; not introspected.  They fail with OAI_ERROR_INVALID_ARGUMENT for a record
 * that is not associated with a client.  The arguments are those of oai_endpoint_invoke_async()
 * and oai_endpoint_stream(). */

#pragma once

#include "oai-record.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
void oai_record_invoke_async (OaiRecord *self, GType endpoint_type, guint operation, const char *const *path_arguments, OaiRecord *query, OaiRecord *request, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data, gpointer source_tag);
OAI_AVAILABLE_IN_1_0
gpointer oai_record_invoke_finish (OaiRecord *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
gpointer oai_record_invoke (OaiRecord *self, GType endpoint_type, guint operation, const char *const *path_arguments, OaiRecord *query, OaiRecord *request, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
gpointer oai_record_stream (OaiRecord *self, GType endpoint_type, guint operation, const char *const *path_arguments, OaiRecord *query, OaiRecord *request);

G_END_DECLS
