/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-body-input-stream-private.h"

#include <libsoup/soup.h>
#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-owner-thread-private.h"

/* A blocking read polls at least this often, since other streams of the same HTTP/2 connection
 * may have read the bytes that woke it.  In milliseconds. */
#define BLOCKING_STEP 100

/* Smaller reads use a buffer, since libsoup needs room for the last chunk line. */
#define SMALL 512

struct _OaiBodyInputStream
{
  OaiPollableStream parent_instance;

  GInputStream *body;
  GObject *owner;
  GMainContext *context; /* in which libsoup was called */
  OaiOwnerThread *thread;
  goffset expected;
  goffset received;
  guint idle_timeout;  /* milliseconds */
  gint64 waiting;      /* when waiting began, in monotonic microseconds; 0 if it does not wait */
  gboolean ended;
  guint16 small_start;
  guint16 small_end;
  guint8 small[SMALL];
};

static void oai_body_input_stream_pollable_init (GPollableInputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (OaiBodyInputStream, oai_body_input_stream, OAI_TYPE_POLLABLE_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM, oai_body_input_stream_pollable_init))

/* libsoup has to be called in the main context of its first call.  What a blocking call has opened
 * is read and closed later.  If another thread iterates the context, the body is closed there,
 * since waiting for that thread could take forever. */
static void
close_body (OaiBodyInputStream *self)
{
  OaiContextState state = oai_owner_thread_push_context (self->thread, self->context);

  if (state == OAI_CONTEXT_BUSY)
    oai_owner_thread_release_object (self->thread, self->context, g_object_ref (self->body));
  else
    g_input_stream_close (self->body, NULL, NULL);
  oai_owner_thread_pop_context (self->context, state);
}

static gboolean
can_poll (OaiBodyInputStream *self)
{
  return G_IS_POLLABLE_INPUT_STREAM (self->body) &&
         g_pollable_input_stream_can_poll (G_POLLABLE_INPUT_STREAM (self->body));
}

gboolean
oai_body_was_cut (GInputStream *body)
{
  int encoding = SOUP_ENCODING_UNRECOGNIZED;
  g_autoptr (GCancellable) cancellable = NULL;
  guint8 rest[SMALL];

  while (body != NULL && g_strcmp0 (G_OBJECT_TYPE_NAME (body), "SoupBodyInputStream") != 0)
    body = G_IS_FILTER_INPUT_STREAM (body) ? g_filter_input_stream_get_base_stream (G_FILTER_INPUT_STREAM (body)) : NULL;
  if (body == NULL)
    return FALSE;

  g_object_get (body, "encoding", &encoding, NULL);
  if (encoding != SOUP_ENCODING_CHUNKED || g_input_stream_is_closed (body))
    return FALSE;

  /* After the last chunk this returns 0; otherwise it reads from the connection, which fails
   * because of the cancellable. */
  cancellable = g_cancellable_new ();
  g_cancellable_cancel (cancellable);
  return g_input_stream_read (body, rest, sizeof rest, cancellable, NULL) != 0;
}

/* Milliseconds until the idle time-out. */
static gint64
get_time_left (OaiBodyInputStream *self)
{
  gint64 deadline = self->waiting + (gint64) self->idle_timeout * 1000;

  return MAX ((deadline - g_get_monotonic_time () + 999) / 1000, 0);
}

static void
set_timed_out (OaiBodyInputStream *self, GError **error)
{
  /* Translators: %u is a number of milliseconds. */
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("The server has sent nothing for %u ms."), self->idle_timeout);
}

static void
set_short (OaiBodyInputStream *self, GError **error)
{
  /* Translators: both numbers count bytes. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE,
               _("The reply ended after %lld of %lld bytes."),
               (long long) self->received, (long long) self->expected);
}

static void
set_cut (GError **error)
{
  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INCOMPLETE, _("The reply ended before it was complete."));
}

/* Whether an error is passed on unchanged, because the caller caused it or has to react to it. */
static gboolean
is_plain (const GError *reason)
{
  if (reason->domain == OAI_ERROR)
    return TRUE;
  if (reason->domain != G_IO_ERROR)
    return FALSE;

  switch (reason->code)
    {
    case G_IO_ERROR_CANCELLED:
    case G_IO_ERROR_CLOSED:
    case G_IO_ERROR_INVALID_ARGUMENT:
    case G_IO_ERROR_PENDING:
    case G_IO_ERROR_TIMED_OUT:
    case G_IO_ERROR_WOULD_BLOCK:
      return TRUE;
    default:
      return FALSE;
    }
}

/* Takes reason. */
static void
propagate_error (OaiBodyInputStream *self, GError *reason, GError **error)
{
  if (is_plain (reason))
    {
      g_propagate_error (error, reason);
      return;
    }

  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT) && self->expected >= 0)
    set_short (self, error);
  else if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT))
    set_cut (error);
  else
    /* Translators: %s is the reason, a message of the system. */
    g_set_error (error, OAI_ERROR, OAI_ERROR_CONNECTION, _("The connection failed: %s"), reason->message);
  g_error_free (reason);
}

