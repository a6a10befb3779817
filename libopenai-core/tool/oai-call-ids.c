/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-call-ids-private.h"

char *
oai_call_ids_add (GHashTable *ids, const char *id)
{
  g_autofree char *uuid = NULL;
  char *replacement;

  if (id != NULL && *id != '\0' && g_hash_table_add (ids, g_strdup (id)))
    return NULL;

  uuid = g_uuid_string_random ();
  replacement = g_strconcat ("call_", uuid, NULL);
  g_hash_table_add (ids, g_strdup (replacement));

  return replacement;
}
