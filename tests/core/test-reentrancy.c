/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Performs random actions in every handler: close, cancel, unreference, start blocking and
 * asynchronous calls, iterate the main context.  Each round has a seed, so that a failure can be reproduced:
 *
 *   test-reentrancy [FIRST-SEED [ROUNDS]]
 *
 * In all cases, each callback is called once, the state of a call only advances, handlers run in
 * the main context of the program, and no reference to the client is left at the end. */

#include "call-fixture.h"

#include "oai-files-endpoint.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_ROUNDS 24
#define MAX_DEPTH 3
#define MAX_ACTIONS 60

#define CALL_DELTA "\"tool_calls\":[{\"index\":0,\"id\":\"t\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]"

typedef struct
{
  CallFixture fixture;
  GRand *random;
  GString *trace;        /* which action was performed in which handler */
  OaiStream *stream;
  OaiPagedList *page;
  GCancellable *cancellable;
  guint countdown;       /* number of handlers until the next action */
  guint depth;
  guint n_actions;
  guint n_pending;       /* number of pending callbacks */
} Scene;

static void act (Scene *self, const char *where);

static int
pick (Scene *self, int n)
{
  return g_rand_int_range (self->random, 0, n);
}

/* Callbacks */

static void
created_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Scene *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiChatCompletion) completion = oai_chat_endpoint_create_finish (OAI_CHAT_ENDPOINT (source), result, &error);

  g_assert_true ((completion == NULL) == (error != NULL));
  self->n_pending--;
  act (self, "created");
}

static void
ran_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Scene *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiRecord) record = oai_stream_run_finish (OAI_STREAM (source), result, &error);

  g_assert_true ((record == NULL) == (error != NULL));
  self->n_pending--;
  act (self, "ran");
  if (pick (self, 2) == 0)
    g_clear_object (&self->stream);
}

static void
try_next (Scene *self)
{
  g_autoptr(OaiRecord) chunk = self->stream != NULL ? oai_stream_try_next (self->stream) : NULL;

  if (chunk != NULL)
    act (self, "tried");
}

static void
next_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Scene *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiRecord) chunk = oai_stream_next_finish (OAI_STREAM (source), result, &error);

  self->n_pending--;
  act (self, "next");
  if (pick (self, 2) == 0)
    try_next (self);
  if (chunk != NULL && self->stream != NULL)
    {
      self->n_pending++;
      oai_stream_next_async (self->stream, self->cancellable, next_cb, self);
    }
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Scene *self = user_data;
  g_autoptr(GError) error = NULL;

  g_assert_true (oai_paged_list_load_more_finish (OAI_PAGED_LIST (source), result, &error) == (error == NULL));
  self->n_pending--;
  act (self, "loaded");
}

/* Actions.  They hold references to the objects that they use, as programs must. */

static void
close_stream (Scene *self)
{
  if (self->stream != NULL)
    oai_stream_close (self->stream);
}

static void
dispose_stream (Scene *self)
{
  if (self->stream != NULL)
    g_object_run_dispose (G_OBJECT (self->stream));
}

static void
drop_stream (Scene *self)
{
  g_clear_object (&self->stream);
}

static void
drop_page (Scene *self)
{
  g_clear_object (&self->page);
}

static void
cancel (Scene *self)
{
  g_cancellable_cancel (self->cancellable);
}

/* In handlers of token requests, this is the main context of the call, which can block. */
static void
iterate (Scene *self)
{
  GMainContext *context = g_main_context_get_thread_default ();
  gint64 end = g_get_monotonic_time () + 2000;

  do
    g_main_context_iteration (context, FALSE);
  while (g_get_monotonic_time () < end);
}

static void
create (Scene *self)
{
  self->n_pending++;
  oai_chat_endpoint_create_async (self->fixture.chat, self->fixture.request, pick (self, 2) == 0 ? self->cancellable : NULL, created_cb, self);
}

static void
create_blocking (Scene *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiChatCompletion) completion = oai_chat_endpoint_create (self->fixture.chat, self->fixture.request, NULL, &error);

  g_assert_true ((completion == NULL) == (error != NULL));
}

static void
look_at_result (Scene *self)
{
  g_autoptr(OaiRecord) record = self->stream != NULL ? oai_stream_dup_result (self->stream) : NULL;
  g_autofree char *json = record != NULL ? oai_record_to_json (record) : NULL;

  g_assert_true (record == NULL || json != NULL);
}

static void
pull (Scene *self)
{
  if (self->stream == NULL)
    return;

  self->n_pending++;
  oai_stream_next_async (self->stream, self->cancellable, next_cb, self);
}

