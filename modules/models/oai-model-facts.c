/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What servers say about a model besides the members that OpenAI sends.  The names of the members differ. */

#include "oai-models-methods-private.h"

#include <math.h>
#include <string.h>

#include "oai-json-doc-private.h"
#include "oai-model-prices.h"
#include "oai-record-private.h"

/* Limits of what is copied from a reply. */
#define MAX_WORDS 32
#define MAX_WORD 64
#define TOKENS_PER_PRICE 1e6

/* Paths lead through objects, with dots in between. */

/* The context with which a server runs a model takes precedence over that of the training. */
static const char *const context_paths[] = {
  "context_length", /* OpenRouter, Together, Fireworks, Moonshot, SambaNova, Cohere */
  "context_window", /* Groq, Vercel, Requesty */
  "loaded_context_length", /* LM Studio */
  "max_context_length", /* Mistral, LM Studio */
  "max_model_len", /* vLLM, SGLang */
  "context_size", /* Novita */
  "max_input_tokens", /* Anthropic */
  "meta.n_ctx", /* llama.cpp */
  "meta.n_ctx_train",
  "parameters.max_seq_len", /* TabbyAPI */
  "metadata.context_length", /* DeepInfra */
  "capabilities.limits.max_context_window_tokens", /* GitHub Copilot */
  "top_provider.context_length", /* OpenRouter */
};

/* Lists of the kinds of input. */
static const char *const modality_paths[] = {
  "architecture.input_modalities", /* OpenRouter, Hugging Face, llama.cpp */
  "input_modalities", /* xAI, Novita */
  "modalities.input",
};

typedef struct
{
  const char *path;
  const char *value; /* an element of the list; NULL if the member is a boolean */
  const char *fact;
} Trait;

static const Trait modality_traits[] = {
  { "capabilities.vision", NULL, "image" }, /* Mistral */
  { "capabilities.audio", NULL, "audio" },
  { "capabilities.supports.vision", NULL, "image" }, /* GitHub Copilot */
  { "supports_image_in", NULL, "image" }, /* Moonshot */
  { "supports_video_in", NULL, "video" },
  { "supports_image_input", NULL, "image" }, /* Fireworks */
  { "supports_vision", NULL, "image" }, /* Requesty */
  { "tags", "vision", "image" }, /* Vercel */
  { "capabilities", "vision", "image" },
};

static const Trait feature_traits[] = {
  { "supported_parameters", "tools", "tools" }, /* OpenRouter, Nebius */
  { "capabilities.function_calling", NULL, "tools" }, /* Mistral */
  { "capabilities.supports.tool_calls", NULL, "tools" }, /* GitHub Copilot */
  { "capabilities", "tools", "tools" },
  { "capabilities", "tool_use", "tools" }, /* LM Studio */
  { "features", "function-calling", "tools" }, /* Novita */
  { "features", "tools", "tools" }, /* Cohere */
  { "supports_tools", NULL, "tools" }, /* Fireworks */
  { "tags", "tool-use", "tools" }, /* Vercel */
  { "supported_parameters", "reasoning", "reasoning" },
  { "supported_parameters", "reasoning_effort", "reasoning" },
  { "capabilities.reasoning", NULL, "reasoning" },
  { "capabilities", "thinking", "reasoning" },
  { "features", "reasoning", "reasoning" },
  { "supports_reasoning", NULL, "reasoning" }, /* Moonshot, Requesty */
  { "tags", "reasoning", "reasoning" },
  { "supported_parameters", "structured_outputs", "structured_outputs" },
  { "capabilities.supports.structured_outputs", NULL, "structured_outputs" },
  { "features", "structured-outputs", "structured_outputs" },
  { "supported_parameters", "parallel_tool_calls", "parallel_tool_calls" },
  { "capabilities.supports.parallel_tool_calls", NULL, "parallel_tool_calls" },
  { "supported_parameters", "logprobs", "logprobs" },
  { "supported_parameters", "seed", "seed" },
};

/* The members are in the object at the path. */
typedef struct
{
  const char *path;
  const char *input;
  const char *output;
} Prices;

