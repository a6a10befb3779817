/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-http-connection-private.h"

#include "oai-http-body-private.h"
#include "oai-http-reply-private.h"
#include "oai-http-transport-private.h"

#include <string.h>

/* The size of the buffer for input, if heads are not larger. */
#define INPUT_SIZE (16 * 1024)
/* The rest of a body that is read so that the connection can be used again. */
#define MAX_REST (64 * 1024)
/* Bytes that are discarded before a connection is closed. */
#define MAX_DISCARDED (1024 * 1024)
#define FIRST_OUTPUT_SIZE 1024
/* A head, the line of a chunk, its data and its end. */
#define MAX_VECTORS 4

#define MICROSECONDS 1000
/* Also the line of the next chunk. */
#define CHUNK_LINE_SIZE 20

typedef enum
{
  PHASE_NEW,
  PHASE_HEAD,    /* reads the head of a request, or waits for one */
  PHASE_REQUEST, /* a request is being processed */
  PHASE_REFUSED, /* a reply to a refused head is being written */
  PHASE_REST,    /* discards the rest of a body */
  PHASE_DISCARD, /* discards input until the client closes the connection */
  PHASE_CLOSED,
} Phase;

typedef enum
{
  REPLY_NONE,
  REPLY_BEGUN,
  REPLY_ENDED,
  REPLY_ABORTED,
} Reply;

/* How long a direction has been waiting for the client, during one body. */
typedef struct
{
  gint64 since;  /* monotonic microseconds; 0 if it does not wait */
  gint64 waited; /* microseconds, earlier */
  guint64 bytes;
} Wait;

typedef struct
{
  char *data;
  gsize begin;
  gsize end;
  gsize size;
} Buffer;

struct _OaiHttpConnection
{
  int ref_count;
  OaiHttpSettings settings;
  OaiHttpConnectionFuncs funcs;
  gpointer user_data;
  OaiHttpTransport transport;
  Buffer input;
  Buffer output;
  GError *error;        /* of writing; the connection will be closed */
  guint n_requests;
  Phase phase;
  gboolean running;     /* run() is */
  gboolean finishing;   /* the current request is the last one */
  gboolean keep_alive;
  gint64 phase_since;   /* monotonic microseconds: of the first byte of a head, of waiting for it, or of the phase */
  guint64 n_discarded;

  /* The request */
  OaiHttpScan scan;
  OaiHttpHead *head;
  OaiHttpBody body;
  gboolean continued;   /* "100 Continue" was sent, or is not expected */
  gboolean want_readable;
  const OaiHttpRefusal *refusal;
  Wait read_wait;

  /* The reply */
  Reply reply;
  gboolean without_body;
  OaiHttpFraming framing;
  guint64 left;         /* bytes until the length is reached */
  gboolean want_writable;
  Wait write_wait;
};

static const OaiHttpRefusal head_timed_out = { 408, "request_timeout", "The head of the request did not arrive in time" };
static const OaiHttpRefusal body_timed_out = { 408, "request_timeout", "The body of the request did not arrive in time" };

/* Buffers */

static gsize
buffer_length (const Buffer *buffer)
{
  return buffer->end - buffer->begin;
}

/* Makes room at the end for at least this many bytes. */
static void
buffer_reserve (Buffer *buffer, gsize room, gsize first_size)
{
  gsize length = buffer_length (buffer);

  if (buffer->size - buffer->end >= room)
    return;

  if (buffer->begin > 0)
    memmove (buffer->data, buffer->data + buffer->begin, length);
  buffer->begin = 0;
  buffer->end = length;
  if (buffer->size - length >= room)
    return;

  buffer->size = MAX (MAX (first_size, buffer->size * 2), length + room);
  buffer->data = g_realloc (buffer->data, buffer->size);
}

static void
buffer_append (Buffer *buffer, gconstpointer data, gsize size)
{
  if (size == 0)
    return;

  buffer_reserve (buffer, size, FIRST_OUTPUT_SIZE);
  memcpy (buffer->data + buffer->end, data, size);
  buffer->end += size;
}

static void
buffer_clear (Buffer *buffer)
{
  g_clear_pointer (&buffer->data, g_free);
  *buffer = (Buffer) { 0 };
}

