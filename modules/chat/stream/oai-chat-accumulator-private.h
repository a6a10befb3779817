/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Folds the chunks of a chat completion into one completion, and emits the signals of its stream. */

#pragma once

#include "oai-base64-private.h"
#include "oai-chat-streams-private.h"

G_BEGIN_DECLS

typedef enum
{
  OAI_CHAT_TEXT_CONTENT,
  OAI_CHAT_TEXT_REFUSAL,
  OAI_CHAT_TEXT_REASONING
} OaiChatText;

#define OAI_CHAT_N_TEXTS 3

/* The state of a chat stream. */
typedef struct
{
  OaiStream *stream;   /* not owned */
  OaiJsonValue *root;  /* members of the completion, except the choices */
  GPtrArray *settled;  /* names of members of root that later chunks do not change, in the order of the chunks */
  GPtrArray *choices;  /* in the order of their indexes */
  gboolean damaged;    /* audio arrived that is not Base64 */
  gboolean request_read;
  gboolean wants_json_schema;
  guint n_choices;     /* the number of replies that were requested */
} OaiChatAccumulator;

void oai_chat_accumulator_init (OaiStream *stream, gpointer self);
void oai_chat_accumulator_clear (gpointer self);

/* Fails if a chunk has an index that is invalid.  n_choices: the number of replies that were
 * requested. */
gboolean oai_chat_check_chunk (OaiJsonDoc *doc, OaiJsonNode chunk, guint n_choices, GError **error);
/* Reads the request, once. */
void oai_chat_accumulator_read_request (OaiChatAccumulator *self);
/* Adds a chunk, or a whole completion. */
gboolean oai_chat_accumulator_add (OaiChatAccumulator *self, OaiJsonDoc *doc, OaiJsonNode chunk, GError **error);
/* After the last chunk: reports audio whose padding is missing. */
gboolean oai_chat_accumulator_end_audio (OaiChatAccumulator *self, GError **error);
/* Returns whether a reply has begun, and all replies that have begun have a finish reason. */
gboolean oai_chat_accumulator_is_finished (OaiChatAccumulator *self);
/* Returns whether a reply has this finish reason. */
gboolean oai_chat_accumulator_has_reason (OaiChatAccumulator *self, const char *reason);
/* Returns the text so far; NULL if there is none. */
const char *oai_chat_accumulator_get_text (OaiChatAccumulator *self, guint choice, OaiChatText kind);
/* Returns the text so far that may be JSON: the content before a refusal. */
char *oai_chat_accumulator_dup_json_text (OaiChatAccumulator *self, guint choice);
/* Returns the call so far, as JSON; NULL if there is none. */
char *oai_chat_accumulator_dup_tool_call (OaiChatAccumulator *self, guint choice, guint call);
/* Adds the completion so far to a builder without a root. */
void oai_chat_accumulator_build_completion (OaiChatAccumulator *self, OaiJsonBuilder *builder);

G_END_DECLS
