/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Counters of the proxy in a real server of Redis, which may be away, hung, or hostile. */

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <hiredis/hiredis.h>
#include <openai-1/openai.h>

#include "oai-limit-window-private.h"
#include "oai-proxy-limiter-private.h"
#include "oai-redis-reply-private.h"
#include "oai-redis-script-private.h"
#include "oai-redis-store-private.h"
#include "oai-redis-url-private.h"

#define PATIENCE (60 * G_TIME_SPAN_SECOND)
#define PASSWORD "sk-swordfish-0123456789"
#define TIMEOUT_MS 300
/* For tests in which the server replies, however slow the machine is. */
#define LONG_TIMEOUT_MS 10000

static char *program; /* of the test */
static GString *logged;

/* A server in a folder of its own. */
typedef struct
{
  char *folder;
  char *path;
  char *url;
  GSubprocess *process;
  redisContext *client;
} Server;

/* The variable REDIS_SERVER selects one of several servers. */
static const char *
find_server (void)
{
  static const char *const names[] = { "redis-server", "valkey-server" };
  static char *found;

  if (found == NULL)
    found = g_strdup (g_getenv ("REDIS_SERVER"));
  for (guint i = 0; i < G_N_ELEMENTS (names) && found == NULL; i++)
    found = g_find_program_in_path (names[i]);

  return found;
}

static void
connect_client (Server *self)
{
  gint64 end = g_get_monotonic_time () + PATIENCE;

  while (TRUE)
    {
      self->client = redisConnectUnix (self->path);
      if (self->client != NULL && self->client->err == 0)
        return;
      g_clear_pointer (&self->client, redisFree);
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_usleep (5000);
    }
}

/* The server ends with the test, however that ends. */
static void
on_fork (gpointer user_data)
{
#ifdef __linux__
  prctl (PR_SET_PDEATHSIG, SIGKILL);
#endif
}

/* options: further arguments; nullable. */
static void
server_start (Server *self, const char *const *options)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr(GPtrArray) arguments = g_ptr_array_new ();
  g_autoptr(GError) error = NULL;
  const char *const fixed[] = { find_server (), "--port", "0", "--unixsocket", self->path, "--dir", self->folder,
                                "--save", "", "--appendonly", "no", "--logfile", "/dev/null" };

  for (guint i = 0; i < G_N_ELEMENTS (fixed); i++)
    g_ptr_array_add (arguments, (gpointer) fixed[i]);
  for (guint i = 0; options != NULL && options[i] != NULL; i++)
    g_ptr_array_add (arguments, (gpointer) options[i]);
  g_ptr_array_add (arguments, NULL);
  g_subprocess_launcher_set_child_setup (launcher, on_fork, NULL, NULL);
  self->process = g_subprocess_launcher_spawnv (launcher, (const char *const *) arguments->pdata, &error);
  g_assert_no_error (error);
  connect_client (self);
}

static Server *
server_new (const char *const *options)
{
  Server *self = g_new0 (Server, 1);
  g_autoptr(GError) error = NULL;

  self->folder = g_dir_make_tmp ("oai-redis-XXXXXX", &error);
  g_assert_no_error (error);
  self->path = g_build_filename (self->folder, "socket", NULL);
  self->url = g_strconcat ("unix://", self->path, NULL);
  server_start (self, options);

  return self;
}

static void
server_kill (Server *self)
{
  g_clear_pointer (&self->client, redisFree);
  g_subprocess_force_exit (self->process);
  g_subprocess_wait (self->process, NULL, NULL);
  g_clear_object (&self->process);
  g_unlink (self->path);
}

static void
server_free (Server *self)
{
  if (self->process != NULL)
    server_kill (self);
  g_rmdir (self->folder);
  g_free (self->folder);
  g_free (self->path);
  g_free (self->url);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Server, server_free)

static void
server_signal (Server *self, int number)
{
  g_subprocess_send_signal (self->process, number);
}

/* The process can reply for a short time after the signal was sent. */
static void
server_stop (Server *self)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/stat", g_subprocess_get_identifier (self->process));
  gboolean stopped = FALSE;

  server_signal (self, SIGSTOP);
  for (guint i = 0; i < 1000 && !stopped; i++)
    {
      g_autofree char *text = NULL;

      g_usleep (1000);
      stopped = !g_file_get_contents (path, &text, NULL, NULL) || strstr (text, ") T ") != NULL;
    }
}

/* Returns the integer that the server replies; for another reply, -1. */
static gint64 G_GNUC_PRINTF (2, 3)
server_run (Server *self, const char *format, ...)
{
  gint64 result = -1;
  redisReply *reply;
  va_list arguments;

  va_start (arguments, format);
  reply = redisvCommand (self->client, format, arguments);
  va_end (arguments);
  g_assert_nonnull (reply);
  if (reply->type == REDIS_REPLY_INTEGER)
    result = reply->integer;
  freeReplyObject (reply);

  return result;
}

#define START(server, options) \
  g_autoptr(Server) server = NULL; \
  if (find_server () == NULL) \
    { \
      g_test_skip ("redis-server is not installed"); \
      return; \
    } \
  server = server_new (options)

/* The result of an admission. */
typedef struct
{
  OaiProxyLease *lease;
  GError *error;
  gint64 retry_after;
  gboolean done;
} Result;

static void
result_clear (Result *self)
{
  g_clear_pointer (&self->lease, oai_proxy_lease_release);
  g_clear_error (&self->error);
  self->done = FALSE;
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Result, result_clear)

static void
on_admitted (OaiProxyLease *lease, const GError *error, gint64 retry_after, gpointer user_data)
{
  Result *result = user_data;

  g_assert_false (result->done);
  result->lease = lease;
  result->error = error != NULL ? g_error_copy (error) : NULL;
  result->retry_after = retry_after;
  result->done = TRUE;
}

static gboolean
on_patience (gpointer user_data)
{
  g_error ("Nothing happened for %d seconds", (int) (PATIENCE / G_TIME_SPAN_SECOND));

  return G_SOURCE_REMOVE;
}

#define WAIT_UNTIL(condition) \
  do \
    { \
      guint patience = g_timeout_add (PATIENCE / 1000, on_patience, NULL); \
      while (!(condition)) \
        g_main_context_iteration (NULL, TRUE); \
      g_source_remove (patience); \
    } \
  while (0)

static gboolean
on_time (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;

  return G_SOURCE_REMOVE;
}

