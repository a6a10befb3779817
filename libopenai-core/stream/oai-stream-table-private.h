/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The schema of a stream class, prepared for its events: paths are parsed, signals installed, and
 * events found by their names. */

#pragma once

#include "oai-stream-path-private.h"
#include "oai-stream-schema.h"

G_BEGIN_DECLS

typedef struct
{
  const OaiStreamSignal *signal;
  guint id;              /* of GObject */
  gboolean is_text;      /* a text and nothing but indexes behind it */
  OaiStreamArgument arguments[OAI_STREAM_MAX_ARGUMENTS];
} OaiTableSignal;

typedef struct
{
  OaiPath path;
  gboolean in_reply;
  gboolean is_last;      /* the source, or with in_reply the target, of the verb before */
} OaiTableValue;

typedef struct
{
  guint32 verb;
  guint32 flags;
  guint number;
  OaiPath source;
  OaiPath target;
  char **only;           /* the members of the source that count, or NULL */
  char **except;         /* those that do not, or NULL */
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
  OaiTableEvent *any;    /* for events of all names, or NULL */
  OaiStreamFunction only_function; /* called for each event, if that is all that the schema says; or NULL */
  OaiPath result;
  OaiPath finished;
  OaiPath chunk;
  OaiPath whole;
} OaiStreamTable;

/* For the lifetime of the process, as classes are.  Installs the signals. */
OaiStreamTable *oai_stream_table_new (const OaiStreamSchema *schema, GType type);
/* NULL for an event without rules; name is nullable. */
const OaiTableEvent *oai_stream_table_find (const OaiStreamTable *self, const char *name);
/* What an event is called: by its tag, or else by the name it came with (nullable). */
const char *oai_stream_table_get_name (const OaiStreamTable *self, const char *name, OaiJsonDoc *doc, OaiJsonNode event);
/* Whether the value is one of the events of a stream, and not a whole reply. */
gboolean oai_stream_table_is_chunk (const OaiStreamTable *self, OaiJsonDoc *doc);

G_END_DECLS
