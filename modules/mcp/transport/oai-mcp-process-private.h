/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An MCP server that runs as a subprocess; each message is a line of its standard input and output. */

#pragma once

#include "oai-mcp-transport-private.h"

G_BEGIN_DECLS

#define OAI_TYPE_MCP_PROCESS (oai_mcp_process_get_type ())
G_DECLARE_FINAL_TYPE (OaiMcpProcess, oai_mcp_process, OAI, MCP_PROCESS, OaiMcpTransport)

/* environment: variables that the server gets besides a few of the program, NAME=VALUE; or NULL.
 * working_directory: nullable. */
OaiMcpTransport *oai_mcp_process_new (const char *const *argv, const char *const *environment, const char *working_directory);

G_END_DECLS
