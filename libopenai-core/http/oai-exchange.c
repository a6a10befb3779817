/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-exchange-private.h"

#include <string.h>

#include "oai-adapter-private.h"
#include "oai-auth-private.h"
#include "oai-base-url-private.h"
#include "oai-secret-private.h"
#include "oai-body-drain-private.h"
#include "oai-body-reader-private.h"
#include "oai-body-input-stream-private.h"
#include "oai-buffer-private.h"
#include "oai-call-options-private.h"
#include "oai-call-private.h"
#include "oai-content-decoder-private.h"
#include "oai-deadline-private.h"
#include "oai-early-reply-private.h"
#include "oai-error-map-private.h"
#include "oai-i18n-private.h"
#include "oai-log-private.h"
#include "oai-message-builder-private.h"
#include "oai-network-private.h"
#include "oai-owner-thread-private.h"
#include "oai-pending-private.h"
#include "oai-profile-check-private.h"
#include "oai-proxy-private.h"
#include "oai-redact-private.h"
#include "oai-redirect-private.h"
#include "oai-refusal-probe-private.h"
#include "oai-refused-upgrade-private.h"
#include "oai-request-url-private.h"
#include "oai-retry-private.h"
#include "oai-session-sockets-private.h"
#include "oai-settings-private.h"
#include "oai-source-private.h"
#include "oai-tcp-cork-private.h"
#include "oai-tls-connection-private.h"
#include "oai-url-private.h"

#define MAX_REDIRECTS 20
#define MAX_ERROR_BODY (1024 * 1024)
/* The number of replies of the 1xx class that are accepted before the final reply. */
#define MAX_INTERIM 100

struct _OaiExchange
{
  int ref_count;
  OaiClient *client;
  OaiSettings *settings; /* a snapshot from the start of the exchange */
  OaiAuth *auth;
  OaiRequest *request;
  OaiAdapter adapter;
  OaiCall *call;
  const OaiExchangeSink *sink;
  gpointer sink_data;
  gboolean streamed;

  GMainContext *context;
  OaiOwnerThread *thread;
  GCancellable *user_cancellable; /* the caller's */
  GCancellable *cancellable;      /* of the attempt; time-outs cancel it, too */
  OaiDeadline deadline;
  GSource *retry_source;
  GNetworkMonitor *monitor; /* while the retry waits for the network, or NULL */
  void (*proceed) (OaiExchange *self); /* what follows if the server may be reached without a network */
  gboolean closed;

  /* Signal handlers of the program may close the exchange, and main loops that they iterate may
   * advance it.  The step changes with each beginning and end of a request: code continues after
   * an emission only if the step is the same. */
  guint step;
  OaiPending *pending; /* the operation that the step waits for */

  char *token;
  gboolean fixed_token; /* the token is not from a provider, and is used for all attempts */
  char *secrets; /* the token and other credentials to redact, one on each line */
  GUri *uri;
  char *socket_path; /* of the UNIX socket to which the requests are sent, or NULL */
  const char *method;
  guint redirects;
  gboolean asked_for_proxy; /* "authenticate" was emitted because of an early reply */
  gboolean with_body;
  gboolean with_credentials;

  SoupSession *session;
  OaiSessionWait *wait; /* for a session */
  SoupMessage *message;
  GSource *send_source;
  guint n_interim;  /* replies of the 1xx class to the message */
  GError *broken;   /* the reason why a handler of libsoup's signals cancelled the message */
  OaiEarlyReply *early; /* reads a reply that arrives while the body is written */
  GInputStream *body;
  OaiBodyReader reader;
  OaiBuffer error_body; /* of a failed status, or the beginning of a body that may be an error */
  char *room;           /* where bytes are read to, in the sink */
  gsize received;       /* decompressed bytes of the body of a successful reply */
  gboolean failed_status;
  gboolean probing;     /* the body of a successful reply may be a refusal */
  GPtrArray *old_secrets; /* those that the sink may refer to */
};

static void begin_attempt (OaiExchange *self);
static void begin_if_online (OaiExchange *self, void (*next) (OaiExchange *self));
static gboolean is_offline (OaiExchange *self);
static void build_and_send (OaiExchange *self);
static void finish (OaiExchange *self, GError *error);
static void deadline_cb (gboolean timed_out, gpointer user_data);

static OaiExchange *
exchange_ref (OaiExchange *self)
{
  self->ref_count++;
  return self;
}

static void
forget_token (OaiExchange *self)
{
  g_clear_pointer (&self->token, oai_secret_free);
  g_clear_pointer (&self->secrets, oai_secret_free);
}

/* The sink keeps those of the first reply until the next one. */
static void
retire_secrets (OaiExchange *self)
{
  if (self->secrets == NULL)
    return;

  if (self->old_secrets == NULL)
    self->old_secrets = g_ptr_array_new_with_free_func ((GDestroyNotify) oai_secret_free);
  g_ptr_array_add (self->old_secrets, g_steal_pointer (&self->secrets));
}

static void
release_session (OaiExchange *self)
{
  g_clear_pointer (&self->wait, oai_session_wait_cancel);
  if (self->session != NULL)
    oai_client_release_session (self->client, g_steal_pointer (&self->session));
}

/* A message that is still being sent must not be sent again without its body. */
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

