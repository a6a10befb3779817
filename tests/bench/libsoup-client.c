/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The requests of client.c, sent with libsoup alone: a session with its default features, the same
 * headers and body, and no parser.  What the library adds to libsoup is the difference.
 *
 * usage: libsoup-client completions BASE-URL REQUESTS AT-ONCE */

#include <libsoup/soup.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  GMainLoop *loop;
  SoupSession *session;
  char *url;
  GBytes *body;
  guint left;   /* to start */
  guint active;
  guint count;
} Bench;

static const char body_text[] =
  "{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"system\",\"content\":\"You are a helpful assistant.\"},"
  "{\"role\":\"user\",\"content\":\"Why is the sky blue?\"}]}";
static const char answer[] = "\"content\": \"Hello! How can I help you today?\"";

static void send_request (Bench *bench);

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Bench *bench = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) reply = soup_session_send_and_read_finish (SOUP_SESSION (source), result, &error);

  if (error != NULL)
    {
      g_printerr ("%s\n", error->message);
      exit (1);
    }

  bench->count += g_strstr_len (g_bytes_get_data (reply, NULL), g_bytes_get_size (reply), answer) != NULL;
  bench->active--;
  if (bench->left > 0)
    send_request (bench);
  else if (bench->active == 0)
    g_main_loop_quit (bench->loop);
}

static void
send_request (Bench *bench)
{
  g_autoptr(SoupMessage) message = soup_message_new (SOUP_METHOD_POST, bench->url);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);

  bench->left--;
  bench->active++;
  /* Without this flag, libsoup opens a connection for each POST request. */
  soup_message_add_flags (message, SOUP_MESSAGE_IDEMPOTENT);
  soup_message_headers_replace (headers, "Authorization", "Bearer sk-test");
  soup_message_headers_replace (headers, "User-Agent", "libsoup-client");
  soup_message_headers_replace (headers, "Accept", "application/json");
  soup_message_set_request_body_from_bytes (message, "application/json", bench->body);
  soup_session_send_and_read_async (bench->session, message, G_PRIORITY_DEFAULT, NULL, sent_cb, bench);
}

int
main (int argc, char **argv)
{
  Bench bench = { 0 };
  guint at_once;

  if (argc != 5 || strcmp (argv[1], "completions") != 0)
    {
      g_printerr ("usage: libsoup-client completions BASE-URL REQUESTS AT-ONCE\n");
      return 2;
    }

  at_once = atoi (argv[4]);
  bench.loop = g_main_loop_new (NULL, FALSE);
  bench.session = soup_session_new_with_options ("max-conns", 256, "max-conns-per-host", 256, NULL);
  bench.url = g_strconcat (argv[2], "/chat/completions", NULL);
  bench.body = g_bytes_new_static (body_text, sizeof body_text - 1);
  bench.left = atoi (argv[3]);
  while (bench.left > 0 && bench.active < at_once)
    send_request (&bench);
  g_main_loop_run (bench.loop);
  g_print ("%u\n", bench.count);

  g_bytes_unref (bench.body);
  g_free (bench.url);
  g_object_unref (bench.session);
  g_main_loop_unref (bench.loop);

  return 0;
}
