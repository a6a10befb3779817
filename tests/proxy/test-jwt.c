/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Signed tokens and public keys of OpenID providers. */

#include <openai-1/openai.h>

#include "jwt-fixture.h"
#include "oai-jwk-set-private.h"
#include "oai-jwt-private.h"
#include "oai-proxy-backend-private.h"

#define CLAIMS "{\"iss\":\"x\",\"exp\":1}"

static const OaiJwtCrypto *crypto;
static TestKey rsa, other_rsa, p256, other_p256;

static OaiJwkSet *
make_set (const char *first, const char *second)
{
  g_autofree char *text = g_strdup_printf ("{\"keys\":[%s%s%s]}", first, second != NULL ? "," : "", second != NULL ? second : "");
  GError *error = NULL;
  OaiJwkSet *set = oai_jwk_set_parse (text, strlen (text), crypto, &error);

  g_assert_no_error (error);

  return set;
}

static OaiJwkSet *
make_key_set (TestKey *key)
{
  g_autofree char *jwk = test_key_to_jwk (key, "k", "");

  return make_set (jwk, NULL);
}

static OaiJwtResult
parse (const char *token)
{
  const char *reason = NULL;
  OaiJwt jwt;
  OaiJwtResult result = oai_jwt_parse (&jwt, token, &reason);

  if (result == OAI_JWT_INVALID)
    g_assert_nonnull (reason);
  oai_jwt_clear (&jwt);

  return result;
}

static gboolean
verify (OaiJwkSet *set, const char *token)
{
  const char *reason = NULL;
  OaiJwtPublicKey *key;
  OaiJwt jwt;
  gboolean valid = FALSE;

  g_assert_cmpint (oai_jwt_parse (&jwt, token, &reason), ==, OAI_JWT_PARSED);
  key = oai_jwk_set_find (set, jwt.key_id, jwt.algorithm);
  if (key != NULL)
    valid = oai_jwt_verify (&jwt, crypto, key);
  oai_jwt_clear (&jwt);

  return valid;
}

static void
test_good (void)
{
  g_autofree char *first = test_key_to_jwk (&rsa, "r", ",\"alg\":\"RS256\",\"use\":\"sig\",\"x5c\":[\"AAAA\"]");
  g_autofree char *second = test_key_to_jwk (&p256, "e", ",\"alg\":\"ES256\",\"key_ops\":[\"sign\",\"verify\"]");
  g_autoptr(OaiJwkSet) set = make_set (first, second);
  g_autofree char *with_rsa = test_key_make_token (&rsa, "{\"alg\":\"RS256\",\"kid\":\"r\",\"typ\":\"JWT\"}", CLAIMS);
  g_autofree char *without_id = test_key_make_token (&rsa, "{\"alg\":\"RS256\"}", CLAIMS);
  g_autofree char *access = test_key_make_token (&rsa, "{\"alg\":\"RS256\",\"typ\":\"application/at+JWT\"}", CLAIMS);
  g_autofree char *wrong_id = test_key_make_token (&rsa, "{\"alg\":\"RS256\",\"kid\":\"e\"}", CLAIMS);
  g_autofree char *foreign = test_key_make_token (&other_rsa, "{\"alg\":\"RS256\",\"kid\":\"r\"}", CLAIMS);

  g_assert_cmpuint (oai_jwk_set_get_size (set), ==, 2);
  g_assert_true (verify (set, with_rsa));
  g_assert_true (verify (set, without_id));
  g_assert_true (verify (set, access));
  g_assert_false (verify (set, wrong_id));
  g_assert_false (verify (set, foreign));
  for (guint i = 0; i < 50; i++)
    {
      g_autofree char *claims = g_strdup_printf ("{\"iss\":\"%u\"}", i);
      g_autofree char *token = test_key_make_token (&p256, "{\"alg\":\"ES256\",\"kid\":\"e\"}", claims);
      g_autofree char *other = test_key_make_token (&other_p256, "{\"alg\":\"ES256\",\"kid\":\"e\"}", claims);

      g_assert_true (verify (set, token));
      g_assert_false (verify (set, other));
    }
}

static void
assert_header (const char *header, OaiJwtResult expected)
{
  g_autofree char *text = test_join_token (header, CLAIMS);
  g_autofree char *token = g_strconcat (text, ".AAAA", NULL);

  if (parse (token) != expected)
    g_error ("%s", header);
}

