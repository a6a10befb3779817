/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-usage-log-private.h"

#include <string.h>
#ifdef __linux__
#include <sys/resource.h>
#include <unistd.h>
#endif

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-proxy-backend-private.h"
#include "oai-source-private.h"
#include "oai-usage-store-private.h"

/* Records that are written in one transaction. */
#define MAX_BATCH 500
/* Records are collected for this time. */
#define COLLECT_MS 250
#define MIN_RETRY_MS 500
#define MAX_RETRY_MS 30000
#define MAX_QUEUED 100000
/* The nice value of the writing thread. */
#define WRITE_NICE 10
/* Days since 1970 until the year 10000. */
#define END_OF_DAYS 2932897

/* The database, which the writing thread uses. */
typedef struct
{
  const OaiUsageStore *functions;
  char *location;
  gpointer store; /* NULL after an error, until it is opened again */
} Database;

struct _OaiUsageLog
{
  GObject parent_instance;

  GMainContext *context;
  Database *database;
  GQueue queued;      /* of OaiUsageRecord */
  GAsyncQueue *tasks; /* for the thread; of GTask, and then the queue itself at the end */
  GThread *thread;    /* of its own, since its priority cannot be raised again */
  GPtrArray *batch;   /* that is being written, or is written again */
  gboolean writing;   /* the thread writes the batch */
  GSource *timer;
  guint retry_ms;     /* 0: the last batch was written */
  GError *error;      /* of the last batch */
  guint max_queued;
  guint64 n_lost;
  guint64 n_added;    /* records so far */
  guint64 n_written;
  GQueue flushes;     /* of GTask; their data is the value of n_added */
  GSource *flush_timer; /* while there are any */
  guint flush_timeout_ms;
};

G_DEFINE_FINAL_TYPE (OaiUsageLog, oai_usage_log, G_TYPE_OBJECT)

static void start_writing (OaiUsageLog *self);

static void
free_record (gpointer data)
{
  OaiUsageRecord *record = data;

  g_free (record->request_id);
  g_free (record->identity);
  g_free (record->operation);
  g_free (record->model);
  g_free (record->upstream);
  g_free (record);
}

static void
clear_database (gpointer data)
{
  Database *database = data;

  if (database->store != NULL)
    database->functions->close (database->store);
  g_free (database->location);
}

static void
unref_database (gpointer data)
{
  g_atomic_rc_box_release_full (data, clear_database);
}

const char *
oai_usage_log_get_backend (const char *location)
{
  gboolean postgresql = g_str_has_prefix (location, "postgresql://") || g_str_has_prefix (location, "postgres://");

  return postgresql ? "postgresql" : "sqlite";
}

/* SQLite would create a file for a URL of another database, whose error would contain the password, and keeps nothing in
 * “:memory:” and in a file without a name. */
static gboolean
check_location (const char *location, GError **error)
{
  gboolean is_file = strcmp (oai_usage_log_get_backend (location), "sqlite") == 0;

  if (!is_file || (location[0] != '\0' && strcmp (location, ":memory:") != 0 && strstr (location, "://") == NULL))
    return TRUE;

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT,
                       _("The location of the usage log is invalid. Examples: /var/lib/example/usage.db, postgresql://user@example.com/database."));

  return FALSE;
}

/* Loads the plug-in and opens the database. */
static Database *
open_database (const char *location, GError **error)
{
  const OaiUsageStore *functions;
  Database *database;
  gpointer store;

  if (!check_location (location, error))
    return NULL;
  functions = oai_proxy_backend_load (oai_usage_log_get_backend (location), error);
  if (functions == NULL)
    return NULL;
  store = functions->open (location, error);
  if (store == NULL)
    return NULL;

  database = g_atomic_rc_box_new0 (Database);
  database->functions = functions;
  database->location = g_strdup (location);
  database->store = store;

  return database;
}

static void
oai_usage_log_finalize (GObject *object)
{
  OaiUsageLog *self = OAI_USAGE_LOG (object);

  oai_drop_source (&self->timer);
  /* A batch has a reference to the log, so nothing is waited for. */
  if (self->thread != NULL)
    {
      g_async_queue_push (self->tasks, self->tasks);
      g_thread_join (self->thread);
    }
  g_clear_pointer (&self->tasks, g_async_queue_unref);
  oai_drop_source (&self->flush_timer);
  g_queue_clear_full (&self->queued, free_record);
  g_clear_pointer (&self->batch, g_ptr_array_unref);
  g_clear_pointer (&self->database, unref_database);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (oai_usage_log_parent_class)->finalize (object);
}

static void
oai_usage_log_class_init (OaiUsageLogClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = oai_usage_log_finalize;
}

