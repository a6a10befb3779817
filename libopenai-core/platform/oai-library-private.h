/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Finds shared libraries of which the file name is known, but not the directory.  Without support of
 * the system, none are found. */

#pragma once

#include <glib.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* The absolute path of a library that the process has open, or NULL. */
_OAI_INTERNAL
char *oai_library_find_open (const char *file_name);
/* The absolute path of a library in the directories of the dynamic linker, or NULL with the reason.
 * A library that cannot be opened is found, too. */
char *oai_library_find_installed (const char *file_name, char **reason);
/* Calls func with the path of each library that the process has open. */
void oai_library_foreach_open (void (*func) (const char *path, gpointer user_data), gpointer user_data);

G_END_DECLS
