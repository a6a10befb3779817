/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-gi-scope-private.h"

typedef struct
{
  gpointer memory;
  GDestroyNotify free_func;
  gboolean given;
} Entry;

void
oai_gi_scope_init (OaiGiScope *self)
{
  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
}

gpointer
oai_gi_scope_add (OaiGiScope *self, gpointer memory, GDestroyNotify free_func, gboolean given)
{
  Entry entry = { memory, free_func, given };

  g_array_append_val (self->entries, entry);

  return memory;
}

void
oai_gi_scope_clear (OaiGiScope *self, gboolean called)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = &g_array_index (self->entries, Entry, i);

      if (!called || !entry->given)
        entry->free_func (entry->memory);
    }
  g_array_free (self->entries, TRUE);
  self->entries = NULL;
}
