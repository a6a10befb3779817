/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-base64-pieces-private.h"

static int
get_value (char c)
{
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (g_ascii_isdigit (c))
    return c - '0' + 52;
  if (c == '+' || c == '-')
    return 62;

  return c == '/' || c == '_' ? 63 : -1;
}

/* Two characters are one byte, three are two, four are three. */
static gsize
take_group (OaiBase64Pieces *self, guint8 *place)
{
  gsize size = self->n > 0 ? self->n - 1 : 0;
  guint bits = self->bits << (6 * (4 - self->n));

  for (gsize i = 0; i < size; i++)
    place[i] = (bits >> (16 - 8 * i)) & 0xff;
  self->bits = 0;
  self->n = 0;

  return size;
}

GBytes *
oai_base64_pieces_add (OaiBase64Pieces *self, const char *text, gsize length)
{
  g_autofree guint8 *data = g_malloc (length / 4 * 3 + 6);
  gsize size = 0;

  for (gsize i = 0; i < length; i++)
    {
      int value = get_value (text[i]);

      if (g_ascii_isspace (text[i]))
        continue;
      if (value < 0 && (text[i] != '=' || self->n == 1))
        return NULL;
      if (value >= 0)
        {
          self->bits = self->bits << 6 | (guint) value;
          self->n++;
        }
      if (value < 0 || self->n == 4)
        size += take_group (self, data + size);
    }

  return g_bytes_new_take (g_steal_pointer (&data), size);
}

GBytes *
oai_base64_pieces_end (OaiBase64Pieces *self)
{
  guint8 data[3];
  gsize size;

  if (self->n == 1)
    return NULL;

  size = take_group (self, data);

  return g_bytes_new (data, size);
}
