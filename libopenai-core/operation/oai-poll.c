/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-poll-private.h"

#include "oai-call-private.h"
#include "oai-i18n-private.h"
#include "oai-deadline-private.h"
#include "oai-method.h"
#include "oai-operation.h"

#define DEFAULT_INTERVAL 1000
/* Milliseconds; a shorter interval that the server requests is used only once. */
#define MIN_HINTED_INTERVAL 50

typedef struct
{
  const OaiPoll *poll;
  OaiEndpoint *endpoint;
  GStrv path_arguments;
  guint interval_ms;
  gint64 timeout_ms;

  gint64 start;          /* milliseconds */
  gboolean has_reply;    /* at least one */
  gboolean was_unknown;  /* the state in the last reply */
  gboolean has_waited;   /* at least once */
  OaiDeadline deadline;
} Poller;

static OaiPollClock test_clock;

void
oai_poll_set_clock (const OaiPollClock *clock)
{
  static const OaiPollClock none = { 0 };

  test_clock = clock != NULL ? *clock : none;
}

static gint64
get_time (void)
{
  return test_clock.get_time != NULL ? test_clock.get_time (test_clock.user_data) : g_get_monotonic_time () / 1000;
}

static void
poller_free (gpointer data)
{
  Poller *self = data;

  g_object_unref (self->endpoint);
  g_strfreev (self->path_arguments);
  oai_deadline_clear (&self->deadline);
  g_free (self);
}

/* Takes ownership of record and error, of which one is NULL. */
static void
end (GTask *task, OaiRecord *record, GError *error)
{
  Poller *self = g_task_get_task_data (task);

  oai_deadline_disarm (&self->deadline);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, record, g_object_unref);
  g_object_unref (task);
}

static void
end_stopped (GTask *task)
{
  Poller *self = g_task_get_task_data (task);

  guint n_arguments = g_strv_length (self->path_arguments);

  if (!self->deadline.timed_out)
    end (task, NULL, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("The wait was cancelled")));
  else
    /* Translators: the first is the identifier of an object, such as a file. */
    end (task, NULL, g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("“%s” was not ready after %u milliseconds"),
                                  n_arguments > 0 ? self->path_arguments[n_arguments - 1] : "", (guint) self->timeout_ms));
}

/* Intervals */

/* Reads the interval in milliseconds from a header of the reply; -1 if there is none. */
static gint64
get_hint (OaiRecord *record)
{
  OaiCall *call = oai_record_get_call (record);
  const char *text = call != NULL ? oai_call_get_header (call, "openai-poll-after-ms") : NULL;
  char *rest = NULL;
  guint64 hint;

  if (text == NULL)
    return -1;
  hint = g_ascii_strtoull (text, &rest, 10);

  return rest != text && *text != '-' ? (gint64) MIN (hint, G_MAXINT) : -1;
}

guint
oai_poll_get_interval (OaiRecord *record, guint interval_ms, guint default_interval_ms, gboolean first)
{
  gint64 hint = interval_ms == 0 ? get_hint (record) : -1;

  if (hint >= 0)
    return first ? (guint) hint : MAX ((guint) hint, MIN_HINTED_INTERVAL);

  return interval_ms > 0 ? interval_ms : default_interval_ms;
}

static void send_request (GTask *task);

static gboolean
interval_over_cb (gpointer user_data)
{
  GTask *task = user_data;
  Poller *self = g_task_get_task_data (task);

  if (g_cancellable_is_cancelled (self->deadline.cancellable))
    end_stopped (task);
  else
    send_request (task);

  return G_SOURCE_REMOVE;
}

