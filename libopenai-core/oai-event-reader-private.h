/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Takes the body of a streamed reply apart: into events, or into one whole where a
 * server does not stream although it was asked to. */

#pragma once

#include "oai-exchange-private.h"
#include "oai-json-private.h"
#include "oai-sse-private.h"

G_BEGIN_DECLS

typedef enum
{
  OAI_BODY_UNKNOWN, /* nothing that tells has come yet */
  OAI_BODY_EVENTS,
  OAI_BODY_JSON,    /* one value, or several behind each other */
  OAI_BODY_OTHER    /* text, or anything else */
} OaiBodyKind;

typedef struct
{
  OaiSseParser *parser;
  OaiBuffer whole;     /* what is, or may be, no events */
  OaiBodyKind kind;
  gboolean says_events;
  gboolean says_json;
} OaiEventReader;

void oai_event_reader_init (OaiEventReader *self);
void oai_event_reader_clear (OaiEventReader *self);
/* content_type: of the reply, or NULL. */
void oai_event_reader_set_type (OaiEventReader *self, const char *content_type);
char *oai_event_reader_reserve (OaiEventReader *self, gsize *size);
void oai_event_reader_commit (OaiEventReader *self, gsize size);
/* Bytes that are known to be events. */
void oai_event_reader_add_events (OaiEventReader *self, const char *data, gsize length);
/* Only for a body of events. */
gboolean oai_event_reader_next (OaiEventReader *self, OaiSseEvent *event, GError **error);
/* The body is over: FALSE for events, and for nothing at all. */
gboolean oai_event_reader_is_whole (OaiEventReader *self);
/* The body ended within an event. */
gboolean oai_event_reader_is_cut (OaiEventReader *self);
GBytes *oai_event_reader_take_whole (OaiEventReader *self);

/* JSON values behind each other, with or without an end mark, in place of events: takes
 * the next one off data.  FALSE: blanks are left, which are taken off too, or a value
 * that broke off. */
gboolean oai_event_reader_next_value (char **data, gsize *length, OaiSseEvent *event);
/* Behind a value: whether nothing follows it but blanks and end marks of a stream. */
gboolean oai_event_reader_is_end (const char *data, gsize length);
/* Whether it begins as such values do. */
gboolean oai_event_reader_is_json (const char *data, gsize length);
/* Whether more than one value is meant, which the first does not tell all of. */
gboolean oai_event_reader_is_sequence (const char *data, gsize length);

G_END_DECLS
