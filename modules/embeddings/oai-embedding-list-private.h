/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-embeddings-types.h"

G_BEGIN_DECLS

/* oai_embedding_list_dup_vectors() where the number of inputs is known. */
GPtrArray *oai_embedding_list_dup_vectors_of (OaiEmbeddingList *self, guint n_inputs, GError **error);

G_END_DECLS
