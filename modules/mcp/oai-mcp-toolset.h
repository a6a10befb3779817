/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The tools of an MCP server, for models. */

#pragma once

#include "oai-mcp-client.h"
#include "oai-toolset.h"

G_BEGIN_DECLS

/**
 * OaiMcpFeatures:
 * @OAI_MCP_FEATURES_TOOLS: the tools of the server
 * @OAI_MCP_FEATURES_RESOURCES: its resources, as the tools `list_resources` and `read_resource`
 * @OAI_MCP_FEATURES_PROMPTS: its prompts, each as a tool
 *
 * The features of a server.
 *
 * Since: 1.0
 */
typedef enum
{
  OAI_MCP_FEATURES_TOOLS = 1 << 0,
  OAI_MCP_FEATURES_RESOURCES = 1 << 1,
  OAI_MCP_FEATURES_PROMPTS = 1 << 2
} OaiMcpFeatures;

#define OAI_TYPE_MCP_FEATURES (oai_mcp_features_get_type ())
OAI_AVAILABLE_IN_1_0
GType oai_mcp_features_get_type (void) G_GNUC_CONST;

/**
 * OaiMcpApproval:
 * @OAI_MCP_APPROVAL_ALWAYS: of all tools
 * @OAI_MCP_APPROVAL_UNLESS_READ_ONLY: of all tools but those that the server describes as read-only
 * @OAI_MCP_APPROVAL_NEVER: of none
 *
 * Of which tools the calls need the approval of the user.
 *
 * Since: 1.0
 */
typedef enum
{
  OAI_MCP_APPROVAL_ALWAYS,
  OAI_MCP_APPROVAL_UNLESS_READ_ONLY,
  OAI_MCP_APPROVAL_NEVER
} OaiMcpApproval;

#define OAI_TYPE_MCP_APPROVAL (oai_mcp_approval_get_type ())
OAI_AVAILABLE_IN_1_0
GType oai_mcp_approval_get_type (void) G_GNUC_CONST;

#define OAI_TYPE_MCP_TOOLSET (oai_mcp_toolset_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiMcpToolset, oai_mcp_toolset, OAI, MCP_TOOLSET, OaiToolset)

OAI_AVAILABLE_IN_1_0
OaiMcpToolset *oai_mcp_toolset_new (OaiMcpClient *client);
OAI_AVAILABLE_IN_1_0
OaiMcpClient *oai_mcp_toolset_get_client (OaiMcpToolset *self);
OAI_AVAILABLE_IN_1_0
OaiMcpFeatures oai_mcp_toolset_get_features (OaiMcpToolset *self);
OAI_AVAILABLE_IN_1_0
void oai_mcp_toolset_set_features (OaiMcpToolset *self, OaiMcpFeatures features);
OAI_AVAILABLE_IN_1_0
OaiMcpApproval oai_mcp_toolset_get_approval (OaiMcpToolset *self);
OAI_AVAILABLE_IN_1_0
void oai_mcp_toolset_set_approval (OaiMcpToolset *self, OaiMcpApproval approval);
OAI_AVAILABLE_IN_1_0
gboolean oai_mcp_toolset_get_sends_files (OaiMcpToolset *self);
OAI_AVAILABLE_IN_1_0
void oai_mcp_toolset_set_sends_files (OaiMcpToolset *self, gboolean sends_files);
OAI_AVAILABLE_IN_1_0
void oai_mcp_toolset_load_async (OaiMcpToolset *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_mcp_toolset_load_finish (OaiMcpToolset *self, GAsyncResult *result, GError **error);

G_END_DECLS