static void
end_request (OaiExchange *self)
{
  g_autoptr(GCancellable) cancellable = g_steal_pointer (&self->cancellable);
  g_autoptr(GInputStream) body = g_steal_pointer (&self->body);
  gboolean under_way = oai_pending_abandon (&self->pending);

  self->step++;
  oai_body_reader_clear (&self->reader);
  oai_buffer_clear (&self->error_body);
  self->received = 0;
  self->probing = FALSE;
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

static void
drop_retry (OaiExchange *self)
{
  oai_drop_source (&self->retry_source);
  if (self->monitor != NULL)
    g_signal_handlers_disconnect_by_data (self->monitor, self);
  g_clear_object (&self->monitor);
}

static void
end_attempt (OaiExchange *self)
{
  oai_deadline_stop (&self->deadline);
  drop_retry (self);
  end_request (self);
}

/* The error is set before the state is notified. */
static void
end_call (OaiExchange *self, const GError *error)
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

static void
exchange_unref (OaiExchange *self)
{
  if (--self->ref_count > 0)
    return;

  end_attempt (self);
  oai_deadline_clear (&self->deadline);
  forget_token (self);
  g_clear_pointer (&self->old_secrets, g_ptr_array_unref);
  g_clear_pointer (&self->uri, g_uri_unref);
  g_free (self->socket_path);
  g_clear_object (&self->user_cancellable);
  release_session (self);
  g_clear_object (&self->auth);
  g_clear_object (&self->settings);
  g_clear_object (&self->client);
  g_clear_object (&self->call);
  g_clear_pointer (&self->request, oai_request_free);
  oai_adapter_clear (&self->adapter);
  oai_owner_thread_unref (self->thread);
  g_main_context_unref (self->context);
  g_free (self);
}

void
oai_exchange_free (OaiExchange *self)
{
  self->sink = NULL;
  oai_exchange_close (self);
  exchange_unref (self);
}

OaiExchange *
oai_exchange_new (OaiClient *client, OaiRequest *request, gboolean streamed, const OaiExchangeSink *sink, gpointer user_data)
{
  OaiExchange *self = g_new0 (OaiExchange, 1);

  self->ref_count = 1;
  self->client = g_object_ref (client);
  /* Later changes by the program apply to later calls, and not to retries of this one. */
  self->settings = oai_settings_ref_snapshot (oai_client_get_settings (client));
  if (request->options != NULL)
    {
      g_autoptr(OaiCallOptions) options = request->options;

      request->options = oai_call_options_copy (options);
    }
  self->request = request;
  self->streamed = streamed;
  self->sink = sink;
  self->sink_data = user_data;
  self->context = g_main_context_ref_thread_default ();
  self->thread = oai_owner_thread_ref_current ();
  oai_deadline_init (&self->deadline, self->context, deadline_cb, self);
  self->method = request->method;
  self->with_body = TRUE;
  self->with_credentials = !request->external;
  self->call = oai_call_new (request->operation, request->method, NULL);
  oai_call_set_settings (self->call, self->settings);

  return self;
}

OaiCall *
oai_exchange_get_call (OaiExchange *self)
{
  return self->call;
}

const char *
oai_exchange_get_secret (OaiExchange *self)
{
  return self->secrets;
}

/* Whether signal handlers have neither closed nor advanced the exchange. */
static gboolean
is_at (OaiExchange *self, guint step)
{
  return self->step == step;
}

static gboolean
is_secure (OaiExchange *self)
{
  return strcmp (g_uri_get_scheme (self->uri), "https") == 0;
}

static gboolean
has_body (OaiExchange *self)
{
  return self->with_body && oai_request_has_body (self->request);
}

/* Ends the exchange, and reports that once.  A handler may have closed it before.  Takes error. */
static void
finish (OaiExchange *self, GError *error)
{
  if (self->closed)
    {
      g_clear_error (&error);
      return;
    }

  exchange_ref (self);
  self->closed = TRUE;
  oai_redact_error (error, self->secrets);
  end_attempt (self);
  release_session (self);
  oai_deadline_disarm (&self->deadline);
  end_call (self, error);
  if (self->sink != NULL)
    self->sink->done (self, error, self->sink_data);
  else
    g_clear_error (&error);
  exchange_unref (self);
}

void
oai_exchange_set_cancellable (OaiExchange *self, GCancellable *cancellable)
{
  g_set_object (&self->user_cancellable, cancellable);
  oai_deadline_set_cancellable (&self->deadline, self->closed ? NULL : cancellable);
}

/* Time-outs and cancellation */

static void fail_attempt (OaiExchange *self, GError *error);
static void finish_failed_status (OaiExchange *self);

static GError *
new_timed_out (OaiExchange *self)
{
  return self->body == NULL && self->message != NULL ? oai_error_new_no_reply (self->call, self->socket_path) : oai_error_new_timed_out ();
}

static void
deadline_cb (gboolean timed_out, gpointer user_data)
{
  OaiExchange *self = exchange_ref (user_data);

  /* An error status takes precedence over a missing body.  A time-out while credentials and files
   * are looked up is not retried. */
  if (!timed_out)
    finish (self, oai_error_new_cancelled ());
  else if (self->body != NULL && self->failed_status)
    finish_failed_status (self);
  else if (self->message != NULL)
    fail_attempt (self, new_timed_out (self));
  else
    finish (self, new_timed_out (self));
  exchange_unref (self);
}

static void
start_deadline (OaiExchange *self)
{
  OaiCallOptions *options = self->request->options;
  guint total = oai_client_get_limit (oai_settings_get_timeout_ms (self->settings), options != NULL ? oai_call_options_get_timeout_ms (options) : -1);
  guint idle = oai_client_get_limit (oai_settings_get_idle_timeout_ms (self->settings), options != NULL ? oai_call_options_get_idle_timeout_ms (options) : -1);

  oai_deadline_start (&self->deadline, total, idle);
}

/* Without TLS, the message has a connection now. */
static void
starting_cb (SoupMessage *message, OaiExchange *self)
{
  if (message != self->message)
    return;

  oai_proxy_authorize (self->session, message);
  g_clear_pointer (&self->early, oai_early_reply_free);
  if (has_body (self))
    self->early = oai_early_reply_new (self->session, message);
}

/* The idle time counts from the end of the request. */
static void
wrote_body_cb (SoupMessage *message, OaiExchange *self)
{
  if (message != self->message)
    return;

  g_clear_pointer (&self->early, oai_early_reply_free);
  oai_deadline_resume (&self->deadline);
}

/* Cancels the request in a handler of libsoup's signals.  libsoup reports the failure. */
static void
break_message (OaiExchange *self, GError *reason)
{
  g_clear_error (&self->broken);
  self->broken = reason;
  g_cancellable_cancel (self->cancellable);
}

/* libsoup sends the message again, without its body, which is set again here. */
static void
restarted_cb (SoupMessage *message, OaiExchange *self)
{
  g_autoptr(GError) error = NULL;

  oai_deadline_pause (&self->deadline);
  if (!self->with_body || oai_message_builder_renew_body (message, self->request, &error))
    return;

  break_message (self, g_steal_pointer (&error));
}

static void
note_secure_connection (OaiExchange *self, GTlsConnection *connection)
{
  oai_client_note_connection (self->client, self->session);
  oai_client_note_version (self->client, self->session, g_strcmp0 (g_tls_connection_get_negotiated_protocol (connection), "h2") == 0);
  oai_tls_connection_forget_authorities (connection);
}

static void
network_event_cb (SoupMessage *message, GSocketClientEvent event, GIOStream *connection, OaiExchange *self)
{
  OaiCallOptions *options = self->request->options;
  guint limit;

  if (message != self->message)
    return;

  switch (event)
    {
    case G_SOCKET_CLIENT_RESOLVING:
      limit = oai_client_get_limit (oai_settings_get_connect_timeout_ms (self->settings), options != NULL ? oai_call_options_get_connect_timeout_ms (options) : -1);
      oai_deadline_start_connecting (&self->deadline, limit);
      break;
    case G_SOCKET_CLIENT_CONNECTED:
      if (is_secure (self))
        oai_proxy_authorize_tunnel (self->session, message, connection);
      break;
    case G_SOCKET_CLIENT_TLS_HANDSHAKING:
      if (oai_request_requires_http1 (self->request))
        oai_tls_connection_offer_http1 (G_TLS_CONNECTION (connection));
      break;
    case G_SOCKET_CLIENT_COMPLETE:
      oai_deadline_stop_connecting (&self->deadline);
      oai_session_sockets_note (self->session, message, connection);
      if (G_IS_TLS_CONNECTION (connection))
        note_secure_connection (self, G_TLS_CONNECTION (connection));
      break;
    default:
      break;
    }
}

/* libsoup reads until the final reply arrives, without returning to the main loop. */
static void
got_interim_cb (SoupMessage *message, OaiExchange *self)
{
  if (message == self->message && ++self->n_interim > MAX_INTERIM && self->broken == NULL)
    break_message (self, g_error_new_literal (OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent too many interim replies")));
}

/* Retries */

static gboolean
retry_cb (gpointer user_data)
{
  OaiExchange *self = exchange_ref (user_data);
  guint step = ++self->step;

  drop_retry (self);
  oai_call_set_retry_in (self->call, -1);
  if (is_at (self, step))
    begin_if_online (self, begin_attempt);
  exchange_unref (self);

  return G_SOURCE_REMOVE;
}

static void
network_changed_cb (GNetworkMonitor *monitor, gboolean available, OaiExchange *self)
{
  if (available)
    g_source_set_ready_time (self->retry_source, 0);
}

/* The delay ends when the network returns.  The monitor emits its signals in the global default main
 * context. */
static void
watch_network (OaiExchange *self)
{
  GNetworkMonitor *monitor = oai_client_get_network_monitor (self->client);

  if (monitor == NULL || self->context != g_main_context_default ())
    return;

  self->monitor = g_object_ref (monitor);
  g_signal_connect (monitor, "network-changed", G_CALLBACK (network_changed_cb), self);
}

static void
wait_for_retry (OaiExchange *self, double delay)
{
  guint step = self->step;

  self->retry_source = g_timeout_source_new (0);
  g_source_set_static_name (self->retry_source, "[oai] retry");
  g_source_set_callback (self->retry_source, retry_cb, self, NULL);
  g_source_set_ready_time (self->retry_source, g_get_monotonic_time () + (gint64) (delay * G_USEC_PER_SEC));
  g_source_attach (self->retry_source, self->context);
  if (oai_call_get_status_code (self->call) == 0 && is_offline (self))
    watch_network (self);

  oai_call_set_state (self->call, OAI_CALL_STATE_WAITING);
  if (is_at (self, step))
    oai_call_set_retry_in (self->call, delay * G_USEC_PER_SEC);
}

/* Returns TRUE if another attempt was scheduled. */
static gboolean
try_again (OaiExchange *self)
{
  OaiCallOptions *options = self->request->options;
  guint retries = oai_call_get_n_attempts (self->call) - 1 - self->adapter.n_repairs;
  guint max = oai_client_get_limit (oai_settings_get_max_retries (self->settings), options != NULL ? oai_call_options_get_max_retries (options) : -1);
  double max_delay = oai_settings_get_max_retry_delay_ms (self->settings) / 1000.0;
  double now = g_get_real_time () / (double) G_USEC_PER_SEC;
  OaiRetryAnswer answer = {
    .status = oai_call_get_status_code (self->call),
    .should_retry = oai_call_get_header (self->call, "x-should-retry"),
    .retry_after_ms = oai_call_get_header (self->call, "retry-after-ms"),
    .retry_after = oai_call_get_header (self->call, "retry-after"),
  };
  double delay;

  if (retries >= max || !oai_request_can_retry (self->request) || !oai_retry_should_retry (&answer, max_delay, now))
    return FALSE;

  delay = oai_retry_get_delay (&answer, retries, max_delay, now, g_random_double ());
  oai_log_retry (self->call, delay);
  end_attempt (self);
  wait_for_retry (self, delay);

  return TRUE;
}

/* There is no retry, since the certificate would be the same. */
static void
fail_certificate (OaiExchange *self, const GError *cause)
{
  GTlsCertificateFlags errors = self->message != NULL ? soup_message_get_tls_peer_certificate_errors (self->message) : 0;

  oai_call_set_certificate_errors (self->call, errors);
  finish (self, oai_error_new_for_certificate (g_uri_get_host (self->uri), errors, cause));
}

/* Handles the failure of an attempt: retries, or ends the exchange.  Takes error. */
static void
fail_attempt (OaiExchange *self, GError *error)
{
  g_autoptr(GError) cause = error;
  gboolean replied = self->body != NULL;
  guint step = self->step;

  if (self->broken != NULL && !self->deadline.timed_out)
    {
      finish (self, g_steal_pointer (&self->broken));
      return;
    }
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED) && !self->deadline.timed_out)
    {
      finish (self, oai_error_new_cancelled ());
      return;
    }
  if (self->deadline.timed_out)
    {
      g_clear_error (&cause);
      cause = new_timed_out (self);
    }
  else if (g_error_matches (cause, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE))
    {
      fail_certificate (self, cause);
      return;
    }

  /* A body that the caller has begun to read is not requested again. */
  if (replied && self->streamed && !self->failed_status)
    {
      finish (self, self->deadline.timed_out ? g_steal_pointer (&cause) : oai_error_new_incomplete (cause->message));
      return;
    }
  if (replied)
    {
      /* The connection failed within the body. */
      oai_call_set_head (self->call, 0, soup_message_get_response_headers (self->message));
      if (!is_at (self, step))
        return;
    }
  if (!try_again (self))
    finish (self, oai_error_new_for_transport (cause, replied ? NULL : self->call, self->socket_path));
}

/* Bodies of replies with an error status */

/* Takes ownership of the error. */
static GError *
explain (OaiExchange *self, GError *error)
{
  OaiRequest *request = self->request;
  char *message = request->explain != NULL && request->body != NULL ? request->explain (request->explain_data, request->body, error) : NULL;

  if (message != NULL)
    {
      g_free (error->message);
      error->message = message;
    }

  return error;
}

/* Sends a request again that the server has refused because of a member, without this member.  Returns FALSE if nothing
 * can be repaired. */
static gboolean
repair (OaiExchange *self, const char *data, gsize length)
{
  guint step = self->step;
  g_autoptr(GBytes) refusal = NULL;

  /* Not at the target of a redirect, and not after a part of the error. */
  if (!self->with_credentials || !self->with_body || self->deadline.timed_out)
    return FALSE;

  refusal = g_bytes_new (data, length);
  if (!oai_adapter_repair (&self->adapter, self->call, self->request, self->uri, soup_message_get_response_headers (self->message), refusal, self->secrets))
    return FALSE;
  if (!is_at (self, step))
    return TRUE;

  if (!self->failed_status)
    retire_secrets (self);
  end_attempt (self);
  begin_attempt (self);

  return TRUE;
}

static void
finish_failed_status (OaiExchange *self)
{
  g_autoptr(GBytes) body = NULL;
  g_autoptr(GBytes) kept = NULL;
  GError *error;

  if (repair (self, self->error_body.data, self->error_body.length) || try_again (self))
    return;

  if (self->request->upgrade && oai_call_get_status_code (self->call) < 300)
    {
      finish (self, g_error_new_literal (OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server did not accept a WebSocket connection")));
      return;
    }

  if (oai_proxy_refused_tunnel (self->message))
    {
      finish (self, oai_error_new_for_proxy (self->call, g_uri_get_host (self->uri)));
      return;
    }

  body = g_bytes_new (self->error_body.data, self->error_body.length);
  error = oai_error_new_for_reply (self->call, body, self->secrets);
  oai_adapter_choose_error (&self->adapter, self->call, &body, &error, self->secrets);
  kept = oai_redact_body (body, self->secrets, g_bytes_get_size (body) >= MAX_ERROR_BODY);
  oai_call_set_body (self->call, kept);
  finish (self, explain (self, error));
}

static char *
reserve_cb (gsize *size, gpointer user_data)
{
  OaiExchange *self = user_data;

  if (self->failed_status || self->error_body.length > 0)
    return oai_buffer_reserve (&self->error_body, 0, size);

  self->room = self->sink->reserve (size, self->sink_data);

  return self->room;
}

/* Streams and downloads have no limit, since they are not collected in memory. */
static gboolean
is_too_large (OaiExchange *self)
{
  guint limit;

  if (self->streamed)
    return FALSE;

  limit = oai_settings_get_max_reply_size (self->settings);

  return limit > 0 && self->received > limit;
}

/* The idle time does not count while the sink is paused. */
static gboolean
hand_on (OaiExchange *self, gsize size)
{
  guint step = self->step;
  gboolean more;

  exchange_ref (self);
  self->received += size;
  if (is_too_large (self))
    {
      finish (self, oai_error_new_too_large (oai_settings_get_max_reply_size (self->settings)));
      exchange_unref (self);
      return FALSE;
    }
  more = self->sink->commit (size, self->sink_data) && is_at (self, step);
  if (!more && is_at (self, step))
    oai_deadline_pause (&self->deadline);
  exchange_unref (self);

  return more;
}

/* Refusals in replies with a status of success */

static void
accept_reply (OaiExchange *self)
{
  self->probing = FALSE;
  oai_adapter_learn (&self->adapter, self->client, self->call, self->request);
}

static void
hold (OaiExchange *self, const char *data, gsize length)
{
  while (length > 0)
    {
      gsize room;
      char *end = oai_buffer_reserve (&self->error_body, length, &room);
      gsize part = MIN (room, length);

      memcpy (end, data, part);
      self->error_body.length += part;
      data += part;
      length -= part;
    }
}

/* Passes the buffered beginning of the body to the sink, which may pause only after it. */
static gboolean
replay (OaiExchange *self)
{
  g_autoptr(GBytes) held = oai_buffer_steal_bytes (&self->error_body);
  guint step = self->step;
  gsize left;
  const char *data = g_bytes_get_data (held, &left);
  gboolean more = TRUE;

  while (left > 0)
    {
      gsize room;
      char *place = self->sink->reserve (&room, self->sink_data);
      gsize part = MIN (room, left);

      memcpy (place, data, part);
      data += part;
      left -= part;
      more = hand_on (self, part);
      if (!is_at (self, step))
        return FALSE;
    }

  return more;
}

/* Returns whether reading continues. */
static gboolean
probe (OaiExchange *self, gsize size)
{
  gboolean held = self->error_body.length > 0;
  OaiRefusalResult result;
  const char *refusal;
  gsize length;

  if (held)
    self->error_body.length += size;
  result = oai_refusal_probe (held ? self->error_body.data : self->room, held ? self->error_body.length : size, FALSE, &refusal, &length);
  if (result == OAI_REFUSAL_MORE)
    {
      if (!held)
        hold (self, self->room, size);
      return TRUE;
    }
  if (result == OAI_REFUSAL_FOUND && repair (self, refusal, length))
    return FALSE;

  if (result == OAI_REFUSAL_CONTENT)
    accept_reply (self);
  self->probing = FALSE;

  return held ? replay (self) : hand_on (self, size);
}

/* At the end of the body.  Returns whether the request was sent again, or the sink has ended the exchange. */
static gboolean
end_probe (OaiExchange *self, gboolean complete)
{
  guint step = self->step;
  OaiRefusalResult result = OAI_REFUSAL_FOUND;
  const char *refusal;
  gsize length;

  if (complete)
    {
      result = oai_refusal_probe (self->error_body.data, self->error_body.length, TRUE, &refusal, &length);
      if (result == OAI_REFUSAL_FOUND && repair (self, refusal, length))
        return TRUE;
    }
  if (result == OAI_REFUSAL_CONTENT)
    accept_reply (self);
  self->probing = FALSE;
  replay (self);

  return !is_at (self, step);
}

static gboolean
commit_cb (gsize size, gpointer user_data)
{
  OaiExchange *self = user_data;
  gboolean more;

  if (self->probing)
    {
      exchange_ref (self);
      more = probe (self, size);
      exchange_unref (self);
      return more;
    }
  if (!self->failed_status)
    return hand_on (self, size);

  self->error_body.length += size;
  if (self->error_body.length < MAX_ERROR_BODY)
    return TRUE;

  exchange_ref (self);
  finish_failed_status (self);
  exchange_unref (self);
  return FALSE;
}

static void
activity_cb (gpointer user_data)
{
  OaiExchange *self = user_data;

  oai_deadline_touch (&self->deadline);
}

static void
done_cb (GError *error, gpointer user_data)
{
  OaiExchange *self = exchange_ref (user_data);
  SoupMessageHeaders *headers = soup_message_get_response_headers (self->message);

  if (error == NULL && soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CHUNKED && oai_body_was_cut (self->body))
    error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT, _("the connection ended"));

  if (self->probing && end_probe (self, error == NULL))
    {
      g_clear_error (&error);
    }
  else if (self->failed_status)
    {
      /* The error status takes precedence over an error in its body. */
      g_clear_error (&error);
      finish_failed_status (self);
    }
  else if (error != NULL)
    {
      fail_attempt (self, error);
    }
  else
    {
      g_clear_object (&self->body);
      finish (self, NULL);
    }
  exchange_unref (self);
}

static const OaiBodyReaderFuncs reader_funcs = { reserve_cb, commit_cb, activity_cb, done_cb };

static void
start_reading (OaiExchange *self)
{
  gboolean shares_connection = soup_message_get_http_version (self->message) >= SOUP_HTTP_2_0;
  g_autoptr(GSocket) socket = NULL;
  guint step = self->step;

  oai_call_set_state (self->call, OAI_CALL_STATE_READING);
  if (!is_at (self, step))
    return;

  if (!self->request->passthrough)
    self->body = oai_content_decoder_wrap (self->body, soup_message_get_response_headers (self->message));
  if (!shares_connection)
    socket = oai_session_sockets_ref_direct (self->session, soup_message_get_connection_id (self->message));
  oai_body_reader_init (&self->reader, self->body, self->context, socket, !shares_connection, &reader_funcs, self);
  oai_deadline_start_body (&self->deadline, !self->streamed);

  if (!self->failed_status && self->sink->head != NULL)
    self->sink->head (self, self->sink_data);
  if (is_at (self, step))
    oai_body_reader_start (&self->reader);
}

/* Redirects: credentials are only sent to the origin that the program specified. */

/* The URL of the call is the target, without credentials. */
static void
publish_target (OaiExchange *self)
{
  g_autofree char *url = oai_log_dup_url (self->uri);
  g_autofree char *shown = self->socket_path != NULL ? oai_base_url_join_socket (self->socket_path, url) : g_steal_pointer (&url);
  g_autofree char *redacted = oai_redact (shown, self->secrets);

  oai_call_set_url (self->call, redacted);
}

/* For a WebSocket connection, the target may have the scheme ws or wss. */
static GUri *
resolve_location (OaiExchange *self)
{
  const char *location = oai_call_get_header (self->call, "location");
  g_autofree char *as_http = NULL;

  if (self->request->upgrade && location != NULL && g_ascii_strncasecmp (location, "ws", 2) == 0)
    as_http = g_strconcat ("http", location + 2, NULL);

  return oai_url_resolve_http (self->uri, as_http != NULL ? as_http : location);
}

static gboolean
follow_redirect (OaiExchange *self, guint status)
{
  g_autoptr(GUri) target = NULL;
  guint step = self->step;

  if (self->redirects >= MAX_REDIRECTS || self->request->passthrough
      || (self->request->options != NULL && !oai_call_options_get_follow_redirects (self->request->options)))
    return FALSE;
  target = resolve_location (self);
  if (target == NULL)
    return FALSE;
  if (self->socket_path != NULL && !oai_url_same_origin (self->uri, target))
    {
      finish (self, oai_error_new_left_socket (target));
      return TRUE;
    }
  if (self->request->upgrade && !oai_url_same_origin (self->uri, target))
    {
      finish (self, oai_error_new_foreign_socket (target));
      return TRUE;
    }
  if (!oai_redirect_becomes_get (status, self->method) && self->with_body)
    {
      if (!oai_request_can_retry (self->request))
        return FALSE;
      if (has_body (self) && !oai_url_same_origin (self->uri, target) && !oai_settings_get_trust_redirects (self->settings))
        {
          finish (self, oai_error_new_untrusted_redirect (target));
          return TRUE;
        }
    }

  self->redirects++;
  if (!oai_url_same_origin (self->uri, target))
    self->with_credentials = FALSE;
  if (oai_redirect_becomes_get (status, self->method))
    {
      self->method = g_strcmp0 (self->method, "HEAD") == 0 ? "HEAD" : "GET";
      self->with_body = FALSE;
    }
  g_uri_unref (self->uri);
  self->uri = g_steal_pointer (&target);
  publish_target (self);
  if (!is_at (self, step))
    return TRUE;

  oai_log_redirect (self->call);
  end_request (self);
  oai_deadline_pause (&self->deadline);
  build_and_send (self);

  return TRUE;
}

static void
take_head (OaiExchange *self, guint status)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (self->message);
  guint step = self->step;

  /* Not only for new connections: after a redirect, the newest one may be that of another server. */
  if (is_secure (self))
    oai_client_note_version (self->client, self->session, soup_message_get_http_version (self->message) == SOUP_HTTP_2_0);
  oai_redact_headers (headers, self->secrets);
  self->failed_status = (!self->request->passthrough && (status < 200 || status > 299)) || self->request->upgrade;
  oai_call_set_head (self->call, status, headers);
  if (!is_at (self, step))
    return;

  oai_log_head (self->call);
  if (!self->failed_status && oai_adapter_can_repair (self->call, self->request))
    self->probing = self->with_credentials && self->with_body;
  if (!self->failed_status && !self->probing)
    oai_adapter_learn (&self->adapter, self->client, self->call, self->request);
  if (!oai_redirect_is_redirect (status) || !follow_redirect (self, status))
    start_reading (self);
}

/* Recovers a reply that libsoup has not reported: one that arrived while the request was
 * written, or a 401 or 407 whose body libsoup failed to read. */
static gboolean
read_lost_reply (OaiExchange *self, guint *status)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (self->message);

  if (self->deadline.timed_out || self->broken != NULL)
    return FALSE;
  if (self->early != NULL && oai_early_reply_read (self->early, headers, status, &self->body))
    return TRUE;

  *status = soup_message_get_status (self->message);
  if (*status != SOUP_STATUS_UNAUTHORIZED && *status != SOUP_STATUS_PROXY_AUTHENTICATION_REQUIRED)
    return FALSE;
  self->body = g_memory_input_stream_new ();

  return TRUE;
}

