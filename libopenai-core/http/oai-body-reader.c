/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-body-reader-private.h"

#include "oai-socket-source-private.h"

/* Bytes that are read before other sources of the main loop are dispatched. */
#define MAX_PER_TURN (64 * 1024)

static gboolean turn (OaiBodyReader *self);

static void
drop_source (OaiBodyReader *self)
{
  if (self->source == NULL)
    return;

  g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  self->will_turn = FALSE;
}

static gboolean
readable_cb (GObject *stream, gpointer user_data)
{
  OaiBodyReader *self = user_data;

  if (!self->keep_source)
    drop_source (self);

  return turn (self);
}

static gboolean
turn_cb (gpointer user_data)
{
  return turn (user_data);
}

static gboolean
idle_cb (gpointer user_data)
{
  OaiBodyReader *self = user_data;

  drop_source (self);

  return turn (self);
}

/* Finds the innermost pollable stream.  When a read would block, no stream above it has buffered
 * bytes.  Waiting for the outer stream would add a source for each layer, and wake the main loop
 * ten times for one event. */
static GPollableInputStream *
find_origin (GInputStream *stream)
{
  while (G_IS_FILTER_INPUT_STREAM (stream))
    {
      GInputStream *base = g_filter_input_stream_get_base_stream (G_FILTER_INPUT_STREAM (stream));

      if (!G_IS_POLLABLE_INPUT_STREAM (base) || !g_pollable_input_stream_can_poll (G_POLLABLE_INPUT_STREAM (base)))
        break;
      stream = base;
    }

  return G_POLLABLE_INPUT_STREAM (stream);
}

/* Adds a source for the next bytes, unless there is one, which then is that whose callback runs.
 * Returns what the callback has to return: whether its source stays. */
static gboolean
wait_for_bytes (OaiBodyReader *self)
{
  GSourceFunc callback = turn_cb;

  if (self->source != NULL)
    return G_SOURCE_CONTINUE;

  if (self->socket != NULL)
    self->source = oai_socket_source_new (self->socket);
  if (self->source == NULL)
    {
      self->source = g_pollable_input_stream_create_source (find_origin (self->stream), NULL);
      callback = G_SOURCE_FUNC (readable_cb);
    }
  g_source_set_static_name (self->source, "[oai] body");
  g_source_set_callback (self->source, callback, self, NULL);
  g_source_attach (self->source, self->context);

  return G_SOURCE_REMOVE;
}

static void
let_others_run (OaiBodyReader *self)
{
  drop_source (self);
  self->source = g_idle_source_new ();
  g_source_set_priority (self->source, G_PRIORITY_DEFAULT);
  g_source_set_static_name (self->source, "[oai] more body");
  g_source_set_callback (self->source, idle_cb, self, NULL);
  g_source_attach (self->source, self->context);
  self->will_turn = TRUE;
}

static void
finish (OaiBodyReader *self, GError *error)
{
  drop_source (self);
  self->funcs->done (error, self->user_data);
}

/* Reads what has arrived.  Returns whether the source that called it stays.
 *
 * The functions may clear the reader; commit() and done() may also free its owner.  commit()
 * returns FALSE then, and self is not used afterwards. */
static gboolean
turn (OaiBodyReader *self)
{
  g_autoptr(GInputStream) stream = g_object_ref (self->stream);
  gsize total = 0;

  while (total < MAX_PER_TURN)
    {
      g_autoptr(GError) error = NULL;
      gsize room = 0;
      char *place = self->funcs->reserve (&room, self->user_data);
      gssize n = oai_chunked_body_read (&self->body, place, room, &error);

      if (n < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        return wait_for_bytes (self);
      if (n <= 0)
        {
          finish (self, g_steal_pointer (&error));
          return G_SOURCE_REMOVE;
        }
      if (total == 0)
        self->funcs->activity (self->user_data);
      total += n;
      if (!self->funcs->commit (n, self->user_data) || self->stream != stream)
        return G_SOURCE_REMOVE;
      if (oai_chunked_body_is_drained (&self->body))
        return wait_for_bytes (self);
    }

  /* The source of a socket that is still readable is dispatched again. */
  if (oai_chunked_body_is_unbuffered (&self->body))
    return wait_for_bytes (self);
  let_others_run (self);

  return G_SOURCE_REMOVE;
}

void
oai_body_reader_init (OaiBodyReader *self, GInputStream *stream, GMainContext *context, GSocket *socket, gboolean keep_source, const OaiBodyReaderFuncs *funcs, gpointer user_data)
{
  self->stream = g_object_ref (stream);
  oai_chunked_body_init (&self->body, stream, socket);
  g_set_object (&self->socket, socket);
  self->keep_source = keep_source;
  self->context = context;
  self->funcs = funcs;
  self->user_data = user_data;
}

void
oai_body_reader_start (OaiBodyReader *self)
{
  turn (self);
}

void
oai_body_reader_resume (OaiBodyReader *self)
{
  if (self->stream == NULL || self->will_turn)
    return;

  if (!oai_chunked_body_is_drained (&self->body))
    {
      let_others_run (self);
      return;
    }
  drop_source (self);
  wait_for_bytes (self);
}

void
oai_body_reader_hand_back (OaiBodyReader *self)
{
  if (self->stream != NULL)
    oai_chunked_body_hand_back (&self->body);
}

void
oai_body_reader_clear (OaiBodyReader *self)
{
  drop_source (self);
  g_clear_object (&self->stream);
  g_clear_object (&self->socket);
}
