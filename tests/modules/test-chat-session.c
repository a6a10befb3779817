/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sessions of chat completions. */

#include "test-module.h"

/* Replies */

static void
push_events (Fixture *fixture, const char *events)
{
  g_autoptr(OaiMockReply) reply = oai_mock_reply_new_text (200, "text/event-stream", events);

  oai_mock_server_push_reply (fixture->server, reply);
}

/* delta: the members of the delta, JSON.  finish_reason: JSON. */
static void
append_event (GString *events, const char *delta, const char *finish_reason)
{
  g_string_append_printf (events,
                          "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":"
                          "[{\"index\":0,\"delta\":{%s},\"finish_reason\":%s}]}\n\n",
                          delta, finish_reason);
}

static void
push_text (Fixture *fixture, const char *first, const char *second)
{
  g_autoptr(GString) events = g_string_new (NULL);
  g_autofree char *start = g_strdup_printf ("\"role\":\"assistant\",\"content\":\"%s\"", first);
  g_autofree char *end = g_strdup_printf ("\"content\":\"%s\"", second);

  append_event (events, start, "null");
  append_event (events, end, "null");
  append_event (events, "", "\"stop\"");
  g_string_append (events, "data: [DONE]\n\n");
  push_events (fixture, events->str);
}

/* Observation: what a list view would show. */

typedef struct
{
  GPtrArray *items;
  GString *log;
} Observer;

static void
text_cb (OaiSessionItem *item, GParamSpec *pspec, Observer *observer)
{
  g_string_append_printf (observer->log, "[%s]", oai_session_item_get_text (item));
}

static void
state_cb (OaiSessionItem *item, GParamSpec *pspec, Observer *observer)
{
  g_string_append_printf (observer->log, "<%d>", oai_session_item_get_state (item));
}

static void
items_changed_cb (GListModel *model, guint position, guint removed, guint added, Observer *observer)
{
  if (removed > 0)
    g_ptr_array_remove_range (observer->items, position, removed);
  for (guint i = 0; i < added; i++)
    {
      OaiSessionItem *item = g_list_model_get_item (model, position + i);

      g_ptr_array_insert (observer->items, position + i, item);
      g_string_append_printf (observer->log, "+%d", oai_session_item_get_kind (item));
      g_signal_connect (item, "notify::text", G_CALLBACK (text_cb), observer);
      g_signal_connect (item, "notify::state", G_CALLBACK (state_cb), observer);
    }
  g_assert_cmpuint (observer->items->len, ==, g_list_model_get_n_items (model));
}

static void
observer_init (Observer *observer, OaiSession *session)
{
  observer->items = g_ptr_array_new_with_free_func (g_object_unref);
  observer->log = g_string_new (NULL);
  g_signal_connect (session, "items-changed", G_CALLBACK (items_changed_cb), observer);
}

static void
observer_clear (Observer *observer, OaiSession *session)
{
  g_signal_handlers_disconnect_by_data (session, observer);
  for (guint i = 0; i < observer->items->len; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (observer->items, i), observer);
  g_ptr_array_unref (observer->items);
  g_string_free (observer->log, TRUE);
}

static char *
dup_messages (Fixture *fixture, int index)
{
  g_autoptr(OaiMockRequest) request = oai_mock_server_dup_request (fixture->server, index);
  g_autofree char *body = oai_mock_request_dup_body_text (request);
  g_autoptr(OaiRecord) record = oai_record_new_from_json (OAI_TYPE_CHAT_REQUEST, body, NULL);

  return oai_record_dup_member (record, "messages");
}

static OaiSessionItem *
send_text (OaiSession *session, const char *text, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  oai_session_send_async (session, text, NULL, keep_result, &result);
  wait_for (&result);

  return oai_session_send_finish (session, result, error);
}

/* Tests */

static void
test_stream (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (fixture->client, "m");
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *messages = NULL;
  Observer observer;

  observer_init (&observer, session);
  oai_session_set_instructions (session, "Be brief.");
  push_text (fixture, "Hel", "lo");
  answer = send_text (session, "Hi", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_session_item_get_text (answer), ==, "Hello");
  g_assert_cmpstr (oai_session_get_text (session), ==, "Hello");
  g_assert_cmpstr (observer.log->str, ==, "+0+0[Hel][Hello]<1>");
  g_assert_cmpint (oai_session_get_state (session), ==, OAI_SESSION_STATE_IDLE);

  messages = dup_messages (fixture, 0);
  g_assert_cmpstr (messages, ==, "[{\"role\":\"system\",\"content\":\"Be brief.\"},{\"role\":\"user\",\"content\":\"Hi\"}]");
  observer_clear (&observer, session);
}

static void
test_second_turn (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (fixture->client, "m");
  g_autoptr(OaiSessionItem) first = NULL;
  g_autoptr(OaiSessionItem) second = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *messages = NULL;

  push_text (fixture, "Hel", "lo");
  push_text (fixture, "By", "e");
  first = send_text (session, "Hi", &error);
  g_assert_no_error (error);
  second = oai_session_send (session, "I must go", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oai_session_item_get_text (second), ==, "Bye");

  messages = dup_messages (fixture, 1);
  g_assert_cmpstr (messages, ==,
                   "[{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":\"assistant\",\"content\":\"Hello\"},"
                   "{\"role\":\"user\",\"content\":\"I must go\"}]");
}

static void
stop_cb (OaiSession *session)
{
  if (oai_session_get_text (session) != NULL)
    oai_session_stop (session);
}

static void
test_stop (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (fixture->client, "m");
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(OaiSessionItem) next = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *messages = NULL;
  gulong id = g_signal_connect (session, "notify::text", G_CALLBACK (stop_cb), NULL);

  push_text (fixture, "Hel", "lo");
  g_assert_null (send_text (session, "Hi", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (session)), ==, 2);
  answer = g_list_model_get_item (G_LIST_MODEL (session), 1);
  g_assert_cmpstr (oai_session_item_get_text (answer), ==, "Hel");
  g_assert_cmpint (oai_session_item_get_state (answer), ==, OAI_SESSION_ITEM_STATE_INCOMPLETE);

  g_signal_handler_disconnect (session, id);
  push_text (fixture, "By", "e");
  next = send_text (session, "Go on", &error);
  g_assert_no_error (error);
  messages = dup_messages (fixture, 1);
  g_assert_cmpstr (messages, ==,
                   "[{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":\"assistant\",\"content\":\"Hel\"},"
                   "{\"role\":\"user\",\"content\":\"Go on\"}]");
}

static void
test_error (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OaiSession) session = oai_chat_session_new (fixture->client, "m");
  g_autoptr(OaiMockReply) refused = oai_mock_reply_new_json (400, "{\"error\":{\"message\":\"No.\"}}");
  g_autoptr(OaiSessionItem) answer = NULL;
  g_autoptr(GError) error = NULL;

  oai_mock_server_push_reply (fixture->server, refused);
  g_assert_null (send_text (session, "Hi", &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_BAD_REQUEST);
  g_assert_error (oai_session_get_error (session), OAI_ERROR, OAI_ERROR_BAD_REQUEST);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (session)), ==, 1);
  g_clear_error (&error);

  push_text (fixture, "Hel", "lo");
  answer = send_text (session, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (oai_session_get_error (session));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (session)), ==, 2);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  TEST ("/chat-session/stream", test_stream);
  TEST ("/chat-session/second-turn", test_second_turn);
  TEST ("/chat-session/stop", test_stop);
  TEST ("/chat-session/error", test_error);

  return g_test_run ();
}