static gboolean
take_lost_reply (OaiExchange *self)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (self->message);
  guint step = self->step;
  gboolean again;
  guint status;

  if (!read_lost_reply (self, &status))
    return FALSE;
  if (status != SOUP_STATUS_PROXY_AUTHENTICATION_REQUIRED || self->asked_for_proxy || !oai_request_can_retry (self->request))
    {
      take_head (self, status);
      return TRUE;
    }

  self->asked_for_proxy = TRUE;
  again = oai_proxy_authenticate (self->session, self->message, headers);
  if (!is_at (self, step))
    return TRUE;
  if (!again)
    {
      take_head (self, status);
      return TRUE;
    }

  end_request (self);
  oai_deadline_pause (&self->deadline);
  build_and_send (self);

  return TRUE;
}

static void
head_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OaiExchange *self = oai_pending_claim (user_data);
  g_autoptr(GError) error = NULL;
  g_autoptr(GInputStream) body = soup_session_send_finish (SOUP_SESSION (source), result, &error);

  if (self == NULL)
    {
      if (body != NULL)
        g_input_stream_close (body, NULL, NULL);
      return;
    }

  exchange_ref (self);
  oai_deadline_stop_connecting (&self->deadline);
  self->body = g_steal_pointer (&body);
  if (self->body != NULL)
    take_head (self, soup_message_get_status (self->message));
  else if (!take_lost_reply (self))
    fail_attempt (self, g_steal_pointer (&error));
  exchange_unref (self);
}

