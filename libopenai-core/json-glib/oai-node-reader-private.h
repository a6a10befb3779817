/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* JSON text to nodes of json-glib.  Its own parser is not used, since it truncates integers to
 * 64 bits. */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* json: the text of a record or of one of its members, which is valid JSON. */
JsonNode *oai_node_read (const char *json);

G_END_DECLS
