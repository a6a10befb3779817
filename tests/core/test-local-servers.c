/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The search for servers on this machine, with servers that are known from a table of the test. */

#include "oai-error.h"
#include "oai-find-local-servers.h"
#include "oai-local-server-table-private.h"
#include "oai-settings.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>

/* A server that sends prepared bytes for each path. */
typedef struct
{
  GSocketService *service;
  guint16 port;
  GHashTable *replies; /* path → bytes; no bytes: never replies */
  gboolean endless;    /* repeats the bytes without an end */
  GPtrArray *requests; /* the heads that have arrived */
  GPtrArray *open;     /* connections without a reply */
} FakeServer;

typedef struct
{
  FakeServer *server;
  GSocketConnection *connection;
  GString *head;
  char buffer[1024];
  GBytes *reply;
} FakeRequest;

static void read_head (FakeRequest *request);

static void
fake_request_free (FakeRequest *self)
{
  g_string_free (self->head, TRUE);
  g_object_unref (self->connection);
  g_free (self);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FakeRequest *request = user_data;
  gsize size;
  const char *data = g_bytes_get_data (request->reply, &size);

  if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL) && request->server->endless)
    {
      g_output_stream_write_all_async (G_OUTPUT_STREAM (source), data, size, G_PRIORITY_DEFAULT, NULL, written_cb, request);
      return;
    }

  g_io_stream_close (G_IO_STREAM (request->connection), NULL, NULL);
  fake_request_free (request);
}

static void
answer (FakeRequest *request)
{
  g_auto (GStrv) words = g_strsplit (request->head->str, " ", 3);
  gsize size;
  const char *data;

  g_ptr_array_add (request->server->requests, g_strdup (request->head->str));
  request->reply = g_hash_table_lookup (request->server->replies, words[1]);
  if (request->reply == NULL)
    {
      g_ptr_array_add (request->server->open, g_object_ref (request->connection));
      fake_request_free (request);
      return;
    }

  data = g_bytes_get_data (request->reply, &size);
  g_output_stream_write_all_async (g_io_stream_get_output_stream (G_IO_STREAM (request->connection)), data, size, G_PRIORITY_DEFAULT, NULL, written_cb, request);
}

static void
head_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FakeRequest *request = user_data;
  gssize length = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (length <= 0)
    {
      fake_request_free (request);
      return;
    }

  g_string_append_len (request->head, request->buffer, length);
  if (strstr (request->head->str, "\r\n\r\n") != NULL)
    answer (request);
  else
    read_head (request);
}

static void
read_head (FakeRequest *request)
{
  g_input_stream_read_async (g_io_stream_get_input_stream (G_IO_STREAM (request->connection)), request->buffer, sizeof request->buffer,
                             G_PRIORITY_DEFAULT, NULL, head_cb, request);
}

static gboolean
incoming_cb (GSocketService *service, GSocketConnection *connection, GObject *source, FakeServer *self)
{
  FakeRequest *request = g_new0 (FakeRequest, 1);

  request->server = self;
  request->connection = g_object_ref (connection);
  request->head = g_string_new (NULL);
  read_head (request);

  return TRUE;
}

static FakeServer *
fake_server_new_at (GSocketAddress *address)
{
  FakeServer *self = g_new0 (FakeServer, 1);
  g_autoptr (GSocketAddress) used = NULL;
  g_autoptr (GError) error = NULL;

  self->replies = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  self->requests = g_ptr_array_new_with_free_func (g_free);
  self->open = g_ptr_array_new_with_free_func (g_object_unref);
  self->service = g_socket_service_new ();
  g_signal_connect (self->service, "incoming", G_CALLBACK (incoming_cb), self);
  g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL, &used, &error);
  g_assert_no_error (error);
  if (G_IS_INET_SOCKET_ADDRESS (used))
    self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (used));

  return self;
}

static FakeServer *
fake_server_new (void)
{
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string ("127.0.0.1", 0);

  return fake_server_new_at (address);
}