static void
run_for (guint ms)
{
  gboolean done = FALSE;

  g_timeout_add (ms, on_time, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
}

static void
admit (OaiProxyLimiter *limiter, const char *identity, OaiProxyLimits *limits, gboolean stream, Result *result)
{
  result_clear (result);
  oai_proxy_limiter_admit (limiter, identity, limits, stream, on_admitted, result);
  WAIT_UNTIL (result->done);
}

/* A request that ends at once. */
static gboolean
try (OaiProxyLimiter *limiter, const char *identity, OaiProxyLimits *limits)
{
  g_auto(Result) result = { 0 };

  admit (limiter, identity, limits, FALSE, &result);
  if (result.lease != NULL)
    return TRUE;

  g_assert_error (result.error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_RATE_LIMITED);

  return FALSE;
}

static OaiCounterStore *
open_store (const OaiRedisSettings *settings)
{
  g_autoptr(GError) error = NULL;
  OaiCounterStore *store = oai_redis_store_new (settings, &error);

  g_assert_no_error (error);

  return store;
}

static OaiProxyLimiter *
open_limiter (const char *url, OaiProxyUnavailable policy, guint timeout_ms)
{
  OaiRedisSettings settings = { .url = url, .timeout_ms = timeout_ms };

  return oai_proxy_limiter_new (open_store (&settings), policy, NULL);
}

/* Waits until requests are admitted by the server again. */
static void
wait_until_available (OaiProxyLimiter *limiter)
{
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  gint64 end = g_get_monotonic_time () + PATIENCE;

  oai_proxy_limits_set_requests_per_minute (limits, G_MAXUINT);
  while (TRUE)
    {
      g_auto(Result) result = { 0 };

      admit (limiter, "probe", limits, FALSE, &result);
      if (result.lease != NULL)
        return;
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      run_for (10);
    }
}

static void
test_urls (void)
{
  static const struct
  {
    const char *text;
    const char *address;
    const char *user;
    const char *password;
    guint database;
  } valid[] = {
    { "redis://localhost", "redis://localhost:6379", NULL, NULL, 0 },
    { "redis://localhost:7000/3", "redis://localhost:7000", NULL, NULL, 3 },
    { "valkeys://u:p%40%2f@example.com/", "rediss://example.com:6379", "u", "p@/", 0 },
    { "REDIS://:secret@[::1]:1", "redis://[::1]:1", NULL, "secret", 0 },
    { "unix:///run/redis.sock", "unix:///run/redis.sock", NULL, NULL, 0 },
    { "redis+unix://:secret@/run/a%20b?db=7", "unix:///run/a b", NULL, "secret", 7 },
  };
  static const char *const invalid[] = {
    "", "localhost", "http://localhost", "redis://", "redis://:secret@", "redis://host:0", "redis://host:99999", "redis://host/x",
    "redis://host/-1", "redis://host/70000", "redis://host/1/2", "redis://host?a=secret", "redis://host#secret", "unix://host/path",
    "unix:///", "unix:///path?db=x", "unix:///path?secret", "unix:path", "redis://host:secret",
  };

  for (guint i = 0; i < G_N_ELEMENTS (valid); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(OaiRedisUrl) url = oai_redis_url_parse (valid[i].text, &error);
      g_autofree char *address = NULL;

      g_assert_no_error (error);
      address = oai_redis_url_describe (url);
      g_assert_cmpstr (address, ==, valid[i].address);
      g_assert_cmpstr (url->user, ==, valid[i].user);
      g_assert_cmpstr (url->password, ==, valid[i].password);
      g_assert_cmpuint (url->database, ==, valid[i].database);
    }
  for (guint i = 0; i < G_N_ELEMENTS (invalid); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (oai_redis_url_parse (invalid[i], &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
      g_assert_null (strstr (error->message, "secret"));
    }
}

/* A clock that the test sets, for the script and for the counters in memory. */
static gint64 fake_now;

static gint64
get_fake_now (gpointer user_data)
{
  return fake_now;
}

/* The script with a clock that is one of its arguments. */
static char *
make_script (void)
{
  g_assert_true (g_str_has_prefix (oai_redis_script, OAI_REDIS_SCRIPT_TIME));

  return g_strconcat ("local time = {ARGV[#ARGV], 1000 * tonumber(table.remove(ARGV))}\ntime = {'0', tostring(time[2])}\n",
                      oai_redis_script + strlen (OAI_REDIS_SCRIPT_TIME), NULL);
}

static redisReply *
run_admission (Server *server, const char *script, const OaiLimitSet *limits, const char *name)
{
  const gint64 *l = limits->limits;

  return redisCommand (server->client, "EVAL %s 2 counters streams a %lld %lld %lld %lld %lld %lld %s %u 999999999 %lld", script,
                       (long long) l[0], (long long) l[1], (long long) l[2], (long long) l[3], (long long) l[4], (long long) l[5],
                       name, limits->max_streams, (long long) fake_now);
}

static void
compare (const redisReply *reply, const OaiLimitState *state, const OaiLimitSet *limits)
{
  if (reply->type == REDIS_REPLY_ERROR)
    g_test_message ("%s", reply->str);
  g_assert_cmpint (reply->type, ==, REDIS_REPLY_ARRAY);
  g_assert_cmpuint (reply->elements, ==, OAI_REDIS_SCRIPT_N_RESULTS);
  g_assert_cmpint (reply->element[0]->integer, ==, state->admitted);
  if (!state->admitted)
    g_assert_cmpint (reply->element[1]->integer - 1, ==, state->refused_by);
  g_assert_cmpint (reply->element[2]->integer, ==, state->wait_ms);
  for (guint kind = 0; kind < OAI_N_LIMITS; kind++)
    {
      g_assert_cmpint (reply->element[3 + 2 * kind]->integer, ==, state->used[kind]);
      g_assert_cmpint (reply->element[4 + 2 * kind]->integer, ==, state->reset_ms[kind]);
    }
}

static void
set_random_limits (OaiLimitSet *limits, GRand *random)
{
  *limits = (OaiLimitSet) { .max_streams = g_rand_int_range (random, 0, 4) };
  for (guint kind = 0; kind < OAI_N_LIMITS; kind++)
    {
      if (g_rand_boolean (random))
        continue;

      limits->mask |= 1 << kind;
      limits->limits[kind] = kind <= OAI_LIMIT_REQUESTS_PER_DAY ? g_rand_int_range (random, 1, 40) : g_rand_int_range (random, 1, 4000);
    }
}

/* Sequences of requests at chosen times: the script and the counters in memory agree in every number. */
static void
test_script_agrees_with_memory (void)
{
  g_autofree char *script = make_script ();
  g_autoptr(GRand) random = g_rand_new_with_seed (11);
  OaiLimitClock clock = { get_fake_now, get_fake_now, NULL };

  START (server, NULL);
  for (guint round = 0; round < 60; round++)
    {
      OaiMemoryCounters *counters = oai_memory_counters_new (&clock);
      g_autoptr(GArray) leases = g_array_new (FALSE, FALSE, sizeof (OaiMemoryLease));
      g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
      OaiLimitSet limits;

      fake_now = 1795824000000 + g_rand_int_range (random, 0, 1000000000);
      set_random_limits (&limits, random);
      server_run (server, "FLUSHALL");
      for (guint i = 0; i < 150; i++)
        {
          gboolean stream = g_rand_boolean (random) && limits.max_streams > 0;
          g_autofree char *name = stream ? g_strdup_printf ("stream-%u", i) : g_strdup ("");
          OaiLimitState state;
          OaiMemoryLease lease;
          redisReply *reply;

          fake_now += g_rand_int_range (random, 0, i % 30 == 0 ? 90000000 : i % 7 == 0 ? 100000 : 900);
          reply = run_admission (server, script, &limits, name);
          oai_memory_counters_admit (counters, "counters", &limits, stream, &state, &lease);
          compare (reply, &state, &limits);
          freeReplyObject (reply);
          if (lease.identity != NULL)
            {
              g_array_append_val (leases, lease);
              g_ptr_array_add (names, g_steal_pointer (&name));
            }
          if (leases->len > 0 && g_rand_boolean (random))
            {
              guint n = g_rand_int_range (random, 0, leases->len);
              OaiLimitAmounts amounts = { 0, g_rand_int_range (random, 0, 500), g_rand_int_range (random, 0, 500) };
              char mask[OAI_N_LIMITS + 1] = "";

              for (guint kind = 0; kind < OAI_N_LIMITS; kind++)
                mask[kind] = (limits.mask & 1 << kind) != 0 ? '1' : '0';
              oai_memory_counters_count (counters, &g_array_index (leases, OaiMemoryLease, n), &amounts);
              g_assert_cmpint (server_run (server, "EVAL %s 1 counters c %s 0 %lld %lld %lld", script, mask, (long long) amounts.tokens,
                                           (long long) amounts.cost, (long long) fake_now), ==, 1);
              oai_memory_counters_release (counters, &g_array_index (leases, OaiMemoryLease, n));
              server_run (server, "ZREM streams %s", (const char *) names->pdata[n]);
              g_array_remove_index (leases, n);
              g_ptr_array_remove_index (names, n);
            }
        }
      for (guint i = 0; i < leases->len; i++)
        oai_memory_counters_release (counters, &g_array_index (leases, OaiMemoryLease, i));
      oai_memory_counters_free (counters);
    }
}

static void
test_month_end_of_script (void)
{
  g_autofree char *script = make_script ();
  g_autoptr(GTimeZone) utc = g_time_zone_new_utc ();
  OaiLimitSet limits = { .limits = { 0, 0, 0, 0, 0, 100 }, .mask = 1 << OAI_LIMIT_COST_PER_MONTH };

  START (server, NULL);
  for (int month = 0; month < 12 * 150; month++)
    {
      g_autoptr(GDateTime) start = g_date_time_new (utc, 1980 + month / 12, 1 + month % 12, 1, 0, 0, 0);
      g_autoptr(GDateTime) end = g_date_time_add_months (start, 1);
      gint64 expected = g_date_time_to_unix (end) * 1000;
      redisReply *reply;

      server_run (server, "DEL counters");
      /* The key does not expire before the next command. */
      fake_now = month % 2 == 0 ? g_date_time_to_unix (start) * 1000 : expected - 60000;
      server_run (server, "EVAL %s 1 counters c 000001 0 0 100 %lld", script, (long long) fake_now);
      reply = run_admission (server, script, &limits, "");
      g_assert_cmpint (reply->element[0]->integer, ==, 0);
      g_assert_cmpint (reply->element[2]->integer, ==, expected - fake_now);
      freeReplyObject (reply);
      /* The next month. */
      fake_now = expected;
      reply = run_admission (server, script, &limits, "");
      g_assert_cmpint (reply->element[0]->integer, ==, 1);
      freeReplyObject (reply);
    }
}

/* Keys expire when all counters are 0. */
static void
test_keys_expire (void)
{
  g_autoptr(OaiProxyLimits) minute = oai_proxy_limits_new (), day = oai_proxy_limits_new (), streams = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimiter) limiter = NULL;
  g_auto(Result) result = { 0 };

  START (server, NULL);
  limiter = open_limiter (server->url, OAI_PROXY_UNAVAILABLE_REFUSE, LONG_TIMEOUT_MS);
  oai_proxy_limits_set_requests_per_minute (minute, 5);
  oai_proxy_limits_set_requests_per_day (day, 5);
  oai_proxy_limits_set_max_streams (streams, 5);
  g_assert_true (try (limiter, "minute", minute));
  g_assert_true (try (limiter, "day", day));
  admit (limiter, "streams", streams, TRUE, &result);
  g_assert_nonnull (result.lease);
  g_assert_cmpint (server_run (server, "PTTL oai:{minute}:c"), <=, 60000);
  g_assert_cmpint (server_run (server, "PTTL oai:{minute}:c"), >, 30000);
  g_assert_cmpint (server_run (server, "PTTL oai:{day}:c"), <=, 86400000);
  g_assert_cmpint (server_run (server, "PTTL oai:{day}:c"), >, 86000000);
  g_assert_cmpint (server_run (server, "PTTL oai:{streams}:s"), <=, 30000);
  g_assert_cmpint (server_run (server, "PTTL oai:{streams}:s"), >, 10000);
  g_assert_cmpint (server_run (server, "EXISTS oai:{streams}:c"), ==, 0);
  g_assert_cmpint (server_run (server, "DBSIZE"), ==, 3);
}

static void
test_limits (void)
{
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimiter) limiter = NULL;
  g_auto(Result) result = { 0 };
  g_auto(Result) other = { 0 };

  START (server, NULL);
  limiter = open_limiter (server->url, OAI_PROXY_UNAVAILABLE_REFUSE, LONG_TIMEOUT_MS);
  oai_proxy_limits_set_requests_per_minute (limits, 3);
  oai_proxy_limits_set_tokens_per_day (limits, 1000);
  oai_proxy_limits_set_cost_per_month (limits, 0.5);
  oai_proxy_limits_set_max_streams (limits, 1);
  admit (limiter, "alice", limits, TRUE, &result);
  g_assert_nonnull (result.lease);
  admit (limiter, "alice", limits, TRUE, &other);
  g_assert_error (other.error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_RATE_LIMITED);
  g_assert_true (try (limiter, "alice", limits));
  oai_proxy_lease_count (result.lease, 1, 0.5);
  /* Commands are executed in their order, so the next one sees what was counted. */
  g_assert_false (try (limiter, "alice", limits));
  oai_proxy_limits_set_cost_per_month (limits, 1);
  oai_proxy_lease_count (result.lease, 998, 0.1);
  result_clear (&result);
  admit (limiter, "alice", limits, TRUE, &result);
  g_assert_nonnull (result.lease);
  admit (limiter, "alice", limits, FALSE, &other);
  g_assert_error (other.error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_RATE_LIMITED);
  g_assert_cmpint (other.retry_after, >, 0);
  g_assert_cmpint (other.retry_after, <=, 60000);
  g_assert_cmpint (server_run (server, "ZCARD oai:{alice}:s"), ==, 1);
}

static void
append_header (const char *name, const char *value, gpointer user_data)
{
  g_string_append_printf (user_data, "%s: %s\n", name, value);
}

static void
test_headers (void)
{
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimiter) limiter = NULL;
  g_autoptr(GString) headers = g_string_new (NULL);
  g_auto(Result) result = { 0 };

  START (server, NULL);
  limiter = open_limiter (server->url, OAI_PROXY_UNAVAILABLE_REFUSE, LONG_TIMEOUT_MS);
  oai_proxy_limits_set_requests_per_minute (limits, 3);
  oai_proxy_limits_set_tokens_per_minute (limits, 1000);
  admit (limiter, "alice", limits, TRUE, &result);
  oai_proxy_lease_get_headers (result.lease, append_header, headers);
  g_assert_cmpstr (headers->str, ==,
                   "x-ratelimit-limit-requests: 3\n"
                   "x-ratelimit-remaining-requests: 2\n"
                   "x-ratelimit-reset-requests: 1m0s\n"
                   "x-ratelimit-limit-tokens: 1000\n"
                   "x-ratelimit-remaining-tokens: 1000\n"
                   "x-ratelimit-reset-tokens: 0ms\n");
}

