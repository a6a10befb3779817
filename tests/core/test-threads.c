/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One client in several threads: blocking calls, and connections that other threads close. */

#include "call-fixture.h"

#include <string.h>

#include "oai-files-endpoint.h"

/* More threads than can keep their connections. */
#define N_THREADS 40
#define N_CALLS 15
#define MAX_PAUSE 3000

typedef struct
{
  CallFixture *fixture;
  int n_done; /* threads, atomic */
} Crowd;

static guint
count_files (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
call_once (CallFixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiChatCompletion) completion = oai_chat_endpoint_create (self->chat, self->request, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (completion);
}

static gpointer
call_and_pause (gpointer data)
{
  Crowd *crowd = data;

  for (guint i = 0; i < N_CALLS; i++)
    {
      g_usleep (g_random_int_range (0, MAX_PAUSE));
      call_once (crowd->fixture);
    }
  g_atomic_int_inc (&crowd->n_done);

  return NULL;
}

/* Each thread closes connections of another thread that is idle or has just started. */
static void
test_many (CallFixture *self, gconstpointer user_data)
{
  Crowd crowd = { self, 0 };
  GThread *threads[N_THREADS];
  guint before = count_files ();

  /* The system can refuse that many simultaneous connections. */
  oai_settings_set_max_retries (self->settings, 5);
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("caller", call_and_pause, &crowd);
  wait_until (g_atomic_int_get (&crowd.n_done) == N_THREADS);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (oai_mock_server_get_n_requests (self->server), ==, N_THREADS * N_CALLS);
  /* The descriptors of ended threads are closed by the next call at the latest.  The
   * connection of that call is open, and so are the sockets of the server, which libsoup keeps. */
  call_once (self);
  g_test_message ("%u files open, %u before", count_files (), before);
  wait_until (count_files () <= before + oai_mock_server_get_n_connections (self->server) + 5);
}

static gpointer
call_in_thread (gpointer data)
{
  call_once (data);

  return NULL;
}

/* Ended threads release their descriptors even if no call follows. */
static void
test_ended_threads (CallFixture *self, gconstpointer user_data)
{
  guint before = count_files ();
  GThread *threads[12];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("caller", call_in_thread, self);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  /* The other sockets are those of the server, which libsoup keeps. */
  wait_until (count_files () <= before + oai_mock_server_get_n_connections (self->server) + 3);
}

/* The client is freed before the thread that used it ends. */
static gpointer
outlive_client (gpointer data)
{
  CallFixture fixture = { 0 };

  call_fixture_set_up (&fixture, NULL);
  call_once (&fixture);
  g_clear_object (&fixture.chat);
  g_assert_finalize_object (g_steal_pointer (&fixture.client));
  g_clear_object (&fixture.request);
  g_clear_object (&fixture.settings);
  oai_mock_server_stop (fixture.server);
  g_clear_object (&fixture.server);

  return NULL;
}

static void
test_client_before_thread (CallFixture *self, gconstpointer user_data)
{
  g_thread_join (g_thread_new ("caller", outlive_client, NULL));
}

/* Other threads during a call */

typedef struct
{
  CallFixture *fixture;
  GMutex mutex;
  GCond cond;
  gpointer made; /* created in the other thread for this one */
  gboolean over;
} Visit;

static gpointer
wait_until_over (Visit *visit)
{
  g_mutex_lock (&visit->mutex);
  g_cond_broadcast (&visit->cond);
  while (!visit->over)
    g_cond_wait (&visit->cond, &visit->mutex);
  g_mutex_unlock (&visit->mutex);

  return NULL;
}

static gpointer
wait_until_made (Visit *visit)
{
  gpointer made;

  g_mutex_lock (&visit->mutex);
  while (visit->made == NULL)
    g_cond_wait (&visit->cond, &visit->mutex);
  made = g_steal_pointer (&visit->made);
  g_mutex_unlock (&visit->mutex);

  return made;
}

static void
end_visit (Visit *visit, GThread *thread)
{
  g_mutex_lock (&visit->mutex);
  visit->over = TRUE;
  g_cond_broadcast (&visit->cond);
  g_mutex_unlock (&visit->mutex);
  g_thread_join (thread);
}

static void
make (Visit *visit, gpointer object)
{
  g_mutex_lock (&visit->mutex);
  visit->made = object;
  g_mutex_unlock (&visit->mutex);
}

static gpointer
call_and_stay (gpointer data)
{
  Visit *visit = data;
  OaiClient *client = g_steal_pointer (&visit->fixture->client);
  g_autoptr (OaiChatEndpoint) chat = oai_chat_endpoint_new (client);
  g_autoptr (OaiChatCompletion) completion = NULL;
  g_autoptr (GError) error = NULL;

  completion = oai_chat_endpoint_create (chat, visit->fixture->request, NULL, &error);
  g_assert_no_error (error);
  g_clear_object (&completion);
  g_clear_object (&chat);
  make (visit, client);

  return wait_until_over (visit);
}

/* The connection is closed when the thread that opened it ends. */
static void
test_freed_elsewhere (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiAuth) auth = oai_auth_new (CALL_FIXTURE_KEY);
  guint before = count_files ();

  for (guint i = 0; i < 5; i++)
    {
      Visit visit = { .fixture = self };
      GThread *thread;
      OaiClient *client;

      g_clear_object (&self->chat);
      thread = g_thread_new ("caller", call_and_stay, &visit);
      client = wait_until_made (&visit);
      g_assert_finalize_object (client);
      end_visit (&visit, thread);
      call_fixture_renew (self, auth);
    }
  /* The server keeps its sockets until it detects this. */
  wait_until (count_files () <= before + oai_mock_server_get_n_connections (self->server) + 3);
}

