/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-vector.h"

#include <math.h>

/**
 * oai_vector_new:
 * @values: (array length=n_values): numbers
 * @n_values: the number of values
 *
 * Creates a vector from numbers, for example from a database.
 *
 * Returns: (transfer full): 32-bit floats in the byte order of the machine
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
 * @vector: 32-bit floats in the byte order of the machine
 * @n_values: (out): the number of values
 *
 * Gets the numbers of a vector. They are valid as long as the vector exists. Languages other than C
 * and Vala convert them to a list, which needs much more memory.
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

/* Both have the same size. */
static double
multiply (GBytes *a, GBytes *b)
{
  gsize size;
  const float *floats_a = g_bytes_get_data (a, &size);
  const float *floats_b = g_bytes_get_data (b, NULL);
  double sum = 0;

  for (gsize i = 0; i < size / sizeof (float); i++)
    sum += (double) floats_a[i] * floats_b[i];

  return sum;
}

/**
 * oai_vector_dot_product:
 * @a: 32-bit floats in the byte order of the machine
 * @b: a vector of the same size
 *
 * Calculates the dot product of two vectors. For vectors of length 1, such as those of OpenAI's
 * models, it is their cosine similarity.
 *
 * Both vectors must have the same size, or a critical warning is emitted. Vectors of different
 * models often have different sizes.
 *
 * Returns: the dot product; NaN if the sizes differ
 *
 * Since: 1.0
 */
double
oai_vector_dot_product (GBytes *a, GBytes *b)
{
  g_return_val_if_fail (a != NULL, NAN);
  g_return_val_if_fail (b != NULL, NAN);
  g_return_val_if_fail (g_bytes_get_size (a) == g_bytes_get_size (b), NAN);

  return multiply (a, b);
}

/**
 * oai_vector_cosine_similarity:
 * @a: 32-bit floats in the byte order of the machine
 * @b: a vector of the same size
 *
 * Calculates the cosine of the angle between two vectors.
 *
 * Both vectors must have the same size, or a critical warning is emitted. Vectors of different
 * models often have different sizes.
 *
 * Returns: the similarity from -1 to 1; 0 if the length of a vector is 0; NaN if the sizes
 *   differ or a vector contains a value that is not finite
 *
 * Since: 1.0
 */
double
oai_vector_cosine_similarity (GBytes *a, GBytes *b)
{
  double lengths;
  double cosine;

  g_return_val_if_fail (a != NULL, NAN);
  g_return_val_if_fail (b != NULL, NAN);
  g_return_val_if_fail (g_bytes_get_size (a) == g_bytes_get_size (b), NAN);

  lengths = sqrt (multiply (a, a)) * sqrt (multiply (b, b));
  if (lengths <= 0)
    return 0;

  /* Rounding can make it slightly greater than 1, even for equal vectors. */
  cosine = multiply (a, b) / lengths;

  return CLAMP (cosine, -1, 1);
}

/**
 * oai_vector_normalize:
 * @vector: 32-bit floats in the byte order of the machine
 *
 * Creates a vector of length 1 with the same direction. Use it after you have removed dimensions
 * from a vector.
 *
 * Returns: (transfer full): the vector, or a copy of @vector if its length is 0
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
  length = sqrt (multiply (vector, vector));
  normalized = g_memdup2 (floats, size);
  for (gsize i = 0; length > 0 && i < size / sizeof (float); i++)
    normalized[i] = floats[i] / length;

  return g_bytes_new_take (normalized, size);
}
