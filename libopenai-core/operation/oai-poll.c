/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-poll-private.h"

#include "oai-call-private.h"
#include "oai-i18n-private.h"
#include "oai-deadline-private.h"

#define DEFAULT_INTERVAL 1000
/* Servers ask for no pause at all; that is good for once. */
#define MIN_HINTED_PAUSE 50

typedef struct
{
  OaiEndpoint *endpoint;
  guint operation;
  GStrv path_arguments;
  OaiPollState (*get_state) (OaiRecord *record);
  guint interval;
  guint default_interval;
  gint64 timeout;
  char *timeout_message;

  gint64 start;          /* milliseconds */
  gboolean asked;        /* at least once */
  gboolean puzzled;      /* by the status of the last reply */
  gboolean paused;       /* at least once */
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
  g_free (self->timeout_message);
  oai_deadline_clear (&self->deadline);
  g_free (self);
}

/* Takes record or error. */
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

  if (!self->deadline.timed_out)
    end (task, NULL, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("The wait was cancelled")));
  else if (self->timeout_message != NULL)
    end (task, NULL, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, self->timeout_message));
  else
    end (task, NULL, g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("Gave up waiting after %u milliseconds"), (guint) self->timeout));
}

/* Pauses */

/* What the server asks for: the digits that its header begins with; -1 for none. */
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
oai_poll_get_pause (OaiRecord *record, guint interval, guint default_interval, gboolean first)
{
  gint64 hint = interval == 0 ? get_hint (record) : -1;

  if (hint >= 0)
    return first ? (guint) hint : MAX ((guint) hint, MIN_HINTED_PAUSE);

  return interval > 0 ? interval : default_interval;
}

static void ask (GTask *task);

static gboolean
pause_over_cb (gpointer user_data)
{
  GTask *task = user_data;
  Poller *self = g_task_get_task_data (task);

  if (g_cancellable_is_cancelled (self->deadline.cancellable))
    end_stopped (task);
  else
    ask (task);

  return G_SOURCE_REMOVE;
}

static gboolean
dummy_cb (GCancellable *cancellable, gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* Ends when the time is over or everything is. */
static void
pause_for (GTask *task, guint milliseconds)
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
  g_source_set_callback (source, pause_over_cb, task, NULL);
  g_source_set_callback (stopped, G_SOURCE_FUNC (dummy_cb), NULL, NULL);
  g_source_add_child_source (source, stopped);
  g_source_attach (source, g_task_get_context (task));
}

static void
watch_time (GTask *task)
{
  Poller *self = g_task_get_task_data (task);

  if (test_clock.get_time == NULL)
    oai_deadline_start (&self->deadline, MAX (self->timeout, 1), 0);
}

/* Questions */

static gboolean
is_late (Poller *self)
{
  return self->timeout >= 0 && self->asked && get_time () - self->start > self->timeout;
}

static void
take_answer (GTask *task, OaiRecord *record)
{
  Poller *self = g_task_get_task_data (task);
  OaiPollState state = self->get_state (record);
  gboolean puzzled = self->puzzled;

  self->puzzled = state == OAI_POLL_UNKNOWN;
  if (state == OAI_POLL_DONE)
    end (task, g_object_ref (record), NULL);
  else if (self->puzzled && !puzzled)
    ask (task);
  else
    {
      pause_for (task, oai_poll_get_pause (record, self->interval, self->default_interval, !self->paused));
      self->paused = TRUE;
    }
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Poller *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr(OaiRecord) record = oai_endpoint_invoke_finish (OAI_ENDPOINT (source), result, &error);
  OaiCall *call = oai_call_from_result (result);

  if (call != NULL)
    oai_call_attach (call, task);
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

  /* The deadline may have come with the reply. */
  if (is_late (self))
    oai_deadline_expire (&self->deadline);
  if (!self->asked && self->timeout == 0)
    watch_time (task);
  self->asked = TRUE;
  if (self->deadline.timed_out)
    end_stopped (task);
  else
    take_answer (task, record);
}

static void
ask (GTask *task)
{
  Poller *self = g_task_get_task_data (task);

  oai_endpoint_invoke_async (self->endpoint, self->operation, (const char *const *) self->path_arguments, NULL, NULL, self->deadline.cancellable, answered_cb, task, oai_poll);
}

OaiEndpoint *
oai_poll_new_endpoint (OaiEndpoint *endpoint, guint interval)
{
  OaiCallOptions *held = oai_endpoint_get_options (endpoint);
  g_autoptr(OaiCallOptions) options = held != NULL ? oai_call_options_copy (held) : oai_call_options_new ();

  oai_call_options_set_header (options, "X-Stainless-Poll-Helper", "true");
  if (interval > 0)
    {
      g_autofree char *milliseconds = g_strdup_printf ("%u", interval);

      oai_call_options_set_header (options, "X-Stainless-Custom-Poll-Interval", milliseconds);
    }

  return oai_endpoint_with_options (endpoint, options);
}

void
oai_poll (const OaiPoll *poll, GTask *task)
{
  Poller *self = g_new0 (Poller, 1);

  self->endpoint = oai_poll_new_endpoint (poll->endpoint, poll->interval);
  self->operation = oai_endpoint_find_operation (G_OBJECT_TYPE (poll->endpoint), poll->operation);
  self->path_arguments = g_strdupv ((char **) poll->path_arguments);
  self->get_state = poll->get_state;
  self->interval = poll->interval;
  self->default_interval = poll->default_interval > 0 ? poll->default_interval : DEFAULT_INTERVAL;
  self->timeout = poll->timeout;
  self->timeout_message = g_strdup (poll->timeout_message);
  self->start = get_time ();

  g_task_set_task_data (task, self, poller_free);
  g_task_set_check_cancellable (task, FALSE);
  oai_deadline_init_linked (&self->deadline, g_task_get_context (task), g_task_get_cancellable (task));
  /* Without any time, the server is asked all the same, once. */
  if (self->timeout > 0)
    watch_time (task);
  ask (task);
}
