/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads how much audio a speech stream has received. */

#pragma once

#include "oai-audio-types.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
gint64 oai_speech_stream_get_bytes_received (OaiSpeechStream *self);

G_END_DECLS
