/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Chunked bodies: the text, the error, and the bytes that follow the body are the same as if
 * libsoup had decoded it, also if libsoup decodes the rest of a body. */

#include "fuzz.h"

#include <libsoup/soup.h>
#include <stdlib.h>
#include <string.h>

#include "oai-body-input-stream-private.h"
#include "oai-chunked-body-private.h"
#include "oai-pollable-stream-private.h"

/* A connection over which a few bytes arrive at a time. */

#define FUZZ_TYPE_CONNECTION (fuzz_connection_get_type ())
G_DECLARE_FINAL_TYPE (FuzzConnection, fuzz_connection, FUZZ, CONNECTION, OaiPollableStream)

struct _FuzzConnection
{
  OaiPollableStream parent_instance;

  const uint8_t *data;
  gsize size;
  gsize step;
  gboolean ready;
};

G_DEFINE_FINAL_TYPE (FuzzConnection, fuzz_connection, OAI_TYPE_POLLABLE_STREAM)

static gssize
fuzz_connection_read (OaiPollableStream *stream, void *buffer, gsize count, gboolean blocking, GCancellable *cancellable, GError **error)
{
  FuzzConnection *self = FUZZ_CONNECTION (stream);
  gsize n = MIN (MIN (count, self->step), self->size);

  self->ready = !self->ready;
  if (!self->ready)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "No bytes");
      return -1;
    }

  /* Without bytes, data may be NULL. */
  if (n == 0)
    return 0;

  memcpy (buffer, self->data, n);
  self->data += n;
  self->size -= n;

  return (gssize) n;
}

static void
fuzz_connection_class_init (FuzzConnectionClass *klass)
{
  OaiPollableStreamClass *stream_class = OAI_POLLABLE_STREAM_CLASS (klass);

  stream_class->read = fuzz_connection_read;
}

static void
fuzz_connection_init (FuzzConnection *self)
{
}

/* libsoup 3.2 calls this for lines that are not terminated.  For an empty line, the result would
 * depend on the earlier contents of the memory. */
unsigned long
strtoul (const char *text, char **end, int base)
{
  g_autofree char *line = g_strndup (text, strcspn (text, "\n"));
  char *stop;
  guint64 value = g_ascii_strtoull (line, &stop, (guint) base);

  if (end != NULL)
    *end = (char *) text + (stop - line);

  return MIN (value, G_MAXULONG);
}

/* libsoup registers the types of its streams when it receives a reply. */

static void
handle_request (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  soup_server_message_set_status (message, 200, NULL);
}

static void
done_cb (GObject *session, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GBytes) body G_GNUC_UNUSED = soup_session_send_and_read_finish (SOUP_SESSION (session), result, NULL);

  *(gboolean *) user_data = TRUE;
}

