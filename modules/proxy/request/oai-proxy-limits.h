/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What an identity may use of the proxy. */

#pragma once

#include "oai-types.h"

G_BEGIN_DECLS

#define OAI_TYPE_PROXY_LIMITS (oai_proxy_limits_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiProxyLimits, oai_proxy_limits, OAI, PROXY_LIMITS, GObject)

OAI_AVAILABLE_IN_1_0
OaiProxyLimits *oai_proxy_limits_new (void);
OAI_AVAILABLE_IN_1_0
guint oai_proxy_limits_get_requests_per_minute (OaiProxyLimits *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_limits_set_requests_per_minute (OaiProxyLimits *self, guint requests);
OAI_AVAILABLE_IN_1_0
guint oai_proxy_limits_get_requests_per_day (OaiProxyLimits *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_limits_set_requests_per_day (OaiProxyLimits *self, guint requests);
OAI_AVAILABLE_IN_1_0
gint64 oai_proxy_limits_get_tokens_per_minute (OaiProxyLimits *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_limits_set_tokens_per_minute (OaiProxyLimits *self, gint64 tokens);
OAI_AVAILABLE_IN_1_0
gint64 oai_proxy_limits_get_tokens_per_day (OaiProxyLimits *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_limits_set_tokens_per_day (OaiProxyLimits *self, gint64 tokens);
OAI_AVAILABLE_IN_1_0
double oai_proxy_limits_get_cost_per_day (OaiProxyLimits *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_limits_set_cost_per_day (OaiProxyLimits *self, double cost);
OAI_AVAILABLE_IN_1_0
double oai_proxy_limits_get_cost_per_month (OaiProxyLimits *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_limits_set_cost_per_month (OaiProxyLimits *self, double cost);
OAI_AVAILABLE_IN_1_0
guint oai_proxy_limits_get_max_streams (OaiProxyLimits *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_limits_set_max_streams (OaiProxyLimits *self, guint requests);
OAI_AVAILABLE_IN_1_0
guint64 oai_proxy_limits_get_max_body_size (OaiProxyLimits *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_limits_set_max_body_size (OaiProxyLimits *self, guint64 bytes);
OAI_AVAILABLE_IN_1_0
const char *const *oai_proxy_limits_get_allowed_models (OaiProxyLimits *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_limits_set_allowed_models (OaiProxyLimits *self, const char *const *patterns);
OAI_AVAILABLE_IN_1_0
const char *const *oai_proxy_limits_get_allowed_operations (OaiProxyLimits *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_limits_set_allowed_operations (OaiProxyLimits *self, const char *const *patterns);
OAI_AVAILABLE_IN_1_0
gboolean oai_proxy_limits_allows_model (OaiProxyLimits *self, const char *model);
OAI_AVAILABLE_IN_1_0
gboolean oai_proxy_limits_allows_operation (OaiProxyLimits *self, const char *operation);

G_END_DECLS
