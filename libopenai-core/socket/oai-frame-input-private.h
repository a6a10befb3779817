/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads the frames of a WebSocket connection for libsoup, which limits the size of a frame, but neither that of
 * a message of several frames, nor how much it reads before it handles the frames, nor the answers to pings
 * that it keeps. */

#pragma once

#include <libsoup/soup.h>

#include "oai-pollable-stream-private.h"

G_BEGIN_DECLS

#define OAI_TYPE_FRAME_INPUT (oai_frame_input_get_type ())
G_DECLARE_FINAL_TYPE (OaiFrameInput, oai_frame_input, OAI, FRAME_INPUT, OaiPollableStream)

/* How many pings may arrive before the answers to them have been written. */
#define OAI_FRAME_INPUT_MAX_PINGS 1000

/* Puts a new stream below that of a connection whose handshake has ended.  limit: size of a message in bytes;
 * 0 for none.  context: that of the connection.  Returns the new stream, which the connection owns; NULL if
 * the stream of the connection is no filter, as that of libsoup is. */
OaiFrameInput *oai_frame_input_install (SoupWebsocketConnection *connection, guint limit, GMainContext *context);

/* Whether bytes have arrived since the last call. */
gboolean oai_frame_input_take_activity (OaiFrameInput *self);

G_END_DECLS
