/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-mcp-client-private.h"

#include <string.h>

#include "oai-emit-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-builder-private.h"
#include "oai-json-writer-private.h"
#include "oai-mcp-elicitation-private.h"
#include "oai-mcp-handshake-private.h"
#include "oai-mcp-http-private.h"
#include "oai-mcp-operation-private.h"
#include "oai-mcp-process-private.h"
#include "oai-mcp-sampling-private.h"
#include "oai-mcp-subscriptions-private.h"
#include "oai-mcp-tool-headers-private.h"
#include "oai-method.h"
#include "oai-record-private.h"

#define DEFAULT_TIMEOUT_MS 60000
#define DEFAULT_TOTAL_TIMEOUT_MS (60 * 60 * 1000)
#define DEFAULT_PROBE_TIMEOUT_MS 5000
#define DEFAULT_MAX_MESSAGE_SIZE (64 * 1024 * 1024)
#define DEFAULT_MAX_ITEMS 10000
/* Requests of the server that are answered at the same time. */
#define MAX_INBOUND 50

/**
 * OaiMcpClient:
 *
 * A client of a server of the [Model Context Protocol](https://modelcontextprotocol.io), which offers tools, resources
 * and prompts to programs. It supports the revision 2026-07-28 of the protocol, and 2025-11-25 and earlier.
 *
 * The server is a program that the client runs ([ctor@Oai.McpClient.new_for_command]) or a service on the network
 * ([ctor@Oai.McpClient.new_for_url]). [method@Oai.McpClient.connect_async] starts it and agrees on a revision. If the
 * server is lost, all requests fail, [property@Oai.McpClient:state] changes to %OAI_MCP_STATE_DISCONNECTED, and
 * [property@Oai.McpClient:error] has the reason; the client can then be connected again.
 *
 * [class@Oai.McpToolset] makes the tools of the server available to models.
 *
 * A client belongs to the main context in which it was connected. If its last reference is released while it is
 * connected, the server is ended at once.
 *
 * Since: 1.0
 */
struct _OaiMcpClient
{
  GObject parent_instance;

  GStrv argv; /* NULL for a URL */
  GStrv environment;
  char *working_directory;
  char *url;
  OaiAuth *auth;
  char *requested_version;
  guint timeout_ms;
  guint total_timeout_ms;
  guint probe_timeout_ms;
  guint max_message_size;
  guint max_items;
  GListModel *roots;
  char *log_level;

  OaiMcpState state;
  GError *error;
  OaiMcpRpc *rpc; /* while connecting or connected */
  OaiJsonDoc *client_info;
  OaiJsonDoc *client_capabilities;
  OaiMcpSubscriptions *subscriptions; /* only if the server has no sessions */
  GHashTable *tool_headers;           /* name of a tool → OaiMcpToolHeaders; of the newest list */
  GHashTable *inbound;                /* requests of the server: JSON of the number → GCancellable */
  OaiMcpImplementation *server_info;
  OaiMcpCapabilities *capabilities;
  char *instructions;
  char *protocol_version;
};

enum
{
  PROP_0,
  PROP_STATE,
  PROP_ERROR,
  PROP_PROTOCOL_VERSION,
  PROP_SERVER_INFO,
  PROP_CAPABILITIES,
  PROP_INSTRUCTIONS,
  PROP_REQUESTED_VERSION,
  PROP_WORKING_DIRECTORY,
  PROP_TIMEOUT_MS,
  PROP_TOTAL_TIMEOUT_MS,
  PROP_PROBE_TIMEOUT_MS,
  PROP_MAX_MESSAGE_SIZE,
  PROP_MAX_ITEMS,
  PROP_ROOTS,
  PROP_LOG_LEVEL,
  N_PROPS
};

enum
{
  TOOLS_CHANGED,
  RESOURCES_CHANGED,
  RESOURCE_UPDATED,
  PROMPTS_CHANGED,
  LOG_MESSAGE,
  ELICITATION_REQUESTED,
  URL_REQUESTED,
  URL_COMPLETED,
  SAMPLING_REQUESTED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_ENUM_TYPE (OaiMcpState, oai_mcp_state,
                    G_DEFINE_ENUM_VALUE (OAI_MCP_STATE_DISCONNECTED, "disconnected"),
                    G_DEFINE_ENUM_VALUE (OAI_MCP_STATE_CONNECTING, "connecting"),
                    G_DEFINE_ENUM_VALUE (OAI_MCP_STATE_CONNECTED, "connected"),
                    G_DEFINE_ENUM_VALUE (OAI_MCP_STATE_CLOSING, "closing"))

G_DEFINE_FINAL_TYPE (OaiMcpClient, oai_mcp_client, G_TYPE_OBJECT)

static void start_attempt (GTask *task);

static gboolean
has_handler (OaiMcpClient *self, guint signal)
{
  return g_signal_has_handler_pending (self, signals[signal], 0, TRUE);
}

static GError *
new_closed_error (void)
{
  return g_error_new_literal (OAI_ERROR, OAI_ERROR_CONNECTION, _("The connection to the MCP server was closed"));
}

/* The state */

/* error: nullable */
static void
set_state (OaiMcpClient *self, OaiMcpState state, const GError *error)
{
  gboolean new_error = self->error != NULL || error != NULL;

  g_clear_error (&self->error);
  if (error != NULL)
    self->error = g_error_copy (error);
  g_object_freeze_notify (G_OBJECT (self));
  if (new_error)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
  if (self->state != state)
    {
      self->state = state;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
    }
  oai_emit_thaw (self);
}

/* What belongs to one connection. */
typedef struct
{
  OaiMcpRpc *rpc; /* or NULL */
  OaiMcpSubscriptions *subscriptions;
  GPtrArray *inbound; /* GCancellable of what the program does for the server */
} Connection;

/* Separates the connection from the client, which can then be connected again. */
static Connection
take_connection (OaiMcpClient *self)
{
  Connection connection = { g_steal_pointer (&self->rpc), g_steal_pointer (&self->subscriptions), g_ptr_array_new_with_free_func (g_object_unref) };
  GHashTableIter iter;
  gpointer cancellable;

  g_hash_table_iter_init (&iter, self->inbound);
  while (g_hash_table_iter_next (&iter, NULL, &cancellable))
    g_ptr_array_add (connection.inbound, g_object_ref (cancellable));
  g_hash_table_remove_all (self->inbound);
  g_hash_table_remove_all (self->tool_headers);

  return connection;
}

/* Ends all requests with the error.  Returns the transport, which is to be closed or abandoned; NULL if there was
 * no connection. */
static OaiMcpTransport *
end_connection (Connection *connection, const GError *error)
{
  g_autoptr(OaiMcpRpc) rpc = g_steal_pointer (&connection->rpc);
  g_autoptr(GPtrArray) inbound = g_steal_pointer (&connection->inbound);

  if (rpc == NULL)
    return NULL;

  g_clear_pointer (&connection->subscriptions, oai_mcp_subscriptions_free);
  oai_mcp_rpc_shut_down (rpc, error);
  for (guint i = 0; i < inbound->len; i++)
    g_cancellable_cancel (inbound->pdata[i]);

  return g_object_ref (oai_mcp_rpc_get_transport (rpc));
}

static void
abandon_connection (Connection *connection, const GError *error)
{
  g_autoptr(OaiMcpTransport) transport = end_connection (connection, error);

  if (transport != NULL)
    oai_mcp_transport_abandon (transport);
}

/* Changes the state first, so that the callbacks of the requests can connect the client again. */
static void
lose_connection (OaiMcpClient *self, const GError *error)
{
  Connection connection = take_connection (self);

  set_state (self, OAI_MCP_STATE_DISCONNECTED, error);
  abandon_connection (&connection, error);
}

static gboolean
is_connected (OaiMcpClient *self)
{
  return self->state == OAI_MCP_STATE_CONNECTED;
}

/* Fails the task and returns FALSE if the client is not connected. */
static gboolean
check_connected (OaiMcpClient *self, GTask *task)
{
  if (is_connected (self))
    return TRUE;

  if (self->error != NULL)
    g_task_return_error (task, g_error_copy (self->error));
  else
    g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_CONNECTION, "%s", _("The MCP server is not connected. Connect the client with oai_mcp_client_connect_async()"));
  g_object_unref (task);

  return FALSE;
}

/* Requests of the server */

static void
add_root (OaiJsonBuilder *builder, GFile *root)
{
  g_autofree char *uri = g_file_get_uri (root);
  g_autofree char *base = g_file_get_basename (root);

  oai_json_builder_begin_object (builder, NULL);
  oai_json_builder_add_string (builder, "uri", uri, -1);
  if (base != NULL)
    oai_json_builder_add_string (builder, "name", base, -1);
  oai_json_builder_end (builder);
}

static char *
build_roots (OaiMcpClient *self)
{
  OaiJsonBuilder *builder = oai_json_builder_new_object ();

  oai_json_builder_begin_array (builder, "roots");
  for (guint i = 0; i < g_list_model_get_n_items (self->roots); i++)
    {
      g_autoptr(GFile) root = g_list_model_get_item (self->roots, i);

      add_root (builder, root);
    }

  return oai_json_builder_finish_text (builder);
}

/* Returns NULL if it is no URL for a web browser, or contains a user name, which can be mistaken for the host. */
static const char *
get_url (OaiJsonDoc *doc, OaiJsonNode params)
{
  const char *url = oai_json_get_string (doc, oai_json_get_member (doc, params, "url"), NULL);
  g_autoptr(GUri) strict = url != NULL ? g_uri_parse (url, G_URI_FLAGS_ENCODED, NULL) : NULL;
  g_autoptr(GUri) uri = strict != NULL && g_uri_get_userinfo (strict) == NULL ? oai_mcp_http_parse_url (url) : NULL;

  return uri != NULL ? url : NULL;
}

static void
request_elicitation (OaiMcpClient *self, OaiJsonDoc *doc, OaiJsonNode params, GTask *task)
{
  const char *mode = oai_json_get_string (doc, oai_json_get_member (doc, params, "mode"), NULL);
  gboolean is_url = g_strcmp0 (mode, "url") == 0 && has_handler (self, URL_REQUESTED);
  const char *url = is_url ? get_url (doc, params) : NULL;
  g_autoptr(OaiMcpElicitation) elicitation = NULL;

  if (mode != NULL && strcmp (mode, "form") != 0 && url == NULL)
    {
      g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, "%s",
                               is_url ? _("The MCP server requests that the user opens a URL that is not an http or https URL")
                                      : _("The MCP server requests input in a form that is not supported"));
      g_object_unref (task);
      return;
    }

  elicitation = oai_mcp_elicitation_new (doc, params, url, task);
  oai_emit (self, signals[url != NULL ? URL_REQUESTED : ELICITATION_REQUESTED], 0, elicitation);
}

