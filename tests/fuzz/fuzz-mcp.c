/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An MCP server that sends the input: each line is a message.  The client begins the connection, and then lists and calls
 * tools.  All requests end. */

#include "fuzz.h"

#include "oai-mcp-handshake-private.h"
#include "oai-mcp-operation-private.h"
#include "oai-mcp-types.h"

#include <string.h>

#define FUZZ_TYPE_TRANSPORT (fuzz_transport_get_type ())
G_DECLARE_FINAL_TYPE (FuzzTransport, fuzz_transport, FUZZ, TRANSPORT, OaiMcpTransport)

struct _FuzzTransport
{
  OaiMcpTransport parent_instance;
};

G_DEFINE_FINAL_TYPE (FuzzTransport, fuzz_transport, OAI_TYPE_MCP_TRANSPORT)

static gboolean
fuzz_transport_start (OaiMcpTransport *self, GError **error)
{
  return TRUE;
}

/* What the client sends is JSON. */
static void
fuzz_transport_send (OaiMcpTransport *self, const OaiMcpMessage *message)
{
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (message->text, -1, OAI_JSON_STRICT, NULL);

  g_assert_nonnull (doc);
  g_assert_null (strchr (message->text, '\n'));
  g_free (message->text);
  if (message->delivered == NULL)
    return;

  g_task_return_boolean (message->delivered, TRUE);
  g_object_unref (message->delivered);
}

static void
fuzz_transport_abandon (OaiMcpTransport *self)
{
}

static void
fuzz_transport_class_init (FuzzTransportClass *klass)
{
  OaiMcpTransportClass *transport_class = OAI_MCP_TRANSPORT_CLASS (klass);

  transport_class->start = fuzz_transport_start;
  transport_class->send = fuzz_transport_send;
  transport_class->abandon = fuzz_transport_abandon;
}

static void
fuzz_transport_init (FuzzTransport *self)
{
}

static guint n_pending;

static void
request_cb (OaiMcpRpc *rpc, const char *id, const char *method, OaiJsonDoc *doc, OaiJsonNode params, gpointer user_data)
{
  oai_mcp_rpc_respond (rpc, id, "{}");
}

static void
answer_cb (OaiMcpRpc *rpc, const char *method, OaiJsonDoc *doc, OaiJsonNode params, GTask *task, gpointer user_data)
{
  g_task_return_pointer (task, g_strdup ("{\"action\":\"decline\"}"), g_free);
  g_object_unref (task);
}

static void
notification_cb (OaiMcpRpc *rpc, const char *method, OaiJsonDoc *doc, OaiJsonNode params, gpointer user_data)
{
}

static void
lost_cb (OaiMcpRpc *rpc, const GError *error, gpointer user_data)
{
  g_assert_nonnull (error);
}

static const OaiMcpRpcListener listener = { request_cb, answer_cb, notification_cb, lost_cb };

static void
replied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiMcpReply) reply = g_task_propagate_pointer (G_TASK (result), &error);

  g_assert_true ((reply != NULL) != (error != NULL));
  n_pending--;
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) list = g_task_propagate_pointer (G_TASK (result), &error);

  g_assert_true ((list != NULL) != (error != NULL));
  n_pending--;
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  static const OaiMcpListSpec list = { "tools/list", "tools", 0, 100, 0 };
  OaiMcpListSpec list_spec = list;
  OaiMcpRpc *rpc = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiMcpReply) reply = oai_mcp_handshake_finish (result, &error);
  g_autoptr(OaiJsonDoc) params = oai_json_doc_new_copy ("{\"name\":\"t\"}", -1, OAI_JSON_STRICT, NULL);
  OaiMcpCallSpec call = { .method = "tools/call", .params = params };

  n_pending--;
  if (reply == NULL)
    return;

  list_spec.type = OAI_TYPE_MCP_TOOL;
  n_pending += 2;
  oai_mcp_operation_list (rpc, &list_spec, g_task_new (NULL, NULL, listed_cb, NULL));
  oai_mcp_operation_run (rpc, &call, g_task_new (NULL, NULL, replied_cb, NULL));
}

static void
iterate (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
receive_lines (OaiMcpTransport *transport, const char *text, gsize length)
{
  const char *end = text + length;

  while (text < end)
    {
      const char *line_end = memchr (text, '\n', end - text);
      gsize size = (line_end != NULL ? line_end : end) - text;

      oai_mcp_transport_receive (transport, text, size, OAI_MCP_NO_ID);
      iterate ();
      text += size + 1;
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr(OaiMcpTransport) transport = g_object_new (FUZZ_TYPE_TRANSPORT, NULL);
  g_autoptr(OaiMcpRpc) rpc = oai_mcp_rpc_new (g_object_ref (transport), &listener, NULL);
  g_autoptr(OaiJsonDoc) empty = oai_json_doc_new_copy ("{}", -1, OAI_JSON_STRICT, NULL);
  OaiMcpHandshake handshake = { .client_info = empty, .capabilities = empty };
  g_autoptr(GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED, "closed");

  n_pending = 1;
  oai_mcp_handshake_async (rpc, &handshake, NULL, connected_cb, rpc);
  receive_lines (transport, (const char *) data, size);
  oai_mcp_rpc_shut_down (rpc, error);
  iterate ();
  g_assert_cmpuint (n_pending, ==, 0);

  return 0;
}
