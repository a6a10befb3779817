/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Connections to the proxy: TCP, UNIX sockets, TLS, and the limits of their numbers. */

#include <openai-1/openai.h>

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "oai-proxy-listener-private.h"
#include "oai-proxy-sockets-private.h"

/* Connections are also released by the threads of TLS handshakes, which do not wake up the main context. */
static void
iterate (void)
{
  if (!g_main_context_iteration (NULL, FALSE))
    g_usleep (200);
}

typedef struct
{
  OaiProxyListener *listener;
  GPtrArray *streams;
  GPtrArray *addresses;
  GTlsCertificate *certificate;
  GCredentials *credentials;
  gboolean free_when_accepted;
} Fixture;

static void
accepted (OaiProxyListener *listener, GIOStream *stream, const OaiProxyPeer *peer, gpointer user_data)
{
  Fixture *self = user_data;

  g_ptr_array_add (self->streams, g_object_ref (stream));
  if (peer->address != NULL)
    g_ptr_array_add (self->addresses, g_object_ref (peer->address));
  g_set_object (&self->certificate, peer->certificate);
  g_set_object (&self->credentials, peer->credentials);
  if (self->free_when_accepted)
    g_clear_pointer (&self->listener, oai_proxy_listener_free);
}

static void
set_up (Fixture *self, const OaiProxyListenerSettings *settings)
{
  OaiProxyListenerSettings defaults = OAI_PROXY_LISTENER_DEFAULTS;

  *self = (Fixture) { 0 };
  self->streams = g_ptr_array_new_with_free_func (g_object_unref);
  self->addresses = g_ptr_array_new_with_free_func (g_object_unref);
  self->listener = oai_proxy_listener_new (settings != NULL ? settings : &defaults, accepted, self);
}

static void
tear_down (Fixture *self)
{
  g_clear_pointer (&self->listener, oai_proxy_listener_free);
  g_ptr_array_unref (self->streams);
  g_ptr_array_unref (self->addresses);
  g_clear_object (&self->certificate);
  g_clear_object (&self->credentials);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
wait_for_streams (Fixture *self, guint n)
{
  while (self->streams->len < n)
    iterate ();
  g_assert_cmpuint (self->streams->len, ==, n);
}

static GSocketAddress *
listen_local (Fixture *self, OaiProxyTls *tls)
{
  g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr(GPtrArray) addresses = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (oai_proxy_listener_add_address (self->listener, address, FALSE, tls, &error));
  g_assert_no_error (error);
  addresses = oai_proxy_listener_list_addresses (self->listener);

  return g_object_ref (addresses->pdata[addresses->len - 1]);
}

static GSocket *
connect_to (GSocketAddress *address)
{
  g_autoptr(GError) error = NULL;
  GSocket *socket = g_socket_new (g_socket_address_get_family (address), G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, &error);

  g_assert_no_error (error);
  g_assert_true (g_socket_connect (socket, address, NULL, &error));
  g_assert_no_error (error);

  return socket;
}

/* Iterates until the server has sent bytes, or closed the connection (0). */
static gssize
receive (GSocket *socket, char *buffer, gsize size)
{
  gssize n = -1;

  while (n < 0)
    {
      g_autoptr(GError) error = NULL;

      g_main_context_iteration (NULL, FALSE);
      n = g_socket_receive_with_blocking (socket, buffer, size, FALSE, NULL, &error);
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED))
        return 0;
      if (n < 0)
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
    }

  return n;
}

static char *
find_certificate (void)
{
  return g_test_build_filename (G_TEST_DIST, "..", "fixtures", "tls.pem", NULL);
}