/* Idle connections have no buffers. */
static void
buffer_consume (Buffer *buffer, gsize size)
{
  buffer->begin += size;
  if (buffer->begin == buffer->end)
    buffer_clear (buffer);
}

/* Waiting */

static void
wait_begin (Wait *wait)
{
  if (wait->since == 0)
    wait->since = g_get_monotonic_time ();
}

static void
wait_end (Wait *wait)
{
  if (wait->since > 0)
    wait->waited += g_get_monotonic_time () - wait->since;
  wait->since = 0;
}

static void
wait_progress (Wait *wait, gsize bytes)
{
  gboolean waits = wait->since > 0;

  wait->bytes += bytes;
  wait_end (wait);
  if (waits)
    wait_begin (wait);
}

/* A client that sends or accepts few bytes may not wait longer in total than they take at the minimum rate. */
static gint64
wait_get_deadline (const Wait *wait, guint timeout_ms, guint min_rate)
{
  gint64 limit = (gint64) timeout_ms * MICROSECONDS;
  gint64 budget = limit + (gint64) (MIN (wait->bytes, G_MAXINT32) * G_USEC_PER_SEC / min_rate) - wait->waited;

  if (wait->since == 0)
    return 0;

  return wait->since + CLAMP (budget, 0, limit);
}

/* Life */

OaiHttpConnection *
oai_http_connection_ref (OaiHttpConnection *self)
{
  self->ref_count++;

  return self;
}

static void
clear_request (OaiHttpConnection *self)
{
  g_clear_pointer (&self->head, oai_http_head_free);
  oai_http_body_clear (&self->body);
}

void
oai_http_connection_unref (OaiHttpConnection *self)
{
  if (--self->ref_count > 0)
    return;

  if (self->transport.stream != NULL)
    oai_http_transport_close (&self->transport, FALSE);
  clear_request (self);
  buffer_clear (&self->input);
  buffer_clear (&self->output);
  g_clear_error (&self->error);
  g_free (self);
}

/* Ends the connection.  The main loop's reference is released. */
static void
end (OaiHttpConnection *self)
{
  gboolean started = self->phase != PHASE_NEW;

  self->phase = PHASE_CLOSED;
  buffer_clear (&self->input);
  buffer_clear (&self->output);
  if (started)
    oai_http_connection_unref (self);
}

static void
close_with (OaiHttpConnection *self, const GError *error, gboolean reset)
{
  g_autoptr(OaiHttpConnection) alive = NULL;

  if (self->phase == PHASE_CLOSED)
    return;

  alive = oai_http_connection_ref (self);
  oai_http_transport_close (&self->transport, reset);
  end (self);
  if (self->funcs.closed != NULL)
    self->funcs.closed (self, error, self->user_data);
}

static void
close_gone (OaiHttpConnection *self)
{
  g_autoptr(GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED, "The client closed the connection");

  close_with (self, error, FALSE);
}

static void
close_timed_out (OaiHttpConnection *self)
{
  g_autoptr(GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "The client did not receive the reply in time");

  close_with (self, error, TRUE);
}

void
oai_http_connection_close (OaiHttpConnection *self)
{
  close_with (self, NULL, self->reply == REPLY_BEGUN || buffer_length (&self->output) > 0);
}

static void
set_phase (OaiHttpConnection *self, Phase phase)
{
  self->phase = phase;
  self->phase_since = g_get_monotonic_time ();
}

/* A client that receives a reset, since it sent more than was read, may lose the reply before it has read it.
 * complete: whether nothing more is expected. */
static void
close_after_input (OaiHttpConnection *self, gboolean complete)
{
  gboolean clean = complete && buffer_length (&self->input) == 0;

  buffer_clear (&self->input);
  if (!oai_http_transport_shutdown (&self->transport) || (clean && oai_http_transport_discard (&self->transport) <= 0))
    {
      close_with (self, NULL, FALSE);
      return;
    }

  self->n_discarded = 0;
  self->transport.can_read = TRUE;
  set_phase (self, PHASE_DISCARD);
}

/* Waiting for the client */

static gint64
min_deadline (gint64 a, gint64 b)
{
  if (a == 0 || b == 0)
    return MAX (a, b);

  return MIN (a, b);
}

