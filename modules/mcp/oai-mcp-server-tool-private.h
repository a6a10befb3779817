/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Creates tools of a server. */

#pragma once

#include "oai-mcp-server-tool.h"

G_BEGIN_DECLS

/* What a call of the tool requests. */
typedef enum
{
  OAI_MCP_TOOL_KIND_TOOL,
  OAI_MCP_TOOL_KIND_LIST_RESOURCES,
  OAI_MCP_TOOL_KIND_READ_RESOURCE,
  OAI_MCP_TOOL_KIND_PROMPT
} OaiMcpToolKind;

/* record: of the tool, or a description of another kind as a tool.  wire_name: of the tool or prompt, or NULL.
 * name: for the model.  Fails with OAI_ERROR_INVALID_ARGUMENT if the schema of the arguments cannot be used. */
OaiTool *oai_mcp_server_tool_new (OaiMcpClient *client, OaiMcpToolKind kind, OaiMcpTool *record, const char *wire_name, const char *name, GError **error);
OaiMcpToolKind oai_mcp_server_tool_get_kind (OaiMcpServerTool *self);
/* Whether the images and PDF documents of results are added to the outputs.  FALSE at first. */
void oai_mcp_server_tool_set_sends_files (OaiMcpServerTool *self, gboolean sends_files);

G_END_DECLS
