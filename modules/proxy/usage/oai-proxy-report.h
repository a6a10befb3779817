/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a request to the proxy used, and how it ended. */

#pragma once

#include "oai-types.h"

G_BEGIN_DECLS

/**
 * OaiProxyOutcome:
 * @OAI_PROXY_OUTCOME_COMPLETED: the whole reply of the server was passed on, with any status
 * @OAI_PROXY_OUTCOME_REFUSED: the proxy refused the request
 * @OAI_PROXY_OUTCOME_CLIENT_CLOSED: the client closed the connection before the end of the reply
 * @OAI_PROXY_OUTCOME_UPSTREAM_FAILED: no server replied, or the reply was incomplete
 * @OAI_PROXY_OUTCOME_ABORTED: the proxy closed the connection, for example since it was stopped
 *
 * How a request to the proxy ended.
 *
 * Since: 1.0
 */
typedef enum
{
  OAI_PROXY_OUTCOME_COMPLETED,
  OAI_PROXY_OUTCOME_REFUSED,
  OAI_PROXY_OUTCOME_CLIENT_CLOSED,
  OAI_PROXY_OUTCOME_UPSTREAM_FAILED,
  OAI_PROXY_OUTCOME_ABORTED
} OaiProxyOutcome;

#define OAI_TYPE_PROXY_OUTCOME (oai_proxy_outcome_get_type ())
OAI_AVAILABLE_IN_1_0
GType oai_proxy_outcome_get_type (void) G_GNUC_CONST;

#define OAI_TYPE_PROXY_REPORT (oai_proxy_report_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiProxyReport, oai_proxy_report, OAI, PROXY_REPORT, GObject)

OAI_AVAILABLE_IN_1_0
const char *oai_proxy_report_get_request_id (OaiProxyReport *self);
OAI_AVAILABLE_IN_1_0
const char *oai_proxy_report_get_identity (OaiProxyReport *self);
OAI_AVAILABLE_IN_1_0
const char *oai_proxy_report_get_operation (OaiProxyReport *self);
OAI_AVAILABLE_IN_1_0
const char *oai_proxy_report_get_method (OaiProxyReport *self);
OAI_AVAILABLE_IN_1_0
const char *oai_proxy_report_get_path (OaiProxyReport *self);
OAI_AVAILABLE_IN_1_0
const char *oai_proxy_report_get_model (OaiProxyReport *self);
OAI_AVAILABLE_IN_1_0
const char *oai_proxy_report_get_upstream (OaiProxyReport *self);
OAI_AVAILABLE_IN_1_0
guint oai_proxy_report_get_status (OaiProxyReport *self);
OAI_AVAILABLE_IN_1_0
OaiProxyOutcome oai_proxy_report_get_outcome (OaiProxyReport *self);
OAI_AVAILABLE_IN_1_0
const char *oai_proxy_report_get_code (OaiProxyReport *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_proxy_report_has_usage (OaiProxyReport *self);
OAI_AVAILABLE_IN_1_0
gint64 oai_proxy_report_get_input_tokens (OaiProxyReport *self);
OAI_AVAILABLE_IN_1_0
gint64 oai_proxy_report_get_cached_tokens (OaiProxyReport *self);
OAI_AVAILABLE_IN_1_0
gint64 oai_proxy_report_get_output_tokens (OaiProxyReport *self);
OAI_AVAILABLE_IN_1_0
double oai_proxy_report_get_cost (OaiProxyReport *self);
OAI_AVAILABLE_IN_1_0
guint64 oai_proxy_report_get_received_bytes (OaiProxyReport *self);
OAI_AVAILABLE_IN_1_0
guint64 oai_proxy_report_get_sent_bytes (OaiProxyReport *self);
OAI_AVAILABLE_IN_1_0
gint64 oai_proxy_report_get_begin_time (OaiProxyReport *self);
OAI_AVAILABLE_IN_1_0
gint64 oai_proxy_report_get_head_ms (OaiProxyReport *self);
OAI_AVAILABLE_IN_1_0
gint64 oai_proxy_report_get_duration_ms (OaiProxyReport *self);

G_END_DECLS
