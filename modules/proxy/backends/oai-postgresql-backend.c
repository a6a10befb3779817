/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-postgresql-backend-private.h"

#include <libpq-fe.h>
#include <string.h>

#include "oai-i18n-private.h"
#include "oai-json-builder-private.h"
#include "oai-usage-store-private.h"

#define SCHEMA_VERSION 1

/* The lock lets only one process create the tables. */
static const char create_sql[] =
  "BEGIN;"
  "SELECT pg_advisory_xact_lock (5926231871);"
  "CREATE TABLE IF NOT EXISTS oai_usage_schema (version integer NOT NULL);"
  "INSERT INTO oai_usage_schema SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM oai_usage_schema);"
  "CREATE TABLE IF NOT EXISTS oai_usage_records ("
  " request_id text NOT NULL PRIMARY KEY,"
  " begin_time timestamptz NOT NULL,"
  " identity text NOT NULL,"
  " operation text,"
  " model text,"
  " upstream text,"
  " status integer NOT NULL,"
  " outcome text NOT NULL,"
  " input_tokens bigint,"
  " cached_tokens bigint,"
  " output_tokens bigint,"
  " cost double precision,"
  " received_bytes bigint NOT NULL,"
  " sent_bytes bigint NOT NULL,"
  " duration_us bigint NOT NULL"
  ");"
  "CREATE INDEX IF NOT EXISTS oai_usage_records_by_time ON oai_usage_records (begin_time);"
  "COMMIT";

/* One statement for all records: it is sent at once, and inserts all or none. */
static const char insert_sql[] =
  "INSERT INTO oai_usage_records (request_id, begin_time, identity, operation, model, upstream, status, outcome,"
  " input_tokens, cached_tokens, output_tokens, cost, received_bytes, sent_bytes, duration_us)"
  " SELECT request_id, timestamptz 'epoch' + begin_time * interval '1 microsecond', identity, operation, model, upstream, status, outcome,"
  " input_tokens, cached_tokens, output_tokens, cost, received_bytes, sent_bytes, duration_us"
  " FROM json_to_recordset ($1::json) AS r (request_id text, begin_time bigint, identity text, operation text, model text, upstream text,"
  " status integer, outcome text, input_tokens bigint, cached_tokens bigint, output_tokens bigint, cost double precision,"
  " received_bytes bigint, sent_bytes bigint, duration_us bigint)"
  " ON CONFLICT (request_id) DO NOTHING";

static const char sum_sql[] =
  "SELECT floor (extract (epoch FROM begin_time) / 86400)::bigint, identity, coalesce (model, ''), count (*),"
  " coalesce (sum (input_tokens), 0), coalesce (sum (cached_tokens), 0), coalesce (sum (output_tokens), 0), coalesce (sum (cost), 0)"
  " FROM oai_usage_records"
  " WHERE begin_time >= timestamptz 'epoch' + $1::bigint * interval '1 microsecond' AND begin_time < timestamptz 'epoch' + $2::bigint * interval '1 microsecond'"
  " GROUP BY 1, 2, 3 ORDER BY 1, identity COLLATE \"C\", coalesce (model, '') COLLATE \"C\"";

/* A slot is a quarter of an hour; 0 is the part of the month before the last 24 hours. */
static const char load_sql[] =
  "SELECT identity, max (ended), count (*), sum (tokens), sum (cost) FROM ("
  " SELECT identity, (date_part ('epoch', begin_time) * 1000000)::bigint + duration_us AS ended, coalesce (input_tokens + output_tokens, 0) AS tokens,"
  " coalesce (cost, 0) AS cost FROM oai_usage_records"
  " WHERE begin_time >= timestamptz 'epoch' + $1::bigint * interval '1 microsecond' AND begin_time < timestamptz 'epoch' + $2::bigint * interval '1 microsecond'"
  " AND upstream IS NOT NULL) AS records"
  " WHERE ended >= $3::bigint GROUP BY identity, CASE WHEN ended >= $4::bigint THEN ended / 900000000 ELSE 0 END ORDER BY 2";

/* The messages of libpq contain hosts and names of users, but no passwords. */
static void
set_error (PGconn *connection, PGresult *result, GError **error)
{
  const char *message = result != NULL ? PQresultErrorMessage (result) : PQerrorMessage (connection);
  g_autofree char *stripped = g_strstrip (g_utf8_make_valid (message, -1));

  g_set_error (error, G_IO_ERROR, PQstatus (connection) == CONNECTION_OK ? G_IO_ERROR_FAILED : G_IO_ERROR_CONNECTION_CLOSED,
               "PostgreSQL: %s", stripped);
}

