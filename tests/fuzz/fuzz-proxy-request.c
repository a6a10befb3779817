/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Requests to the proxy: how they are split does not change what is read; each one that is accepted is the same
 * after a strict writer has written it again; and the connection reads the same ones. */

#include "fuzz.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http-server.h"
#include "oai-http-body-private.h"

typedef struct
{
  GString *text; /* the requests */
  guint n;
  const OaiHttpRefusal *refusal; /* of what follows, or NULL */
} Result;

static void
assert_head (const OaiHttpHead *head)
{
  g_assert_true (oai_http_is_token (head->method, strlen (head->method)));
  g_assert_true (head->path[0] == '/' && strstr (head->path, "//") == NULL && strstr (head->path, "/../") == NULL);
  g_assert_null (strpbrk (head->target, " \t\r\n#"));
  g_assert_true (!head->chunked || head->content_length < 0);
  for (guint i = 0; i < oai_http_fields_get_n (head->fields); i++)
    {
      const OaiHttpField *field = oai_http_fields_get_nth (head->fields, i);

      g_assert_true (oai_http_is_token (field->name, strlen (field->name)));
      g_assert_null (strpbrk (field->value, "\r\n"));
    }
}

/* Appends the request, with a length if it has a body. */
static void
write_request (GString *text, const OaiHttpHead *head, const GString *body)
{
  g_string_append_printf (text, "%s %s HTTP/1.%u\r\n", head->method, head->target, head->minor_version);
  for (guint i = 0; i < oai_http_fields_get_n (head->fields); i++)
    {
      const OaiHttpField *field = oai_http_fields_get_nth (head->fields, i);

      if (g_ascii_strcasecmp (field->name, "content-length") != 0 && g_ascii_strcasecmp (field->name, "transfer-encoding") != 0)
        g_string_append_printf (text, "%s: %s\r\n", field->name, field->value);
    }
  if (head->chunked || head->content_length >= 0)
    g_string_append_printf (text, "Content-Length: %" G_GSIZE_FORMAT "\r\n", body->len);
  g_string_append (text, "\r\n");
  g_string_append_len (text, body->str, (gssize) body->len);
}

/* Reads a body in steps.  Returns whether it is complete; data and left are advanced. */
static gboolean
read_body (OaiHttpHead *head, const char **data, gsize *left, gsize step, const OaiHttpSettings *settings, GString *text, const OaiHttpRefusal **refusal)
{
  OaiHttpBody body;
  gboolean complete;

  oai_http_body_init (&body, head);
  while (*left > 0 && *refusal == NULL && !oai_http_body_is_complete (&body))
    {
      gsize size = MIN (step, *left), used, n;
      g_autofree char *copy = g_memdup2 (*data, size);

      n = oai_http_body_decode (&body, copy, size, &used, settings, refusal);
      g_assert_cmpuint (used, <=, size);
      g_assert_cmpuint (n, <=, used);
      g_string_append_len (text, copy, (gssize) n);
      *data += used;
      *left -= used;
    }
  complete = *refusal == NULL && oai_http_body_is_complete (&body);
  oai_http_body_clear (&body);

  return complete;
}

static gsize
find_end (const char *data, gsize left, gsize step, const OaiHttpSettings *settings, const OaiHttpRefusal **refusal)
{
  OaiHttpScan scan = { 0 };
  gsize end = 0;

  for (gsize size = MIN (step, left); end == 0 && *refusal == NULL; size = MIN (size + step, left))
    {
      end = oai_http_head_find_end (&scan, data, size, settings, refusal);
      if (size == left)
        break;
    }

  return end;
}

static void
read_requests (Result *result, const char *data, gsize left, gsize step)
{
  OaiHttpSettings settings = oai_http_settings_complete (NULL);
  gboolean more = TRUE;

  *result = (Result) { .text = g_string_new (NULL) };
  while (more && left > 0)
    {
      gsize end = find_end (data, left, step, &settings, &result->refusal);
      g_autoptr(OaiHttpHead) head = end > 0 ? oai_http_head_parse (data, end, &settings, &result->refusal) : NULL;
      g_autoptr(GString) body = g_string_new (NULL);

      if (head == NULL)
        break;
      assert_head (head);
      data += end;
      left -= end;
      if (!read_body (head, &data, &left, step, &settings, body, &result->refusal))
        break;
      write_request (result->text, head, body);
      result->n++;
      more = head->keep_alive;
    }
}

/* The connection */

static void
replied_cb (HttpServer *server)
{
  if (server->n_refused == 0)
    (*(guint *) server->data)++;
}

static guint
count_requests (const char *data, gsize size, guint *status)
{
  g_autoptr(HttpServer) server = http_server_new (NULL);
  g_autoptr(GSocket) socket = NULL;
  char buffer[4096];
  int pair[2];
  guint n = 0;

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  socket = g_socket_new_from_fd (pair[0], NULL);
  server->data = &n;
  server->replied = replied_cb;
  http_server_add (server, G_IO_STREAM (g_socket_connection_factory_create_connection (socket)));
  g_assert_true (size == 0 || send (pair[1], data, size, MSG_NOSIGNAL | MSG_DONTWAIT) == (gssize) size);
  do
    http_iterate (0);
  while (recv (pair[1], buffer, sizeof buffer, MSG_DONTWAIT) > 0);
  close (pair[1]);
  http_iterate (0);
  *status = server->n_refused > 0 ? server->status : 0;

  return n;
}

/* The first byte is the size of the parts, and whether a connection reads the requests. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint8 choice = fuzz_take_byte (&data, &size);
  const char *text = size > 0 ? (const char *) data : "";
  Result whole, parts, again;

  read_requests (&whole, text, size, MAX (size, 1));
  read_requests (&parts, text, size, 1 + choice % 16);
  g_assert_cmpmem (whole.text->str, whole.text->len, parts.text->str, parts.text->len);
  g_assert_true (whole.refusal == parts.refusal);
  read_requests (&again, whole.text->str, whole.text->len, G_MAXINT);
  g_assert_cmpmem (whole.text->str, whole.text->len, again.text->str, again.text->len);
  g_assert_null (again.refusal);
  if (choice >= 224 && size < 16384)
    {
      guint status;

      g_assert_cmpuint (count_requests (text, size, &status), ==, whole.n);
      g_assert_cmpuint (status, ==, whole.refusal != NULL ? whole.refusal->status : 0);
    }
  g_string_free (whole.text, TRUE);
  g_string_free (parts.text, TRUE);
  g_string_free (again.text, TRUE);

  return 0;
}
