/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "tls-server.h"

#include "soup-listener.h"

static gpointer
serve (gpointer user_data)
{
  TlsServer *self = user_data;
  GMainContext *context = g_main_loop_get_context (self->loop);

  g_main_context_push_thread_default (context);
  self->server = soup_server_new ("tls-certificate", self->certificate, NULL);
  if (self->callback != NULL)
    soup_server_add_handler (self->server, NULL, self->callback, self->user_data, NULL);
  if (self->connected != NULL)
    soup_server_add_websocket_handler (self->server, NULL, NULL, NULL, self->connected, self->user_data, NULL);
  g_atomic_pointer_set (&self->url, g_strdup_printf ("https://127.0.0.1:%d/v1", soup_listener_start (self->server, SOUP_SERVER_LISTEN_HTTPS)));
  g_main_loop_run (self->loop);
  soup_server_disconnect (self->server);
  g_clear_object (&self->server);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_main_context_pop_thread_default (context);

  return NULL;
}

char *
tls_server_find_certificate (void)
{
  return g_test_build_filename (G_TEST_DIST, "..", "fixtures", "tls.pem", NULL);
}

GTlsDatabase *
tls_server_new_database (void)
{
  g_autofree char *pem = tls_server_find_certificate ();
  g_autoptr(GError) error = NULL;
  GTlsDatabase *database = g_tls_file_database_new (pem, &error);

  g_assert_no_error (error);

  return database;
}

OaiClient *
tls_server_new_client (const char *url, SoupSession *session)
{
  g_autoptr(OaiAuth) auth = oai_auth_new ("sk-test");
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiSettings) settings = oai_settings_new_for_base_url (url, &error);

  g_assert_no_error (error);

  return oai_client_new_with_session (auth, settings, session);
}

void
tls_server_start (TlsServer *self, SoupServerCallback callback, gpointer user_data)
{
  g_autofree char *pem = tls_server_find_certificate ();
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GError) error = NULL;

  self->callback = callback;
  self->user_data = user_data;
  self->certificate = g_tls_certificate_new_from_file (pem, &error);
  g_assert_no_error (error);
  self->loop = g_main_loop_new (context, FALSE);
  self->thread = g_thread_new ("server", serve, self);
  while (g_atomic_pointer_get (&self->url) == NULL)
    g_usleep (1000);
}

void
tls_server_stop (TlsServer *self)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_main_loop_quit (self->loop);
  g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_clear_object (&self->certificate);
  g_free (self->url);
}

void
tls_server_store_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

GAsyncResult *
tls_server_wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);

  return *result;
}
