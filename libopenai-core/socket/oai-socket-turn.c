/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-socket-turn-private.h"

#include "oai-call-private.h"
#include "oai-error-map-private.h"
#include "oai-redact-private.h"
#include "oai-secret-private.h"

static inline OaiSocketTurn *
get_turn (OaiEventSource *source)
{
  return (OaiSocketTurn *) source;
}

/* Reuses the memory of the event that was handled last. */
static GString *
new_event (OaiSocketTurn *self, const char *data, gsize length)
{
  GString *event = self->first == NULL && !self->in_use ? g_steal_pointer (&self->current) : NULL;

  if (event == NULL)
    return g_string_new_len (data, length);

  g_string_truncate (event, 0);

  return g_string_append_len (event, data, length);
}

/* Most events are handled at once, so that the queue stays empty. */
static void
add_event (OaiSocketTurn *self, GString *event)
{
  if (self->first == NULL)
    self->first = event;
  else
    g_queue_push_tail (&self->events, event);
}

static void
free_event (gpointer event)
{
  g_string_free (event, TRUE);
}

static void
stop (OaiSocketTurn *self)
{
  self->over = TRUE;
  oai_deadline_disarm (&self->deadline);
}

/* The error is set before the state is notified. */
static void
end_call (OaiSocketTurn *self, const GError *error)
{
  g_autoptr(OaiCall) call = self->parent.call != NULL ? g_object_ref (self->parent.call) : NULL;

  if (call == NULL)
    return;

  if (error != NULL)
    oai_call_take_error (call, g_error_copy (error));
  oai_call_set_state (call, error != NULL ? OAI_CALL_STATE_FAILED : OAI_CALL_STATE_DONE);
}

static void
own (OaiSocketTurn *self)
{
  if (self->owner != NULL && !self->owned)
    g_object_ref (self->owner);
  self->owned = TRUE;
}

/* The owner may keep the turn, so the turn releases the owner. */
static void
leave (OaiSocketTurn *self)
{
  GObject *owner = g_steal_pointer (&self->owner);

  if (owner == NULL)
    return;

  self->funcs->leave (self, owner);
  if (self->owned)
    g_object_unref (owner);
}

/* Takes ownership of the error. */
static void
report_failure (OaiSocketTurn *self, GError *error)
{
  g_autoptr(OaiEventSource) held = oai_event_source_ref (&self->parent);

  end_call (self, error);
  leave (self);
  if (held->listener != NULL)
    held->listener->failed (held, error, held->user_data);
  else
    g_error_free (error);
}

void
oai_socket_turn_fail (OaiSocketTurn *self, GError *error)
{
  g_autoptr(OaiEventSource) held G_GNUC_UNUSED = oai_event_source_ref (&self->parent);

  if (self->over)
    {
      g_error_free (error);
      return;
    }

  stop (self);
  oai_redact_error (error, self->secret);
  if (self->context != NULL)
    {
      report_failure (self, error);
      return;
    }

  /* Reported when the stream is started. */
  self->error = error;
  leave (self);
}

static void
deadline_cb (gboolean timed_out, gpointer user_data)
{
  oai_socket_turn_fail (user_data, timed_out ? oai_error_new_timed_out () : oai_error_new_cancelled ());
}

void
oai_socket_turn_set_secret (OaiSocketTurn *self, const char *secret)
{
  oai_secret_free (self->secret);
  self->secret = g_strdup (secret);
  self->parent.secret = self->secret;
}

void
oai_socket_turn_set_sent (OaiSocketTurn *self, const char *url, gint64 timeout, gint64 idle_timeout)
{
  g_autoptr(OaiEventSource) held G_GNUC_UNUSED = oai_event_source_ref (&self->parent);

  oai_deadline_start (&self->deadline, timeout, idle_timeout);
  oai_deadline_resume (&self->deadline);
  oai_call_begin_attempt (self->parent.call);
  if (!self->over)
    oai_call_set_url (self->parent.call, url);
  if (!self->over)
    oai_call_set_state (self->parent.call, OAI_CALL_STATE_SENDING);
}

/* Returns FALSE if the stream has ended. */
static gboolean
note_first_event (OaiSocketTurn *self)
{
  oai_deadline_start_body (&self->deadline, FALSE);
  oai_call_set_state (self->parent.call, OAI_CALL_STATE_READING);

  return !self->over;
}

static void
report (OaiSocketTurn *self)
{
  OaiEventSource *source = &self->parent;

  if (!self->paused && source->listener != NULL)
    self->paused = !source->listener->ready (source, source->user_data);
  if (self->paused)
    oai_deadline_pause (&self->deadline);
}

