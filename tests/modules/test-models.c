/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-module.h"

static void
test_list (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiModelsEndpoint) models = oai_models_endpoint_new (fixture->client);
  g_autoptr(OaiPagedList) page = NULL;
  g_autoptr(OaiModel) first = NULL;
  g_autoptr(OaiModel) same = NULL;
  g_autoptr(GError) error = NULL;

  page = oai_models_endpoint_list (models, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (page)), >, 0);

  first = g_list_model_get_item (G_LIST_MODEL (page), 0);
  same = oai_models_endpoint_retrieve (models, oai_model_get_id (first), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_model_get_id (same), ==, oai_model_get_id (first));
  g_assert_cmpint (oai_model_get_created (same), ==, oai_model_get_created (first));
}

/* Together's server sends an array; others omit members. */
static void
test_list_of_others (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiModelsEndpoint) models = oai_models_endpoint_new (fixture->client);
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, "[{\"id\":\"llama\",\"context_length\":8192}]");
  g_autoptr(OaiPagedList) page = NULL;
  g_autoptr(OaiModel) model = NULL;
  g_autoptr(GError) error = NULL;

  oai_mock_server_push_reply (fixture->server, reply);
  page = oai_models_endpoint_list (models, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (page)), ==, 1);

  model = g_list_model_get_item (G_LIST_MODEL (page), 0);
  g_assert_cmpstr (oai_model_get_id (model), ==, "llama");
  g_assert_null (oai_model_get_owned_by (model));
  g_assert_cmpint (oai_record_get_int_member (OAI_RECORD (model), "context_length"), ==, 8192);
}

/* Ollama's list of tags; other servers send one of the names. */
static void
test_list_of_names (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiModelsEndpoint) models = oai_models_endpoint_new (fixture->client);
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_json (200, "{\"models\":[{\"name\":\"llama3.2:latest\",\"model\":\"llama3.2\",\"size\":7},"
                                                                "{\"model\":\"phi\"},{\"id\":\"a\",\"name\":\"A model\"},{\"id\":null,\"name\":\"B\"},"
                                                                "{\"name\":[1],\"model\":{}},{}]}");
  static const char *const ids[] = { "llama3.2:latest", "phi", "a", NULL, NULL, NULL };
  g_autoptr(OaiPagedList) page = NULL;
  g_autoptr(GError) error = NULL;

  oai_mock_server_push_reply (fixture->server, reply);
  page = oai_models_endpoint_list (models, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (page)), ==, G_N_ELEMENTS (ids));
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_autoptr(OaiModel) model = g_list_model_get_item (G_LIST_MODEL (page), i);
      g_autofree char *id = NULL;

      g_assert_cmpstr (oai_model_get_id (model), ==, ids[i]);
      g_object_get (model, "id", &id, NULL);
      g_assert_cmpstr (id, ==, ids[i]);
    }
}

/* What is sent to a server or saved contains what was received. */
static void
test_name_as_json (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiRecord) model = oai_record_new_from_json (OAI_TYPE_MODEL, "{\"name\":\"phi\"}", NULL);
  g_autoptr(OaiRecord) copy = oai_record_copy (model);
  g_autofree char *json = oai_record_to_json (copy);

  g_assert_cmpstr (json, ==, "{\"name\":\"phi\"}");
  g_assert_cmpstr (oai_record_get_string_member (copy, "id"), ==, "phi");
  g_assert_cmpstr (oai_record_get_string_member (copy, "name"), ==, "phi");
  g_assert_true (oai_record_has_member (copy, "id"));
}

static void
test_permission (Fixture *fixture, gconstpointer data)
{
  const char *json = "{\"id\":\"davinci\",\"permission\":[{\"id\":\"p\",\"allow_sampling\":true,\"group\":null}],\"parent\":null}";
  g_autoptr(OaiRecord) model = oai_record_new_from_json (OAI_TYPE_MODEL, json, NULL);
  GPtrArray *permissions = oai_model_get_permissions (OAI_MODEL (model));

  g_assert_cmpuint (permissions->len, ==, 1);
  g_assert_true (oai_model_permission_get_allow_sampling (g_ptr_array_index (permissions, 0)));
}

