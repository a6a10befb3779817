/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Any bytes: the parser does not crash.  The output is JSON and UTF-8, and parsing it gives
 * the same values.  json-glib gives the same values where it is correct. */

#include "fuzz.h"

#include "oai-json-doc-private.h"
#include "oai-json-surrogates-private.h"
#include "oai-json-value-private.h"
#include "oai-json-writer-private.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

/* Values that json-glib parses differently: it truncates strings at escaped NULs, and
 * integers of more than 64 bits overflow. */
static gboolean
has_escaped_nul (const char *text, gsize length)
{
  return g_strstr_len (text, (gssize) length, "\\u0000") != NULL;
}

static gboolean equal (OaiJsonDoc *doc, OaiJsonNode node, JsonNode *other);

static gboolean
equal_object (OaiJsonDoc *doc, OaiJsonNode node, JsonObject *object)
{
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode value;

  oai_json_iter_init (&iter, doc, node);
  while (oai_json_iter_next (&iter, &name, &value))
    if (oai_json_get_member (doc, node, name) == value && !equal (doc, value, json_object_get_member (object, name)))
      return FALSE;

  return json_object_get_size (object) <= oai_json_get_size (doc, node);
}

static gboolean
equal_array (OaiJsonDoc *doc, OaiJsonNode node, JsonArray *array)
{
  OaiJsonIter iter;
  OaiJsonNode value;
  guint i = 0;

  if (json_array_get_length (array) != oai_json_get_size (doc, node))
    return FALSE;

  oai_json_iter_init (&iter, doc, node);
  while (oai_json_iter_next (&iter, NULL, &value))
    if (!equal (doc, value, json_array_get_element (array, i++)))
      return FALSE;

  return TRUE;
}

static gboolean
equal_number (OaiJsonDoc *doc, OaiJsonNode node, JsonNode *other)
{
  double number = 0;
  gint64 integer;

  if (oai_json_get_type (doc, node) == OAI_JSON_INT)
    return oai_json_get_int (doc, node, &integer) && json_node_get_int (other) == integer;
  /* An integer of more than 64 bits. */
  if (json_node_get_value_type (other) == G_TYPE_INT64)
    return oai_json_get_double (doc, node, &number) && fabs (number) >= 0x1p63;

  return oai_json_get_double (doc, node, &number) && number == json_node_get_double (other);
}

static gboolean
equal (OaiJsonDoc *doc, OaiJsonNode node, JsonNode *other)
{
  gboolean boolean;

  if (other == NULL)
    return FALSE;

  switch (oai_json_get_type (doc, node))
    {
    case OAI_JSON_NULL:
      return JSON_NODE_HOLDS_NULL (other);
    case OAI_JSON_BOOLEAN:
      return oai_json_get_boolean (doc, node, &boolean) && json_node_get_value_type (other) == G_TYPE_BOOLEAN && json_node_get_boolean (other) == boolean;
    case OAI_JSON_INT:
    case OAI_JSON_DOUBLE:
      return JSON_NODE_HOLDS_VALUE (other) && equal_number (doc, node, other);
    case OAI_JSON_STRING:
      return JSON_NODE_HOLDS_VALUE (other) && g_strcmp0 (json_node_get_string (other), oai_json_get_string (doc, node, NULL)) == 0;
    case OAI_JSON_ARRAY:
      return JSON_NODE_HOLDS_ARRAY (other) && equal_array (doc, node, json_node_get_array (other));
    case OAI_JSON_OBJECT:
      return JSON_NODE_HOLDS_OBJECT (other) && equal_object (doc, node, json_node_get_object (other));
    case OAI_JSON_INVALID:
    default:
      return FALSE;
    }
}

static void
compare_with_json_glib (OaiJsonDoc *doc, const char *text, gsize length)
{
  g_autoptr (JsonParser) parser = json_parser_new ();

  if (has_escaped_nul (text, length) || !json_parser_load_from_data (parser, text, (gssize) length, NULL))
    return;

  g_assert_true (equal (doc, 0, json_parser_get_root (parser)));
}

