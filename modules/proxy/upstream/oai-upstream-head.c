/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-upstream-head-private.h"

#include <string.h>

#include "oai-http-reply-private.h"

/* "HTTP/1.1 200" */
#define VERSION_SIZE 8
#define STATUS_BEGIN 9
#define STATUS_END 12
#define MAX_STATUS 599

#define REASON(name, code, message) static const OaiHttpRefusal name = { 502, code, message }

REASON (bad_status_line, "invalid_status_line", "The status line is not a version, a status of three digits and a reason");
REASON (bad_status, "invalid_status", "The status is not one from 100 to 599");
REASON (other_version, "unsupported_version", "The reply is not of HTTP/1.1 or HTTP/1.0");
REASON (long_head, "head_too_large", "The head of the reply is too large");
REASON (repeated, "repeated_field", "Content-Length or Transfer-Encoding is repeated");
REASON (bad_length, "invalid_content_length", "Content-Length is not a decimal number");
REASON (length_and_coding, "ambiguous_framing", "The reply has both Content-Length and Transfer-Encoding");
REASON (bad_coding, "invalid_transfer_encoding", "Transfer-Encoding is not chunked");
REASON (old_coding, "invalid_transfer_encoding", "Transfer-Encoding does not exist in HTTP/1.0");
REASON (framed_interim, "ambiguous_framing", "An interim reply has a body");

/* The version, as far as it is known. */
static const OaiHttpRefusal *
check_beginning (const char *data, gsize length, const OaiHttpSettings *settings)
{
  static const char prefix[] = "HTTP/1.";
  gsize known = MIN (length, strlen (prefix));

  if (memcmp (data, prefix, MIN (known, strlen ("HTTP/"))) != 0)
    return &bad_status_line;
  if (memcmp (data, prefix, known) != 0)
    return &other_version;

  return NULL;
}

gsize
oai_upstream_head_find_end (OaiHttpScan *scan, const char *data, gsize length, const OaiHttpSettings *settings, const OaiHttpRefusal **refusal)
{
  static const OaiHttpScanRules rules = { check_beginning, &bad_status_line, &long_head };

  return oai_http_scan_head (scan, &rules, data, length, settings, refusal);
}

/* Some servers omit the space before an empty reason. */
static const OaiHttpRefusal *
parse_status_line (OaiUpstreamHead *self, const char *line, gsize length)
{
  const char *status = line + STATUS_BEGIN;

  if (length < STATUS_END || line[VERSION_SIZE] != ' ' || (length > STATUS_END && line[STATUS_END] != ' '))
    return &bad_status_line;
  if (line[VERSION_SIZE - 1] != '0' && line[VERSION_SIZE - 1] != '1')
    return &other_version;
  for (gsize i = 0; i < STATUS_END - STATUS_BEGIN; i++)
    if (!g_ascii_isdigit (status[i]))
      return &bad_status_line;
  for (gsize i = STATUS_END; i < length; i++)
    if (((guint8) line[i] < 0x20 && line[i] != '\t') || line[i] == 0x7f)
      return &bad_status_line;

  self->minor_version = (guint) (line[VERSION_SIZE - 1] - '0');
  self->status = (guint) ((status[0] - '0') * 100 + (status[1] - '0') * 10 + (status[2] - '0'));

  return self->status >= 100 && self->status <= MAX_STATUS ? NULL : &bad_status;
}

static const OaiHttpRefusal *
parse_coding (OaiUpstreamHead *self, const char *coding)
{
  if (self->minor_version == 0)
    return &old_coding;
  /* No other codings are requested. */
  if (g_ascii_strcasecmp (coding, "chunked") != 0)
    return &bad_coding;

  self->chunked = TRUE;

  return NULL;
}

static const OaiHttpRefusal *
parse_framing (OaiUpstreamHead *self)
{
  const char *length = oai_http_fields_get (self->fields, "content-length");
  const char *coding = oai_http_fields_get (self->fields, "transfer-encoding");

  if (oai_http_fields_count (self->fields, "content-length") > 1 || oai_http_fields_count (self->fields, "transfer-encoding") > 1)
    return &repeated;
  if (length != NULL && coding != NULL)
    return &length_and_coding;
  if (length != NULL && !oai_http_parse_length (length, &self->content_length))
    return &bad_length;
  if (coding != NULL)
    return parse_coding (self, coding);

  return NULL;
}

static const OaiHttpRefusal *
parse_connection (OaiUpstreamHead *self)
{
  gboolean close = oai_http_fields_has_token (self->fields, "connection", "close");
  gboolean has_body = self->chunked || self->content_length > 0;

  if (self->status < 200 && has_body)
    return &framed_interim;

  self->keep_alive = !close && (self->minor_version > 0 || oai_http_fields_has_token (self->fields, "connection", "keep-alive"));

  return NULL;
}

static const OaiHttpRefusal *
parse_lines (OaiUpstreamHead *self, char *data, gsize length, const OaiHttpSettings *settings)
{
  char *end = memchr (data, '\n', length);
  const OaiHttpRefusal *refusal = parse_status_line (self, data, end - 1 - data);

  if (refusal == NULL)
    refusal = oai_http_head_parse_fields (end + 1, length - (gsize) (end + 1 - data), settings, self->fields);
  if (refusal == NULL)
    refusal = parse_framing (self);
  if (refusal == NULL)
    refusal = parse_connection (self);

  return refusal;
}

OaiUpstreamHead *
oai_upstream_head_parse (const char *data, gsize length, const OaiHttpSettings *settings, const OaiHttpRefusal **refusal)
{
  g_autoptr(OaiUpstreamHead) self = g_new0 (OaiUpstreamHead, 1);
  char *copy;

  self->fields = oai_http_fields_new ();
  self->content_length = -1;
  copy = oai_http_fields_allocate (self->fields, length);
  memcpy (copy, data, length);
  *refusal = parse_lines (self, copy, length, settings);

  return *refusal == NULL ? g_steal_pointer (&self) : NULL;
}

void
oai_upstream_head_free (OaiUpstreamHead *self)
{
  oai_http_fields_free (self->fields);
  g_free (self);
}
