/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The tool calls of one reply, put together from fragments of any shape. */

#pragma once

#include "oai-chat-fold-private.h"
#include "oai-json-doc-private.h"
#include "oai-json-value-private.h"
#include "oai-json-writer-private.h"

G_BEGIN_DECLS

#define OAI_CHAT_MAX_INDEX 128

/* How far the brackets of arguments are closed, as they arrive. */
typedef struct
{
  guint depth;
  gboolean in_string;
  gboolean escaped;
  gboolean closed; /* they were opened, and all are closed */
  gboolean wrong;  /* something follows, or they are no JSON after all */
} OaiChatBrackets;

typedef struct
{
  guint index;        /* where the call stands in the message, says the server */
  guint number;       /* the same, but no other call has it */
  char *id;
  OaiJsonValue *value;
  OaiChatFold fold;         /* of members of value that this library does not know */
  OaiChatFold payload_fold; /* the same of "function" or "custom" within it */
  OaiChatBrackets brackets; /* of the arguments */
  gboolean done;
} OaiChatCallState;

/* Calls in the order of their places.  An index is free to be missing, to be
 * always 0 and to come out of order: a new id opens a new call. */
typedef struct
{
  GPtrArray *calls;
  OaiChatCallState *newest;
} OaiChatToolCalls;

void oai_chat_tool_calls_init (OaiChatToolCalls *self);
void oai_chat_tool_calls_clear (OaiChatToolCalls *self);
/* The call that a fragment belongs to, made where it is new; NULL with an error for
 * an index that cannot be one.  first: of its chunk. */
OaiChatCallState *oai_chat_tool_calls_find (OaiChatToolCalls *self, OaiJsonDoc *doc, OaiJsonNode fragment, gboolean first, GError **error);
/* Whether more of the call may come: other calls between its fragments say nothing. */
gboolean oai_chat_call_state_is_whole (OaiChatCallState *self);
/* Adds the fragment; sets what it adds to the arguments (or to the input of a custom
 * tool) and the tool's name so far.  arguments is to be freed. */
void oai_chat_call_state_add (OaiChatCallState *self, OaiJsonDoc *doc, OaiJsonNode fragment, const char **name, char **arguments);
void oai_chat_tool_calls_write (OaiChatToolCalls *self, GString *out);

/* An index that servers may send, below limit: absent and null are fine and leave it alone. */
gboolean oai_chat_read_index (OaiJsonDoc *doc, OaiJsonNode node, const char *what, guint limit, guint *index, gboolean *found, GError **error);

G_END_DECLS
