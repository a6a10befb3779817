/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Embeddings: unit vectors computed from the bytes of the input, so that they are the same in each run. */

#include "oai-mock-private.h"

#include <math.h>
#include <string.h>

#define DIMENSIONS 8

static float *
make_vector (const char *text, guint dimensions)
{
  float *vector = g_new (float, dimensions);
  guint32 state = g_str_hash (text) | 1;
  double square = 0;

  for (guint i = 0; i < dimensions; i++)
    {
      state = state * 1664525u + 1013904223u;
      vector[i] = (float) (state >> 8) / (1 << 23) - 1;
      square += (double) vector[i] * vector[i];
    }
  for (guint i = 0; i < dimensions; i++)
    vector[i] = (float) (vector[i] / sqrt (square));

  return vector;
}

static char *
to_base64 (const float *vector, guint dimensions)
{
  g_autofree guint32 *words = g_new (guint32, dimensions);

  for (guint i = 0; i < dimensions; i++)
    {
      guint32 word;

      memcpy (&word, &vector[i], sizeof word);
      words[i] = GUINT32_TO_LE (word);
    }

  return g_base64_encode ((const guchar *) words, dimensions * sizeof *words);
}

static JsonNode *
to_node (const float *vector, guint dimensions, gboolean base64)
{
  JsonNode *node = json_node_new (base64 ? JSON_NODE_VALUE : JSON_NODE_ARRAY);

  if (base64)
    {
      g_autofree char *text = to_base64 (vector, dimensions);

      json_node_set_string (node, text);
    }
  else
    {
      JsonArray *array = json_array_new ();

      for (guint i = 0; i < dimensions; i++)
        json_array_add_double_element (array, vector[i]);
      json_node_take_array (node, array);
    }

  return node;
}

static JsonObject *
embed (OaiMockCall *call, JsonNode *input, guint index)
{
  guint dimensions = (guint) CLAMP (oai_mock_get_int (call->body, "dimensions", DIMENSIONS), 1, 4096);
  gboolean base64 = g_strcmp0 (oai_mock_get_string (call->body, "encoding_format"), "base64") == 0;
  g_autofree char *text = oai_mock_node_to_text (input);
  g_autofree float *vector = make_vector (text, dimensions);

  return oai_mock_object ("object:s", "embedding", "index:i", index, "embedding:n", to_node (vector, dimensions, base64), NULL);
}

static guint
count_tokens (JsonNode *input)
{
  if (JSON_NODE_HOLDS_ARRAY (input))
    return json_array_get_length (json_node_get_array (input));

  return json_node_get_value_type (input) == G_TYPE_STRING ? _oai_mock_text_count (json_node_get_string (input)) : 1;
}

static gboolean
is_several (JsonNode *input)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (input) ? json_node_get_array (input) : NULL;
  JsonNode *first = array != NULL && json_array_get_length (array) > 0 ? json_array_get_element (array, 0) : NULL;

  return first != NULL && (JSON_NODE_HOLDS_ARRAY (first) || json_node_get_value_type (first) == G_TYPE_STRING);
}

static gboolean
is_empty (JsonNode *input)
{
  return input == NULL || (JSON_NODE_HOLDS_ARRAY (input) && json_array_get_length (json_node_get_array (input)) == 0);
}

static OaiMockReply *
create_embedding (OaiMockCall *call)
{
  JsonNode *input = call->body != NULL ? oai_mock_member (call->body, "input") : NULL;
  JsonArray *data;
  guint tokens = 0;

  if (is_empty (input))
    return _oai_mock_call_invalid (call, "input", "'$.input' is invalid. Please check the API reference.");
  data = json_array_new ();
  if (is_several (input))
    {
      JsonArray *inputs = json_node_get_array (input);

      for (guint i = 0; i < json_array_get_length (inputs); i++)
        {
          json_array_add_object_element (data, embed (call, json_array_get_element (inputs, i), i));
          tokens += count_tokens (json_array_get_element (inputs, i));
        }
    }
  else
    {
      json_array_add_object_element (data, embed (call, input, 0));
      tokens = count_tokens (input);
    }

  return _oai_mock_reply_new_object (oai_mock_object ("object:s", "list", "data:a", data,
                                                      "model:s", oai_mock_get_string (call->body, "model") != NULL ? oai_mock_get_string (call->body, "model") : call->deployment,
                                                      "usage:o", oai_mock_object ("prompt_tokens:i", tokens, "total_tokens:i", tokens, NULL),
                                                      NULL));
}

const OaiMockRoute _oai_mock_embeddings_routes[] = {
  { "POST", "/embeddings", create_embedding },
  { NULL },
};
