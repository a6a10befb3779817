/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Settings of single calls, which override those of the client. */

#pragma once

#include "oai-types.h"

G_BEGIN_DECLS

#define OAI_TYPE_CALL_OPTIONS (oai_call_options_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiCallOptions, oai_call_options, OAI, CALL_OPTIONS, GObject)

/* Options for the calls of one endpoint object, which override the settings of the client. */
OAI_AVAILABLE_IN_1_0
OaiCallOptions *oai_call_options_new (void);
OAI_AVAILABLE_IN_1_0
OaiCallOptions *oai_call_options_copy (OaiCallOptions *self);
/* Milliseconds; 0: no limit; -1: the value of the client. */
OAI_AVAILABLE_IN_1_0
gint oai_call_options_get_timeout_ms (OaiCallOptions *self);
OAI_AVAILABLE_IN_1_0
void oai_call_options_set_timeout_ms (OaiCallOptions *self, gint timeout_ms);
OAI_AVAILABLE_IN_1_0
gint oai_call_options_get_connect_timeout_ms (OaiCallOptions *self);
OAI_AVAILABLE_IN_1_0
void oai_call_options_set_connect_timeout_ms (OaiCallOptions *self, gint connect_timeout_ms);
OAI_AVAILABLE_IN_1_0
gint oai_call_options_get_idle_timeout_ms (OaiCallOptions *self);
OAI_AVAILABLE_IN_1_0
void oai_call_options_set_idle_timeout_ms (OaiCallOptions *self, gint idle_timeout_ms);
OAI_AVAILABLE_IN_1_0
gint oai_call_options_get_max_retries (OaiCallOptions *self);
OAI_AVAILABLE_IN_1_0
void oai_call_options_set_max_retries (OaiCallOptions *self, gint max_retries);
OAI_AVAILABLE_IN_1_0
gboolean oai_call_options_get_follow_redirects (OaiCallOptions *self);
OAI_AVAILABLE_IN_1_0
void oai_call_options_set_follow_redirects (OaiCallOptions *self, gboolean follow_redirects);
OAI_AVAILABLE_IN_1_0
gboolean oai_call_options_get_use_admin_key (OaiCallOptions *self);
OAI_AVAILABLE_IN_1_0
void oai_call_options_set_use_admin_key (OaiCallOptions *self, gboolean use_admin_key);
OAI_AVAILABLE_IN_1_0
void oai_call_options_set_header (OaiCallOptions *self, const char *name, const char *value);
OAI_AVAILABLE_IN_1_0
void oai_call_options_set_query_parameter (OaiCallOptions *self, const char *name, const char *value);
OAI_AVAILABLE_IN_1_0
gboolean oai_call_options_set_body_member (OaiCallOptions *self, const char *member, const char *json, GError **error);

G_END_DECLS
