/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Calls without a network, and the properties about it. */

#include <libsoup/soup.h>
#include <sched.h>
#include <string.h>

#include "call-fixture.h"

/* Connecting to it fails at once, and no packet is sent. */
#define UNREACHABLE "http://255.255.255.255:1/v1"
#define EXIT_SKIPPED 77
#define REMOTE "https://api.example.invalid/v1"

/* A monitor that the test controls */

G_DECLARE_FINAL_TYPE (FakeMonitor, fake_monitor, FAKE, MONITOR, GObject)

struct _FakeMonitor
{
  GObject parent_instance;

  gboolean available;
  gboolean metered;
};

enum { PROP_AVAILABLE = 1, PROP_METERED, PROP_CONNECTIVITY };

static void fake_monitor_init_monitor (GNetworkMonitorInterface *iface);
static void fake_monitor_init_initable (GInitableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FakeMonitor, fake_monitor, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, fake_monitor_init_initable)
                               G_IMPLEMENT_INTERFACE (G_TYPE_NETWORK_MONITOR, fake_monitor_init_monitor))

static gboolean
fake_monitor_initable_init (GInitable *initable, GCancellable *cancellable, GError **error)
{
  return TRUE;
}

static void
fake_monitor_init_initable (GInitableIface *iface)
{
  iface->init = fake_monitor_initable_init;
}

static void
fake_monitor_init_monitor (GNetworkMonitorInterface *iface)
{
}

static void
fake_monitor_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FakeMonitor *self = FAKE_MONITOR (object);

  switch (id)
    {
    case PROP_AVAILABLE:
      g_value_set_boolean (value, self->available);
      break;
    case PROP_METERED:
      g_value_set_boolean (value, self->metered);
      break;
    default:
      g_value_set_enum (value, self->available ? G_NETWORK_CONNECTIVITY_FULL : G_NETWORK_CONNECTIVITY_LOCAL);
    }
}

static void
fake_monitor_class_init (FakeMonitorClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = fake_monitor_get_property;
  g_object_class_override_property (G_OBJECT_CLASS (klass), PROP_AVAILABLE, "network-available");
  g_object_class_override_property (G_OBJECT_CLASS (klass), PROP_METERED, "network-metered");
  g_object_class_override_property (G_OBJECT_CLASS (klass), PROP_CONNECTIVITY, "connectivity");
}

static void
fake_monitor_init (FakeMonitor *self)
{
}

static void
set_available (FakeMonitor *self, gboolean available)
{
  self->available = available;
  g_object_notify (G_OBJECT (self), "network-available");
  g_signal_emit_by_name (self, "network-changed", available);
}

static OaiClient *
new_client (const char *base_url, FakeMonitor *monitor, SoupSession *session)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiAuth) auth = oai_auth_new ("");
  g_autoptr (OaiSettings) settings = oai_settings_new_for_base_url (base_url, &error);

  g_assert_no_error (error);
  oai_settings_set_max_retries (settings, 0);

  return g_object_new (OAI_TYPE_CLIENT, "auth", auth, "settings", settings, "network-monitor", monitor, "session", session, NULL);
}

static char *
invoke (OaiClient *client, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  oai_client_invoke_async (client, "GET", "models", NULL, NULL, NULL, call_store_result, &result);

  return oai_client_invoke_finish (client, call_wait (&result), error);
}

static void
assert_offline (OaiClient *client, const GError *error)
{
  g_autoptr (OaiCall) call = NULL;

  g_assert_error (error, OAI_ERROR, OAI_ERROR_OFFLINE);
  g_assert_cmpstr (error->message, ==, "Could not connect to api.example.invalid:443: this computer has no network connection");
  call = oai_client_find_call_for_error (client, error);
  g_assert_cmpuint (oai_call_get_n_attempts (call), ==, 0);
  g_assert_cmpint (oai_call_get_state (call), ==, OAI_CALL_STATE_FAILED);
}

static void
test_remote (void)
{
  g_autoptr (FakeMonitor) monitor = g_object_new (fake_monitor_get_type (), NULL);
  g_autoptr (OaiClient) client = new_client (REMOTE, monitor, NULL);
  g_autoptr (GError) error = NULL;

  oai_settings_set_max_retries (oai_client_get_settings (client), 5);
  g_assert_null (invoke (client, &error));
  assert_offline (client, error);
  g_clear_error (&error);
  g_assert_null (oai_client_invoke (client, "GET", "models", NULL, NULL, NULL, &error));
  assert_offline (client, error);
}

