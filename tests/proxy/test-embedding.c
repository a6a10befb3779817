/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a program that embeds the server can do: usage records, shared counters and metrics. */

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <openai-1/openai.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "oai-proxy-backend-private.h"
#include "proxy-fixture.h"

#define SECRET "swordfish"

typedef struct
{
  ProxyFixture proxy;
  char *folder;
  char *location; /* of the usage log */
} Fixture;

static void
limit_requests_per_day (ProxyFixture *proxy, guint requests)
{
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();

  oai_proxy_limits_set_requests_per_day (limits, requests);
  oai_proxy_server_set_default_limits (proxy->proxy, limits);
}

/* Requests wait until the records of former requests are read, so that no thread reads them at the end of the test. */
static void
set_up (Fixture *self, gconstpointer user_data)
{
  g_autoptr(GError) error = NULL;

  proxy_fixture_set_up (&self->proxy, NULL);
  limit_requests_per_day (&self->proxy, 1000);
  oai_mock_server_set_validating (self->proxy.mock, FALSE);
  self->folder = g_dir_make_tmp ("oai-embedding-XXXXXX", &error);
  g_assert_no_error (error);
  self->location = g_build_filename (self->folder, "usage.db", NULL);
}

static void
tear_down (Fixture *self, gconstpointer user_data)
{
  g_autoptr(GDir) dir = g_dir_open (self->folder, 0, NULL);
  const char *name;

  proxy_fixture_tear_down (&self->proxy, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);

      g_unlink (path);
    }
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  g_free (self->folder);
  g_free (self->location);
}

/* Another server in front of the same mock service, as after a restart of the program. */
typedef ProxyFixture OtherServer;

static OtherServer *
other_server_new (Fixture *fixture)
{
  OtherServer *self = g_new0 (OtherServer, 1);
  g_auto(GStrv) addresses = NULL;
  g_autoptr(GError) error = NULL;

  self->proxy = oai_proxy_server_new (fixture->proxy.client);
  oai_proxy_server_set_allow_anonymous (self->proxy, TRUE, &error);
  g_assert_no_error (error);
  oai_proxy_server_listen (self->proxy, "127.0.0.1:0", NULL, &error);
  g_assert_no_error (error);
  addresses = oai_proxy_server_list_addresses (self->proxy);
  self->address = g_strdup (addresses[0]);

  return self;
}

static void
other_server_free (OtherServer *self)
{
  oai_proxy_server_close (self->proxy);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (self->proxy);
  g_free (self->address);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OtherServer, other_server_free)

static char *
post (ProxyFixture *proxy)
{
  static const char body[] = "{\"model\":\"gpt-5\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
  g_autofree char *request = g_strdup_printf ("POST /v1/chat/completions HTTP/1.1\r\nHost: proxy\r\nConnection: close\r\n"
                                              "Content-Type: application/json\r\nContent-Length: %u\r\n\r\n%s", (guint) strlen (body), body);

  return proxy_exchange (proxy, request);
}

static void
assert_status (ProxyFixture *proxy, guint status)
{
  g_autofree char *start = g_strdup_printf ("HTTP/1.1 %u ", status);
  g_autofree char *reply = post (proxy);

  if (!g_str_has_prefix (reply, start))
    g_error ("expected %s, got: %s", start, reply);
}

static gboolean
shut_down (ProxyFixture *proxy, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  oai_proxy_server_shutdown_async (proxy->proxy, 60000, NULL, proxy_keep_result, &result);
  wait_until (result != NULL);

  return oai_proxy_server_shutdown_finish (proxy->proxy, result, error);
}

static void
assert_shut_down (ProxyFixture *proxy)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (shut_down (proxy, &error));
  g_assert_no_error (error);
}

static void
open_log (ProxyFixture *proxy, const char *location)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (oai_proxy_server_open_usage_log (proxy->proxy, location, &error));
  g_assert_no_error (error);
}

/* All records are of one identity and one model. */
static void
assert_records (const char *location, gint64 n_requests)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) sums = oai_usage_log_load_sums (location, 0, g_get_real_time () + G_TIME_SPAN_DAY, &error);
  OaiUsageSum *sum;

  g_assert_no_error (error);
  g_assert_cmpuint (sums->len, ==, 1);
  sum = sums->pdata[0];
  g_assert_cmpstr (sum->identity, ==, "anonymous");
  g_assert_cmpint (sum->n_requests, ==, n_requests);
  g_assert_cmpint (sum->input_tokens, >, 0);
  g_assert_cmpint (sum->output_tokens, >, 0);
}