static void
oai_usage_log_init (OaiUsageLog *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->tasks = g_async_queue_new ();
  self->max_queued = MAX_QUEUED;
  self->flush_timeout_ms = OAI_USAGE_LOG_FLUSH_TIMEOUT_MS;
  g_queue_init (&self->queued);
  g_queue_init (&self->flushes);
}

/* Requests do not wait for the writing thread, if there are fewer processors than threads that work. */
static void
lower_priority (void)
{
#ifdef __linux__
  /* The priority of the thread, although POSIX says "process".  That of the program may be lower already. */
  if (getpriority (PRIO_PROCESS, (id_t) gettid ()) < WRITE_NICE)
    setpriority (PRIO_PROCESS, (id_t) gettid (), WRITE_NICE);
#endif
}

/* In the thread.  Takes the task, whose data is the batch. */
static void
write_batch (GTask *taken)
{
  g_autoptr(GTask) task = taken;
  Database *database = g_object_get_data (G_OBJECT (task), "database");
  GPtrArray *batch = g_task_get_task_data (task);
  GError *error = NULL;

  if (database->store == NULL)
    database->store = database->functions->open (database->location, &error);
  if (database->store != NULL && !database->functions->insert (database->store, (OaiUsageRecord *const *) batch->pdata, batch->len, &error))
    g_clear_pointer (&database->store, database->functions->close);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static gpointer
write_batches (gpointer data)
{
  GAsyncQueue *tasks = data;
  gpointer task;

  lower_priority ();
  while ((task = g_async_queue_pop (tasks)) != tasks)
    write_batch (task);

  return NULL;
}

OaiUsageLog *
oai_usage_log_new (const char *location, GError **error)
{
  g_autoptr(OaiUsageLog) self = g_object_new (OAI_TYPE_USAGE_LOG, NULL);

  self->database = open_database (location, error);
  if (self->database == NULL)
    return NULL;
  self->thread = g_thread_try_new ("oai-usage-log", write_batches, self->tasks, error);
  if (self->thread == NULL)
    return NULL;

  return g_steal_pointer (&self);
}

static void
return_flushes (OaiUsageLog *self)
{
  GTask *task;

  while ((task = g_queue_peek_head (&self->flushes)) != NULL)
    {
      const guint64 *n_added = g_task_get_task_data (task);

      if (self->error == NULL && self->n_written < *n_added)
        return;
      g_queue_pop_head (&self->flushes);
      if (self->n_written >= *n_added)
        g_task_return_boolean (task, TRUE);
      else
        g_task_return_error (task, g_error_copy (self->error));
      g_object_unref (task);
    }
  oai_drop_source (&self->flush_timer);
}

static void
start_source (OaiUsageLog *self, GSource **source, guint ms, GSourceFunc func)
{
  oai_drop_source (source);
  *source = g_timeout_source_new (ms);
  g_source_set_static_name (*source, "[openai] usage log");
  g_source_set_callback (*source, func, self, NULL);
  g_source_attach (*source, self->context);
}

/* The thread still waits for a database that does not reply. */
static gboolean
on_flush_timeout (gpointer user_data)
{
  g_autoptr(OaiUsageLog) self = g_object_ref (user_data);
  GTask *task;

  oai_drop_source (&self->flush_timer);
  while ((task = g_queue_pop_head (&self->flushes)) != NULL)
    {
      /* Translators: %u is a number of records. */
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("The database of the usage log does not reply; %u records are not written"),
                               oai_usage_log_get_n_queued (self));
      g_object_unref (task);
    }

  return G_SOURCE_REMOVE;
}

static gboolean
on_timer (gpointer user_data)
{
  OaiUsageLog *self = user_data;

  g_clear_pointer (&self->timer, g_source_unref);
  start_writing (self);

  return G_SOURCE_REMOVE;
}

static void
set_timer (OaiUsageLog *self, guint ms)
{
  start_source (self, &self->timer, ms, on_timer);
}

static void
handle_failure (OaiUsageLog *self, GError *error)
{
  if (self->error == NULL)
    g_warning (_("The usage log cannot be written; records wait: %s"), error->message);
  g_clear_error (&self->error);
  self->error = error;
  self->retry_ms = self->retry_ms == 0 ? MIN_RETRY_MS : MIN (self->retry_ms * 2, MAX_RETRY_MS);
  set_timer (self, self->retry_ms);
}

static void
handle_success (OaiUsageLog *self)
{
  if (self->error != NULL)
    g_message ("%s", _("The usage log can be written again"));
  g_clear_error (&self->error);
  self->retry_ms = 0;
  self->n_written += self->batch->len;
  g_clear_pointer (&self->batch, g_ptr_array_unref);
}

