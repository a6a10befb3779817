/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Folds members of chunks.  The stateful functions are for members that this library does not know:
 * nothing of them is lost, and nothing is made up. */

#pragma once

#include "oai-json-doc-private.h"
#include "oai-json-value-private.h"
#include "oai-json-writer-private.h"

G_BEGIN_DECLS

/* What was seen of the members of one object.  All zero: nothing yet. */
typedef struct
{
  GHashTable *texts;    /* path → how often the text came; see oai-delta-fold.c */
  GHashTable *elements; /* path with the index of an element → OaiJsonValue, borrowed */
} OaiDeltaFold;

_OAI_INTERNAL
void oai_delta_fold_clear (OaiDeltaFold *self);
/* A member of a delta: texts are joined unless they are a label that is repeated, lists are
 * merged by the indices of their elements or get longer, numbers are replaced. */
_OAI_INTERNAL
void oai_delta_fold_add (OaiDeltaFold *self, OaiJsonValue *object, const char *name, OaiJsonDoc *doc, OaiJsonNode value);
/* A member beside the deltas, whose newest value holds.  Members of objects and elements of
 * lists that do not come again stay. */
_OAI_INTERNAL
void oai_delta_fold_state (OaiJsonValue *object, const char *name, OaiJsonDoc *doc, OaiJsonNode value);
/* A value whose type and meaning are known: text is joined, elements with an index are merged with
 * those of the same index, other elements are appended, anything else is replaced. */
gboolean oai_delta_fold_known (OaiJsonValue *held, OaiJsonDoc *doc, OaiJsonNode delta, GError **error);
/* Appends the elements of a list. */
_OAI_INTERNAL
void oai_delta_fold_append (OaiJsonValue *list, OaiJsonDoc *doc, OaiJsonNode elements);

G_END_DECLS
