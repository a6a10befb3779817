/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-http-head-private.h"

#include <string.h>

/* Longest accepted method: all registered ones are shorter. */
#define MAX_METHOD 32
/* Digits of a Content-Length, so that it fits in 63 bits. */
#define MAX_LENGTH_DIGITS 18
#define MAX_PORT_DIGITS 5
/* " HTTP/1.1" */
#define VERSION_SIZE 9
/* Of the request line, with its end. */
#define MAX_LINE_SIZE(settings) ((gsize) MAX_METHOD + 1 + (settings)->max_target_size + VERSION_SIZE + 2)

/* Classes of characters. */
enum
{
  TOKEN = 1 << 0,
  PATH = 1 << 1,
  QUERY = 1 << 2,  /* also brackets, which are in examples of the API reference */
  VALUE = 1 << 3,
  HOST = 1 << 4,
};

static const guint8 classes[256] = {
   0,  0,  0,  0,  0,  0,  0,  0,  0,  8,  0,  0,  0,  0,  0,  0,
   0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
   8, 15,  8,  9, 15, 15, 15, 15, 14, 14, 15, 15, 14, 31, 31, 14,
  31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 14, 14,  8, 14,  8, 12,
  14, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31,
  31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 12,  8, 12,  9, 31,
   9, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31,
  31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31,  8,  9,  8, 31,  0,
   8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,
   8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,
   8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,
   8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,
   8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,
   8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,
   8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,
   8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,  8,
};

/* Reasons */

#define REASON(name, status, code, message) static const OaiHttpRefusal name = { status, code, message }

REASON (bad_line_end, 400, "invalid_line_end", "A line of the head does not end with CR LF");
REASON (bad_byte, 400, "invalid_byte", "The head contains a NUL byte or a CR that does not end a line");
REASON (bad_request_line, 400, "invalid_request_line", "The request line is not a method, a target and a version, separated by single spaces");
REASON (bad_method, 400, "invalid_method", "The method is not a token");
REASON (bad_version, 400, "invalid_version", "The version of HTTP is malformed");
REASON (other_version, 505, "unsupported_version", "Only HTTP/1.1 and HTTP/1.0 are supported");
REASON (bad_form, 400, "invalid_target_form", "The target does not begin with a slash: only the origin form is supported");
REASON (bad_target, 400, "invalid_target", "The target contains a character that is not allowed, or an invalid percent-encoding");
REASON (bad_path, 400, "ambiguous_path", "The path contains an empty or a dot segment, or an encoded dot, slash, backslash or control character");
REASON (long_target, 414, "target_too_long", "The target is too long");
REASON (long_head, 431, "head_too_large", "The head of the request is too large");
REASON (many_fields, 431, "too_many_fields", "The request has too many header fields");
REASON (folded, 400, "folded_field", "A header field begins with a blank, or is continued on the next line");
REASON (no_colon, 400, "invalid_field", "A header field has no colon");
REASON (bad_name, 400, "invalid_field_name", "The name of a header field is not a token; no blank may precede the colon");
REASON (bad_value, 400, "invalid_field_value", "The value of a header field contains a control character");
REASON (no_host, 400, "no_host", "The request has no Host field");
REASON (bad_host, 400, "invalid_host", "The Host field is not a host with an optional port");
REASON (repeated, 400, "repeated_field", "A header field is repeated that may occur once only");
REASON (bad_length, 400, "invalid_content_length", "Content-Length is not a decimal number");
REASON (length_and_coding, 400, "ambiguous_framing", "The request has both Content-Length and Transfer-Encoding");
REASON (bad_coding, 400, "invalid_transfer_encoding", "Transfer-Encoding is not chunked");
REASON (other_coding, 501, "unsupported_transfer_encoding", "No other transfer coding than chunked is supported");
REASON (old_coding, 400, "invalid_transfer_encoding", "Transfer-Encoding does not exist in HTTP/1.0");
REASON (bad_connection, 400, "invalid_connection", "Connection is not a list of options, or names a field that is not for the connection");
REASON (bad_expectation, 417, "unsupported_expectation", "Expect is not 100-continue");

