/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-transaction-private.h"

#include <string.h>

#include "oai-api-path-private.h"
#include "oai-body-spool-private.h"
#include "oai-forward-headers-private.h"
#include "oai-forward-private.h"
#include "oai-i18n-private.h"
#include "oai-operation-lookup-private.h"
#include "oai-proxy-refusal-private.h"
#include "oai-proxy-sockets-private.h"
#include "oai-socket-relay-private.h"
#include "oai-traceparent-private.h"

#define READ_SIZE 16384
/* Of a request, and of a reply with text, about. */
#define BYTES_PER_TOKEN 4
/* That a server computes, about. */
#define TOKENS_PER_SECOND 100

struct _OaiTransaction
{
  int ref_count;
  OaiProxyContext *context;
  gpointer owner;
  OaiHttpConnection *connection; /* NULL after the end */
  const OaiHttpHead *head;
  OaiProxyRequest *request;
  OaiProxyLimits *limits;        /* of the identity, or NULL */

  /* Authentication */
  guint next_authenticator;
  GCancellable *cancellable; /* of the authenticator */

  /* Limits */
  OaiProxyLimiter *limiter; /* that admitted the request */
  OaiProxyAdmission *admission;
  OaiProxyLease *lease;
  gboolean admitting;       /* admit() has not returned yet */
  guint n_waiting_events;
  GError *event_error;      /* why an event of a WebSocket connection was not admitted */

  /* The body of the request */
  OaiBodyInspector *inspector; /* NULL if the body is not inspected */
  OaiBodySpool *spool;         /* NULL if the body is forwarded as it arrives */
  gboolean reading;            /* the spool is being filled */
  GInputStream *spooled;       /* the body of the spool that is being sent, if it is not in memory */
  gboolean uploading;          /* the body is forwarded as it arrives */
  OaiBodyEdit edit;
  gboolean edited;
  guint64 n_received;
  GError *body_error; /* why the body of an upload was refused */

  OaiModelListWait *models; /* waits for the list of models */

  /* The request to the server */
  OaiRoute route;
  const OaiOperation *operation;
  OaiForward *forward;
  OaiSocketRelay *relay; /* of a WebSocket connection */
  gboolean taken;        /* the relay has the connection of the client */
  gint64 counted_tokens; /* of the connection's messages */
  double counted_cost;
  char *upstream;

  /* The reply */
  OaiUsageMeter *meter;
  gboolean began;   /* the head of the reply was passed to the connection */
  gboolean ended;   /* the whole reply was */
  gboolean paused;
  guint status;
  const char *code;
  guint64 n_sent;
  OaiProxyOutcome outcome;
  char traceparent[OAI_TRACEPARENT_SIZE]; /* of the request to the server */
  gint64 begin_time;    /* since 1970, in microseconds */
  gint64 started;       /* monotonic, as the next two */
  gint64 forwarded;     /* the request was sent to the server */
  gint64 head_received; /* the head of the server's reply; 0 if there was none */
  gboolean has_gauge;
  OaiMetricsGauge gauge; /* which counts the request while it is open */
};

static void authenticate (OaiTransaction *self);
static void forward (OaiTransaction *self);

static OaiTransaction *
transaction_ref (OaiTransaction *self)
{
  self->ref_count++;

  return self;
}

static void
transaction_unref (OaiTransaction *self)
{
  if (--self->ref_count > 0)
    return;

  g_object_unref (self->request);
  g_clear_object (&self->limits);
  g_clear_pointer (&self->meter, oai_usage_meter_free);
  g_free (self->upstream);
  g_free (self);
}

OaiTransaction *
oai_transaction_new (OaiProxyContext *context, OaiHttpConnection *connection, const OaiHttpHead *head, const OaiProxyPeer *peer, gpointer owner)
{
  OaiTransaction *self = g_new0 (OaiTransaction, 1);

  self->ref_count = 1;
  self->context = context;
  self->owner = owner;
  self->connection = connection;
  self->head = head;
  self->request = oai_proxy_request_new (head, peer);
  self->begin_time = g_get_real_time ();
  self->started = g_get_monotonic_time ();
  self->outcome = OAI_PROXY_OUTCOME_CLIENT_CLOSED;
  oai_route_init (&self->route, context->router);

  return self;
}

static void
count_open (OaiTransaction *self, OaiMetricsGauge gauge)
{
  self->has_gauge = TRUE;
  self->gauge = gauge;
  oai_metrics_add (self->context->metrics, gauge, 1);
}

/* Replies of the proxy itself */

static void
add_lease_header (const char *name, const char *value, gpointer user_data)
{
  oai_http_fields_append (user_data, name, value);
}

static void
add_own_fields (OaiTransaction *self, OaiHttpFields *fields)
{
  oai_http_fields_append (fields, "X-Request-Id", oai_proxy_request_get_id (self->request));
  if (self->lease != NULL)
    oai_proxy_lease_get_headers (self->lease, add_lease_header, fields);
}

static void
add_number (OaiHttpFields *fields, const char *name, gint64 number)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, number);

  oai_http_fields_append (fields, name, text);
}

static void
send_own_reply (OaiTransaction *self, guint status, const char *content_type, OaiHttpFields *fields, GBytes *body)
{
  if (self->began || self->connection == NULL)
    return;

  self->began = TRUE;
  self->ended = TRUE;
  self->status = status;
  self->n_sent = g_bytes_get_size (body);
  add_own_fields (self, fields);
  oai_http_fields_append (fields, "Content-Type", content_type);
  oai_http_connection_send_reply (self->connection, status, fields, body);
}

