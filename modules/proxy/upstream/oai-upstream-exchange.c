/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-upstream-exchange-private.h"

#include <string.h>

#include "oai-wipe-private.h"

/* A body in memory up to this size is sent with the head. */
#define SMALL_BODY (16 * 1024)
/* Of a body that is read in chunks. */
#define BLOCK_SIZE (32 * 1024)
/* The line of a chunk before a block, and its end, or that of the body, after it. */
#define BLOCK_PREFIX 12
#define BLOCK_SUFFIX 8
/* Reads and writes until other connections have their turn. */
#define MAX_STEPS 16
/* In a head: the version, the names of Host and of the framing, and their values. */
#define HEAD_RESERVE 128
#define MICROSECONDS 1000
/* A server that closed a connection before it received a request says so within this time, in microseconds. */
#define STALE_TIME G_USEC_PER_SEC

struct _OaiUpstreamExchange
{
  int ref_count;
  OaiUpstreamOrigin *origin;
  OaiUpstreamTimeouts timeouts;
  const OaiUpstreamExchangeFuncs *funcs;
  gpointer user_data;
  gboolean closed; /* done, or freed */
  OaiUpstreamConnect *connect;
  OaiUpstreamConnection *connection;
  gboolean running;
  gboolean resent;

  /* Time limits, as monotonic microseconds; 0 if there is none. */
  OaiHttpWatch timer;
  gint64 connect_deadline;
  gint64 head_deadline;
  gint64 idle_since;

  /* The request */
  char *method;
  GString *text;    /* the head, and perhaps the body */
  gsize text_sent;
  GBytes *body;     /* what is not in the text; or NULL */
  gsize body_sent;
  const OaiUpstreamBodyFuncs *body_funcs;
  gpointer body_data;
  gint64 length;
  guint64 n_read;   /* of the body */
  char *block;      /* bytes of the body that are not sent yet: from begin to end */
  gsize block_begin;
  gsize block_end;
  gboolean body_ended;
  gboolean body_blocked;
  gboolean sent;
  GError *write_error; /* The reply may have arrived before. */

  /* The reply */
  OaiUpstreamReader reader;
  gboolean replied;    /* a byte of it has arrived */
  GByteArray *pending; /* an incomplete head */
  gboolean paused;
};

static void run (OaiUpstreamExchange *self);
static void start_attempt (OaiUpstreamExchange *self);
static void timer_cb (OaiHttpWatchEvents events, gpointer user_data);

/* The head of the request */

