/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-base64-private.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"

/* A character of the standard alphabet, or 0. */
static char
normalize (char c)
{
  if (c == '-')
    return '+';
  if (c == '_')
    return '/';

  return g_ascii_isalnum (c) || c == '+' || c == '/' ? c : 0;
}

/* Completes the group with padding; FALSE if the group has one character only, which is not a byte. */
static gboolean
pad (OaiBase64Decoder *self)
{
  if (self->n == 1)
    return FALSE;
  while (self->n > 0 && self->n < 4)
    self->group[self->n++] = '=';

  return TRUE;
}

/* Appends the group to out if it is complete. */
static void
flush (OaiBase64Decoder *self, char *out, gsize *length)
{
  if (self->n < 4)
    return;

  memcpy (out + *length, self->group, 4);
  *length += 4;
  self->n = 0;
}

/* GLib ignores what is not Base64, so it gets complete groups of valid characters only. */
static GBytes *
decode_groups (const char *groups, gsize length)
{
  g_autofree guint8 *data = g_malloc (length / 4 * 3 + 3);
  int state = 0;
  guint save = 0;
  gsize size = g_base64_decode_step (groups, length, data, &state, &save);

  return g_bytes_new_take (g_steal_pointer (&data), size);
}

GBytes *
oai_base64_decoder_add (OaiBase64Decoder *self, const char *text, gsize length)
{
  /* Each character makes at most one group, together with padding. */
  g_autofree char *groups = g_malloc (length * 4 + 4);
  gsize n_groups = 0;

  for (gsize i = 0; i < length; i++)
    {
      char c = normalize (text[i]);

      if (g_ascii_isspace (text[i]))
        continue;
      if (c != 0)
        self->group[self->n++] = c;
      else if (text[i] != '=' || !pad (self))
        return NULL;
      flush (self, groups, &n_groups);
    }

  return decode_groups (groups, n_groups);
}

GBytes *
oai_base64_decoder_end (OaiBase64Decoder *self)
{
  char group[4];
  gsize length = 0;

  if (!pad (self))
    return NULL;
  flush (self, group, &length);

  return decode_groups (group, length);
}

GBytes *
oai_base64_decode (const char *text, gsize length, GError **error)
{
  OaiBase64Decoder decoder = { 0 };
  g_autoptr(GBytes) start = NULL;
  g_autoptr(GBytes) end = NULL;
  GByteArray *joined;

  while (length > 0 && (text[length - 1] == '=' || g_ascii_isspace (text[length - 1])))
    length--;
  if (length == 0 || memchr (text, '=', length) == NULL)
    start = oai_base64_decoder_add (&decoder, text, length);
  if (start != NULL)
    end = oai_base64_decoder_end (&decoder);
  if (end == NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The text is not valid Base64"));
      return NULL;
    }
  if (g_bytes_get_size (end) == 0)
    return g_steal_pointer (&start);

  joined = g_bytes_unref_to_array (g_steal_pointer (&start));
  g_byte_array_append (joined, g_bytes_get_data (end, NULL), g_bytes_get_size (end));

  return g_byte_array_free_to_bytes (joined);
}
