/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-event-joiner-private.h"

#include "oai-json-surrogates-private.h"

/* An event is released after this many further events or bytes without the low surrogate. */
#define MAX_EVENTS 128
#define MAX_BYTES (1024 * 1024)
/* In all events together, since each new event is searched for the partner of each surrogate. */
#define MAX_SURROGATES 128

void
oai_joined_event_free (OaiJoinedEvent *event)
{
  g_free (event->name);
  oai_json_doc_unref (event->doc);
  g_array_unref (event->surrogates);
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
  for (guint i = 0; i < oai_json_doc_get_n_surrogates (doc); i++)
    if (oai_json_doc_get_surrogates (doc, i)->high != 0)
      return FALSE;

  return TRUE;
}

static guint
count_surrogates (OaiEventJoiner *self)
{
  guint count = 0;

  for (GList *l = self->events.head; l != NULL; l = l->next)
    count += ((OaiJoinedEvent *) l->data)->surrogates->len;

  return count;
}

static void
continue_event (OaiJoinedEvent *event, OaiJsonDoc *next)
{
  for (guint i = event->surrogates->len; i > 0; i--)
    if (oai_json_doc_join_surrogates (event->doc, &g_array_index (event->surrogates, OaiJsonSurrogates, i - 1), next))
      g_array_remove_index (event->surrogates, i - 1);
}

void
oai_event_joiner_add (OaiEventJoiner *self, const char *name, OaiJsonDoc *doc, gboolean recorded)
{
  OaiJoinedEvent *event = g_new0 (OaiJoinedEvent, 1);
  guint n_surrogates;

  for (GList *l = self->events.head; l != NULL; l = l->next)
    continue_event (l->data, doc);

  event->name = g_strdup (name);
  event->doc = doc;
  event->recorded = recorded;
  event->surrogates = g_array_new (FALSE, FALSE, sizeof (OaiJsonSurrogates));
  n_surrogates = count_surrogates (self);
  for (guint i = 0; i < oai_json_doc_get_n_surrogates (doc) && n_surrogates + event->surrogates->len < MAX_SURROGATES; i++)
    if (oai_json_doc_get_surrogates (doc, i)->high != 0)
      g_array_append_val (event->surrogates, *oai_json_doc_get_surrogates (doc, i));
  g_queue_push_tail (&self->events, event);
  self->n_bytes += oai_json_doc_get_consumed (doc);
}

OaiJoinedEvent *
oai_event_joiner_take (OaiEventJoiner *self)
{
  OaiJoinedEvent *event = g_queue_peek_head (&self->events);

  if (event == NULL)
    return NULL;
  if (event->surrogates->len > 0 && (self->events.length == 1 || (self->events.length <= MAX_EVENTS && self->n_bytes <= MAX_BYTES)))
    return NULL;

  self->n_bytes -= oai_json_doc_get_consumed (event->doc);

  return g_queue_pop_head (&self->events);
}

gboolean
oai_event_joiner_release (OaiEventJoiner *self)
{
  for (GList *l = self->events.head; l != NULL; l = l->next)
    g_array_set_size (((OaiJoinedEvent *) l->data)->surrogates, 0);

  return self->events.length > 0;
}
