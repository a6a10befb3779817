/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-error.h"
#include "oai-json-builder-private.h"
#include "oai-json-doc-private.h"
#include "oai-json-number-private.h"
#include "oai-json-partial-private.h"
#include "oai-json-surrogates-private.h"
#include "oai-json-tape-private.h"
#include "oai-json-value-private.h"
#include "oai-json-writer-private.h"

#include <locale.h>
#include <math.h>
#include <string.h>

/* The document of a string literal, which can contain NULs. */
#define PARSE(text, flags) parse (text, sizeof (text) - 1, flags)

static OaiJsonDoc *
parse (const char *text, gsize length, OaiJsonFlags flags)
{
  g_autoptr (GError) error = NULL;
  OaiJsonDoc *doc = oai_json_doc_new_copy (text, (gssize) length, flags, &error);

  g_assert_no_error (error);
  g_assert_nonnull (doc);

  return doc;
}

static char *
write_back (OaiJsonDoc *doc)
{
  GString *out = g_string_new (NULL);

  oai_json_write_node (out, doc, 0);

  return g_string_free (out, FALSE);
}

static void
assert_written (const char *text, gsize length, OaiJsonFlags flags, const char *expected)
{
  g_autoptr (OaiJsonDoc) doc = parse (text, length, flags);
  g_autofree char *written = write_back (doc);

  g_assert_cmpstr (written, ==, expected);
}

static void
assert_refused (const char *text, gsize length, OaiJsonFlags flags)
{
  int code = (flags & OAI_JSON_TOLERANT) != 0 ? OAI_ERROR_PROTOCOL : OAI_ERROR_INVALID_ARGUMENT;
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiJsonDoc) doc = oai_json_doc_new_copy (text, (gssize) length, flags, &error);

  if (doc != NULL)
    g_test_message ("accepted: %.*s", (int) length, text);
  g_assert_null (doc);
  g_assert_error (error, OAI_ERROR, code);
}

static const char *const well_formed[] = {
  "null", "true", " false ", "0", "-0", "-0.0", "12", "1E5", "1e-05", "0.5e+3", "\"\"", "\"a\"", "[]", "[ ]", "{}", "{ }",
  "[1,2]", "[[],[[]],{}]", "{\"a\":1}", "{\"\":0}", "{\"a\":1,\"a\":2}", " [ 1 , { \"a\" : [ null ] } ] \r\n\t",
  "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u00e9\\uD834\\udd1e\"", "\"\\u0000\"", "\"\303\251\360\235\204\236\"", "\"\177\"",
  "[12345678901234567890123456789]", "[1e400]", "[-1e-400]", "{\"a\\u0000b\":1}", "\"\357\277\277\""
};

static const char *const malformed[] = {
  "", " ", "nul", "nulll", "tru", "True", "[", "]", "{", "}", "[1", "[1,", "[,1]", "[1,]", "[1 2]", "[1}", "{]", "{1:2}", "{\"a\"}",
  "{\"a\":}", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{'a':1}", "\"", "\"a", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"a\nb\"",
  "\"\001\"", "01", "-", "-a", "+1", ".5", "1.", "1.e1", "1e", "1e+", "0x10", "1_000", "--1", "NaN", "Infinity", "-Infinity", "1 1",
  "[] []", "[1]x", "\357\273\277{}", "/* c */ 1", "1 // c", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\377\"", "\"\300\200\"",
  "\"\355\240\200\"", "\"\364\220\200\200\"", "\"\342\202\"", "[1]\f", "\302\240[1]", "undefined", "{\"a\":1}}", "[1]]"
};

static void
check_folder (const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *below = g_build_filename (folder, "test_parsing", NULL);
  const char *path = g_file_test (below, G_FILE_TEST_IS_DIR) ? below : folder;
  g_autoptr (GDir) dir = g_dir_open (path, 0, &error);
  const char *name;
  guint n_files = 0;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);
      g_autofree char *text = NULL;
      g_autoptr (OaiJsonDoc) strict = NULL;
      g_autoptr (OaiJsonDoc) tolerant = NULL;
      gsize length;

      if (!g_str_has_suffix (name, ".json"))
        continue;
      g_file_get_contents (file, &text, &length, &error);
      g_assert_no_error (error);
      strict = oai_json_doc_new_copy (text, (gssize) length, OAI_JSON_STRICT, NULL);
      tolerant = oai_json_doc_new_copy (text, (gssize) length, OAI_JSON_TOLERANT, NULL);
      if ((*name == 'y' && (strict == NULL || tolerant == NULL)) || (*name == 'n' && strict != NULL))
        g_error ("%s", name);
      n_files++;
    }
  g_assert_cmpuint (n_files, >, 300);
  g_test_message ("%u files of the JSON parsing test suite", n_files);
}

static void
test_strict_json_is_json (void)
{
  const char *suite = g_getenv ("OAI_JSON_TEST_SUITE");

  for (guint i = 0; i < G_N_ELEMENTS (well_formed); i++)
    {
      g_autoptr (OaiJsonDoc) strict = parse (well_formed[i], strlen (well_formed[i]), OAI_JSON_STRICT);
      g_autoptr (OaiJsonDoc) tolerant = parse (well_formed[i], strlen (well_formed[i]), OAI_JSON_TOLERANT);
      g_autofree char *written = write_back (strict);
      g_autofree char *same = write_back (tolerant);

      g_assert_cmpstr (written, ==, same);
    }
  for (guint i = 0; i < G_N_ELEMENTS (malformed); i++)
    assert_refused (malformed[i], strlen (malformed[i]), OAI_JSON_STRICT);
  assert_refused ("[1]\0", 4, OAI_JSON_STRICT);
  assert_refused ("\"a\0b\"", 5, OAI_JSON_STRICT);

  if (suite != NULL)
    check_folder (suite);
  else
    g_test_message ("OAI_JSON_TEST_SUITE names no folder of the JSON parsing test suite: only the cases built in were run");
}

static void
test_servers_are_tolerated (void)
{
#define REPAIRED(text, expected) assert_written (text, sizeof (text) - 1, OAI_JSON_TOLERANT, expected)
  REPAIRED ("\357\273\277{}", "{}");
  REPAIRED ("[NaN,Infinity,-Infinity]", "[null,null,null]");
  REPAIRED ("\"a\001\nb\"", "\"a\\u0001\\nb\"");
  REPAIRED ("\"a\0b\"", "\"a\357\277\275b\"");
  REPAIRED ("\"a\\u0000b\"", "\"a\357\277\275b\"");
  REPAIRED ("\"\\ud83dx\"", "\"\357\277\275x\"");
  REPAIRED ("\"\\ud83d\\ud83d\\ude00\"", "\"\357\277\275\360\237\230\200\"");
  REPAIRED ("\"\\ude00\\ud83d\"", "\"\357\277\275\357\277\275\"");
  REPAIRED ("\"\\ud83d\\n\"", "\"\357\277\275\\n\"");
  REPAIRED ("\"\377ab\\\"\"", "\"\357\277\275ab\\\"\"");
  REPAIRED ("\"\342\202x\360\237\230\"", "\"\357\277\275x\357\277\275\"");
  REPAIRED ("\"\355\240\200\"", "\"\357\277\275\357\277\275\357\277\275\"");
  REPAIRED ("{\"k\377\":\"\376\",\"\377\":[\"\375\"]}", "{\"k\357\277\275\":\"\357\277\275\",\"\357\277\275\":[\"\357\277\275\"]}");
  REPAIRED ("[18446744073709551616,-9223372036854775809]", "[18446744073709551616,-9223372036854775809]");
#undef REPAIRED
}