static void
pull_blocking (Scene *self)
{
  g_autoptr(OaiStream) stream = self->stream != NULL ? g_object_ref (self->stream) : NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiRecord) chunk = stream != NULL ? oai_stream_next (stream, NULL, &error) : NULL;

  g_assert_true (chunk == NULL || error == NULL);
}

static void
run_blocking (Scene *self)
{
  g_autoptr(OaiStream) stream = self->stream != NULL ? g_object_ref (self->stream) : NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiRecord) record = stream != NULL ? oai_stream_run (stream, NULL, &error) : NULL;

  g_assert_true (record == NULL || error == NULL);
}

static void
change_coalescing (Scene *self)
{
  if (self->stream != NULL)
    oai_stream_set_coalesce_interval_ms (self->stream, pick (self, 3));
}

static void
load_more (Scene *self)
{
  if (self->page == NULL)
    return;

  self->n_pending++;
  oai_paged_list_load_more_async (self->page, pick (self, 2) == 0 ? self->cancellable : NULL, loaded_cb, self);
}

static void
change_settings (Scene *self)
{
  oai_settings_set_max_retries (self->fixture.settings, pick (self, 3));
}

static const struct
{
  const char *name;
  void (*act) (Scene *self);
} actions[] = {
  { "close-stream", close_stream },
  { "dispose-stream", dispose_stream },
  { "drop-stream", drop_stream },
  { "drop-page", drop_page },
  { "cancel", cancel },
  { "iterate", iterate },
  { "create", create },
  { "create-blocking", create_blocking },
  { "look-at-result", look_at_result },
  { "pull", pull },
  { "pull-blocking", pull_blocking },
  { "try-next", try_next },
  { "run-blocking", run_blocking },
  { "change-coalescing", change_coalescing },
  { "load-more", load_more },
  { "change-settings", change_settings },
};

static void
act (Scene *self, const char *where)
{
  guint action;

  if (self->countdown > 0)
    self->countdown--;
  if (self->countdown > 0 || self->depth == MAX_DEPTH || self->n_actions == MAX_ACTIONS)
    return;

  self->countdown = 1 + pick (self, 6);
  action = pick (self, G_N_ELEMENTS (actions));
  g_string_append_printf (self->trace, " %s:%s", where, actions[action].name);
  self->n_actions++;
  self->depth++;
  actions[action].act (self);
  self->depth--;
}

/* Handlers */

static void
handle (Scene *self, const char *where)
{
  g_assert_null (g_main_context_get_thread_default ());
  act (self, where);
}

static void
signal_cb (Scene *self)
{
  handle (self, "signal");
}

static void
notify_cb (GObject *object, GParamSpec *pspec, Scene *self)
{
  handle (self, pspec->name);
}

static void
state_cb (OaiCall *call, GParamSpec *pspec, gpointer user_data)
{
  g_assert_null (g_object_get_data (G_OBJECT (call), "failed"));
  if (oai_call_get_state (call) == OAI_CALL_STATE_FAILED)
    g_object_set_data (G_OBJECT (call), "failed", call);
}

static void
started_cb (OaiClient *client, OaiCall *call, Scene *self)
{
  g_signal_connect (call, "notify::state", G_CALLBACK (state_cb), NULL);
  g_signal_connect (call, "notify", G_CALLBACK (notify_cb), self);
  handle (self, "call-started");
}

/* Token requests are answered in the main context of the waiting call. */
static void
token_cb (OaiAuth *auth, OaiTokenRequest *request, Scene *self)
{
  act (self, "token-requested");
  oai_token_request_respond (request, CALL_FIXTURE_KEY);
}

/* Replies */

static OaiMockReply *
new_reply (Scene *self)
{
  OaiMockReply *reply;

  switch (pick (self, 7))
    {
    case 0:
      return oai_mock_reply_new_json (500, "{\"error\":{\"message\":\"no\"}}");
    case 1:
      return oai_mock_reply_new_json (200, COMPLETION ("whole"));
    case 2:
      return call_fixture_sse ("data: " CHUNK_TEXT ("a") "\n\ndata: " CHUNK_TEXT ("b"));
    case 3:
      return call_fixture_sse ("data: " CHUNK_TEXT ("a") CHUNK_TEXT ("b") "\n\ndata: {\"error\":{\"message\":\"x\"}}\n\n");
    case 4:
      reply = call_fixture_events (CHUNK_TEXT ("a"), CHUNK_TEXT ("b"), NULL);
      oai_mock_reply_set_hang_after (reply, 200);
      return reply;
    default:
      return call_fixture_events (CHUNK_TEXT ("a"), CHUNK_DELTA (CALL_DELTA), CHUNK_TEXT ("b"), CHUNK_STOP, NULL);
    }
}

