/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Folds members of chunks.  oai_delta_fold_add() and oai_delta_fold_state() are for members that this
 * library does not know. */

#pragma once

#include "oai-json-doc-private.h"
#include "oai-json-value-private.h"
#include "oai-json-writer-private.h"

G_BEGIN_DECLS

/* Adds a member of a delta.  Texts are joined, except labels, which are repeated in each delta.
 * Lists are merged by the indexes of their elements, or extended.  Numbers are replaced. */
_OAI_INTERNAL
void oai_delta_fold_add (OaiJsonValue *object, const char *name, OaiJsonDoc *doc, OaiJsonNode value);
/* Adds a member that is not a delta, whose newest value replaces the others.  Members of objects
 * and elements of lists that are missing in the newest value are kept. */
_OAI_INTERNAL
void oai_delta_fold_state (OaiJsonValue *object, const char *name, OaiJsonDoc *doc, OaiJsonNode value);
/* Adds a value whose type and meaning are known.  Texts are joined, elements with an index are merged
 * with those of the same index, other elements are appended, and other values are replaced.
 * oai_json_value_accumulate() merges whole deltas of an API whose members are not described: it adds
 * numbers, replaces "type", and rejects a value of another type. */
gboolean oai_delta_fold_known (OaiJsonValue *held, OaiJsonDoc *doc, OaiJsonNode delta, GError **error);

G_END_DECLS
