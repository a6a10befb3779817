/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-tool-name-private.h"

#include <string.h>

#define MAX_LENGTH 64
#define HASH_LENGTH 8

char *
oai_tool_name_new (const char *prefix, const char *name)
{
  g_autofree char *whole = prefix != NULL ? g_strconcat (prefix, "_", name, NULL) : g_strdup (name);
  g_autofree char *valid = g_strdup (whole);
  g_autofree char *hash = NULL;

  g_strcanon (valid, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-", '_');
  if (strlen (valid) <= MAX_LENGTH)
    return g_steal_pointer (&valid);

  hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, whole, -1);

  return g_strdup_printf ("%.*s_%.*s", MAX_LENGTH - HASH_LENGTH - 1, valid, HASH_LENGTH, hash);
}
