/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Vectors from base64 text and from numbers. */

#include <string.h>

#include "oai-json-doc-private.h"
#include "oai-json-tape-private.h"
#include "oai-json-writer-private.h"

static OaiJsonDoc *
parse (const char *json)
{
  g_autoptr(GError) error = NULL;
  OaiJsonDoc *doc = oai_json_doc_new_copy (json, -1, OAI_JSON_TOLERANT, &error);

  g_assert_no_error (error);

  return doc;
}

static GBytes *
make_floats (gsize n)
{
  float *floats = g_new (float, MAX (n, 1));

  for (gsize i = 0; i < n; i++)
    floats[i] = (float) g_test_rand_double_range (-2, 2);

  return g_bytes_new_take (floats, n * sizeof (float));
}

static char *
encode (GBytes *floats)
{
  gsize size;
  const float *values = g_bytes_get_data (floats, &size);
  g_autofree guint32 *words = g_new (guint32, MAX (size / sizeof *words, 1));

  for (gsize i = 0; i < size / sizeof *words; i++)
    {
      memcpy (&words[i], &values[i], sizeof *words);
      words[i] = GUINT32_TO_LE (words[i]);
    }

  return g_base64_encode ((const guchar *) words, size);
}

/* All lengths, at all addresses. */
static void
test_base64 (void)
{
  for (gsize n = 0; n < 40; n++)
    for (guint shift = 0; shift < 4; shift++)
      {
        g_autoptr(GBytes) floats = make_floats (n);
        g_autofree char *base64 = encode (floats);
        g_autofree char *json = g_strdup_printf ("%*s[\"%s\",\"behind\"]", shift, "", base64);
        g_autoptr(OaiJsonDoc) doc = parse (json);
        g_autoptr(GBytes) vector = oai_json_dup_floats (doc, 1);
        g_autoptr(GBytes) again = oai_json_dup_floats (doc, 1);
        g_autoptr(GString) written = g_string_new (NULL);

        g_assert_nonnull (vector);
        g_assert_true (g_bytes_equal (vector, floats));
        g_assert_true (g_bytes_equal (again, floats));
        g_assert_cmpuint ((guintptr) g_bytes_get_data (vector, NULL) % sizeof (float), ==, 0);
        g_assert_cmpstr (oai_json_get_string (doc, 1, NULL), ==, base64);
        g_assert_cmpstr (oai_json_get_string (doc, 2, NULL), ==, "behind");
        oai_json_write_node (written, doc, 0);
        g_assert_cmpstr (written->str, ==, json + shift);
      }
}

/* A vector can be used after its reply was freed. */
static void
test_outlives (void)
{
  g_autoptr(GBytes) floats = make_floats (64);
  g_autofree char *base64 = encode (floats);
  g_autofree char *json = g_strdup_printf ("[\"%s\"]", base64);
  OaiJsonDoc *doc = parse (json);
  g_autoptr(GBytes) vector = oai_json_dup_floats (doc, 1);

  oai_json_doc_unref (doc);
  g_assert_true (g_bytes_equal (vector, floats));
}

/* Without padding, with whitespace, and with the URL alphabet. */
static void
test_base64_of_others (void)
{
  for (gsize n = 0; n < 30; n++)
    {
      g_autoptr(GBytes) floats = make_floats (n);
      g_autofree char *base64 = encode (floats);
      g_autoptr(GString) json = g_string_new ("[\"");
      g_autoptr(OaiJsonDoc) doc = NULL;
      g_autoptr(GBytes) vector = NULL;

      for (gsize i = 0; base64[i] != '\0' && base64[i] != '='; i++)
        {
          if (i % 19 == 18)
            g_string_append (json, "\\n");
          g_string_append_c (json, base64[i] == '+' ? '-' : base64[i] == '/' ? '_' : base64[i]);
        }
      g_string_append (json, "\"]");
      doc = parse (json->str);
      vector = oai_json_dup_floats (doc, 1);
      g_assert_nonnull (vector);
      g_assert_true (g_bytes_equal (vector, floats));
    }
}