static inline gboolean
is_class (char c, int class)
{
  return (classes[(guint8) c] & class) != 0;
}

gboolean
oai_http_is_token (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!is_class (text[i], TOKEN))
      return FALSE;

  return length > 0;
}

gboolean
oai_http_is_value (const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    if (((guint8) *c < 0x20 && *c != '\t') || *c == 0x7f)
      return FALSE;

  return TRUE;
}

OaiHttpSettings
oai_http_settings_complete (const OaiHttpSettings *self)
{
  OaiHttpSettings settings = self != NULL ? *self : (OaiHttpSettings) { 0 };

#define COMPLETE(member, value) settings.member = settings.member > 0 ? settings.member : (value)
  COMPLETE (max_head_size, 16 * 1024);
  COMPLETE (max_target_size, 8 * 1024);
  COMPLETE (max_fields, 100);
  COMPLETE (head_timeout_ms, 10 * 1000);
  COMPLETE (idle_timeout_ms, 75 * 1000);
  COMPLETE (body_timeout_ms, 30 * 1000);
  COMPLETE (write_timeout_ms, 60 * 1000);
  COMPLETE (drain_timeout_ms, 3 * 1000);
  COMPLETE (min_rate, 100);
  COMPLETE (write_mark, 64 * 1024);
#undef COMPLETE

  return settings;
}

/* The end of the head */

/* What can be refused before the first line is complete. */
static const OaiHttpRefusal *
check_beginning (const char *data, gsize length, const OaiHttpSettings *settings)
{
  const char *space = memchr (data, ' ', MIN (length, MAX_METHOD + 1));
  gsize method = space != NULL ? (gsize) (space - data) : MIN (length, MAX_METHOD + 1);

  /* One CR can be the beginning of an empty line, which has its own reason. */
  if (length > 0 && !is_class (data[0], TOKEN))
    return &bad_method;
  if (method > MAX_METHOD)
    return &bad_method;
  if (length >= MAX_LINE_SIZE (settings))
    return &long_target;

  return NULL;
}

gsize
oai_http_scan_head (OaiHttpScan *scan, const OaiHttpScanRules *rules, const char *data, gsize length, const OaiHttpSettings *settings, const OaiHttpRefusal **refusal)
{
  const char *end;

  *refusal = NULL;
  while ((end = memchr (data + scan->scanned, '\n', length - scan->scanned)) != NULL)
    {
      gsize line = scan->line, offset = end - data;

      if (line == 0 && offset > 0 && data[0] != '\r')
        *refusal = rules->check_beginning (data, offset, settings);
      if (*refusal != NULL)
        return 0;
      if (offset == 0 || data[offset - 1] != '\r')
        *refusal = &bad_line_end;
      else if (line == 0 && offset == 1)
        *refusal = rules->empty;
      else if (offset + 1 > settings->max_head_size)
        *refusal = rules->large;
      if (*refusal != NULL)
        return 0;
      scan->line = scan->scanned = offset + 1;
      if (offset - 1 == line)
        return offset + 1;
    }

  scan->scanned = length;
  if (scan->line == 0 && length > 0 && data[0] != '\r')
    *refusal = rules->check_beginning (data, length, settings);
  if (*refusal == NULL && length > settings->max_head_size)
    *refusal = rules->large;

  return 0;
}

gsize
oai_http_head_find_end (OaiHttpScan *scan, const char *data, gsize length, const OaiHttpSettings *settings, const OaiHttpRefusal **refusal)
{
  static const OaiHttpScanRules rules = { check_beginning, &bad_request_line, &long_head };

  return oai_http_scan_head (scan, &rules, data, length, settings, refusal);
}

/* The request line */

static gboolean
is_dot_segment (const char *segment, gsize length)
{
  gsize dots = length > 0 && segment[0] == '.' ? 1 : 0;

  if (dots == 1 && length > 1 && segment[1] == '.')
    dots = 2;

  return dots > 0 && (length == dots || segment[dots] == ';');
}

