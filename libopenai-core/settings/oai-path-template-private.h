/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Paths of operations that contain {parameters}. */

#pragma once

#include <gio/gio.h>

#include "oai-json-types-private.h"

G_BEGIN_DECLS

/* Replaces each {parameter} of template with its argument, percent-encoded as one segment.
 * Refuses empty arguments and dot segments.  arguments: in the order of the parameters */
_OAI_INTERNAL
char *oai_path_expand (const char *template_, const char *const *arguments, GError **error);
/* The same with arguments by name: a JSON object. */
char *oai_path_expand_named (const char *template_, OaiJsonDoc *doc, OaiJsonNode arguments, GError **error);

/* Refuses dot segments in an encoded path. */
gboolean oai_path_check (const char *path, GError **error);

/* Encodes one path segment; refuses empty text and dot segments.  name: of the parameter, for
 * the error */
char *oai_path_segment (const char *name, const char *text, GError **error);

G_END_DECLS
