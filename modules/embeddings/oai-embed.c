/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-embed.h"

#include "oai-embedding-helpers.h"

/* Takes list. */
static GBytes *
take_vector (OaiEmbeddingList *list, GError **error)
{
  g_autoptr(OaiEmbeddingList) owned = list;
  g_autoptr(GPtrArray) vectors = NULL;

  if (owned == NULL)
    return NULL;

  vectors = oai_embedding_list_dup_vectors (owned, error);

  return vectors != NULL ? g_bytes_ref (g_ptr_array_index (vectors, 0)) : NULL;
}

/**
 * oai_embeddings_endpoint_embed:
 * @self: an embeddings endpoint
 * @model: name of the model, such as `text-embedding-3-small`
 * @text: what to embed
 * @cancellable: (nullable): cancels the call
 * @error: return location for an error
 *
 * Gets the vector of one text, and waits for it. Of many texts,
 * [method@Oai.EmbeddingsEndpoint.create] gets the vectors in one request:
 * [method@Oai.EmbeddingList.dup_vectors] gives them.
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT when the text is blank, and with
 * %OAI_ERROR_PROTOCOL when the answer holds no vector.
 *
 * `POST embeddings`, [API reference](https://platform.openai.com/docs/api-reference/embeddings/create)
 *
 * Returns: (transfer full): 32-bit floats in the order of the machine
 *
 * Since: 1.0
 */
GBytes *
oai_embeddings_endpoint_embed (OaiEmbeddingsEndpoint *self, const char *model, const char *text, GCancellable *cancellable, GError **error)
{
  g_autoptr(OaiEmbeddingRequest) request = NULL;

  g_return_val_if_fail (OAI_IS_EMBEDDINGS_ENDPOINT (self), NULL);

  request = oai_embedding_request_new_for_text (model, text);

  return take_vector (oai_embeddings_endpoint_create (self, request, cancellable, error), error);
}

/**
 * oai_embeddings_endpoint_embed_async:
 * @self: an embeddings endpoint
 * @model: name of the model, such as `text-embedding-3-small`
 * @text: what to embed
 * @cancellable: (nullable): cancels the call
 * @callback: (scope async) (nullable): called when the vector is here
 * @user_data: data for @callback
 *
 * Gets the vector of one text. [method@Oai.EmbeddingsEndpoint.embed_finish]
 * gives it.
 *
 * `POST embeddings`, [API reference](https://platform.openai.com/docs/api-reference/embeddings/create)
 *
 * Since: 1.0
 */
void
oai_embeddings_endpoint_embed_async (OaiEmbeddingsEndpoint *self, const char *model, const char *text, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(OaiEmbeddingRequest) request = NULL;

  g_return_if_fail (OAI_IS_EMBEDDINGS_ENDPOINT (self));

  request = oai_embedding_request_new_for_text (model, text);
  oai_embeddings_endpoint_create_async (self, request, cancellable, callback, user_data);
}

/**
 * oai_embeddings_endpoint_embed_finish:
 * @self: an embeddings endpoint
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Oai.EmbeddingsEndpoint.embed_async].
 *
 * Returns: (transfer full): 32-bit floats in the order of the machine
 *
 * Since: 1.0
 */
GBytes *
oai_embeddings_endpoint_embed_finish (OaiEmbeddingsEndpoint *self, GAsyncResult *result, GError **error)
{
  return take_vector (oai_embeddings_endpoint_create_finish (self, result, error), error);
}
