/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Usage records in PostgreSQL.  The test starts a server, as the user postgres if it runs as root, which accepts connections
 * at a socket in a temporary folder only. */

#include <glib/gstdio.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "oai-proxy-backend-private.h"
#include "oai-usage-store-private.h"
#include "usage-log-cases.h"

#define PASSWORD "not-in-any-message"

typedef struct
{
  const struct passwd *user; /* NULL: that of the test */
  char *bin;                 /* folder of the programs */
  char *folder;
  char *data;
  char *location;
  GSubprocess *process;
} Server;

static Server server;

/* Distributions install the server outside of PATH. */
static char *
find_bin (void)
{
  g_autofree char *path = g_find_program_in_path ("initdb");
  g_autoptr(GDir) dir = path == NULL ? g_dir_open ("/usr/lib/postgresql", 0, NULL) : NULL;
  const char *name;

  if (path != NULL)
    return g_path_get_dirname (path);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *bin = g_build_filename ("/usr/lib/postgresql", name, "bin", NULL);
      g_autofree char *program = g_build_filename (bin, "initdb", NULL);

      if (g_file_test (program, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer (&bin);
    }

  return NULL;
}

/* In the child: the server refuses to run as root, and must not outlive the test. */
static void
become_user (gpointer user_data)
{
  const struct passwd *user = user_data;

  if (user != NULL && (setgid (user->pw_gid) != 0 || setuid (user->pw_uid) != 0))
    _exit (126);
  prctl (PR_SET_PDEATHSIG, SIGQUIT);
}

static GSubprocess *
spawn (const char *program, ...)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr(GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *path = g_build_filename (server.bin, program, NULL);
  g_autoptr(GError) error = NULL;
  GSubprocess *process;
  const char *argument;
  va_list arguments;

  g_ptr_array_add (argv, path);
  va_start (arguments, program);
  do
    {
      argument = va_arg (arguments, const char *);
      g_ptr_array_add (argv, (gpointer) argument);
    }
  while (argument != NULL);
  va_end (arguments);
  g_subprocess_launcher_set_cwd (launcher, "/");
  g_subprocess_launcher_set_child_setup (launcher, become_user, (gpointer) server.user, NULL);
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv->pdata, &error);
  g_assert_no_error (error);

  return process;
}

static void
wait_until_ready (void)
{
  for (guint i = 0; i < 600; i++)
    {
      if (PQping (server.location) == PQPING_OK)
        return;
      g_usleep (50000);
    }
  g_error ("the server does not accept connections");
}

static void
start_server (void)
{
  server.process = spawn ("postgres", "-D", server.data, "-k", server.folder, "-c", "listen_addresses=", "-c", "fsync=off", NULL);
  wait_until_ready ();
}

/* Connections are closed at once. */
static void
stop_server (int number)
{
  g_subprocess_send_signal (server.process, number);
  g_subprocess_wait (server.process, NULL, NULL);
  g_clear_object (&server.process);
}

/* Returns why there is no server, or NULL. */
static const char *
create_server (void)
{
  g_autoptr(GSubprocess) process = NULL;
  g_autofree char *escaped = NULL;

  server.bin = find_bin ();
  if (server.bin == NULL)
    return "the server of PostgreSQL is not installed";
  if (getuid () == 0)
    {
      server.user = getpwnam ("postgres");
      if (server.user == NULL)
        return "there is no user postgres, and the server does not run as root";
    }

  server.folder = g_dir_make_tmp ("oai-pg-XXXXXX", NULL);
  if (server.user != NULL)
    g_assert_cmpint (chown (server.folder, server.user->pw_uid, server.user->pw_gid), ==, 0);
  server.data = g_build_filename (server.folder, "data", NULL);
  escaped = g_uri_escape_string (server.folder, NULL, FALSE);
  server.location = g_strdup_printf ("postgresql://oai:%s@/postgres?host=%s", PASSWORD, escaped);
  process = spawn ("initdb", "-D", server.data, "-U", "oai", "-A", "trust", "-E", "UTF8", "--locale=C", "-N", NULL);
  g_subprocess_wait (process, NULL, NULL);
  if (!g_subprocess_get_successful (process))
    return "initdb failed";
  start_server ();

  return NULL;
}