static void
test_not_a_number_is_a_double (void)
{
  g_autoptr (OaiJsonDoc) doc = PARSE ("[NaN,Infinity,-Infinity]", OAI_JSON_TOLERANT);
  double value;
  gint64 integer;

  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpint (oai_json_get_type (doc, oai_json_get_element (doc, 0, i)), ==, OAI_JSON_DOUBLE);
      g_assert_false (oai_json_get_int (doc, oai_json_get_element (doc, 0, i), &integer));
    }
  g_assert_true (oai_json_get_double (doc, 1, &value) && isnan (value));
  g_assert_true (oai_json_get_double (doc, 2, &value) && isinf (value) && value > 0);
  g_assert_true (oai_json_get_double (doc, 3, &value) && isinf (value) && value < 0);
}

static void
test_errors_tell_the_place_and_no_payload (void)
{
  const struct
  {
    const char *text;
    const char *message;
  } cases[] = {
    { "{\"secret\":hunter2}", "Invalid JSON at byte 10: expected a value" },
    { "{\"secret\" \"hunter2\"}", "Invalid JSON at byte 10: expected “:”" },
    { "[\"hunter2\"", "Invalid JSON: it ends at byte 10, where “,” or “]” was expected" },
    { "[\"hunter\\2\"]", "Invalid JSON at byte 9: expected an escape that JSON knows" },
    { "[1] hunter2", "Invalid JSON at byte 4: expected nothing more" },
    { "", "Invalid JSON: it ends at byte 0, where a value was expected" }
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (oai_json_doc_new_copy (cases[i].text, -1, OAI_JSON_TOLERANT, &error));
      g_assert_cmpstr (error->message, ==, cases[i].message);
    }
}

static void
assert_nesting (char bracket, guint levels, gboolean accepted)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (OaiJsonDoc) doc = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < levels; i++)
    g_string_append (text, bracket == '[' ? "[" : "{\"a\":");
  if (bracket == '{')
    g_string_append_c (text, '1');
  for (guint i = 0; i < levels; i++)
    g_string_append_c (text, bracket == '[' ? ']' : '}');

  doc = oai_json_doc_new_copy (text->str, (gssize) text->len, OAI_JSON_TOLERANT, &error);
  g_assert_true ((doc != NULL) == accepted);
  if (doc != NULL)
    {
      g_autofree char *written = write_back (doc);

      g_assert_cmpstr (written, ==, text->str);
    }
}

static void
test_nesting_has_an_end (void)
{
  g_autofree char *open = g_strnfill (1000000, '[');

  assert_nesting ('[', 512, TRUE);
  assert_nesting ('{', 512, TRUE);
  assert_nesting ('[', 513, FALSE);
  assert_nesting ('{', 513, FALSE);
  assert_refused (open, 1000000, OAI_JSON_TOLERANT);
}

static void
test_four_gigabytes_are_refused (void)
{
#if GLIB_SIZEOF_SIZE_T > 4
  g_autoptr (OaiJsonDoc) doc = oai_json_doc_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) other = NULL;
  char data[] = "[]";

  g_assert_false (oai_json_doc_parse (doc, data, G_GUINT64_CONSTANT (1) << 32, OAI_JSON_TOLERANT, &error));
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
  g_assert_null (oai_json_doc_new_copy (data, (gssize) (G_GINT64_CONSTANT (1) << 40), OAI_JSON_STRICT, &other));
  g_assert_error (other, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT);
#endif
}

static void
test_a_document_is_read_again_and_again (void)
{
  g_autoptr (OaiJsonDoc) doc = oai_json_doc_new ();

  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"a\":[%u,\"\377\"]}", i);
      g_autofree char *again = g_strdup ("{\"a\":");
      OaiJsonNode list;
      gint64 value;

      g_assert_true (oai_json_doc_parse (doc, text, strlen (text), OAI_JSON_TOLERANT, NULL));
      list = oai_json_get_member (doc, 0, "a");
      g_assert_true (oai_json_get_int (doc, oai_json_get_element (doc, list, 0), &value));
      g_assert_cmpint (value, ==, i);
      g_assert_cmpstr (oai_json_get_string (doc, oai_json_get_element (doc, list, 1), NULL), ==, "\357\277\275");

      g_assert_false (oai_json_doc_parse (doc, again, strlen (again), OAI_JSON_TOLERANT, NULL));
      g_assert_cmpint (oai_json_get_type (doc, 0), ==, OAI_JSON_INVALID);
    }
}

#define BEGINNING "{\"id\":\"chatcmpl-BzQ5ZcVqJ0Yw3rT8\",\"n\":-1.5e3,\"choices\":[{\"index\":0,\"delta\":{\""

/* Returns the text that was parsed, or the error. */
static char *
read_similar (OaiJsonDoc *doc, const char *text, OaiJsonFlags flags)
{
  g_autofree char *copy = g_strdup (text);
  g_autoptr(GError) error = NULL;
  const char *id;
  GString *out;

  if (!oai_json_doc_parse (doc, copy, strlen (copy), flags, &error))
    return g_strdup (error->message);

  out = g_string_new (NULL);
  oai_json_write_node (out, doc, 0);
  g_string_append_printf (out, " %" G_GSIZE_FORMAT " %u", oai_json_doc_get_consumed (doc), oai_json_doc_get_n_surrogates (doc));
  id = oai_json_get_string (doc, oai_json_get_member (doc, 0, "id"), NULL);
  g_string_append (out, id != NULL ? id : "");

  return g_string_free (out, FALSE);
}

