/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-audio-types.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
void oai_transcription_request_want_words (OaiTranscriptionRequest *self);
OAI_AVAILABLE_IN_1_0
void oai_transcription_request_want_speakers (OaiTranscriptionRequest *self);

G_END_DECLS
