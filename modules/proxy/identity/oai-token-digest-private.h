/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* HMAC-SHA256 of tokens, comparison in constant time, and random bytes. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define OAI_DIGEST_SIZE 32

typedef struct
{
  guint8 bytes[OAI_DIGEST_SIZE];
} OaiDigest;

/* hmac: keyed and without data; it can be used again. */
void oai_digest_compute (OaiDigest *self, GHmac *hmac, const char *data, gsize size);
/* A key for the HMAC; GLib's copy of it is not overwritten when it is freed. */
GHmac *oai_digest_new_hmac (const guint8 *key, gsize size);
/* A key that only this process knows. */
GHmac *oai_digest_new_random_hmac (void);

/* For hash tables whose keys are digests. */
guint oai_digest_hash (gconstpointer digest);
gboolean oai_digest_equal (gconstpointer a, gconstpointer b);

/* The duration depends on the size only. */
gboolean oai_bytes_equal (gconstpointer a, gconstpointer b, gsize size);
/* From the random number generator of the operating system. */
void oai_random_fill (guint8 *data, gsize size);

G_END_DECLS