/* The plug-in as the program loads it. */
static void
test_plug_in (void)
{
  OaiRedisSettings settings = { .timeout_ms = LONG_TIMEOUT_MS };
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimiter) limiter = NULL;
  g_autoptr(GError) error = NULL;
  OaiCounterStore *store;

  START (server, NULL);
  settings.url = server->url;
  store = oai_redis_store_open (&settings, &error);
  g_assert_no_error (error);
  limiter = oai_proxy_limiter_new (store, OAI_PROXY_UNAVAILABLE_REFUSE, NULL);
  oai_proxy_limits_set_requests_per_day (limits, 1);
  g_assert_true (try (limiter, "alice", limits));
  g_assert_false (try (limiter, "alice", limits));
  settings.url = "http://localhost";
  g_assert_null (oai_redis_store_open (&settings, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
}

/* Of several requests at once, exactly as many are admitted as the limit permits. */
static guint
run_burst (const char *url, guint n, guint limit)
{
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimiter) limiter = open_limiter (url, OAI_PROXY_UNAVAILABLE_REFUSE, LONG_TIMEOUT_MS);
  g_autofree Result *results = g_new0 (Result, n);
  guint admitted = 0;

  oai_proxy_limits_set_requests_per_day (limits, limit);
  for (guint i = 0; i < n; i++)
    oai_proxy_limiter_admit (limiter, "alice", limits, FALSE, on_admitted, &results[i]);
  for (guint i = 0; i < n; i++)
    {
      WAIT_UNTIL (results[i].done);
      admitted += results[i].lease != NULL;
      result_clear (&results[i]);
    }

  return admitted;
}

/* In a process of its own: "burst" admits, and prints how many; "streams" opens streams until it is killed. */
static int
run_child (const char *task, const char *url)
{
  g_autoptr(OaiProxyLimits) limits = NULL;
  g_autoptr(OaiProxyLimiter) limiter = NULL;
  OaiRedisSettings settings = { .url = url, .timeout_ms = LONG_TIMEOUT_MS, .stream_timeout_ms = 600 };
  Result results[2] = { { 0 }, { 0 } };

  alarm (60);
  if (g_str_equal (task, "burst"))
    {
      g_print ("%u\n", run_burst (url, 400, 500));
      return 0;
    }

  limits = oai_proxy_limits_new ();
  oai_proxy_limits_set_max_streams (limits, 2);
  limiter = oai_proxy_limiter_new (open_store (&settings), OAI_PROXY_UNAVAILABLE_REFUSE, NULL);
  for (guint i = 0; i < 2; i++)
    admit (limiter, "alice", limits, TRUE, &results[i]);
  g_print ("%u\n", (results[0].lease != NULL) + (results[1].lease != NULL));
  while (TRUE)
    g_main_context_iteration (NULL, TRUE);
}

static GSubprocess *
start_child (const char *task, Server *server)
{
  g_autoptr(GError) error = NULL;
  GSubprocess *child = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "--child", task, server->url, NULL);

  g_assert_no_error (error);

  return child;
}