static gint64
get_deadline (OaiHttpConnection *self)
{
  const OaiHttpSettings *settings = &self->settings;
  gint64 write_deadline = wait_get_deadline (&self->write_wait, settings->write_timeout_ms, settings->min_rate);

  switch (self->phase)
    {
    case PHASE_HEAD:
      return self->phase_since + (gint64) (buffer_length (&self->input) > 0 ? settings->head_timeout_ms : settings->idle_timeout_ms) * MICROSECONDS;
    case PHASE_REQUEST:
      return min_deadline (write_deadline, wait_get_deadline (&self->read_wait, settings->body_timeout_ms, settings->min_rate));
    case PHASE_REFUSED:
      return write_deadline;
    case PHASE_REST:
    case PHASE_DISCARD:
      return self->phase_since + (gint64) settings->drain_timeout_ms * MICROSECONDS;
    case PHASE_NEW:
    case PHASE_CLOSED:
    default:
      return 0;
    }
}

/* Without a watch, only reading shows that the client has closed the connection. */
static gboolean
may_read (OaiHttpConnection *self)
{
  return self->phase != PHASE_REQUEST || self->want_readable || buffer_length (&self->input) < INPUT_SIZE;
}

/* Sets what is waited for. */
static void
update (OaiHttpConnection *self)
{
  gint64 deadline = get_deadline (self);

  if (self->phase == PHASE_CLOSED || self->phase == PHASE_NEW)
    return;

  if (deadline != self->transport.watch.deadline)
    oai_http_watch_set_deadline (&self->transport.watch, deadline);
  oai_http_transport_wait (&self->transport, may_read (self), buffer_length (&self->output) > 0);
}

/* Lets the main loop call run(), if it is not running. */
static void
run_soon (OaiHttpConnection *self)
{
  if (!self->running && self->phase != PHASE_CLOSED && self->phase != PHASE_NEW)
    oai_http_watch_schedule (&self->transport.watch);
}

/* Output */

/* Sends the buffer, and the vectors from 1 on, as far as possible; stores the rest. */
static void
send_vectors (OaiHttpConnection *self, GOutputVector *vectors, guint n)
{
  gboolean direct = self->transport.fd >= 0;
  gsize pending = buffer_length (&self->output);
  gssize sent = 0;

  vectors[0] = (GOutputVector) { self->output.data + self->output.begin, pending };
  if (self->transport.can_write && (direct ? n > 1 || pending > 0 : n == 1 && pending > 0))
    sent = oai_http_transport_write (&self->transport, vectors, n, &self->error);
  if (sent > 0)
    wait_progress (&self->write_wait, (gsize) sent);
  for (guint i = 0; i < n && self->error == NULL; i++)
    {
      gsize done = MIN ((gsize) sent, vectors[i].size);

      sent -= (gssize) done;
      if (i == 0)
        buffer_consume (&self->output, done);
      else
        buffer_append (&self->output, (const char *) vectors[i].buffer + done, vectors[i].size - done);
    }
  if (self->error == NULL)
    return;

  self->transport.can_write = FALSE;
  buffer_clear (&self->output);
  run_soon (self);
}

static void
flush (OaiHttpConnection *self)
{
  GOutputVector vector;

  while (self->transport.can_write && buffer_length (&self->output) > 0)
    send_vectors (self, &vector, 1);
  if (buffer_length (&self->output) == 0)
    wait_end (&self->write_wait);
  else
    wait_begin (&self->write_wait);
}

static void
send_now (OaiHttpConnection *self, GOutputVector *vectors, guint n)
{
  send_vectors (self, vectors, n);
  flush (self);
  if (!self->running)
    update (self);
}

/* Input */

/* Reads into the buffer.  Returns FALSE if nothing arrived; then the connection can be closed. */
static gboolean
fill_input (OaiHttpConnection *self)
{
  g_autoptr(GError) error = NULL;
  gssize n;

  if (!self->transport.can_read)
    return FALSE;

  buffer_reserve (&self->input, 1, INPUT_SIZE);
  n = oai_http_transport_read (&self->transport, self->input.data + self->input.end, self->input.size - self->input.end, &error);
  if (n > 0)
    {
      self->input.end += (gsize) n;
      return TRUE;
    }

  buffer_consume (&self->input, 0);
  if (n == 0)
    {
      self->transport.ended = TRUE;
      self->transport.can_read = FALSE;
    }
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    close_with (self, error, FALSE);

  return FALSE;
}