static void
request_sampling (OaiMcpClient *self, OaiJsonDoc *doc, OaiJsonNode params, GTask *task)
{
  g_autoptr(OaiMcpSampling) sampling = oai_mcp_sampling_new (doc, params, task);

  oai_emit (self, signals[SAMPLING_REQUESTED], 0, sampling);
}

static void
answer_cb (OaiMcpRpc *rpc, const char *method, OaiJsonDoc *doc, OaiJsonNode params, GTask *task, gpointer user_data)
{
  g_autoptr(OaiMcpClient) self = g_object_ref (user_data);

  if (strcmp (method, "elicitation/create") == 0)
    request_elicitation (self, doc, params, task);
  else if (strcmp (method, "sampling/createMessage") == 0)
    request_sampling (self, doc, params, task);
  else
    {
      if (strcmp (method, "ping") == 0)
        g_task_return_pointer (task, g_strdup ("{}"), g_free);
      else if (strcmp (method, "roots/list") == 0 && self->roots != NULL)
        g_task_return_pointer (task, build_roots (self), g_free);
      else
        g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_NOT_FOUND, _("The MCP server requests “%s”, which is not supported"), method);
      g_object_unref (task);
    }
}

/* A request that the server sent, before 2026-07-28. */
typedef struct
{
  OaiMcpRpc *rpc;
  char *id;
  gboolean paused; /* the user answers: the time limits of the requests of the program do not run meanwhile */
} Inbound;

static void
inbound_free (Inbound *self)
{
  oai_mcp_rpc_unref (self->rpc);
  g_free (self->id);
  g_free (self);
}

/* These texts are for the server. */
static void
respond_error (OaiMcpRpc *rpc, const char *id, const GError *error)
{
  if (g_error_matches (error, OAI_ERROR, OAI_ERROR_NOT_FOUND))
    oai_mcp_rpc_respond_error (rpc, id, OAI_MCP_METHOD_NOT_FOUND, "Method not found");
  else if (g_error_matches (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT))
    oai_mcp_rpc_respond_error (rpc, id, OAI_MCP_INVALID_PARAMS, "Invalid params");
  else if (g_error_matches (error, OAI_ERROR, OAI_ERROR_PERMISSION_DENIED))
    oai_mcp_rpc_respond_error (rpc, id, -1, "The user rejected the request");
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    oai_mcp_rpc_respond_error (rpc, id, OAI_MCP_INTERNAL_ERROR, "Internal error");
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  OaiMcpClient *self = OAI_MCP_CLIENT (source);
  Inbound *inbound = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *answer = g_task_propagate_pointer (G_TASK (result), &error);

  if (inbound->paused)
    oai_mcp_rpc_resume (inbound->rpc);
  if (inbound->rpc == self->rpc)
    g_hash_table_remove (self->inbound, inbound->id);
  if (answer != NULL)
    oai_mcp_rpc_respond (inbound->rpc, inbound->id, answer);
  else
    respond_error (inbound->rpc, inbound->id, error);
  inbound_free (inbound);
}

static void
request_cb (OaiMcpRpc *rpc, const char *id, const char *method, OaiJsonDoc *doc, OaiJsonNode params, gpointer user_data)
{
  g_autoptr(OaiMcpClient) self = g_object_ref (user_data);
  Inbound *inbound;
  GCancellable *cancellable;
  GTask *task;

  if (g_hash_table_size (self->inbound) >= MAX_INBOUND || g_hash_table_contains (self->inbound, id))
    {
      oai_mcp_rpc_respond_error (rpc, id, OAI_MCP_INTERNAL_ERROR, "Too many requests");
      return;
    }

  inbound = g_new (Inbound, 1);
  *inbound = (Inbound) { oai_mcp_rpc_ref (rpc), g_strdup (id), strcmp (method, "elicitation/create") == 0 || strcmp (method, "sampling/createMessage") == 0 };
  if (inbound->paused)
    oai_mcp_rpc_pause (rpc);
  cancellable = g_cancellable_new ();
  g_hash_table_insert (self->inbound, g_strdup (id), cancellable);
  task = g_task_new (self, cancellable, answered_cb, inbound);
  g_task_set_source_tag (task, answer_cb);
  g_task_set_check_cancellable (task, FALSE);
  answer_cb (rpc, method, doc, params, task, self);
}

/* Notifications of the server */

/* The server no longer needs the answer to a request. */
static void
cancel_inbound (OaiMcpClient *self, OaiJsonDoc *doc, OaiJsonNode params)
{
  OaiJsonNode node = oai_json_get_member (doc, params, "requestId");
  g_autofree char *id = node != OAI_JSON_NONE ? oai_json_dup_node (doc, node) : NULL;
  g_autoptr(GCancellable) cancellable = id != NULL ? g_hash_table_lookup (self->inbound, id) : NULL;

  if (cancellable == NULL)
    return;

  g_object_ref (cancellable);
  g_cancellable_cancel (cancellable);
}

static void
take_log_message (OaiMcpClient *self, OaiJsonDoc *doc, OaiJsonNode params)
{
  g_autoptr(OaiRecord) message = NULL;

  if (!has_handler (self, LOG_MESSAGE))
    return;

  message = oai_record_new_from_doc (OAI_TYPE_MCP_LOG_MESSAGE, doc, params, NULL, NULL);
  oai_emit (self, signals[LOG_MESSAGE], 0, message);
}

static void
emit_text (OaiMcpClient *self, guint signal, OaiJsonDoc *doc, OaiJsonNode node)
{
  const char *text = oai_json_get_string (doc, node, NULL);

  if (text != NULL)
    oai_emit (self, signals[signal], 0, text);
}

static void
notification_cb (OaiMcpRpc *rpc, const char *method, OaiJsonDoc *doc, OaiJsonNode params, gpointer user_data)
{
  g_autoptr(OaiMcpClient) self = g_object_ref (user_data);

  if (strcmp (method, "notifications/cancelled") == 0)
    cancel_inbound (self, doc, params);
  if (self->state != OAI_MCP_STATE_CONNECTED || (self->subscriptions != NULL && oai_mcp_subscriptions_is_outdated (self->subscriptions, doc, params)))
    return;

  if (strcmp (method, "notifications/tools/list_changed") == 0)
    oai_emit (self, signals[TOOLS_CHANGED], 0);
  else if (strcmp (method, "notifications/resources/list_changed") == 0)
    oai_emit (self, signals[RESOURCES_CHANGED], 0);
  else if (strcmp (method, "notifications/prompts/list_changed") == 0)
    oai_emit (self, signals[PROMPTS_CHANGED], 0);
  else if (strcmp (method, "notifications/message") == 0)
    take_log_message (self, doc, params);
  else if (strcmp (method, "notifications/subscriptions/acknowledged") == 0 && self->subscriptions != NULL)
    oai_mcp_subscriptions_acknowledge (self->subscriptions, doc, params);
  else if (strcmp (method, "notifications/resources/updated") == 0)
    emit_text (self, RESOURCE_UPDATED, doc, oai_json_get_member (doc, params, "uri"));
  else if (strcmp (method, "notifications/elicitation/complete") == 0)
    emit_text (self, URL_COMPLETED, doc, oai_json_get_member (doc, params, "elicitationId"));
}

/* While the client is being connected, the handshake reports the error. */
static void
lost_cb (OaiMcpRpc *rpc, const GError *error, gpointer user_data)
{
  g_autoptr(OaiMcpClient) self = g_object_ref (user_data);

  if (self->state != OAI_MCP_STATE_CONNECTED)
    return;

  lose_connection (self, error);
}

static const OaiMcpRpcListener rpc_listener = { request_cb, answer_cb, notification_cb, lost_cb };

/* Connect */

typedef struct
{
  OaiMcpRpc *rpc; /* of the attempt */
  char *version;  /* to use, or NULL */
  gboolean is_second;
} Connect;

static void
connect_free (Connect *self)
{
  g_clear_pointer (&self->rpc, oai_mcp_rpc_unref);
  g_free (self->version);
  g_free (self);
}

static OaiJsonDoc *
build_client_info (void)
{
  OaiJsonBuilder *builder = oai_json_builder_new_object ();
  const char *name = g_get_prgname ();
  const char *title = g_get_application_name ();

  oai_json_builder_add_string (builder, "name", name != NULL ? name : "openai-gnome", -1);
  if (title != NULL && g_strcmp0 (name, title) != 0)
    oai_json_builder_add_string (builder, "title", title, -1);
  oai_json_builder_add_string (builder, "version", OAI_VERSION_STRING, -1);

  return oai_json_builder_finish (builder);
}

static void
add_empty_object (OaiJsonBuilder *builder, const char *name, gboolean condition)
{
  if (!condition)
    return;

  oai_json_builder_begin_object (builder, name);
  oai_json_builder_end (builder);
}

static OaiJsonDoc *
build_client_capabilities (OaiMcpClient *self)
{
  OaiJsonBuilder *builder = oai_json_builder_new_object ();

  if (self->roots != NULL)
    {
      oai_json_builder_begin_object (builder, "roots");
      oai_json_builder_add_boolean (builder, "listChanged", TRUE);
      oai_json_builder_end (builder);
    }
  add_empty_object (builder, "sampling", has_handler (self, SAMPLING_REQUESTED));
  if (has_handler (self, ELICITATION_REQUESTED) || has_handler (self, URL_REQUESTED))
    {
      oai_json_builder_begin_object (builder, "elicitation");
      add_empty_object (builder, "form", has_handler (self, ELICITATION_REQUESTED));
      add_empty_object (builder, "url", has_handler (self, URL_REQUESTED));
      oai_json_builder_end (builder);
    }

  return oai_json_builder_finish (builder);
}

static OaiMcpHandshake
get_handshake (OaiMcpClient *self, const char *version)
{
  return (OaiMcpHandshake) { version, self->client_info, self->client_capabilities, self->log_level, self->timeout_ms,
                             MIN (self->probe_timeout_ms, self->timeout_ms > 0 ? self->timeout_ms : G_MAXUINT) };
}