static void
test_tcp (void)
{
  Fixture self;
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GSocket) client = NULL;
  g_autoptr(GSocketAddress) local = NULL;

  set_up (&self, NULL);
  address = listen_local (&self, NULL);
  client = connect_to (address);
  wait_for_streams (&self, 1);
  local = g_socket_get_local_address (client, NULL);
  g_assert_cmpuint (g_inet_socket_address_get_port (self.addresses->pdata[0]), ==, g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local)));
  g_assert_cmpuint (oai_proxy_listener_get_n_connections (self.listener), ==, 1);
  g_ptr_array_set_size (self.streams, 0);
  g_assert_cmpuint (oai_proxy_listener_get_n_connections (self.listener), ==, 0);
  tear_down (&self);
}

static void
test_free_in_callback (void)
{
  Fixture self;
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GSocket) one = NULL;
  g_autoptr(GSocket) two = NULL;

  set_up (&self, NULL);
  self.free_when_accepted = TRUE;
  address = listen_local (&self, NULL);
  one = connect_to (address);
  two = connect_to (address);
  wait_for_streams (&self, 1);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (self.streams->len, ==, 1);
  tear_down (&self);
}

static void
test_max_connections (void)
{
  OaiProxyListenerSettings settings = OAI_PROXY_LISTENER_DEFAULTS;
  Fixture self;
  g_autoptr(GSocketAddress) address = NULL;
  GSocket *clients[4];

  settings.max_connections = 2;
  set_up (&self, &settings);
  address = listen_local (&self, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    clients[i] = connect_to (address);
  wait_for_streams (&self, 2);
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (self.streams->len, ==, 2);

  /* One that is closed leaves room for one that waits. */
  g_ptr_array_remove_index (self.streams, 0);
  wait_for_streams (&self, 2);
  g_ptr_array_set_size (self.streams, 0);
  wait_for_streams (&self, 1);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    g_object_unref (clients[i]);
  tear_down (&self);
}

static void
test_max_connections_per_address (void)
{
  OaiProxyListenerSettings settings = OAI_PROXY_LISTENER_DEFAULTS;
  Fixture self;
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GSocket) one = NULL;
  g_autoptr(GSocket) two = NULL;
  g_autoptr(GSocket) three = NULL;
  char byte;

  settings.max_connections_per_address = 1;
  set_up (&self, &settings);
  address = listen_local (&self, NULL);
  one = connect_to (address);
  wait_for_streams (&self, 1);
  two = connect_to (address);
  g_assert_cmpint (receive (two, &byte, 1), ==, 0);
  g_assert_cmpuint (self.streams->len, ==, 1);

  g_ptr_array_set_size (self.streams, 0);
  three = connect_to (address);
  wait_for_streams (&self, 1);
  tear_down (&self);
}

/* The listener accepts again when descriptors are available. */
static void
test_no_descriptors (void)
{
  Fixture self;
  struct rlimit limit;
  struct rlimit low;
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GSocket) client = NULL;
  g_autoptr(GSocket) second = NULL;
  g_autoptr(GArray) used = g_array_new (FALSE, FALSE, sizeof (int));
  int fd;

  set_up (&self, NULL);
  address = listen_local (&self, NULL);
  client = connect_to (address);
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  low = limit;
  low.rlim_cur = MIN (limit.rlim_cur, 256);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &low), ==, 0);
  while ((fd = open ("/dev/null", O_RDONLY)) >= 0)
    g_array_append_val (used, fd);
  g_test_expect_message ("Oai", G_LOG_LEVEL_WARNING, "*");
  iterate ();
  g_test_assert_expected_messages ();
  g_assert_cmpuint (self.streams->len, ==, 0);
  for (guint i = 0; i < used->len; i++)
    close (g_array_index (used, int, i));
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  /* Valgrind closes a connection for which there is no descriptor. */
  second = connect_to (address);
  while (self.streams->len == 0)
    iterate ();
  tear_down (&self);
}

