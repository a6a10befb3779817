/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Cancels every asynchronous operation at increasing delays. */

#include "call-fixture.h"

#include "oai-chat-stream.h"
#include "oai-files-endpoint.h"
#include "oai-models-endpoint.h"
#include "oai-client-invoke.h"

#include <string.h>

#define MAX_STEPS 60

typedef struct _Moment Moment;

typedef void (*StartFunc) (CallFixture *self, Moment *moment);
typedef gpointer (*FinishFunc) (GObject *source, GAsyncResult *result, GError **error);

struct _Moment
{
  GCancellable *cancellable;
  GObject *object;      /* the object of the operation */
  GAsyncResult *result;
  OaiTokenRequest *token_request;
};

typedef struct
{
  const char *name;
  StartFunc start;
  FinishFunc finish;
  GDestroyNotify drop;
} Operation;

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Moment *moment = user_data;

  /* The callback is called exactly once. */
  g_assert_null (moment->result);
  moment->result = g_object_ref (result);
}

/* The operations */

static OaiMockReply *
new_slow_completion (void)
{
  OaiMockReply *reply = oai_mock_reply_new_json (200, COMPLETION ("slow"));

  oai_mock_reply_set_framing (reply, OAI_MOCK_FRAMING_CHUNKED);
  oai_mock_reply_set_chunk_size (reply, 16);
  oai_mock_reply_set_chunk_delay (reply, 2);

  return reply;
}

static OaiMockReply *
new_slow_events (void)
{
  OaiMockReply *reply = call_fixture_events (CHUNK_TEXT ("a"), CHUNK_TEXT ("b"), CHUNK_TEXT ("c"), CHUNK_STOP, NULL);

  oai_mock_reply_set_chunk_size (reply, 40);
  oai_mock_reply_set_chunk_delay (reply, 2);

  return reply;
}

static void
start_create (CallFixture *self, Moment *moment)
{
  call_fixture_push (self, new_slow_completion ());
  oai_chat_endpoint_create_async (self->chat, self->request, moment->cancellable, done_cb, moment);
}

static gpointer
finish_create (GObject *source, GAsyncResult *result, GError **error)
{
  return oai_chat_endpoint_create_finish (OAI_CHAT_ENDPOINT (source), result, error);
}

static void
start_run (CallFixture *self, Moment *moment)
{
  call_fixture_push (self, new_slow_events ());
  moment->object = G_OBJECT (call_fixture_stream (self));
  oai_stream_run_async (OAI_STREAM (moment->object), moment->cancellable, done_cb, moment);
}

static gpointer
finish_run (GObject *source, GAsyncResult *result, GError **error)
{
  return oai_stream_run_finish (OAI_STREAM (source), result, error);
}

static void
start_next (CallFixture *self, Moment *moment)
{
  call_fixture_push (self, new_slow_events ());
  moment->object = G_OBJECT (call_fixture_stream (self));
  oai_stream_next_async (OAI_STREAM (moment->object), moment->cancellable, done_cb, moment);
}

static gpointer
finish_next (GObject *source, GAsyncResult *result, GError **error)
{
  return oai_stream_next_finish (OAI_STREAM (source), result, error);
}

static void
start_list (CallFixture *self, Moment *moment)
{
  OaiMockReply *reply = oai_mock_reply_new_pass ();

  oai_mock_reply_set_framing (reply, OAI_MOCK_FRAMING_CHUNKED);
  oai_mock_reply_set_chunk_size (reply, 50);
  oai_mock_reply_set_chunk_delay (reply, 2);
  call_fixture_push (self, reply);
  moment->object = G_OBJECT (oai_models_endpoint_new (self->client));
  oai_models_endpoint_list_async (OAI_MODELS_ENDPOINT (moment->object), moment->cancellable, done_cb, moment);
}

static gpointer
finish_list (GObject *source, GAsyncResult *result, GError **error)
{
  return oai_models_endpoint_list_finish (OAI_MODELS_ENDPOINT (source), result, error);
}

/* A cancelled request can still arrive, and take the queued reply. */
static OaiPagedList *
load_first_page (CallFixture *self)
{
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (OaiPagedList) page = NULL;

      call_fixture_push (self, oai_mock_reply_new_json (200, "{\"object\":\"list\",\"data\":[{\"id\":\"a\"}],\"has_more\":true,\"last_id\":\"a\"}"));
      oai_chat_endpoint_list_async (self->chat, NULL, NULL, call_store_result, &result);
      page = oai_chat_endpoint_list_finish (self->chat, call_wait (&result), &error);
      g_assert_no_error (error);
      if (oai_paged_list_get_has_more (page))
        return g_steal_pointer (&page);
    }
}

static void
start_load_more (CallFixture *self, Moment *moment)
{
  OaiMockReply *reply = oai_mock_reply_new_json (200, "{\"object\":\"list\",\"data\":[{\"id\":\"b\"}],\"has_more\":false}");

  moment->object = G_OBJECT (load_first_page (self));
  oai_mock_reply_set_framing (reply, OAI_MOCK_FRAMING_CHUNKED);
  oai_mock_reply_set_chunk_size (reply, 8);
  oai_mock_reply_set_chunk_delay (reply, 2);
  call_fixture_push (self, reply);
  oai_paged_list_load_more_async (OAI_PAGED_LIST (moment->object), moment->cancellable, done_cb, moment);
}

