/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs a fuzz target without libFuzzer: with the files of its corpus, each complete,
 * truncated at each byte, and with each byte replaced by some others; and then with
 * mutations of them, which are reproducible with a seed.
 *
 * usage: fuzz-NAME [--runs=N] [--seed=N] [--dict=FILE] FOLDER…
 *
 * OAI_FUZZ_STEP=N uses only each Nth byte of a file, and 1/N of the mutations: for valgrind.
 */

#include "fuzz.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LENGTH 4096
#define MAX_MUTATIONS 8

static const char replacements[] = { '\0', '"', '\\', '\n', '\r', '[', '}', ':', '9', '\200', '\377', FUZZ_ECHO };

static GPtrArray *corpus; /* of GBytes */
static GPtrArray *words;  /* of GBytes: the entries of the dictionary */

/* The current input, for the report of a failure. */
static const char *current;
static gsize current_length;

static guint step = 1;

static void
run (const char *text, gsize length)
{
  /* Allocated with the exact size, so that reads beyond the end are detected. */
  g_autofree char *copy = g_memdup2 (text, length);

  current = text;
  current_length = length;
  LLVMFuzzerTestOneInput ((const uint8_t *) copy, length);
}

static guint
run_systematically (const char *text, gsize length)
{
  g_autofree char *changed = g_memdup2 (text, length);
  guint n_inputs = 1;

  run (text, length);
  for (gsize i = 0; i < length; i += step, n_inputs++)
    {
      run (text, i);
      for (guint j = 0; j < G_N_ELEMENTS (replacements); j++, n_inputs++)
        {
          changed[i] = replacements[j];
          run (changed, length);
        }
      changed[i] = text[i];
    }

  return n_inputs;
}

/* Mutations */

static gsize
choose (GRand *random, gsize n)
{
  return n > 0 ? g_rand_int (random) % n : 0;
}

static void
insert_piece (GString *text, GRand *random, GPtrArray *pieces)
{
  gsize length;
  const char *data;
  gsize start, n;

  if (pieces->len == 0)
    return;

  data = g_bytes_get_data (pieces->pdata[choose (random, pieces->len)], &length);
  start = pieces == words ? 0 : choose (random, length);
  n = pieces == words ? length : 1 + choose (random, 64);
  n = MIN (n, length - start);
  if (n > 0)
    g_string_insert_len (text, (gssize) choose (random, text->len + 1), data + start, (gssize) n);
}

static void
erase (GString *text, GRand *random)
{
  gsize at = choose (random, text->len);
  gsize n = 1 + choose (random, 32);

  g_string_erase (text, (gssize) at, (gssize) MIN (n, text->len - at));
}

static void
repeat (GString *text, GRand *random)
{
  gsize at = choose (random, text->len);
  gsize n = 1 + choose (random, 16);
  gsize times = 1 + choose (random, 16);
  g_autofree char *copy = NULL;

  n = MIN (n, text->len - at);
  copy = g_memdup2 (text->str + at, n);
  for (gsize i = 0; n > 0 && i < times; i++)
    g_string_insert_len (text, (gssize) at, copy, (gssize) n);
}

static void
mutate (GString *text, GRand *random)
{
  gsize at = choose (random, text->len);

  switch (choose (random, 8))
    {
    case 0:
      erase (text, random);
      break;
    case 1:
      repeat (text, random);
      break;
    case 2:
      insert_piece (text, random, corpus);
      break;
    case 3:
    case 4:
      insert_piece (text, random, words);
      break;
    case 5:
      g_string_truncate (text, at);
      break;
    case 6:
      if (text->len > 0)
        text->str[at] = (char) g_rand_int (random);
      break;
    default:
      if (text->len > 0)
        text->str[at] = replacements[choose (random, G_N_ELEMENTS (replacements))];
      break;
    }
}

