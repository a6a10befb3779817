/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Bodies of multipart/form-data, without a server. */

#include "driver.h"

#include <string.h>

#include "oai-json-doc-private.h"
#include "oai-multipart-private.h"

/* Adds the files below node under their names. */
static void
add_files (OaiMultipart *multipart, JsonNode *node, GString *name)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  gsize length = name->len;
  JsonObjectIter iter;
  const char *member;
  JsonNode *child;

  if (driver_is_file (node))
    {
      g_autoptr(OaiInputFile) file = driver_new_file (node);

      oai_multipart_add_file (multipart, name->str, file);
      return;
    }
  g_string_append (name, array != NULL ? "[]" : "");
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    add_files (multipart, json_array_get_element (array, i), name);
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      json_object_iter_init (&iter, json_node_get_object (node));
      while (json_object_iter_next (&iter, &member, &child))
        {
          g_string_append_printf (name, length > 0 ? "[%s]" : "%s", member);
          add_files (multipart, child, name);
          g_string_truncate (name, length);
        }
    }
  g_string_truncate (name, length);
}

static gboolean
is_all_files (JsonNode *node)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  return driver_is_file (node) || (array != NULL && json_array_get_length (array) > 0 && driver_is_file (json_array_get_element (array, 0)));
}

static void
add_fields (OaiMultipart *multipart, JsonNode *form)
{
  JsonObject *object = json_node_get_object (form);
  g_autoptr(GList) names = json_object_get_members (object);
  g_autoptr(OaiJsonDoc) doc = NULL;
  g_autofree char *text = NULL;

  for (GList *name = names; name != NULL; name = name->next)
    if (is_all_files (json_object_get_member (object, name->data)))
      json_object_remove_member (object, name->data);
  text = driver_node_to_text (form);
  doc = oai_json_doc_new_copy (text, -1, OAI_JSON_STRICT, NULL);
  oai_multipart_add_json (multipart, doc, 0);
}

static gboolean
drain (GInputStream *stream, GByteArray *body, GError **error)
{
  guchar buffer[4096];
  gssize n;

  while ((n = g_input_stream_read (stream, buffer, sizeof buffer, NULL, error)) > 0)
    g_byte_array_append (body, buffer, n);

  return n == 0;
}

static void
play_encode_form (DriverCase *self)
{
  g_autoptr(JsonNode) form = json_from_string (driver_input_text (self), NULL);
  g_autoptr(OaiMultipart) multipart = oai_multipart_new ();
  g_autoptr(GString) name = g_string_new (NULL);
  g_autoptr(GByteArray) body = g_byte_array_new ();
  g_autoptr(GInputStream) stream = NULL;
  g_autoptr(GError) error = NULL;
  gboolean keep = json_object_has_member (self->call, "strip_filenames") && !json_object_get_boolean_member (self->call, "strip_filenames");
  goffset length;

  oai_multipart_set_flags (multipart, OAI_MULTIPART_REJECT_NULL | (keep ? OAI_MULTIPART_KEEP_PATHS : 0));
  add_files (multipart, form, name);
  add_fields (multipart, form);

  stream = oai_multipart_open (multipart, &length, &error);
  if (stream == NULL || !drain (stream, body, &error))
    {
      driver_report_error (self, error);
      return;
    }
  driver_set_bytes (self->out, "body", body->data, body->len);
  json_object_set_string_member (self->out, "content_type", oai_multipart_get_content_type (multipart));
}

const DriverEntry driver_form_table[] = {
  { "encode_form", play_encode_form },
  { NULL, NULL },
};
