/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A client of MCP servers on the network, with and without sessions, and with hostile behaviour. */

#include "../core/soup-listener.h"
#include "mcp-fixture.h"

#include <json-glib/json-glib.h>

#define STATELESS "2026-07-28"
#define SESSION "2025-11-25"

typedef struct
{
  McpFixture mcp;
  SoupServer *server;
  char *url;
  gboolean stateless;
  gboolean events;        /* replies are event streams */
  gboolean only_json;     /* there is no stream for messages without a request: 405 */
  const char *token;      /* that requests need, or NULL */
  const char *behaviour;  /* for tools/call */
  GString *requests;      /* method, and for POST the method of the message */
  guint n_listens;        /* streams for messages without a request */
  const char *listening;  /* behaviour of these streams */
  guint end_source;       /* ends such a stream */
  const char *redirect;   /* where requests to /mcp are redirected, or NULL */
  SoupServerMessage *listener;
  SoupServerMessage *held; /* a reply that does not end */
  gint64 held_id;
  guint n_sessions;
  char *last_event_id;
  char *param_header;
  char *name_header;
} Fixture;

/* The server */

static const char *
get_header (SoupServerMessage *message, const char *name)
{
  return soup_message_headers_get_one (soup_server_message_get_request_headers (message), name);
}

static void
send_json (SoupServerMessage *message, guint status, const char *json)
{
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, json, strlen (json));
}

static void
begin_events (SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  soup_server_message_set_status (message, 200, NULL);
  soup_message_headers_set_content_type (headers, "text/event-stream", NULL);
  soup_message_headers_set_encoding (headers, SOUP_ENCODING_CHUNKED);
  soup_message_body_set_accumulate (soup_server_message_get_response_body (message), FALSE);
}

static void
append_text (SoupServerMessage *message, const char *text)
{
  soup_message_body_append (soup_server_message_get_response_body (message), SOUP_MEMORY_COPY, text, strlen (text));
  soup_server_message_unpause (message);
}

static void
append_event (SoupServerMessage *message, const char *id, const char *json)
{
  g_autofree char *event = g_strdup_printf ("%s%s%sevent: message\ndata: %s\n\n", id != NULL ? "id: " : "", id != NULL ? id : "",
                                            id != NULL ? "\n" : "", json);

  append_text (message, event);
}

static void
end_events (SoupServerMessage *message)
{
  soup_message_body_complete (soup_server_message_get_response_body (message));
  soup_server_message_unpause (message);
}

static char *
build_response (gint64 id, const char *result)
{
  return g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%" G_GINT64_FORMAT ",\"result\":%s}", id, result);
}

static char *
build_error (gint64 id, int code, const char *data)
{
  return g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%" G_GINT64_FORMAT ",\"error\":{\"code\":%d,\"message\":\"refused\",\"data\":%s}}", id, code, data);
}

static void
answer (Fixture *self, SoupServerMessage *message, gint64 id, const char *result)
{
  g_autofree char *json = build_response (id, result);

  if (!self->events)
    {
      send_json (message, 200, json);
      return;
    }

  begin_events (message);
  append_text (message, ": comment\n\n");
  append_event (message, self->stateless ? NULL : "1", "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"level\":\"info\",\"data\":\"working\"}}");
  append_event (message, self->stateless ? NULL : "2", json);
  end_events (message);
}

static void
hold (Fixture *self, SoupServerMessage *message, gint64 id)
{
  g_set_object (&self->held, message);
  self->held_id = id;
}

