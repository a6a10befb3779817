/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An item of a session: a message, the reasoning of a model, a tool call or an image. */

#pragma once

#include "oai-record.h"
#include "oai-tool-call.h"

G_BEGIN_DECLS

/**
 * OaiSessionItemKind:
 * @OAI_SESSION_ITEM_KIND_MESSAGE: a message of the user, the model or the program
 * @OAI_SESSION_ITEM_KIND_REASONING: reasoning of the model
 * @OAI_SESSION_ITEM_KIND_TOOL_CALL: a tool call of the model, with its result
 * @OAI_SESSION_ITEM_KIND_IMAGE: an image that the model generated
 * @OAI_SESSION_ITEM_KIND_COMPACTION: a shorter form of all items before it, which replaces them in requests
 * @OAI_SESSION_ITEM_KIND_OTHER: another item of the API, such as a search that the server performed
 *
 * The kind of an item of a session.
 *
 * Since: 1.0
 */
typedef enum
{
  OAI_SESSION_ITEM_KIND_MESSAGE,
  OAI_SESSION_ITEM_KIND_REASONING,
  OAI_SESSION_ITEM_KIND_TOOL_CALL,
  OAI_SESSION_ITEM_KIND_IMAGE,
  OAI_SESSION_ITEM_KIND_COMPACTION,
  OAI_SESSION_ITEM_KIND_OTHER
} OaiSessionItemKind;

/**
 * OaiSessionItemState:
 * @OAI_SESSION_ITEM_STATE_IN_PROGRESS: the item is being received, or the tool has not completed
 * @OAI_SESSION_ITEM_STATE_COMPLETE: the item is complete
 * @OAI_SESSION_ITEM_STATE_INCOMPLETE: the reply ended within the item, or the tool call was cancelled
 * @OAI_SESSION_ITEM_STATE_FAILED: the tool failed, or its call was denied
 *
 * The state of an item of a session.
 *
 * Since: 1.0
 */
typedef enum
{
  OAI_SESSION_ITEM_STATE_IN_PROGRESS,
  OAI_SESSION_ITEM_STATE_COMPLETE,
  OAI_SESSION_ITEM_STATE_INCOMPLETE,
  OAI_SESSION_ITEM_STATE_FAILED
} OaiSessionItemState;

#define OAI_TYPE_SESSION_ITEM (oai_session_item_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiSessionItem, oai_session_item, OAI, SESSION_ITEM, GObject)

OAI_AVAILABLE_IN_1_0
OaiSessionItemKind oai_session_item_get_kind (OaiSessionItem *self);
OAI_AVAILABLE_IN_1_0
OaiSessionItemState oai_session_item_get_state (OaiSessionItem *self);
OAI_AVAILABLE_IN_1_0
const char *oai_session_item_get_role (OaiSessionItem *self);
OAI_AVAILABLE_IN_1_0
const char *oai_session_item_get_text (OaiSessionItem *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_session_item_is_refusal (OaiSessionItem *self);
OAI_AVAILABLE_IN_1_0
OaiToolCall *oai_session_item_get_call (OaiSessionItem *self);
OAI_AVAILABLE_IN_1_0
OaiRecord *oai_session_item_get_record (OaiSessionItem *self);
OAI_AVAILABLE_IN_1_0
GDateTime *oai_session_item_get_created_at (OaiSessionItem *self);
OAI_AVAILABLE_IN_1_0
GPtrArray *oai_session_item_dup_images (OaiSessionItem *self);
OAI_AVAILABLE_IN_1_0
GObject *oai_session_item_parse (OaiSessionItem *self, GType type, GError **error);

G_END_DECLS
