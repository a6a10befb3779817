/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads the vectors of a list of embeddings. */

#pragma once

#include "oai-embeddings-types.h"

G_BEGIN_DECLS

/* Does the same as oai_embedding_list_dup_vectors(), and checks that there are n_inputs vectors. */
GPtrArray *oai_embedding_list_dup_vectors_of (OaiEmbeddingList *self, guint n_inputs, GError **error);

G_END_DECLS
