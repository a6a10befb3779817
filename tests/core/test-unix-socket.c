/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Servers that listen on a UNIX socket. */

#include "call-fixture.h"
#include "unix-relay.h"

#include <libsoup/soup.h>

typedef struct
{
  CallFixture calls;
  UnixRelay *relay;
  char *address;
} Fixture;

static void
set_up (Fixture *self, gconstpointer user_data)
{
  g_autoptr (OaiAuth) auth = oai_auth_new (CALL_FIXTURE_KEY);
  g_autoptr (GError) error = NULL;

  call_fixture_set_up (&self->calls, user_data);
  self->relay = unix_relay_new (oai_mock_server_get_port (self->calls.server));
  self->address = g_strconcat ("unix:", unix_relay_get_path (self->relay), NULL);
  oai_settings_set_base_url (self->calls.settings, self->address, &error);
  g_assert_no_error (error);
  call_fixture_renew (&self->calls, auth);
}

static void
tear_down (Fixture *self, gconstpointer user_data)
{
  call_fixture_tear_down (&self->calls, user_data);
  g_clear_pointer (&self->relay, unix_relay_free);
  g_clear_pointer (&self->address, g_free);
}

static void
on_call_started (OaiClient *client, OaiCall *call, OaiCall **last)
{
  g_set_object (last, call);
}

static void
assert_completed (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiChatCompletion) completion = call_fixture_create (&self->calls, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (completion);
}

static void
test_calls (Fixture *self, gconstpointer user_data)
{
  g_autofree char *shown = g_strconcat (self->address, ":/v1/chat/completions", NULL);
  g_autoptr (OaiMockRequest) request = NULL;
  g_autoptr (OaiCall) call = NULL;

  g_signal_connect (self->calls.client, "call-started", G_CALLBACK (on_call_started), &call);
  for (guint i = 0; i < 3; i++)
    assert_completed (self);

  request = oai_mock_server_dup_request (self->calls.server, 0);
  g_assert_cmpstr (oai_mock_request_get_path (request), ==, "/v1/chat/completions");
  g_assert_cmpstr (oai_mock_request_get_header (request, "Host"), ==, "localhost");
  g_assert_cmpstr (oai_mock_request_get_header (request, "Authorization"), ==, "Bearer " CALL_FIXTURE_KEY);
  g_assert_cmpstr (oai_call_get_url (call), ==, shown);
  g_assert_cmpuint (unix_relay_get_n_connections (self->relay), ==, 1);
  g_assert_cmpuint (oai_mock_server_get_n_connections (self->calls.server), ==, 1);
}

/* The error names the address as it was given, which has a version. */
static void
test_not_found (Fixture *self, gconstpointer user_data)
{
  g_autofree char *message = g_strdup_printf ("The server did not find %s:/v1/chat/completions: 404 page not found", self->address);
  g_autoptr (OaiChatCompletion) completion = NULL;
  g_autoptr (GError) error = NULL;

  call_fixture_push (&self->calls, oai_mock_reply_new_text (404, "text/plain", "404 page not found"));
  completion = call_fixture_create (&self->calls, NULL, &error);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_streams (Fixture *self, gconstpointer user_data)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (OaiChatStream) stream = call_fixture_stream (&self->calls);
      g_autoptr (GError) error = NULL;
      g_autoptr (OaiRecord) record = call_fixture_run (OAI_STREAM (stream), NULL, &error);

      g_assert_no_error (error);
      g_assert_nonnull (record);
    }
  g_assert_cmpuint (unix_relay_get_n_connections (self->relay), >=, 1);
}

static void
test_blocking_calls (Fixture *self, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiChatCompletion) completion = oai_chat_endpoint_create (self->calls.chat, self->calls.request, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (completion);
  g_assert_cmpuint (unix_relay_get_n_connections (self->relay), ==, 1);
}

/* The proxy and other settings of the session are for the network. */
static void
test_session_of_the_program (Fixture *self, gconstpointer user_data)
{
  g_autoptr (OaiAuth) auth = oai_auth_new (CALL_FIXTURE_KEY);
  g_autoptr (GProxyResolver) proxy = g_simple_proxy_resolver_new ("http://127.0.0.1:1", NULL);
  g_autoptr (SoupSession) session = soup_session_new_with_options ("proxy-resolver", proxy, NULL);

  g_clear_object (&self->calls.chat);
  g_clear_object (&self->calls.client);
  self->calls.client = oai_client_new_with_session (auth, self->calls.settings, session);
  self->calls.chat = oai_chat_endpoint_new (self->calls.client);
  assert_completed (self);
  g_assert_cmpuint (unix_relay_get_n_connections (self->relay), ==, 1);
}

