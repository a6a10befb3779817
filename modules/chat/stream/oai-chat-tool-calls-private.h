/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The tool calls of one reply, assembled from deltas of any form. */

#pragma once

#include "oai-delta-fold-private.h"
#include "oai-json-builder-private.h"
#include "oai-json-doc-private.h"
#include "oai-json-value-private.h"
#include "oai-json-writer-private.h"

G_BEGIN_DECLS

#define OAI_CHAT_MAX_INDEX 128

/* Detects when the brackets of the arguments are closed. */
typedef struct
{
  guint depth;
  gboolean in_string;
  gboolean escaped;
  gboolean closed; /* brackets were opened, and all are closed */
  gboolean wrong;  /* other characters follow, or the arguments are not JSON */
} OaiChatBrackets;

typedef struct
{
  guint index;        /* the index that the server sent */
  guint number;       /* a unique index */
  char *id;
  OaiJsonValue *value;
  OaiChatBrackets brackets; /* of the arguments */
  gboolean done;
} OaiChatCallState;

/* Calls in the order of their indexes.  Indexes may be missing, always 0, or not in order; a new id
 * begins a new call. */
typedef struct
{
  GPtrArray *calls;
  OaiChatCallState *newest;
} OaiChatToolCalls;

void oai_chat_tool_calls_init (OaiChatToolCalls *self);
void oai_chat_tool_calls_clear (OaiChatToolCalls *self);
/* Returns the call of a delta, which is created if it is new; NULL with an error for an invalid
 * index.  first: whether the delta is the first of its chunk. */
OaiChatCallState *oai_chat_tool_calls_find (OaiChatToolCalls *self, OaiJsonDoc *doc, OaiJsonNode fragment, gboolean first, GError **error);
/* Returns whether the call is complete.  If not, more of it may arrive, also after deltas of other
 * calls. */
gboolean oai_chat_call_state_is_whole (OaiChatCallState *self);
/* Adds a delta.  Sets arguments to the text that it adds to the arguments or the input of a custom
 * tool, and name to the name of the tool so far.  The caller frees arguments. */
void oai_chat_call_state_add (OaiChatCallState *self, OaiJsonDoc *doc, OaiJsonNode fragment, const char **name, char **arguments);
/* Adds the calls to the open object. */
void oai_chat_tool_calls_build (OaiChatToolCalls *self, OaiJsonBuilder *builder);

/* Reads an index below limit; leaves it unchanged if it is absent or null. */
gboolean oai_chat_read_index (OaiJsonDoc *doc, OaiJsonNode node, const char *what, guint limit, guint *index, gboolean *found, GError **error);

G_END_DECLS
