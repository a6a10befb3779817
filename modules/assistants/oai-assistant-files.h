/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-assistants-types.h"
#include "oai-input-file.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
OaiAssistantFile *oai_assistant_attach_file (OaiAssistant *self, const char *file_id, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_assistant_attach_file_async (OaiAssistant *self, const char *file_id, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiAssistantFile *oai_assistant_attach_file_finish (OaiAssistant *self, GAsyncResult *result, GError **error);

OAI_AVAILABLE_IN_1_0
OaiAssistantFile *oai_assistant_upload_file (OaiAssistant *self, OaiInputFile *file, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_assistant_upload_file_async (OaiAssistant *self, OaiInputFile *file, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiAssistantFile *oai_assistant_upload_file_finish (OaiAssistant *self, GAsyncResult *result, GError **error);

OAI_AVAILABLE_IN_1_0
gboolean oai_assistant_delete_file (OaiAssistant *self, const char *file_id, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_assistant_delete_file_async (OaiAssistant *self, const char *file_id, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_assistant_delete_file_finish (OaiAssistant *self, GAsyncResult *result, GError **error);

OAI_AVAILABLE_IN_1_0
gboolean oai_assistant_file_delete (OaiAssistantFile *self, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_assistant_file_delete_async (OaiAssistantFile *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_assistant_file_delete_finish (OaiAssistantFile *self, GAsyncResult *result, GError **error);

G_END_DECLS