/* retry_after: milliseconds, or -1. */
static void
send_refusal (OaiTransaction *self, const OaiProxyRefusal *refusal, gint64 retry_after)
{
  g_autoptr(OaiHttpFields) fields = oai_http_fields_new ();
  g_autoptr(GBytes) body = oai_proxy_refusal_to_json (refusal, NULL);

  if (retry_after >= 0)
    {
      add_number (fields, "Retry-After", (retry_after + 999) / 1000);
      add_number (fields, "Retry-After-Ms", retry_after);
    }
  if (refusal->status == 401)
    oai_http_fields_append (fields, "WWW-Authenticate", "Bearer");
  if (refusal->status == 405)
    oai_http_fields_append (fields, "Allow", "GET, HEAD, POST, PUT, PATCH, DELETE");
  self->code = refusal->code;
  self->outcome = OAI_PROXY_OUTCOME_REFUSED;
  send_own_reply (self, refusal->status, "application/json", fields, body);
}

static void
refuse_for (OaiTransaction *self, const GError *error, gint64 retry_after)
{
  OaiProxyRefusal refusal = oai_proxy_refusal_from_error (error);

  if (refusal.status >= 500)
    g_debug ("Request %s failed: %s", oai_proxy_request_get_id (self->request), error->message);
  send_refusal (self, &refusal, retry_after);
}

/* The body of the request could not be read: the connection knows why, or error does. */
static void
refuse_body (OaiTransaction *self, const GError *error)
{
  const OaiHttpRefusal *reason = self->connection != NULL ? oai_http_connection_get_refusal (self->connection) : NULL;
  OaiProxyRefusal refusal = { 0, "invalid_request_error" };

  if (reason == NULL)
    {
      refuse_for (self, error, -1);
      return;
    }

  refusal.status = reason->status;
  refusal.code = reason->code;
  refusal.message = reason->message;
  send_refusal (self, &refusal, -1);
}

static void
refuse (OaiTransaction *self, OaiProxyError reason, const char *message)
{
  g_autoptr(GError) error = g_error_new_literal (OAI_PROXY_ERROR, reason, message);

  refuse_for (self, error, -1);
}

/* Who the client is */

static void
admit_cb (OaiProxyLease *lease, const GError *error, gint64 retry_after, gpointer user_data)
{
  OaiTransaction *self = transaction_ref (user_data);

  self->admission = NULL;
  self->lease = lease;
  if (lease != NULL)
    forward (self);
  else
    refuse_for (self, error, retry_after);
  transaction_unref (self);
}

/* Paths that are no known operation are named by their method: "GET batches". */
static gboolean
is_allowed (OaiTransaction *self)
{
  const char *operation = oai_proxy_request_get_operation (self->request);
  g_autofree char *name = NULL;

  if (self->limits == NULL || oai_proxy_limits_allows_operation (self->limits, operation))
    return TRUE;
  if (operation != NULL)
    return FALSE;

  name = g_strconcat (oai_proxy_request_get_method (self->request), " ", oai_proxy_request_get_path (self->request), NULL);

  return oai_proxy_limits_allows_operation (self->limits, name);
}

static gboolean check_model (OaiTransaction *self, const char *model);

static void
accept_identity (OaiTransaction *self, OaiProxyIdentity *identity)
{
  g_autofree char *model = NULL;
  g_autofree char *deployment = NULL;
  gboolean valid = oai_api_path_read_models (oai_proxy_request_get_path (self->request), oai_proxy_request_get_query (self->request), &model, &deployment);
  OaiProxyAdmission *admission;
  OaiProxyLimits *limits;

  oai_proxy_request_set_identity (self->request, identity);
  if (self->connection == NULL)
    return;

  limits = oai_proxy_identity_get_limits (identity);
  if (limits == NULL)
    limits = self->context->default_limits;
  g_set_object (&self->limits, limits);
  if (!is_allowed (self))
    {
      refuse (self, OAI_PROXY_ERROR_FORBIDDEN, "This operation is not allowed");
      return;
    }
  if (!valid)
    {
      refuse (self, OAI_PROXY_ERROR_BAD_REQUEST, "The query or the path does not name one model");
      return;
    }
  if (!check_model (self, model) || !check_model (self, deployment))
    return;

  /* The function may be called before this one returns. */
  self->limiter = oai_proxy_limiter_ref (self->context->limiter);
  admission = oai_proxy_limiter_admit (self->limiter, oai_proxy_identity_get_id (identity), self->limits, TRUE, admit_cb, self);
  if (admission != NULL)
    self->admission = admission;
}

static void
take_decision (OaiTransaction *self, OaiProxyIdentity *identity, const GError *error)
{
  if (self->connection == NULL)
    return;

  if (error != NULL)
    refuse_for (self, error, -1);
  else if (identity != NULL)
    accept_identity (self, identity);
  else
    authenticate (self);
}

static void
authenticated_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OaiTransaction *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiProxyIdentity) identity = oai_proxy_authenticator_authenticate_finish (OAI_PROXY_AUTHENTICATOR (source), result, &error);

  g_clear_object (&self->cancellable);
  take_decision (self, identity, error);
  transaction_unref (self);
}

static void
answer_cb (OaiProxyIdentity *identity, const GError *error, gpointer user_data)
{
  OaiTransaction *self = transaction_ref (user_data);

  take_decision (self, identity, error);
  transaction_unref (self);
}

/* A connection may be older than the rule that the server listens locally only. */
static gboolean
is_local (OaiTransaction *self)
{
  GSocketAddress *address = oai_proxy_request_get_peer_address (self->request);

  return address == NULL || oai_proxy_address_is_local (address);
}

