/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-call-private.h"

#include "oai-emit-private.h"
#include "oai-enum-types.h"
#include "oai-retry-private.h"

/**
 * OaiCall:
 *
 * One exchange with the server: its status, headers, errors and attempts.
 *
 * The library creates a call for each request. No method takes one as an argument; get it
 *
 * - from a result, with [method@Oai.Record.get_call] or a similar method;
 * - in the callback of an asynchronous method, with [func@Oai.Call.find_for_result];
 * - from an error, with [method@Oai.Client.find_call_for_error];
 * - while it is running, with [signal@Oai.Client::call-started].
 *
 * ```c
 * g_autoptr(OaiCall) call = oai_client_find_call_for_error (client, error);
 *
 * if (call != NULL)
 *   g_printerr ("%s (status %u, request %s)\n", error->message, oai_call_get_status_code (call), oai_call_get_request_id (call));
 * ```
 *
 * It contains the HTTP status and headers, the request id to quote to the service's support, the
 * remaining rate limits, the error of the server, and the number of attempts. Its properties
 * notify, so that a user interface can show “trying again in 8 seconds”. It contains no keys.
 *
 * During the exchange, a call belongs to the thread that started it. After its end, any thread
 * may read it.
 *
 * Since: 1.0
 */

struct _OaiCall
{
  GObject parent_instance;

  const char *operation;
  const char *method;
  char *url;
  OaiSettings *settings;
  OaiCallState state;
  guint attempts;
  guint status;
  gint64 started;
  gint64 attempt_started;
  SoupMessageHeaders *headers;
  GBytes *body;
  OaiErrorDetails details;
  GDateTime *retry_at;
  GCancellable *started_with; /* borrowed, while the call is announced */
  GTlsCertificateFlags certificate_errors;
  char **adaptations; /* or NULL */
  GError *error;
};

enum
{
  PROP_0,
  PROP_OPERATION,
  PROP_METHOD,
  PROP_URL,
  PROP_STATE,
  PROP_N_ATTEMPTS,
  PROP_STATUS_CODE,
  PROP_REQUEST_ID,
  PROP_RETRY_AFTER_MS,
  PROP_RETRY_AT,
  PROP_CERTIFICATE_ERRORS,
  PROP_ADAPTATIONS,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

void
oai_error_details_clear (OaiErrorDetails *details)
{
  g_clear_pointer (&details->message, g_free);
  g_clear_pointer (&details->type, g_free);
  g_clear_pointer (&details->code, g_free);
  g_clear_pointer (&details->param, g_free);
  g_clear_pointer (&details->status, g_free);
}

G_DEFINE_FINAL_TYPE (OaiCall, oai_call, G_TYPE_OBJECT)

static void
oai_call_finalize (GObject *object)
{
  OaiCall *self = OAI_CALL (object);

  g_free (self->url);
  g_strfreev (self->adaptations);
  g_clear_object (&self->settings);
  g_clear_pointer (&self->headers, soup_message_headers_unref);
  g_clear_pointer (&self->body, g_bytes_unref);
  oai_error_details_clear (&self->details);
  g_clear_pointer (&self->retry_at, g_date_time_unref);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (oai_call_parent_class)->finalize (object);
}

static void
oai_call_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  OaiCall *self = OAI_CALL (object);

