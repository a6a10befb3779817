/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Objects that several threads use at the same time.  With ThreadSanitizer, this also tests
 * that there are no data races. */

#include "call-fixture.h"

#include <string.h>

#include "oai-embeddings-endpoint.h"
#include "oai-embeddings-types.h"

#define N_THREADS 4
#define N_ROUNDS 20
#define N_NUMBERS 100

typedef struct _Crowd Crowd;
struct _Crowd
{
  void (*func) (Crowd *self);
  CallFixture *fixture;
  OaiRecord *record;
  char *json;
  int n_ready; /* atomic */
  int over;    /* atomic */
};

/* All threads start at the same time. */
static gpointer
run_member (gpointer data)
{
  Crowd *crowd = data;

  g_atomic_int_inc (&crowd->n_ready);
  while (g_atomic_int_get (&crowd->n_ready) < N_THREADS)
    g_thread_yield ();
  crowd->func (crowd);

  return NULL;
}

static void
run_crowd (Crowd *crowd)
{
  GThread *threads[N_THREADS];

  g_atomic_int_set (&crowd->n_ready, 0);
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("member", run_member, crowd);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
}

static void
append_numbers (GString *json)
{
  for (guint i = 0; i < N_NUMBERS; i++)
    g_string_append_printf (json, "%s%u.5", i > 0 ? "," : "[", i);
  g_string_append_c (json, ']');
}

static char *
make_completion (void)
{
  GString *json = g_string_new ("{\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":1,\"model\":7,\"vector\":");

  append_numbers (json);
  for (guint i = 0; i < N_NUMBERS; i++)
    g_string_append_printf (json, ",\"k%u\":%u", i, i);
  g_string_append (json, ",\"choices\":[");
  for (guint i = 0; i < 3; i++)
    g_string_append_printf (json, "%s{\"index\":%u,\"message\":{\"role\":\"assistant\",\"content\":\"hello\",\"own\":{\"a\":1}},\"finish_reason\":\"stop\"}", i > 0 ? "," : "", i);
  g_string_append (json, "],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"total_tokens\":3}}");

  return g_string_free (json, FALSE);
}

static OaiRecord *
new_record (GType type, const char *json)
{
  g_autoptr(GError) error = NULL;
  OaiRecord *record = oai_record_new_from_json (type, json, &error);

  g_assert_no_error (error);

  return record;
}

static void
read_by_name (OaiRecord *record)
{
  g_auto(GStrv) names = oai_record_list_members (record);

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *json = oai_record_dup_member (record, names[i]);
      const char *text = oai_record_get_string_member (record, names[i]);

      g_assert_nonnull (json);
      g_assert_true (oai_record_has_member (record, names[i]));
      if (*names[i] == 'k')
        g_assert_cmpstr (text, ==, json);
    }
}

static void
read_completion (Crowd *self)
{
  OaiChatCompletion *completion = OAI_CHAT_COMPLETION (self->record);
  GPtrArray *choices;
  g_autofree char *json = NULL;
  g_autofree char *text = NULL;
  g_autoptr(OaiRecord) copy = NULL;

  g_assert_cmpstr (oai_chat_completion_get_model (completion), ==, "7");
  choices = oai_chat_completion_get_choices (completion);
  g_assert_cmpuint (choices->len, ==, 3);
  for (guint i = 0; i < choices->len; i++)
    g_assert_cmpstr (oai_chat_message_get_content (oai_chat_choice_get_message (choices->pdata[i])), ==, "hello");
  json = oai_record_to_json (self->record);
  g_assert_cmpstr (json, ==, self->json);
  text = oai_record_to_string (self->record);
  g_assert_cmpstr (text, ==, self->json);
  read_by_name (self->record);
  copy = oai_record_copy (self->record);
  g_assert_true (oai_record_equal (copy, self->record));
}

static void
test_records (void)
{
  Crowd crowd = { .func = read_completion, .json = make_completion () };

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      crowd.record = new_record (OAI_TYPE_CHAT_COMPLETION, crowd.json);
      run_crowd (&crowd);
      g_object_unref (crowd.record);
    }
  g_free (crowd.json);
}

static void
read_model (Crowd *self)
{
  g_assert_cmpstr (oai_chat_completion_get_model (OAI_CHAT_COMPLETION (self->record)), ==, "m");
}

/* An object that the first reader of a record creates is complete when other threads see it. */
static void
test_first_reads (void)
{
  Crowd crowd = { .func = read_model };

  for (guint i = 0; i < 20 * N_ROUNDS; i++)
    {
      crowd.record = new_record (OAI_TYPE_CHAT_COMPLETION, "{\"id\":\"x\",\"model\":\"m\"}");
      run_crowd (&crowd);
      g_object_unref (crowd.record);
    }
}