/* Heads */

static void
refuse (OaiHttpConnection *self, const OaiHttpRefusal *refusal)
{
  self->refusal = refusal;
  self->keep_alive = FALSE;
  self->reply = REPLY_NONE;
  self->framing = OAI_HTTP_FRAMING_NONE;
  self->want_writable = FALSE;
  self->write_wait = (Wait) { 0 };
  set_phase (self, PHASE_REFUSED);
  if (self->funcs.refused != NULL)
    self->funcs.refused (self, refusal->status, refusal->code, refusal->message, self->user_data);
  if (self->phase == PHASE_REFUSED && self->reply == REPLY_NONE)
    close_after_input (self, FALSE);
}

static void
begin_request (OaiHttpConnection *self, OaiHttpHead *head)
{
  guint max_requests = self->settings.max_requests;

  clear_request (self);
  self->head = head;
  oai_http_body_init (&self->body, head);
  self->n_requests++;
  self->keep_alive = head->keep_alive && (max_requests == 0 || self->n_requests < max_requests);
  self->continued = !head->expects_continue;
  self->want_readable = self->want_writable = FALSE;
  self->refusal = NULL;
  self->read_wait = self->write_wait = (Wait) { 0 };
  self->reply = REPLY_NONE;
  self->framing = OAI_HTTP_FRAMING_NONE;
  self->phase = PHASE_REQUEST;
  if (self->funcs.request != NULL)
    self->funcs.request (self, head, self->user_data);
}

/* Returns whether a head was complete or refused. */
static gboolean
parse_head (OaiHttpConnection *self)
{
  const char *data = self->input.data + self->input.begin;
  const OaiHttpRefusal *refusal = NULL;
  gsize length = oai_http_head_find_end (&self->scan, data, buffer_length (&self->input), &self->settings, &refusal);
  OaiHttpHead *head = NULL;

  if (length > 0)
    head = oai_http_head_parse (data, length, &self->settings, &refusal);
  if (refusal != NULL)
    {
      refuse (self, refusal);
      return TRUE;
    }
  if (head == NULL)
    return FALSE;

  self->scan = (OaiHttpScan) { 0 };
  buffer_consume (&self->input, length);
  if (self->transport.broken || (self->transport.ended && !self->settings.half_close))
    {
      oai_http_head_free (head);
      close_gone (self);
    }
  else
    begin_request (self, head);

  return TRUE;
}

static gboolean
step_head (OaiHttpConnection *self)
{
  gboolean began = buffer_length (&self->input) > 0;

  if (began && self->scan.scanned < buffer_length (&self->input) && parse_head (self))
    return self->phase != PHASE_CLOSED;
  if (!began && self->finishing)
    {
      close_with (self, NULL, FALSE);
      return FALSE;
    }
  if (fill_input (self))
    {
      if (!began)
        self->phase_since = g_get_monotonic_time ();
      return TRUE;
    }

  if (self->phase == PHASE_HEAD && (self->transport.ended || self->transport.broken) && !self->transport.can_read)
    {
      if (began)
        close_gone (self);
      else
        close_with (self, NULL, FALSE);
    }

  return FALSE;
}

/* Bodies */

static void
set_refusal_error (GError **error, const OaiHttpRefusal *refusal)
{
  g_set_error_literal (error, G_IO_ERROR, refusal->status == 408 ? G_IO_ERROR_TIMED_OUT : G_IO_ERROR_INVALID_DATA, refusal->message);
}

static gssize
set_would_block (OaiHttpConnection *self, GError **error)
{
  self->want_readable = TRUE;
  wait_begin (&self->read_wait);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "No bytes of the body have arrived");
  if (!self->running)
    update (self);

  return -1;
}

