/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Folds members of chunks that this library does not know, without knowledge of their meaning. */

#pragma once

#include "oai-json-doc-private.h"
#include "oai-json-value-private.h"
#include "oai-json-writer-private.h"

G_BEGIN_DECLS

/* The state of the members of an object; zeroed at the beginning. */
typedef struct
{
  GHashTable *texts;    /* path → how often the text arrived; see oai-chat-fold.c */
  GHashTable *elements; /* path with the index of an element → OaiJsonValue, borrowed */
} OaiChatFold;

void oai_chat_fold_clear (OaiChatFold *self);
/* Adds a member of a delta.  Texts are joined, except labels, which are repeated in each delta.
 * Lists are merged by the indexes of their elements, or extended.  Numbers are replaced. */
void oai_chat_fold_delta (OaiChatFold *self, OaiJsonValue *object, const char *name, OaiJsonDoc *doc, OaiJsonNode value);
/* Adds a member that is not a delta, whose newest value replaces the others.  Members of objects
 * and elements of lists that are missing in the newest value are kept. */
void oai_chat_fold_state (OaiJsonValue *object, const char *name, OaiJsonDoc *doc, OaiJsonNode value);

G_END_DECLS
