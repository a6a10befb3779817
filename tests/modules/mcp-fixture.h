/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A client of an MCP server, for tests. */

#pragma once

#include <openai-1/openai.h>

#include <string.h>

#include "../core/wait-until.h"

typedef struct
{
  OaiMcpClient *client;
  GString *log;         /* what the handlers have received */
  GAsyncResult *result; /* of a request, until the test reads it */
} McpFixture;

static void
result_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  McpFixture *self = user_data;

  g_assert_null (self->result);
  self->result = g_object_ref (result);
}

static GAsyncResult *
wait_result (McpFixture *self)
{
  wait_until (self->result != NULL);

  return g_steal_pointer (&self->result);
}

static gboolean
try_connect (McpFixture *self, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  oai_mcp_client_connect_async (self->client, NULL, result_cb, self);
  result = wait_result (self);

  return oai_mcp_client_connect_finish (self->client, result, error);
}

static void
close_client (McpFixture *self)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  oai_mcp_client_close_async (self->client, NULL, result_cb, self);
  result = wait_result (self);
  oai_mcp_client_close_finish (self->client, result, &error);
  g_assert_no_error (error);
  g_assert_cmpint (oai_mcp_client_get_state (self->client), ==, OAI_MCP_STATE_DISCONNECTED);
}

/* Ends the test of a client that is not connected. */
static void
release_client (McpFixture *self)
{
  wait_until (G_OBJECT (self->client)->ref_count == 1);
  g_assert_finalize_object (g_steal_pointer (&self->client));
  g_string_free (self->log, TRUE);
  g_clear_object (&self->result);
}

static OaiMcpToolResult *
call_tool (McpFixture *self, const char *name, const char *arguments, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  oai_mcp_client_call_tool_async (self->client, name, arguments, NULL, result_cb, self);
  result = wait_result (self);

  return oai_mcp_client_call_tool_finish (self->client, result, error);
}

static inline GPtrArray *
list_tools (McpFixture *self, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  oai_mcp_client_list_tools_async (self->client, NULL, result_cb, self);
  result = wait_result (self);

  return oai_mcp_client_list_tools_finish (self->client, result, error);
}

static void
log_tools_changed_cb (OaiMcpClient *client, McpFixture *self)
{
  g_string_append (self->log, "tools;");
}
