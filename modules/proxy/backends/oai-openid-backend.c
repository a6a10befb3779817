/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-openid-backend-private.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "oai-jwt-crypto-private.h"

struct _OaiJwtPublicKey
{
  gnutls_pubkey_t key;
  gboolean is_rsa;
  gsize signature_size;
};

/* Takes the key, which is NULL if it could not be imported. */
static OaiJwtPublicKey *
wrap_key (gnutls_pubkey_t key, gboolean is_rsa, gsize signature_size)
{
  OaiJwtPublicKey *self;

  if (key == NULL)
    return NULL;

  self = g_new (OaiJwtPublicKey, 1);
  self->key = key;
  self->is_rsa = is_rsa;
  self->signature_size = signature_size;

  return self;
}

static gnutls_datum_t
make_datum (const guint8 *data, gsize size)
{
  return (gnutls_datum_t) { (unsigned char *) data, size };
}

/* Frees a key that was not imported. */
static gnutls_pubkey_t
check_import (gnutls_pubkey_t key, int result)
{
  if (result == GNUTLS_E_SUCCESS)
    return key;

  gnutls_pubkey_deinit (key);

  return NULL;
}

static OaiJwtPublicKey *
new_rsa (const guint8 *modulus, gsize modulus_size, const guint8 *exponent, gsize exponent_size)
{
  gnutls_datum_t m = make_datum (modulus, modulus_size);
  gnutls_datum_t e = make_datum (exponent, exponent_size);
  gnutls_pubkey_t key;

  if (gnutls_pubkey_init (&key) != GNUTLS_E_SUCCESS)
    return NULL;

  return wrap_key (check_import (key, gnutls_pubkey_import_rsa_raw (key, &m, &e)), TRUE, modulus_size);
}

static OaiJwtPublicKey *
new_p256 (const guint8 x[OAI_JWT_P256_SIZE], const guint8 y[OAI_JWT_P256_SIZE])
{
  gnutls_datum_t x_datum = make_datum (x, OAI_JWT_P256_SIZE);
  gnutls_datum_t y_datum = make_datum (y, OAI_JWT_P256_SIZE);
  gnutls_pubkey_t key;

  if (gnutls_pubkey_init (&key) != GNUTLS_E_SUCCESS)
    return NULL;

  return wrap_key (check_import (key, gnutls_pubkey_import_ecc_raw (key, GNUTLS_ECC_CURVE_SECP256R1, &x_datum, &y_datum)), FALSE,
                   2 * OAI_JWT_P256_SIZE);
}

static void
free_key (OaiJwtPublicKey *key)
{
  gnutls_pubkey_deinit (key->key);
  g_free (key);
}

static gboolean
verify_data (OaiJwtPublicKey *key, gnutls_sign_algorithm_t algorithm, const guint8 *data, gsize size, const gnutls_datum_t *signature)
{
  gnutls_datum_t signed_data = make_datum (data, size);

  return gnutls_pubkey_verify_data2 (key->key, algorithm, 0, &signed_data, signature) >= 0;
}

/* A number without leading zeros; empty for zero. */
static gnutls_datum_t
make_number (const guint8 *data, gsize size)
{
  while (size > 0 && *data == 0)
    {
      data++;
      size--;
    }

  return make_datum (data, size);
}

static gboolean
verify_p256 (OaiJwtPublicKey *key, const guint8 *data, gsize size, const guint8 *signature)
{
  gnutls_datum_t r = make_number (signature, OAI_JWT_P256_SIZE);
  gnutls_datum_t s = make_number (signature + OAI_JWT_P256_SIZE, OAI_JWT_P256_SIZE);
  gnutls_datum_t der;
  gboolean valid;

  if (r.size == 0 || s.size == 0 || gnutls_encode_rs_value (&der, &r, &s) != GNUTLS_E_SUCCESS)
    return FALSE;

  valid = verify_data (key, GNUTLS_SIGN_ECDSA_SHA256, data, size, &der);
  gnutls_free (der.data);

  return valid;
}

static gboolean
verify (OaiJwtPublicKey *key, const guint8 *data, gsize size, const guint8 *signature, gsize signature_size)
{
  gnutls_datum_t whole = make_datum (signature, signature_size);

  if (signature_size != key->signature_size)
    return FALSE;
  if (!key->is_rsa)
    return verify_p256 (key, data, size, signature);

  return verify_data (key, GNUTLS_SIGN_RSA_SHA256, data, size, &whole);
}

static const OaiJwtCrypto crypto = { new_rsa, new_p256, free_key, verify };

const OaiProxyBackend oai_proxy_backend = { OAI_PROXY_BACKEND_VERSION, "openid", &crypto };
