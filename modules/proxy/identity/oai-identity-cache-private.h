/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Identities of tokens that were accepted before, for a limited time. */

#pragma once

#include "oai-proxy-identity.h"
#include "oai-token-digest-private.h"

G_BEGIN_DECLS

typedef struct _OaiIdentityCache OaiIdentityCache;

OaiIdentityCache *oai_identity_cache_new (guint max_entries);
void oai_identity_cache_free (OaiIdentityCache *self);

/* The cache contains digests, with a key of this process, instead of tokens. */
void oai_identity_cache_compute (OaiIdentityCache *self, const char *token, OaiDigest *digest);
/* Returns FALSE if it is not known.  identity: borrowed; NULL if the token is known and of another kind.  now: on the
 * clock of the expiry times, in microseconds. */
gboolean oai_identity_cache_find (OaiIdentityCache *self, const OaiDigest *digest, gint64 now, OaiProxyIdentity **identity);
/* identity: nullable */
void oai_identity_cache_add (OaiIdentityCache *self, const OaiDigest *digest, OaiProxyIdentity *identity, gint64 now, gint64 expires);
void oai_identity_cache_clear (OaiIdentityCache *self);

G_END_DECLS