/* Each text is read after each other one, and after itself. */
static void
test_texts_that_begin_alike (void)
{
  static const char *const texts[] = {
    BEGINNING "content\":\"one\"}}]}",
    BEGINNING "content\":\"t\\u0077o\\ud83d\"},\"more\":[1,{}]},{\"index\":1}],\"last\":null}",
    BEGINNING "c\\u006fntent\":\"\xff\"}}]}",
    BEGINNING "\":[]}}]}",
    BEGINNING "content\":\"a\"}}]}{\"a\":1}",
    BEGINNING "content\":\"a\"}}]",
    BEGINNING "content\":\"a\"}]}",
    BEGINNING "content",
    BEGINNING,
    "{\"id\":\"chatcmpl-BzQ5ZcVqJ0Yw3rT8\",\"n\":-1.5e3,\"choices\":[{\"index\":0,\"delta\":{}}]}",
    "{\"id\":\"chatcmpl-BzQ5ZcVqJ0Yw3rT8\",\"n\":-1.5e3,\"choices\":[]}",
    "{\"id\":\"chatcmpl-BzQ5ZcVqJ0\\u0059w3rT8\",\"n\":1,\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}",
    "{\"id\":\"chatcmpl-BzQ5ZcVqJ0\xffYw3rT8\",\"n\":1,\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}",
    "{\"id\":\"chatcmpl-BzQ5ZcVqJ0Yw3rT8\",\"n\":NaN,\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}",
    "\xef\xbb\xbf{\"id\":\"chatcmpl-BzQ5ZcVqJ0Yw3rT8\",\"choices\":[{\"delta\":{\"content\":\"x\"}}]}",
    "[{\"id\":\"chatcmpl-BzQ5ZcVqJ0Yw3rT8\",\"choices\":[[{\"delta\":{\"content\":\"x\"}}]]}]",
    "[\"chatcmpl-BzQ5ZcVqJ0Yw3rT8\",\"chatcmpl-BzQ5ZcVqJ0Yw3rT8\",[\"x\"]]",
    "\"chatcmpl-BzQ5ZcVqJ0Yw3rT8-BzQ5ZcVqJ0Yw3rT8\"",
  };
  static const OaiJsonFlags flags[] = { OAI_JSON_TOLERANT, OAI_JSON_TOLERANT | OAI_JSON_PREFIX, OAI_JSON_STRICT };

  for (guint i = 0; i < G_N_ELEMENTS (texts) * G_N_ELEMENTS (texts) * G_N_ELEMENTS (flags); i++)
    {
      g_autoptr(OaiJsonDoc) doc = oai_json_doc_new ();
      const char *first = texts[i % G_N_ELEMENTS (texts)], *second = texts[i / G_N_ELEMENTS (texts) % G_N_ELEMENTS (texts)];
      OaiJsonFlags wanted = flags[i / G_N_ELEMENTS (texts) / G_N_ELEMENTS (texts)];

      for (guint round = 0; round < 4; round++)
        {
          g_autoptr(OaiJsonDoc) other = oai_json_doc_new ();
          const char *text = round < 2 ? first : second;
          g_autofree char *read = read_similar (doc, text, wanted | OAI_JSON_SIMILAR);
          g_autofree char *expected = read_similar (other, text, wanted);

          g_assert_cmpstr (read, ==, expected);
        }
    }
}

/* The beginning that a tolerant reader accepted is not accepted by a strict one. */
static void
test_similar_texts_with_other_flags (void)
{
  const char *text = "{\"id\":\"chatcmpl-BzQ5ZcVqJ0Yw3rT8\",\"n\":NaN,\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}";
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new ();
  g_autofree char *first = read_similar (doc, text, OAI_JSON_TOLERANT | OAI_JSON_SIMILAR);
  g_autofree char *second = read_similar (doc, text, OAI_JSON_STRICT | OAI_JSON_SIMILAR);

  g_assert_true (g_str_has_prefix (first, "{"));
  g_assert_true (g_str_has_prefix (second, "Invalid JSON at byte"));
}

static void
test_two_values_in_one_line (void)
{
  char text[] = " {\"a\":1}{\"b\":2} ";
  g_autoptr (OaiJsonDoc) doc = oai_json_doc_new ();

  g_assert_true (oai_json_doc_parse (doc, text, strlen (text), OAI_JSON_TOLERANT | OAI_JSON_PREFIX, NULL));
  g_assert_cmpuint (oai_json_doc_get_consumed (doc), ==, 8);
  g_assert_true (oai_json_doc_parse (doc, text + 8, 8, OAI_JSON_TOLERANT | OAI_JSON_PREFIX, NULL));
  g_assert_cmpuint (oai_json_doc_get_consumed (doc), ==, 7);
  g_assert_cmpint (oai_json_get_type (doc, oai_json_get_member (doc, 0, "b")), ==, OAI_JSON_INT);
}

static void
test_members_and_elements_are_found (void)
{
  g_autoptr (OaiJsonDoc) doc = PARSE ("{\"a\":[1,[2,3],{\"x\":4}],\"b\":\"t\\u00e9\",\"a\":[true,false]}", OAI_JSON_STRICT);
  OaiJsonNode list = oai_json_get_member (doc, 0, "a");
  gboolean value = FALSE;
  gsize length;
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode node;
  guint n_members = 0;

  g_assert_cmpuint (oai_json_get_size (doc, 0), ==, 3);
  g_assert_cmpuint (oai_json_get_size (doc, list), ==, 2);
  g_assert_true (oai_json_get_boolean (doc, oai_json_get_element (doc, list, 0), &value) && value);
  g_assert_true (oai_json_get_boolean (doc, oai_json_get_element (doc, list, 1), &value) && !value);
  g_assert_cmpuint (oai_json_get_element (doc, list, 2), ==, OAI_JSON_NONE);
  g_assert_cmpuint (oai_json_get_element (doc, 0, 0), ==, OAI_JSON_NONE);
  g_assert_cmpuint (oai_json_get_member (doc, list, "a"), ==, OAI_JSON_NONE);
  g_assert_cmpstr (oai_json_get_string (doc, oai_json_get_member (doc, 0, "b"), &length), ==, "t\303\251");
  g_assert_cmpuint (length, ==, 3);

  oai_json_iter_init (&iter, doc, 0);
  while (oai_json_iter_next (&iter, &name, &node))
    g_assert_cmpstr (name, ==, ++n_members == 2 ? "b" : "a");
  g_assert_cmpuint (n_members, ==, 3);
}

static void
test_absent_values_answer_as_absent (void)
{
  g_autoptr (OaiJsonDoc) doc = PARSE ("\"x\"", OAI_JSON_STRICT);
  OaiJsonIter iter;
  OaiJsonNode node;
  double number;
  gint64 integer;
  gboolean boolean;

  g_assert_cmpint (oai_json_get_type (doc, OAI_JSON_NONE), ==, OAI_JSON_INVALID);
  g_assert_cmpint (oai_json_get_type (NULL, 0), ==, OAI_JSON_INVALID);
  g_assert_null (oai_json_get_string (doc, OAI_JSON_NONE, NULL));
  g_assert_false (oai_json_get_int (doc, OAI_JSON_NONE, &integer));
  g_assert_false (oai_json_get_double (doc, 0, &number));
  g_assert_false (oai_json_get_boolean (doc, 0, &boolean));
  g_assert_cmpuint (oai_json_get_size (doc, 0), ==, 0);
  g_assert_cmpuint (oai_json_get_member (doc, OAI_JSON_NONE, "a"), ==, OAI_JSON_NONE);
  oai_json_iter_init (&iter, doc, 0);
  g_assert_false (oai_json_iter_next (&iter, NULL, &node));
  oai_json_iter_init (&iter, NULL, OAI_JSON_NONE);
  g_assert_false (oai_json_iter_next (&iter, NULL, &node));
}