static void
remove_folder (const char *path)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        remove_folder (child);
      else
        g_unlink (child);
    }
  g_rmdir (path);
}

static void
clear_server (void)
{
  if (server.process != NULL)
    stop_server (SIGINT);
  if (server.folder != NULL)
    remove_folder (server.folder);
  g_free (server.bin);
  g_free (server.folder);
  g_free (server.data);
  g_free (server.location);
}

#define TEST(name)                           \
  static void                                \
  test_##name (void)                         \
  {                                          \
    usage_log_check_##name (server.location); \
  }

TEST (sums)
TEST (hostile_text)
TEST (repeated_records)
TEST (several_writers)
TEST (full_queue)
TEST (history)

static void
run_sql (const char *sql)
{
  PGconn *connection = PQconnectdb (server.location);
  PGresult *result = PQexec (connection, sql);

  g_assert_cmpint (PQresultStatus (result), ==, PGRES_COMMAND_OK);
  PQclear (result);
  PQfinish (connection);
}

/* The server stops and starts again: no record is lost or counted twice. */
static void
test_restart (void)
{
  g_autoptr(OaiUsageLog) log = usage_log_open (server.location);
  g_autoptr(GError) error = NULL;

  usage_log_add (log, "restart", "gpt", 0, USAGE_LOG_BEGIN);
  g_assert_true (usage_log_flush (log, &error));
  stop_server (SIGQUIT);
  for (guint i = 1; i < 700; i++)
    usage_log_add (log, "restart", "gpt", i, USAGE_LOG_BEGIN);
  g_test_expect_message ("Oai", G_LOG_LEVEL_WARNING, "*cannot be written*");
  g_assert_false (usage_log_flush (log, &error));
  g_test_assert_expected_messages ();
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED);
  g_assert_null (strstr (error->message, PASSWORD));
  g_clear_error (&error);
  g_assert_cmpuint (oai_usage_log_get_n_queued (log), ==, 699);

  start_server ();
  while (!usage_log_flush (log, NULL))
    g_usleep (10000);
  g_assert_cmpint (usage_log_count (server.location, "restart"), ==, 700);
}

/* The connection was closed while it was not used: the batch is written with another one. */
static void
test_closed_connection (void)
{
  g_autoptr(OaiUsageLog) log = usage_log_open (server.location);
  g_autoptr(GError) error = NULL;
  PGconn *connection = PQconnectdb (server.location);

  PQclear (PQexec (connection, "SELECT pg_terminate_backend (pid, 5000) FROM pg_stat_activity WHERE application_name = 'oai-proxy'"));
  PQfinish (connection);
  usage_log_add (log, "closed", "gpt", 0, USAGE_LOG_BEGIN);
  g_assert_true (usage_log_flush (log, &error));
  g_assert_no_error (error);
  g_assert_cmpint (usage_log_count (server.location, "closed"), ==, 1);
}

