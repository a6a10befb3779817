/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Bodies of multipart/form-data, without a server. */

#include "driver.h"

#include <string.h>

#include "oai-multipart-private.h"

/* Adds the files below node, and removes them from it. */
static void
take_files (OaiMultipart *multipart, JsonNode *node, GPtrArray *steps)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  g_autoptr(GList) names = object != NULL ? json_object_get_members (object) : NULL;
  guint n = array != NULL ? json_array_get_length (array) : g_list_length (names);
  GList *name = names;

  for (guint i = n; i > 0; i--)
    {
      JsonNode *child = array != NULL ? json_array_get_element (array, n - i) : json_object_get_member (object, name->data);

      g_ptr_array_insert (steps, steps->len - 1, (char *) (array != NULL ? "" : name->data));
      if (driver_is_file (child))
        {
          g_autofree char *field = oai_multipart_dup_field_name ((const char *const *) steps->pdata);
          g_autoptr(OaiInputFile) file = driver_new_file (child);

          oai_multipart_add_file (multipart, field, file);
        }
      else
        {
          take_files (multipart, child, steps);
        }
      g_ptr_array_remove_index (steps, steps->len - 2);
      name = name != NULL ? name->next : NULL;
    }
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
  g_autoptr(GPtrArray) steps = g_ptr_array_new ();
  g_autoptr(GByteArray) body = g_byte_array_new ();
  g_autoptr(GInputStream) stream = NULL;
  g_autoptr(GError) error = NULL;
  gboolean keep = json_object_has_member (self->call, "strip_filenames") && !json_object_get_boolean_member (self->call, "strip_filenames");
  goffset length;

  oai_multipart_set_flags (multipart, OAI_MULTIPART_REJECT_NULL | (keep ? OAI_MULTIPART_KEEP_PATHS : 0));
  g_ptr_array_add (steps, NULL);
  take_files (multipart, form, steps);
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
