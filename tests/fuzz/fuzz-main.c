/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs a fuzz target over the files of its corpus, where no libFuzzer does:
 * each whole, cut at each place, and with each byte replaced by a few others. */

#include "fuzz.h"

#include <gio/gio.h>

static const char replacements[] = { '\0', '"', '\\', '\n', '\r', '[', '}', ':', '9', '\200', '\377' };

static guint
run (const char *text, gsize length)
{
  g_autofree char *changed = g_memdup2 (text, length);
  guint n_inputs = 1;

  LLVMFuzzerTestOneInput ((const uint8_t *) text, length);
  for (gsize i = 0; i < length; i++, n_inputs++)
    {
      g_autofree char *cut = g_memdup2 (text, i);

      LLVMFuzzerTestOneInput ((const uint8_t *) cut, i);
      for (guint j = 0; j < G_N_ELEMENTS (replacements); j++, n_inputs++)
        {
          changed[i] = replacements[j];
          LLVMFuzzerTestOneInput ((const uint8_t *) changed, length);
        }
      changed[i] = text[i];
    }

  return n_inputs;
}

static guint
run_file (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, &error))
    g_error ("%s", error->message);

  return run (text, length);
}

int
main (int argc, char *argv[])
{
  guint n_files = 0, n_inputs = 0;

  for (int i = 1; i < argc; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GDir) dir = g_dir_open (argv[i], 0, &error);
      const char *name;

      if (dir == NULL)
        g_error ("%s", error->message);
      for (; (name = g_dir_read_name (dir)) != NULL; n_files++)
        {
          g_autofree char *path = g_build_filename (argv[i], name, NULL);

          n_inputs += run_file (path);
        }
    }
  g_print ("%u files, %u inputs\n", n_files, n_inputs);

  return n_files > 0 ? 0 : 1;
}
