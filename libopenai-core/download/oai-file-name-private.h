/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Names of downloaded files. */

#pragma once

#include <glib.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* Makes a safe file name from a name that a server sent: it contains no separators, does not begin
 * with a dot, is not reserved on any system, has at most 200 bytes, and is never empty.
 * name: nullable */
_OAI_INTERNAL
char *oai_file_name_sanitize (const char *name);

G_END_DECLS