static gpointer
finish_load_more (GObject *source, GAsyncResult *result, GError **error)
{
  return GINT_TO_POINTER (oai_paged_list_load_more_finish (OAI_PAGED_LIST (source), result, error));
}

static void
start_open (CallFixture *self, Moment *moment)
{
  OaiMockReply *reply = oai_mock_reply_new_text (200, "text/plain", "contents of a file");

  oai_mock_reply_set_head_delay (reply, 40);
  call_fixture_push (self, reply);
  moment->object = G_OBJECT (oai_files_endpoint_new (self->client));
  oai_files_endpoint_open_content_async (OAI_FILES_ENDPOINT (moment->object), "file-1", moment->cancellable, done_cb, moment);
}

static gpointer
finish_open (GObject *source, GAsyncResult *result, GError **error)
{
  return oai_files_endpoint_open_content_finish (OAI_FILES_ENDPOINT (source), result, error);
}

static void
start_request (CallFixture *self, Moment *moment)
{
  call_fixture_push (self, new_slow_completion ());
  oai_client_invoke_async (self->client, "POST", "anything", "{}", NULL, moment->cancellable, done_cb, moment);
}

static gpointer
finish_request (GObject *source, GAsyncResult *result, GError **error)
{
  return oai_client_invoke_finish (OAI_CLIENT (source), result, error);
}

static void
start_call (CallFixture *self, Moment *moment)
{
  call_fixture_push (self, new_slow_completion ());
  oai_endpoint_invoke_by_name_async (OAI_ENDPOINT (self->chat), "create", "{\"model\":\"m\",\"messages\":[]}", moment->cancellable, done_cb, moment);
}

static gpointer
finish_call (GObject *source, GAsyncResult *result, GError **error)
{
  return oai_endpoint_invoke_by_name_finish (OAI_ENDPOINT (source), result, error);
}

static void
start_waiting (CallFixture *self, Moment *moment)
{
  OaiMockReply *busy = oai_mock_reply_new_error (429, "requests", NULL, "Slow down");

  oai_settings_set_max_retries (self->settings, 1);
  oai_mock_reply_set_header (busy, "retry-after-ms", "60");
  call_fixture_push (self, busy);
  start_create (self, moment);
}

static void
on_token_requested (OaiAuth *auth, OaiTokenRequest *request, Moment *moment)
{
  g_set_object (&moment->token_request, request);
}

static void
start_token (CallFixture *self, Moment *moment)
{
  g_autoptr (OaiAuth) auth = oai_auth_new (NULL);

  g_signal_connect (auth, "token-requested", G_CALLBACK (on_token_requested), moment);
  call_fixture_renew (self, auth);
  oai_chat_endpoint_create_async (self->chat, self->request, moment->cancellable, done_cb, moment);
}

static void
keep (gpointer truth)
{
}

static const Operation operations[] = {
  { "chat-create", start_create, finish_create, g_object_unref },
  { "stream-run", start_run, finish_run, g_object_unref },
  { "stream-next", start_next, finish_next, g_object_unref },
  { "models-list", start_list, finish_list, g_object_unref },
  { "page-load-more", start_load_more, finish_load_more, keep },
  { "open-body", start_open, finish_open, g_object_unref },
  { "client-invoke", start_request, finish_request, g_free },
  { "endpoint-call", start_call, finish_call, g_free },
  { "retry-wait", start_waiting, finish_create, g_object_unref },
  { "token-pending", start_token, finish_create, g_object_unref },
};

static void
assert_call_failed (CallFixture *self, const GError *error)
{
  g_autoptr (OaiCall) call = oai_client_find_call_for_error (self->client, error);

  g_assert_nonnull (call);
  g_assert_cmpint (oai_call_get_state (call), ==, OAI_CALL_STATE_FAILED);
}

/* TRUE if the operation was complete before it was cancelled. */
static gboolean
cancel_after (CallFixture *self, const Operation *operation, guint step)
{
  Moment moment = { g_cancellable_new (), NULL, NULL, NULL };
  g_autoptr (GObject) source = NULL;
  g_autoptr (GError) error = NULL;
  gpointer result;
  gboolean over;

  operation->start (self, &moment);
  for (guint i = 0; i < step && moment.result == NULL; i++)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  over = moment.result != NULL;
  g_cancellable_cancel (moment.cancellable);
  call_wait (&moment.result);

  source = g_async_result_get_source_object (moment.result);
  result = operation->finish (source, moment.result, &error);
  if (!over)
    {
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_null (result);
      assert_call_failed (self, error);
    }
  else if (result != NULL)
    {
      operation->drop (result);
    }

  /* Nothing is called afterwards. */
  for (guint i = 0; i < 5; i++)
    g_main_context_iteration (NULL, FALSE);
  g_clear_object (&moment.result);
  g_clear_object (&moment.token_request);
  g_clear_object (&moment.object);
  g_clear_object (&moment.cancellable);

  return over;
}