/* Returns FALSE if the tool has no special behaviour. */
static gboolean
misbehave (Fixture *self, SoupServerMessage *message, gint64 id)
{
  g_autofree char *text = NULL;

  if (self->behaviour == NULL)
    return FALSE;

  if (g_str_equal (self->behaviour, "silent"))
    {
      begin_events (message);
      append_text (message, ": wait\n\n");
      soup_server_message_pause (message);
      hold (self, message, id);
    }
  else if (g_str_equal (self->behaviour, "page"))
    {
      soup_server_message_set_status (message, 200, NULL);
      soup_server_message_set_response (message, "text/html", SOUP_MEMORY_STATIC, "<html>", 6);
    }
  else if (g_str_equal (self->behaviour, "empty"))
    soup_server_message_set_status (message, 202, NULL);
  else if (g_str_equal (self->behaviour, "large"))
    {
      text = g_strnfill (300000, ' ');
      send_json (message, 200, text);
    }
  else if (g_str_equal (self->behaviour, "large-event"))
    {
      text = g_strnfill (300000, 'x');
      begin_events (message);
      append_event (message, NULL, text);
      end_events (message);
    }
  else if (g_str_equal (self->behaviour, "ends"))
    {
      begin_events (message);
      append_text (message, ": ends\n\n");
      end_events (message);
    }
  else if (g_str_equal (self->behaviour, "resumes"))
    {
      /* An event without data, from which the stream continues. */
      self->held_id = id;
      begin_events (message);
      append_text (message, "id: stream-7\nretry: 1\ndata:\n\n");
      end_events (message);
    }
  else if (g_str_equal (self->behaviour, "lost-session"))
    soup_server_message_set_status (message, 404, NULL);
  else if (g_str_equal (self->behaviour, "error"))
    {
      text = build_error (id, -32602, "null");
      send_json (message, 400, text);
    }
  else if (g_str_equal (self->behaviour, "denied"))
    send_json (message, 403, "{\"error\":\"denied\"}");

  return TRUE;
}

static const char *
get_result (Fixture *self, const char *method)
{
  if (g_str_equal (method, "initialize"))
    return "{\"protocolVersion\":\"" SESSION "\",\"capabilities\":{\"tools\":{\"listChanged\":true}},\"serverInfo\":{\"name\":\"http\",\"version\":\"1\"}}";
  if (g_str_equal (method, "server/discover"))
    return "{\"resultType\":\"complete\",\"supportedVersions\":[\"" STATELESS "\"],\"capabilities\":{\"tools\":{}}}";
  if (g_str_equal (method, "tools/list"))
    return "{\"tools\":[{\"name\":\"echo\",\"inputSchema\":{\"type\":\"object\",\"properties\":{\"region\":{\"type\":\"string\",\"x-mcp-header\":\"Region\"},"
           "\"deep\":{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\",\"x-mcp-header\":\"Depth\"}}}}}},"
           "{\"name\":\"bad\",\"inputSchema\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"number\",\"x-mcp-header\":\"A\"}}}},"
           "{\"name\":\"worse\",\"inputSchema\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"A\\r\\nB: c\"}}}},"
           "{\"name\":\"worst\",\"inputSchema\":{\"type\":\"object\",\"anyOf\":[{\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"A\"}}}]}}]}";
  if (g_str_equal (method, "tools/call"))
    return "{\"content\":[{\"type\":\"text\",\"text\":\"called\"}]}";

  return "{}";
}

static void
check_stateless (Fixture *self, SoupServerMessage *message, const char *method)
{
  g_assert_cmpstr (get_header (message, "MCP-Protocol-Version"), ==, STATELESS);
  g_assert_cmpstr (get_header (message, "Mcp-Method"), ==, method);
  g_assert_null (get_header (message, "Mcp-Session-Id"));
  g_free (self->param_header);
  self->param_header = g_strdup (get_header (message, "Mcp-Param-Region"));
  g_free (self->name_header);
  self->name_header = g_strdup (get_header (message, "Mcp-Name"));
}

/* A server with sessions.  Returns FALSE if it has answered with an error. */
static gboolean
check_session (Fixture *self, SoupServerMessage *message, const char *method)
{
  if (g_str_equal (method, "initialize"))
    {
      g_autofree char *session = g_strdup_printf ("session-%u", ++self->n_sessions);

      g_assert_null (get_header (message, "Mcp-Session-Id"));
      soup_message_headers_replace (soup_server_message_get_response_headers (message), "Mcp-Session-Id", session);
      return TRUE;
    }
  if (get_header (message, "Mcp-Session-Id") == NULL)
    {
      send_json (message, 400, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32000,\"message\":\"No session\"}}");
      return FALSE;
    }

  g_assert_true (g_str_has_prefix (get_header (message, "Mcp-Session-Id"), "session-"));
  g_assert_cmpstr (get_header (message, "MCP-Protocol-Version"), ==, SESSION);

  return TRUE;
}

