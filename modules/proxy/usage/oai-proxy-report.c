/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-proxy-report-private.h"

/**
 * OaiProxyReport:
 *
 * What a request to a proxy used, and how it ended. It does not change.
 *
 * Since: 1.0
 */
struct _OaiProxyReport
{
  GObject parent_instance;

  OaiProxyReportData data; /* owns its strings, but not the interned ones */
};

G_DEFINE_FINAL_TYPE (OaiProxyReport, oai_proxy_report, G_TYPE_OBJECT)

static void
oai_proxy_report_finalize (GObject *object)
{
  OaiProxyReportData *data = &OAI_PROXY_REPORT (object)->data;

  g_free ((char *) data->request_id);
  g_free ((char *) data->identity);
  g_free ((char *) data->method);
  g_free ((char *) data->path);
  g_free ((char *) data->model);
  g_free ((char *) data->upstream);

  G_OBJECT_CLASS (oai_proxy_report_parent_class)->finalize (object);
}

static void
oai_proxy_report_class_init (OaiProxyReportClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = oai_proxy_report_finalize;
}

static void
oai_proxy_report_init (OaiProxyReport *self)
{
}

OaiProxyReport *
oai_proxy_report_new (const OaiProxyReportData *data)
{
  OaiProxyReport *self = g_object_new (OAI_TYPE_PROXY_REPORT, NULL);

  self->data = *data;
  self->data.request_id = g_strdup (data->request_id);
  self->data.identity = g_strdup (data->identity);
  self->data.method = g_strdup (data->method);
  self->data.path = g_strdup (data->path);
  self->data.model = g_strdup (data->model);
  self->data.upstream = g_strdup (data->upstream);
  self->data.peer = NULL;
  self->data.traceparent = NULL;

  return self;
}

void
oai_proxy_report_data_set_usage (OaiProxyReportData *data, const OaiProxyUsage *usage, OaiPriceTable *prices)
{
  const char *requested = data->model;

  data->has_usage = usage != NULL && usage->known;
  data->input_tokens = data->has_usage ? usage->input_tokens : 0;
  data->cached_tokens = data->has_usage ? usage->cached_tokens : 0;
  data->output_tokens = data->has_usage ? usage->output_tokens : 0;
  data->cost = -1;
  if (usage != NULL && usage->model != NULL)
    data->model = usage->model;
  if (!data->has_usage || prices == NULL)
    return;

  data->cost = oai_price_table_get_cost (prices, data->model, data->input_tokens, data->cached_tokens, data->output_tokens);
  if (data->cost < 0)
    data->cost = oai_price_table_get_cost (prices, requested, data->input_tokens, data->cached_tokens, data->output_tokens);
}

G_DEFINE_ENUM_TYPE (OaiProxyOutcome, oai_proxy_outcome,
                    G_DEFINE_ENUM_VALUE (OAI_PROXY_OUTCOME_COMPLETED, "completed"),
                    G_DEFINE_ENUM_VALUE (OAI_PROXY_OUTCOME_REFUSED, "refused"),
                    G_DEFINE_ENUM_VALUE (OAI_PROXY_OUTCOME_CLIENT_CLOSED, "client-closed"),
                    G_DEFINE_ENUM_VALUE (OAI_PROXY_OUTCOME_UPSTREAM_FAILED, "upstream-failed"),
                    G_DEFINE_ENUM_VALUE (OAI_PROXY_OUTCOME_ABORTED, "aborted"))

const char *
oai_proxy_outcome_to_string (OaiProxyOutcome outcome)
{
  static const char *const names[] = {
    [OAI_PROXY_OUTCOME_COMPLETED] = "completed",
    [OAI_PROXY_OUTCOME_REFUSED] = "refused",
    [OAI_PROXY_OUTCOME_CLIENT_CLOSED] = "client-closed",
    [OAI_PROXY_OUTCOME_UPSTREAM_FAILED] = "upstream-failed",
    [OAI_PROXY_OUTCOME_ABORTED] = "aborted",
  };

  g_return_val_if_fail ((guint) outcome < G_N_ELEMENTS (names), "");

  return names[outcome];
}