static void
test_every_moment (CallFixture *self, gconstpointer user_data)
{
  const Operation *operation = user_data;

  for (guint step = 0; step < MAX_STEPS; step++)
    {
      cancel_after (self, operation, step);
      /* Removes replies that the cancelled request has not taken. */
      oai_mock_server_reset (self->server);
    }
}

/* Once the service processes the request, it is notified that the client closed the connection. */
static void
test_connection (CallFixture *self, gconstpointer user_data)
{
  const Operation *operation = user_data;
  OaiMockReply *hang = oai_mock_reply_new_hang ();
  Moment moment = { g_cancellable_new (), NULL, NULL, NULL };
  guint before;

  if (operation->start == start_token)
    {
      operation->start (self, &moment);
      wait_until (moment.token_request != NULL);
      g_assert_false (g_cancellable_is_cancelled (oai_token_request_get_cancellable (moment.token_request)));
      g_cancellable_cancel (moment.cancellable);
      call_wait (&moment.result);
      g_assert_true (g_cancellable_is_cancelled (oai_token_request_get_cancellable (moment.token_request)));
      /* A late cancellation has no effect. */
      oai_token_request_respond (moment.token_request, CALL_FIXTURE_KEY);
      g_assert_cmpuint (oai_mock_server_get_n_requests (self->server), ==, 0);
    }
  else
    {
      if (operation->start == start_load_more)
        moment.object = G_OBJECT (load_first_page (self));
      before = oai_mock_server_get_n_requests (self->server);
      call_fixture_push (self, hang);
      hang = NULL;
      if (moment.object != NULL)
        oai_paged_list_load_more_async (OAI_PAGED_LIST (moment.object), moment.cancellable, done_cb, &moment);
      else
        operation->start (self, &moment);
      wait_until (oai_mock_server_get_n_requests (self->server) == before + 1);
      g_cancellable_cancel (moment.cancellable);
      call_wait (&moment.result);
      wait_until (oai_mock_server_get_n_aborted (self->server) == 1);
    }
  g_clear_object (&hang);
  g_clear_object (&moment.result);
  g_clear_object (&moment.token_request);
  g_clear_object (&moment.object);
  g_clear_object (&moment.cancellable);
}

/* A truncated stream keeps the events that have arrived. */
static void
test_keeps_what_came (CallFixture *self, gconstpointer user_data)
{
  OaiMockReply *reply = call_fixture_events (CHUNK_TEXT ("Hel"), CHUNK_TEXT ("lo"), CHUNK_STOP, NULL);
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (OaiRecord) partial = NULL;
  g_autoptr (GError) error = NULL;

  oai_mock_reply_set_hang_after (reply, strlen ("data: " CHUNK_TEXT ("Hel") "\n\n"));
  call_fixture_push (self, reply);
  oai_stream_run_async (OAI_STREAM (stream), cancellable, call_store_result, &result);
  wait_until (oai_chat_stream_get_content (stream, 0) != NULL);
  g_cancellable_cancel (cancellable);
  g_assert_null (oai_stream_run_finish (OAI_STREAM (stream), call_wait (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpstr (oai_chat_stream_get_content (stream, 0), ==, "Hel");
  partial = oai_stream_dup_result (OAI_STREAM (stream));
  g_assert_cmpstr (oai_chat_completion_get_text (OAI_CHAT_COMPLETION (partial)), ==, "Hel");
  wait_until (oai_mock_server_get_n_aborted (self->server) == 1);
}

/* The cancellation of a blocking call needs no main loop. */
static gpointer
cancel_later (gpointer data)
{
  g_usleep (50 * 1000);
  g_cancellable_cancel (data);

  return NULL;
}

static void
test_blocking (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread;

  call_fixture_push (self, oai_mock_reply_new_hang ());
  thread = g_thread_new ("cancels", cancel_later, cancellable);
  g_assert_null (oai_chat_endpoint_create (self->chat, self->request, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  /* No other call is needed. */
  for (guint i = 0; i < 2000 && oai_mock_server_get_n_aborted (self->server) == 0; i++)
    g_usleep (1000);
  g_assert_cmpuint (oai_mock_server_get_n_aborted (self->server), ==, 1);
}

static void
add (const char *group, const char *name, gconstpointer data, void (*func) (CallFixture *, gconstpointer))
{
  g_autofree char *path = g_strdup_printf ("/cancel/%s/%s", group, name);

  g_test_add (path, CallFixture, data, call_fixture_set_up, func, call_fixture_tear_down);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (operations); i++)
    {
      add ("every-moment", operations[i].name, &operations[i], test_every_moment);
      if (operations[i].start != start_waiting)
        add ("connection", operations[i].name, &operations[i], test_connection);
    }
  add ("stream", "keeps-the-chunks", NULL, test_keeps_what_came);
  add ("blocking", "closes-the-connection", NULL, test_blocking);

  return g_test_run ();
}