static gssize
take_failure (OaiBodyInputStream *self, GError *reason, GError **error)
{
  if (!g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      propagate_error (self, reason, error);
      return -1;
    }

  if (self->waiting == 0)
    self->waiting = g_get_monotonic_time ();
  if (self->idle_timeout == 0 || get_time_left (self) > 0)
    {
      g_propagate_error (error, reason);
      return -1;
    }
  g_error_free (reason);
  set_timed_out (self, error);
  return -1;
}

/* Converts the result of a read of the body to that of this stream.  Takes reason. */
static gssize
take_result (OaiBodyInputStream *self, gssize n_read, GError *reason, GError **error)
{
  if (n_read < 0)
    return take_failure (self, reason, error);

  self->waiting = 0;
  self->received += n_read;
  if (n_read > 0)
    return n_read;

  if (self->expected >= 0 && self->received < self->expected)
    {
      set_short (self, error);
      return -1;
    }
  if (oai_body_was_cut (self->body))
    {
      set_cut (error);
      return -1;
    }

  /* Releases the connection for the next exchange, even if the program keeps the stream. */
  self->ended = TRUE;
  close_body (self);
  return 0;
}

typedef struct
{
  OaiBodyInputStream *self;
  void *buffer;
  gsize count;
  GError **error;
  gssize n_read;
} Reading;

static void
read_now (gpointer data)
{
  Reading *reading = data;
  GPollableInputStream *body = G_POLLABLE_INPUT_STREAM (reading->self->body);
  GError *reason = NULL;
  gssize n_read = g_pollable_input_stream_read_nonblocking (body, reading->buffer, reading->count, NULL, &reason);

  reading->n_read = take_result (reading->self, n_read, reason, reading->error);
}

/* Reads the body once, without blocking. */
static gssize
poll_body (OaiBodyInputStream *self, void *buffer, gsize count, GError **error)
{
  Reading reading = { self, buffer, count, error, -1 };

  oai_owner_thread_invoke (self->thread, self->context, read_now, &reading);
  return reading.n_read;
}

static gboolean
on_wake (gpointer user_data)
{
  gboolean *woken = user_data;

  *woken = TRUE;
  return G_SOURCE_REMOVE;
}

static gboolean
on_readable (GObject *stream, gpointer user_data)
{
  return on_wake (user_data);
}

static void
wait_readable (OaiBodyInputStream *self, GCancellable *cancellable)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GSource) readable = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (self->body), cancellable);
  guint step = self->idle_timeout > 0 ? MIN (get_time_left (self), BLOCKING_STEP) : BLOCKING_STEP;
  g_autoptr (GSource) timeout = g_timeout_source_new (step);
  gboolean woken = FALSE;

  g_source_set_callback (readable, G_SOURCE_FUNC (on_readable), &woken, NULL);
  g_source_set_callback (timeout, on_wake, &woken, NULL);
  g_source_attach (readable, context);
  g_source_attach (timeout, context);
  while (!woken)
    g_main_context_iteration (context, TRUE);
  g_source_destroy (readable);
  g_source_destroy (timeout);
}

/* A blocking read consists of reads that do not block, since it may time out, and must not keep
 * the context from its owner thread. */
static gssize
read_waiting (OaiBodyInputStream *self, void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  while (TRUE)
    {
      g_autoptr (GError) reason = NULL;
      gssize n_read;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return -1;
      n_read = poll_body (self, buffer, count, &reason);
      if (n_read >= 0)
        return n_read;
      if (!g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return -1;
        }
      wait_readable (self, cancellable);
    }
}

static gssize
read_body (OaiBodyInputStream *self, void *buffer, gsize count, gboolean blocking, GCancellable *cancellable, GError **error)
{
  GError *reason = NULL;
  gssize n_read;

  if (!blocking)
    return poll_body (self, buffer, count, error);
  if (can_poll (self))
    return read_waiting (self, buffer, count, cancellable, error);

  /* Streams of libsoup can all be polled. */
  n_read = g_input_stream_read (self->body, buffer, count, cancellable, &reason);
  return take_result (self, n_read, reason, error);
}

