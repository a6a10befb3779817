/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-mock-private.h"

#include <string.h>

/**
 * OaiMockReply:
 *
 * A scripted reply: its content, and how it is sent.
 *
 * A body is a list of chunks. Each chunk is written separately, and is one HTTP chunk with chunked framing, so
 * that a test has exact control over which bytes arrive together. [method@OaiMock.Reply.set_chunk_size] and
 * [method@OaiMock.Reply.add_split] split the whole body again.
 *
 * A reply from [ctor@OaiMock.Reply.new_pass] has no content: the service replies as usual. Only the headers, the
 * status (if it is not 0), the transmission settings and the changes of events of the scripted reply are applied to
 * that reply.
 *
 * A scripted reply to the `GET` request of a WebSocket connection refuses or redirects it. A message of the client has
 * the method `WEBSOCKET`: the chunks of the reply to it are sent as messages, events without their names, and a reply
 * with an error status as an error message.
 *
 * Since: 1.0
 */

G_DEFINE_FINAL_TYPE (OaiMockReply, oai_mock_reply, G_TYPE_OBJECT)

static void
oai_mock_reply_finalize (GObject *object)
{
  OaiMockReply *self = OAI_MOCK_REPLY (object);

  g_clear_pointer (&self->headers, soup_message_headers_unref);
  g_clear_pointer (&self->chunks, g_ptr_array_unref);
  g_clear_pointer (&self->splits, g_array_unref);
  g_clear_pointer (&self->edits, g_ptr_array_unref);

  G_OBJECT_CLASS (oai_mock_reply_parent_class)->finalize (object);
}

static void
oai_mock_reply_class_init (OaiMockReplyClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = oai_mock_reply_finalize;
}

static void
oai_mock_reply_init (OaiMockReply *self)
{
  self->headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  self->chunks = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->splits = g_array_new (FALSE, FALSE, sizeof (gsize));
  self->head_delay = -1;
  self->chunk_delay = -1;
  self->truncate_after = -1;
  self->hang_after = -1;
  self->close_after = -1;
  self->edits = g_ptr_array_new_with_free_func ((GDestroyNotify) _oai_mock_edit_free);
  self->times = 1;
}

/**
 * oai_mock_reply_new:
 * @status: the HTTP status
 *
 * Creates a reply without a body.
 *
 * Returns: (transfer full): the reply
 * Since: 1.0
 */
OaiMockReply *
oai_mock_reply_new (guint status)
{
  OaiMockReply *self = g_object_new (OAI_MOCK_TYPE_REPLY, NULL);

  self->status = status;
  return self;
}

/**
 * oai_mock_reply_new_text:
 * @status: the HTTP status
 * @content_type: (nullable): the content type
 * @text: the body
 *
 * Creates a reply with a text body.
 *
 * Returns: (transfer full): the reply
 * Since: 1.0
 */
OaiMockReply *
oai_mock_reply_new_text (guint status, const char *content_type, const char *text)
{
  OaiMockReply *self = oai_mock_reply_new (status);

  if (content_type != NULL)
    oai_mock_reply_set_content_type (self, content_type);
  oai_mock_reply_add_text (self, text);

  return self;
}

/**
 * oai_mock_reply_new_bytes:
 * @status: the HTTP status
 * @content_type: (nullable): the content type
 * @bytes: the body
 *
 * Creates a reply with a binary body.
 *
 * Returns: (transfer full): the reply
 * Since: 1.0
 */
OaiMockReply *
oai_mock_reply_new_bytes (guint status, const char *content_type, GBytes *bytes)
{
  OaiMockReply *self = oai_mock_reply_new (status);

  if (content_type != NULL)
    oai_mock_reply_set_content_type (self, content_type);
  oai_mock_reply_add_bytes (self, bytes);

  return self;
}

/**
 * oai_mock_reply_new_json:
 * @status: the HTTP status
 * @json: the body; it need not be valid JSON
 *
 * Creates a reply with the type `application/json`.
 *
 * Returns: (transfer full): the reply
 * Since: 1.0
 */