/* Bytes with framing, at most size. */
static gssize
read_input (OaiHttpConnection *self, char *buffer, gsize size, GError **error)
{
  gsize n = MIN (size, buffer_length (&self->input));
  gssize read;

  if (n > 0)
    {
      memcpy (buffer, self->input.data + self->input.begin, n);
      buffer_consume (&self->input, n);
      return (gssize) n;
    }
  if (self->transport.ended && !self->transport.can_read)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED, "The client closed the connection");
      return -1;
    }
  if (!self->transport.can_read)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "No bytes have arrived");
      return -1;
    }

  read = oai_http_transport_read (&self->transport, buffer, size, error);
  if (read == 0)
    {
      self->transport.ended = TRUE;
      self->transport.can_read = FALSE;
      return read_input (self, buffer, size, error);
    }

  return read;
}

/* Puts bytes in front of the input. */
static void
unread_input (OaiHttpConnection *self, const char *data, gsize size)
{
  gsize length = buffer_length (&self->input);

  if (size == 0)
    return;

  buffer_reserve (&self->input, size, INPUT_SIZE);
  memmove (self->input.data + self->input.begin + size, self->input.data + self->input.begin, length);
  memcpy (self->input.data + self->input.begin, data, size);
  self->input.end += size;
}

/* Like oai_http_connection_read_body(), without waiting. */
static gssize
read_some (OaiHttpConnection *self, char *buffer, gsize size, GError **error)
{
  while (!oai_http_body_is_complete (&self->body))
    {
      gsize limit = oai_http_body_is_chunked (&self->body) ? size : MIN (size, oai_http_body_get_left (&self->body));
      gsize used = 0, decoded;
      gssize n = read_input (self, buffer, limit, error);

      if (n < 0)
        return -1;

      wait_progress (&self->read_wait, (gsize) n);
      decoded = oai_http_body_decode (&self->body, buffer, (gsize) n, &used, &self->settings, &self->refusal);
      if (self->refusal != NULL)
        {
          set_refusal_error (error, self->refusal);
          return -1;
        }
      unread_input (self, buffer + used, (gsize) n - used);
      if (decoded > 0)
        return (gssize) decoded;
    }

  return 0;
}

gssize
oai_http_connection_read_body (OaiHttpConnection *self, char *buffer, gsize size, GError **error)
{
  GError *reason = NULL;
  gssize n;

  if (self->phase != PHASE_REQUEST)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "The connection is closed");
      return -1;
    }
  if (self->refusal != NULL)
    {
      set_refusal_error (error, self->refusal);
      return -1;
    }
  if (!self->continued)
    {
      self->continued = TRUE;
      oai_http_connection_write_interim (self, 100, NULL);
    }

  n = read_some (self, buffer, size, &reason);
  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      g_error_free (reason);
      return set_would_block (self, error);
    }

  wait_end (&self->read_wait);
  if (reason == NULL)
    return n;
  self->keep_alive = FALSE;
  /* Unless the body is malformed, the connection will be closed. */
  if (self->refusal == NULL)
    {
      g_clear_error (&self->error);
      self->error = g_error_copy (reason);
      run_soon (self);
    }
  g_propagate_error (error, reason);

  return -1;
}

const OaiHttpRefusal *
oai_http_connection_get_refusal (OaiHttpConnection *self)
{
  return self->refusal;
}

/* Replies */

static gboolean
can_reply (OaiHttpConnection *self)
{
  return (self->phase == PHASE_REQUEST || self->phase == PHASE_REFUSED) && self->error == NULL;
}

static guint
get_minor_version (OaiHttpConnection *self)
{
  return self->phase == PHASE_REQUEST ? self->head->minor_version : 1;
}

static void
append_head (OaiHttpConnection *self, const OaiHttpReplyHead *head, OaiHttpFields *fields)
{
  GString *text = g_string_sized_new (512);

  oai_http_reply_head_write (head, fields, text);
  buffer_append (&self->output, text->str, text->len);
  g_string_free (text, TRUE);
  if (self->transport.can_write)
    run_soon (self);
}

void
oai_http_connection_write_interim (OaiHttpConnection *self, guint status, OaiHttpFields *fields)
{
  OaiHttpReplyHead head = { .status = status };
  GOutputVector vector;

  if (!can_reply (self) || self->reply != REPLY_NONE || get_minor_version (self) == 0)
    return;
  g_return_if_fail (status >= 100 && status < 200 && status != 101);

  if (status == 100)
    self->continued = TRUE;
  append_head (self, &head, fields);
  send_now (self, &vector, 1);
}

