/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "driver.h"

#include <stdio.h>
#include <string.h>

static const DriverEntry *const tables[] = {
  driver_pure_table, driver_form_table, driver_client_table, driver_call_table, driver_stream_table,
  driver_helper_table, driver_response_table, driver_run_table, driver_socket_table, driver_tools_table,
};

static JsonNode *
get_member (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

const char *
driver_get_string (JsonObject *object, const char *name)
{
  JsonNode *node = get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
}

gint64
driver_get_int (JsonObject *object, const char *name, gint64 fallback)
{
  JsonNode *node = get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_int (node) : fallback;
}

JsonObject *
driver_get_object (JsonObject *object, const char *name)
{
  JsonNode *node = get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

JsonArray *
driver_get_array (JsonObject *object, const char *name)
{
  JsonNode *node = get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

char *
driver_node_to_text (JsonNode *node)
{
  return json_to_string (node, FALSE);
}

char *
driver_dup_json (JsonObject *object, const char *name)
{
  JsonNode *node = get_member (object, name);

  return node != NULL ? driver_node_to_text (node) : NULL;
}

const char *
driver_input_text (DriverCase *self)
{
  return g_bytes_get_data (self->input, NULL);
}

void
driver_set_bytes (JsonObject *object, const char *name, gconstpointer data, gsize length)
{
  g_autofree char *member = g_strconcat (name, "_b64", NULL);
  g_autofree char *base64 = g_base64_encode (data, length);

  json_object_set_string_member (object, member, base64);
}

void
driver_set_json (JsonObject *object, const char *name, const char *json)
{
  g_autofree char *member = g_strconcat (name, "_json", NULL);

  driver_set_bytes (object, member, json, strlen (json));
}

static DriverFunc
find_function (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    for (const DriverEntry *entry = tables[i]; entry->name != NULL; entry++)
      if (g_strcmp0 (entry->name, name) == 0)
        return entry->func;

  return NULL;
}

/* "play" is the name of a table entry. */
static void
play (DriverCase *self)
{
  const char *name = driver_get_string (self->fixture, "play");
  DriverFunc func = find_function (name);

  if (func != NULL)
    func (self);
  else
    json_object_set_string_member (self->out, "unknown", name != NULL ? name : "");
}

static JsonObject *
ref_object (JsonObject *object)
{
  return object != NULL ? json_object_ref (object) : json_object_new ();
}

static void
play_line (const char *line, gsize length)
{
  g_autoptr(JsonParser) parser = json_parser_new ();
  g_autoptr(JsonNode) answer = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;
  DriverCase self = { 0 };
  const char *base64;
  gsize size = 0;
  guchar *input;

  if (!json_parser_load_from_data (parser, line, length, NULL))
    {
      printf ("{\"unknown\":\"the case is not JSON\"}\n");
      return;
    }

  self.fixture = json_node_get_object (json_parser_get_root (parser));
  self.call = ref_object (driver_get_object (self.fixture, "call"));
  self.options = ref_object (driver_get_object (self.fixture, "client"));
  self.origin = driver_get_string (self.fixture, "origin");
  self.proxy = driver_get_string (self.fixture, "proxy");
  self.out = json_object_new ();
  base64 = driver_get_string (self.fixture, "input_b64");
  input = base64 != NULL ? g_base64_decode (base64, &size) : NULL;
  input = g_realloc (input, size + 1);
  input[size] = '\0';
  self.input = g_bytes_new_take (input, size);

  play (&self);

  json_node_take_object (answer, self.out);
  text = driver_node_to_text (answer);
  printf ("%s\n", text);
  g_clear_object (&self.last_call);
  g_clear_object (&self.client);
  g_bytes_unref (self.input);
  json_object_unref (self.call);
  json_object_unref (self.options);
}

int
main (int argc, char **argv)
{
  char *line = NULL;
  size_t size = 0;
  ssize_t length;

  /* Critical warnings of the library are failures, and not only logged. */
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_FATAL_MASK);

  while ((length = getline (&line, &size, stdin)) > 0)
    {
      play_line (line, length);
      fflush (stdout);
    }
  free (line);

  return 0;
}
