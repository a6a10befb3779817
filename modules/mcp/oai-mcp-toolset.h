/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The tools of an MCP server, for models. */

#pragma once

#include "oai-mcp-client.h"
#include "oai-toolset.h"

G_BEGIN_DECLS

#define OAI_TYPE_MCP_TOOLSET (oai_mcp_toolset_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiMcpToolset, oai_mcp_toolset, OAI, MCP_TOOLSET, OaiToolset)

OAI_AVAILABLE_IN_1_0
OaiMcpToolset *oai_mcp_toolset_new (OaiMcpClient *client);
OAI_AVAILABLE_IN_1_0
OaiMcpClient *oai_mcp_toolset_get_client (OaiMcpToolset *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_mcp_toolset_get_needs_approval (OaiMcpToolset *self);
OAI_AVAILABLE_IN_1_0
void oai_mcp_toolset_set_needs_approval (OaiMcpToolset *self, gboolean needs_approval);
OAI_AVAILABLE_IN_1_0
void oai_mcp_toolset_load_async (OaiMcpToolset *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_mcp_toolset_load_finish (OaiMcpToolset *self, GAsyncResult *result, GError **error);

G_END_DECLS
