/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-frame-reader-private.h"

#include <string.h>

#include "oai-json-scan-private.h"

#define FINAL 0x80
#define RESERVED 0x70
#define OPCODE 0x0f
#define CONTROL 0x08
#define MASKED 0x80
#define LENGTH 0x7f
#define MAX_REASON (OAI_FRAME_MAX_CONTROL - 2)
/* Memory of a larger message is released after it. */
#define KEPT_SIZE (16 * 1024)

void
oai_frame_reader_init (OaiFrameReader *self, gboolean from_client, gsize max_size)
{
  memset (self, 0, sizeof *self);
  self->from_client = from_client;
  self->max_size = MIN (max_size, G_MAXINT / 2);
}

void
oai_frame_reader_clear (OaiFrameReader *self)
{
  g_clear_pointer (&self->message, g_byte_array_unref);
}

static gboolean
fail (OaiFrameReader *self, guint code, const char *problem)
{
  self->close_code = code;
  self->problem = problem;

  return FALSE;
}

/* Heads */

static guint
get_head_length (const OaiFrameReader *self)
{
  guint length = self->head[1] & LENGTH;
  guint mask = self->head[1] & MASKED ? 4 : 0;

  return mask + (length == 127 ? 10 : length == 126 ? 4 : 2);
}

static guint64
get_payload_length (const OaiFrameReader *self)
{
  guint length = self->head[1] & LENGTH;
  guint n = length == 127 ? 8 : length == 126 ? 2 : 0;
  guint64 value = 0;

  if (n == 0)
    return length;
  for (guint i = 0; i < n; i++)
    value = value << 8 | self->head[2 + i];

  return value;
}

static gboolean
check_first_byte (OaiFrameReader *self)
{
  guint opcode = self->head[0] & OPCODE;
  gboolean is_final = (self->head[0] & FINAL) != 0;

  if ((self->head[0] & RESERVED) != 0)
    return fail (self, OAI_CLOSE_PROTOCOL, "A reserved bit is set");

  switch (opcode)
    {
    case OAI_FRAME_CONTINUATION:
      return self->opcode != 0 || fail (self, OAI_CLOSE_PROTOCOL, "There is no message to continue");
    case OAI_FRAME_TEXT:
    case OAI_FRAME_BINARY:
      return self->opcode == 0 || fail (self, OAI_CLOSE_PROTOCOL, "A message begins within another one");
    case OAI_FRAME_CLOSE:
    case OAI_FRAME_PING:
    case OAI_FRAME_PONG:
      return is_final || fail (self, OAI_CLOSE_PROTOCOL, "A control frame is not final");
    default:
      return fail (self, OAI_CLOSE_PROTOCOL, "The opcode is reserved");
    }
}

static gboolean
check_second_byte (OaiFrameReader *self)
{
  if (((self->head[1] & MASKED) != 0) != self->from_client)
    return fail (self, OAI_CLOSE_PROTOCOL, self->from_client ? "A frame is not masked" : "A frame is masked");
  if ((self->head[0] & CONTROL) != 0 && (self->head[1] & LENGTH) > OAI_FRAME_MAX_CONTROL)
    return fail (self, OAI_CLOSE_PROTOCOL, "A control frame is too long");

  return TRUE;
}

/* The length must be in its shortest form. */
static gboolean
check_length (OaiFrameReader *self)
{
  guint form = self->head[1] & LENGTH;
  guint64 length = get_payload_length (self);
  gsize size = self->message != NULL ? self->message->len : 0;

  if (length >> 63 != 0 || (form == 126 && length < 126) || (form == 127 && length <= G_MAXUINT16))
    return fail (self, OAI_CLOSE_PROTOCOL, "The length of a frame is invalid");
  if ((self->head[0] & CONTROL) == 0 && (length > self->max_size || size > self->max_size - length))
    return fail (self, OAI_CLOSE_TOO_BIG, "The message is too large");

  return TRUE;
}

static void
begin_message (OaiFrameReader *self, guint opcode)
{
  self->opcode = opcode;
  self->n_valid = 0;
  if (self->message == NULL)
    self->message = g_byte_array_new ();
}

static gboolean
begin_payload (OaiFrameReader *self)
{
  guint opcode = self->head[0] & OPCODE;

  if (!check_length (self))
    return FALSE;

  self->in_payload = TRUE;
  self->mask_offset = 0;
  self->n_left = get_payload_length (self);
  if ((opcode & CONTROL) != 0)
    self->n_control = 0;
  else if (opcode != OAI_FRAME_CONTINUATION)
    begin_message (self, opcode);

  return TRUE;
}