static void
test_cancelled (void)
{
  g_autoptr (FakeMonitor) monitor = g_object_new (fake_monitor_get_type (), NULL);
  g_autoptr (OaiClient) client = new_client (REMOTE, monitor, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  oai_client_invoke_async (client, "GET", "models", NULL, NULL, cancellable, call_store_result, &result);
  g_cancellable_cancel (cancellable);
  g_assert_null (oai_client_invoke_finish (client, call_wait (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* The network returns before the call has failed. */
static void
test_just_returned (void)
{
  g_autoptr (FakeMonitor) monitor = g_object_new (fake_monitor_get_type (), NULL);
  g_autoptr (OaiClient) client = new_client (UNREACHABLE, monitor, NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  oai_client_invoke_async (client, "GET", "models", NULL, NULL, NULL, call_store_result, &result);
  set_available (monitor, TRUE);
  g_assert_null (oai_client_invoke_finish (client, call_wait (&result), &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_CONNECTION);
}

static void
test_unchecked (void)
{
  g_autoptr (FakeMonitor) monitor = g_object_new (fake_monitor_get_type (), NULL);
  g_autoptr (OaiClient) client = new_client (UNREACHABLE, monitor, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (oai_settings_get_check_network (oai_client_get_settings (client)));
  oai_settings_set_check_network (oai_client_get_settings (client), FALSE);
  g_assert_null (invoke (client, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_CONNECTION);
}

/* The mock service at a loopback address answers. */
static void
test_local (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (FakeMonitor) monitor = g_object_new (fake_monitor_get_type (), NULL);
  g_autoptr (OaiClient) client = new_client (oai_mock_server_get_base_url (self->server), monitor, NULL);
  g_autofree char *later = NULL;
  g_autofree char *now = NULL;
  g_autoptr (GError) error = NULL;

  later = invoke (client, &error);
  g_assert_no_error (error);
  g_assert_nonnull (later);
  now = oai_client_invoke (client, "GET", "models", NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (now);
}

/* A proxy on this machine may reach what this machine cannot. */
static void
test_local_proxy (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (GProxyResolver) resolver = g_simple_proxy_resolver_new (oai_mock_server_get_base_url (self->server), NULL);
  g_autoptr (SoupSession) session = soup_session_new_with_options ("proxy-resolver", resolver, NULL);
  g_autoptr (FakeMonitor) monitor = g_object_new (fake_monitor_get_type (), NULL);
  g_autoptr (OaiClient) client = new_client ("http://api.example.invalid/v1", monitor, session);
  g_autofree char *reply = NULL;
  g_autoptr (GError) error = NULL;

  reply = invoke (client, &error);
  g_assert_no_error (error);
  g_assert_nonnull (reply);
}

/* A session without proxies */
static void
test_no_proxies (void)
{
  g_autoptr (SoupSession) session = soup_session_new_with_options ("proxy-resolver", NULL, NULL);
  g_autoptr (FakeMonitor) monitor = g_object_new (fake_monitor_get_type (), NULL);
  g_autoptr (OaiClient) client = new_client (REMOTE, monitor, session);
  g_autoptr (GError) error = NULL;

  g_assert_null (invoke (client, &error));
  assert_offline (client, error);
}

/* A resolver that never replies */

G_DECLARE_FINAL_TYPE (SilentResolver, silent_resolver, SILENT, RESOLVER, GObject)

struct _SilentResolver
{
  GObject parent_instance;
};

static void silent_resolver_init_resolver (GProxyResolverInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SilentResolver, silent_resolver, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY_RESOLVER, silent_resolver_init_resolver))

static void
silent_resolver_cancelled_cb (GCancellable *cancellable, GTask *task)
{
  g_task_return_error_if_cancelled (task);
  g_signal_handlers_disconnect_by_func (cancellable, silent_resolver_cancelled_cb, task);
}

static void
silent_resolver_lookup_async (GProxyResolver *resolver, const char *uri, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (resolver, cancellable, callback, user_data);

  g_signal_connect_data (cancellable, "cancelled", G_CALLBACK (silent_resolver_cancelled_cb), task, (GClosureNotify) g_object_unref, 0);
}

static char **
silent_resolver_lookup_finish (GProxyResolver *resolver, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
silent_resolver_init_resolver (GProxyResolverInterface *iface)
{
  iface->lookup_async = silent_resolver_lookup_async;
  iface->lookup_finish = silent_resolver_lookup_finish;
}

static void
silent_resolver_class_init (SilentResolverClass *klass)
{
}

static void
silent_resolver_init (SilentResolver *self)
{
}

/* The limit of time includes the lookup of proxies. */
static void
test_silent_resolver (void)
{
  g_autoptr (GProxyResolver) resolver = g_object_new (silent_resolver_get_type (), NULL);
  g_autoptr (SoupSession) session = soup_session_new_with_options ("proxy-resolver", resolver, NULL);
  g_autoptr (FakeMonitor) monitor = g_object_new (fake_monitor_get_type (), NULL);
  g_autoptr (OaiClient) client = new_client (REMOTE, monitor, session);
  g_autoptr (GError) error = NULL;

  oai_settings_set_timeout_ms (oai_client_get_settings (client), 20);
  g_assert_null (invoke (client, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

static void
count_cb (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  ++*(int *) user_data;
}

static void
test_properties (void)
{
  g_autoptr (FakeMonitor) monitor = g_object_new (fake_monitor_get_type (), NULL);
  g_autoptr (OaiClient) client = new_client (REMOTE, monitor, NULL);
  int n_available = 0;
  int n_metered = 0;
  gboolean available;
  gboolean metered;

  g_signal_connect (client, "notify::network-available", G_CALLBACK (count_cb), &n_available);
  g_signal_connect (client, "notify::network-metered", G_CALLBACK (count_cb), &n_metered);
  g_assert_false (oai_client_get_network_available (client));
  set_available (monitor, TRUE);
  monitor->metered = TRUE;
  g_object_notify (G_OBJECT (monitor), "network-metered");
  g_object_get (client, "network-available", &available, "network-metered", &metered, NULL);
  g_assert_true (available);
  g_assert_true (metered);
  g_assert_cmpint (n_available, ==, 1);
  g_assert_cmpint (n_metered, ==, 1);

  /* The monitor outlives the client. */
  g_clear_object (&client);
  set_available (monitor, FALSE);
}

/* Without a monitor of the program, the one of the system is used. */
static void
test_system (void)
{
  g_autoptr (OaiClient) client = new_client (REMOTE, NULL, NULL);
  GNetworkMonitor *monitor = g_network_monitor_get_default ();
  int n = 0;

  g_assert_cmpint (oai_client_get_network_available (client), ==, g_network_monitor_get_network_available (monitor));
  g_assert_cmpint (oai_client_get_network_metered (client), ==, g_network_monitor_get_network_metered (monitor));
  g_signal_connect (client, "notify::network-available", G_CALLBACK (count_cb), &n);
  g_object_notify (G_OBJECT (monitor), "network-available");
  g_assert_cmpint (n, ==, 1);
}

/* Retries */

typedef struct
{
  FakeMonitor *monitor;
  GDateTime *planned; /* when the retry was to start */
  gboolean retried;
} Outage;

static gboolean
return_cb (gpointer user_data)
{
  set_available (FAKE_MONITOR (user_data), TRUE);

  return G_SOURCE_REMOVE;
}

static void
attempt_cb (OaiCall *call, GParamSpec *pspec, Outage *self)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();

  if (oai_call_get_n_attempts (call) == 1)
    {
      self->monitor->available = FALSE;
      return;
    }

  self->retried = TRUE;
  g_assert_cmpint (g_date_time_compare (now, self->planned), <, 0);
}

static void
retry_at_cb (OaiCall *call, GParamSpec *pspec, Outage *self)
{
  GDateTime *planned = oai_call_get_retry_at (call);

  if (planned == NULL)
    return;

  g_clear_pointer (&self->planned, g_date_time_unref);
  self->planned = g_date_time_ref (planned);
  g_idle_add (return_cb, self->monitor);
}

static void
call_started_cb (OaiClient *client, OaiCall *call, Outage *self)
{
  g_signal_connect (call, "notify::n-attempts", G_CALLBACK (attempt_cb), self);
  g_signal_connect (call, "notify::retry-at", G_CALLBACK (retry_at_cb), self);
}

static void
test_retry (void)
{
  g_autoptr (FakeMonitor) monitor = g_object_new (fake_monitor_get_type (), NULL);
  g_autoptr (OaiClient) client = new_client (UNREACHABLE, monitor, NULL);
  g_autoptr (GError) error = NULL;
  Outage outage = { monitor, NULL, FALSE };

  monitor->available = TRUE;
  oai_settings_set_max_retries (oai_client_get_settings (client), 1);
  g_signal_connect (client, "call-started", G_CALLBACK (call_started_cb), &outage);
  g_assert_null (invoke (client, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_CONNECTION);
  g_assert_true (outage.retried);
  g_date_time_unref (outage.planned);
}

/* In a namespace without network interfaces, as on a machine without a network. */

static const char *program;

/* Returns the exit status of a new process. */
static int
run_in_namespace (void)
{
  g_autoptr (OaiClient) client = NULL;
  g_autoptr (GError) error = NULL;

  if (unshare (CLONE_NEWUSER | CLONE_NEWNET) != 0)
    return EXIT_SKIPPED;

  client = new_client (REMOTE, NULL, NULL);
  g_assert_null (oai_client_invoke (client, "GET", "models", NULL, NULL, NULL, &error));
  assert_offline (client, error);
  g_clear_error (&error);
  g_assert_null (invoke (client, &error));
  assert_offline (client, error);
  g_assert_false (oai_client_get_network_available (client));

  return 0;
}

static int
run_again (const char *option)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, program, option, NULL);

  g_assert_no_error (error);
  g_subprocess_wait (process, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));

  return g_subprocess_get_exit_status (process);
}

static void
test_namespace (void)
{
  int status = run_again ("--namespace");

  if (status == EXIT_SKIPPED)
    g_test_skip ("this system permits no namespaces");
  else
    g_assert_cmpint (status, ==, 0);
}

/* The monitor of the system does not know the network that this machine has. */
static int
run_unmanaged (void)
{
  g_autoptr (OaiClient) client = NULL;
  g_autoptr (GError) blocking = NULL;
  g_autoptr (GError) error = NULL;

  g_io_extension_point_register (G_NETWORK_MONITOR_EXTENSION_POINT_NAME);
  g_io_extension_point_implement (G_NETWORK_MONITOR_EXTENSION_POINT_NAME, fake_monitor_get_type (), "fake", 1000);
  g_setenv ("GIO_USE_NETWORK_MONITOR", "fake", TRUE);
  g_assert_true (FAKE_IS_MONITOR (g_network_monitor_get_default ()));

  client = new_client (UNREACHABLE, NULL, NULL);
  g_assert_null (invoke (client, &error));
  g_assert_null (oai_client_invoke (client, "GET", "models", NULL, NULL, NULL, &blocking));
  g_assert_error (error, OAI_ERROR, blocking->code);

  return 0;
}

static void
test_unmanaged (void)
{
  g_assert_cmpint (run_again ("--unmanaged"), ==, 0);
}

int
main (int argc, char **argv)
{
  if (argc == 2 && strcmp (argv[1], "--namespace") == 0)
    return run_in_namespace ();
  if (argc == 2 && strcmp (argv[1], "--unmanaged") == 0)
    return run_unmanaged ();

  g_test_init (&argc, &argv, NULL);
  program = argv[0];

  g_test_add_func ("/network/namespace", test_namespace);
  g_test_add_func ("/network/unmanaged", test_unmanaged);
  g_test_add_func ("/network/remote", test_remote);
  g_test_add_func ("/network/cancelled", test_cancelled);
  g_test_add_func ("/network/just-returned", test_just_returned);
  g_test_add_func ("/network/unchecked", test_unchecked);
  g_test_add ("/network/local", CallFixture, NULL, call_fixture_set_up, test_local, call_fixture_tear_down);
  g_test_add ("/network/local-proxy", CallFixture, NULL, call_fixture_set_up, test_local_proxy, call_fixture_tear_down);
  g_test_add_func ("/network/no-proxies", test_no_proxies);
  g_test_add_func ("/network/silent-resolver", test_silent_resolver);
  g_test_add_func ("/network/properties", test_properties);
  g_test_add_func ("/network/system", test_system);
  g_test_add_func ("/network/retry", test_retry);

  return g_test_run ();
}
