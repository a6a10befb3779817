/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-node-reader-private.h"

#include <string.h>

#define SPACE " \t\n\r"

static gunichar
read_hex (const char **p)
{
  gunichar character = 0;

  for (guint i = 0; i < 4 && g_ascii_isxdigit (**p); i++)
    character = character << 4 | (gunichar) g_ascii_xdigit_value (*(*p)++);

  return character;
}

/* p: after "\u".  A surrogate pair is one character. */
static void
read_escaped_character (const char **p, GString *text)
{
  gunichar character = read_hex (p);

  if (character >= 0xd800 && character < 0xdc00 && g_str_has_prefix (*p, "\\u"))
    {
      *p += 2;
      character = 0x10000 + ((character - 0xd800) << 10) + (read_hex (p) - 0xdc00);
    }

  g_string_append_unichar (text, character);
}

/* p: after the backslash. */
static void
read_escape (const char **p, GString *text)
{
  static const char names[] = "bfnrt", characters[] = "\b\f\n\r\t";
  char name = *(*p)++;
  const char *found = strchr (names, name);

  if (name == 'u')
    read_escaped_character (p, text);
  else
    g_string_append_c (text, found != NULL ? characters[found - names] : name);
}

/* p: at the quotation mark. */
static char *
read_string (const char **p)
{
  GString *text = g_string_new (NULL);

  for ((*p)++; **p != '"';)
    {
      gsize length = strcspn (*p, "\"\\");

      g_string_append_len (text, *p, (gssize) length);
      *p += length;
      if (**p != '\\')
        continue;
      (*p)++;
      read_escape (p, text);
    }
  (*p)++;

  return g_string_free (text, FALSE);
}

/* An integer that does not fit 64 bits becomes a double. */
static void
add_number (JsonBuilder *builder, const char *number, gsize length)
{
  g_autofree char *digits = g_strndup (number, length);
  gint64 integer;

  if (strpbrk (digits, ".eE") == NULL && g_ascii_string_to_signed (digits, 10, G_MININT64, G_MAXINT64, &integer, NULL))
    json_builder_add_int_value (builder, integer);
  else
    json_builder_add_double_value (builder, g_ascii_strtod (digits, NULL));
}

static void
add_literal (JsonBuilder *builder, const char *text, gsize length)
{
  if (*text == 'n')
    json_builder_add_null_value (builder);
  else if (*text == 't' || *text == 'f')
    json_builder_add_boolean_value (builder, *text == 't');
  else
    add_number (builder, text, length);
}

static void
read_string_or_name (JsonBuilder *builder, const char **p)
{
  g_autofree char *text = read_string (p);

  *p += strspn (*p, SPACE);
  if (**p == ':')
    json_builder_set_member_name (builder, text);
  else
    json_builder_add_string_value (builder, text);
}

static void
read_token (JsonBuilder *builder, const char **p)
{
  gsize length = 1;

  switch (**p)
    {
    case '{':
      json_builder_begin_object (builder);
      break;
    case '}':
      json_builder_end_object (builder);
      break;
    case '[':
      json_builder_begin_array (builder);
      break;
    case ']':
      json_builder_end_array (builder);
      break;
    case ',':
    case ':':
      break;
    case '"':
      read_string_or_name (builder, p);
      return;
    default:
      length = strcspn (*p, ",]}" SPACE);
      add_literal (builder, *p, length);
      break;
    }
  *p += length;
}

JsonNode *
oai_node_read (const char *json)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();
  g_autoptr(JsonNode) root = NULL;

  /* A builder accepts other values than containers only within a container. */
  json_builder_begin_array (builder);
  for (const char *p = json + strspn (json, SPACE); *p != '\0'; p += strspn (p, SPACE))
    read_token (builder, &p);
  json_builder_end_array (builder);
  root = json_builder_get_root (builder);

  return json_array_dup_element (json_node_get_array (root), 0);
}