static void
on_written (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(OaiUsageLog) self = user_data;
  GError *error = NULL;

  self->writing = FALSE;
  if (g_task_propagate_boolean (G_TASK (result), &error))
    handle_success (self);
  else
    handle_failure (self, error);
  return_flushes (self);

  if (self->error == NULL && !g_queue_is_empty (&self->queued))
    {
      if (self->queued.length >= MAX_BATCH || !g_queue_is_empty (&self->flushes))
        start_writing (self);
      else
        set_timer (self, COLLECT_MS);
    }
}

static void
take_batch (OaiUsageLog *self)
{
  if (self->batch != NULL)
    return;

  self->batch = g_ptr_array_new_with_free_func (free_record);
  while (self->batch->len < MAX_BATCH && !g_queue_is_empty (&self->queued))
    g_ptr_array_add (self->batch, g_queue_pop_head (&self->queued));
}

static void
start_writing (OaiUsageLog *self)
{
  g_autoptr(GTask) task = NULL;

  if (self->writing || (self->batch == NULL && g_queue_is_empty (&self->queued)))
    return;

  oai_drop_source (&self->timer);
  take_batch (self);
  self->writing = TRUE;
  /* The callback releases the reference to the log in its main context; the thread has none. */
  g_main_context_push_thread_default (self->context);
  task = g_task_new (NULL, NULL, on_written, g_object_ref (self));
  g_main_context_pop_thread_default (self->context);
  g_task_set_source_tag (task, start_writing);
  g_task_set_task_data (task, g_ptr_array_ref (self->batch), (GDestroyNotify) g_ptr_array_unref);
  g_object_set_data_full (G_OBJECT (task), "database", g_atomic_rc_box_acquire (self->database), unref_database);
  g_async_queue_push (self->tasks, g_steal_pointer (&task));
}

static char *
dup_valid (const char *text)
{
  return text != NULL ? g_utf8_make_valid (text, -1) : NULL;
}

static OaiUsageRecord *
new_record (const OaiProxyReportData *data)
{
  OaiUsageRecord *record = g_new0 (OaiUsageRecord, 1);

  record->request_id = dup_valid (data->request_id);
  record->identity = dup_valid (data->identity);
  record->operation = dup_valid (data->operation);
  record->model = dup_valid (data->model);
  record->upstream = dup_valid (data->upstream);
  record->outcome = oai_proxy_outcome_to_string (data->outcome);
  record->begin_time = data->begin_time;
  record->status = data->status;
  record->has_usage = data->has_usage;
  record->input_tokens = data->input_tokens;
  record->cached_tokens = data->cached_tokens;
  record->output_tokens = data->output_tokens;
  record->cost = data->cost;
  record->received_bytes = (gint64) MIN (data->received_bytes, (guint64) G_MAXINT64);
  record->sent_bytes = (gint64) MIN (data->sent_bytes, (guint64) G_MAXINT64);
  record->duration_us = data->duration_us;

  return record;
}

void
oai_usage_log_add (OaiUsageLog *self, const OaiProxyReportData *data)
{
  if (data->identity == NULL)
    return;
  if (oai_usage_log_get_n_queued (self) >= self->max_queued)
    {
      if (self->n_lost++ == 0)
        g_warning ("%s", _("The queue of the usage log is full; records are lost"));
      return;
    }
  g_queue_push_tail (&self->queued, new_record (data));
  self->n_added++;
  if (self->writing || self->retry_ms > 0)
    return;

  if (self->queued.length >= MAX_BATCH)
    start_writing (self);
  else if (self->timer == NULL)
    set_timer (self, COLLECT_MS);
}

guint
oai_usage_log_get_n_queued (OaiUsageLog *self)
{
  return self->queued.length + (self->batch != NULL ? self->batch->len : 0);
}

guint64
oai_usage_log_get_n_lost (OaiUsageLog *self)
{
  return self->n_lost;
}

void
oai_usage_log_set_max_queued (OaiUsageLog *self, guint max_queued)
{
  self->max_queued = max_queued;
}

void
oai_usage_log_set_flush_timeout (OaiUsageLog *self, guint milliseconds)
{
  self->flush_timeout_ms = milliseconds;
}

void
oai_usage_log_flush_async (OaiUsageLog *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, oai_usage_log_flush_async);
  g_task_set_task_data (task, g_memdup2 (&self->n_added, sizeof self->n_added), g_free);
  if (self->n_written >= self->n_added)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  /* The next attempt decides, also if the last one failed. */
  if (!self->writing)
    g_clear_error (&self->error);
  g_queue_push_tail (&self->flushes, g_steal_pointer (&task));
  if (self->flush_timer == NULL)
    start_source (self, &self->flush_timer, self->flush_timeout_ms, on_flush_timeout);
  start_writing (self);
}

