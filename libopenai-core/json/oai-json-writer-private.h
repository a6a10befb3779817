/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Writes values as JSON text. */

#pragma once

#include "oai-json-types-private.h"

G_BEGIN_DECLS

/* Appends a value of a document.  Numbers keep their digits. */
_OAI_INTERNAL
void oai_json_write_node (GString *out, OaiJsonDoc *doc, OaiJsonNode node);
/* Returns the same as a new string. */
_OAI_INTERNAL
char *oai_json_dup_node (OaiJsonDoc *doc, OaiJsonNode node);
/* Returns text for a value that should be a string: the digits of a number, or the JSON of an
 * object; NULL for other values. */
G_GNUC_INTERNAL
char *oai_json_dup_text (OaiJsonDoc *doc, OaiJsonNode node);
/* Appends a string in quotes.  Each invalid sequence of UTF-8 is replaced by U+FFFD. */
_OAI_INTERNAL
void oai_json_write_string (GString *out, const char *text, gssize length);

G_END_DECLS
