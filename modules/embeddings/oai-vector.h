/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Arithmetic with embedding vectors. */

#pragma once

#include "oai-types.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
GBytes *oai_vector_new (const float *values, gsize n_values);
OAI_AVAILABLE_IN_1_0
const float *oai_vector_get_values (GBytes *vector, gsize *n_values);
OAI_AVAILABLE_IN_1_0
double oai_vector_dot_product (GBytes *a, GBytes *b);
OAI_AVAILABLE_IN_1_0
double oai_vector_cosine_similarity (GBytes *a, GBytes *b);
OAI_AVAILABLE_IN_1_0
GBytes *oai_vector_normalize (GBytes *vector);

G_END_DECLS
