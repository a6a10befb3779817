/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-json-private.h"

G_BEGIN_DECLS

/* A string that begins or ends with one half of a surrogate pair, read as U+FFFD. */
typedef struct
{
  OaiJsonNode node;
  gunichar low;  /* the half that it begins with, or 0 */
  gunichar high; /* the half that it ends with, or 0 */
} OaiJsonHalf;

/* For the parser. */
G_GNUC_INTERNAL
void oai_json_add_half (OaiJsonDoc *doc, OaiJsonNode node, gunichar low, gunichar high);
/* Those of a document; only the first of very many. */
guint oai_json_doc_get_n_halves (OaiJsonDoc *doc);
OaiJsonHalf *oai_json_doc_get_half (OaiJsonDoc *doc, guint i);
/* The string that ends with a half goes on in another document where that has text at the
 * same place: the same members, elements of the same index.  FALSE when it has none; else
 * the character goes to the beginning of that text, if it begins with the other half.
 * Only while nothing was borrowed from either. */
gboolean oai_json_doc_join_half (OaiJsonDoc *doc, const OaiJsonHalf *half, OaiJsonDoc *next);
/* A document with bytes of its own, from one that was just parsed in place and is empty then. */
OaiJsonDoc *oai_json_doc_detach (OaiJsonDoc *doc);

G_END_DECLS