static void
push_replies (Scene *self)
{
  for (guint i = 0; i < 3; i++)
    {
      OaiMockReply *reply = new_reply (self);

      if (pick (self, 2) == 0)
        {
          oai_mock_reply_set_chunk_size (reply, 1 + pick (self, 200));
          oai_mock_reply_set_chunk_delay (reply, pick (self, 2));
        }
      call_fixture_push (&self->fixture, reply);
    }
}

static void
open_page (Scene *self)
{
  g_autoptr(OaiFilesEndpoint) files = oai_files_endpoint_new (self->fixture.client);
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *json = g_strdup_printf ("{\"object\":\"list\",\"data\":[{\"id\":\"f%u\"}],\"has_more\":%s,\"last_id\":\"f%u\"}", i, pick (self, 4) > 0 ? "true" : "false", i);

      call_fixture_push (&self->fixture, oai_mock_reply_new_json (200, json));
    }
  self->page = oai_files_endpoint_list (files, NULL, NULL, &error);
  if (self->page == NULL)
    return;

  g_signal_connect (self->page, "notify", G_CALLBACK (notify_cb), self);
  g_signal_connect_swapped (self->page, "items-changed", G_CALLBACK (signal_cb), self);
  load_more (self);
}

/* A round */

static void
set_up (Scene *self, guint seed)
{
  g_autoptr(OaiAuth) auth = oai_auth_new (CALL_FIXTURE_KEY);

  self->random = g_rand_new_with_seed (seed);
  self->trace = g_string_new (NULL);
  self->cancellable = g_cancellable_new ();
  self->countdown = 1 + pick (self, 10);
  call_fixture_set_up (&self->fixture, NULL);
  oai_settings_set_timeout_ms (self->fixture.settings, 400);
  oai_settings_set_idle_timeout_ms (self->fixture.settings, 300);
  oai_settings_set_max_retries (self->fixture.settings, pick (self, 2));
  oai_settings_set_max_retry_delay_ms (self->fixture.settings, 20);
  if (pick (self, 3) == 0)
    {
      g_signal_connect (auth, "token-requested", G_CALLBACK (token_cb), self);
      call_fixture_renew (&self->fixture, auth);
    }
  g_signal_connect (self->fixture.client, "call-started", G_CALLBACK (started_cb), self);
}

static void
start_stream (Scene *self)
{
  const char *names[] = { "event", "chunk", "content-delta", "content-done", "tool-call-delta", "tool-call-done", "finished" };
  GCancellable *cancellable = pick (self, 2) == 0 ? self->cancellable : NULL;

  self->stream = OAI_STREAM (call_fixture_stream (&self->fixture));
  oai_stream_set_coalesce_interval_ms (self->stream, pick (self, 2));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (pick (self, 2) == 0)
      g_signal_connect_swapped (self->stream, names[i], G_CALLBACK (signal_cb), self);
  g_signal_connect (self->stream, "notify", G_CALLBACK (notify_cb), self);

  self->n_pending++;
  if (pick (self, 2) == 0)
    oai_stream_run_async (self->stream, cancellable, ran_cb, self);
  else
    oai_stream_next_async (self->stream, cancellable, next_cb, self);
}

static void
tear_down (Scene *self)
{
  g_clear_object (&self->stream);
  g_clear_object (&self->page);
  g_clear_object (&self->cancellable);
  call_fixture_tear_down (&self->fixture, NULL);
  g_string_free (self->trace, TRUE);
  g_rand_free (self->random);
}

static void
play (guint seed)
{
  Scene scene = { 0 };
  gint64 deadline = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  set_up (&scene, seed);
  if (pick (&scene, 4) == 0)
    open_page (&scene);
  push_replies (&scene);
  start_stream (&scene);
  while (scene.n_pending > 0)
    {
      if (g_get_monotonic_time () > deadline)
        g_error ("Seed %u: %u callbacks were not called, after%s", seed, scene.n_pending, scene.trace->str);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (200);
    }
  g_test_message ("seed %u:%s", seed, scene.trace->str);
  /* From here on, the test would not wait for calls that a handler starts. */
  scene.n_actions = MAX_ACTIONS;
  tear_down (&scene);
}

static guint first_seed = 1;
static guint n_rounds = DEFAULT_ROUNDS;

static void
test_random_actions (void)
{
  for (guint i = 0; i < n_rounds; i++)
    play (first_seed + i);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (argc > 1)
    first_seed = strtoul (argv[1], NULL, 10);
  if (argc > 2)
    n_rounds = strtoul (argv[2], NULL, 10);

  g_test_add_func ("/reentrancy/random-actions-in-every-handler", test_random_actions);

  return g_test_run ();
}
