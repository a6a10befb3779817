/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <gio/gunixinputstream.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "oai-error.h"
#include "oai-json-doc-private.h"
#include "oai-multipart-private.h"
#include "soup-listener.h"

/* A stream with asynchronous and blocking reads only, like a remote stream. */

#define SLOW_TYPE_STREAM (slow_stream_get_type ())
G_DECLARE_FINAL_TYPE (SlowStream, slow_stream, SLOW, STREAM, GInputStream)

struct _SlowStream
{
  GInputStream parent_instance;
  gsize left;
  guint reads;
};

G_DEFINE_FINAL_TYPE (SlowStream, slow_stream, G_TYPE_INPUT_STREAM)

static gssize
slow_stream_read (GInputStream *stream, void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  SlowStream *self = SLOW_STREAM (stream);
  gsize n = MIN (MIN (count, 1000), self->left);

  memset (buffer, 's', n);
  self->left -= n;
  self->reads++;
  return n;
}

static gboolean
slow_stream_close (GInputStream *stream, GCancellable *cancellable, GError **error)
{
  return TRUE;
}

static void
slow_stream_class_init (SlowStreamClass *klass)
{
  G_INPUT_STREAM_CLASS (klass)->read_fn = slow_stream_read;
  G_INPUT_STREAM_CLASS (klass)->close_fn = slow_stream_close;
}

static void
slow_stream_init (SlowStream *self)
{
}

/* Reads a body by polling, like libsoup, in chunks of this size. */

typedef struct
{
  GString *body;
  GError *error;
  gsize step;
  guint waits;
  gboolean done;
} Reader;

static gboolean
on_readable (GObject *stream, gpointer user_data)
{
  Reader *reader = user_data;
  g_autofree char *buffer = g_malloc (reader->step);
  g_autoptr (GSource) source = NULL;
  gssize n;

  while ((n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (stream), buffer, reader->step, NULL, &reader->error)) > 0)
    g_string_append_len (reader->body, buffer, n);

  reader->done = n == 0 || !g_error_matches (reader->error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  if (reader->done)
    return G_SOURCE_REMOVE;

  g_clear_error (&reader->error);
  reader->waits++;
  source = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (stream), NULL);
  g_source_set_callback (source, G_SOURCE_FUNC (on_readable), reader, NULL);
  g_source_attach (source, NULL);
  return G_SOURCE_REMOVE;
}

static char *
poll_all (GInputStream *stream, gsize step, guint *waits, GError **error)
{
  Reader reader = { g_string_new (NULL), NULL, step, 0, FALSE };

  on_readable (G_OBJECT (stream), &reader);
  while (!reader.done)
    g_main_context_iteration (NULL, TRUE);
  if (waits != NULL)
    *waits = reader.waits;
  if (reader.error != NULL)
    {
      g_string_free (reader.body, TRUE);
      g_propagate_error (error, reader.error);
      return NULL;
    }
  return g_string_free (reader.body, FALSE);
}

/* The body, with BOUNDARY instead of the boundary. */
static char *
build (OaiMultipart *multipart)
{
  g_autoptr (GError) error = NULL;
  goffset length = -1;
  g_autoptr (GInputStream) stream = oai_multipart_open (multipart, &length, &error);
  const char *boundary = strstr (oai_multipart_get_content_type (multipart), "boundary=") + strlen ("boundary=");
  g_autofree char *body = NULL;
  GString *text;

  g_assert_no_error (error);
  body = poll_all (stream, 7, NULL, &error);
  g_assert_no_error (error);
  text = g_string_new (body);
  g_assert_cmpint (text->len, ==, length);
  g_string_replace (text, boundary, "BOUNDARY", 0);
  return g_string_free (text, FALSE);
}

#define PART "--BOUNDARY\r\nContent-Disposition: form-data; name="
#define OCTETS "\r\nContent-Type: application/octet-stream\r\n\r\n"
#define END "--BOUNDARY--\r\n"

static void
add_json (OaiMultipart *multipart, const char *json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiJsonDoc) doc = oai_json_doc_new_copy (json, -1, OAI_JSON_STRICT, &error);

  g_assert_no_error (error);
  oai_multipart_add_json (multipart, doc, 0);
}