static const OaiHttpRefusal *
check_escape (const char *text, gsize left, gboolean in_path)
{
  int value;

  if (left < 3 || !g_ascii_isxdigit (text[1]) || !g_ascii_isxdigit (text[2]))
    return &bad_target;

  value = g_ascii_xdigit_value (text[1]) << 4 | g_ascii_xdigit_value (text[2]);
  if (in_path && (value < 0x20 || value == 0x7f || value == '.' || value == '/' || value == '\\'))
    return &bad_path;

  return NULL;
}

static const OaiHttpRefusal *
check_part (const char *text, gsize length, gboolean in_path)
{
  const OaiHttpRefusal *refusal = NULL;

  for (gsize i = 0; i < length && refusal == NULL; i++)
    {
      if (!is_class (text[i], in_path ? PATH : QUERY))
        refusal = &bad_target;
      else if (text[i] == '%')
        refusal = check_escape (text + i, length - i, in_path);
    }

  return refusal;
}

/* Empty segments, except the last one, are other paths for some readers. */
static const OaiHttpRefusal *
check_segments (const char *path, gsize length)
{
  gsize begin = 1;

  for (gsize i = 1; i <= length; i++)
    {
      if (i < length && path[i] != '/')
        continue;
      if ((i == begin && i < length) || is_dot_segment (path + begin, i - begin))
        return &bad_path;
      begin = i + 1;
    }

  return NULL;
}

static const OaiHttpRefusal *
parse_target (OaiHttpHead *self, char *target, gsize length)
{
  char *question = memchr (target, '?', length);
  gsize path_length = question != NULL ? (gsize) (question - target) : length;
  const OaiHttpRefusal *refusal;

  if (target[0] != '/')
    return &bad_form;
  refusal = check_part (target, path_length, TRUE);
  if (refusal == NULL && question != NULL)
    refusal = check_part (question + 1, length - path_length - 1, FALSE);
  if (refusal == NULL)
    refusal = check_segments (target, path_length);
  if (refusal != NULL)
    return refusal;

  self->target = target;
  self->path = target;
  if (question != NULL)
    {
      self->path = oai_http_fields_allocate (self->fields, path_length + 1);
      memcpy (self->path, target, path_length);
      self->path[path_length] = '\0';
      self->query = question + 1;
    }

  return NULL;
}

static const OaiHttpRefusal *
parse_version (OaiHttpHead *self, const char *version, gsize length)
{
  if (length != 8 || memcmp (version, "HTTP/", 5) != 0 || !g_ascii_isdigit (version[5]) || version[6] != '.' || !g_ascii_isdigit (version[7]))
    return &bad_version;
  if (version[5] != '1' || version[7] > '1')
    return &other_version;

  self->minor_version = (guint) (version[7] - '0');

  return NULL;
}

static const OaiHttpRefusal *
parse_request_line (OaiHttpHead *self, char *line, gsize length, const OaiHttpSettings *settings)
{
  char *target = memchr (line, ' ', length);
  char *version = target != NULL ? memchr (target + 1, ' ', length - (gsize) (target + 1 - line)) : NULL;
  gsize method_length = target != NULL ? (gsize) (target - line) : length, target_length;
  const OaiHttpRefusal *refusal;

  /* The order is that of check_beginning(), so that the reason does not depend on how the line arrives. */
  if (method_length > MAX_METHOD || !oai_http_is_token (line, method_length))
    return &bad_method;
  if (length + 1 >= MAX_LINE_SIZE (settings))
    return &long_target;
  if (version == NULL)
    return &bad_request_line;
  target++;
  target_length = version++ - target;
  if (target_length == 0 || memchr (version, ' ', length - (gsize) (version - line)) != NULL)
    return &bad_request_line;
  if (target_length > settings->max_target_size)
    return &long_target;

  refusal = parse_version (self, version, length - (gsize) (version - line));
  if (refusal != NULL)
    return refusal;

  line[method_length] = '\0';
  target[target_length] = '\0';
  self->method = line;

  return parse_target (self, target, target_length);
}

/* Fields */