/* A value that is not a vector is left unchanged, wherever the first invalid byte is. */
static void
test_no_floats (void)
{
  static const char *const broken[] = { "!", "A", "=A", "é", "\\u0000", "A=A" };
  static const char *const short_texts[] = { "abc", "AAAA", "AAAAP", "AAAAPgAAIMAAA", "not a vector" };

  for (gsize n = 0; n < 30; n++)
    for (gsize i = 0; i < G_N_ELEMENTS (broken); i++)
      {
        g_autoptr(GBytes) floats = make_floats (3 * n);
        g_autofree char *base64 = encode (floats);
        g_autofree char *json = g_strdup_printf ("[\"%s%s%s\"]", base64, broken[i], i % 2 == 0 ? base64 : "");
        g_autoptr(OaiJsonDoc) doc = parse (json);
        g_autoptr(OaiJsonDoc) other = parse (json);

        g_assert_null (oai_json_dup_floats (doc, 1));
        g_assert_cmpstr (oai_json_get_string (doc, 1, NULL), ==, oai_json_get_string (other, 1, NULL));
      }

  for (gsize i = 0; i < G_N_ELEMENTS (short_texts); i++)
    {
      g_autofree char *json = g_strdup_printf ("[\"%s\"]", short_texts[i]);
      g_autoptr(OaiJsonDoc) doc = parse (json);

      g_assert_null (oai_json_dup_floats (doc, 1));
      g_assert_cmpstr (oai_json_get_string (doc, 1, NULL), ==, short_texts[i]);
    }
}

/* A borrowed string stays valid after the value was converted, and writing stores no string. */
static void
test_borrowed_text (void)
{
  g_autoptr(GBytes) floats = make_floats (256);
  g_autofree char *base64 = encode (floats);
  g_autofree char *json = g_strdup_printf ("[\"%s\",\"%s\"]", base64, base64);
  g_autoptr(OaiJsonDoc) doc = parse (json);
  const char *borrowed = oai_json_get_string (doc, 1, NULL);
  g_autoptr(GBytes) copied = oai_json_dup_floats (doc, 1);
  g_autoptr(GBytes) decoded = oai_json_dup_floats (doc, 2);

  g_assert_cmpstr (borrowed, ==, base64);
  g_assert_true (oai_json_get_string (doc, 1, NULL) == borrowed);
  g_assert_true (g_bytes_equal (copied, floats));
  g_assert_true (g_bytes_equal (decoded, floats));
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr(GString) written = g_string_new (NULL);

      oai_json_write_node (written, doc, 0);
      g_assert_cmpstr (written->str, ==, json);
    }
  g_assert_null (doc->texts.root);
  borrowed = oai_json_get_string (doc, 2, NULL);
  g_assert_cmpstr (borrowed, ==, base64);
  g_assert_true (oai_json_get_string (doc, 2, NULL) == borrowed);
}

static void
test_numbers (void)
{
  g_autoptr(OaiJsonDoc) doc = parse ("[[0.125, -2.5, 3.75, 1, -0.00012345678901234567, 1e-3], [], [1, \"2\"], [1, [2]], {\"a\": 1}, null, 1.5]");
  const float expected[] = { 0.125f, -2.5f, 3.75f, 1.0f, -0.00012345678901234567f, 1e-3f };
  g_autoptr(GBytes) vector = oai_json_dup_floats (doc, oai_json_get_element (doc, 0, 0));
  g_autoptr(GBytes) empty = oai_json_dup_floats (doc, oai_json_get_element (doc, 0, 1));

  g_assert_cmpmem (g_bytes_get_data (vector, NULL), g_bytes_get_size (vector), expected, sizeof expected);
  g_assert_cmpuint (g_bytes_get_size (empty), ==, 0);
  for (guint i = 2; i < 8; i++)
    g_assert_null (oai_json_dup_floats (doc, oai_json_get_element (doc, 0, i)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/json-floats/base64", test_base64);
  g_test_add_func ("/json-floats/floats-outlive-the-reply", test_outlives);
  g_test_add_func ("/json-floats/base64-of-other-servers", test_base64_of_others);
  g_test_add_func ("/json-floats/other-text-is-not-changed", test_no_floats);
  g_test_add_func ("/json-floats/borrowed-text", test_borrowed_text);
  g_test_add_func ("/json-floats/numbers", test_numbers);

  return g_test_run ();
}
