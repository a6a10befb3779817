/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Starts a response in the background, waits for it, prints its text and deletes it.
 *
 * usage: background QUESTION (OPENAI_MODEL names the model, OPENAI_POLL_MS the interval of the checks) */

#include <locale.h>
#include <stdlib.h>
#include <openai-1/openai.h>

static gboolean
ask (OaiResponsesEndpoint *responses, const char *question, GError **error)
{
  const char *model = g_getenv ("OPENAI_MODEL");
  const char *interval = g_getenv ("OPENAI_POLL_MS");
  g_autoptr(OaiResponseRequest) request = oai_response_request_new_for_text (model != NULL ? model : "gpt-4o-mini", question);
  g_autoptr(OaiResponse) response = NULL;
  g_autoptr(OaiResponse) done = NULL;

  oai_response_request_set_background (request, TRUE);
  response = oai_responses_endpoint_create (responses, request, NULL, error);
  if (response == NULL)
    return FALSE;
  g_print ("%s: %s\n", oai_response_get_id (response), oai_response_get_status (response));

  done = oai_response_wait (response, interval != NULL ? atoi (interval) : 2000, -1, NULL, error);
  if (done == NULL || !oai_response_check (done, error))
    return FALSE;
  g_print ("%s\n", oai_response_get_output_text (done));

  return oai_response_delete_response (done, NULL, error);
}

int
main (int argc, char **argv)
{
  g_autoptr(OaiClient) client = oai_client_new (NULL, NULL);
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (client);
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");

  if (!ask (responses, argc > 1 ? argv[1] : "Write a story about a house that rides a velociraptor.", &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  return 0;
}
