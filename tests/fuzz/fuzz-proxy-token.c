/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the proxy reads to authenticate clients: tokens, keys of OpenID providers, token files, limits and certificates. */

#include "fuzz.h"

#include "oai-base64url-private.h"
#include "oai-jwk-set-private.h"
#include "oai-jwt-private.h"
#include "oai-key-purpose-private.h"
#include "oai-key-source-private.h"
#include "oai-limits-json-private.h"
#include "oai-token-table-private.h"

#include <string.h>

/* Only numbers that the plug-in can import are passed to it. */
static OaiJwtPublicKey *
new_rsa (const guint8 *modulus, gsize modulus_size, const guint8 *exponent, gsize exponent_size)
{
  g_assert_cmpuint (modulus_size, >=, 256);
  g_assert_cmpuint (modulus_size, <=, 1024);
  g_assert_cmpuint (modulus[0], !=, 0);
  g_assert_true ((exponent[exponent_size - 1] & 1) == 1);

  return g_malloc (1);
}

static OaiJwtPublicKey *
new_p256 (const guint8 x[OAI_JWT_P256_SIZE], const guint8 y[OAI_JWT_P256_SIZE])
{
  return x[0] == y[OAI_JWT_P256_SIZE - 1] ? NULL : g_malloc (1);
}

static void
free_key (OaiJwtPublicKey *key)
{
  g_free (key);
}

static gboolean
verify (OaiJwtPublicKey *key, const guint8 *data, gsize size, const guint8 *signature, gsize signature_size)
{
  return size + signature_size == 0;
}

static const OaiJwtCrypto crypto = { new_rsa, new_p256, free_key, verify };

/* Each value has one text. */
static void
check_base64url (const char *text)
{
  gsize size;
  g_autofree guint8 *data = oai_base64url_decode (text, strlen (text), &size);
  g_autofree char *again = data != NULL ? oai_base64url_encode (data, size) : NULL;

  if (data != NULL)
    g_assert_cmpstr (again, ==, text);
}

static void
check_jwt (const char *text)
{
  static const char *const audiences[] = { "proxy", NULL };
  const char *reason = NULL;
  double time;
  OaiJwt jwt;

  switch (oai_jwt_parse (&jwt, text, &reason))
    {
    case OAI_JWT_OTHER:
      break;
    case OAI_JWT_INVALID:
      fuzz_assert_text (reason);
      break;
    case OAI_JWT_PARSED:
      g_assert_cmpuint (strlen (text), <=, OAI_JWT_MAX_LENGTH);
      g_assert_false (oai_jwt_verify (&jwt, &crypto, NULL));
      oai_jwt_get_text (&jwt, "iss");
      oai_jwt_get_time (&jwt, "exp", &time);
      oai_jwt_contains (&jwt, "aud", audiences);
      oai_jwt_is_true (&jwt, "email_verified");
      break;
    }
  oai_jwt_clear (&jwt);
}

static void
check_jwk_set (const char *text)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiJwkSet) set = oai_jwk_set_parse (text, strlen (text), &crypto, &error);

  fuzz_assert_error (set != NULL, error);
  if (set == NULL)
    return;

  g_assert_cmpuint (oai_jwk_set_get_size (set), <=, 128);
  oai_jwk_set_find (set, NULL, OAI_JWT_RS256);
  oai_jwk_set_find (set, "k", OAI_JWT_ES256);
}

/* A line that is appended to a valid file keeps it valid, and its token is found. */
static void
check_token_table (const char *text)
{
  const char *token = "0123456789abcdefghij";
  g_autofree char *copy = g_strdup (text);
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiTokenTable) table = oai_token_table_parse (copy, &error);
  g_autoptr(OaiTokenTable) longer_table = NULL;
  g_auto(GStrv) names = NULL;
  g_autofree char *line = NULL;
  g_autofree char *longer = NULL;
  const char *identity, *limits;

  fuzz_assert_error (table != NULL, error);
  if (table == NULL)
    return;

  names = oai_token_table_list_limits (table);
  line = oai_token_table_format (table, "alice", token, "limits", NULL);
  longer = g_strconcat (text, line, "\n", NULL);
  longer_table = oai_token_table_parse (longer, NULL);
  if (longer_table == NULL)
    return; /* it contains 64 salts, or the token */

  g_assert_cmpuint (oai_token_table_get_size (longer_table), ==, oai_token_table_get_size (table) + 1);
  g_assert_true (oai_token_table_find (longer_table, token, &identity, &limits));
  g_assert_cmpstr (identity, ==, "alice");
  g_assert_cmpstr (limits, ==, "limits");
}

static void
check_limits (const char *text)
{
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (text, -1, OAI_JSON_STRICT, NULL);
  g_autoptr(OaiProxyLimits) limits = doc != NULL ? oai_limits_from_json (doc, 0) : NULL;

  if (limits != NULL)
    g_assert_cmpfloat (oai_proxy_limits_get_cost_per_day (limits), >=, 0);
}

static void
check_url (const char *text)
{
  g_autoptr(GError) error = NULL;
  gboolean valid = oai_key_source_check_url (text, &error);

  fuzz_assert_error (valid, error);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint8 choice = fuzz_take_byte (&data, &size);
  g_autofree char *text = fuzz_dup_text (data, size);

  switch (choice % 7)
    {
    case 0:
      check_jwt (text);
      break;
    case 1:
      check_jwk_set (text);
      break;
    case 2:
      check_token_table (text);
      break;
    case 3:
      check_limits (text);
      break;
    case 4:
      oai_key_purpose_allows_clients (data, size);
      break;
    case 5:
      check_url (text);
      break;
    default:
      check_base64url (text);
      break;
    }

  return 0;
}
