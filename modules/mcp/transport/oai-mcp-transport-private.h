/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Carries messages to an MCP server and back.  A transport belongs to the main context that was the thread-default
 * one when it was created.  Pending operations hold references to it, so the owner ends it with
 * oai_mcp_transport_abandon() or oai_mcp_transport_close_async(). */

#pragma once

#include <gio/gio.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* Values of OaiMcpMessage:id for messages that are not requests. */
#define OAI_MCP_NO_ID 0

typedef struct
{
  gint64 id;                   /* of a request, or OAI_MCP_NO_ID */
  const char *method;          /* NULL for a response */
  const char *name;            /* of the tool, the prompt or the resource that a request names; or NULL */
  const char *const *headers;  /* further headers, names and values alternately; or NULL */
  char *text;                  /* JSON without line ends; taken */
  GTask *delivered;            /* returns TRUE when the server has accepted the message; taken; or NULL */
} OaiMcpMessage;

#define OAI_TYPE_MCP_TRANSPORT (oai_mcp_transport_get_type ())
G_DECLARE_DERIVABLE_TYPE (OaiMcpTransport, oai_mcp_transport, OAI, MCP_TRANSPORT, GObject)

/* Callbacks may abandon the transport. */
typedef struct
{
  /* A message has arrived.  id: the request to whose reply it belongs, or OAI_MCP_NO_ID if that is unknown. */
  void (*received) (OaiMcpTransport *transport, const char *text, gsize length, gint64 id, gpointer user_data);
  /* A request will not be answered.  Takes error. */
  void (*failed) (OaiMcpTransport *transport, gint64 id, GError *error, gpointer user_data);
  /* The server is lost; no callback follows.  Takes error. */
  void (*lost) (OaiMcpTransport *transport, GError *error, gpointer user_data);
} OaiMcpTransportListener;

struct _OaiMcpTransportClass
{
  GObjectClass parent_class;

  gboolean (*start) (OaiMcpTransport *self, GError **error);
  void (*send) (OaiMcpTransport *self, const OaiMcpMessage *message);
  /* The request with this number has ended: it was answered, cancelled, or has timed out. */
  void (*forget) (OaiMcpTransport *self, gint64 id, gboolean answered);
  /* Receives messages that belong to no request.  Optional. */
  void (*listen) (OaiMcpTransport *self);
  void (*close) (OaiMcpTransport *self, GTask *task);
  void (*abandon) (OaiMcpTransport *self);
};

void oai_mcp_transport_set_listener (OaiMcpTransport *self, const OaiMcpTransportListener *listener, gpointer user_data);
gboolean oai_mcp_transport_start (OaiMcpTransport *self, GError **error);
void oai_mcp_transport_send (OaiMcpTransport *self, const OaiMcpMessage *message);
void oai_mcp_transport_forget (OaiMcpTransport *self, gint64 id, gboolean answered);
void oai_mcp_transport_listen (OaiMcpTransport *self);
/* Ends the connection as the protocol describes.  The listener is not called any longer. */
void oai_mcp_transport_close_async (OaiMcpTransport *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean oai_mcp_transport_close_finish (OaiMcpTransport *self, GAsyncResult *result, GError **error);
/* Ends the connection at once.  The listener is not called any longer. */
void oai_mcp_transport_abandon (OaiMcpTransport *self);

/* The revision of the protocol, after it was negotiated.  stateless: whether each request has its metadata, as since
 * 2026-07-28. */
void oai_mcp_transport_set_version (OaiMcpTransport *self, const char *version, gboolean stateless);
const char *oai_mcp_transport_get_version (OaiMcpTransport *self);
gboolean oai_mcp_transport_is_stateless (OaiMcpTransport *self);
void oai_mcp_transport_set_max_message_size (OaiMcpTransport *self, guint bytes);
guint oai_mcp_transport_get_max_message_size (OaiMcpTransport *self);

/* Credentials that are redacted from the messages of errors, one on each line; NULL for none. */
const char *oai_mcp_transport_get_secrets (OaiMcpTransport *self);

/* For the subclasses. */
void oai_mcp_transport_set_secrets (OaiMcpTransport *self, const char *secrets);
gboolean oai_mcp_transport_has_listener (OaiMcpTransport *self);
void oai_mcp_transport_receive (OaiMcpTransport *self, const char *text, gsize length, gint64 id);
void oai_mcp_transport_fail (OaiMcpTransport *self, gint64 id, GError *error);
void oai_mcp_transport_lose (OaiMcpTransport *self, GError *error);
GError *oai_mcp_transport_new_too_large_error (OaiMcpTransport *self);

G_END_DECLS