OaiMockReply *
oai_mock_reply_new_json (guint status, const char *json)
{
  return oai_mock_reply_new_text (status, "application/json", json);
}

OaiMockReply *
_oai_mock_reply_new_object (JsonObject *object)
{
  g_autofree char *text = oai_mock_object_to_text (object);

  json_object_unref (object);
  return oai_mock_reply_new_json (200, text);
}

static OaiMockReply *
new_error (guint status, const char *type, const char *code, const char *param, const char *message)
{
  g_autoptr (JsonObject) object = oai_mock_object ("error:o", oai_mock_object ("message:s", message, "type:s", type, "param:s", param, "code:s", code, NULL), NULL);
  g_autofree char *text = oai_mock_object_to_text (object);

  return oai_mock_reply_new_json (status, text);
}

OaiMockReply *
_oai_mock_reply_new_error_for (guint status, const char *type, const char *code, const char *param, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);

  return new_error (status, type, code, param, message);
}

/**
 * oai_mock_reply_new_error:
 * @status: the HTTP status
 * @type: (nullable): the type of the error, for example `invalid_request_error`
 * @code: (nullable): the code of the error, for example `rate_limit_exceeded`
 * @message: the error's message
 *
 * Creates an error like those of OpenAI's API.
 *
 * Returns: (transfer full): the reply
 * Since: 1.0
 */
OaiMockReply *
oai_mock_reply_new_error (guint status, const char *type, const char *code, const char *message)
{
  return new_error (status, type, code, NULL, message);
}

/**
 * oai_mock_reply_new_events:
 *
 * Creates a stream with the type `text/event-stream`, status 200 and chunked framing. Add events with
 * [method@OaiMock.Reply.add_event], or any bytes with [method@OaiMock.Reply.add_text].
 *
 * Returns: (transfer full): the reply
 * Since: 1.0
 */
OaiMockReply *
oai_mock_reply_new_events (void)
{
  OaiMockReply *self = oai_mock_reply_new (200);

  oai_mock_reply_set_content_type (self, "text/event-stream; charset=utf-8");
  self->framing = OAI_MOCK_FRAMING_CHUNKED;
  self->paced = TRUE;

  return self;
}

/**
 * oai_mock_reply_new_redirect:
 * @status: the HTTP status, for example 307
 * @location: the URL
 *
 * Creates a redirect.
 *
 * Returns: (transfer full): the reply
 * Since: 1.0
 */
OaiMockReply *
oai_mock_reply_new_redirect (guint status, const char *location)
{
  OaiMockReply *self = oai_mock_reply_new (status);

  oai_mock_reply_set_header (self, "Location", location);
  return self;
}

/**
 * oai_mock_reply_new_raw:
 * @bytes: the bytes to write to the connection
 *
 * Creates a reply from bytes that include the status line, the headers and the HTTP chunk headers. The connection is
 * closed after it. More chunks can be added.
 *
 * Returns: (transfer full): the reply
 * Since: 1.0
 */
OaiMockReply *
oai_mock_reply_new_raw (GBytes *bytes)
{
  OaiMockReply *self = oai_mock_reply_new (0);

  self->raw = TRUE;
  oai_mock_reply_add_bytes (self, bytes);

  return self;
}

/**
 * oai_mock_reply_new_drop:
 *
 * Closes the connection without sending a reply.
 *
 * Returns: (transfer full): the reply
 * Since: 1.0
 */
OaiMockReply *
oai_mock_reply_new_drop (void)
{
  OaiMockReply *self = oai_mock_reply_new (0);

  self->drop = TRUE;
  return self;
}

/**
 * oai_mock_reply_new_hang:
 *
 * Sends no reply, and keeps the connection open.
 *
 * Returns: (transfer full): the reply
 * Since: 1.0
 */
OaiMockReply *
oai_mock_reply_new_hang (void)
{
  OaiMockReply *self = oai_mock_reply_new (0);

  self->raw = TRUE;
  self->hang_after = 0;

  return self;
}