static void
test_usage_log (Fixture *fixture, gconstpointer data)
{
  open_log (&fixture->proxy, fixture->location);
  assert_status (&fixture->proxy, 200);
  assert_status (&fixture->proxy, 200);
  assert_shut_down (&fixture->proxy);
  assert_records (fixture->location, 2);
}

/* The records of the former log are written, and later ones are not. */
static void
test_closed_usage_log (Fixture *fixture, gconstpointer data)
{
  g_autofree char *other = g_build_filename (fixture->folder, "other.db", NULL);
  g_autofree char *metrics = NULL;

  open_log (&fixture->proxy, fixture->location);
  assert_status (&fixture->proxy, 200);
  open_log (&fixture->proxy, other);
  assert_status (&fixture->proxy, 200);
  assert_status (&fixture->proxy, 200);
  open_log (&fixture->proxy, NULL);
  metrics = oai_proxy_server_dup_metrics (fixture->proxy.proxy);
  g_assert_nonnull (strstr (metrics, "\noai_proxy_usage_log_queued 0\n"));
  assert_status (&fixture->proxy, 200);
  assert_shut_down (&fixture->proxy);
  assert_records (fixture->location, 1);
  assert_records (other, 2);
}

static gboolean
is_fatal (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
  return strstr (message, "cannot be written") == NULL;
}

/* The record may be tried to be written before the shutdown, so there are one or two of these warnings. */
static void
on_warning (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
  g_assert_nonnull (strstr (message, "cannot be written"));
}

static void
test_unwritable_usage_log (Fixture *fixture, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  sqlite3 *database = NULL;
  guint handler;

  open_log (&fixture->proxy, fixture->location);
  assert_status (&fixture->proxy, 200);
  g_assert_cmpint (sqlite3_open (fixture->location, &database), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (database, "DROP TABLE usage_records", NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (database);
  g_test_log_set_fatal_handler (is_fatal, NULL);
  handler = g_log_set_handler ("Oai", G_LOG_LEVEL_WARNING | G_LOG_FLAG_FATAL, on_warning, NULL);
  assert_status (&fixture->proxy, 200);
  g_assert_false (shut_down (&fixture->proxy, &error));
  g_log_remove_handler ("Oai", handler);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "usage_records"));
}

/* A restart does not renew the limits of days. */
static void
test_restored_limits (Fixture *fixture, gconstpointer data)
{
  g_autoptr(OtherServer) restarted = other_server_new (fixture);
  g_autoptr(OtherServer) forgetful = other_server_new (fixture);

  limit_requests_per_day (&fixture->proxy, 1);
  open_log (&fixture->proxy, fixture->location);
  assert_status (&fixture->proxy, 200);
  assert_status (&fixture->proxy, 429);
  assert_shut_down (&fixture->proxy);

  limit_requests_per_day (restarted, 1);
  open_log (restarted, fixture->location);
  assert_status (restarted, 429);
  assert_shut_down (restarted);

  limit_requests_per_day (forgetful, 1);
  assert_status (forgetful, 200);
}

/* The former log is used further. */
static void
test_invalid_locations (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *location;
    gboolean is_location; /* but cannot be opened */
    const char *message;
  } cases[] = {
    { "", FALSE, "location of the usage log is invalid" },
    { ":memory:", FALSE, "location of the usage log is invalid" },
    { "mysql://user:" SECRET "@127.0.0.1/usage", FALSE, "location of the usage log is invalid" },
    { "/nonexistent/folder/usage.db", TRUE, "/nonexistent/folder/usage.db: SQLite: unable to open" },
  };

  open_log (&fixture->proxy, fixture->location);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_false (oai_proxy_server_open_usage_log (fixture->proxy.proxy, cases[i].location, &error));
      if (cases[i].is_location)
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
      else
        g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
      g_assert_nonnull (strstr (error->message, cases[i].message));
      g_assert_null (strstr (error->message, SECRET));
    }
  assert_status (&fixture->proxy, 200);
  assert_shut_down (&fixture->proxy);
  assert_records (fixture->location, 1);
}

