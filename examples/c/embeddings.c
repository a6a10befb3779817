/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Prints the similarity of two texts.
 *
 * usage: embeddings TEXT TEXT (OPENAI_MODEL names the model) */

#include <locale.h>
#include <openai-1/openai.h>

int
main (int argc, char **argv)
{
  const char *const texts[] = { argc > 1 ? argv[1] : "The food was delicious.", argc > 2 ? argv[2] : "Dinner tasted great.", NULL };
  const char *model = g_getenv ("OPENAI_MODEL");
  g_autoptr(OaiClient) client = oai_client_new (NULL, NULL);
  g_autoptr(OaiEmbeddingsEndpoint) embeddings = oai_embeddings_endpoint_new (client);
  g_autoptr(GPtrArray) vectors = NULL;
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");

  vectors = oai_embeddings_endpoint_embed_texts (embeddings, model != NULL ? model : "text-embedding-3-small", texts, NULL, &error);
  if (vectors == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  g_print ("%.3f\n", oai_vector_cosine_similarity (g_ptr_array_index (vectors, 0), g_ptr_array_index (vectors, 1)));

  return 0;
}