void
oai_socket_turn_push (OaiSocketTurn *self, const char *data, gsize length, gboolean last, gboolean is_error)
{
  g_autoptr(OaiEventSource) held G_GNUC_UNUSED = oai_event_source_ref (&self->parent);

  self->ended = self->ended || last;
  /* The owner forgets the turn. */
  if (last)
    own (self);
  if (self->over || (self->context != NULL && self->n_events++ == 0 && !note_first_event (self)))
    return;

  if (self->limit > 0 && self->size > self->limit - MIN (length, self->limit))
    {
      oai_socket_turn_fail (self, oai_error_new_too_large (self->limit));
      return;
    }
  self->current_is_error = is_error;
  add_event (self, new_event (self, data, length));
  self->size += length;
  if (self->context == NULL)
    return;

  oai_deadline_touch (&self->deadline);
  report (self);
}

/* The source */

static void
oai_socket_turn_prepare (OaiEventSource *source)
{
  source->call = oai_call_new (get_turn (source)->operation, "GET", NULL);
}

static void
oai_socket_turn_start (OaiEventSource *source, GCancellable *cancellable)
{
  OaiSocketTurn *self = get_turn (source);
  g_autoptr(OaiEventSource) held G_GNUC_UNUSED = oai_event_source_ref (source);

  self->context = g_main_context_ref_thread_default ();
  oai_deadline_init (&self->deadline, self->context, deadline_cb, self);
  if (self->error != NULL)
    {
      report_failure (self, g_steal_pointer (&self->error));
      return;
    }
  if (g_cancellable_is_cancelled (cancellable))
    {
      oai_socket_turn_fail (self, oai_error_new_cancelled ());
      return;
    }

  oai_deadline_set_cancellable (&self->deadline, cancellable);
  own (self);
  self->funcs->begin (self, self->owner);
  if (!self->over && self->first != NULL && note_first_event (self))
    report (self);
}

static OaiEventSourceStatus
oai_socket_turn_next (OaiEventSource *source, OaiEvent *event, GError **error)
{
  OaiSocketTurn *self = get_turn (source);

  self->in_use = self->first != NULL;
  if (!self->in_use)
    return self->ended ? OAI_EVENT_SOURCE_EOF : OAI_EVENT_SOURCE_WAIT;

  g_clear_pointer (&self->current, free_event);
  self->current = self->first;
  self->first = g_queue_pop_head (&self->events);
  self->size -= self->current->len;
  *event = (OaiEvent) { .data = self->current->str, .length = self->current->len };
  if (self->current_is_error && self->first == NULL)
    event->name = "error";

  return OAI_EVENT_SOURCE_EVENT;
}

static void
oai_socket_turn_resume (OaiEventSource *source, GCancellable *cancellable)
{
  OaiSocketTurn *self = get_turn (source);
  g_autoptr(OaiEventSource) held G_GNUC_UNUSED = oai_event_source_ref (source);

  if (self->over)
    return;

  self->paused = FALSE;
  oai_deadline_set_cancellable (&self->deadline, cancellable);
  oai_deadline_resume (&self->deadline);
  if (self->first != NULL || self->ended)
    report (self);
}

static void
explain (OaiSocketTurn *self, GError *error)
{
  char *message = self->funcs->explain (self, self->owner, error);

  if (message == NULL)
    return;

  g_free (error->message);
  error->message = message;
}

static void
oai_socket_turn_finish (OaiEventSource *source, GError *error)
{
  OaiSocketTurn *self = get_turn (source);

  if (error != NULL && self->current_is_error && !self->over)
    explain (self, error);
  if (error != NULL)
    oai_redact_error (error, self->secret);
  if (self->over)
    return;

  stop (self);
  end_call (self, error);
  leave (self);
}

static void
oai_socket_turn_close (OaiEventSource *source, const GError *error)
{
  g_autoptr(GError) copy = g_error_copy (error);

  oai_socket_turn_finish (source, copy);
}

static void
oai_socket_turn_free (OaiEventSource *source)
{
  OaiSocketTurn *self = get_turn (source);

  if (self->context != NULL)
    oai_deadline_clear (&self->deadline);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_pointer (&self->current, free_event);
  g_clear_pointer (&self->first, free_event);
  g_queue_clear_full (&self->events, free_event);
  g_clear_pointer (&self->secret, oai_secret_free);
  g_clear_error (&self->error);
  g_free (self->lane);
  if (self->owned)
    g_clear_object (&self->owner);
}

static const OaiEventSourceClass socket_turn_class = {
  oai_socket_turn_prepare,
  oai_socket_turn_start,
  oai_socket_turn_next,
  oai_socket_turn_resume,
  oai_socket_turn_finish,
  oai_socket_turn_close,
  oai_socket_turn_free,
};

OaiSocketTurn *
oai_socket_turn_new (GObject *owner, const OaiSocketTurnFuncs *funcs, const char *operation, const char *lane, GBytes *message)
{
  OaiSocketTurn *self = g_new0 (OaiSocketTurn, 1);

  self->parent.klass = &socket_turn_class;
  self->parent.ref_count = 1;
  self->parent.request_body = message != NULL ? g_bytes_ref (message) : NULL;
  self->handed = message == NULL;
  self->funcs = funcs;
  self->owner = owner;
  self->operation = operation;
  self->lane = g_strdup (lane != NULL ? lane : "");
  if (message != NULL)
    own (self);
  g_queue_init (&self->events);

  return self;
}
