/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads the frames of a WebSocket connection: RFC 6455, without extensions.  What the RFC does not allow is an error. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define OAI_FRAME_MAX_CONTROL 125

/* Opcodes */
enum
{
  OAI_FRAME_CONTINUATION = 0x0,
  OAI_FRAME_TEXT = 0x1,
  OAI_FRAME_BINARY = 0x2,
  OAI_FRAME_CLOSE = 0x8,
  OAI_FRAME_PING = 0x9,
  OAI_FRAME_PONG = 0xa
};

/* Codes of closed connections */
enum
{
  OAI_CLOSE_NORMAL = 1000,
  OAI_CLOSE_GOING_AWAY = 1001,
  OAI_CLOSE_PROTOCOL = 1002,
  OAI_CLOSE_NONE = 1005, /* the frame contains no code */
  OAI_CLOSE_BAD_DATA = 1007,
  OAI_CLOSE_POLICY = 1008,
  OAI_CLOSE_TOO_BIG = 1009,
  OAI_CLOSE_FAILED = 1011
};

typedef enum
{
  OAI_FRAME_EVENT_NONE, /* all bytes were read */
  OAI_FRAME_EVENT_MESSAGE,
  OAI_FRAME_EVENT_PING,
  OAI_FRAME_EVENT_PONG,
  OAI_FRAME_EVENT_CLOSE,
  OAI_FRAME_EVENT_INVALID
} OaiFrameEvent;

typedef struct
{
  gboolean from_client; /* the frames must be masked; otherwise, they must not */
  gsize max_size;       /* of a message in bytes */

  guint8 head[14];
  guint n_head;
  gboolean in_payload;
  guint64 n_left;       /* bytes of the payload of the frame */
  guint mask_offset;
  guint opcode;         /* of the message; 0 between messages */
  gboolean is_complete; /* the message was reported */
  gsize n_valid;        /* bytes of a text that are valid UTF-8 */

  GByteArray *message;  /* of MESSAGE: its contents, valid until the next call */
  guint8 control[OAI_FRAME_MAX_CONTROL];
  guint n_control;      /* of PING, PONG: the number of bytes in control */
  guint close_code;     /* of CLOSE, and the one to send after INVALID */
  const char *problem;  /* of INVALID; static */
} OaiFrameReader;

void oai_frame_reader_init (OaiFrameReader *self, gboolean from_client, gsize max_size);
void oai_frame_reader_clear (OaiFrameReader *self);
/* Reads up to the next event, and returns the number of bytes that were read.  There are no calls after INVALID. */
gsize oai_frame_reader_feed (OaiFrameReader *self, const guint8 *bytes, gsize length, OaiFrameEvent *event);
/* Of MESSAGE. */
gboolean oai_frame_reader_is_text (const OaiFrameReader *self);
/* Of CLOSE: the reason, without a NUL at its end. */
const char *oai_frame_reader_get_reason (const OaiFrameReader *self, gsize *length);

/* Appends a frame.  masked: as a client does. */
void oai_frame_append (GByteArray *output, guint opcode, gconstpointer payload, gsize length, gboolean masked);
/* Appends a frame that closes the connection.  code: OAI_CLOSE_NONE for none.  A reason that is too long is truncated at a
 * character. */
void oai_frame_append_close (GByteArray *output, guint code, const char *reason, gsize length, gboolean masked);

G_END_DECLS
