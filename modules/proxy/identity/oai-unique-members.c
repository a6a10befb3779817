/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-unique-members-private.h"

gboolean
oai_json_has_duplicates (OaiJsonDoc *doc, OaiJsonNode object)
{
  g_autoptr(GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  OaiJsonIter iter;
  OaiJsonNode value;
  const char *name;

  oai_json_iter_init_members (&iter, doc, object);
  while (oai_json_iter_next (&iter, &name, &value))
    {
      if (!g_hash_table_add (names, (char *) name))
        return TRUE;
    }

  return FALSE;
}