static void
test_headers (void)
{
  assert_header ("{\"alg\":\"RS256\"}", OAI_JWT_PARSED);
  assert_header ("{\"\\u0061lg\":\"RS256\",\"jku\":\"https://evil.example/\",\"jwk\":{},\"x5u\":\"\"}", OAI_JWT_PARSED);
  assert_header ("{\"alg\":\"none\"}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"None\"}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"nOnE\"}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"\"}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":null}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":[\"RS256\"]}", OAI_JWT_INVALID);
  assert_header ("{\"typ\":\"JWT\"}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"HS256\"}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"HS512\"}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"RS384\"}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"RS1\"}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"PS256\"}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"ES384\"}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"ES256K\"}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"EdDSA\"}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"rs256\"}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"RS256 \"}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"RS256\\u0000\"}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"RS256\",\"alg\":\"none\"}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"none\",\"\\u0061lg\":\"RS256\"}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"RS256\",\"crit\":[\"b64\"],\"b64\":false}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"RS256\",\"crit\":[]}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"RS256\",\"kid\":1}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"RS256\",\"kid\":null}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"RS256\",\"typ\":\"logout+jwt\"}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"RS256\",\"typ\":\"JWE\"}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"RS256\",\"typ\":null}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"RS256\"", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"RS256\"}x", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"RS256\",}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"RS256\",\"x\":\"\xff\"}", OAI_JWT_INVALID);
  assert_header ("{\"alg\":\"RS256\",\"x\":NaN}", OAI_JWT_INVALID);
  assert_header ("\"RS256\"", OAI_JWT_OTHER);
}

static void
test_forms (void)
{
  g_autofree char *token = test_key_make_token (&p256, "{\"alg\":\"ES256\"}", CLAIMS);
  g_autofree char *padded = g_strconcat (token, "==", NULL);
  g_autofree char *blank = g_strconcat (token, " ", NULL);
  g_autofree char *more = g_strconcat (token, ".AAAA.AAAA", NULL);
  g_autofree char *two = g_strndup (token, strrchr (token, '.') - token);
  g_autofree char *unsigned_token = g_strconcat (two, ".", NULL);
  g_autofree char *filling = g_strnfill (OAI_JWT_MAX_LENGTH, 'A');
  g_autofree char *huge = g_strconcat (token, filling, NULL);
  g_autofree char *nested = g_strnfill (12000, 'W');
  g_autofree char *deep = g_strdup_printf ("eyJhbGciOiJFUzI1NiJ9.%s.AAAA", nested);

  g_assert_cmpint (parse (token), ==, OAI_JWT_PARSED);
  g_assert_cmpint (parse (unsigned_token), ==, OAI_JWT_PARSED);
  g_assert_cmpint (parse (padded), ==, OAI_JWT_INVALID);
  g_assert_cmpint (parse (blank), ==, OAI_JWT_INVALID);
  g_assert_cmpint (parse (huge), ==, OAI_JWT_INVALID);
  g_assert_cmpint (parse (deep), ==, OAI_JWT_INVALID);
  g_assert_cmpint (parse (more), ==, OAI_JWT_OTHER);
  g_assert_cmpint (parse (two), ==, OAI_JWT_OTHER);
  g_assert_cmpint (parse ("ey.."), ==, OAI_JWT_INVALID);
  g_assert_cmpint (parse ("eyJ9.e30."), ==, OAI_JWT_INVALID);
  g_assert_cmpint (parse ("ey=.e30.AA"), ==, OAI_JWT_INVALID);
  g_assert_cmpint (parse ("."), ==, OAI_JWT_OTHER);
  g_assert_cmpint (parse (".."), ==, OAI_JWT_OTHER);
  g_assert_cmpint (parse (""), ==, OAI_JWT_OTHER);
  g_assert_cmpint (parse ("sk-1234567890"), ==, OAI_JWT_OTHER);
}

/* Of the texts that Base64 decoders accept for one signature, one is valid. */
static void
test_unused_bits (void)
{
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  g_autoptr(OaiJwkSet) set = make_key_set (&p256);
  g_autofree char *token = test_key_make_token (&p256, "{\"alg\":\"ES256\"}", CLAIMS);
  gsize last = strlen (token) - 1;
  guint accepted = 0;

  for (guint i = 0; i < 64; i++)
    {
      token[last] = alphabet[i];
      accepted += parse (token) == OAI_JWT_PARSED && verify (set, token);
    }
  g_assert_cmpuint (accepted, ==, 1);
}

