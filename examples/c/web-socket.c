/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Generates responses over one WebSocket connection; each continues the one before.
 *
 * usage: web-socket [QUESTION...] (OPENAI_MODEL names the model) */

#include <locale.h>
#include <openai-1/openai.h>

typedef struct
{
  GMainLoop *loop;
  OaiResponsesSocket *socket;
  const char *const *questions; /* that have not been sent; ends with NULL */
  int status;
} Program;

static void send_question (Program *program);

static void
on_text_delta (OaiResponseStream *stream, const char *text, guint output_index, guint content_index, gpointer user_data)
{
  g_print ("%s", text);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Program *program = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiRecord) response = oai_stream_run_finish (OAI_STREAM (source), result, &error);

  if (response == NULL)
    {
      g_printerr ("%s\n", error->message);
      program->status = 1;
      g_main_loop_quit (program->loop);
      return;
    }

  g_print ("\n");
  send_question (program);
}

static void
send_question (Program *program)
{
  const char *model = g_getenv ("OPENAI_MODEL");
  g_autoptr(OaiResponseRequest) request = NULL;
  g_autoptr(OaiResponseStream) stream = NULL;

  if (*program->questions == NULL)
    {
      oai_web_socket_close (OAI_WEB_SOCKET (program->socket), 1000, NULL);
      g_main_loop_quit (program->loop);
      return;
    }

  request = oai_response_request_new_for_text (model != NULL ? model : "gpt-4o-mini", *program->questions++);
  stream = oai_responses_socket_create_stream (program->socket, request, NULL);
  g_signal_connect (stream, "output-text-delta", G_CALLBACK (on_text_delta), NULL);
  oai_stream_run_async (OAI_STREAM (stream), NULL, on_done, program);
}

int
main (int argc, char **argv)
{
  const char *const questions[] = { "Name a city.", "In which country is it?", NULL };
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(OaiClient) client = oai_client_new (NULL, NULL);
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (client);
  g_autoptr(OaiResponsesSocket) socket = oai_responses_endpoint_create_socket (responses);
  Program program = { loop, socket, argc > 1 ? (const char *const *) argv + 1 : questions, 0 };

  setlocale (LC_ALL, "");

  oai_responses_socket_set_continue_lanes (socket, TRUE);
  send_question (&program);
  g_main_loop_run (loop);

  return program.status;
}