/* A signal handler may have cancelled the operation. */
static gboolean
was_cancelled (OaiExchange *self)
{
  if (!g_cancellable_is_cancelled (self->user_cancellable))
    return FALSE;

  finish (self, oai_error_new_cancelled ());

  return TRUE;
}

/* WebSocket connections */

static void
take_connection (OaiExchange *self, SoupWebsocketConnection *connection)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (self->message);
  g_autoptr(SoupWebsocketConnection) held = connection;
  guint step = self->step;

  oai_redact_headers (headers, self->secrets);
  oai_call_set_head (self->call, soup_message_get_status (self->message), headers);
  if (!is_at (self, step))
    return;

  oai_log_head (self->call);
  self->closed = TRUE;
  end_attempt (self);
  release_session (self);
  oai_deadline_disarm (&self->deadline);
  end_call (self, NULL);
  if (self->sink != NULL)
    self->sink->upgraded (self, g_steal_pointer (&held), self->sink_data);
}

static void
upgrade_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OaiExchange *self = oai_pending_claim (user_data);
  g_autoptr(GError) error = NULL;
  g_autoptr(SoupWebsocketConnection) connection = soup_session_websocket_connect_finish (SOUP_SESSION (source), result, &error);
  guint status;

  if (self == NULL)
    return;

  exchange_ref (self);
  oai_deadline_stop_connecting (&self->deadline);
  status = soup_message_get_status (self->message);
  if (connection != NULL)
    {
      take_connection (self, g_steal_pointer (&connection));
    }
  else if (error->domain == SOUP_WEBSOCKET_ERROR && status != 0)
    {
      self->body = oai_refused_upgrade_open_body (self->message);
      take_head (self, status);
    }
  else if (!take_lost_reply (self))
    {
      fail_attempt (self, g_steal_pointer (&error));
    }
  exchange_unref (self);
}

