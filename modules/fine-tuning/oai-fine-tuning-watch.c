/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-fine-tuning-watch.h"

#include "oai-emit-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-method.h"
#include "oai-poll.h"
#include "oai-deadline-private.h"

#define DEFAULT_INTERVAL 5000
#define EVENTS_A_PAGE 100
/* The maximum number of pages of new events in a round; a longer list is treated as endless. */
#define MAX_PAGES 1000

/**
 * OaiFineTuningWatch:
 *
 * Reports the events of a fine-tuning job.
 *
 * [method@Oai.FineTuningWatch.run_async] retrieves the job repeatedly until it has ended.
 * Meanwhile, [signal@Oai.FineTuningWatch::event] is emitted once for each event of the job, the
 * oldest first, and [signal@Oai.FineTuningWatch::status-changed] for each new status. Cancelling
 * the watch does not cancel the job. A watch can be run again; it then reports only new events.
 *
 * ```c
 * watch = oai_fine_tuning_watch_new (endpoint, oai_fine_tuning_job_get_id (job));
 * g_signal_connect (watch, "event", G_CALLBACK (on_event), NULL);
 * oai_fine_tuning_watch_run_async (watch, NULL, on_finished, NULL);
 * ```
 *
 * [API reference](https://platform.openai.com/docs/api-reference/fine-tuning/list-events)
 *
 * Since: 1.0
 */
struct _OaiFineTuningWatch
{
  GObject parent_instance;

  OaiFineTuningEndpoint *endpoint;
  char *job_id;
  guint interval_ms;
  OaiFineTuningJob *job;  /* as it was retrieved last */
  GHashTable *seen;       /* identifiers of the events that were reported */
  gboolean running;
};

typedef struct
{
  OaiFineTuningEndpoint *endpoint; /* with the headers of polling */
  OaiFineTuningJob *job;
  GPtrArray *events;    /* new events, the latest first */
  GHashTable *ids;      /* of the new events: pages overlap if events happen between two requests */
  guint n_read;         /* number of events of the list that were read */
  guint n_pages;
  gboolean has_waited;  /* at least once */
} Round;

enum
{
  PROP_0,
  PROP_ENDPOINT,
  PROP_JOB_ID,
  PROP_JOB,
  PROP_INTERVAL,
  N_PROPS
};

enum
{
  EVENT,
  STATUS_CHANGED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (OaiFineTuningWatch, oai_fine_tuning_watch, G_TYPE_OBJECT)

static void
oai_fine_tuning_watch_finalize (GObject *object)
{
  OaiFineTuningWatch *self = OAI_FINE_TUNING_WATCH (object);

  g_clear_object (&self->endpoint);
  g_clear_object (&self->job);
  g_free (self->job_id);
  g_hash_table_unref (self->seen);

  G_OBJECT_CLASS (oai_fine_tuning_watch_parent_class)->finalize (object);
}

static void
oai_fine_tuning_watch_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  OaiFineTuningWatch *self = OAI_FINE_TUNING_WATCH (object);