/* Each byte is checked when it arrives. */
static gboolean
feed_head (OaiFrameReader *self, guint8 byte)
{
  self->head[self->n_head++] = byte;
  if (self->n_head == 1)
    return check_first_byte (self);
  if (self->n_head == 2 && !check_second_byte (self))
    return FALSE;

  return self->n_head < get_head_length (self) || begin_payload (self);
}

/* Payloads */

/* offset: of the first byte within the payload. */
static void
apply_mask (guint8 *to, const guint8 *from, gsize length, const guint8 *mask, guint offset)
{
  guint8 turned[8];
  guint64 word;
  gsize i = 0;

  for (guint n = 0; n < 8; n++)
    turned[n] = mask[(offset + n) & 3];
  memcpy (&word, turned, sizeof word);

  for (; length - i >= sizeof word; i += sizeof word)
    {
      guint64 bytes;

      memcpy (&bytes, from + i, sizeof bytes);
      bytes ^= word;
      memcpy (to + i, &bytes, sizeof bytes);
    }
  for (; i < length; i++)
    to[i] = from[i] ^ turned[i & 7];
}

static void
copy_payload (OaiFrameReader *self, guint8 *to, const guint8 *bytes, gsize length)
{
  if (self->from_client)
    apply_mask (to, bytes, length, self->head + self->n_head - 4, self->mask_offset);
  else
    memcpy (to, bytes, length);
  self->mask_offset = (guint) ((self->mask_offset + length) & 3);
  self->n_left -= length;
}

/* The memory grows with the bytes that arrive, and not by the length that a head declares. */
static void
copy_to_message (OaiFrameReader *self, const guint8 *bytes, gsize length)
{
  guint size = self->message->len;

  g_byte_array_set_size (self->message, size + (guint) length);
  copy_payload (self, self->message->data + size, bytes, length);
}

static void
copy_to_control (OaiFrameReader *self, const guint8 *bytes, gsize length)
{
  copy_payload (self, self->control + self->n_control, bytes, length);
  self->n_control += (guint) length;
}

/* Skips the text, in which NUL is valid, up to the first byte that is not valid. */
static const char *
skip_valid (const char *text, const char *end)
{
  const char *p = text;

  while (p < end && !g_utf8_validate_len (p, (gsize) (end - p), &p) && p < end && *p == '\0')
    p++;

  return p;
}

static gboolean
is_beginning_of_character (const char *text, const char *end)
{
  guint8 first = (guint8) *text;
  const guchar *bytes = (const guchar *) text;

  return first >= 0xc2 && first <= 0xf4 && oai_json_scan_utf8 (bytes, (const guchar *) end) == text - end;
}

/* Checks the text that has arrived, at whose end a part of a character may be missing. */
static gboolean
check_text (OaiFrameReader *self, gboolean is_complete)
{
  const char *text = (const char *) self->message->data;
  const char *end;
  const char *p;

  if (self->message->len == self->n_valid)
    return TRUE;

  end = text + self->message->len;
  p = skip_valid (text + self->n_valid, end);
  self->n_valid = (gsize) (p - text);
  if (p == end || (!is_complete && is_beginning_of_character (p, end)))
    return TRUE;

  return fail (self, OAI_CLOSE_BAD_DATA, "A text is not valid UTF-8");
}

