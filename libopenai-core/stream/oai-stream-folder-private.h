/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Folds events into a reply as the schema of a stream describes, and emits the signals of the
 * stream. */

#pragma once

#include "oai-client-private.h"
#include "oai-coalescer-private.h"
#include "oai-stream-table-private.h"

G_BEGIN_DECLS

typedef struct
{
  const OaiStreamTable *table;
  gpointer stream;        /* emits the signals; not owned */
  OaiClient *client;      /* for records; not owned */
  OaiCall *call;          /* for records; not owned */
  OaiCoalescer coalescer;
  OaiJsonValue *reply;
  gboolean silent;        /* no signals are emitted */
  gboolean begun;         /* an event has arrived */
  gboolean ended;         /* an event that completes the reply has arrived */
} OaiStreamFolder;

void oai_stream_folder_init (OaiStreamFolder *self, const OaiStreamTable *table, gpointer stream);
void oai_stream_folder_clear (OaiStreamFolder *self);
/* Adds an event; name is nullable. */
gboolean oai_stream_folder_add (OaiStreamFolder *self, const char *name, OaiJsonDoc *doc, OaiJsonNode event, GError **error);
/* Returns whether an event completed the reply, or the members that the schema names are set. */
gboolean oai_stream_folder_is_finished (OaiStreamFolder *self);
/* Replaces the result.  Takes ownership of the value. */
void oai_stream_folder_set_result (OaiStreamFolder *self, OaiJsonValue *value);
/* Returns whether a signal has handlers. */
gboolean oai_stream_folder_wants (OaiStreamFolder *self, guint signal);
/* Returns the result so far, or NULL. */
OaiRecord *oai_stream_folder_dup_result (OaiStreamFolder *self);
/* Returns NULL if value is NULL. */
OaiRecord *oai_stream_folder_new_record (OaiStreamFolder *self, GType type, OaiJsonValue *value);

G_END_DECLS