/* Takes error. */
static void
fail_connect (GTask *task, GError *error)
{
  OaiMcpClient *self = g_task_get_source_object (task);
  Connect *data = g_task_get_task_data (task);

  if (self->rpc == data->rpc && self->state == OAI_MCP_STATE_CONNECTING)
    lose_connection (self, error);
  g_task_return_error (task, error);
  g_object_unref (task);
}

/* The member of the result, or of its metadata, in which the server describes itself. */
static OaiJsonNode
find_server_info (OaiMcpReply *reply)
{
  OaiJsonNode node = oai_json_get_member (reply->doc, reply->result, "serverInfo");

  if (node != OAI_JSON_NONE)
    return node;

  return oai_json_get_member (reply->doc, oai_json_get_member (reply->doc, reply->result, "_meta"), "io.modelcontextprotocol/serverInfo");
}

static void
take_description (OaiMcpClient *self, OaiMcpReply *reply)
{
  OaiJsonNode capabilities = oai_json_get_member (reply->doc, reply->result, "capabilities");
  OaiJsonNode info = find_server_info (reply);

  g_clear_object (&self->server_info);
  g_clear_object (&self->capabilities);
  g_free (self->instructions);
  g_free (self->protocol_version);
  if (oai_json_get_type (reply->doc, info) == OAI_JSON_OBJECT)
    self->server_info = OAI_MCP_IMPLEMENTATION (oai_record_new_from_doc (OAI_TYPE_MCP_IMPLEMENTATION, reply->doc, info, NULL, NULL));
  if (oai_json_get_type (reply->doc, capabilities) == OAI_JSON_OBJECT)
    self->capabilities = OAI_MCP_CAPABILITIES (oai_record_new_from_doc (OAI_TYPE_MCP_CAPABILITIES, reply->doc, capabilities, NULL, NULL));
  self->instructions = g_strdup (oai_json_get_string (reply->doc, oai_json_get_member (reply->doc, reply->result, "instructions"), NULL));
  self->protocol_version = g_strdup (oai_mcp_transport_get_version (oai_mcp_rpc_get_transport (self->rpc)));
  for (guint i = PROP_PROTOCOL_VERSION; i <= PROP_INSTRUCTIONS; i++)
    g_object_notify_by_pspec (G_OBJECT (self), properties[i]);
}

static gboolean
is_stateless (OaiMcpClient *self)
{
  return oai_mcp_transport_is_stateless (oai_mcp_rpc_get_transport (self->rpc));
}

/* Receives messages that belong to no request. */
static void
start_listening (OaiMcpClient *self)
{
  OaiMcpCapabilities *capabilities = self->capabilities;
  OaiMcpSubscribedLists lists = { 0 };

  if (!is_stateless (self))
    {
      oai_mcp_transport_listen (oai_mcp_rpc_get_transport (self->rpc));
      return;
    }

  if (capabilities != NULL && oai_mcp_capabilities_get_tools (capabilities) != NULL)
    lists.tools = oai_mcp_list_capability_get_list_changed (oai_mcp_capabilities_get_tools (capabilities));
  if (capabilities != NULL && oai_mcp_capabilities_get_prompts (capabilities) != NULL)
    lists.prompts = oai_mcp_list_capability_get_list_changed (oai_mcp_capabilities_get_prompts (capabilities));
  if (capabilities != NULL && oai_mcp_capabilities_get_resources (capabilities) != NULL)
    lists.resources = oai_mcp_resources_capability_get_list_changed (oai_mcp_capabilities_get_resources (capabilities));
  self->subscriptions = oai_mcp_subscriptions_new (self->rpc, &lists);
}

static void
ignored_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiMcpReply) reply = g_task_propagate_pointer (G_TASK (result), &error);

  if (reply == NULL)
    g_debug ("The MCP server does not accept the level of its log: %s", error->message);
}

/* Requests messages of the log, if the program selected a level. */
static void
apply_log_level (OaiMcpClient *self)
{
  OaiMcpHandshake handshake = get_handshake (self, NULL);
  OaiMcpCallSpec spec = { .method = "logging/setLevel", .timeout_ms = self->timeout_ms };
  OaiJsonBuilder *builder;
  g_autoptr(OaiJsonDoc) params = NULL;

  if (is_stateless (self))
    {
      oai_mcp_handshake_set_meta (self->rpc, &handshake, self->protocol_version);
      return;
    }
  if (self->log_level == NULL || self->capabilities == NULL || oai_mcp_capabilities_get_logging (self->capabilities) == NULL)
    return;

  builder = oai_json_builder_new_object ();
  oai_json_builder_add_string (builder, "level", self->log_level, -1);
  params = oai_json_builder_finish (builder);
  spec.params = params;
  oai_mcp_rpc_call (self->rpc, &spec, g_task_new (self, NULL, ignored_cb, NULL));
}

/* Some servers of before 2026-07-28 end when they receive another request than that of the handshake first. */
static gboolean
can_try_again (OaiMcpClient *self, Connect *data, const GError *error)
{
  return self->argv != NULL && !data->is_second && data->version == NULL && self->rpc == data->rpc
         && oai_mcp_transport_is_stateless (oai_mcp_rpc_get_transport (data->rpc))
         && g_error_matches (error, OAI_ERROR, OAI_ERROR_CONNECTION);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  OaiMcpClient *self = g_task_get_source_object (task);
  Connect *data = g_task_get_task_data (task);
  Connection connection;
  GError *error = NULL;
  g_autoptr(OaiMcpReply) reply = oai_mcp_handshake_finish (result, &error);

  if (reply != NULL && self->rpc != data->rpc)
    error = new_closed_error ();
  if (error != NULL && can_try_again (self, data, error))
    {
      connection = take_connection (self);
      abandon_connection (&connection, error);
      g_error_free (error);
      data->is_second = TRUE;
      data->version = g_strdup (OAI_MCP_VERSION_SESSION);
      start_attempt (task);
      return;
    }
  if (error != NULL)
    {
      fail_connect (task, error);
      return;
    }

  g_object_freeze_notify (G_OBJECT (self));
  take_description (self, reply);
  start_listening (self);
  apply_log_level (self);
  set_state (self, OAI_MCP_STATE_CONNECTED, NULL);
  oai_emit_thaw (self);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static OaiMcpTransport *
new_transport (OaiMcpClient *self)
{
  OaiMcpTransport *transport;

  if (self->argv != NULL)
    transport = oai_mcp_process_new ((const char *const *) self->argv, (const char *const *) self->environment, self->working_directory);
  else
    transport = oai_mcp_http_new (self->url, self->auth);
  oai_mcp_transport_set_max_message_size (transport, self->max_message_size);

  return transport;
}

static void
start_attempt (GTask *task)
{
  OaiMcpClient *self = g_task_get_source_object (task);
  Connect *data = g_task_get_task_data (task);
  OaiMcpTransport *transport = new_transport (self);
  OaiMcpHandshake handshake = get_handshake (self, data->version);
  GError *error = NULL;

  g_clear_pointer (&data->rpc, oai_mcp_rpc_unref);
  self->rpc = oai_mcp_rpc_new (transport, &rpc_listener, self);
  data->rpc = oai_mcp_rpc_ref (self->rpc);
  if (oai_mcp_transport_start (transport, &error))
    oai_mcp_handshake_async (self->rpc, &handshake, g_task_get_cancellable (task), connected_cb, task);
  else
    fail_connect (task, error);
}

/**
 * oai_mcp_client_connect_async:
 * @self: a client
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the client is connected
 * @user_data: data for @callback
 *
 * Starts the server, if it is a program, and agrees with it on a revision of the protocol. Then
 * [property@Oai.McpClient:capabilities], [property@Oai.McpClient:server-info] and
 * [property@Oai.McpClient:instructions] are known.
 *
 * Handlers of [signal@Oai.McpClient::elicitation-requested], [signal@Oai.McpClient::url-requested] and
 * [signal@Oai.McpClient::sampling-requested] have to be connected before, and [property@Oai.McpClient:roots] has to be set: the server is informed now that they exist.
 *
 * Since: 1.0
 */
void
oai_mcp_client_connect_async (OaiMcpClient *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;
  Connect *data;

  g_return_if_fail (OAI_IS_MCP_CLIENT (self));

  task = oai_method_task_new (self, cancellable, callback, user_data, oai_mcp_client_connect_async);
  if (self->state != OAI_MCP_STATE_DISCONNECTED)
    {
      g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, "%s", _("The client is connected to the MCP server already"));
      g_object_unref (task);
      return;
    }
  if (self->argv == NULL && self->url == NULL)
    {
      g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, "%s", _("The client has neither a program nor the URL of an MCP server. Set one when the client is created."));
      g_object_unref (task);
      return;
    }

  data = g_new0 (Connect, 1);
  data->version = g_strdup (self->requested_version);
  g_task_set_task_data (task, data, (GDestroyNotify) connect_free);
  g_clear_pointer (&self->client_info, oai_json_doc_unref);
  g_clear_pointer (&self->client_capabilities, oai_json_doc_unref);
  self->client_info = build_client_info ();
  self->client_capabilities = build_client_capabilities (self);
  set_state (self, OAI_MCP_STATE_CONNECTING, NULL);
  if (self->state == OAI_MCP_STATE_CONNECTING)
    start_attempt (task);
  else
    fail_connect (task, new_closed_error ());
}

/**
 * oai_mcp_client_connect_finish:
 * @self: a client
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.McpClient.connect_async]. Fails with %OAI_ERROR_CONNECTION if the server cannot be started or
 * reached, and with %OAI_ERROR_PROTOCOL if it does not support a known revision of the protocol.
 *
 * Returns: %FALSE on error
 *
 * Since: 1.0
 */
gboolean
oai_mcp_client_connect_finish (OaiMcpClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), FALSE);

  return oai_method_finish_boolean (self, result, error);
}

/* Close */

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  OaiMcpClient *self = g_task_get_source_object (task);
  GError *error = NULL;

  oai_mcp_transport_close_finish (OAI_MCP_TRANSPORT (source), result, &error);
  set_state (self, OAI_MCP_STATE_DISCONNECTED, NULL);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

/**
 * oai_mcp_client_close_async:
 * @self: a client
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the connection is closed
 * @user_data: data for @callback
 *
 * Closes the connection. All requests fail. A server that the client runs is given two seconds to end after its input
 * was closed, two more after SIGTERM, and is then killed; if @cancellable is cancelled, it is killed at once.
 *
 * Since: 1.0
 */
