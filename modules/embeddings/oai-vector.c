/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-vector.h"

#include <math.h>

/**
 * oai_vector_new:
 * @values: (array length=n_values): numbers
 * @n_values: how many
 *
 * Makes a vector of numbers, as of one that was stored elsewhere.
 *
 * Returns: (transfer full): 32-bit floats in the order of the machine
 *
 * Since: 1.0
 */
GBytes *
oai_vector_new (const float *values, gsize n_values)
{
  g_return_val_if_fail (values != NULL || n_values == 0, NULL);

  return g_bytes_new (values, n_values * sizeof (float));
}

/**
 * oai_vector_get_values:
 * @vector: 32-bit floats in the order of the machine
 * @n_values: (out): how many there are
 *
 * Gets the numbers of a vector, for as long as the vector lives. Languages other
 * than C and Vala make a list of them, which takes much more memory.
 *
 * Returns: (array length=n_values) (transfer none): the numbers
 *
 * Since: 1.0
 */
const float *
oai_vector_get_values (GBytes *vector, gsize *n_values)
{
  gsize size;
  const float *values;

  g_return_val_if_fail (vector != NULL, NULL);
  g_return_val_if_fail (n_values != NULL, NULL);

  values = g_bytes_get_data (vector, &size);
  *n_values = size / sizeof (float);

  return values;
}

/* The floats of both; their number, or 0 where they do not fit together. */
static gsize
get_floats (GBytes *a, GBytes *b, const float **floats_a, const float **floats_b)
{
  gsize size_a;
  gsize size_b;

  *floats_a = g_bytes_get_data (a, &size_a);
  *floats_b = g_bytes_get_data (b, &size_b);
  g_return_val_if_fail (size_a == size_b, 0);

  return size_a / sizeof (float);
}

static double
multiply (const float *a, const float *b, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += (double) a[i] * b[i];

  return sum;
}

/**
 * oai_vector_dot_product:
 * @a: 32-bit floats in the order of the machine
 * @b: as many more of them
 *
 * Multiplies two vectors. For vectors of the length 1, such as those of
 * OpenAI's models, this is their cosine similarity.
 *
 * Returns: the dot product
 *
 * Since: 1.0
 */
double
oai_vector_dot_product (GBytes *a, GBytes *b)
{
  const float *floats_a;
  const float *floats_b;
  gsize n;

  g_return_val_if_fail (a != NULL, 0);
  g_return_val_if_fail (b != NULL, 0);

  n = get_floats (a, b, &floats_a, &floats_b);

  return multiply (floats_a, floats_b, n);
}

/**
 * oai_vector_cosine_similarity:
 * @a: 32-bit floats in the order of the machine
 * @b: as many more of them
 *
 * Tells how alike two vectors are, whatever their lengths.
 *
 * Returns: from -1 to 1, the greater the more alike; 0 when one of them has no length
 *
 * Since: 1.0
 */
double
oai_vector_cosine_similarity (GBytes *a, GBytes *b)
{
  const float *floats_a;
  const float *floats_b;
  double lengths;
  gsize n;

  g_return_val_if_fail (a != NULL, 0);
  g_return_val_if_fail (b != NULL, 0);

  n = get_floats (a, b, &floats_a, &floats_b);
  lengths = sqrt (multiply (floats_a, floats_a, n)) * sqrt (multiply (floats_b, floats_b, n));

  return lengths > 0 ? multiply (floats_a, floats_b, n) / lengths : 0;
}

/**
 * oai_vector_normalize:
 * @vector: 32-bit floats in the order of the machine
 *
 * Makes a vector of the length 1 that points the same way: what a vector needs
 * after it was shortened.
 *
 * Returns: (transfer full): the vector; a copy of @vector when it has no length
 *
 * Since: 1.0
 */
GBytes *
oai_vector_normalize (GBytes *vector)
{
  const float *floats;
  float *normalized;
  double length;
  gsize size;

  g_return_val_if_fail (vector != NULL, NULL);

  floats = g_bytes_get_data (vector, &size);
  length = sqrt (multiply (floats, floats, size / sizeof (float)));
  normalized = g_memdup2 (floats, size);
  for (gsize i = 0; length > 0 && i < size / sizeof (float); i++)
    normalized[i] = floats[i] / length;

  return g_bytes_new_take (normalized, size);
}
