/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Functions of OaiMcpClient for other files of the module. */

#pragma once

#include "oai-mcp-client.h"
#include "oai-mcp-rpc-private.h"

G_BEGIN_DECLS

/* Calls a tool, and reports its progress.  task returns an OaiMcpReply.  Takes task. */
void oai_mcp_client_run_tool (OaiMcpClient *self, const char *name, OaiJsonDoc *arguments, OaiMcpProgressFunc progress, gpointer progress_data, GDestroyNotify progress_free, GTask *task);

G_END_DECLS
