/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-embeddings-types.h"

G_BEGIN_DECLS

/* As oai_embedding_list_dup_vectors(), for who knows how many there must be. */
GPtrArray *oai_embedding_list_dup_vectors_of (OaiEmbeddingList *self, guint n_inputs, GError **error);

G_END_DECLS
