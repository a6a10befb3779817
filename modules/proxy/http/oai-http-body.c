/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-http-body-private.h"

#include <string.h>

/* Digits of the size of a chunk, so that it fits in 60 bits. */
#define MAX_DIGITS 15
/* Bytes of all extensions of a body. */
#define MAX_EXTENSIONS 4096

enum
{
  COMPLETE, /* 0 */
  LENGTH,
  SIZE_BEGIN, /* all others are of the chunked encoding */
  SIZE,
  NAME_BEGIN, /* of an extension */
  NAME,
  VALUE_BEGIN,
  VALUE,
  QUOTED,
  ESCAPED,
  VALUE_END,
  SIZE_LF,
  DATA,
  DATA_CR,
  DATA_LF,
  TRAILER,
  TRAILER_LF,
};

#define REASON(name, status, code, message) static const OaiHttpRefusal name = { status, code, message }

REASON (bad_size, 400, "invalid_chunk_size", "The size of a chunk is not a hexadecimal number");
REASON (large_size, 400, "invalid_chunk_size", "The size of a chunk has too many digits");
REASON (bad_extension, 400, "invalid_chunk_extension", "A chunk extension is malformed");
REASON (long_extension, 400, "chunk_extension_too_long", "The chunk extensions are too long");
REASON (bad_line_end, 400, "invalid_chunk", "The line of a chunk does not end with CR LF");
REASON (bad_data_end, 400, "invalid_chunk", "The data of a chunk is not followed by CR LF");
REASON (bad_trailer, 400, "invalid_trailer", "A trailer field is malformed");
REASON (forbidden_trailer, 400, "forbidden_trailer", "A trailer field changes the framing or the routing of the request");
REASON (long_trailer, 431, "trailer_too_large", "The trailer fields are too large");

void
oai_http_body_init_framed (OaiHttpBody *self, gboolean chunked, guint64 length)
{
  *self = (OaiHttpBody) { 0 };
  if (chunked)
    self->state = SIZE_BEGIN;
  else if (length > 0)
    *self = (OaiHttpBody) { .state = LENGTH, .left = length };
}

void
oai_http_body_init (OaiHttpBody *self, const OaiHttpHead *head)
{
  oai_http_body_init_framed (self, head->chunked, (guint64) MAX (head->content_length, 0));
}

void
oai_http_body_clear (OaiHttpBody *self)
{
  if (self->trailer != NULL)
    g_string_free (g_steal_pointer (&self->trailer), TRUE);
  self->state = COMPLETE;
}

gboolean
oai_http_body_is_complete (const OaiHttpBody *self)
{
  return self->state == COMPLETE;
}

gboolean
oai_http_body_is_chunked (const OaiHttpBody *self)
{
  return self->state >= SIZE_BEGIN;
}

guint64
oai_http_body_get_left (const OaiHttpBody *self)
{
  switch (self->state)
    {
    case COMPLETE:
      return 0;
    case LENGTH:
      return self->left;
    case DATA:
      return self->left + strlen ("\r\n0\r\n\r\n");
    default:
      return 1;
    }
}

static const OaiHttpRefusal *
read_size (OaiHttpBody *self, char c)
{
  if (!g_ascii_isxdigit (c))
    {
      if (self->digits == 0)
        return &bad_size;
      if (c != '\r' && c != ';')
        return c == '\n' ? &bad_line_end : &bad_size;
      self->state = c == ';' ? NAME_BEGIN : SIZE_LF;
      return NULL;
    }
  if (self->digits++ == MAX_DIGITS)
    return &large_size;

  self->state = SIZE;
  self->left = self->left << 4 | (guint64) g_ascii_xdigit_value (c);

  return NULL;
}

static const OaiHttpRefusal *
end_extension (OaiHttpBody *self, char c)
{
  if (c != '\r' && c != ';')
    return c == '\n' ? &bad_line_end : &bad_extension;

  self->state = c == ';' ? NAME_BEGIN : SIZE_LF;

  return NULL;
}

static const OaiHttpRefusal *
read_quoted (OaiHttpBody *self, char c)
{
  gboolean control = ((guint8) c < 0x20 && c != '\t') || c == 0x7f;

  if (control)
    return &bad_extension;
  if (self->state == ESCAPED)
    self->state = QUOTED;
  else if (c == '\\')
    self->state = ESCAPED;
  else if (c == '"')
    self->state = VALUE_END;

  return NULL;
}