static void
send_upgrade (OaiExchange *self)
{
  oai_refused_upgrade_watch_message (self->message);
  soup_session_websocket_connect_async (self->session, self->message, NULL, NULL, G_PRIORITY_DEFAULT, self->cancellable, upgrade_cb, oai_pending_new (&self->pending, self));
}

static void
send_message (OaiExchange *self)
{
  if (self->request->upgrade)
    {
      send_upgrade (self);
      return;
    }

  soup_session_send_async (self->session, self->message, G_PRIORITY_DEFAULT, self->cancellable, head_cb, oai_pending_new (&self->pending, self));
}

static gboolean
send_cb (gpointer user_data)
{
  OaiExchange *self = user_data;

  oai_drop_source (&self->send_source);
  send_message (self);

  return G_SOURCE_REMOVE;
}

/* Frames on an idle HTTP/2 connection, such as one that closes it, are read by a source of the
 * context.  Sending from an idle source lets that source run first. */
static void
send_message_later (OaiExchange *self)
{
  self->send_source = g_idle_source_new ();
  g_source_set_priority (self->send_source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (self->send_source, "[oai] send");
  g_source_set_callback (self->send_source, send_cb, self, NULL);
  g_source_attach (self->send_source, self->context);
}

static void
build_and_send (OaiExchange *self)
{
  g_autoptr(GError) error = NULL;
  OaiMessageSpec spec = {
    .request = self->request,
    .settings = self->settings,
    .auth = self->auth,
    .token = self->token,
    .method = self->method,
    .uri = self->uri,
    .attempt = oai_call_get_n_attempts (self->call) - self->adapter.n_repairs,
    .with_body = self->with_body,
    .with_credentials = self->with_credentials,
    .repaired = self->adapter.differs,
    .streamed = self->streamed,
  };
  guint step;

  oai_secret_free (self->secrets);
  self->secrets = oai_message_builder_dup_secrets (&spec);
  self->cancellable = g_cancellable_new ();
  self->message = oai_message_builder_new (&spec, &error);
  if (self->message == NULL)
    {
      finish (self, g_steal_pointer (&error));
      return;
    }

  g_signal_connect (self->message, "network-event", G_CALLBACK (network_event_cb), self);
  g_signal_connect (self->message, "wrote-body", G_CALLBACK (wrote_body_cb), self);
  g_signal_connect (self->message, "restarted", G_CALLBACK (restarted_cb), self);
  g_signal_connect (self->message, "got-informational", G_CALLBACK (got_interim_cb), self);
  if (!is_secure (self))
    g_signal_connect (self->message, "starting", G_CALLBACK (starting_cb), self);
  if (spec.with_body && self->request->multipart != NULL)
    oai_tcp_cork_message (self->session, self->message);
  step = self->step;
  oai_call_set_state (self->call, OAI_CALL_STATE_SENDING);
  if (!is_at (self, step) || was_cancelled (self))
    return;

  if (is_secure (self) && !oai_request_requires_http1 (self->request))
    send_message_later (self);
  else
    send_message (self);
}

/* Sizes of remote files are read before they are sent. */

static void
prepared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OaiExchange *self = oai_pending_claim (user_data);
  g_autoptr(GError) error = NULL;
  gboolean prepared = oai_multipart_prepare_finish (result, &error);

  if (self == NULL)
    return;

  exchange_ref (self);
  g_clear_object (&self->cancellable);
  if (prepared)
    build_and_send (self);
  else
    finish (self, g_steal_pointer (&error));
  exchange_unref (self);
}