static void
test_integers_are_exact (void)
{
  const struct
  {
    const char *text;
    gboolean fits;
    gint64 value;
  } cases[] = {
    { "0", TRUE, 0 },
    { "-0", TRUE, 0 },
    { "9007199254740993", TRUE, G_GINT64_CONSTANT (9007199254740993) },
    { "9223372036854775807", TRUE, G_MAXINT64 },
    { "-9223372036854775808", TRUE, G_MININT64 },
    { "9223372036854775808", FALSE, 0 },
    { "-9223372036854775809", FALSE, 0 },
    { "1000000000000000000000", FALSE, 0 },
    { "1.0", TRUE, 1 },
    { "12e2", TRUE, 1200 },
    { "1.5", FALSE, 0 },
    { "1e300", FALSE, 0 },
    { "\"1\"", FALSE, 0 }
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (OaiJsonDoc) doc = parse (cases[i].text, strlen (cases[i].text), OAI_JSON_STRICT);
      g_autofree char *written = write_back (doc);
      gint64 value = 0;

      g_assert_cmpstr (written, ==, cases[i].text);
      g_assert_cmpint (oai_json_get_int (doc, 0, &value), ==, cases[i].fits);
      g_assert_cmpint (value, ==, cases[i].value);
    }
}

static void
assert_double (double value)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (OaiJsonDoc) doc = NULL;
  double read = 0;

  oai_json_write_double (out, value);
  doc = parse (out->str, out->len, OAI_JSON_STRICT);
  g_assert_true (oai_json_get_double (doc, 0, &read));
  g_assert_true (read == value && signbit (read) == signbit (value));
  g_assert_true (g_ascii_strtod (out->str, NULL) == value);
}

static void
assert_shortest (double value, const char *expected)
{
  g_autoptr (GString) out = g_string_new (NULL);

  oai_json_write_double (out, value);
  g_assert_cmpstr (out->str, ==, expected);
  assert_double (value);
}

static void
check_doubles (void)
{
  guint64 state = 42;

  assert_shortest (0.7, "0.7");
  assert_shortest (0.1 + 0.2, "0.30000000000000004");
  assert_shortest (1, "1");
  assert_shortest (-0.0, "-0");
  assert_shortest (1e15, "1000000000000000");
  assert_shortest (1e100, "1e+100");
  assert_shortest (5e-324, "5e-324");
  assert_shortest (1.7976931348623157e308, "1.7976931348623157e+308");
  assert_shortest (2.2250738585072014e-308, "2.2250738585072014e-308");
  for (guint i = 0; i < 20000; i++)
    {
      double value;

      state = state * G_GUINT64_CONSTANT (6364136223846793005) + G_GUINT64_CONSTANT (1442695040888963407);
      memcpy (&value, &state, sizeof value);
      if (isfinite (value))
        assert_double (value);
      assert_double ((double) (state >> 40) / 1000);
    }
}

static void
test_doubles_come_back_in_any_locale (void)
{
  const char *const names[] = { "de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "C" };
  g_autofree char *before = g_strdup (setlocale (LC_NUMERIC, NULL));

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (setlocale (LC_NUMERIC, names[i]) == NULL)
        {
          g_test_message ("there is no locale %s here", names[i]);
          continue;
        }
      check_doubles ();
    }
  setlocale (LC_NUMERIC, before);
}

static void
test_doubles_are_read_as_libc_reads_them (void)
{
  const char *const texts[] = {
    "0.1", "123456789.125", "9007199254740992", "9007199254740993.0", "1e22", "1e23", "1e-22", "1e-23", "123456789012345678",
    "1234567890123456789012", "0.000000000000000000000000001", "4.9e-324", "1e400", "-1e-400", "2.2250738585072012e-308",
    "179769313486231580793728971405301e276", "1e99999999999999999999", "1E+2", "-0.0e-5"
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (OaiJsonDoc) doc = parse (texts[i], strlen (texts[i]), OAI_JSON_STRICT);
      double value = 0;

      g_assert_true (oai_json_get_double (doc, 0, &value));
      g_assert_true (value == g_ascii_strtod (texts[i], NULL));
    }
}

static void
test_what_is_written_is_always_utf8 (void)
{
  g_autoptr (GString) out = g_string_new (NULL);

  oai_json_write_string (out, "\"\\/\b\f\n\r\t\001\037\177\303\251\377\342\202", -1);
  g_assert_cmpstr (out->str, ==, "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\177\303\251\357\277\275\357\277\275\"");
  g_string_truncate (out, 0);
  oai_json_write_string (out, "a\0b", 3);
  g_assert_cmpstr (out->str, ==, "\"a\\u0000b\"");
  g_string_truncate (out, 0);
  oai_json_write_double (out, INFINITY);
  g_assert_cmpstr (out->str, ==, "null");
  g_string_truncate (out, 0);
  oai_json_write_int (out, G_MININT64);
  g_assert_cmpstr (out->str, ==, "-9223372036854775808");
}

static OaiJsonValue *
fold (const char *first, const char *second, GError **error)
{
  g_autoptr (OaiJsonDoc) doc = parse (first, strlen (first), OAI_JSON_TOLERANT);
  g_autoptr (OaiJsonDoc) delta = parse (second, strlen (second), OAI_JSON_TOLERANT);
  g_autoptr (OaiJsonValue) value = oai_json_value_new_from_node (doc, 0);

  return oai_json_value_accumulate (value, delta, 0, error) ? g_steal_pointer (&value) : NULL;
}

static void
assert_folded (const char *first, const char *second, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiJsonValue) value = fold (first, second, &error);
  g_autoptr (GString) out = g_string_new (NULL);

  g_assert_no_error (error);
  oai_json_write_value (out, value);
  g_assert_cmpstr (out->str, ==, expected);
}

