/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Texts of the parts of an item. */

#pragma once

#include "oai-responses-types.h"

G_BEGIN_DECLS

/* Returns a text of the part; NULL for parts of other types. */
typedef const char *(*OaiResponsePartFunc) (OaiResponseContent *part);

/* The text of a message, of the input or of the output. */
const char *oai_response_part_get_text (OaiResponseContent *part);
const char *oai_response_part_get_refusal (OaiResponseContent *part);

/* Joins the texts of the parts; returns NULL if no part has a text. */
char *oai_response_join_parts (GPtrArray *parts, OaiResponsePartFunc get_text, const char *separator);

G_END_DECLS
