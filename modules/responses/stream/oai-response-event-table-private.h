/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The events of a response stream: what each of them changes. */

#pragma once

#include "oai-responses-streams-private.h"

G_BEGIN_DECLS

/* The lists of an item, whose elements have indexes in events. */
typedef enum
{
  OAI_RESPONSE_LIST_NONE,
  OAI_RESPONSE_LIST_CONTENT,
  OAI_RESPONSE_LIST_SUMMARY,
  OAI_RESPONSE_LIST_COMMANDS,
  OAI_RESPONSE_LIST_OUTPUTS
} OaiResponseItemList;

#define OAI_RESPONSE_N_LISTS 5

/* A text of an item that arrives in deltas. */
typedef struct
{
  const char *item_type;
  OaiResponseItemList list;
  const char *part_type;   /* of the element that contains the text; NULL if it has no type */
  const char *object;      /* member of the item that contains the text, or NULL for the item itself */
  const char *member;      /* NULL if the element is the text */
  const char *done_member; /* of the event with the whole text */
  guint delta_signal;
  guint done_signal;
} OaiResponseTextRow;

typedef enum
{
  OAI_RESPONSE_EVENT_RESPONSE,      /* the state of the response */
  OAI_RESPONSE_EVENT_END,           /* the same, and the last event */
  OAI_RESPONSE_EVENT_ITEM_ADDED,
  OAI_RESPONSE_EVENT_ITEM_DONE,
  OAI_RESPONSE_EVENT_PROGRESS,      /* the new status of an item */
  OAI_RESPONSE_EVENT_PART_ADDED,
  OAI_RESPONSE_EVENT_PART_DONE,
  OAI_RESPONSE_EVENT_TEXT_ADDED,
  OAI_RESPONSE_EVENT_TEXT_DELTA,
  OAI_RESPONSE_EVENT_TEXT_DONE,
  OAI_RESPONSE_EVENT_ANNOTATION,
  OAI_RESPONSE_EVENT_OUTPUT_DELTA,  /* output of a command */
  OAI_RESPONSE_EVENT_OUTPUT_DONE,
  OAI_RESPONSE_EVENT_IMAGE,
  OAI_RESPONSE_EVENT_AUDIO,
  OAI_RESPONSE_EVENT_TRANSCRIPT,
  OAI_RESPONSE_EVENT_TRANSCRIPT_DONE
} OaiResponseEventKind;

typedef struct
{
  const char *name;
  OaiResponseEventKind kind;
  const OaiResponseTextRow *text; /* of events of texts and annotations */
  OaiResponseItemList list;        /* of events of parts and outputs */
  const char *item_type;       /* of the item that the event may change; NULL for any */
  const char *status;          /* of PROGRESS */
  gboolean keeps_status;       /* of PROGRESS: the item has no such status */
} OaiResponseEventRow;

/* Returns NULL for events that do not change the response. */
const OaiResponseEventRow *oai_response_event_table_find (const char *name);
/* Returns the texts that items have. */
const OaiResponseTextRow *oai_response_event_table_get_texts (guint *n_texts);

G_END_DECLS
