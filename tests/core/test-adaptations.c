/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Requests that a server refuses because of a member are repaired once, and the client remembers it. */

#include "call-fixture.h"

#include <string.h>

#define COMPLETION_HI COMPLETION ("hi")
#define MISTRAL "{\"object\":\"error\",\"message\":{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"body\",\"stream_options\",\"include_usage\"]," \
                "\"msg\":\"Extra inputs are not permitted\",\"input\":true}]},\"type\":\"invalid_request_error\",\"param\":null,\"code\":null}"

static char *
dup_body (CallFixture *self, int index)
{
  g_autoptr (OaiMockRequest) request = oai_mock_server_dup_request (self->server, index);

  return oai_mock_request_dup_body_text (request);
}

static void
assert_sent (CallFixture *self, int index, const char *member, gboolean expected)
{
  g_autofree char *body = dup_body (self, index);

  if ((strstr (body, member) != NULL) != expected)
    g_error ("%s in %s", member, body);
}

static void
assert_adaptations (OaiCall *call, const char *expected)
{
  g_autofree char *names = g_strjoinv (",", (char **) oai_call_get_adaptations (call));

  g_assert_cmpstr (names, ==, expected);
}

static OaiCall *
assert_streams (CallFixture *self)
{
  g_autoptr (OaiChatStream) stream = call_fixture_stream (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiRecord) record = call_fixture_run (OAI_STREAM (stream), NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (oai_chat_completion_get_text (OAI_CHAT_COMPLETION (record)));

  return g_object_ref (oai_record_get_call (record));
}

static void
test_stream_options (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiCall) first = NULL;
  g_autoptr (OaiCall) second = NULL;

  g_assert_true (oai_record_set_member (OAI_RECORD (self->request), "stream_options", "{\"include_usage\":true}", NULL));
  call_fixture_push (self, oai_mock_reply_new_json (422, MISTRAL));
  first = assert_streams (self);
  g_assert_cmpuint (oai_call_get_n_attempts (first), ==, 2);
  assert_adaptations (first, "stream_options");
  assert_sent (self, 0, "stream_options", TRUE);
  assert_sent (self, 1, "stream_options", FALSE);

  second = assert_streams (self);
  g_assert_cmpuint (oai_call_get_n_attempts (second), ==, 1);
  assert_adaptations (second, "stream_options");
  assert_sent (self, 2, "stream_options", FALSE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, func) g_test_add ("/adaptations/" path, CallFixture, NULL, call_fixture_set_up, func, call_fixture_tear_down)
  ADD ("stream-options", test_stream_options);

  return g_test_run ();
}
