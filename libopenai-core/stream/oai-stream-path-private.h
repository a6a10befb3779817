/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Paths of a stream's schema, such as "choices[index].text": in an event, and in the reply that
 * events are folded into.  oai-stream-schema.h describes them. */

#pragma once

#include "oai-json-doc-private.h"
#include "oai-json-value-private.h"

G_BEGIN_DECLS

/* The highest index of an element that an event may name, and the highest position, up to which
 * missing elements are added. */
#define OAI_STREAM_MAX_INDEX 4096
#define OAI_STREAM_MAX_POSITION 1024

typedef enum
{
  OAI_PATH_MEMBER,   /* name */
  OAI_PATH_ALL,      /* [] */
  OAI_PATH_LAST,     /* [-1] */
  OAI_PATH_KEY,      /* [name]: the element with the value that the event has in name */
  OAI_PATH_POSITION, /* [#name]: the element at the position that the event has in name */
  OAI_PATH_NUMBERED  /* [name=number]: the element that has the number in name; [#=number] by position */
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

/* NULL and "." are a path without steps. */
void oai_path_init (OaiPath *self, const char *text);
void oai_path_clear (OaiPath *self);

/* In an event; only members. */
OaiJsonNode oai_path_get_node (const OaiPath *self, OaiJsonDoc *doc, OaiJsonNode node);
/* In a reply; NULL where there is nothing.  Elements by the members of the event, if one is given. */
OaiJsonValue *oai_path_get_value (const OaiPath *self, OaiJsonValue *value, OaiJsonDoc *doc, OaiJsonNode event);
/* The same, which is made where there is nothing; sets whether it was.  NULL with an error for an
 * index that no reply has. */
OaiJsonValue *oai_path_ensure_value (const OaiPath *self, OaiJsonValue *value, OaiJsonDoc *doc, OaiJsonNode event, guint position, gboolean *made, GError **error);
/* Whether all values at the path are strings that are not empty, and there is one. */
gboolean oai_path_is_filled (const OaiPath *self, OaiJsonValue *value);

/* An index that an event has, from 0 up to OAI_STREAM_MAX_INDEX; fallback where it has none. */
gboolean oai_path_read_index (OaiJsonDoc *doc, OaiJsonNode node, guint fallback, guint *index, GError **error);

G_END_DECLS
