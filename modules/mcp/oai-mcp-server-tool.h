/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A tool of an MCP server, for a model. */

#pragma once

#include "oai-mcp-client.h"
#include "oai-tool-call.h"

G_BEGIN_DECLS

#define OAI_TYPE_MCP_SERVER_TOOL (oai_mcp_server_tool_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiMcpServerTool, oai_mcp_server_tool, OAI, MCP_SERVER_TOOL, OaiTool)

OAI_AVAILABLE_IN_1_0
OaiMcpClient *oai_mcp_server_tool_get_client (OaiMcpServerTool *self);
OAI_AVAILABLE_IN_1_0
OaiMcpTool *oai_mcp_server_tool_get_record (OaiMcpServerTool *self);
OAI_AVAILABLE_IN_1_0
OaiMcpToolResult *oai_mcp_server_tool_get_result (OaiMcpServerTool *self, OaiToolCall *call);

G_END_DECLS
