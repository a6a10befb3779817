/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Moderations. A category applies if the text of the input, or the URL of its image, contains the name of the category. */

#include "oai-mock-private.h"

#include <string.h>

static const struct {
  const char *name;
  gboolean images;
} categories[] = {
  { "hate", FALSE },
  { "hate/threatening", FALSE },
  { "harassment", FALSE },
  { "harassment/threatening", FALSE },
  { "illicit", FALSE },
  { "illicit/violent", FALSE },
  { "self-harm", TRUE },
  { "self-harm/intent", TRUE },
  { "self-harm/instructions", TRUE },
  { "sexual", TRUE },
  { "sexual/minors", FALSE },
  { "violence", TRUE },
  { "violence/graphic", TRUE },
};

static JsonObject *
judge (const char *text, gboolean has_text, gboolean has_image)
{
  JsonObject *flags = json_object_new ();
  JsonObject *scores = json_object_new ();
  JsonObject *types = json_object_new ();
  gboolean flagged = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (categories); i++)
    {
      gboolean found = strstr (text, categories[i].name) != NULL;
      JsonArray *inputs = json_array_new ();

      if (has_text)
        json_array_add_string_element (inputs, "text");
      if (has_image && categories[i].images)
        json_array_add_string_element (inputs, "image");
      json_object_set_boolean_member (flags, categories[i].name, found);
      json_object_set_double_member (scores, categories[i].name, found ? 0.875 : 0.03125 / (i + 1));
      json_object_set_array_member (types, categories[i].name, inputs);
      flagged |= found;
    }

  return oai_mock_object ("flagged:b", flagged, "categories:o", flags, "category_scores:o", scores, "category_applied_input_types:o", types, NULL);
}

/* Parts of several kinds get one common result. */
static JsonObject *
judge_parts (JsonArray *parts)
{
  g_autoptr (GString) all = g_string_new (NULL);
  gboolean has_text = FALSE, has_image = FALSE;

  for (guint i = 0; i < json_array_get_length (parts); i++)
    {
      JsonObject *part = oai_mock_array_get_object (parts, i);
      JsonObject *image = part != NULL ? oai_mock_get_object (part, "image_url") : NULL;
      const char *text = image != NULL ? oai_mock_get_string (image, "url") : oai_mock_get_string (part, "text");

      has_image |= image != NULL;
      has_text |= image == NULL;
      g_string_append_printf (all, "%s\n", text != NULL ? text : "");
    }

  return judge (all->str, has_text, has_image);
}

static JsonArray *
judge_input (JsonNode *input)
{
  JsonArray *results = json_array_new ();
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (input) ? json_node_get_array (input) : NULL;

  if (array == NULL)
    json_array_add_object_element (results, judge (json_node_get_string (input), TRUE, FALSE));
  else if (oai_mock_array_get_object (array, 0) != NULL)
    json_array_add_object_element (results, judge_parts (array));
  else
    for (guint i = 0; i < json_array_get_length (array); i++)
      json_array_add_object_element (results, judge (json_array_get_string_element (array, i), TRUE, FALSE));

  return results;
}

static OaiMockReply *
create_moderation (OaiMockCall *call)
{
  JsonNode *input = call->body != NULL ? oai_mock_member (call->body, "input") : NULL;
  const char *model = call->body != NULL ? oai_mock_get_string (call->body, "model") : NULL;
  g_autofree char *id = NULL;

  if (input == NULL || (!JSON_NODE_HOLDS_ARRAY (input) && json_node_get_value_type (input) != G_TYPE_STRING))
    return _oai_mock_call_invalid (call, "input", "Invalid 'input': it must be text or a list.");
  id = _oai_mock_store_new_id (call->store, "modr-");

  return _oai_mock_reply_new_object (oai_mock_object ("id:s", id, "model:s", model != NULL ? model : "omni-moderation-latest", "results:a", judge_input (input), NULL));
}

const OaiMockRoute _oai_mock_moderations_routes[] = {
  { "POST", "/moderations", create_moderation },
  { NULL },
};