/* The number that the child prints first. */
static guint
read_child (GSubprocess *child)
{
  g_autoptr(GDataInputStream) stream = g_data_input_stream_new (g_subprocess_get_stdout_pipe (child));
  g_autoptr(GError) error = NULL;
  g_autofree char *line = g_data_input_stream_read_line (stream, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (line);

  return atoi (line);
}

static void
test_processes_share_limits (void)
{
  GSubprocess *children[3];
  guint admitted = 0;

  START (server, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    children[i] = start_child ("burst", server);
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    {
      admitted += read_child (children[i]);
      g_assert_true (g_subprocess_wait_check (children[i], NULL, NULL));
      g_object_unref (children[i]);
    }
  g_assert_cmpuint (admitted, ==, 500);
}

/* The streams of a process that was killed expire; those of one that lives do not. */
static void
test_streams_of_dead_process (void)
{
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimiter) limiter = NULL;
  g_autoptr(GSubprocess) child = NULL;
  g_auto(Result) result = { 0 };
  gint64 killed;

  START (server, NULL);
  limiter = open_limiter (server->url, OAI_PROXY_UNAVAILABLE_REFUSE, LONG_TIMEOUT_MS);
  oai_proxy_limits_set_max_streams (limits, 2);
  child = start_child ("streams", server);
  g_assert_cmpuint (read_child (child), ==, 2);
  for (guint i = 0; i < 4; i++)
    {
      admit (limiter, "alice", limits, TRUE, &result);
      g_assert_error (result.error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_RATE_LIMITED);
      run_for (300);
    }
  g_subprocess_force_exit (child);
  g_subprocess_wait (child, NULL, NULL);
  killed = g_get_monotonic_time ();
  while (result.lease == NULL)
    {
      g_assert_cmpint (g_get_monotonic_time () - killed, <, PATIENCE);
      run_for (20);
      admit (limiter, "alice", limits, TRUE, &result);
    }
}

/* The server lost its data: streams in progress are added again. */
static void
test_streams_after_flush (void)
{
  OaiRedisSettings settings = { .timeout_ms = LONG_TIMEOUT_MS, .stream_timeout_ms = 3000 };
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimiter) limiter = NULL;
  g_auto(Result) result = { 0 };
  gint64 end = g_get_monotonic_time () + PATIENCE;

  START (server, NULL);
  settings.url = server->url;
  limiter = oai_proxy_limiter_new (open_store (&settings), OAI_PROXY_UNAVAILABLE_REFUSE, NULL);
  oai_proxy_limits_set_max_streams (limits, 1);
  admit (limiter, "alice", limits, TRUE, &result);
  g_assert_nonnull (result.lease);
  server_run (server, "FLUSHALL");
  server_run (server, "SCRIPT FLUSH");
  while (server_run (server, "ZCARD oai:{alice}:s") == 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      run_for (20);
    }
  result_clear (&result);
  while (server_run (server, "ZCARD oai:{alice}:s") == 1)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      run_for (5);
    }
}

static void
test_flushed_script (void)
{
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimiter) limiter = NULL;
  Result results[20] = { { 0 } };
  guint admitted = 0;

  START (server, NULL);
  limiter = open_limiter (server->url, OAI_PROXY_UNAVAILABLE_REFUSE, LONG_TIMEOUT_MS);
  oai_proxy_limits_set_requests_per_day (limits, 12);
  for (guint i = 0; i < 5; i++)
    {
      g_assert_true (try (limiter, "alice", limits));
      server_run (server, "SCRIPT FLUSH");
    }
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    oai_proxy_limiter_admit (limiter, "alice", limits, FALSE, on_admitted, &results[i]);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      WAIT_UNTIL (results[i].done);
      admitted += results[i].lease != NULL;
      result_clear (&results[i]);
    }
  g_assert_cmpuint (admitted, ==, 7);
}

static void
test_killed_and_refuse (void)
{
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimiter) limiter = NULL;
  g_auto(Result) result = { 0 };

  START (server, NULL);
  limiter = open_limiter (server->url, OAI_PROXY_UNAVAILABLE_REFUSE, LONG_TIMEOUT_MS);
  oai_proxy_limits_set_requests_per_day (limits, 2);
  g_assert_true (try (limiter, "alice", limits));
  server_kill (server);
  for (guint i = 0; i < 3; i++)
    {
      admit (limiter, "alice", limits, FALSE, &result);
      g_assert_error (result.error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNAVAILABLE);
      g_assert_cmpint (result.retry_after, ==, 1000);
      run_for (10);
    }
  /* An identity without limits does not need the counters. */
  result_clear (&result);
  g_assert_null (oai_proxy_limiter_admit (limiter, "bob", NULL, TRUE, on_admitted, &result));
  g_assert_nonnull (result.lease);
  server_start (server, NULL);
  wait_until_available (limiter);
  g_assert_true (try (limiter, "alice", limits));
}

/* What is used while the server is away is counted when it is back. */
static void
test_killed_and_local (void)
{
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimiter) limiter = NULL;
  g_auto(Result) result = { 0 };
  gint64 end;

  START (server, NULL);
  limiter = open_limiter (server->url, OAI_PROXY_UNAVAILABLE_LOCAL, LONG_TIMEOUT_MS);
  oai_proxy_limits_set_requests_per_day (limits, 5);
  oai_proxy_limits_set_max_streams (limits, 1);
  admit (limiter, "alice", limits, TRUE, &result);
  g_assert_nonnull (result.lease);
  server_kill (server);
  /* The memory contains what this process admitted before. */
  for (guint i = 0; i < 4; i++)
    g_assert_true (try (limiter, "alice", limits));
  g_assert_false (try (limiter, "alice", limits));
  result_clear (&result);
  server_start (server, NULL);
  end = g_get_monotonic_time () + PATIENCE;
  while (server_run (server, "EXISTS oai:{alice}:c") == 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      run_for (10);
    }
  /* The first one was lost with the data of the server. */
  g_assert_true (try (limiter, "alice", limits));
  g_assert_false (try (limiter, "alice", limits));
}

static void
test_killed_and_allow (void)
{
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimiter) limiter = NULL;
  g_autoptr(GString) headers = g_string_new (NULL);
  g_auto(Result) result = { 0 };
  gint64 end;

  START (server, NULL);
  limiter = open_limiter (server->url, OAI_PROXY_UNAVAILABLE_ALLOW, LONG_TIMEOUT_MS);
  oai_proxy_limits_set_tokens_per_day (limits, 100);
  g_assert_true (try (limiter, "alice", limits));
  server_kill (server);
  for (guint i = 0; i < 10; i++)
    {
      admit (limiter, "alice", limits, TRUE, &result);
      g_assert_nonnull (result.lease);
      oai_proxy_lease_get_headers (result.lease, append_header, headers);
      g_assert_cmpstr (headers->str, ==, "");
      oai_proxy_lease_count (result.lease, 10, 0);
    }
  server_start (server, NULL);
  end = g_get_monotonic_time () + PATIENCE;
  while (server_run (server, "EXISTS oai:{alice}:c") == 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      run_for (10);
    }
  g_assert_false (try (limiter, "alice", limits));
}

/* A server that does not reply delays the first requests by the time limit, and no later ones. */
static void
test_hung (void)
{
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimiter) limiter = NULL;
  g_auto(Result) result = { 0 };
  gint64 end;

  START (server, NULL);
  limiter = open_limiter (server->url, OAI_PROXY_UNAVAILABLE_LOCAL, TIMEOUT_MS);
  oai_proxy_limits_set_requests_per_day (limits, 1000000);
  oai_proxy_limits_set_tokens_per_day (limits, 1000000);
  wait_until_available (limiter);
  server_stop (server);
  admit (limiter, "alice", limits, FALSE, &result);
  g_assert_nonnull (result.lease);
  oai_proxy_lease_count (result.lease, 77, 0);
  for (guint i = 0; i < 2000; i++)
    {
      /* The policy is applied before the call returns, also while the limiter connects again. */
      result_clear (&result);
      g_assert_null (oai_proxy_limiter_admit (limiter, "alice", limits, FALSE, on_admitted, &result));
      g_assert_nonnull (result.lease);
      g_main_context_iteration (NULL, FALSE);
    }
  run_for (3 * TIMEOUT_MS);
  result_clear (&result);
  g_assert_null (oai_proxy_limiter_admit (limiter, "alice", limits, FALSE, on_admitted, &result));
  server_signal (server, SIGCONT);
  /* What was counted meanwhile arrives. */
  end = g_get_monotonic_time () + PATIENCE;
  oai_proxy_limits_set_tokens_per_day (limits, 77);
  while (try (limiter, "alice", limits))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      run_for (10);
    }
}

/* A server that the limiter never reached. */
static void
test_never_there (void)
{
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimiter) limiter = open_limiter ("unix:///nonexistent/socket", OAI_PROXY_UNAVAILABLE_REFUSE, TIMEOUT_MS);
  g_autoptr(OaiProxyLimiter) local = open_limiter ("redis://127.0.0.1:1", OAI_PROXY_UNAVAILABLE_LOCAL, TIMEOUT_MS);
  g_auto(Result) result = { 0 };

  oai_proxy_limits_set_requests_per_day (limits, 1);
  admit (limiter, "alice", limits, FALSE, &result);
  g_assert_error (result.error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNAVAILABLE);
  g_assert_true (try (local, "alice", limits));
  g_assert_false (try (local, "alice", limits));
}

/* Replies to everything with the same bytes. */
typedef struct
{
  GSocketService *service;
  char *folder;
  char *path;
  char *url;
  const char *greeting; /* before them, to the first commands */
  const char *bytes;
  gsize size;
} Hostile;