/* Returns a result that the caller clears, or NULL. */
static PGresult *
run (PGconn *connection, const char *sql, int n_values, const char *const *values, GError **error)
{
  /* Only the simple protocol accepts several statements. */
  PGresult *result = n_values == 0 ? PQexec (connection, sql) : PQexecParams (connection, sql, n_values, NULL, values, NULL, NULL, 0);
  ExecStatusType status = PQresultStatus (result);

  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
    return result;

  set_error (connection, result, error);
  PQclear (result);

  return NULL;
}

static gboolean
run_command (PGconn *connection, const char *sql, GError **error)
{
  PGresult *result = run (connection, sql, 0, NULL, error);

  PQclear (result);

  return result != NULL;
}

/* "" for NULL, and for what the server did not send. */
static const char *
get_value (PGresult *result, int row, int column)
{
  return row < PQntuples (result) && column < PQnfields (result) ? PQgetvalue (result, row, column) : "";
}

static gint64
get_int (PGresult *result, int row, int column)
{
  return g_ascii_strtoll (get_value (result, row, column), NULL, 10);
}

/* Texts of clients contain any characters.  One that the database cannot store would fail its batch forever. */
static gboolean
check_encoding (PGconn *connection, GError **error)
{
  const char *encoding = PQparameterStatus (connection, "server_encoding");

  if (encoding == NULL || strcmp (encoding, "UTF8") == 0 || strcmp (encoding, "SQL_ASCII") == 0)
    return TRUE;

  /* Translators: %s is the name of an encoding, such as LATIN1. */
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _("PostgreSQL: the database has the encoding %s. Create one with the encoding UTF8."), encoding);

  return FALSE;
}

static gboolean
check_version (PGconn *connection, GError **error)
{
  PGresult *result = run (connection, "SELECT max (version) FROM oai_usage_schema", 0, NULL, error);
  gint64 version;

  if (result == NULL)
    return FALSE;
  version = get_int (result, 0, 0);
  PQclear (result);
  if (version == SCHEMA_VERSION)
    return TRUE;

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _("PostgreSQL: the usage records have the format %d, which this version of the proxy does not know. Update the proxy."), (int) version);

  return FALSE;
}

/* Tables that exist are not created again, since that needs more rights. */
static gboolean
has_tables (PGconn *connection)
{
  PGresult *result = run (connection, "SELECT to_regclass ('oai_usage_schema') IS NOT NULL AND to_regclass ('oai_usage_records') IS NOT NULL", 0, NULL, NULL);
  gboolean found = result != NULL && strcmp (get_value (result, 0, 0), "t") == 0;

  PQclear (result);

  return found;
}

static gboolean
prepare (PGconn *connection, GError **error)
{
  if (PQstatus (connection) != CONNECTION_OK)
    {
      set_error (connection, NULL, error);
      return FALSE;
    }
  if (!check_encoding (connection, error))
    return FALSE;
  if (!run_command (connection, "SET statement_timeout = 30000; SET synchronous_commit = on", error))
    return FALSE;

  return (has_tables (connection) || run_command (connection, create_sql, error)) && check_version (connection, error);
}

static void
ignore_notice (void *data, const char *message)
{
}

/* The errors of libpq about URLs contain them, with their passwords. */
static gboolean
check_location (const char *location, GError **error)
{
  PQconninfoOption *options = PQconninfoParse (location, NULL);

  if (options == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("The URL of the PostgreSQL database is invalid. Example: postgresql://user@example.com/database."));
  PQconninfoFree (options);

  return options != NULL;
}

static gpointer
open_store (const char *location, GError **error)
{
  /* The location can contain others of the first values. */
  static const char *const names[] = { "connect_timeout", "tcp_user_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count",
                                       "fallback_application_name", "dbname", "client_encoding", NULL };
  const char *const values[] = { "10", "10000", "30", "10", "3", "oai-proxy", location, "UTF8", NULL };
  PGconn *connection;

  if (!check_location (location, error))
    return NULL;
  connection = PQconnectdbParams (names, values, 1);
  PQsetNoticeProcessor (connection, ignore_notice, NULL);
  if (prepare (connection, error))
    return connection;

  PQfinish (connection);

  return NULL;
}

static void
add_string (OaiJsonBuilder *builder, const char *name, const char *text)
{
  if (text != NULL)
    oai_json_builder_add_string (builder, name, text, -1);
}

