/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "oai-mock.h"
#include "tool-fixture.h"

typedef struct
{
  OaiMockServer *server;
  OaiClient *client;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiAuth) auth = oai_auth_new ("sk-test");
  g_autoptr(OaiSettings) settings = NULL;

  self->server = oai_mock_server_new ();
  oai_mock_server_start_in_thread (self->server, &error);
  g_assert_no_error (error);
  settings = oai_settings_new_for_base_url (oai_mock_server_get_base_url (self->server), &error);
  g_assert_no_error (error);
  self->client = oai_client_new (auth, settings);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_clear_object (&self->client);
  oai_mock_server_stop (self->server);
  g_clear_object (&self->server);
}

static OaiTool *
create (Fixture *self, GType type, const char *operation, const char *fixed, OaiOperationToolFunc func, gpointer user_data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiEndpoint) endpoint = g_object_new (type, "client", self->client, NULL);
  OaiTool *tool = oai_tool_new_for_operation (endpoint, operation, fixed, func, user_data, NULL, &error);

  g_assert_no_error (error);

  return tool;
}

static const char *
get_schema (OaiTool *tool)
{
  return oai_json_schema_get_json (oai_tool_get_parameters (tool));
}

static void
check_contains (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("“%s” does not contain “%s”", text, part);
}

static void
test_path_arguments (Fixture *self, gconstpointer data)
{
  g_autoptr(OaiTool) tool = create (self, OAI_TYPE_MODELS_ENDPOINT, "retrieve", NULL, NULL, NULL);
  g_autoptr(OaiToolCall) call = run_tool (tool, "{\"model\":\"gpt-4o\"}");
  g_autoptr(OaiToolCall) outside = run_tool (tool, "{\"model\":\"../files\"}");

  g_assert_cmpstr (oai_tool_get_name (tool), ==, "models_retrieve");
  g_assert_cmpstr (get_schema (tool), ==, "{\"type\":\"object\",\"properties\":{\"model\":{\"type\":\"string\"}},\"required\":[\"model\"],\"additionalProperties\":false}");
  check_contains (oai_tool_call_get_output (call), "{\"result\":{\"id\":\"gpt-4o\",\"object\":\"model\"");
  g_assert_cmpint (oai_tool_call_get_state (outside), ==, OAI_TOOL_CALL_STATE_FAILED);
}

static void
test_blocking (Fixture *self, gconstpointer data)
{
  g_autoptr(OaiTool) tool = create (self, OAI_TYPE_MODELS_ENDPOINT, "retrieve", NULL, NULL, NULL);
  g_autoptr(OaiToolCall) call = run_tool (tool, "{\"model\":\"gpt-4o\"}");

  check_tool_blocks (tool, "{\"model\":\"gpt-4o\"}", oai_tool_call_get_output (call));
}

static void
note_reply (OaiToolCall *call, const char *reply, gpointer user_data)
{
  char **note = user_data;

  g_free (*note);
  *note = g_strdup (reply);
}

static void
test_program_sets_arguments (Fixture *self, gconstpointer data)
{
  g_autofree char *reply = NULL;
  g_autoptr(OaiTool) tool = create (self, OAI_TYPE_IMAGES_ENDPOINT, "generate", "{\"model\":\"gpt-image-1\",\"n\":1}", note_reply, &reply);
  g_autoptr(OaiToolCall) call = run_tool (tool, "{\"prompt\":\"a cat\"}");

  g_assert_null (strstr (get_schema (tool), "\"n\":"));
  g_assert_null (strstr (get_schema (tool), "\"stream\""));
  check_contains (get_schema (tool), "\"size\":{\"type\":\"string\"}");
  check_contains (get_schema (tool), "\"required\":[\"prompt\"]");
  g_assert_cmpint (oai_tool_call_get_state (call), ==, OAI_TOOL_CALL_STATE_SUCCEEDED);
  check_contains (reply, "\"b64_json\"");
  check_tool_rejects (tool, "{\"prompt\":\"a cat\",\"model\":\"other\"}", "model");
}