static void
authenticate_by_program (OaiTransaction *self)
{
  OaiProxyContext *context = self->context;

  oai_proxy_request_wait (self->request, answer_cb, self);
  if (context->authenticate (self->request, context->user_data))
    return;

  oai_proxy_request_wait (self->request, NULL, NULL);
  if (self->connection == NULL || self->began)
    return;
  if (context->anonymous != NULL && is_local (self))
    accept_identity (self, context->anonymous);
  else if (oai_proxy_request_get_token (self->request) != NULL)
    refuse (self, OAI_PROXY_ERROR_UNAUTHENTICATED, "The token is not valid");
  else
    refuse (self, OAI_PROXY_ERROR_UNAUTHENTICATED, "A token is required. Send it as “Authorization: Bearer TOKEN”.");
}

/* The authenticators decide in their order, then the program. */
static void
authenticate (OaiTransaction *self)
{
  GPtrArray *all = self->context->authenticators;

  while (self->next_authenticator < all->len)
    {
      g_autoptr(OaiProxyAuthenticator) authenticator = g_object_ref (all->pdata[self->next_authenticator++]);
      g_autoptr(OaiProxyIdentity) identity = NULL;
      g_autoptr(GError) error = NULL;

      gboolean decided = oai_proxy_authenticator_authenticate_now (authenticator, self->request, &identity, &error);

      if (self->connection == NULL)
        return;
      if (!decided && error == NULL)
        {
          self->cancellable = g_cancellable_new ();
          oai_proxy_authenticator_authenticate_async (authenticator, self->request, self->cancellable, authenticated_cb, transaction_ref (self));
          return;
        }
      if (identity != NULL || error != NULL)
        {
          take_decision (self, identity, error);
          return;
        }
    }

  authenticate_by_program (self);
}

/* The body of the request */

static gboolean
count_received (OaiTransaction *self, gsize size, GError **error)
{
  guint64 limit = self->context->max_body_size;
  guint64 own = self->limits != NULL ? oai_proxy_limits_get_max_body_size (self->limits) : 0;

  if (own > 0 && (limit == 0 || own < limit))
    limit = own;
  self->n_received += size;
  if (limit == 0 || MAX (self->n_received, (guint64) MAX (self->head->content_length, 0)) <= limit)
    return TRUE;

  g_set_error (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_TOO_LARGE, "The body is larger than %" G_GUINT64_FORMAT " bytes", limit);
  return FALSE;
}

static gboolean
take_body (OaiTransaction *self, const char *data, gsize size, GError **error)
{
  if (!count_received (self, size, error))
    return FALSE;

  return self->inspector == NULL || oai_body_inspector_feed (self->inspector, data, size, error);
}

/* Reads the body from the client only as fast as the server accepts it. */
static gssize
read_upload (char *buffer, gsize size, GError **error, gpointer user_data)
{
  OaiTransaction *self = user_data;
  gssize n = oai_http_connection_read_body (self->connection, buffer, size, error);
  gboolean taken = TRUE;

  if (n > 0)
    taken = take_body (self, buffer, (gsize) n, &self->body_error);
  else if (n == 0)
    taken = oai_body_inspector_end (self->inspector, &self->body_error);
  if (taken)
    return n;

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The body was refused");

  return -1;
}

static gboolean
limits_cost (OaiProxyLimits *limits)
{
  return oai_proxy_limits_get_cost_per_day (limits) > 0 || oai_proxy_limits_get_cost_per_month (limits) > 0;
}

/* Whether the cost of a model can be limited, if it must be. */
static gboolean
has_price (OaiTransaction *self, const char *model)
{
  OaiPriceTable *prices = self->context->prices;

  return self->limits == NULL || !limits_cost (self->limits) || (prices != NULL && oai_price_table_has_model (prices, model));
}

#define NO_PRICE "This model has no price, so its cost cannot be limited"

/* Every model that the request names must be allowed; the first one selects the server.  model: nullable. */
static gboolean
check_model (OaiTransaction *self, const char *model)
{
  if (model == NULL)
    return TRUE;

  if (oai_proxy_request_get_model (self->request) == NULL)
    oai_proxy_request_set_model (self->request, model);
  if (self->connection == NULL)
    return FALSE;
  if (self->limits == NULL)
    return TRUE;
  if (!oai_proxy_limits_allows_model (self->limits, model))
    {
      refuse (self, OAI_PROXY_ERROR_FORBIDDEN, "This model is not allowed");
      return FALSE;
    }
  if (has_price (self, model))
    return TRUE;

  refuse (self, OAI_PROXY_ERROR_FORBIDDEN, NO_PRICE);
  return FALSE;
}

static void
finish_body (OaiTransaction *self)
{
  g_autoptr(GError) error = NULL;
  const OaiBodyInfo *info;

  self->reading = FALSE;
  if (!oai_body_inspector_end (self->inspector, &error))
    {
      refuse_for (self, error, -1);
      return;
    }
  info = oai_body_inspector_get_info (self->inspector);
  if (!check_model (self, info->model) || !check_model (self, info->nested_model))
    return;

  /* The server is requested to add the usage to a stream if the client has not done so. */
  self->edited = oai_api_path_is_completion (oai_proxy_request_get_path (self->request)) && oai_body_inspector_get_usage_edit (self->inspector, &self->edit);
  forward (self);
}

/* Fills the spool with what has arrived. */
static void
read_body (OaiTransaction *self)
{
  GByteArray *shared = self->context->forwarding.buffer;
  char *buffer;

  if (shared->len < READ_SIZE)
    g_byte_array_set_size (shared, READ_SIZE);
  buffer = (char *) shared->data;
  for (;;)
    {
      g_autoptr(GError) error = NULL;
      gssize n = oai_http_connection_read_body (self->connection, buffer, shared->len, &error);

      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        return;
      if (n == 0)
        {
          finish_body (self);
          return;
        }
      if (n < 0)
        {
          self->reading = FALSE;
          refuse_body (self, error);
          return;
        }
      if (!take_body (self, buffer, n, &error) || !oai_body_spool_write (self->spool, buffer, n, &error))
        {
          self->reading = FALSE;
          refuse_for (self, error, -1);
          return;
        }
    }
}

