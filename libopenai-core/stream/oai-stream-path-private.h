/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Paths in events and in replies, such as "choices[index].text".  oai-stream-schema.h describes
 * them. */

#pragma once

#include "oai-json-doc-private.h"
#include "oai-json-value-private.h"

G_BEGIN_DECLS

/* The highest index that an event may contain, and the highest position; missing elements before a
 * position are added. */
#define OAI_STREAM_MAX_INDEX 4096
#define OAI_STREAM_MAX_POSITION 1024

typedef enum
{
  OAI_PATH_MEMBER,   /* name */
  OAI_PATH_ALL,      /* [] */
  OAI_PATH_LAST,     /* [-1] */
  OAI_PATH_KEY,      /* [name]: the element whose member name has the same value as in the event */
  OAI_PATH_POSITION, /* [#name]: the element whose position is the value of the member name of the event */
  OAI_PATH_NUMBERED  /* [name=number]: the element whose member name is number; [#=number]: its position */
} OaiPathStepKind;

typedef struct
{
  guint8 kind; /* OaiPathStepKind */
  char *name;
  guint number;
} OaiPathStep;

typedef struct
{
  OaiPathStep *steps;
  guint n_steps;
} OaiPath;

/* NULL and "." are paths without steps. */
void oai_path_init (OaiPath *self, const char *text);
void oai_path_clear (OaiPath *self);

/* Finds a node of an event.  The path may contain only members. */
OaiJsonNode oai_path_get_node (const OaiPath *self, OaiJsonDoc *doc, OaiJsonNode node);
/* Finds a value of a reply, or NULL.  The event, if there is one, selects elements. */
OaiJsonValue *oai_path_get_value (const OaiPath *self, OaiJsonValue *value, OaiJsonDoc *doc, OaiJsonNode event);
/* The same, but creates the value if it does not exist, and sets *made.  Returns NULL with an error
 * for an index that is too high. */
OaiJsonValue *oai_path_ensure_value (const OaiPath *self, OaiJsonValue *value, OaiJsonDoc *doc, OaiJsonNode event, guint position, gboolean *made, GError **error);
/* Returns whether there is a value at the path, and all of them are strings that are not empty. */
gboolean oai_path_is_filled (const OaiPath *self, OaiJsonValue *value);

/* Reads an index of an event, from 0 to OAI_STREAM_MAX_INDEX; fallback if it has none. */
gboolean oai_path_read_index (OaiJsonDoc *doc, OaiJsonNode node, guint fallback, guint *index, GError **error);

G_END_DECLS
