/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-audio-types.h"
#include "oai-stream.h"

G_BEGIN_DECLS

#define OAI_TYPE_TRANSCRIPTION_STREAM (oai_transcription_stream_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiTranscriptionStream, oai_transcription_stream, OAI, TRANSCRIPTION_STREAM, OaiStream)

OAI_AVAILABLE_IN_1_0
const char *oai_transcription_stream_get_text (OaiTranscriptionStream *self);
OAI_AVAILABLE_IN_1_0
OaiTranscription *oai_transcription_stream_dup_transcription (OaiTranscriptionStream *self);

G_END_DECLS