/**
 * oai_mock_reply_new_pass:
 *
 * Creates a reply that changes only how the usual reply of the service is sent.
 *
 * Returns: (transfer full): the reply
 * Since: 1.0
 */
OaiMockReply *
oai_mock_reply_new_pass (void)
{
  OaiMockReply *self = oai_mock_reply_new (0);

  self->pass = TRUE;
  return self;
}

/**
 * oai_mock_reply_set_header:
 * @self: the reply
 * @name: the name of a header
 * @value: (nullable): its value, which can be empty, or %NULL to send no such header
 *
 * Sets a header. It replaces the header of this name that the service would send.
 *
 * Since: 1.0
 */
void
oai_mock_reply_set_header (OaiMockReply *self, const char *name, const char *value)
{
  g_return_if_fail (OAI_MOCK_IS_REPLY (self));
  g_return_if_fail (name != NULL);

  soup_message_headers_replace (self->headers, name, value != NULL ? value : "\x01");
}

/**
 * oai_mock_reply_set_content_type:
 * @self: the reply
 * @content_type: the type
 *
 * Sets the header `Content-Type`, which need not match the body.
 *
 * Since: 1.0
 */
void
oai_mock_reply_set_content_type (OaiMockReply *self, const char *content_type)
{
  g_return_if_fail (OAI_MOCK_IS_REPLY (self));

  oai_mock_reply_set_header (self, "Content-Type", content_type);
}

/**
 * oai_mock_reply_add_bytes:
 * @self: the reply
 * @bytes: the bytes; empty bytes are ignored
 *
 * Adds a chunk to the body.
 *
 * Since: 1.0
 */
void
oai_mock_reply_add_bytes (OaiMockReply *self, GBytes *bytes)
{
  g_return_if_fail (OAI_MOCK_IS_REPLY (self));
  g_return_if_fail (bytes != NULL);

  if (g_bytes_get_size (bytes) > 0)
    g_ptr_array_add (self->chunks, g_bytes_ref (bytes));
}

/**
 * oai_mock_reply_add_text:
 * @self: the reply
 * @text: the text
 *
 * Adds a chunk to the body.
 *
 * Since: 1.0
 */
void
oai_mock_reply_add_text (OaiMockReply *self, const char *text)
{
  g_autoptr (GBytes) bytes = NULL;

  g_return_if_fail (OAI_MOCK_IS_REPLY (self));
  g_return_if_fail (text != NULL);

  bytes = g_bytes_new (text, strlen (text));
  oai_mock_reply_add_bytes (self, bytes);
}

/**
 * oai_mock_reply_add_event:
 * @self: the reply
 * @event: (nullable): the event's name
 * @data: the event's data; each line becomes a `data:` line
 *
 * Adds a server-sent event to the body, as one chunk.
 *
 * Since: 1.0
 */
void
oai_mock_reply_add_event (OaiMockReply *self, const char *event, const char *data)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_auto (GStrv) lines = NULL;

  g_return_if_fail (OAI_MOCK_IS_REPLY (self));
  g_return_if_fail (data != NULL);

  if (event != NULL)
    g_string_append_printf (text, "event: %s\n", event);
  lines = g_strsplit (data, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    g_string_append_printf (text, "data: %s\n", lines[i]);
  if (lines[0] == NULL)
    g_string_append (text, "data: \n");
  g_string_append_c (text, '\n');
  oai_mock_reply_add_text (self, text->str);
}

/* Takes @object. */
void
_oai_mock_reply_add_object_event (OaiMockReply *self, const char *event, JsonObject *object)
{
  g_autofree char *text = oai_mock_object_to_text (object);

  oai_mock_reply_add_event (self, event, text);
  json_object_unref (object);
}

void
_oai_mock_reply_add_done (OaiMockReply *self)
{
  oai_mock_reply_add_event (self, NULL, "[DONE]");
}

/* The text of the first chunk, or an empty text. */
char *
_oai_mock_reply_dup_text (OaiMockReply *self)
{
  GBytes *bytes = self->chunks->len > 0 ? g_ptr_array_index (self->chunks, 0) : NULL;
  gsize length = 0;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;

  return g_strndup (data != NULL ? data : "", length);
}