static void
fake_server_free (FakeServer *self)
{
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_object_unref (self->service);
  for (guint i = 0; i < self->open->len; i++)
    g_io_stream_close (g_ptr_array_index (self->open, i), NULL, NULL);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_hash_table_unref (self->replies);
  g_ptr_array_unref (self->requests);
  g_ptr_array_unref (self->open);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeServer, fake_server_free)

static void
add_raw (FakeServer *self, const char *path, const char *bytes)
{
  g_hash_table_replace (self->replies, g_strdup (path), g_bytes_new (bytes, strlen (bytes)));
}

/* headers: each with its end of line */
static void
add_reply (FakeServer *self, const char *path, const char *status, const char *headers, const char *body)
{
  g_autofree char *bytes = g_strdup_printf ("HTTP/1.1 %s\r\n%sContent-Length: %zu\r\nConnection: close\r\n\r\n%s", status, headers, strlen (body), body);

  add_raw (self, path, bytes);
}

#define MODEL(id, owner) "{\"id\":\"" id "\",\"object\":\"model\",\"created\":1,\"owned_by\":\"" owner "\"}"
#define LIST(models) "{\"object\":\"list\",\"data\":[" models "]}"

static void
add_models (FakeServer *self, const char *list)
{
  add_reply (self, "/v1/models", "200 OK", "Content-Type: application/json\r\n", list);
}

/* The search */

static void
store_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **place = user_data;

  g_assert_null (source);
  g_assert_null (*place);
  *place = g_object_ref (result);
}

static GListModel *
find_at (const OaiLocalAddress *addresses, GCancellable *cancellable, GError **error)
{
  OaiLocalServerTable table = *oai_local_server_table_get ();
  g_autoptr (GAsyncResult) result = NULL;

  table.addresses = addresses;
  oai_local_server_table_replace (&table);
  oai_find_local_servers_async (cancellable, store_result, &result);
  oai_local_server_table_replace (NULL);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);

  return oai_find_local_servers_finish (result, error);
}

