/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The events of a stream begin alike: with the same identifier, model and index of the choice.  For
 * a document that is parsed repeatedly, this is the text up to the first name of an object within
 * the previous text, and the cells of that text.  If the next text begins with the same bytes, the
 * parser copies the cells, and continues after them. */

#pragma once

#include "oai-json-tape-private.h"

G_BEGIN_DECLS

/* Where the parser continues. */
typedef struct
{
  gsize offset;    /* of the quote of the first name */
  guint32 n_cells; /* the last one is that of the innermost open object, which has no members yet */
  guint depth;     /* the number of open containers */
} OaiJsonResumption;

/* Stores the beginning of a text that was parsed.  verbatim: the number of bytes at its start whose
 * strings contain no escapes and no replaced bytes. */
G_GNUC_INTERNAL
void oai_json_beginning_store (OaiJsonDoc *doc, gsize verbatim, OaiJsonFlags flags);
/* If the text begins with the stored bytes, fills in the cells and returns TRUE. */
G_GNUC_INTERNAL
gboolean oai_json_beginning_apply (OaiJsonDoc *doc, gsize length, OaiJsonFlags flags, OaiJsonResumption *resumption);
G_GNUC_INTERNAL
void oai_json_beginning_free (OaiJsonBeginning *self);

G_END_DECLS
