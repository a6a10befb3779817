/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The resources and prompts of a server, described as tools. */

#pragma once

#include "oai-mcp-types.h"

G_BEGIN_DECLS

/* Arguments of the tools. */
#define OAI_MCP_ARGUMENT_URI "uri"

OaiMcpTool *oai_mcp_derived_tools_describe_list (void);
OaiMcpTool *oai_mcp_derived_tools_describe_read (void);
OaiMcpTool *oai_mcp_derived_tools_describe_prompt (OaiMcpPrompt *prompt);

G_END_DECLS
