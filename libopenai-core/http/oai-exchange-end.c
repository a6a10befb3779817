/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The ways in which an exchange ends before its body does. */

#include "oai-exchange-impl-private.h"

#include "oai-body-drain-private.h"
#include "oai-call-private.h"
#include "oai-error-map-private.h"
#include "oai-log-private.h"
#include "oai-message-builder-private.h"
#include "oai-redact-private.h"

/* One that is under way must not be sent again without its body. */
static void
drop_message (OaiExchange *self, gboolean under_way)
{
  if (self->message == NULL)
    return;

  g_signal_handlers_disconnect_by_data (self->message, self);
  if (under_way)
    g_signal_connect (self->message, "restarted", G_CALLBACK (oai_message_builder_break_body), NULL);
  g_clear_object (&self->message);
}

void
oai_exchange_end_request (OaiExchange *self)
{
  g_autoptr(GCancellable) cancellable = g_steal_pointer (&self->cancellable);
  g_autoptr(GInputStream) body = g_steal_pointer (&self->body);
  gboolean under_way = oai_pending_abandon (&self->pending);

  self->step++;
  oai_body_reader_clear (&self->drain);
  oai_buffer_clear (&self->error_body);
  self->received = 0;
  oai_drop_source (&self->send_source);
  g_clear_pointer (&self->early, oai_early_reply_free);
  drop_message (self, under_way);
  self->n_interim = 0;
  g_clear_error (&self->broken);

  if (body != NULL)
    g_input_stream_close (body, NULL, NULL);
  if (under_way)
    g_cancellable_cancel (cancellable);
}

void
oai_exchange_end_attempt (OaiExchange *self)
{
  oai_deadlines_stop (&self->deadlines);
  oai_drop_source (&self->retry_source);
  oai_exchange_end_request (self);
}

/* The error is there before the state is notified. */
void
oai_exchange_end_call (OaiExchange *self, const GError *error)
{
  oai_log_end (self->call, error);
  if (error != NULL)
    {
      oai_call_take_error (self->call, g_error_copy (error));
      oai_client_remember_failure (self->client, self->call);
    }
  if (oai_call_get_retry_at (self->call) != NULL)
    oai_call_set_retry_in (self->call, -1);
  oai_call_set_state (self->call, error != NULL ? OAI_CALL_STATE_FAILED : OAI_CALL_STATE_DONE);
}

void
oai_exchange_fail_reply (OaiExchange *self, GError *error)
{
  oai_exchange_ref (self);
  oai_redact_error (error, self->secrets);
  oai_exchange_end_call (self, error);
  oai_exchange_unref (self);
}

void
oai_exchange_finish_early (OaiExchange *self, GError *error)
{
  g_autoptr(GError) reason = error;

  if (self->closed)
    return;

  oai_exchange_ref (self);
  self->closed = TRUE;
  oai_body_reader_clear (&self->drain);
  if (reason == NULL && self->body != NULL)
    oai_body_drain (g_steal_pointer (&self->body), self->context);
  oai_exchange_end_attempt (self);
  oai_exchange_leave_session (self);
  oai_drop_source (&self->cancelled_source);
  oai_exchange_end_call (self, reason);
  oai_exchange_unref (self);
}

void
oai_exchange_close (OaiExchange *self)
{
  gboolean entered;

  if (self->closed)
    return;

  oai_exchange_ref (self);
  /* A stream that was read by synchronous calls is closed from outside of their
   * main context; libsoup insists on being in it. */
  entered = oai_owner_thread_enter_or_let_go (self->home, self->context, &self->body);
  self->closed = TRUE;
  oai_exchange_end_attempt (self);
  oai_exchange_leave_session (self);
  oai_drop_source (&self->cancelled_source);
  if (entered)
    oai_owner_thread_leave (self->context);

  oai_call_take_error (self->call, oai_error_new_cancelled ());
  if (oai_call_get_retry_at (self->call) != NULL)
    oai_call_set_retry_in (self->call, -1);
  oai_call_set_state (self->call, OAI_CALL_STATE_FAILED);
  oai_exchange_unref (self);
}

GInputStream *
oai_exchange_detach_body (OaiExchange *self, goffset *length, guint *idle_timeout)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (self->message);
  g_autoptr(GInputStream) body = g_steal_pointer (&self->body);

  *length = soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH ? soup_message_headers_get_content_length (headers) : -1;
  if (oai_call_get_header (self->call, "content-encoding") != NULL)
    *length = -1;
  *idle_timeout = self->deadlines.idle_limit / 1000;

  self->closed = TRUE;
  oai_exchange_end_attempt (self);
  oai_drop_source (&self->cancelled_source);
  oai_exchange_end_call (self, NULL);

  return g_steal_pointer (&body);
}
