/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-chat-types.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
OaiChatImagePart *oai_chat_image_part_new_for_url (const char *url, const char *detail);
OAI_AVAILABLE_IN_1_0
OaiChatImagePart *oai_chat_image_part_new_for_bytes (GBytes *bytes, const char *detail, GError **error);
OAI_AVAILABLE_IN_1_0
OaiChatImagePart *oai_chat_image_part_new_for_file (GFile *file, const char *detail, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_chat_image_part_new_for_file_async (GFile *file, const char *detail, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiChatImagePart *oai_chat_image_part_new_for_file_finish (GAsyncResult *result, GError **error);

OAI_AVAILABLE_IN_1_0
OaiChatAudioPart *oai_chat_audio_part_new_for_bytes (GBytes *bytes, GError **error);

OAI_AVAILABLE_IN_1_0
OaiChatFilePart *oai_chat_file_part_new_for_bytes (GBytes *bytes, const char *filename);
OAI_AVAILABLE_IN_1_0
OaiChatFilePart *oai_chat_file_part_new_for_id (const char *file_id);

G_END_DECLS
