/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Errors of any format in which the server repeats the key: the reported error is valid
 * text that contains no part of the key. */

#include "fuzz.h"

#include "oai-error-map-private.h"
#include "oai-json-doc-private.h"
#include "oai-redact-private.h"

#include <string.h>

static const guint statuses[] = { 400, 401, 403, 404, 409, 422, 429, 500, 503, 200 };
static const char *const types[] = { "application/json", "text/html", "text/plain", NULL };

static OaiCall *
new_call (guint8 choice)
{
  OaiCall *call = oai_call_new ("test", "POST", "https://example.org/v1/chat/completions");
  g_autoptr(SoupMessageHeaders) headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  const char *type = types[choice / G_N_ELEMENTS (statuses) % G_N_ELEMENTS (types)];

  if (type != NULL)
    soup_message_headers_append (headers, "Content-Type", type);
  soup_message_headers_append (headers, "x-request-id", "req_1");
  oai_call_set_head (call, statuses[choice % G_N_ELEMENTS (statuses)], headers);

  return call;
}

static void
check (const char *text, const uint8_t *data, size_t size)
{
  fuzz_assert_text (text);
  fuzz_assert_redacted (text, data, size);
}

static void
check_call (OaiCall *call, const GError *error, const uint8_t *data, size_t size)
{
  if (error != NULL)
    check (error->message, data, size);
  check (oai_call_get_error_code (call), data, size);
  check (oai_call_get_error_type (call), data, size);
  check (oai_call_get_error_param (call), data, size);
}

static void
check_reply (guint8 choice, GBytes *body, const uint8_t *data, size_t size)
{
  g_autoptr(OaiCall) call = new_call (choice);
  g_autoptr(GError) error = oai_error_new_for_reply (call, body, FUZZ_SECRET);

  g_assert_nonnull (error);
  check_call (call, error, data, size);
}

static void
check_event (guint8 choice, const char *event, GBytes *body, const uint8_t *data, size_t size)
{
  g_autoptr(OaiCall) call = new_call (choice);
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) malformed = NULL;
  g_autoptr(OaiJsonDoc) doc = NULL;
  gsize length;
  const char *text = g_bytes_get_data (body, &length);

  malformed = oai_error_new_for_event (call, event, length > 0 ? text : "", length, FUZZ_SECRET);
  g_assert_nonnull (malformed);
  check_call (call, malformed, data, size);
  doc = oai_json_doc_new_copy (length > 0 ? text : "", (gssize) length, OAI_JSON_TOLERANT, NULL);
  if (doc != NULL)
    error = oai_error_find_in_event (call, event, doc, 0, FUZZ_SECRET);
  if (doc != NULL)
    check_call (call, error, data, size);
}

static void
check_redacted (GBytes *body, const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup (g_bytes_get_data (body, NULL), g_bytes_get_size (body));
  g_autofree char *redacted = oai_redact (text, FUZZ_SECRET);
  g_autofree char *truncated = oai_redact_and_truncate (text, strlen (text), FUZZ_SECRET, 40);
  g_autofree char *again = oai_redact (redacted, FUZZ_SECRET);
  g_autoptr(GBytes) redacted_body = oai_redact_body (body, FUZZ_SECRET, TRUE);
  g_autofree char *body_text = g_strndup (g_bytes_get_data (redacted_body, NULL), g_bytes_get_size (redacted_body));

  fuzz_assert_text (redacted);
  fuzz_assert_redacted (redacted, data, size);
  fuzz_assert_text (truncated);
  g_assert_cmpuint (strlen (truncated), <=, 40);
  fuzz_assert_redacted (truncated, data, size);
  fuzz_assert_redacted (body_text, data, size);
  g_assert_cmpstr (redacted, ==, again);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint8 way = fuzz_take_byte (&data, &size);
  guint8 choice = fuzz_take_byte (&data, &size);
  g_autoptr(GBytes) body = fuzz_echo_secret (data, size);

  switch (way % 4)
    {
    case 0:
    case 1:
      check_reply (choice, body, data, size);
      break;
    case 2:
      check_event (choice, way & 4 ? "error" : NULL, body, data, size);
      break;
    default:
      check_redacted (body, data, size);
      break;
    }

  return 0;
}