  switch (prop_id)
    {
    case PROP_OPERATION:
      g_value_set_string (value, self->operation);
      break;
    case PROP_METHOD:
      g_value_set_string (value, self->method);
      break;
    case PROP_URL:
      g_value_set_string (value, self->url);
      break;
    case PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case PROP_N_ATTEMPTS:
      g_value_set_uint (value, self->attempts);
      break;
    case PROP_CERTIFICATE_ERRORS:
      g_value_set_flags (value, self->certificate_errors);
      break;
    case PROP_ADAPTATIONS:
      g_value_set_boxed (value, oai_call_get_adaptations (self));
      break;
    case PROP_STATUS_CODE:
      g_value_set_uint (value, self->status);
      break;
    case PROP_REQUEST_ID:
      g_value_set_string (value, oai_call_get_request_id (self));
      break;
    case PROP_RETRY_AFTER_MS:
      g_value_set_int64 (value, oai_call_get_retry_after_ms (self));
      break;
    case PROP_RETRY_AT:
      g_value_set_boxed (value, self->retry_at);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_text (GObjectClass *klass, guint id, const char *name)
{
  properties[id] = g_param_spec_string (name, NULL, NULL, NULL,
                                        G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_property (klass, id, properties[id]);
}

static void
oai_call_class_init (OaiCallClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = oai_call_finalize;
  object_class->get_property = oai_call_get_property;

  /**
   * OaiCall:operation: (getter get_operation)
   *
   * The operation, such as `chat.create`.
   *
   * Since: 1.0
   */
  install_text (object_class, PROP_OPERATION, "operation");
  /**
   * OaiCall:method: (getter get_method)
   *
   * The HTTP method, such as `POST`.
   *
   * Since: 1.0
   */
  install_text (object_class, PROP_METHOD, "method");
  /**
   * OaiCall:url: (getter get_url)
   *
   * The URL of the newest attempt, without the values of its query.
   *
   * Since: 1.0
   */
  install_text (object_class, PROP_URL, "url");
  /**
   * OaiCall:state: (getter get_state)
   *
   * The state of the exchange.
   *
   * Since: 1.0
   */
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, OAI_TYPE_CALL_STATE, OAI_CALL_STATE_PENDING,
                                              G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_property (object_class, PROP_STATE, properties[PROP_STATE]);
  /**
   * OaiCall:n-attempts: (getter get_n_attempts)
   *
   * The number of times that the request was sent.
   *
   * Since: 1.0
   */
  properties[PROP_N_ATTEMPTS] = g_param_spec_uint ("n-attempts", NULL, NULL, 0, G_MAXUINT, 0,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_property (object_class, PROP_N_ATTEMPTS, properties[PROP_N_ATTEMPTS]);
  /**
   * OaiCall:status-code: (getter get_status_code)
   *
   * The HTTP status, or 0 before the server has replied.
   *
   * Since: 1.0
   */
  properties[PROP_STATUS_CODE] = g_param_spec_uint ("status-code", NULL, NULL, 0, G_MAXUINT, 0,
                                                    G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_property (object_class, PROP_STATUS_CODE, properties[PROP_STATUS_CODE]);
  /**
   * OaiCall:request-id: (getter get_request_id)
   *
   * The identifier that the server assigned to the request, or %NULL if it sent none.
   *
   * Since: 1.0
   */
  install_text (object_class, PROP_REQUEST_ID, "request-id");
  /**
   * OaiCall:retry-after-ms: (getter get_retry_after_ms)
   *
   * The delay in milliseconds that the server requested before the next request, or -1.
   *
   * Since: 1.0
   */
  properties[PROP_RETRY_AFTER_MS] = g_param_spec_int64 ("retry-after-ms", NULL, NULL, -1, G_MAXINT64, -1,
                                                        G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_property (object_class, PROP_RETRY_AFTER_MS, properties[PROP_RETRY_AFTER_MS]);
  /**
   * OaiCall:retry-at: (getter get_retry_at)
   *
   * The time when the next attempt starts, or %NULL if no attempt is scheduled.
   *
   * Since: 1.0
   */
  properties[PROP_RETRY_AT] = g_param_spec_boxed ("retry-at", NULL, NULL, G_TYPE_DATE_TIME,
                                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_property (object_class, PROP_RETRY_AT, properties[PROP_RETRY_AT]);
  /**
   * OaiCall:certificate-errors: (getter get_certificate_errors)
   *
   * The errors of the server's certificate, if the call failed with %OAI_ERROR_CERTIFICATE.
   *
   * Since: 1.0
   */
  properties[PROP_CERTIFICATE_ERRORS] = g_param_spec_flags ("certificate-errors", NULL, NULL, G_TYPE_TLS_CERTIFICATE_FLAGS, G_TLS_CERTIFICATE_NO_FLAGS,
                                                            G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_property (object_class, PROP_CERTIFICATE_ERRORS, properties[PROP_CERTIFICATE_ERRORS]);
  /**
   * OaiCall:adaptations: (getter get_adaptations)
   *
   * The names of the changes that were made to the request because the server refuses a member of it.
   *
   * Since: 1.0
   */
  properties[PROP_ADAPTATIONS] = g_param_spec_boxed ("adaptations", NULL, NULL, G_TYPE_STRV,
                                                     G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_property (object_class, PROP_ADAPTATIONS, properties[PROP_ADAPTATIONS]);
}

static void
oai_call_init (OaiCall *self)
{
  self->started = g_get_monotonic_time ();
}

OaiCall *
oai_call_new (const char *operation, const char *method, const char *url)
{
  OaiCall *self = g_object_new (OAI_TYPE_CALL, NULL);

  self->operation = operation;
  self->method = g_intern_string (method);
  self->url = g_strdup (url);

  return self;
}

void
oai_call_set_url (OaiCall *self, const char *url)
{
  g_free (self->url);
  self->url = g_strdup (url);
  oai_emit_notify (self, properties[PROP_URL]);
}

void
oai_call_set_settings (OaiCall *self, OaiSettings *settings)
{
  g_set_object (&self->settings, settings);
}

OaiSettings *
oai_call_get_settings (OaiCall *self)
{
  return self->settings;
}

void
oai_call_set_state (OaiCall *self, OaiCallState state)
{
  /* FAILED is final, and nothing else follows DONE. */
  if (self->state == state || self->state == OAI_CALL_STATE_FAILED)
    return;
  if (self->state == OAI_CALL_STATE_DONE && state != OAI_CALL_STATE_FAILED)
    return;

  self->state = state;
  oai_emit_notify (self, properties[PROP_STATE]);
}

void
oai_call_begin_attempt (OaiCall *self)
{
  g_autoptr(OaiCall) held G_GNUC_UNUSED = g_object_ref (self);

  self->attempts++;
  self->attempt_started = g_get_monotonic_time ();
  self->status = 0;
  g_clear_pointer (&self->headers, soup_message_headers_unref);
  oai_error_details_clear (&self->details);
  oai_emit_notify (self, properties[PROP_N_ATTEMPTS]);
  oai_call_set_state (self, OAI_CALL_STATE_SENDING);
}

void
oai_call_set_head (OaiCall *self, guint status, SoupMessageHeaders *headers)
{
  g_autoptr(OaiCall) held G_GNUC_UNUSED = g_object_ref (self);

  g_clear_pointer (&self->headers, soup_message_headers_unref);
  self->headers = soup_message_headers_ref (headers);
  self->status = status;

  oai_emit_notify (self, properties[PROP_STATUS_CODE]);
  oai_emit_notify (self, properties[PROP_REQUEST_ID]);
  oai_emit_notify (self, properties[PROP_RETRY_AFTER_MS]);
}

void
oai_call_set_body (OaiCall *self, GBytes *body)
{
  g_clear_pointer (&self->body, g_bytes_unref);
  self->body = body != NULL ? g_bytes_ref (body) : NULL;
}

void
oai_call_set_details (OaiCall *self, const OaiErrorDetails *details)
{
  oai_error_details_clear (&self->details);
  self->details.message = g_strdup (details->message);
  self->details.type = g_strdup (details->type);
  self->details.code = g_strdup (details->code);
  self->details.param = g_strdup (details->param);
}

void
oai_call_set_retry_in (OaiCall *self, gint64 delay)
{
  g_clear_pointer (&self->retry_at, g_date_time_unref);

  if (delay >= 0)
    {
      g_autoptr(GDateTime) now = g_date_time_new_now_local ();

      self->retry_at = g_date_time_add (now, delay);
    }

  oai_emit_notify (self, properties[PROP_RETRY_AT]);
}

gboolean
oai_call_is_started_with (OaiCall *self, GCancellable *cancellable)
{
  return cancellable != NULL && self->started_with == cancellable;
}

void
oai_call_set_started_with (OaiCall *self, GCancellable *cancellable)
{
  self->started_with = cancellable;
}

void
oai_call_take_error (OaiCall *self, GError *error)
{
  g_clear_error (&self->error);
  self->error = error;
}

double
oai_call_get_elapsed (OaiCall *self)
{
  return (g_get_monotonic_time () - self->started) / (double) G_USEC_PER_SEC;
}

gint64
oai_call_get_started (OaiCall *self)
{
  return self->started;
}

gint64
oai_call_get_attempt_started (OaiCall *self)
{
  return self->attempt_started;
}

static GQuark
task_quark (void)
{
  return g_quark_from_static_string ("oai-call");
}

void
oai_call_attach (OaiCall *self, GTask *task)
{
  g_object_set_qdata_full (G_OBJECT (task), task_quark (), g_object_ref (self), g_object_unref);
}

/**
 * oai_call_find_for_result:
 * @result: the result that a callback of this library received
 *
 * Gets the call of a result, in the callback of an asynchronous method. It works for
 * success and for errors.
 *
 * Returns: (nullable) (transfer none): the call, or %NULL if no request was sent
 *
 * Since: 1.0
 */
OaiCall *
oai_call_find_for_result (GAsyncResult *result)
{
  g_return_val_if_fail (G_IS_ASYNC_RESULT (result), NULL);

  return g_object_get_qdata (G_OBJECT (result), task_quark ());
}

/**
 * oai_call_get_operation:
 * @self: a call
 *
 * Gets the name of the operation: the names of the endpoint and of the method with a
 * dot in between, such as `chat.create`.
 *
 * Returns: the operation
 *
 * Since: 1.0
 */
const char *
oai_call_get_operation (OaiCall *self)
{
  g_return_val_if_fail (OAI_IS_CALL (self), NULL);

  return self->operation;
}

/**
 * oai_call_get_method:
 * @self: a call
 *
 * Gets the HTTP method, such as `POST`.
 *
 * Returns: the method
 *
 * Since: 1.0
 */
const char *
oai_call_get_method (OaiCall *self)
{
  g_return_val_if_fail (OAI_IS_CALL (self), NULL);

  return self->method;
}

/**
 * oai_call_get_url:
 * @self: a call
 *
 * Gets the URL of the newest attempt, after redirects. The values of its query
 * are left out, since some servers expect keys there.
 *
 * Returns: the URL
 *
 * Since: 1.0
 */
const char *
oai_call_get_url (OaiCall *self)
{
  g_return_val_if_fail (OAI_IS_CALL (self), NULL);

  return self->url;
}

/**
 * oai_call_get_state:
 * @self: a call
 *
 * Gets the state of the exchange.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
OaiCallState
oai_call_get_state (OaiCall *self)
{
  g_return_val_if_fail (OAI_IS_CALL (self), OAI_CALL_STATE_PENDING);

  return self->state;
}

void
oai_call_set_certificate_errors (OaiCall *self, GTlsCertificateFlags errors)
{
  if (self->certificate_errors == errors)
    return;

  self->certificate_errors = errors;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CERTIFICATE_ERRORS]);
}

/**
 * oai_call_get_certificate_errors:
 * @self: a call
 *
 * Gets the errors of the server's certificate, if the call failed with
 * %OAI_ERROR_CERTIFICATE.
 *
 * Returns: the errors as flags, or 0 if none are known
 *
 * Since: 1.0
 */
GTlsCertificateFlags
oai_call_get_certificate_errors (OaiCall *self)
{
  g_return_val_if_fail (OAI_IS_CALL (self), G_TLS_CERTIFICATE_NO_FLAGS);

  return self->certificate_errors;
}

void
oai_call_set_adaptations (OaiCall *self, const char *const *names)
{
  g_strfreev (self->adaptations);
  self->adaptations = g_strdupv ((char **) names);
  oai_emit_notify (self, properties[PROP_ADAPTATIONS]);
}

/**
 * oai_call_get_adaptations:
 * @self: a call
 *
 * Gets the names of the changes that were made to the request because the server refuses a member
 * of it, such as `stream_options`; see [property@Oai.Settings:adapt-requests]. If the server
 * refused the request of this call, [property@Oai.Call:n-attempts] counts both requests.
 *
 * Returns: (transfer none) (array zero-terminated=1): the names; the list is empty if the request was
 *   sent as it is
 *
 * Since: 1.0
 */
const char *const *
oai_call_get_adaptations (OaiCall *self)
{
  static const char *const none[] = { NULL };

  g_return_val_if_fail (OAI_IS_CALL (self), NULL);

  return self->adaptations != NULL ? (const char *const *) self->adaptations : none;
}

/**
 * oai_call_get_n_attempts:
 * @self: a call
 *
 * Gets the number of times that the request was sent. It is 1 for a call that was not retried.
 *
 * Returns: the number of attempts
 *
 * Since: 1.0
 */
guint
oai_call_get_n_attempts (OaiCall *self)
{
  g_return_val_if_fail (OAI_IS_CALL (self), 0);

  return self->attempts;
}

/**
 * oai_call_get_status_code:
 * @self: a call
 *
 * Gets the HTTP status of the newest attempt.
 *
 * Returns: the status, or 0 before the server has replied
 *
 * Since: 1.0
 */
guint
oai_call_get_status_code (OaiCall *self)
{
  g_return_val_if_fail (OAI_IS_CALL (self), 0);

  return self->status;
}

/**
 * oai_call_get_header:
 * @self: a call
 * @name: the name of a header; upper and lower case are equivalent
 *
 * Gets a header of the reply.
 *
 * Returns: (nullable): its value, or %NULL if the reply does not contain it
 *
 * Since: 1.0
 */
const char *
oai_call_get_header (OaiCall *self, const char *name)
{
  g_return_val_if_fail (OAI_IS_CALL (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  if (self->headers == NULL)
    return NULL;

  return soup_message_headers_get_one (self->headers, name);
}

/**
 * oai_call_get_request_id:
 * @self: a call
 *
 * Gets the identifier that the server assigned to the request (`x-request-id`), which
 * you can quote in a support request.
 *
 * Returns: (nullable): the request id, or %NULL if the server did not send it
 *
 * Since: 1.0
 */
const char *
oai_call_get_request_id (OaiCall *self)
{
  const char *id = oai_call_get_header (self, "x-request-id");

  return id != NULL ? id : oai_call_get_header (self, "apim-request-id");
}

/**
 * oai_call_get_organization:
 * @self: a call
 *
 * Gets the organization that was charged for the call (`openai-organization`).
 *
 * Returns: (nullable): the organization, or %NULL if the server did not send it
 *
 * Since: 1.0
 */
const char *
oai_call_get_organization (OaiCall *self)
{
  return oai_call_get_header (self, "openai-organization");
}

/**
 * oai_call_get_api_version:
 * @self: a call
 *
 * Gets the version of the API that the server used (`openai-version`).
 *
 * Returns: (nullable): the version, or %NULL if the server did not send it
 *
 * Since: 1.0
 */
const char *
oai_call_get_api_version (OaiCall *self)
{
  return oai_call_get_header (self, "openai-version");
}

static gint64
get_number (OaiCall *self, const char *name)
{
  const char *text = oai_call_get_header (self, name);
  gint64 number;

  if (text == NULL || !g_ascii_string_to_signed (text, 10, 0, G_MAXINT64, &number, NULL))
    return -1;

  return number;
}

/**
 * oai_call_get_processing_ms:
 * @self: a call
 *
 * Gets the time that the server took to process the request (`openai-processing-ms`).
 *
 * Returns: milliseconds, or -1 if the server did not send it
 *
 * Since: 1.0
 */
gint64
oai_call_get_processing_ms (OaiCall *self)
{
  return get_number (self, "openai-processing-ms");
}

/**
 * oai_call_get_request_limit:
 * @self: a call
 *
 * Gets the maximum number of requests of the rate limit
 * (`x-ratelimit-limit-requests`). See
 * [Rate limits](https://platform.openai.com/docs/guides/rate-limits).
 *
 * Returns: the number of requests, or -1 if the server did not send it
 *
 * Since: 1.0
 */
gint64
oai_call_get_request_limit (OaiCall *self)
{
  return get_number (self, "x-ratelimit-limit-requests");
}

/**
 * oai_call_get_token_limit:
 * @self: a call
 *
 * Gets the maximum number of tokens of the rate limit (`x-ratelimit-limit-tokens`).
 *
 * Returns: the number of tokens, or -1 if the server did not send it
 *
 * Since: 1.0
 */
gint64
oai_call_get_token_limit (OaiCall *self)
{
  return get_number (self, "x-ratelimit-limit-tokens");
}

/**
 * oai_call_get_remaining_requests:
 * @self: a call
 *
 * Gets the remaining number of requests (`x-ratelimit-remaining-requests`).
 *
 * Returns: the number of requests, or -1 if the server did not send it
 *
 * Since: 1.0
 */
gint64
oai_call_get_remaining_requests (OaiCall *self)
{
  return get_number (self, "x-ratelimit-remaining-requests");
}

/**
 * oai_call_get_remaining_tokens:
 * @self: a call
 *
 * Gets the remaining number of tokens (`x-ratelimit-remaining-tokens`).
 *
 * Returns: the number of tokens, or -1 if the server did not send it
 *
 * Since: 1.0
 */
gint64
oai_call_get_remaining_tokens (OaiCall *self)
{
  return get_number (self, "x-ratelimit-remaining-tokens");
}

/**
 * oai_call_get_requests_reset_ms:
 * @self: a call
 *
 * Gets the time until all requests of the limit are available again
 * (`x-ratelimit-reset-requests`).
 *
 * Returns: milliseconds, or -1 if the server did not send it
 *
 * Since: 1.0
 */
gint64
oai_call_get_requests_reset_ms (OaiCall *self)
{
  return oai_duration_parse (oai_call_get_header (self, "x-ratelimit-reset-requests"));
}

/**
 * oai_call_get_tokens_reset_ms:
 * @self: a call
 *
 * Gets the time until all tokens of the limit are available again
 * (`x-ratelimit-reset-tokens`).
 *
 * Returns: milliseconds, or -1 if the server did not send it
 *
 * Since: 1.0
 */
gint64
oai_call_get_tokens_reset_ms (OaiCall *self)
{
  return oai_duration_parse (oai_call_get_header (self, "x-ratelimit-reset-tokens"));
}

/**
 * oai_call_get_retry_after_ms:
 * @self: a call
 *
 * Gets the delay that the server requested before the next request
 * (`retry-after-ms` or `retry-after`).
 *
 * Returns: milliseconds, or -1 if the server did not send it
 *
 * Since: 1.0
 */
gint64
oai_call_get_retry_after_ms (OaiCall *self)
{
  OaiRetryAnswer answer = { 0 };
  double seconds;

  g_return_val_if_fail (OAI_IS_CALL (self), -1);

  answer.status = self->status;
  answer.retry_after_ms = oai_call_get_header (self, "retry-after-ms");
  answer.retry_after = oai_call_get_header (self, "retry-after");
  if (answer.retry_after_ms == NULL && answer.retry_after == NULL)
    return -1;

  seconds = oai_retry_get_hint (&answer, g_get_real_time () / (double) G_USEC_PER_SEC);

  return seconds < 0 ? -1 : (gint64) (seconds * 1000 + 0.5);
}

/**
 * oai_call_get_retry_at:
 * @self: a call
 *
 * Gets the time when the next attempt starts.
 *
 * Returns: (nullable) (transfer none): the time, or %NULL if no attempt is scheduled
 *
 * Since: 1.0
 */
GDateTime *
oai_call_get_retry_at (OaiCall *self)
{
  g_return_val_if_fail (OAI_IS_CALL (self), NULL);

  return self->retry_at;
}

/**
 * oai_call_get_error_type:
 * @self: a call
 *
 * Gets the type of the error that the server sent, such as `invalid_request_error`.
 * See [Error codes](https://platform.openai.com/docs/guides/error-codes).
 *
 * Returns: (nullable): the type, or %NULL if the server sent no error with a type
 *
 * Since: 1.0
 */
const char *
oai_call_get_error_type (OaiCall *self)
{
  g_return_val_if_fail (OAI_IS_CALL (self), NULL);

  return self->details.type;
}

/**
 * oai_call_get_error_code:
 * @self: a call
 *
 * Gets the code of the error that the server sent, such as `insufficient_quota`. A number
 * is returned as its digits.
 *
 * Returns: (nullable): the code, or %NULL if the server sent no error with a code
 *
 * Since: 1.0
 */
const char *
oai_call_get_error_code (OaiCall *self)
{
  g_return_val_if_fail (OAI_IS_CALL (self), NULL);

  return self->details.code;
}

/**
 * oai_call_get_error_param:
 * @self: a call
 *
 * Gets the parameter that caused the error, such as `messages[0].role`.
 *
 * Returns: (nullable): the parameter, or %NULL if the server sent no error with a parameter
 *
 * Since: 1.0
 */
const char *
oai_call_get_error_param (OaiCall *self)
{
  g_return_val_if_fail (OAI_IS_CALL (self), NULL);

  return self->details.param;
}

/**
 * oai_call_get_error:
 * @self: a call
 *
 * Gets the error with which the call failed.
 *
 * Returns: (nullable) (transfer none): the error, or %NULL if the call has not failed
 *
 * Since: 1.0
 */
const GError *
oai_call_get_error (OaiCall *self)
{
  g_return_val_if_fail (OAI_IS_CALL (self), NULL);

  return self->error;
}

/**
 * oai_call_get_body:
 * @self: a call
 *
 * Gets the body of the reply. If the HTTP status is an error, the first mebibyte of the
 * body is kept, also for streams and downloads, and credentials in it are redacted. Other
 * bodies are kept if they have at most one mebibyte. The events of a stream and the
 * contents of a download are not kept.
 *
 * Returns: (nullable) (transfer none): the body, or %NULL if it was not kept
 *
 * Since: 1.0
 */
GBytes *
oai_call_get_body (OaiCall *self)
{
  g_return_val_if_fail (OAI_IS_CALL (self), NULL);

  return self->body;
}