const OaiHttpRefusal *
oai_http_head_parse_field (char *line, gsize length, OaiHttpFields *fields)
{
  char *colon = memchr (line, ':', length);
  char *value, *end = line + length;

  if (length > 0 && (line[0] == ' ' || line[0] == '\t'))
    return &folded;
  if (colon == NULL)
    return &no_colon;
  if (!oai_http_is_token (line, colon - line))
    return &bad_name;

  value = colon + 1;
  for (const char *c = value; c < end; c++)
    if (!is_class (*c, VALUE))
      return *c == '\0' || *c == '\r' ? &bad_byte : &bad_value;
  while (value < end && (*value == ' ' || *value == '\t'))
    value++;
  while (value < end && (end[-1] == ' ' || end[-1] == '\t'))
    end--;
  if (fields == NULL)
    return NULL;

  *colon = *end = '\0';
  oai_http_fields_append_borrowed (fields, line, value);

  return NULL;
}

const OaiHttpRefusal *
oai_http_head_parse_fields (char *data, gsize length, const OaiHttpSettings *settings, OaiHttpFields *fields)
{
  const OaiHttpRefusal *refusal;
  char *line = data;

  for (guint n = 0;; n++)
    {
      char *end = memchr (line, '\n', length - (gsize) (line - data));
      gsize size = end - 1 - line;

      if (size == 0)
        return NULL;
      if (n == settings->max_fields)
        return &many_fields;
      refusal = oai_http_head_parse_field (line, size, fields);
      if (refusal != NULL)
        return refusal;
      line = end + 1;
    }
}

static const OaiHttpRefusal *
parse_lines (OaiHttpHead *self, char *data, gsize length, const OaiHttpSettings *settings)
{
  char *end = memchr (data, '\n', length);
  const OaiHttpRefusal *refusal = parse_request_line (self, data, end - 1 - data, settings);

  if (refusal != NULL)
    return refusal;

  return oai_http_head_parse_fields (end + 1, length - (gsize) (end + 1 - data), settings, self->fields);
}

static gboolean
is_port (const char *text)
{
  gsize digits = strspn (text, "0123456789");

  return text[digits] == '\0' && digits > 0 && digits <= MAX_PORT_DIGITS && g_ascii_strtoull (text, NULL, 10) <= G_MAXUINT16;
}

/* A name, an IPv4 address, or an IPv6 address in brackets; without characters that only a grammar allows. */
static const OaiHttpRefusal *
check_host (const char *host)
{
  const char *end = host;

  if (*host == '[')
    {
      end = host + 1 + strspn (host + 1, "0123456789abcdefABCDEF:.");
      if (end < host + 3 || *end++ != ']')
        return &bad_host;
    }
  else
    while (is_class (*end, HOST))
      end++;
  if (end == host || (*end == ':' ? !is_port (end + 1) : *end != '\0'))
    return &bad_host;

  return NULL;
}

/* Several readers could use different ones of them. */
static const OaiHttpRefusal *
check_repeated (OaiHttpHead *self)
{
  static const char *const single[] = {
    "host", "content-length", "transfer-encoding", "content-type", "authorization", "api-key", "expect",
  };

  for (guint i = 0; i < G_N_ELEMENTS (single); i++)
    if (oai_http_fields_count (self->fields, single[i]) > 1)
      return &repeated;

  return NULL;
}

gboolean
oai_http_parse_length (const char *text, gint64 *length)
{
  gsize digits = strspn (text, "0123456789");

  /* Some readers take a leading zero as that of an octal number. */
  if (text[digits] != '\0' || digits == 0 || digits > MAX_LENGTH_DIGITS || (digits > 1 && text[0] == '0'))
    return FALSE;

  *length = g_ascii_strtoll (text, NULL, 10);

  return TRUE;
}

static const OaiHttpRefusal *
parse_coding (OaiHttpHead *self, const char *text)
{
  const char *last = strrchr (text, ',');

  if (self->minor_version == 0)
    return &old_coding;
  self->chunked = g_ascii_strcasecmp (text, "chunked") == 0;
  if (self->chunked)
    return NULL;

  /* With chunked at the end, other codings have a known length, but are not decoded here. */
  if (last != NULL && g_str_has_prefix (last, ", chunked") && oai_http_is_token (text, last - text)
      && g_ascii_strncasecmp (text, "chunked", last - text) != 0 && g_ascii_strncasecmp (text, "identity", last - text) != 0)
    return &other_coding;

  return &bad_coding;
}

