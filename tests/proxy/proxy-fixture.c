/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "proxy-fixture.h"

#include <string.h>

#include "oai-proxy-sockets-private.h"

void
proxy_fixture_set_up (ProxyFixture *self, gconstpointer user_data)
{
  g_autoptr(OaiSettings) settings = NULL;
  g_autoptr(OaiAuth) auth = oai_auth_new (PROXY_KEY);
  g_auto(GStrv) addresses = NULL;
  g_autoptr(GError) error = NULL;

  self->mock = oai_mock_server_new ();
  oai_mock_server_start_in_thread (self->mock, &error);
  g_assert_no_error (error);
  oai_mock_server_set_api_key (self->mock, PROXY_KEY);

  settings = oai_settings_new ();
  oai_settings_set_base_url (settings, oai_mock_server_get_base_url (self->mock), &error);
  g_assert_no_error (error);
  self->client = oai_client_new (auth, settings);

  self->proxy = oai_proxy_server_new (self->client);
  oai_proxy_server_set_allow_anonymous (self->proxy, TRUE, &error);
  g_assert_no_error (error);
  oai_proxy_server_listen (self->proxy, "127.0.0.1:0", NULL, &error);
  g_assert_no_error (error);
  addresses = oai_proxy_server_list_addresses (self->proxy);
  self->address = g_strdup (addresses[0]);
}

void
proxy_fixture_tear_down (ProxyFixture *self, gconstpointer user_data)
{
  oai_proxy_server_close (self->proxy);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (self->proxy);
  g_clear_object (&self->client);
  oai_mock_server_stop (self->mock);
  g_clear_object (&self->mock);
  g_free (self->address);
}

OaiClient *
proxy_fixture_new_client (ProxyFixture *self, const char *token)
{
  g_autoptr(OaiSettings) settings = oai_settings_new ();
  g_autoptr(OaiAuth) auth = oai_auth_new (token);
  g_autofree char *url = g_strdup_printf ("http://%s/v1", self->address);
  g_autoptr(GError) error = NULL;

  oai_settings_set_base_url (settings, url, &error);
  g_assert_no_error (error);
  oai_settings_set_max_retries (settings, 0);

  return oai_client_new (auth, settings);
}

GSocket *
proxy_connect (const char *address)
{
  g_autoptr(GSocketAddress) parsed = oai_proxy_parse_address (address, NULL);
  g_autoptr(GError) error = NULL;
  GSocket *socket = g_socket_new (g_socket_address_get_family (parsed), G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, &error);

  g_assert_no_error (error);
  g_socket_connect (socket, parsed, NULL, &error);
  g_assert_no_error (error);
  g_socket_set_blocking (socket, FALSE);

  return socket;
}

void
proxy_send (GSocket *socket, const char *text)
{
  gsize length = strlen (text);

  while (length > 0)
    {
      g_autoptr(GError) error = NULL;
      gssize n = g_socket_send (socket, text, length, NULL, &error);

      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          g_main_context_iteration (NULL, FALSE);
          continue;
        }
      if (n < 0) /* the proxy has refused the rest */
        return;
      text += n;
      length -= n;
    }
}

/* Returns FALSE at the end. */
static gboolean
receive (GSocket *socket, GString *text)
{
  char buffer[4096];
  g_autoptr(GError) error = NULL;
  gssize n = g_socket_receive (socket, buffer, sizeof buffer, NULL, &error);

  if (n > 0)
    g_string_append_len (text, buffer, n);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return FALSE;
  if (n < 0 && !g_main_context_iteration (NULL, FALSE))
    g_usleep (200);

  return TRUE;
}

char *
proxy_receive_all (GSocket *socket)
{
  G_GNUC_UNUSED g_autoptr(GSocket) held = socket;
  GString *text = g_string_new (NULL);
  gint64 deadline = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  while (receive (socket, text))
    g_assert_cmpint (g_get_monotonic_time (), <, deadline);

  return g_string_free (text, FALSE);
}

char *
proxy_receive_until (GSocket *socket, const char *end)
{
  GString *text = g_string_new (NULL);
  gint64 deadline = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  while (strstr (text->str, end) == NULL && receive (socket, text))
    g_assert_cmpint (g_get_monotonic_time (), <, deadline);

  return g_string_free (text, FALSE);
}

char *
proxy_exchange (ProxyFixture *self, const char *request)
{
  GSocket *socket = proxy_connect (self->address);

  proxy_send (socket, request);

  return proxy_receive_all (socket);
}

void
proxy_keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}
