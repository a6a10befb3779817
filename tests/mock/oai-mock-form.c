/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-mock-private.h"
#include "oai-mock-validate-private.h"

#include <string.h>

struct _OaiMockForm {
  GPtrArray *parts;
};

static void
part_free (OaiMockPart *part)
{
  g_free (part->name);
  g_free (part->file_name);
  g_free (part->content_type);
  g_clear_pointer (&part->bytes, g_bytes_unref);
  g_free (part);
}

void
_oai_mock_form_free (OaiMockForm *self)
{
  g_ptr_array_unref (self->parts);
  g_free (self);
}

static gboolean
read_part_headers (OaiMockPart *part, const char *text, gsize length, GError **error)
{
  g_autoptr (SoupMessageHeaders) headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_MULTIPART);
  g_autoptr (GHashTable) params = NULL;
  g_autofree char *disposition = NULL;
  g_autofree char *block = g_strdup_printf ("\r\n%.*s\r\n", (int) length, text);

  if (!soup_headers_parse (block, strlen (block), headers)
      || !soup_message_headers_get_content_disposition (headers, &disposition, &params)
      || g_ascii_strcasecmp (disposition, "form-data") != 0
      || g_hash_table_lookup (params, "name") == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "A part of the form has no form-data disposition with a name");
      return FALSE;
    }

  part->name = g_strdup (g_hash_table_lookup (params, "name"));
  part->file_name = g_strdup (g_hash_table_lookup (params, "filename"));
  part->content_type = g_strdup (soup_message_headers_get_one (headers, "Content-Type"));
  return TRUE;
}

static const char *
find_bytes (const char *start, const char *end, const char *needle)
{
  return start < end ? memmem (start, end - start, needle, strlen (needle)) : NULL;
}

/* Reads the part that starts at *@at, after the line of a delimiter, and moves *@at after the next delimiter. */
static OaiMockPart *
read_part (GBytes *body, const char **at, const char *end, const char *delimiter, GError **error)
{
  const char *data = g_bytes_get_data (body, NULL);
  const char *headers_end = find_bytes (*at, end, "\r\n\r\n");
  const char *content, *content_end;
  OaiMockPart *part;

  content = headers_end != NULL ? headers_end + 4 : NULL;
  content_end = content != NULL ? find_bytes (content - 2, end, delimiter) : NULL;
  if (content_end == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "A part of the form does not end");
      return NULL;
    }
  if (content_end < content)
    content = content_end;

  part = g_new0 (OaiMockPart, 1);
  part->bytes = g_bytes_new_from_bytes (body, content - data, content_end - content);
  if (!read_part_headers (part, *at, headers_end + 2 - *at, error))
    g_clear_pointer (&part, part_free);
  *at = content_end + strlen (delimiter);

  return part;
}

/* Returns the position after the first delimiter, or NULL. */
static const char *
skip_preamble (const char *data, const char *end, const char *delimiter)
{
  gsize length = strlen (delimiter);
  const char *found;

  if ((gsize) (end - data) >= length && memcmp (data, delimiter + 2, length - 2) == 0)
    return data + length - 2;
  found = find_bytes (data, end, delimiter);

  return found != NULL ? found + length : NULL;
}

static gboolean
read_parts (OaiMockForm *self, GBytes *body, const char *boundary, GError **error)
{
  g_autofree char *delimiter = g_strdup_printf ("\r\n--%s", boundary);
  gsize length;
  const char *data = g_bytes_get_data (body, &length);
  const char *end = data + length;
  const char *at = data != NULL ? skip_preamble (data, end, delimiter) : NULL;

  if (at == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The form does not begin with its boundary");
      return FALSE;
    }

  while (end - at >= 2 && memcmp (at, "\r\n", 2) == 0)
    {
      OaiMockPart *part;

      at += 2;
      part = read_part (body, &at, end, delimiter, error);
      if (part == NULL)
        return FALSE;
      g_ptr_array_add (self->parts, part);
    }
  if (end - at >= 2 && memcmp (at, "--", 2) == 0)
    return TRUE;

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The form lacks its closing boundary");
  return FALSE;
}

