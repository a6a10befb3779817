/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-mcp-rpc-private.h"

#include <string.h>

#include "oai-deadline-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-builder-private.h"
#include "oai-json-writer-private.h"
#include "oai-redact-private.h"

/* Lines that are no messages, after which the server is not regarded as an MCP server. */
#define MAX_GARBAGE 1000
#define MAX_ERROR_MESSAGE 2000

struct _OaiMcpRpc
{
  int ref_count;
  OaiMcpTransport *transport;
  const OaiMcpRpcListener *listener; /* NULL after the end */
  gpointer user_data; /* NULL after the owner has shut it down */
  GHashTable *requests; /* number → Request */
  gint64 last_id;
  OaiJsonDoc *meta;
  guint n_garbage;
  guint n_pauses;
};

typedef struct
{
  OaiMcpRpc *rpc;
  gint64 id;
  char *method;
  GTask *task;
  OaiDeadline deadline;
  guint timeout_ms;
  guint total_timeout_ms;
  gint64 elapsed;     /* microseconds in which the time limits counted, until started_at */
  gint64 started_at;  /* monotonic microseconds; 0 while they do not count */
  gboolean is_opening;
  OaiMcpProgressFunc progress;
  gpointer progress_data;
  GDestroyNotify progress_free;
} Request;

/* An error that the server sent. */
typedef struct
{
  int code;
  OaiJsonDoc *doc;
  OaiJsonNode data;
} ServerError;

static GQuark
get_server_error_quark (void)
{
  return g_quark_from_static_string ("oai-mcp-server-error");
}

static void
server_error_free (ServerError *self)
{
  oai_json_doc_unref (self->doc);
  g_free (self);
}

void
oai_mcp_reply_free (OaiMcpReply *self)
{
  oai_json_doc_unref (self->doc);
  g_free (self);
}

static void
request_free (Request *self)
{
  oai_deadline_clear (&self->deadline);
  g_clear_object (&self->task);
  if (self->progress_free != NULL)
    self->progress_free (self->progress_data);
  g_free (self->method);
  g_free (self);
}

/* Removes a request from the table.  NULL if it has ended. */
static Request *
steal_request (OaiMcpRpc *self, gint64 id)
{
  Request *request = NULL;

  g_hash_table_steal_extended (self->requests, &id, NULL, (gpointer *) &request);

  return request;
}

/* Takes error.  The callback may iterate the main loop, in which the request must not end again. */
static void
fail_request (Request *request, GError *error)
{
  oai_deadline_disarm (&request->deadline);
  g_task_return_error (request->task, error);
  request_free (request);
}

/* Messages to the server */

static OaiJsonBuilder *
begin_message (const char *method)
{
  OaiJsonBuilder *builder = oai_json_builder_new_object ();

  oai_json_builder_add_string (builder, "jsonrpc", "2.0", -1);
  if (method != NULL)
    oai_json_builder_add_string (builder, "method", method, -1);

  return builder;
}

static void
add_meta (OaiMcpRpc *self, OaiJsonBuilder *builder, gint64 id, gboolean with_progress)
{
  if (self->meta == NULL && !with_progress)
    return;

  oai_json_builder_begin_object (builder, "_meta");
  if (self->meta != NULL)
    oai_json_builder_add_members (builder, self->meta, 0);
  if (with_progress)
    oai_json_builder_add_int (builder, "progressToken", id);
  oai_json_builder_end (builder);
}

static void
send_request (OaiMcpRpc *self, const OaiMcpCallSpec *spec, gint64 id)
{
  OaiJsonBuilder *builder = begin_message (spec->method);
  OaiMcpMessage message = { id, spec->method, spec->name, spec->headers, NULL, NULL };

  oai_json_builder_add_int (builder, "id", id);
  if (spec->params != NULL || self->meta != NULL || spec->progress != NULL)
    {
      oai_json_builder_begin_object (builder, "params");
      if (spec->params != NULL)
        oai_json_builder_add_members (builder, spec->params, 0);
      add_meta (self, builder, id, spec->progress != NULL);
      oai_json_builder_end (builder);
    }
  message.text = oai_json_builder_finish_text (builder);
  oai_mcp_transport_send (self->transport, &message);
}

static void
send_text (OaiMcpRpc *self, const char *method, OaiJsonBuilder *builder, GTask *delivered)
{
  OaiMcpMessage message = { OAI_MCP_NO_ID, method, NULL, NULL, oai_json_builder_finish_text (builder), delivered };

  oai_mcp_transport_send (self->transport, &message);
}