static const Prices price_members[] = {
  { "pricing", "prompt", "completion" }, /* OpenRouter, Nebius, SambaNova, Chutes */
  { "pricing", "input", "output" }, /* Together, Perplexity, Vercel */
  { "metadata.pricing", "input_tokens", "output_tokens" }, /* DeepInfra */
};

/* In the same object; may be absent. */
static const char *const cached_members[] = { "input_cache_read", "cache_read", "cached_input", "cache_read_tokens" };

/* Reading */

static OaiJsonNode
follow (OaiJsonDoc *doc, OaiJsonNode node, char **names)
{
  for (guint i = 0; names[i] != NULL && node != OAI_JSON_NONE; i++)
    node = oai_json_get_type (doc, node) == OAI_JSON_OBJECT ? oai_json_get_member (doc, node, names[i]) : OAI_JSON_NONE;

  return node;
}

static OaiJsonNode
find (OaiModel *self, const char *path, OaiJsonDoc **doc)
{
  g_auto(GStrv) names = g_strsplit (path, ".", -1);
  OaiJsonNode node;

  if (!oai_record_peek_member (OAI_RECORD (self), names[0], doc, &node))
    return OAI_JSON_NONE;

  return follow (*doc, node, names + 1);
}

static gboolean
is_listed (OaiJsonDoc *doc, OaiJsonNode list, const char *value)
{
  OaiJsonIter iter;
  OaiJsonNode element;

  if (oai_json_get_type (doc, list) != OAI_JSON_ARRAY)
    return FALSE;

  oai_json_iter_init (&iter, doc, list);
  while (oai_json_iter_next (&iter, NULL, &element))
    if (g_strcmp0 (oai_json_get_string (doc, element, NULL), value) == 0)
      return TRUE;

  return FALSE;
}

static gboolean
has_trait (OaiModel *self, const Trait *trait)
{
  OaiJsonDoc *doc = NULL;
  OaiJsonNode node = find (self, trait->path, &doc);
  gboolean value = FALSE;

  if (node == OAI_JSON_NONE)
    return FALSE;
  if (trait->value != NULL)
    return is_listed (doc, node, trait->value);

  return oai_json_get_boolean (doc, node, &value) && value;
}

static void
add_word (GPtrArray *words, const char *word)
{
  if (word == NULL || *word == '\0' || words->len >= MAX_WORDS || strlen (word) > MAX_WORD)
    return;

  if (!g_ptr_array_find_with_equal_func (words, word, g_str_equal, NULL))
    g_ptr_array_add (words, g_strdup (word));
}

static void
add_words (GPtrArray *words, OaiModel *self, const char *path)
{
  OaiJsonDoc *doc = NULL;
  OaiJsonNode list = find (self, path, &doc);
  OaiJsonIter iter;
  OaiJsonNode element;

  if (list == OAI_JSON_NONE || oai_json_get_type (doc, list) != OAI_JSON_ARRAY)
    return;

  oai_json_iter_init (&iter, doc, list);
  while (oai_json_iter_next (&iter, NULL, &element))
    add_word (words, oai_json_get_string (doc, element, NULL));
}

static GStrv
end_words (GPtrArray *words)
{
  g_ptr_array_add (words, NULL);

  return (GStrv) g_ptr_array_free (words, FALSE);
}

gint64
oai_model_get_context_length (OaiModel *self)
{
  g_return_val_if_fail (OAI_IS_MODEL (self), 0);

  for (guint i = 0; i < G_N_ELEMENTS (context_paths); i++)
    {
      OaiJsonDoc *doc = NULL;
      OaiJsonNode node = find (self, context_paths[i], &doc);
      gint64 length;

      if (node != OAI_JSON_NONE && oai_json_get_int (doc, node, &length) && length > 0)
        return length;
    }

  return 0;
}

GStrv
oai_model_dup_input_modalities (OaiModel *self)
{
  GPtrArray *words;

  g_return_val_if_fail (OAI_IS_MODEL (self), NULL);

  words = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < G_N_ELEMENTS (modality_paths); i++)
    add_words (words, self, modality_paths[i]);
  for (guint i = 0; i < G_N_ELEMENTS (modality_traits); i++)
    if (has_trait (self, &modality_traits[i]))
      add_word (words, modality_traits[i].fact);

  return end_words (words);
}

