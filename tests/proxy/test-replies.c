/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads the replies of reply-cases.txt: at once, byte by byte, in random parts, up to each byte, and changed at random. */

#include <openai-1/openai.h>

#include <string.h>

#include "oai-upstream-reader-private.h"

#define LARGE 20000
#define N_MUTATIONS 200

typedef struct
{
  char *name;
  char *method;
  char *expected;
  GByteArray *bytes;
} Case;

static void
case_free (gpointer data)
{
  Case *self = data;

  g_free (self->name);
  g_free (self->method);
  g_free (self->expected);
  g_byte_array_unref (self->bytes);
  g_free (self);
}

/* The cases */

static char *
unescape (const char *quoted, gsize *length)
{
  g_autofree char *inner = g_strndup (quoted + 1, strlen (quoted) - 2);
  GString *text = g_string_new (NULL);

  g_assert_true (g_str_has_prefix (quoted, "\"") && g_str_has_suffix (quoted, "\""));
  for (const char *c = inner; *c != '\0'; c++)
    {
      if (*c == '\\' && c[1] == 'x')
        {
          g_string_append_c (text, (char) (g_ascii_xdigit_value (c[2]) << 4 | g_ascii_xdigit_value (c[3])));
          c += 3;
        }
      else if (*c == '\\')
        {
          c++;
          g_string_append_c (text, *c == 'r' ? '\r' : *c == 'n' ? '\n' : *c == 't' ? '\t' : *c);
        }
      else
        g_string_append_c (text, *c);
    }
  *length = text->len;

  return g_string_free (text, FALSE);
}

static void
append (Case *self, const char *quoted, guint count)
{
  gsize length;
  g_autofree char *text = unescape (quoted, &length);

  for (guint i = 0; i < count; i++)
    g_byte_array_append (self->bytes, (const guint8 *) text, (guint) length);
}

static void
parse_line (Case *self, const char *line)
{
  char *end;

  if (g_str_has_prefix (line, "method "))
    self->method = g_strdup (line + strlen ("method "));
  else if (g_str_has_prefix (line, "expect "))
    self->expected = g_strdup (line + strlen ("expect "));
  else if (g_str_has_prefix (line, "send "))
    append (self, line + strlen ("send "), 1);
  else if (g_str_has_prefix (line, "repeat "))
    {
      guint count = (guint) g_ascii_strtoull (line + strlen ("repeat "), &end, 10);

      append (self, end + 1, count);
    }
  else
    g_assert_true (*line == '\0' || *line == '#' || strcmp (line, "end") == 0);
}

static GPtrArray *
load_cases (void)
{
  GPtrArray *cases = g_ptr_array_new_with_free_func (case_free);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "reply-cases.txt", NULL);
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;
  g_autoptr(GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (g_str_has_prefix (lines[i], "case "))
        {
          Case *new = g_new0 (Case, 1);

          new->name = g_strdup (lines[i] + strlen ("case "));
          new->bytes = g_byte_array_new ();
          g_ptr_array_add (cases, new);
        }
      else if (cases->len > 0)
        parse_line (cases->pdata[cases->len - 1], lines[i]);
    }

  return cases;
}

/* Reading */

typedef struct
{
  OaiUpstreamReader reader;
  GByteArray *head;
  GString *body;
  const OaiHttpRefusal *refusal;
  gboolean extra; /* bytes after the end */
} Reading;

static void
feed_body (Reading *self, const guint8 *data, gsize size)
{
  g_autofree char *copy = g_memdup2 (data, size);
  gsize used = 0, n;

  if (oai_upstream_reader_is_complete (&self->reader))
    {
      self->extra = self->extra || size > 0;
      return;
    }

  n = oai_upstream_reader_decode (&self->reader, copy, size, &used, &self->refusal);
  g_assert_cmpuint (used, <=, size);
  g_assert_cmpuint (n, <=, used);
  g_string_append_len (self->body, copy, (gssize) n);
  self->extra = self->extra || (self->refusal == NULL && used < size);
}

static void
feed (Reading *self, const guint8 *data, gsize size)
{
  if (self->refusal != NULL)
    return;
  if (self->reader.head != NULL)
    {
      feed_body (self, data, size);
      return;
    }

  g_byte_array_append (self->head, data, (guint) size);
  while (self->reader.head == NULL)
    {
      gsize end = oai_upstream_reader_take_head (&self->reader, (const char *) self->head->data, self->head->len, &self->refusal);

      if (end == 0)
        return;
      g_assert_cmpuint (end, <=, self->head->len);
      g_byte_array_remove_range (self->head, 0, (guint) end);
    }
  feed_body (self, self->head->data, self->head->len);
}

static void
reading_clear (Reading *self)
{
  oai_upstream_reader_clear (&self->reader);
  g_byte_array_unref (self->head);
  g_string_free (self->body, TRUE);
}