/* Returns the error for a request without a key to a server that requires one, or NULL. */
static GError *
check_key (OaiExchange *self)
{
  if ((self->token != NULL && *self->token != '\0') || self->request->external || self->request->passthrough || self->socket_path != NULL
      || oai_message_builder_has_any_credentials (self->settings, self->request->options))
    return NULL;

  return oai_profile_check_key (self->settings, self->uri);
}

static void
prepare_body (OaiExchange *self)
{
  GError *error = check_key (self);

  if (error != NULL)
    {
      finish (self, error);
      return;
    }
  if (self->request->multipart == NULL)
    {
      build_and_send (self);
      return;
    }

  self->cancellable = g_cancellable_new ();
  oai_multipart_prepare_async (self->request->multipart, self->cancellable, prepared_cb, oai_pending_new (&self->pending, self));
}

/* Credentials are requested before each attempt, since they may expire. */

static void
token_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OaiExchange *self = oai_pending_claim (user_data);
  g_autoptr(GError) error = NULL;
  oai_autosecret char *token = oai_auth_request_token_finish (OAI_AUTH (source), result, &error);

  if (self == NULL)
    return;

  exchange_ref (self);
  g_clear_object (&self->cancellable);
  if (token == NULL)
    {
      finish (self, g_steal_pointer (&error));
    }
  else
    {
      forget_token (self);
      self->token = g_steal_pointer (&token);
      prepare_body (self);
    }
  exchange_unref (self);
}