static void
add_named (OaiMultipart *multipart, const char *name, const char *text, const char *filename, const char *content_type)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (OaiInputFile) file = oai_input_file_new_for_bytes (bytes, filename);

  oai_input_file_set_content_type (file, content_type);
  oai_multipart_add_file (multipart, name, file);
}

static void
assert_form (const char *json, const char *expected)
{
  g_autoptr (OaiMultipart) multipart = oai_multipart_new ();
  g_autofree char *body = NULL;

  add_json (multipart, json);
  body = build (multipart);
  g_assert_cmpstr (body, ==, expected);
}

static void
test_fields (void)
{
  assert_form ("{}", END);
  assert_form ("{\"bar\":\"baz\"}", PART "\"bar\"\r\n\r\nbaz\r\n" END);
  assert_form ("{\"bar\":{\"foo\":\"string\"}}", PART "\"bar[foo]\"\r\n\r\nstring\r\n" END);
  assert_form ("{\"bar\":[\"foo\",\"fuu\"]}", PART "\"bar[]\"\r\n\r\nfoo\r\n" PART "\"bar[]\"\r\n\r\nfuu\r\n" END);
  assert_form ("{\"foo\":{\"foo\":{}},\"list\":[],\"hello\":\"world\"}", PART "\"hello\"\r\n\r\nworld\r\n" END);
  assert_form ("{\"a\":[{\"b\":[1]}]}", PART "\"a[][b][]\"\r\n\r\n1\r\n" END);
  assert_form ("{\"\":{\"b\":1}}", PART "\"[b]\"\r\n\r\n1\r\n" END);
  assert_form ("{\"a\":true,\"b\":false}", PART "\"a\"\r\n\r\ntrue\r\n" PART "\"b\"\r\n\r\nfalse\r\n" END);
  assert_form ("{\"a\":\"zwei\\nZeilen\"}", PART "\"a\"\r\n\r\nzwei\nZeilen\r\n" END);
}

static void
test_numbers_keep_their_digits (void)
{
  assert_form ("{\"a\":0,\"b\":0.10,\"c\":12345678901234567890,\"d\":-1e3}",
               PART "\"a\"\r\n\r\n0\r\n" PART "\"b\"\r\n\r\n0.10\r\n"
               PART "\"c\"\r\n\r\n12345678901234567890\r\n" PART "\"d\"\r\n\r\n-1e3\r\n" END);
}

static void
test_null_is_left_out (void)
{
  assert_form ("{\"a\":null,\"b\":\"c\",\"d\":[null]}", PART "\"b\"\r\n\r\nc\r\n" END);
}

static void
test_null_is_refused_when_asked (void)
{
  g_autoptr (OaiMultipart) multipart = oai_multipart_new ();
  g_autoptr (GError) error = NULL;

  oai_multipart_set_flags (multipart, OAI_MULTIPART_REJECT_NULL);
  add_json (multipart, "{\"fine\":1,\"null\":null}");
  g_assert_null (oai_multipart_open (multipart, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "null"));
}

