/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-base64url-private.h"

#include <string.h>

char *
oai_base64url_encode (const guint8 *data, gsize size)
{
  char *text = g_base64_encode (data, size);
  char *end = strchr (text, '=');

  if (end != NULL)
    *end = '\0';
  for (char *c = text; *c != '\0'; c++)
    *c = *c == '+' ? '-' : *c == '/' ? '_' : *c;

  return text;
}

static int
get_value (char c)
{
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (c >= '0' && c <= '9')
    return c - '0' + 52;

  return c == '-' ? 62 : c == '_' ? 63 : -1;
}

guint8 *
oai_base64url_decode (const char *text, gsize length, gsize *size)
{
  g_autofree guint8 *data = g_malloc (length / 4 * 3 + 3);
  guint32 bits = 0;
  guint n_bits = 0;

  *size = 0;
  for (gsize i = 0; i < length; i++)
    {
      int value = get_value (text[i]);

      if (value < 0)
        return NULL;

      bits = bits << 6 | value;
      n_bits += 6;
      if (n_bits >= 8)
        {
          n_bits -= 8;
          data[(*size)++] = bits >> n_bits;
          bits &= (1u << n_bits) - 1;
        }
    }
  /* Six bits are an incomplete byte. */
  if (n_bits == 6 || bits != 0)
    return NULL;

  return g_steal_pointer (&data);
}