void
oai_mcp_client_close_async (OaiMcpClient *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;
  Connection connection;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiMcpTransport) transport = NULL;

  g_return_if_fail (OAI_IS_MCP_CLIENT (self));

  task = oai_method_task_new (self, cancellable, callback, user_data, oai_mcp_client_close_async);
  if (self->state == OAI_MCP_STATE_CLOSING)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING, "%s", _("The connection to the MCP server is being closed already"));
      g_object_unref (task);
      return;
    }

  error = new_closed_error ();
  connection = take_connection (self);
  set_state (self, connection.rpc != NULL ? OAI_MCP_STATE_CLOSING : OAI_MCP_STATE_DISCONNECTED, NULL);
  transport = end_connection (&connection, error);
  if (transport == NULL)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }

  oai_mcp_transport_close_async (transport, cancellable, closed_cb, task);
}

/**
 * oai_mcp_client_close_finish:
 * @self: a client
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.McpClient.close_async]. Also after an error, the connection is closed.
 *
 * Returns: %FALSE on error
 *
 * Since: 1.0
 */
gboolean
oai_mcp_client_close_finish (OaiMcpClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), FALSE);

  return oai_method_finish_boolean (self, result, error);
}

/* Operations */

/* Parses an object of the program.  Fails the task and returns FALSE if it is none.  json: NULL for an empty one */
static gboolean
parse_object (const char *json, OaiJsonDoc **doc, GTask *task)
{
  GError *error = NULL;

  *doc = oai_json_doc_new_copy (json != NULL ? json : "{}", -1, OAI_JSON_STRICT, &error);
  if (*doc != NULL && oai_json_get_type (*doc, 0) != OAI_JSON_OBJECT)
    {
      g_clear_pointer (doc, oai_json_doc_unref);
      error = g_error_new_literal (OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The arguments must be a JSON object"));
    }
  if (*doc != NULL)
    return TRUE;

  g_task_return_error (task, error);
  g_object_unref (task);

  return FALSE;
}

/* params: nullable; taken */
static void
run (OaiMcpClient *self, const char *method, const char *name, OaiJsonDoc *params, GTask *task)
{
  OaiMcpCallSpec spec = { .method = method, .params = params, .name = name, .timeout_ms = self->timeout_ms,
                          .total_timeout_ms = self->total_timeout_ms };

  if (check_connected (self, task))
    oai_mcp_operation_run (self->rpc, &spec, task);
  if (params != NULL)
    oai_json_doc_unref (params);
}

static void
list (OaiMcpClient *self, const char *method, const char *member, GType type, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data, gpointer tag)
{
  OaiMcpListSpec spec = { method, member, type, self->max_items, self->timeout_ms, self->total_timeout_ms };
  GTask *task = oai_method_task_new (self, cancellable, callback, user_data, tag);

  if (check_connected (self, task))
    oai_mcp_operation_list (self->rpc, &spec, task);
}

static gboolean
finish_empty (OaiMcpClient *self, GAsyncResult *result, GError **error)
{
  g_autoptr(OaiMcpReply) reply = oai_method_finish (self, result, error);

  return reply != NULL;
}

/* member: of the result, NULL for all of it */
static gpointer
finish_record (OaiMcpClient *self, GAsyncResult *result, GType type, const char *member, GError **error)
{
  g_autoptr(OaiMcpReply) reply = oai_method_finish (self, result, error);
  OaiJsonNode node;

  if (reply == NULL)
    return NULL;

  node = member != NULL ? oai_json_get_member (reply->doc, reply->result, member) : reply->result;
  if (oai_json_get_type (reply->doc, node) == OAI_JSON_OBJECT)
    return oai_record_new_from_doc (type, reply->doc, node, NULL, NULL);

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The answer of the MCP server lacks its result"));

  return NULL;
}

/**
 * oai_mcp_client_ping_async:
 * @self: a client
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the server has replied
 * @user_data: data for @callback
 *
 * Checks whether the server replies.
 *
 * Since: 1.0
 */
void
oai_mcp_client_ping_async (OaiMcpClient *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  gboolean stateless;

  g_return_if_fail (OAI_IS_MCP_CLIENT (self));

  /* The revision of 2026-07-28 has no ping. */
  stateless = is_connected (self) && is_stateless (self);
  run (self, stateless ? "server/discover" : "ping", NULL, NULL, oai_method_task_new (self, cancellable, callback, user_data, oai_mcp_client_ping_async));
}

/**
 * oai_mcp_client_ping_finish:
 * @self: a client
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.McpClient.ping_async].
 *
 * Returns: %FALSE on error
 *
 * Since: 1.0
 */
gboolean
oai_mcp_client_ping_finish (OaiMcpClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), FALSE);

  return finish_empty (self, result, error);
}

/**
 * oai_mcp_client_list_tools_async:
 * @self: a client
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the list is complete
 * @user_data: data for @callback
 *
 * Lists the tools of the server, all pages of the list. [class@Oai.McpToolset] does this for programs that offer the
 * tools to a model.
 *
 * Since: 1.0
 */
void
oai_mcp_client_list_tools_async (OaiMcpClient *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (OAI_IS_MCP_CLIENT (self));

  list (self, "tools/list", "tools", OAI_TYPE_MCP_TOOL, cancellable, callback, user_data, oai_mcp_client_list_tools_async);
}

static gboolean
uses_tool_headers (OaiMcpClient *self)
{
  return self->url != NULL && is_connected (self) && is_stateless (self);
}

/* Removes the tools that must not be used. */
static void
take_tool_headers (OaiMcpClient *self, GPtrArray *tools)
{
  g_hash_table_remove_all (self->tool_headers);
  for (guint i = 0; i < tools->len;)
    {
      const char *name = oai_mcp_tool_get_name (tools->pdata[i]);
      g_autoptr(GError) error = NULL;
      OaiMcpToolHeaders *headers = oai_mcp_tool_headers_new (tools->pdata[i], &error);

      if (error != NULL)
        {
          g_message ("The tool “%s” of an MCP server cannot be used: %s", name != NULL ? name : "", error->message);
          g_ptr_array_remove_index (tools, i);
          continue;
        }
      if (headers != NULL && name != NULL)
        g_hash_table_insert (self->tool_headers, g_strdup (name), headers);
      i++;
    }
}

/**
 * oai_mcp_client_list_tools_finish:
 * @self: a client
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.McpClient.list_tools_async]. Fails with %OAI_ERROR_PROTOCOL if the list has more items than
 * [property@Oai.McpClient:max-items].
 *
 * Returns: (transfer container) (element-type OaiMcpTool): the tools, or %NULL on error
 *
 * Since: 1.0
 */
GPtrArray *
oai_mcp_client_list_tools_finish (OaiMcpClient *self, GAsyncResult *result, GError **error)
{
  GPtrArray *tools;

  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), NULL);

  tools = oai_method_finish (self, result, error);
  if (tools != NULL && uses_tool_headers (self))
    take_tool_headers (self, tools);

  return tools;
}

void
oai_mcp_client_run_tool (OaiMcpClient *self, const char *name, OaiJsonDoc *arguments, OaiMcpProgressFunc progress, gpointer progress_data, GDestroyNotify progress_free, GTask *task)
{
  OaiJsonBuilder *builder;
  g_autoptr(OaiJsonDoc) params = NULL;
  g_auto(GStrv) headers = NULL;
  OaiMcpToolHeaders *found;
  OaiMcpCallSpec spec = { .method = "tools/call", .name = name, .timeout_ms = self->timeout_ms,
                          .total_timeout_ms = self->total_timeout_ms, .progress = progress, .progress_data = progress_data,
                          .progress_free = progress_free };

  if (!check_connected (self, task))
    {
      if (progress_free != NULL)
        progress_free (progress_data);
      return;
    }

  builder = oai_json_builder_new_object ();
  oai_json_builder_add_string (builder, "name", name, -1);
  oai_json_builder_add_node (builder, "arguments", arguments, 0);
  params = oai_json_builder_finish (builder);
  spec.params = params;
  found = uses_tool_headers (self) ? g_hash_table_lookup (self->tool_headers, name) : NULL;
  if (found != NULL)
    headers = oai_mcp_tool_headers_build (found, arguments);
  spec.headers = (const char *const *) headers;
  oai_mcp_operation_run (self->rpc, &spec, task);
}

/**
 * oai_mcp_client_call_tool_async:
 * @self: a client
 * @name: the name of the tool
 * @arguments_json: (nullable): the arguments, a JSON object; %NULL for none
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the tool has ended
 * @user_data: data for @callback
 *
 * Calls a tool. If the operation is cancelled or times out, the server is notified.
 *
 * Since: 1.0
 */
void
oai_mcp_client_call_tool_async (OaiMcpClient *self, const char *name, const char *arguments_json, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(OaiJsonDoc) doc = NULL;
  GTask *task;

  g_return_if_fail (OAI_IS_MCP_CLIENT (self));
  g_return_if_fail (name != NULL);

  task = oai_method_task_new (self, cancellable, callback, user_data, oai_mcp_client_call_tool_async);
  if (parse_object (arguments_json, &doc, task))
    oai_mcp_client_run_tool (self, name, doc, NULL, NULL, NULL, task);
}

/**
 * oai_mcp_client_call_tool_finish:
 * @self: a client
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.McpClient.call_tool_async]. If the tool failed, there is a result with
 * [property@Oai.McpToolResult:is-error], which the model should receive.
 *
 * Returns: (transfer full): the result, or %NULL on error
 *
 * Since: 1.0
 */
OaiMcpToolResult *
oai_mcp_client_call_tool_finish (OaiMcpClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), NULL);

  return finish_record (self, result, OAI_TYPE_MCP_TOOL_RESULT, NULL, error);
}

/**
 * oai_mcp_client_list_resources_async:
 * @self: a client
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the list is complete
 * @user_data: data for @callback
 *
 * Lists the resources of the server, all pages of the list.
 *
 * Since: 1.0
 */
void
oai_mcp_client_list_resources_async (OaiMcpClient *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (OAI_IS_MCP_CLIENT (self));

  list (self, "resources/list", "resources", OAI_TYPE_MCP_RESOURCE, cancellable, callback, user_data, oai_mcp_client_list_resources_async);
}

/**
 * oai_mcp_client_list_resources_finish:
 * @self: a client
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.McpClient.list_resources_async].
 *
 * Returns: (transfer container) (element-type OaiMcpResource): the resources, or %NULL on error
 *
 * Since: 1.0
 */
