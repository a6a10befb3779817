/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-jwt-private.h"

#include <string.h>

#include "oai-base64url-private.h"
#include "oai-i18n-private.h"
#include "oai-unique-members-private.h"

#define MAX_MEMBERS 256

/* Returns an object whose members have different names; NULL if the text is none. */
static OaiJsonDoc *
parse_object (const char *text, gsize length)
{
  gsize size;
  g_autofree guint8 *json = oai_base64url_decode (text, length, &size);
  g_autoptr(OaiJsonDoc) doc = NULL;

  if (json == NULL || size == 0)
    return NULL;

  doc = oai_json_doc_new_copy ((const char *) json, size, OAI_JSON_STRICT, NULL);
  if (doc == NULL || oai_json_get_type (doc, 0) != OAI_JSON_OBJECT || oai_json_get_size (doc, 0) > MAX_MEMBERS || oai_json_has_duplicates (doc, 0))
    return NULL;

  return g_steal_pointer (&doc);
}

/* Tokens for other purposes, with a signature of the same key, have another type. */
static gboolean
type_is_valid (OaiJsonDoc *header)
{
  OaiJsonNode node = oai_json_get_member (header, 0, "typ");
  const char *type = oai_json_get_string (header, node, NULL);

  if (node == OAI_JSON_NONE)
    return TRUE;
  if (type == NULL)
    return FALSE;
  if (g_ascii_strncasecmp (type, "application/", 12) == 0)
    type += 12;

  return g_ascii_strcasecmp (type, "JWT") == 0 || g_ascii_strcasecmp (type, "at+jwt") == 0;
}

/* The keys that a header may contain or point to ("jwk", "jku", "x5c", "x5u") are not used. */
static const char *
check_header (OaiJwt *self)
{
  OaiJsonNode key_id = oai_json_get_member (self->header, 0, "kid");
  const char *algorithm = oai_json_get_string (self->header, oai_json_get_member (self->header, 0, "alg"), NULL);

  if (g_strcmp0 (algorithm, "RS256") == 0)
    self->algorithm = OAI_JWT_RS256;
  else if (g_strcmp0 (algorithm, "ES256") == 0)
    self->algorithm = OAI_JWT_ES256;
  else
    return _("The token is not signed with RS256 or ES256");
  if (oai_json_get_member (self->header, 0, "crit") != OAI_JSON_NONE)
    return _("The token requires extensions that are not supported");
  if (!type_is_valid (self->header))
    return _("The token has another purpose");

  self->key_id = oai_json_get_string (self->header, key_id, NULL);
  if (key_id != OAI_JSON_NONE && self->key_id == NULL)
    return _("The token does not name its key");

  return NULL;
}

static gboolean
is_base64url (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isalnum (text[i]) && text[i] != '-' && text[i] != '_')
        return FALSE;
    }

  return TRUE;
}

/* Sets the ends of the header and of the claims. */
static gboolean
split (const char *text, gsize length, const char **first, const char **second)
{
  *first = memchr (text, '.', length);
  *second = *first != NULL ? memchr (*first + 1, '.', text + length - *first - 1) : NULL;

  return *second != NULL && memchr (*second + 1, '.', text + length - *second - 1) == NULL;
}

OaiJwtResult
oai_jwt_parse (OaiJwt *self, const char *text, const char **reason)
{
  gsize length = strlen (text);
  const char *first, *second;

  memset (self, 0, sizeof *self);
  /* Base64 of a JSON object that begins with its first member begins like this. */
  if (!split (text, length, &first, &second) || strncmp (text, "ey", 2) != 0)
    return OAI_JWT_OTHER;

  *reason = _("The token is not well-formed");
  if (length > OAI_JWT_MAX_LENGTH || !is_base64url (text, first - text) || !is_base64url (first + 1, second - first - 1))
    return OAI_JWT_INVALID;

  self->text = text;
  self->signed_length = second - text;
  self->header = parse_object (text, first - text);
  self->claims = parse_object (first + 1, second - first - 1);
  self->signature = oai_base64url_decode (second + 1, text + length - second - 1, &self->signature_size);
  if (self->header == NULL || self->claims == NULL || self->signature == NULL)
    return OAI_JWT_INVALID;

  *reason = check_header (self);

  return *reason != NULL ? OAI_JWT_INVALID : OAI_JWT_PARSED;
}

void
oai_jwt_clear (OaiJwt *self)
{
  g_clear_pointer (&self->header, oai_json_doc_unref);
  g_clear_pointer (&self->claims, oai_json_doc_unref);
  g_clear_pointer (&self->signature, g_free);
}

gboolean
oai_jwt_verify (OaiJwt *self, const OaiJwtCrypto *crypto, OaiJwtPublicKey *key)
{
  return crypto->verify (key, (const guint8 *) self->text, self->signed_length, self->signature, self->signature_size);
}

const char *
oai_jwt_get_text (OaiJwt *self, const char *claim)
{
  return oai_json_get_string (self->claims, oai_json_get_member (self->claims, 0, claim), NULL);
}

gboolean
oai_jwt_has_claim (OaiJwt *self, const char *claim)
{
  return oai_json_get_member (self->claims, 0, claim) != OAI_JSON_NONE;
}

gboolean
oai_jwt_is_true (OaiJwt *self, const char *claim)
{
  gboolean value = FALSE;

  return oai_json_get_boolean (self->claims, oai_json_get_member (self->claims, 0, claim), &value) && value;
}

gboolean
oai_jwt_get_time (OaiJwt *self, const char *claim, double *time)
{
  OaiJsonNode node = oai_json_get_member (self->claims, 0, claim);
  OaiJsonType type = oai_json_get_type (self->claims, node);

  return (type == OAI_JSON_INT || type == OAI_JSON_DOUBLE) && oai_json_get_double (self->claims, node, time);
}

static gboolean
is_one_of (const char *text, const char *const *texts)
{
  return text != NULL && g_strv_contains (texts, text);
}

gboolean
oai_jwt_contains (OaiJwt *self, const char *claim, const char *const *texts)
{
  OaiJsonNode node = oai_json_get_member (self->claims, 0, claim);
  OaiJsonIter iter;
  OaiJsonNode value;

  if (oai_json_get_type (self->claims, node) != OAI_JSON_ARRAY)
    return is_one_of (oai_json_get_string (self->claims, node, NULL), texts);

  oai_json_iter_init (&iter, self->claims, node);
  while (oai_json_iter_next (&iter, NULL, &value))
    {
      if (is_one_of (oai_json_get_string (self->claims, value, NULL), texts))
        return TRUE;
    }

  return FALSE;
}