static void
test_only_objects_are_forms (void)
{
  g_autoptr (OaiMultipart) multipart = oai_multipart_new ();
  g_autoptr (GError) error = NULL;

  add_json (multipart, "[1]");
  g_assert_null (oai_multipart_open (multipart, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

static void
test_files_after_fields (void)
{
  g_autoptr (OaiMultipart) multipart = oai_multipart_new ();
  g_autofree char *body = NULL;

  add_json (multipart, "{\"purpose\":\"assistants\",\"expires_after\":{\"anchor\":\"created_at\",\"seconds\":3600}}");
  add_named (multipart, "file", "Example data", NULL, NULL);
  body = build (multipart);
  g_assert_cmpstr (body, ==,
                   PART "\"purpose\"\r\n\r\nassistants\r\n"
                   PART "\"expires_after[anchor]\"\r\n\r\ncreated_at\r\n"
                   PART "\"expires_after[seconds]\"\r\n\r\n3600\r\n"
                   PART "\"file\"; filename=\"upload\"" OCTETS "Example data\r\n" END);
}

static void
test_all_parameters_of_a_transcription (void)
{
  g_autoptr (OaiMultipart) multipart = oai_multipart_new ();
  g_autofree char *body = NULL;

  add_json (multipart, "{\"model\":\"gpt-4o-transcribe\",\"include\":[\"logprobs\"],\"stream\":true,\"temperature\":0,"
                       "\"timestamp_granularities\":[\"word\"]}");
  add_named (multipart, "file", "Example data", NULL, NULL);
  body = build (multipart);
  g_assert_cmpstr (body, ==,
                   PART "\"model\"\r\n\r\ngpt-4o-transcribe\r\n" PART "\"include[]\"\r\n\r\nlogprobs\r\n"
                   PART "\"stream\"\r\n\r\ntrue\r\n" PART "\"temperature\"\r\n\r\n0\r\n"
                   PART "\"timestamp_granularities[]\"\r\n\r\nword\r\n"
                   PART "\"file\"; filename=\"upload\"" OCTETS "Example data\r\n" END);
}

static void
test_skills_keep_directories (void)
{
  g_autoptr (OaiMultipart) multipart = oai_multipart_new ();
  g_autofree char *body = NULL;

  oai_multipart_set_flags (multipart, OAI_MULTIPART_KEEP_PATHS);
  add_named (multipart, "files[]", "manifest", "my-skill\\SKILL.md", "text/markdown");
  add_named (multipart, "files[]", "asset", "my-skill/assets/data.txt", "text/plain");
  body = build (multipart);
  g_assert_cmpstr (body, ==,
                   PART "\"files[]\"; filename=\"my-skill/SKILL.md\"\r\nContent-Type: text/markdown\r\n\r\nmanifest\r\n"
                   PART "\"files[]\"; filename=\"my-skill/assets/data.txt\"\r\nContent-Type: text/plain\r\n\r\nasset\r\n" END);
}

static void
test_part_with_its_own_type (void)
{
  g_autoptr (OaiMultipart) multipart = oai_multipart_new ();
  g_autofree char *body = NULL;

  oai_multipart_add_content (multipart, "sdp", "application/sdp", "v=0\r\n", -1);
  oai_multipart_add_content (multipart, "session", "application/json", "{\"type\":\"realtime\"}", -1);
  body = build (multipart);
  g_assert_cmpstr (body, ==,
                   PART "\"sdp\"\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n"
                   PART "\"session\"\r\nContent-Type: application/json\r\n\r\n{\"type\":\"realtime\"}\r\n" END);
}

static void
test_names_cannot_add_headers (void)
{
  g_autoptr (OaiMultipart) multipart = oai_multipart_new ();
  g_autofree char *body = NULL;

  oai_multipart_add_text (multipart, "a\"\r\nX-Injected: yes\r\n\r\n\\", "value");
  add_named (multipart, "file", "x", "\"; name=\"other\r\nX: y\x7f\xc3\xa4.txt", "text/plain");
  body = build (multipart);
  g_assert_cmpstr (body, ==,
                   PART "\"a%22%0D%0AX-Injected: yes%0D%0A%0D%0A\\\\\"\r\n\r\nvalue\r\n"
                   PART "\"file\"; filename=\"%22; name=%22other%0D%0AX: y%7F\xc3\xa4.txt\"\r\nContent-Type: text/plain\r\n\r\nx\r\n" END);
}

static void
test_invalid_text_in_names_is_replaced (void)
{
  g_autoptr (OaiMultipart) multipart = oai_multipart_new ();
  g_autofree char *body = NULL;

  oai_multipart_add_text (multipart, "caf\xe9", "value");
  body = build (multipart);
  g_assert_true (g_utf8_validate (body, -1, NULL));
}

static void
test_every_boundary_differs (void)
{
  g_autoptr (OaiMultipart) one = oai_multipart_new ();
  g_autoptr (OaiMultipart) two = oai_multipart_new ();

  g_assert_cmpstr (oai_multipart_get_content_type (one), !=, oai_multipart_get_content_type (two));
  g_assert_true (g_str_has_prefix (oai_multipart_get_content_type (one), "multipart/form-data; boundary="));
}

static void
test_any_read_size_gives_the_same (void)
{
  g_autoptr (OaiMultipart) multipart = oai_multipart_new ();
  g_autofree char *first = NULL;

  oai_multipart_add_text (multipart, "model", "whisper-1");
  add_named (multipart, "file", "contents of a file", "a.txt", NULL);
  add_named (multipart, "empty", "", "empty.txt", NULL);
  for (gsize step = 1; step < 500; step++)
    {
      g_autoptr (GInputStream) stream = oai_multipart_open (multipart, NULL, NULL);
      g_autofree char *body = poll_all (stream, step, NULL, NULL);

      if (first == NULL)
        first = g_strdup (body);
      g_assert_cmpstr (body, ==, first);
    }
}

static void
test_seek_to_the_start_sends_again (void)
{
  g_autoptr (OaiMultipart) multipart = oai_multipart_new ();
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  char piece[150];
  goffset length;

  add_named (multipart, "file", "contents", "a.txt", NULL);
  stream = oai_multipart_open (multipart, &length, &error);
  g_assert_no_error (error);
  g_assert_true (g_seekable_can_seek (G_SEEKABLE (stream)));
  first = poll_all (stream, 64, NULL, &error);
  g_assert_cmpint (g_seekable_tell (G_SEEKABLE (stream)), ==, length);
  g_assert_true (g_seekable_seek (G_SEEKABLE (stream), 0, G_SEEK_SET, NULL, &error));
  g_assert_cmpint (g_input_stream_read (stream, piece, sizeof piece, NULL, &error), ==, sizeof piece);
  g_assert_true (g_seekable_seek (G_SEEKABLE (stream), 0, G_SEEK_SET, NULL, &error));
  second = poll_all (stream, 1000, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (first, ==, second);
  g_assert_false (g_seekable_seek (G_SEEKABLE (stream), 5, G_SEEK_SET, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
}

static void
test_lost_stream_cannot_be_sent_again (void)
{
  g_autoptr (OaiMultipart) multipart = oai_multipart_new ();
  g_autoptr (SlowStream) slow = g_object_new (SLOW_TYPE_STREAM, NULL);
  g_autoptr (OaiInputFile) file = oai_input_file_new_for_input_stream (G_INPUT_STREAM (slow), "slow.txt", -1);
  g_autoptr (GInputStream) first = NULL;
  g_autoptr (GInputStream) second = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *body = NULL;
  goffset length = 0;

  slow->left = 10;
  oai_multipart_add_file (multipart, "file", file);
  g_assert_false (oai_multipart_can_rewind (multipart));

  /* Opened but not read, like an attempt that did not reach the server. */
  first = oai_multipart_open (multipart, &length, &error);
  g_assert_cmpint (length, ==, -1);
  g_clear_object (&first);
  second = oai_multipart_open (multipart, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (g_seekable_can_seek (G_SEEKABLE (second)));
  body = poll_all (second, 1000, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (oai_multipart_open (multipart, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

static void
test_slow_stream_is_waited_for (void)
{
  g_autoptr (OaiMultipart) multipart = oai_multipart_new ();
  g_autoptr (SlowStream) slow = g_object_new (SLOW_TYPE_STREAM, NULL);
  g_autoptr (OaiInputFile) file = oai_input_file_new_for_input_stream (G_INPUT_STREAM (slow), "slow.txt", 5500);
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *body = NULL;
  goffset length;
  guint waits;

  slow->left = 10000;
  oai_multipart_add_file (multipart, "file", file);
  stream = oai_multipart_open (multipart, &length, &error);
  g_assert_cmpuint (slow->reads, ==, 0); /* nothing is read before it is needed */
  body = poll_all (stream, 8192, &waits, &error);
  g_assert_no_error (error);
  g_assert_cmpint (strlen (body), ==, length);
  g_assert_cmpuint (slow->left, ==, 4500);
  g_assert_cmpuint (waits, ==, slow->reads); /* each read was awaited once, and not polled in a loop */
}

static void
test_dropped_while_reading (void)
{
  g_autoptr (SlowStream) slow = g_object_new (SLOW_TYPE_STREAM, NULL);
  char buffer[1000];

  slow->left = 10000;
  {
    g_autoptr (OaiMultipart) multipart = oai_multipart_new ();
    g_autoptr (OaiInputFile) file = oai_input_file_new_for_input_stream (G_INPUT_STREAM (slow), "slow.txt", -1);
    g_autoptr (GInputStream) stream = NULL;

    oai_multipart_add_file (multipart, "file", file);
    stream = oai_multipart_open (multipart, NULL, NULL);
    while (g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (stream), buffer, sizeof buffer, NULL, NULL) > 0)
      continue;
  }
  /* GIO's thread can hold the last reference, and does not wake the main loop when it drops it. */
  while (g_atomic_int_get (&G_OBJECT (slow)->ref_count) > 1)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  g_assert_false (g_input_stream_is_closed (G_INPUT_STREAM (slow)));
}

typedef struct
{
  int fd;
  guint left;
} Feeder;

static gboolean
feed (gpointer user_data)
{
  Feeder *feeder = user_data;

  g_assert_cmpint (write (feeder->fd, "piece", 5), ==, 5);
  if (--feeder->left > 0)
    return G_SOURCE_CONTINUE;
  close (feeder->fd);
  return G_SOURCE_REMOVE;
}

static void
test_pipe_is_polled (void)
{
  g_autoptr (OaiMultipart) multipart = oai_multipart_new ();
  g_autoptr (GInputStream) source = NULL;
  g_autoptr (OaiInputFile) file = NULL;
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *body = NULL;
  Feeder feeder = { .left = 10 };
  int fds[2];
  guint waits;

  g_assert_cmpint (pipe (fds), ==, 0);
  source = g_unix_input_stream_new (fds[0], TRUE);
  file = oai_input_file_new_for_input_stream (source, "pipe.txt", -1);
  feeder.fd = fds[1];
  g_timeout_add (1, feed, &feeder);
  oai_multipart_add_file (multipart, "file", file);
  stream = oai_multipart_open (multipart, NULL, &error);
  body = poll_all (stream, 8192, &waits, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (body, "\r\n\r\npiecepiecepiecepiecepiecepiecepiecepiecepiecepiece\r\n--"));
  g_assert_cmpuint (waits, >=, 1);
  g_assert_cmpuint (waits, <=, 12);
}

static void
keep_result (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_set_object ((GAsyncResult **) user_data, result);
}

static gboolean
prepare (OaiMultipart *multipart, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  oai_multipart_prepare_async (multipart, cancellable, keep_result, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return oai_multipart_prepare_finish (result, error);
}

static void
test_sizes_are_looked_up_ahead (void)
{
  g_autoptr (OaiMultipart) multipart = oai_multipart_new ();
  g_autoptr (GFile) resource = g_file_new_for_uri ("resource:///org/gnome/nothing.txt");
  g_autoptr (OaiInputFile) file = oai_input_file_new_for_file (resource);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  add_named (multipart, "file", "contents", NULL, NULL);
  g_assert_true (prepare (multipart, cancellable, &error));
  g_assert_no_error (error);
  oai_multipart_add_file (multipart, "remote", file);
  g_assert_false (prepare (multipart, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_cancellable_cancel (cancellable);
  g_assert_false (prepare (multipart, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Over HTTP */

typedef struct
{
  SoupServer *server;
  char *url;
  goffset received;
  goffset announced;
  OaiInputFile *file;
  goffset in_between;   /* maximum number of bytes that were passed on and not yet received */
  GString *head;
} Service;

static void
on_chunk (SoupServerMessage *message, GBytes *chunk, Service *service)
{
  gsize size;
  const char *data = g_bytes_get_data (chunk, &size);

  service->received += size;
  if (service->head->len < 400)
    g_string_append_len (service->head, data, MIN (size, 400));
  if (service->file != NULL)
    service->in_between = MAX (service->in_between, oai_input_file_get_bytes_sent (service->file) - service->received);
}

static void
on_early (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  Service *service = user_data;

  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  service->announced = soup_message_headers_get_content_length (soup_server_message_get_request_headers (message));
  g_signal_connect (message, "got-chunk", G_CALLBACK (on_chunk), service);
}

static void
on_request (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  soup_server_message_set_status (message, 200, NULL);
}

static void
service_start (Service *service)
{
  memset (service, 0, sizeof *service);
  service->head = g_string_new (NULL);
  service->server = soup_server_new (NULL, NULL);
  soup_server_add_early_handler (service->server, NULL, on_early, service, NULL);
  soup_server_add_handler (service->server, NULL, on_request, service, NULL);
  service->url = g_strdup_printf ("http://127.0.0.1:%d/", soup_listener_start (service->server, 0));
}

static void
service_stop (Service *service)
{
  soup_server_disconnect (service->server);
  g_clear_object (&service->server);
  g_free (service->url);
  g_string_free (service->head, TRUE);
}

static guint
post (Service *service, OaiMultipart *multipart, goffset *length, GError **error)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (SoupMessage) message = soup_message_new ("POST", service->url);
  g_autoptr (GInputStream) body = oai_multipart_open (multipart, length, error);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GBytes) reply = NULL;

  if (body == NULL)
    return 0;
  soup_message_set_request_body (message, oai_multipart_get_content_type (multipart), body, *length);
  soup_session_send_and_read_async (session, message, 0, NULL, keep_result, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  reply = soup_session_send_and_read_finish (session, result, error);
  return reply != NULL ? soup_message_get_status (message) : 0;
}

/* In KiB; 0 with valgrind or a sanitizer, which use additional memory. */
static gsize
get_peak (void)
{
  g_autofree char *status = NULL;
  const char *line;

#if defined(__SANITIZE_ADDRESS__)
  return 0;
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
  return 0;
#endif
#endif
  if (g_getenv ("LD_PRELOAD") != NULL && strstr (g_getenv ("LD_PRELOAD"), "vgpreload") != NULL)
    return 0;
  if (!g_file_get_contents ("/proc/self/status", &status, NULL, NULL))
    return 0;
  line = strstr (status, "VmHWM:");
  return line != NULL ? g_ascii_strtoull (line + strlen ("VmHWM:"), NULL, 10) : 0;
}

#define BIG (64 * 1024 * 1024)

static void
test_big_file_takes_little_memory (void)
{
  g_autofree char *path = NULL;
  g_autoptr (OaiMultipart) multipart = oai_multipart_new ();
  g_autoptr (OaiInputFile) file = NULL;
  g_autoptr (GError) error = NULL;
  goffset length = -1;
  gsize before;
  Service service;
  int fd = g_file_open_tmp ("oai-big-XXXXXX", &path, &error);

  g_assert_no_error (error);
  g_assert_cmpint (ftruncate (fd, BIG), ==, 0);
  close (fd);
  file = oai_input_file_new_for_path (path);
  oai_input_file_set_filename (file, "big.bin");
  oai_multipart_add_text (multipart, "purpose", "assistants");
  oai_multipart_add_file (multipart, "file", file);

  service_start (&service);
  service.file = file;
  before = get_peak ();
  g_assert_cmpuint (post (&service, multipart, &length, &error), ==, 200);
  g_assert_no_error (error);
  g_assert_cmpint (length, >, BIG);
  g_assert_cmpint (service.announced, ==, length);
  g_assert_cmpint (service.received, ==, length);
  g_assert_nonnull (strstr (service.head->str, "filename=\"big.bin\""));
  g_assert_cmpfloat (oai_input_file_get_fraction (file), ==, 1.0);
  g_assert_cmpint (service.in_between, <=, 8 * 1024 * 1024); /* the socket buffers of the kernel */
  g_assert_cmpuint (get_peak () - before, <=, 8 * 1024);

  /* The same again, as after a failed attempt. */
  service.received = 0;
  g_assert_cmpuint (post (&service, multipart, &length, &error), ==, 200);
  g_assert_no_error (error);
  g_assert_cmpint (service.received, ==, length);

  service_stop (&service);
  g_assert_cmpint (g_unlink (path), ==, 0);
}

static void
test_unknown_length_is_sent_in_chunks (void)
{
  g_autoptr (OaiMultipart) multipart = oai_multipart_new ();
  g_autoptr (SlowStream) slow = g_object_new (SLOW_TYPE_STREAM, NULL);
  g_autoptr (OaiInputFile) file = oai_input_file_new_for_input_stream (G_INPUT_STREAM (slow), "slow.txt", -1);
  g_autoptr (GError) error = NULL;
  goffset length = 0;
  Service service;

  slow->left = 100000;
  oai_multipart_add_file (multipart, "file", file);
  service_start (&service);
  g_assert_cmpuint (post (&service, multipart, &length, &error), ==, 200);
  g_assert_no_error (error);
  g_assert_cmpint (length, ==, -1);
  g_assert_cmpint (service.received, >, 100000);
  g_assert_cmpint (oai_input_file_get_bytes_sent (file), ==, 100000);
  g_assert_cmpfloat (oai_input_file_get_fraction (file), ==, 1.0);
  service_stop (&service);
}

static void
test_short_file_is_no_success (void)
{
  g_autoptr (OaiMultipart) multipart = oai_multipart_new ();
  g_autoptr (GInputStream) memory = g_memory_input_stream_new_from_data ("contents", -1, NULL);
  g_autoptr (OaiInputFile) file = oai_input_file_new_for_input_stream (memory, "short.txt", 100);
  g_autoptr (GError) error = NULL;
  goffset length;
  Service service;

  oai_multipart_add_file (multipart, "file", file);
  service_start (&service);
  g_assert_cmpuint (post (&service, multipart, &length, &error), ==, 0);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "short.txt"));
  service_stop (&service);
}

static void
test_missing_file_is_reported_before_sending (void)
{
  g_autoptr (OaiMultipart) multipart = oai_multipart_new ();
  g_autoptr (OaiInputFile) file = oai_input_file_new_for_path ("/nowhere/missing.txt");
  g_autoptr (GError) error = NULL;

  oai_multipart_add_file (multipart, "file", file);
  g_assert_null (oai_multipart_open (multipart, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "missing.txt"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/multipart/fields", test_fields);
  g_test_add_func ("/multipart/numbers-keep-their-digits", test_numbers_keep_their_digits);
  g_test_add_func ("/multipart/null-is-omitted", test_null_is_left_out);
  g_test_add_func ("/multipart/null-is-rejected-with-the-flag", test_null_is_refused_when_asked);
  g_test_add_func ("/multipart/only-objects-are-forms", test_only_objects_are_forms);
  g_test_add_func ("/multipart/files-after-fields", test_files_after_fields);
  g_test_add_func ("/multipart/all-parameters-of-a-transcription", test_all_parameters_of_a_transcription);
  g_test_add_func ("/multipart/skills-keep-directories", test_skills_keep_directories);
  g_test_add_func ("/multipart/part-with-its-own-type", test_part_with_its_own_type);
  g_test_add_func ("/multipart/names-cannot-add-headers", test_names_cannot_add_headers);
  g_test_add_func ("/multipart/invalid-text-in-names-is-replaced", test_invalid_text_in_names_is_replaced);
  g_test_add_func ("/multipart/every-boundary-differs", test_every_boundary_differs);
  g_test_add_func ("/multipart/all-read-sizes-give-the-same-body", test_any_read_size_gives_the_same);
  g_test_add_func ("/multipart/seek-to-the-start-sends-again", test_seek_to_the_start_sends_again);
  g_test_add_func ("/multipart/a-pipe-cannot-be-sent-again", test_lost_stream_cannot_be_sent_again);
  g_test_add_func ("/multipart/slow-stream-is-waited-for", test_slow_stream_is_waited_for);
  g_test_add_func ("/multipart/dropped-while-reading", test_dropped_while_reading);
  g_test_add_func ("/multipart/pipe-is-polled", test_pipe_is_polled);
  g_test_add_func ("/multipart/sizes-are-read-before-sending", test_sizes_are_looked_up_ahead);
  g_test_add_func ("/multipart/a-missing-file-is-reported-before-sending", test_missing_file_is_reported_before_sending);
  g_test_add_func ("/multipart/http/big-file-takes-little-memory", test_big_file_takes_little_memory);
  g_test_add_func ("/multipart/http/unknown-length-is-sent-in-chunks", test_unknown_length_is_sent_in_chunks);
  g_test_add_func ("/multipart/http/a-short-file-is-an-error", test_short_file_is_no_success);

  return g_test_run ();
}
