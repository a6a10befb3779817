/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-event-joiner-private.h"

#include "oai-json-surrogates-private.h"

/* An event is released after this many further events or bytes without the second half. */
#define MAX_EVENTS 128
#define MAX_BYTES (1024 * 1024)
/* In all events together, since each new event is searched for the partner of each half. */
#define MAX_HALVES 128

void
oai_joined_event_free (OaiJoinedEvent *event)
{
  g_free (event->name);
  oai_json_doc_unref (event->doc);
  g_array_unref (event->halves);
  g_free (event);
}

void
oai_event_joiner_clear (OaiEventJoiner *self)
{
  g_queue_clear_full (&self->events, (GDestroyNotify) oai_joined_event_free);
  self->n_bytes = 0;
}

gboolean
oai_event_joiner_can_pass (OaiEventJoiner *self, OaiJsonDoc *doc)
{
  if (self->events.length > 0)
    return FALSE;
  for (guint i = 0; i < oai_json_doc_get_n_halves (doc); i++)
    if (oai_json_doc_get_half (doc, i)->high != 0)
      return FALSE;

  return TRUE;
}

static guint
count_halves (OaiEventJoiner *self)
{
  guint count = 0;

  for (GList *l = self->events.head; l != NULL; l = l->next)
    count += ((OaiJoinedEvent *) l->data)->halves->len;

  return count;
}

static void
continue_event (OaiJoinedEvent *event, OaiJsonDoc *next)
{
  for (guint i = event->halves->len; i > 0; i--)
    if (oai_json_doc_join_half (event->doc, &g_array_index (event->halves, OaiJsonHalf, i - 1), next))
      g_array_remove_index (event->halves, i - 1);
}

void
oai_event_joiner_add (OaiEventJoiner *self, const char *name, OaiJsonDoc *doc, gboolean recorded)
{
  OaiJoinedEvent *event = g_new0 (OaiJoinedEvent, 1);
  guint n_halves;

  for (GList *l = self->events.head; l != NULL; l = l->next)
    continue_event (l->data, doc);

  event->name = g_strdup (name);
  event->doc = doc;
  event->recorded = recorded;
  event->halves = g_array_new (FALSE, FALSE, sizeof (OaiJsonHalf));
  n_halves = count_halves (self);
  for (guint i = 0; i < oai_json_doc_get_n_halves (doc) && n_halves + event->halves->len < MAX_HALVES; i++)
    if (oai_json_doc_get_half (doc, i)->high != 0)
      g_array_append_val (event->halves, *oai_json_doc_get_half (doc, i));
  g_queue_push_tail (&self->events, event);
  self->n_bytes += oai_json_doc_get_consumed (doc);
}

OaiJoinedEvent *
oai_event_joiner_take (OaiEventJoiner *self)
{
  OaiJoinedEvent *event = g_queue_peek_head (&self->events);

  if (event == NULL)
    return NULL;
  if (event->halves->len > 0 && (self->events.length == 1 || (self->events.length <= MAX_EVENTS && self->n_bytes <= MAX_BYTES)))
    return NULL;

  self->n_bytes -= oai_json_doc_get_consumed (event->doc);

  return g_queue_pop_head (&self->events);
}

gboolean
oai_event_joiner_release (OaiEventJoiner *self)
{
  for (GList *l = self->events.head; l != NULL; l = l->next)
    g_array_set_size (((OaiJoinedEvent *) l->data)->halves, 0);

  return self->events.length > 0;
}