static void
check_strings (OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiJsonIter iter;
  OaiJsonNode value;
  const char *name;
  gsize length;
  const char *text = oai_json_get_string (doc, node, &length);
  gint64 integer;
  double number;

  if (text != NULL)
    {
      g_assert_true (g_utf8_validate_len (text, length, NULL));
      g_assert_cmpuint (strlen (text), ==, length);
    }
  if (oai_json_get_type (doc, node) == OAI_JSON_INT)
    g_assert_true (oai_json_get_int (doc, node, &integer) && oai_json_get_double (doc, node, &number));

  oai_json_iter_init (&iter, doc, node);
  while (oai_json_iter_next (&iter, &name, &value))
    {
      g_assert_true (name == NULL || g_utf8_validate (name, -1, NULL));
      check_strings (doc, value);
    }
}

static char *
write_node (OaiJsonDoc *doc, gsize *length)
{
  GString *out = g_string_new (NULL);

  oai_json_write_node (out, doc, 0);
  *length = out->len;

  return g_string_free (out, FALSE);
}

static char *
write_value (OaiJsonValue *value, gsize *length)
{
  GString *out = g_string_new (NULL);

  oai_json_write_value (out, value);
  *length = out->len;

  return g_string_free (out, FALSE);
}

/* Writing, parsing and writing again gives the same text. */
static void
check_written (OaiJsonDoc *doc)
{
  gsize length, again_length;
  g_autofree char *text = write_node (doc, &length);
  g_autoptr (OaiJsonDoc) read = oai_json_doc_new_copy (text, (gssize) length, OAI_JSON_STRICT, NULL);
  g_autofree char *again = NULL;

  g_assert_nonnull (read);
  again = write_node (read, &again_length);
  g_assert_cmpmem (text, length, again, again_length);
}

static void
check_folding (OaiJsonDoc *doc)
{
  g_autoptr (OaiJsonValue) value = oai_json_value_new_from_node (doc, 0);
  g_autoptr (OaiJsonDoc) read = NULL;
  g_autofree char *text = NULL;
  gsize length;

  oai_json_value_accumulate (value, doc, 0, NULL);
  text = write_value (value, &length);
  read = oai_json_doc_new_copy (text, (gssize) length, OAI_JSON_STRICT, NULL);
  g_assert_nonnull (read);
}

/* The vector of an array contains the values of its elements. */
static void
check_numbers (OaiJsonDoc *doc, OaiJsonNode node, GBytes *vector)
{
  const float *floats = g_bytes_get_data (vector, NULL);
  OaiJsonIter iter;
  OaiJsonNode value;

  oai_json_iter_init (&iter, doc, node);
  while (oai_json_iter_next (&iter, NULL, &value))
    {
      double number;

      g_assert_true (oai_json_get_double (doc, value, &number));
      g_assert_true (isnan (number) ? isnan (*floats) : *floats == (float) number);
      floats++;
    }
}

/* Text is converted to a vector, or stays unchanged.  The result is the same if the vectors
 * are read twice, and if the text was borrowed before, as in the other document. */