static GListModel *
find (FakeServer *server, const char *name)
{
  const OaiLocalAddress addresses[] = { { server->port, NULL, "/v1", name }, { 0, NULL, NULL, NULL } };
  g_autoptr (GError) error = NULL;
  GListModel *servers = find_at (addresses, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (g_list_model_get_item_type (servers) == OAI_TYPE_LOCAL_SERVER);

  return servers;
}

static void
assert_server (GListModel *servers, guint index, const char *name, const char *base_url, const char *models)
{
  g_autoptr (OaiLocalServer) server = g_list_model_get_item (servers, index);
  g_autofree char *joined = NULL;

  g_assert_nonnull (server);
  joined = g_strjoinv (" ", (char **) oai_local_server_get_models (server));
  g_assert_cmpstr (oai_local_server_get_name (server), ==, name);
  g_assert_cmpstr (oai_local_server_get_base_url (server), ==, base_url);
  g_assert_cmpstr (joined, ==, models);
}

static char *
url_of (FakeServer *server)
{
  return g_strdup_printf ("http://127.0.0.1:%u/v1", server->port);
}

static void
assert_found (FakeServer *server, const char *default_name, const char *name, const char *models)
{
  g_autoptr (GListModel) servers = find (server, default_name);
  g_autofree char *url = url_of (server);

  g_assert_cmpuint (g_list_model_get_n_items (servers), ==, 1);
  assert_server (servers, 0, name, url, models);
}

static void
assert_nothing_found (FakeServer *server)
{
  g_autoptr (GListModel) servers = find (server, "Ollama");

  g_assert_cmpuint (g_list_model_get_n_items (servers), ==, 0);
}

static void
test_models_are_listed (void)
{
  g_autoptr (FakeServer) server = fake_server_new ();
  g_autoptr (GListModel) servers = NULL;
  g_autoptr (OaiLocalServer) found = NULL;
  g_autofree char *name = NULL;
  g_autofree char *base_url = NULL;
  g_auto (GStrv) models = NULL;
  g_autoptr (OaiSettings) settings = NULL;
  g_autoptr (OaiServerProfile) profile = NULL;

  add_models (server, LIST (MODEL ("qwen3:8b", "library") "," MODEL ("gemma3:4b", "library")));
  servers = find (server, "Ollama");
  found = g_list_model_get_item (servers, 0);
  g_object_get (found, "name", &name, "base-url", &base_url, "models", &models, "server-profile", &profile, NULL);
  g_assert_cmpstr (name, ==, "Ollama");
  g_assert_cmpstr (models[0], ==, "qwen3:8b");
  g_assert_cmpstr (models[1], ==, "gemma3:4b");
  g_assert_null (models[2]);
  g_assert_true (profile == oai_local_server_get_server_profile (found));
  g_assert_cmpstr (oai_server_profile_get_name (profile), ==, "Ollama");
  g_assert_cmpint (oai_server_profile_get_key_requirement (profile), ==, OAI_KEY_REQUIREMENT_NONE);

  settings = oai_settings_new_for_base_url (base_url, NULL);
  g_assert_cmpstr (oai_settings_get_base_url (settings), ==, base_url);
}

static void
test_no_key_is_sent (void)
{
  g_autoptr (FakeServer) server = fake_server_new ();

  add_models (server, LIST (MODEL ("m", "library")));
  g_setenv ("OPENAI_API_KEY", "sk-secret", TRUE);
  g_setenv ("OPENAI_CUSTOM_HEADERS", "X-Secret: secret", TRUE);
  assert_found (server, NULL, "Ollama", "m");
  g_unsetenv ("OPENAI_API_KEY");
  g_unsetenv ("OPENAI_CUSTOM_HEADERS");

  g_assert_cmpuint (server->requests->len, ==, 1);
  g_assert_null (strstr (g_ptr_array_index (server->requests, 0), "uthorization"));
  g_assert_null (strstr (g_ptr_array_index (server->requests, 0), "secret"));
}

/* Several servers use port 8080. */
static void
test_replies_show_what_a_server_is (void)
{
  static const struct
  {
    const char *header;
    const char *owner;
    const char *root;
    const char *name;
  } cases[] = {
    { "Server: llama.cpp\r\n", "me", NULL, "llama.cpp" },
    { "", "llamacpp", NULL, "llama.cpp" },
    { "Server: uvicorn\r\n", "vllm", NULL, "vLLM" },
    { "X-Powered-By: Express\r\n", "organization_owner", NULL, "LM Studio" },
    { "Server: KoboldCppServer 1\r\n", "koboldcpp", NULL, "KoboldCpp" },
    { "", "someone", "Ollama is running", "Ollama" },
    { "", "", "<title>LocalAI API</title>", "LocalAI" },
    { "", "someone", "Welcome!", "By port" },
    { "", "someone", NULL, "By port" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FakeServer) server = fake_server_new ();
      g_autofree char *list = g_strdup_printf (LIST (MODEL ("m", "%s")), cases[i].owner);

      add_reply (server, "/v1/models", "200 OK", cases[i].header, list);
      add_reply (server, "/v1/internal/model/info", "404 Not Found", "", "");
      if (cases[i].root != NULL)
        add_reply (server, "/", "200 OK", "", cases[i].root);
      else
        add_reply (server, "/", "500 Oops", "", "");
      assert_found (server, "By port", cases[i].name, "m");
    }
}

static void
test_an_unknown_server_has_a_general_name (void)
{
  g_autoptr (FakeServer) server = fake_server_new ();

  add_models (server, LIST (MODEL ("m", "x")));
  add_raw (server, "/", "");
  add_raw (server, "/v1/internal/model/info", "");
  assert_found (server, NULL, "Local server", "m");
}

static void
test_a_server_without_models_is_listed (void)
{
  const char *const lists[] = { LIST (""), "{\"object\":\"list\",\"data\":null}" };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autoptr (FakeServer) server = fake_server_new ();

      add_models (server, lists[i]);
      add_reply (server, "/", "200 OK", "", "Ollama is running");
      assert_found (server, NULL, "Ollama", "");
    }
}

