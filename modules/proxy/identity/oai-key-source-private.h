/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Loads the keys of an OpenID provider, and keeps them up to date. */

#pragma once

#include "oai-client.h"
#include "oai-jwk-set-private.h"

G_BEGIN_DECLS

typedef struct _OaiKeySource OaiKeySource;

/* An attempt to load the keys has ended.  error: NULL after success.  It may free the source. */
typedef void (*OaiKeySourceFunc) (const GError *error, gpointer user_data);

/* client: nullable; its sessions are used, and no credentials are sent. */
OaiKeySource *oai_key_source_new (const char *issuer, OaiClient *client, const OaiJwtCrypto *crypto, OaiKeySourceFunc func, gpointer user_data);
void oai_key_source_free (OaiKeySource *self);
/* Fails with OAI_ERROR_INVALID_ARGUMENT.  http is allowed for this machine only. */
gboolean oai_key_source_check_url (const char *url, GError **error);

/* refresh: keys of this age are loaded again; they are used for 24 times as long if the provider cannot be reached.
 * retry: the time between attempts to load keys for a token with an unknown key. */
void oai_key_source_set_intervals (OaiKeySource *self, guint refresh_ms, guint retry_ms);
/* Returns NULL if there are no keys or if they are too old; starts to load them if necessary. */
OaiJwkSet *oai_key_source_get_keys (OaiKeySource *self);
/* Loads the keys again, unless this was done too recently.  Returns whether they are being loaded. */
gboolean oai_key_source_refresh (OaiKeySource *self);

G_END_DECLS