static void
check_floats (OaiJsonDoc *doc, OaiJsonDoc *other, OaiJsonNode node)
{
  const char *text = oai_json_get_string (other, node, NULL);
  g_autoptr (GBytes) vector = oai_json_dup_floats (doc, node);
  g_autoptr (GBytes) again = oai_json_dup_floats (doc, node);
  g_autoptr (GBytes) copied = oai_json_dup_floats (other, node);
  OaiJsonIter iter;
  OaiJsonNode value;

  g_assert_true ((vector == NULL) == (again == NULL) && (vector == NULL) == (copied == NULL));
  g_assert_cmpstr (oai_json_get_string (other, node, NULL), ==, text);
  if (vector == NULL)
    g_assert_cmpstr (oai_json_get_string (doc, node, NULL), ==, text);
  else
    g_assert_true (g_bytes_equal (vector, again) && g_bytes_get_size (vector) % sizeof (float) == 0);
  if (vector != NULL && oai_json_get_type (doc, node) == OAI_JSON_STRING)
    g_assert_true (g_bytes_equal (vector, copied));

  if (vector != NULL)
    check_numbers (doc, node, vector);

  oai_json_iter_init (&iter, doc, node);
  while (oai_json_iter_next (&iter, NULL, &value))
    check_floats (doc, other, value);
}

/* The text gives the same document or error, also if its beginning is that of the previous text of
 * the document. */
static void
compare_similar (OaiJsonDoc *doc, const char *text, gsize length)
{
  OaiJsonFlags flags = OAI_JSON_TOLERANT | OAI_JSON_PREFIX;
  g_autofree char *copy = g_memdup2 (text, length);
  g_autoptr (GError) error = NULL, expected = NULL;
  g_autoptr (OaiJsonDoc) other = oai_json_doc_new_copy (text, (gssize) length, flags, &expected);
  g_autofree char *written = NULL, *expected_text = NULL;
  gsize written_length, expected_length;

  g_assert_cmpint (oai_json_doc_parse (doc, copy, length, flags | OAI_JSON_SIMILAR, &error), ==, other != NULL);
  g_assert_cmpstr (error != NULL ? error->message : NULL, ==, expected != NULL ? expected->message : NULL);
  if (other == NULL)
    return;

  check_strings (doc, 0);
  written = write_node (doc, &written_length);
  expected_text = write_node (other, &expected_length);
  g_assert_cmpmem (written, written_length, expected_text, expected_length);
  g_assert_cmpuint (oai_json_doc_get_consumed (doc), ==, oai_json_doc_get_consumed (other));
  g_assert_cmpuint (oai_json_doc_get_n_surrogates (doc), ==, oai_json_doc_get_n_surrogates (other));
}

static void
check_similar (const char *text, gsize length)
{
  g_autoptr (OaiJsonDoc) doc = oai_json_doc_new ();
  g_autofree char *changed = g_memdup2 (text, length);

  compare_similar (doc, text, length);
  compare_similar (doc, text, length);
  compare_similar (doc, text, length - length / 4);
  for (gsize i = length / 2; i < length; i += 1 + length / 4)
    {
      changed[i] ^= 1;
      compare_similar (doc, changed, length);
      compare_similar (doc, text, length);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  const char *text = (const char *) data;
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiJsonDoc) strict = oai_json_doc_new_copy (text, (gssize) size, OAI_JSON_STRICT, &error);
  g_autoptr (OaiJsonDoc) tolerant = oai_json_doc_new_copy (text, (gssize) size, OAI_JSON_TOLERANT, NULL);
  g_autoptr (OaiJsonDoc) unread = oai_json_doc_new_copy (text, (gssize) size, OAI_JSON_TOLERANT, NULL);
  g_autoptr (OaiJsonDoc) prefix = oai_json_doc_new_copy (text, (gssize) size, OAI_JSON_TOLERANT | OAI_JSON_PREFIX, NULL);

  g_assert_true ((strict == NULL) == (error != NULL));
  g_assert_true (strict == NULL || tolerant != NULL);
  g_assert_true (tolerant == NULL || prefix != NULL);
  if (strict != NULL)
    compare_with_json_glib (strict, text, size);
  if (prefix != NULL)
    g_assert_cmpuint (oai_json_doc_get_consumed (prefix), <=, size);
  check_similar (text, size);
  if (tolerant == NULL)
    return 0;

  check_strings (tolerant, 0);
  check_written (tolerant);
  check_folding (tolerant);
  check_floats (unread, tolerant, 0);

  return 0;
}