static gboolean
check_body_headers (OaiTransaction *self, GError **error)
{
  const char *encoding = oai_http_fields_get (self->head->fields, "content-encoding");

  if (encoding != NULL && g_ascii_strcasecmp (encoding, "identity") != 0)
    {
      g_set_error_literal (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNSUPPORTED, "Bodies with a Content-Encoding are not supported");
      return FALSE;
    }
  if (oai_http_fields_get (self->head->fields, "content-type") == NULL)
    {
      g_set_error_literal (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNSUPPORTED, "A body requires a Content-Type");
      return FALSE;
    }

  return count_received (self, 0, error);
}

static gboolean
has_type (const char *content_type, const char *wanted)
{
  gsize length = strlen (wanted);

  return g_ascii_strncasecmp (content_type, wanted, length) == 0 && strchr ("; \t", content_type[length]) != NULL;
}

/* Other types could contain JSON that a server accepts all the same. */
static gboolean
is_supported_type (const char *content_type)
{
  return has_type (content_type, "application/json") || has_type (content_type, "multipart/form-data") || has_type (content_type, "application/sdp");
}

/* Forms may contain large files, so they are kept only if their model must be known before they are sent. */
static gboolean
must_spool (OaiTransaction *self, const char *content_type)
{
  if (has_type (content_type, "application/json"))
    return TRUE;
  if (!has_type (content_type, "multipart/form-data"))
    return FALSE;

  return oai_router_get_n (self->context->router) > 1
         || (self->limits != NULL && (oai_proxy_limits_get_allowed_models (self->limits) != NULL || limits_cost (self->limits)));
}

/* Returns TRUE if the body is complete, or is forwarded as it arrives. */
static gboolean
prepare_body (OaiTransaction *self)
{
  const char *content_type = oai_http_fields_get (self->head->fields, "content-type");
  g_autoptr(GError) error = NULL;

  if (self->spool != NULL || (self->head->content_length <= 0 && !self->head->chunked))
    return TRUE;

  if (check_body_headers (self, &error) && !is_supported_type (content_type))
    g_set_error_literal (&error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNSUPPORTED, "The Content-Type must be application/json, multipart/form-data or application/sdp");
  if (error == NULL)
    self->inspector = oai_body_inspector_new (content_type, &error);
  if (error != NULL)
    {
      refuse_for (self, error, -1);
      return FALSE;
    }
  if (!must_spool (self, content_type))
    return TRUE;

  self->spool = oai_body_spool_new (self->context->spool_directory);
  self->reading = TRUE;
  read_body (self);

  return FALSE;
}

static gssize
read_spool (char *buffer, gsize size, GError **error, gpointer user_data)
{
  OaiTransaction *self = user_data;

  return g_input_stream_read (self->spooled, buffer, size, NULL, error);
}

static void
open_spool (OaiTransaction *self)
{
  g_clear_object (&self->spooled);
  self->spooled = oai_body_spool_open (self->spool, self->edited ? &self->edit : NULL);
}

static gboolean
rewind_spool (GError **error, gpointer user_data)
{
  open_spool (user_data);

  return TRUE;
}

static const OaiUpstreamBodyFuncs spool_funcs = { read_spool, rewind_spool };
static const OaiUpstreamBodyFuncs upload_funcs = { read_upload, NULL };

/* Returns bytes that the caller releases, for a body in memory. */
static GBytes *
open_body (OaiTransaction *self, OaiForwardBody *body)
{
  const OaiBodyEdit *edit = self->edited ? &self->edit : NULL;

  body->data = self;
  if (self->spool == NULL && self->inspector != NULL)
    {
      self->uploading = TRUE;
      body->funcs = &upload_funcs;
      body->length = self->head->chunked ? -1 : self->head->content_length;
    }
  if (self->spool == NULL)
    return NULL;

  body->bytes = oai_body_spool_dup_bytes (self->spool, edit);
  if (body->bytes == NULL)
    {
      open_spool (self);
      body->funcs = &spool_funcs;
      body->length = (gint64) oai_body_spool_get_edited_size (self->spool, edit);
    }

  return body->bytes;
}

/* The reply of the server */

static gboolean
is_stream (const OaiUpstreamHead *head)
{
  const char *type = oai_http_fields_get (head->fields, "content-type");

  return type != NULL && has_type (type, "text/event-stream");
}

static OaiRetryAnswer
describe_reply (const OaiUpstreamHead *head)
{
  if (head == NULL)
    return (OaiRetryAnswer) { .status = 0 };

  return (OaiRetryAnswer) {
    .status = head->status,
    .should_retry = oai_http_fields_get (head->fields, "x-should-retry"),
    .retry_after_ms = oai_http_fields_get (head->fields, "retry-after-ms"),
    .retry_after = oai_http_fields_get (head->fields, "retry-after"),
  };
}

/* Reports the result of the attempt to the router.  Returns TRUE if another server was chosen.  head: NULL without a
 * reply. */
static gboolean
fall_back (OaiTransaction *self, const OaiUpstreamHead *head)
{
  OaiRetryAnswer answer = describe_reply (head);
  gboolean again = !self->uploading && self->body_error == NULL
                   && oai_route_can_fall_back (&self->route, oai_proxy_request_get_model (self->request), &answer);

  oai_route_report (&self->route, &answer);
  if (!again)
    return FALSE;

  g_clear_pointer (&self->forward, oai_forward_free);
  forward (self);

  return TRUE;
}