static gboolean
is_own_field (const char *name)
{
  static const char *const names[] = { "host", "content-length", "transfer-encoding", "connection", "expect", "te", "trailer", "upgrade" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (oai_http_name_equal (name, names[i]))
      return TRUE;

  return FALSE;
}

static void
append_length (GString *text, guint64 length)
{
  g_string_append (text, "Content-Length: ");
  oai_http_append_number (text, length);
  g_string_append (text, "\r\n");
}

static void
append_framing (GString *text, const OaiUpstreamRequest *request)
{
  if (request->body != NULL)
    append_length (text, g_bytes_get_size (request->body));
  else if (request->body_funcs != NULL && request->length >= 0)
    append_length (text, (guint64) request->length);
  else if (request->body_funcs != NULL)
    oai_http_append_field (text, "Transfer-Encoding", "chunked");
  else if (strcmp (request->method, "POST") == 0 || strcmp (request->method, "PUT") == 0 || strcmp (request->method, "PATCH") == 0)
    append_length (text, 0);
}

/* Room for the whole head: text that grows would leave copies of credentials in memory. */
static gsize
measure_head (const OaiUpstreamRequest *request)
{
  gsize size = HEAD_RESERVE + strlen (request->method) + strlen (request->target) + strlen (request->host);

  for (guint i = 0; i < oai_http_fields_get_n (request->fields); i++)
    {
      const OaiHttpField *field = oai_http_fields_get_nth (request->fields, i);

      size += strlen (field->name) + strlen (": ") + strlen (field->value) + strlen ("\r\n");
    }

  return size;
}

static GString *
write_head (const OaiUpstreamRequest *request)
{
  gsize body = request->body != NULL ? g_bytes_get_size (request->body) : 0;
  GString *text = g_string_sized_new (measure_head (request) + (body <= SMALL_BODY ? body : 0));

  g_string_append (text, request->method);
  g_string_append_c (text, ' ');
  g_string_append (text, request->target);
  g_string_append (text, " HTTP/1.1\r\n");
  oai_http_append_field (text, "Host", request->host);
  for (guint i = 0; i < oai_http_fields_get_n (request->fields); i++)
    {
      const OaiHttpField *field = oai_http_fields_get_nth (request->fields, i);

      if (!is_own_field (field->name) && oai_http_is_token (field->name, strlen (field->name)) && oai_http_is_value (field->value))
        oai_http_append_field (text, field->name, field->value);
    }
  append_framing (text, request);
  g_string_append (text, "\r\n");

  return text;
}

/* Life */

OaiUpstreamExchange *
oai_upstream_exchange_new (OaiUpstreamOrigin *origin, const OaiUpstreamRequest *request, const OaiUpstreamTimeouts *timeouts,
                           const OaiUpstreamExchangeFuncs *funcs, gpointer user_data)
{
  OaiUpstreamExchange *self = g_new0 (OaiUpstreamExchange, 1);

  self->ref_count = 1;
  self->origin = oai_upstream_origin_ref (origin);
  self->timeouts = *timeouts;
  self->funcs = funcs;
  self->user_data = user_data;
  self->method = g_strdup (request->method);
  self->text = write_head (request);
  if (request->body != NULL && g_bytes_get_size (request->body) > SMALL_BODY)
    self->body = g_bytes_ref (request->body);
  else if (request->body != NULL)
    g_string_append_len (self->text, g_bytes_get_data (request->body, NULL), (gssize) g_bytes_get_size (request->body));
  self->body_funcs = request->body_funcs;
  self->body_data = request->body_data;
  self->length = request->length;
  oai_upstream_reader_init (&self->reader, self->method, NULL);
  oai_http_watch_init (&self->timer, NULL, timer_cb, self);

  return self;
}

static void
drop_connection (OaiUpstreamExchange *self, gboolean reusable)
{
  g_clear_pointer (&self->connect, oai_upstream_connect_cancel);
  if (self->connection != NULL)
    oai_upstream_connection_release (g_steal_pointer (&self->connection), reusable);
}

static void
close_exchange (OaiUpstreamExchange *self, gboolean reusable)
{
  self->closed = TRUE;
  drop_connection (self, reusable);
  oai_http_watch_clear (&self->timer);
}

static OaiUpstreamExchange *
exchange_ref (OaiUpstreamExchange *self)
{
  self->ref_count++;

  return self;
}

static void
exchange_unref (OaiUpstreamExchange *self)
{
  if (--self->ref_count > 0)
    return;

  oai_wipe (self->text->str, self->text->len);
  g_string_free (self->text, TRUE);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_clear_pointer (&self->pending, g_byte_array_unref);
  g_clear_error (&self->write_error);
  oai_upstream_reader_clear (&self->reader);
  oai_upstream_origin_unref (self->origin);
  g_free (self->block);
  g_free (self->method);
  g_free (self);
}

void
oai_upstream_exchange_free (OaiUpstreamExchange *self)
{
  if (!self->closed)
    close_exchange (self, FALSE);
  exchange_unref (self);
}

static void
finish (OaiUpstreamExchange *self, const GError *error, gboolean reusable)
{
  if (self->closed)
    return;

  close_exchange (self, reusable);
  self->funcs->done (error, self->user_data);
}

/* Time limits */

static gint64
get_deadline (OaiUpstreamExchange *self)
{
  gint64 idle = self->idle_since > 0 && self->timeouts.idle_ms > 0 ? self->idle_since + (gint64) self->timeouts.idle_ms * MICROSECONDS : 0;
  gint64 deadlines[] = { self->connect_deadline, self->head_deadline, idle };
  gint64 nearest = 0;

  for (guint i = 0; i < G_N_ELEMENTS (deadlines); i++)
    if (deadlines[i] > 0 && (nearest == 0 || deadlines[i] < nearest))
      nearest = deadlines[i];

  return nearest;
}

static void
update_timer (OaiUpstreamExchange *self)
{
  if (!self->closed)
    oai_http_watch_set_deadline (&self->timer, get_deadline (self));
}

static void
timer_cb (OaiHttpWatchEvents events, gpointer user_data)
{
  OaiUpstreamExchange *self = exchange_ref (user_data);
  g_autoptr(GError) error = NULL;

  if ((events & OAI_HTTP_WATCH_DEADLINE) != 0)
    {
      error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "The server did not reply in time");
      finish (self, error, FALSE);
    }
  exchange_unref (self);
}

