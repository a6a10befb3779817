/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-atomic-map-private.h"

/* A trie over the hash of the key, two bits a level.  The hash is another number for
 * each key, so that there are no more than 16 levels below the root. */
#define BITS 2

struct _OaiAtomicMapEntry
{
  guint32 key;
  gpointer value; /* atomic; NULL when it was removed */
  OaiAtomicMapEntry *children[1 << BITS]; /* atomic */
};

static inline guint32
hash (guint32 key)
{
  return key * 0x9e3779b1u;
}

/* The entry of the key, or the empty slot for it. */
static OaiAtomicMapEntry **
find_place (OaiAtomicMap *self, guint32 key, OaiAtomicMapEntry **found)
{
  OaiAtomicMapEntry **place = &self->root;
  guint32 bits = hash (key);

  for (*found = g_atomic_pointer_get (place); *found != NULL && (*found)->key != key; *found = g_atomic_pointer_get (place))
    {
      place = &(*found)->children[bits >> (32 - BITS)];
      bits <<= BITS;
    }

  return place;
}

gpointer
oai_atomic_map_lookup (OaiAtomicMap *self, guint32 key)
{
  OaiAtomicMapEntry *found;

  find_place (self, key, &found);

  return found != NULL ? g_atomic_pointer_get (&found->value) : NULL;
}

gpointer
oai_atomic_map_add (OaiAtomicMap *self, guint32 key, gpointer value, GDestroyNotify destroy)
{
  OaiAtomicMapEntry *added = NULL;
  OaiAtomicMapEntry *found;
  OaiAtomicMapEntry **place;

  for (place = find_place (self, key, &found); found == NULL; place = find_place (self, key, &found))
    {
      if (added == NULL)
        {
          added = g_new0 (OaiAtomicMapEntry, 1);
          added->key = key;
          added->value = value;
        }
      if (g_atomic_pointer_compare_and_exchange (place, NULL, added))
        return value;
    }

  g_free (added);
  if (g_atomic_pointer_compare_and_exchange (&found->value, NULL, value))
    return value;

  destroy (value);

  return g_atomic_pointer_get (&found->value);
}

void
oai_atomic_map_remove (OaiAtomicMap *self, guint32 key, GDestroyNotify destroy)
{
  OaiAtomicMapEntry *found;

  find_place (self, key, &found);
  if (found != NULL && found->value != NULL)
    destroy (g_steal_pointer (&found->value));
}

static void
entry_free (OaiAtomicMapEntry *entry, GDestroyNotify destroy)
{
  if (entry == NULL)
    return;

  for (guint i = 0; i < G_N_ELEMENTS (entry->children); i++)
    entry_free (entry->children[i], destroy);
  if (entry->value != NULL)
    destroy (entry->value);
  g_free (entry);
}

void
oai_atomic_map_clear (OaiAtomicMap *self, GDestroyNotify destroy)
{
  entry_free (g_steal_pointer (&self->root), destroy);
}