static void
test_deltas_are_folded (void)
{
  assert_folded ("{}", "{\"a\":\"x\"}", "{\"a\":\"x\"}");
  assert_folded ("{\"a\":\"x\"}", "{\"a\":\"y\"}", "{\"a\":\"xy\"}");
  assert_folded ("{\"a\":\"x\"}", "{\"a\":null}", "{\"a\":\"x\"}");
  assert_folded ("{\"a\":null}", "{\"a\":{\"b\":1}}", "{\"a\":{\"b\":1}}");
  assert_folded ("{}", "{\"a\":null}", "{\"a\":null}");
  assert_folded ("{\"a\":1,\"b\":1.5}", "{\"a\":2,\"b\":1}", "{\"a\":3,\"b\":2.5}");
  assert_folded ("{\"a\":9223372036854775807}", "{\"a\":1}", "{\"a\":9.223372036854776e+18}");
  assert_folded ("{\"a\":{\"b\":\"x\"}}", "{\"a\":{\"b\":\"y\",\"c\":[]}}", "{\"a\":{\"b\":\"xy\",\"c\":[]}}");
  assert_folded ("{\"index\":0,\"type\":\"a\"}", "{\"index\":1,\"type\":\"b\"}", "{\"index\":1,\"type\":\"b\"}");
  assert_folded ("{\"a\":[1]}", "{\"a\":[2,\"x\"]}", "{\"a\":[1,2,\"x\"]}");
  assert_folded ("{\"a\":true}", "{\"a\":false}", "{\"a\":false}");
  assert_folded ("{\"a\":18446744073709551616}", "{}", "{\"a\":18446744073709551616}");
}

static void
test_lists_are_folded_by_index (void)
{
  assert_folded ("{\"l\":[{\"index\":0,\"t\":\"a\"}]}", "{\"l\":[{\"index\":0,\"t\":\"b\"},{\"index\":1,\"t\":\"c\"}]}",
                 "{\"l\":[{\"index\":0,\"t\":\"ab\"},{\"index\":1,\"t\":\"c\"}]}");
  assert_folded ("{\"l\":[{\"index\":2,\"t\":\"a\"}]}", "{\"l\":[{\"index\":0,\"t\":\"b\"},{\"index\":2,\"t\":\"c\"}]}",
                 "{\"l\":[{\"index\":0,\"t\":\"b\"},{\"index\":2,\"t\":\"ac\"}]}");
  assert_folded ("{\"l\":[]}", "{\"l\":[{\"index\":2147483647}]}", "{\"l\":[{\"index\":2147483647}]}");
}

static void
test_deltas_that_do_not_fit_are_errors (void)
{
  const char *const cases[][2] = {
    { "{\"v\":true}", "{\"v\":\"secret\"}" },
    { "{\"v\":\"secret\"}", "{\"v\":1}" },
    { "{\"v\":{}}", "{\"v\":[]}" },
    { "{\"v\":[{}]}", "{\"v\":[\"secret\"]}" },
    { "{\"v\":[{}]}", "{\"v\":[{}]}" },
    { "{\"v\":[{}]}", "{\"v\":[{\"index\":\"0\"}]}" },
    { "{\"v\":[{}]}", "{\"v\":[{\"index\":-1}]}" },
    { "{\"v\":[{}]}", "{\"v\":[{\"index\":0.5}]}" },
    { "{\"v\":[{}]}", "{\"v\":[{\"index\":1e30}]}" }
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (fold (cases[i][0], cases[i][1], &error));
      g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
      g_assert_null (strstr (error->message, "secret"));
    }
}

static void
test_values_grow (void)
{
  g_autoptr (OaiJsonValue) object = oai_json_value_new_object ();
  OaiJsonValue *text = oai_json_value_set_member (object, "text", oai_json_value_new_string ("", 0));
  OaiJsonValue *list = oai_json_value_set_member (object, "list", oai_json_value_new_array ());
  gsize length;

  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *name = g_strdup_printf ("m%u", i);

      oai_json_value_append_string (text, "ab", -1);
      oai_json_value_append (list, oai_json_value_new_string ("x", -1));
      oai_json_value_set_member (object, name, oai_json_value_new_string ("old", -1));
      oai_json_value_set_member (object, name, oai_json_value_new_string (name, -1));
    }

  g_assert_cmpuint (oai_json_value_get_size (object), ==, 1002);
  g_assert_cmpuint (oai_json_value_get_size (list), ==, 1000);
  g_assert_cmpstr (oai_json_value_get_string (oai_json_value_get_member (object, "m777"), NULL), ==, "m777");
  g_assert_nonnull (oai_json_value_get_string (text, &length));
  g_assert_cmpuint (length, ==, 2000);
  g_assert_null (oai_json_value_get_member (object, "m1000"));
  g_assert_null (oai_json_value_get_element (list, 1000));
}

/* Numbers that servers send, and unusual ones. */
static const char *const numbers[] = {
  "-0.0130729377", "0.5", "7", "-1", "0", "-0.0", "0.1234567", "0.12345678", "0.123456789", "-9.999999999999999", "9.0071992547409931",
  "0.1234567890123456", "0.12345678901234567890", "12.5", "-1234567.25", "6.1035156e-05", "1E+5", "2e400", "-1e-400", "18446744073709551617",
  "9223372036854775807", "-9223372036854775808", "0.000000000000001", "1.7976931348623157e308", "4.9406564584124654e-324", "0.3", "1e22"
};

static GString *
make_numbers (guint n, const char *blank)
{
  GString *text = g_string_new ("{\"v\":[");

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s%s%s", i > 0 ? "," : "", blank, numbers[i % G_N_ELEMENTS (numbers)]);

  return text;
}

static void
assert_numbers (OaiJsonDoc *doc, OaiJsonNode list, guint n)
{
  g_autoptr (GBytes) vector = oai_json_dup_floats (doc, list);
  const float *floats = g_bytes_get_data (vector, NULL);
  OaiJsonIter iter;
  OaiJsonNode node;
  guint i = 0;

  g_assert_cmpuint (g_bytes_get_size (vector), ==, n * sizeof (float));
  oai_json_iter_init (&iter, doc, list);
  while (oai_json_iter_next (&iter, NULL, &node))
    {
      const char *number = numbers[i % G_N_ELEMENTS (numbers)];
      float expected = g_ascii_strtod (number, NULL);
      double value;

      g_assert_true (oai_json_get_double (doc, node, &value));
      g_assert_true (value == g_ascii_strtod (number, NULL));
      g_assert_cmpmem (&floats[i], sizeof (float), &expected, sizeof (float));
      g_assert_cmpuint (oai_json_get_element (doc, list, i), ==, node);
      i++;
    }
  g_assert_cmpuint (i, ==, n);
}