static void
test_unix_socket (void)
{
  g_autofree char *directory = g_dir_make_tmp ("oai-local-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "llama.sock", NULL);
  g_autofree char *missing = g_build_filename (directory, "missing.sock", NULL);
  g_autofree char *address = g_strconcat ("unix:", path, ":/v1", NULL);
  const OaiLocalAddress addresses[] = { { 0, missing, "/v1", NULL }, { 0, path, "/v1", NULL }, { 0, NULL, NULL, NULL } };
  g_autoptr (GSocketAddress) socket = g_unix_socket_address_new (path);
  g_autoptr (FakeServer) server = fake_server_new_at (socket);
  g_autoptr (OaiSettings) settings = NULL;
  g_autoptr (GListModel) servers = NULL;

  add_models (server, LIST (MODEL ("m", "llamacpp")));
  servers = find_at (addresses, NULL, NULL);
  g_assert_cmpuint (g_list_model_get_n_items (servers), ==, 1);
  assert_server (servers, 0, "llama.cpp", address, "m");
  settings = oai_settings_new_for_base_url (address, NULL);
  g_assert_cmpstr (oai_settings_get_base_url (settings), ==, address);
  g_unlink (path);
  g_rmdir (directory);
}

/* At the same port of both addresses of loopback, or NULL where IPv6 is not available. */
static FakeServer *
fake_server_new_on_ipv6 (FakeServer *ipv4)
{
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string ("::1", ipv4->port);
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV6, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);

  if (socket == NULL || !g_socket_bind (socket, address, TRUE, NULL))
    return NULL;
  g_clear_object (&socket);

  return fake_server_new_at (address);
}

static void
test_two_addresses_of_a_server (void)
{
  g_autoptr (FakeServer) ipv4 = fake_server_new ();
  g_autoptr (FakeServer) ipv6 = fake_server_new_on_ipv6 (ipv4);
  g_autoptr (GListModel) servers = NULL;
  g_autofree char *url = url_of (ipv4);
  g_autofree char *other_url = g_strdup_printf ("http://[::1]:%u/v1", ipv4->port);

  if (ipv6 == NULL)
    {
      g_test_skip ("IPv6 is not available");
      return;
    }

  add_models (ipv4, LIST (MODEL ("m", "vllm")));
  add_models (ipv6, LIST (MODEL ("m", "vllm")));
  assert_found (ipv4, NULL, "vLLM", "m");

  add_models (ipv6, LIST (MODEL ("n", "llamacpp")));
  servers = find (ipv4, NULL);
  g_assert_cmpuint (g_list_model_get_n_items (servers), ==, 2);
  assert_server (servers, 0, "vLLM", url, "m");
  assert_server (servers, 1, "llama.cpp", other_url, "n");
}

static void
test_the_order_is_that_of_the_table (void)
{
  g_autoptr (FakeServer) first = fake_server_new ();
  g_autoptr (FakeServer) second = fake_server_new ();
  const OaiLocalAddress addresses[] = {
    { first->port, NULL, "/v1", NULL }, { second->port, NULL, "/engines/v1", NULL }, { 0, NULL, NULL, NULL }
  };
  g_autoptr (GListModel) servers = NULL;
  g_autofree char *url = url_of (first);
  g_autofree char *other_url = g_strdup_printf ("http://127.0.0.1:%u/engines/v1", second->port);

  add_models (first, LIST (MODEL ("m", "someone")));
  add_reply (first, "/", "200 OK", "", "Ollama is running");
  add_reply (second, "/engines/v1/models", "200 OK", "", LIST (MODEL ("n", "docker")));
  servers = find_at (addresses, NULL, NULL);
  g_assert_cmpuint (g_list_model_get_n_items (servers), ==, 2);
  assert_server (servers, 0, "Ollama", url, "m");
  assert_server (servers, 1, "Docker Model Runner", other_url, "n");
}