static void
test_later_version (void)
{
  g_autoptr(GError) error = NULL;

  run_sql ("UPDATE oai_usage_schema SET version = 2");
  g_assert_null (oai_usage_log_new (server.location, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  run_sql ("UPDATE oai_usage_schema SET version = 1");
}

/* The model of a request could not be stored in another encoding. */
static void
test_encoding (void)
{
  g_autofree char *escaped = g_uri_escape_string (server.folder, NULL, FALSE);
  g_autofree char *location = g_strdup_printf ("postgresql://oai@/latin?host=%s", escaped);
  g_autoptr(GError) error = NULL;

  run_sql ("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
  g_assert_null (oai_usage_log_new (location, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_assert_nonnull (strstr (error->message, "LATIN1"));
}

/* A user that may insert, but not create tables. */
static void
test_restricted_user (void)
{
  g_autofree char *location = NULL;
  g_autofree char *escaped = g_uri_escape_string (server.folder, NULL, FALSE);
  g_autoptr(OaiUsageLog) log = NULL;
  g_autoptr(GError) error = NULL;

  run_sql ("CREATE USER restricted; REVOKE CREATE ON SCHEMA public FROM PUBLIC;"
           "GRANT SELECT ON oai_usage_schema TO restricted; GRANT SELECT, INSERT ON oai_usage_records TO restricted");
  location = g_strdup_printf ("postgresql://restricted@/postgres?host=%s", escaped);
  log = usage_log_open (location);
  usage_log_add (log, "restricted", "gpt", 0, USAGE_LOG_BEGIN);
  g_assert_true (usage_log_flush (log, &error));
  g_assert_no_error (error);
  g_assert_cmpint (usage_log_count (location, "restricted"), ==, 1);
}

static void
test_errors_contain_no_password (void)
{
  static const char *const locations[] = {
    "postgresql://user:" PASSWORD "@127.0.0.1:1/db",
    "postgresql://user:" PASSWORD "@[bad",
    "postgresql://user:" PASSWORD "@host:port/%zz",
    "postgresql://user:" PASSWORD "@/db?host=/nonexistent",
    "postgresql://user:" PASSWORD "@/db?nothing=1",
  };

  for (guint i = 0; i < G_N_ELEMENTS (locations); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (oai_usage_log_new (locations[i], &error));
      g_test_message ("%s", error->message);
      g_assert_true (error->domain == G_IO_ERROR);
      g_assert_null (strstr (error->message, PASSWORD));
    }
}

/* A hostile server */

typedef struct
{
  GSocketListener *listener;
  GThread *thread;
  GByteArray *output;
  const char *const *sums; /* values of the only row of sums; NULL: no query has a row */
  GMutex *hang;            /* instead of a reply to a query with parameters, waits for it, and then closes the connection; nullable */
  char *location;
} Hostile;

static void
add_number (GByteArray *bytes, guint size, guint32 number)
{
  guint32 ordered = GUINT32_TO_BE (number);

  g_byte_array_append (bytes, (const guint8 *) &ordered + sizeof ordered - size, size);
}

static void
add_message (Hostile *self, char type, gconstpointer body, guint size)
{
  g_byte_array_append (self->output, (const guint8 *) &type, 1);
  add_number (self->output, 4, size + 4);
  g_byte_array_append (self->output, body, size);
}

static void
add_row (Hostile *self, const char *const *values)
{
  guint n = g_strv_length ((char **) values);
  g_autoptr(GByteArray) columns = g_byte_array_new ();
  g_autoptr(GByteArray) row = g_byte_array_new ();

  add_number (columns, 2, n);
  add_number (row, 2, n);
  for (guint i = 0; i < n; i++)
    {
      g_byte_array_append (columns, (const guint8 *) "c", 2);
      /* The table, the column, the type text, its size, its modifier, the format. */
      add_number (columns, 4, 0);
      add_number (columns, 2, 0);
      add_number (columns, 4, 25);
      add_number (columns, 2, 0xffff);
      add_number (columns, 4, 0xffffffff);
      add_number (columns, 2, 0);
      add_number (row, 4, strlen (values[i]));
      g_byte_array_append (row, (const guint8 *) values[i], strlen (values[i]));
    }
  add_message (self, 'T', columns->data, columns->len);
  add_message (self, 'D', row->data, row->len);
}

static void
add_reply (Hostile *self, char type, const char *body)
{
  if (type == 'S')
    {
      add_message (self, '1', "", 0);
      add_message (self, '2', "", 0);
    }
  if (self->sums != NULL && type == 'S')
    add_row (self, self->sums);
  else if (self->sums != NULL && strstr (body, "to_regclass") != NULL)
    add_row (self, (const char *const[]) { "t", NULL });
  else if (self->sums != NULL && strstr (body, "version") != NULL)
    add_row (self, (const char *const[]) { "1", NULL });
  add_message (self, 'C', "SELECT 1", sizeof "SELECT 1");
  add_message (self, 'Z', "I", 1);
}

/* Returns FALSE at the end. */
static gboolean
read_message (GDataInputStream *input, gboolean first, char *type, char **body)
{
  guint32 size;

  *type = first ? 0 : (char) g_data_input_stream_read_byte (input, NULL, NULL);
  size = g_data_input_stream_read_uint32 (input, NULL, NULL);
  if (size < 4 || size > 65536)
    return FALSE;

  *body = g_malloc0 (size);

  return g_input_stream_read_all (G_INPUT_STREAM (input), *body, size - 4, NULL, NULL, NULL) && *type != 'X';
}

static gpointer
run_hostile (gpointer data)
{
  Hostile *self = data;
  g_autoptr(GSocketConnection) connection = g_socket_listener_accept (self->listener, NULL, NULL, NULL);
  g_autoptr(GDataInputStream) input = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  gboolean first = TRUE, open = TRUE;

  while (open)
    {
      g_autofree char *body = NULL;
      char type;

      open = read_message (input, first, &type, &body);
      if (open && first)
        {
          add_message (self, 'R', "\0\0\0\0", 4);
          add_message (self, 'Z', "I", 1);
        }
      else if (open && type == 'S' && self->hang != NULL)
        {
          g_mutex_lock (self->hang);
          g_mutex_unlock (self->hang);
          open = FALSE;
        }
      else if (open && (type == 'Q' || type == 'S'))
        {
          add_reply (self, type, body);
        }
      g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), self->output->data, self->output->len, NULL, NULL, NULL);
      g_byte_array_set_size (self->output, 0);
      first = FALSE;
    }

  return NULL;
}

static void
start_hostile (Hostile *self)
{
  g_autoptr(GInetAddress) address = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr(GSocketAddress) any = g_inet_socket_address_new (address, 0);
  g_autoptr(GSocketAddress) bound = NULL;

  self->listener = g_socket_listener_new ();
  self->output = g_byte_array_new ();
  g_assert_true (g_socket_listener_add_address (self->listener, any, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &bound, NULL));
  self->location = g_strdup_printf ("postgresql://user@127.0.0.1:%u/db?sslmode=disable&gssencmode=disable", g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));
  self->thread = g_thread_new ("hostile", run_hostile, self);
}

/* Waits until the client has closed the connection. */
static void
stop_hostile (Hostile *self)
{
  g_thread_join (self->thread);
  g_object_unref (self->listener);
  g_byte_array_unref (self->output);
  g_free (self->location);
}

static GPtrArray *
load_hostile_sums (const char *const *sums, GError **error)
{
  Hostile self = { .sums = sums };
  GPtrArray *loaded;

  start_hostile (&self);
  loaded = oai_usage_log_load_sums (self.location, 0, G_MAXINT64 / 1000, error);
  stop_hostile (&self);

  return loaded;
}

static void
test_hostile_server (void)
{
  static const char *const one[] = { "9223372036854775807", NULL };
  static const char *const all[] = { "-9223372036854775808", "\xff", "m", "99999999999999999999", "x", "", "-1", "nan", NULL };
  g_autoptr(GPtrArray) none = NULL;
  g_autoptr(GPtrArray) short_row = NULL;
  g_autoptr(GPtrArray) strange_row = NULL;
  g_autoptr(GError) error = NULL;
  OaiUsageSum *sum;

  none = load_hostile_sums (NULL, &error);
  g_assert_null (none);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_clear_error (&error);

  short_row = load_hostile_sums (one, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (short_row->len, ==, 1);
  sum = short_row->pdata[0];
  g_assert_cmpstr (sum->day, ==, "");
  g_assert_cmpstr (sum->identity, ==, "");

  strange_row = load_hostile_sums (all, &error);
  g_assert_no_error (error);
  sum = strange_row->pdata[0];
  g_assert_cmpstr (sum->day, ==, "");
  g_assert_true (g_utf8_validate (sum->identity, -1, NULL));
}

static void
note_amount (const char *identity, gint64 end, gint64 n_requests, gint64 tokens, double cost, gpointer user_data)
{
  gint64 *noted = user_data;

  g_assert_nonnull (identity);
  noted[0]++;
  noted[1] = tokens;
}

static void
assert_hostile_history (const char *const *row, gint64 tokens)
{
  Hostile self = { .sums = row };
  g_autoptr(GError) error = NULL;
  const OaiUsageStore *functions = oai_proxy_backend_load ("postgresql", &error);
  gint64 noted[2] = { 0 };
  gpointer store;

  g_assert_no_error (error);
  start_hostile (&self);
  store = functions->open (self.location, &error);
  g_assert_no_error (error);
  g_assert_true (functions->load (store, 0, 1, 0, 0, note_amount, noted, &error));
  g_assert_no_error (error);
  functions->close (store);
  stop_hostile (&self);
  g_assert_cmpint (noted[0], ==, 1);
  g_assert_cmpint (noted[1], ==, tokens);
}

static void
test_hostile_history (void)
{
  assert_hostile_history ((const char *const[]) { "alice", NULL }, 0);
  assert_hostile_history ((const char *const[]) { "alice", "x", "", "99999999999999999999", "nan", NULL }, G_MAXINT64);
}

/* A program can end although the database does not reply. */
static void
test_hung_server (void)
{
  static const char *const unused[] = { "", NULL };
  GMutex hang;
  Hostile self = { .sums = unused, .hang = &hang };
  OaiUsageLog *log;
  g_autoptr(GError) error = NULL;

  g_mutex_init (&hang);
  g_mutex_lock (&hang);
  start_hostile (&self);
  log = usage_log_open (self.location);
  oai_usage_log_set_flush_timeout (log, 100);
  usage_log_add (log, "hung", "gpt", 0, USAGE_LOG_BEGIN);
  g_assert_false (usage_log_flush (log, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpuint (oai_usage_log_get_n_queued (log), ==, 1);

  /* The end of the connection ends the thread, which tries again, and fails. */
  g_object_add_weak_pointer (G_OBJECT (log), (gpointer *) &log);
  g_test_expect_message ("Oai", G_LOG_LEVEL_WARNING, "*cannot be written*");
  g_object_unref (log);
  g_socket_listener_close (self.listener);
  g_mutex_unlock (&hang);
  while (log != NULL)
    g_main_context_iteration (NULL, TRUE);
  g_test_assert_expected_messages ();
  stop_hostile (&self);
  g_mutex_clear (&hang);
}

static const struct { const char *path; void (*func) (void); } tests[] = {
  { "/proxy/usage-log/postgresql/records are added up", test_sums },
  { "/proxy/usage-log/postgresql/hostile text is stored", test_hostile_text },
  { "/proxy/usage-log/postgresql/repeated records are ignored", test_repeated_records },
  { "/proxy/usage-log/postgresql/several logs write to one database", test_several_writers },
  { "/proxy/usage-log/postgresql/the queue is limited", test_full_queue },
  { "/proxy/usage-log/postgresql/what was used is restored for limits", test_history },
  { "/proxy/usage-log/postgresql/records wait while the server restarts", test_restart },
  { "/proxy/usage-log/postgresql/a closed connection is replaced", test_closed_connection },
  { "/proxy/usage-log/postgresql/records of later versions are not changed", test_later_version },
  { "/proxy/usage-log/postgresql/a user needs no right to create tables", test_restricted_user },
  { "/proxy/usage-log/postgresql/errors contain no password", test_errors_contain_no_password },
  { "/proxy/usage-log/postgresql/the encoding is UTF-8", test_encoding },
  { "/proxy/usage-log/postgresql/a hostile server is harmless", test_hostile_server },
  { "/proxy/usage-log/postgresql/a hostile server does no harm to limits", test_hostile_history },
  { "/proxy/usage-log/postgresql/a flush does not wait for a hung server", test_hung_server },
};

static void
skip (gconstpointer user_data)
{
  g_test_skip (user_data);
}

int
main (int argc, char **argv)
{
  const char *missing;
  int result;

  g_test_init (&argc, &argv, NULL);
  missing = create_server ();
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    if (missing != NULL)
      g_test_add_data_func (tests[i].path, missing, skip);
    else
      g_test_add_func (tests[i].path, tests[i].func);
  result = g_test_run ();
  clear_server ();

  return result;
}
