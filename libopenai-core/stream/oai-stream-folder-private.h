/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Folds events into a reply by the rules of a stream's schema, and emits the signals of the
 * stream. */

#pragma once

#include "oai-client-private.h"
#include "oai-coalescer-private.h"
#include "oai-stream-table-private.h"

G_BEGIN_DECLS

typedef struct
{
  const OaiStreamTable *table;
  gpointer stream;        /* that has the signals; not owned */
  OaiClient *client;      /* of the records; not owned */
  OaiCall *call;          /* the same */
  OaiCoalescer coalescer;
  OaiJsonValue *reply;
  gboolean begun;         /* an event has come */
  gboolean ended;         /* one that completes the reply */
} OaiStreamFolder;

void oai_stream_folder_init (OaiStreamFolder *self, const OaiStreamTable *table, gpointer stream);
void oai_stream_folder_clear (OaiStreamFolder *self);
/* One event; name is nullable. */
gboolean oai_stream_folder_add (OaiStreamFolder *self, const char *name, OaiJsonDoc *doc, OaiJsonNode event, GError **error);
/* Whether the reply is complete by an event, or by what it holds. */
gboolean oai_stream_folder_is_finished (OaiStreamFolder *self);
/* Replaces the result.  Takes the value. */
void oai_stream_folder_set_result (OaiStreamFolder *self, OaiJsonValue *value);
/* Whether a signal has handlers. */
gboolean oai_stream_folder_wants (OaiStreamFolder *self, guint signal);
/* The result so far, or NULL. */
OaiRecord *oai_stream_folder_dup_result (OaiStreamFolder *self);
/* NULL where value is NULL. */
OaiRecord *oai_stream_folder_new_record (OaiStreamFolder *self, GType type, OaiJsonValue *value);

G_END_DECLS
