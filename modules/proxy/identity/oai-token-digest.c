/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-token-digest-private.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "oai-wipe-private.h"

/* The limit of getentropy(). */
#define MAX_RANDOM 256

void
oai_digest_compute (OaiDigest *self, GHmac *hmac, const char *data, gsize size)
{
  g_autoptr(GHmac) copy = g_hmac_copy (hmac);
  gsize length = OAI_DIGEST_SIZE;

  g_hmac_update (copy, (const guchar *) data, size);
  g_hmac_get_digest (copy, self->bytes, &length);
}

GHmac *
oai_digest_new_hmac (const guint8 *key, gsize size)
{
  return g_hmac_new (G_CHECKSUM_SHA256, key, size);
}

GHmac *
oai_digest_new_random_hmac (void)
{
  guint8 key[OAI_DIGEST_SIZE];
  GHmac *hmac;

  oai_random_fill (key, sizeof key);
  hmac = oai_digest_new_hmac (key, sizeof key);
  oai_wipe (key, sizeof key);

  return hmac;
}

guint
oai_digest_hash (gconstpointer digest)
{
  guint hash;

  memcpy (&hash, digest, sizeof hash);

  return hash;
}

gboolean
oai_digest_equal (gconstpointer a, gconstpointer b)
{
  return oai_bytes_equal (a, b, OAI_DIGEST_SIZE);
}

gboolean
oai_bytes_equal (gconstpointer a, gconstpointer b, gsize size)
{
  const volatile guint8 *first = a;
  const volatile guint8 *second = b;
  guint8 difference = 0;

  for (gsize i = 0; i < size; i++)
    difference |= first[i] ^ second[i];

  return difference == 0;
}

void
oai_random_fill (guint8 *data, gsize size)
{
  while (size > 0)
    {
      gsize part = MIN (size, MAX_RANDOM);

      if (getentropy (data, part) != 0)
        g_error ("The operating system provides no random bytes: %s", g_strerror (errno));
      data += part;
      size -= part;
    }
}