/**
 * oai_proxy_report_get_request_id:
 * @self: a report
 *
 * Gets the identifier of the request.
 *
 * Returns: the identifier of the request, which is also in the header `x-request-id` of the reply
 *
 * Since: 1.0
 */
const char *
oai_proxy_report_get_request_id (OaiProxyReport *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REPORT (self), NULL);

  return self->data.request_id;
}

/**
 * oai_proxy_report_get_identity:
 * @self: a report
 *
 * Gets the identity that sent the request.
 *
 * Returns: (nullable): the identifier of the identity; %NULL if the request was refused before there was one
 *
 * Since: 1.0
 */
const char *
oai_proxy_report_get_identity (OaiProxyReport *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REPORT (self), NULL);

  return self->data.identity;
}

/**
 * oai_proxy_report_get_operation:
 * @self: a report
 *
 * Gets the operation.
 *
 * Returns: (nullable): the name of the operation, such as "chat.create"; %NULL if the path has none
 *
 * Since: 1.0
 */
const char *
oai_proxy_report_get_operation (OaiProxyReport *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REPORT (self), NULL);

  return self->data.operation;
}

/**
 * oai_proxy_report_get_method:
 * @self: a report
 *
 * Gets the method.
 *
 * Returns: (nullable): the HTTP method; %NULL if the request was not readable
 *
 * Since: 1.0
 */
const char *
oai_proxy_report_get_method (OaiProxyReport *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REPORT (self), NULL);

  return self->data.method;
}

/**
 * oai_proxy_report_get_path:
 * @self: a report
 *
 * Gets the path.
 *
 * Returns: (nullable): the path without the query; %NULL if the request was not readable
 *
 * Since: 1.0
 */
const char *
oai_proxy_report_get_path (OaiProxyReport *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REPORT (self), NULL);

  return self->data.path;
}

/**
 * oai_proxy_report_get_model:
 * @self: a report
 *
 * Gets the model.
 *
 * Returns: (nullable): the model that the server reported, or else that of the request; %NULL if there is none
 *
 * Since: 1.0
 */
const char *
oai_proxy_report_get_model (OaiProxyReport *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REPORT (self), NULL);

  return self->data.model;
}

/**
 * oai_proxy_report_get_upstream:
 * @self: a report
 *
 * Gets the server that received the request.
 *
 * Returns: (nullable): the name of the server that received the request; %NULL if none did
 *
 * Since: 1.0
 */
const char *
oai_proxy_report_get_upstream (OaiProxyReport *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REPORT (self), NULL);

  return self->data.upstream;
}

/**
 * oai_proxy_report_get_status:
 * @self: a report
 *
 * Gets the status of the reply.
 *
 * Returns: the HTTP status that the client received; 0 if it received none
 *
 * Since: 1.0
 */
guint
oai_proxy_report_get_status (OaiProxyReport *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REPORT (self), 0);

  return self->data.status;
}

/**
 * oai_proxy_report_get_outcome:
 * @self: a report
 *
 * Gets how the request ended.
 *
 * Returns: how the request ended
 *
 * Since: 1.0
 */
OaiProxyOutcome
oai_proxy_report_get_outcome (OaiProxyReport *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REPORT (self), OAI_PROXY_OUTCOME_ABORTED);

  return self->data.outcome;
}

/**
 * oai_proxy_report_get_code:
 * @self: a report
 *
 * Gets the code of a refusal.
 *
 * Returns: (nullable): the code of the error object with which the proxy refused the request; %NULL if it did not
 *
 * Since: 1.0
 */
const char *
oai_proxy_report_get_code (OaiProxyReport *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REPORT (self), NULL);

  return self->data.code;
}

