/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Bodies of requests to the proxy.  The first byte selects the type and the size of chunks.  The result is the same for any
 * split; JSON that is accepted is read alike by the parser of core, also after the edit that requests usage. */

#include "fuzz.h"

#include <string.h>

#include "oai-body-inspector-private.h"
#include "oai-body-spool-private.h"
#include "oai-json-doc-private.h"

static OaiBodyInspector *
inspect (const char *type, const char *data, gsize size, gsize step, GError **error)
{
  g_autoptr(OaiBodyInspector) inspector = oai_body_inspector_new (type, NULL);

  for (gsize at = 0; at < size; at += step)
    {
      gsize length = MIN (step, size - at);
      g_autofree char *chunk = g_memdup2 (data + at, length);

      if (!oai_body_inspector_feed (inspector, chunk, length, error))
        return NULL;
    }

  return oai_body_inspector_end (inspector, error) ? g_steal_pointer (&inspector) : NULL;
}

static void
assert_same (OaiBodyInspector *a, OaiBodyInspector *b)
{
  const OaiBodyInfo *first = oai_body_inspector_get_info (a);
  const OaiBodyInfo *second = oai_body_inspector_get_info (b);
  OaiBodyEdit first_edit, second_edit;

  g_assert_cmpstr (first->model, ==, second->model);
  g_assert_cmpstr (first->nested_model, ==, second->nested_model);
  g_assert_cmpstr (first->event, ==, second->event);
  g_assert_cmpint (first->stream, ==, second->stream);
  g_assert_cmpint (first->include_usage, ==, second->include_usage);
  g_assert_cmpint (oai_body_inspector_get_usage_edit (a, &first_edit), ==, oai_body_inspector_get_usage_edit (b, &second_edit));
}

static void
check_edit (OaiBodyInspector *inspector, const char *data, gsize size)
{
  g_autoptr(OaiBodySpool) spool = oai_body_spool_new (NULL);
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(OaiJsonDoc) doc = NULL;
  gboolean include_usage = FALSE;
  OaiBodyEdit edit;

  if (!oai_body_inspector_get_usage_edit (inspector, &edit))
    return;
  g_assert_true (oai_body_spool_write (spool, data, size, NULL));
  bytes = oai_body_spool_dup_bytes (spool, &edit);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, oai_body_spool_get_edited_size (spool, &edit));
  doc = oai_json_doc_new_copy (g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), OAI_JSON_STRICT, NULL);
  g_assert_nonnull (doc);
  oai_json_get_boolean (doc, oai_json_get_member (doc, oai_json_get_member (doc, 0, "stream_options"), "include_usage"), &include_usage);
  g_assert_true (include_usage);
}

static void
check_json (OaiBodyInspector *inspector, const char *data, gsize size)
{
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (data, (gssize) size, OAI_JSON_STRICT, NULL);
  gboolean stream = FALSE;

  /* The inspector accepts lone surrogates in values. */
  if (doc == NULL && g_strstr_len (data, (gssize) size, "\\u") != NULL)
    return;
  g_assert_nonnull (doc);
  g_assert_cmpstr (oai_body_inspector_get_info (inspector)->model, ==, oai_json_get_string (doc, oai_json_get_member (doc, 0, "model"), NULL));
  oai_json_get_boolean (doc, oai_json_get_member (doc, 0, "stream"), &stream);
  g_assert_cmpint (oai_body_inspector_get_info (inspector)->stream, ==, stream);
  check_edit (inspector, data, size);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint8 choice = fuzz_take_byte (&data, &size);
  gboolean form = (choice & 1) != 0;
  const char *type = form ? "multipart/form-data; boundary=xyz" : "application/json";
  g_autofree char *copy = g_memdup2 (data, size);
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) other_error = NULL;
  g_autoptr(OaiBodyInspector) inspector = inspect (type, copy, size, MAX (size, 1), &error);
  g_autoptr(OaiBodyInspector) other = inspect (type, copy, size, (choice >> 1) % 16 + 1, &other_error);

  fuzz_assert_error (inspector != NULL, error);
  g_assert_cmpint (inspector != NULL, ==, other != NULL);
  if (inspector == NULL)
    return 0;

  assert_same (inspector, other);
  if (!form && size > 0)
    check_json (inspector, copy, size);

  return 0;
}