void
oai_mcp_rpc_notify (OaiMcpRpc *self, const char *method, OaiJsonDoc *params, GTask *delivered)
{
  OaiJsonBuilder *builder = begin_message (method);

  if (params != NULL)
    oai_json_builder_add_node (builder, "params", params, 0);
  send_text (self, method, builder, delivered);
}

static void
send_cancelled (OaiMcpRpc *self, gint64 id, const char *reason)
{
  OaiJsonBuilder *builder = begin_message ("notifications/cancelled");

  oai_json_builder_begin_object (builder, "params");
  oai_json_builder_add_int (builder, "requestId", id);
  oai_json_builder_add_string (builder, "reason", reason, -1);
  oai_json_builder_end (builder);
  send_text (self, "notifications/cancelled", builder, NULL);
}

/* id is JSON that oai_json_dup_node() wrote. */
static void
add_id (OaiJsonBuilder *builder, const char *id)
{
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (id, -1, OAI_JSON_TOLERANT, NULL);

  oai_json_builder_add_node (builder, "id", doc, 0);
}

void
oai_mcp_rpc_respond (OaiMcpRpc *self, const char *id, const char *result)
{
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (result, -1, OAI_JSON_TOLERANT, NULL);
  OaiJsonBuilder *builder;

  if (self->listener == NULL)
    return;

  builder = begin_message (NULL);
  add_id (builder, id);
  oai_json_builder_add_node (builder, "result", doc, 0);
  send_text (self, NULL, builder, NULL);
}

void
oai_mcp_rpc_respond_error (OaiMcpRpc *self, const char *id, int code, const char *text)
{
  OaiJsonBuilder *builder;

  if (self->listener == NULL)
    return;

  builder = begin_message (NULL);
  add_id (builder, id);
  oai_json_builder_begin_object (builder, "error");
  oai_json_builder_add_int (builder, "code", code);
  oai_json_builder_add_string (builder, "message", text, -1);
  oai_json_builder_end (builder);
  send_text (self, NULL, builder, NULL);
}

/* Time limits */

static void
stop_deadline (Request *request)
{
  if (request->started_at > 0)
    request->elapsed += g_get_monotonic_time () - request->started_at;
  request->started_at = 0;
  oai_deadline_stop (&request->deadline);
}

static gint64
get_total_left_ms (Request *request)
{
  return request->total_timeout_ms - request->elapsed / 1000;
}

static gboolean
is_total_over (Request *request)
{
  return request->total_timeout_ms > 0 && get_total_left_ms (request) <= 0;
}

static void
start_deadline (Request *request)
{
  gint64 limit = request->timeout_ms;

  stop_deadline (request);
  if (request->rpc->n_pauses > 0)
    return;

  request->started_at = g_get_monotonic_time ();
  if (request->total_timeout_ms > 0)
    limit = MIN (limit > 0 ? limit : G_MAXINT64, MAX (get_total_left_ms (request), 1));
  oai_deadline_start (&request->deadline, limit, 0);
}

static void
change_deadlines (OaiMcpRpc *self)
{
  GHashTableIter iter;
  gpointer request;

  g_hash_table_iter_init (&iter, self->requests);
  while (g_hash_table_iter_next (&iter, NULL, &request))
    start_deadline (request);
}

void
oai_mcp_rpc_pause (OaiMcpRpc *self)
{
  if (self->n_pauses++ == 0)
    change_deadlines (self);
}

void
oai_mcp_rpc_resume (OaiMcpRpc *self)
{
  if (--self->n_pauses == 0)
    change_deadlines (self);
}

/* The end of a request */

/* Ends a request that the server has not answered.  Takes error. */
static void
abort_request (OaiMcpRpc *self, Request *request, GError *error, const char *reason)
{
  if (!request->is_opening)
    send_cancelled (self, request->id, reason);
  oai_mcp_transport_forget (self->transport, request->id, FALSE);
  fail_request (request, error);
}

static GError *
new_cancelled_error (void)
{
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("The operation was cancelled"));
}

