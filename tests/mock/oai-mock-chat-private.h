/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Chat replies of the mock service. */

#pragma once

#include "oai-mock-private.h"

G_BEGIN_DECLS

/* The reply to a chat request; all choices are the same. */
typedef struct {
  char *id;
  char *model;
  gint64 created;
  char *text;
  char *refusal;
  char *reasoning;
  JsonArray *tool_calls;
  JsonObject *function_call;
  JsonObject *audio;
  const char *finish_reason;
  gboolean logprobs;
  guint top_logprobs;
  guint n;
  JsonObject *usage;
} OaiMockChatAnswer;

void _oai_mock_chat_answer_clear (OaiMockChatAnswer *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OaiMockChatAnswer, _oai_mock_chat_answer_clear)

JsonObject *_oai_mock_chat_answer_to_object (OaiMockChatAnswer *self);
OaiMockReply *_oai_mock_chat_answer_to_stream (OaiMockChatAnswer *self, JsonObject *request);
void _oai_mock_chat_remember (OaiMockCall *call, JsonObject *completion);

OaiMockReply *_oai_mock_chat_list (OaiMockCall *call);
OaiMockReply *_oai_mock_chat_retrieve (OaiMockCall *call);
OaiMockReply *_oai_mock_chat_update (OaiMockCall *call);
OaiMockReply *_oai_mock_chat_delete (OaiMockCall *call);
OaiMockReply *_oai_mock_chat_list_messages (OaiMockCall *call);

G_END_DECLS
