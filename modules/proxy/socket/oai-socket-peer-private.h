/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One of the two ends of a relayed WebSocket connection: reads and writes messages, answers pings, and detects a peer that
 * is gone.  It uses the main context that was the thread-default one when it was created. */

#pragma once

#include <gio/gio.h>

#include "oai-frame-reader-private.h"

G_BEGIN_DECLS

typedef struct _OaiSocketPeer OaiSocketPeer;

typedef struct
{
  gsize max_message_size;   /* in bytes */
  gsize max_pending_size;   /* bytes of pending output, above which the other side is not read */
  guint keepalive_ms;       /* a peer from which nothing has arrived for so long is pinged; after twice that time, it is
                             * gone.  0: never, and there is no write time-out */
  guint write_timeout_ms;   /* without progress of the pending output, after which the peer is gone, in intervals of
                             * keepalive_ms; 0: none */
  guint close_timeout_ms;   /* for the handshake that closes the connection */
} OaiSocketSettings;

#define OAI_SOCKET_SETTINGS_INIT { 16 * 1024 * 1024, 256 * 1024, 30 * 1000, 60 * 1000, 5 * 1000 }

/* All functions may release the peer. */
typedef struct
{
  /* data: valid during the call. */
  void (*message) (OaiSocketPeer *peer, gboolean is_text, const char *data, gsize size, gpointer user_data);
  /* The messages that had arrived were reported. */
  void (*idle) (OaiSocketPeer *peer, gpointer user_data);
  /* The pending output is below the limit again. */
  void (*writable) (OaiSocketPeer *peer, gpointer user_data);
  /* The peer closes the connection; there are no more messages. */
  void (*closing) (OaiSocketPeer *peer, guint code, const char *reason, gsize length, gpointer user_data);
  /* The peer violated the protocol, and receives the code; or, with the code 0, it is gone.  There are no more messages.
   * problem: static. */
  void (*failed) (OaiSocketPeer *peer, guint code, const char *problem, gpointer user_data);
  /* The connection is closed.  The last call. */
  void (*ended) (OaiSocketPeer *peer, gpointer user_data);
} OaiSocketPeerFuncs;

/* from_client: the peer is a client.  input: the stream to read, or NULL for that of stream.  owner: closes the stream
 * when it is released; or NULL.  settings: borrowed. */
OaiSocketPeer *oai_socket_peer_new (GIOStream *stream, GInputStream *input, GObject *owner, gboolean from_client,
                                    const OaiSocketSettings *settings, const OaiSocketPeerFuncs *funcs, gpointer user_data);
/* Closes the connection at once.  No function is called. */
void oai_socket_peer_free (OaiSocketPeer *self);

/* Begins to read.  first: bytes that have arrived before, or NULL. */
void oai_socket_peer_start (OaiSocketPeer *self, GBytes *first);
/* Writes bytes that are no frame. */
void oai_socket_peer_write_raw (OaiSocketPeer *self, const char *data, gsize size);
/* Appends a message to the output, until oai_socket_peer_flush(). */
void oai_socket_peer_send (OaiSocketPeer *self, gboolean is_text, const char *data, gsize size);
void oai_socket_peer_flush (OaiSocketPeer *self);
/* Whether the pending output is above its limit. */
gboolean oai_socket_peer_is_full (OaiSocketPeer *self);
/* Stops and continues reading. */
void oai_socket_peer_set_paused (OaiSocketPeer *self, gboolean paused);

/* The last frame of this side.  Has no effect after the first call. */
void oai_socket_peer_send_close (OaiSocketPeer *self, guint code, const char *reason, gsize length);
gboolean oai_socket_peer_has_sent_close (OaiSocketPeer *self);
/* Writes the pending output, and closes the connection within the time limit. */
void oai_socket_peer_finish (OaiSocketPeer *self);

G_END_DECLS