static void
test_other_programs_are_not_listed (void)
{
  static const char *const replies[] = {
    "",
    "SSH-2.0-OpenSSH_9.2\r\n",
    "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 2\r\n\r\n{}",
    "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/v1/models\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n<html>no</html>",
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"data\": null}",
    "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"data\": \"x\"}",
    "HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n{\"data\": [{\"id\": 1}]}",
    "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"data\": [{\"id\":",
    "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{\"data\": [{\"id\":",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{\"data\"",
  };

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      g_autoptr (FakeServer) server = fake_server_new ();

      add_raw (server, "/v1/models", replies[i]);
      assert_nothing_found (server);
    }
}

/* A hostile server: no reply is read without a limit. */
static void
test_replies_without_an_end (void)
{
  static const struct
  {
    const char *reply;
  } cases[] = {
    { "HTTP/1.1 100 Continue\r\n\r\n" },
    { "HTTP/1.1 200 OK\r\n\r\n{\"object\":\"list\",\"data\":[                                                                                " },
    { "X-Header: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (FakeServer) server = fake_server_new ();

      server->endless = TRUE;
      add_raw (server, "/v1/models", cases[i].reply);
      assert_nothing_found (server);
    }
}

static void
test_names_of_models_are_checked (void)
{
  g_autoptr (FakeServer) server = fake_server_new ();
  g_autofree char *name = g_strnfill (300, 'x');
  g_autofree char *list = g_strdup_printf (LIST ("{\"id\":\"%s\"},{\"id\":\"a\\u001b[2Jb\"},{\"id\":\"\\u202eb\"},{\"id\":\"\"},{\"id\":[]},3,null," MODEL ("good", "vllm")), name);

  add_models (server, list);
  assert_found (server, NULL, "vLLM", "good");
}

static void
test_number_of_models_is_limited (void)
{
  g_autoptr (FakeServer) server = fake_server_new ();
  g_autoptr (GString) list = g_string_new ("{\"object\":\"list\",\"data\":[" MODEL ("m", "vllm"));
  g_autoptr (GListModel) servers = NULL;
  g_autoptr (OaiLocalServer) found = NULL;

  for (guint i = 0; i < 5000; i++)
    g_string_append_printf (list, ",{\"id\":\"m%u\"}", i);
  g_string_append (list, "]}");
  add_models (server, list->str);
  servers = find (server, NULL);
  found = g_list_model_get_item (servers, 0);
  g_assert_cmpuint (g_strv_length ((char **) oai_local_server_get_models (found)), ==, 1000);
}

/* The servers that answer are found, although another one never does. */
static void
test_a_server_that_never_replies (void)
{
  g_autoptr (FakeServer) slow = fake_server_new ();
  g_autoptr (FakeServer) half = fake_server_new ();
  g_autoptr (FakeServer) fast = fake_server_new ();
  const OaiLocalAddress addresses[] = {
    { slow->port, NULL, "/v1", NULL }, { half->port, NULL, "/v1", "Half" }, { fast->port, NULL, "/v1", NULL }, { 0, NULL, NULL, NULL }
  };
  g_autoptr (GListModel) servers = NULL;
  g_autofree char *url = url_of (fast);
  g_autofree char *half_url = url_of (half);

  add_models (half, LIST (MODEL ("h", "someone")));
  add_models (fast, LIST (MODEL ("m", "vllm")));
  servers = find_at (addresses, NULL, NULL);
  g_assert_cmpuint (g_list_model_get_n_items (servers), ==, 2);
  assert_server (servers, 0, "Half", half_url, "h");
  assert_server (servers, 1, "vLLM", url, "m");
}

static void
test_no_server (void)
{
  g_autoptr (FakeServer) server = fake_server_new ();
  const OaiLocalAddress addresses[] = { { server->port, NULL, "/v1", NULL }, { 0, "no-such.sock", "/v1", NULL }, { 0, NULL, NULL, NULL } };
  const OaiLocalAddress none[] = { { 0, NULL, NULL, NULL } };
  g_autoptr (GListModel) servers = NULL;
  g_autoptr (GListModel) empty = NULL;
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&server, fake_server_free);
  servers = find_at (addresses, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (servers), ==, 0);
  empty = find_at (none, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (empty), ==, 0);
}

