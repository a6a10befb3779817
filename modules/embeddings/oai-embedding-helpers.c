/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-embedding-helpers.h"

#include "oai-embedding-helpers-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-doc-private.h"
#include "oai-json-number-private.h"
#include "oai-record-private.h"

/**
 * oai_embedding_dup_vector:
 * @self: an embedding
 *
 * Gets the vector, in whichever way the server sent it: as a list of numbers, or
 * as base64 text. What came as text takes no more memory than the reply did, which
 * is kept for as long as one of its vectors is; it takes its own memory when
 * [method@Oai.Embedding.get_base64] or [method@Oai.Record.to_json] read the text before.
 *
 * Returns: (nullable) (transfer full): 32-bit floats in the order of the machine, or %NULL when there are none
 *
 * Since: 1.0
 */
GBytes *
oai_embedding_dup_vector (OaiEmbedding *self)
{
  OaiJsonDoc *doc;
  OaiJsonNode node;

  g_return_val_if_fail (OAI_IS_EMBEDDING (self), NULL);

  if (!oai_record_peek_member (OAI_RECORD (self), "embedding", &doc, &node))
    return NULL;

  return oai_json_dup_floats (doc, node);
}

static gboolean
says_where (OaiEmbedding *embedding)
{
  OaiJsonDoc *doc;
  OaiJsonNode node;
  gint64 index;

  if (oai_embedding_get_index (embedding) != 0)
    return TRUE;
  if (!oai_record_peek_member (OAI_RECORD (embedding), "index", &doc, &node) || oai_json_get_type (doc, node) == OAI_JSON_NULL)
    return FALSE;

  return !oai_json_get_int (doc, node, &index) || index != 0;
}

/* Servers exist that number nothing, or give each vector the number 0. Their
 * order is all there is then. */
static gboolean
is_numbered (GPtrArray *embeddings)
{
  for (guint i = 0; i < embeddings->len; i++)
    if (says_where (g_ptr_array_index (embeddings, i)))
      return TRUE;

  return FALSE;
}

static OaiEmbedding *
find_embedding (GPtrArray *embeddings, guint index)
{
  gboolean numbered = is_numbered (embeddings);

  if (index < embeddings->len && (!numbered || oai_embedding_get_index (g_ptr_array_index (embeddings, index)) == index))
    return g_ptr_array_index (embeddings, index);
  for (guint i = 0; numbered && i < embeddings->len; i++)
    if (oai_embedding_get_index (g_ptr_array_index (embeddings, i)) == index)
      return g_ptr_array_index (embeddings, i);

  return NULL;
}

/* The embeddings by their numbers, borrowed; NULL at a number that none has.  Of several
 * with the same number it is the one that stands there, else the first. */
static OaiEmbedding **
sort_embeddings (GPtrArray *embeddings)
{
  OaiEmbedding **sorted = g_new0 (OaiEmbedding *, embeddings->len);
  gboolean numbered = is_numbered (embeddings);

  for (guint i = 0; i < embeddings->len; i++)
    {
      OaiEmbedding *embedding = g_ptr_array_index (embeddings, i);
      gint64 index = numbered ? oai_embedding_get_index (embedding) : i;

      if (index >= 0 && index < embeddings->len && (sorted[index] == NULL || index == i))
        sorted[index] = embedding;
    }

  return sorted;
}

/**
 * oai_embedding_list_dup_vector:
 * @self: embeddings
 * @index: which of the inputs, from 0
 *
 * Gets the vector of one of the inputs, in whatever order the server answered.
 * Where the server numbers no vector, or each with 0, they are in the order of the
 * inputs. For the vectors of all inputs, [method@Oai.EmbeddingList.dup_vectors] looks
 * through the numbers only once.
 *
 * Returns: (nullable) (transfer full): 32-bit floats in the order of the machine, or %NULL when there is none
 *
 * Since: 1.0
 */
GBytes *
oai_embedding_list_dup_vector (OaiEmbeddingList *self, guint index)
{
  GPtrArray *embeddings;
  OaiEmbedding *found;

  g_return_val_if_fail (OAI_IS_EMBEDDING_LIST (self), NULL);

  embeddings = oai_embedding_list_get_data (self);
  found = find_embedding (embeddings, index);

  return found != NULL ? oai_embedding_dup_vector (found) : NULL;
}