static const OaiHttpRefusal *
read_extension (OaiHttpBody *self, char c)
{
  gboolean token = oai_http_is_token (&c, 1);

  if (++self->extension_size > MAX_EXTENSIONS)
    return &long_extension;

  switch (self->state)
    {
    case NAME_BEGIN:
      self->state = NAME;
      return token ? NULL : &bad_extension;
    case NAME:
      if (c != '=')
        return token ? NULL : end_extension (self, c);
      self->state = VALUE_BEGIN;
      return NULL;
    case VALUE_BEGIN:
      self->state = c == '"' ? QUOTED : VALUE;
      return token || c == '"' ? NULL : &bad_extension;
    case VALUE:
      return token ? NULL : end_extension (self, c);
    case VALUE_END:
      return end_extension (self, c);
    default:
      return read_quoted (self, c);
    }
}

static const OaiHttpRefusal *
end_size (OaiHttpBody *self, char c)
{
  if (c != '\n')
    return &bad_line_end;

  self->state = self->left > 0 ? DATA : TRAILER;
  self->digits = 0;

  return NULL;
}

static const OaiHttpRefusal *
end_data (OaiHttpBody *self, char c)
{
  if (c != (self->state == DATA_CR ? '\r' : '\n'))
    return &bad_data_end;

  self->state = self->state == DATA_CR ? DATA_LF : SIZE_BEGIN;

  return NULL;
}

static const OaiHttpRefusal *
check_trailer (const GString *line)
{
  static const char *const forbidden[] = {
    "content-length:", "transfer-encoding:", "host:", "connection:", "trailer:", "upgrade:", "te:", "expect:",
    "authorization:", "api-key:", "content-type:", "content-encoding:", "content-range:", "cookie:",
  };

  if (oai_http_head_parse_field (line->str, line->len, NULL) != NULL)
    return &bad_trailer;
  for (guint i = 0; i < G_N_ELEMENTS (forbidden); i++)
    if (g_ascii_strncasecmp (line->str, forbidden[i], strlen (forbidden[i])) == 0)
      return &forbidden_trailer;

  return NULL;
}

static const OaiHttpRefusal *
read_trailer (OaiHttpBody *self, char c, const OaiHttpSettings *settings)
{
  if (++self->trailer_size > settings->max_head_size)
    return &long_trailer;
  if (c == '\n')
    return &bad_trailer;
  if (c == '\r')
    {
      self->state = TRAILER_LF;
      return NULL;
    }
  if (self->trailer == NULL)
    self->trailer = g_string_new (NULL);
  g_string_append_c (self->trailer, c);

  return NULL;
}

static const OaiHttpRefusal *
end_trailer (OaiHttpBody *self, char c, const OaiHttpSettings *settings)
{
  const OaiHttpRefusal *refusal;

  if (c != '\n')
    return &bad_trailer;
  if (self->trailer == NULL || self->trailer->len == 0)
    {
      oai_http_body_clear (self);
      return NULL;
    }
  if (self->n_trailers++ == settings->max_fields)
    return &long_trailer;

  refusal = check_trailer (self->trailer);
  g_string_truncate (self->trailer, 0);
  self->state = TRAILER;

  return refusal;
}

static const OaiHttpRefusal *
read_byte (OaiHttpBody *self, char c, const OaiHttpSettings *settings)
{
  switch (self->state)
    {
    case SIZE_BEGIN:
      self->left = 0;
      return read_size (self, c);
    case SIZE:
      return read_size (self, c);
    case SIZE_LF:
      return end_size (self, c);
    case DATA_CR:
    case DATA_LF:
      return end_data (self, c);
    case TRAILER:
      return read_trailer (self, c, settings);
    case TRAILER_LF:
      return end_trailer (self, c, settings);
    default:
      return read_extension (self, c);
    }
}

gsize
oai_http_body_decode (OaiHttpBody *self, char *data, gsize length, gsize *used, const OaiHttpSettings *settings, const OaiHttpRefusal **refusal)
{
  gsize from = 0, to = 0;

  *refusal = NULL;
  while (from < length && self->state != COMPLETE && *refusal == NULL)
    {
      gsize n = MIN (self->left, length - from);

      if (self->state != DATA && self->state != LENGTH)
        {
          *refusal = read_byte (self, data[from++], settings);
          continue;
        }
      if (to != from)
        memmove (data + to, data + from, n);
      to += n;
      from += n;
      self->left -= n;
      if (self->left == 0)
        self->state = self->state == DATA ? DATA_CR : COMPLETE;
    }
  *used = from;

  return to;
}
