/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lets a model use functions of the program in a conversation.
 *
 * usage: session QUESTION... (OPENAI_MODEL names the model) */

#include <openai-1/openai.h>

static const char parameters[] =
  "{\"type\": \"object\", \"properties\": {"
  "\"city\": {\"type\": \"string\", \"description\": \"the name of the city, in English\"},"
  "\"unit\": {\"type\": \"string\", \"enum\": [\"celsius\", \"fahrenheit\"]}},"
  "\"required\": [\"city\"]}";

static void
get_temperature (OaiToolCall *call, gpointer user_data)
{
  const char *unit = oai_tool_call_get_string (call, "unit");

  if (*oai_tool_call_get_string (call, "city") == '\0')
    oai_tool_call_fail_with_message (call, "The name of the city is empty.");
  else
    oai_tool_call_respond_json (call, g_strcmp0 (unit, "fahrenheit") == 0 ? "{\"temperature\": 88}" : "{\"temperature\": 31}");
}

static void
print_call (OaiSession *session, OaiToolCall *call, gpointer user_data)
{
  g_print ("[%s %s: %s]\n", oai_tool_call_get_name (call), oai_tool_call_get_arguments (call), oai_tool_call_get_output (call));
}

static gboolean
ask (const char *const *questions, GError **error)
{
  const char *model = g_getenv ("OPENAI_MODEL");
  g_autoptr(OaiClient) client = oai_client_new (NULL, NULL);
  g_autoptr(OaiSession) session = oai_responses_session_new (client, model != NULL ? model : "gpt-4o-mini");
  g_autoptr(OaiToolset) toolset = oai_toolset_new ();

  if (oai_toolset_add_function (toolset, "get_temperature", "Returns the temperature in a city.", parameters, get_temperature, NULL, NULL, error) == NULL)
    return FALSE;

  g_signal_connect (session, "call-finished", G_CALLBACK (print_call), NULL);
  oai_session_set_instructions (session, "Answer in one sentence.");
  oai_session_set_toolset (session, toolset);
  for (gsize i = 0; questions[i] != NULL; i++)
    {
      g_autoptr(OaiSessionItem) reply = oai_session_send (session, questions[i], NULL, error);

      if (reply == NULL)
        return FALSE;
      g_print ("%s\n%s\n", questions[i], oai_session_item_get_text (reply));
    }

  return TRUE;
}

int
main (int argc, char **argv)
{
  const char *const questions[] = { "Use the tool: how warm is it in Kuala Lumpur?", "And in Fahrenheit?", NULL };
  g_autoptr(GError) error = NULL;

  if (ask (argc > 1 ? (const char *const *) argv + 1 : questions, &error))
    return 0;

  g_printerr ("%s\n", error->message);
  return 1;
}
