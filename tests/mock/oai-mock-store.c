/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-mock-private.h"

/* Stores collections of JSON objects with an `id`, in order of creation, and bytes by id. */
struct _OaiMockStore {
  GHashTable *collections;
  GHashTable *bytes;
  guint serial;
};

OaiMockStore *
_oai_mock_store_new (void)
{
  OaiMockStore *self = g_new0 (OaiMockStore, 1);

  self->collections = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  self->bytes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);

  return self;
}

void
_oai_mock_store_free (OaiMockStore *self)
{
  g_hash_table_unref (self->collections);
  g_hash_table_unref (self->bytes);
  g_free (self);
}

/* An id is a prefix and a serial number, so that ids are the same in each run. */
char *
_oai_mock_store_new_id (OaiMockStore *self, const char *prefix)
{
  return g_strdup_printf ("%s%08u", prefix, ++self->serial);
}

/* Each created object advances the time by one second. */
gint64
_oai_mock_store_now (OaiMockStore *self)
{
  return OAI_MOCK_EPOCH + self->serial;
}

GPtrArray *
_oai_mock_store_items (OaiMockStore *self, const char *collection)
{
  GPtrArray *items = g_hash_table_lookup (self->collections, collection);

  if (items == NULL)
    {
      items = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
      g_hash_table_insert (self->collections, g_strdup (collection), items);
    }

  return items;
}

/* Takes @object. */
void
_oai_mock_store_add (OaiMockStore *self, const char *collection, JsonObject *object)
{
  g_ptr_array_add (_oai_mock_store_items (self, collection), object);
}

static gboolean
find (GPtrArray *items, const char *id, guint *index)
{
  for (guint i = 0; i < items->len; i++)
    if (g_strcmp0 (oai_mock_get_string (g_ptr_array_index (items, i), "id"), id) == 0)
      {
        *index = i;
        return TRUE;
      }

  return FALSE;
}

JsonObject *
_oai_mock_store_get (OaiMockStore *self, const char *collection, const char *id)
{
  GPtrArray *items = _oai_mock_store_items (self, collection);
  guint index;

  return find (items, id, &index) ? g_ptr_array_index (items, index) : NULL;
}

gboolean
_oai_mock_store_remove (OaiMockStore *self, const char *collection, const char *id)
{
  GPtrArray *items = _oai_mock_store_items (self, collection);
  guint index;

  if (!find (items, id, &index))
    return FALSE;
  g_ptr_array_remove_index (items, index);

  return TRUE;
}

void
_oai_mock_store_remove_all (OaiMockStore *self, const char *collection)
{
  g_hash_table_remove (self->collections, collection);
}

void
_oai_mock_store_set_bytes (OaiMockStore *self, const char *id, GBytes *bytes)
{
  g_hash_table_replace (self->bytes, g_strdup (id), g_bytes_ref (bytes));
}

GBytes *
_oai_mock_store_get_bytes (OaiMockStore *self, const char *id)
{
  return g_hash_table_lookup (self->bytes, id);
}

void
_oai_mock_store_remove_bytes (OaiMockStore *self, const char *id)
{
  g_hash_table_remove (self->bytes, id);
}