static gboolean
is_valid_code (guint code)
{
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

static gboolean
check_close (OaiFrameReader *self)
{
  const char *reason = (const char *) self->control + 2;
  const char *end = (const char *) self->control + self->n_control;

  if (self->n_control == 0)
    {
      self->close_code = OAI_CLOSE_NONE;
      return TRUE;
    }
  if (self->n_control == 1)
    return fail (self, OAI_CLOSE_PROTOCOL, "The code of a closed connection is incomplete");

  self->close_code = (guint) self->control[0] << 8 | self->control[1];
  if (!is_valid_code (self->close_code))
    return fail (self, OAI_CLOSE_PROTOCOL, "The code of a closed connection is invalid");
  if (skip_valid (reason, end) != end)
    return fail (self, OAI_CLOSE_BAD_DATA, "The reason of a closed connection is not valid UTF-8");

  return TRUE;
}

static OaiFrameEvent
end_control (OaiFrameReader *self)
{
  switch (self->head[0] & OPCODE)
    {
    case OAI_FRAME_PING:
      return OAI_FRAME_EVENT_PING;
    case OAI_FRAME_PONG:
      return OAI_FRAME_EVENT_PONG;
    default:
      return check_close (self) ? OAI_FRAME_EVENT_CLOSE : OAI_FRAME_EVENT_INVALID;
    }
}

static OaiFrameEvent
end_data (OaiFrameReader *self)
{
  gboolean is_final = (self->head[0] & FINAL) != 0;

  if (oai_frame_reader_is_text (self) && !check_text (self, is_final))
    return OAI_FRAME_EVENT_INVALID;
  if (!is_final)
    return OAI_FRAME_EVENT_NONE;

  self->is_complete = TRUE;

  return OAI_FRAME_EVENT_MESSAGE;
}

static OaiFrameEvent
end_frame (OaiFrameReader *self)
{
  OaiFrameEvent event = (self->head[0] & CONTROL) != 0 ? end_control (self) : end_data (self);

  self->in_payload = FALSE;
  self->n_head = 0;

  return event;
}

static OaiFrameEvent
feed_payload (OaiFrameReader *self, const guint8 *bytes, gsize length)
{
  if (length > 0 && (self->head[0] & CONTROL) != 0)
    copy_to_control (self, bytes, length);
  else if (length > 0)
    copy_to_message (self, bytes, length);
  if (self->n_left == 0)
    return end_frame (self);
  if ((self->head[0] & CONTROL) == 0 && oai_frame_reader_is_text (self) && !check_text (self, FALSE))
    return OAI_FRAME_EVENT_INVALID;

  return OAI_FRAME_EVENT_NONE;
}

static void
release_message (OaiFrameReader *self)
{
  self->is_complete = FALSE;
  self->opcode = 0;
  if (self->message->len > KEPT_SIZE)
    g_clear_pointer (&self->message, g_byte_array_unref);
  else
    g_byte_array_set_size (self->message, 0);
}

gsize
oai_frame_reader_feed (OaiFrameReader *self, const guint8 *bytes, gsize length, OaiFrameEvent *event)
{
  gsize n = 0;

  if (self->is_complete)
    release_message (self);

  *event = OAI_FRAME_EVENT_NONE;
  while (*event == OAI_FRAME_EVENT_NONE && (n < length || (self->in_payload && self->n_left == 0)))
    {
      if (self->in_payload)
        {
          gsize chunk = (gsize) MIN (self->n_left, length - n);

          *event = feed_payload (self, bytes + n, chunk);
          n += chunk;
        }
      else if (!feed_head (self, bytes[n++]))
        {
          *event = OAI_FRAME_EVENT_INVALID;
        }
    }

  return n;
}

gboolean
oai_frame_reader_is_text (const OaiFrameReader *self)
{
  return self->opcode == OAI_FRAME_TEXT;
}

const char *
oai_frame_reader_get_reason (const OaiFrameReader *self, gsize *length)
{
  *length = self->n_control > 2 ? self->n_control - 2 : 0;

  return (const char *) self->control + 2;
}

/* Writing */

static guint
make_head (guint8 *head, guint opcode, gsize length)
{
  guint n = length > G_MAXUINT16 ? 8 : length > 125 ? 2 : 0;

  head[0] = (guint8) (FINAL | opcode);
  head[1] = (guint8) (n == 8 ? 127 : n == 2 ? 126 : length);
  for (guint i = 0; i < n; i++)
    head[2 + i] = (guint8) ((guint64) length >> (8 * (n - 1 - i)));

  return 2 + n;
}

void
oai_frame_append (GByteArray *output, guint opcode, gconstpointer payload, gsize length, gboolean masked)
{
  guint8 head[14];
  guint n = make_head (head, opcode, length);
  guint32 mask = masked ? g_random_int () : 0;
  guint size;

  if (masked)
    {
      head[1] |= MASKED;
      memcpy (head + n, &mask, sizeof mask);
      n += sizeof mask;
    }
  g_byte_array_append (output, head, n);
  size = output->len;
  g_byte_array_set_size (output, size + (guint) length);
  if (length == 0)
    return;
  if (masked)
    apply_mask (output->data + size, payload, length, head + n - sizeof mask, 0);
  else
    memcpy (output->data + size, payload, length);
}

void
oai_frame_append_close (GByteArray *output, guint code, const char *reason, gsize length, gboolean masked)
{
  guint8 payload[OAI_FRAME_MAX_CONTROL] = { (guint8) (code >> 8), (guint8) code };

  if (code == OAI_CLOSE_NONE)
    {
      oai_frame_append (output, OAI_FRAME_CLOSE, NULL, 0, masked);
      return;
    }
  if (length > MAX_REASON)
    {
      for (length = MAX_REASON; length > 0 && (reason[length] & 0xc0) == 0x80;)
        length--;
    }
  if (length > 0)
    memcpy (payload + 2, reason, length);
  oai_frame_append (output, OAI_FRAME_CLOSE, payload, length + 2, masked);
}
