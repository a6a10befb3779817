/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-http-fields-private.h"

#include <string.h>

#include "oai-wipe-private.h"

#define FIRST_FIELDS 16
#define BLOCK_SIZE 512

typedef struct _Block Block;

struct _Block
{
  Block *next;
  gsize used;
  gsize size;
  char data[];
};

struct _OaiHttpFields
{
  Block *blocks; /* with the strings; the first one has room */
  OaiHttpField *fields;
  guint n;
  guint size; /* fields that are allocated */
};

OaiHttpFields *
oai_http_fields_new (void)
{
  return g_new0 (OaiHttpFields, 1);
}

/* Fields can contain credentials. */
void
oai_http_fields_free (OaiHttpFields *self)
{
  while (self->blocks != NULL)
    {
      Block *block = self->blocks;

      self->blocks = block->next;
      oai_wipe (block->data, block->used);
      g_free (block);
    }
  g_free (self->fields);
  g_free (self);
}

char *
oai_http_fields_allocate (OaiHttpFields *self, gsize size)
{
  Block *block = self->blocks;
  char *memory;

  if (block == NULL || block->size - block->used < size)
    {
      /* The first block is usually the head of a message, and has all strings. */
      gsize room = self->blocks == NULL ? size : MAX (size, BLOCK_SIZE);

      block = g_malloc (sizeof (Block) + room);
      *block = (Block) { .next = self->blocks, .size = room };
      self->blocks = block;
    }
  memory = block->data + block->used;
  block->used += size;

  return memory;
}

void
oai_http_fields_append_borrowed (OaiHttpFields *self, const char *name, const char *value)
{
  if (self->n == self->size)
    {
      self->size = MAX (FIRST_FIELDS, self->size * 2);
      self->fields = g_renew (OaiHttpField, self->fields, self->size);
    }
  self->fields[self->n++] = (OaiHttpField) { name, value };
}

void
oai_http_fields_append (OaiHttpFields *self, const char *name, const char *value)
{
  gsize name_size = strlen (name) + 1, value_size = strlen (value) + 1;
  char *copy = oai_http_fields_allocate (self, name_size + value_size);

  memcpy (copy, name, name_size);
  memcpy (copy + name_size, value, value_size);
  oai_http_fields_append_borrowed (self, copy, copy + name_size);
}

guint
oai_http_fields_get_n (OaiHttpFields *self)
{
  return self->n;
}

const OaiHttpField *
oai_http_fields_get_nth (OaiHttpFields *self, guint index)
{
  return &self->fields[index];
}

void
oai_http_fields_remove (OaiHttpFields *self, const char *name)
{
  guint n = 0;

  for (guint i = 0; i < self->n; i++)
    if (!oai_http_name_equal (self->fields[i].name, name))
      self->fields[n++] = self->fields[i];
  self->n = n;
}

const char *
oai_http_fields_get (OaiHttpFields *self, const char *name)
{
  for (guint i = 0; i < self->n; i++)
    if (oai_http_name_equal (self->fields[i].name, name))
      return self->fields[i].value;

  return NULL;
}

guint
oai_http_fields_count (OaiHttpFields *self, const char *name)
{
  guint count = 0;

  for (guint i = 0; i < self->n; i++)
    count += oai_http_name_equal (self->fields[i].name, name);

  return count;
}

static gboolean
list_has (const char *list, const char *token)
{
  gsize wanted = strlen (token);

  while (*list != '\0')
    {
      gsize length;

      list += strspn (list, ", \t");
      length = strcspn (list, ", \t");
      if (length == wanted && g_ascii_strncasecmp (list, token, length) == 0)
        return TRUE;
      list += length;
    }

  return FALSE;
}

gboolean
oai_http_fields_has_token (OaiHttpFields *self, const char *name, const char *token)
{
  for (guint i = 0; i < self->n; i++)
    if (oai_http_name_equal (self->fields[i].name, name) && list_has (self->fields[i].value, token))
      return TRUE;

  return FALSE;
}

gboolean
oai_http_fields_is_hop_by_hop (OaiHttpFields *self, const char *name)
{
  static const char *const names[] = {
    "connection", "keep-alive", "proxy-authenticate", "proxy-authentication-info", "proxy-authorization",
    "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (oai_http_name_equal (name, names[i]))
      return TRUE;

  return oai_http_fields_has_token (self, "connection", name);
}

void
oai_http_append_field (GString *text, const char *name, const char *value)
{
  gsize name_length = strlen (name), value_length = strlen (value), offset = text->len;
  char *to;

  g_string_set_size (text, offset + name_length + 2 + value_length + 2);
  to = text->str + offset;
  memcpy (to, name, name_length);
  memcpy (to + name_length, ": ", 2);
  memcpy (to + name_length + 2, value, value_length);
  memcpy (to + name_length + 2 + value_length, "\r\n", 2);
}

void
oai_http_append_number (GString *text, guint64 number)
{
  char digits[20];
  gsize n = sizeof digits;

  do
    digits[--n] = (char) ('0' + number % 10);
  while ((number /= 10) > 0);
  g_string_append_len (text, digits + n, (gssize) (sizeof digits - n));
}
