/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Joins characters that are split between events: an event whose text ends with half of a
 * surrogate pair waits for the one that continues it.  Events keep their order. */

#pragma once

#include "oai-json-doc-private.h"

G_BEGIN_DECLS

typedef struct
{
  char *name;        /* of the event, or NULL */
  OaiJsonDoc *doc;
  gboolean recorded; /* a record will be made of it */
  GArray *halves;    /* that wait for the rest of their character */
} OaiJoinedEvent;

typedef struct
{
  GQueue events;
  gsize n_bytes;
} OaiEventJoiner;

void oai_event_joiner_clear (OaiEventJoiner *self);
/* Whether an event can be handled at once, without being added. */
gboolean oai_event_joiner_can_pass (OaiEventJoiner *self, OaiJsonDoc *doc);
/* Takes doc, from which nothing was borrowed yet. */
void oai_event_joiner_add (OaiEventJoiner *self, const char *name, OaiJsonDoc *doc, gboolean recorded);
/* The next event that waits for nothing, or NULL. */
OaiJoinedEvent *oai_event_joiner_take (OaiEventJoiner *self);
/* No event waits any more: halves stay alone, as U+FFFD.  FALSE when there is none. */
gboolean oai_event_joiner_release (OaiEventJoiner *self);

void oai_joined_event_free (OaiJoinedEvent *event);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiJoinedEvent, oai_joined_event_free)

G_END_DECLS
