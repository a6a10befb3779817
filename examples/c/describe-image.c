/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sends an image file with a question, and prints the answer.
 *
 * usage: describe-image FILE [QUESTION] (OPENAI_MODEL names the model) */

#include <locale.h>
#include <openai-1/openai.h>

static OaiResponse *
describe (OaiResponsesEndpoint *responses, GFile *file, const char *question, GError **error)
{
  const char *model = g_getenv ("OPENAI_MODEL");
  g_autoptr(OaiResponseRequest) request = oai_response_request_new ();
  g_autoptr(OaiResponseMessage) message = oai_response_message_new_user (question);
  g_autoptr(OaiResponseInputImage) image = NULL;

  image = oai_response_input_image_new_for_file (file, OAI_IMAGE_DETAIL_LOW, NULL, error);
  if (image == NULL)
    return NULL;

  oai_response_message_add_part (message, OAI_RESPONSE_CONTENT (image));
  oai_response_request_set_model (request, model != NULL ? model : "gpt-4o-mini");
  oai_response_request_add_item (request, OAI_RESPONSE_ITEM (message));

  return oai_responses_endpoint_create (responses, request, NULL, error);
}

int
main (int argc, char **argv)
{
  g_autoptr(OaiClient) client = oai_client_new (NULL, NULL);
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (client);
  g_autoptr(OaiResponse) response = NULL;
  g_autoptr(GFile) file = NULL;
  g_autoptr(GError) error = NULL;

  setlocale (LC_ALL, "");

  if (argc < 2)
    {
      g_printerr ("usage: describe-image FILE [QUESTION]\n");
      return 1;
    }

  file = g_file_new_for_commandline_arg (argv[1]);
  response = describe (responses, file, argc > 2 ? argv[2] : "What does this image show?", &error);
  if (response == NULL || !oai_response_check (response, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }

  g_print ("%s\n", oai_response_get_output_text (response));
  return 0;
}