gboolean
oai_usage_log_flush_finish (OaiUsageLog *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
oai_usage_sum_free (OaiUsageSum *self)
{
  g_free (self->day);
  g_free (self->identity);
  g_free (self->model);
  g_free (self);
}

/* A database may contain anything. */
static void
add_sum (gint64 day, const char *identity, const char *model, const gint64 counts[4], double cost, gpointer user_data)
{
  g_autoptr(GDateTime) date = day >= 0 && day < END_OF_DAYS ? g_date_time_new_from_unix_utc (day * 86400) : NULL;
  OaiUsageSum *sum = g_new0 (OaiUsageSum, 1);

  sum->day = date != NULL ? g_date_time_format (date, "%Y-%m-%d") : g_strdup ("");
  sum->identity = identity != NULL ? g_utf8_make_valid (identity, -1) : g_strdup ("");
  sum->model = model != NULL ? g_utf8_make_valid (model, -1) : g_strdup ("");
  sum->n_requests = counts[0];
  sum->input_tokens = counts[1];
  sum->cached_tokens = counts[2];
  sum->output_tokens = counts[3];
  sum->cost = cost;
  g_ptr_array_add (user_data, sum);
}

GPtrArray *
oai_usage_log_load_sums (const char *location, gint64 from, gint64 to, GError **error)
{
  g_autoptr(GPtrArray) sums = g_ptr_array_new_with_free_func ((GDestroyNotify) oai_usage_sum_free);
  Database *database = open_database (location, error);
  gboolean success;

  if (database == NULL)
    return NULL;
  success = database->functions->sum (database->store, from, to, add_sum, sums, error);
  unref_database (database);

  return success ? g_steal_pointer (&sums) : NULL;
}

/* History */

/* A request of this duration may have begun before the first time that is read. */
#define MAX_DURATION (24 * G_TIME_SPAN_HOUR)

typedef struct
{
  const OaiUsageStore *functions;
  char *location;
  gint64 now;
} HistoryQuery;

static void
free_query (gpointer data)
{
  HistoryQuery *query = data;

  g_free (query->location);
  g_free (query);
}

static void
free_history (gpointer history)
{
  oai_limit_history_free (history);
}

/* A database may contain anything. */
static void
add_amount (const char *identity, gint64 end, gint64 n_requests, gint64 tokens, double cost, gpointer user_data)
{
  OaiLimitAmounts amounts = { n_requests, tokens, oai_limit_get_cost_units (cost) };

  if (identity != NULL)
    oai_limit_history_add (user_data, identity, end / 1000, &amounts);
}

/* In the thread.  Over another connection, since records may be written meanwhile. */
static void
load_history (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  HistoryQuery *query = task_data;
  g_autoptr(OaiLimitHistory) history = oai_limit_history_new (query->now);
  gint64 first = oai_limit_history_get_begin (history) * 1000, day = query->now * 1000 - G_TIME_SPAN_DAY;
  GError *error = NULL;
  gpointer store = query->functions->open (query->location, &error);

  if (store != NULL)
    {
      query->functions->load (store, first - MAX_DURATION, query->now * 1000, first, day, add_amount, history, &error);
      query->functions->close (store);
    }
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_steal_pointer (&history), free_history);
}

static void
on_loaded (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  OaiLimitHistory *history = g_task_propagate_pointer (G_TASK (result), &error);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, history, free_history);
}

/* The thread has a task of its own, without a reference to the log. */
static void
on_flushed (GObject *object, GAsyncResult *result, gpointer user_data)
{
  OaiUsageLog *self = OAI_USAGE_LOG (object);
  g_autoptr(GTask) task = user_data;
  g_autoptr(GTask) loading = NULL;
  HistoryQuery *query;
  GError *error = NULL;

  if (!oai_usage_log_flush_finish (self, result, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  query = g_new0 (HistoryQuery, 1);
  query->functions = self->database->functions;
  query->location = g_strdup (self->database->location);
  query->now = *(gint64 *) g_task_get_task_data (task);
  loading = g_task_new (NULL, NULL, on_loaded, g_steal_pointer (&task));
  g_task_set_source_tag (loading, on_flushed);
  g_task_set_task_data (loading, query, free_query);
  g_task_run_in_thread (loading, load_history);
}

void
oai_usage_log_load_history_async (OaiUsageLog *self, gint64 now, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, oai_usage_log_load_history_async);
  g_task_set_task_data (task, g_memdup2 (&now, sizeof now), g_free);
  oai_usage_log_flush_async (self, NULL, on_flushed, task);
}

OaiLimitHistory *
oai_usage_log_load_history_finish (OaiUsageLog *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