static void
test_blocking_call (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  const OaiLocalAddress none[] = { { 0, "no-such.sock", "/v1", NULL }, { 0, NULL, NULL, NULL } };
  OaiLocalServerTable table = *oai_local_server_table_get ();
  g_autoptr (GListModel) servers = NULL;

  table.addresses = none;
  oai_local_server_table_replace (&table);
  servers = oai_find_local_servers (NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (servers), ==, 0);

  g_cancellable_cancel (cancellable);
  g_assert_null (oai_find_local_servers (cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  oai_local_server_table_replace (NULL);
}

static void
assert_cancelled (GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (oai_find_local_servers_finish (result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* After each number of iterations of the main context, until the search ends before. */
static void
test_cancelled_at_each_moment (void)
{
  g_autoptr (FakeServer) server = fake_server_new ();
  g_autoptr (FakeServer) slow = fake_server_new ();
  const OaiLocalAddress addresses[] = { { server->port, NULL, "/v1", NULL }, { slow->port, NULL, "/v1", NULL }, { 0, NULL, NULL, NULL } };
  OaiLocalServerTable table = *oai_local_server_table_get ();

  add_models (server, LIST (MODEL ("m", "someone")));
  add_reply (server, "/", "200 OK", "", "Welcome!");
  table.addresses = addresses;
  for (guint moment = 0; moment < 60; moment++)
    {
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GAsyncResult) result = NULL;
      gint64 start;

      oai_local_server_table_replace (&table);
      oai_find_local_servers_async (cancellable, store_result, &result);
      oai_local_server_table_replace (NULL);
      for (guint i = 0; i < moment; i++)
        if (!g_main_context_iteration (NULL, FALSE))
          g_usleep (500);
      g_assert_null (result);
      start = g_get_monotonic_time ();
      g_cancellable_cancel (cancellable);
      while (result == NULL)
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpint (g_get_monotonic_time () - start, <, G_USEC_PER_SEC);
      assert_cancelled (result);
    }
}

/* The addresses of the library are requested on this machine only. */
static void
test_the_table_is_complete (void)
{
  const OaiLocalServerTable *table = oai_local_server_table_get ();
  guint n = 0;

  for (const OaiLocalAddress *address = table->addresses; address->base != NULL; address++, n++)
    {
      g_assert_true ((address->port != 0) != (address->socket != NULL));
      g_assert_true (g_str_has_prefix (address->base, "/"));
    }
  g_assert_cmpuint (n, >, 10);
  for (const OaiLocalTrait *trait = table->traits; trait->name != NULL; trait++)
    {
      g_assert_true (trait->server != NULL || trait->owned_by != NULL || trait->path != NULL);
      g_assert_true ((trait->path != NULL) == (trait->text != NULL));
    }
}

#define ADD(name, func) g_test_add_func ("/local-servers/" name, func)

int
main (int argc, char **argv)
{
  g_setenv ("LANGUAGE", "C", TRUE);
  g_test_init (&argc, &argv, NULL);

  ADD ("models are listed", test_models_are_listed);
  ADD ("no key is sent", test_no_key_is_sent);
  ADD ("replies show what a server is", test_replies_show_what_a_server_is);
  ADD ("an unknown server has a general name", test_an_unknown_server_has_a_general_name);
  ADD ("a server without models is listed", test_a_server_without_models_is_listed);
  ADD ("UNIX socket", test_unix_socket);
  ADD ("two addresses of a server", test_two_addresses_of_a_server);
  ADD ("the order is that of the table", test_the_order_is_that_of_the_table);
  ADD ("other programs are not listed", test_other_programs_are_not_listed);
  ADD ("replies without an end", test_replies_without_an_end);
  ADD ("names of models are checked", test_names_of_models_are_checked);
  ADD ("number of models is limited", test_number_of_models_is_limited);
  ADD ("a server that never replies", test_a_server_that_never_replies);
  ADD ("no server", test_no_server);
  ADD ("blocking call", test_blocking_call);
  ADD ("cancelled at each moment", test_cancelled_at_each_moment);
  ADD ("the table is complete", test_the_table_is_complete);

  return g_test_run ();
}
