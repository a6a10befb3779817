/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The JSON parser, which writes the tape of a document. */

#pragma once

#include "oai-json-types-private.h"

G_BEGIN_DECLS

/* Parses the data of a document in place. */
G_GNUC_INTERNAL
gboolean oai_json_parse_document (OaiJsonDoc *doc, gsize length, OaiJsonFlags flags, GError **error);
/* Parses text in the data of a document as a new element of the root, an array that is not a number
 * array. */
G_GNUC_INTERNAL
gboolean oai_json_parse_element (OaiJsonDoc *doc, gsize offset, gsize length, GError **error);

G_END_DECLS