static gssize
oai_body_input_stream_read (OaiPollableStream *stream, void *buffer, gsize count, gboolean blocking, GCancellable *cancellable, GError **error)
{
  OaiBodyInputStream *self = OAI_BODY_INPUT_STREAM (stream);
  gsize n;

  if (self->small_start == self->small_end)
    {
      gssize n_read;

      if (self->ended || count == 0)
        return 0;
      if (count >= SMALL)
        return read_body (self, buffer, count, blocking, cancellable, error);

      n_read = read_body (self, self->small, SMALL, blocking, cancellable, error);
      if (n_read <= 0)
        return n_read;
      self->small_start = 0;
      self->small_end = n_read;
    }

  n = MIN (count, (gsize) (self->small_end - self->small_start));
  memcpy (buffer, self->small + self->small_start, n);
  self->small_start += n;
  return n;
}

/* Whether the next read does not need the body. */
static gboolean
is_ready (OaiBodyInputStream *self)
{
  return self->ended || self->small_start < self->small_end;
}

static gboolean
oai_body_input_stream_can_poll (GPollableInputStream *stream)
{
  return can_poll (OAI_BODY_INPUT_STREAM (stream));
}

static gboolean
oai_body_input_stream_is_readable (OaiPollableStream *stream)
{
  OaiBodyInputStream *self = OAI_BODY_INPUT_STREAM (stream);

  return is_ready (self) || g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (self->body));
}

static GSource *
oai_body_input_stream_create_child (OaiPollableStream *stream)
{
  OaiBodyInputStream *self = OAI_BODY_INPUT_STREAM (stream);
  GSource *child;

  if (is_ready (self))
    return NULL;

  child = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (self->body), NULL);
  if (self->idle_timeout > 0)
    {
      gint64 left = self->waiting != 0 ? get_time_left (self) : self->idle_timeout;
      g_autoptr (GSource) timeout = g_timeout_source_new (left);

      g_source_set_dummy_callback (timeout);
      g_source_add_child_source (child, timeout);
    }
  return child;
}

static void
oai_body_input_stream_close (OaiPollableStream *stream)
{
  close_body (OAI_BODY_INPUT_STREAM (stream));
}

/* The parent class closes the stream in dispose, which needs the body. */
static void
oai_body_input_stream_finalize (GObject *object)
{
  OaiBodyInputStream *self = OAI_BODY_INPUT_STREAM (object);
  OaiContextState state = oai_owner_thread_push_context (self->thread, self->context);

  if (state == OAI_CONTEXT_BUSY)
    {
      oai_owner_thread_release_object (self->thread, self->context, g_steal_pointer (&self->body));
      if (self->owner != NULL)
        oai_owner_thread_release_object (self->thread, self->context, g_steal_pointer (&self->owner));
    }
  g_clear_object (&self->body);
  g_clear_object (&self->owner);
  oai_owner_thread_pop_context (self->context, state);
  oai_owner_thread_unref (self->thread);
  g_main_context_unref (self->context);

  G_OBJECT_CLASS (oai_body_input_stream_parent_class)->finalize (object);
}

static void
oai_body_input_stream_pollable_init (GPollableInputStreamInterface *iface)
{
  iface->can_poll = oai_body_input_stream_can_poll;
}

static void
oai_body_input_stream_class_init (OaiBodyInputStreamClass *klass)
{
  OaiPollableStreamClass *stream_class = OAI_POLLABLE_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = oai_body_input_stream_finalize;
  stream_class->read = oai_body_input_stream_read;
  stream_class->is_readable = oai_body_input_stream_is_readable;
  stream_class->create_child = oai_body_input_stream_create_child;
  stream_class->close = oai_body_input_stream_close;
}

static void
oai_body_input_stream_init (OaiBodyInputStream *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->thread = oai_owner_thread_ref_current ();
}

GInputStream *
oai_body_input_stream_new (GInputStream *body, GObject *owner, goffset expected, guint idle_timeout)
{
  OaiBodyInputStream *self = g_object_new (OAI_TYPE_BODY_INPUT_STREAM, NULL);

  self->body = g_object_ref (body);
  g_set_object (&self->owner, owner);
  self->expected = expected;
  self->idle_timeout = idle_timeout;
  return G_INPUT_STREAM (self);
}

GObject *
oai_body_input_stream_get_owner (OaiBodyInputStream *self)
{
  return self->owner;
}