static void
begin_reply (OaiTransaction *self, const OaiUpstreamHead *head, gint64 length)
{
  g_autoptr(OaiHttpFields) fields = oai_forward_build_reply_fields (self->forward, head);
  const char *encoding = oai_http_fields_get (head->fields, "content-encoding");
  gboolean stream = is_stream (head);

  add_own_fields (self, fields);
  self->meter = oai_usage_meter_new (encoding == NULL ? oai_http_fields_get (head->fields, "content-type") : NULL, self->edited && stream);
  self->began = TRUE;
  self->status = head->status;
  if (stream)
    count_open (self, OAI_METRICS_STREAMS);
  oai_http_connection_begin_reply (self->connection, head->status, fields, self->edited && stream ? -1 : length);
}

static void
forward_head_cb (const OaiUpstreamHead *head, gint64 length, gpointer user_data)
{
  OaiTransaction *self = transaction_ref (user_data);

  self->head_received = g_get_monotonic_time ();
  if (head->status < 200)
    {
      /* An upgrade that was not requested. */
      OaiRetryAnswer failed = { .status = 0 };

      oai_route_report (&self->route, &failed);
      refuse (self, OAI_PROXY_ERROR_UPSTREAM, "The reply of the server is not valid");
      g_clear_pointer (&self->forward, oai_forward_free);
    }
  else if (!fall_back (self, head))
    {
      begin_reply (self, head, length);
    }
  transaction_unref (self);
}

static gboolean
write_reply (OaiTransaction *self, const char *data, gsize size)
{
  self->n_sent += size;

  return size == 0 || oai_http_connection_write (self->connection, data, size);
}

static gboolean
forward_body_cb (const char *data, gsize size, gpointer user_data)
{
  OaiTransaction *self = user_data;
  gsize n_out;
  const char *out = oai_usage_meter_feed (self->meter, data, size, &n_out);

  self->paused = !write_reply (self, out, n_out);

  return !self->paused;
}

/* Errors of attempts name addresses and reasons that are not for clients. */
static void
refuse_failed_forward (OaiTransaction *self, const GError *error)
{
  g_debug ("Request %s: the upstream “%s” failed: %s", oai_proxy_request_get_id (self->request), self->upstream, error->message);
  if (self->body_error != NULL)
    refuse_for (self, self->body_error, -1);
  else if (self->connection != NULL && oai_http_connection_get_refusal (self->connection) != NULL)
    refuse_body (self, error);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    refuse (self, OAI_PROXY_ERROR_TIMED_OUT, "The server did not reply in time");
  else
    refuse (self, OAI_PROXY_ERROR_UPSTREAM, "The server cannot be reached, or its reply is not valid");
}

static void
end_reply (OaiTransaction *self, const GError *error)
{
  gsize size;
  const char *rest = oai_usage_meter_end (self->meter, &size);

  /* A part of an event could be one of the usage that the client does not receive. */
  if (error == NULL)
    write_reply (self, rest, size);
  self->ended = TRUE;
  if (self->connection == NULL)
    return;

  if (error == NULL)
    {
      self->outcome = OAI_PROXY_OUTCOME_COMPLETED;
      oai_http_connection_end_reply (self->connection);
    }
  else
    {
      self->outcome = OAI_PROXY_OUTCOME_UPSTREAM_FAILED;
      oai_http_connection_abort_reply (self->connection);
    }
}

static void
forward_done_cb (const GError *error, gpointer user_data)
{
  OaiTransaction *self = transaction_ref (user_data);

  if (self->began)
    {
      OaiRetryAnswer failed = { .status = 0 };

      if (error != NULL)
        oai_route_report (&self->route, &failed);
      end_reply (self, error);
    }
  else if (self->body_error != NULL || !fall_back (self, NULL))
    {
      refuse_failed_forward (self, error);
    }
  transaction_unref (self);
}

static const OaiForwardFuncs forward_funcs = { forward_head_cb, forward_body_cb, forward_done_cb };

/* On Azure, some operations are below the deployment of the model, unless the client has named one. */
static gboolean
needs_deployment (OaiTransaction *self)
{
  const char *path = oai_proxy_request_get_path (self->request);

  return self->operation != NULL && self->operation->deployment_member != NULL && oai_api_path_skip_deployment (path) == path;
}

static OaiRequest *
create_request (OaiTransaction *self)
{
  OaiRequest *request = oai_request_new (oai_proxy_request_get_operation (self->request), oai_proxy_request_get_method (self->request),
                                         g_strdup (oai_proxy_request_get_path (self->request)));

  request->query = g_strdup (oai_proxy_request_get_query (self->request));
  request->model = g_strdup (oai_proxy_request_get_model (self->request));
  request->deployment = needs_deployment (self);

  return request;
}

/* The headers of the request to the server. */
static OaiHttpFields *
create_fields (OaiTransaction *self)
{
  OaiHttpFields *fields = oai_forward_headers_for_request (self->head);

  if (!oai_traceparent_continue (oai_http_fields_get (fields, "traceparent"), self->traceparent))
    oai_http_fields_remove (fields, "tracestate");
  oai_http_fields_remove (fields, "traceparent");
  oai_http_fields_append_borrowed (fields, "traceparent", self->traceparent);

  return fields;
}

/* The list of models */