static void
add_record (OaiJsonBuilder *builder, const OaiUsageRecord *record)
{
  oai_json_builder_begin_object (builder, NULL);
  add_string (builder, "request_id", record->request_id);
  oai_json_builder_add_int (builder, "begin_time", record->begin_time);
  add_string (builder, "identity", record->identity);
  add_string (builder, "operation", record->operation);
  add_string (builder, "model", record->model);
  add_string (builder, "upstream", record->upstream);
  oai_json_builder_add_int (builder, "status", record->status);
  add_string (builder, "outcome", record->outcome);
  if (record->has_usage)
    {
      oai_json_builder_add_int (builder, "input_tokens", record->input_tokens);
      oai_json_builder_add_int (builder, "cached_tokens", record->cached_tokens);
      oai_json_builder_add_int (builder, "output_tokens", record->output_tokens);
    }
  if (record->cost >= 0)
    oai_json_builder_add_double (builder, "cost", record->cost);
  oai_json_builder_add_int (builder, "received_bytes", record->received_bytes);
  oai_json_builder_add_int (builder, "sent_bytes", record->sent_bytes);
  oai_json_builder_add_int (builder, "duration_us", record->duration_us);
  oai_json_builder_end (builder);
}

static gboolean
insert (gpointer store, OaiUsageRecord *const *records, guint n_records, GError **error)
{
  OaiJsonBuilder *builder = oai_json_builder_new_array ();
  g_autofree char *json = NULL;
  GError *first_error = NULL;
  const char *values[1];
  PGresult *result;

  for (guint i = 0; i < n_records; i++)
    add_record (builder, records[i]);
  json = oai_json_builder_finish_text (builder);
  values[0] = json;
  result = run (store, insert_sql, 1, values, &first_error);
  /* The connection was closed while it was not used. */
  if (result == NULL && PQstatus (store) != CONNECTION_OK)
    {
      g_clear_error (&first_error);
      PQreset (store);
      result = prepare (store, &first_error) ? run (store, insert_sql, 1, values, &first_error) : NULL;
    }
  if (first_error != NULL)
    g_propagate_error (error, first_error);
  PQclear (result);

  return result != NULL;
}

static void
report_row (PGresult *result, int row, OaiUsageStoreSumFunc func, gpointer user_data)
{
  gint64 counts[4];

  for (int i = 0; i < 4; i++)
    counts[i] = get_int (result, row, 3 + i);
  func (get_int (result, row, 0), get_value (result, row, 1), get_value (result, row, 2), counts, g_ascii_strtod (get_value (result, row, 7), NULL), user_data);
}

static gboolean
sum (gpointer store, gint64 from, gint64 to, OaiUsageStoreSumFunc func, gpointer user_data, GError **error)
{
  g_autofree char *first = g_strdup_printf ("%" G_GINT64_FORMAT, from);
  g_autofree char *last = g_strdup_printf ("%" G_GINT64_FORMAT, to);
  const char *values[] = { first, last };
  PGresult *result = run (store, sum_sql, 2, values, error);

  if (result == NULL)
    return FALSE;
  for (int row = 0; row < PQntuples (result); row++)
    report_row (result, row, func, user_data);
  PQclear (result);

  return TRUE;
}

static gboolean
load (gpointer store, gint64 from, gint64 to, gint64 month, gint64 day, OaiUsageStoreAmountFunc func, gpointer user_data, GError **error)
{
  const gint64 times[] = { from, to, month, day };
  char texts[G_N_ELEMENTS (times)][24];
  const char *values[G_N_ELEMENTS (times)];
  PGresult *result;

  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    {
      g_snprintf (texts[i], sizeof texts[i], "%" G_GINT64_FORMAT, times[i]);
      values[i] = texts[i];
    }
  result = run (store, load_sql, G_N_ELEMENTS (values), values, error);
  if (result == NULL)
    return FALSE;
  for (int row = 0; row < PQntuples (result); row++)
    func (get_value (result, row, 0), get_int (result, row, 1), get_int (result, row, 2), get_int (result, row, 3),
          g_ascii_strtod (get_value (result, row, 4), NULL), user_data);
  PQclear (result);

  return TRUE;
}

static void
close_store (gpointer store)
{
  PQfinish (store);
}

static const OaiUsageStore functions = { open_store, insert, sum, load, close_store };

const OaiProxyBackend oai_proxy_backend = { OAI_PROXY_BACKEND_VERSION, "postgresql", &functions };
