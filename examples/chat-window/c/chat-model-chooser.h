/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The list of the models of the server, which shows and changes the model of a session. */

#pragma once

#include <adwaita.h>
#include <openai-1/openai.h>

#include "chat-settings.h"

G_BEGIN_DECLS

#define CHAT_TYPE_MODEL_CHOOSER (chat_model_chooser_get_type ())
G_DECLARE_FINAL_TYPE (ChatModelChooser, chat_model_chooser, CHAT, MODEL_CHOOSER, AdwBin)

void chat_model_chooser_set_settings (ChatModelChooser *self, ChatSettings *settings);
void chat_model_chooser_set_client (ChatModelChooser *self, OaiClient *client);
void chat_model_chooser_set_session (ChatModelChooser *self, OaiSession *session);

G_END_DECLS
