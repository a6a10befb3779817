/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Joins characters that are split between events: an event whose text ends with a high surrogate
 * is delayed until the event with the low surrogate arrives.  Events keep their order. */

#pragma once

#include "oai-json-doc-private.h"

G_BEGIN_DECLS

typedef struct
{
  char *name;         /* of the event, or NULL */
  OaiJsonDoc *doc;
  gboolean recorded;  /* a record will be created from it */
  GArray *surrogates; /* OaiJsonSurrogates whose low surrogates have not arrived */
} OaiJoinedEvent;

typedef struct
{
  GQueue events;
  gsize n_bytes;
} OaiEventJoiner;

void oai_event_joiner_clear (OaiEventJoiner *self);
/* Returns whether an event can be handled at once, without being added. */
gboolean oai_event_joiner_can_pass (OaiEventJoiner *self, OaiJsonDoc *doc);
/* Takes ownership of doc, from which no values were borrowed. */
void oai_event_joiner_add (OaiEventJoiner *self, const char *name, OaiJsonDoc *doc, gboolean recorded);
/* Returns the next event that is complete, or NULL. */
OaiJoinedEvent *oai_event_joiner_take (OaiEventJoiner *self);
/* Releases the delayed events; surrogates without a partner become U+FFFD.  Returns FALSE if there
 * are no events. */
gboolean oai_event_joiner_release (OaiEventJoiner *self);

void oai_joined_event_free (OaiJoinedEvent *event);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiJoinedEvent, oai_joined_event_free)

G_END_DECLS