/* Whether the connection can be used after the reply: little of the body is left, and the client surely sends it. */
static gboolean
can_keep_alive (OaiHttpConnection *self)
{
  if (self->finishing || !self->keep_alive)
    return FALSE;
  if (oai_http_body_is_complete (&self->body))
    return TRUE;

  return self->continued && !oai_http_body_is_chunked (&self->body) && oai_http_body_get_left (&self->body) <= MAX_REST;
}

static void
choose_framing (OaiHttpConnection *self, OaiHttpReplyHead *reply)
{
  gboolean is_head = self->phase == PHASE_REQUEST && strcmp (self->head->method, "HEAD") == 0;

  self->without_body = is_head || oai_http_status_has_no_body (reply->status);
  if (reply->length >= 0 && !oai_http_status_has_no_body (reply->status))
    reply->framing = OAI_HTTP_FRAMING_LENGTH;
  else if (reply->length < 0 && !self->without_body && get_minor_version (self) > 0)
    reply->framing = OAI_HTTP_FRAMING_CHUNKED;
  else if (!self->without_body)
    self->keep_alive = FALSE;

  self->framing = self->without_body ? OAI_HTTP_FRAMING_NONE : reply->framing;
  self->left = self->framing == OAI_HTTP_FRAMING_LENGTH ? (guint64) reply->length : 0;
}

void
oai_http_connection_begin_reply (OaiHttpConnection *self, guint status, OaiHttpFields *fields, gint64 length)
{
  OaiHttpReplyHead reply = { .status = status, .length = length };

  if (!can_reply (self) || self->reply != REPLY_NONE)
    return;
  g_return_if_fail (status >= 200 && status <= 999);

  choose_framing (self, &reply);
  self->keep_alive = self->phase == PHASE_REQUEST && can_keep_alive (self);
  if (!self->keep_alive)
    reply.connection = "close";
  else if (get_minor_version (self) == 0)
    reply.connection = "keep-alive";
  reply.date = oai_http_watch_get_date (&self->transport.watch);
  self->reply = REPLY_BEGUN;
  append_head (self, &reply, fields);
}

static gboolean
may_write (OaiHttpConnection *self)
{
  if (!can_reply (self) || self->reply != REPLY_BEGUN)
    return FALSE;

  self->want_writable = buffer_length (&self->output) > self->settings.write_mark;

  return !self->want_writable;
}

static gsize
write_chunk_line (char *line, gsize size)
{
  static const char digits[] = "0123456789abcdef";
  char reversed[CHUNK_LINE_SIZE];
  gsize n = 0, length = 0;

  do
    reversed[n++] = digits[size & 15];
  while ((size >>= 4) > 0);
  while (n > 0)
    line[length++] = reversed[--n];
  line[length++] = '\r';
  line[length++] = '\n';

  return length;
}

gboolean
oai_http_connection_write (OaiHttpConnection *self, const char *data, gsize size)
{
  GOutputVector vectors[MAX_VECTORS];
  char line[CHUNK_LINE_SIZE];
  guint n = 1;

  if (!can_reply (self) || self->reply != REPLY_BEGUN)
    return FALSE;
  if (self->framing == OAI_HTTP_FRAMING_LENGTH)
    {
      g_return_val_if_fail (size <= self->left, FALSE);
      self->left -= size;
    }
  if (self->without_body || size == 0)
    return may_write (self);

  if (self->framing == OAI_HTTP_FRAMING_CHUNKED)
    vectors[n++] = (GOutputVector) { line, write_chunk_line (line, size) };
  vectors[n++] = (GOutputVector) { data, size };
  if (self->framing == OAI_HTTP_FRAMING_CHUNKED)
    vectors[n++] = (GOutputVector) { "\r\n", 2 };
  oai_http_watch_unschedule (&self->transport.watch);
  send_now (self, vectors, n);

  return may_write (self);
}

static void
end_reply (OaiHttpConnection *self, Reply reply)
{
  GOutputVector vectors[2];
  guint n = 1;

  if (reply == REPLY_ENDED && self->framing == OAI_HTTP_FRAMING_CHUNKED)
    vectors[n++] = (GOutputVector) { "0\r\n\r\n", 5 };
  self->reply = reply;
  self->want_writable = FALSE;
  send_now (self, vectors, n);
  run_soon (self);
}