static void
test_each_address_has_its_connections (Fixture *self, gconstpointer user_data)
{
  g_autoptr (UnixRelay) other = unix_relay_new (oai_mock_server_get_port (self->calls.server));
  g_autofree char *other_address = g_strconcat ("unix:", unix_relay_get_path (other), ":/v1/", NULL);

  for (guint i = 0; i < 3; i++)
    {
      g_assert_true (oai_settings_set_base_url (self->calls.settings, self->address, NULL));
      assert_completed (self);
      g_assert_true (oai_settings_set_base_url (self->calls.settings, other_address, NULL));
      assert_completed (self);
      g_assert_true (oai_settings_set_base_url (self->calls.settings, oai_mock_server_get_base_url (self->calls.server), NULL));
      assert_completed (self);
    }

  g_assert_cmpuint (unix_relay_get_n_connections (self->relay), ==, 1);
  g_assert_cmpuint (unix_relay_get_n_connections (other), ==, 1);
  g_assert_cmpuint (oai_mock_server_get_n_connections (self->calls.server), ==, 3);
  g_clear_object (&self->calls.chat);
  wait_until (G_OBJECT (self->calls.client)->ref_count == 1);
  g_clear_object (&self->calls.client);
  self->calls.client = oai_client_new (NULL, self->calls.settings);
}

static void
test_many_sockets (Fixture *self, gconstpointer user_data)
{
  for (guint i = 0; i < 40; i++)
    {
      g_autoptr (UnixRelay) relay = unix_relay_new (oai_mock_server_get_port (self->calls.server));
      g_autofree char *address = g_strconcat ("unix:", unix_relay_get_path (relay), NULL);

      g_assert_true (oai_settings_set_base_url (self->calls.settings, address, NULL));
      assert_completed (self);
      g_assert_cmpuint (unix_relay_get_n_connections (relay), ==, 1);
    }
}

static char *
invoke (Fixture *self, const char *path, GError **error)
{
  return oai_client_invoke (self->calls.client, "GET", path, NULL, NULL, NULL, error);
}

/* Only paths below the base URL are requested at the socket. */
static void
test_whole_urls_use_the_network (Fixture *self, gconstpointer user_data)
{
  g_autofree char *url = g_strconcat (oai_mock_server_get_base_url (self->calls.server), "/models", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *reply = invoke (self, url, &error);

  g_assert_no_error (error);
  g_assert_nonnull (reply);
  g_assert_cmpuint (unix_relay_get_n_connections (self->relay), ==, 0);
}

static void
test_redirects_stay_at_the_socket (Fixture *self, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *reply = NULL;

  call_fixture_push (&self->calls, oai_mock_reply_new_redirect (307, "/v1/models/gpt-4o"));
  reply = invoke (self, "models", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (oai_mock_server_get_n_requests (self->calls.server), ==, 2);
  g_assert_cmpuint (unix_relay_get_n_connections (self->relay), ==, oai_mock_server_get_n_connections (self->calls.server));
}

static void
test_redirects_elsewhere_fail (Fixture *self, gconstpointer user_data)
{
  g_autofree char *url = g_strconcat (oai_mock_server_get_base_url (self->calls.server), "/models", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *reply = NULL;

  call_fixture_push (&self->calls, oai_mock_reply_new_redirect (302, url));
  reply = invoke (self, "models", &error);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "127.0.0.1"));
  g_assert_null (reply);
  g_assert_cmpuint (oai_mock_server_get_n_requests (self->calls.server), ==, 1);
}

static void
test_missing_socket (Fixture *self, gconstpointer user_data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (oai_settings_set_base_url (self->calls.settings, "unix:/nonexistent/llama.sock", NULL));
  g_assert_null (call_fixture_create (&self->calls, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_CONNECTION);
  g_assert_cmpstr (error->message, ==, "Could not connect to /nonexistent/llama.sock: no server listens at this socket. "
                                       "Check that a server is running, and that the path is right.");
  g_assert_null (strstr (error->message, CALL_FIXTURE_KEY));
}

static void
test_environment (Fixture *self, gconstpointer user_data)
{
  g_autoptr (OaiAuth) auth = oai_auth_new (CALL_FIXTURE_KEY);

  g_clear_object (&self->calls.settings);
  g_setenv ("OPENAI_BASE_URL", self->address, TRUE);
  self->calls.settings = oai_settings_new ();
  g_unsetenv ("OPENAI_BASE_URL");
  call_fixture_renew (&self->calls, auth);
  assert_completed (self);
  g_assert_cmpuint (unix_relay_get_n_connections (self->relay), ==, 1);
}

#define ADD(name, func) g_test_add ("/unix-socket/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("calls", test_calls);
  ADD ("not found", test_not_found);
  ADD ("streams", test_streams);
  ADD ("blocking calls", test_blocking_calls);
  ADD ("session of the program", test_session_of_the_program);
  ADD ("each address has its connections", test_each_address_has_its_connections);
  ADD ("many sockets", test_many_sockets);
  ADD ("whole URLs use the network", test_whole_urls_use_the_network);
  ADD ("redirects stay at the socket", test_redirects_stay_at_the_socket);
  ADD ("redirects elsewhere fail", test_redirects_elsewhere_fail);
  ADD ("missing socket", test_missing_socket);
  ADD ("environment", test_environment);

  return g_test_run ();
}