static void
run_mutations (guint n_runs, guint seed)
{
  g_autoptr(GRand) random = g_rand_new_with_seed (seed);
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; i < n_runs; i++)
    {
      gsize length;
      const char *data = g_bytes_get_data (corpus->pdata[choose (random, corpus->len)], &length);
      gsize n = 1 + choose (random, MAX_MUTATIONS);

      g_string_truncate (text, 0);
      g_string_append_len (text, data, (gssize) length);
      for (gsize j = 0; j < n; j++)
        mutate (text, random);
      if (text->len > MAX_LENGTH)
        g_string_truncate (text, MAX_LENGTH);
      run (text->str, text->len);
    }
}

/* Files */

static void
add_file (const char *path)
{
  g_autoptr(GError) error = NULL;
  char *text = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, &error))
    g_error ("%s", error->message);

  g_ptr_array_add (corpus, g_bytes_new_take (text, length));
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Sorted by name, so that a seed gives the same inputs on all machines. */
static void
add_folder (const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GDir) dir = g_dir_open (path, 0, &error);
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  if (dir == NULL)
    g_error ("%s", error->message);

  while ((name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (paths, g_build_filename (path, name, NULL));
  g_ptr_array_sort (paths, compare_names);
  for (guint i = 0; i < paths->len; i++)
    add_file (paths->pdata[i]);
}

/* A line of a dictionary of libFuzzer: a comment, or [name=]"text" with \\, \" and \xAB. */
static void
add_word (const char *line)
{
  g_autoptr(GString) word = g_string_new (NULL);
  const char *start = *line != '#' ? strchr (line, '"') : NULL;
  const char *end = start != NULL ? strrchr (line, '"') : NULL;

  if (start == end)
    return;

  for (const char *p = start + 1; p < end; p++)
    if (p[0] == '\\' && p[1] == 'x' && g_ascii_isxdigit (p[2]) && g_ascii_isxdigit (p[3]))
      {
        g_string_append_c (word, (char) (g_ascii_xdigit_value (p[2]) * 16 + g_ascii_xdigit_value (p[3])));
        p += 3;
      }
    else
      {
        p += *p == '\\';
        g_string_append_c (word, *p);
      }
  g_ptr_array_add (words, g_string_free_to_bytes (g_steal_pointer (&word)));
}

static void
add_dictionary (const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, &error))
    g_error ("%s", error->message);

  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    add_word (lines[i]);
}

/* A failed assertion aborts the program. Prints the input, so that it can be added to the corpus. */
static void
show_input (int number)
{
  g_autofree char *base64 = g_base64_encode ((const guchar *) current, current_length);

  g_printerr ("input (Base64): %s\n", base64);
  signal (number, SIG_DFL);
  raise (number);
}

int
main (int argc, char *argv[])
{
  guint n_runs = 0, seed = 1, n_inputs = 0;

  corpus = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  words = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  signal (SIGABRT, show_input);
  signal (SIGTRAP, show_input);
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_FATAL_MASK);
  for (int i = 1; i < argc; i++)
    if (g_str_has_prefix (argv[i], "--runs="))
      n_runs = (guint) strtoul (argv[i] + strlen ("--runs="), NULL, 10);
    else if (g_str_has_prefix (argv[i], "--seed="))
      seed = (guint) strtoul (argv[i] + strlen ("--seed="), NULL, 10);
    else if (g_str_has_prefix (argv[i], "--dict="))
      add_dictionary (argv[i] + strlen ("--dict="));
    else
      add_folder (argv[i]);
  if (corpus->len == 0)
    g_error ("The corpus is empty");
  if (g_getenv ("OAI_FUZZ_STEP") != NULL)
    step = MAX (1, (guint) strtoul (g_getenv ("OAI_FUZZ_STEP"), NULL, 10));
  n_runs /= step;

  for (guint i = 0; i < corpus->len; i++)
    {
      gsize length;
      const char *data = g_bytes_get_data (corpus->pdata[i], &length);

      n_inputs += run_systematically (data, length);
    }
  run_mutations (n_runs, seed);
  g_print ("%u files, %u inputs and %u mutations\n", corpus->len, n_inputs, n_runs);
  g_ptr_array_unref (corpus);
  g_ptr_array_unref (words);

  return 0;
}