static gboolean
dummy_cb (GCancellable *cancellable, gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* Cancellation and the deadline abort the interval. */
static void
wait_for (GTask *task, guint milliseconds)
{
  Poller *self = g_task_get_task_data (task);
  g_autoptr(GSource) source = NULL;
  g_autoptr(GSource) stopped = g_cancellable_source_new (self->deadline.cancellable);

  if (test_clock.wait != NULL)
    {
      test_clock.wait (milliseconds, test_clock.user_data);
      milliseconds = 0;
    }

  source = g_timeout_source_new (milliseconds);
  g_source_set_static_name (source, "[oai] poll");
  g_source_set_priority (source, g_task_get_priority (task));
  g_source_set_callback (source, interval_over_cb, task, NULL);
  g_source_set_callback (stopped, G_SOURCE_FUNC (dummy_cb), NULL, NULL);
  g_source_add_child_source (source, stopped);
  g_source_attach (source, g_task_get_context (task));
}

static void
watch_time (GTask *task)
{
  Poller *self = g_task_get_task_data (task);

  if (test_clock.get_time == NULL)
    oai_deadline_start (&self->deadline, MAX (self->timeout_ms, 1), 0);
}

/* Requests */

static gboolean
is_late (Poller *self)
{
  return self->timeout_ms >= 0 && self->has_reply && get_time () - self->start > self->timeout_ms;
}

static gboolean
contains (const char *const *values, const char *value)
{
  return value != NULL && g_strv_contains (values, value);
}

/* A missing state, and a state that the description does not know, are not final. */
static void
handle_record (GTask *task, OaiRecord *record)
{
  Poller *self = g_task_get_task_data (task);
  const OaiPoll *poll = self->poll;
  const char *state = poll->get_state != NULL ? poll->get_state (record) : oai_record_get_string_member (record, poll->member);
  gboolean was_unknown = self->was_unknown;

  if (contains (poll->final_values, state))
    {
      end (task, g_object_ref (record), NULL);
      return;
    }

  self->was_unknown = poll->pending_values != NULL && !contains (poll->pending_values, state);
  if (self->was_unknown && !was_unknown)
    {
      send_request (task);
      return;
    }

  wait_for (task, oai_poll_get_interval (record, self->interval_ms, poll->interval_ms > 0 ? poll->interval_ms : DEFAULT_INTERVAL, !self->has_waited));
  self->has_waited = TRUE;
}

static void
replied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Poller *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr(OaiRecord) record = oai_endpoint_invoke_finish (OAI_ENDPOINT (source), result, &error);

  oai_method_attach_call (task, result);
  if (error != NULL && self->deadline.timed_out)
    {
      g_clear_error (&error);
      end_stopped (task);
      return;
    }
  if (error != NULL)
    {
      end (task, NULL, error);
      return;
    }

  /* The deadline may have passed while the reply arrived. */
  if (is_late (self))
    oai_deadline_expire (&self->deadline);
  if (!self->has_reply && self->timeout_ms == 0)
    watch_time (task);
  self->has_reply = TRUE;
  if (self->deadline.timed_out)
    end_stopped (task);
  else
    handle_record (task, record);
}

static void
send_request (GTask *task)
{
  Poller *self = g_task_get_task_data (task);

  oai_endpoint_invoke_async (self->endpoint, self->poll->operation, (const char *const *) self->path_arguments, NULL, NULL,
                             self->deadline.cancellable, replied_cb, task, send_request);
}

OaiEndpoint *
oai_poll_new_endpoint (OaiEndpoint *endpoint, guint interval_ms)
{
  OaiCallOptions *held = oai_endpoint_get_options (endpoint);
  g_autoptr(OaiCallOptions) options = held != NULL ? oai_call_options_copy (held) : oai_call_options_new ();

  oai_call_options_set_header (options, "X-Stainless-Poll-Helper", "true");
  if (interval_ms > 0)
    {
      g_autofree char *milliseconds = g_strdup_printf ("%u", interval_ms);

      oai_call_options_set_header (options, "X-Stainless-Custom-Poll-Interval", milliseconds);
    }

  return oai_endpoint_with_options (endpoint, options);
}

