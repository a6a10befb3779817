/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The identifiers of the calls of one reply.  Servers reject results whose call is not unique. */

#pragma once

#include <glib.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* Free with g_hash_table_unref(). */
static inline GHashTable *
oai_call_ids_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/* Adds the identifier of the next call.  Returns a new identifier for the call if it has none, or that of an earlier
 * call; else NULL.  id: nullable */
_OAI_INTERNAL
char *oai_call_ids_add (GHashTable *ids, const char *id);

G_END_DECLS