static gint64
limit_from_now (guint milliseconds)
{
  return milliseconds > 0 ? g_get_monotonic_time () + (gint64) milliseconds * MICROSECONDS : 0;
}

/* Attempts */

static gboolean
can_repeat (OaiUpstreamExchange *self)
{
  return self->body_funcs == NULL || self->body_funcs->rewind != NULL;
}

static void
reset (OaiUpstreamExchange *self)
{
  oai_upstream_reader_clear (&self->reader);
  oai_upstream_reader_init (&self->reader, self->method, NULL);
  self->text_sent = self->body_sent = 0;
  self->block_begin = self->block_end = 0;
  self->n_read = 0;
  self->body_ended = self->body_blocked = self->sent = FALSE;
  self->idle_since = 0;
  g_clear_error (&self->write_error);
}

/* A server may close a connection that was kept at any time, also while it receives a request.  One that closes it later
 * may have handled the request. */
static gboolean
is_stale (OaiUpstreamExchange *self)
{
  if (self->connection == NULL || !self->connection->reused || self->replied)
    return FALSE;

  return !self->sent || g_get_monotonic_time () < self->idle_since + STALE_TIME;
}

/* The connection has failed. */
static void
fail (OaiUpstreamExchange *self, const GError *error)
{
  g_autoptr(GError) reason = NULL;

  if (!is_stale (self) || self->resent || !can_repeat (self))
    {
      finish (self, error, FALSE);
      return;
    }

  self->resent = TRUE;
  drop_connection (self, FALSE);
  reset (self);
  if (self->body_funcs != NULL && !self->body_funcs->rewind (&reason, self->body_data))
    finish (self, reason, FALSE);
  else
    start_attempt (self);
}

static void
fail_for (OaiUpstreamExchange *self, const OaiHttpRefusal *refusal)
{
  g_autoptr(GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_INVALID_DATA, refusal->message);

  fail (self, error);
}

/* Sending */

static void
write_chunk_line (OaiUpstreamExchange *self, gsize size)
{
  char line[BLOCK_PREFIX];
  int length = g_snprintf (line, sizeof line, "%" G_GSIZE_MODIFIER "x\r\n", size);

  self->block_begin -= (gsize) length;
  memcpy (self->block + self->block_begin, line, (gsize) length);
  memcpy (self->block + self->block_end, "\r\n", 2);
  self->block_end += 2;
}

static gboolean
check_length (OaiUpstreamExchange *self, gssize n, GError **error)
{
  self->n_read += (guint64) n;
  if (self->length < 0 || (n > 0 ? self->n_read <= (guint64) self->length : self->n_read == (guint64) self->length))
    return TRUE;

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The body of the request does not have its length");
  return FALSE;
}

/* Reads the next block of the body.  Returns FALSE after an error. */
static gboolean
fill_block (OaiUpstreamExchange *self, GError **error)
{
  gboolean chunked = self->length < 0;
  GError *reason = NULL;
  gssize n;

  if (self->block == NULL)
    self->block = g_malloc (BLOCK_PREFIX + BLOCK_SIZE + BLOCK_SUFFIX);
  n = self->body_funcs->read (self->block + BLOCK_PREFIX, BLOCK_SIZE, &reason, self->body_data);
  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      self->body_blocked = TRUE;
      g_error_free (reason);
      return TRUE;
    }
  if (reason != NULL)
    {
      g_propagate_error (error, reason);
      return FALSE;
    }
  if (!check_length (self, n, error))
    return FALSE;

  self->block_begin = BLOCK_PREFIX;
  self->block_end = BLOCK_PREFIX + (gsize) n;
  self->body_ended = n == 0;
  if (chunked && n > 0)
    write_chunk_line (self, (gsize) n);
  else if (chunked)
    {
      memcpy (self->block + BLOCK_PREFIX, "0\r\n\r\n", 5);
      self->block_end += 5;
    }

  return TRUE;
}