static char *
describe (Reading *self)
{
  const OaiUpstreamHead *head = self->reader.head;
  gboolean keep;

  if (self->refusal != NULL)
    return g_strdup_printf ("refused %s", self->refusal->code);
  if (head == NULL || !oai_upstream_reader_may_end (&self->reader))
    return g_strdup ("incomplete");

  keep = head->keep_alive && !self->reader.until_end && !self->extra;

  return g_strdup_printf ("reply %u %s \"%s\"", head->status, keep ? "keep" : "close", self->body->str);
}

/* step: size of the parts; 0 for random ones. */
static char *
read_reply (const char *method, const guint8 *data, gsize size, gsize step)
{
  Reading reading = { .head = g_byte_array_new (), .body = g_string_new (NULL) };
  char *described;

  oai_upstream_reader_init (&reading.reader, method != NULL ? method : "GET", NULL);
  for (gsize offset = 0; offset < size;)
    {
      gsize part = step > 0 ? step : (gsize) g_test_rand_int_range (1, 40);

      part = MIN (part, size - offset);
      feed (&reading, data + offset, part);
      offset += part;
    }
  described = describe (&reading);
  reading_clear (&reading);

  return described;
}

static void
test_case (gconstpointer data)
{
  const Case *self = data;
  gsize steps[] = { MAX (self->bytes->len, 1), 1, 0, 7 };

  g_assert_nonnull (self->expected);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autofree char *read = read_reply (self->method, self->bytes->data, self->bytes->len, steps[i]);

      g_assert_cmpstr (read, ==, self->expected);
    }
}

/* The beginning of a reply is incomplete, is refused like the whole, or ends with the connection. */
static void
test_prefixes (gconstpointer data)
{
  GPtrArray *cases = (GPtrArray *) data;

  for (guint i = 0; i < cases->len; i++)
    {
      const Case *self = cases->pdata[i];

      for (gsize size = 0; size < MIN (self->bytes->len, LARGE / 10); size++)
        {
          g_autofree char *read = read_reply (self->method, self->bytes->data, size, MAX (size, 1));

          if (g_str_has_prefix (read, "refused"))
            g_assert_cmpstr (read, ==, self->expected);
          else if (g_str_has_prefix (read, "reply") && strstr (read, " keep ") != NULL)
            g_assert_true (g_str_has_prefix (self->expected, "reply") && strstr (self->expected, " close ") != NULL);
        }
    }
}

static void
mutate (GByteArray *bytes)
{
  static const char bytes_of_interest[] = "\r\n :;,0123456789abcdefHTPL\t\"+-x";
  guint offset = (guint) g_test_rand_int_range (0, (gint32) bytes->len);
  guint8 byte = g_test_rand_bit () ? (guint8) bytes_of_interest[g_test_rand_int_range (0, sizeof bytes_of_interest)] : (guint8) g_test_rand_int ();

  switch (g_test_rand_int_range (0, 3))
    {
    case 0:
      bytes->data[offset] = byte;
      break;
    case 1:
      g_byte_array_remove_index (bytes, offset);
      break;
    default:
      g_byte_array_set_size (bytes, bytes->len + 1);
      memmove (bytes->data + offset + 1, bytes->data + offset, bytes->len - 1 - offset);
      bytes->data[offset] = byte;
    }
}

/* How a reply is split does not change what is read. */
static void
test_mutations (gconstpointer data)
{
  GPtrArray *cases = (GPtrArray *) data;

  for (guint i = 0; i < cases->len; i++)
    {
      const Case *self = cases->pdata[i];

      for (guint n = 0; n < N_MUTATIONS && self->bytes->len > 0 && self->bytes->len < LARGE / 10; n++)
        {
          g_autoptr(GByteArray) bytes = g_byte_array_append (g_byte_array_new (), self->bytes->data, self->bytes->len);
          g_autofree char *whole = NULL;
          g_autofree char *single = NULL;
          g_autofree char *parts = NULL;

          for (int more = g_test_rand_int_range (1, 4); more > 0 && bytes->len > 0; more--)
            mutate (bytes);
          whole = read_reply (self->method, bytes->data, bytes->len, MAX (bytes->len, 1));
          single = read_reply (self->method, bytes->data, bytes->len, 1);
          parts = read_reply (self->method, bytes->data, bytes->len, 0);
          g_assert_cmpstr (whole, ==, single);
          g_assert_cmpstr (whole, ==, parts);
        }
    }
}

int
main (int argc, char **argv)
{
  g_autoptr(GPtrArray) cases = NULL;
  int result;

  g_test_init (&argc, &argv, NULL);
  cases = load_cases ();
  g_assert_cmpuint (cases->len, >, 50);
  for (guint i = 0; i < cases->len; i++)
    {
      Case *self = cases->pdata[i];
      g_autofree char *path = g_strdup_printf ("/proxy/replies/%s", g_strdelimit (self->name, "/ ", '-'));

      g_test_add_data_func (path, self, test_case);
    }
  g_test_add_data_func ("/proxy/replies/prefixes", cases, test_prefixes);
  g_test_add_data_func ("/proxy/replies/mutations", cases, test_mutations);
  result = g_test_run ();

  return result;
}