/* Takes ownership of the task. */
static void
start (GTask *task, OaiEndpoint *endpoint, const OaiPoll *poll, const char *const *path_arguments, guint interval_ms, gint64 timeout_ms)
{
  Poller *self = g_new0 (Poller, 1);

  self->poll = poll;
  self->endpoint = oai_poll_new_endpoint (endpoint, interval_ms);
  self->path_arguments = g_strdupv ((char **) path_arguments);
  self->interval_ms = interval_ms;
  self->timeout_ms = timeout_ms < 0 ? poll->timeout_ms : timeout_ms;
  self->start = get_time ();

  g_task_set_task_data (task, self, poller_free);
  oai_deadline_init_linked (&self->deadline, g_task_get_context (task), g_task_get_cancellable (task));
  /* With a time-out of 0, one request is sent without a deadline. */
  if (self->timeout_ms > 0)
    watch_time (task);
  send_request (task);
}

void
oai_endpoint_poll_async (OaiEndpoint *self, const OaiPoll *poll, const char *const *path_arguments, guint interval_ms, gint64 timeout_ms, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data, gpointer source_tag)
{
  g_return_if_fail (OAI_IS_ENDPOINT (self));
  g_return_if_fail (timeout_ms >= -1);

  start (oai_method_task_new (self, cancellable, callback, user_data, source_tag), self, poll, path_arguments, interval_ms, timeout_ms);
}

gpointer
oai_endpoint_poll_finish (OaiEndpoint *self, GAsyncResult *result, GError **error)
{
  return oai_method_finish (self, result, error);
}

gpointer
oai_endpoint_poll (OaiEndpoint *self, const OaiPoll *poll, const char *const *path_arguments, guint interval_ms, gint64 timeout_ms, GCancellable *cancellable, GError **error)
{
  OaiMethodCall call;

  g_return_val_if_fail (OAI_IS_ENDPOINT (self), NULL);
  g_return_val_if_fail (timeout_ms >= -1, NULL);

  start (oai_method_begin (&call, self, cancellable, oai_endpoint_poll), self, poll, path_arguments, interval_ms, timeout_ms);

  return oai_method_end (&call, error);
}

/* Takes ownership of the task. */
static void
start_for_record (GTask *task, OaiRecord *self, GType endpoint_type, const OaiPoll *poll, const char *const *path_arguments, guint interval_ms, gint64 timeout_ms)
{
  GError *error = NULL;
  g_autoptr(OaiEndpoint) endpoint = oai_record_new_endpoint (self, endpoint_type, &error);

  if (endpoint != NULL)
    {
      start (task, endpoint, poll, path_arguments, interval_ms, timeout_ms);
      return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

void
oai_record_poll_async (OaiRecord *self, GType endpoint_type, const OaiPoll *poll, const char *const *path_arguments, guint interval_ms, gint64 timeout_ms, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data, gpointer source_tag)
{
  g_return_if_fail (OAI_IS_RECORD (self));
  g_return_if_fail (timeout_ms >= -1);

  start_for_record (oai_method_task_new (self, cancellable, callback, user_data, source_tag), self, endpoint_type, poll, path_arguments, interval_ms, timeout_ms);
}

gpointer
oai_record_poll_finish (OaiRecord *self, GAsyncResult *result, GError **error)
{
  return oai_method_finish (self, result, error);
}

gpointer
oai_record_poll (OaiRecord *self, GType endpoint_type, const OaiPoll *poll, const char *const *path_arguments, guint interval_ms, gint64 timeout_ms, GCancellable *cancellable, GError **error)
{
  OaiMethodCall call;

  g_return_val_if_fail (OAI_IS_RECORD (self), NULL);
  g_return_val_if_fail (timeout_ms >= -1, NULL);

  start_for_record (oai_method_begin (&call, self, cancellable, oai_record_poll), self, endpoint_type, poll, path_arguments, interval_ms, timeout_ms);

  return oai_method_end (&call, error);
}
