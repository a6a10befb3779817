/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Takes the body of a streamed reply apart: into events, or into one reply where a
 * server does not stream although the request wants it. */

#pragma once

#include "oai-buffer-private.h"
#include "oai-exchange-private.h"
#include "oai-json-doc-private.h"
#include "oai-sse-parser-private.h"

G_BEGIN_DECLS

typedef enum
{
  OAI_BODY_UNKNOWN, /* too few bytes have arrived to decide */
  OAI_BODY_EVENTS,
  OAI_BODY_JSON,    /* one value, or several consecutive values */
  OAI_BODY_VALUES,  /* several values */
  OAI_BODY_OTHER    /* text, or anything else */
} OaiBodyKind;

typedef struct
{
  OaiSseParser *parser;
  OaiBuffer whole;     /* what is no events, or may be none */
  gsize n_blanks;      /* that whole begins with, as far as it was looked at */
  char *values;        /* owned: of OAI_BODY_VALUES */
  char *value;         /* the next one */
  gsize values_left;   /* bytes from value on */
  OaiBodyKind kind;
  gboolean says_events;
  gboolean says_json;
  gboolean ended;      /* no more bytes will come */
  gboolean truncated;  /* they ended within an event */
} OaiEventReader;

/* max_event: in bytes; 0 for no limit. */
void oai_event_reader_init (OaiEventReader *self, gsize max_event);
void oai_event_reader_clear (OaiEventReader *self);
/* content_type: of the reply, or NULL. */
void oai_event_reader_set_type (OaiEventReader *self, const char *content_type);
char *oai_event_reader_reserve (OaiEventReader *self, gsize *size);
void oai_event_reader_commit (OaiEventReader *self, gsize size);
/* Bytes that are known to be events, of any size. */
void oai_event_reader_add_events (OaiEventReader *self, const char *data, gsize length);
/* JSON values behind each other, with or without an end marker, in place of events.  Takes data. */
void oai_event_reader_take_values (OaiEventReader *self, char *data, gsize length);
/* No more bytes will come. */
void oai_event_reader_end (OaiEventReader *self);
/* The next event; it stays until the next call.  The last one may lack its blank line when it
 * is whole.  FALSE with no error: more bytes are wanted or, after the end, there are no more events.
 * error must be given. */
gboolean oai_event_reader_next (OaiEventReader *self, OaiSseEvent *event, GError **error);
/* The body is over: FALSE for events, and for nothing at all. */
gboolean oai_event_reader_is_whole (OaiEventReader *self);
GBytes *oai_event_reader_take_whole (OaiEventReader *self);

/* The blanks and byte order marks that data begins with. */
gsize oai_event_reader_count_blanks (const char *data, gsize length);
/* The length of the value that data begins with, by its brackets alone; 0 where data ends before. */
gsize oai_event_reader_measure_value (const char *data, gsize length);
/* Whether data, which begins with no blank, is the end marker of a stream. */
gboolean oai_event_reader_is_end_marker (const char *data, gsize length);
/* Whether only whitespace and end markers of a stream follow a value. */
gboolean oai_event_reader_is_end (const char *data, gsize length);
/* Whether it begins as such values do. */
gboolean oai_event_reader_is_json (const char *data, gsize length);
/* Whether the text is a sequence of several values. */
gboolean oai_event_reader_is_sequence (const char *data, gsize length);

G_END_DECLS
