/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-http-reply-private.h"

#include <string.h>

static const struct
{
  guint status;
  const char *reason;
} reasons[] = {
  { 100, "Continue" }, { 101, "Switching Protocols" }, { 102, "Processing" }, { 103, "Early Hints" },
  { 200, "OK" }, { 201, "Created" }, { 202, "Accepted" }, { 204, "No Content" }, { 206, "Partial Content" },
  { 301, "Moved Permanently" }, { 302, "Found" }, { 303, "See Other" }, { 304, "Not Modified" },
  { 307, "Temporary Redirect" }, { 308, "Permanent Redirect" }, { 400, "Bad Request" }, { 401, "Unauthorized" },
  { 402, "Payment Required" }, { 403, "Forbidden" }, { 404, "Not Found" }, { 405, "Method Not Allowed" },
  { 406, "Not Acceptable" }, { 408, "Request Timeout" }, { 409, "Conflict" }, { 410, "Gone" }, { 411, "Length Required" },
  { 412, "Precondition Failed" }, { 413, "Content Too Large" }, { 414, "URI Too Long" }, { 415, "Unsupported Media Type" },
  { 416, "Range Not Satisfiable" }, { 417, "Expectation Failed" }, { 421, "Misdirected Request" },
  { 422, "Unprocessable Content" }, { 425, "Too Early" }, { 426, "Upgrade Required" }, { 428, "Precondition Required" },
  { 429, "Too Many Requests" }, { 431, "Request Header Fields Too Large" }, { 500, "Internal Server Error" },
  { 501, "Not Implemented" }, { 502, "Bad Gateway" }, { 503, "Service Unavailable" }, { 504, "Gateway Timeout" },
  { 505, "HTTP Version Not Supported" },
};

static const char *
get_reason (guint status)
{
  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    if (reasons[i].status == status)
      return reasons[i].reason;

  /* The reason may be empty. */
  return "";
}

gboolean
oai_http_status_has_no_body (guint status)
{
  return status < 200 || status == 204 || status == 304;
}

/* Fields that this writer adds, or that concern only the connection to another server. */
static gboolean
is_own_field (const char *name)
{
  static const char *const names[] = {
    "connection", "content-length", "keep-alive", "proxy-authenticate", "proxy-authentication-info",
    "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (oai_http_name_equal (name, names[i]))
      return TRUE;

  return FALSE;
}

static void
append_framing (const OaiHttpReplyHead *self, GString *text)
{
  if (self->framing == OAI_HTTP_FRAMING_LENGTH)
    {
      g_string_append (text, "Content-Length: ");
      oai_http_append_number (text, (guint64) self->length);
      g_string_append (text, "\r\n");
    }
  else if (self->framing == OAI_HTTP_FRAMING_CHUNKED)
    g_string_append (text, "Transfer-Encoding: chunked\r\n");
}

void
oai_http_reply_head_write (const OaiHttpReplyHead *self, OaiHttpFields *fields, GString *text)
{
  gboolean has_date = self->date == NULL;
  guint n = fields != NULL ? oai_http_fields_get_n (fields) : 0;

  g_string_append (text, "HTTP/1.1 ");
  oai_http_append_number (text, self->status);
  g_string_append_c (text, ' ');
  g_string_append (text, get_reason (self->status));
  g_string_append (text, "\r\n");
  for (guint i = 0; i < n; i++)
    {
      const OaiHttpField *field = oai_http_fields_get_nth (fields, i);

      if (is_own_field (field->name) || !oai_http_is_token (field->name, strlen (field->name)) || !oai_http_is_value (field->value))
        continue;
      has_date = has_date || oai_http_name_equal (field->name, "date");
      oai_http_append_field (text, field->name, field->value);
    }
  if (!has_date)
    oai_http_append_field (text, "Date", self->date);
  append_framing (self, text);
  if (self->connection != NULL)
    oai_http_append_field (text, "Connection", self->connection);
  g_string_append (text, "\r\n");
}
