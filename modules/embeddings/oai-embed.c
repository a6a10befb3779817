/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-embed.h"

#include "oai-call-private.h"
#include "oai-embedding-helpers-private.h"
#include "oai-embedding-helpers.h"

/* Takes list. */
static GPtrArray *
take_vectors (OaiEmbeddingList *list, guint n_inputs, GError **error)
{
  g_autoptr(OaiEmbeddingList) owned = list;

  return owned != NULL ? oai_embedding_list_dup_vectors_of (owned, n_inputs, error) : NULL;
}

/* Takes list. */
static GBytes *
take_vector (OaiEmbeddingList *list, GError **error)
{
  g_autoptr(GPtrArray) vectors = take_vectors (list, 1, error);

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
 * Gets the vector of one text, and waits for it. Of several texts,
 * [method@Oai.EmbeddingsEndpoint.embed_texts] gets the vectors in one request.
 *
 * An empty text is sent; OpenAI returns a vector for it. Fails with
 * %OAI_ERROR_PROTOCOL when the answer does not hold one vector.
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

/**
 * oai_embeddings_endpoint_embed_texts:
 * @self: an embeddings endpoint
 * @model: name of the model, such as `text-embedding-3-small`
 * @texts: (array zero-terminated=1): what to embed
 * @cancellable: (nullable): cancels the call
 * @error: return location for an error
 *
 * Gets the vectors of several texts in one request, and waits for them. For what
 * else can be said about them, there is [method@Oai.EmbeddingsEndpoint.create].
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT when there is no text, and with
 * %OAI_ERROR_PROTOCOL when the answer does not hold a vector for each.
 *
 * `POST embeddings`, [API reference](https://platform.openai.com/docs/api-reference/embeddings/create)
 *
 * Returns: (transfer container) (element-type GLib.Bytes): 32-bit floats in the order of the machine, for each text
 *
 * Since: 1.0
 */
GPtrArray *
oai_embeddings_endpoint_embed_texts (OaiEmbeddingsEndpoint *self, const char *model, const char *const *texts, GCancellable *cancellable, GError **error)
{
  g_autoptr(OaiEmbeddingRequest) request = NULL;

  g_return_val_if_fail (OAI_IS_EMBEDDINGS_ENDPOINT (self), NULL);
  g_return_val_if_fail (texts != NULL, NULL);

  request = oai_embedding_request_new_for_texts (model, texts);

  return take_vectors (oai_embeddings_endpoint_create (self, request, cancellable, error), g_strv_length ((char **) texts), error);
}

static void
embedded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  guint n_texts = GPOINTER_TO_UINT (g_task_get_task_data (task));
  OaiCall *call = oai_call_from_result (result);
  GError *error = NULL;
  GPtrArray *vectors = take_vectors (oai_embeddings_endpoint_create_finish (OAI_EMBEDDINGS_ENDPOINT (source), result, &error), n_texts, &error);

  if (call != NULL)
    oai_call_attach (call, task);
  if (vectors == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, vectors, (GDestroyNotify) g_ptr_array_unref);
}

/**
 * oai_embeddings_endpoint_embed_texts_async:
 * @self: an embeddings endpoint
 * @model: name of the model, such as `text-embedding-3-small`
 * @texts: (array zero-terminated=1): what to embed
 * @cancellable: (nullable): cancels the call
 * @callback: (scope async) (nullable): called when the vectors are here
 * @user_data: data for @callback
 *
 * Gets the vectors of several texts. [method@Oai.EmbeddingsEndpoint.embed_texts_finish]
 * gives them.
 *
 * `POST embeddings`, [API reference](https://platform.openai.com/docs/api-reference/embeddings/create)
 *
 * Since: 1.0
 */
void
oai_embeddings_endpoint_embed_texts_async (OaiEmbeddingsEndpoint *self, const char *model, const char *const *texts, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(OaiEmbeddingRequest) request = NULL;
  GTask *task;

  g_return_if_fail (OAI_IS_EMBEDDINGS_ENDPOINT (self));
  g_return_if_fail (model != NULL);
  g_return_if_fail (texts != NULL);

  request = oai_embedding_request_new_for_texts (model, texts);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_embeddings_endpoint_embed_texts_async);
  g_task_set_task_data (task, GUINT_TO_POINTER (g_strv_length ((char **) texts)), NULL);
  oai_embeddings_endpoint_create_async (self, request, cancellable, embedded_cb, task);
}

/**
 * oai_embeddings_endpoint_embed_texts_finish:
 * @self: an embeddings endpoint
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends [method@Oai.EmbeddingsEndpoint.embed_texts_async].
 *
 * Returns: (transfer container) (element-type GLib.Bytes): 32-bit floats in the order of the machine, for each text
 *
 * Since: 1.0
 */
GPtrArray *
oai_embeddings_endpoint_embed_texts_finish (OaiEmbeddingsEndpoint *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
