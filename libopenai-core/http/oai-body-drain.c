/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-body-drain-private.h"

#include "oai-source-private.h"

/* If draining takes more than this, a new connection is cheaper. */
#define MAX_MILLISECONDS 1000
#define MAX_SIZE (16 * 1024)

typedef struct
{
  GInputStream *body;
  GMainContext *context;
  GSource *timer;
  GSource *readable;
  gsize size;
} Drain;

static void
drain_free (Drain *self)
{
  oai_drop_source (&self->timer);
  oai_drop_source (&self->readable);
  g_main_context_unref (self->context);
  g_object_unref (self->body);
  g_free (self);
}

/* Closing a body before its end closes its connection. */
static void
close_body (Drain *self)
{
  g_input_stream_close (self->body, NULL, NULL);
  drain_free (self);
}

static gboolean
expired_cb (gpointer user_data)
{
  close_body (user_data);

  return G_SOURCE_REMOVE;
}

static gboolean read_cb (GObject *stream, gpointer user_data);

static void
wait_for_more (Drain *self)
{
  oai_drop_source (&self->readable);
  self->readable = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (self->body), NULL);
  g_source_set_static_name (self->readable, "[oai] end of body");
  g_source_set_callback (self->readable, G_SOURCE_FUNC (read_cb), self, NULL);
  g_source_attach (self->readable, self->context);
}

static void
read_on (Drain *self)
{
  for (;;)
    {
      g_autoptr(GError) error = NULL;
      char rest[512]; /* libsoup needs room for the last chunk line */
      gssize n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (self->body), rest, sizeof rest, NULL, &error);

      if (n == 0)
        {
          drain_free (self);
          return;
        }
      if (n < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          wait_for_more (self);
          return;
        }
      self->size += MAX (n, 0);
      if (n < 0 || self->size > MAX_SIZE)
        {
          close_body (self);
          return;
        }
    }
}

static gboolean
read_cb (GObject *stream, gpointer user_data)
{
  read_on (user_data);

  return G_SOURCE_REMOVE;
}

void
oai_body_drain (GInputStream *body, GMainContext *context)
{
  Drain *self = g_new0 (Drain, 1);

  self->body = body;
  self->context = g_main_context_ref (context);
  self->timer = g_timeout_source_new (MAX_MILLISECONDS);
  g_source_set_static_name (self->timer, "[oai] end of body");
  g_source_set_callback (self->timer, expired_cb, self, NULL);
  g_source_attach (self->timer, context);
  read_on (self);
}