static void
on_command (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GSocketConnection) connection = user_data;
  Hostile *self = g_object_get_data (G_OBJECT (connection), "hostile");
  g_autoptr(GBytes) command = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, NULL);
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  gboolean greeted = g_object_get_data (G_OBJECT (connection), "greeted") != NULL;

  if (command == NULL || g_bytes_get_size (command) == 0)
    return;

  g_object_set_data (G_OBJECT (connection), "greeted", GINT_TO_POINTER (1));
  if (!greeted && self->greeting != NULL)
    g_output_stream_write_all (output, self->greeting, strlen (self->greeting), NULL, NULL, NULL);
  else
    g_output_stream_write_all (output, self->bytes, self->size, NULL, NULL, NULL);
  g_input_stream_read_bytes_async (G_INPUT_STREAM (source), 65536, G_PRIORITY_DEFAULT, NULL, on_command, g_steal_pointer (&connection));
}

static gboolean
on_incoming (GSocketService *service, GSocketConnection *connection, GObject *object, gpointer user_data)
{
  g_object_set_data (G_OBJECT (connection), "hostile", user_data);
  g_socket_set_timeout (g_socket_connection_get_socket (connection), 1);
  g_input_stream_read_bytes_async (g_io_stream_get_input_stream (G_IO_STREAM (connection)), 65536, G_PRIORITY_DEFAULT, NULL, on_command, g_object_ref (connection));

  return TRUE;
}

static Hostile *
hostile_new (const char *greeting, const char *bytes, gsize size)
{
  Hostile *self = g_new0 (Hostile, 1);
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GError) error = NULL;

  self->folder = g_dir_make_tmp ("oai-redis-XXXXXX", NULL);
  self->path = g_build_filename (self->folder, "socket", NULL);
  self->url = g_strconcat ("unix://", self->path, NULL);
  self->greeting = greeting;
  self->bytes = bytes;
  self->size = size;
  self->service = g_socket_service_new ();
  address = g_unix_socket_address_new (self->path);
  g_socket_listener_add_address (G_SOCKET_LISTENER (self->service), address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, &error);
  g_assert_no_error (error);
  g_signal_connect (self->service, "incoming", G_CALLBACK (on_incoming), self);
  g_socket_service_start (self->service);

  return self;
}

static void
hostile_free (Hostile *self)
{
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  /* Connections to it have been closed. */
  run_for (5);
  g_object_unref (self->service);
  g_unlink (self->path);
  g_rmdir (self->folder);
  g_free (self->folder);
  g_free (self->path);
  g_free (self->url);
  g_free (self);
}

static void
try_hostile (const char *greeting, const char *bytes, gsize size)
{
  Hostile *hostile = hostile_new (greeting, bytes, size);
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimiter) limiter = open_limiter (hostile->url, OAI_PROXY_UNAVAILABLE_REFUSE, 100);
  g_auto(Result) result = { 0 };

  oai_proxy_limits_set_requests_per_day (limits, 1);
  oai_proxy_limits_set_max_streams (limits, 1);
  for (guint i = 0; i < 2; i++)
    {
      admit (limiter, "alice", limits, TRUE, &result);
      g_assert_error (result.error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNAVAILABLE);
      run_for (2);
    }
  g_clear_pointer (&limiter, oai_proxy_limiter_unref);
  hostile_free (hostile);
}

static void
test_hostile_replies (void)
{
  static const char *const replies[] = {
    "HTTP/1.1 400 Bad Request\r\n\r\n", "\r\n", "+OK\r\n", "-ERR\r\n", "-" PASSWORD "\r\n", ":1\r\n", ":99999999999999999999\r\n", "$-1\r\n",
    "$5\r\nab", "$-5\r\n", "$99999999999\r\n", "$2147483647\r\n", "*-1\r\n", "*0\r\n", "*-2\r\n", "*1\r\n:1\r\n", "*33\r\n", "*2147483647\r\n", "*99999999999\r\n",
    "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", "~1\r\n:1\r\n", ">1\r\n:1\r\n", "%1\r\n", "_\r\n", "#t\r\n", ",1.5\r\n", "(1\r\n",
    "*15\r\n:2\r\n:0\r\n:-1\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n",
    "*15\r\n:0\r\n:0\r\n:-1\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n",
    "*15\r\n:0\r\n:8\r\n:-1\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n",
    "*15\r\n:0\r\n:1\r\n:-2\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n",
    "*15\r\n:1\r\n:0\r\n:-1\r\n:-1\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n",
    "*15\r\n:1\r\n:0\r\n:-1\r\n$1\r\n0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n",
    "*15\r\n:1\r\n:0\r\n:-1\r\n:9223372036854775807\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n",
    ":1\r\n:1\r\n:1\r\n", "+PONG\r\n+PONG\r\n", "-LOADING x\r\n", "-READONLY\r\n", "-NOSCRIPT\r\n", "-MOVED 1 127.0.0.1:1\r\n", "-OOM x\r\n",
  };
  g_autofree char *long_text = g_strnfill (200000, 'a');
  g_autofree char *long_reply = g_strconcat ("+", long_text, "\r\n", NULL);
  g_autofree char *long_string = g_strconcat ("$199999\r\n", long_text, "\r\n", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      try_hostile (NULL, replies[i], strlen (replies[i]));
      try_hostile ("+PONG\r\n", replies[i], strlen (replies[i]));
    }
  try_hostile ("+PONG\r\n", "\0\0\0\0", 4);
  try_hostile (NULL, long_reply, strlen (long_reply));
  try_hostile ("+PONG\r\n", long_reply, strlen (long_reply));
  try_hostile ("+PONG\r\n", long_string, strlen (long_string));
  /* A reply before each command. */
  try_hostile ("+PONG\r\n:1\r\n", "", 0);
  g_assert_null (strstr (logged->str, PASSWORD));
}

static void
test_types_of_replies (void)
{
  static const struct
  {
    const char *bytes;
    gboolean valid;
  } rows[] = {
    { "+OK\r\n", TRUE }, { "-ERR x\r\n", TRUE }, { ":1\r\n", TRUE }, { "$1\r\na\r\n", TRUE }, { "$-1\r\n", TRUE }, { "*2\r\n:1\r\n$1\r\na\r\n", TRUE },
    { "*1\r\n*1\r\n:1\r\n", FALSE }, { "*2\r\n:1\r\n*0\r\n", FALSE }, { "#t\r\n", FALSE }, { ",1.5\r\n", FALSE }, { ",inf\r\n", FALSE }, { "(1\r\n", FALSE },
    { "=5\r\ntxt:a\r\n", FALSE }, { "%1\r\n+a\r\n:1\r\n", FALSE }, { "~1\r\n:1\r\n", FALSE }, { ">1\r\n:1\r\n", FALSE }, { "*1\r\n#t\r\n", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      OaiRedisReader *reader = oai_redis_reader_new ();
      g_autoptr(OaiRedisReply) reply = NULL;
      gboolean valid = oai_redis_reader_feed (reader, rows[i].bytes, strlen (rows[i].bytes)) && oai_redis_reader_read (reader, &reply);

      g_test_message ("%s", rows[i].bytes);
      g_assert_cmpint (valid, ==, rows[i].valid);
      g_assert_true ((reply != NULL) == rows[i].valid);
      oai_redis_reader_free (reader);
    }
}

static void
test_random_replies (void)
{
  static const char alphabet[] = "*$+-:\r\n0123456789OKPONG ";
  g_autoptr(GRand) random = g_rand_new_with_seed (5);

  for (guint i = 0; i < 60; i++)
    {
      char bytes[200];
      gsize size = g_rand_int_range (random, 1, sizeof bytes);

      for (gsize j = 0; j < size; j++)
        bytes[j] = alphabet[g_rand_int_range (random, 0, strlen (alphabet))];
      try_hostile (i % 2 == 0 ? "+PONG\r\n" : NULL, bytes, size);
    }
}

/* The parts of a reply arrive one by one. */
static void
test_slow_reply (void)
{
  static const char reply[] = "*15\r\n:1\r\n:0\r\n:-1\r\n:1\r\n:60000\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n:0\r\n";
  Hostile *hostile = hostile_new ("+PONG\r\n", reply, strlen (reply));
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimiter) limiter = open_limiter (hostile->url, OAI_PROXY_UNAVAILABLE_REFUSE, LONG_TIMEOUT_MS);

  oai_proxy_limits_set_requests_per_minute (limits, 5);
  g_assert_true (try (limiter, "alice", limits));
  g_clear_pointer (&limiter, oai_proxy_limiter_unref);
  hostile_free (hostile);
}