static guint
collect_output (OaiUpstreamExchange *self, GOutputVector *vectors)
{
  gsize body_size = self->body != NULL ? g_bytes_get_size (self->body) : 0;
  guint n = 0;

  if (self->text_sent < self->text->len)
    vectors[n++] = (GOutputVector) { self->text->str + self->text_sent, self->text->len - self->text_sent };
  if (self->body_sent < body_size)
    vectors[n++] = (GOutputVector) { (const char *) g_bytes_get_data (self->body, NULL) + self->body_sent, body_size - self->body_sent };
  if (self->block_begin < self->block_end)
    vectors[n++] = (GOutputVector) { self->block + self->block_begin, self->block_end - self->block_begin };

  return n;
}

static void
note_sent (OaiUpstreamExchange *self, gsize size)
{
  gsize text = MIN (size, self->text->len - self->text_sent);

  self->text_sent += text;
  size -= text;
  if (self->body != NULL)
    self->body_sent += size;
  else
    self->block_begin += size;
}

/* The idle time counts from the end of the request. */
static void
note_end_of_request (OaiUpstreamExchange *self)
{
  self->sent = TRUE;
  g_clear_pointer (&self->block, g_free);
  self->block_begin = self->block_end = 0;
  self->idle_since = g_get_monotonic_time ();
}

/* Returns whether more can be done now. */
static gboolean
step_send (OaiUpstreamExchange *self)
{
  g_autoptr(GError) error = NULL;
  GOutputVector vectors[3];
  gboolean from_source = self->body_funcs != NULL && !self->body_ended;
  gssize size;
  guint n;

  if (self->sent || self->write_error != NULL || !self->connection->transport.can_write)
    return FALSE;
  if (from_source && self->block_begin == self->block_end && !self->body_blocked && !fill_block (self, &error))
    {
      finish (self, error, FALSE);
      return FALSE;
    }

  n = collect_output (self, vectors);
  if (n > 0)
    {
      size = oai_http_transport_write (&self->connection->transport, vectors, n, &self->write_error);
      if (size > 0)
        note_sent (self, (gsize) size);
      /* The server may have replied before it closed the connection. */
      if (size < 0)
        self->connection->transport.can_read = TRUE;
      n = collect_output (self, vectors);
    }
  if (self->write_error == NULL && n == 0 && (self->body_funcs == NULL || self->body_ended))
    note_end_of_request (self);

  return !self->sent && self->write_error == NULL && self->connection->transport.can_write && !(n == 0 && self->body_blocked);
}

/* Receiving */

static void
complete (OaiUpstreamExchange *self, gboolean clean)
{
  const OaiUpstreamHead *head = self->reader.head;

  finish (self, NULL, clean && self->sent && head->keep_alive && !self->reader.until_end && head->status != 101);
}

static void
take_body (OaiUpstreamExchange *self, char *data, gsize length)
{
  const OaiHttpRefusal *refusal;
  gsize used;
  gsize size = oai_upstream_reader_decode (&self->reader, data, length, &used, &refusal);

  if (size > 0)
    self->paused = !self->funcs->body (data, size, self->user_data);
  if (refusal != NULL)
    fail_for (self, refusal);
  else if (oai_upstream_reader_is_complete (&self->reader))
    complete (self, used == length);
}

static void
store_head (OaiUpstreamExchange *self, const char *data, gsize length)
{
  if (self->pending == NULL)
    self->pending = g_byte_array_new ();
  if (data >= (const char *) self->pending->data && data < (const char *) self->pending->data + self->pending->len)
    g_byte_array_remove_range (self->pending, 0, (guint) (data - (const char *) self->pending->data));
  else
    g_byte_array_append (self->pending, (const guint8 *) data, (guint) length);
}

/* A reply may follow interim ones in the same bytes. */
static void
take_head (OaiUpstreamExchange *self, char *data, gsize length)
{
  g_autoptr(GByteArray) pending = NULL;
  const OaiHttpRefusal *refusal = NULL;

  if (self->pending != NULL)
    {
      g_byte_array_append (self->pending, (const guint8 *) data, (guint) length);
      data = (char *) self->pending->data;
      length = self->pending->len;
    }
  while (self->reader.head == NULL)
    {
      gsize size = oai_upstream_reader_take_head (&self->reader, data, length, &refusal);

      if (refusal != NULL)
        {
          fail_for (self, refusal);
          return;
        }
      if (size == 0)
        {
          if (length > 0)
            store_head (self, data, length);
          else
            g_clear_pointer (&self->pending, g_byte_array_unref);
          return;
        }
      data += size;
      length -= size;
    }

  pending = g_steal_pointer (&self->pending);
  self->head_deadline = 0;
  self->idle_since = g_get_monotonic_time ();
  self->funcs->head (self->reader.head, oai_upstream_reader_get_length (&self->reader), self->user_data);
  if (!self->closed)
    take_body (self, data, length);
}

