/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-audio-endpoint.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
gboolean oai_audio_endpoint_save_speech (OaiAudioEndpoint *self, OaiSpeechRequest *request, GFile *target, gboolean overwrite, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_audio_endpoint_save_speech_async (OaiAudioEndpoint *self, OaiSpeechRequest *request, GFile *target, gboolean overwrite, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_audio_endpoint_save_speech_finish (OaiAudioEndpoint *self, GAsyncResult *result, GError **error);

G_END_DECLS