gboolean
oai_model_has_input_modality (OaiModel *self, const char *modality)
{
  g_auto(GStrv) modalities = NULL;

  g_return_val_if_fail (OAI_IS_MODEL (self), FALSE);
  g_return_val_if_fail (modality != NULL, FALSE);

  modalities = oai_model_dup_input_modalities (self);

  return g_strv_contains ((const char *const *) modalities, modality);
}

GStrv
oai_model_dup_features (OaiModel *self)
{
  GPtrArray *words;

  g_return_val_if_fail (OAI_IS_MODEL (self), NULL);

  words = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < G_N_ELEMENTS (feature_traits); i++)
    if (has_trait (self, &feature_traits[i]))
      add_word (words, feature_traits[i].fact);

  return end_words (words);
}

gboolean
oai_model_has_feature (OaiModel *self, const char *feature)
{
  g_auto(GStrv) features = NULL;

  g_return_val_if_fail (OAI_IS_MODEL (self), FALSE);
  g_return_val_if_fail (feature != NULL, FALSE);

  features = oai_model_dup_features (self);

  return g_strv_contains ((const char *const *) features, feature);
}

/* Prices */

/* A string is the price of a token, and a number that of a million, unless the server names the unit of both. */
static gboolean
read_price (OaiJsonDoc *doc, OaiJsonNode object, const char *name, double *price)
{
  OaiJsonNode node = oai_json_get_member (doc, object, name);
  const char *unit = oai_json_get_string (doc, oai_json_get_member (doc, object, "unit"), NULL);
  const char *text = oai_json_get_string (doc, node, NULL);
  char *end = NULL;

  if (text != NULL)
    {
      *price = g_ascii_strtod (text, &end);
      if (end == text || *end != '\0')
        return FALSE;
      if (unit == NULL || (strstr (unit, "1m") == NULL && strstr (unit, "million") == NULL))
        *price *= TOKENS_PER_PRICE;
    }
  else if (!oai_json_get_double (doc, node, price))
    {
      return FALSE;
    }

  return isfinite (*price) && *price >= 0;
}

static double
read_cached_price (OaiJsonDoc *doc, OaiJsonNode object, double input)
{
  double price;

  for (guint i = 0; i < G_N_ELEMENTS (cached_members); i++)
    if (read_price (doc, object, cached_members[i], &price))
      return price;

  return input;
}

static gboolean
add_prices (OaiPriceTable *table, OaiModel *model, const Prices *members)
{
  OaiJsonDoc *doc = NULL;
  OaiJsonNode object = find (model, members->path, &doc);
  double input, output;

  if (object == OAI_JSON_NONE || oai_json_get_type (doc, object) != OAI_JSON_OBJECT)
    return FALSE;
  if (!read_price (doc, object, members->input, &input) || !read_price (doc, object, members->output, &output))
    return FALSE;

  oai_price_table_set_price (table, oai_model_get_id (model), input, read_cached_price (doc, object, input), output);

  return TRUE;
}

/**
 * oai_price_table_add_model:
 * @self: a table
 * @model: a model from a list of models
 *
 * Sets the prices of a model to those that the server sends with it, such as OpenRouter, Together, Vercel and
 * Perplexity do. Most servers send none. The prices are in the currency of the server, usually US dollars.
 *
 * A string is the price of one token and a number that of 1,000,000, unless the server names the unit.
 *
 * If the server sends no separate price of input from the cache, it is that of other input. A model that costs nothing
 * has a price of 0. Prices that depend on the length of the input or on the time are not read.
 *
 * Returns: %TRUE if the server has sent prices; otherwise the table is unchanged
 *
 * Since: 1.0
 */
gboolean
oai_price_table_add_model (OaiPriceTable *self, OaiModel *model)
{
  g_return_val_if_fail (OAI_IS_PRICE_TABLE (self), FALSE);
  g_return_val_if_fail (OAI_IS_MODEL (model), FALSE);

  if (oai_model_get_id (model) == NULL)
    return FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (price_members); i++)
    if (add_prices (self, model, &price_members[i]))
      return TRUE;

  return FALSE;
}
