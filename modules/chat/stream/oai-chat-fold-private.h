/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Folds members of chunks that this library does not know: nothing of them is lost, and
 * nothing is made up. */

#pragma once

#include "oai-json-doc-private.h"
#include "oai-json-value-private.h"
#include "oai-json-writer-private.h"

G_BEGIN_DECLS

/* What was seen of the members of one object.  All zero: nothing yet. */
typedef struct
{
  GHashTable *texts;    /* path → how often the text came; see oai-chat-fold.c */
  GHashTable *elements; /* path with the index of an element → OaiJsonValue, borrowed */
} OaiChatFold;

void oai_chat_fold_clear (OaiChatFold *self);
/* A member of a delta: texts are joined unless they are a label that is repeated, lists are
 * merged by the indices of their elements or get longer, numbers are replaced. */
void oai_chat_fold_delta (OaiChatFold *self, OaiJsonValue *object, const char *name, OaiJsonDoc *doc, OaiJsonNode value);
/* A member beside the deltas, whose newest value holds.  Members of objects and elements of
 * lists that do not come again stay. */
void oai_chat_fold_state (OaiJsonValue *object, const char *name, OaiJsonDoc *doc, OaiJsonNode value);

G_END_DECLS
