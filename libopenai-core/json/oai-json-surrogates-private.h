/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lone surrogates: servers that split text by UTF-16 units send the high surrogate of a
 * pair at the end of a delta, and the low surrogate at the beginning of the next. */

#pragma once

#include "oai-json-tape-private.h"

G_BEGIN_DECLS

/* Returns the number of strings of a document that begin or end with a lone surrogate; at most
 * 128. */
guint oai_json_doc_get_n_surrogates (OaiJsonDoc *doc);
OaiJsonSurrogates *oai_json_doc_get_surrogates (OaiJsonDoc *doc, guint i);
/* Finds the string of the next document that continues the string with the surrogates: it has the
 * same path of members and of elements with the same index.  Returns FALSE if there is none.  If that
 * string begins with a low surrogate, moves the character there.  Must not be called after values of
 * a document were borrowed. */
gboolean oai_json_doc_join_surrogates (OaiJsonDoc *doc, const OaiJsonSurrogates *surrogates, OaiJsonDoc *next);

G_END_DECLS