/* Counters */

/* The server ends with the test, however that ends. */
static void
on_fork (gpointer user_data)
{
#ifdef __linux__
  prctl (PR_SET_PDEATHSIG, SIGKILL);
#endif
}

static void
wait_for_socket (const char *path)
{
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new (path);
  gint64 deadline = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;

  while (TRUE)
    {
      g_autoptr(GSocket) socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL);

      if (g_socket_connect (socket, address, NULL, NULL))
        return;
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_usleep (5000);
    }
}

static GSubprocess *
start_redis (const char *program, const char *folder, const char *socket)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr(GError) error = NULL;
  GSubprocess *process;

  g_subprocess_launcher_set_child_setup (launcher, on_fork, NULL, NULL);
  process = g_subprocess_launcher_spawn (launcher, &error, program, "--port", "0", "--unixsocket", socket, "--dir", folder,
                                         "--save", "", "--appendonly", "no", "--logfile", "/dev/null", NULL);
  g_assert_no_error (error);
  wait_for_socket (socket);

  return process;
}

static gboolean
has_redis (void)
{
  if (oai_proxy_backend_load ("redis", NULL) != NULL)
    return TRUE;

  g_test_skip ("the plug-in redis is not built");

  return FALSE;
}

static void
open_counters (ProxyFixture *proxy, const char *url, OaiProxyUnavailable policy)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (oai_proxy_server_open_counters (proxy->proxy, url, policy, &error));
  g_assert_no_error (error);
}

/* Sends a request, again if Redis did not reply in time, and returns how many more are allowed. */
static guint
post_and_get_remaining (ProxyFixture *proxy)
{
  static const char header[] = "x-ratelimit-remaining-requests: ";

  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *reply = post (proxy);
      const char *remaining = strstr (reply, header);

      if (g_str_has_prefix (reply, "HTTP/1.1 503 "))
        continue;
      g_assert_true (g_str_has_prefix (reply, "HTTP/1.1 200 "));
      g_assert_nonnull (remaining);
      return (guint) g_ascii_strtoull (remaining + strlen (header), NULL, 10);
    }
  g_error ("Redis did not reply");
}

static void
check_shared_counters (Fixture *fixture, OtherServer *other, const char *url)
{
  guint first, second;

  limit_requests_per_day (other, 1000);
  open_counters (&fixture->proxy, url, OAI_PROXY_UNAVAILABLE_REFUSE);
  open_counters (other, url, OAI_PROXY_UNAVAILABLE_REFUSE);
  first = post_and_get_remaining (&fixture->proxy);
  second = post_and_get_remaining (other);
  g_assert_cmpuint (first, <, 1000);
  g_assert_cmpuint (second, <, first);
  g_assert_cmpuint (post_and_get_remaining (&fixture->proxy), <, second);

  open_counters (other, NULL, OAI_PROXY_UNAVAILABLE_REFUSE);
  g_assert_cmpuint (post_and_get_remaining (other), ==, 999);
  open_counters (other, NULL, OAI_PROXY_UNAVAILABLE_REFUSE);
  g_assert_cmpuint (post_and_get_remaining (other), ==, 998);
}

static void
test_shared_counters (Fixture *fixture, gconstpointer data)
{
  g_autofree char *program = g_find_program_in_path ("redis-server");
  g_autofree char *socket = g_build_filename (fixture->folder, "redis", NULL);
  g_autofree char *url = g_strconcat ("unix://", socket, NULL);
  g_autoptr(OtherServer) other = other_server_new (fixture);
  g_autoptr(GSubprocess) process = NULL;

  if (program == NULL)
    program = g_find_program_in_path ("valkey-server");
  if (program == NULL)
    {
      g_test_skip ("redis-server is not installed");
      return;
    }
  if (!has_redis ())
    return;

  process = start_redis (program, fixture->folder, socket);
  check_shared_counters (fixture, other, url);
  /* The servers do not log that Redis has ended. */
  open_counters (&fixture->proxy, NULL, OAI_PROXY_UNAVAILABLE_REFUSE);
  g_subprocess_force_exit (process);
  g_subprocess_wait (process, NULL, NULL);
}

