/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "call-fixture.h"

#include <stdarg.h>

void
call_fixture_set_up (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiAuth) auth = oai_auth_new (CALL_FIXTURE_KEY);
  g_autoptr (GError) error = NULL;

  self->server = oai_mock_server_new ();
  oai_mock_server_start_in_thread (self->server, &error);
  g_assert_no_error (error);

  self->settings = oai_settings_new_for_base_url (oai_mock_server_get_base_url (self->server), &error);
  g_assert_no_error (error);
  oai_settings_set_max_retries (self->settings, 0);
  call_fixture_renew (self, auth);

  self->request = oai_chat_request_new ("gpt-4o");
  oai_chat_request_add_user_message (self->request, "Hello");
}

void
call_fixture_renew (CallFixture *self, OaiAuth *auth)
{
  g_clear_object (&self->chat);
  g_clear_object (&self->client);
  self->client = oai_client_new (auth, self->settings);
  self->chat = oai_chat_endpoint_new (self->client);
}

void
call_fixture_tear_down (CallFixture *self, gconstpointer user_data)
{
  g_clear_object (&self->request);
  g_clear_object (&self->chat);
  /* Cancelled operations can still hold a reference for a moment; nothing else may. */
  wait_until (G_OBJECT (self->client)->ref_count == 1);
  g_assert_finalize_object (g_steal_pointer (&self->client));
  g_clear_object (&self->settings);
  oai_mock_server_stop (self->server);
  g_clear_object (&self->server);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

void
call_fixture_push (CallFixture *self, OaiMockReply *reply)
{
  oai_mock_server_push_reply (self->server, reply);
  g_object_unref (reply);
}

OaiMockReply *
call_fixture_events (const char *first, ...)
{
  OaiMockReply *reply = oai_mock_reply_new_events ();
  const char *data;
  va_list list;

  va_start (list, first);
  for (data = first; data != NULL; data = va_arg (list, const char *))
    oai_mock_reply_add_event (reply, NULL, data);
  va_end (list);
  oai_mock_reply_add_event (reply, NULL, "[DONE]");

  return reply;
}

OaiMockReply *
call_fixture_sse (const char *text)
{
  return oai_mock_reply_new_text (200, "text/event-stream", text);
}

void
call_store_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **place = user_data;

  g_assert_null (*place);
  *place = g_object_ref (result);
}

GAsyncResult *
call_wait (GAsyncResult **result)
{
  wait_until (*result != NULL);

  return *result;
}

OaiChatCompletion *
call_fixture_create (CallFixture *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  oai_chat_endpoint_create_async (self->chat, self->request, cancellable, call_store_result, &result);

  return oai_chat_endpoint_create_finish (self->chat, call_wait (&result), error);
}

OaiRecord *
call_fixture_run (OaiStream *stream, GCancellable *cancellable, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  oai_stream_run_async (stream, cancellable, call_store_result, &result);

  return oai_stream_run_finish (stream, call_wait (&result), error);
}

OaiChatStream *
call_fixture_stream (CallFixture *self)
{
  return oai_chat_endpoint_create_stream (self->chat, self->request);
}
