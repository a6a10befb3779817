/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-context-source-private.h"

typedef struct
{
  GSource source;

  GMainContext *inner;
  int priority;    /* of the sources of inner that are checked */
  GArray *queried; /* of GPollFD; what inner waits for now */
  GArray *polled;  /* of GPollFD; what has been added to the source */
} ContextSource;

/* Returns the time limit in milliseconds, or -1 for none. */
static int
query (ContextSource *self)
{
  int timeout, n;

  while ((n = g_main_context_query (self->inner, self->priority, &timeout, (GPollFD *) (gpointer) self->queried->data, (int) self->queried->len)) > (int) self->queried->len)
    g_array_set_size (self->queried, n);
  g_array_set_size (self->queried, n);

  return timeout;
}

static gboolean
is_polled (ContextSource *self)
{
  if (self->queried->len != self->polled->len)
    return FALSE;
  for (guint i = 0; i < self->polled->len; i++)
    {
      const GPollFD *queried = &g_array_index (self->queried, GPollFD, i);
      const GPollFD *polled = &g_array_index (self->polled, GPollFD, i);

      if (queried->fd != polled->fd || queried->events != polled->events)
        return FALSE;
    }

  return TRUE;
}

/* Lets the outer context poll what inner waits for. */
static void
update_polled (ContextSource *self)
{
  if (is_polled (self))
    return;

  for (guint i = 0; i < self->polled->len; i++)
    g_source_remove_poll (&self->source, &g_array_index (self->polled, GPollFD, i));
  g_array_set_size (self->polled, 0);
  g_array_append_vals (self->polled, self->queried->data, self->queried->len);
  for (guint i = 0; i < self->polled->len; i++)
    g_source_add_poll (&self->source, &g_array_index (self->polled, GPollFD, i));
}

/* Never ready: check() has to be called also if inner has sources that are ready. */
static gboolean
context_source_prepare (GSource *source, int *timeout)
{
  ContextSource *self = (ContextSource *) source;
  gboolean ready = g_main_context_prepare (self->inner, &self->priority);

  *timeout = query (self);
  update_polled (self);
  if (ready)
    *timeout = 0;

  return FALSE;
}

static gboolean
context_source_check (GSource *source)
{
  ContextSource *self = (ContextSource *) source;

  return g_main_context_check (self->inner, self->priority, (GPollFD *) (gpointer) self->polled->data, (int) self->polled->len);
}

static gboolean
context_source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  ContextSource *self = (ContextSource *) source;
  g_autoptr(GMainContext) inner = g_main_context_ref (self->inner);

  g_main_context_push_thread_default (inner);
  g_main_context_dispatch (inner);
  g_main_context_pop_thread_default (inner);

  return G_SOURCE_CONTINUE;
}

static void
context_source_finalize (GSource *source)
{
  ContextSource *self = (ContextSource *) source;

  g_main_context_unref (self->inner);
  g_array_unref (self->queried);
  g_array_unref (self->polled);
}

static GSourceFuncs context_source_funcs = {
  .prepare = context_source_prepare,
  .check = context_source_check,
  .dispatch = context_source_dispatch,
  .finalize = context_source_finalize,
};

/* Identifies the source by its data; dispatch() does not call it. */
static gboolean
unused_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

GSource *
oai_context_source_attach (GMainContext *inner, GMainContext *outer)
{
  GSource *source;
  ContextSource *self;

  if (g_main_context_find_source_by_funcs_user_data (outer, &context_source_funcs, inner) != NULL)
    return NULL;

  source = g_source_new (&context_source_funcs, sizeof (ContextSource));
  self = (ContextSource *) source;
  self->inner = g_main_context_ref (inner);
  self->queried = g_array_new (FALSE, TRUE, sizeof (GPollFD));
  self->polled = g_array_new (FALSE, TRUE, sizeof (GPollFD));
  g_source_set_static_name (source, "[oai] blocking call");
  g_source_set_can_recurse (source, TRUE);
  g_source_set_callback (source, unused_cb, inner, NULL);
  g_source_attach (source, outer);

  return source;
}