static void
register_types (void)
{
  g_autoptr(SoupServer) server = soup_server_new (NULL, NULL);
  g_autoptr(SoupSession) session = soup_session_new ();
  g_autoptr(SoupMessage) message = NULL;
  g_autoptr(GError) error = NULL;
  GSList *uris;
  gboolean done = FALSE;

  soup_server_add_handler (server, NULL, handle_request, NULL, NULL);
  soup_server_listen_local (server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (server);
  message = soup_message_new_from_uri ("GET", uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  soup_session_send_and_read_async (session, message, G_PRIORITY_DEFAULT, NULL, done_cb, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
  soup_session_abort (session);
}

/* Reading */

typedef struct
{
  GString *text;
  GByteArray *rest; /* that follows the body in the connection */
  GError *error;
  gboolean cut;
} Result;

typedef struct
{
  gsize step;        /* bytes that arrive at a time */
  gsize size;        /* bytes that are read at a time */
  guint n_fast;      /* after this many reads, libsoup decodes the rest */
  gboolean buffered; /* libsoup has read the beginning already */
} Plan;

static gssize
read_retrying (OaiChunkedBody *body, GInputStream *stream, char *buffer, gsize size, GError **error)
{
  for (;;)
    {
      g_autoptr(GError) reason = NULL;
      gssize n = body != NULL ? oai_chunked_body_read (body, buffer, size, &reason)
                              : g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (stream), buffer, size, NULL, &reason);

      if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        continue;
      if (reason != NULL)
        g_propagate_error (error, g_steal_pointer (&reason));
      return n;
    }
}

static GInputStream *
new_decoder (GInputStream *filter)
{
  return g_object_new (g_type_from_name ("SoupBodyInputStream"),
                       "base-stream", filter, "close-base-stream", FALSE,
                       "encoding", SOUP_ENCODING_CHUNKED, "content-length", (gint64) -1, NULL);
}

/* Reading a line, libsoup also reads and keeps what follows it. */
static void
fill_buffer (GInputStream *filter)
{
  g_autoptr(GInputStream) decoder = new_decoder (filter);
  char byte;

  g_assert_cmpint (read_retrying (NULL, decoder, &byte, 1, NULL), ==, 1);
}

static void
read_body (Result *result, const uint8_t *data, size_t size, const Plan *plan)
{
  g_autoptr(GByteArray) wire = g_byte_array_new ();
  g_autoptr(FuzzConnection) connection = g_object_new (FUZZ_TYPE_CONNECTION, NULL);
  g_autoptr(GInputStream) filter = g_object_new (g_type_from_name ("SoupFilterInputStream"), "base-stream", connection, "close-base-stream", FALSE, NULL);
  g_autoptr(GInputStream) decoder = new_decoder (filter);
  OaiChunkedBody body = { .body = decoder, .libsoup_decoder = decoder, .connection = G_FILTER_INPUT_STREAM (filter) };
  char buffer[600];
  gssize n = 1;

  if (plan->buffered)
    g_byte_array_append (wire, (const guint8 *) "1\r\nx", 4);
  if (size > 0)
    g_byte_array_append (wire, data, size);
  connection->data = wire->data;
  connection->size = wire->len;
  connection->step = plan->step;
  if (plan->buffered)
    fill_buffer (filter);

  *result = (Result) { .text = g_string_new (NULL), .rest = g_byte_array_new () };
  for (guint i = 0; n > 0; i++)
    {
      if (i == plan->n_fast)
        oai_chunked_body_hand_back (&body);
      n = read_retrying (i < plan->n_fast ? &body : NULL, decoder, buffer, plan->size, &result->error);
      g_string_append_len (result->text, buffer, MAX (n, 0));
    }
  result->cut = n == 0 && oai_body_was_cut (decoder);
  while ((n = read_retrying (NULL, filter, buffer, sizeof buffer, NULL)) > 0)
    g_byte_array_append (result->rest, (const guint8 *) buffer, (guint) n);
}

static void
result_clear (Result *result)
{
  g_string_free (result->text, TRUE);
  g_byte_array_unref (result->rest);
  g_clear_error (&result->error);
}

/* The bits of the first byte make the plan. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static gsize initialized;
  guint8 choice = fuzz_take_byte (&data, &size);
  Plan plan = {
    .step = choice & 1 ? 1 + (choice >> 4) : 1000,
    .size = choice & 2 ? 16 : 600,
    .n_fast = choice & 4 ? choice >> 4 : G_MAXUINT,
    .buffered = (choice & 8) != 0,
  };
  Result ours, theirs;

  if (g_once_init_enter (&initialized))
    {
      register_types ();
      g_once_init_leave (&initialized, 1);
    }

  read_body (&ours, data, size, &plan);
  plan.n_fast = 0;
  read_body (&theirs, data, size, &plan);
  g_assert_cmpmem (ours.text->str, ours.text->len, theirs.text->str, theirs.text->len);
  g_assert_cmpmem (ours.rest->data, ours.rest->len, theirs.rest->data, theirs.rest->len);
  g_assert_cmpint (ours.cut, ==, theirs.cut);
  g_assert_cmpint (ours.error != NULL, ==, theirs.error != NULL);
  if (ours.error != NULL)
    g_assert_error (ours.error, theirs.error->domain, theirs.error->code);
  result_clear (&ours);
  result_clear (&theirs);

  return 0;
}
