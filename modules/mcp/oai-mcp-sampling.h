/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A request of an MCP server for a message of a model. */

#pragma once

#include "oai-mcp-types.h"

G_BEGIN_DECLS

#define OAI_TYPE_MCP_SAMPLING (oai_mcp_sampling_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiMcpSampling, oai_mcp_sampling, OAI, MCP_SAMPLING, GObject)

OAI_AVAILABLE_IN_1_0
OaiMcpSamplingRequest *oai_mcp_sampling_get_request (OaiMcpSampling *self);
OAI_AVAILABLE_IN_1_0
GCancellable *oai_mcp_sampling_get_cancellable (OaiMcpSampling *self);
OAI_AVAILABLE_IN_1_0
void oai_mcp_sampling_respond (OaiMcpSampling *self, OaiMcpSamplingResult *result);
OAI_AVAILABLE_IN_1_0
void oai_mcp_sampling_respond_text (OaiMcpSampling *self, const char *model, const char *text);
OAI_AVAILABLE_IN_1_0
void oai_mcp_sampling_decline (OaiMcpSampling *self);

G_END_DECLS
