/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Texts for replies: the user's message, words as tokens, tool calls. */

#include "oai-mock-private.h"

#include <string.h>

static void
add_part_text (GString *text, JsonObject *part)
{
  const char *type = oai_mock_get_string (part, "type");

  if (text->len > 0)
    g_string_append_c (text, ' ');
  if (oai_mock_get_string (part, "text") != NULL)
    g_string_append (text, oai_mock_get_string (part, "text"));
  else if (oai_mock_get_object (part, "text") != NULL)
    g_string_append (text, oai_mock_get_string (oai_mock_get_object (part, "text"), "value"));
  else
    g_string_append_printf (text, "[%s]", type != NULL ? type : "part");
}

/* The text of a message's content, which is a string or a list of parts. Parts that are not text are represented like [image_url]. */
char *
_oai_mock_text_of_content (JsonNode *content)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (content != NULL && JSON_NODE_HOLDS_VALUE (content) && json_node_get_string (content) != NULL)
    g_string_append (text, json_node_get_string (content));
  else if (content != NULL && JSON_NODE_HOLDS_ARRAY (content))
    {
      JsonArray *parts = json_node_get_array (content);

      for (guint i = 0; i < json_array_get_length (parts); i++)
        add_part_text (text, oai_mock_array_get_object (parts, i));
    }

  return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
_oai_mock_text_of_last_user (JsonArray *messages)
{
  for (guint i = messages != NULL ? json_array_get_length (messages) : 0; i > 0; i--)
    {
      JsonObject *message = oai_mock_array_get_object (messages, i - 1);

      if (g_strcmp0 (oai_mock_get_string (message, "role"), "user") == 0)
        return _oai_mock_text_of_content (oai_mock_member (message, "content"));
    }

  return g_strdup ("");
}

/* Splits a text into one token for each word. Every token except the first starts with a space. */
char **
_oai_mock_text_split (const char *text)
{
  g_autoptr (GStrvBuilder) tokens = g_strv_builder_new ();

  while (*text != '\0')
    {
      gsize length = strspn (text, " ");
      g_autofree char *token = NULL;

      length += strcspn (text + length, " ");
      token = g_strndup (text, length);
      g_strv_builder_add (tokens, token);
      text += length;
    }

  return g_strv_builder_end (tokens);
}

guint
_oai_mock_text_count (const char *text)
{
  g_auto (GStrv) tokens = _oai_mock_text_split (text != NULL ? text : "");

  return g_strv_length (tokens);
}

guint
_oai_mock_text_count_messages (JsonArray *messages)
{
  guint n = 0;

  for (guint i = 0; messages != NULL && i < json_array_get_length (messages); i++)
    {
      g_autofree char *text = _oai_mock_text_of_content (oai_mock_member (oai_mock_array_get_object (messages, i), "content"));

      n += 3 + _oai_mock_text_count (text);
    }

  return n;
}

JsonObject *
_oai_mock_usage (guint prompt, guint completion, guint reasoning)
{
  return oai_mock_object ("prompt_tokens:i", prompt,
                          "completion_tokens:i", completion + reasoning,
                          "total_tokens:i", prompt + completion + reasoning,
                          "prompt_tokens_details:o", oai_mock_object ("cached_tokens:i", 0, "audio_tokens:i", 0, NULL),
                          "completion_tokens_details:o", oai_mock_object ("reasoning_tokens:i", reasoning, "audio_tokens:i", 0, "accepted_prediction_tokens:i", 0, "rejected_prediction_tokens:i", 0, NULL),
                          NULL);
}

static JsonObject *
bare_logprob (const char *token, double logprob)
{
  JsonArray *bytes = json_array_new ();

  for (const char *p = token; *p != '\0'; p++)
    json_array_add_int_element (bytes, (guint8) *p);

  return oai_mock_object ("token:s", token, "logprob:d", logprob, "bytes:a", bytes, NULL);
}

JsonObject *
_oai_mock_logprob (const char *token, guint n_top)
{
  JsonObject *result = bare_logprob (token, -0.25);
  JsonArray *top = json_array_new ();

  for (guint i = 0; i < n_top; i++)
    {
      g_autofree char *other = i == 0 ? g_strdup (token) : g_strdup_printf ("%s~%u", token, i);

      json_array_add_object_element (top, bare_logprob (other, -0.25 - i));
    }
  oai_mock_object_set (result, "top_logprobs:a", top, NULL);

  return result;
}

/* Whether the text contains the word, which is in lower case. */
gboolean
_oai_mock_text_mentions (const char *text, const char *word)
{
  g_autofree char *folded = g_utf8_casefold (text, -1);

  return strstr (folded, word) != NULL;
}

/* The text in the format of the request: as it is, in a JSON object, or in an object that the schema allows. */
char *
_oai_mock_text_in_format (JsonObject *format, JsonObject *schema, const char *text)
{
  const char *type = format != NULL ? oai_mock_get_string (format, "type") : NULL;
  g_autoptr (JsonObject) reply = NULL;
  g_autoptr (JsonNode) node = NULL;

  if (g_strcmp0 (type, "json_object") == 0)
    {
      reply = oai_mock_object ("reply:s", text, NULL);
      return oai_mock_object_to_text (reply);
    }
  if (g_strcmp0 (type, "json_schema") != 0 || schema == NULL)
    return g_strdup (text);

  node = oai_mock_sample (schema, text);
  return oai_mock_node_to_text (node);
}

/* The last word without punctuation. */
char *
_oai_mock_text_last_word (const char *text)
{
  g_auto (GStrv) words = g_strsplit_set (text, " \t\n.,;:!?\"'()", -1);
  const char *last = "";

  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0')
      last = words[i];

  return g_strdup (last);
}

static char *
make_arguments (JsonObject *function, const char *text)
{
  JsonObject *parameters = oai_mock_get_object (function, "parameters");
  g_autofree char *word = _oai_mock_text_last_word (text);
  g_autoptr (JsonNode) node = parameters != NULL ? oai_mock_sample (parameters, word) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? oai_mock_node_to_text (node) : g_strdup ("{}");
}

/* A call of @tool with arguments that match its schema; strings in them are the last word of @text. */
JsonObject *
_oai_mock_tool_call (OaiMockStore *store, JsonObject *tool, const char *text)
{
  g_autofree char *id = _oai_mock_store_new_id (store, "call_");
  JsonObject *function = oai_mock_get_object (tool, "function");
  JsonObject *custom = oai_mock_get_object (tool, "custom");
  g_autofree char *arguments = NULL;

  if (custom != NULL)
    return oai_mock_object ("id:s", id, "type:s", "custom",
                            "custom:o", oai_mock_object ("name:s", oai_mock_get_string (custom, "name"), "input:s", text, NULL), NULL);

  arguments = make_arguments (function, text);
  return oai_mock_object ("id:s", id, "type:s", "function",
                          "function:o", oai_mock_object ("name:s", oai_mock_get_string (function, "name"), "arguments:s", arguments, NULL), NULL);
}
