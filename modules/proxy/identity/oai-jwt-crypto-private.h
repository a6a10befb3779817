/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The functions of the plug-in "openid", which verify signatures. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  OAI_JWT_RS256, /* RSASSA-PKCS1-v1_5 with SHA-256 */
  OAI_JWT_ES256  /* ECDSA with the curve P-256 and SHA-256 */
} OaiJwtAlgorithm;

/* The size of each coordinate of P-256, and of each half of its signatures. */
#define OAI_JWT_P256_SIZE 32

typedef struct _OaiJwtPublicKey OaiJwtPublicKey;

typedef struct
{
  /* Big-endian numbers.  Return NULL for keys that are not valid. */
  OaiJwtPublicKey *(*new_rsa) (const guint8 *modulus, gsize modulus_size, const guint8 *exponent, gsize exponent_size);
  OaiJwtPublicKey *(*new_p256) (const guint8 x[OAI_JWT_P256_SIZE], const guint8 y[OAI_JWT_P256_SIZE]);
  void (*free) (OaiJwtPublicKey *key);
  /* ES256: the signature is R and S, 32 bytes each, and not DER.  The algorithm is that of the key. */
  gboolean (*verify) (OaiJwtPublicKey *key, const guint8 *data, gsize size, const guint8 *signature, gsize signature_size);
} OaiJwtCrypto;

G_END_DECLS