static gpointer
open_and_call (gpointer data)
{
  Visit *visit = data;
  g_autoptr (OaiFilesEndpoint) files = oai_files_endpoint_new (visit->fixture->client);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 10; i++)
    {
      GInputStream *body = oai_files_endpoint_open_content (files, "file-1", NULL, &error);
      gboolean taken = FALSE;

      g_assert_no_error (error);
      make (visit, body);
      g_mutex_lock (&visit->mutex);
      g_cond_broadcast (&visit->cond);
      g_mutex_unlock (&visit->mutex);
      /* Calls while the other thread reads, and between its reads. */
      while (!taken)
        {
          call_once (visit->fixture);
          g_mutex_lock (&visit->mutex);
          taken = visit->made == NULL;
          g_mutex_unlock (&visit->mutex);
        }
    }

  return NULL;
}

static void
test_read_elsewhere (CallFixture *self, gconstpointer user_data)
{
  Visit visit = { .fixture = self };
  const char *text = "contents that come in many small pieces";
  GThread *thread;

  for (guint i = 0; i < 10; i++)
    {
      OaiMockReply *reply = oai_mock_reply_new_text (200, "text/plain", text);

      oai_mock_reply_set_framing (reply, OAI_MOCK_FRAMING_CHUNKED);
      oai_mock_server_push_reply_for (self->server, "GET", "/files/file-1/content", reply);
      g_object_unref (reply);
    }
  thread = g_thread_new ("opener", open_and_call, &visit);
  for (guint i = 0; i < 10; i++)
    {
      g_autoptr (GInputStream) body = wait_until_made (&visit);
      g_autoptr (GError) error = NULL;
      char buffer[64] = "";
      gsize n = 0;

      /* The last ones are closed before their end. */
      g_assert_true (g_input_stream_read_all (body, buffer, i < 7 ? sizeof buffer - 1 : 8, &n, NULL, &error));
      g_assert_no_error (error);
      g_assert_cmpint (strncmp (buffer, text, n), ==, 0);
    }
  g_thread_join (thread);
}

#define add(path, func) g_test_add (path, CallFixture, NULL, call_fixture_set_up, func, call_fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add ("/threads/many", test_many);
  add ("/threads/ended-threads-leave-no-descriptors", test_ended_threads);
  add ("/threads/calls-outlive-their-client", test_client_before_thread);
  add ("/threads/freed-elsewhere", test_freed_elsewhere);
  add ("/threads/read-elsewhere", test_read_elsewhere);

  return g_test_run ();
}
