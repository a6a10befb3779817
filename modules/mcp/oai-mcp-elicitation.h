/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A request of an MCP server for input of the user. */

#pragma once

#include "oai-types.h"

G_BEGIN_DECLS

#define OAI_TYPE_MCP_ELICITATION (oai_mcp_elicitation_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiMcpElicitation, oai_mcp_elicitation, OAI, MCP_ELICITATION, GObject)

OAI_AVAILABLE_IN_1_0
const char *oai_mcp_elicitation_get_message (OaiMcpElicitation *self);
OAI_AVAILABLE_IN_1_0
const char *oai_mcp_elicitation_get_schema (OaiMcpElicitation *self);
OAI_AVAILABLE_IN_1_0
const char *oai_mcp_elicitation_get_url (OaiMcpElicitation *self);
OAI_AVAILABLE_IN_1_0
const char *oai_mcp_elicitation_get_id (OaiMcpElicitation *self);
OAI_AVAILABLE_IN_1_0
GCancellable *oai_mcp_elicitation_get_cancellable (OaiMcpElicitation *self);
OAI_AVAILABLE_IN_1_0
gboolean oai_mcp_elicitation_accept (OaiMcpElicitation *self, const char *content_json, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_mcp_elicitation_decline (OaiMcpElicitation *self);
OAI_AVAILABLE_IN_1_0
void oai_mcp_elicitation_cancel (OaiMcpElicitation *self);

G_END_DECLS
