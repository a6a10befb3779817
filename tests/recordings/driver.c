/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "driver.h"
#include "static-modules.h"

#include <stdio.h>
#include <stdlib.h>

static JsonNode *
get_member (JsonObject *object, const char *name, JsonNodeType type)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_TYPE (node) == type ? node : NULL;
}

const char *
driver_get_string (JsonObject *object, const char *name)
{
  JsonNode *node = get_member (object, name, JSON_NODE_VALUE);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : NULL;
}

gint64
driver_get_int (JsonObject *object, const char *name, gint64 fallback)
{
  JsonNode *node = get_member (object, name, JSON_NODE_VALUE);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_INT64 ? json_node_get_int (node) : fallback;
}

JsonObject *
driver_get_object (JsonObject *object, const char *name)
{
  JsonNode *node = get_member (object, name, JSON_NODE_OBJECT);

  return node != NULL ? json_node_get_object (node) : NULL;
}

JsonArray *
driver_get_array (JsonObject *object, const char *name)
{
  JsonNode *node = get_member (object, name, JSON_NODE_ARRAY);

  return node != NULL ? json_node_get_array (node) : NULL;
}

void
driver_set_string (JsonObject *object, const char *name, const char *value)
{
  if (value != NULL)
    json_object_set_string_member (object, name, value);
}

GBytes *
driver_dup_bytes (JsonObject *object, const char *name)
{
  const char *base64 = driver_get_string (object, name);
  gsize size = 0;
  guchar *data = base64 != NULL ? g_base64_decode (base64, &size) : NULL;

  return g_bytes_new_take (data, size);
}

static void
play (Replay *replay, JsonObject *object, JsonObject *out)
{
  const char *name = driver_get_string (object, "play");

  if (g_strcmp0 (name, "describe") == 0)
    driver_describe (out);
  else if (g_strcmp0 (name, "invoke") == 0)
    replay_invoke (replay, object, out);
  else if (g_strcmp0 (name, "stream") == 0)
    replay_stream (replay, object, out);
  else if (g_strcmp0 (name, "request") == 0)
    replay_request (replay, object, out);
  else if (g_strcmp0 (name, "record") == 0)
    generic_record (object, out);
  else if (g_strcmp0 (name, "events") == 0)
    generic_events (object, out);
  else
    json_object_set_string_member (out, "unknown", name != NULL ? name : "");
}

static void
play_line (Replay *replay, const char *line, gsize length)
{
  g_autoptr(JsonParser) parser = json_parser_new ();
  g_autoptr(JsonNode) answer = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;
  JsonObject *out = json_object_new ();

  if (json_parser_load_from_data (parser, line, length, NULL) && JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    play (replay, json_node_get_object (json_parser_get_root (parser)), out);
  else
    json_object_set_string_member (out, "unknown", "the line is no JSON object");

  json_node_take_object (answer, out);
  text = json_to_string (answer, FALSE);
  printf ("%s\n", text);
  fflush (stdout);
}

/* arguments: the names of the modules to load. */
static gboolean
load_modules (OaiClient *client, char **names)
{
  for (; *names != NULL; names++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(OaiEndpoint) endpoint = static_modules_get_endpoint (client, *names, &error);

      if (endpoint == NULL)
        {
          fprintf (stderr, "%s\n", error->message);
          return FALSE;
        }
    }

  return TRUE;
}

int
main (int argc, char **argv)
{
  Replay replay = { 0 };
  char *line = NULL;
  size_t size = 0;
  ssize_t length;

  /* Critical warnings of the library are failures, and not only logged. */
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_FATAL_MASK);
  replay_init (&replay);
  if (!load_modules (replay.client, argv + 1))
    return 1;
  driver_make_writable ();

  while ((length = getline (&line, &size, stdin)) > 0)
    play_line (&replay, line, length);
  free (line);
  replay_clear (&replay);

  return 0;
}