static void
take_post (Fixture *self, SoupServerMessage *message)
{
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_autoptr(GBytes) bytes = soup_message_body_flatten (body);
  g_autoptr(JsonParser) parser = json_parser_new ();
  g_autoptr(GError) error = NULL;
  const char *method;
  JsonObject *object;

  json_parser_load_from_data (parser, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &error);
  g_assert_no_error (error);
  object = json_node_get_object (json_parser_get_root (parser));
  method = json_object_get_string_member_with_default (object, "method", "response");
  g_string_append_printf (self->requests, "%s;", method);
  g_assert_cmpstr (get_header (message, "Accept"), ==, "application/json, text/event-stream");
  if (self->stateless)
    check_stateless (self, message, method);
  else if (!check_session (self, message, method))
    return;

  if (!json_object_has_member (object, "id") || !json_object_has_member (object, "method"))
    soup_server_message_set_status (message, 202, NULL);
  else if (!g_str_equal (method, "tools/call") || !misbehave (self, message, json_object_get_int_member (object, "id")))
    answer (self, message, json_object_get_int_member (object, "id"), get_result (self, method));
}

static gboolean
end_events_cb (gpointer user_data)
{
  Fixture *self = user_data;

  self->end_source = 0;
  end_events (self->listener);

  return G_SOURCE_REMOVE;
}

/* Ends the stream at once, or after it was idle for some time. */
static void
listen_shortly (Fixture *self, SoupServerMessage *message)
{
  gboolean is_idle = g_str_equal (self->listening, "idle");

  append_text (message, is_idle && self->n_listens > 1 ? ": idle\n\n" : "retry: 0\ndata: {}\n\n");
  if (is_idle)
    {
      soup_server_message_pause (message);
      g_set_object (&self->listener, message);
      self->end_source = g_timeout_add (120, end_events_cb, self);
    }
  else
    end_events (message);
}

static void
take_get (Fixture *self, SoupServerMessage *message)
{
  const char *id = get_header (message, "Last-Event-ID");
  g_autofree char *json = NULL;

  g_string_append (self->requests, "GET;");
  if (id == NULL && self->only_json)
    {
      soup_server_message_set_status (message, 405, NULL);
      return;
    }

  g_assert_cmpstr (get_header (message, "Accept"), ==, "text/event-stream");
  self->n_listens++;
  begin_events (message);
  if (self->listening != NULL)
    {
      listen_shortly (self, message);
      return;
    }
  if (id != NULL)
    {
      g_free (self->last_event_id);
      self->last_event_id = g_strdup (id);
      json = build_response (self->held_id, get_result (self, "tools/call"));
      append_event (message, NULL, json);
      end_events (message);
      return;
    }

  append_text (message, ": open\n\n");
  soup_server_message_pause (message);
  g_set_object (&self->listener, message);
}

static void
request_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  Fixture *self = user_data;
  const char *method = soup_server_message_get_method (message);
  const char *redirect = g_str_equal (path, "/mcp") ? self->redirect : NULL;
  g_autofree char *expected = self->token != NULL ? g_strconcat ("Bearer ", self->token, NULL) : NULL;

  g_assert_null (get_header (message, "X-Stainless-Lang"));
  g_assert_null (get_header (message, "OpenAI-Organization"));
  if (expected != NULL && g_strcmp0 (get_header (message, "Authorization"), expected) != 0)
    {
      send_json (message, 401, "{}");
      return;
    }
  if (expected == NULL)
    g_assert_null (get_header (message, "Authorization"));
  if (redirect != NULL)
    {
      soup_server_message_set_redirect (message, 307, redirect);
      return;
    }

  if (g_str_equal (method, "POST"))
    take_post (self, message);
  else if (g_str_equal (method, "GET"))
    take_get (self, message);
  else
    {
      g_string_append_printf (self->requests, "%s;", method);
      soup_server_message_set_status (message, 204, NULL);
    }
}

/* The client */

static void
set_up (Fixture *self, gboolean stateless, OaiAuth *auth)
{
  *self = (Fixture) { .stateless = stateless, .requests = g_string_new (NULL), .mcp.log = g_string_new (NULL) };
  self->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (self->server, "/mcp", request_cb, self, NULL);
  self->url = g_strdup_printf ("http://127.0.0.1:%d/mcp", soup_listener_start (self->server, 0));
  self->mcp.client = oai_mcp_client_new_for_url (self->url, auth);
}