/**
 * oai_mock_reply_add_repeated:
 * @self: the reply
 * @bytes: the bytes
 * @times: the number of repetitions
 *
 * Adds the same chunk several times without copying it, for long bodies.
 *
 * Since: 1.0
 */
void
oai_mock_reply_add_repeated (OaiMockReply *self, GBytes *bytes, guint times)
{
  g_return_if_fail (OAI_MOCK_IS_REPLY (self));
  g_return_if_fail (bytes != NULL);

  for (guint i = 0; i < times; i++)
    oai_mock_reply_add_bytes (self, bytes);
}

/**
 * oai_mock_reply_set_head_delay:
 * @self: the reply
 * @milliseconds: the delay
 *
 * Sets the delay before the status line.
 *
 * Since: 1.0
 */
void
oai_mock_reply_set_head_delay (OaiMockReply *self, guint milliseconds)
{
  g_return_if_fail (OAI_MOCK_IS_REPLY (self));

  self->head_delay = (int) milliseconds;
}

/**
 * oai_mock_reply_set_chunk_delay:
 * @self: the reply
 * @milliseconds: the delay
 *
 * Sets the delay before each chunk of the body.
 *
 * Since: 1.0
 */
void
oai_mock_reply_set_chunk_delay (OaiMockReply *self, guint milliseconds)
{
  g_return_if_fail (OAI_MOCK_IS_REPLY (self));

  self->chunk_delay = (int) milliseconds;
}

/**
 * oai_mock_reply_set_chunk_size:
 * @self: the reply
 * @bytes: the size of each chunk, or 0 to keep the chunks unchanged
 *
 * Splits the whole body into chunks of the same size.
 *
 * Since: 1.0
 */
void
oai_mock_reply_set_chunk_size (OaiMockReply *self, gsize bytes)
{
  g_return_if_fail (OAI_MOCK_IS_REPLY (self));

  self->chunk_size = bytes;
}

static int
compare_sizes (gconstpointer a, gconstpointer b)
{
  gsize first = *(const gsize *) a, second = *(const gsize *) b;

  return first < second ? -1 : first > second;
}

/**
 * oai_mock_reply_add_split:
 * @self: the reply
 * @position: an offset in the body
 *
 * Joins the body into one chunk, and splits it at this offset and at those of earlier calls.
 *
 * Since: 1.0
 */
void
oai_mock_reply_add_split (OaiMockReply *self, gsize position)
{
  g_return_if_fail (OAI_MOCK_IS_REPLY (self));

  g_array_append_val (self->splits, position);
  g_array_sort (self->splits, compare_sizes);
}

/**
 * oai_mock_reply_set_truncate_after:
 * @self: the reply
 * @bytes: the number of bytes of the body to send before it, -1 for all
 *
 * Closes the connection within the body, so that the body is truncated.
 *
 * Since: 1.0
 */
void
oai_mock_reply_set_truncate_after (OaiMockReply *self, gint64 bytes)
{
  g_return_if_fail (OAI_MOCK_IS_REPLY (self));

  self->truncate_after = bytes;
}

/**
 * oai_mock_reply_set_hang_after:
 * @self: the reply
 * @bytes: the number of bytes of the body to send before it, -1 for all
 *
 * Stops sending within the body, and keeps the connection open. For WebSocket connections this is a number of messages,
 * and the next message of the client continues it.
 *
 * Since: 1.0
 */
void
oai_mock_reply_set_hang_after (OaiMockReply *self, gint64 bytes)
{
  g_return_if_fail (OAI_MOCK_IS_REPLY (self));

  self->hang_after = bytes;
}

/**
 * oai_mock_reply_set_reset:
 * @self: the reply
 * @reset: whether to reset
 *
 * Resets the connection instead of closing it, after a truncated body or without a reply.
 *
 * Since: 1.0
 */
