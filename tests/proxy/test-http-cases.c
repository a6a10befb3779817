/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Plays the requests of the files in http-cases: at once, byte by byte, and in random parts.
 *
 * usage: test-proxy-http-cases [--dump FILE]
 *
 * With --dump, prints the requests that were read, for http-oracle.py. */

#include <openai-1/openai.h>

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http-server.h"

/* Larger cases are not sent byte by byte, but in parts of this size. */
#define LARGE 40000
#define LARGE_PART 1000

typedef struct
{
  char *name;
  char *expected;
  GByteArray *bytes;
} Case;

typedef struct
{
  guint n;         /* complete requests */
  const char *end;
  guint status;
  GString *dump;
} Result;

static void
case_free (gpointer data)
{
  Case *self = data;

  g_free (self->name);
  g_free (self->expected);
  g_byte_array_unref (self->bytes);
  g_free (self);
}

static void
append_escaped (GByteArray *bytes, const char *quoted, guint count)
{
  gsize length = strlen (quoted), n = 0;
  g_autofree char *text = g_malloc (length);

  g_assert_true (length >= 2 && quoted[0] == '"' && quoted[length - 1] == '"');
  for (const char *c = quoted + 1; c < quoted + length - 1; c++)
    {
      static const char escapes[] = "r\rn\nt\t\"\"\\\\";
      const char *escape;

      if (*c != '\\')
        {
          text[n++] = *c;
          continue;
        }
      if (*++c == 'x')
        {
          text[n++] = (char) (g_ascii_xdigit_value (c[1]) << 4 | g_ascii_xdigit_value (c[2]));
          c += 2;
          continue;
        }
      escape = strchr (escapes, *c);
      g_assert_nonnull (escape);
      text[n++] = escape[1];
    }
  while (count-- > 0)
    g_byte_array_append (bytes, (const guint8 *) text, n);
}

static GPtrArray *
load_cases (const char *path)
{
  GPtrArray *cases = g_ptr_array_new_with_free_func (case_free);
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;
  Case *current = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (g_str_has_prefix (*line, "case "))
      {
        current = g_new0 (Case, 1);
        current->name = g_strdup (*line + 5);
        current->bytes = g_byte_array_new ();
        g_ptr_array_add (cases, current);
      }
    else if (g_str_has_prefix (*line, "expect "))
      current->expected = g_strdup (*line + 7);
    else if (g_str_has_prefix (*line, "send "))
      append_escaped (current->bytes, *line + 5, 1);
    else if (g_str_has_prefix (*line, "repeat "))
      append_escaped (current->bytes, strchr (*line, '"'), (guint) g_ascii_strtoull (*line + 7, NULL, 10));

  return cases;
}

/* Playing */

static void
replied_cb (HttpServer *server)
{
  Result *result = server->data;

  if (server->n_refused > 0)
    return;

  result->n++;
  if (result->dump == NULL)
    return;
  g_string_append_printf (result->dump, "%s ", server->line);
  for (gsize i = 0; i < server->body->len; i++)
    g_string_append_printf (result->dump, "%02x", (guint8) server->body->str[i]);
  g_string_append_c (result->dump, '\n');
}

static GIOStream *
new_stream (int descriptor)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocket) socket = g_socket_new_from_fd (descriptor, &error);

  g_assert_no_error (error);

  return G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
}

/* Reads and discards the replies.  Returns whether the server has closed the connection. */
static gboolean
drain (int descriptor)
{
  char buffer[65536];
  gssize n;

  http_iterate (0);
  while ((n = recv (descriptor, buffer, sizeof buffer, MSG_DONTWAIT)) > 0)
    http_iterate (0);

  return n == 0;
}

static void
play (const Case *item, GRand *random, guint max_part, Result *result)
{
  g_autoptr(HttpServer) server = http_server_new (NULL);
  int pair[2];
  gsize sent = 0;
  gboolean ended = FALSE;

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  server->replied = replied_cb;
  server->data = result;
  http_server_add (server, new_stream (pair[0]));
  while (sent < item->bytes->len && !ended)
    {
      guint part = random != NULL ? (guint) g_rand_int_range (random, 1, (gint32) max_part + 1) : max_part;
      gsize size = MIN (part, item->bytes->len - sent);
      gssize n = send (pair[1], item->bytes->data + sent, size, MSG_NOSIGNAL | MSG_DONTWAIT);

      sent += (gsize) MAX (n, 0);
      ended = drain (pair[1]);
    }
  ended = drain (pair[1]);
  result->status = server->n_refused > 0 ? server->status : 0;
  result->end = server->n_refused > 0 ? "refused" : ended ? "close" : "wait";
  g_assert_cmpint (server->n_refused > 0, <=, ended);
  close (pair[1]);
}

static void
assert_result (const Case *item, const Result *result)
{
  g_autofree char *text = result->status > 0 ? g_strdup_printf ("%u %u", result->n, result->status) : g_strdup_printf ("%u %s", result->n, result->end);

  if (strcmp (text, item->expected) != 0)
    {
      g_test_message ("%s: expected %s, not %s", item->name, item->expected, text);
      g_test_fail ();
    }
}

static void
test_file (gconstpointer data)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "http-cases", data, NULL);
  g_autoptr(GPtrArray) cases = load_cases (path);
  g_autoptr(GRand) random = g_rand_new_with_seed (g_test_rand_int ());

  g_assert_cmpuint (cases->len, >, 30);
  for (guint i = 0; i < cases->len; i++)
    {
      const Case *item = cases->pdata[i];
      gboolean large = item->bytes->len > LARGE;
      const guint parts[] = { item->bytes->len + 1, large ? LARGE_PART : 1, large ? LARGE_PART : 40 };

      for (guint j = 0; j < G_N_ELEMENTS (parts); j++)
        {
          Result result = { 0 };

          play (item, j == 2 ? random : NULL, parts[j], &result);
          assert_result (item, &result);
        }
    }
}

static void
dump (const char *path)
{
  g_autoptr(GPtrArray) cases = load_cases (path);

  for (guint i = 0; i < cases->len; i++)
    {
      Result result = { .dump = g_string_new (NULL) };

      play (cases->pdata[i], NULL, 100000000, &result);
      printf ("%sEND\n", result.dump->str);
      g_string_free (result.dump, TRUE);
    }
}

int
main (int argc, char *argv[])
{
  static const char *const files[] = { "h1spec", "http-garden", "http11probe", "llhttp", "own", "smuggler" };

  if (argc == 3 && strcmp (argv[1], "--dump") == 0)
    {
      dump (argv[2]);
      return 0;
    }

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *test = g_strconcat ("/proxy/http/cases/", files[i], NULL);
      char *name = g_strconcat (files[i], ".txt", NULL);

      g_test_add_data_func_full (test, name, test_file, g_free);
    }

  return g_test_run ();
}