static void
set_missing (GError **error, guint index)
{
  /* Translators: %u counts the texts that were to be embedded, from 1. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server’s answer holds no vector for input %u."), index + 1);
}

/**
 * oai_embedding_list_dup_vectors:
 * @self: embeddings
 * @error: return location for an error
 *
 * Gets the vectors of the inputs, in the order of the inputs. Where the server
 * numbers no vector, or each with 0, that is the order in which they came.
 *
 * Fails with %OAI_ERROR_PROTOCOL when there is no vector, when one is none, and
 * when the numbers leave out an input before the last. How many inputs there were,
 * the answer does not tell: the vectors of the last ones may be missing without an
 * error. [method@Oai.EmbeddingsEndpoint.embed_texts] knows, and fails.
 *
 * Returns: (transfer container) (element-type GLib.Bytes): 32-bit floats in the order of the machine, for each input
 *
 * Since: 1.0
 */
GPtrArray *
oai_embedding_list_dup_vectors (OaiEmbeddingList *self, GError **error)
{
  g_autoptr(GPtrArray) vectors = NULL;
  g_autofree OaiEmbedding **sorted = NULL;
  GPtrArray *embeddings;

  g_return_val_if_fail (OAI_IS_EMBEDDING_LIST (self), NULL);

  embeddings = oai_embedding_list_get_data (self);
  if (embeddings->len == 0)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server’s answer holds no vector."));
      return NULL;
    }

  sorted = sort_embeddings (embeddings);
  vectors = g_ptr_array_new_full (embeddings->len, (GDestroyNotify) g_bytes_unref);
  for (guint i = 0; i < embeddings->len; i++)
    {
      GBytes *vector = sorted[i] != NULL ? oai_embedding_dup_vector (sorted[i]) : NULL;

      if (vector == NULL)
        {
          set_missing (error, i);
          return NULL;
        }
      g_ptr_array_add (vectors, vector);
    }

  return g_steal_pointer (&vectors);
}

GPtrArray *
oai_embedding_list_dup_vectors_of (OaiEmbeddingList *self, guint n_inputs, GError **error)
{
  g_autoptr(GPtrArray) vectors = oai_embedding_list_dup_vectors (self, error);

  if (vectors == NULL || vectors->len == n_inputs)
    return g_steal_pointer (&vectors);

  if (vectors->len < n_inputs)
    set_missing (error, vectors->len);
  else
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server’s answer holds more vectors than there were inputs."));

  return NULL;
}

/**
 * oai_embedding_request_new_for_text:
 * @model: a model, such as `text-embedding-3-small`
 * @text: what to embed
 *
 * Makes a request for the vector of a text.
 *
 * Returns: (transfer full): the request
 *
 * Since: 1.0
 */
OaiEmbeddingRequest *
oai_embedding_request_new_for_text (const char *model, const char *text)
{
  OaiEmbeddingRequest *self;

  g_return_val_if_fail (model != NULL, NULL);
  g_return_val_if_fail (text != NULL, NULL);

  self = g_object_new (OAI_TYPE_EMBEDDING_REQUEST, NULL);
  oai_embedding_request_set_model (self, model);
  oai_embedding_request_set_input (self, text);

  return self;
}

/**
 * oai_embedding_request_new_for_texts:
 * @model: a model, such as `text-embedding-3-small`
 * @texts: (array zero-terminated=1): what to embed
 *
 * Makes a request for the vectors of several texts, of which there must be one.
 *
 * Returns: (transfer full): the request
 *
 * Since: 1.0
 */
OaiEmbeddingRequest *
oai_embedding_request_new_for_texts (const char *model, const char *const *texts)
{
  OaiEmbeddingRequest *self;

  g_return_val_if_fail (model != NULL, NULL);
  g_return_val_if_fail (texts != NULL, NULL);

  self = g_object_new (OAI_TYPE_EMBEDDING_REQUEST, NULL);
  oai_embedding_request_set_model (self, model);
  oai_embedding_request_set_inputs (self, texts);

  return self;
}

/**
 * oai_embedding_request_add_tokens:
 * @self: a request
 * @tokens: (array length=n_tokens) (nullable): a text, as tokens of the model
 * @n_tokens: how many
 *
 * Adds a text that was made into tokens already. Takes the place of whatever
 * text the request held. An empty one is refused when the request is sent.
 *
 * Since: 1.0
 */
void
oai_embedding_request_add_tokens (OaiEmbeddingRequest *self, const gint64 *tokens, gsize n_tokens)
{
  g_autoptr(GString) json = NULL;
  OaiJsonDoc *doc;
  OaiJsonNode node;

  g_return_if_fail (OAI_IS_EMBEDDING_REQUEST (self));
  g_return_if_fail (tokens != NULL || n_tokens == 0);

  json = g_string_new ("[");
  for (gsize i = 0; i < n_tokens; i++)
    {
      if (i > 0)
        g_string_append_c (json, ',');
      oai_json_write_int (json, tokens[i]);
    }
  g_string_append_c (json, ']');
  if (oai_record_peek_member (OAI_RECORD (self), "input", &doc, &node)
      && oai_json_get_first_type (doc, node) == OAI_JSON_ARRAY
      && oai_record_append_element (OAI_RECORD (self), "input", json->str))
    return;

  g_string_prepend_c (json, '[');
  g_string_append_c (json, ']');
  oai_embedding_request_set_token_lists (self, json->str);
}
