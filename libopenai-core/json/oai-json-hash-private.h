/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Hash tables of names that come from servers. */

#pragma once

#include <glib.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* A GHashFunc for names that come from servers.  Its key is random for each process, so
 * that a server cannot choose names whose hashes collide. */
_OAI_INTERNAL
guint oai_json_hash_name (gconstpointer name);

G_END_DECLS