static void
take_end (OaiUpstreamExchange *self)
{
  g_autoptr(GError) error = NULL;

  if (self->reader.head != NULL && oai_upstream_reader_may_end (&self->reader) && !self->connection->transport.truncated)
    {
      complete (self, FALSE);
      return;
    }

  error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT, "The server closed the connection before the end of its reply");
  fail (self, self->write_error != NULL ? self->write_error : error);
}

static gboolean
step_receive (OaiUpstreamExchange *self)
{
  OaiHttpTransport *transport = &self->connection->transport;
  g_autoptr(GError) error = NULL;
  gsize size;
  char *buffer;
  gssize n;

  if (self->paused || !transport->can_read)
    return FALSE;

  buffer = self->funcs->reserve (&size, self->user_data);
  n = oai_http_transport_read (transport, buffer, size, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      if (self->write_error != NULL)
        fail (self, self->write_error);
      return FALSE;
    }
  if (n < 0)
    fail (self, error);
  else if (n == 0)
    take_end (self);
  else
    {
      self->replied = TRUE;
      self->idle_since = self->sent || self->reader.head != NULL ? g_get_monotonic_time () : 0;
      if (self->reader.head == NULL)
        take_head (self, buffer, (gsize) n);
      else
        take_body (self, buffer, (gsize) n);
    }

  return TRUE;
}

/* The idle time does not count while the receiver is paused. */
static void
run (OaiUpstreamExchange *self)
{
  guint steps = 0;

  if (self->running || self->closed || self->connection == NULL)
    return;

  exchange_ref (self);
  self->running = TRUE;
  for (gboolean more = TRUE; more && !self->closed && self->connection != NULL; steps++)
    {
      if (steps == MAX_STEPS)
        {
          oai_http_watch_schedule (&self->connection->transport.watch);
          break;
        }
      more = step_send (self);
      if (!self->closed && self->connection != NULL)
        more = step_receive (self) || more;
    }
  self->running = FALSE;
  if (!self->closed && self->connection != NULL)
    {
      gboolean unsent = !self->sent && !self->body_blocked && self->write_error == NULL;

      if (self->paused)
        self->idle_since = 0;
      oai_http_transport_wait (&self->connection->transport, !self->paused, unsent);
    }
  update_timer (self);
  exchange_unref (self);
}

static void
event_cb (OaiHttpWatchEvents events, gpointer user_data)
{
  run (user_data);
}

static void
use_connection (OaiUpstreamExchange *self, OaiUpstreamConnection *connection)
{
  self->connection = connection;
  oai_upstream_connection_attach (connection, event_cb, self);
  run (self);
}

static void
connected_cb (OaiUpstreamConnection *connection, const GError *error, gpointer user_data)
{
  OaiUpstreamExchange *self = exchange_ref (user_data);

  self->connect = NULL;
  self->connect_deadline = 0;
  if (connection != NULL)
    use_connection (self, connection);
  else
    finish (self, error, FALSE);
  exchange_unref (self);
}

static void
start_attempt (OaiUpstreamExchange *self)
{
  OaiUpstreamConnection *connection = can_repeat (self) && !self->resent ? oai_upstream_origin_take (self->origin) : NULL;

  if (connection != NULL)
    {
      use_connection (self, connection);
      return;
    }

  self->connect = oai_upstream_origin_connect (self->origin, connected_cb, self);
  self->connect_deadline = limit_from_now (self->timeouts.connect_ms);
  update_timer (self);
}

void
oai_upstream_exchange_start (OaiUpstreamExchange *self)
{
  self->head_deadline = limit_from_now (self->timeouts.head_ms);
  start_attempt (self);
}

void
oai_upstream_exchange_resume (OaiUpstreamExchange *self)
{
  if (self->closed || !self->paused)
    return;

  self->paused = FALSE;
  self->idle_since = g_get_monotonic_time ();
  oai_http_watch_schedule (&self->connection->transport.watch);
}

void
oai_upstream_exchange_wake (OaiUpstreamExchange *self)
{
  self->body_blocked = FALSE;
  if (!self->closed && self->connection != NULL)
    oai_http_watch_schedule (&self->connection->transport.watch);
}
