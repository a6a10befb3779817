/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Proxies from the environment. */

#include "call-fixture.h"

#include <libsoup/soup.h>

#include "oai-proxy-private.h"

#define PROXY "http://user:password@127.0.0.1:1"

static gboolean has_resolver;

static void
test_resolver (void)
{
  const struct { const char *url; gboolean direct; } cases[] = {
    { "http://127.0.0.1:8080/v1", TRUE },
    { "http://127.1.2.3/v1", TRUE },
    { "http://[::1]:8080/v1", TRUE },
    { "http://localhost/v1", TRUE },
    { "http://LocalHost:80/v1", TRUE },
    { "http://a.localhost/v1", TRUE },
    { "http://localhost.example.com/v1", FALSE },
    { "http://192.168.0.1/v1", FALSE },
    { "http://api.example.com/v1", FALSE },
  };
  g_autoptr (GProxyResolver) resolver = oai_proxy_resolver_new ();

  if (!has_resolver)
    {
      g_test_skip ("no proxy resolver reads the environment, since glib-networking is not installed");
      return;
    }

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GAsyncResult) result = NULL;
      g_auto (GStrv) now = g_proxy_resolver_lookup (resolver, cases[i].url, NULL, &error);
      g_auto (GStrv) later = NULL;

      g_assert_no_error (error);
      g_proxy_resolver_lookup_async (resolver, cases[i].url, NULL, call_store_result, &result);
      later = g_proxy_resolver_lookup_finish (resolver, call_wait (&result), &error);
      g_assert_no_error (error);
      g_assert_cmpstr (now[0], ==, cases[i].direct ? "direct://" : PROXY);
      g_assert_cmpstr (later[0], ==, now[0]);
    }
}

static void
test_loopback (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiChatCompletion) first = NULL;
  g_autoptr (OaiChatCompletion) second = NULL;
  g_autoptr (GError) error = NULL;

  first = call_fixture_create (self, NULL, &error);
  g_assert_no_error (error);
  second = oai_chat_endpoint_create (self->chat, self->request, NULL, &error);
  g_assert_no_error (error);
}

/* The resolver of glib-networking reads the environment; others use the settings of the desktop. */
static gboolean
use_environment (void)
{
  const char *const variables[] = { "no_proxy", "NO_PROXY", "https_proxy", "HTTPS_PROXY", "HTTP_PROXY", "all_proxy", "ALL_PROXY" };
  const char *const names[] = { "environment", "libproxy" };
  GIOExtensionPoint *point;

  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    g_unsetenv (variables[i]);
  g_setenv ("http_proxy", PROXY, TRUE);

  /* Loads the modules. */
  g_vfs_get_default ();
  point = g_io_extension_point_lookup (G_PROXY_RESOLVER_EXTENSION_POINT_NAME);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (g_io_extension_point_get_extension_by_name (point, names[i]) == NULL)
        continue;
      g_setenv ("GIO_USE_PROXY_RESOLVER", names[i], TRUE);
      return TRUE;
    }

  return FALSE;
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  has_resolver = use_environment ();
  g_test_add_func ("/proxy/all-except-loopback", test_resolver);
  g_test_add ("/proxy/loopback-calls-go-directly", CallFixture, NULL, call_fixture_set_up, test_loopback, call_fixture_tear_down);

  return g_test_run ();
}