/* Returns whether a request is admitted. */
static gboolean
try_credentials (const char *path, const char *credentials, const char *password)
{
  g_autofree char *url = g_strconcat ("unix://", credentials, path, NULL);
  OaiRedisSettings settings = { .url = url, .password = password, .timeout_ms = LONG_TIMEOUT_MS };
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimiter) limiter = oai_proxy_limiter_new (open_store (&settings), OAI_PROXY_UNAVAILABLE_REFUSE, NULL);
  g_auto(Result) result = { 0 };

  oai_proxy_limits_set_requests_per_day (limits, 100);
  admit (limiter, "alice", limits, FALSE, &result);
  if (result.error != NULL)
    {
      g_assert_error (result.error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNAVAILABLE);
      g_assert_null (strstr (result.error->message, PASSWORD));
      g_assert_null (strstr (result.error->message, path));
    }

  return result.lease != NULL;
}

static void
test_passwords (void)
{
  const char *const options[] = { "--requirepass", PASSWORD, "--user", "proxy", "on", ">" PASSWORD "2", "~oai:*", "+@all", NULL };
  g_autofree char *with_database = NULL;

  START (server, options);
  with_database = g_strconcat (server->path, "?db=3", NULL);
  g_string_truncate (logged, 0);
  g_assert_false (try_credentials (server->path, "", NULL));
  g_assert_nonnull (strstr (logged->str, "requires a password"));
  g_assert_false (try_credentials (with_database, "", NULL));
  g_assert_false (try_credentials (server->path, ":wrong-" PASSWORD "@", NULL));
  g_assert_nonnull (strstr (logged->str, "rejected the user or the password"));
  g_assert_true (try_credentials (server->path, ":" PASSWORD "@", NULL));
  g_assert_true (try_credentials (server->path, "", PASSWORD));
  g_assert_true (try_credentials (with_database, "", PASSWORD));
  g_assert_false (try_credentials (server->path, "proxy:" PASSWORD "@", NULL));
  g_assert_true (try_credentials (server->path, "proxy:" PASSWORD "2@", NULL));
  g_assert_true (try_credentials (server->path, "proxy:wrong@", PASSWORD "2"));
  g_assert_null (strstr (logged->str, PASSWORD));
}

/* An old server that quotes the password in its error. */
static void
test_password_in_error (void)
{
  static const char reply[] = "-ERR unknown command 'AUTH', with args beginning with: '" PASSWORD "'\r\n";
  Hostile *hostile = hostile_new (NULL, reply, strlen (reply));

  g_assert_false (try_credentials (hostile->path, "", PASSWORD));
  g_assert_null (strstr (logged->str, PASSWORD));
  hostile_free (hostile);
}

static guint16
find_port (void)
{
  g_autoptr(GSocketListener) listener = g_socket_listener_new ();

  return g_socket_listener_add_any_inet_port (listener, NULL, NULL);
}

static void
run_openssl (const char *folder)
{
  g_autofree char *key = g_build_filename (folder, "key.pem", NULL), *certificate = g_build_filename (folder, "certificate.pem", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(GSubprocess) process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error,
                                                     "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                                                     "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate, NULL);

  g_assert_no_error (error);
  g_assert_true (g_subprocess_wait_check (process, NULL, NULL));
}

/* Returns what was logged if no request is admitted, otherwise NULL. */
static const char *
try_tls (const char *host, guint port, const char *ca_file, guint timeout_ms)
{
  g_autofree char *url = g_strdup_printf ("rediss://%s:%u", host, port);
  OaiRedisSettings settings = { .url = url, .ca_file = ca_file, .timeout_ms = timeout_ms };
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimiter) limiter = oai_proxy_limiter_new (open_store (&settings), OAI_PROXY_UNAVAILABLE_REFUSE, NULL);
  g_auto(Result) result = { 0 };

  g_string_truncate (logged, 0);
  oai_proxy_limits_set_requests_per_day (limits, 100);
  for (guint i = 0; i < 3; i++)
    {
      admit (limiter, "alice", limits, FALSE, &result);
      if (result.lease == NULL)
        return logged->str;
    }

  return NULL;
}

/* A server with TLS reports that there is no key, and another one ends because of the options. */
static gboolean
server_has_tls (void)
{
  g_autofree char *output = NULL;
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GError) error = NULL;

  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE, &error, find_server (),
                              "--port", "0", "--tls-port", "1", "--tls-cert-file", "/dev/null", NULL);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, &error);
  g_assert_no_error (error);

  return strstr (output, "tls-key-file") != NULL;
}

static void
test_tls (void)
{
  g_autofree char *folder = NULL, *key = NULL, *certificate = NULL, *tls_port = NULL, *port = NULL, *openssl = g_find_program_in_path ("openssl");
  g_autoptr(Server) server = NULL;
  guint16 numbers[] = { find_port (), find_port () };

  if (find_server () == NULL || openssl == NULL)
    {
      g_test_skip ("redis-server or openssl is not installed");
      return;
    }

  if (!server_has_tls ())
    {
      g_test_skip ("The server was built without TLS");
      return;
    }

  folder = g_dir_make_tmp ("oai-redis-XXXXXX", NULL);
  key = g_build_filename (folder, "key.pem", NULL);
  certificate = g_build_filename (folder, "certificate.pem", NULL);
  run_openssl (folder);
  tls_port = g_strdup_printf ("%u", numbers[0]);
  port = g_strdup_printf ("%u", numbers[1]);
  server = server_new ((const char *[]) { "--bind", "127.0.0.1", "--port", port, "--tls-port", tls_port, "--tls-cert-file", certificate, "--tls-key-file", key,
                                          "--tls-auth-clients", "no", "--tls-ca-cert-file", certificate, NULL });
  g_assert_cmpstr (try_tls ("localhost", numbers[0], certificate, LONG_TIMEOUT_MS), ==, NULL);
  g_assert_nonnull (strstr (try_tls ("localhost", numbers[0], NULL, LONG_TIMEOUT_MS), "certificate is not accepted"));
  g_assert_nonnull (strstr (try_tls ("127.0.0.1", numbers[0], certificate, LONG_TIMEOUT_MS), "certificate is not accepted"));
  /* Without TLS, the server waits for the rest of what it reads as a command, or closes the connection. */
  g_assert_nonnull (strstr (try_tls ("localhost", numbers[1], certificate, TIMEOUT_MS), "is not available"));
  g_unlink (key);
  g_unlink (certificate);
  g_rmdir (folder);
}

static void
on_never (OaiProxyLease *lease, const GError *error, gint64 retry_after, gpointer user_data)
{
  g_assert_not_reached ();
}

/* Cancels after n iterations of the main loop; the stream does not remain. */
static gboolean
cancel_after (OaiProxyLimiter *limiter, OaiProxyLimits *limits, guint n)
{
  g_auto(Result) result = { 0 };
  OaiProxyAdmission *admission = oai_proxy_limiter_admit (limiter, "alice", limits, TRUE, on_admitted, &result);

  for (guint i = 0; i < n && !result.done; i++)
    g_main_context_iteration (NULL, TRUE);
  if (result.done)
    {
      g_assert_nonnull (result.lease);
      return FALSE;
    }

  oai_proxy_admission_cancel (admission);

  return TRUE;
}

static void
wait_for_no_stream (Server *server, gint64 end)
{
  while (server_run (server, "ZCARD oai:{alice}:s") != 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      run_for (1);
    }
}

static void
test_cancelled_at_every_moment (void)
{
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  gint64 end = g_get_monotonic_time () + PATIENCE;

  START (server, NULL);
  oai_proxy_limits_set_max_streams (limits, 1);
  for (guint n = 0;; n++)
    {
      /* A new connection: from the first moment of connecting. */
      g_autoptr(OaiProxyLimiter) limiter = open_limiter (server->url, OAI_PROXY_UNAVAILABLE_LOCAL, LONG_TIMEOUT_MS);
      gboolean cancelled = cancel_after (limiter, limits, n);

      wait_for_no_stream (server, end);
      g_assert_cmpuint (n, <, 1000);
      if (!cancelled)
        break;
    }
  /* A connection that is in use, and freed in every state. */
  oai_proxy_limits_set_max_streams (limits, 1000);
  for (guint n = 0; n < 100; n++)
    {
      g_autoptr(OaiProxyLimiter) limiter = open_limiter (server->url, OAI_PROXY_UNAVAILABLE_LOCAL, LONG_TIMEOUT_MS);

      wait_until_available (limiter);
      cancel_after (limiter, limits, n % 5);
      oai_proxy_admission_cancel (oai_proxy_limiter_admit (limiter, "bob", limits, TRUE, on_never, NULL));
      for (guint i = 0; i < n % 7; i++)
        g_main_context_iteration (NULL, FALSE);
    }
}

