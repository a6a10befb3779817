/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Names of downloads: a file name from a server never leaves its folder. */

#include "fuzz.h"

#include "oai-file-name-private.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_dup_text (data, size);
  g_autofree char *name = oai_file_name_sanitize (text);
  g_autofree char *again = oai_file_name_sanitize (name);
  g_autoptr(GFile) folder = g_file_new_for_path ("/folder");
  g_autoptr(GFile) file = g_file_get_child (folder, name);
  g_autoptr(GFile) parent = g_file_get_parent (file);

  fuzz_assert_text (name);
  g_assert_cmpstr (name, !=, "");
  g_assert_cmpuint (strlen (name), <=, 200);
  g_assert_null (strpbrk (name, "/\\<>:\"|?*\r\n\t"));
  g_assert_cmpint (name[0], !=, '.');
  g_assert_cmpint (name[strlen (name) - 1], !=, '.');
  g_assert_cmpint (name[strlen (name) - 1], !=, ' ');
  g_assert_true (g_file_equal (parent, folder));
  g_assert_cmpstr (name, ==, again);

  return 0;
}
