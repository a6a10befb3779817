/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-identity-cache-private.h"

#include <string.h>

typedef struct
{
  OaiDigest digest;
  OaiProxyIdentity *identity;
  gint64 expires;
} Entry;

struct _OaiIdentityCache
{
  GHmac *hmac;
  GHashTable *entries; /* OaiDigest, at the beginning of its Entry */
  guint max_entries;
};

static void
entry_free (gpointer data)
{
  Entry *self = data;

  g_clear_object (&self->identity);
  g_free (self);
}

OaiIdentityCache *
oai_identity_cache_new (guint max_entries)
{
  OaiIdentityCache *self = g_new0 (OaiIdentityCache, 1);

  self->hmac = oai_digest_new_random_hmac ();
  self->entries = g_hash_table_new_full (oai_digest_hash, oai_digest_equal, entry_free, NULL);
  self->max_entries = max_entries;

  return self;
}

void
oai_identity_cache_free (OaiIdentityCache *self)
{
  g_hash_table_unref (self->entries);
  g_hmac_unref (self->hmac);
  g_free (self);
}

void
oai_identity_cache_compute (OaiIdentityCache *self, const char *token, OaiDigest *digest)
{
  oai_digest_compute (digest, self->hmac, token, strlen (token));
}

gboolean
oai_identity_cache_find (OaiIdentityCache *self, const OaiDigest *digest, gint64 now, OaiProxyIdentity **identity)
{
  Entry *entry = g_hash_table_lookup (self->entries, digest);

  if (entry == NULL)
    return FALSE;
  if (entry->expires <= now)
    {
      g_hash_table_remove (self->entries, digest);
      return FALSE;
    }

  *identity = entry->identity;

  return TRUE;
}

static gboolean
has_expired (gpointer key, gpointer value, gpointer now)
{
  Entry *entry = key;

  return entry->expires <= *(gint64 *) now;
}

void
oai_identity_cache_add (OaiIdentityCache *self, const OaiDigest *digest, OaiProxyIdentity *identity, gint64 now, gint64 expires)
{
  Entry *entry;

  if (expires <= now)
    return;
  if (g_hash_table_size (self->entries) >= self->max_entries)
    g_hash_table_foreach_remove (self->entries, has_expired, &now);
  if (g_hash_table_size (self->entries) >= self->max_entries)
    g_hash_table_remove_all (self->entries);

  entry = g_new0 (Entry, 1);
  entry->digest = *digest;
  g_set_object (&entry->identity, identity);
  entry->expires = expires;
  g_hash_table_replace (self->entries, entry, entry);
}

void
oai_identity_cache_clear (OaiIdentityCache *self)
{
  g_hash_table_remove_all (self->entries);
}
