/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-node-writer-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <openai-1/openai.h>
#include <string.h>

/* Of the text that oai_record_new_from_json() accepts. */
#define MAX_DEPTH 512

static gboolean write_node (GString *json, JsonNode *node, guint depth, GError **error);

static gboolean
refuse (GError **error, const char *message)
{
  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, message);

  return FALSE;
}

static gboolean
write_string (GString *json, const char *text, GError **error)
{
  if (!g_utf8_validate (text, -1, NULL))
    return refuse (error, _("A string in the JSON node is not valid UTF-8; convert it first."));

  g_string_append_c (json, '"');
  for (const char *p = text; *p != '\0'; p++)
    {
      if ((guchar) *p < 0x20)
        g_string_append_printf (json, "\\u%04x", (guint) *p);
      else
        {
          if (*p == '"' || *p == '\\')
            g_string_append_c (json, '\\');
          g_string_append_c (json, *p);
        }
    }
  g_string_append_c (json, '"');

  return TRUE;
}

/* The shortest digits that read as the same number. */
static gboolean
write_double (GString *json, double value, GError **error)
{
  static const char *const formats[] = { "%.15g", "%.16g", "%.17g" };
  char digits[G_ASCII_DTOSTR_BUF_SIZE];
  guint i = 0;

  if (!isfinite (value))
    return refuse (error, _("A number in the JSON node is not finite, which JSON cannot express; use null or leave it out."));

  do
    g_ascii_formatd (digits, sizeof digits, formats[i], value);
  while (g_ascii_strtod (digits, NULL) != value && ++i < G_N_ELEMENTS (formats));

  g_string_append (json, digits);
  if (strpbrk (digits, ".e") == NULL)
    g_string_append (json, ".0");

  return TRUE;
}

static gboolean
write_value (GString *json, JsonNode *node, GError **error)
{
  GType type = json_node_get_value_type (node);

  if (type == G_TYPE_STRING && json_node_get_string (node) != NULL)
    return write_string (json, json_node_get_string (node), error);
  if (type == G_TYPE_DOUBLE)
    return write_double (json, json_node_get_double (node), error);

  if (type == G_TYPE_INT64)
    g_string_append_printf (json, "%" G_GINT64_FORMAT, json_node_get_int (node));
  else if (type == G_TYPE_BOOLEAN)
    g_string_append (json, json_node_get_boolean (node) ? "true" : "false");
  else
    g_string_append (json, "null");

  return TRUE;
}

static gboolean
write_object (GString *json, JsonObject *object, guint depth, GError **error)
{
  const char *separator = "";
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  g_string_append_c (json, '{');
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    {
      g_string_append (json, separator);
      separator = ",";
      if (!write_string (json, name, error))
        return FALSE;
      g_string_append_c (json, ':');
      if (!write_node (json, value, depth, error))
        return FALSE;
    }
  g_string_append_c (json, '}');

  return TRUE;
}

static gboolean
write_array (GString *json, JsonArray *array, guint depth, GError **error)
{
  g_string_append_c (json, '[');
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      if (i > 0)
        g_string_append_c (json, ',');
      if (!write_node (json, json_array_get_element (array, i), depth, error))
        return FALSE;
    }
  g_string_append_c (json, ']');

  return TRUE;
}

static gboolean
write_node (GString *json, JsonNode *node, guint depth, GError **error)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (object == NULL && array == NULL)
    {
      if (JSON_NODE_HOLDS_VALUE (node))
        return write_value (json, node, error);
      g_string_append (json, "null");
      return TRUE;
    }
  if (depth == MAX_DEPTH)
    return refuse (error, _("The JSON node is nested in more than 512 levels; use fewer."));

  if (object != NULL)
    return write_object (json, object, depth + 1, error);

  return write_array (json, array, depth + 1, error);
}

gboolean
oai_node_write (GString *json, JsonNode *node, GError **error)
{
  return write_node (json, node, 0, error);
}