static void
models_cb (const GError *error, gpointer user_data)
{
  OaiTransaction *self = transaction_ref (user_data);
  g_autoptr(OaiHttpFields) fields = oai_http_fields_new ();
  g_autoptr(GBytes) body = NULL;

  self->models = NULL;
  if (error != NULL)
    {
      refuse_for (self, error, -1);
    }
  else
    {
      body = oai_model_list_to_json (self->context->models, self->limits);
      self->outcome = OAI_PROXY_OUTCOME_COMPLETED;
      send_own_reply (self, 200, "application/json", fields, body);
    }
  transaction_unref (self);
}

/* Whether the list of models is not that of a server. */
static gboolean
needs_model_list (OaiTransaction *self)
{
  if (strcmp (self->head->method, "GET") != 0 || strcmp (oai_proxy_request_get_path (self->request), "models") != 0)
    return FALSE;

  return oai_router_get_n (self->context->router) > 1
         || (self->limits != NULL && oai_proxy_limits_get_allowed_models (self->limits) != NULL);
}

/* WebSocket connections */

static void
relay_connected_cb (OaiSocketRelay *relay, gpointer user_data)
{
  OaiTransaction *self = user_data;
  g_autoptr(OaiHttpFields) fields = oai_http_fields_new ();
  g_autoptr(GBytes) first = NULL;
  g_autoptr(GIOStream) stream = NULL;
  OaiRetryAnswer answer = { .status = 101 };

  oai_route_report (&self->route, &answer);
  add_own_fields (self, fields);
  self->head_received = g_get_monotonic_time ();
  self->began = TRUE;
  self->status = 101;
  self->taken = TRUE;
  count_open (self, OAI_METRICS_WEBSOCKETS);
  self->meter = oai_usage_meter_new_for_messages ();
  stream = oai_http_connection_steal (self->connection, &first);
  self->connection = NULL;
  oai_socket_relay_accept (relay, stream, first, self->head, fields);
}

/* A refusal of the server is passed on as it is, without its body, which libsoup does not read completely. */
static void
relay_refused_cb (OaiSocketRelay *relay, const GError *error, gpointer user_data)
{
  OaiTransaction *self = transaction_ref (user_data);
  guint status = oai_call_get_status_code (oai_socket_relay_get_call (relay));
  OaiRetryAnswer answer = { .status = status };

  oai_route_report (&self->route, &answer);
  if (status >= 400)
    {
      OaiProxyRefusal refusal = { status, status >= 500 ? "server_error" : "invalid_request_error", "upstream_refused", "The server refused the WebSocket connection" };

      send_refusal (self, &refusal, -1);
    }
  else
    {
      refuse_failed_forward (self, error);
    }
  g_clear_pointer (&self->relay, oai_socket_relay_free);
  transaction_unref (self);
}

static void admit_event_cb (OaiProxyLease *lease, const GError *error, gint64 retry_after, gpointer user_data);

static OaiProxyAdmission *
request_admission (OaiTransaction *self)
{
  OaiProxyIdentity *identity = oai_proxy_request_get_identity (self->request);

  return oai_proxy_limiter_admit (self->limiter, oai_proxy_identity_get_id (identity), self->limits, FALSE, admit_event_cb, self);
}

/* Responses that were passed on while another one was being admitted. */
static void
admit_waiting_event (OaiTransaction *self)
{
  if (self->n_waiting_events == 0 || self->admitting)
    return;

  self->n_waiting_events--;
  self->admission = request_admission (self);
}

/* A response over the connection is admitted like a request.  If the store of the counters replies later, the connection
 * is closed then. */
static void
admit_event_cb (OaiProxyLease *lease, const GError *error, gint64 retry_after, gpointer user_data)
{
  OaiTransaction *self = user_data;
  g_autoptr(OaiProxyLease) admitted = lease;

  self->admission = NULL;
  if (admitted != NULL)
    admit_waiting_event (self);
  else if (self->admitting)
    self->event_error = g_error_copy (error);
  else
    oai_socket_relay_close (self->relay, SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION, error->message);
}

static gboolean
admit_event (OaiTransaction *self, GError **error)
{
  if (self->admission != NULL)
    {
      self->n_waiting_events++;
      return TRUE;
    }

  self->admitting = TRUE;
  self->admission = request_admission (self);
  self->admitting = FALSE;
  if (self->event_error == NULL)
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&self->event_error));
  return FALSE;
}

static gboolean
have_prices (OaiTransaction *self, const char *const *models)
{
  for (guint i = 0; models[i] != NULL; i++)
    if (!has_price (self, models[i]))
      return FALSE;

  return TRUE;
}

static gboolean
relay_client_event_cb (OaiSocketRelay *relay, const char *type, const char *const *models, GError **error, gpointer user_data)
{
  OaiTransaction *self = transaction_ref (user_data);
  gboolean admitted;

  if (!have_prices (self, models))
    {
      g_set_error_literal (error, OAI_PROXY_ERROR, OAI_PROXY_ERROR_FORBIDDEN, NO_PRICE);
      transaction_unref (self);
      return FALSE;
    }
  if (models[0] != NULL && oai_proxy_request_get_model (self->request) == NULL)
    oai_proxy_request_set_model (self->request, models[0]);
  admitted = self->relay == NULL || g_strcmp0 (type, "response.create") != 0 || admit_event (self, error);
  transaction_unref (self);

  return admitted;
}

/* The meter adds up the usage of all messages. */
static void
count_messages (OaiTransaction *self)
{
  OaiProxyReportData data = { .model = oai_proxy_request_get_model (self->request), .cost = -1 };
  gint64 tokens;
  double cost;

  oai_proxy_report_data_set_usage (&data, oai_usage_meter_get_usage (self->meter), self->context->prices);
  tokens = data.has_usage ? data.input_tokens + data.output_tokens : 0;
  cost = MAX (data.cost, 0);
  if (tokens > self->counted_tokens || cost > self->counted_cost)
    oai_proxy_lease_count (self->lease, tokens - self->counted_tokens, cost - self->counted_cost);
  self->counted_tokens = tokens;
  self->counted_cost = cost;
}