static void
deadline_cb (gboolean timed_out, gpointer user_data)
{
  Request *request = user_data;
  g_autoptr(OaiMcpRpc) self = oai_mcp_rpc_ref (request->rpc);
  GError *error = NULL;

  steal_request (self, request->id);
  stop_deadline (request);
  if (timed_out)
    error = g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("The MCP server did not answer “%s” within %u milliseconds"),
                         request->method, is_total_over (request) ? request->total_timeout_ms : request->timeout_ms);
  else
    error = new_cancelled_error ();
  abort_request (self, request, error, timed_out ? "The request timed out" : "The request was cancelled");
}

void
oai_mcp_rpc_cancel (OaiMcpRpc *self, gint64 id)
{
  Request *request = steal_request (self, id);

  if (request != NULL)
    abort_request (self, request, new_cancelled_error (), "The request was cancelled");
}

static GError *
new_closed_error (void)
{
  return g_error_new_literal (OAI_ERROR, OAI_ERROR_CONNECTION, _("The MCP server is not connected. Connect the client with oai_mcp_client_connect_async()"));
}

void
oai_mcp_rpc_answer (OaiMcpRpc *self, const char *method, OaiJsonDoc *doc, OaiJsonNode params, GTask *task)
{
  if (self->listener != NULL)
    {
      self->listener->answer (self, method, doc, params, task, self->user_data);
      return;
    }

  g_task_return_error (task, new_closed_error ());
  g_object_unref (task);
}

gint64
oai_mcp_rpc_call (OaiMcpRpc *self, const OaiMcpCallSpec *spec, GTask *task)
{
  Request *request = g_new0 (Request, 1);
  GCancellable *cancellable = g_task_get_cancellable (task);

  request->rpc = self;
  request->id = ++self->last_id;
  request->method = g_strdup (spec->method);
  request->task = task;
  request->timeout_ms = spec->timeout_ms;
  request->total_timeout_ms = spec->total_timeout_ms;
  request->is_opening = spec->is_opening;
  request->progress = spec->progress;
  request->progress_data = spec->progress_data;
  request->progress_free = spec->progress_free;
  oai_deadline_init (&request->deadline, g_task_get_context (task), deadline_cb, request);
  if (self->listener == NULL || g_cancellable_is_cancelled (cancellable))
    {
      gint64 id = request->id;

      fail_request (request, self->listener != NULL ? new_cancelled_error () : new_closed_error ());
      return id;
    }

  g_hash_table_insert (self->requests, &request->id, request);
  oai_deadline_set_cancellable (&request->deadline, cancellable);
  start_deadline (request);
  send_request (self, spec, request->id);

  return request->id;
}

static void
fail_all (OaiMcpRpc *self, const GError *error)
{
  g_autoptr(GPtrArray) requests = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer request;

  g_hash_table_iter_init (&iter, self->requests);
  while (g_hash_table_iter_next (&iter, NULL, &request))
    {
      oai_deadline_disarm (&((Request *) request)->deadline);
      g_ptr_array_add (requests, request);
    }
  g_hash_table_steal_all (self->requests);
  for (guint i = 0; i < requests->len; i++)
    fail_request (requests->pdata[i], g_error_copy (error));
}

static void
end (OaiMcpRpc *self, const GError *error)
{
  self->listener = NULL;
  oai_mcp_transport_set_listener (self->transport, NULL, NULL);
  fail_all (self, error);
}

void
oai_mcp_rpc_shut_down (OaiMcpRpc *self, const GError *error)
{
  self->user_data = NULL;
  end (self, error);
}

/* The owner is informed before the requests end, whose callbacks can then use it. */
static void
lose (OaiMcpRpc *self, const GError *error)
{
  if (self->listener != NULL && self->user_data != NULL)
    self->listener->lost (self, error, self->user_data);
  end (self, error);
}

/* Messages of the server */

static gboolean
is_not_found (int code)
{
  return code == OAI_MCP_METHOD_NOT_FOUND || code == OAI_MCP_RESOURCE_NOT_FOUND;
}

static GError *
new_server_error (Request *request, int code, const char *message)
{
  const char *method = request->method;
  g_autofree char *text = oai_redact_and_truncate (message, strlen (message), oai_mcp_transport_get_secrets (request->rpc->transport), MAX_ERROR_MESSAGE);

  oai_make_printable (text);
  if (code == OAI_MCP_METHOD_NOT_FOUND)
    return g_error_new (OAI_ERROR, OAI_ERROR_NOT_FOUND, _("The MCP server does not support “%s”: %s"), method, text);

  /* Translators: the first %s is the name of a method, the second the text of the server, %d the number of the error. */
  return g_error_new (OAI_ERROR, is_not_found (code) ? OAI_ERROR_NOT_FOUND : code == OAI_MCP_INVALID_PARAMS ? OAI_ERROR_BAD_REQUEST : OAI_ERROR_SERVER,
                      _("The MCP server answered “%s” with an error: %s (%d)"), method, text, code);
}

