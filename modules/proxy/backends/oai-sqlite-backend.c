/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-sqlite-backend-private.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "oai-i18n-private.h"
#include "oai-usage-store-private.h"

#define SCHEMA_VERSION 1
/* "OAIU", in the header of the file. */
#define APPLICATION_ID 0x4f414955
#define BUSY_MS 10000

static const char schema[] =
  "CREATE TABLE usage_records ("
  " request_id TEXT NOT NULL PRIMARY KEY,"
  " begin_time INTEGER NOT NULL," /* microseconds since 1970 */
  " identity TEXT NOT NULL,"
  " operation TEXT,"
  " model TEXT,"
  " upstream TEXT,"
  " status INTEGER NOT NULL,"
  " outcome TEXT NOT NULL,"
  " input_tokens INTEGER,"
  " cached_tokens INTEGER,"
  " output_tokens INTEGER,"
  " cost REAL,"
  " received_bytes INTEGER NOT NULL,"
  " sent_bytes INTEGER NOT NULL,"
  " duration_us INTEGER NOT NULL"
  ") WITHOUT ROWID;"
  "PRAGMA application_id = 1329678677;"
  "PRAGMA user_version = 1;";

G_STATIC_ASSERT (APPLICATION_ID == 1329678677 && SCHEMA_VERSION == 1);

/* It contains all that is read for limits, so that the records are not read one by one.  Files of former versions have another
 * index. */
static const char index_sql[] =
  "CREATE INDEX IF NOT EXISTS usage_records_for_limits ON usage_records (begin_time, upstream, duration_us, identity, input_tokens, output_tokens, cost);"
  "DROP INDEX IF EXISTS usage_records_by_time;";

static const char insert_sql[] =
  "INSERT INTO usage_records (request_id, begin_time, identity, operation, model, upstream, status, outcome,"
  " input_tokens, cached_tokens, output_tokens, cost, received_bytes, sent_bytes, duration_us)"
  " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (request_id) DO NOTHING";

static const char sum_sql[] =
  "SELECT begin_time / 86400000000, identity, coalesce (model, ''), count (*), coalesce (sum (input_tokens), 0),"
  " coalesce (sum (cached_tokens), 0), coalesce (sum (output_tokens), 0), total (cost)"
  " FROM usage_records WHERE begin_time >= ? AND begin_time < ? GROUP BY 1, 2, 3 ORDER BY 1, 2, 3";

/* They are added up by the caller, which is faster than here. */
static const char load_sql[] =
  "SELECT identity, begin_time + duration_us, coalesce (input_tokens + output_tokens, 0), coalesce (cost, 0)"
  " FROM usage_records WHERE begin_time >= ?1 AND begin_time < ?2 AND upstream IS NOT NULL AND begin_time + duration_us >= ?3 ORDER BY begin_time";

static gboolean
set_error (sqlite3 *database, GError **error)
{
  int code = sqlite3_errcode (database) & 0xff;

  g_set_error (error, G_IO_ERROR, code == SQLITE_BUSY ? G_IO_ERROR_BUSY : code == SQLITE_FULL ? G_IO_ERROR_NO_SPACE : G_IO_ERROR_FAILED,
               "SQLite: %s", sqlite3_errmsg (database));

  return FALSE;
}

static gboolean
run (sqlite3 *database, const char *sql, GError **error)
{
  return sqlite3_exec (database, sql, NULL, NULL, NULL) == SQLITE_OK || set_error (database, error);
}

static gboolean
read_pragma (sqlite3 *database, const char *sql, gint64 *value, GError **error)
{
  sqlite3_stmt *statement = NULL;
  gboolean success = sqlite3_prepare_v2 (database, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step (statement) == SQLITE_ROW;

  if (success)
    *value = sqlite3_column_int64 (statement, 0);
  else
    set_error (database, error);
  sqlite3_finalize (statement);

  return success;
}

/* Within a transaction, so that only one process creates the tables. */
static gboolean
create_tables (sqlite3 *database, GError **error)
{
  gint64 version, application;

  if (!read_pragma (database, "PRAGMA user_version", &version, error) || !read_pragma (database, "PRAGMA application_id", &application, error))
    return FALSE;
  if (application == APPLICATION_ID && version == SCHEMA_VERSION)
    return run (database, index_sql, error);
  if (application != 0 || version != 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   application == APPLICATION_ID ? _("The usage records have the format %d of a later version. Update the proxy.")
                                                 : _("The file belongs to another program (format %d). Choose another path for the usage log."),
                   (int) version);
      return FALSE;
    }

  return run (database, schema, error) && run (database, index_sql, error);
}

