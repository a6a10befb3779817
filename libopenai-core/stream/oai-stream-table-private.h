/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The schema of a stream class in a form that is fast to apply: with parsed paths, installed
 * signals, and a hash table of events. */

#pragma once

#include "oai-stream-path-private.h"
#include "oai-stream-schema.h"

G_BEGIN_DECLS

typedef struct
{
  const OaiStreamSignal *signal;
  guint id;              /* of GObject */
  gboolean is_text;      /* the arguments are a text and indexes */
  OaiStreamArgument arguments[OAI_STREAM_MAX_ARGUMENTS];
} OaiTableSignal;

typedef struct
{
  OaiPath path;
  gboolean in_reply;
  gboolean is_last;      /* the source of the previous verb, or with in_reply its target */
} OaiTableValue;

typedef struct
{
  guint32 verb;
  guint32 flags;
  guint number;
  OaiPath source;
  OaiPath target;
  char **only;           /* the members of the source that are used, or NULL for all */
  char **except;         /* the members that are not used, or NULL */
  OaiTableValue values[OAI_STREAM_MAX_ARGUMENTS];
  OaiStreamFunction function;
} OaiTableRule;

typedef struct
{
  const char *name;
  guint32 flags;
  guint n_rules;
  OaiTableRule *rules;
} OaiTableEvent;

typedef struct
{
  OaiStreamSchema schema;
  OaiTableSignal *signals;
  OaiTableEvent *events;
  GHashTable *by_name;   /* name → OaiTableEvent */
  OaiTableEvent *any;    /* for all other events, or NULL */
  OaiStreamFunction only_function; /* the function of a schema that only calls one function for each event; or NULL */
  OaiPath result;
  OaiPath finished;
  OaiPath chunk;
  OaiPath whole;
} OaiStreamTable;

/* Installs the signals.  The table is never freed, since classes are not. */
OaiStreamTable *oai_stream_table_new (const OaiStreamSchema *schema, GType type);
/* Returns NULL for an event without rules; name is nullable. */
const OaiTableEvent *oai_stream_table_find (const OaiStreamTable *self, const char *name);
/* Returns the tag of an event, or its SSE name if it has no tag; nullable. */
const char *oai_stream_table_get_name (const OaiStreamTable *self, const char *name, OaiJsonDoc *doc, OaiJsonNode event);
/* Returns whether the value is one of the events of a stream, and not a whole reply. */
gboolean oai_stream_table_is_chunk (const OaiStreamTable *self, OaiJsonDoc *doc);

G_END_DECLS
