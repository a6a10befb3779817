/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Nodes of json-glib to JSON text.  Its own generator is not used, since it writes numbers that
 * are not JSON, such as "1e+22.0" and "inf.0". */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* FALSE if JSON cannot express the node. */
gboolean oai_node_write (GString *json, JsonNode *node, GError **error);

G_END_DECLS
