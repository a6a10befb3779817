/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-files-endpoint.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
GFile *oai_files_endpoint_download (OaiFilesEndpoint *self, const char *file_id, GFile *directory, gboolean overwrite, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_files_endpoint_download_async (OaiFilesEndpoint *self, const char *file_id, GFile *directory, gboolean overwrite, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
GFile *oai_files_endpoint_download_finish (OaiFilesEndpoint *self, GAsyncResult *result, GError **error);

OAI_AVAILABLE_IN_1_0
gboolean oai_files_endpoint_download_to (OaiFilesEndpoint *self, const char *file_id, GFile *target, gboolean overwrite, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_files_endpoint_download_to_async (OaiFilesEndpoint *self, const char *file_id, GFile *target, gboolean overwrite, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_files_endpoint_download_to_finish (OaiFilesEndpoint *self, GAsyncResult *result, GError **error);

G_END_DECLS
