/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The settings of a client: server, time-outs, retries, headers and limits. */

#pragma once

#include "oai-server-profile.h"
#include "oai-types.h"

G_BEGIN_DECLS

#define OAI_TYPE_SETTINGS (oai_settings_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiSettings, oai_settings, OAI, SETTINGS, GObject)

OAI_AVAILABLE_IN_1_0
OaiSettings *oai_settings_new (void);
OAI_AVAILABLE_IN_1_0
OaiSettings *oai_settings_new_for_base_url (const char *base_url, GError **error);
OAI_AVAILABLE_IN_1_0
OaiSettings *oai_settings_new_for_domain (const char *domain, const char *api_version, GError **error);
OAI_AVAILABLE_IN_1_0
OaiSettings *oai_settings_new_for_region (const char *region, GError **error);
OAI_AVAILABLE_IN_1_0
OaiSettings *oai_settings_new_for_azure (const char *resource, const char *deployment, const char *api_version, gboolean use_active_directory, GError **error);
OAI_AVAILABLE_IN_1_0
OaiSettings *oai_settings_new_for_azure_endpoint (const char *endpoint, const char *deployment, const char *api_version, gboolean use_active_directory, GError **error);
OAI_AVAILABLE_IN_1_0
OaiSettings *oai_settings_new_for_azure_from_environment (const char *deployment, GError **error);
OAI_AVAILABLE_IN_1_0
OaiSettings *oai_settings_copy (OaiSettings *self);

/* Always without a trailing slash. */
OAI_AVAILABLE_IN_1_0
const char *oai_settings_get_base_url (OaiSettings *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_settings_set_base_url (OaiSettings *self, const char *base_url, GError **error);
OAI_AVAILABLE_IN_1_0
gboolean oai_settings_is_azure (OaiSettings *self);
OAI_AVAILABLE_IN_1_0
const char *oai_settings_get_deployment (OaiSettings *self);
OAI_AVAILABLE_IN_1_0
const char *oai_settings_get_api_version (OaiSettings *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_settings_get_use_active_directory (OaiSettings *self);
OAI_AVAILABLE_IN_1_0
void oai_settings_set_use_active_directory (OaiSettings *self, gboolean use_active_directory);

OAI_AVAILABLE_IN_1_0
gboolean oai_settings_get_adapt_requests (OaiSettings *self);
OAI_AVAILABLE_IN_1_0
void oai_settings_set_adapt_requests (OaiSettings *self, gboolean adapt_requests);
OAI_AVAILABLE_IN_1_0
OaiServerProfile *oai_settings_dup_server_profile (OaiSettings *self);
OAI_AVAILABLE_IN_1_0
void oai_settings_set_server_profile (OaiSettings *self, OaiServerProfile *profile);
OAI_AVAILABLE_IN_1_0
const char *oai_settings_get_organization (OaiSettings *self);
OAI_AVAILABLE_IN_1_0
void oai_settings_set_organization (OaiSettings *self, const char *organization);
OAI_AVAILABLE_IN_1_0
const char *oai_settings_get_project (OaiSettings *self);
OAI_AVAILABLE_IN_1_0
void oai_settings_set_project (OaiSettings *self, const char *project);
OAI_AVAILABLE_IN_1_0
const char *oai_settings_get_beta_version (OaiSettings *self, const char *feature);
OAI_AVAILABLE_IN_1_0
void oai_settings_set_beta_version (OaiSettings *self, const char *feature, const char *version);

/* Milliseconds; 0 means no limit. */
OAI_AVAILABLE_IN_1_0
guint oai_settings_get_connect_timeout_ms (OaiSettings *self);
OAI_AVAILABLE_IN_1_0
void oai_settings_set_connect_timeout_ms (OaiSettings *self, guint connect_timeout_ms);
OAI_AVAILABLE_IN_1_0
guint oai_settings_get_idle_timeout_ms (OaiSettings *self);
OAI_AVAILABLE_IN_1_0
void oai_settings_set_idle_timeout_ms (OaiSettings *self, guint idle_timeout_ms);
OAI_AVAILABLE_IN_1_0
guint oai_settings_get_timeout_ms (OaiSettings *self);
OAI_AVAILABLE_IN_1_0
void oai_settings_set_timeout_ms (OaiSettings *self, guint timeout_ms);
OAI_AVAILABLE_IN_1_0
guint oai_settings_get_max_retries (OaiSettings *self);
OAI_AVAILABLE_IN_1_0
void oai_settings_set_max_retries (OaiSettings *self, guint max_retries);
OAI_AVAILABLE_IN_1_0
guint oai_settings_get_max_retry_delay_ms (OaiSettings *self);
OAI_AVAILABLE_IN_1_0
void oai_settings_set_max_retry_delay_ms (OaiSettings *self, guint max_retry_delay_ms);
/* Bytes; 0 means no limit. */
OAI_AVAILABLE_IN_1_0
guint oai_settings_get_max_event_size (OaiSettings *self);
OAI_AVAILABLE_IN_1_0
void oai_settings_set_max_event_size (OaiSettings *self, guint bytes);
OAI_AVAILABLE_IN_1_0
guint oai_settings_get_max_reply_size (OaiSettings *self);
OAI_AVAILABLE_IN_1_0
void oai_settings_set_max_reply_size (OaiSettings *self, guint bytes);
OAI_AVAILABLE_IN_1_0
guint oai_settings_get_max_stream_size (OaiSettings *self);
OAI_AVAILABLE_IN_1_0
void oai_settings_set_max_stream_size (OaiSettings *self, guint bytes);

OAI_AVAILABLE_IN_1_0
gboolean oai_settings_get_allow_insecure_http (OaiSettings *self);
OAI_AVAILABLE_IN_1_0
void oai_settings_set_allow_insecure_http (OaiSettings *self, gboolean allow_insecure_http);
OAI_AVAILABLE_IN_1_0
gboolean oai_settings_get_trust_redirects (OaiSettings *self);
OAI_AVAILABLE_IN_1_0
void oai_settings_set_trust_redirects (OaiSettings *self, gboolean trust_redirects);
OAI_AVAILABLE_IN_1_0
gboolean oai_settings_get_proxy_loopback (OaiSettings *self);
OAI_AVAILABLE_IN_1_0
void oai_settings_set_proxy_loopback (OaiSettings *self, gboolean proxy_loopback);
OAI_AVAILABLE_IN_1_0
gboolean oai_settings_get_check_network (OaiSettings *self);
OAI_AVAILABLE_IN_1_0
void oai_settings_set_check_network (OaiSettings *self, gboolean check_network);

/* A NULL value removes the header (even one that the library sends). */
OAI_AVAILABLE_IN_1_0
void oai_settings_set_header (OaiSettings *self, const char *name, const char *value);
OAI_AVAILABLE_IN_1_0
void oai_settings_set_query_parameter (OaiSettings *self, const char *name, const char *value);

G_END_DECLS
