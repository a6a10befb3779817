/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A client of a server of the Model Context Protocol. */

#pragma once

#include "oai-auth.h"
#include "oai-mcp-elicitation.h"
#include "oai-mcp-sampling.h"
#include "oai-mcp-types.h"

G_BEGIN_DECLS

/**
 * OaiMcpState:
 * @OAI_MCP_STATE_DISCONNECTED: not connected, or no longer; [property@Oai.McpClient:error] has the reason
 * @OAI_MCP_STATE_CONNECTING: being connected
 * @OAI_MCP_STATE_CONNECTED: requests can be sent
 * @OAI_MCP_STATE_CLOSING: being closed
 *
 * The state of an MCP client.
 *
 * Since: 1.0
 */
typedef enum
{
  OAI_MCP_STATE_DISCONNECTED,
  OAI_MCP_STATE_CONNECTING,
  OAI_MCP_STATE_CONNECTED,
  OAI_MCP_STATE_CLOSING
} OaiMcpState;

#define OAI_TYPE_MCP_STATE (oai_mcp_state_get_type ())
OAI_AVAILABLE_IN_1_0
GType oai_mcp_state_get_type (void);

#define OAI_TYPE_MCP_CLIENT (oai_mcp_client_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiMcpClient, oai_mcp_client, OAI, MCP_CLIENT, GObject)

OAI_AVAILABLE_IN_1_0
OaiMcpClient *oai_mcp_client_new_for_command (const char *const *argv, const char *const *environment);
OAI_AVAILABLE_IN_1_0
OaiMcpClient *oai_mcp_client_new_for_url (const char *url, OaiAuth *auth);

OAI_AVAILABLE_IN_1_0
void oai_mcp_client_connect_async (OaiMcpClient *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_mcp_client_connect_finish (OaiMcpClient *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_mcp_client_close_async (OaiMcpClient *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_mcp_client_close_finish (OaiMcpClient *self, GAsyncResult *result, GError **error);

OAI_AVAILABLE_IN_1_0
OaiMcpState oai_mcp_client_get_state (OaiMcpClient *self);
OAI_AVAILABLE_IN_1_0
const GError *oai_mcp_client_get_error (OaiMcpClient *self);
OAI_AVAILABLE_IN_1_0
const char *oai_mcp_client_get_protocol_version (OaiMcpClient *self);
OAI_AVAILABLE_IN_1_0
OaiMcpImplementation *oai_mcp_client_get_server_info (OaiMcpClient *self);
OAI_AVAILABLE_IN_1_0
OaiMcpCapabilities *oai_mcp_client_get_capabilities (OaiMcpClient *self);
OAI_AVAILABLE_IN_1_0
const char *oai_mcp_client_get_instructions (OaiMcpClient *self);

OAI_AVAILABLE_IN_1_0
const char *oai_mcp_client_get_requested_version (OaiMcpClient *self);
OAI_AVAILABLE_IN_1_0
void oai_mcp_client_set_requested_version (OaiMcpClient *self, const char *requested_version);
OAI_AVAILABLE_IN_1_0
const char *oai_mcp_client_get_working_directory (OaiMcpClient *self);
OAI_AVAILABLE_IN_1_0
void oai_mcp_client_set_working_directory (OaiMcpClient *self, const char *working_directory);
OAI_AVAILABLE_IN_1_0
guint oai_mcp_client_get_timeout_ms (OaiMcpClient *self);
OAI_AVAILABLE_IN_1_0
void oai_mcp_client_set_timeout_ms (OaiMcpClient *self, guint timeout_ms);
OAI_AVAILABLE_IN_1_0
guint oai_mcp_client_get_total_timeout_ms (OaiMcpClient *self);
OAI_AVAILABLE_IN_1_0
void oai_mcp_client_set_total_timeout_ms (OaiMcpClient *self, guint total_timeout_ms);
OAI_AVAILABLE_IN_1_0
guint oai_mcp_client_get_probe_timeout_ms (OaiMcpClient *self);
OAI_AVAILABLE_IN_1_0
void oai_mcp_client_set_probe_timeout_ms (OaiMcpClient *self, guint probe_timeout_ms);
OAI_AVAILABLE_IN_1_0
guint oai_mcp_client_get_max_message_size (OaiMcpClient *self);
OAI_AVAILABLE_IN_1_0
void oai_mcp_client_set_max_message_size (OaiMcpClient *self, guint bytes);
OAI_AVAILABLE_IN_1_0
guint oai_mcp_client_get_max_items (OaiMcpClient *self);
OAI_AVAILABLE_IN_1_0
void oai_mcp_client_set_max_items (OaiMcpClient *self, guint max_items);
OAI_AVAILABLE_IN_1_0
GListModel *oai_mcp_client_get_roots (OaiMcpClient *self);
OAI_AVAILABLE_IN_1_0
void oai_mcp_client_set_roots (OaiMcpClient *self, GListModel *roots);
OAI_AVAILABLE_IN_1_0
const char *oai_mcp_client_get_log_level (OaiMcpClient *self);
OAI_AVAILABLE_IN_1_0
void oai_mcp_client_set_log_level (OaiMcpClient *self, const char *log_level);

OAI_AVAILABLE_IN_1_0
void oai_mcp_client_ping_async (OaiMcpClient *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_mcp_client_ping_finish (OaiMcpClient *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_mcp_client_list_tools_async (OaiMcpClient *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
GPtrArray *oai_mcp_client_list_tools_finish (OaiMcpClient *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_mcp_client_call_tool_async (OaiMcpClient *self, const char *name, const char *arguments_json, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiMcpToolResult *oai_mcp_client_call_tool_finish (OaiMcpClient *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_mcp_client_list_resources_async (OaiMcpClient *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
GPtrArray *oai_mcp_client_list_resources_finish (OaiMcpClient *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_mcp_client_list_resource_templates_async (OaiMcpClient *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
GPtrArray *oai_mcp_client_list_resource_templates_finish (OaiMcpClient *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_mcp_client_read_resource_async (OaiMcpClient *self, const char *uri, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
GPtrArray *oai_mcp_client_read_resource_finish (OaiMcpClient *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_mcp_client_subscribe_async (OaiMcpClient *self, const char *uri, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_mcp_client_subscribe_finish (OaiMcpClient *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_mcp_client_unsubscribe_async (OaiMcpClient *self, const char *uri, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_mcp_client_unsubscribe_finish (OaiMcpClient *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_mcp_client_list_prompts_async (OaiMcpClient *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
GPtrArray *oai_mcp_client_list_prompts_finish (OaiMcpClient *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_mcp_client_request_prompt_async (OaiMcpClient *self, const char *name, const char *arguments_json, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiMcpPromptResult *oai_mcp_client_request_prompt_finish (OaiMcpClient *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_mcp_client_complete_prompt_async (OaiMcpClient *self, const char *prompt_name, const char *argument, const char *value, const char *arguments_json, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiMcpCompletion *oai_mcp_client_complete_prompt_finish (OaiMcpClient *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_mcp_client_complete_resource_async (OaiMcpClient *self, const char *uri_template, const char *argument, const char *value, const char *arguments_json, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiMcpCompletion *oai_mcp_client_complete_resource_finish (OaiMcpClient *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_mcp_client_invoke_async (OaiMcpClient *self, const char *method, const char *params_json, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
char *oai_mcp_client_invoke_finish (OaiMcpClient *self, GAsyncResult *result, GError **error);

G_END_DECLS
