/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sends a reply chunk by chunk, and detects when the client closes the connection. */

#include "oai-mock-private.h"

#include <sys/socket.h>

typedef struct {
  SoupServerMessage *message;
  OaiMockRequest *request;
  OaiMockReply *reply;
  GMainContext *context;
  OaiMockPlayerDone done;
  gpointer data;

  GSocket *socket;
  GPtrArray *plan;
  gsize total;
  gsize raw_offset;
  guint next;
  GSource *timer;
  GSource *watch;
  GSource *writable;
  gboolean wrote_body;
  gboolean truncated;
} Player;

static void next_chunk (Player *self);

static void
clear_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
player_free (Player *self)
{
  clear_source (&self->timer);
  clear_source (&self->watch);
  clear_source (&self->writable);
  g_signal_handlers_disconnect_by_data (self->message, self);
  g_clear_object (&self->message);
  g_clear_object (&self->request);
  g_clear_object (&self->reply);
  g_clear_object (&self->socket);
  g_clear_pointer (&self->plan, g_ptr_array_unref);
  g_main_context_unref (self->context);
  g_free (self);
}

static void
end (Player *self, gboolean aborted)
{
  if (aborted)
    _oai_mock_request_set_aborted (self->request);
  self->done (self->data, self->request, aborted);
  player_free (self);
}

static void
start_timer (Player *self, guint milliseconds, GSourceFunc callback)
{
  clear_source (&self->timer);
  self->timer = g_timeout_source_new (milliseconds);
  g_source_set_callback (self->timer, callback, self, NULL);
  g_source_attach (self->timer, self->context);
}

/* Closes the socket, so that the writes of the server fail, which ends the message. */
static void
close_connection (Player *self)
{
  if (self->reply->reset)
    {
      struct linger linger = { 1, 0 };

      setsockopt (g_socket_get_fd (self->socket), SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
      g_socket_close (self->socket, NULL);
    }
  else
    g_socket_shutdown (self->socket, TRUE, TRUE, NULL);
}

static void
give_up (Player *self)
{
  clear_source (&self->timer);
  clear_source (&self->watch);
  clear_source (&self->writable);
  close_connection (self);
  soup_message_body_complete (soup_server_message_get_response_body (self->message));
  soup_server_message_unpause (self->message);
}

static gboolean
on_socket_readable (GSocket *socket, GIOCondition condition, gpointer data)
{
  Player *self = data;
  char byte;
  gssize n = recv (g_socket_get_fd (socket), &byte, 1, MSG_PEEK | MSG_DONTWAIT);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  clear_source (&self->watch);
  if (n <= 0)
    give_up (self);

  return G_SOURCE_REMOVE;
}

static void
watch_client (Player *self)
{
  self->watch = g_socket_create_source (self->socket, G_IO_IN | G_IO_HUP | G_IO_ERR, NULL);
  g_source_set_callback (self->watch, G_SOURCE_FUNC (on_socket_readable), self, NULL);
  g_source_attach (self->watch, self->context);
}

static gboolean
is_last (Player *self)
{
  return self->next == self->plan->len && self->reply->truncate_after < 0 && self->reply->hang_after < 0;
}

static void
send_chunk (Player *self)
{
  SoupMessageBody *body = soup_server_message_get_response_body (self->message);

  if (self->next < self->plan->len)
    soup_message_body_append_bytes (body, g_ptr_array_index (self->plan, self->next++));
  if (is_last (self))
    soup_message_body_complete (body);
}

static gboolean
on_chunk_due (gpointer data)
{
  Player *self = data;

  g_clear_pointer (&self->timer, g_source_unref);
  send_chunk (self);
  soup_server_message_unpause (self->message);

  return G_SOURCE_REMOVE;
}

/* Called while the server writes. The server continues with the appended data, or pauses if there is none. */
static void
next_chunk (Player *self)
{
  if (self->next < self->plan->len && self->reply->chunk_delay > 0)
    start_timer (self, self->reply->chunk_delay, on_chunk_due);
  else if (self->next < self->plan->len || is_last (self))
    send_chunk (self);
  else if (self->reply->truncate_after >= 0)
    {
      self->truncated = TRUE;
      close_connection (self);
      soup_message_body_complete (soup_server_message_get_response_body (self->message));
    }
}

static void
on_wrote (SoupServerMessage *message, gpointer data)
{
  next_chunk (data);
}

static void
on_wrote_body (SoupServerMessage *message, gpointer data)
{
  ((Player *) data)->wrote_body = TRUE;
}

static void
on_finished (SoupServerMessage *message, gpointer data)
{
  Player *self = data;

  end (self, !self->wrote_body && !self->truncated);
}

static void
on_disconnected (SoupServerMessage *message, gpointer data)
{
  end (data, FALSE);
}

static void
apply_headers (Player *self)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (self->message);
  SoupMessageHeadersIter iter;
  const char *name, *value;

  soup_message_headers_iter_init (&iter, self->reply->headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    {
      if (value[0] == '\x01')
        soup_message_headers_remove (headers, name);
      else
        soup_message_headers_replace (headers, name, value);
    }
  if (self->reply->gzip)
    soup_message_headers_replace (headers, "Content-Encoding", "gzip");
  if (self->reply->close || self->reply->framing == OAI_MOCK_FRAMING_UNTIL_CLOSE)
    soup_message_headers_replace (headers, "Connection", "close");
}

static void
apply_framing (Player *self)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (self->message);
  OaiMockFraming framing = self->reply->framing;

  if (framing == OAI_MOCK_FRAMING_AUTO)
    framing = self->plan->len > 1 ? OAI_MOCK_FRAMING_CHUNKED : OAI_MOCK_FRAMING_LENGTH;
  if (framing == OAI_MOCK_FRAMING_CHUNKED)
    soup_message_headers_set_encoding (headers, SOUP_ENCODING_CHUNKED);
  else if (framing == OAI_MOCK_FRAMING_UNTIL_CLOSE)
    soup_message_headers_set_encoding (headers, SOUP_ENCODING_EOF);
  else
    soup_message_headers_set_content_length (headers, self->total);
}

