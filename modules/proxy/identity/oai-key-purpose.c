/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-key-purpose-private.h"

#include <string.h>

#define TAG_OBJECT_ID 0x06
#define TAG_OCTET_STRING 0x04
#define TAG_BOOLEAN 0x01
#define TAG_SEQUENCE 0x30
#define TAG_EXTENSIONS 0xa3

/* 2.5.29.37, 1.3.6.1.5.5.7.3.2 and 2.5.29.37.0 */
static const guint8 extended_key_usage[] = { 0x55, 0x1d, 0x25 };
static const guint8 client_authentication[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02 };
static const guint8 any_purpose[] = { 0x55, 0x1d, 0x25, 0x00 };

/* A part of the data: elements that follow each other. */
typedef struct
{
  const guint8 *data;
  gsize size;
} Span;

/* Lengths of certificates have at most 3 bytes. */
static gboolean
read_length (Span *span, gsize *length)
{
  guint n_bytes;

  if (span->size < 1)
    return FALSE;

  *length = span->data[0];
  n_bytes = *length < 0x80 ? 0 : *length & 0x7f;
  if (*length >= 0x80 && (n_bytes == 0 || n_bytes > 3 || span->size < 1 + n_bytes))
    return FALSE;

  if (n_bytes > 0)
    *length = 0;
  for (guint i = 1; i <= n_bytes; i++)
    *length = *length << 8 | span->data[i];
  span->data += 1 + n_bytes;
  span->size -= 1 + n_bytes;

  return *length <= span->size;
}

/* Removes the first element.  Returns FALSE at the end or for invalid data. */
static gboolean
next (Span *span, guint8 *tag, Span *content)
{
  Span rest = *span;
  gsize length;

  if (rest.size < 2)
    return FALSE;

  *tag = *rest.data++;
  rest.size--;
  if (!read_length (&rest, &length))
    return FALSE;

  *content = (Span) { rest.data, length };
  *span = (Span) { rest.data + length, rest.size - length };

  return TRUE;
}

static gboolean
next_is (Span *span, guint8 tag, Span *content)
{
  guint8 found;

  return next (span, &found, content) && found == tag;
}

static gboolean
equals (Span span, const guint8 *data, gsize size)
{
  return span.size == size && memcmp (span.data, data, size) == 0;
}

static gboolean
purposes_allow_clients (Span purposes)
{
  Span id;

  while (next_is (&purposes, TAG_OBJECT_ID, &id))
    {
      if (equals (id, client_authentication, sizeof client_authentication) || equals (id, any_purpose, sizeof any_purpose))
        return TRUE;
    }

  return FALSE;
}

/* Returns FALSE if it is an extended key usage that does not allow clients, or if it is not valid. */
static gboolean
extension_allows_clients (Span extension)
{
  Span id, value, purposes;
  guint8 tag;

  if (!next_is (&extension, TAG_OBJECT_ID, &id) || !next (&extension, &tag, &value))
    return FALSE;
  if (tag == TAG_BOOLEAN && !next (&extension, &tag, &value))
    return FALSE;
  if (tag != TAG_OCTET_STRING)
    return FALSE;
  if (!equals (id, extended_key_usage, sizeof extended_key_usage))
    return TRUE;

  return next_is (&value, TAG_SEQUENCE, &purposes) && purposes_allow_clients (purposes);
}

static gboolean
extensions_allow_clients (Span extensions)
{
  Span list, extension;

  if (!next_is (&extensions, TAG_SEQUENCE, &list))
    return FALSE;

  while (list.size > 0)
    {
      if (!next_is (&list, TAG_SEQUENCE, &extension) || !extension_allows_clients (extension))
        return FALSE;
    }

  return TRUE;
}

gboolean
oai_key_purpose_allows_clients (const guint8 *der, gsize size)
{
  Span whole = { der, size };
  Span certificate, content, element;
  guint8 tag;

  if (!next_is (&whole, TAG_SEQUENCE, &certificate) || !next_is (&certificate, TAG_SEQUENCE, &content))
    return FALSE;

  while (content.size > 0)
    {
      if (!next (&content, &tag, &element))
        return FALSE;
      if (tag == TAG_EXTENSIONS)
        return extensions_allow_clients (element);
    }

  return TRUE;
}
