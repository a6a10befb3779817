/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-event-reader-private.h"

#include <string.h>

#define READ_SIZE (16 * 1024)
#define BYTE_ORDER_MARK "\357\273\277"

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
  self->says_json = content_type != NULL && strstr (content_type, "application/json") != NULL;
  self->says_events = content_type != NULL && g_ascii_strncasecmp (content_type, "text/event-stream", strlen ("text/event-stream")) == 0;
}

char *
oai_event_reader_reserve (OaiEventReader *self, gsize *size)
{
  if (self->kind != OAI_BODY_EVENTS)
    return oai_buffer_reserve (&self->whole, READ_SIZE, size);

  *size = READ_SIZE;

  return oai_sse_parser_reserve (self->parser, READ_SIZE);
}

void
oai_event_reader_add_events (OaiEventReader *self, const char *data, gsize length)
{
  self->kind = OAI_BODY_EVENTS;
  memcpy (oai_sse_parser_reserve (self->parser, length + 1), data, length);
  oai_sse_parser_commit (self->parser, length);
}

/* Whether it begins with a line of an event: a comment, or a field that is known. */
static OaiBodyKind
sniff_line (const char *text, gsize length)
{
  static const char *const fields[] = { "data", "event", "id", "retry" };
  OaiBodyKind kind = OAI_BODY_OTHER;

  if (*text == ':')
    return OAI_BODY_EVENTS;

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      gsize n = strlen (fields[i]);

      if (strncmp (text, fields[i], MIN (n, length)) != 0)
        continue;
      if (length <= n)
        kind = OAI_BODY_UNKNOWN;
      else if (strchr (":\r\n", text[n]) != NULL && text[n] != '\0')
        return OAI_BODY_EVENTS;
    }

  return kind;
}

/* Content types lie; the first bytes that say something do not. */
static OaiBodyKind
sniff (OaiEventReader *self)
{
  const char *text = self->whole.data;
  gsize length = self->whole.length;
  OaiBodyKind kind;

  while (length > 0 && (g_ascii_isspace (*text) || (*text != '\0' && strchr (BYTE_ORDER_MARK, *text) != NULL)))
    {
      text++;
      length--;
    }
  if (length == 0)
    return OAI_BODY_UNKNOWN;
  if (*text == '{' || *text == '[')
    return OAI_BODY_JSON;
  if (self->says_events)
    return OAI_BODY_EVENTS;

  kind = sniff_line (text, length);

  return kind == OAI_BODY_OTHER && self->says_json ? OAI_BODY_JSON : kind;
}

void
oai_event_reader_commit (OaiEventReader *self, gsize size)
{
  if (self->kind == OAI_BODY_EVENTS)
    {
      oai_sse_parser_commit (self->parser, size);
      return;
    }

  self->whole.length += size;
  if (self->kind == OAI_BODY_UNKNOWN)
    self->kind = sniff (self);
  if (self->kind == OAI_BODY_EVENTS)
    {
      oai_event_reader_add_events (self, self->whole.data, self->whole.length);
      oai_buffer_clear (&self->whole);
    }
}

gboolean
oai_event_reader_next (OaiEventReader *self, OaiSseEvent *event, GError **error)
{
  return self->kind == OAI_BODY_EVENTS && oai_sse_parser_next (self->parser, event, error);
}

gboolean
oai_event_reader_is_whole (OaiEventReader *self)
{
  if (self->kind == OAI_BODY_EVENTS)
    return FALSE;

  for (gsize i = 0; i < self->whole.length; i++)
    if (!g_ascii_isspace (self->whole.data[i]))
      return TRUE;

  return FALSE;
}

gboolean
oai_event_reader_is_cut (OaiEventReader *self)
{
  return oai_sse_parser_has_remainder (self->parser);
}

GBytes *
oai_event_reader_take_whole (OaiEventReader *self)
{
  gsize length = self->whole.length;
  char *data = g_steal_pointer (&self->whole.data);

  oai_buffer_clear (&self->whole);

  return g_bytes_new_take (data, length);
}
