/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Folds the chunks of a chat completion into one completion, and tells what each
 * of them adds. */

#pragma once

#include "oai-json-doc-private.h"
#include "oai-json-value-private.h"
#include "oai-json-writer-private.h"

G_BEGIN_DECLS

typedef struct _OaiChatAccumulator OaiChatAccumulator;

typedef enum
{
  OAI_CHAT_TEXT_CONTENT,
  OAI_CHAT_TEXT_REFUSAL,
  OAI_CHAT_TEXT_REASONING
} OaiChatText;

#define OAI_CHAT_N_TEXTS 3

/* All strings are borrowed until the next chunk. */
typedef struct
{
  gboolean (*begin) (guint choice, GError **error, gpointer user_data); /* FALSE: there is no such choice */
  void (*text) (guint choice, OaiChatText kind, const char *delta, gpointer user_data);
  void (*text_done) (guint choice, OaiChatText kind, const char *text, gpointer user_data);
  void (*tool_call) (guint choice, guint call, const char *name, const char *arguments_delta, gpointer user_data);
  void (*tool_call_done) (guint choice, guint call, gpointer user_data);
  void (*logprobs) (guint choice, OaiChatText kind, OaiJsonDoc *doc, OaiJsonNode tokens, gpointer user_data);
  void (*logprobs_done) (guint choice, OaiChatText kind, OaiJsonValue *tokens, gpointer user_data);
  void (*audio) (guint choice, const char *base64, const char *transcript, gpointer user_data);
  void (*finished) (guint choice, const char *reason, gpointer user_data);
} OaiChatAccumulatorFuncs;

OaiChatAccumulator *oai_chat_accumulator_new (const OaiChatAccumulatorFuncs *funcs, gpointer user_data);
void oai_chat_accumulator_free (OaiChatAccumulator *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiChatAccumulator, oai_chat_accumulator_free)

/* Fails where a chunk has an index that cannot be one.  n_choices: how many replies were asked for. */
gboolean oai_chat_check_chunk (OaiJsonDoc *doc, OaiJsonNode chunk, guint n_choices, GError **error);
/* One chunk, or a whole completion. */
gboolean oai_chat_accumulator_add (OaiChatAccumulator *self, OaiJsonDoc *doc, OaiJsonNode chunk, GError **error);
/* TRUE when each reply that has begun was told to be finished, and one has begun. */
gboolean oai_chat_accumulator_is_finished (OaiChatAccumulator *self);
/* The choice that ended for that reason, or -1. */
int oai_chat_accumulator_find_reason (OaiChatAccumulator *self, const char *reason);
/* The text so far; NULL when there is none. */
const char *oai_chat_accumulator_get_text (OaiChatAccumulator *self, guint choice, OaiChatText kind);
/* The text so far that may be JSON: up to where the model began to refuse. */
char *oai_chat_accumulator_dup_json_text (OaiChatAccumulator *self, guint choice);
/* The call so far, as JSON; NULL when there is none. */
char *oai_chat_accumulator_dup_tool_call (OaiChatAccumulator *self, guint choice, guint call);
/* The completion so far, as JSON; NULL when nothing has arrived. */
char *oai_chat_accumulator_dup_completion (OaiChatAccumulator *self);

G_END_DECLS