/**
 * oai_proxy_report_has_usage:
 * @self: a report
 *
 * Gets whether the reply contained its usage.
 *
 * Returns: whether the numbers of tokens are known
 *
 * Since: 1.0
 */
gboolean
oai_proxy_report_has_usage (OaiProxyReport *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REPORT (self), FALSE);

  return self->data.has_usage;
}

/**
 * oai_proxy_report_get_input_tokens:
 * @self: a report
 *
 * Gets the size of the input.
 *
 * Returns: the number of tokens of the input, including those from the cache; 0 if it is not known
 *
 * Since: 1.0
 */
gint64
oai_proxy_report_get_input_tokens (OaiProxyReport *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REPORT (self), 0);

  return self->data.input_tokens;
}

/**
 * oai_proxy_report_get_cached_tokens:
 * @self: a report
 *
 * Gets the size of the cached input.
 *
 * Returns: the number of tokens of the input that the server had cached; 0 if it is not known
 *
 * Since: 1.0
 */
gint64
oai_proxy_report_get_cached_tokens (OaiProxyReport *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REPORT (self), 0);

  return self->data.cached_tokens;
}

/**
 * oai_proxy_report_get_output_tokens:
 * @self: a report
 *
 * Gets the size of the output.
 *
 * Returns: the number of tokens of the output; 0 if it is not known
 *
 * Since: 1.0
 */
gint64
oai_proxy_report_get_output_tokens (OaiProxyReport *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REPORT (self), 0);

  return self->data.output_tokens;
}

/**
 * oai_proxy_report_get_cost:
 * @self: a report
 *
 * Gets the cost of the request.
 *
 * Returns: the cost in the currency of the price table; -1 if it is not known
 *
 * Since: 1.0
 */
double
oai_proxy_report_get_cost (OaiProxyReport *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REPORT (self), -1);

  return self->data.cost;
}

/**
 * oai_proxy_report_get_received_bytes:
 * @self: a report
 *
 * Gets the size of the body of the request.
 *
 * Returns: the number of bytes of the body that the client sent
 *
 * Since: 1.0
 */
guint64
oai_proxy_report_get_received_bytes (OaiProxyReport *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REPORT (self), 0);

  return self->data.received_bytes;
}

/**
 * oai_proxy_report_get_sent_bytes:
 * @self: a report
 *
 * Gets the size of the body of the reply.
 *
 * Returns: the number of bytes of the body that the client received
 *
 * Since: 1.0
 */
guint64
oai_proxy_report_get_sent_bytes (OaiProxyReport *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REPORT (self), 0);

  return self->data.sent_bytes;
}

/**
 * oai_proxy_report_get_begin_time:
 * @self: a report
 *
 * Gets the time of the request.
 *
 * Returns: the time at which the head of the request was complete, in microseconds since 1970
 *
 * Since: 1.0
 */
gint64
oai_proxy_report_get_begin_time (OaiProxyReport *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REPORT (self), 0);

  return self->data.begin_time;
}

/**
 * oai_proxy_report_get_head_ms:
 * @self: a report
 *
 * Gets the time until the head of the server's reply arrived.
 *
 * Returns: the duration from the head of the request to that of the reply, in milliseconds; -1 if no server replied
 *
 * Since: 1.0
 */
gint64
oai_proxy_report_get_head_ms (OaiProxyReport *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REPORT (self), -1);

  return self->data.head_us < 0 ? -1 : self->data.head_us / 1000;
}

/**
 * oai_proxy_report_get_duration_ms:
 * @self: a report
 *
 * Gets how long the request took.
 *
 * Returns: the duration from the head of the request to the end of the reply, in milliseconds
 *
 * Since: 1.0
 */
gint64
oai_proxy_report_get_duration_ms (OaiProxyReport *self)
{
  g_return_val_if_fail (OAI_IS_PROXY_REPORT (self), 0);

  return self->data.duration_us / 1000;
}
