/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-files-endpoint.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
gboolean oai_files_endpoint_delete_when_processed (OaiFilesEndpoint *self, const char *file_id, gint64 timeout, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_files_endpoint_delete_when_processed_async (OaiFilesEndpoint *self, const char *file_id, gint64 timeout, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_files_endpoint_delete_when_processed_finish (OaiFilesEndpoint *self, GAsyncResult *result, GError **error);

G_END_DECLS