static void
test_fine_tuned (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *json;
    gboolean fine_tuned;
  } cases[] = {
    { "{\"id\":\"ft:gpt-4o-mini:acme::abc123\"}", TRUE },
    { "{\"id\":\"davinci:ft-acme-2023-03-01-00-00-00\"}", TRUE },
    { "{\"id\":\"gpt-4o\"}", FALSE },
    { "{\"id\":\"soft:gpt\"}", FALSE },
    { "{}", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(OaiRecord) model = oai_record_new_from_json (OAI_TYPE_MODEL, cases[i].json, NULL);

      g_assert_cmpint (oai_model_is_fine_tuned (OAI_MODEL (model)), ==, cases[i].fine_tuned);
    }
}

/* A model with the members that servers send. */
typedef struct
{
  const char *name;
  const char *json;
  gint64 context;
  const char *inputs;
  const char *features;
  double input; /* of 1,000,000 tokens; -1 without prices */
  double cached;
  double output;
} Facts;

static const Facts facts[] = {
  { "openai", "{\"id\":\"m\",\"object\":\"model\",\"created\":1,\"owned_by\":\"system\"}", 0, "", "", -1, -1, -1 },
  { "openrouter",
    "{\"id\":\"m\",\"context_length\":131072,\"architecture\":{\"modality\":\"text+image->text\",\"input_modalities\":[\"text\",\"image\",\"text\"]},"
    "\"pricing\":{\"prompt\":\"0.000002\",\"completion\":\"0.000008\",\"input_cache_read\":\"0.0000005\"},\"top_provider\":{\"context_length\":1},"
    "\"supported_parameters\":[\"seed\",\"tools\",\"reasoning\",\"include_reasoning\"]}",
    131072, "text,image", "tools,reasoning,seed", 2, 0.5, 8 },
  { "openrouter-auto", "{\"id\":\"m\",\"pricing\":{\"prompt\":\"-1\",\"completion\":\"-1\"}}", 0, "", "", -1, -1, -1 },
  { "together", "{\"id\":\"m\",\"context_length\":8192,\"pricing\":{\"hourly\":0,\"input\":0.25,\"output\":0.5,\"base\":0}}", 8192, "", "", 0.25, 0.25, 0.5 },
  { "perplexity", "{\"id\":\"m\",\"pricing\":{\"input\":10,\"output\":50,\"cache_write\":12.5,\"cache_read\":1,\"unit\":\"usd_per_1m_tokens\"}}", 0, "", "", 10, 1, 50 },
  { "unit-of-strings", "{\"id\":\"m\",\"pricing\":{\"prompt\":\"2.5\",\"completion\":\"10\",\"unit\":\"per_million_tokens\"}}", 0, "", "", 2.5, 2.5, 10 },
  { "vercel", "{\"id\":\"m\",\"context_window\":1000000,\"tags\":[\"reasoning\",\"tool-use\",\"vision\"],\"pricing\":{\"input\":\"0.000001\",\"output\":\"0.000002\"}}",
    1000000, "image", "tools,reasoning", 1, 1, 2 },
  { "mistral", "{\"id\":\"m\",\"max_context_length\":32768,\"capabilities\":{\"completion_chat\":true,\"function_calling\":true,\"vision\":true,\"audio\":false}}",
    32768, "image", "tools", -1, -1, -1 },
  { "groq", "{\"id\":\"m\",\"active\":true,\"context_window\":131072,\"max_completion_tokens\":8192}", 131072, "", "", -1, -1, -1 },
  { "vllm", "{\"id\":\"m\",\"owned_by\":\"vllm\",\"max_model_len\":4096}", 4096, "", "", -1, -1, -1 },
  { "llama.cpp", "{\"id\":\"m\",\"meta\":{\"n_vocab\":32000,\"n_ctx_train\":40960}}", 40960, "", "", -1, -1, -1 },
  { "llama.cpp-loaded", "{\"id\":\"m\",\"meta\":{\"n_ctx_train\":40960,\"n_ctx\":4096}}", 4096, "", "", -1, -1, -1 },
  { "lm-studio", "{\"id\":\"m\",\"max_context_length\":32768,\"loaded_context_length\":4096,\"capabilities\":[\"tool_use\"]}", 4096, "", "tools", -1, -1, -1 },
  { "deepinfra", "{\"id\":\"m\",\"metadata\":{\"context_length\":16384,\"pricing\":{\"input_tokens\":0.03,\"output_tokens\":0.05}}}", 16384, "", "", 0.03, 0.03, 0.05 },
  { "tabby", "{\"id\":\"m\",\"parameters\":{\"max_seq_len\":4096}}", 4096, "", "", -1, -1, -1 },
  { "moonshot", "{\"id\":\"m\",\"context_length\":262144,\"supports_image_in\":true,\"supports_video_in\":true,\"supports_reasoning\":true}", 262144, "image,video", "reasoning", -1, -1, -1 },
  { "free", "{\"id\":\"m\",\"pricing\":{\"prompt\":\"0\",\"completion\":\"0\"}}", 0, "", "", 0, 0, 0 },
  { "wrong-types",
    "{\"id\":\"m\",\"context_length\":\"x\",\"context_window\":1e300,\"max_model_len\":-5,\"meta\":[1],\"architecture\":[],\"input_modalities\":{\"a\":1},\"tags\":\"vision\","
    "\"capabilities\":7,\"supported_parameters\":[1,null,{\"tools\":true},\"seed\"],\"supports_reasoning\":\"yes\",\"pricing\":{\"prompt\":{},\"completion\":[]}}",
    0, "", "seed", -1, -1, -1 },
  { "infinite", "{\"id\":\"m\",\"context_length\":Infinity,\"pricing\":{\"prompt\":NaN,\"completion\":1,\"input\":1e999,\"output\":1}}", 0, "", "", -1, -1, -1 },
  { "infinite-text", "{\"id\":\"m\",\"pricing\":{\"prompt\":\"1e308\",\"completion\":\"nan\",\"input\":\"inf\",\"output\":\"0.1 USD\"}}", 0, "", "", -1, -1, -1 },
  { "negative-cache", "{\"id\":\"m\",\"pricing\":{\"input\":2,\"output\":4,\"cache_read\":-1}}", 0, "", "", 2, 2, 4 },
  { "nothing", "{\"id\":\"m\",\"context_length\":null,\"architecture\":null,\"pricing\":null}", 0, "", "", -1, -1, -1 },
};

