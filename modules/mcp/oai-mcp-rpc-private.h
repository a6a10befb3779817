/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* JSON-RPC over a transport: numbers requests, finds the request of a reply, and ends requests by time-outs and
 * cancellation. */

#pragma once

#include "oai-json-doc-private.h"
#include "oai-mcp-transport-private.h"

G_BEGIN_DECLS

/* Codes of errors. */
#define OAI_MCP_METHOD_NOT_FOUND (-32601)
#define OAI_MCP_INVALID_PARAMS (-32602)
#define OAI_MCP_INTERNAL_ERROR (-32603)
#define OAI_MCP_RESOURCE_NOT_FOUND (-32002)
#define OAI_MCP_URL_REQUIRED (-32042)
#define OAI_MCP_HEADER_MISMATCH (-32020)
#define OAI_MCP_MISSING_CAPABILITY (-32021)
#define OAI_MCP_UNSUPPORTED_VERSION (-32022)

typedef struct _OaiMcpRpc OaiMcpRpc;

/* Callbacks may close or free the object. */
typedef struct
{
  /* A request of the server, to be answered with oai_mcp_rpc_respond() or oai_mcp_rpc_respond_error().  id is JSON. */
  void (*request) (OaiMcpRpc *rpc, const char *id, const char *method, OaiJsonDoc *doc, OaiJsonNode params, gpointer user_data);
  /* Gets the answer to a request of the server.  task returns JSON text; it fails with OAI_ERROR_NOT_FOUND if the method
   * is not known.  Takes task. */
  void (*answer) (OaiMcpRpc *rpc, const char *method, OaiJsonDoc *doc, OaiJsonNode params, GTask *task, gpointer user_data);
  void (*notification) (OaiMcpRpc *rpc, const char *method, OaiJsonDoc *doc, OaiJsonNode params, gpointer user_data);
  /* All requests have failed.  Borrows error. */
  void (*lost) (OaiMcpRpc *rpc, const GError *error, gpointer user_data);
} OaiMcpRpcListener;

/* The result of a request: a value of a document. */
typedef struct
{
  OaiJsonDoc *doc;
  OaiJsonNode result;
} OaiMcpReply;

void oai_mcp_reply_free (OaiMcpReply *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiMcpReply, oai_mcp_reply_free)

/* total: -1 if it is unknown; message: nullable. */
typedef void (*OaiMcpProgressFunc) (double progress, double total, const char *message, gpointer user_data);

typedef struct
{
  const char *method;
  OaiJsonDoc *params;          /* an object, or NULL */
  const char *name;            /* as in OaiMcpMessage */
  const char *const *headers;  /* as in OaiMcpMessage */
  guint timeout_ms;            /* 0: none.  It begins again when the server reports progress. */
  guint total_timeout_ms;      /* 0: none.  It does not begin again. */
  gboolean is_opening;         /* begins the connection: it is not cancelled with a notification */
  OaiMcpProgressFunc progress; /* or NULL */
  gpointer progress_data;
  GDestroyNotify progress_free;
} OaiMcpCallSpec;

/* Takes the transport, which was not started. */
OaiMcpRpc *oai_mcp_rpc_new (OaiMcpTransport *transport, const OaiMcpRpcListener *listener, gpointer user_data);
OaiMcpRpc *oai_mcp_rpc_ref (OaiMcpRpc *self);
void oai_mcp_rpc_unref (OaiMcpRpc *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiMcpRpc, oai_mcp_rpc_unref)
OaiMcpTransport *oai_mcp_rpc_get_transport (OaiMcpRpc *self);
/* FALSE after the server was lost, or after oai_mcp_rpc_shut_down(). */
gboolean oai_mcp_rpc_is_open (OaiMcpRpc *self);

/* The metadata of each request since 2026-07-28, an object; NULL for none. */
void oai_mcp_rpc_set_meta (OaiMcpRpc *self, OaiJsonDoc *meta);

/* The task returns an OaiMcpReply.  Its cancellable cancels the request.  Takes task.  Returns the number of the
 * request. */
gint64 oai_mcp_rpc_call (OaiMcpRpc *self, const OaiMcpCallSpec *spec, GTask *task);
/* While the program answers requests of the server, the time limits of its own requests do not count.  Each pause is
 * followed by a resume. */
void oai_mcp_rpc_pause (OaiMcpRpc *self);
void oai_mcp_rpc_resume (OaiMcpRpc *self);
/* Ends a request with G_IO_ERROR_CANCELLED. */
void oai_mcp_rpc_cancel (OaiMcpRpc *self, gint64 id);
/* Gets the answer to a request that is part of a reply, as for OaiMcpRpcListener. */
void oai_mcp_rpc_answer (OaiMcpRpc *self, const char *method, OaiJsonDoc *doc, OaiJsonNode params, GTask *task);
/* delivered: a task that returns TRUE when the server has received the notification; taken; nullable. */
void oai_mcp_rpc_notify (OaiMcpRpc *self, const char *method, OaiJsonDoc *params, GTask *delivered);
/* result: JSON. */
void oai_mcp_rpc_respond (OaiMcpRpc *self, const char *id, const char *result);
void oai_mcp_rpc_respond_error (OaiMcpRpc *self, const char *id, int code, const char *message);

/* All requests fail with the error, and no callback of the listener follows. */
void oai_mcp_rpc_shut_down (OaiMcpRpc *self, const GError *error);

/* The code of an error that the server sent; 0 for other errors.  data: set to the document of the reply and its
 * member "data". */
int oai_mcp_rpc_get_error_code (GTask *task, OaiJsonDoc **doc, OaiJsonNode *data);

G_END_DECLS
