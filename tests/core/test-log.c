/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The fields of log messages.  With the argument --retry, it only sends a request that is retried. */

#include <string.h>

#include "call-fixture.h"

static GPtrArray *messages; /* of GHashTable: fields to values */

static GLogWriterOutput
writer_cb (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  GHashTable *message = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (gsize i = 0; i < n_fields; i++)
    g_hash_table_insert (message, g_strdup (fields[i].key), fields[i].length < 0 ? g_strdup (fields[i].value) : g_strndup (fields[i].value, fields[i].length));
  if (g_strcmp0 (g_hash_table_lookup (message, "GLIB_DOMAIN"), "Oai") == 0)
    g_ptr_array_add (messages, message);
  else
    g_hash_table_unref (message);

  return G_LOG_WRITER_HANDLED;
}

static void
assert_field (guint index, const char *name, const char *value)
{
  g_assert_cmpuint (index, <, messages->len);
  g_assert_cmpstr (g_hash_table_lookup (g_ptr_array_index (messages, index), name), ==, value);
}

static void
assert_ms (guint index, const char *name)
{
  const char *value = g_hash_table_lookup (g_ptr_array_index (messages, index), name);

  g_assert_nonnull (value);
  g_assert_cmpuint (strspn (value, "0123456789"), ==, strlen (value));
}

static void
assert_no_secrets (void)
{
  for (guint i = 0; i < messages->len; i++)
    {
      GHashTableIter iter;
      gpointer value;

      g_hash_table_iter_init (&iter, g_ptr_array_index (messages, i));
      while (g_hash_table_iter_next (&iter, NULL, &value))
        {
          g_assert_null (strstr (value, CALL_FIXTURE_KEY));
          g_assert_null (strstr (value, "Hello"));
        }
    }
}

static void
push (CallFixture *self, guint status, const char *body)
{
  OaiMockReply *reply = oai_mock_reply_new_json (status, body);

  oai_mock_reply_set_header (reply, "x-request-id", "req_123");
  oai_mock_reply_set_header (reply, "retry-after-ms", "1");
  call_fixture_push (self, reply);
}

static void
test_fields (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiChatCompletion) completion = NULL;
  g_autoptr (GError) error = NULL;

  oai_settings_set_max_retries (self->settings, 1);
  push (self, 500, "{}");
  push (self, 200, COMPLETION ("Hi"));
  completion = call_fixture_create (self, NULL, &error);
  g_assert_no_error (error);
  if (messages == NULL)
    return;

  g_assert_cmpuint (messages->len, ==, 4);
  for (guint i = 0; i < messages->len; i++)
    {
      assert_field (i, "PRIORITY", "7");
      assert_field (i, "OAI_OPERATION", "chat.create");
      assert_field (i, "OAI_METHOD", "POST");
      assert_field (i, "OAI_REQUEST_ID", "req_123");
      g_assert_true (g_str_has_suffix (g_hash_table_lookup (g_ptr_array_index (messages, i), "OAI_URL"), "/chat/completions"));
    }
  assert_field (0, "OAI_EVENT", "head");
  assert_field (0, "OAI_STATUS", "500");
  assert_field (0, "OAI_ATTEMPT", "1");
  assert_field (1, "OAI_EVENT", "retry");
  assert_field (1, "OAI_DELAY_MS", "1");
  assert_field (2, "OAI_EVENT", "head");
  assert_field (2, "OAI_STATUS", "200");
  assert_field (2, "OAI_ATTEMPT", "2");
  assert_field (3, "OAI_EVENT", "done");
  assert_ms (3, "OAI_ELAPSED_MS");
  assert_no_secrets ();
  g_ptr_array_set_size (messages, 0);
}

static void
test_failure (CallFixture *self, gconstpointer user_data)
{
  g_autofree char *code = g_strdup_printf ("%d", OAI_ERROR_NOT_FOUND);
  g_autoptr (GError) error = NULL;

  push (self, 404, "{\"error\":{\"message\":\"none\"}}");
  g_assert_null (call_fixture_create (self, NULL, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_NOT_FOUND);
  assert_field (messages->len - 1, "OAI_EVENT", "failed");
  assert_field (messages->len - 1, "OAI_STATUS", "404");
  assert_field (messages->len - 1, "OAI_REQUEST_ID", "req_123");
  assert_field (messages->len - 1, "OAI_ERROR_DOMAIN", g_quark_to_string (OAI_ERROR));
  assert_field (messages->len - 1, "OAI_ERROR_CODE", code);
  assert_no_secrets ();
  g_ptr_array_set_size (messages, 0);
}

static void
test_adapted (CallFixture *self, gconstpointer user_data)
{
  g_autoptr (OaiChatCompletion) completion = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (oai_record_set_member (OAI_RECORD (self->request), "stream_options", "{}", NULL));
  push (self, 400, "{\"error\":{\"message\":\"Unknown parameter: 'stream_options'.\"}}");
  push (self, 200, COMPLETION ("Hi"));
  completion = call_fixture_create (self, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (messages->len, ==, 4);
  assert_field (1, "OAI_EVENT", "adapted");
  assert_field (1, "OAI_REQUEST_ID", "req_123");
  assert_field (1, "MESSAGE", "chat.create: the request is adapted to the server: stream_options");
  assert_no_secrets ();
  g_ptr_array_set_size (messages, 0);
}

int
main (int argc, char **argv)
{
  gboolean retry = argc == 2 && strcmp (argv[1], "--retry") == 0;
  int status;

  if (retry)
    argc = 1;
  g_setenv ("G_MESSAGES_DEBUG", retry ? "" : "Oai", TRUE);
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/log/fields", CallFixture, NULL, call_fixture_set_up, test_fields, call_fixture_tear_down);
  if (!retry)
    {
      messages = g_ptr_array_new_with_free_func ((GDestroyNotify) g_hash_table_unref);
      g_log_set_writer_func (writer_cb, NULL, NULL);
      g_test_add ("/log/failure", CallFixture, NULL, call_fixture_set_up, test_failure, call_fixture_tear_down);
      g_test_add ("/log/adapted", CallFixture, NULL, call_fixture_set_up, test_adapted, call_fixture_tear_down);
    }

  status = g_test_run ();
  g_clear_pointer (&messages, g_ptr_array_unref);

  return status;
}
