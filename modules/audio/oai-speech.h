/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Speech that can be played while it is generated. */

#pragma once

#include "oai-audio-endpoint.h"

G_BEGIN_DECLS

#define OAI_TYPE_SPEECH (oai_speech_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiSpeech, oai_speech, OAI, SPEECH, GObject)

OAI_AVAILABLE_IN_1_0
OaiSpeech *oai_speech_new (OaiAudioEndpoint *endpoint, OaiSpeechRequest *request);
OAI_AVAILABLE_IN_1_0
gint64 oai_speech_get_bytes_received (OaiSpeech *self);
OAI_AVAILABLE_IN_1_0
const char *oai_speech_get_content_type (OaiSpeech *self);
OAI_AVAILABLE_IN_1_0
OaiCall *oai_speech_get_call (OaiSpeech *self);

OAI_AVAILABLE_IN_1_0
GBytes *oai_speech_run (OaiSpeech *self, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_speech_run_async (OaiSpeech *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
GBytes *oai_speech_run_finish (OaiSpeech *self, GAsyncResult *result, GError **error);

G_END_DECLS
