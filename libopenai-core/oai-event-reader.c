/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-event-reader-private.h"

#include <string.h>

#define READ_SIZE (16 * 1024)
#define BYTE_ORDER_MARK "\357\273\277"
/* What a JSON value begins with that a line of events does not, and the reverse. */
#define JSON_STARTS "{["
#define EVENT_STARTS "deir:"

void
oai_event_reader_init (OaiEventReader *self)
{
  self->parser = oai_sse_parser_new ();
}

void
oai_event_reader_clear (OaiEventReader *self)
{
  g_clear_pointer (&self->parser, oai_sse_parser_free);
  oai_buffer_clear (&self->whole);
}

void
oai_event_reader_set_type (OaiEventReader *self, const char *content_type)
{
  self->is_json = content_type != NULL && strstr (content_type, "application/json") != NULL;
}

char *
oai_event_reader_reserve (OaiEventReader *self, gsize *size)
{
  if (self->is_whole)
    return oai_buffer_reserve (&self->whole, 0, size);

  *size = READ_SIZE;
  self->room = oai_sse_parser_reserve (self->parser, READ_SIZE);

  return self->room;
}

/* Content types lie; the first byte that says something does not. */
static void
sniff (OaiEventReader *self, gsize size)
{
  for (gsize i = 0; i < size && !self->sniffed; i++)
    if (!g_ascii_isspace (self->room[i]) && strchr (BYTE_ORDER_MARK, self->room[i]) == NULL)
      {
        self->sniffed = TRUE;
        self->is_whole = strchr (self->is_json ? EVENT_STARTS : JSON_STARTS, self->room[i]) != NULL;
        if (self->is_json)
          self->is_whole = !self->is_whole;
      }

  if (self->is_whole)
    {
      gsize space;

      memcpy (oai_buffer_reserve (&self->whole, READ_SIZE, &space), self->room, size);
    }
}

void
oai_event_reader_commit (OaiEventReader *self, gsize size)
{
  if (!self->sniffed)
    sniff (self, size);

  if (self->is_whole)
    self->whole.length += size;
  else
    oai_sse_parser_commit (self->parser, size);
}

gboolean
oai_event_reader_next (OaiEventReader *self, OaiSseEvent *event, GError **error)
{
  return !self->is_whole && oai_sse_parser_next (self->parser, event, error);
}

gboolean
oai_event_reader_is_cut (OaiEventReader *self)
{
  return oai_sse_parser_has_remainder (self->parser);
}

OaiJsonDoc *
oai_event_reader_parse_whole (OaiEventReader *self)
{
  gsize length = self->whole.length;
  char *data = g_steal_pointer (&self->whole.data);

  oai_buffer_clear (&self->whole);

  return oai_json_doc_new_take (data != NULL ? data : g_strdup (""), length, OAI_JSON_TOLERANT | OAI_JSON_PREFIX, NULL);
}
