/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lone surrogates: servers that split text by UTF-16 units send one half of a surrogate
 * pair at the end of a delta, and the other at the beginning of the next. */

#pragma once

#include "oai-json-tape-private.h"

G_BEGIN_DECLS

/* Returns the number of lone surrogates at the beginning or end of strings of a document; at most
 * 128. */
guint oai_json_doc_get_n_halves (OaiJsonDoc *doc);
OaiJsonHalf *oai_json_doc_get_half (OaiJsonDoc *doc, guint i);
/* Finds the string of the next document that continues the string with the half: it has the same
 * path of members and of elements with the same index.  Returns FALSE if there is none.  If that
 * string begins with the other half, moves the character there.  Must not be called after values of
 * a document were borrowed. */
gboolean oai_json_doc_join_half (OaiJsonDoc *doc, const OaiJsonHalf *half, OaiJsonDoc *next);
/* Moves a document that was just parsed into one that owns its bytes; doc is empty then. */
OaiJsonDoc *oai_json_doc_detach (OaiJsonDoc *doc);

G_END_DECLS