/* More streams than commands can be in flight are cancelled, and the limiter is freed at once: none remains. */
static void
test_freed_after_cancelling (void)
{
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  gint64 end = g_get_monotonic_time () + PATIENCE;
  OaiProxyAdmission *admissions[300];

  START (server, NULL);
  oai_proxy_limits_set_max_streams (limits, 1000);
  oai_proxy_limits_set_tokens_per_day (limits, 1000);
  for (guint n = 0; n < 5; n++)
    {
      /* No stream expires meanwhile. */
      OaiRedisSettings settings = { .url = server->url, .timeout_ms = LONG_TIMEOUT_MS, .stream_timeout_ms = 600000 };
      g_autoptr(OaiProxyLimiter) limiter = oai_proxy_limiter_new (open_store (&settings), OAI_PROXY_UNAVAILABLE_REFUSE, NULL);

      wait_until_available (limiter);
      for (guint i = 0; i < G_N_ELEMENTS (admissions); i++)
        admissions[i] = oai_proxy_limiter_admit (limiter, "alice", limits, TRUE, on_never, NULL);
      for (guint i = 0; i < G_N_ELEMENTS (admissions); i++)
        oai_proxy_admission_cancel (admissions[i]);
      for (guint i = 0; i < n; i++)
        g_main_context_iteration (NULL, FALSE);
      g_clear_pointer (&limiter, oai_proxy_limiter_unref);
      /* The first reply can be from before the admissions. */
      wait_for_no_stream (server, end);
      run_for (20);
      wait_for_no_stream (server, end);
    }
}

/* The server is lost before it has replied to the last commands. */
static void
test_lost_after_free (void)
{
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();

  START (server, NULL);
  oai_proxy_limits_set_max_streams (limits, 1000);
  for (guint n = 0; n < 2; n++)
    {
      g_autoptr(OaiProxyLimiter) limiter = open_limiter (server->url, OAI_PROXY_UNAVAILABLE_REFUSE, n == 0 ? LONG_TIMEOUT_MS : 50);

      wait_until_available (limiter);
      server_stop (server);
      for (guint i = 0; i < 100; i++)
        oai_proxy_admission_cancel (oai_proxy_limiter_admit (limiter, "alice", limits, TRUE, on_never, NULL));
      g_clear_pointer (&limiter, oai_proxy_limiter_unref);
      run_for (n == 0 ? 5 : 200);
      server_kill (server);
      run_for (20);
      server_start (server, NULL);
    }
}

/* The server is away when it is cancelled. */
static void
test_cancelled_without_server (void)
{
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();

  oai_proxy_limits_set_max_streams (limits, 1);
  for (guint n = 0; n < 20; n++)
    {
      g_autoptr(OaiProxyLimiter) limiter = open_limiter ("unix:///nonexistent/socket", OAI_PROXY_UNAVAILABLE_REFUSE, LONG_TIMEOUT_MS);

      oai_proxy_admission_cancel (oai_proxy_limiter_admit (limiter, "alice", limits, TRUE, on_never, NULL));
      for (guint i = 0; i < n; i++)
        g_main_context_iteration (NULL, FALSE);
    }
}

/* Releases its limiter from within the function. */
static void
on_last (OaiProxyLease *lease, const GError *error, gint64 retry_after, gpointer user_data)
{
  OaiProxyLimiter **limiter = user_data;

  g_clear_pointer (&lease, oai_proxy_lease_release);
  g_clear_pointer (limiter, oai_proxy_limiter_unref);
}

static void
test_freed_in_function (void)
{
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();

  START (server, NULL);
  oai_proxy_limits_set_max_streams (limits, 5);
  oai_proxy_limits_set_tokens_per_day (limits, 5);
  for (guint i = 0; i < 20; i++)
    {
      OaiProxyLimiter *limiter = open_limiter (i % 2 == 0 ? server->url : "unix:///nonexistent/socket", OAI_PROXY_UNAVAILABLE_ALLOW, LONG_TIMEOUT_MS);
      g_auto(Result) result = { 0 };

      if (i % 4 == 2)
        {
          wait_until_available (limiter);
          admit (limiter, "alice", limits, FALSE, &result);
          oai_proxy_lease_count (result.lease, 1, 0);
        }
      oai_proxy_limiter_admit (limiter, "alice", limits, TRUE, on_last, &limiter);
      result_clear (&result);
      WAIT_UNTIL (limiter == NULL);
    }
  for (guint i = 0; i < 10; i++)
    {
      OaiProxyLimiter *limiter = open_limiter (server->url, OAI_PROXY_UNAVAILABLE_REFUSE, LONG_TIMEOUT_MS);

      wait_until_available (limiter);
      oai_proxy_limiter_admit (limiter, "alice", limits, TRUE, on_last, &limiter);
      server_kill (server);
      WAIT_UNTIL (limiter == NULL);
      server_start (server, NULL);
    }
}

static void
test_keys (void)
{
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, "alice@example.com", -1);

  START (server, NULL);
  oai_proxy_limits_set_requests_per_day (limits, 1);
  for (guint hashed = 0; hashed < 2; hashed++)
    {
      OaiRedisSettings settings = { .url = server->url, .prefix = "app", .hash_identities = hashed, .timeout_ms = LONG_TIMEOUT_MS };
      g_autoptr(OaiProxyLimiter) limiter = oai_proxy_limiter_new (open_store (&settings), OAI_PROXY_UNAVAILABLE_REFUSE, NULL);

      server_run (server, "FLUSHALL");
      g_assert_true (try (limiter, "alice@example.com", limits));
      g_assert_false (try (limiter, "alice@example.com", limits));
      g_assert_cmpint (server_run (server, "DBSIZE"), ==, 1);
      g_assert_cmpint (server_run (server, "EXISTS app:{%s}:c", hashed ? hash : "alice@example.com"), ==, 1);
    }
}

/* Identities never share a key, however long the names are. */
static void
test_long_keys (void)
{
  g_autofree char *prefix = g_strnfill (64, 'p');
  g_autofree char *long_prefix = g_strnfill (65, 'p');
  g_autofree char *common = g_strnfill (255, 'i');
  g_autofree char *first = g_strconcat (common, "1", NULL);
  g_autofree char *second = g_strconcat (common, "2", NULL);
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, "}x", -1);
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimiter) limiter = NULL;
  g_autoptr(GError) error = NULL;
  OaiRedisSettings settings = { .prefix = long_prefix, .timeout_ms = LONG_TIMEOUT_MS };

  START (server, NULL);
  settings.url = server->url;
  g_assert_null (oai_redis_store_new (&settings, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);

  settings.prefix = prefix;
  limiter = oai_proxy_limiter_new (open_store (&settings), OAI_PROXY_UNAVAILABLE_REFUSE, NULL);
  oai_proxy_limits_set_requests_per_day (limits, 1);
  g_assert_true (try (limiter, first, limits));
  g_assert_true (try (limiter, second, limits));
  g_assert_cmpint (server_run (server, "EXISTS %s:{%s}:c", prefix, first), ==, 1);
  /* The braces around it mark the part of the key that decides on the server. */
  g_assert_true (try (limiter, "}x", limits));
  g_assert_cmpint (server_run (server, "EXISTS %s:{%s}:c", prefix, hash), ==, 1);
}

/* What is counted just before the program ends is not lost. */
static void
test_counted_at_the_end (void)
{
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  gint64 end = g_get_monotonic_time () + PATIENCE;

  START (server, NULL);
  oai_proxy_limits_set_tokens_per_day (limits, 1);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(OaiProxyLimiter) limiter = open_limiter (server->url, OAI_PROXY_UNAVAILABLE_REFUSE, LONG_TIMEOUT_MS);
      g_auto(Result) result = { 0 };

      admit (limiter, "alice", limits, FALSE, &result);
      if (i == 0)
        oai_proxy_lease_count (result.lease, 1, 0);
      else
        g_assert_error (result.error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_RATE_LIMITED);
      result_clear (&result);
      g_clear_pointer (&limiter, oai_proxy_limiter_unref);
      while (server_run (server, "EXISTS oai:{alice}:c") == 0)
        g_assert_cmpint (g_get_monotonic_time (), <, end);
    }
}

