/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-arguments-schema-private.h"

#include <string.h>

#include "oai-json-writer-private.h"

void
oai_arguments_schema_init (OaiArgumentsSchema *self)
{
  self->properties = g_string_new (NULL);
  self->required = g_string_new (NULL);
  self->definitions = NULL;
}

/* Adds the members of an object to one that is open. */
static void
add_members (GString *out, const char *object)
{
  gsize length = strlen (object);

  if (length <= strlen ("{}"))
    return;
  if (out->str[out->len - 1] != '{')
    g_string_append_c (out, ',');
  g_string_append_len (out, object + 1, (gssize) length - 2);
}

static void
add_member (GString *out, const char *name, const char *json)
{
  if (out->len > 0 && out->str[out->len - 1] != '{')
    g_string_append_c (out, ',');
  oai_json_write_string (out, name, -1);
  g_string_append_c (out, ':');
  g_string_append (out, json);
}

void
oai_arguments_schema_add (OaiArgumentsSchema *self, const char *name, const char *schema, const char *description, const char *default_json, gboolean nullable, gboolean required)
{
  g_autoptr(GString) text = g_string_new (NULL);
  g_autofree char *any_of = g_strdup_printf ("[%s,{\"type\":\"null\"}]", schema);

  add_member (self->properties, name, "{");
  if (description != NULL)
    {
      oai_json_write_string (text, description, -1);
      add_member (self->properties, "description", text->str);
    }
  if (nullable)
    add_member (self->properties, "anyOf", any_of);
  else
    add_members (self->properties, schema);
  if (default_json != NULL)
    add_member (self->properties, "default", default_json);
  g_string_append_c (self->properties, '}');

  if (!required)
    return;
  if (self->required->len > 0)
    g_string_append_c (self->required, ',');
  oai_json_write_string (self->required, name, -1);
}

OaiJsonSchema *
oai_arguments_schema_end (OaiArgumentsSchema *self, GError **error)
{
  g_autoptr(GString) text = g_string_new ("{");
  OaiJsonSchema *schema;

  g_string_append_printf (text, "\"type\":\"object\",\"properties\":{%s},\"required\":[%s],\"additionalProperties\":false", self->properties->str, self->required->str);
  if (self->definitions != NULL)
    add_member (text, "$defs", self->definitions);
  g_string_append_c (text, '}');
  schema = oai_json_schema_new (text->str, error);

  g_string_free (self->properties, TRUE);
  g_string_free (self->required, TRUE);
  g_free (self->definitions);

  return schema;
}
