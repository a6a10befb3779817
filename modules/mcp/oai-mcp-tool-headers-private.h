/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The arguments of a tool that are also sent as HTTP headers, since 2026-07-28: its schema marks them with
 * "x-mcp-header". */

#pragma once

#include "oai-json-doc-private.h"
#include "oai-mcp-types.h"

G_BEGIN_DECLS

typedef struct _OaiMcpToolHeaders OaiMcpToolHeaders;

/* Returns NULL without error if the schema marks no argument.  Fails with OAI_ERROR_PROTOCOL if it marks one in a
 * form that the protocol forbids; the tool must not be used then. */
OaiMcpToolHeaders *oai_mcp_tool_headers_new (OaiMcpTool *tool, GError **error);
void oai_mcp_tool_headers_free (OaiMcpToolHeaders *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiMcpToolHeaders, oai_mcp_tool_headers_free)
/* Returns names and values alternately. */
GStrv oai_mcp_tool_headers_build (OaiMcpToolHeaders *self, OaiJsonDoc *arguments);

G_END_DECLS