static void
check_facts (OaiModel *model, const Facts *expected)
{
  g_auto(GStrv) inputs = oai_model_dup_input_modalities (model);
  g_auto(GStrv) features = oai_model_dup_features (model);
  g_autofree char *joined_inputs = g_strjoinv (",", inputs);
  g_autofree char *joined_features = g_strjoinv (",", features);
  g_autoptr(OaiPriceTable) prices = oai_price_table_new ();

  g_test_message ("%s", expected->name);
  g_assert_cmpint (oai_model_get_context_length (model), ==, expected->context);
  g_assert_cmpstr (joined_inputs, ==, expected->inputs);
  g_assert_cmpstr (joined_features, ==, expected->features);
  g_assert_cmpint (oai_model_has_feature (model, "tools"), ==, strstr (expected->features, "tools") != NULL);
  g_assert_cmpint (oai_model_has_input_modality (model, "image"), ==, strstr (expected->inputs, "image") != NULL);

  g_assert_cmpint (oai_price_table_add_model (prices, model), ==, expected->input >= 0);
  g_assert_cmpfloat_with_epsilon (oai_price_table_get_cost (prices, "m", 1000000, 0, 0), expected->input, 1e-9);
  g_assert_cmpfloat_with_epsilon (oai_price_table_get_cost (prices, "m", 1000000, 1000000, 0), expected->cached, 1e-9);
  g_assert_cmpfloat_with_epsilon (oai_price_table_get_cost (prices, "m", 0, 0, 1000000), expected->output, 1e-9);
}