OaiMockForm *
_oai_mock_form_parse (const char *content_type, GBytes *body, GError **error)
{
  g_autoptr (OaiMockForm) self = NULL;
  g_autoptr (GHashTable) params = NULL;
  const char *semicolon = strchr (content_type, ';');
  const char *boundary;

  params = semicolon != NULL ? soup_header_parse_semi_param_list (semicolon + 1) : NULL;
  boundary = params != NULL ? g_hash_table_lookup (params, "boundary") : NULL;
  if (boundary == NULL || *boundary == '\0')
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The form's content type names no boundary");
      return NULL;
    }

  self = g_new0 (OaiMockForm, 1);
  self->parts = g_ptr_array_new_with_free_func ((GDestroyNotify) part_free);
  if (!read_parts (self, body, boundary, error))
    return NULL;

  return g_steal_pointer (&self);
}

guint
_oai_mock_form_get_n_parts (OaiMockForm *self)
{
  return self->parts->len;
}

OaiMockPart *
_oai_mock_form_get_part (OaiMockForm *self, guint index)
{
  return g_ptr_array_index (self->parts, index);
}

OaiMockPart *
_oai_mock_form_find (OaiMockForm *self, const char *name)
{
  for (guint i = 0; i < self->parts->len; i++)
    {
      OaiMockPart *part = g_ptr_array_index (self->parts, i);

      if (g_str_equal (part->name, name))
        return part;
    }

  return NULL;
}

static JsonNode *
part_to_node (OaiMockPart *part)
{
  JsonNode *node = json_node_new (JSON_NODE_VALUE);
  g_autofree char *text = NULL;
  gsize length;
  const char *data = g_bytes_get_data (part->bytes, &length);

  text = part->file_name != NULL ? g_strdup_printf ("%c%s", OAI_MOCK_FILE_MARK, part->file_name) : g_utf8_make_valid (data != NULL ? data : "", length);
  json_node_set_string (node, text);

  return node;
}

static JsonArray *
ensure_array (JsonObject *object, const char *name)
{
  if (!json_object_has_member (object, name))
    json_object_set_array_member (object, name, json_array_new ());

  return oai_mock_get_array (object, name);
}

static JsonObject *
ensure_object (JsonObject *object, const char *name)
{
  if (!json_object_has_member (object, name))
    json_object_set_object_member (object, name, json_object_new ());

  return oai_mock_get_object (object, name);
}

static void
add_repeated (JsonObject *object, const char *name, OaiMockPart *part)
{
  JsonNode *former = json_object_has_member (object, name) ? json_object_dup_member (object, name) : NULL;

  if (former != NULL && !JSON_NODE_HOLDS_ARRAY (former))
    {
      json_object_remove_member (object, name);
      json_array_add_element (ensure_array (object, name), json_node_copy (former));
    }
  if (former != NULL)
    json_array_add_element (ensure_array (object, name), part_to_node (part));
  else
    json_object_set_member (object, name, part_to_node (part));
  g_clear_pointer (&former, json_node_unref);
}

/* rest: what follows the name, in brackets. */
static void
add_member (JsonObject *object, const char *name, const char *rest, OaiMockPart *part)
{
  if (*rest != '[')
    {
      add_repeated (object, name, part);
    }
  else if (rest[1] == ']')
    {
      if (ensure_array (object, name) != NULL)
        json_array_add_element (ensure_array (object, name), part_to_node (part));
    }
  else if (ensure_object (object, name) != NULL)
    {
      gsize length = strcspn (rest + 1, "]");
      g_autofree char *key = g_strndup (rest + 1, length);

      add_member (ensure_object (object, name), key, rest[length + 1] != '\0' ? rest + length + 2 : "", part);
    }
}

static void
add_to_object (JsonObject *object, OaiMockPart *part)
{
  gsize length = strcspn (part->name, "[");
  g_autofree char *name = g_strndup (part->name, length);

  add_member (object, name, part->name + length, part);
}

/* The form as a JSON object: `a[]` and repeated names become arrays, `a[b]` and `a[b][c]` become objects. Files are represented by a prefix and their names. */
JsonObject *
_oai_mock_form_to_object (OaiMockForm *self)
{
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < self->parts->len; i++)
    add_to_object (object, g_ptr_array_index (self->parts, i));

  return object;
}
