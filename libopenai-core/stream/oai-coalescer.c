/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-coalescer-private.h"

#include <string.h>

#include "oai-emit-private.h"

/* Text for one signal with one set of indexes. */
typedef struct
{
  guint signal_id;
  guint indexes[OAI_STREAM_MAX_INDEXES];
  GString *text;
} BufferedText;

static void
buffered_text_free (gpointer data)
{
  BufferedText *self = data;

  g_string_free (self->text, TRUE);
  g_free (self);
}

static void
stop (OaiCoalescer *self)
{
  if (self->source == NULL)
    return;

  g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
}

void
oai_coalescer_init (OaiCoalescer *self, gpointer object)
{
  self->object = object;
  g_queue_init (&self->texts);
}

void
oai_coalescer_clear (OaiCoalescer *self)
{
  stop (self);
  g_queue_clear_full (&self->texts, buffered_text_free);
}

void
oai_coalescer_set_interval (OaiCoalescer *self, guint milliseconds)
{
  self->interval = milliseconds;
  if (self->source != NULL)
    g_source_set_ready_time (self->source, g_get_monotonic_time () + milliseconds * G_TIME_SPAN_MILLISECOND);
}

/* Signals with fewer indexes ignore the others. */
static void
emit (OaiCoalescer *self, guint signal_id, const char *text, const guint *indexes)
{
  G_STATIC_ASSERT (OAI_STREAM_MAX_INDEXES == 4);
  oai_emit (self->object, signal_id, 0, text, indexes[0], indexes[1], indexes[2], indexes[3]);
}

void
oai_coalescer_flush (OaiCoalescer *self)
{
  BufferedText *buffered;

  if (G_LIKELY (self->source == NULL && self->texts.head == NULL))
    return;

  stop (self);
  /* A handler may run the main loop; text that arrives meanwhile is added to the end of the
   * queue. */
  while ((buffered = g_queue_pop_head (&self->texts)) != NULL)
    {
      emit (self, buffered->signal_id, buffered->text->str, buffered->indexes);
      buffered_text_free (buffered);
    }
}

static gboolean
flush_cb (gpointer user_data)
{
  OaiCoalescer *self = user_data;
  g_autoptr(GObject) held G_GNUC_UNUSED = g_object_ref (self->object);

  oai_coalescer_flush (self);

  return G_SOURCE_REMOVE;
}

static void
schedule (OaiCoalescer *self)
{
  self->source = g_timeout_source_new (self->interval);
  g_source_set_static_name (self->source, "[oai] coalesced text");
  g_source_set_callback (self->source, flush_cb, self, NULL);
  g_source_attach (self->source, self->context);
}

static void
append (OaiCoalescer *self, guint signal_id, const char *text, gsize length, const guint *indexes)
{
  BufferedText *last = g_queue_peek_tail (&self->texts);

  if (last == NULL || last->signal_id != signal_id || memcmp (last->indexes, indexes, sizeof last->indexes) != 0)
    {
      last = g_new0 (BufferedText, 1);
      last->signal_id = signal_id;
      memcpy (last->indexes, indexes, sizeof last->indexes);
      last->text = g_string_new (NULL);
      g_queue_push_tail (&self->texts, last);
    }
  g_string_append_len (last->text, text, (gssize) length);
}

void
oai_coalescer_add (OaiCoalescer *self, guint signal_id, const char *text, gsize length, const guint *indexes)
{
  if (G_LIKELY (self->interval == 0 && self->texts.head == NULL))
    {
      emit (self, signal_id, text, indexes);
      return;
    }

  append (self, signal_id, text, length, indexes);
  if (self->interval == 0)
    oai_coalescer_flush (self);
  else if (self->source == NULL)
    schedule (self);
}