/* The facts are read from a list of models, as servers send them. */
static void
test_facts (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiModelsEndpoint) models = oai_models_endpoint_new (fixture->client);
  g_autoptr(GString) json = g_string_new ("[");
  g_autoptr(OaiMockReply) reply = NULL;
  g_autoptr(OaiPagedList) page = NULL;
  g_autoptr(GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (facts); i++)
    g_string_append_printf (json, "%s%s", i > 0 ? "," : "", facts[i].json);
  g_string_append_c (json, ']');
  reply = oai_mock_reply_new_json (200, json->str);
  oai_mock_server_push_reply (fixture->server, reply);
  page = oai_models_endpoint_list (models, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (page)), ==, G_N_ELEMENTS (facts));

  for (guint i = 0; i < G_N_ELEMENTS (facts); i++)
    {
      g_autoptr(OaiModel) model = g_list_model_get_item (G_LIST_MODEL (page), i);

      check_facts (model, &facts[i]);
    }
}

/* A program copies at most 32 kinds of input with 64 bytes each. */
static void
test_huge_facts (Fixture *fixture, gconstpointer data)
{
  g_autofree char *word = g_strnfill (1000000, 'a');
  g_autoptr(GString) json = g_string_new ("{\"id\":\"m\",\"input_modalities\":[");
  g_autoptr(OaiRecord) record = NULL;
  g_auto(GStrv) inputs = NULL;

  g_string_append_printf (json, "\"%s\"", word);
  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (json, ",\"kind %u\"", i);
  g_string_append_printf (json, "],\"pricing\":{\"prompt\":\"%s\",\"completion\":\"1\"}}", word);
  record = oai_record_new_from_json (OAI_TYPE_MODEL, json->str, NULL);
  inputs = oai_model_dup_input_modalities (OAI_MODEL (record));

  g_assert_cmpuint (g_strv_length (inputs), ==, 32);
  g_assert_cmpstr (inputs[0], ==, "kind 0");
}

static void
test_price_without_name (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiRecord) model = oai_record_new_from_json (OAI_TYPE_MODEL, "{\"pricing\":{\"input\":1,\"output\":1}}", NULL);
  g_autoptr(OaiPriceTable) prices = oai_price_table_new ();

  g_assert_false (oai_price_table_add_model (prices, OAI_MODEL (model)));
}

static gboolean
delete_async (OaiModelsEndpoint *models, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  oai_models_endpoint_delete_fine_tuned_model_async (models, "ft:m", NULL, keep_result, &result);
  wait_for (&result);

  return oai_models_endpoint_delete_fine_tuned_model_finish (models, result, error);
}

static void
test_delete (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiModelsEndpoint) models = oai_models_endpoint_new (fixture->client);
  g_autoptr(OaiMockReply) gone = oai_mock_reply_new_json (200, "{\"id\":\"ft:m\",\"object\":\"model\",\"deleted\":true}");
  g_autoptr(OaiMockReply) kept = oai_mock_reply_new_json (200, "{\"id\":\"ft:m\",\"object\":\"model\",\"deleted\":false}");
  g_autoptr(OaiMockReply) refused = oai_mock_reply_new_error (403, "invalid_request_error", NULL,
                                                              "You have insufficient permissions for this operation.");
  g_autoptr(OaiMockRequest) request = NULL;
  g_autoptr(GError) error = NULL;

  oai_mock_server_push_reply (fixture->server, gone);
  g_assert_true (oai_models_endpoint_delete_fine_tuned_model (models, "ft:m", NULL, &error));
  g_assert_no_error (error);
  request = oai_mock_server_dup_request (fixture->server, -1);
  g_assert_cmpstr (oai_mock_request_get_method (request), ==, "DELETE");

  oai_mock_server_push_reply (fixture->server, kept);
  g_assert_false (delete_async (models, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_FAILED);
  g_clear_error (&error);

  oai_mock_server_push_reply (fixture->server, refused);
  g_assert_false (delete_async (models, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PERMISSION_DENIED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  TEST ("/models/list", test_list);
  TEST ("/models/list-of-other-servers", test_list_of_others);
  TEST ("/models/list-of-names", test_list_of_names);
  TEST ("/models/name-as-json", test_name_as_json);
  TEST ("/models/permission", test_permission);
  TEST ("/models/is-fine-tuned", test_fine_tuned);
  TEST ("/models/delete", test_delete);
  TEST ("/models/facts", test_facts);
  TEST ("/models/huge-facts", test_huge_facts);
  TEST ("/models/price-without-name", test_price_without_name);

  return g_test_run ();
}