/* No other key is sent instead of the admin key.  Without an admin key, the call fails, unless the
 * program sets a header with credentials or the server requires none. */
static char *
dup_admin_token (OaiExchange *self, GError **error)
{
  oai_autosecret char *key = oai_auth_dup_token (self->auth);
  gboolean required = key == NULL || *key != '\0';

  if (!oai_auth_has_admin_key (self->auth)
      && (!required || oai_message_builder_has_own_credentials (self->settings, self->request->options)))
    return g_strdup ("");

  return oai_auth_dup_admin_key (self->auth, error);
}

/* Without a key, the program may set a header with credentials. */
static char *
dup_token (OaiExchange *self)
{
  if (!oai_auth_has_tokens (self->auth) && oai_message_builder_has_own_credentials (self->settings, self->request->options))
    return g_strdup ("");

  return oai_auth_dup_token (self->auth);
}

static gboolean
needs_admin_key (OaiRequest *request)
{
  return request->admin || (request->options != NULL && oai_call_options_get_use_admin_key (request->options));
}

static void
request_token (OaiExchange *self)
{
  /* A subclass may drop references, and may never complete. */
  g_autoptr(OaiAuth) auth = g_object_ref (self->auth);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();

  self->cancellable = g_object_ref (cancellable);
  oai_auth_request_token_async (auth, cancellable, token_cb, oai_pending_new (&self->pending, self));
}

static void
begin_attempt (OaiExchange *self)
{
  g_autoptr(GError) error = NULL;
  oai_autosecret char *token = NULL;
  guint step = ++self->step;

  oai_call_begin_attempt (self->call);
  if (!is_at (self, step) || was_cancelled (self))
    return;

  self->failed_status = FALSE;
  start_deadline (self);
  if (self->auth == NULL || self->fixed_token)
    {
      prepare_body (self);
      return;
    }
  token = needs_admin_key (self->request) ? dup_admin_token (self, &error) : dup_token (self);
  if (error != NULL)
    {
      finish (self, g_steal_pointer (&error));
      return;
    }
  if (token == NULL && oai_message_builder_has_own_credentials (self->settings, self->request->options))
    {
      prepare_body (self);
      return;
    }
  if (token == NULL)
    {
      request_token (self);
      return;
    }

  forget_token (self);
  self->token = g_steal_pointer (&token);
  self->fixed_token = TRUE;
  prepare_body (self);
}

/* Without a network, a call fails before names are looked up.  Servers on this machine and in its
 * network do not require a route to the Internet, nor do those that a local proxy connects to. */

static gboolean
is_offline (OaiExchange *self)
{
  const char *host = g_uri_get_host (self->uri);

  return self->socket_path == NULL && !oai_url_host_is_local (host)
         && oai_settings_get_check_network (self->settings) && !oai_client_has_network (self->client, host);
}

/* Waiting for a session has no limit. */
static void
proceed (OaiExchange *self)
{
  g_clear_object (&self->cancellable);
  oai_deadline_stop (&self->deadline);
  self->proceed (self);
}

/* Events about changes of the network, which had not been dispatched, have been so now. */
static gboolean
offline_cb (gpointer user_data)
{
  OaiExchange *self = exchange_ref (user_data);

  oai_drop_source (&self->send_source);
  if (is_offline (self))
    finish (self, oai_error_new_offline (self->call));
  else
    proceed (self);
  exchange_unref (self);

  return G_SOURCE_REMOVE;
}

static void
check_again_later (OaiExchange *self)
{
  self->send_source = g_idle_source_new ();
  g_source_set_priority (self->send_source, G_PRIORITY_HIGH_IDLE);
  g_source_set_static_name (self->send_source, "[oai] offline");
  g_source_set_callback (self->send_source, offline_cb, self, NULL);
  g_source_attach (self->send_source, self->context);
}

static void
proxies_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OaiExchange *self = oai_pending_claim (user_data);
  g_auto(GStrv) proxies = g_proxy_resolver_lookup_finish (G_PROXY_RESOLVER (source), result, NULL);

  if (self == NULL)
    return;

  exchange_ref (self);
  if (proxies != NULL && oai_network_has_local_proxy ((const char *const *) proxies))
    proceed (self);
  else
    check_again_later (self);
  exchange_unref (self);
}

