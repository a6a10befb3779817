/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-forward-headers-private.h"

#include <string.h>

/* Names in lower case. */
static const char *const request_names[] = {
  "accept",
  "accept-language",
  "content-type",
  "idempotency-key",
  "openai-beta",
  "openai-safety-identifier",
  "traceparent",
  "tracestate",
  "user-agent",
  "x-client-request-id",
};

static const char *const request_prefixes[] = { "x-stainless-" };

static const char *const hidden_reply_names[] = {
  "alt-svc",
  "content-length",
  "date",
  "openai-organization",
  "openai-project",
  "public-key-pins",
  "server",
  "set-cookie",
  "set-cookie2",
  "strict-transport-security",
  "via",
  "x-powered-by",
  "x-request-id",
};

static const char *const hidden_reply_prefixes[] = { "cf-", "x-ratelimit-" };

static gboolean
is_listed (const char *name, const char *const *names, gsize n_names, const char *const *prefixes, gsize n_prefixes)
{
  for (gsize i = 0; i < n_names; i++)
    if (g_ascii_strcasecmp (name, names[i]) == 0)
      return TRUE;
  for (gsize i = 0; i < n_prefixes; i++)
    if (g_ascii_strncasecmp (name, prefixes[i], strlen (prefixes[i])) == 0)
      return TRUE;

  return FALSE;
}

#define IS_LISTED(name, list) is_listed (name, list##_names, G_N_ELEMENTS (list##_names), list##_prefixes, G_N_ELEMENTS (list##_prefixes))

SoupMessageHeaders *
oai_forward_headers_for_request (const OaiHttpHead *head)
{
  SoupMessageHeaders *headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);

  for (guint i = 0; i < oai_http_fields_get_n (head->fields); i++)
    {
      const OaiHttpField *field = oai_http_fields_get_nth (head->fields, i);

      if (IS_LISTED (field->name, request) && !oai_http_fields_is_hop_by_hop (head->fields, field->name))
        soup_message_headers_append (headers, field->name, field->value);
    }
  /* The usage is read from the reply, and credentials are overwritten in it. */
  soup_message_headers_append (headers, "Accept-Encoding", "identity");

  return headers;
}

static void
collect (const char *name, const char *value, gpointer user_data)
{
  oai_http_fields_append (user_data, name, value);
}

OaiHttpFields *
oai_forward_headers_for_reply (SoupMessageHeaders *headers)
{
  g_autoptr(OaiHttpFields) all = oai_http_fields_new ();
  OaiHttpFields *passed = oai_http_fields_new ();

  soup_message_headers_foreach (headers, collect, all);
  for (guint i = 0; i < oai_http_fields_get_n (all); i++)
    {
      const OaiHttpField *field = oai_http_fields_get_nth (all, i);

      if (!IS_LISTED (field->name, hidden_reply) && !oai_http_fields_is_hop_by_hop (all, field->name))
        oai_http_fields_append (passed, field->name, field->value);
    }

  return passed;
}

gint64
oai_forward_headers_get_length (SoupMessageHeaders *headers)
{
  return soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH ? soup_message_headers_get_content_length (headers) : -1;
}
