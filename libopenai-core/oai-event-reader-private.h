/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Takes the body of a streamed reply apart: into events, or into one JSON value
 * where a server does not stream although it was asked to. */

#pragma once

#include "oai-exchange-private.h"
#include "oai-json-private.h"
#include "oai-sse-private.h"

G_BEGIN_DECLS

typedef struct
{
  OaiSseParser *parser;
  OaiBuffer whole;
  char *room;          /* where the next bytes of events are read to */
  gboolean sniffed;
  gboolean is_json;    /* says its type */
  gboolean is_whole;   /* the body is one JSON value */
} OaiEventReader;

void oai_event_reader_init (OaiEventReader *self);
void oai_event_reader_clear (OaiEventReader *self);
/* content_type: of the reply, or NULL. */
void oai_event_reader_set_type (OaiEventReader *self, const char *content_type);
char *oai_event_reader_reserve (OaiEventReader *self, gsize *size);
void oai_event_reader_commit (OaiEventReader *self, gsize size);
/* Never TRUE for a body that is one JSON value. */
gboolean oai_event_reader_next (OaiEventReader *self, OaiSseEvent *event, GError **error);
/* The body ended within an event. */
gboolean oai_event_reader_is_cut (OaiEventReader *self);
OaiJsonDoc *oai_event_reader_parse_whole (OaiEventReader *self);

G_END_DECLS
