/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The ways in which an exchange ends before its body does. */

#include "oai-exchange-impl-private.h"

#include "oai-call-private.h"
#include "oai-error-map-private.h"
#include "oai-linger-private.h"
#include "oai-log-private.h"
#include "oai-redact-private.h"

void
oai_exchange_end_request (OaiExchange *self)
{
  oai_drain_clear (&self->drain);
  if (self->body != NULL)
    {
      g_input_stream_close (self->body, NULL, NULL);
      g_clear_object (&self->body);
    }
  oai_buffer_clear (&self->error_body);
  oai_drop_source (&self->send_source);
  g_clear_error (&self->resend_error);
  g_clear_object (&self->message);
  g_clear_object (&self->cancellable);
}

void
oai_exchange_end_attempt (OaiExchange *self)
{
  oai_deadlines_stop (&self->deadlines);
  if (self->retry_source != NULL)
    {
      oai_drop_source (&self->retry_source);
      oai_call_set_retry_in (self->call, -1);
    }
  oai_exchange_end_request (self);
}

/* Who is told that a call has failed finds out why. */
void
oai_exchange_end_call (OaiExchange *self, const GError *error)
{
  oai_log_end (self->call, error);
  if (error != NULL)
    {
      oai_call_take_error (self->call, g_error_copy (error));
      oai_client_remember_failure (self->client, self->call);
    }
  oai_call_set_state (self->call, error != NULL ? OAI_CALL_STATE_FAILED : OAI_CALL_STATE_DONE);
}

void
oai_exchange_fail_reply (OaiExchange *self, GError *error)
{
  oai_redact_error (error, self->secrets);
  oai_exchange_end_call (self, error);
}

void
oai_exchange_finish_early (OaiExchange *self, GError *error)
{
  g_autoptr(GError) reason = error;

  if (self->closed)
    return;

  self->closed = TRUE;
  oai_drain_clear (&self->drain);
  if (reason == NULL && self->body != NULL)
    oai_linger (g_steal_pointer (&self->body), self->context);
  oai_exchange_end_attempt (self);
  oai_drop_source (&self->cancelled_source);
  oai_exchange_end_call (self, reason);
}

void
oai_exchange_close (OaiExchange *self)
{
  gboolean entered;

  if (self->closed)
    return;

  /* A stream that was read by synchronous calls is closed from outside of their
   * main context; libsoup insists on being in it. */
  entered = oai_home_enter_or_let_go (self->home, self->context, &self->body);
  self->closed = TRUE;
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  oai_exchange_end_attempt (self);
  oai_drop_source (&self->cancelled_source);
  oai_call_take_error (self->call, oai_error_new_cancelled ());
  oai_call_set_state (self->call, OAI_CALL_STATE_FAILED);

  if (entered)
    oai_home_leave (self->context);
}

GInputStream *
oai_exchange_detach_body (OaiExchange *self, goffset *length, guint *idle_timeout)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (self->message);

  *length = soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH ? soup_message_headers_get_content_length (headers) : -1;
  if (oai_call_get_header (self->call, "content-encoding") != NULL)
    *length = -1;
  *idle_timeout = self->deadlines.idle_limit / 1000;

  self->closed = TRUE;
  oai_drain_clear (&self->drain);
  oai_deadlines_stop (&self->deadlines);
  oai_drop_source (&self->cancelled_source);
  oai_exchange_end_call (self, NULL);

  return g_steal_pointer (&self->body);
}
