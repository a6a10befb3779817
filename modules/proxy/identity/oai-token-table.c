/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-token-table-private.h"

#include <string.h>

#include "oai-base64url-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-proxy-identity.h"
#include "oai-wipe-private.h"

#define SCHEME "hmac-sha256"
#define SALT_SIZE 16
#define MAX_SALT_SIZE 64
/* Each salt costs a digest per request. */
#define MAX_SALTS 64
#define MAX_LIMITS_NAME 256

typedef struct
{
  OaiDigest digest;
  const char *identity; /* interned by the table */
  const char *limits;   /* the same, or NULL */
} Entry;

typedef struct
{
  guint8 *bytes;
  gsize size;
  GHmac *hmac;
  GHashTable *entries; /* OaiDigest, at the beginning of its Entry → the Entry */
} Salt;

struct _OaiTokenTable
{
  GPtrArray *salts;
  GStringChunk *names;
  GHashTable *limits; /* set of names */
  guint size;
};

static void
salt_free (gpointer data)
{
  Salt *self = data;

  oai_wipe (self->bytes, self->size);
  g_free (self->bytes);
  g_hmac_unref (self->hmac);
  g_hash_table_unref (self->entries);
  g_free (self);
}

void
oai_token_table_free (OaiTokenTable *self)
{
  g_ptr_array_unref (self->salts);
  g_hash_table_unref (self->limits);
  g_string_chunk_free (self->names);
  g_free (self);
}

static OaiTokenTable *
new_table (void)
{
  OaiTokenTable *self = g_new0 (OaiTokenTable, 1);

  self->salts = g_ptr_array_new_with_free_func (salt_free);
  self->names = g_string_chunk_new (4096);
  self->limits = g_hash_table_new (g_str_hash, g_str_equal);

  return self;
}

/* Names must not contain the characters that separate the fields of a line, nor begin like a comment. */
static gboolean
name_is_valid (const char *name)
{
  return oai_proxy_identity_id_is_valid (name) && strchr (name, ':') == NULL && *name != '#' && !g_ascii_isspace (name[0])
         && !g_ascii_isspace (name[strlen (name) - 1]);
}

static gboolean
limits_name_is_valid (const char *name)
{
  return name_is_valid (name) && strlen (name) <= MAX_LIMITS_NAME;
}

/* Takes bytes.  Returns NULL if there are too many salts. */
static Salt *
ensure_salt (OaiTokenTable *self, guint8 *bytes, gsize size)
{
  g_autofree guint8 *owned = bytes;
  Salt *salt;

  for (guint i = 0; i < self->salts->len; i++)
    {
      salt = self->salts->pdata[i];
      if (salt->size == size && memcmp (salt->bytes, bytes, size) == 0)
        return salt;
    }
  if (self->salts->len == MAX_SALTS)
    return NULL;

  salt = g_new0 (Salt, 1);
  salt->bytes = g_steal_pointer (&owned);
  salt->size = size;
  salt->hmac = oai_digest_new_hmac (salt->bytes, size);
  salt->entries = g_hash_table_new_full (oai_digest_hash, oai_digest_equal, g_free, NULL);
  g_ptr_array_add (self->salts, salt);

  return salt;
}