static void
relay_server_event_cb (OaiSocketRelay *relay, const char *text, gsize size, gpointer user_data)
{
  OaiTransaction *self = user_data;

  oai_usage_meter_feed_message (self->meter, text, size);
  count_messages (self);
}

static void
relay_closed_cb (OaiSocketRelay *relay, gpointer user_data)
{
  OaiTransaction *self = user_data;

  self->outcome = OAI_PROXY_OUTCOME_COMPLETED;
  self->context->released (self->owner);
}

static const OaiSocketRelayFuncs relay_funcs = {
  .connected = relay_connected_cb,
  .refused = relay_refused_cb,
  .client_event = relay_client_event_cb,
  .server_event = relay_server_event_cb,
  .closed = relay_closed_cb,
};

static gboolean
check_handshake (OaiTransaction *self)
{
  OaiSocketRefusal checked = oai_socket_handshake_check (self->head);
  OaiProxyRefusal refusal = { checked.status, "invalid_request_error", "invalid_handshake", checked.message };

  if (checked.status == 0)
    return TRUE;

  send_refusal (self, &refusal, -1);
  return FALSE;
}

static void
start_relay (OaiTransaction *self, OaiProxyUpstream *upstream)
{
  static const OaiSocketSettings settings = OAI_SOCKET_SETTINGS_INIT;
  OaiRequest *request = create_request (self);
  g_autoptr(OaiHttpFields) fields = create_fields (self);
  g_autofree char *protocols = oai_socket_handshake_dup_protocols (self->head);

  request->upgrade = TRUE;
  request->passthrough = TRUE;
  request->headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  for (guint i = 0; i < oai_http_fields_get_n (fields); i++)
    soup_message_headers_append (request->headers, oai_http_fields_get_nth (fields, i)->name, oai_http_fields_get_nth (fields, i)->value);
  if (protocols != NULL)
    soup_message_headers_append (request->headers, "Sec-WebSocket-Protocol", protocols);
  self->relay = oai_socket_relay_new (oai_proxy_upstream_get_client (upstream), request, self->limits, &settings, &relay_funcs, self);
  oai_socket_relay_connect (self->relay);
}

/* Sends the request to a server, if all of it that must be known before is known. */
static void
forward (OaiTransaction *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = NULL;
  OaiForwardBody body = { .length = -1 };
  OaiProxyUpstream *upstream;

  if (needs_model_list (self))
    {
      self->models = oai_model_list_load (self->context->models, models_cb, self);
      return;
    }
  if (self->head->upgrade_websocket && !check_handshake (self))
    return;
  if (!prepare_body (self) || self->connection == NULL)
    return;

  upstream = oai_route_choose (&self->route, oai_proxy_request_get_model (self->request), &error);
  if (upstream == NULL)
    {
      refuse_for (self, error, -1);
      return;
    }

  g_free (self->upstream);
  self->upstream = g_strdup (oai_proxy_upstream_get_name (upstream));
  if (self->head->upgrade_websocket)
    {
      start_relay (self, upstream);
      return;
    }

  bytes = open_body (self, &body);
  self->forward = oai_forward_new (&self->context->forwarding, oai_proxy_upstream_get_client (upstream), create_request (self), create_fields (self),
                                   &body, &forward_funcs, self);
  self->forwarded = g_get_monotonic_time ();
  oai_forward_start (self->forward);
}

/* Beginning and end */

static void
send_health (OaiTransaction *self)
{
  g_autoptr(OaiHttpFields) fields = oai_http_fields_new ();
  g_autoptr(GBytes) body = g_bytes_new_static ("OK", 2);

  self->outcome = OAI_PROXY_OUTCOME_COMPLETED;
  send_own_reply (self, 200, "text/plain", fields, body);
}

static gboolean
is_forwarded_method (const char *method)
{
  static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", NULL };

  return g_strv_contains (methods, method);
}

static void
find_operation (OaiTransaction *self)
{
  const char *name = NULL;

  self->operation = oai_operation_match (self->head->method, oai_api_path_skip_deployment (oai_proxy_request_get_path (self->request)), &name);
  oai_proxy_request_set_operation (self->request, name);
}

void
oai_transaction_start (OaiTransaction *self)
{
  const char *path = oai_api_path_find (self->head->path, self->context->route_prefix, self->context->router);

  transaction_ref (self);
  if (path != NULL)
    oai_proxy_request_set_path (self->request, path);
  if (!is_forwarded_method (self->head->method))
    {
      refuse (self, OAI_PROXY_ERROR_METHOD_NOT_ALLOWED, "The method is not supported");
    }
  else if (oai_api_path_is_health (self->head->path, self->context->route_prefix))
    {
      send_health (self);
    }
  else if (path == NULL)
    {
      refuse (self, OAI_PROXY_ERROR_NOT_FOUND, "The path is not below that of the API, such as /v1");
    }
  else if (!oai_api_path_is_plain (self->head->path))
    {
      refuse (self, OAI_PROXY_ERROR_BAD_REQUEST, "The path contains an encoded letter or digit");
    }
  else
    {
      find_operation (self);
      authenticate (self);
    }
  transaction_unref (self);
}

void
oai_transaction_readable (OaiTransaction *self)
{
  transaction_ref (self);
  if (self->reading)
    read_body (self);
  else if (self->uploading && self->forward != NULL)
    oai_forward_wake (self->forward);
  transaction_unref (self);
}

