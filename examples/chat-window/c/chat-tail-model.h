/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The end of a session as a list. */

#pragma once

#include <openai-1/openai.h>

G_BEGIN_DECLS

#define CHAT_TYPE_TAIL_MODEL (chat_tail_model_get_type ())
G_DECLARE_FINAL_TYPE (ChatTailModel, chat_tail_model, CHAT, TAIL_MODEL, GObject)

void chat_tail_model_set_session (ChatTailModel *self, OaiSession *session);
void chat_tail_model_add_earlier (ChatTailModel *self);
guint chat_tail_model_show (ChatTailModel *self, guint position);

G_END_DECLS
