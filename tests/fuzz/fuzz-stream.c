/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Streams of each module: the result of any events is JSON, signals report valid text, and
 * errors do not contain the key that the server repeats. */

#include "fuzz.h"
#include "fuzz-modules.h"

#include "oai-call-private.h"
#include "oai-stream-private.h"

static gboolean
check_signal (GSignalInvocationHint *hint, guint n_values, const GValue *values, gpointer user_data)
{
  for (guint i = 1; i < n_values; i++)
    if (G_VALUE_HOLDS_STRING (&values[i]))
      fuzz_assert_text (g_value_get_string (&values[i]));

  return TRUE;
}

static void
watch_signals (GHashTable *seen, GType type)
{
  for (; type != G_TYPE_OBJECT && g_hash_table_add (seen, GSIZE_TO_POINTER (type)); type = g_type_parent (type))
    {
      g_autofree guint *signals = NULL;
      guint n_signals;

      g_type_class_ref (type);
      signals = g_signal_list_ids (type, &n_signals);
      for (guint i = 0; i < n_signals; i++)
        g_signal_add_emission_hook (signals[i], 0, check_signal, NULL, NULL);
    }
}

/* The FuzzOperations that can be streamed. */
static GArray *
get_streams (void)
{
  static GArray *streams;
  GArray *operations = fuzz_get_operations ();
  g_autoptr(GHashTable) seen = g_hash_table_new (NULL, NULL);

  if (streams != NULL)
    return streams;

  streams = g_array_new (FALSE, FALSE, sizeof (FuzzOperation));
  for (guint i = 0; i < operations->len; i++)
    {
      FuzzOperation *operation = &g_array_index (operations, FuzzOperation, i);

      if (operation->operation->stream_type == NULL)
        continue;
      g_array_append_val (streams, *operation);
      watch_signals (seen, operation->operation->stream_type ());
    }

  return streams;
}

static OaiCall *
new_call (void)
{
  OaiCall *call = oai_call_new ("test", "POST", "https://example.org/v1/test");
  g_autoptr(SoupMessageHeaders) headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);

  soup_message_headers_append (headers, "Content-Type", "text/event-stream");
  oai_call_set_head (call, 200, headers);

  return call;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  GArray *streams = get_streams ();
  /* '0' is the first one. */
  guint number = (guint8) (fuzz_take_byte (&data, &size) - '0');
  const OaiOperation *operation = g_array_index (streams, FuzzOperation, number % streams->len).operation;
  g_autoptr(OaiCall) call = new_call ();
  g_autoptr(OaiRecord) result = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *json = NULL;

  result = oai_stream_fold_body (operation->stream_type (), NULL, call, operation->chunk_type (), fuzz_echo_secret (data, size), FUZZ_SECRET, &error);
  if (error != NULL)
    {
      g_assert_null (result);
      fuzz_assert_error (FALSE, error);
      fuzz_assert_redacted (error->message, data, size);
    }
  if (result == NULL)
    return 0;

  fuzz_read_record (result);
  json = oai_record_to_json (result);
  fuzz_assert_json (json);

  return 0;
}
