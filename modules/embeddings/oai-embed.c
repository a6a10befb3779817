/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-embeddings-methods-private.h"

#include "oai-embedding-list-private.h"
#include "oai-method.h"

/* The data of a task is the number of inputs. */
static GPtrArray *
create_finish (GObject *source, GAsyncResult *result, GTask *task, GError **error)
{
  guint n_inputs = GPOINTER_TO_UINT (g_task_get_task_data (task));
  g_autoptr(OaiEmbeddingList) list = oai_embeddings_endpoint_create_finish (OAI_EMBEDDINGS_ENDPOINT (source), result, error);

  return list != NULL ? oai_embedding_list_dup_vectors_of (list, n_inputs, error) : NULL;
}

static void
embedded_text_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  g_autoptr(GPtrArray) vectors = create_finish (source, result, task, &error);
  GBytes *vector = vectors != NULL ? g_bytes_ref (g_ptr_array_index (vectors, 0)) : NULL;

  oai_method_return (task, result, vector, (GDestroyNotify) g_bytes_unref, error);
}

void
oai_embeddings_endpoint_embed_start (OaiEmbeddingsEndpoint *self, const char *model, const char *text, GTask *task)
{
  g_autoptr(OaiEmbeddingRequest) request = oai_embedding_request_new_for_text (model, text);

  g_task_set_task_data (task, GUINT_TO_POINTER (1), NULL);
  oai_embeddings_endpoint_create_async (self, request, g_task_get_cancellable (task), embedded_text_cb, task);
}

static void
embedded_texts_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  GPtrArray *vectors = create_finish (source, result, task, &error);

  oai_method_return (task, result, vectors, (GDestroyNotify) g_ptr_array_unref, error);
}

void
oai_embeddings_endpoint_embed_texts_start (OaiEmbeddingsEndpoint *self, const char *model, const char *const *texts, GTask *task)
{
  g_autoptr(OaiEmbeddingRequest) request = oai_embedding_request_new_for_texts (model, texts);

  g_task_set_task_data (task, GUINT_TO_POINTER (g_strv_length ((char **) texts)), NULL);
  oai_embeddings_endpoint_create_async (self, request, g_task_get_cancellable (task), embedded_texts_cb, task);
}
