/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-embeddings-types.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
GBytes *oai_embedding_dup_vector (OaiEmbedding *self);
OAI_AVAILABLE_IN_1_0
GBytes *oai_embedding_list_dup_vector (OaiEmbeddingList *self, guint index);
OAI_AVAILABLE_IN_1_0
GPtrArray *oai_embedding_list_dup_vectors (OaiEmbeddingList *self, GError **error);
OAI_AVAILABLE_IN_1_0
OaiEmbeddingRequest *oai_embedding_request_new_for_text (const char *model, const char *text);
OAI_AVAILABLE_IN_1_0
OaiEmbeddingRequest *oai_embedding_request_new_for_texts (const char *model, const char *const *texts);
OAI_AVAILABLE_IN_1_0
void oai_embedding_request_add_tokens (OaiEmbeddingRequest *self, const gint64 *tokens, gsize n_tokens);

G_END_DECLS
