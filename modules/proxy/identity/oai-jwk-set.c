/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-jwk-set-private.h"

#include <string.h>

#include "oai-base64url-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-doc-private.h"
#include "oai-unique-members-private.h"

#define MAX_KEYS 128
#define MAX_KEY_ID 1024
/* In bytes: 2048 to 8192 bits. */
#define MIN_MODULUS 256
#define MAX_MODULUS 1024
#define MAX_EXPONENT 8

typedef struct
{
  char *id; /* nullable */
  OaiJwtAlgorithm algorithm;
  OaiJwtPublicKey *key;
} Entry;

struct _OaiJwkSet
{
  const OaiJwtCrypto *crypto;
  GArray *entries;
};

static void
entry_clear (OaiJwkSet *self, Entry *entry)
{
  g_free (entry->id);
  self->crypto->free (entry->key);
}

void
oai_jwk_set_free (OaiJwkSet *self)
{
  for (guint i = 0; i < self->entries->len; i++)
    entry_clear (self, &g_array_index (self->entries, Entry, i));
  g_array_unref (self->entries);
  g_free (self);
}

static const char *
get_text (OaiJsonDoc *doc, OaiJsonNode object, const char *name)
{
  return oai_json_get_string (doc, oai_json_get_member (doc, object, name), NULL);
}

static guint8 *
dup_number (OaiJsonDoc *doc, OaiJsonNode object, const char *name, gsize *size)
{
  const char *text = get_text (doc, object, name);

  *size = 0;

  return text != NULL ? oai_base64url_decode (text, strlen (text), size) : NULL;
}

static gboolean
contains_text (OaiJsonDoc *doc, OaiJsonNode array, const char *text)
{
  OaiJsonIter iter;
  OaiJsonNode value;

  oai_json_iter_init (&iter, doc, array);
  while (oai_json_iter_next (&iter, NULL, &value))
    {
      const char *string = oai_json_get_string (doc, value, NULL);

      if (string != NULL && strcmp (string, text) == 0)
        return TRUE;
    }

  return FALSE;
}

/* Members that are absent do not restrict the use of a key. */
static gboolean
is_for_signatures (OaiJsonDoc *doc, OaiJsonNode object, const char *algorithm)
{
  OaiJsonNode operations = oai_json_get_member (doc, object, "key_ops");
  const char *use = get_text (doc, object, "use");
  const char *alg = get_text (doc, object, "alg");

  if (oai_json_get_member (doc, object, "use") != OAI_JSON_NONE && g_strcmp0 (use, "sig") != 0)
    return FALSE;
  if (oai_json_get_member (doc, object, "alg") != OAI_JSON_NONE && g_strcmp0 (alg, algorithm) != 0)
    return FALSE;
  if (operations == OAI_JSON_NONE)
    return TRUE;

  return oai_json_get_type (doc, operations) == OAI_JSON_ARRAY && contains_text (doc, operations, "verify");
}

static gboolean
parse_rsa (OaiJwkSet *self, OaiJsonDoc *doc, OaiJsonNode object, Entry *entry)
{
  gsize modulus_size, exponent_size;
  g_autofree guint8 *modulus = dup_number (doc, object, "n", &modulus_size);
  g_autofree guint8 *exponent = dup_number (doc, object, "e", &exponent_size);
  const guint8 *start = modulus;

  if (modulus == NULL || exponent == NULL || !is_for_signatures (doc, object, "RS256"))
    return FALSE;

  /* Some providers begin with a zero byte. */
  while (modulus_size > 0 && *start == 0)
    {
      start++;
      modulus_size--;
    }
  if (modulus_size < MIN_MODULUS || modulus_size > MAX_MODULUS || (modulus_size == MIN_MODULUS && *start < 0x80))
    return FALSE;
  /* An exponent that is even or 1 makes signatures that anyone can forge. */
  if (exponent_size == 0 || exponent_size > MAX_EXPONENT || (exponent[exponent_size - 1] & 1) == 0
      || (exponent_size == 1 && exponent[0] == 1) || (exponent_size > 1 && exponent[0] == 0))
    return FALSE;

  entry->algorithm = OAI_JWT_RS256;
  entry->key = self->crypto->new_rsa (start, modulus_size, exponent, exponent_size);

  return TRUE;
}

