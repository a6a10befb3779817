/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Paths of operations, with {parameters} in them. */

#pragma once

#include <gio/gio.h>

#include "oai-json-types-private.h"

G_BEGIN_DECLS

/* Replaces each {parameter} of template by its argument, percent-encoded as one
 * segment; refuses empty ones and dot segments. arguments: in order. */
_OAI_INTERNAL
char *oai_path_expand (const char *template_, const char *const *arguments, GError **error);
/* The same with arguments by name: a JSON object. */
char *oai_path_expand_named (const char *template_, OaiJsonDoc *doc, OaiJsonNode arguments, GError **error);

/* Refuses dot segments in a path that is given as it is. */
gboolean oai_path_check (const char *path, GError **error);

/* One percent-encoded path segment; refuses an empty one and dot segments. name: of the
 * parameter, for the error. */
char *oai_path_segment (const char *name, const char *text, GError **error);

G_END_DECLS