/* Any number of them, with any characters in between. */
static void
test_lists_of_numbers (void)
{
  static const char *const blanks[] = { "", " ", "\n", "\r\n\t", "\n        ", "\n                 \t" };

  for (guint n = 1; n < 100; n += n < 30 ? 7 : 1)
    for (guint b = 0; b < G_N_ELEMENTS (blanks); b++)
      {
        g_autoptr (GString) text = make_numbers (n, blanks[b]);
        g_autoptr (OaiJsonDoc) doc = NULL;
        OaiJsonNode list;

        g_string_append_printf (text, "%s],\"w\":[[%d]]}", blanks[b], n);
        doc = parse (text->str, text->len, OAI_JSON_STRICT);
        list = oai_json_get_member (doc, 0, "v");
        g_assert_cmpuint (oai_json_get_size (doc, list), ==, n);
        g_assert_true (oai_json_get_first_type (doc, list) == OAI_JSON_INT || oai_json_get_first_type (doc, list) == OAI_JSON_DOUBLE);
        assert_numbers (doc, list, n);
        assert_numbers (doc, list, n);
        g_assert_cmpint (oai_json_get_first_type (doc, oai_json_get_member (doc, 0, "w")), ==, OAI_JSON_ARRAY);
      }
}

/* Repaired strings are longer than the document. */
static void
test_many_strings_are_repaired (void)
{
  const guint n = 300000;
  g_autoptr (GString) text = g_string_new ("[");
  g_autoptr (OaiJsonDoc) doc = NULL;

  for (guint i = 0; i < n; i++)
    g_string_append (text, i > 0 ? ",\"\377\377\377\377\377\377\"" : "\"\"");
  g_string_append_c (text, ']');
  doc = parse (text->str, text->len, OAI_JSON_TOLERANT);
  g_assert_cmpuint (oai_json_get_size (doc, 0), ==, n);
  g_assert_cmpstr (oai_json_get_string (doc, oai_json_get_element (doc, 0, n - 1), NULL), ==,
                   "\357\277\275\357\277\275\357\277\275\357\277\275\357\277\275\357\277\275");
}

static void
test_lists_of_numbers_are_written_back (void)
{
  g_autoptr (GString) text = make_numbers (80, "");
  g_autoptr (GString) twice = g_string_new ("[");

  g_string_append (text, "],\"w\":1}");
  g_string_append_printf (twice, "%s,%s]", text->str, text->str);
  assert_written (text->str, text->len, OAI_JSON_STRICT, text->str);
  assert_written (twice->str, twice->len, OAI_JSON_TOLERANT, twice->str);
  g_string_truncate (text, text->len - strlen (",\"w\":1}"));
  assert_written (text->str + strlen ("{\"v\":"), text->len - strlen ("{\"v\":"), OAI_JSON_STRICT, text->str + strlen ("{\"v\":"));
}

/* Lists that start with numbers and contain other values, or that are truncated. */
static void
test_lists_that_are_not_all_numbers (void)
{
  static const char *const ends[] = { ",\"x\"]}", ",null]}", ",[1]]}", ",{\"a\":1}]}", ",true]}" };
  static const char *const wrong[] = { "", ",", ",]}", ",-]}", ",.5]}", ",1.]}", ",01]}", ",1e]}", ",1e+]}", ",+1]}", ",0x1]}", "}", "\f]}", ";1]}", " 2]}",
                                      ",1.,0.25,0.25,0.25,0.25]}", ",-,0.25,0.25,0.25,0.25]}", ",0.5.5,0.25,0.25,0.25]}", ",0.5-,0.25,0.25,0.25]}",
                                      ",-.5,0.25,0.25,0.25,0.25]}", ",0.5e,0.25,0.25,0.25]}", ",00.5,0.25,0.25,0.25]}", ",a.5,0.25,0.25,0.25]}",
                                      ",0.1234567890123456.,0.25]}", ",0.25 0.25,0.25,0.25]}" };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autoptr (GString) text = make_numbers (40, "");

      g_string_append (text, ends[i]);
      assert_written (text->str, text->len, OAI_JSON_STRICT, text->str);
    }
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GString) text = make_numbers (40, " ");

      g_string_append (text, wrong[i]);
      assert_refused (text->str, text->len, OAI_JSON_STRICT);
      assert_refused (text->str, text->len, OAI_JSON_TOLERANT);
    }
}

/* Names that all have the same hash with GLib's hash function.  This would take minutes if
 * each were compared with all others. */
static void
test_names_whose_hashes_collide (void)
{
  const guint n_pairs = 16, n = 1 << n_pairs;
  g_autoptr (GString) text = g_string_new ("{");
  g_autoptr (OaiJsonDoc) doc = NULL;
  g_autoptr (OaiJsonValue) value = NULL;
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode node;

  for (guint i = 0; i < n; i++)
    {
      g_string_append (text, i > 0 ? ",\"" : "\"");
      for (guint k = 0; k < n_pairs; k++)
        g_string_append (text, (i >> k & 1) != 0 ? "Az" : "BY");
      g_string_append_printf (text, "\":%u", i);
    }
  g_string_append_c (text, '}');
  doc = parse (text->str, text->len, OAI_JSON_TOLERANT);
  value = oai_json_value_new_from_node (doc, 0);
  g_assert_cmpuint (oai_json_value_get_size (value), ==, n);
  oai_json_iter_init (&iter, doc, 0);
  while (oai_json_iter_next (&iter, &name, &node))
    g_assert_cmpuint (oai_json_get_member (doc, 0, name), ==, node);
}

/* Reading a list of numbers stores nothing in the document. */
static void
test_reading_leaves_nothing_behind (void)
{
  g_autoptr (GString) text = make_numbers (1000, " ");
  g_autoptr (OaiJsonDoc) doc = NULL;
  OaiJsonNode list;
  const void *cells;
  guint n_cells;

  g_string_append (text, "]}");
  doc = parse (text->str, text->len, OAI_JSON_STRICT);
  list = oai_json_get_member (doc, 0, "v");
  cells = doc->cells;
  n_cells = doc->n_cells;
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GString) out = g_string_new (NULL);

      oai_json_write_node (out, doc, 0);
      assert_numbers (doc, list, 1000);
    }
  g_assert_true (doc->cells == cells);
  g_assert_cmpuint (doc->n_cells, ==, n_cells);
}

/* JSON that the library composed can be deeper than JSON that a server can send. */
static void
test_own_json_may_be_deeper (void)
{
  const guint depths[] = { 512, 513, 2048, 2049 };

  for (guint i = 0; i < G_N_ELEMENTS (depths); i++)
    {
      g_autofree char *text = g_strnfill (2 * depths[i], '[');
      g_autoptr (GError) error = NULL;
      g_autoptr (OaiJsonDoc) theirs = NULL;
      g_autoptr (OaiJsonDoc) own = NULL;

      memset (text + depths[i], ']', depths[i]);
      own = oai_json_doc_new_copy (text, -1, OAI_JSON_TOLERANT | OAI_JSON_OWN, NULL);
      theirs = oai_json_doc_new_copy (text, -1, OAI_JSON_TOLERANT, &error);
      g_assert_true ((own != NULL) == (depths[i] <= 2048));
      if (depths[i] <= 512)
        g_assert_no_error (error);
      else
        g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
    }
}

