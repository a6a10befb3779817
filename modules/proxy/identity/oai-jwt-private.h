/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Signed tokens of OpenID providers (RFC 7519, RFC 7515), in the compact form. */

#pragma once

#include "oai-json-doc-private.h"
#include "oai-jwt-crypto-private.h"

G_BEGIN_DECLS

#define OAI_JWT_MAX_LENGTH 16384

typedef struct
{
  OaiJsonDoc *header;
  OaiJsonDoc *claims;
  OaiJwtAlgorithm algorithm;
  const char *key_id;   /* of the header, or NULL */
  const char *text;     /* borrowed: the token */
  gsize signed_length;  /* of the text before the signature */
  guint8 *signature;
  gsize signature_size;
} OaiJwt;

typedef enum
{
  OAI_JWT_OTHER,   /* not a token of this kind */
  OAI_JWT_INVALID, /* it must not be accepted; reason is translated */
  OAI_JWT_PARSED   /* well-formed; the signature was not verified */
} OaiJwtResult;

/* text is borrowed as long as self is used. */
OaiJwtResult oai_jwt_parse (OaiJwt *self, const char *text, const char **reason);
void oai_jwt_clear (OaiJwt *self);
gboolean oai_jwt_verify (OaiJwt *self, const OaiJwtCrypto *crypto, OaiJwtPublicKey *key);

/* Returns NULL if the claim is absent or not a string. */
const char *oai_jwt_get_text (OaiJwt *self, const char *claim);
gboolean oai_jwt_has_claim (OaiJwt *self, const char *claim);
/* Whether the claim is true, as a boolean. */
gboolean oai_jwt_is_true (OaiJwt *self, const char *claim);
/* Seconds since 1970.  Returns FALSE if the claim is absent or not a number. */
gboolean oai_jwt_get_time (OaiJwt *self, const char *claim, double *time);
/* Whether the claim is one of the texts, or a list that contains one of them. */
gboolean oai_jwt_contains (OaiJwt *self, const char *claim, const char *const *texts);

G_END_DECLS