void
oai_http_connection_end_reply (OaiHttpConnection *self)
{
  if (can_reply (self) && self->reply == REPLY_BEGUN)
    end_reply (self, self->left > 0 ? REPLY_ABORTED : REPLY_ENDED);
}

void
oai_http_connection_abort_reply (OaiHttpConnection *self)
{
  if (can_reply (self) && self->reply <= REPLY_BEGUN)
    end_reply (self, REPLY_ABORTED);
}

void
oai_http_connection_send_reply (OaiHttpConnection *self, guint status, OaiHttpFields *fields, GBytes *body)
{
  gsize size = 0;
  const char *data = body != NULL ? g_bytes_get_data (body, &size) : NULL;

  oai_http_connection_begin_reply (self, status, fields, (gint64) size);
  if (self->without_body)
    self->left = 0;
  else
    oai_http_connection_write (self, data, size);
  oai_http_connection_end_reply (self);
}

gboolean
oai_http_connection_has_begun_reply (OaiHttpConnection *self)
{
  return self->reply != REPLY_NONE;
}

gsize
oai_http_connection_get_pending (OaiHttpConnection *self)
{
  return buffer_length (&self->output);
}

/* After the reply */

static void
begin_head (OaiHttpConnection *self)
{
  clear_request (self);
  set_phase (self, PHASE_HEAD);
}

static gboolean
after_reply (OaiHttpConnection *self)
{
  gboolean aborted = self->reply == REPLY_ABORTED;
  /* Without a length or chunks, only an error shows that bytes are missing. */
  gboolean reset = aborted && self->framing == OAI_HTTP_FRAMING_NONE;

  self->reply = REPLY_NONE;
  if (!aborted && self->phase == PHASE_REQUEST && self->funcs.replied != NULL)
    self->funcs.replied (self, self->user_data);
  if (self->phase == PHASE_CLOSED)
    return FALSE;

  if (aborted)
    close_with (self, NULL, reset);
  else if (!self->keep_alive || self->refusal != NULL)
    close_after_input (self, self->phase == PHASE_REQUEST && self->refusal == NULL && oai_http_body_is_complete (&self->body));
  else if (oai_http_body_is_complete (&self->body))
    begin_head (self);
  else
    set_phase (self, PHASE_REST);

  return self->phase != PHASE_CLOSED;
}

static gboolean
step_reply (OaiHttpConnection *self)
{
  gboolean ended = self->reply == REPLY_ENDED || self->reply == REPLY_ABORTED;

  if (ended && buffer_length (&self->output) == 0)
    {
      if (self->keep_alive || oai_http_transport_can_end (&self->transport))
        return after_reply (self);
      wait_begin (&self->write_wait);
      return FALSE;
    }
  if (self->want_writable && buffer_length (&self->output) <= self->settings.write_mark / 2)
    {
      self->want_writable = FALSE;
      if (self->funcs.writable != NULL)
        self->funcs.writable (self, self->user_data);
      return self->phase != PHASE_CLOSED;
    }

  return FALSE;
}

static gboolean
step_request (OaiHttpConnection *self)
{
  if (step_reply (self))
    return TRUE;
  if (self->phase != PHASE_REQUEST)
    return FALSE;

  if (self->want_readable && (self->transport.can_read || buffer_length (&self->input) > 0 || self->refusal != NULL))
    {
      self->want_readable = FALSE;
      if (self->funcs.readable != NULL)
        self->funcs.readable (self, self->user_data);
      return self->phase != PHASE_CLOSED;
    }
  if (!self->transport.watched && self->transport.can_read && buffer_length (&self->input) < INPUT_SIZE)
    return fill_input (self);

  return FALSE;
}

