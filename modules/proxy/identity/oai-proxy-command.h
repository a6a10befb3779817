/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An authenticator that runs a command. */

#pragma once

#include "oai-proxy-authenticator.h"

G_BEGIN_DECLS

#define OAI_TYPE_PROXY_COMMAND (oai_proxy_command_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiProxyCommand, oai_proxy_command, OAI, PROXY_COMMAND, OaiProxyAuthenticator)

OAI_AVAILABLE_IN_1_0
OaiProxyCommand *oai_proxy_command_new (const char *const *argv);

OAI_AVAILABLE_IN_1_0
guint oai_proxy_command_get_timeout_ms (OaiProxyCommand *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_command_set_timeout_ms (OaiProxyCommand *self, guint timeout_ms);
OAI_AVAILABLE_IN_1_0
guint oai_proxy_command_get_max_processes (OaiProxyCommand *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_command_set_max_processes (OaiProxyCommand *self, guint max_processes);
OAI_AVAILABLE_IN_1_0
guint oai_proxy_command_get_cache_ms (OaiProxyCommand *self);
OAI_AVAILABLE_IN_1_0
void oai_proxy_command_set_cache_ms (OaiProxyCommand *self, guint cache_ms);

G_END_DECLS
