/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A WebSocket connection to an endpoint of the API. */

#pragma once

#include "oai-record.h"

G_BEGIN_DECLS

/**
 * OaiWebSocketState:
 * @OAI_WEB_SOCKET_STATE_NEW: not connected yet
 * @OAI_WEB_SOCKET_STATE_CONNECTING: connecting for the first time
 * @OAI_WEB_SOCKET_STATE_OPEN: connected
 * @OAI_WEB_SOCKET_STATE_RECONNECTING: the connection was lost, and is being opened again
 * @OAI_WEB_SOCKET_STATE_CLOSING: closed by the program, and waiting for the server
 * @OAI_WEB_SOCKET_STATE_CLOSED: closed; final
 *
 * The state of a WebSocket connection.
 *
 * Since: 1.0
 */
typedef enum
{
  OAI_WEB_SOCKET_STATE_NEW,
  OAI_WEB_SOCKET_STATE_CONNECTING,
  OAI_WEB_SOCKET_STATE_OPEN,
  OAI_WEB_SOCKET_STATE_RECONNECTING,
  OAI_WEB_SOCKET_STATE_CLOSING,
  OAI_WEB_SOCKET_STATE_CLOSED
} OaiWebSocketState;

#define OAI_TYPE_WEB_SOCKET (oai_web_socket_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (OaiWebSocket, oai_web_socket, OAI, WEB_SOCKET, GObject)

struct _OaiSocketSchema;

struct _OaiWebSocketClass
{
  GObjectClass parent_class;

  /*< private >*/
  gconstpointer schema; /* OaiSocketSchema */
  gpointer padding[8];
};

OAI_AVAILABLE_IN_1_0
OaiClient *oai_web_socket_get_client (OaiWebSocket *self);
OAI_AVAILABLE_IN_1_0
OaiWebSocketState oai_web_socket_get_state (OaiWebSocket *self);
OAI_AVAILABLE_IN_1_0
char *oai_web_socket_dup_url (OaiWebSocket *self);
OAI_AVAILABLE_IN_1_0
OaiCall *oai_web_socket_get_call (OaiWebSocket *self);
OAI_AVAILABLE_IN_1_0
guint oai_web_socket_get_max_queue_size (OaiWebSocket *self);
OAI_AVAILABLE_IN_1_0
void oai_web_socket_set_max_queue_size (OaiWebSocket *self, guint bytes);
OAI_AVAILABLE_IN_1_0
guint oai_web_socket_get_max_event_size (OaiWebSocket *self);
OAI_AVAILABLE_IN_1_0
void oai_web_socket_set_max_event_size (OaiWebSocket *self, guint bytes);
OAI_AVAILABLE_IN_1_0
guint oai_web_socket_get_keepalive_interval_ms (OaiWebSocket *self);
OAI_AVAILABLE_IN_1_0
void oai_web_socket_set_keepalive_interval_ms (OaiWebSocket *self, guint interval_ms);
OAI_AVAILABLE_IN_1_0
guint oai_web_socket_get_max_reconnects (OaiWebSocket *self);
OAI_AVAILABLE_IN_1_0
void oai_web_socket_set_max_reconnects (OaiWebSocket *self, guint max_reconnects);
OAI_AVAILABLE_IN_1_0
guint oai_web_socket_get_reconnect_delay_ms (OaiWebSocket *self);
OAI_AVAILABLE_IN_1_0
void oai_web_socket_set_reconnect_delay_ms (OaiWebSocket *self, guint delay_ms);
OAI_AVAILABLE_IN_1_0
guint oai_web_socket_get_max_reconnect_delay_ms (OaiWebSocket *self);
OAI_AVAILABLE_IN_1_0
void oai_web_socket_set_max_reconnect_delay_ms (OaiWebSocket *self, guint delay_ms);
OAI_AVAILABLE_IN_1_0
void oai_web_socket_set_query_parameter (OaiWebSocket *self, const char *name, const char *value);

/* Connecting.  Sending connects as well. */
OAI_AVAILABLE_IN_1_0
void oai_web_socket_connect_async (OaiWebSocket *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_web_socket_connect_finish (OaiWebSocket *self, GAsyncResult *result, GError **error);

OAI_AVAILABLE_IN_1_0
gboolean oai_web_socket_send (OaiWebSocket *self, OaiRecord *event, GError **error);
OAI_AVAILABLE_IN_1_0
gboolean oai_web_socket_send_text (OaiWebSocket *self, const char *text, GError **error);
OAI_AVAILABLE_IN_1_0
gboolean oai_web_socket_send_bytes (OaiWebSocket *self, GBytes *data, GError **error);

OAI_AVAILABLE_IN_1_0
void oai_web_socket_close (OaiWebSocket *self, guint code, const char *reason);
OAI_AVAILABLE_IN_1_0
void oai_web_socket_close_async (OaiWebSocket *self, guint code, const char *reason, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_web_socket_close_finish (OaiWebSocket *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_web_socket_refuse_reconnect (OaiWebSocket *self, const char *reason);
OAI_AVAILABLE_IN_1_0
GPtrArray *oai_web_socket_dup_unsent_messages (OaiWebSocket *self);

/* For socket classes of modules. */
OAI_AVAILABLE_IN_1_0
void oai_web_socket_class_set_schema (OaiWebSocketClass *klass, const struct _OaiSocketSchema *schema);
OAI_AVAILABLE_IN_1_0
guint oai_web_socket_count_streams (OaiWebSocket *self);
OAI_AVAILABLE_IN_1_0
gpointer oai_web_socket_create_stream (OaiWebSocket *self, GType stream_type, const char *lane, const char *json, const GError *error);

G_END_DECLS