static void
begin_message (Player *self)
{
  soup_server_message_set_status (self->message, self->reply->status, NULL);
  soup_message_body_set_accumulate (soup_server_message_get_response_body (self->message), FALSE);
  apply_headers (self);
  apply_framing (self);
  g_signal_connect (self->message, "wrote-headers", G_CALLBACK (on_wrote), self);
  g_signal_connect (self->message, "wrote-chunk", G_CALLBACK (on_wrote), self);
  g_signal_connect (self->message, "wrote-body", G_CALLBACK (on_wrote_body), self);
  soup_server_message_unpause (self->message);
}

static void write_raw (Player *self);

static gboolean
on_raw_due (gpointer data)
{
  Player *self = data;

  g_clear_pointer (&self->timer, g_source_unref);
  write_raw (self);

  return G_SOURCE_REMOVE;
}

static gboolean
on_socket_writable (GSocket *socket, GIOCondition condition, gpointer data)
{
  Player *self = data;

  clear_source (&self->writable);
  write_raw (self);

  return G_SOURCE_REMOVE;
}

static void
wait_writable (Player *self)
{
  self->writable = g_socket_create_source (self->socket, G_IO_OUT, NULL);
  g_source_set_callback (self->writable, G_SOURCE_FUNC (on_socket_writable), self, NULL);
  g_source_attach (self->writable, self->context);
}

static void
write_raw (Player *self)
{
  while (self->next < self->plan->len)
    {
      g_autoptr (GError) error = NULL;
      gsize length;
      const char *data = g_bytes_get_data (g_ptr_array_index (self->plan, self->next), &length);
      gssize n = g_socket_send_with_blocking (self->socket, data + self->raw_offset, length - self->raw_offset, FALSE, NULL, &error);

      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          wait_writable (self);
          return;
        }
      if (n < 0)
        {
          give_up (self);
          return;
        }
      self->raw_offset += n;
      if (self->raw_offset < length)
        continue;
      self->raw_offset = 0;
      self->next++;
      if (self->next < self->plan->len && self->reply->chunk_delay > 0)
        {
          start_timer (self, self->reply->chunk_delay, on_raw_due);
          return;
        }
    }
  if (self->reply->hang_after >= 0)
    return;
  self->truncated = TRUE;
  give_up (self);
}

static gboolean
on_begin (gpointer data)
{
  Player *self = data;

  g_clear_pointer (&self->timer, g_source_unref);
  if (self->reply->drop)
    {
      self->truncated = TRUE;
      give_up (self);
    }
  else if (self->reply->raw)
    write_raw (self);
  else
    begin_message (self);

  return G_SOURCE_REMOVE;
}

void
_oai_mock_player_play (SoupServerMessage *message,
                       OaiMockRequest    *request,
                       OaiMockReply      *reply,
                       GMainContext      *context,
                       OaiMockPlayerDone  done,
                       gpointer           data)
{
  Player *self = g_new0 (Player, 1);

  self->message = g_object_ref (message);
  self->request = g_object_ref (request);
  self->reply = g_object_ref (reply);
  self->context = g_main_context_ref (context);
  self->done = done;
  self->data = data;
  self->socket = g_object_ref (soup_server_message_get_socket (message));
  self->plan = _oai_mock_reply_plan (reply, &self->total);

  g_signal_connect (message, "finished", G_CALLBACK (on_finished), self);
  g_signal_connect (message, "disconnected", G_CALLBACK (on_disconnected), self);
  soup_server_message_pause (message);
  watch_client (self);
  if (reply->head_delay > 0)
    start_timer (self, reply->head_delay, on_begin);
  else
    on_begin (self);
}