static void
look_up_proxies (OaiExchange *self)
{
  g_autoptr(GProxyResolver) resolver = oai_client_ref_proxy_resolver (self->client);
  g_autofree char *url = g_uri_join (G_URI_FLAGS_NONE, g_uri_get_scheme (self->uri), NULL, g_uri_get_host (self->uri), g_uri_get_port (self->uri), "", NULL, NULL);

  if (resolver == NULL)
    {
      check_again_later (self);
      return;
    }

  /* The script of a proxy configuration may not be reachable. */
  start_deadline (self);
  self->cancellable = g_cancellable_new ();
  g_proxy_resolver_lookup_async (resolver, url, self->cancellable, proxies_cb, oai_pending_new (&self->pending, self));
}

static void
begin_if_online (OaiExchange *self, void (*next) (OaiExchange *self))
{
  if (!is_offline (self))
    {
      next (self);
      return;
    }

  self->proceed = next;
  look_up_proxies (self);
}

/* The URL of an external request is used as it is, without credentials. */
static char *
build_url (OaiExchange *self, GError **error)
{
  if (self->request->external)
    return g_strdup (self->request->path);

  self->auth = oai_client_ref_auth (self->client, error);
  if (self->auth == NULL && *error != NULL)
    {
      if (!oai_message_builder_has_own_credentials (self->settings, self->request->options))
        return NULL;
      g_clear_error (error);
    }

  if (self->request->passthrough)
    {
      self->socket_path = oai_settings_dup_socket_path (self->settings);
      return oai_request_url_build_passed (self->settings, self->request->path, self->request->deployment, self->request->model, self->request->query, error);
    }

  if (!oai_request_url_is_absolute (self->request->path))
    self->socket_path = oai_settings_dup_socket_path (self->settings);

  return oai_request_url_build (self->settings, self->request->path, self->request->deployment, self->request->model, self->request->query, error);
}

static gboolean
prepare (OaiExchange *self, char **shown, GError **error)
{
  g_autofree char *url = build_url (self, error);

  if (url != NULL)
    self->uri = oai_client_parse_url (self->client, url, shown, error);
  if (self->uri != NULL && !self->request->external && !self->request->passthrough)
    *error = oai_profile_check_operation (self->settings, self->uri, self->request->operation);
  if (self->uri != NULL && self->socket_path != NULL)
    {
      g_autofree char *parsed = *shown;

      *shown = oai_base_url_join_socket (self->socket_path, parsed);
    }

  return self->uri != NULL && *error == NULL;
}

static void
session_cb (SoupSession *session, gpointer user_data)
{
  OaiExchange *self = exchange_ref (user_data);

  self->wait = NULL;
  self->session = session;
  begin_if_online (self, begin_attempt);
  exchange_unref (self);
}

static void
acquire_session (OaiExchange *self)
{
  self->session = oai_client_acquire_session (self->client, self->uri, self->socket_path, self->request, &self->wait, session_cb, self);
  if (self->session != NULL)
    begin_attempt (self);
}

void
oai_exchange_start (OaiExchange *self, GCancellable *cancellable)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *shown = NULL;

  exchange_ref (self);
  if (g_cancellable_is_cancelled (cancellable))
    {
      finish (self, oai_error_new_cancelled ());
    }
  else if (!prepare (self, &shown, &error))
    {
      finish (self, g_steal_pointer (&error));
    }
  else
    {
      oai_exchange_set_cancellable (self, cancellable);
      oai_call_set_url (self->call, shown);
      if (!self->closed)
        oai_adapter_prepare (&self->adapter, self->client, self->call, self->request, self->uri);
      if (!self->closed)
        {
          oai_call_set_started_with (self->call, cancellable);
          oai_client_announce (self->client, self->call);
          oai_call_set_started_with (self->call, NULL);
        }
      if (!self->closed)
        begin_if_online (self, acquire_session);
    }
  exchange_unref (self);
}

void
oai_exchange_resume (OaiExchange *self)
{
  if (self->closed)
    return;

  oai_deadline_resume (&self->deadline);
  oai_body_reader_resume (&self->reader);
}

void
oai_exchange_fail_reply (OaiExchange *self, GError *error)
{
  exchange_ref (self);
  oai_redact_error (error, self->secrets);
  end_call (self, error);
  exchange_unref (self);
}

void
oai_exchange_finish_early (OaiExchange *self, GError *error)
{
  g_autoptr(GError) reason = error;

  if (self->closed)
    return;

  exchange_ref (self);
  self->closed = TRUE;
  if (reason == NULL)
    oai_body_reader_hand_back (&self->reader);
  oai_body_reader_clear (&self->reader);
  if (reason == NULL && self->body != NULL)
    oai_body_drain (g_steal_pointer (&self->body), self->context);
  end_attempt (self);
  release_session (self);
  oai_deadline_disarm (&self->deadline);
  end_call (self, reason);
  exchange_unref (self);
}

void
oai_exchange_close (OaiExchange *self)
{
  OaiContextState state;

  if (self->closed)
    return;

  exchange_ref (self);
  /* A stream that synchronous calls have read is closed outside of their main context, which
   * libsoup requires. */
  state = oai_owner_thread_push_context (self->thread, self->context);
  if (state == OAI_CONTEXT_BUSY && self->body != NULL)
    oai_owner_thread_release_object (self->thread, self->context, g_steal_pointer (&self->body));
  self->closed = TRUE;
  end_attempt (self);
  release_session (self);
  oai_deadline_disarm (&self->deadline);
  oai_owner_thread_pop_context (self->context, state);

  oai_call_take_error (self->call, oai_error_new_cancelled ());
  if (oai_call_get_retry_at (self->call) != NULL)
    oai_call_set_retry_in (self->call, -1);
  oai_call_set_state (self->call, OAI_CALL_STATE_FAILED);
  exchange_unref (self);
}

GInputStream *
oai_exchange_detach_body (OaiExchange *self, goffset *length, guint *idle_timeout)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (self->message);
  g_autoptr(GInputStream) body = g_steal_pointer (&self->body);

  *length = soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH ? soup_message_headers_get_content_length (headers) : -1;
  if (oai_call_get_header (self->call, "content-encoding") != NULL)
    *length = -1;
  *idle_timeout = self->deadline.idle_limit / 1000;

  if (self->probing)
    accept_reply (self);
  self->closed = TRUE;
  end_attempt (self);
  oai_deadline_disarm (&self->deadline);
  end_call (self, NULL);

  return g_steal_pointer (&body);
}
