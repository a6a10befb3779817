/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-chunk-decoder-private.h"

#include <string.h>

#define MAX_DIGITS 8

/* Returns the size of a chunk, or 0 if the line is not for this decoder. */
static guint32
parse_line (const char *line, gsize length)
{
  guint32 size = 0;
  gsize i;

  for (i = 0; i < length && g_ascii_isxdigit (line[i]); i++)
    {
      if (i == MAX_DIGITS)
        return 0;
      size = size << 4 | (guint32) g_ascii_xdigit_value (line[i]);
    }
  if (i == 0 || length - i < 2 || (line[i] != ';' && line[i] != '\r') || memchr (line, '\r', length) != line + length - 2)
    return 0;

  return size;
}

static void
take_line (OaiChunkDecoder *self, const char *line, gsize length)
{
  self->left = parse_line (line, length);
  self->stopped = self->left == 0;
  if (self->stopped)
    return;

  self->state = OAI_CHUNK_DATA;
  self->line_length = 0;
}

/* Returns how many bytes were used.  A complete line that is not for this decoder is not used. */
static gsize
read_line (OaiChunkDecoder *self, const char *data, gsize length)
{
  gsize n = MIN (length, (gsize) (OAI_CHUNK_DECODER_MAX_LINE - self->line_length));
  const char *end = memchr (data, '\n', n);

  if (end != NULL)
    n = end + 1 - data;
  if (end != NULL && self->line_length == 0)
    {
      take_line (self, data, n);
      return self->stopped ? 0 : n;
    }

  memcpy (self->line + self->line_length, data, n);
  self->line_length += n;
  if (end != NULL)
    take_line (self, self->line, self->line_length);
  else
    self->stopped = self->line_length == OAI_CHUNK_DECODER_MAX_LINE;

  return n;
}

static gsize
expect (OaiChunkDecoder *self, char wanted, char found, OaiChunkState next)
{
  self->stopped = found != wanted;
  if (self->stopped)
    return 0;

  self->state = next;

  return 1;
}

gsize
oai_chunk_decoder_decode (OaiChunkDecoder *self, char *data, gsize length, gsize *used)
{
  gsize from = 0, to = 0;

  while (from < length && !self->stopped)
    {
      gsize n;

      switch (self->state)
        {
        case OAI_CHUNK_LINE:
          from += read_line (self, data + from, length - from);
          break;
        case OAI_CHUNK_CR:
          from += expect (self, '\r', data[from], OAI_CHUNK_LF);
          break;
        case OAI_CHUNK_LF:
          from += expect (self, '\n', data[from], OAI_CHUNK_LINE);
          break;
        case OAI_CHUNK_DATA:
        default:
          n = MIN (self->left, length - from);
          memmove (data + to, data + from, n);
          to += n;
          from += n;
          self->left -= n;
          if (self->left == 0)
            self->state = OAI_CHUNK_CR;
        }
    }
  *used = from;

  return to;
}

gsize
oai_chunk_decoder_get_prefix (OaiChunkDecoder *self, GByteArray *prefix)
{
  /* A whole chunk, after which its end is missing. */
  static const char chunk[] = "1\r\n-\r";
  g_autofree char *head = NULL;

  switch (self->state)
    {
    case OAI_CHUNK_LINE:
      g_byte_array_append (prefix, (const guint8 *) self->line, self->line_length);
      return 0;
    case OAI_CHUNK_CR:
      g_byte_array_append (prefix, (const guint8 *) chunk, strlen (chunk) - 1);
      return 1;
    case OAI_CHUNK_LF:
      g_byte_array_append (prefix, (const guint8 *) chunk, strlen (chunk));
      return 1;
    case OAI_CHUNK_DATA:
    default:
      head = g_strdup_printf ("%x\r\n", self->left);
      g_byte_array_append (prefix, (const guint8 *) head, strlen (head));
      return 0;
    }
}
