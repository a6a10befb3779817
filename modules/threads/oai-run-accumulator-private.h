/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Folds the events of a run into the run, its messages and its steps, and tells
 * what each of them brings. */

#pragma once

#include "oai-json-doc-private.h"
#include "oai-json-hash-private.h"
#include "oai-json-value-private.h"

G_BEGIN_DECLS

typedef struct _OaiRunAccumulator OaiRunAccumulator;

typedef enum
{
  OAI_RUN_NEWS_THREAD_CREATED,
  OAI_RUN_NEWS_RUN_CHANGED,
  OAI_RUN_NEWS_REQUIRES_ACTION,
  OAI_RUN_NEWS_MESSAGE_CREATED,
  OAI_RUN_NEWS_MESSAGE_DELTA,
  OAI_RUN_NEWS_MESSAGE_DONE,
  OAI_RUN_NEWS_TEXT_CREATED,
  OAI_RUN_NEWS_TEXT_DELTA,
  OAI_RUN_NEWS_TEXT_DONE,
  OAI_RUN_NEWS_IMAGE_FILE_DONE,
  OAI_RUN_NEWS_STEP_CREATED,
  OAI_RUN_NEWS_STEP_DELTA,
  OAI_RUN_NEWS_STEP_DONE,
  OAI_RUN_NEWS_TOOL_CALL_CREATED,
  OAI_RUN_NEWS_TOOL_CALL_DELTA,
  OAI_RUN_NEWS_TOOL_CALL_DONE,
  OAI_RUN_N_NEWS
} OaiRunNewsKind;

/* All of it is borrowed until the next event. */
typedef struct
{
  OaiRunNewsKind kind;
  OaiJsonValue *value; /* what it is about, as it is now; NULL for texts */
  OaiJsonDoc *doc;     /* of delta */
  OaiJsonNode delta;   /* what came; for deltas */
  const char *text;    /* what came, or the whole; for texts */
  guint index;         /* of the part of the message; for texts and pictures */
} OaiRunNews;

typedef void (*OaiRunNewsFunc) (const OaiRunNews *news, gpointer user_data);

OaiRunAccumulator *oai_run_accumulator_new (OaiRunNewsFunc func, gpointer user_data);
void oai_run_accumulator_free (OaiRunAccumulator *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiRunAccumulator, oai_run_accumulator_free)

/* One event by its name; names that nobody knows are passed over. */
gboolean oai_run_accumulator_add (OaiRunAccumulator *self, const char *event, OaiJsonDoc *doc, OaiJsonNode data, GError **error);
/* A run in place of events. */
void oai_run_accumulator_set_run (OaiRunAccumulator *self, OaiJsonDoc *doc, OaiJsonNode run);
/* Whether the run is over, or waits for results. */
gboolean oai_run_accumulator_is_finished (OaiRunAccumulator *self);
/* Whether no event told of a run, or of anything that belongs to one. */
gboolean oai_run_accumulator_is_empty (OaiRunAccumulator *self);

/* NULL where there is none. */
OaiJsonValue *oai_run_accumulator_get_run (OaiRunAccumulator *self);
OaiJsonValue *oai_run_accumulator_get_thread (OaiRunAccumulator *self);
guint oai_run_accumulator_get_n_messages (OaiRunAccumulator *self);
OaiJsonValue *oai_run_accumulator_get_message (OaiRunAccumulator *self, guint position);
guint oai_run_accumulator_get_n_steps (OaiRunAccumulator *self);
OaiJsonValue *oai_run_accumulator_get_step (OaiRunAccumulator *self, guint position);
/* The text of a part of the newest message. */
const char *oai_run_accumulator_get_text (OaiRunAccumulator *self, guint index);

G_END_DECLS