static void
test_changes (void)
{
  TestKey *keys[] = { &rsa, &p256 };

  for (guint k = 0; k < G_N_ELEMENTS (keys); k++)
    {
      g_autoptr(OaiJwkSet) set = make_key_set (keys[k]);
      g_autofree char *token = test_key_make_token (keys[k], k == 0 ? "{\"alg\":\"RS256\"}" : "{\"alg\":\"ES256\"}", CLAIMS);
      gsize length = strlen (token);

      g_assert_true (verify (set, token));
      for (gsize i = 0; i < length; i++)
        {
          g_autofree char *changed = g_strdup (token);

          changed[i] = token[i] == 'B' ? 'C' : 'B';
          if (parse (changed) == OAI_JWT_PARSED)
            g_assert_false (verify (set, changed));
        }
    }
}

static gboolean
verify_signature (OaiJwkSet *set, const char *text, const guint8 *signature, gsize size)
{
  g_autoptr(GBytes) bytes = g_bytes_new (signature, size);
  g_autofree char *token = test_add_signature (text, bytes);

  return verify (set, token);
}

/* The order of the group of P-256. */
static const guint8 order[32] = {
  0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
  0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51
};

static void
test_es256_signatures (void)
{
  g_autoptr(OaiJwkSet) set = make_key_set (&p256);
  g_autofree char *text = test_join_token ("{\"alg\":\"ES256\"}", CLAIMS);
  g_autoptr(GBytes) bytes = test_key_sign (&p256, text);
  const guint8 *valid = g_bytes_get_data (bytes, NULL);
  gnutls_datum_t data = { (unsigned char *) text, strlen (text) };
  gnutls_datum_t der;
  guint8 raw[72] = { 0 };

  g_assert_true (verify_signature (set, text, valid, 64));
  g_assert_false (verify_signature (set, text, valid, 63));
  g_assert_false (verify_signature (set, text, valid + 1, 63));
  g_assert_false (verify_signature (set, text, valid, 0));
  /* Zeros verify with implementations that do not check the range (CVE-2022-21449). */
  g_assert_false (verify_signature (set, text, raw, 64));
  memcpy (raw, order, 32);
  memcpy (raw + 32, order, 32);
  g_assert_false (verify_signature (set, text, raw, 64));
  memset (raw, 0, 64);
  memcpy (raw, valid, 32);
  g_assert_false (verify_signature (set, text, raw, 64));
  memset (raw, 0, 64);
  memcpy (raw + 32, valid + 32, 32);
  g_assert_false (verify_signature (set, text, raw, 64));
  memset (raw, 0xff, 64);
  g_assert_false (verify_signature (set, text, raw, 64));
  /* With an additional zero byte, and with R and S exchanged. */
  memset (raw, 0, 64);
  memcpy (raw + 1, valid, 64);
  g_assert_false (verify_signature (set, text, raw, 65));
  memcpy (raw, valid + 32, 32);
  memcpy (raw + 32, valid, 32);
  g_assert_false (verify_signature (set, text, raw, 64));
  /* As in certificates. */
  g_assert_cmpint (gnutls_privkey_sign_data2 (p256.key, GNUTLS_SIGN_ECDSA_SHA256, 0, &data, &der), ==, 0);
  g_assert_false (verify_signature (set, text, der.data, der.size));
  gnutls_free (der.data);
}

/* S and the order minus S are both valid by definition of ES256; an identity is the same for both. */
static void
test_es256_second_signature (void)
{
  g_autoptr(OaiJwkSet) set = make_key_set (&p256);
  g_autofree char *text = test_join_token ("{\"alg\":\"ES256\"}", CLAIMS);
  g_autoptr(GBytes) bytes = test_key_sign (&p256, text);
  guint8 raw[64];
  int borrow = 0;

  memcpy (raw, g_bytes_get_data (bytes, NULL), 64);
  for (int i = 31; i >= 0; i--)
    {
      int difference = order[i] - raw[32 + i] - borrow;

      borrow = difference < 0;
      raw[32 + i] = difference & 0xff;
    }
  g_assert_true (verify_signature (set, text, raw, 64));
  raw[63] ^= 1;
  g_assert_false (verify_signature (set, text, raw, 64));
}

