/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Creates tools of a server. */

#pragma once

#include "oai-mcp-server-tool.h"

G_BEGIN_DECLS

/* name: for the model.  Fails with OAI_ERROR_INVALID_ARGUMENT if the schema of the arguments cannot be used. */
OaiTool *oai_mcp_server_tool_new (OaiMcpClient *client, OaiMcpTool *record, const char *name, GError **error);
/* Whether the images and PDF documents of results are added to the outputs.  FALSE at first. */
void oai_mcp_server_tool_set_sends_files (OaiMcpServerTool *self, gboolean sends_files);

G_END_DECLS