GPtrArray *
oai_mcp_client_list_resources_finish (OaiMcpClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), NULL);

  return oai_method_finish (self, result, error);
}

/**
 * oai_mcp_client_list_resource_templates_async:
 * @self: a client
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the list is complete
 * @user_data: data for @callback
 *
 * Lists the templates of resources of the server, all pages of the list.
 *
 * Since: 1.0
 */
void
oai_mcp_client_list_resource_templates_async (OaiMcpClient *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (OAI_IS_MCP_CLIENT (self));

  list (self, "resources/templates/list", "resourceTemplates", OAI_TYPE_MCP_RESOURCE_TEMPLATE, cancellable, callback, user_data,
        oai_mcp_client_list_resource_templates_async);
}

/**
 * oai_mcp_client_list_resource_templates_finish:
 * @self: a client
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.McpClient.list_resource_templates_async].
 *
 * Returns: (transfer container) (element-type OaiMcpResourceTemplate): the templates, or %NULL on error
 *
 * Since: 1.0
 */
GPtrArray *
oai_mcp_client_list_resource_templates_finish (OaiMcpClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), NULL);

  return oai_method_finish (self, result, error);
}

static OaiJsonDoc *
build_uri (const char *uri)
{
  OaiJsonBuilder *builder = oai_json_builder_new_object ();

  oai_json_builder_add_string (builder, "uri", uri, -1);

  return oai_json_builder_finish (builder);
}

/**
 * oai_mcp_client_read_resource_async:
 * @self: a client
 * @uri: the URI of the resource
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the resource has arrived
 * @user_data: data for @callback
 *
 * Reads a resource.
 *
 * Since: 1.0
 */
void
oai_mcp_client_read_resource_async (OaiMcpClient *self, const char *uri, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (OAI_IS_MCP_CLIENT (self));
  g_return_if_fail (uri != NULL);

  run (self, "resources/read", uri, build_uri (uri), oai_method_task_new (self, cancellable, callback, user_data, oai_mcp_client_read_resource_async));
}

/**
 * oai_mcp_client_read_resource_finish:
 * @self: a client
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.McpClient.read_resource_async].
 *
 * Returns: (transfer container) (element-type OaiMcpResourceContents): the contents of the resource, usually one, or
 *   %NULL on error
 *
 * Since: 1.0
 */
GPtrArray *
oai_mcp_client_read_resource_finish (OaiMcpClient *self, GAsyncResult *result, GError **error)
{
  g_autoptr(OaiMcpReply) reply = NULL;
  GPtrArray *contents;
  OaiJsonIter iter;
  OaiJsonNode node;

  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), NULL);

  reply = oai_method_finish (self, result, error);
  if (reply == NULL)
    return NULL;

  contents = g_ptr_array_new_with_free_func (g_object_unref);
  oai_json_iter_init (&iter, reply->doc, oai_json_get_member (reply->doc, reply->result, "contents"));
  while (oai_json_iter_next (&iter, NULL, &node))
    if (oai_json_get_type (reply->doc, node) == OAI_JSON_OBJECT)
      g_ptr_array_add (contents, oai_record_new_from_doc (OAI_TYPE_MCP_RESOURCE_CONTENTS, reply->doc, node, NULL, NULL));

  return contents;
}

/* The subscription of a server without sessions completes with a boolean. */
static void
subscribed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  g_autoptr(OaiMcpReply) reply = g_task_propagate_pointer (G_TASK (result), &error);

  if (reply == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
change_subscription (OaiMcpClient *self, const char *uri, gboolean subscribed, GTask *task)
{
  GTask *step;

  if (is_connected (self) && self->subscriptions != NULL)
    {
      oai_mcp_subscriptions_change (self->subscriptions, uri, subscribed, self->timeout_ms, task);
      return;
    }

  step = g_task_new (self, g_task_get_cancellable (task), subscribed_cb, task);
  g_task_set_source_tag (step, subscribed_cb);
  g_task_set_check_cancellable (step, FALSE);
  run (self, subscribed ? "resources/subscribe" : "resources/unsubscribe", uri, build_uri (uri), step);
}

/**
 * oai_mcp_client_subscribe_async:
 * @self: a client
 * @uri: the URI of a resource
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the server has accepted the subscription
 * @user_data: data for @callback
 *
 * Requests [signal@Oai.McpClient::resource-updated] for a resource.
 *
 * Since: 1.0
 */
void
oai_mcp_client_subscribe_async (OaiMcpClient *self, const char *uri, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (OAI_IS_MCP_CLIENT (self));
  g_return_if_fail (uri != NULL);

  change_subscription (self, uri, TRUE, oai_method_task_new (self, cancellable, callback, user_data, oai_mcp_client_subscribe_async));
}

/**
 * oai_mcp_client_subscribe_finish:
 * @self: a client
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.McpClient.subscribe_async].
 *
 * Returns: %FALSE on error
 *
 * Since: 1.0
 */
gboolean
oai_mcp_client_subscribe_finish (OaiMcpClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), FALSE);

  return oai_method_finish_boolean (self, result, error);
}

/**
 * oai_mcp_client_unsubscribe_async:
 * @self: a client
 * @uri: the URI of a resource
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the subscription has ended
 * @user_data: data for @callback
 *
 * Ends a subscription.
 *
 * Since: 1.0
 */
void
oai_mcp_client_unsubscribe_async (OaiMcpClient *self, const char *uri, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (OAI_IS_MCP_CLIENT (self));
  g_return_if_fail (uri != NULL);

  change_subscription (self, uri, FALSE, oai_method_task_new (self, cancellable, callback, user_data, oai_mcp_client_unsubscribe_async));
}

/**
 * oai_mcp_client_unsubscribe_finish:
 * @self: a client
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.McpClient.unsubscribe_async].
 *
 * Returns: %FALSE on error
 *
 * Since: 1.0
 */
gboolean
oai_mcp_client_unsubscribe_finish (OaiMcpClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), FALSE);

  return oai_method_finish_boolean (self, result, error);
}

/**
 * oai_mcp_client_list_prompts_async:
 * @self: a client
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the list is complete
 * @user_data: data for @callback
 *
 * Lists the prompts of the server, all pages of the list.
 *
 * Since: 1.0
 */
void
oai_mcp_client_list_prompts_async (OaiMcpClient *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (OAI_IS_MCP_CLIENT (self));

  list (self, "prompts/list", "prompts", OAI_TYPE_MCP_PROMPT, cancellable, callback, user_data, oai_mcp_client_list_prompts_async);
}

/**
 * oai_mcp_client_list_prompts_finish:
 * @self: a client
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.McpClient.list_prompts_async].
 *
 * Returns: (transfer container) (element-type OaiMcpPrompt): the prompts, or %NULL on error
 *
 * Since: 1.0
 */
GPtrArray *
oai_mcp_client_list_prompts_finish (OaiMcpClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), NULL);

  return oai_method_finish (self, result, error);
}

/**
 * oai_mcp_client_request_prompt_async:
 * @self: a client
 * @name: the name of the prompt
 * @arguments_json: (nullable): the arguments, a JSON object of strings; %NULL for none
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the prompt has arrived
 * @user_data: data for @callback
 *
 * Requests the messages of a prompt.
 *
 * Since: 1.0
 */
void
oai_mcp_client_request_prompt_async (OaiMcpClient *self, const char *name, const char *arguments_json, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(OaiJsonDoc) doc = NULL;
  OaiJsonBuilder *builder;
  GTask *task;

  g_return_if_fail (OAI_IS_MCP_CLIENT (self));
  g_return_if_fail (name != NULL);

  task = oai_method_task_new (self, cancellable, callback, user_data, oai_mcp_client_request_prompt_async);
  if (!parse_object (arguments_json, &doc, task))
    return;

  builder = oai_json_builder_new_object ();
  oai_json_builder_add_string (builder, "name", name, -1);
  oai_json_builder_add_node (builder, "arguments", doc, 0);
  run (self, "prompts/get", name, oai_json_builder_finish (builder), task);
}

/**
 * oai_mcp_client_request_prompt_finish:
 * @self: a client
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.McpClient.request_prompt_async].
 *
 * Returns: (transfer full): the messages, or %NULL on error
 *
 * Since: 1.0
 */
OaiMcpPromptResult *
oai_mcp_client_request_prompt_finish (OaiMcpClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), NULL);

  return finish_record (self, result, OAI_TYPE_MCP_PROMPT_RESULT, NULL, error);
}

static void
complete (OaiMcpClient *self, const char *type, const char *member, const char *name, const char *argument, const char *value, const char *arguments, GTask *task)
{
  g_autoptr(OaiJsonDoc) doc = NULL;
  OaiJsonBuilder *builder;

  if (!parse_object (arguments, &doc, task))
    return;

  builder = oai_json_builder_new_object ();
  oai_json_builder_begin_object (builder, "ref");
  oai_json_builder_add_string (builder, "type", type, -1);
  oai_json_builder_add_string (builder, member, name, -1);
  oai_json_builder_end (builder);
  oai_json_builder_begin_object (builder, "argument");
  oai_json_builder_add_string (builder, "name", argument, -1);
  oai_json_builder_add_string (builder, "value", value, -1);
  oai_json_builder_end (builder);
  if (arguments != NULL)
    {
      oai_json_builder_begin_object (builder, "context");
      oai_json_builder_add_node (builder, "arguments", doc, 0);
      oai_json_builder_end (builder);
    }
  run (self, "completion/complete", NULL, oai_json_builder_finish (builder), task);
}

/**
 * oai_mcp_client_complete_prompt_async:
 * @self: a client
 * @prompt_name: the name of a prompt
 * @argument: the name of the argument
 * @value: its value as far as it was entered
 * @arguments_json: (nullable): the arguments that were entered before, a JSON object of strings
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the proposals have arrived
 * @user_data: data for @callback
 *
 * Requests proposals for an argument of a prompt.
 *
 * Since: 1.0
 */
void
oai_mcp_client_complete_prompt_async (OaiMcpClient *self, const char *prompt_name, const char *argument, const char *value, const char *arguments_json, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (OAI_IS_MCP_CLIENT (self));
  g_return_if_fail (prompt_name != NULL && argument != NULL && value != NULL);

  complete (self, "ref/prompt", "name", prompt_name, argument, value, arguments_json,
            oai_method_task_new (self, cancellable, callback, user_data, oai_mcp_client_complete_prompt_async));
}