static void
test_rs256_signatures (void)
{
  g_autoptr(OaiJwkSet) set = make_key_set (&rsa);
  g_autofree char *text = test_join_token ("{\"alg\":\"RS256\"}", CLAIMS);
  g_autoptr(GBytes) bytes = test_key_sign (&rsa, text);
  gsize size;
  const guint8 *valid = g_bytes_get_data (bytes, &size);
  gnutls_datum_t data = { (unsigned char *) text, strlen (text) };
  static const gnutls_sign_algorithm_t others[] = { GNUTLS_SIGN_RSA_SHA1, GNUTLS_SIGN_RSA_SHA512, GNUTLS_SIGN_RSA_PSS_SHA256 };
  guint8 raw[300] = { 0 };

  g_assert_cmpuint (size, ==, 256);
  g_assert_true (verify_signature (set, text, valid, 256));
  g_assert_false (verify_signature (set, text, valid, 255));
  g_assert_false (verify_signature (set, text, raw, 256));
  g_assert_false (verify_signature (set, text, raw, 0));
  raw[255] = 1;
  g_assert_false (verify_signature (set, text, raw, 256));
  memset (raw, 0, sizeof raw);
  memcpy (raw + 1, valid, 256);
  g_assert_false (verify_signature (set, text, raw, 257));
  memset (raw, 0xff, sizeof raw);
  g_assert_false (verify_signature (set, text, raw, 256));
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      gnutls_datum_t signature;

      if (gnutls_privkey_sign_data2 (rsa.key, others[i], 0, &data, &signature) != 0)
        continue;
      g_assert_false (verify_signature (set, text, signature.data, signature.size));
      gnutls_free (signature.data);
    }
}

/* The classical confusion: HS256 keyed with the public key. */
static void
test_hs256_with_public_key (void)
{
  g_autofree char *text = test_join_token ("{\"alg\":\"HS256\"}", CLAIMS);
  g_autofree char *jwk = test_key_to_jwk (&rsa, "k", "");
  g_autofree char *hex = g_compute_hmac_for_string (G_CHECKSUM_SHA256, (const guchar *) jwk, strlen (jwk), text, -1);
  g_autofree char *token = g_strconcat (text, ".", hex, NULL);

  g_assert_cmpint (parse (token), ==, OAI_JWT_INVALID);
}

/* A key is used with its algorithm only. */
static void
test_algorithm_of_the_key (void)
{
  g_autoptr(OaiJwkSet) rsa_set = make_key_set (&rsa);
  g_autoptr(OaiJwkSet) p256_set = make_key_set (&p256);
  g_autofree char *as_p256 = test_key_make_token (&rsa, "{\"alg\":\"ES256\",\"kid\":\"k\"}", CLAIMS);
  g_autofree char *as_rsa = test_key_make_token (&p256, "{\"alg\":\"RS256\",\"kid\":\"k\"}", CLAIMS);

  g_assert_false (verify (rsa_set, as_p256));
  g_assert_false (verify (p256_set, as_rsa));
  g_assert_false (verify (rsa_set, as_rsa));
  g_assert_false (verify (p256_set, as_p256));
}

static void
assert_set_size (const char *key, guint expected)
{
  g_autoptr(OaiJwkSet) set = make_set (key, NULL);

  if (oai_jwk_set_get_size (set) != expected)
    g_error ("%s", key);
}

static void
assert_extra (TestKey *key, const char *extra, guint expected)
{
  g_autofree char *jwk = test_key_to_jwk (key, "k", extra);

  assert_set_size (jwk, expected);
}

