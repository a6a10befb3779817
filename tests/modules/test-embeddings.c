/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-module.h"

#include <math.h>
#include <string.h>

#define MODEL "text-embedding-3-small"

static OaiEmbeddingsEndpoint *
new_endpoint (Fixture *fixture)
{
  return oai_embeddings_endpoint_new (fixture->client);
}

static void
assert_sent (Fixture *fixture, const char *member, const char *json)
{
  g_autoptr(OaiMockRequest) request = oai_mock_server_dup_request (fixture->server, -1);
  g_autofree char *body = oai_mock_request_dup_body_text (request);
  g_autoptr(OaiRecord) record = oai_record_new_from_json (OAI_TYPE_EMBEDDING_REQUEST, body, NULL);
  g_autofree char *sent = oai_record_dup_member (record, member);

  g_assert_cmpstr (sent, ==, json);
}

static void
assert_length_one (GBytes *vector)
{
  g_assert_cmpfloat_with_epsilon (oai_vector_dot_product (vector, vector), 1, 1e-5);
}

static void
test_embed (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiEmbeddingsEndpoint) embeddings = new_endpoint (fixture);
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GBytes) vector = NULL;
  g_autoptr(GBytes) same = NULL;
  g_autoptr(GError) error = NULL;

  vector = oai_embeddings_endpoint_embed (embeddings, MODEL, "The food was delicious", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (vector), ==, 8 * sizeof (float));
  assert_length_one (vector);
  assert_sent (fixture, "input", "\"The food was delicious\"");
  assert_sent (fixture, "encoding_format", "\"base64\"");

  oai_embeddings_endpoint_embed_async (embeddings, MODEL, "The food was delicious", NULL, keep_result, &result);
  wait_for (&result);
  same = oai_embeddings_endpoint_embed_finish (embeddings, result, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (vector, same));
  assert_no_violations (fixture);
}

