/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-files-endpoint.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
OaiFile *oai_files_endpoint_upload_path (OaiFilesEndpoint *self, const char *path, const char *purpose, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_files_endpoint_upload_path_async (OaiFilesEndpoint *self, const char *path, const char *purpose, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiFile *oai_files_endpoint_upload_path_finish (OaiFilesEndpoint *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
OaiFile *oai_files_endpoint_upload_file (OaiFilesEndpoint *self, GFile *file, const char *purpose, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_files_endpoint_upload_file_async (OaiFilesEndpoint *self, GFile *file, const char *purpose, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiFile *oai_files_endpoint_upload_file_finish (OaiFilesEndpoint *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
OaiFile *oai_files_endpoint_upload_bytes (OaiFilesEndpoint *self, GBytes *bytes, const char *filename, const char *purpose, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_files_endpoint_upload_bytes_async (OaiFilesEndpoint *self, GBytes *bytes, const char *filename, const char *purpose, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiFile *oai_files_endpoint_upload_bytes_finish (OaiFilesEndpoint *self, GAsyncResult *result, GError **error);

G_END_DECLS