/**
 * oai_mcp_client_complete_prompt_finish:
 * @self: a client
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.McpClient.complete_prompt_async].
 *
 * Returns: (transfer full): the proposals, or %NULL on error
 *
 * Since: 1.0
 */
OaiMcpCompletion *
oai_mcp_client_complete_prompt_finish (OaiMcpClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), NULL);

  return finish_record (self, result, OAI_TYPE_MCP_COMPLETION, "completion", error);
}

/**
 * oai_mcp_client_complete_resource_async:
 * @self: a client
 * @uri_template: the template of a resource
 * @argument: the name of the variable of the template
 * @value: its value as far as it was entered
 * @arguments_json: (nullable): the variables that were entered before, a JSON object of strings
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the proposals have arrived
 * @user_data: data for @callback
 *
 * Requests proposals for a variable of the template of a resource.
 *
 * Since: 1.0
 */
void
oai_mcp_client_complete_resource_async (OaiMcpClient *self, const char *uri_template, const char *argument, const char *value, const char *arguments_json, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (OAI_IS_MCP_CLIENT (self));
  g_return_if_fail (uri_template != NULL && argument != NULL && value != NULL);

  complete (self, "ref/resource", "uri", uri_template, argument, value, arguments_json,
            oai_method_task_new (self, cancellable, callback, user_data, oai_mcp_client_complete_resource_async));
}

/**
 * oai_mcp_client_complete_resource_finish:
 * @self: a client
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.McpClient.complete_resource_async].
 *
 * Returns: (transfer full): the proposals, or %NULL on error
 *
 * Since: 1.0
 */
OaiMcpCompletion *
oai_mcp_client_complete_resource_finish (OaiMcpClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), NULL);

  return finish_record (self, result, OAI_TYPE_MCP_COMPLETION, "completion", error);
}

/**
 * oai_mcp_client_invoke_async:
 * @self: a client
 * @method: the name of a method
 * @params_json: (nullable): the parameters, a JSON object; %NULL for none
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the server has replied
 * @user_data: data for @callback
 *
 * Sends a request that the client has no method for, such as one of an extension of the protocol.
 *
 * Since: 1.0
 */
void
oai_mcp_client_invoke_async (OaiMcpClient *self, const char *method, const char *params_json, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  OaiJsonDoc *doc;
  GTask *task;

  g_return_if_fail (OAI_IS_MCP_CLIENT (self));
  g_return_if_fail (method != NULL);

  task = oai_method_task_new (self, cancellable, callback, user_data, oai_mcp_client_invoke_async);
  if (parse_object (params_json, &doc, task))
    run (self, g_intern_string (method), NULL, doc, task);
}

/**
 * oai_mcp_client_invoke_finish:
 * @self: a client
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.McpClient.invoke_async].
 *
 * Returns: (transfer full): the result as JSON text, or %NULL on error
 *
 * Since: 1.0
 */
char *
oai_mcp_client_invoke_finish (OaiMcpClient *self, GAsyncResult *result, GError **error)
{
  g_autoptr(OaiMcpReply) reply = NULL;

  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), NULL);

  reply = oai_method_finish (self, result, error);

  return reply != NULL ? oai_json_dup_node (reply->doc, reply->result) : NULL;
}

/**
 * oai_mcp_client_get_state:
 * @self: a client
 *
 * Gets the state.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
OaiMcpState
oai_mcp_client_get_state (OaiMcpClient *self)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), OAI_MCP_STATE_DISCONNECTED);

  return self->state;
}

/**
 * oai_mcp_client_get_error:
 * @self: a client
 *
 * Gets the reason why the connection was lost or could not be established.
 *
 * Returns: (nullable): the error, or %NULL
 *
 * Since: 1.0
 */
const GError *
oai_mcp_client_get_error (OaiMcpClient *self)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), NULL);

  return self->error;
}

/**
 * oai_mcp_client_get_protocol_version:
 * @self: a client
 *
 * Gets the revision of the protocol that the client and the server use.
 *
 * Returns: (nullable): a date such as `2026-07-28`; %NULL before the client is connected
 *
 * Since: 1.0
 */
const char *
oai_mcp_client_get_protocol_version (OaiMcpClient *self)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), NULL);

  return self->protocol_version;
}

/**
 * oai_mcp_client_get_server_info:
 * @self: a client
 *
 * Gets the name and the version of the server. They are claims of the server.
 *
 * Returns: (transfer none) (nullable): the description; %NULL if there is none, or before the client is connected
 *
 * Since: 1.0
 */
OaiMcpImplementation *
oai_mcp_client_get_server_info (OaiMcpClient *self)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), NULL);

  return self->server_info;
}

/**
 * oai_mcp_client_get_capabilities:
 * @self: a client
 *
 * Gets what the server supports.
 *
 * Returns: (transfer none) (nullable): the capabilities; %NULL before the client is connected
 *
 * Since: 1.0
 */
OaiMcpCapabilities *
oai_mcp_client_get_capabilities (OaiMcpClient *self)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), NULL);

  return self->capabilities;
}

/**
 * oai_mcp_client_get_instructions:
 * @self: a client
 *
 * Gets text of the server for the model: how its tools are used.
 *
 * Returns: (nullable): the text, or %NULL
 *
 * Since: 1.0
 */
const char *
oai_mcp_client_get_instructions (OaiMcpClient *self)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), NULL);

  return self->instructions;
}

/**
 * oai_mcp_client_get_requested_version:
 * @self: a client
 *
 * Gets [property@Oai.McpClient:requested-version].
 *
 * Returns: (nullable): the value
 *
 * Since: 1.0
 */
const char *
oai_mcp_client_get_requested_version (OaiMcpClient *self)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), NULL);

  return self->requested_version;
}

/**
 * oai_mcp_client_set_requested_version:
 * @self: a client
 * @requested_version: (nullable): a revision, or %NULL
 *
 * Sets [property@Oai.McpClient:requested-version].
 *
 * Since: 1.0
 */
void
oai_mcp_client_set_requested_version (OaiMcpClient *self, const char *requested_version)
{
  g_return_if_fail (OAI_IS_MCP_CLIENT (self));

  if (g_strcmp0 (self->requested_version, requested_version) == 0)
    return;

  g_free (self->requested_version);
  self->requested_version = g_strdup (requested_version);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_REQUESTED_VERSION]);
}

/**
 * oai_mcp_client_get_working_directory:
 * @self: a client
 *
 * Gets [property@Oai.McpClient:working-directory].
 *
 * Returns: (nullable): the value
 *
 * Since: 1.0
 */
const char *
oai_mcp_client_get_working_directory (OaiMcpClient *self)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), NULL);

  return self->working_directory;
}

/**
 * oai_mcp_client_set_working_directory:
 * @self: a client
 * @working_directory: (nullable): a path, or %NULL
 *
 * Sets [property@Oai.McpClient:working-directory].
 *
 * Since: 1.0
 */
void
oai_mcp_client_set_working_directory (OaiMcpClient *self, const char *working_directory)
{
  g_return_if_fail (OAI_IS_MCP_CLIENT (self));

  if (g_strcmp0 (self->working_directory, working_directory) == 0)
    return;

  g_free (self->working_directory);
  self->working_directory = g_strdup (working_directory);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_WORKING_DIRECTORY]);
}

/**
 * oai_mcp_client_get_timeout_ms:
 * @self: a client
 *
 * Gets [property@Oai.McpClient:timeout-ms].
 *
 * Returns: the value
 *
 * Since: 1.0
 */
guint
oai_mcp_client_get_timeout_ms (OaiMcpClient *self)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), 0);

  return self->timeout_ms;
}

/**
 * oai_mcp_client_set_timeout_ms:
 * @self: a client
 * @timeout_ms: milliseconds
 *
 * Sets [property@Oai.McpClient:timeout-ms].
 *
 * Since: 1.0
 */
void
oai_mcp_client_set_timeout_ms (OaiMcpClient *self, guint timeout_ms)
{
  g_return_if_fail (OAI_IS_MCP_CLIENT (self));

  if (self->timeout_ms == timeout_ms)
    return;

  self->timeout_ms = timeout_ms;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TIMEOUT_MS]);
}

/**
 * oai_mcp_client_get_total_timeout_ms:
 * @self: a client
 *
 * Gets [property@Oai.McpClient:total-timeout-ms].
 *
 * Returns: the value
 *
 * Since: 1.0
 */
guint
oai_mcp_client_get_total_timeout_ms (OaiMcpClient *self)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), 0);

  return self->total_timeout_ms;
}

/**
 * oai_mcp_client_set_total_timeout_ms:
 * @self: a client
 * @total_timeout_ms: milliseconds
 *
 * Sets [property@Oai.McpClient:total-timeout-ms].
 *
 * Since: 1.0
 */
void
oai_mcp_client_set_total_timeout_ms (OaiMcpClient *self, guint total_timeout_ms)
{
  g_return_if_fail (OAI_IS_MCP_CLIENT (self));

  if (self->total_timeout_ms == total_timeout_ms)
    return;

  self->total_timeout_ms = total_timeout_ms;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TOTAL_TIMEOUT_MS]);
}

/**
 * oai_mcp_client_get_probe_timeout_ms:
 * @self: a client
 *
 * Gets [property@Oai.McpClient:probe-timeout-ms].
 *
 * Returns: the value
 *
 * Since: 1.0
 */
guint
oai_mcp_client_get_probe_timeout_ms (OaiMcpClient *self)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), 0);

  return self->probe_timeout_ms;
}

/**
 * oai_mcp_client_set_probe_timeout_ms:
 * @self: a client
 * @probe_timeout_ms: milliseconds
 *
 * Sets [property@Oai.McpClient:probe-timeout-ms].
 *
 * Since: 1.0
 */
void
oai_mcp_client_set_probe_timeout_ms (OaiMcpClient *self, guint probe_timeout_ms)
{
  g_return_if_fail (OAI_IS_MCP_CLIENT (self));

  if (self->probe_timeout_ms == probe_timeout_ms)
    return;

  self->probe_timeout_ms = probe_timeout_ms;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBE_TIMEOUT_MS]);
}

/**
 * oai_mcp_client_get_max_message_size:
 * @self: a client
 *
 * Gets [property@Oai.McpClient:max-message-size].
 *
 * Returns: the value
 *
 * Since: 1.0
 */
