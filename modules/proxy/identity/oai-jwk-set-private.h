/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The public keys of an OpenID provider (RFC 7517). */

#pragma once

#include "oai-jwt-crypto-private.h"

G_BEGIN_DECLS

typedef struct _OaiJwkSet OaiJwkSet;

/* Keys of other types, and keys that are not for signatures, are ignored.  Fails with OAI_ERROR_PROTOCOL if the text is
 * not a set of keys.  crypto is static. */
OaiJwkSet *oai_jwk_set_parse (const char *text, gsize length, const OaiJwtCrypto *crypto, GError **error);
void oai_jwk_set_free (OaiJwkSet *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiJwkSet, oai_jwk_set_free)

guint oai_jwk_set_get_size (OaiJwkSet *self);
/* key_id: NULL for a token that names no key; it is accepted if there is one key only for the algorithm.  Returns a borrowed
 * key, or NULL. */
OaiJwtPublicKey *oai_jwk_set_find (OaiJwkSet *self, const char *key_id, OaiJwtAlgorithm algorithm);

G_END_DECLS
