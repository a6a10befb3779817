/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* JSON text from values. */

#pragma once

#include "oai-json-types-private.h"

G_BEGIN_DECLS

/* Appends a value of a document.  Numbers keep their digits. */
_OAI_INTERNAL
void oai_json_write_node (GString *out, OaiJsonDoc *doc, OaiJsonNode node);
/* The same as text of its own. */
char *oai_json_dup_node (OaiJsonDoc *doc, OaiJsonNode node);
/* Text for a value where a string is expected and servers send a number or an object: its
 * digits or its JSON; NULL for any other value. */
G_GNUC_INTERNAL
char *oai_json_dup_text (OaiJsonDoc *doc, OaiJsonNode node);
/* Appends a string in quotes.  Each invalid sequence of UTF-8 is replaced by U+FFFD. */
void oai_json_write_string (GString *out, const char *text, gssize length);

G_END_DECLS