static gboolean
prepare (sqlite3 *database, GError **error)
{
  sqlite3_busy_timeout (database, BUSY_MS);
  if (!run (database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", error) || !run (database, "BEGIN IMMEDIATE", error))
    return FALSE;
  if (!create_tables (database, error))
    {
      run (database, "ROLLBACK", NULL);
      return FALSE;
    }

  return run (database, "COMMIT", error);
}

/* SQLite creates files that all users can read.  A file that exists is not opened: closing it would release the locks of
 * other connections of this process, so that another process removes the records that these write. */
static void
create_file (const char *path)
{
  int descriptor = access (path, F_OK) != 0 ? open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;

  if (descriptor >= 0)
    close (descriptor);
}

static gpointer
open_store (const char *location, GError **error)
{
  sqlite3 *database = NULL;

  create_file (location);
  if (sqlite3_open_v2 (location, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
    {
      if (database != NULL)
        set_error (database, error);
      else
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "SQLite: out of memory");
    }
  else if (prepare (database, error))
    return database;

  g_prefix_error (error, "%s: ", location);
  sqlite3_close (database);

  return NULL;
}

static void
bind_text (sqlite3_stmt *statement, int index, const char *text)
{
  /* NULL binds NULL. */
  sqlite3_bind_text (statement, index, text, -1, SQLITE_STATIC);
}

static void
bind_record (sqlite3_stmt *statement, const OaiUsageRecord *record)
{
  bind_text (statement, 1, record->request_id);
  sqlite3_bind_int64 (statement, 2, record->begin_time);
  bind_text (statement, 3, record->identity);
  bind_text (statement, 4, record->operation);
  bind_text (statement, 5, record->model);
  bind_text (statement, 6, record->upstream);
  sqlite3_bind_int64 (statement, 7, record->status);
  bind_text (statement, 8, record->outcome);
  if (record->has_usage)
    {
      sqlite3_bind_int64 (statement, 9, record->input_tokens);
      sqlite3_bind_int64 (statement, 10, record->cached_tokens);
      sqlite3_bind_int64 (statement, 11, record->output_tokens);
    }
  if (record->cost >= 0)
    sqlite3_bind_double (statement, 12, record->cost);
  sqlite3_bind_int64 (statement, 13, record->received_bytes);
  sqlite3_bind_int64 (statement, 14, record->sent_bytes);
  sqlite3_bind_int64 (statement, 15, record->duration_us);
}

static gboolean
insert_all (sqlite3 *database, OaiUsageRecord *const *records, guint n_records, GError **error)
{
  sqlite3_stmt *statement = NULL;
  gboolean success = sqlite3_prepare_v2 (database, insert_sql, -1, &statement, NULL) == SQLITE_OK;

  for (guint i = 0; i < n_records && success; i++)
    {
      bind_record (statement, records[i]);
      success = sqlite3_step (statement) == SQLITE_DONE;
      sqlite3_reset (statement);
      sqlite3_clear_bindings (statement);
    }
  if (!success)
    set_error (database, error);
  sqlite3_finalize (statement);

  return success;
}

static gboolean
insert (gpointer store, OaiUsageRecord *const *records, guint n_records, GError **error)
{
  if (!run (store, "BEGIN IMMEDIATE", error))
    return FALSE;
  if (insert_all (store, records, n_records, error) && run (store, "COMMIT", error))
    return TRUE;

  run (store, "ROLLBACK", NULL);

  return FALSE;
}

static void
report_row (sqlite3_stmt *statement, OaiUsageStoreSumFunc func, gpointer user_data)
{
  gint64 counts[4];

  for (int i = 0; i < 4; i++)
    counts[i] = sqlite3_column_int64 (statement, 3 + i);
  func (sqlite3_column_int64 (statement, 0), (const char *) sqlite3_column_text (statement, 1), (const char *) sqlite3_column_text (statement, 2),
        counts, sqlite3_column_double (statement, 7), user_data);
}

static gboolean
sum (gpointer store, gint64 from, gint64 to, OaiUsageStoreSumFunc func, gpointer user_data, GError **error)
{
  sqlite3_stmt *statement = NULL;
  gboolean success = FALSE;
  int code;

  if (sqlite3_prepare_v2 (store, sum_sql, -1, &statement, NULL) == SQLITE_OK)
    {
      sqlite3_bind_int64 (statement, 1, from);
      sqlite3_bind_int64 (statement, 2, to);
      while ((code = sqlite3_step (statement)) == SQLITE_ROW)
        report_row (statement, func, user_data);
      success = code == SQLITE_DONE;
    }
  if (!success)
    set_error (store, error);
  sqlite3_finalize (statement);

  return success;
}

static gboolean
load (gpointer store, gint64 from, gint64 to, gint64 month, gint64 day, OaiUsageStoreAmountFunc func, gpointer user_data, GError **error)
{
  sqlite3_stmt *statement = NULL;
  gboolean success = FALSE;
  int code;

  if (sqlite3_prepare_v2 (store, load_sql, -1, &statement, NULL) == SQLITE_OK)
    {
      sqlite3_bind_int64 (statement, 1, from);
      sqlite3_bind_int64 (statement, 2, to);
      sqlite3_bind_int64 (statement, 3, month);
      while ((code = sqlite3_step (statement)) == SQLITE_ROW)
        func ((const char *) sqlite3_column_text (statement, 0), sqlite3_column_int64 (statement, 1), 1, sqlite3_column_int64 (statement, 2),
              sqlite3_column_double (statement, 3), user_data);
      success = code == SQLITE_DONE;
    }
  if (!success)
    set_error (store, error);
  sqlite3_finalize (statement);

  return success;
}

static void
close_store (gpointer store)
{
  sqlite3_close (store);
}

static const OaiUsageStore functions = { open_store, insert, sum, load, close_store };

const OaiProxyBackend oai_proxy_backend = { OAI_PROXY_BACKEND_VERSION, "sqlite", &functions };
