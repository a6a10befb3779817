/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Uses an assistant that calls a function of the program, and prints its answer while it arrives.
 *
 * usage: assistant QUESTION (OPENAI_MODEL names the model) */

#include <locale.h>
#include <openai-1/openai.h>

static OaiAssistant *
create_assistant (OaiClient *client, GError **error)
{
  const char *model = g_getenv ("OPENAI_MODEL");
  g_autoptr(OaiAssistantsEndpoint) assistants = oai_assistants_endpoint_new (client);
  g_autoptr(OaiAssistantRequest) request = oai_assistant_request_new (model != NULL ? model : "gpt-4o-mini");
  g_autoptr(OaiFunctionDefinition) function = oai_function_definition_new ("get_temperature");
  g_autoptr(OaiAssistantFunctionTool) tool = NULL;

  oai_function_definition_set_description (function, "Tells the temperature in a city.");
  oai_function_definition_set_parameters (function,
                                          "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":[\"city\"]}");
  tool = oai_assistant_function_tool_new (function);
  oai_assistant_request_set_instructions (request, "You are a helpful weather assistant.");
  oai_assistant_request_add_tool (request, OAI_ASSISTANT_TOOL (tool));

  return oai_assistants_endpoint_create (assistants, request, NULL, error);
}

static OaiRunStream *
answer_calls (OaiRun *run)
{
  g_autoptr(OaiRunToolOutputsRequest) outputs = oai_run_tool_outputs_request_new ();
  GPtrArray *calls = oai_run_get_tool_calls (run);

  for (guint i = 0; i < calls->len; i++)
    {
      OaiChatToolCall *call = g_ptr_array_index (calls, i);

      g_print ("[%s %s]\n", oai_chat_tool_call_get_name (call), oai_chat_tool_call_get_input (call));
      oai_run_tool_outputs_request_add_output (outputs, oai_chat_tool_call_get_id (call), "{\"celsius\": 31}");
    }

  return oai_run_submit_tool_outputs_stream (run, outputs);
}

static void
on_text_delta (OaiRunStream *stream, const char *text, guint index, gpointer user_data)
{
  g_print ("%s", text);
}

static gboolean
ask (OaiAssistant *assistant, const char *question, GError **error)
{
  g_autoptr(OaiThreadRequest) thread = oai_thread_request_new_for_text (question);
  g_autoptr(OaiRunStream) stream = oai_assistant_create_thread_and_run_stream (assistant, thread);

  for (;;)
    {
      g_autoptr(OaiRecord) run = NULL;

      g_signal_connect (stream, "text-delta", G_CALLBACK (on_text_delta), NULL);
      run = oai_stream_run (OAI_STREAM (stream), NULL, error);
      if (run == NULL)
        return FALSE;
      if (oai_run_get_tool_calls (OAI_RUN (run)) == NULL)
        break;

      g_object_unref (stream);
      stream = answer_calls (OAI_RUN (run));
    }
  g_print ("\n");

  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr(OaiClient) client = oai_client_new (NULL, NULL);
  g_autoptr(OaiAssistantDeletion) deletion = NULL;
  g_autoptr(OaiAssistant) assistant = NULL;
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");

  assistant = create_assistant (client, &error);
  if (assistant != NULL && ask (assistant, argc > 1 ? argv[1] : "Use the tool: how warm is it in Kuala Lumpur?", &error))
    deletion = oai_assistant_delete_assistant (assistant, NULL, &error);
  if (error != NULL)
    g_printerr ("%s\n", error->message);

  return error != NULL ? 1 : 0;
}