/* Counters in memory begin with the records, also if they were elsewhere before. */
static void
test_counters_in_memory_again (Fixture *fixture, gconstpointer data)
{
  if (!has_redis ())
    return;

  limit_requests_per_day (&fixture->proxy, 1);
  open_log (&fixture->proxy, fixture->location);
  assert_status (&fixture->proxy, 200);
  open_counters (&fixture->proxy, "unix:///nonexistent/socket", OAI_PROXY_UNAVAILABLE_ALLOW);
  open_counters (&fixture->proxy, NULL, OAI_PROXY_UNAVAILABLE_REFUSE);
  assert_status (&fixture->proxy, 429);
}

static void
test_unavailable_counters (Fixture *fixture, gconstpointer data)
{
  static const guint statuses[] = {
    [OAI_PROXY_UNAVAILABLE_REFUSE] = 503,
    [OAI_PROXY_UNAVAILABLE_LOCAL] = 200,
    [OAI_PROXY_UNAVAILABLE_ALLOW] = 200,
  };
  g_autoptr(GEnumClass) klass = g_type_class_ref (OAI_TYPE_PROXY_UNAVAILABLE);

  if (!has_redis ())
    return;

  g_assert_cmpuint (klass->n_values, ==, G_N_ELEMENTS (statuses));
  limit_requests_per_day (&fixture->proxy, 1);
  for (guint i = 0; i < klass->n_values; i++)
    {
      open_counters (&fixture->proxy, "unix:///nonexistent/socket", klass->values[i].value);
      assert_status (&fixture->proxy, statuses[klass->values[i].value]);
    }
  assert_status (&fixture->proxy, 200);
  open_counters (&fixture->proxy, "unix:///nonexistent/socket", OAI_PROXY_UNAVAILABLE_LOCAL);
  assert_status (&fixture->proxy, 200);
  assert_status (&fixture->proxy, 429);
}

/* The former counters are used further. */
static void
test_invalid_urls (Fixture *fixture, gconstpointer data)
{
  static const char *const urls[] = { "", "http://127.0.0.1", "redis://user:" SECRET "@", "redis://user:" SECRET "@127.0.0.1/x", "unix://" };

  if (!has_redis ())
    return;

  limit_requests_per_day (&fixture->proxy, 1);
  assert_status (&fixture->proxy, 200);
  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_false (oai_proxy_server_open_counters (fixture->proxy.proxy, urls[i], OAI_PROXY_UNAVAILABLE_ALLOW, &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
      g_assert_nonnull (strstr (error->message, "redis://localhost"));
      g_assert_null (strstr (error->message, SECRET));
    }
  assert_status (&fixture->proxy, 429);
}

static void
test_metrics (Fixture *fixture, gconstpointer data)
{
  g_autofree char *before = oai_proxy_server_dup_metrics (fixture->proxy.proxy);
  g_autofree char *after = NULL;

  g_assert_nonnull (strstr (before, "\noai_proxy_outcomes_total{outcome=\"completed\"} 0\n"));
  assert_status (&fixture->proxy, 200);
  after = oai_proxy_server_dup_metrics (fixture->proxy.proxy);
  g_assert_nonnull (strstr (after, "\noai_proxy_requests_total{operation=\"chat.create\",status=\"200\"} 1\n"));
  g_assert_nonnull (strstr (after, "\noai_proxy_outcomes_total{outcome=\"completed\"} 1\n"));
  g_assert_true (g_str_has_suffix (after, "\n"));
}

#define ADD(name, func) g_test_add ("/proxy/embedding/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("usage records are written before the end of the shutdown", test_usage_log);
  ADD ("the records of a log that is closed are written", test_closed_usage_log);
  ADD ("the shutdown reports records that were not written", test_unwritable_usage_log);
  ADD ("a restart does not renew limits of days", test_restored_limits);
  ADD ("invalid locations are errors", test_invalid_locations);
  ADD ("servers share counters in Redis", test_shared_counters);
  ADD ("counters in memory begin with the records again", test_counters_in_memory_again);
  ADD ("the policy decides without Redis", test_unavailable_counters);
  ADD ("invalid addresses of Redis are errors", test_invalid_urls);
  ADD ("metrics contain requests", test_metrics);

  return g_test_run ();
}