/* Vectors and audio do not fill the context of the model. */
static void
test_large_replies (Fixture *self, gconstpointer data)
{
  g_autofree char *vectors = NULL;
  g_autofree char *audio = NULL;
  g_autoptr(OaiTool) embed = create (self, OAI_TYPE_EMBEDDINGS_ENDPOINT, "create", "{\"model\":\"text-embedding-3-small\",\"encoding_format\":\"float\",\"dimensions\":300}", note_reply, &vectors);
  g_autoptr(OaiTool) encode = create (self, OAI_TYPE_EMBEDDINGS_ENDPOINT, "create", "{\"model\":\"text-embedding-3-small\",\"encoding_format\":\"base64\",\"dimensions\":1500}", NULL, NULL);
  g_autoptr(OaiTool) speak = create (self, OAI_TYPE_AUDIO_ENDPOINT, "create_speech", "{\"model\":\"tts-1\",\"voice\":\"alloy\"}", note_reply, &audio);
  g_autoptr(OaiToolCall) embedded = run_tool (embed, "{\"input\":\"a\"}");
  g_autoptr(OaiToolCall) encoded = run_tool (encode, "{\"input\":\"a\"}");
  g_autoptr(OaiToolCall) spoken = run_tool (speak, "{\"input\":\"Hello\"}");

  check_contains (oai_tool_call_get_output (embedded), "\"embedding\":\"[300 elements, which the program has received]\"");
  check_contains (oai_tool_call_get_output (encoded), "\"embedding\":\"[8000 characters of data, which the program has received]\"");
  g_assert_cmpuint (strlen (oai_tool_call_get_output (embedded)), <, 1000);
  g_assert_cmpuint (strlen (vectors), >, 1000);
  check_contains (oai_tool_call_get_output (spoken), "bytes of data, which the program has received]\"");
  g_assert_cmpuint (strlen (audio), >, 0);
}

static void
answer_reply (OaiToolCall *call, const char *reply, gpointer user_data)
{
  oai_tool_call_respond (call, "shown");
}

static void
test_program_answers (Fixture *self, gconstpointer data)
{
  g_autoptr(OaiTool) tool = create (self, OAI_TYPE_MODELS_ENDPOINT, "list", NULL, answer_reply, NULL);

  check_tool (tool, "{}", "{\"result\":\"shown\"}");
}

static void
test_impossible_operations (Fixture *self, gconstpointer data)
{
  static const struct
  {
    const char *operation, *fixed;
    int code;
  } impossible[] = {
    { "no_such_operation", NULL, OAI_ERROR_NOT_FOUND },
    { "upload", NULL, OAI_ERROR_INVALID_ARGUMENT },
    { "list", "[]", OAI_ERROR_INVALID_ARGUMENT },
    { "list", "{", OAI_ERROR_INVALID_ARGUMENT },
  };
  g_autoptr(OaiEndpoint) files = g_object_new (OAI_TYPE_FILES_ENDPOINT, "client", self->client, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (impossible); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(OaiTool) tool = oai_tool_new_for_operation (files, impossible[i].operation, impossible[i].fixed, NULL, NULL, NULL, &error);

      g_assert_null (tool);
      g_assert_error (error, OAI_ERROR, impossible[i].code);
    }
}

/* Each operation of these endpoints has a schema. */
static void
test_all_operations (Fixture *self, gconstpointer data)
{
  const GType types[] = { OAI_TYPE_CHAT_ENDPOINT, OAI_TYPE_RESPONSES_ENDPOINT, OAI_TYPE_THREADS_ENDPOINT, OAI_TYPE_FINE_TUNING_ENDPOINT, OAI_TYPE_AUDIO_ENDPOINT, OAI_TYPE_IMAGES_ENDPOINT };
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr(OaiEndpoint) endpoint = g_object_new (types[i], "client", self->client, NULL);
      g_auto(GStrv) operations = oai_endpoint_list_operations (endpoint);

      for (guint j = 0; operations[j] != NULL; j++)
        {
          g_autoptr(GError) error = NULL;
          g_autoptr(OaiTool) tool = oai_tool_new_for_operation (endpoint, operations[j], NULL, NULL, NULL, NULL, &error);

          if (tool == NULL)
            check_contains (error->message, "cannot choose its argument");
          n += tool != NULL;
        }
    }
  g_assert_cmpuint (n, >, 30);
}

static void
test_hostile_arguments (Fixture *self, gconstpointer data)
{
  g_autoptr(OaiTool) tool = create (self, OAI_TYPE_MODELS_ENDPOINT, "retrieve", NULL, NULL, NULL);

  check_tool_survives (tool);
}

static void
test_cancelled_at_every_moment (Fixture *self, gconstpointer data)
{
  g_autoptr(OaiTool) tool = create (self, OAI_TYPE_MODELS_ENDPOINT, "list", NULL, NULL, NULL);

  check_tool_cancels (tool, "{}");
}

#define ADD(name, func) g_test_add ("/operation-tools/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("path-arguments", test_path_arguments);
  ADD ("blocking", test_blocking);
  ADD ("program-sets-arguments", test_program_sets_arguments);
  ADD ("large-replies", test_large_replies);
  ADD ("program-answers", test_program_answers);
  ADD ("impossible-operations", test_impossible_operations);
  ADD ("all-operations", test_all_operations);
  ADD ("hostile-arguments", test_hostile_arguments);
  ADD ("cancelled-at-every-moment", test_cancelled_at_every_moment);

  return g_test_run ();
}
