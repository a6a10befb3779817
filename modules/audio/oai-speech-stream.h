/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-audio-types.h"
#include "oai-stream.h"

G_BEGIN_DECLS

#define OAI_TYPE_SPEECH_STREAM (oai_speech_stream_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiSpeechStream, oai_speech_stream, OAI, SPEECH_STREAM, OaiStream)

OAI_AVAILABLE_IN_1_0
gint64 oai_speech_stream_get_bytes_received (OaiSpeechStream *self);

G_END_DECLS