static void
set_up_connected (Fixture *self, gboolean stateless)
{
  g_autoptr(GError) error = NULL;

  set_up (self, stateless, NULL);
  try_connect (&self->mcp, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *self)
{
  g_clear_handle_id (&self->end_source, g_source_remove);
  close_client (&self->mcp);
  release_client (&self->mcp);
  soup_server_disconnect (self->server);
  g_clear_object (&self->listener);
  g_clear_object (&self->held);
  g_clear_object (&self->server);
  g_string_free (self->requests, TRUE);
  g_free (self->last_event_id);
  g_free (self->param_header);
  g_free (self->name_header);
  g_free (self->url);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
assert_call_works (Fixture *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiMcpToolResult) result = call_tool (&self->mcp, "echo", NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (oai_mcp_text_content_get_text (oai_mcp_tool_result_get_content_parts (result)->pdata[0]), ==, "called");
}

static void
assert_call_fails (Fixture *self, const char *behaviour, GQuark domain, int code)
{
  g_autoptr(GError) error = NULL;

  self->behaviour = behaviour;
  g_assert_null (call_tool (&self->mcp, "echo", NULL, &error));
  g_assert_error (error, domain, code);
  self->behaviour = NULL;
}

static void
log_cb (OaiMcpClient *client, OaiMcpLogMessage *message, Fixture *self)
{
  g_string_append_printf (self->mcp.log, "%s;", oai_mcp_log_message_get_data (message));
}

static void
test_session (void)
{
  Fixture self;

  set_up_connected (&self, FALSE);
  g_assert_cmpstr (oai_mcp_client_get_protocol_version (self.mcp.client), ==, SESSION);
  wait_until (self.listener != NULL);
  assert_call_works (&self);
  self.events = TRUE;
  g_signal_connect (self.mcp.client, "log-message", G_CALLBACK (log_cb), &self);
  assert_call_works (&self);
  g_assert_cmpstr (self.mcp.log->str, ==, "\"working\";");

  /* Messages that belong to no request. */
  g_signal_connect (self.mcp.client, "tools-changed", G_CALLBACK (log_tools_changed_cb), &self);
  append_event (self.listener, "9", "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}");
  append_event (self.listener, "10", "{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"method\":\"ping\"}");
  wait_until (g_str_has_suffix (self.mcp.log->str, "tools;"));
  wait_until (g_str_has_suffix (self.requests->str, "response;"));
  close_client (&self.mcp);
  g_assert_cmpstr (self.requests->str, ==, "server/discover;initialize;notifications/initialized;GET;tools/call;tools/call;response;DELETE;");
  tear_down (&self);
}

static void
test_stateless (void)
{
  Fixture self;

  set_up_connected (&self, TRUE);
  g_assert_cmpstr (oai_mcp_client_get_protocol_version (self.mcp.client), ==, STATELESS);
  assert_call_works (&self);
  self.events = TRUE;
  assert_call_works (&self);
  close_client (&self.mcp);
  g_assert_cmpstr (self.requests->str, ==, "server/discover;tools/call;tools/call;");
  tear_down (&self);
}

/* Arguments that the schema of the tool names are sent as headers, too. */
static void
test_headers (void)
{
  Fixture self;
  g_autoptr(GError) error = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GPtrArray) tools = NULL;
  g_autoptr(OaiMcpToolResult) reply = NULL;
  g_autoptr(OaiMcpToolResult) other = NULL;
  g_autoptr(OaiMcpToolResult) least = NULL;
  g_autoptr(OaiMcpToolResult) named = NULL;

  set_up_connected (&self, TRUE);
  oai_mcp_client_list_tools_async (self.mcp.client, NULL, result_cb, &self);
  result = wait_result (&self.mcp);
  tools = oai_mcp_client_list_tools_finish (self.mcp.client, result, &error);
  g_clear_object (&result);
  g_assert_no_error (error);
  g_assert_cmpuint (tools->len, ==, 1);

  reply = call_tool (&self.mcp, "echo", "{\"region\":\"us-west1\",\"deep\":{\"n\":7}}", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (self.name_header, ==, "echo");
  g_assert_cmpstr (self.param_header, ==, "us-west1");
  other = call_tool (&self.mcp, "echo", "{\"region\":\"Zürich\\r\\nX: y\"}", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (self.param_header, ==, "=?base64?WsO8cmljaA0KWDogeQ==?=");
  least = call_tool (&self.mcp, "echo", "{\"region\":\"a\",\"deep\":{\"n\":-9223372036854775808}}", &error);
  g_assert_no_error (error);
  named = call_tool (&self.mcp, "Grüße", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (self.name_header, ==, "=?base64?R3LDvMOfZQ==?=");
  g_assert_null (self.param_header);
  tear_down (&self);
}

static void
token_cb (OaiAuth *auth, OaiTokenRequest *request, Fixture *self)
{
  oai_token_request_respond (request, "token-of-the-provider");
}

static void
test_token (void)
{
  Fixture self;
  g_autoptr(OaiAuth) auth = oai_auth_new (NULL);
  g_autoptr(GError) error = NULL;

  set_up (&self, FALSE, auth);
  self.token = "token-of-the-provider";
  g_signal_connect (auth, "token-requested", G_CALLBACK (token_cb), &self);
  try_connect (&self.mcp, &error);
  g_assert_no_error (error);
  assert_call_works (&self);
  tear_down (&self);
}

/* The key for OpenAI is not sent to other servers. */
static void
test_no_token (void)
{
  Fixture self;
  g_autoptr(GError) error = NULL;

  g_setenv ("OPENAI_API_KEY", "sk-not-for-servers", TRUE);
  set_up_connected (&self, TRUE);
  assert_call_works (&self);
  tear_down (&self);

  set_up (&self, FALSE, NULL);
  self.token = "needed";
  g_assert_false (try_connect (&self.mcp, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION);
  g_assert_cmpstr (self.requests->str, ==, "");
  tear_down (&self);
  g_unsetenv ("OPENAI_API_KEY");
}

static void
test_only_json (void)
{
  Fixture self;

  set_up (&self, FALSE, NULL);
  self.only_json = TRUE;
  g_assert_true (try_connect (&self.mcp, NULL));
  wait_until (g_str_has_suffix (self.requests->str, "GET;"));
  assert_call_works (&self);
  tear_down (&self);
}

static void
test_resume (void)
{
  Fixture self;

  set_up_connected (&self, FALSE);
  self.behaviour = "resumes";
  assert_call_works (&self);
  g_assert_cmpstr (self.last_event_id, ==, "stream-7");
  tear_down (&self);
}

/* The stream for messages without a request is opened again after the newest event. */
static void
test_listen_again (void)
{
  Fixture self;

  set_up_connected (&self, FALSE);
  wait_until (self.listener != NULL);
  append_text (self.listener, "id: last-9\nretry: 1\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{}}\n\n");
  end_events (self.listener);
  wait_until (self.last_event_id != NULL);
  g_assert_cmpstr (self.last_event_id, ==, "last-9");
  tear_down (&self);
}

/* A stream that is ended whenever it is idle is opened again each time. */
static void
test_listen_idle (void)
{
  Fixture self;

  set_up (&self, FALSE, NULL);
  self.listening = "idle";
  g_assert_true (try_connect (&self.mcp, NULL));
  wait_until (self.n_listens == 11);
  tear_down (&self);
}

/* A server cannot cause requests without a pause. */
static void
test_listen_without_pause (void)
{
  Fixture self;
  gint64 start = g_get_monotonic_time ();

  set_up (&self, FALSE, NULL);
  self.listening = "short";
  g_assert_true (try_connect (&self.mcp, NULL));
  wait_until (self.n_listens == 6);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 5 * 100 * 1000);
  tear_down (&self);
}

/* Many servers redirect to the same URL with a slash. */
static void
test_redirect (void)
{
  Fixture self;
  g_autoptr(OaiAuth) auth = oai_auth_new ("token-of-the-program");
  g_autofree char *url = NULL;
  g_autoptr(GError) error = NULL;

  set_up (&self, FALSE, auth);
  url = g_strconcat (self.url, "/", NULL);
  self.redirect = url;
  self.token = "token-of-the-program";
  try_connect (&self.mcp, &error);
  g_assert_no_error (error);
  assert_call_works (&self);
  wait_until (self.listener != NULL);
  tear_down (&self);
}

static void
foreign_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  guint *n_requests = user_data;

  g_assert_cmpstr (soup_server_message_get_method (message), ==, "GET");
  g_assert_null (get_header (message, "Authorization"));
  g_assert_null (get_header (message, "Mcp-Session-Id"));
  g_assert_null (get_header (message, "Last-Event-ID"));
  soup_server_message_set_status (message, 405, NULL);
  (*n_requests)++;
}

/* Another server gets no messages, no token and no session. */
static void
test_foreign_redirect (void)
{
  Fixture self;
  g_autoptr(OaiAuth) auth = oai_auth_new ("token-of-the-program");
  g_autoptr(SoupServer) foreign = soup_server_new (NULL, NULL);
  g_autofree char *url = NULL;
  g_autoptr(GError) error = NULL;
  guint n_requests = 0;

  soup_server_add_handler (foreign, NULL, foreign_cb, &n_requests, NULL);
  url = g_strdup_printf ("http://127.0.0.1:%d/", soup_listener_start (foreign, 0));
  set_up (&self, FALSE, auth);
  self.token = "token-of-the-program";
  try_connect (&self.mcp, &error);
  g_assert_no_error (error);
  wait_until (self.listener != NULL);

  self.redirect = url;
  g_assert_null (call_tool (&self.mcp, "echo", NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "http://127.0.0.1"));
  g_assert_cmpuint (n_requests, ==, 0);
  append_text (self.listener, "id: 9\nretry: 0\ndata: {}\n\n");
  end_events (self.listener);
  wait_until (n_requests > 0);
  self.redirect = NULL;
  assert_call_works (&self);
  tear_down (&self);
  soup_server_disconnect (foreign);
}

static void
test_lost_session (void)
{
  Fixture self;
  g_autoptr(GError) error = NULL;

  set_up_connected (&self, FALSE);
  assert_call_fails (&self, "lost-session", OAI_ERROR, OAI_ERROR_CONNECTION);
  g_assert_cmpint (oai_mcp_client_get_state (self.mcp.client), ==, OAI_MCP_STATE_DISCONNECTED);
  g_assert_error (oai_mcp_client_get_error (self.mcp.client), OAI_ERROR, OAI_ERROR_CONNECTION);
  try_connect (&self.mcp, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (self.n_sessions, ==, 2);
  assert_call_works (&self);
  tear_down (&self);
}

static void
test_hostile (gconstpointer data)
{
  gboolean stateless = GPOINTER_TO_INT (data);
  Fixture self;

  set_up (&self, stateless, NULL);
  oai_mcp_client_set_max_message_size (self.mcp.client, 100000);
  g_assert_true (try_connect (&self.mcp, NULL));
  assert_call_fails (&self, "page", OAI_ERROR, OAI_ERROR_PROTOCOL);
  assert_call_fails (&self, "empty", OAI_ERROR, OAI_ERROR_PROTOCOL);
  assert_call_fails (&self, "large", OAI_ERROR, OAI_ERROR_PROTOCOL);
  assert_call_fails (&self, "large-event", OAI_ERROR, OAI_ERROR_PROTOCOL);
  assert_call_fails (&self, "ends", OAI_ERROR, OAI_ERROR_INCOMPLETE);
  assert_call_fails (&self, "error", OAI_ERROR, OAI_ERROR_BAD_REQUEST);
  assert_call_fails (&self, "denied", OAI_ERROR, OAI_ERROR_PERMISSION_DENIED);
  oai_mcp_client_set_timeout_ms (self.mcp.client, 50);
  assert_call_fails (&self, "silent", G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  oai_mcp_client_set_timeout_ms (self.mcp.client, 20000);
  assert_call_works (&self);
  tear_down (&self);
}

static void
finished_cb (SoupServer *server, SoupServerMessage *message, gpointer user_data)
{
  Fixture *self = user_data;

  if (message == self->held)
    g_clear_object (&self->held);
}

/* Since 2026-07-28, closing the connection cancels a request; before, a notification does. */
static void
test_cancel (gconstpointer data)
{
  gboolean stateless = GPOINTER_TO_INT (data);
  Fixture self;
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  set_up_connected (&self, stateless);
  self.behaviour = "silent";
  g_signal_connect (self.server, "request-aborted", G_CALLBACK (finished_cb), &self);
  oai_mcp_client_call_tool_async (self.mcp.client, "echo", NULL, cancellable, result_cb, &self);
  wait_until (self.held != NULL);
  g_cancellable_cancel (cancellable);
  result = wait_result (&self.mcp);
  g_assert_null (oai_mcp_client_call_tool_finish (self.mcp.client, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_object (&result);
  if (stateless)
    g_assert_null (strstr (self.requests->str, "notifications/cancelled"));
  else
    wait_until (strstr (self.requests->str, "notifications/cancelled") != NULL);
  tear_down (&self);
}

/* Cancels while the client connects, after more and more iterations of the main loop. */
static void
test_cancel_connect (gconstpointer data)
{
  for (guint n = 0; n < 200; n++)
    {
      Fixture self;
      g_autoptr(GCancellable) cancellable = g_cancellable_new ();
      g_autoptr(GAsyncResult) result = NULL;
      g_autoptr(GError) error = NULL;

      set_up (&self, GPOINTER_TO_INT (data), NULL);
      oai_mcp_client_connect_async (self.mcp.client, cancellable, result_cb, &self);
      for (guint i = 0; i < n && self.mcp.result == NULL; i++)
        g_main_context_iteration (NULL, TRUE);
      g_cancellable_cancel (cancellable);
      result = wait_result (&self.mcp);
      oai_mcp_client_connect_finish (self.mcp.client, result, &error);
      g_clear_object (&result);
      tear_down (&self);
      if (error == NULL)
        return;
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
}

static void
test_no_server (void)
{
  Fixture self;
  g_autoptr(GError) error = NULL;

  set_up (&self, TRUE, NULL);
  soup_server_disconnect (self.server);
  g_assert_false (try_connect (&self.mcp, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_CONNECTION);
  tear_down (&self);
}

static void
test_bad_url (void)
{
  static const char *const urls[] = { "", "server", "ftp://host/", "http://", "https:///path" };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      Fixture self = { 0 };
      g_autoptr(GAsyncResult) result = NULL;
      g_autoptr(GError) error = NULL;
      g_autoptr(OaiMcpClient) client = oai_mcp_client_new_for_url (urls[i], NULL);

      oai_mcp_client_connect_async (client, NULL, result_cb, &self);
      result = wait_result (&self.mcp);
      g_assert_false (oai_mcp_client_connect_finish (client, result, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
    }
}

static void
test_release (gconstpointer data)
{
  Fixture self;
  GWeakRef weak;

  set_up_connected (&self, GPOINTER_TO_INT (data));
  g_weak_ref_init (&weak, self.mcp.client);
  g_clear_object (&self.mcp.client);
  g_assert_null (g_weak_ref_get (&weak));
  g_weak_ref_clear (&weak);
  self.mcp.client = oai_mcp_client_new_for_url (self.url, NULL);
  tear_down (&self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/mcp-http/session", test_session);
  g_test_add_func ("/mcp-http/stateless", test_stateless);
  g_test_add_func ("/mcp-http/headers", test_headers);
  g_test_add_func ("/mcp-http/token", test_token);
  g_test_add_func ("/mcp-http/no-token", test_no_token);
  g_test_add_func ("/mcp-http/only-json", test_only_json);
  g_test_add_func ("/mcp-http/resume", test_resume);
  g_test_add_func ("/mcp-http/listen-again", test_listen_again);
  g_test_add_func ("/mcp-http/listen-idle", test_listen_idle);
  g_test_add_func ("/mcp-http/listen-without-pause", test_listen_without_pause);
  g_test_add_func ("/mcp-http/redirect", test_redirect);
  g_test_add_func ("/mcp-http/foreign-redirect", test_foreign_redirect);
  g_test_add_func ("/mcp-http/lost-session", test_lost_session);
  g_test_add_data_func ("/mcp-http/session/hostile", GINT_TO_POINTER (FALSE), test_hostile);
  g_test_add_data_func ("/mcp-http/stateless/hostile", GINT_TO_POINTER (TRUE), test_hostile);
  g_test_add_data_func ("/mcp-http/session/cancel", GINT_TO_POINTER (FALSE), test_cancel);
  g_test_add_data_func ("/mcp-http/stateless/cancel", GINT_TO_POINTER (TRUE), test_cancel);
  g_test_add_data_func ("/mcp-http/session/cancel-connect", GINT_TO_POINTER (FALSE), test_cancel_connect);
  g_test_add_data_func ("/mcp-http/stateless/cancel-connect", GINT_TO_POINTER (TRUE), test_cancel_connect);
  g_test_add_data_func ("/mcp-http/session/release", GINT_TO_POINTER (FALSE), test_release);
  g_test_add_data_func ("/mcp-http/stateless/release", GINT_TO_POINTER (TRUE), test_release);
  g_test_add_func ("/mcp-http/no-server", test_no_server);
  g_test_add_func ("/mcp-http/bad-url", test_bad_url);

  return g_test_run ();
}
