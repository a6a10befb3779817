/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Functions of OaiSessionItem for sessions.  Each function that changes a property notifies; a
 * handler may stop the session or release the item. */

#pragma once

#include "oai-session-item.h"

G_BEGIN_DECLS

typedef enum
{
  OAI_SESSION_ITEM_NOT_STORED,
  OAI_SESSION_ITEM_STORED, /* by the server of the session */
  OAI_SESSION_ITEM_FOREIGN /* sent to another server before; that of the session cannot read identifiers and what is encrypted */
} OaiSessionItemStorage;

/* Appends the images that a record contains, as URLs or as Base64, which has no scheme: const char *, nullable. */
typedef void (*OaiSessionListImages) (OaiRecord *record, GPtrArray *images);

/* role: nullable */
_OAI_INTERNAL
OaiSessionItem *oai_session_item_new (OaiSessionItemKind kind, const char *role);
_OAI_INTERNAL
void oai_session_item_append_text (OaiSessionItem *self, const char *text);
/* Sets the last text and the record of an item, and its call, or its state if call is NULL.  text: nullable */
_OAI_INTERNAL
void oai_session_item_seal (OaiSessionItem *self, OaiRecord *record, const char *text, OaiToolCall *call, OaiSessionItemState state);
/* text: nullable */
void oai_session_item_set_text (OaiSessionItem *self, const char *text);
_OAI_INTERNAL
void oai_session_item_set_refusal (OaiSessionItem *self, gboolean refusal);
void oai_session_item_set_state (OaiSessionItem *self, OaiSessionItemState state);
/* Several items of one reply can have the same record. */
void oai_session_item_set_record (OaiSessionItem *self, OaiRecord *record);
/* The state of the item follows that of the call from now on. */
void oai_session_item_set_call (OaiSessionItem *self, OaiToolCall *call);
/* Returns a new item with the same record.  A call that has not ended is cancelled in the copy. */
OaiSessionItem *oai_session_item_copy (OaiSessionItem *self);
/* Whether the item has a call that has not ended. */
gboolean oai_session_item_has_open_call (OaiSessionItem *self);
/* Whether the item is a message with this role. */
gboolean oai_session_item_is_message (OaiSessionItem *self, const char *role);
void oai_session_item_set_created_at (OaiSessionItem *self, GDateTime *created_at);

/* The position of an item in the reply that is being received, by which it is found again. */
guint oai_session_item_get_index (OaiSessionItem *self);
void oai_session_item_set_index (OaiSessionItem *self, guint index);

/* The identifier of the reply to which the item belongs; nullable.  stored: whether the server stores
 * the reply and everything before it, so that it can be continued by its identifier. */
_OAI_INTERNAL
const char *oai_session_item_get_reply_id (OaiSessionItem *self);
_OAI_INTERNAL
OaiSessionItemStorage oai_session_item_get_storage (OaiSessionItem *self);

static inline gboolean
oai_session_item_is_stored (OaiSessionItem *self)
{
  return oai_session_item_get_storage (self) == OAI_SESSION_ITEM_STORED;
}

static inline gboolean
oai_session_item_is_foreign (OaiSessionItem *self)
{
  return oai_session_item_get_storage (self) == OAI_SESSION_ITEM_FOREIGN;
}

_OAI_INTERNAL
void oai_session_item_set_reply (OaiSessionItem *self, const char *reply_id, gboolean stored);
void oai_session_item_forget_stored (OaiSessionItem *self);
/* Increases with each change of what is saved. */
guint oai_session_item_get_n_changes (OaiSessionItem *self);
void oai_session_item_set_foreign (OaiSessionItem *self);
/* list_images: that of the session to which the item belongs; nullable */
void oai_session_item_set_list_images (OaiSessionItem *self, OaiSessionListImages list_images);

/* Returns the form of a text in which case and composition of characters make no difference. */
char *oai_session_item_fold (const char *text);
/* Whether the text contains all words, which are folded. */
gboolean oai_session_item_contains (OaiSessionItem *self, const char *const *words);

G_END_DECLS