/* Something else is stored under a key: only its identity is affected. */
static void
test_foreign_key (void)
{
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimiter) limiter = NULL;
  g_auto(Result) result = { 0 };

  START (server, NULL);
  limiter = open_limiter (server->url, OAI_PROXY_UNAVAILABLE_REFUSE, LONG_TIMEOUT_MS);
  oai_proxy_limits_set_requests_per_day (limits, 2);
  server_run (server, "LPUSH oai:{alice}:c x");
  server_run (server, "SET oai:{bob}:c x");
  admit (limiter, "alice", limits, FALSE, &result);
  g_assert_error (result.error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNAVAILABLE);
  admit (limiter, "bob", limits, FALSE, &result);
  g_assert_error (result.error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNAVAILABLE);
  g_assert_true (try (limiter, "carol", limits));
}

/* A replica, or a server after a failover. */
static void
test_read_only (void)
{
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimiter) limiter = NULL;
  g_auto(Result) result = { 0 };

  START (server, NULL);
  limiter = open_limiter (server->url, OAI_PROXY_UNAVAILABLE_REFUSE, LONG_TIMEOUT_MS);
  oai_proxy_limits_set_requests_per_day (limits, 2);
  g_assert_true (try (limiter, "alice", limits));
  server_run (server, "REPLICAOF 127.0.0.1 1");
  admit (limiter, "alice", limits, FALSE, &result);
  g_assert_error (result.error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNAVAILABLE);
  server_run (server, "REPLICAOF NO ONE");
  wait_until_available (limiter);
  g_assert_true (try (limiter, "alice", limits));
  g_assert_false (try (limiter, "alice", limits));
}

static void
test_out_of_memory (void)
{
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimiter) limiter = NULL;
  g_auto(Result) result = { 0 };
  gint64 end = g_get_monotonic_time () + PATIENCE;

  START (server, NULL);
  limiter = open_limiter (server->url, OAI_PROXY_UNAVAILABLE_ALLOW, LONG_TIMEOUT_MS);
  oai_proxy_limits_set_tokens_per_day (limits, 10);
  wait_until_available (limiter);
  server_run (server, "CONFIG SET maxmemory-policy noeviction");
  server_run (server, "CONFIG SET maxmemory 1");
  admit (limiter, "alice", limits, FALSE, &result);
  g_assert_nonnull (result.lease);
  oai_proxy_lease_count (result.lease, 10, 0);
  run_for (50);
  g_assert_cmpint (server_run (server, "EXISTS oai:{alice}:c"), ==, 0);
  server_run (server, "CONFIG SET maxmemory 0");
  /* It is counted later. */
  while (server_run (server, "EXISTS oai:{alice}:c") == 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      run_for (20);
    }
  g_assert_false (try (limiter, "alice", limits));
}

/* More requests at once than may wait. */
static void
test_flood (void)
{
  enum { N = 10500 };
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimiter) limiter = NULL;
  g_autofree Result *results = g_new0 (Result, N);
  guint admitted = 0, unavailable = 0;
  gint64 start;

  START (server, NULL);
  limiter = open_limiter (server->url, OAI_PROXY_UNAVAILABLE_REFUSE, 60000);
  oai_proxy_limits_set_requests_per_minute (limits, G_MAXUINT);
  oai_proxy_limits_set_tokens_per_day (limits, G_MAXINT64);
  wait_until_available (limiter);
  start = g_get_monotonic_time ();
  for (guint i = 0; i < N; i++)
    oai_proxy_limiter_admit (limiter, "alice", limits, FALSE, on_admitted, &results[i]);
  for (guint i = 0; i < N; i++)
    {
      WAIT_UNTIL (results[i].done);
      admitted += results[i].lease != NULL;
      unavailable += results[i].lease == NULL;
    }
  g_test_message ("%.1f us for each of %u admissions at once", (double) (g_get_monotonic_time () - start) / N, N);
  g_assert_cmpuint (admitted, ==, 10000);
  g_assert_cmpuint (unavailable, ==, N - 10000);
  for (guint i = 0; i < N; i++)
    result_clear (&results[i]);
}

static double
get_processor_time (void)
{
  return (double) clock () / CLOCKS_PER_SEC * 1e6;
}

/* The time of requests, as messages. */
static void
test_speed (void)
{
  enum { N = 2000 };
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  g_autoptr(OaiProxyLimiter) limiter = NULL;
  gint64 start;
  double processor;

  START (server, NULL);
  limiter = open_limiter (server->url, OAI_PROXY_UNAVAILABLE_REFUSE, LONG_TIMEOUT_MS);
  oai_proxy_limits_set_requests_per_minute (limits, G_MAXUINT);
  oai_proxy_limits_set_tokens_per_day (limits, G_MAXINT64);
  oai_proxy_limits_set_max_streams (limits, 10);
  wait_until_available (limiter);
  start = g_get_monotonic_time ();
  processor = get_processor_time ();
  for (guint i = 0; i < N; i++)
    {
      g_auto(Result) result = { 0 };

      oai_proxy_limiter_admit (limiter, "alice", limits, TRUE, on_admitted, &result);
      while (!result.done)
        g_main_context_iteration (NULL, TRUE);
      oai_proxy_lease_count (result.lease, 100, 0.1);
    }
  g_test_message ("%.1f us, of which %.1f us of this process, for each admission, count and release",
                  (double) (g_get_monotonic_time () - start) / N, (get_processor_time () - processor) / N);
}

static void
keep_log (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
  g_string_append_printf (logged, "%s\n", message);
  if ((level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING)) != 0)
    g_printerr ("%s\n", message);
}

int
main (int argc, char **argv)
{
  int status;

  logged = g_string_new (NULL);
  signal (SIGPIPE, SIG_IGN);
  if (argc == 4 && g_str_equal (argv[1], "--child"))
    return run_child (argv[2], argv[3]);

  program = g_canonicalize_filename (argv[0], NULL);
  g_test_init (&argc, &argv, NULL);
  g_log_set_default_handler (keep_log, NULL);

  g_test_add_func ("/redis/urls", test_urls);
  g_test_add_func ("/redis/script-agrees-with-memory", test_script_agrees_with_memory);
  g_test_add_func ("/redis/month-end-of-script", test_month_end_of_script);
  g_test_add_func ("/redis/keys-expire", test_keys_expire);
  g_test_add_func ("/redis/limits", test_limits);
  g_test_add_func ("/redis/headers", test_headers);
  g_test_add_func ("/redis/plug-in", test_plug_in);
  g_test_add_func ("/redis/processes-share-limits", test_processes_share_limits);
  g_test_add_func ("/redis/streams-of-dead-process", test_streams_of_dead_process);
  g_test_add_func ("/redis/streams-after-flush", test_streams_after_flush);
  g_test_add_func ("/redis/flushed-script", test_flushed_script);
  g_test_add_func ("/redis/killed-and-refuse", test_killed_and_refuse);
  g_test_add_func ("/redis/killed-and-local", test_killed_and_local);
  g_test_add_func ("/redis/killed-and-allow", test_killed_and_allow);
  g_test_add_func ("/redis/hung", test_hung);
  g_test_add_func ("/redis/never-there", test_never_there);
  g_test_add_func ("/redis/hostile-replies", test_hostile_replies);
  g_test_add_func ("/redis/types-of-replies", test_types_of_replies);
  g_test_add_func ("/redis/random-replies", test_random_replies);
  g_test_add_func ("/redis/slow-reply", test_slow_reply);
  g_test_add_func ("/redis/passwords", test_passwords);
  g_test_add_func ("/redis/password-in-error", test_password_in_error);
  g_test_add_func ("/redis/tls", test_tls);
  g_test_add_func ("/redis/cancelled-at-every-moment", test_cancelled_at_every_moment);
  g_test_add_func ("/redis/freed-after-cancelling", test_freed_after_cancelling);
  g_test_add_func ("/redis/lost-after-free", test_lost_after_free);
  g_test_add_func ("/redis/cancelled-without-server", test_cancelled_without_server);
  g_test_add_func ("/redis/freed-in-function", test_freed_in_function);
  g_test_add_func ("/redis/keys", test_keys);
  g_test_add_func ("/redis/long-keys", test_long_keys);
  g_test_add_func ("/redis/counted-at-the-end", test_counted_at_the_end);
  g_test_add_func ("/redis/foreign-key", test_foreign_key);
  g_test_add_func ("/redis/read-only", test_read_only);
  g_test_add_func ("/redis/out-of-memory", test_out_of_memory);
  g_test_add_func ("/redis/flood", test_flood);
  g_test_add_func ("/redis/speed", test_speed);

  status = g_test_run ();
  g_string_free (logged, TRUE);
  g_free (program);

  return status;
}