  switch (id)
    {
    case PROP_ENDPOINT:
      g_value_set_object (value, self->endpoint);
      break;
    case PROP_JOB_ID:
      g_value_set_string (value, self->job_id);
      break;
    case PROP_JOB:
      g_value_set_object (value, self->job);
      break;
    case PROP_INTERVAL:
      g_value_set_uint (value, self->interval_ms);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
oai_fine_tuning_watch_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  OaiFineTuningWatch *self = OAI_FINE_TUNING_WATCH (object);

  switch (id)
    {
    case PROP_ENDPOINT:
      self->endpoint = g_value_dup_object (value);
      break;
    case PROP_JOB_ID:
      self->job_id = g_value_dup_string (value);
      break;
    case PROP_INTERVAL:
      oai_fine_tuning_watch_set_interval_ms (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
install_properties (GObjectClass *klass)
{
  const GParamFlags fixed = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  /**
   * OaiFineTuningWatch:endpoint: (getter get_endpoint)
   *
   * The endpoint that retrieves the job.
   *
   * Since: 1.0
   */
  properties[PROP_ENDPOINT] = g_param_spec_object ("endpoint", NULL, NULL, OAI_TYPE_FINE_TUNING_ENDPOINT, fixed);
  /**
   * OaiFineTuningWatch:job-id: (getter get_job_id)
   *
   * Identifier of the job.
   *
   * Since: 1.0
   */
  properties[PROP_JOB_ID] = g_param_spec_string ("job-id", NULL, NULL, NULL, fixed);
  /**
   * OaiFineTuningWatch:job: (getter get_job)
   *
   * The job as it was retrieved last, or %NULL before the first reply.
   *
   * Since: 1.0
   */
  properties[PROP_JOB] = g_param_spec_object ("job", NULL, NULL, OAI_TYPE_FINE_TUNING_JOB, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  /**
   * OaiFineTuningWatch:interval-ms: (getter get_interval_ms) (setter set_interval_ms)
   *
   * Milliseconds between a reply and the next request; 0 for the interval of the
   * server, or else five seconds.
   *
   * Since: 1.0
   */
  properties[PROP_INTERVAL] = g_param_spec_uint ("interval-ms", NULL, NULL, 0, G_MAXUINT, 0,
                                                 G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (klass, N_PROPS, properties);
}

static void
oai_fine_tuning_watch_class_init (OaiFineTuningWatchClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = oai_fine_tuning_watch_finalize;
  object_class->get_property = oai_fine_tuning_watch_get_property;
  object_class->set_property = oai_fine_tuning_watch_set_property;
  install_properties (object_class);

  /**
   * OaiFineTuningWatch::event:
   * @self: the watch
   * @event: the event
   *
   * Emitted for each event of the job.
   *
   * Since: 1.0
   */
  signals[EVENT] = g_signal_new ("event", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, OAI_TYPE_FINE_TUNING_EVENT);
  /**
   * OaiFineTuningWatch::status-changed:
   * @self: the watch
   * @job: the current state of the job
   *
   * Emitted when the job has another status, and when the job is retrieved for the first time.
   *
   * Since: 1.0
   */
  signals[STATUS_CHANGED] = g_signal_new ("status-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                          NULL, G_TYPE_NONE, 1, OAI_TYPE_FINE_TUNING_JOB);
}

static void
oai_fine_tuning_watch_init (OaiFineTuningWatch *self)
{
  self->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/**
 * oai_fine_tuning_watch_new:
 * @endpoint: a fine-tuning endpoint
 * @job_id: identifier of a job
 *
 * Creates a watch for a job. The first request is sent when it is run.
 *
 * Returns: (transfer full): the watch
 *
 * Since: 1.0
 */
OaiFineTuningWatch *
oai_fine_tuning_watch_new (OaiFineTuningEndpoint *endpoint, const char *job_id)
{
  g_return_val_if_fail (OAI_IS_FINE_TUNING_ENDPOINT (endpoint), NULL);
  g_return_val_if_fail (job_id != NULL, NULL);

  return g_object_new (OAI_TYPE_FINE_TUNING_WATCH, "endpoint", endpoint, "job-id", job_id, NULL);
}

/**
 * oai_fine_tuning_watch_get_endpoint:
 * @self: a watch
 *
 * Gets the endpoint that retrieves the job.
 *
 * Returns: (nullable) (transfer none): the endpoint, or %NULL if it is not set
 *
 * Since: 1.0
 */
OaiFineTuningEndpoint *
oai_fine_tuning_watch_get_endpoint (OaiFineTuningWatch *self)
{
  g_return_val_if_fail (OAI_IS_FINE_TUNING_WATCH (self), NULL);

  return self->endpoint;
}

/**
 * oai_fine_tuning_watch_get_job_id:
 * @self: a watch
 *
 * Gets the identifier of the job.
 *
 * Returns: (nullable): the identifier, or %NULL if it is not set
 *
 * Since: 1.0
 */
const char *
oai_fine_tuning_watch_get_job_id (OaiFineTuningWatch *self)
{
  g_return_val_if_fail (OAI_IS_FINE_TUNING_WATCH (self), NULL);

  return self->job_id;
}

/**
 * oai_fine_tuning_watch_get_job:
 * @self: a watch
 *
 * Gets the job as it was retrieved last.
 *
 * Returns: (nullable) (transfer none): the job; %NULL before the first reply
 *
 * Since: 1.0
 */
OaiFineTuningJob *
oai_fine_tuning_watch_get_job (OaiFineTuningWatch *self)
{
  g_return_val_if_fail (OAI_IS_FINE_TUNING_WATCH (self), NULL);

  return self->job;
}

/**
 * oai_fine_tuning_watch_get_interval_ms:
 * @self: a watch
 *
 * Gets the time between a reply and the next request.
 *
 * Returns: milliseconds; 0 for the interval of the server, or else five seconds
 *
 * Since: 1.0
 */
guint
oai_fine_tuning_watch_get_interval_ms (OaiFineTuningWatch *self)
{
  g_return_val_if_fail (OAI_IS_FINE_TUNING_WATCH (self), 0);

  return self->interval_ms;
}

/**
 * oai_fine_tuning_watch_set_interval_ms:
 * @self: a watch
 * @interval_ms: milliseconds; 0 for the interval of the server, or else five seconds
 *
 * Sets the time between a reply and the next request. While the watch runs, a change
 * takes effect after the next reply.
 *
 * Since: 1.0
 */
void
oai_fine_tuning_watch_set_interval_ms (OaiFineTuningWatch *self, guint interval_ms)
{
  g_return_if_fail (OAI_IS_FINE_TUNING_WATCH (self));

  if (self->interval_ms == interval_ms)
    return;

  self->interval_ms = interval_ms;
  oai_emit_notify (self, properties[PROP_INTERVAL]);
}

/* A round retrieves the job, and then its new events, so that the last round reports all events. */

static void
round_clear (Round *round)
{
  g_clear_object (&round->job);
  g_ptr_array_set_size (round->events, 0);
  g_hash_table_remove_all (round->ids);
  round->n_read = 0;
  round->n_pages = 0;
}

static void
round_free (gpointer data)
{
  Round *round = data;

  g_object_unref (round->endpoint);
  g_clear_object (&round->job);
  g_ptr_array_unref (round->events);
  g_hash_table_unref (round->ids);
  g_free (round);
}

static void start_round (GTask *task);

/* Takes ownership of task and error. */
static void
fail (GTask *task, GError *error)
{
  OaiFineTuningWatch *self = g_task_get_source_object (task);

  self->running = FALSE;
  g_task_return_error (task, error);
  g_object_unref (task);
}

static void
waited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;

  if (oai_deadline_wait_finish (result, &error))
    start_round (task);
  else
    fail (task, error);
}

static void
report (OaiFineTuningWatch *self, Round *round)
{
  g_autofree char *status = g_strdup (self->job != NULL ? oai_fine_tuning_job_get_status (self->job) : NULL);

  for (guint i = round->events->len; i > 0; i--)
    oai_emit (self, signals[EVENT], 0, g_ptr_array_index (round->events, i - 1));
  g_set_object (&self->job, round->job);
  oai_emit_notify (self, properties[PROP_JOB]);
  if (g_strcmp0 (status, oai_fine_tuning_job_get_status (round->job)) != 0)
    oai_emit (self, signals[STATUS_CHANGED], 0, round->job);
}

/* Takes ownership of task. */
static void
end_round (GTask *task)
{
  OaiFineTuningWatch *self = g_task_get_source_object (task);
  Round *round = g_task_get_task_data (task);
  guint interval_ms = oai_poll_get_interval (OAI_RECORD (round->job), self->interval_ms, DEFAULT_INTERVAL, !round->has_waited);

  report (self, round);
  if (oai_fine_tuning_job_is_finished (round->job))
    {
      self->running = FALSE;
      g_task_return_pointer (task, g_object_ref (round->job), g_object_unref);
      g_object_unref (task);
      return;
    }

  round_clear (round);
  round->has_waited = TRUE;
  oai_deadline_wait_async (interval_ms, g_task_get_cancellable (task), waited_cb, task);
}

/* Returns an identifier of an event, also if the server did not send one. */
static char *
identify (OaiFineTuningEvent *event)
{
  const char *id = oai_fine_tuning_event_get_id (event);

  return id != NULL ? g_strdup (id) : oai_record_to_json (OAI_RECORD (event));
}

/* Returns FALSE if the remaining events of the list have already been reported. */
static gboolean
add_events (OaiFineTuningWatch *self, Round *round, OaiPagedList *page)
{
  for (; round->n_read < oai_paged_list_get_n_loaded (page); round->n_read++)
    {
      g_autoptr(OaiFineTuningEvent) event = g_list_model_get_item (G_LIST_MODEL (page), round->n_read);
      g_autofree char *id = identify (event);

      if (g_hash_table_contains (self->seen, id))
        return FALSE;
      if (g_hash_table_add (round->ids, g_steal_pointer (&id)) || oai_fine_tuning_event_get_id (event) == NULL)
        g_ptr_array_add (round->events, g_steal_pointer (&event));
    }

  return TRUE;
}

static void
keep_ids (OaiFineTuningWatch *self, Round *round)
{
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, round->ids);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      g_hash_table_iter_steal (&iter);
      g_hash_table_add (self->seen, id);
    }
}

static void handle_page (GTask *task, OaiPagedList *page);

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;

  oai_paged_list_load_more_finish (OAI_PAGED_LIST (source), result, &error);
  if (error != NULL)
    fail (task, error);
  else
    handle_page (task, OAI_PAGED_LIST (source));
}

/* Takes ownership of task. */
static void
handle_page (GTask *task, OaiPagedList *page)
{
  OaiFineTuningWatch *self = g_task_get_source_object (task);
  Round *round = g_task_get_task_data (task);

  if (add_events (self, round, page) && oai_paged_list_get_has_more (page))
    {
      if (++round->n_pages == MAX_PAGES)
        {
          fail (task, g_error_new_literal (OAI_ERROR, OAI_ERROR_PROTOCOL, _("The list of events is too long")));
          return;
        }
      oai_paged_list_load_more_async (page, g_task_get_cancellable (task), loaded_cb, task);
      return;
    }
  keep_ids (self, round);
  end_round (task);
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;
  g_autoptr(OaiPagedList) page = oai_fine_tuning_endpoint_list_events_finish (OAI_FINE_TUNING_ENDPOINT (source), result, &error);

  if (page == NULL)
    {
      fail (task, error);
      return;
    }
  oai_paged_list_set_auto_load (page, FALSE);
  handle_page (task, page);
}

static void
retrieved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Round *round = g_task_get_task_data (task);
  g_autoptr(OaiFineTuningListQuery) query = oai_fine_tuning_list_query_new ();
  OaiFineTuningWatch *self = g_task_get_source_object (task);
  GError *error = NULL;

  round->job = oai_fine_tuning_endpoint_retrieve_finish (round->endpoint, result, &error);
  if (round->job == NULL)
    {
      fail (task, error);
      return;
    }
  oai_fine_tuning_list_query_set_limit (query, EVENTS_A_PAGE);
  oai_fine_tuning_endpoint_list_events_async (round->endpoint, self->job_id, query, g_task_get_cancellable (task), listed_cb, task);
}

/* Takes ownership of task. */
static void
start_round (GTask *task)
{
  OaiFineTuningWatch *self = g_task_get_source_object (task);
  Round *round = g_task_get_task_data (task);

  oai_fine_tuning_endpoint_retrieve_async (round->endpoint, self->job_id, g_task_get_cancellable (task), retrieved_cb, task);
}

static gboolean
check_can_run (OaiFineTuningWatch *self, GError **error)
{
  const char *problem = NULL;

  if (self->endpoint == NULL)
    problem = _("The watch has no endpoint");
  else if (self->job_id == NULL)
    problem = _("The watch has no job: its identifier is missing");
  else if (self->running)
    problem = _("The job is already being watched");

  if (problem != NULL)
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, problem);
  return problem == NULL;
}

/**
 * oai_fine_tuning_watch_run_async:
 * @self: a watch that is not running
 * @cancellable: (nullable): ends the watch; the job continues
 * @callback: (scope async) (nullable): called when the job has ended
 * @user_data: data for @callback
 *
 * Watches the job until it has ended. [method@Oai.FineTuningWatch.run_finish]
 * returns the job.
 *
 * Fails with [error@Oai.Error] `INVALID_ARGUMENT` if the watch is already running, or has no
 * endpoint or job.
 *
 * Since: 1.0
 */
void
oai_fine_tuning_watch_run_async (OaiFineTuningWatch *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;
  Round *round;
  GError *error = NULL;

  g_return_if_fail (OAI_IS_FINE_TUNING_WATCH (self));

  task = oai_method_task_new (self, cancellable, callback, user_data, oai_fine_tuning_watch_run_async);
  if (!check_can_run (self, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  self->running = TRUE;
  round = g_new0 (Round, 1);
  round->endpoint = OAI_FINE_TUNING_ENDPOINT (oai_poll_new_endpoint (OAI_ENDPOINT (self->endpoint), self->interval_ms));
  round->events = g_ptr_array_new_with_free_func (g_object_unref);
  round->ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_task_set_task_data (task, round, round_free);
  start_round (task);
}

/**
 * oai_fine_tuning_watch_run_finish:
 * @self: a watch
 * @result: the result that the callback received
 * @error: return location for an error
 *
 * Finishes [method@Oai.FineTuningWatch.run_async].
 *
 * Returns: (transfer full): the job, which has succeeded, failed or been cancelled
 *
 * Since: 1.0
 */
OaiFineTuningJob *
oai_fine_tuning_watch_run_finish (OaiFineTuningWatch *self, GAsyncResult *result, GError **error)
{
  return oai_method_finish (self, result, error);
}

/**
 * oai_fine_tuning_watch_run:
 * @self: a watch that is not running
 * @cancellable: (nullable): ends the watch; the job continues
 * @error: return location for an error
 *
 * Watches the job until it has ended, and blocks until then. [method@Oai.FineTuningWatch.run_async]
 * does not block.
 *
 * Returns: (transfer full): the job, which has succeeded, failed or been cancelled
 *
 * Since: 1.0
 */
OaiFineTuningJob *
oai_fine_tuning_watch_run (OaiFineTuningWatch *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (OAI_IS_FINE_TUNING_WATCH (self), NULL);

  return oai_method_run (self, (OaiMethodAsync) oai_fine_tuning_watch_run_async, (OaiMethodFinish) oai_fine_tuning_watch_run_finish, cancellable, error);
}
