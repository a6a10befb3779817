/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-upstream-reader-private.h"

#include <string.h>

#include "oai-http-reply-private.h"

static const OaiHttpRefusal many_interim = { 502, "too_many_interim_replies", "The server sent too many interim replies" };

void
oai_upstream_reader_init (OaiUpstreamReader *self, const char *method, const OaiHttpSettings *settings)
{
  static const OaiHttpSettings defaults = { .max_head_size = 64 * 1024, .max_fields = 200 };

  *self = (OaiUpstreamReader) {
    .without_body = strcmp (method, "HEAD") == 0,
    .settings = oai_http_settings_complete (settings != NULL ? settings : &defaults),
  };
}

void
oai_upstream_reader_clear (OaiUpstreamReader *self)
{
  g_clear_pointer (&self->head, oai_upstream_head_free);
  oai_http_body_clear (&self->body);
}

/* Nothing follows 101, which ends HTTP.  A server may send a body that must not be there all the same, and later than
 * the next request: it would be the reply to that one. */
static void
begin_body (OaiUpstreamReader *self)
{
  OaiUpstreamHead *head = self->head;

  if (self->without_body || oai_http_status_has_no_body (head->status))
    {
      head->keep_alive = head->keep_alive && !self->without_body && !head->chunked && head->content_length <= 0;
      return;
    }

  self->until_end = !head->chunked && head->content_length < 0;
  oai_http_body_init_framed (&self->body, head->chunked, (guint64) MAX (head->content_length, 0));
}

gsize
oai_upstream_reader_take_head (OaiUpstreamReader *self, const char *data, gsize length, const OaiHttpRefusal **refusal)
{
  gsize size = oai_upstream_head_find_end (&self->scan, data, length, &self->settings, refusal);
  g_autoptr(OaiUpstreamHead) head = NULL;

  if (size == 0)
    return 0;

  self->scan = (OaiHttpScan) { 0 };
  head = oai_upstream_head_parse (data, size, &self->settings, refusal);
  if (head == NULL)
    return 0;
  if (head->status >= 200 || head->status == 101)
    {
      self->head = g_steal_pointer (&head);
      begin_body (self);
    }
  else if (++self->n_interim > OAI_UPSTREAM_MAX_INTERIM)
    {
      *refusal = &many_interim;
      return 0;
    }

  return size;
}

gsize
oai_upstream_reader_decode (OaiUpstreamReader *self, char *data, gsize length, gsize *used, const OaiHttpRefusal **refusal)
{
  *refusal = NULL;
  if (!self->until_end)
    return oai_http_body_decode (&self->body, data, length, used, &self->settings, refusal);

  *used = length;

  return length;
}

gboolean
oai_upstream_reader_is_complete (const OaiUpstreamReader *self)
{
  return self->head != NULL && !self->until_end && oai_http_body_is_complete (&self->body);
}

gboolean
oai_upstream_reader_may_end (const OaiUpstreamReader *self)
{
  return self->until_end || oai_upstream_reader_is_complete (self);
}

gint64
oai_upstream_reader_get_length (const OaiUpstreamReader *self)
{
  return self->head->chunked ? -1 : self->head->content_length;
}