/* Takes request. */
static void
take_error (Request *request, OaiJsonDoc *doc, OaiJsonNode node)
{
  ServerError *details = g_new0 (ServerError, 1);
  const char *message = oai_json_get_string (doc, oai_json_get_member (doc, node, "message"), NULL);
  gint64 code = 0;

  oai_json_get_int (doc, oai_json_get_member (doc, node, "code"), &code);
  details->code = CLAMP (code, G_MININT, G_MAXINT);
  details->doc = oai_json_doc_ref (doc);
  details->data = oai_json_get_member (doc, node, "data");
  g_object_set_qdata_full (G_OBJECT (request->task), get_server_error_quark (), details, (GDestroyNotify) server_error_free);
  fail_request (request, new_server_error (request, details->code, message != NULL ? message : ""));
}

/* Takes request. */
static void
take_result (Request *request, OaiJsonDoc *doc, OaiJsonNode result)
{
  OaiMcpReply *reply;

  if (oai_json_get_type (doc, result) != OAI_JSON_OBJECT)
    {
      fail_request (request, g_error_new (OAI_ERROR, OAI_ERROR_PROTOCOL, _("The MCP server answered “%s” without a result"), request->method));
      return;
    }

  reply = g_new (OaiMcpReply, 1);
  *reply = (OaiMcpReply) { oai_json_doc_ref (doc), result };
  oai_deadline_disarm (&request->deadline);
  g_task_return_pointer (request->task, reply, (GDestroyNotify) oai_mcp_reply_free);
  request_free (request);
}

/* hint: the request to whose reply the message belongs; it is meant if the message has no number. */
static void
take_response (OaiMcpRpc *self, OaiJsonDoc *doc, OaiJsonNode node, gint64 hint)
{
  OaiJsonNode error = oai_json_get_member (doc, node, "error");
  Request *request;
  gint64 id;

  if (!oai_json_get_int (doc, oai_json_get_member (doc, node, "id"), &id))
    id = oai_json_get_type (doc, error) == OAI_JSON_OBJECT ? hint : OAI_MCP_NO_ID;
  request = steal_request (self, id);
  if (request == NULL)
    {
      g_debug ("A message of an MCP server belongs to no request, and is ignored");
      return;
    }

  oai_mcp_transport_forget (self->transport, id, TRUE);
  if (oai_json_get_type (doc, error) == OAI_JSON_OBJECT)
    take_error (request, doc, error);
  else
    take_result (request, doc, oai_json_get_member (doc, node, "result"));
}

static void
take_progress (OaiMcpRpc *self, OaiJsonDoc *doc, OaiJsonNode params)
{
  double progress = -1;
  double total = -1;
  Request *request;
  gint64 id;

  if (!oai_json_get_int (doc, oai_json_get_member (doc, params, "progressToken"), &id))
    return;

  request = g_hash_table_lookup (self->requests, &id);
  if (request == NULL || request->progress == NULL)
    return;

  start_deadline (request);
  oai_json_get_double (doc, oai_json_get_member (doc, params, "progress"), &progress);
  oai_json_get_double (doc, oai_json_get_member (doc, params, "total"), &total);
  request->progress (progress, total, oai_json_get_string (doc, oai_json_get_member (doc, params, "message"), NULL), request->progress_data);
}

static void
take_message (OaiMcpRpc *self, OaiJsonDoc *doc, OaiJsonNode node, gint64 hint)
{
  OaiJsonNode id = oai_json_get_member (doc, node, "id");
  OaiJsonNode params = oai_json_get_member (doc, node, "params");
  const char *method = oai_json_get_string (doc, oai_json_get_member (doc, node, "method"), NULL);
  g_autofree char *id_text = NULL;

  if (method == NULL)
    {
      take_response (self, doc, node, hint);
      return;
    }

  if (oai_json_get_type (doc, id) == OAI_JSON_STRING || oai_json_get_type (doc, id) == OAI_JSON_INT)
    {
      id_text = oai_json_dup_node (doc, id);
      self->listener->request (self, id_text, method, doc, params, self->user_data);
    }
  else if (strcmp (method, "notifications/progress") == 0)
    take_progress (self, doc, params);
  else
    self->listener->notification (self, method, doc, params, self->user_data);
}

