/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An item of the output while it arrives. */

#pragma once

#include "oai-response-event-table-private.h"

G_BEGIN_DECLS

/* An element of a list of an item. */
typedef struct
{
  guint index;        /* according to the events; some servers do not begin with 0 */
  gboolean text_done; /* its text is complete */
} OaiResponsePartState;

typedef struct
{
  guint index;         /* according to the events */
  OaiJsonValue *value; /* owned */
  gboolean done;       /* the whole item has arrived */
  gboolean text_done;  /* the text that belongs to no list is complete */
  GArray *parts[OAI_RESPONSE_N_LISTS]; /* OaiResponsePartState, for each element of the list; NULL if there are none */
} OaiResponseItemState;

/* Takes ownership of the value. */
OaiResponseItemState *oai_response_item_state_new (guint index, OaiJsonValue *value);
void oai_response_item_state_free (OaiResponseItemState *self);

/* Returns a text of the item, or NULL. */
const char *oai_response_item_state_get_string (OaiResponseItemState *self, const char *member);
/* Replaces the members of an item or a part by those of its newest state.  Members that are absent,
 * null or empty in it are kept. */
void oai_response_value_update (OaiJsonValue *object, OaiJsonDoc *doc, OaiJsonNode node);

/* Returns the elements of an item in a document; OAI_JSON_NONE if there are none. */
OaiJsonNode oai_response_list_get_node (OaiResponseItemList list, OaiJsonDoc *doc, OaiJsonNode item);

/* Returns the position of the element with an index; -1 if there is none. */
int oai_response_item_state_find_part (OaiResponseItemState *self, OaiResponseItemList list, guint index);
/* Appends an element.  Returns its position, or -1 with an error if the index is not higher than
 * that of the last element.  Takes ownership of the value. */
int oai_response_item_state_add_part (OaiResponseItemState *self, OaiResponseItemList list, guint index, OaiJsonValue *value, GError **error);
/* Returns the index of the next element. */
guint oai_response_item_state_get_next_index (OaiResponseItemState *self, OaiResponseItemList list);
guint oai_response_item_state_get_n_parts (OaiResponseItemState *self, OaiResponseItemList list);
OaiResponsePartState *oai_response_item_state_get_part (OaiResponseItemState *self, OaiResponseItemList list, guint position);
OaiJsonValue *oai_response_item_state_get_part_value (OaiResponseItemState *self, OaiResponseItemList list, guint position);

/* Returns the text of the item, or of the element at a position; NULL if there is none. */
OaiJsonValue *oai_response_item_state_get_text (OaiResponseItemState *self, const OaiResponseTextRow *text, guint position);
/* The same, but creates an empty text if there is none.  The element must exist. */
OaiJsonValue *oai_response_item_state_ensure_text (OaiResponseItemState *self, const OaiResponseTextRow *text, guint position);
/* Returns the address of the flag whether the text is complete; valid until an element is added. */
gboolean *oai_response_item_state_get_text_done (OaiResponseItemState *self, const OaiResponseTextRow *text, guint position);

void oai_response_set_index_error (GError **error);

G_END_DECLS
