/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Complete replies to each operation of each module, with any content type and any body:
 * the result is a value or an error, which does not contain the key that the server repeats. */

#include "fuzz.h"
#include "fuzz-modules.h"

#include "oai-call-private.h"
#include "oai-endpoint.h"
#include "oai-reply-body-private.h"
#include "oai-reply-private.h"

static const char *const types[] = {
  "application/json", "text/event-stream", "text/html", "text/plain; charset=utf-8", "application/octet-stream", "audio/mpeg", "application/problem+json", NULL,
};

static OaiCall *
new_call (guint8 choice)
{
  OaiCall *call = oai_call_new ("test", "POST", "https://example.org/v1/test");
  g_autoptr(SoupMessageHeaders) headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  const char *type = types[choice % G_N_ELEMENTS (types)];

  if (type != NULL)
    soup_message_headers_append (headers, "Content-Type", type);
  oai_call_set_head (call, choice & 64 ? 204 : 200, headers);

  return call;
}

static void
check_error (gboolean success, const GError *error, const uint8_t *data, size_t size)
{
  fuzz_assert_error (success, error);
  if (error != NULL)
    fuzz_assert_redacted (error->message, data, size);
}

static void
check_result (const OaiOperation *operation, gpointer result)
{
  g_autofree char *json = NULL;

  if (operation->result == OAI_RESULT_TEXT)
    fuzz_assert_text (result);
  if (operation->result != OAI_RESULT_RECORD)
    return;

  fuzz_read_record (result);
  json = oai_record_to_json (result);
  fuzz_assert_json (json);
}

static void
check_operation (const FuzzOperation *chosen, OaiCall *call, OaiFormat format, GBytes *body, const uint8_t *data, size_t size)
{
  const OaiOperation *operation = chosen->operation;
  GDestroyNotify destroy = oai_reply_get_destroy (operation);
  g_autoptr(GError) error = NULL;
  gpointer result = oai_reply_new (oai_endpoint_get_client (fuzz_get_endpoint (chosen->endpoint_type)), operation, format, call, g_bytes_ref (body), FUZZ_SECRET, &error);

  check_error (result != NULL, error, data, size);
  if (result == NULL)
    return;

  check_result (operation, result);
  if (destroy != NULL)
    destroy (result);
}

static void
check_text (OaiCall *call, GBytes *body, const uint8_t *data, size_t size)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = oai_reply_body_dup_text (call, g_bytes_ref (body), FUZZ_SECRET, &error);

  fuzz_assert_text (text);
  if (error != NULL)
    check_error (text != NULL, error, data, size);
}

static void
check_document (OaiCall *call, GBytes *body, const uint8_t *data, size_t size)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiJsonDoc) doc = oai_reply_body_parse (call, g_bytes_ref (body), G_TYPE_INVALID, FUZZ_SECRET, &error);

  check_error (doc != NULL, error, data, size);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  GArray *operations = fuzz_get_operations ();
  const FuzzOperation *operation = &g_array_index (operations, FuzzOperation, fuzz_take_byte (&data, &size) % operations->len);
  guint8 choice = fuzz_take_byte (&data, &size);
  g_autoptr(OaiCall) call = new_call (choice);
  g_autoptr(GBytes) body = fuzz_echo_secret (data, size);

  check_text (call, body, data, size);
  if (operation->operation->result == OAI_RESULT_LIST)
    check_document (call, body, data, size);
  else
    check_operation (operation, call, choice / 8 % 3, body, data, size);

  return 0;
}
