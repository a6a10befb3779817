/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Folds the events of a stream into a response, and emits the signals of the stream. */

#pragma once

#include "oai-base64-private.h"
#include "oai-response-item-state-private.h"

G_BEGIN_DECLS

/* The text that the newest delta was added to. */
typedef struct
{
  const OaiResponseTextRow *text; /* NULL for none */
  guint output_index;
  guint part_index;
  OaiJsonValue *value;         /* borrowed; valid until another event changes an item */
} OaiResponseCurrentText;

/* The state of a response stream. */
typedef struct
{
  OaiStream *stream;      /* not owned */
  OaiJsonValue *response; /* members of the response, except the output */
  GPtrArray *items;       /* OaiResponseItemState, in the order of the output */
  OaiResponseCurrentText current;
  const OaiResponseEventRow *row; /* of the newest event; or NULL */
  OaiBase64Decoder audio; /* buffers an incomplete group of characters */
  GString *transcript;    /* of the audio */
  guint n_skipped;        /* empty outputs of commands */
  gint64 sequence_number; /* of the newest event that has one; -1 for none */
  gint64 starting_after;  /* the events up to this number are not reported; -1 for none */
  gboolean resumed;       /* another request continues the stream; events may be repeated */
  gboolean ended;         /* the last event of the response has arrived */
} OaiResponseAccumulator;

void oai_response_accumulator_init (OaiStream *stream, gpointer self);
void oai_response_accumulator_clear (gpointer self);

/* Returns whether a stream that was resumed got another response than before. */
gboolean oai_response_accumulator_is_other (OaiResponseAccumulator *self, OaiJsonDoc *doc, OaiJsonNode response);
/* Fails for such a response. */
gboolean oai_response_accumulator_check_response (OaiResponseAccumulator *self, OaiJsonDoc *doc, OaiJsonNode response, GError **error);
/* Fails for an event that is an error, or belongs to another response, or another item than the one that it
 * names.  Called before the program gets the event as a record. */
gboolean oai_response_accumulator_check (OaiResponseAccumulator *self, OaiJsonDoc *doc, OaiJsonNode event, GError **error);
/* Adds an event; name, which is nullable, is used if the event has no type. */
gboolean oai_response_accumulator_add (OaiResponseAccumulator *self, const char *name, OaiJsonDoc *doc, OaiJsonNode event, GError **error);
/* Returns the item with an index, or NULL. */
OaiResponseItemState *oai_response_accumulator_get_item (OaiResponseAccumulator *self, guint index);
/* Adds the response so far to a builder without a root.  Returns FALSE if none has arrived. */
gboolean oai_response_accumulator_build (OaiResponseAccumulator *self, OaiJsonBuilder *builder);

G_END_DECLS