static gboolean
step_rest (OaiHttpConnection *self)
{
  char buffer[4096];
  g_autoptr(GError) error = NULL;
  gssize n = read_some (self, buffer, sizeof buffer, &error);

  if (n == 0)
    begin_head (self);
  else if (n < 0 && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    close_after_input (self, FALSE);

  return self->phase != PHASE_CLOSED && error == NULL;
}

static gboolean
step_discard (OaiHttpConnection *self)
{
  gssize n = self->transport.can_read ? oai_http_transport_discard (&self->transport) : -1;

  if (n < 0)
    {
      self->transport.can_read = FALSE;
      return FALSE;
    }
  self->n_discarded += (guint64) n;
  if (n == 0 || self->n_discarded > MAX_DISCARDED)
    close_with (self, NULL, FALSE);

  return self->phase != PHASE_CLOSED;
}

/* Returns whether something was done, so that more can be done. */
static gboolean
step (OaiHttpConnection *self)
{
  flush (self);
  if (self->error != NULL)
    {
      close_with (self, self->error, TRUE);
      return FALSE;
    }

  switch (self->phase)
    {
    case PHASE_HEAD:
      return step_head (self);
    case PHASE_REQUEST:
      return step_request (self);
    case PHASE_REFUSED:
      return step_reply (self);
    case PHASE_REST:
      return step_rest (self);
    case PHASE_DISCARD:
      return step_discard (self);
    case PHASE_NEW:
    case PHASE_CLOSED:
    default:
      return FALSE;
    }
}

static void
run (OaiHttpConnection *self)
{
  if (self->running || self->phase == PHASE_CLOSED)
    return;

  oai_http_connection_ref (self);
  self->running = TRUE;
  while (step (self))
    ;
  self->running = FALSE;
  update (self);
  oai_http_connection_unref (self);
}

static void
expire (OaiHttpConnection *self)
{
  gint64 body_deadline = wait_get_deadline (&self->read_wait, self->settings.body_timeout_ms, self->settings.min_rate);

  if (self->phase == PHASE_HEAD && buffer_length (&self->input) > 0)
    refuse (self, &head_timed_out);
  else if (self->phase == PHASE_REQUEST && body_deadline > 0 && body_deadline <= g_get_monotonic_time ())
    {
      self->refusal = &body_timed_out;
      self->keep_alive = FALSE;
      wait_end (&self->read_wait);
    }
  else if (self->phase == PHASE_REQUEST || self->phase == PHASE_REFUSED)
    close_timed_out (self);
  else
    close_with (self, NULL, self->phase == PHASE_REST);
}

/* Whether the client will not receive a reply. */
static gboolean
is_gone (OaiHttpConnection *self)
{
  gboolean active = self->phase == PHASE_REQUEST || self->phase == PHASE_REFUSED;

  if (self->phase == PHASE_REFUSED)
    return self->transport.broken;

  return active && (self->transport.broken || (self->transport.ended && !self->settings.half_close));
}

static void
transport_cb (OaiHttpWatchEvents events, gpointer user_data)
{
  g_autoptr(OaiHttpConnection) self = oai_http_connection_ref (user_data);

  /* The callback that is running also sees a connection that is closed meanwhile. */
  if (is_gone (self))
    close_gone (self);
  else if ((events & OAI_HTTP_WATCH_DEADLINE) != 0 && !self->running)
    expire (self);
  run (self);
}

OaiHttpConnection *
oai_http_connection_new (GIOStream *stream, const OaiHttpSettings *settings, const OaiHttpConnectionFuncs *funcs, gpointer user_data)
{
  OaiHttpConnection *self = g_new0 (OaiHttpConnection, 1);

  self->ref_count = 1;
  self->settings = oai_http_settings_complete (settings);
  self->funcs = *funcs;
  self->user_data = user_data;
  oai_http_transport_init (&self->transport, stream, transport_cb, self);

  return self;
}

void
oai_http_connection_start (OaiHttpConnection *self)
{
  g_return_if_fail (self->phase == PHASE_NEW);

  oai_http_connection_ref (self);
  set_phase (self, PHASE_HEAD);
  run_soon (self);
}

GIOStream *
oai_http_connection_steal (OaiHttpConnection *self, GBytes **rest)
{
  GIOStream *stream;

  g_return_val_if_fail (self->phase == PHASE_REQUEST && self->reply == REPLY_NONE, NULL);

  stream = g_object_ref (self->transport.stream);
  *rest = g_bytes_new (self->input.data + self->input.begin, buffer_length (&self->input));
  oai_http_transport_clear (&self->transport);
  end (self);

  return stream;
}

void
oai_http_connection_finish (OaiHttpConnection *self)
{
  self->finishing = TRUE;
  run_soon (self);
}