void
oai_mock_reply_set_reset (OaiMockReply *self, gboolean reset)
{
  g_return_if_fail (OAI_MOCK_IS_REPLY (self));

  self->reset = !!reset;
}

/**
 * oai_mock_reply_set_close:
 * @self: the reply
 * @close: whether to close
 *
 * Closes the connection after the complete reply, and sends `Connection: close`.
 *
 * Since: 1.0
 */
void
oai_mock_reply_set_close (OaiMockReply *self, gboolean close)
{
  g_return_if_fail (OAI_MOCK_IS_REPLY (self));

  self->close = !!close;
}

/**
 * oai_mock_reply_set_gzip:
 * @self: the reply
 * @gzip: whether to compress
 * @flush: whether each chunk can be decompressed as soon as it has arrived
 *
 * Compresses the body. Without @flush, compressed bytes are sent when the buffer of the compressor is full, which for a short
 * body is at the end.
 *
 * Since: 1.0
 */
void
oai_mock_reply_set_gzip (OaiMockReply *self, gboolean gzip, gboolean flush)
{
  g_return_if_fail (OAI_MOCK_IS_REPLY (self));

  self->gzip = !!gzip;
  self->gzip_flush = !!flush;
}

/**
 * oai_mock_reply_set_framing:
 * @self: the reply
 * @framing: the framing
 *
 * Sets how the end of the body is transmitted.
 *
 * Since: 1.0
 */
void
oai_mock_reply_set_framing (OaiMockReply *self, OaiMockFraming framing)
{
  g_return_if_fail (OAI_MOCK_IS_REPLY (self));

  self->framing = framing;
}

/**
 * oai_mock_reply_omit_events:
 * @self: a reply from [ctor@OaiMock.Reply.new_pass]
 * @pattern: the types of events, such as `*.done`
 *
 * Removes events from the usual reply of the service, as other servers do not send all of them.
 *
 * Since: 1.0
 */
void
oai_mock_reply_omit_events (OaiMockReply *self, const char *pattern)
{
  g_return_if_fail (OAI_MOCK_IS_REPLY (self));
  g_return_if_fail (pattern != NULL);

  g_ptr_array_add (self->edits, _oai_mock_edit_new (pattern, NULL, NULL));
}

/**
 * oai_mock_reply_edit_events:
 * @self: a reply from [ctor@OaiMock.Reply.new_pass]
 * @pattern: the types of events, such as `response.completed` or `*`
 * @path: the member to change, such as `sequence_number` or `response.output`
 * @json: (nullable): the new value as JSON, or %NULL to remove the member
 *
 * Changes a member of events in the usual reply of the service, as other servers send other values.
 *
 * Since: 1.0
 */
void
oai_mock_reply_edit_events (OaiMockReply *self, const char *pattern, const char *path, const char *json)
{
  g_return_if_fail (OAI_MOCK_IS_REPLY (self));
  g_return_if_fail (pattern != NULL);
  g_return_if_fail (path != NULL);

  g_ptr_array_add (self->edits, _oai_mock_edit_new (pattern, path, json));
}

/**
 * oai_mock_reply_set_close_after:
 * @self: the reply to the request that opens a WebSocket connection, or to a message on it
 * @messages: the number of messages to send before it, -1 for all
 * @code: the code of the close message; 0, or a code that no server sends, such as 1006, to end the
 *   connection without a close message
 *
 * Closes the WebSocket connection after some messages.
 *
 * Since: 1.0
 */
void
oai_mock_reply_set_close_after (OaiMockReply *self, gint64 messages, guint code)
{
  g_return_if_fail (OAI_MOCK_IS_REPLY (self));

  self->close_after = messages;
  self->close_code = code;
}

/**
 * oai_mock_reply_set_times:
 * @self: the reply
 * @times: the number of requests that get this reply, 0 for all
 *
 * Sends a queued reply to several requests. Call this before the reply is queued.
 *
 * Since: 1.0
 */
void
oai_mock_reply_set_times (OaiMockReply *self, guint times)
{
  g_return_if_fail (OAI_MOCK_IS_REPLY (self));

  self->times = times;
}