static void
assert_completed (const char *text, const char *expected)
{
  g_autofree char *completed = oai_json_complete (text, OAI_JSON_PARTIAL_STRINGS);

  g_assert_cmpstr (completed, ==, expected);
}

/* Other parsers do not accept half of a surrogate pair. */
static void
test_truncated_pairs (void)
{
  assert_completed ("[\"a\\ud83d\\ude00", "[\"a\\ud83d\\ude00\"]");
  assert_completed ("[\"a\\ud83d\\ude0", "[\"a\"]");
  assert_completed ("[\"a\\ud83d\\u", "[\"a\"]");
  assert_completed ("[\"a\\uD83D\\", "[\"a\"]");
  assert_completed ("[\"a\\ud83d", "[\"a\"]");
  assert_completed ("[\"a\\u00e4", "[\"a\\u00e4\"]");
}

static void
test_builder (void)
{
  const char *input = "{\"long\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33.5],"
                      "\"big\":123456789012345678901,\"nested\":{\"a\":[true,null,\"\\u00e9\"]},\"none\":NaN}";
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (input, -1, OAI_JSON_TOLERANT, NULL);
  g_autoptr(OaiJsonValue) value = oai_json_value_new_from_node (doc, 0);
  OaiJsonBuilder *builder = oai_json_builder_new_object ();
  g_autoptr(OaiJsonDoc) built = NULL;
  g_autofree char *text = NULL;
  OaiJsonNode array;
  gint64 number;

  oai_json_builder_add_string (builder, "text", "a\"\xff" "b", -1);
  oai_json_builder_add_string (builder, "part", "a\0b", 3);
  oai_json_builder_begin_array (builder, "list");
  oai_json_builder_add_int (builder, NULL, G_MININT64);
  oai_json_builder_add_double (builder, NULL, 0.1);
  oai_json_builder_add_double (builder, NULL, 3);
  oai_json_builder_add_double (builder, NULL, NAN);
  oai_json_builder_add_boolean (builder, NULL, TRUE);
  oai_json_builder_begin_object (builder, NULL);
  oai_json_builder_end (builder);
  oai_json_builder_end (builder);
  oai_json_builder_add_node (builder, "copy", doc, 0);
  oai_json_builder_add_value (builder, "value", value);
  oai_json_builder_add_members (builder, doc, 0);
  built = oai_json_builder_finish (builder);
  text = oai_json_dup_node (built, 0);

#define COPY "\"long\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33.5]," \
             "\"big\":123456789012345678901,\"nested\":{\"a\":[true,null,\"\303\251\"]},\"none\":null"
  g_assert_cmpstr (text, ==, "{\"text\":\"a\\\"\357\277\275b\",\"part\":\"a\357\277\275b\",\"list\":[-9223372036854775808,0.1,3,null,true,{}],"
                             "\"copy\":{" COPY "},\"value\":{" COPY "}," COPY "}");
#undef COPY

  g_assert_cmpstr (oai_json_get_string (built, oai_json_get_member (built, 0, "text"), NULL), ==, "a\"\357\277\275b");
  array = oai_json_get_member (built, oai_json_get_member (built, 0, "copy"), "long");
  g_assert_true (oai_json_get_int (built, oai_json_get_element (built, array, 31), &number));
  g_assert_cmpint (number, ==, 32);
  array = oai_json_get_member (built, 0, "list");
  g_assert_cmpint (oai_json_get_type (built, oai_json_get_element (built, array, 2)), ==, OAI_JSON_INT);
}

static void
test_builder_and_append (void)
{
  OaiJsonBuilder *builder = oai_json_builder_new_array ();
  g_autoptr(OaiJsonDoc) doc = NULL;
  g_autofree char *text = NULL;

  oai_json_builder_add_string (builder, NULL, "first", -1);
  doc = oai_json_builder_finish (builder);
  g_assert_true (oai_json_doc_append (doc, "{\"a\":[]}", NULL));
  g_assert_true (oai_json_doc_append (doc, "2", NULL));
  text = oai_json_dup_node (doc, 0);
  g_assert_cmpstr (text, ==, "[\"first\",{\"a\":[]},2]");
}

/* Large enough to be shared. */
static OaiJsonValue *
make_long_value (char c)
{
  g_autofree char *text = g_strnfill (300000, c);

  return oai_json_value_new_string (text, -1);
}

static void
assert_repeats (const char *text, char c, gsize length)
{
  g_assert_cmpuint (strlen (text), ==, length);
  g_assert_cmpint (text[0], ==, c);
  g_assert_cmpint (text[length - 1], ==, c);
}

static void
test_long_strings_are_shared (void)
{
  OaiJsonValue *value = oai_json_value_new_object ();
  OaiJsonValue *a = oai_json_value_set_member (value, "a", make_long_value ('a'));
  OaiJsonValue *b = oai_json_value_set_member (value, "b", make_long_value ('b'));
  OaiJsonValue *s = oai_json_value_set_member (value, "s", oai_json_value_new_string ("x", -1));
  g_autoptr(OaiJsonDoc) first = oai_json_doc_new_from_value (value);
  g_autoptr(OaiJsonDoc) second = NULL, third = NULL, copy = NULL;
  g_autofree char *json = NULL;
  const char *text = oai_json_value_get_string (a, NULL);
  gsize length;

  g_assert_true (oai_json_get_string (first, oai_json_get_member (first, 0, "a"), &length) == text);
  g_assert_cmpuint (length, ==, 300000);
  g_assert_true (oai_json_get_string (first, oai_json_get_member (first, 0, "s"), NULL) != oai_json_value_get_string (s, NULL));
  second = oai_json_doc_new_from_value (value);
  g_assert_true (oai_json_get_string (second, oai_json_get_member (second, 0, "a"), NULL) == text);

  /* Documents keep the text when the value changes. */
  oai_json_value_append_string (a, "aa", -1);
  assert_repeats (oai_json_value_get_string (a, &length), 'a', 300002);
  g_assert_cmpuint (length, ==, 300002);
  third = oai_json_doc_new_from_value (value);
  g_clear_pointer (&first, oai_json_doc_unref);
  copy = oai_json_doc_dup (second);
  g_clear_pointer (&second, oai_json_doc_unref);
  oai_json_value_append_string (b, "b", 1);
  oai_json_value_free (value);

  assert_repeats (oai_json_get_string (copy, oai_json_get_member (copy, 0, "a"), NULL), 'a', 300000);
  assert_repeats (oai_json_get_string (copy, oai_json_get_member (copy, 0, "b"), NULL), 'b', 300000);
  assert_repeats (oai_json_get_string (third, oai_json_get_member (third, 0, "a"), NULL), 'a', 300002);
  json = oai_json_dup_node (copy, 0);
  g_assert_true (g_str_has_prefix (json, "{\"a\":\"aaa"));
  g_assert_true (g_str_has_suffix (json, "bbb\",\"s\":\"x\"}"));
  g_assert_cmpuint (strlen (json), ==, 600000 + strlen ("{\"a\":\"\",\"b\":\"\",\"s\":\"x\"}"));
}