void
oai_transaction_writable (OaiTransaction *self)
{
  transaction_ref (self);
  if (self->paused && self->forward != NULL)
    {
      self->paused = FALSE;
      oai_forward_resume (self->forward);
    }
  transaction_unref (self);
}

gboolean
oai_transaction_has_socket (OaiTransaction *self)
{
  return self->taken;
}

void
oai_transaction_finish_socket (OaiTransaction *self)
{
  oai_socket_relay_close (self->relay, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, "The proxy is being shut down");
}

static void
stop (OaiTransaction *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  oai_proxy_request_wait (self->request, NULL, NULL);
  g_clear_pointer (&self->admission, oai_proxy_admission_cancel);
  g_clear_pointer (&self->models, oai_model_list_wait_cancel);
  g_clear_pointer (&self->forward, oai_forward_free);
  g_clear_object (&self->spooled);
  g_clear_pointer (&self->relay, oai_socket_relay_free);
  oai_route_clear (&self->route);
  g_clear_pointer (&self->inspector, oai_body_inspector_free);
  g_clear_pointer (&self->spool, oai_body_spool_unref);
  g_clear_error (&self->body_error);
}

/* Vectors, images and audio have many bytes for each token. */
static gboolean
has_text_reply (OaiTransaction *self)
{
  static const char *const prefixes[] = { "embeddings", "images/", "audio/", "videos" };
  const char *path = oai_api_path_skip_deployment (oai_proxy_request_get_path (self->request));

  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (path, prefixes[i]))
      return FALSE;

  return TRUE;
}

/* A stream has about as many events as tokens.  Another reply is computed before any of it arrives, also if the client does
 * not wait for it. */
static gint64
estimate_output (OaiTransaction *self)
{
  gint64 computed = (self->head_received > 0 ? self->head_received : g_get_monotonic_time ()) - self->forwarded;
  gint64 received = has_text_reply (self) ? (gint64) (self->n_sent / BYTES_PER_TOKEN) : 0;

  if (self->meter != NULL && oai_usage_meter_is_for_events (self->meter))
    return (gint64) oai_usage_meter_get_n_events (self->meter);

  return MAX (received, 1 + computed * TOKENS_PER_SECOND / G_USEC_PER_SEC);
}

/* A client that goes away before the server has sent the usage, which is at the end of a reply, does not avoid its
 * limits: the amount is estimated.  So is that of a reply that the server did not complete. */
static void
count_estimate (OaiTransaction *self, const OaiProxyReportData *data)
{
  gboolean truncated = data->outcome == OAI_PROXY_OUTCOME_UPSTREAM_FAILED && self->status >= 200;
  gint64 input, output;
  double cost = -1;

  if ((data->outcome != OAI_PROXY_OUTCOME_CLIENT_CLOSED && !truncated) || self->forwarded == 0 || self->status >= 300)
    return;

  input = (gint64) (self->n_received / BYTES_PER_TOKEN);
  output = estimate_output (self);

  if (self->context->prices != NULL && data->model != NULL)
    cost = oai_price_table_get_cost (self->context->prices, data->model, input, 0, output);
  oai_proxy_lease_count (self->lease, input + output, MAX (cost, 0));
}

/* Counts and reports what the request has used. */
static void
report (OaiTransaction *self)
{
  OaiProxyIdentity *identity = oai_proxy_request_get_identity (self->request);
  g_autofree char *peer = oai_proxy_request_dup_peer (self->request);
  OaiProxyReportData data = {
    .request_id = oai_proxy_request_get_id (self->request),
    .identity = identity != NULL ? oai_proxy_identity_get_id (identity) : NULL,
    .operation = oai_proxy_request_get_operation (self->request),
    .method = oai_proxy_request_get_method (self->request),
    .path = self->head->path,
    .model = oai_proxy_request_get_model (self->request),
    .upstream = self->upstream,
    .code = self->code,
    .peer = peer,
    .traceparent = self->traceparent[0] != '\0' ? self->traceparent : NULL,
    .status = self->status,
    .outcome = self->outcome,
    .cost = -1,
    .received_bytes = self->n_received,
    .sent_bytes = self->n_sent,
    .begin_time = self->begin_time,
    .head_us = self->head_received > 0 ? self->head_received - self->started : -1,
    .duration_us = g_get_monotonic_time () - self->started,
  };

  /* The usage may have arrived, but not the end. */
  if (self->meter != NULL && !self->ended)
    oai_usage_meter_end (self->meter, &(gsize) { 0 });
  oai_proxy_report_data_set_usage (&data, self->meter != NULL ? oai_usage_meter_get_usage (self->meter) : NULL, self->context->prices);
  if (self->lease != NULL && data.has_usage && !self->taken)
    oai_proxy_lease_count (self->lease, data.input_tokens + data.output_tokens, MAX (data.cost, 0));
  else if (self->lease != NULL && !self->taken && oai_proxy_request_get_model (self->request) != NULL)
    count_estimate (self, &data);
  self->context->finished (&data, self->context->user_data);
}

void
oai_transaction_free (OaiTransaction *self, gboolean replied)
{
  self->connection = NULL;
  if (!replied)
    {
      if (self->outcome != OAI_PROXY_OUTCOME_UPSTREAM_FAILED && !self->taken)
        self->outcome = OAI_PROXY_OUTCOME_CLIENT_CLOSED;
      oai_proxy_request_cancel (self->request);
    }
  stop (self);
  if (self->has_gauge)
    oai_metrics_add (self->context->metrics, self->gauge, -1);
  report (self);
  g_clear_pointer (&self->lease, oai_proxy_lease_release);
  g_clear_pointer (&self->limiter, oai_proxy_limiter_unref);
  oai_proxy_request_detach (self->request);
  transaction_unref (self);
}
