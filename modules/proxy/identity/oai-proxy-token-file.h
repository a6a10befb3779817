/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An authenticator with a file of tokens. */

#pragma once

#include "oai-proxy-authenticator.h"

G_BEGIN_DECLS

#define OAI_TYPE_PROXY_TOKEN_FILE (oai_proxy_token_file_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiProxyTokenFile, oai_proxy_token_file, OAI, PROXY_TOKEN_FILE, OaiProxyAuthenticator)

OAI_AVAILABLE_IN_1_0
OaiProxyTokenFile *oai_proxy_token_file_new (const char *path, GError **error);
OAI_AVAILABLE_IN_1_0
const char *oai_proxy_token_file_get_path (OaiProxyTokenFile *self);
OAI_AVAILABLE_IN_1_0
guint oai_proxy_token_file_get_n_tokens (OaiProxyTokenFile *self);
OAI_AVAILABLE_IN_1_0
char **oai_proxy_token_file_list_limits_names (OaiProxyTokenFile *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_proxy_token_file_reload (OaiProxyTokenFile *self, GError **error);
OAI_AVAILABLE_IN_1_0
gboolean oai_proxy_token_file_add_token (OaiProxyTokenFile *self, const char *identity, const char *token, const char *limits_name, GError **error);

OAI_AVAILABLE_IN_1_0
char *oai_proxy_token_file_generate_token (void);
OAI_AVAILABLE_IN_1_0
char *oai_proxy_token_file_format_line (const char *identity, const char *token, const char *limits_name, GError **error);

G_END_DECLS
