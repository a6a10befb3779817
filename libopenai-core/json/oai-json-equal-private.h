/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Comparison of JSON values. */

#pragma once

#include "oai-json-types-private.h"

G_BEGIN_DECLS

/* Compares two values: numbers by value, members in any order; of members with the same name
 * the last one counts. */
G_GNUC_INTERNAL
gboolean oai_json_equal (OaiJsonDoc *a, OaiJsonNode node_a, OaiJsonDoc *b, OaiJsonNode node_b);

G_END_DECLS