#define X32 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static void
test_keys (void)
{
  assert_extra (&rsa, ",\"use\":\"enc\"", 0);
  assert_extra (&rsa, ",\"use\":1", 0);
  assert_extra (&rsa, ",\"alg\":\"RS512\"", 0);
  assert_extra (&rsa, ",\"alg\":\"ES256\"", 0);
  assert_extra (&rsa, ",\"key_ops\":[\"sign\"]", 0);
  assert_extra (&rsa, ",\"key_ops\":\"verify\"", 0);
  assert_extra (&rsa, ",\"d\":\"AAAA\"", 0);
  assert_extra (&rsa, ",\"kty\":\"EC\"", 0);
  assert_extra (&rsa, ",\"k\\u0069d\":\"x\"", 0);
  assert_extra (&p256, ",\"alg\":\"ES256K\"", 0);
  assert_extra (&p256, ",\"d\":\"AAAA\"", 0);
  assert_extra (&p256, "", 1);
  assert_set_size ("{\"kty\":\"oct\",\"k\":\"AAAA\",\"alg\":\"HS256\"}", 0);
  assert_set_size ("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" X32 "\"}", 0);
  assert_set_size ("{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" X32 "\",\"y\":\"" X32 "\"}", 0);
  assert_set_size ("{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"" X32 "\",\"y\":\"" X32 "\"}", 0);
  assert_set_size ("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAA\",\"y\":\"" X32 "\"}", 0);
  assert_set_size ("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X32 "=\",\"y\":\"" X32 "\"}", 0);
  assert_set_size ("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":1,\"y\":\"" X32 "\"}", 0);
  assert_set_size ("{\"kty\":\"EC\"}", 0);
  assert_set_size ("{}", 0);
  assert_set_size ("1,null,\"RSA\",[]", 0);
}

static void
assert_rsa (gsize modulus_size, guint8 first, const char *exponent, guint expected)
{
  g_autofree guint8 *modulus = g_malloc (modulus_size);
  g_autofree char *n = NULL;
  g_autofree char *jwk = NULL;

  memset (modulus, 0xa5, modulus_size);
  modulus[0] = first;
  n = oai_base64url_encode (modulus, modulus_size);
  jwk = g_strdup_printf ("{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"}", n, exponent);
  assert_set_size (jwk, expected);
}

static void
test_rsa_keys (void)
{
  assert_rsa (256, 0xa5, "AQAB", 1);
  assert_rsa (257, 0, "AQAB", 1);
  assert_rsa (257, 1, "AQAB", 1);
  assert_rsa (256, 0xa5, "Aw", 1);
  /* Too small, or too large to be verified quickly. */
  assert_rsa (128, 0xa5, "AQAB", 0);
  assert_rsa (255, 0xa5, "AQAB", 0);
  assert_rsa (256, 0x7f, "AQAB", 0);
  assert_rsa (256, 0, "AQAB", 0);
  assert_rsa (1025, 0xa5, "AQAB", 0);
  assert_rsa (100000, 0xa5, "AQAB", 0);
  /* 1, 0, 2, 65536, nothing, with a leading zero, 9 bytes */
  assert_rsa (256, 0xa5, "AQ", 0);
  assert_rsa (256, 0xa5, "AA", 0);
  assert_rsa (256, 0xa5, "Ag", 0);
  assert_rsa (256, 0xa5, "AQAA", 0);
  assert_rsa (256, 0xa5, "", 0);
  assert_rsa (256, 0xa5, "AAE", 0);
  assert_rsa (256, 0xa5, "AQAAAAAAAAAB", 0);
}

/* A point that is not on the curve reveals nothing here, but must not verify anything. */
static void
test_point_not_on_curve (void)
{
  g_autofree char *jwk = g_strdup ("{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"k\",\"x\":\"" X32 "\",\"y\":\"" X32 "\"}");
  g_autoptr(OaiJwkSet) set = make_set (jwk, NULL);
  g_autofree char *token = test_key_make_token (&p256, "{\"alg\":\"ES256\",\"kid\":\"k\"}", CLAIMS);

  g_assert_false (verify (set, token));
}

static void
test_ambiguous_keys (void)
{
  g_autofree char *first = test_key_to_jwk (&rsa, "same", "");
  g_autofree char *second = test_key_to_jwk (&other_rsa, "same", "");
  g_autofree char *third = test_key_to_jwk (&other_rsa, "other", "");
  g_autoptr(OaiJwkSet) same = make_set (first, second);
  g_autoptr(OaiJwkSet) different = make_set (first, third);

  g_assert_null (oai_jwk_set_find (same, "same", OAI_JWT_RS256));
  g_assert_null (oai_jwk_set_find (different, NULL, OAI_JWT_RS256));
  g_assert_nonnull (oai_jwk_set_find (different, "same", OAI_JWT_RS256));
  g_assert_null (oai_jwk_set_find (different, "same", OAI_JWT_ES256));
  g_assert_null (oai_jwk_set_find (different, "", OAI_JWT_RS256));
  g_assert_null (oai_jwk_set_find (different, "../../same", OAI_JWT_RS256));
  g_assert_null (oai_jwk_set_find (different, "same' OR '1'='1", OAI_JWT_RS256));
}

