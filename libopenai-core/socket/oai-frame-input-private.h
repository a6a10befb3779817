/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads the frames of a WebSocket connection for libsoup, which limits the size of a frame, but neither that of
 * a message of several frames, nor how much it reads before it handles the frames. */

#pragma once

#include "oai-pollable-stream-private.h"

G_BEGIN_DECLS

#define OAI_TYPE_FRAME_INPUT (oai_frame_input_get_type ())
G_DECLARE_FINAL_TYPE (OaiFrameInput, oai_frame_input, OAI, FRAME_INPUT, OaiPollableStream)

/* Puts a new stream below the filter stream of a connection whose handshake has ended.  limit: size of a message
 * in bytes; 0 for none. */
void oai_frame_input_install (GFilterInputStream *filter, guint limit);

G_END_DECLS
