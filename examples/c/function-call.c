/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Offers a function of the program to the model, sends the results of its calls, and prints the answer.
 *
 * usage: function-call QUESTION (OPENAI_MODEL names the model) */

#include <locale.h>
#include <openai-1/openai.h>

static const char parameters[] =
  "{\"type\": \"object\","
  " \"properties\": {\"city\": {\"type\": \"string\"}},"
  " \"required\": [\"city\"], \"additionalProperties\": false}";

static OaiResponseRequest *
make_request (const char *question)
{
  const char *model = g_getenv ("OPENAI_MODEL");
  OaiResponseRequest *request = oai_response_request_new_for_text (model != NULL ? model : "gpt-4o-mini", question);
  g_autoptr(OaiResponseFunctionTool) tool = oai_response_function_tool_new ("get_temperature");

  oai_response_function_tool_set_description (tool, "Returns the temperature in a city.");
  oai_response_function_tool_set_parameters (tool, parameters);
  oai_response_function_tool_set_strict (tool, TRUE);
  oai_response_request_add_tool (request, OAI_RESPONSE_TOOL (tool));

  return request;
}

/* Adds the calls and their results to the request. */
static void
answer_calls (OaiResponseRequest *request, OaiResponse *response, GPtrArray *calls)
{
  oai_response_request_add_output (request, response);
  for (guint i = 0; i < calls->len; i++)
    {
      OaiResponseFunctionCall *call = g_ptr_array_index (calls, i);

      g_print ("[%s %s]\n", oai_response_function_call_get_name (call), oai_response_function_call_get_arguments (call));
      oai_response_request_add_function_result (request, call, "{\"celsius\": 31}");
    }
}

static gboolean
ask (OaiResponsesEndpoint *responses, OaiResponseRequest *request, GError **error)
{
  for (;;)
    {
      g_autoptr(OaiResponse) response = oai_responses_endpoint_create (responses, request, NULL, error);
      g_autoptr(GPtrArray) calls = NULL;

      if (response == NULL || !oai_response_check (response, error))
        return FALSE;

      calls = oai_response_dup_function_calls (response);
      if (calls->len == 0)
        {
          g_print ("%s\n", oai_response_get_output_text (response));
          return TRUE;
        }
      answer_calls (request, response, calls);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr(OaiClient) client = oai_client_new (NULL, NULL);
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (client);
  g_autoptr(OaiResponseRequest) request = NULL;
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");

  request = make_request (argc > 1 ? argv[1] : "Use the tool: how warm is it in Kuala Lumpur?");
  if (!ask (responses, request, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  return 0;
}
