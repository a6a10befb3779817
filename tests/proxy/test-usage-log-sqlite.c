/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Usage records in SQLite. */

#include <glib/gstdio.h>
#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#ifdef __linux__
#include <sys/resource.h>
#include <unistd.h>
#endif

#include "usage-log-cases.h"

static char *folder;

static char *
get_location (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

#define TEST(name)                                        \
  static void                                             \
  test_##name (void)                                      \
  {                                                       \
    g_autofree char *location = get_location (#name);     \
                                                          \
    usage_log_check_##name (location);                    \
  }

TEST (sums)
TEST (hostile_text)
TEST (repeated_records)
TEST (several_writers)
TEST (full_queue)
TEST (history)

static void
test_permissions (void)
{
  g_autofree char *location = get_location ("permissions");
  G_GNUC_UNUSED g_autoptr(OaiUsageLog) log = usage_log_open (location);
  GStatBuf status;

  g_assert_cmpint (g_stat (location, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
}

static void
run_sql (const char *location, const char *sql)
{
  sqlite3 *database = NULL;

  g_assert_cmpint (sqlite3_open (location, &database), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (database, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (database);
}

static void
assert_fails (const char *location, int code, const char *message)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (oai_usage_log_new (location, &error));
  g_assert_error (error, G_IO_ERROR, code);
  g_assert_nonnull (strstr (error->message, message));
  g_clear_error (&error);
  g_assert_null (oai_usage_log_load_sums (location, 0, 1, &error));
  g_assert_error (error, G_IO_ERROR, code);
}

static void
test_other_files (void)
{
  g_autofree char *later = get_location ("later");
  g_autofree char *other = get_location ("other");
  g_autofree char *text = get_location ("text");
  g_autofree char *missing = get_location ("missing/file");
  g_autoptr(GError) error = NULL;

  g_object_unref (usage_log_open (later));
  run_sql (later, "PRAGMA user_version = 2");
  assert_fails (later, G_IO_ERROR_NOT_SUPPORTED, "format 2 of a later version");
  run_sql (other, "PRAGMA application_id = 7; CREATE TABLE t (x)");
  assert_fails (other, G_IO_ERROR_NOT_SUPPORTED, "another program");
  g_assert_true (g_file_set_contents (text, "This is not a database, but a text that is long enough to be read as one.", -1, &error));
  assert_fails (text, G_IO_ERROR_FAILED, "not a database");
  assert_fails (missing, G_IO_ERROR_FAILED, "unable to open");
}

#ifdef __linux__
static void
get_priority (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_int (task, getpriority (PRIO_PROCESS, (id_t) gettid ()));
}

static void
on_priority (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_set_object ((GAsyncResult **) user_data, result);
}

/* The thread with a low priority does no work of the program when the log is closed. */
static void
test_priority (void)
{
  g_autofree char *location = get_location ("priority");
  int expected = getpriority (PRIO_PROCESS, 0);

  for (guint i = 0; i < 5; i++)
    {
      OaiUsageLog *log = usage_log_open (location);
      g_autoptr(GAsyncResult) result = NULL;
      g_autoptr(GTask) task = g_task_new (NULL, NULL, on_priority, &result);

      usage_log_add (log, "priority", "gpt", i, USAGE_LOG_BEGIN);
      g_assert_true (usage_log_flush (log, NULL));
      g_object_unref (log);
      /* The thread ends. */
      g_usleep (20000);
      g_task_run_in_thread (task, get_priority);
      while (result == NULL)
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpint (g_task_propagate_int (task, NULL), ==, expected);
    }
}
#endif

/* A file that another program changed. */
static void
test_hostile_file (void)
{
  g_autofree char *location = get_location ("hostile");
  g_autoptr(OaiUsageLog) log = NULL;
  g_autoptr(OaiLimitHistory) history = NULL;

  g_object_unref (usage_log_open (location));
  run_sql (location, "ALTER TABLE usage_records RENAME TO former; CREATE TABLE usage_records AS SELECT * FROM former;"
                     "INSERT INTO usage_records (begin_time, duration_us, upstream, identity, input_tokens, output_tokens, cost)"
                     " VALUES (1000000, 0, 'openai', NULL, 1, 1, 1), (1000000, 0, 'openai', x'ff', 'many', x'00', 9e999),"
                     " (1000000, 9223372036854775807, 'openai', '', 9223372036854775807, 1, 'nan')");
  log = usage_log_open (location);
  history = usage_log_load_history (log, 2000);
  g_assert_cmpuint (oai_limit_history_get_n_ignored (history), ==, 0);
}

/* Another process has locked the file for a moment: the records wait. */
static void
test_locked_file (void)
{
  g_autofree char *location = get_location ("locked");
  g_autoptr(OaiUsageLog) log = usage_log_open (location);
  g_autoptr(GError) error = NULL;
  sqlite3 *other = NULL;

  g_assert_cmpint (sqlite3_open (location, &other), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (other, "BEGIN IMMEDIATE", NULL, NULL, NULL), ==, SQLITE_OK);
  usage_log_add (log, "locked", "gpt", 0, USAGE_LOG_BEGIN);
  for (guint i = 0; i < 10; i++)
    {
      g_usleep (50000);
      while (g_main_context_iteration (NULL, FALSE))
        continue;
    }
  g_assert_cmpuint (oai_usage_log_get_n_queued (log), ==, 1);
  g_assert_cmpint (sqlite3_exec (other, "COMMIT", NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (other);
  g_assert_true (usage_log_flush (log, &error));
  g_assert_cmpint (usage_log_count (location, "locked"), ==, 1);
}

/* The file became invalid, and is replaced: the records are written then. */
static void
test_failure (void)
{
  g_autofree char *location = get_location ("failure");
  g_autoptr(OaiUsageLog) log = usage_log_open (location);
  g_autoptr(GError) error = NULL;

  run_sql (location, "DROP TABLE usage_records");
  usage_log_add (log, "failure", "gpt", 0, USAGE_LOG_BEGIN);
  g_test_expect_message ("Oai", G_LOG_LEVEL_WARNING, "*cannot be written*usage_records*");
  g_assert_false (usage_log_flush (log, &error));
  g_test_assert_expected_messages ();
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_cmpuint (oai_usage_log_get_n_queued (log), ==, 1);

  g_assert_cmpint (g_unlink (location), ==, 0);
  g_assert_true (usage_log_flush (log, &error));
  g_assert_no_error (error);
  g_assert_cmpint (usage_log_count (location, "failure"), ==, 1);
}

static void
crash (void)
{
  OaiUsageLog *log = usage_log_open (g_getenv ("OAI_TEST_LOCATION"));

  for (guint i = 0; i < 1000; i++)
    usage_log_add (log, "crash", "gpt", i, USAGE_LOG_BEGIN);
  g_assert_true (usage_log_flush (log, NULL));
  for (guint i = 1000; i < 6000; i++)
    usage_log_add (log, "crash", "gpt", i, USAGE_LOG_BEGIN);
  /* The thread is writing. */
  g_usleep (2000);
  raise (SIGKILL);
}

static void
test_crash (void)
{
  const char *location = g_getenv ("OAI_TEST_LOCATION");
  g_autoptr(OaiUsageLog) log = NULL;
  gint64 count;

  if (g_test_subprocess ())
    {
      crash ();
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();

  count = usage_log_count (location, "crash");
  g_assert_cmpint (count, >=, 1000);
  g_assert_cmpint (count % 500, ==, 0);
  log = usage_log_open (location);
  usage_log_add (log, "crash", "gpt", 10000, USAGE_LOG_BEGIN);
  g_assert_true (usage_log_flush (log, NULL));
  g_assert_cmpint (usage_log_count (location, "crash"), ==, count + 1);
}

/* As another process that prints the sums. */
static void
read_in_child (void)
{
  g_autofree char *directory = g_path_get_dirname (g_getenv ("OAI_TEST_LOCATION"));
  g_autofree char *location = g_build_filename (directory, "shared", NULL);

  g_assert_cmpint (usage_log_count (location, "shared"), ==, 1);
}

/* Another connection of this process, which reads for limits, does not release the locks of the log: another process that
 * reads does not remove what the log writes. */
static void
test_locks (void)
{
  g_autofree char *location = NULL;
  g_autofree char *journal = NULL;
  g_autoptr(OaiUsageLog) log = NULL;
  g_autoptr(OaiLimitHistory) history = NULL;

  if (g_test_subprocess ())
    {
      read_in_child ();
      return;
    }

  location = get_location ("shared");
  journal = g_strconcat (location, "-wal", NULL);
  log = usage_log_open (location);
  usage_log_add (log, "shared", "gpt", 0, USAGE_LOG_BEGIN);
  g_assert_true (usage_log_flush (log, NULL));
  history = usage_log_load_history (log, USAGE_LOG_BEGIN / 1000);
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
  g_assert_true (g_file_test (journal, G_FILE_TEST_EXISTS));
}

static void
create_folder (void)
{
  g_autofree char *location = NULL;

  folder = g_dir_make_tmp ("oai-usage-XXXXXX", NULL);
  location = get_location ("crash");
  g_setenv ("OAI_TEST_LOCATION", location, TRUE);
}

static void
remove_folder (void)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
  g_free (folder);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  if (!g_test_subprocess ())
    create_folder ();
  g_test_add_func ("/proxy/usage-log/sqlite/records are added up", test_sums);
  g_test_add_func ("/proxy/usage-log/sqlite/hostile text is stored", test_hostile_text);
  g_test_add_func ("/proxy/usage-log/sqlite/repeated records are ignored", test_repeated_records);
  g_test_add_func ("/proxy/usage-log/sqlite/several logs write to one file", test_several_writers);
  g_test_add_func ("/proxy/usage-log/sqlite/the queue is limited", test_full_queue);
  g_test_add_func ("/proxy/usage-log/sqlite/what was used is restored for limits", test_history);
  g_test_add_func ("/proxy/usage-log/sqlite/other users cannot read the file", test_permissions);
  g_test_add_func ("/proxy/usage-log/sqlite/files of other programs are not changed", test_other_files);
#ifdef __linux__
  g_test_add_func ("/proxy/usage-log/sqlite/the priority of other threads is not changed", test_priority);
#endif
  g_test_add_func ("/proxy/usage-log/sqlite/strange records are read for limits", test_hostile_file);
  g_test_add_func ("/proxy/usage-log/sqlite/records wait for a locked file", test_locked_file);
  g_test_add_func ("/proxy/usage-log/sqlite/records wait for a valid file", test_failure);
  g_test_add_func ("/proxy/usage-log/sqlite/other processes read while records are written", test_locks);
  g_test_add_func ("/proxy/usage-log/sqlite/a crash loses no written records", test_crash);
  result = g_test_run ();
  if (!g_test_subprocess ())
    remove_folder ();

  return result;
}
