/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Keys and signed tokens of an OpenID provider, for tests. */

#pragma once

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#include "oai-base64url-private.h"

typedef struct
{
  gnutls_privkey_t key;
  gboolean is_rsa;
} TestKey;

static inline void
test_key_generate (TestKey *self, gboolean is_rsa, guint bits)
{
  self->is_rsa = is_rsa;
  g_assert_cmpint (gnutls_privkey_init (&self->key), ==, 0);
  g_assert_cmpint (gnutls_privkey_generate (self->key, is_rsa ? GNUTLS_PK_RSA : GNUTLS_PK_ECDSA,
                                            is_rsa ? bits : (guint) GNUTLS_CURVE_TO_BITS (bits), 0),
                   ==, 0);
}

static inline void
test_key_clear (TestKey *self)
{
  gnutls_privkey_deinit (self->key);
}

/* Without zeros before it, or with as many as are necessary for size, which may be 0. */
static inline char *
test_encode_number (const gnutls_datum_t *number, gsize size)
{
  guint8 buffer[1024] = { 0 };
  gsize skipped = 0;

  while (skipped < number->size && number->data[skipped] == 0)
    skipped++;
  if (size == 0)
    size = number->size - skipped;
  memcpy (buffer + size - (number->size - skipped), number->data + skipped, number->size - skipped);

  return oai_base64url_encode (buffer, size);
}

/* extra: further members, such as ,"alg":"RS256" */
static inline char *
test_key_to_jwk (TestKey *self, const char *id, const char *extra)
{
  gnutls_datum_t first, second;
  gnutls_pubkey_t public_key;
  gnutls_ecc_curve_t curve;
  g_autofree char *a = NULL;
  g_autofree char *b = NULL;
  char *jwk;

  g_assert_cmpint (gnutls_pubkey_init (&public_key), ==, 0);
  g_assert_cmpint (gnutls_pubkey_import_privkey (public_key, self->key, 0, 0), ==, 0);
  if (self->is_rsa)
    g_assert_cmpint (gnutls_pubkey_export_rsa_raw (public_key, &first, &second), ==, 0);
  else
    g_assert_cmpint (gnutls_pubkey_export_ecc_raw (public_key, &curve, &first, &second), ==, 0);
  a = test_encode_number (&first, self->is_rsa ? 0 : 32);
  b = test_encode_number (&second, self->is_rsa ? 0 : 32);
  gnutls_free (first.data);
  gnutls_free (second.data);
  gnutls_pubkey_deinit (public_key);

  if (self->is_rsa)
    jwk = g_strdup_printf ("{\"kty\":\"RSA\",\"kid\":\"%s\",\"n\":\"%s\",\"e\":\"%s\"%s}", id, a, b, extra);
  else
    jwk = g_strdup_printf ("{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"%s\",\"x\":\"%s\",\"y\":\"%s\"%s}", id, a, b, extra);

  return jwk;
}

/* The signature of RS256, or that of ES256 as R and S. */
static inline GBytes *
test_key_sign (TestKey *self, const char *text)
{
  gnutls_datum_t data = { (unsigned char *) text, strlen (text) };
  gnutls_datum_t signature, r, s;
  guint8 raw[64] = { 0 };
  GBytes *bytes;

  g_assert_cmpint (gnutls_privkey_sign_data2 (self->key, self->is_rsa ? GNUTLS_SIGN_RSA_SHA256 : GNUTLS_SIGN_ECDSA_SHA256, 0, &data, &signature), ==, 0);
  if (self->is_rsa)
    {
      bytes = g_bytes_new (signature.data, signature.size);
      gnutls_free (signature.data);
      return bytes;
    }

  g_assert_cmpint (gnutls_decode_rs_value (&signature, &r, &s), ==, 0);
  for (guint i = 0; i < 2; i++)
    {
      gnutls_datum_t number = i == 0 ? r : s;
      gsize skipped = number.size > 32 ? number.size - 32 : 0;

      memcpy (raw + 32 * (i + 1) - (number.size - skipped), number.data + skipped, number.size - skipped);
    }
  gnutls_free (signature.data);
  gnutls_free (r.data);
  gnutls_free (s.data);

  return g_bytes_new (raw, sizeof raw);
}

static inline char *
test_join_token (const char *header, const char *claims)
{
  g_autofree char *first = oai_base64url_encode ((const guint8 *) header, strlen (header));
  g_autofree char *second = oai_base64url_encode ((const guint8 *) claims, strlen (claims));

  return g_strconcat (first, ".", second, NULL);
}

static inline char *
test_add_signature (const char *text, GBytes *signature)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (signature, &size);
  g_autofree char *encoded = oai_base64url_encode (data, size);

  return g_strconcat (text, ".", encoded, NULL);
}

static inline char *
test_key_make_token (TestKey *self, const char *header, const char *claims)
{
  g_autofree char *text = test_join_token (header, claims);
  g_autoptr(GBytes) signature = test_key_sign (self, text);

  return test_add_signature (text, signature);
}