guint
oai_mcp_client_get_max_message_size (OaiMcpClient *self)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), 0);

  return self->max_message_size;
}

/**
 * oai_mcp_client_set_max_message_size:
 * @self: a client
 * @bytes: bytes
 *
 * Sets [property@Oai.McpClient:max-message-size].
 *
 * Since: 1.0
 */
void
oai_mcp_client_set_max_message_size (OaiMcpClient *self, guint bytes)
{
  g_return_if_fail (OAI_IS_MCP_CLIENT (self));

  if (self->max_message_size == bytes)
    return;

  self->max_message_size = bytes;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MAX_MESSAGE_SIZE]);
}

/**
 * oai_mcp_client_get_max_items:
 * @self: a client
 *
 * Gets [property@Oai.McpClient:max-items].
 *
 * Returns: the value
 *
 * Since: 1.0
 */
guint
oai_mcp_client_get_max_items (OaiMcpClient *self)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), 0);

  return self->max_items;
}

/**
 * oai_mcp_client_set_max_items:
 * @self: a client
 * @max_items: a number
 *
 * Sets [property@Oai.McpClient:max-items].
 *
 * Since: 1.0
 */
void
oai_mcp_client_set_max_items (OaiMcpClient *self, guint max_items)
{
  g_return_if_fail (OAI_IS_MCP_CLIENT (self));

  if (self->max_items == max_items)
    return;

  self->max_items = max_items;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MAX_ITEMS]);
}

/**
 * oai_mcp_client_get_log_level:
 * @self: a client
 *
 * Gets [property@Oai.McpClient:log-level].
 *
 * Returns: (nullable): the value
 *
 * Since: 1.0
 */
const char *
oai_mcp_client_get_log_level (OaiMcpClient *self)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), NULL);

  return self->log_level;
}

/**
 * oai_mcp_client_set_log_level:
 * @self: a client
 * @log_level: (nullable): a level, or %NULL
 *
 * Sets [property@Oai.McpClient:log-level].
 *
 * Since: 1.0
 */
void
oai_mcp_client_set_log_level (OaiMcpClient *self, const char *log_level)
{
  g_return_if_fail (OAI_IS_MCP_CLIENT (self));

  if (g_strcmp0 (self->log_level, log_level) == 0)
    return;

  g_free (self->log_level);
  self->log_level = g_strdup (log_level);
  if (is_connected (self))
    apply_log_level (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOG_LEVEL]);
}

/**
 * oai_mcp_client_get_roots:
 * @self: a client
 *
 * Gets [property@Oai.McpClient:roots].
 *
 * Returns: (transfer none) (nullable): the list of #GFile
 *
 * Since: 1.0
 */
GListModel *
oai_mcp_client_get_roots (OaiMcpClient *self)
{
  g_return_val_if_fail (OAI_IS_MCP_CLIENT (self), NULL);

  return self->roots;
}

/* Since 2026-07-28, the server requests the roots whenever it needs them. */
static void
roots_changed_cb (GListModel *roots, guint position, guint removed, guint added, OaiMcpClient *self)
{
  if (is_connected (self) && !is_stateless (self))
    oai_mcp_rpc_notify (self->rpc, "notifications/roots/list_changed", NULL, NULL);
}

/**
 * oai_mcp_client_set_roots:
 * @self: a client
 * @roots: (nullable): a list of #GFile, or %NULL
 *
 * Sets [property@Oai.McpClient:roots].
 *
 * Since: 1.0
 */
void
oai_mcp_client_set_roots (OaiMcpClient *self, GListModel *roots)
{
  g_return_if_fail (OAI_IS_MCP_CLIENT (self));
  g_return_if_fail (roots == NULL || G_IS_LIST_MODEL (roots));

  if (self->roots == roots)
    return;

  if (self->roots != NULL)
    g_signal_handlers_disconnect_by_data (self->roots, self);
  g_set_object (&self->roots, roots);
  if (roots != NULL)
    {
      g_signal_connect (roots, "items-changed", G_CALLBACK (roots_changed_cb), self);
      roots_changed_cb (roots, 0, 0, 0, self);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ROOTS]);
}

/* The object */