static char *
make_embeddings (void)
{
  GString *json = g_string_new ("{\"object\":\"list\",\"data\":[");
  guint32 words[N_NUMBERS];
  g_autofree char *base64 = NULL;

  for (guint i = 0; i < N_NUMBERS; i++)
    {
      float value = i + 0.5f;

      memcpy (&words[i], &value, sizeof value);
      words[i] = GUINT32_TO_LE (words[i]);
    }
  base64 = g_base64_encode ((const guchar *) words, sizeof words);
  for (guint i = 0; i < 10; i++)
    {
      g_string_append_printf (json, "%s{\"index\":%u,\"embedding\":\"%s\"},{\"index\":%u,\"embedding\":", i > 0 ? "," : "", 2 * i, base64, 2 * i + 1);
      append_numbers (json);
      g_string_append_c (json, '}');
    }
  g_string_append (json, "]}");

  return g_string_free (json, FALSE);
}

static void
check_vector (GBytes *vector)
{
  gsize size;
  const float *values = g_bytes_get_data (vector, &size);

  g_assert_cmpuint (size, ==, N_NUMBERS * sizeof (float));
  for (guint i = 0; i < N_NUMBERS; i++)
    g_assert_cmpfloat (values[i], ==, i + 0.5f);
}

/* Each thread starts with another member, in the order of the threads' addresses. */
static void
read_embeddings (Crowd *self)
{
  OaiEmbeddingList *list = OAI_EMBEDDING_LIST (self->record);
  GPtrArray *data = oai_embedding_list_get_data (list);
  guint first = GPOINTER_TO_UINT (g_thread_self ()) >> 6;

  for (guint i = 0; i < data->len; i++)
    for (guint k = 0; k < 3; k++)
      {
        OaiRecord *embedding = data->pdata[i];
        g_autoptr(GBytes) vector = NULL;
        g_autofree char *json = NULL;
        const char *text;

        switch ((first + i + k) % 3)
          {
          case 0:
            vector = oai_embedding_dup_vector (OAI_EMBEDDING (embedding));
            check_vector (vector);
            break;
          case 1:
            text = oai_record_get_string_member (embedding, "embedding");
            g_assert_true (text == NULL || strlen (text) == (N_NUMBERS * sizeof (float) + 2) / 3 * 4);
            break;
          default:
            json = oai_record_to_json (self->record);
            g_assert_cmpstr (json, ==, self->json);
          }
      }
}

static void
test_vectors (void)
{
  Crowd crowd = { .func = read_embeddings, .json = make_embeddings () };

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      crowd.record = new_record (OAI_TYPE_EMBEDDING_LIST, crowd.json);
      run_crowd (&crowd);
      g_object_unref (crowd.record);
    }
  g_free (crowd.json);
}

static void
send_requests (Crowd *self)
{
  for (guint i = 0; i < 5; i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(OaiChatCompletion) completion = oai_chat_endpoint_create (self->fixture->chat, self->fixture->request, NULL, &error);

      g_assert_no_error (error);
      g_assert_nonnull (completion);
    }
}

static void
add_numbers (CallFixture *self)
{
  g_autoptr(GString) json = g_string_new ("{\"a\":");
  g_autoptr(GError) error = NULL;

  append_numbers (json);
  g_string_append_c (json, '}');
  oai_record_set_member (OAI_RECORD (self->request), "own", json->str, &error);
  g_assert_no_error (error);
}

static void
test_requests (CallFixture *self, gconstpointer data)
{
  Crowd crowd = { .func = send_requests, .fixture = self };
  g_autofree char *expected = NULL;

  oai_mock_server_set_validating (self->server, FALSE);
  for (guint i = 0; i < N_ROUNDS / 4; i++)
    {
      add_numbers (self);
      run_crowd (&crowd);
    }
  expected = oai_record_to_json (OAI_RECORD (self->request));
  for (int i = 0; i < (int) oai_mock_server_get_n_requests (self->server); i++)
    {
      g_autoptr(OaiMockRequest) request = oai_mock_server_dup_request (self->server, i);
      g_autofree char *body = oai_mock_request_dup_body_text (request);

      g_assert_cmpstr (body, ==, expected);
    }
}

/* Until the other threads have ended. */
static gpointer
change_settings (gpointer data)
{
  Crowd *crowd = data;

  for (guint i = 0; !g_atomic_int_get (&crowd->over); i++)
    {
      g_autofree char *value = g_strdup_printf ("%u", i % 10);

      oai_settings_set_header (crowd->fixture->settings, "X-Test", value);
      oai_settings_set_organization (crowd->fixture->settings, value);
      oai_settings_set_query_parameter (crowd->fixture->settings, "q", value);
      oai_settings_set_timeout_ms (crowd->fixture->settings, 60000 + i % 10);
      g_usleep (100);
    }

  return NULL;
}

