/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Splits the body of a streamed reply into events.  If the server does not stream, returns the
 * whole reply. */

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
  OaiBuffer whole;     /* bytes that are not events, or may not be */
  gsize n_blanks;      /* number of blanks that whole begins with, as far as it was read */
  char *values;        /* owned; for OAI_BODY_VALUES */
  char *value;         /* the next value */
  gsize values_left;   /* number of bytes from value to the end */
  OaiBodyKind kind;
  gboolean says_events;
  gboolean says_json;
  gboolean ended;      /* no more bytes will come */
  gboolean truncated;  /* the bytes ended within an event */
} OaiEventReader;

/* max_event: size limit of an event in bytes; 0 for no limit. */
void oai_event_reader_init (OaiEventReader *self, gsize max_event);
void oai_event_reader_clear (OaiEventReader *self);
/* content_type: the content type of the reply, or NULL. */
void oai_event_reader_set_type (OaiEventReader *self, const char *content_type);
char *oai_event_reader_reserve (OaiEventReader *self, gsize *size);
void oai_event_reader_commit (OaiEventReader *self, gsize size);
/* Adds bytes that are known to be events. */
void oai_event_reader_add_events (OaiEventReader *self, const char *data, gsize length);
/* Sets consecutive JSON values, with or without an end marker, in place of events.  Takes ownership
 * of data. */
void oai_event_reader_take_values (OaiEventReader *self, char *data, gsize length);
/* Marks the end of the bytes. */
void oai_event_reader_end (OaiEventReader *self);
/* Gets the next event, which is valid until the next call.  The blank line after the last event may
 * be missing.  Returns FALSE without error if more bytes are needed or, after the end, there are no
 * more events.  error must not be NULL. */
gboolean oai_event_reader_next (OaiEventReader *self, OaiSseEvent *event, GError **error);
/* After the end: returns whether the body is one whole reply; FALSE for events and for an empty
 * body. */
gboolean oai_event_reader_is_whole (OaiEventReader *self);
GBytes *oai_event_reader_take_whole (OaiEventReader *self);

/* Returns the number of bytes of the blanks and byte order marks that data begins with. */
gsize oai_event_reader_count_blanks (const char *data, gsize length);
/* Returns the length of the value that data begins with, by counting brackets; 0 if the value is
 * incomplete. */
gsize oai_event_reader_measure_value (const char *data, gsize length);
/* Returns whether data, which does not begin with a blank, is the end marker of a stream. */
gboolean oai_event_reader_is_end_marker (const char *data, gsize length);
/* Returns whether data contains only whitespace and end markers of a stream. */
gboolean oai_event_reader_is_end (const char *data, gsize length);
/* Returns whether data begins like a JSON object or array. */
gboolean oai_event_reader_is_json (const char *data, gsize length);
/* Returns whether the text is a sequence of several values. */
gboolean oai_event_reader_is_sequence (const char *data, gsize length);

G_END_DECLS