/* A value takes back the text when the last document that used it is freed. */
static void
test_shared_strings_are_taken_back (void)
{
  g_autoptr(OaiJsonValue) value = make_long_value ('a');

  for (guint i = 1; i <= 3; i++)
    {
      g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_from_value (value);

      assert_repeats (oai_json_get_string (doc, 0, NULL), 'a', 300000 + 2 * (i - 1));
      oai_json_value_append_string (value, "a", 1);
      g_clear_pointer (&doc, oai_json_doc_unref);
      oai_json_doc_unref (oai_json_doc_new_from_value (value));
      oai_json_value_append_string (value, "a", 1);
      assert_repeats (oai_json_value_get_string (value, NULL), 'a', 300000 + 2 * i);
    }
}

static void
test_shared_strings_that_are_floats (void)
{
  g_autoptr(OaiJsonValue) value = make_long_value ('A');
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_from_value (value);
  g_autoptr(GBytes) floats = oai_json_dup_floats (doc, 0);

  g_assert_nonnull (floats);
  g_assert_cmpuint (g_bytes_get_size (floats), ==, 300000 / 4 * 3);
  assert_repeats (oai_json_get_string (doc, 0, NULL), 'A', 300000);
  assert_repeats (oai_json_value_get_string (value, NULL), 'A', 300000);
}

static void
test_shared_strings_are_written (void)
{
  g_autoptr(OaiJsonValue) value = make_long_value ('a');
  g_autoptr(OaiJsonDoc) doc = NULL;
  g_autofree char *json = NULL;

  oai_json_value_append_string (value, "\"\n\303\251", -1);
  doc = oai_json_doc_new_from_value (value);
  g_assert_true (oai_json_get_string (doc, 0, NULL) == oai_json_value_get_string (value, NULL));
  json = oai_json_dup_node (doc, 0);
  g_assert_true (g_str_has_suffix (json, "a\\\"\\n\303\251\""));
}

static void
test_long_strings_are_repaired (void)
{
  g_autoptr(OaiJsonValue) value = make_long_value ('a');
  g_autoptr(OaiJsonDoc) doc = NULL;

  oai_json_value_append_string (value, "\xff", 1);
  doc = oai_json_doc_new_from_value (value);
  g_assert_true (g_str_has_suffix (oai_json_get_string (doc, 0, NULL), "aa\357\277\275"));
}

static void
test_documents_of_values (void)
{
  const char *const texts[] = { "null", "true", "false", "-1", "1.5", "\"a\"", "[]", "[1,[2],{}]", "{\"a\":{\"b\":[null]},\"c\":\"d\"}" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(OaiJsonDoc) parsed = oai_json_doc_new_copy (texts[i], -1, OAI_JSON_STRICT, NULL);
      g_autoptr(OaiJsonValue) value = oai_json_value_new_from_node (parsed, 0);
      g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_from_value (value);
      g_autofree char *json = oai_json_dup_node (doc, 0);

      g_assert_cmpstr (json, ==, texts[i]);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/json/strict-json-is-json", test_strict_json_is_json);
  g_test_add_func ("/json/servers-are-tolerated", test_servers_are_tolerated);
  g_test_add_func ("/json/not-a-number-is-a-double", test_not_a_number_is_a_double);
  g_test_add_func ("/json/errors-contain-the-position-and-no-text", test_errors_tell_the_place_and_no_payload);
  g_test_add_func ("/json/nesting-is-limited", test_nesting_has_an_end);
  g_test_add_func ("/json/four-gigabytes-are-an-error", test_four_gigabytes_are_refused);
  g_test_add_func ("/json/a-document-is-reused", test_a_document_is_read_again_and_again);
  g_test_add_func ("/json/texts-that-begin-alike", test_texts_that_begin_alike);
  g_test_add_func ("/json/similar-texts-with-other-flags", test_similar_texts_with_other_flags);
  g_test_add_func ("/json/two-values-in-one-line", test_two_values_in_one_line);
  g_test_add_func ("/json/members-and-elements-are-found", test_members_and_elements_are_found);
  g_test_add_func ("/json/absent-values-have-defaults", test_absent_values_answer_as_absent);
  g_test_add_func ("/json/integers-are-exact", test_integers_are_exact);
  g_test_add_func ("/json/doubles-round-trip-in-all-locales", test_doubles_come_back_in_any_locale);
  g_test_add_func ("/json/doubles-are-read-as-libc-reads-them", test_doubles_are_read_as_libc_reads_them);
  g_test_add_func ("/json/lists-of-numbers-contain-all-numbers", test_lists_of_numbers);
  g_test_add_func ("/json/lists-of-numbers-are-written-back", test_lists_of_numbers_are_written_back);
  g_test_add_func ("/json/lists-of-mixed-values", test_lists_that_are_not_all_numbers);
  g_test_add_func ("/json/many-strings-are-repaired", test_many_strings_are_repaired);
  g_test_add_func ("/json/written-text-is-valid-utf8", test_what_is_written_is_always_utf8);
  g_test_add_func ("/json/deltas-are-folded", test_deltas_are_folded);
  g_test_add_func ("/json/lists-are-folded-by-index", test_lists_are_folded_by_index);
  g_test_add_func ("/json/deltas-that-do-not-fit-are-errors", test_deltas_that_do_not_fit_are_errors);
  g_test_add_func ("/json/values-grow", test_values_grow);
  g_test_add_func ("/json/names-whose-hashes-collide", test_names_whose_hashes_collide);
  g_test_add_func ("/json/reused-documents-keep-no-state", test_reading_leaves_nothing_behind);
  g_test_add_func ("/json/own-json-may-be-deeper", test_own_json_may_be_deeper);
  g_test_add_func ("/json/truncated-pairs-are-omitted", test_truncated_pairs);
  g_test_add_func ("/json/builder", test_builder);
  g_test_add_func ("/json/builder-and-append", test_builder_and_append);
  g_test_add_func ("/json/documents-of-values", test_documents_of_values);
  g_test_add_func ("/json/shared/long-strings", test_long_strings_are_shared);
  g_test_add_func ("/json/shared/taken-back", test_shared_strings_are_taken_back);
  g_test_add_func ("/json/shared/floats", test_shared_strings_that_are_floats);
  g_test_add_func ("/json/shared/written", test_shared_strings_are_written);
  g_test_add_func ("/json/shared/repaired", test_long_strings_are_repaired);

  return g_test_run ();
}
