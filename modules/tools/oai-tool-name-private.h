/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Names of tools. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Returns a name that the API accepts.  prefix may be NULL.  Other characters become underscores; a
 * name that is too long is truncated, and a hash is appended. */
char *oai_tool_name_new (const char *prefix, const char *name);

G_END_DECLS