static void
test_unix_socket (void)
{
  Fixture self;
  g_autofree char *directory = g_dir_make_tmp ("oai-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "proxy.sock", NULL);
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr(GSocket) client = NULL;
  g_autoptr(GSocket) stale = NULL;
  g_autoptr(GError) error = NULL;
  GStatBuf status;
  Fixture other;

  /* A file that was left by a process that crashed. */
  stale = oai_proxy_socket_new_for_path (path, 0600, 10, &error);
  g_assert_no_error (error);
  g_socket_close (stale, NULL);

  set_up (&self, NULL);
  g_assert_true (oai_proxy_listener_add_path (self.listener, path, 0660, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmphex (status.st_mode & 0777, ==, 0660);
  client = connect_to (address);
  wait_for_streams (&self, 1);
  g_assert_nonnull (self.credentials);
  g_assert_cmpint (g_credentials_get_unix_pid (self.credentials, NULL), ==, getpid ());

  /* A file that is in use is not replaced. */
  set_up (&other, NULL);
  g_assert_false (oai_proxy_listener_add_path (other.listener, path, 0660, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  tear_down (&other);

  /* The former owner of the file does not remove that of another. */
  oai_proxy_socket_remove_file (stale);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  tear_down (&self);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_rmdir (directory);
}

/* Connections that were accepted stay open, and the socket can be used again. */
static void
test_withdrawn_socket (void)
{
  Fixture self;
  g_autoptr(GSocketAddress) address = oai_proxy_parse_address ("127.0.0.1:0", NULL);
  g_autoptr(GSocket) socket = oai_proxy_socket_new_for_address (address, FALSE, 10, NULL);
  g_autoptr(GSocketAddress) local = g_socket_get_local_address (socket, NULL);
  g_autoptr(GSocket) client = NULL;
  g_autoptr(GSocket) waiting = NULL;
  g_autoptr(GPtrArray) addresses = NULL;
  g_autoptr(GError) error = NULL;

  set_up (&self, NULL);
  g_assert_true (oai_proxy_listener_add_socket (self.listener, socket, NULL, &error));
  g_assert_no_error (error);
  client = connect_to (local);
  wait_for_streams (&self, 1);

  oai_proxy_listener_withdraw_socket (self.listener, socket);
  oai_proxy_listener_withdraw_socket (self.listener, socket);
  oai_proxy_listener_set_tls (self.listener, socket, NULL);
  addresses = oai_proxy_listener_list_addresses (self.listener);
  g_assert_cmpuint (addresses->len, ==, 0);
  g_assert_false (g_socket_is_closed (socket));
  g_assert_cmpuint (oai_proxy_listener_get_n_connections (self.listener), ==, 1);
  waiting = connect_to (local);
  for (guint i = 0; i < 20; i++)
    iterate ();
  g_assert_cmpuint (self.streams->len, ==, 1);

  g_assert_true (oai_proxy_listener_add_socket (self.listener, socket, NULL, &error));
  wait_for_streams (&self, 2);
  tear_down (&self);
  g_assert_true (g_socket_is_closed (socket));
}

static void
test_unix_other_file (void)
{
  Fixture self;
  g_autofree char *directory = g_dir_make_tmp ("oai-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "precious", NULL);
  g_autofree char *long_path = g_strnfill (200, 'x');
  g_autoptr(GError) error = NULL;

  g_assert_true (g_file_set_contents (path, "x", 1, NULL));
  set_up (&self, NULL);
  g_assert_false (oai_proxy_listener_add_path (self.listener, path, 0600, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_false (oai_proxy_listener_add_path (self.listener, long_path, 0600, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG);
  tear_down (&self);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  g_unlink (path);
  g_rmdir (directory);
}

static void
make_certificate (const char *certificate, const char *key)
{
  const char *argv[] = { "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                         "-subj", "/CN=new.example", "-keyout", key, "-out", certificate, NULL };
  g_autoptr(GError) error = NULL;
  int status = 0;

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL, &status, &error));
  g_assert_no_error (error);
  g_assert_true (g_spawn_check_wait_status (status, &error));
}

typedef struct
{
  GIOStream *stream;
  gboolean done;
  GError *error;
} TlsClient;

static gboolean
accept_certificate (GTlsConnection *connection, GTlsCertificate *certificate, GTlsCertificateFlags errors, gpointer user_data)
{
  return TRUE;
}

static void
client_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  TlsClient *self = user_data;

  self->done = TRUE;
  g_tls_connection_handshake_finish (G_TLS_CONNECTION (source), result, &self->error);
}

static void
tls_client_start (TlsClient *self, GSocketAddress *address, GTlsCertificate *certificate)
{
  static const char *const protocols[] = { "h2", "http/1.1", NULL };
  g_autoptr(GSocket) socket = connect_to (address);
  g_autoptr(GSocketConnection) connection = g_socket_connection_factory_create_connection (socket);

  *self = (TlsClient) { 0 };
  self->stream = g_tls_client_connection_new (G_IO_STREAM (connection), NULL, &self->error);
  g_assert_no_error (self->error);
  g_signal_connect (self->stream, "accept-certificate", G_CALLBACK (accept_certificate), NULL);
  g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (self->stream), protocols);
  if (certificate != NULL)
    g_tls_connection_set_certificate (G_TLS_CONNECTION (self->stream), certificate);
  g_tls_connection_handshake_async (G_TLS_CONNECTION (self->stream), G_PRIORITY_DEFAULT, NULL, client_done, self);
}

static void
tls_client_wait (TlsClient *self)
{
  while (!self->done)
    iterate ();
}

static void
tls_client_clear (TlsClient *self)
{
  g_clear_object (&self->stream);
  g_clear_error (&self->error);
}

static OaiProxyTls *
load_tls (const char *client_ca)
{
  g_autofree char *pem = find_certificate ();
  g_autoptr(GError) error = NULL;
  OaiProxyTls *tls = oai_proxy_tls_new (pem, NULL, client_ca, client_ca != NULL, &error);

  g_assert_no_error (error);

  return tls;
}

static void
test_tls (void)
{
  Fixture self;
  g_autoptr(OaiProxyTls) tls = load_tls (NULL);
  g_autoptr(GSocketAddress) address = NULL;
  TlsClient client;

  set_up (&self, NULL);
  address = listen_local (&self, tls);
  tls_client_start (&client, address, NULL);
  tls_client_wait (&client);
  g_assert_no_error (client.error);
  g_assert_cmpstr (g_tls_connection_get_negotiated_protocol (G_TLS_CONNECTION (client.stream)), ==, "http/1.1");
  wait_for_streams (&self, 1);
  g_assert_true (G_IS_TLS_CONNECTION (self.streams->pdata[0]));
  g_assert_cmpuint (self.addresses->len, ==, 1);
  g_assert_null (self.certificate);
  g_assert_cmpuint (oai_proxy_listener_get_n_connections (self.listener), ==, 1);
  tls_client_clear (&client);
  tear_down (&self);
}

static void
test_tls_client_certificate (void)
{
  Fixture self;
  g_autofree char *directory = g_dir_make_tmp ("oai-XXXXXX", NULL);
  g_autofree char *certificate_file = g_build_filename (directory, "client.pem", NULL);
  g_autofree char *key_file = g_build_filename (directory, "client-key.pem", NULL);
  g_autofree char *server_file = find_certificate ();
  g_autoptr(GTlsCertificate) certificate = NULL;
  g_autoptr(GTlsCertificate) other = g_tls_certificate_new_from_file (server_file, NULL);
  g_autoptr(OaiProxyTls) tls = NULL;
  g_autoptr(GSocketAddress) address = NULL;
  TlsClient client;
  TlsClient without;
  TlsClient unknown;

  make_certificate (certificate_file, key_file);
  certificate = g_tls_certificate_new_from_files (certificate_file, key_file, NULL);
  tls = load_tls (certificate_file);
  set_up (&self, NULL);
  address = listen_local (&self, tls);
  tls_client_start (&client, address, certificate);
  wait_for_streams (&self, 1);
  g_assert_nonnull (self.certificate);
  g_assert_true (g_tls_certificate_is_same (self.certificate, certificate));
  tls_client_wait (&client);

  tls_client_start (&without, address, NULL);
  tls_client_wait (&without);
  tls_client_start (&unknown, address, other);
  tls_client_wait (&unknown);
  while (oai_proxy_listener_get_n_connections (self.listener) > 1)
    iterate ();
  g_assert_cmpuint (self.streams->len, ==, 1);
  tls_client_clear (&client);
  tls_client_clear (&without);
  tls_client_clear (&unknown);
  tear_down (&self);
  g_unlink (certificate_file);
  g_unlink (key_file);
  g_rmdir (directory);
}

static void
test_plain_on_tls_port (void)
{
  static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  Fixture self;
  g_autoptr(OaiProxyTls) tls = load_tls (NULL);
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GSocket) client = NULL;
  char reply[1024];
  const char *body;
  gssize n;

  set_up (&self, NULL);
  address = listen_local (&self, tls);
  client = connect_to (address);
  g_assert_cmpint (g_socket_send (client, request, sizeof request - 1, NULL, NULL), >, 0);
  n = receive (client, reply, sizeof reply - 1);
  g_assert_cmpint (n, >, 0);
  reply[n] = '\0';
  g_assert_true (g_str_has_prefix (reply, "HTTP/1.1 400 "));
  body = strstr (reply, "\r\n\r\n") + 4;
  g_assert_cmpuint (strlen (body), ==, 105);
  g_assert_nonnull (strstr (reply, "Content-Length: 105\r\n"));
  g_assert_cmpint (receive (client, reply, sizeof reply), ==, 0);
  g_assert_cmpuint (oai_proxy_listener_get_n_connections (self.listener), ==, 0);
  tear_down (&self);
}

/* Neither a connection without data, nor one with an incomplete first message, nor an incomplete handshake stays open. */
static void
test_handshake_time_limit (void)
{
  static const char part[] = "\x16\x03\x01\x02\x00\x01";
  static const char invalid[] = "\x16\x03\x01\x00\x03\x01\x00\x00";
  OaiProxyListenerSettings settings = OAI_PROXY_LISTENER_DEFAULTS;
  Fixture self;
  g_autoptr(OaiProxyTls) tls = load_tls (NULL);
  g_autoptr(GSocketAddress) address = NULL;
  GSocket *clients[3];
  char bytes[64];

  settings.handshake_timeout_ms = 100;
  set_up (&self, &settings);
  address = listen_local (&self, tls);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    clients[i] = connect_to (address);
  g_socket_send (clients[1], part, sizeof part - 1, NULL, NULL);
  g_socket_send (clients[2], invalid, sizeof invalid - 1, NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      while (receive (clients[i], bytes, sizeof bytes) > 0)
        ;
      g_object_unref (clients[i]);
    }
  while (oai_proxy_listener_get_n_connections (self.listener) > 0)
    iterate ();
  g_assert_cmpuint (self.streams->len, ==, 0);
  tear_down (&self);
}

static void
test_first_message_in_parts (void)
{
  OaiProxyListenerSettings settings = OAI_PROXY_LISTENER_DEFAULTS;
  Fixture self;
  g_autoptr(OaiProxyTls) tls = load_tls (NULL);
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GSocket) client = NULL;
  char bytes[64];

  settings.handshake_timeout_ms = 300;
  set_up (&self, &settings);
  address = listen_local (&self, tls);
  client = connect_to (address);
  g_socket_set_option (client, 6, 1, 1, NULL);
  for (guint i = 0; i < 8; i++)
    {
      g_assert_cmpint (g_socket_send (client, &"\x16\x03\x01\x00\x03\x01\x00\x00"[i], 1, NULL, NULL), ==, 1);
      for (guint j = 0; j < 10; j++)
        g_main_context_iteration (NULL, FALSE);
    }
  while (receive (client, bytes, sizeof bytes) > 0)
    ;
  g_assert_cmpuint (self.streams->len, ==, 0);
  tear_down (&self);
}

static void
test_queued_handshakes (void)
{
  OaiProxyListenerSettings settings = OAI_PROXY_LISTENER_DEFAULTS;
  Fixture self;
  g_autoptr(OaiProxyTls) tls = load_tls (NULL);
  g_autoptr(GSocketAddress) address = NULL;
  TlsClient clients[5];

  settings.max_handshakes = 1;
  set_up (&self, &settings);
  address = listen_local (&self, tls);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    tls_client_start (&clients[i], address, NULL);
  wait_for_streams (&self, G_N_ELEMENTS (clients));
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      tls_client_wait (&clients[i]);
      g_assert_no_error (clients[i].error);
      tls_client_clear (&clients[i]);
    }
  tear_down (&self);
}

static void
test_stop_in_handshake (void)
{
  Fixture self;
  g_autoptr(OaiProxyTls) tls = load_tls (NULL);
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GSocket) idle = NULL;
  TlsClient client;

  set_up (&self, NULL);
  address = listen_local (&self, tls);
  idle = connect_to (address);
  tls_client_start (&client, address, NULL);
  while (oai_proxy_listener_get_n_connections (self.listener) < 2)
    iterate ();
  oai_proxy_listener_stop (self.listener);
  tls_client_wait (&client);
  g_assert_nonnull (client.error);
  tls_client_clear (&client);
  while (oai_proxy_listener_get_n_connections (self.listener) > 0)
    iterate ();
  tear_down (&self);
}

static char *
get_server_name (GSocketAddress *address)
{
  TlsClient client;
  GTlsCertificate *certificate;
  char *name;

  tls_client_start (&client, address, NULL);
  tls_client_wait (&client);
  g_assert_no_error (client.error);
  certificate = g_tls_connection_get_peer_certificate (G_TLS_CONNECTION (client.stream));
  name = g_tls_certificate_get_subject_name (certificate);
  tls_client_clear (&client);

  return name;
}

static void
copy_file (const char *from, const char *to)
{
  g_autofree char *text = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (from, &text, &length, NULL));
  g_assert_true (g_file_set_contents (to, text, length, NULL));
}

/* New connections use the new certificate; one that cannot be used does not replace it. */
static void
test_reload (void)
{
  Fixture self;
  g_autofree char *program = g_find_program_in_path ("openssl");
  g_autofree char *directory = g_dir_make_tmp ("oai-XXXXXX", NULL);
  g_autofree char *certificate = g_build_filename (directory, "certificate.pem", NULL);
  g_autofree char *key = g_build_filename (directory, "key.pem", NULL);
  g_autofree char *original = find_certificate ();
  g_autoptr(OaiProxyTls) tls = NULL;
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *third = NULL;

  g_assert_nonnull (program);
  copy_file (original, certificate);
  copy_file (original, key);
  tls = oai_proxy_tls_new (certificate, key, NULL, FALSE, &error);
  g_assert_no_error (error);
  set_up (&self, NULL);
  address = listen_local (&self, tls);
  first = get_server_name (address);
  g_assert_cmpstr (first, ==, "CN=127.0.0.1");

  make_certificate (certificate, key);
  g_assert_true (oai_proxy_tls_reload (tls, &error));
  g_assert_no_error (error);
  second = get_server_name (address);
  g_assert_cmpstr (second, ==, "CN=new.example");

  /* The key of another certificate. */
  copy_file (original, certificate);
  g_assert_false (oai_proxy_tls_reload (tls, &error));
  g_assert_error (error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE);
  third = get_server_name (address);
  g_assert_cmpstr (third, ==, "CN=new.example");

  tear_down (&self);
  g_unlink (certificate);
  g_unlink (key);
  g_rmdir (directory);
}

/* Files that have changed are noticed without a call. */
static void
test_changed_files (void)
{
  Fixture self;
  g_autofree char *directory = g_dir_make_tmp ("oai-XXXXXX", NULL);
  g_autofree char *certificate = g_build_filename (directory, "certificate.pem", NULL);
  g_autofree char *key = g_build_filename (directory, "key.pem", NULL);
  g_autofree char *original = find_certificate ();
  g_autoptr(OaiProxyTls) tls = NULL;
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *name = NULL;

  copy_file (original, certificate);
  copy_file (original, key);
  tls = oai_proxy_tls_new (certificate, key, NULL, FALSE, &error);
  g_assert_no_error (error);
  set_up (&self, NULL);
  address = listen_local (&self, tls);
  make_certificate (certificate, key);
  name = get_server_name (address);
  while (g_strcmp0 (name, "CN=new.example") != 0)
    {
      g_free (name);
      g_usleep (50000);
      name = get_server_name (address);
    }
  tear_down (&self);
  g_unlink (certificate);
  g_unlink (key);
  g_rmdir (directory);
}

static void
test_invalid_certificate (void)
{
  g_autofree char *directory = g_dir_make_tmp ("oai-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "empty.pem", NULL);
  g_autofree char *pem = find_certificate ();
  g_autoptr(GError) error = NULL;

  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  g_assert_null (oai_proxy_tls_new (path, NULL, NULL, FALSE, &error));
  g_assert_nonnull (strstr (error->message, path));
  g_clear_error (&error);
  g_unlink (path);
  g_assert_null (oai_proxy_tls_new (path, NULL, NULL, FALSE, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_null (oai_proxy_tls_new (pem, NULL, path, FALSE, &error));
  g_assert_nonnull (error);
  g_rmdir (directory);
}

static void
check_address (const char *text, const char *expected)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocketAddress) address = oai_proxy_parse_address (text, &error);
  g_autofree char *shown = address != NULL ? oai_proxy_address_to_string (address) : NULL;

  g_assert_cmpstr (shown, ==, expected);
  g_assert_true ((address == NULL) == (error != NULL));
}

static void
test_addresses (void)
{
  g_autoptr(GSocketAddress) any = oai_proxy_parse_address ("*:1", NULL);
  g_autoptr(GSocketAddress) loopback = oai_proxy_parse_address ("[::1]:1", NULL);

  check_address ("127.0.0.1:8080", "127.0.0.1:8080");
  check_address ("localhost:80", "127.0.0.1:80");
  check_address ("[::1]:443", "[::1]:443");
  check_address ("8080", "[::]:8080");
  check_address ("*:8080", "[::]:8080");
  check_address ("", NULL);
  check_address ("127.0.0.1", NULL);
  check_address ("127.0.0.1:", NULL);
  check_address ("127.0.0.1:65536", NULL);
  check_address ("127.0.0.1:-1", NULL);
  check_address ("127.0.0.1:+1", NULL);
  check_address ("::1:80", NULL);
  check_address ("[127.0.0.1]:80", NULL);
  check_address ("example.com:80", NULL);
  g_assert_false (oai_proxy_address_is_local (any));
  g_assert_true (oai_proxy_address_is_local (loopback));
}

static void
test_reuse_port (void)
{
  g_autoptr(GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocket) one = oai_proxy_socket_new_for_address (any, TRUE, 10, &error);
  g_autoptr(GSocketAddress) address = g_socket_get_local_address (one, NULL);
  g_autoptr(GSocket) two = oai_proxy_socket_new_for_address (address, TRUE, 10, &error);
  g_autoptr(GSocket) three = oai_proxy_socket_new_for_address (address, FALSE, 10, NULL);

  g_assert_no_error (error);
  g_assert_nonnull (two);
  g_assert_null (three);
}

/* A process that systemd starts has the variables LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES. */
static void
test_passed_sockets (void)
{
  Fixture self;
  g_autoptr(GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr(GSocket) socket = oai_proxy_socket_new_for_address (any, FALSE, 10, NULL);
  g_autoptr(GSocketAddress) address = g_socket_get_local_address (socket, NULL);
  g_autofree char *pid = g_strdup_printf ("%d", (int) getpid ());
  g_autoptr(GArray) none = NULL;
  g_autoptr(GArray) passed = NULL;
  g_autoptr(GSocket) taken = NULL;
  g_autoptr(GSocket) client = NULL;
  g_autoptr(GError) error = NULL;

  g_setenv ("LISTEN_PID", "1", TRUE);
  g_setenv ("LISTEN_FDS", "1", TRUE);
  none = oai_proxy_take_passed_sockets ();
  g_assert_cmpuint (none->len, ==, 0);
  g_assert_null (g_getenv ("LISTEN_PID"));

  g_setenv ("LISTEN_PID", pid, TRUE);
  g_setenv ("LISTEN_FDS", "2", TRUE);
  g_setenv ("LISTEN_FDNAMES", "web", TRUE);
  passed = oai_proxy_take_passed_sockets ();
  g_assert_cmpuint (passed->len, ==, 2);
  g_assert_cmpstr (g_array_index (passed, OaiProxyPassedSocket, 0).name, ==, "web");
  g_assert_cmpint (g_array_index (passed, OaiProxyPassedSocket, 0).fd, ==, 3);
  g_assert_cmpstr (g_array_index (passed, OaiProxyPassedSocket, 1).name, ==, "unknown");
  g_assert_null (g_getenv ("LISTEN_FDS"));

  g_assert_null (oai_proxy_socket_new_for_descriptor (open ("/dev/null", O_RDONLY), &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  taken = oai_proxy_socket_new_for_descriptor (dup (g_socket_get_fd (socket)), &error);
  g_assert_no_error (error);
  set_up (&self, NULL);
  g_assert_true (oai_proxy_listener_add_socket (self.listener, taken, NULL, &error));
  client = connect_to (address);
  wait_for_streams (&self, 1);
  tear_down (&self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/proxy/listener/tcp", test_tcp);
  g_test_add_func ("/proxy/listener/free-in-callback", test_free_in_callback);
  g_test_add_func ("/proxy/listener/max-connections", test_max_connections);
  g_test_add_func ("/proxy/listener/max-connections-per-address", test_max_connections_per_address);
  g_test_add_func ("/proxy/listener/no-descriptors", test_no_descriptors);
  g_test_add_func ("/proxy/listener/unix-socket", test_unix_socket);
  g_test_add_func ("/proxy/listener/withdrawn-socket", test_withdrawn_socket);
  g_test_add_func ("/proxy/listener/unix-other-file", test_unix_other_file);
  g_test_add_func ("/proxy/listener/tls", test_tls);
  g_test_add_func ("/proxy/listener/tls-client-certificate", test_tls_client_certificate);
  g_test_add_func ("/proxy/listener/plain-on-tls-port", test_plain_on_tls_port);
  g_test_add_func ("/proxy/listener/handshake-time-limit", test_handshake_time_limit);
  g_test_add_func ("/proxy/listener/first-message-in-parts", test_first_message_in_parts);
  g_test_add_func ("/proxy/listener/queued-handshakes", test_queued_handshakes);
  g_test_add_func ("/proxy/listener/stop-in-handshake", test_stop_in_handshake);
  g_test_add_func ("/proxy/listener/reload", test_reload);
  g_test_add_func ("/proxy/listener/changed-files", test_changed_files);
  g_test_add_func ("/proxy/listener/invalid-certificate", test_invalid_certificate);
  g_test_add_func ("/proxy/listener/addresses", test_addresses);
  g_test_add_func ("/proxy/listener/reuse-port", test_reuse_port);
  g_test_add_func ("/proxy/listener/passed-sockets", test_passed_sockets);

  return g_test_run ();
}