static gboolean
parse_ec (OaiJwkSet *self, OaiJsonDoc *doc, OaiJsonNode object, Entry *entry)
{
  gsize x_size, y_size;
  g_autofree guint8 *x = dup_number (doc, object, "x", &x_size);
  g_autofree guint8 *y = dup_number (doc, object, "y", &y_size);

  if (g_strcmp0 (get_text (doc, object, "crv"), "P-256") != 0 || !is_for_signatures (doc, object, "ES256"))
    return FALSE;
  if (x == NULL || y == NULL || x_size != OAI_JWT_P256_SIZE || y_size != OAI_JWT_P256_SIZE)
    return FALSE;

  entry->algorithm = OAI_JWT_ES256;
  entry->key = self->crypto->new_p256 (x, y);

  return TRUE;
}

/* A published private key is known to everyone. */
static gboolean
is_private (OaiJsonDoc *doc, OaiJsonNode object)
{
  return oai_json_get_member (doc, object, "d") != OAI_JSON_NONE || oai_json_get_member (doc, object, "k") != OAI_JSON_NONE;
}

static void
add_key (OaiJwkSet *self, OaiJsonDoc *doc, OaiJsonNode object)
{
  const char *type = get_text (doc, object, "kty");
  const char *id = get_text (doc, object, "kid");
  Entry entry = { 0 };
  gboolean parsed = FALSE;

  if (oai_json_has_duplicates (doc, object) || is_private (doc, object) || (id != NULL && strlen (id) > MAX_KEY_ID))
    return;

  if (g_strcmp0 (type, "RSA") == 0)
    parsed = parse_rsa (self, doc, object, &entry);
  else if (g_strcmp0 (type, "EC") == 0)
    parsed = parse_ec (self, doc, object, &entry);
  if (!parsed || entry.key == NULL)
    return;

  entry.id = g_strdup (id);
  g_array_append_val (self->entries, entry);
}

OaiJwkSet *
oai_jwk_set_parse (const char *text, gsize length, const OaiJwtCrypto *crypto, GError **error)
{
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (text, length, OAI_JSON_STRICT, NULL);
  OaiJsonNode keys = doc != NULL ? oai_json_get_member (doc, 0, "keys") : OAI_JSON_NONE;
  OaiJwkSet *self;
  OaiJsonIter iter;
  OaiJsonNode value;

  if (doc == NULL || oai_json_get_type (doc, keys) != OAI_JSON_ARRAY || oai_json_has_duplicates (doc, 0) || oai_json_get_size (doc, keys) > MAX_KEYS)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The provider sent no set of keys"));
      return NULL;
    }

  self = g_new0 (OaiJwkSet, 1);
  self->crypto = crypto;
  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  oai_json_iter_init (&iter, doc, keys);
  while (oai_json_iter_next (&iter, NULL, &value))
    add_key (self, doc, value);

  return self;
}

guint
oai_jwk_set_get_size (OaiJwkSet *self)
{
  return self->entries->len;
}

/* Identifiers that occur twice for an algorithm are ambiguous. */
OaiJwtPublicKey *
oai_jwk_set_find (OaiJwkSet *self, const char *key_id, OaiJwtAlgorithm algorithm)
{
  OaiJwtPublicKey *found = NULL;

  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = &g_array_index (self->entries, Entry, i);

      if (entry->algorithm != algorithm || (key_id != NULL && g_strcmp0 (entry->id, key_id) != 0))
        continue;
      if (found != NULL)
        return NULL;

      found = entry->key;
    }

  return found;
}