static const OaiHttpRefusal *
parse_framing (OaiHttpHead *self)
{
  const char *length = oai_http_fields_get (self->fields, "content-length");
  const char *coding = oai_http_fields_get (self->fields, "transfer-encoding");

  if (length != NULL && coding != NULL)
    return &length_and_coding;
  if (length != NULL)
    return oai_http_parse_length (length, &self->content_length) ? NULL : &bad_length;
  if (coding != NULL)
    return parse_coding (self, coding);

  return NULL;
}

static gboolean
is_end_to_end (const char *name, gsize length)
{
  static const char *const names[] = { "host", "content-length", "content-type", "authorization", "expect", "api-key" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strlen (names[i]) == length && g_ascii_strncasecmp (name, names[i], length) == 0)
      return TRUE;

  return FALSE;
}

static const OaiHttpRefusal *
check_connection_options (const char *list)
{
  while (*list != '\0')
    {
      gsize length = strcspn (list, ", \t");

      if (length > 0 && (!oai_http_is_token (list, length) || is_end_to_end (list, length)))
        return &bad_connection;
      list += length;
      list += strspn (list, " \t");
      if (*list != '\0' && *list != ',')
        return &bad_connection;
      if (*list == ',')
        list += 1 + strspn (list + 1, " \t");
    }

  return NULL;
}

static const OaiHttpRefusal *
parse_connection (OaiHttpHead *self)
{
  gboolean close = oai_http_fields_has_token (self->fields, "connection", "close");
  const char *expect = oai_http_fields_get (self->fields, "expect");
  const OaiHttpRefusal *refusal = NULL;

  for (guint i = 0; i < oai_http_fields_get_n (self->fields) && refusal == NULL; i++)
    {
      const OaiHttpField *field = oai_http_fields_get_nth (self->fields, i);

      if (oai_http_name_equal (field->name, "connection"))
        refusal = check_connection_options (field->value);
    }
  if (refusal != NULL)
    return refusal;

  self->keep_alive = !close && (self->minor_version > 0 || oai_http_fields_has_token (self->fields, "connection", "keep-alive"));
  self->upgrade_websocket = self->minor_version > 0 && !self->chunked && self->content_length <= 0 && strcmp (self->method, "GET") == 0
                            && oai_http_fields_has_token (self->fields, "connection", "upgrade")
                            && oai_http_fields_has_token (self->fields, "upgrade", "websocket");
  /* HTTP/1.0 does not have this field. */
  if (expect == NULL || self->minor_version == 0)
    return NULL;
  if (g_ascii_strcasecmp (expect, "100-continue") != 0)
    return &bad_expectation;
  self->expects_continue = self->chunked || self->content_length > 0;

  return NULL;
}

static const OaiHttpRefusal *
check_fields (OaiHttpHead *self)
{
  const char *host = oai_http_fields_get (self->fields, "host");
  const OaiHttpRefusal *refusal = check_repeated (self);

  if (refusal == NULL && host == NULL && self->minor_version > 0)
    refusal = &no_host;
  if (refusal == NULL && host != NULL)
    refusal = check_host (host);
  if (refusal == NULL)
    refusal = parse_framing (self);
  if (refusal == NULL)
    refusal = parse_connection (self);

  return refusal;
}

OaiHttpHead *
oai_http_head_parse (const char *data, gsize length, const OaiHttpSettings *settings, const OaiHttpRefusal **refusal)
{
  g_autoptr(OaiHttpHead) self = g_new0 (OaiHttpHead, 1);
  char *copy;

  self->fields = oai_http_fields_new ();
  self->content_length = -1;
  copy = oai_http_fields_allocate (self->fields, length);
  memcpy (copy, data, length);
  *refusal = parse_lines (self, copy, length, settings);
  if (*refusal == NULL)
    *refusal = check_fields (self);

  return *refusal == NULL ? g_steal_pointer (&self) : NULL;
}

/* The strings are in memory of the fields. */
void
oai_http_head_free (OaiHttpHead *self)
{
  oai_http_fields_free (self->fields);
  g_free (self);
}
