/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-embeddings-endpoint.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
GBytes *oai_embeddings_endpoint_embed (OaiEmbeddingsEndpoint *self, const char *model, const char *text, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_embeddings_endpoint_embed_async (OaiEmbeddingsEndpoint *self, const char *model, const char *text, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
GBytes *oai_embeddings_endpoint_embed_finish (OaiEmbeddingsEndpoint *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
GPtrArray *oai_embeddings_endpoint_embed_texts (OaiEmbeddingsEndpoint *self, const char *model, const char *const *texts, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_embeddings_endpoint_embed_texts_async (OaiEmbeddingsEndpoint *self, const char *model, const char *const *texts, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
GPtrArray *oai_embeddings_endpoint_embed_texts_finish (OaiEmbeddingsEndpoint *self, GAsyncResult *result, GError **error);

G_END_DECLS