static void
take_garbage (OaiMcpRpc *self)
{
  g_autoptr(GError) error = NULL;

  if (++self->n_garbage == 1)
    g_debug ("The output of an MCP server contains text that is no message, which is ignored");
  if (self->n_garbage <= MAX_GARBAGE)
    return;

  error = g_error_new_literal (OAI_ERROR, OAI_ERROR_PROTOCOL, _("The output of the MCP server is not in the Model Context Protocol"));
  oai_mcp_transport_abandon (self->transport);
  lose (self, error);
}

/* Until 2025-03-26, several messages can be sent as one array. */
static void
received_cb (OaiMcpTransport *transport, const char *text, gsize length, gint64 id, gpointer user_data)
{
  g_autoptr(OaiMcpRpc) self = oai_mcp_rpc_ref (user_data);
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (text, length, OAI_JSON_TOLERANT, NULL);
  OaiJsonIter iter;
  OaiJsonNode node;

  if (doc != NULL && oai_json_get_type (doc, 0) == OAI_JSON_OBJECT)
    {
      take_message (self, doc, 0, id);
      return;
    }
  if (doc == NULL || oai_json_get_type (doc, 0) != OAI_JSON_ARRAY)
    {
      take_garbage (self);
      return;
    }

  oai_json_iter_init (&iter, doc, 0);
  while (self->listener != NULL && oai_json_iter_next (&iter, NULL, &node))
    if (oai_json_get_type (doc, node) == OAI_JSON_OBJECT)
      take_message (self, doc, node, OAI_MCP_NO_ID);
}

static void
failed_cb (OaiMcpTransport *transport, gint64 id, GError *error, gpointer user_data)
{
  Request *request = steal_request (user_data, id);

  if (request != NULL)
    fail_request (request, error);
  else
    g_error_free (error);
}

static void
lost_cb (OaiMcpTransport *transport, GError *error, gpointer user_data)
{
  g_autoptr(OaiMcpRpc) self = oai_mcp_rpc_ref (user_data);
  g_autoptr(GError) owned = error;

  lose (self, owned);
}

static const OaiMcpTransportListener transport_listener = { received_cb, failed_cb, lost_cb };

/* The object */

OaiMcpRpc *
oai_mcp_rpc_new (OaiMcpTransport *transport, const OaiMcpRpcListener *listener, gpointer user_data)
{
  OaiMcpRpc *self = g_new0 (OaiMcpRpc, 1);

  self->ref_count = 1;
  self->transport = transport;
  self->listener = listener;
  self->user_data = user_data;
  self->requests = g_hash_table_new (g_int64_hash, g_int64_equal);
  oai_mcp_transport_set_listener (transport, &transport_listener, self);

  return self;
}

OaiMcpRpc *
oai_mcp_rpc_ref (OaiMcpRpc *self)
{
  self->ref_count++;

  return self;
}

void
oai_mcp_rpc_unref (OaiMcpRpc *self)
{
  if (--self->ref_count > 0)
    return;

  g_hash_table_unref (self->requests);
  g_clear_object (&self->transport);
  g_clear_pointer (&self->meta, oai_json_doc_unref);
  g_free (self);
}

OaiMcpTransport *
oai_mcp_rpc_get_transport (OaiMcpRpc *self)
{
  return self->transport;
}

gboolean
oai_mcp_rpc_is_open (OaiMcpRpc *self)
{
  return self->listener != NULL;
}

void
oai_mcp_rpc_set_meta (OaiMcpRpc *self, OaiJsonDoc *meta)
{
  g_clear_pointer (&self->meta, oai_json_doc_unref);
  if (meta != NULL)
    self->meta = oai_json_doc_ref (meta);
}

int
oai_mcp_rpc_get_error_code (GTask *task, OaiJsonDoc **doc, OaiJsonNode *data)
{
  ServerError *details = g_object_get_qdata (G_OBJECT (task), get_server_error_quark ());

  if (details == NULL)
    return 0;

  if (doc != NULL)
    *doc = details->doc;
  if (data != NULL)
    *data = details->data;

  return details->code;
}