static void
fail (guint number, const char *reason, GError **error)
{
  /* Translators: the first %u is the number of a line, the %s describes what is wrong. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("Line %u: %s"), number, reason);
}

/* Parses "SCHEME$SALT$DIGEST".  Returns a description of what is wrong, or NULL. */
static const char *
parse_digest (OaiTokenTable *self, const char *text, Salt **salt, OaiDigest *digest)
{
  g_auto(GStrv) parts = g_strsplit (text, "$", 4);
  g_autofree guint8 *salt_bytes = NULL;
  g_autofree guint8 *digest_bytes = NULL;
  gsize salt_size, digest_size;

  if (g_strv_length (parts) != 3 || strcmp (parts[0], SCHEME) != 0)
    return _("the digest has an unknown format");

  salt_bytes = oai_base64url_decode (parts[1], strlen (parts[1]), &salt_size);
  digest_bytes = oai_base64url_decode (parts[2], strlen (parts[2]), &digest_size);
  if (salt_bytes == NULL || salt_size < SALT_SIZE || salt_size > MAX_SALT_SIZE)
    return _("the salt is not valid");
  if (digest_bytes == NULL || digest_size != OAI_DIGEST_SIZE)
    return _("the digest is not complete");

  memcpy (digest->bytes, digest_bytes, OAI_DIGEST_SIZE);
  *salt = ensure_salt (self, g_steal_pointer (&salt_bytes), salt_size);

  return *salt == NULL ? _("there are too many different salts") : NULL;
}

static const char *
parse_line (OaiTokenTable *self, const char *line)
{
  g_auto(GStrv) fields = g_strsplit (line, ":", 4);
  guint n_fields = g_strv_length (fields);
  const char *reason;
  OaiDigest digest;
  Salt *salt;
  Entry *entry;

  if (n_fields < 2 || n_fields > 3)
    return _("it is not “identity:digest” or “identity:digest:limits”");
  if (!name_is_valid (fields[0]))
    return _("the identity is not valid");
  if (n_fields == 3 && !limits_name_is_valid (fields[2]))
    return _("the name of the limits is not valid");
  reason = parse_digest (self, fields[1], &salt, &digest);
  if (reason != NULL)
    return reason;
  if (g_hash_table_contains (salt->entries, &digest))
    return _("another line contains the same token");

  entry = g_new (Entry, 1);
  entry->digest = digest;
  entry->identity = g_string_chunk_insert_const (self->names, fields[0]);
  entry->limits = n_fields == 3 ? g_string_chunk_insert_const (self->names, fields[2]) : NULL;
  g_hash_table_add (salt->entries, entry);
  if (entry->limits != NULL)
    g_hash_table_add (self->limits, (char *) entry->limits);
  self->size++;

  return NULL;
}

OaiTokenTable *
oai_token_table_parse (char *text, GError **error)
{
  g_autoptr(OaiTokenTable) self = new_table ();

  for (guint number = 1; *text != '\0'; number++)
    {
      char *end = strchr (text, '\n');
      const char *reason = NULL;

      /* The rest of the line may not have been written yet. */
      if (end == NULL)
        {
          fail (number, _("the end of the line is missing"), error);
          return NULL;
        }

      *end = '\0';
      g_strstrip (text);
      if (*text != '\0' && *text != '#')
        reason = parse_line (self, text);
      if (reason != NULL)
        {
          fail (number, reason, error);
          return NULL;
        }
      text = end + 1;
    }

  return g_steal_pointer (&self);
}

guint
oai_token_table_get_size (OaiTokenTable *self)
{
  return self->size;
}

/* All salts are used, also after the token was found. */
gboolean
oai_token_table_find (OaiTokenTable *self, const char *token, const char **identity, const char **limits)
{
  gsize length = strlen (token);
  const Entry *found = NULL;

  if (length < OAI_TOKEN_MIN_LENGTH || length > OAI_TOKEN_MAX_LENGTH)
    return FALSE;

  for (guint i = 0; i < self->salts->len; i++)
    {
      Salt *salt = self->salts->pdata[i];
      OaiDigest digest;
      const Entry *entry;

      oai_digest_compute (&digest, salt->hmac, token, length);
      entry = g_hash_table_lookup (salt->entries, &digest);
      found = entry != NULL ? entry : found;
    }
  if (found == NULL)
    return FALSE;

  *identity = found->identity;
  *limits = found->limits;

  return TRUE;
}

char **
oai_token_table_list_limits (OaiTokenTable *self)
{
  GStrvBuilder *builder = g_strv_builder_new ();
  GHashTableIter iter;
  gpointer name;
  char **names;

  g_hash_table_iter_init (&iter, self->limits);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    g_strv_builder_add (builder, name);
  names = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);

  return names;
}

static gboolean
check_entry (const char *identity, const char *token, const char *limits, GError **error)
{
  gsize length = strlen (token);
  const char *reason = NULL;

  if (!name_is_valid (identity))
    reason = _("The identity cannot be written to a token file");
  else if (limits != NULL && !limits_name_is_valid (limits))
    reason = _("The name of the limits cannot be written to a token file");
  else if (length < OAI_TOKEN_MIN_LENGTH)
    reason = _("The token is too short to be random");
  else if (length > OAI_TOKEN_MAX_LENGTH)
    reason = _("The token is too long");
  for (const char *c = token; reason == NULL && *c != '\0'; c++)
    reason = g_ascii_isgraph (*c) ? NULL : _("The token contains characters that cannot be sent");
  if (reason == NULL)
    return TRUE;

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, reason);

  return FALSE;
}

char *
oai_token_table_format (OaiTokenTable *self, const char *identity, const char *token, const char *limits, GError **error)
{
  Salt *last = self != NULL && self->salts->len > 0 ? self->salts->pdata[self->salts->len - 1] : NULL;
  g_autofree char *salt_text = NULL;
  g_autofree char *digest_text = NULL;
  g_autoptr(GHmac) hmac = NULL;
  guint8 salt[SALT_SIZE];
  OaiDigest digest;

  if (!check_entry (identity, token, limits, error))
    return NULL;

  oai_random_fill (salt, sizeof salt);
  hmac = last != NULL ? g_hmac_ref (last->hmac) : oai_digest_new_hmac (salt, sizeof salt);
  oai_digest_compute (&digest, hmac, token, strlen (token));
  salt_text = last != NULL ? oai_base64url_encode (last->bytes, last->size) : oai_base64url_encode (salt, sizeof salt);
  digest_text = oai_base64url_encode (digest.bytes, OAI_DIGEST_SIZE);

  return g_strconcat (identity, ":" SCHEME "$", salt_text, "$", digest_text, limits != NULL ? ":" : NULL, limits, NULL);
}
