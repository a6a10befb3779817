/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Plays replies as speech, and records dictations, with GStreamer if it is installed. */

#pragma once

#include <openai-1/openai.h>

G_BEGIN_DECLS

#define CHAT_TYPE_SPEECH (chat_speech_get_type ())
G_DECLARE_FINAL_TYPE (ChatSpeech, chat_speech, CHAT, SPEECH, GObject)

gboolean chat_speech_is_supported (void);
void chat_speech_speak (ChatSpeech *self, OaiClient *client, const char *text);
void chat_speech_stop (ChatSpeech *self);
gboolean chat_speech_is_speaking (ChatSpeech *self);
void chat_speech_record (ChatSpeech *self, OaiClient *client);
void chat_speech_finish_recording (ChatSpeech *self);
gboolean chat_speech_is_recording (ChatSpeech *self);
void chat_speech_close (ChatSpeech *self);

G_END_DECLS