/* Numbers and base64 give the same vectors. */
static void
test_formats (Fixture *fixture, gconstpointer data)
{
  const char *const texts[] = { "one", "two", "three", NULL };
  g_autoptr(OaiEmbeddingsEndpoint) embeddings = new_endpoint (fixture);
  g_autoptr(OaiEmbeddingRequest) request = oai_embedding_request_new_for_texts (MODEL, texts);
  g_autoptr(OaiEmbeddingList) as_text = oai_embeddings_endpoint_create (embeddings, request, NULL, NULL);
  g_autoptr(OaiEmbeddingList) as_numbers = NULL;
  g_autoptr(GPtrArray) vectors = NULL;
  g_autoptr(GPtrArray) same = NULL;
  g_autoptr(GError) error = NULL;

  assert_sent (fixture, "input", "[\"one\",\"two\",\"three\"]");
  assert_sent (fixture, "encoding_format", "\"base64\"");
  oai_embedding_request_set_encoding_format (request, OAI_EMBEDDING_FORMAT_FLOAT);
  as_numbers = oai_embeddings_endpoint_create (embeddings, request, NULL, &error);
  g_assert_no_error (error);
  assert_sent (fixture, "encoding_format", "\"float\"");

  vectors = oai_embedding_list_dup_vectors (as_text, &error);
  g_assert_no_error (error);
  same = oai_embedding_list_dup_vectors (as_numbers, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (vectors->len, ==, 3);
  g_assert_cmpuint (same->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    g_assert_true (g_bytes_equal (g_ptr_array_index (vectors, i), g_ptr_array_index (same, i)));
  g_assert_false (g_bytes_equal (g_ptr_array_index (vectors, 0), g_ptr_array_index (vectors, 1)));
  g_assert_cmpint (oai_embedding_usage_get_total_tokens (oai_embedding_list_get_usage (as_text)), >, 0);
  assert_no_violations (fixture);
}

/* This would take minutes if each number were searched among all others. */
static void
test_numbered_backwards (Fixture *fixture, gconstpointer data)
{
  const int n = 50000;
  g_autoptr(GString) json = g_string_new ("{\"data\":[");
  g_autoptr(OaiRecord) list = NULL;
  g_autoptr(GPtrArray) vectors = NULL;
  g_autoptr(GBytes) one = NULL;
  g_autoptr(GError) error = NULL;

  for (int i = n - 1; i >= 0; i--)
    g_string_append_printf (json, "{\"index\":%d,\"embedding\":[%d]}%s", i, i, i > 0 ? "," : "]}");
  list = oai_record_new_from_json (OAI_TYPE_EMBEDDING_LIST, json->str, &error);
  g_assert_no_error (error);
  vectors = oai_embedding_list_dup_vectors (OAI_EMBEDDING_LIST (list), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (vectors->len, ==, n);
  for (int i = 0; i < n; i++)
    g_assert_cmpfloat (*(const float *) g_bytes_get_data (g_ptr_array_index (vectors, i), NULL), ==, i);
  one = oai_embedding_list_dup_vector (OAI_EMBEDDING_LIST (list), 7);
  g_assert_true (g_bytes_equal (one, g_ptr_array_index (vectors, 7)));
}

/* This would take minutes if all earlier inputs were written and read for each input. */
static void
test_many_token_lists (Fixture *fixture, gconstpointer data)
{
  const guint n_lists = 2000, n_tokens = 500;
  g_autofree gint64 *tokens = g_new0 (gint64, n_tokens);
  g_autoptr(OaiEmbeddingRequest) request = oai_embedding_request_new_for_text (MODEL, "replaced");
  g_autoptr(OaiRecord) shared = NULL;
  const char *lists;

  for (guint i = 0; i < n_lists; i++)
    {
      tokens[0] = i;
      oai_embedding_request_add_tokens (request, tokens, i == 0 ? 3 : n_tokens);
    }
  lists = oai_embedding_request_get_token_lists (request);
  g_assert_true (g_str_has_prefix (lists, "[[0,0,0],[1,0,"));
  g_assert_cmpuint (strlen (lists), >, n_lists * n_tokens * 2 - 1000);

  /* A copy and its original change independently. */
  oai_embedding_request_set_token_lists (request, "[[1,2] ] ");
  oai_embedding_request_add_tokens (request, NULL, 0);
  shared = oai_record_copy (OAI_RECORD (request));
  oai_embedding_request_add_tokens (request, tokens + 1, 1);
  oai_embedding_request_add_tokens (OAI_EMBEDDING_REQUEST (shared), tokens + 1, 2);
  g_assert_cmpstr (oai_embedding_request_get_token_lists (request), ==, "[[1,2],[],[0]]");
  g_assert_cmpstr (oai_embedding_request_get_token_lists (OAI_EMBEDDING_REQUEST (shared)), ==, "[[1,2],[],[0,0]]");
}

/* A value of the program has precedence over the default of the library. */
static void
test_options_go_first (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiEmbeddingsEndpoint) embeddings = new_endpoint (fixture);
  g_autoptr(OaiCallOptions) options = oai_call_options_new ();
  g_autoptr(OaiEndpoint) plain = NULL;
  g_autoptr(GBytes) vector = NULL;
  g_autoptr(GError) error = NULL;

  oai_call_options_set_body_member (options, "encoding_format", "\"float\"", NULL);
  plain = oai_endpoint_with_options (OAI_ENDPOINT (embeddings), options);
  vector = oai_embeddings_endpoint_embed (OAI_EMBEDDINGS_ENDPOINT (plain), MODEL, "text", NULL, &error);
  g_assert_no_error (error);
  assert_length_one (vector);
  assert_sent (fixture, "encoding_format", "\"float\"");
}

static void
test_tokens (Fixture *fixture, gconstpointer data)
{
  const gint64 tokens[] = { 1212, 318, 257 };
  g_autoptr(OaiEmbeddingsEndpoint) embeddings = new_endpoint (fixture);
  g_autoptr(OaiEmbeddingRequest) request = oai_embedding_request_new_for_text (MODEL, "text");
  g_autoptr(OaiEmbeddingList) one = NULL;
  g_autoptr(OaiEmbeddingList) two = NULL;
  g_autoptr(GError) error = NULL;

  oai_embedding_request_set_tokens (request, tokens, G_N_ELEMENTS (tokens));
  one = oai_embeddings_endpoint_create (embeddings, request, NULL, &error);
  g_assert_no_error (error);
  assert_sent (fixture, "input", "[1212,318,257]");
  g_assert_cmpuint (oai_embedding_list_get_data (one)->len, ==, 1);

  oai_embedding_request_add_tokens (request, tokens, 3);
  oai_embedding_request_add_tokens (request, tokens + 1, 1);
  two = oai_embeddings_endpoint_create (embeddings, request, NULL, &error);
  g_assert_no_error (error);
  assert_sent (fixture, "input", "[[1212,318,257],[318]]");
  g_assert_cmpuint (oai_embedding_list_get_data (two)->len, ==, 2);
  assert_no_violations (fixture);

  oai_embedding_request_add_tokens (request, NULL, 0);
  g_assert_null (oai_embeddings_endpoint_create (embeddings, request, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

static void
test_dimensions (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiEmbeddingsEndpoint) embeddings = new_endpoint (fixture);
  g_autoptr(OaiEmbeddingRequest) request = oai_embedding_request_new_for_text (MODEL, "text");
  g_autoptr(OaiEmbeddingList) list = NULL;
  g_autoptr(GBytes) vector = NULL;
  g_autoptr(GError) error = NULL;

  oai_embedding_request_set_dimensions (request, 256);
  oai_embedding_request_set_user (request, "somebody");
  list = oai_embeddings_endpoint_create (embeddings, request, NULL, &error);
  g_assert_no_error (error);
  vector = oai_embedding_list_dup_vector (list, 0);
  g_assert_cmpuint (g_bytes_get_size (vector), ==, 256 * sizeof (float));
  g_assert_null (oai_embedding_list_dup_vector (list, 1));
  assert_no_violations (fixture);
}

/* A reply in another order than the inputs. */
static void
test_order (Fixture *fixture, gconstpointer data)
{
  const char *json = "{\"data\":[{\"index\":1,\"embedding\":[1]},{\"index\":0,\"embedding\":\"AAAAAA==\"},{\"index\":2,\"embedding\":[2]}]}";
  g_autoptr(OaiRecord) list = oai_record_new_from_json (OAI_TYPE_EMBEDDING_LIST, json, NULL);
  g_autoptr(GPtrArray) vectors = oai_embedding_list_dup_vectors (OAI_EMBEDDING_LIST (list), NULL);

  for (guint i = 0; i < 3; i++)
    {
      gsize n;
      const float *values = oai_vector_get_values (g_ptr_array_index (vectors, i), &n);

      g_assert_cmpuint (n, ==, 1);
      g_assert_cmpfloat (values[0], ==, i);
    }
}

/* The first number of each vector, as a string; NULL on error. */
static char *
read_vectors (const char *data)
{
  g_autofree char *json = g_strdup_printf ("{\"data\":[%s]}", data);
  g_autoptr(OaiRecord) list = oai_record_new_from_json (OAI_TYPE_EMBEDDING_LIST, json, NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) vectors = oai_embedding_list_dup_vectors (OAI_EMBEDDING_LIST (list), &error);
  g_autoptr(GString) text = g_string_new (NULL);

  if (vectors == NULL)
    {
      g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
      return NULL;
    }

  for (guint i = 0; i < vectors->len; i++)
    {
      g_autoptr(GBytes) same = oai_embedding_list_dup_vector (OAI_EMBEDDING_LIST (list), i);
      gsize n;

      g_assert_true (g_bytes_equal (same, g_ptr_array_index (vectors, i)));
      g_string_append_printf (text, "%g ", oai_vector_get_values (same, &n)[0]);
    }
  g_assert_null (oai_embedding_list_dup_vector (OAI_EMBEDDING_LIST (list), vectors->len));

  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Servers that send no index, or always 0, reply in the order of the inputs. Others send contradictory indices. */
static void
test_numbers (Fixture *fixture, gconstpointer data)
{
  static const char *const lists[][2] = {
    { "{\"embedding\":[7]},{\"embedding\":[8]},{\"embedding\":[9]}", "7 8 9 " },
    { "{\"index\":null,\"embedding\":[7]},{\"index\":null,\"embedding\":[8]}", "7 8 " },
    { "{\"index\":0,\"embedding\":[7]},{\"index\":0,\"embedding\":[8]}", "7 8 " },
    { "{\"embedding\":[7]},{\"index\":1,\"embedding\":[8]}", "7 8 " },
    { "{\"index\":1,\"embedding\":[7]},{\"index\":0,\"embedding\":[8]}", "8 7 " },
    { "{\"index\":0,\"embedding\":[7]},{\"index\":1,\"embedding\":[8]},{\"index\":1,\"embedding\":[9]}", NULL },
    { "{\"index\":0,\"embedding\":[7]},{\"index\":0,\"embedding\":[8]},{\"index\":1,\"embedding\":[9]}", NULL },
    { "{\"index\":1,\"embedding\":[7]},{\"index\":2,\"embedding\":[8]}", NULL },
    { "{\"index\":-1,\"embedding\":[7]},{\"index\":0,\"embedding\":[8]}", NULL },
    { "{\"index\":4294967296,\"embedding\":[7]}", NULL },
    { "{\"index\":\"1\",\"embedding\":[7]},{\"index\":\"0\",\"embedding\":[8]}", NULL },
    { "{\"embedding\":[7]},{\"embedding\":null}", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autofree char *read = read_vectors (lists[i][0]);

      g_assert_cmpstr (read, ==, lists[i][1]);
    }
}

static void
test_texts (Fixture *fixture, gconstpointer data)
{
  const char *const texts[] = { "one", "two", NULL };
  const char *const none[] = { NULL };
  g_autoptr(OaiEmbeddingsEndpoint) embeddings = new_endpoint (fixture);
  g_autoptr(GBytes) one = oai_embeddings_endpoint_embed (embeddings, MODEL, "one", NULL, NULL);
  g_autoptr(GPtrArray) vectors = NULL;
  g_autoptr(GPtrArray) same = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  vectors = oai_embeddings_endpoint_embed_texts (embeddings, MODEL, texts, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (vectors->len, ==, 2);
  g_assert_true (g_bytes_equal (vectors->pdata[0], one));
  assert_sent (fixture, "input", "[\"one\",\"two\"]");

  oai_embeddings_endpoint_embed_texts_async (embeddings, MODEL, texts, NULL, keep_result, &result);
  wait_for (&result);
  g_assert_nonnull (oai_call_find_for_result (result));
  same = oai_embeddings_endpoint_embed_texts_finish (embeddings, result, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (same->pdata[1], vectors->pdata[1]));
  assert_no_violations (fixture);

  g_assert_null (oai_embeddings_endpoint_embed_texts (embeddings, MODEL, none, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

/* The number of vectors must equal the number of texts. */
static void
test_wrong_number_of_vectors (Fixture *fixture, gconstpointer data)
{
  static const char *const bodies[] = {
    "{\"data\":[]}",
    "{\"data\":[{\"index\":0,\"embedding\":[1]}]}",
    "{\"data\":[{\"embedding\":[1]}]}",
    "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":1,\"embedding\":[1]},{\"index\":2,\"embedding\":[1]}]}",
  };
  const char *const texts[] = { "one", "two", NULL };
  g_autoptr(OaiEmbeddingsEndpoint) embeddings = new_endpoint (fixture);

  for (gsize i = 0; i < G_N_ELEMENTS (bodies) * 2; i++)
    {
      g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, bodies[i / 2]);
      g_autoptr(GAsyncResult) result = NULL;
      g_autoptr(GError) error = NULL;

      oai_mock_server_push_reply (fixture->server, reply);
      if (i % 2 == 0)
        g_assert_null (oai_embeddings_endpoint_embed_texts (embeddings, MODEL, texts, NULL, &error));
      else
        {
          oai_embeddings_endpoint_embed_texts_async (embeddings, MODEL, texts, NULL, keep_result, &result);
          wait_for (&result);
          g_assert_null (oai_embeddings_endpoint_embed_texts_finish (embeddings, result, &error));
        }
      g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
    }
}

/* OpenAI returns a vector for them. */
static void
test_blank_inputs (Fixture *fixture, gconstpointer data)
{
  static const char *const blank[] = { "\"\"", "\" \\n\\t\"", "[\"a\",\"\"]", "[\"\\u00a0\"]" };
  g_autoptr(OaiEmbeddingsEndpoint) embeddings = new_endpoint (fixture);
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) vector = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (blank); i++)
    {
      g_autoptr(OaiEmbeddingRequest) request = oai_embedding_request_new_for_text (MODEL, "text");
      g_autoptr(OaiEmbeddingList) list = NULL;

      g_assert_true (oai_record_set_member (OAI_RECORD (request), "input", blank[i], NULL));
      list = oai_embeddings_endpoint_create (embeddings, request, NULL, &error);
      g_assert_no_error (error);
      g_assert_nonnull (list);
    }
  vector = oai_embeddings_endpoint_embed (embeddings, MODEL, "", NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (vector);
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->server), ==, G_N_ELEMENTS (blank) + 1);
}

static void
test_lists_without_inputs (Fixture *fixture, gconstpointer data)
{
  static const char *const empty[] = { "[]", "[[1],[]]" };
  g_autoptr(OaiEmbeddingsEndpoint) embeddings = new_endpoint (fixture);
  g_autoptr(GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (empty); i++)
    {
      g_autoptr(OaiEmbeddingRequest) request = oai_embedding_request_new_for_text (MODEL, "text");

      g_assert_true (oai_record_set_member (OAI_RECORD (request), "input", empty[i], NULL));
      g_assert_null (oai_embeddings_endpoint_create (embeddings, request, NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
      g_clear_error (&error);
    }
  g_assert_cmpuint (oai_mock_server_get_n_requests (fixture->server), ==, 0);
}

static void
test_answers_without_vectors (Fixture *fixture, gconstpointer data)
{
  static const char *const bodies[] = {
    "{}",
    "{\"data\":null}",
    "{\"data\":[]}",
    "{\"data\":[{\"index\":0}]}",
    "{\"data\":[{\"index\":1,\"embedding\":[1]}]}",
    "{\"data\":[{\"index\":0,\"embedding\":\"not base64!\"}]}",
    "{\"data\":[{\"index\":0,\"embedding\":[1,\"2\"]}]}",
    "{\"data\":[{\"index\":0,\"embedding\":[1]},{\"index\":1,\"embedding\":[2]}]}",
  };
  g_autoptr(OaiEmbeddingsEndpoint) embeddings = new_endpoint (fixture);

  for (gsize i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, bodies[i]);
      g_autoptr(GError) error = NULL;

      oai_mock_server_push_reply (fixture->server, reply);
      g_assert_null (oai_embeddings_endpoint_embed (embeddings, MODEL, "text", NULL, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
    }
}

static void
test_vectors (Fixture *fixture, gconstpointer data)
{
  const float x[] = { 3, 0 };
  const float y[] = { 0, 4 };
  const float both[] = { 3, 4 };
  g_autoptr(GBytes) a = oai_vector_new (x, 2);
  g_autoptr(GBytes) b = oai_vector_new (y, 2);
  g_autoptr(GBytes) c = oai_vector_new (both, 2);
  g_autoptr(GBytes) none = oai_vector_new (NULL, 0);
  g_autoptr(GBytes) unit = oai_vector_normalize (c);
  g_autoptr(GBytes) nothing = oai_vector_normalize (none);

  g_assert_cmpfloat (oai_vector_dot_product (a, b), ==, 0);
  g_assert_cmpfloat (oai_vector_dot_product (a, c), ==, 9);
  g_assert_cmpfloat_with_epsilon (oai_vector_cosine_similarity (a, c), 0.6, 1e-9);
  g_assert_cmpfloat (oai_vector_cosine_similarity (none, none), ==, 0);
  assert_length_one (unit);
  g_assert_cmpuint (g_bytes_get_size (nothing), ==, 0);
}

/* Vectors that cannot be compared have no similarity, and no vector is more similar to a vector than itself. */
static void
test_comparisons (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GBytes) two = oai_vector_new ((const float[]) { 3, 4 }, 2);
  g_autoptr(GBytes) three = oai_vector_new ((const float[]) { 3, 4, 5 }, 3);
  g_autoptr(GBytes) broken = oai_vector_new ((const float[]) { NAN, 4 }, 2);

  g_test_expect_message ("Oai", G_LOG_LEVEL_CRITICAL, "oai_vector_dot_product:*size*");
  g_assert_true (isnan (oai_vector_dot_product (two, three)));
  g_test_expect_message ("Oai", G_LOG_LEVEL_CRITICAL, "oai_vector_cosine_similarity:*size*");
  g_assert_true (isnan (oai_vector_cosine_similarity (three, two)));
  g_test_assert_expected_messages ();
  g_assert_true (isnan (oai_vector_cosine_similarity (two, broken)));

  for (guint i = 0; i < 2000; i++)
    {
      g_autoptr(GBytes) vector = oai_vector_new ((const float[]) { 0.1f * i, 0.3f, 0.7f / (i + 1) }, 3);
      g_autoptr(GBytes) opposite = oai_vector_new ((const float[]) { -0.1f * i, -0.3f, -0.7f / (i + 1) }, 3);

      g_assert_cmpfloat (oai_vector_cosine_similarity (vector, vector), <=, 1);
      g_assert_cmpfloat (oai_vector_cosine_similarity (vector, vector), >, 0.999999);
      g_assert_cmpfloat (oai_vector_cosine_similarity (vector, opposite), >=, -1);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  TEST ("/embeddings/of-a-text", test_embed);
  TEST ("/embeddings/formats", test_formats);
  TEST ("/embeddings/options-of-the-call-take-precedence", test_options_go_first);
  TEST ("/embeddings/tokens", test_tokens);
  TEST ("/embeddings/many-token-lists", test_many_token_lists);
  TEST ("/embeddings/dimensions", test_dimensions);
  TEST ("/embeddings/order-of-the-inputs", test_order);
  TEST ("/embeddings/indexes-of-the-vectors", test_numbers);
  TEST ("/embeddings/indexes-in-reverse-order", test_numbered_backwards);
  TEST ("/embeddings/of-several-texts", test_texts);
  TEST ("/embeddings/wrong-number-of-vectors", test_wrong_number_of_vectors);
  TEST ("/embeddings/blank-inputs", test_blank_inputs);
  TEST ("/embeddings/lists-without-inputs", test_lists_without_inputs);
  TEST ("/embeddings/replies-without-vectors", test_answers_without_vectors);
  TEST ("/embeddings/vectors", test_vectors);
  TEST ("/embeddings/comparisons", test_comparisons);

  return g_test_run ();
}