static void
test_sets (void)
{
  static const char *const invalid[] = {
    "", "{}", "[]", "null", "{\"keys\":{}}", "{\"keys\":null}", "{\"keys\":[]", "{\"keys\":[],\"keys\":[]}", "<html>",
    "{\"keys\":[]}x", "\xef\xbb\xbf{\"keys\":[]}",
  };
  GString *many = g_string_new ("{\"keys\":[{}");

  for (guint i = 0; i < G_N_ELEMENTS (invalid); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (oai_jwk_set_parse (invalid[i], strlen (invalid[i]), crypto, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
    }
  for (guint i = 0; i < 128; i++)
    g_string_append (many, ",{}");
  g_string_append (many, "]}");
  g_assert_null (oai_jwk_set_parse (many->str, many->len, crypto, NULL));
  g_string_free (many, TRUE);
}

/* Random changes of a token and of a set of keys cause no memory error. */
static void
test_random_changes (void)
{
  g_autofree char *token = test_key_make_token (&p256, "{\"alg\":\"ES256\",\"kid\":\"k\"}", CLAIMS);
  g_autofree char *jwk = test_key_to_jwk (&p256, "k", "");
  g_autofree char *set_text = g_strdup_printf ("{\"keys\":[%s]}", jwk);
  gsize token_length = strlen (token);
  gsize set_length = strlen (set_text);

  for (guint i = 0; i < 2000; i++)
    {
      g_autofree char *changed = g_strdup (token);
      g_autofree char *changed_set = g_strdup (set_text);
      OaiJwkSet *set;

      for (guint n = g_test_rand_int_range (1, 4); n > 0; n--)
        {
          changed[g_test_rand_int_range (0, token_length)] = g_test_rand_int_range (1, 256);
          changed_set[g_test_rand_int_range (0, set_length)] = g_test_rand_int_range (1, 256);
        }
      parse (changed);
      set = oai_jwk_set_parse (changed_set, set_length, crypto, NULL);
      if (set != NULL)
        oai_jwk_set_free (set);
    }
}

int
main (int argc, char *argv[])
{
  GError *error = NULL;
  int result;

  g_test_init (&argc, &argv, NULL);
  crypto = oai_proxy_backend_load ("openid", &error);
  g_assert_no_error (error);
  test_key_generate (&rsa, TRUE, 2048);
  test_key_generate (&other_rsa, TRUE, 2048);
  test_key_generate (&p256, FALSE, GNUTLS_ECC_CURVE_SECP256R1);
  test_key_generate (&other_p256, FALSE, GNUTLS_ECC_CURVE_SECP256R1);

  g_test_add_func ("/jwt/good", test_good);
  g_test_add_func ("/jwt/headers", test_headers);
  g_test_add_func ("/jwt/forms", test_forms);
  g_test_add_func ("/jwt/unused-bits", test_unused_bits);
  g_test_add_func ("/jwt/changes", test_changes);
  g_test_add_func ("/jwt/es256-signatures", test_es256_signatures);
  g_test_add_func ("/jwt/es256-second-signature", test_es256_second_signature);
  g_test_add_func ("/jwt/rs256-signatures", test_rs256_signatures);
  g_test_add_func ("/jwt/hs256-with-public-key", test_hs256_with_public_key);
  g_test_add_func ("/jwt/algorithm-of-the-key", test_algorithm_of_the_key);
  g_test_add_func ("/jwt/keys", test_keys);
  g_test_add_func ("/jwt/rsa-keys", test_rsa_keys);
  g_test_add_func ("/jwt/point-not-on-curve", test_point_not_on_curve);
  g_test_add_func ("/jwt/ambiguous-keys", test_ambiguous_keys);
  g_test_add_func ("/jwt/sets", test_sets);
  g_test_add_func ("/jwt/random-changes", test_random_changes);

  result = g_test_run ();
  test_key_clear (&rsa);
  test_key_clear (&other_rsa);
  test_key_clear (&p256);
  test_key_clear (&other_p256);

  return result;
}