static void
oai_mcp_client_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  OaiMcpClient *self = OAI_MCP_CLIENT (object);

  switch (id)
    {
    case PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case PROP_ERROR:
      g_value_set_boxed (value, self->error);
      break;
    case PROP_PROTOCOL_VERSION:
      g_value_set_string (value, self->protocol_version);
      break;
    case PROP_SERVER_INFO:
      g_value_set_object (value, self->server_info);
      break;
    case PROP_CAPABILITIES:
      g_value_set_object (value, self->capabilities);
      break;
    case PROP_INSTRUCTIONS:
      g_value_set_string (value, self->instructions);
      break;
    case PROP_REQUESTED_VERSION:
      g_value_set_string (value, self->requested_version);
      break;
    case PROP_WORKING_DIRECTORY:
      g_value_set_string (value, self->working_directory);
      break;
    case PROP_TIMEOUT_MS:
      g_value_set_uint (value, self->timeout_ms);
      break;
    case PROP_TOTAL_TIMEOUT_MS:
      g_value_set_uint (value, self->total_timeout_ms);
      break;
    case PROP_PROBE_TIMEOUT_MS:
      g_value_set_uint (value, self->probe_timeout_ms);
      break;
    case PROP_MAX_MESSAGE_SIZE:
      g_value_set_uint (value, self->max_message_size);
      break;
    case PROP_MAX_ITEMS:
      g_value_set_uint (value, self->max_items);
      break;
    case PROP_LOG_LEVEL:
      g_value_set_string (value, self->log_level);
      break;
    case PROP_ROOTS:
      g_value_set_object (value, self->roots);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
oai_mcp_client_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  OaiMcpClient *self = OAI_MCP_CLIENT (object);

  switch (id)
    {
    case PROP_REQUESTED_VERSION:
      oai_mcp_client_set_requested_version (self, g_value_get_string (value));
      break;
    case PROP_WORKING_DIRECTORY:
      oai_mcp_client_set_working_directory (self, g_value_get_string (value));
      break;
    case PROP_TIMEOUT_MS:
      oai_mcp_client_set_timeout_ms (self, g_value_get_uint (value));
      break;
    case PROP_TOTAL_TIMEOUT_MS:
      oai_mcp_client_set_total_timeout_ms (self, g_value_get_uint (value));
      break;
    case PROP_PROBE_TIMEOUT_MS:
      oai_mcp_client_set_probe_timeout_ms (self, g_value_get_uint (value));
      break;
    case PROP_MAX_MESSAGE_SIZE:
      oai_mcp_client_set_max_message_size (self, g_value_get_uint (value));
      break;
    case PROP_MAX_ITEMS:
      oai_mcp_client_set_max_items (self, g_value_get_uint (value));
      break;
    case PROP_LOG_LEVEL:
      oai_mcp_client_set_log_level (self, g_value_get_string (value));
      break;
    case PROP_ROOTS:
      oai_mcp_client_set_roots (self, g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
oai_mcp_client_dispose (GObject *object)
{
  OaiMcpClient *self = OAI_MCP_CLIENT (object);
  g_autoptr(GError) error = new_closed_error ();
  Connection connection = take_connection (self);

  self->state = OAI_MCP_STATE_DISCONNECTED;
  abandon_connection (&connection, error);
  oai_mcp_client_set_roots (self, NULL);

  G_OBJECT_CLASS (oai_mcp_client_parent_class)->dispose (object);
}

static void
oai_mcp_client_finalize (GObject *object)
{
  OaiMcpClient *self = OAI_MCP_CLIENT (object);

  g_strfreev (self->argv);
  g_strfreev (self->environment);
  g_free (self->working_directory);
  g_free (self->url);
  g_clear_object (&self->auth);
  g_free (self->requested_version);
  g_free (self->log_level);
  g_clear_error (&self->error);
  g_clear_pointer (&self->client_info, oai_json_doc_unref);
  g_clear_pointer (&self->client_capabilities, oai_json_doc_unref);
  g_hash_table_unref (self->inbound);
  g_hash_table_unref (self->tool_headers);
  g_clear_object (&self->server_info);
  g_clear_object (&self->capabilities);
  g_free (self->instructions);
  g_free (self->protocol_version);

  G_OBJECT_CLASS (oai_mcp_client_parent_class)->finalize (object);
}

#define READABLE (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)
#define WRITABLE (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static void
install_state_properties (GObjectClass *object_class)
{
  /**
   * OaiMcpClient:state: (getter get_state)
   *
   * The state of the connection.
   *
   * Since: 1.0
   */
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, OAI_TYPE_MCP_STATE, OAI_MCP_STATE_DISCONNECTED, READABLE);
  /**
   * OaiMcpClient:error: (getter get_error)
   *
   * Why the connection was lost, or could not be established.
   *
   * Since: 1.0
   */
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, READABLE);
  /**
   * OaiMcpClient:protocol-version: (getter get_protocol_version)
   *
   * The revision of the protocol that the client and the server use; %NULL before the client is connected.
   *
   * Since: 1.0
   */
  properties[PROP_PROTOCOL_VERSION] = g_param_spec_string ("protocol-version", NULL, NULL, NULL, READABLE);
  /**
   * OaiMcpClient:server-info: (getter get_server_info)
   *
   * The name and the version of the server; %NULL before the client is connected.
   *
   * Since: 1.0
   */
  properties[PROP_SERVER_INFO] = g_param_spec_object ("server-info", NULL, NULL, OAI_TYPE_MCP_IMPLEMENTATION, READABLE);
  /**
   * OaiMcpClient:capabilities: (getter get_capabilities)
   *
   * What the server supports; %NULL before the client is connected.
   *
   * Since: 1.0
   */
  properties[PROP_CAPABILITIES] = g_param_spec_object ("capabilities", NULL, NULL, OAI_TYPE_MCP_CAPABILITIES, READABLE);
  /**
   * OaiMcpClient:instructions: (getter get_instructions)
   *
   * Text of the server for the model: how its tools are used.
   *
   * Since: 1.0
   */
  properties[PROP_INSTRUCTIONS] = g_param_spec_string ("instructions", NULL, NULL, NULL, READABLE);
}

static void
install_properties (GObjectClass *object_class)
{
  install_state_properties (object_class);
  /**
   * OaiMcpClient:requested-version: (getter get_requested_version) (setter set_requested_version)
   *
   * The only revision of the protocol to use, such as `2025-11-25`; %NULL to agree on one with the server.
   *
   * Since: 1.0
   */
  properties[PROP_REQUESTED_VERSION] = g_param_spec_string ("requested-version", NULL, NULL, NULL, WRITABLE);
  /**
   * OaiMcpClient:working-directory: (getter get_working_directory) (setter set_working_directory)
   *
   * The working directory of a server that the client runs; %NULL for that of the program.
   *
   * Since: 1.0
   */
  properties[PROP_WORKING_DIRECTORY] = g_param_spec_string ("working-directory", NULL, NULL, NULL, WRITABLE);
  /**
   * OaiMcpClient:timeout-ms: (getter get_timeout_ms) (setter set_timeout_ms)
   *
   * Time limit of each request in milliseconds; 0 for no limit. It begins again when the server reports progress, up to
   * [property@Oai.McpClient:total-timeout-ms], and does not count while the program answers a request of the server. The
   * default is 60 seconds.
   *
   * Since: 1.0
   */
  properties[PROP_TIMEOUT_MS] = g_param_spec_uint ("timeout-ms", NULL, NULL, 0, G_MAXUINT, DEFAULT_TIMEOUT_MS, WRITABLE);
  /**
   * OaiMcpClient:total-timeout-ms: (getter get_total_timeout_ms) (setter set_total_timeout_ms)
   *
   * Time limit of each request in milliseconds that does not begin again when the server reports progress; 0 for no
   * limit. It does not count while the program answers a request of the server. The default is one hour.
   *
   * Since: 1.0
   */
  properties[PROP_TOTAL_TIMEOUT_MS] = g_param_spec_uint ("total-timeout-ms", NULL, NULL, 0, G_MAXUINT, DEFAULT_TOTAL_TIMEOUT_MS, WRITABLE);
  /**
   * OaiMcpClient:probe-timeout-ms: (getter get_probe_timeout_ms) (setter set_probe_timeout_ms)
   *
   * Time in milliseconds after which a server that does not reply at all is regarded as one that only supports
   * revisions before 2026-07-28. The default is 5 seconds.
   *
   * Since: 1.0
   */
  properties[PROP_PROBE_TIMEOUT_MS] = g_param_spec_uint ("probe-timeout-ms", NULL, NULL, 0, G_MAXUINT, DEFAULT_PROBE_TIMEOUT_MS, WRITABLE);
  /**
   * OaiMcpClient:max-message-size: (getter get_max_message_size) (setter set_max_message_size)
   *
   * Size limit of a message of the server in bytes; 0 for no limit. The default is 64 MiB. A larger message ends the
   * connection or the request.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_MESSAGE_SIZE] = g_param_spec_uint ("max-message-size", NULL, NULL, 0, G_MAXUINT, DEFAULT_MAX_MESSAGE_SIZE, WRITABLE);
  /**
   * OaiMcpClient:max-items: (getter get_max_items) (setter set_max_items)
   *
   * The most items that a list of the server may have, such as tools; 0 for no limit. The default is 10,000.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_ITEMS] = g_param_spec_uint ("max-items", NULL, NULL, 0, G_MAXUINT, DEFAULT_MAX_ITEMS, WRITABLE);
  /**
   * OaiMcpClient:log-level: (getter get_log_level) (setter set_log_level)
   *
   * The lowest level of [signal@Oai.McpClient::log-message], such as %OAI_MCP_LOG_LEVEL_WARNING; %NULL to
   * request none.
   *
   * Since: 1.0
   */
  properties[PROP_LOG_LEVEL] = g_param_spec_string ("log-level", NULL, NULL, NULL, WRITABLE);
  /**
   * OaiMcpClient:roots: (getter get_roots) (setter set_roots)
   *
   * The directories and files that the server should work with, a list of #GFile; %NULL if the program has none. The
   * server is notified of changes.
   *
   * Since: 1.0
   */
  properties[PROP_ROOTS] = g_param_spec_object ("roots", NULL, NULL, G_TYPE_LIST_MODEL, WRITABLE);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static guint
new_signal (const char *name, GType argument)
{
  return g_signal_new (name, OAI_TYPE_MCP_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                       argument != G_TYPE_NONE ? 1 : 0, argument);
}

static void
install_signals (void)
{
  /**
   * OaiMcpClient::tools-changed:
   * @self: the client
   *
   * Emitted when the list of tools has changed.
   *
   * Since: 1.0
   */
  signals[TOOLS_CHANGED] = new_signal ("tools-changed", G_TYPE_NONE);
  /**
   * OaiMcpClient::resources-changed:
   * @self: the client
   *
   * Emitted when the list of resources has changed.
   *
   * Since: 1.0
   */
  signals[RESOURCES_CHANGED] = new_signal ("resources-changed", G_TYPE_NONE);
  /**
   * OaiMcpClient::resource-updated:
   * @self: the client
   * @uri: the URI of the resource, or of a part of it
   *
   * Emitted when a resource has changed to which the program has subscribed.
   *
   * Since: 1.0
   */
  signals[RESOURCE_UPDATED] = new_signal ("resource-updated", G_TYPE_STRING);
  /**
   * OaiMcpClient::prompts-changed:
   * @self: the client
   *
   * Emitted when the list of prompts has changed.
   *
   * Since: 1.0
   */
  signals[PROMPTS_CHANGED] = new_signal ("prompts-changed", G_TYPE_NONE);
  /**
   * OaiMcpClient::log-message:
   * @self: the client
   * @message: the message
   *
   * Emitted for a message that the server logs. [property@Oai.McpClient:log-level] requests them.
   *
   * Since: 1.0
   */
  signals[LOG_MESSAGE] = new_signal ("log-message", OAI_TYPE_MCP_LOG_MESSAGE);
  /**
   * OaiMcpClient::elicitation-requested:
   * @self: the client
   * @elicitation: the request
   *
   * Emitted when the server requests that the user fills in a form. A handler answers @elicitation, now or later. Without
   * a handler, requests are declined.
   *
   * Since: 1.0
   */
  signals[ELICITATION_REQUESTED] = new_signal ("elicitation-requested", OAI_TYPE_MCP_ELICITATION);
  /**
   * OaiMcpClient::url-requested:
   * @self: the client
   * @elicitation: the request
   *
   * Emitted when the server requests that the user opens a URL ([method@Oai.McpElicitation.get_url]), for example to enter
   * a password that the program should not receive. A handler answers @elicitation, now or later. Without a handler,
   * requests are declined.
   *
   * A server can also refuse a request until the user has opened the URL. The request is then sent again when the handler
   * accepts, so it is useful to accept after the user has completed what the URL is for.
   *
   * Since: 1.0
   */
  signals[URL_REQUESTED] = new_signal ("url-requested", OAI_TYPE_MCP_ELICITATION);
  /**
   * OaiMcpClient::url-completed:
   * @self: the client
   * @id: identifier of the request, see [method@Oai.McpElicitation.get_id]
   *
   * Emitted when the user has completed what a URL of [signal@Oai.McpClient::url-requested] is for. Not all servers report
   * this, and none of 2026-07-28.
   *
   * Since: 1.0
   */
  signals[URL_COMPLETED] = new_signal ("url-completed", G_TYPE_STRING);
  /**
   * OaiMcpClient::sampling-requested:
   * @self: the client
   * @sampling: the request
   *
   * Emitted when the server requests a message of a model. A handler responds to @sampling, now or later. Without a
   * handler, requests are declined.
   *
   * Since: 1.0
   */
  signals[SAMPLING_REQUESTED] = new_signal ("sampling-requested", OAI_TYPE_MCP_SAMPLING);
}

static void
oai_mcp_client_class_init (OaiMcpClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = oai_mcp_client_get_property;
  object_class->set_property = oai_mcp_client_set_property;
  object_class->dispose = oai_mcp_client_dispose;
  object_class->finalize = oai_mcp_client_finalize;
  install_properties (object_class);
  install_signals ();
}

static void
oai_mcp_client_init (OaiMcpClient *self)
{
  self->timeout_ms = DEFAULT_TIMEOUT_MS;
  self->total_timeout_ms = DEFAULT_TOTAL_TIMEOUT_MS;
  self->probe_timeout_ms = DEFAULT_PROBE_TIMEOUT_MS;
  self->max_message_size = DEFAULT_MAX_MESSAGE_SIZE;
  self->max_items = DEFAULT_MAX_ITEMS;
  self->tool_headers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) oai_mcp_tool_headers_free);
  self->inbound = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
}

/**
 * oai_mcp_client_new_for_command:
 * @argv: (array zero-terminated=1): a program and its arguments
 * @environment: (nullable) (array zero-terminated=1): variables for the program, `NAME=VALUE`; or %NULL
 *
 * Creates a client of a server that it runs as a subprocess.
 *
 * Of the environment of the own process, the server gets only what programs usually need, such as `PATH`, `HOME` and
 * `LANG`, so that it gets no keys; @environment adds variables. What the server writes to its standard error becomes
 * messages of the debug log, without the values in @environment.
 *
 * Returns: (transfer full): a new client, which is not connected
 *
 * Since: 1.0
 */
OaiMcpClient *
oai_mcp_client_new_for_command (const char *const *argv, const char *const *environment)
{
  OaiMcpClient *self;

  g_return_val_if_fail (argv != NULL && argv[0] != NULL, NULL);

  self = g_object_new (OAI_TYPE_MCP_CLIENT, NULL);
  self->argv = g_strdupv ((GStrv) argv);
  self->environment = g_strdupv ((GStrv) environment);

  return self;
}

/**
 * oai_mcp_client_new_for_url:
 * @url: the URL of the server
 * @auth: (nullable): credentials: their token is sent to the server; %NULL if it needs none
 *
 * Creates a client of a server on the network, with the transport “Streamable HTTP”. For OAuth, handle
 * [signal@Oai.Auth::token-requested] of @auth, which is emitted for each request.
 *
 * Returns: (transfer full): a new client, which is not connected
 *
 * Since: 1.0
 */
OaiMcpClient *
oai_mcp_client_new_for_url (const char *url, OaiAuth *auth)
{
  OaiMcpClient *self;

  g_return_val_if_fail (url != NULL, NULL);
  g_return_val_if_fail (auth == NULL || OAI_IS_AUTH (auth), NULL);

  self = g_object_new (OAI_TYPE_MCP_CLIENT, NULL);
  self->url = g_strdup (url);
  g_set_object (&self->auth, auth);

  return self;
}
