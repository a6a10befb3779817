/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The contents of a token file: identities by the digests of their tokens.
 *
 *   # comment
 *   identity:hmac-sha256$SALT$DIGEST
 *   identity:hmac-sha256$SALT$DIGEST:limits
 *
 * SALT and DIGEST are Base64 for URLs; the digest is the HMAC of the token, keyed with the salt.  A digest is computed
 * for each salt, so that lines should share theirs. */

#pragma once

#include "oai-token-digest-private.h"

G_BEGIN_DECLS

#define OAI_TOKEN_MIN_LENGTH 20
#define OAI_TOKEN_MAX_LENGTH 1024

typedef struct _OaiTokenTable OaiTokenTable;

/* Overwrites text.  Errors contain the number of the line, but never its contents. */
OaiTokenTable *oai_token_table_parse (char *text, GError **error);
void oai_token_table_free (OaiTokenTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiTokenTable, oai_token_table_free)

guint oai_token_table_get_size (OaiTokenTable *self);
/* Returns FALSE if there is no such token.  limits: NULL if the line contains none. */
gboolean oai_token_table_find (OaiTokenTable *self, const char *token, const char **identity, const char **limits);
/* Returns the names of limits, without duplicates. */
char **oai_token_table_list_limits (OaiTokenTable *self);

/* Returns a line without its end, with the salt of self (nullable) or a new one.  limits: nullable.  Fails if the token
 * is too short to be random, or if a name cannot be written. */
char *oai_token_table_format (OaiTokenTable *self, const char *identity, const char *token, const char *limits, GError **error);

G_END_DECLS
