/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-forward-headers-private.h"

#include <string.h>

#include "oai-redact-private.h"

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
    if (oai_http_name_equal (name, names[i]))
      return TRUE;
  for (gsize i = 0; i < n_prefixes; i++)
    if (g_ascii_strncasecmp (name, prefixes[i], strlen (prefixes[i])) == 0)
      return TRUE;

  return FALSE;
}

#define IS_LISTED(name, list) is_listed (name, list##_names, G_N_ELEMENTS (list##_names), list##_prefixes, G_N_ELEMENTS (list##_prefixes))

OaiHttpFields *
oai_forward_headers_for_request (const OaiHttpHead *head)
{
  OaiHttpFields *fields = oai_http_fields_new ();

  for (guint i = 0; i < oai_http_fields_get_n (head->fields); i++)
    {
      const OaiHttpField *field = oai_http_fields_get_nth (head->fields, i);

      if (IS_LISTED (field->name, request) && !oai_http_fields_is_hop_by_hop (head->fields, field->name))
        oai_http_fields_append_borrowed (fields, field->name, field->value);
    }
  /* The usage is read from the reply, and credentials are overwritten in it. */
  oai_http_fields_append_borrowed (fields, "Accept-Encoding", "identity");

  return fields;
}

static char *
redact (const char *value, const char *secrets)
{
  gsize length = strlen (value);

  return oai_redact_and_truncate (value, length, secrets, 2 * length + 1);
}

/* Parts of secrets are also redacted in ids, which errors quote. */
static gboolean
is_clean (const char *name, const char *value, const char *secrets)
{
  g_autofree char *redacted = NULL;

  if (!oai_http_name_equal (name, "apim-request-id") && !oai_http_name_equal (name, "location"))
    return !oai_contains_secret (value, secrets) && g_utf8_validate (value, -1, NULL);

  redacted = redact (value, secrets);

  return strcmp (redacted, value) == 0;
}

/* A part of a URL would be another one, so that Location is removed. */
static void
append_redacted (OaiHttpFields *fields, const OaiHttpField *field, const char *secrets)
{
  g_autofree char *redacted = NULL;

  if (secrets == NULL || is_clean (field->name, field->value, secrets))
    {
      oai_http_fields_append_borrowed (fields, field->name, field->value);
      return;
    }
  if (oai_http_name_equal (field->name, "location"))
    return;

  redacted = redact (field->value, secrets);
  oai_http_fields_append (fields, field->name, redacted);
}

OaiHttpFields *
oai_forward_headers_for_reply (OaiHttpFields *all, const char *secrets)
{
  OaiHttpFields *passed = oai_http_fields_new ();

  for (guint i = 0; i < oai_http_fields_get_n (all); i++)
    {
      const OaiHttpField *field = oai_http_fields_get_nth (all, i);

      if (!IS_LISTED (field->name, hidden_reply) && !oai_http_fields_is_hop_by_hop (all, field->name) && !oai_contains_secret (field->name, secrets))
        append_redacted (passed, field, secrets);
    }

  return passed;
}