static gpointer
change_key (gpointer data)
{
  Crowd *crowd = data;

  for (guint i = 0; !g_atomic_int_get (&crowd->over); i++)
    {
      g_autofree char *key = g_strdup_printf ("sk-test-%u", i % 10);

      oai_auth_set_api_key (oai_client_get_auth (crowd->fixture->client), key);
      g_usleep (100);
    }

  return NULL;
}

static void
test_changes (CallFixture *self, gconstpointer data)
{
  Crowd crowd = { .func = send_requests, .fixture = self };
  g_autoptr(GThread) settings = NULL;
  g_autoptr(GThread) key = NULL;

  oai_mock_server_set_validating (self->server, FALSE);
  settings = g_thread_new ("settings", change_settings, &crowd);
  key = g_thread_new ("key", change_key, &crowd);
  for (guint i = 0; i < N_ROUNDS / 4; i++)
    run_crowd (&crowd);
  g_atomic_int_set (&crowd.over, 1);
  g_thread_join (g_steal_pointer (&settings));
  g_thread_join (g_steal_pointer (&key));
}

/* Closing */

#define N_CHUNKS 20

static OaiStream *
open_slow_stream (CallFixture *self)
{
  OaiMockReply *reply = oai_mock_reply_new_events ();

  for (guint i = 0; i < N_CHUNKS; i++)
    oai_mock_reply_add_event (reply, NULL, CHUNK_TEXT ("x"));
  oai_mock_reply_add_event (reply, NULL, "[DONE]");
  oai_mock_reply_set_chunk_size (reply, 64);
  oai_mock_reply_set_chunk_delay (reply, 1);
  call_fixture_push (self, reply);

  return OAI_STREAM (call_fixture_stream (self));
}

static gpointer
close_soon (gpointer stream)
{
  g_usleep (g_random_int_range (0, 20000));
  oai_stream_close (stream);

  return NULL;
}

/* Reads chunks until the stream is closed. */
static void
test_closed_while_pulled (CallFixture *self, gconstpointer data)
{
  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr(OaiStream) stream = open_slow_stream (self);
      g_autoptr(GError) error = NULL;
      GThread *thread = g_thread_new ("closer", close_soon, stream);
      OaiRecord *chunk;

      while ((chunk = oai_stream_next (stream, NULL, &error)) != NULL)
        g_object_unref (chunk);
      g_thread_join (thread);
      if (error != NULL)
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_false (oai_stream_is_running (stream));
    }
}

/* The stream is not being read. */
static void
test_closed_between_pulls (CallFixture *self, gconstpointer data)
{
  g_autoptr(OaiStream) stream = open_slow_stream (self);
  g_autoptr(OaiRecord) chunk = oai_stream_next (stream, NULL, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_nonnull (chunk);
  g_thread_join (g_thread_new ("closer", close_soon, stream));
  g_assert_false (oai_stream_is_running (stream));
  g_assert_null (oai_stream_next (stream, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  wait_until (oai_mock_server_get_n_aborted (self->server) == 1);
}

static void
test_closed_while_run (CallFixture *self, gconstpointer data)
{
  for (guint i = 0; i < N_ROUNDS; i++)
    {
      g_autoptr(OaiStream) stream = open_slow_stream (self);
      g_autoptr(GAsyncResult) result = NULL;
      g_autoptr(OaiRecord) record = NULL;
      g_autoptr(GError) error = NULL;
      GThread *thread;

      oai_stream_run_async (stream, NULL, call_store_result, &result);
      thread = g_thread_new ("closer", close_soon, stream);
      record = oai_stream_run_finish (stream, call_wait (&result), &error);
      g_thread_join (thread);
      g_assert_true ((record != NULL) == (error == NULL));
      if (error != NULL)
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
}

static void
test_closed_before_the_start (CallFixture *self, gconstpointer data)
{
  g_autoptr(OaiStream) stream = OAI_STREAM (call_fixture_stream (self));
  g_autoptr(GError) error = NULL;

  g_thread_join (g_thread_new ("closer", close_soon, stream));
  g_assert_null (oai_stream_next (stream, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (oai_mock_server_get_n_requests (self->server), ==, 0);
}

#define ADD(path, function) g_test_add (path, CallFixture, NULL, call_fixture_set_up, function, call_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/readers/records", test_records);
  g_test_add_func ("/readers/first-reads", test_first_reads);
  g_test_add_func ("/readers/vectors", test_vectors);
  ADD ("/readers/one-request", test_requests);
  ADD ("/readers/settings-and-keys-that-change", test_changes);
  ADD ("/readers/closed-while-pulled", test_closed_while_pulled);
  ADD ("/readers/closed-between-pulls", test_closed_between_pulls);
  ADD ("/readers/closed-while-run", test_closed_while_run);
  ADD ("/readers/closed-before-the-start", test_closed_before_the_start);

  return g_test_run ();
}
