/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Strict reading of values of headers with parameters: "text/plain; charset=utf-8". */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Returns the part before the parameters in lower case, and advances *rest past it.  NULL if it is empty or contains
 * other characters than those of tokens and "/". */
char *oai_header_read_value (const char **rest);
/* Reads the next parameter, and advances *rest past it.  name is in lower case.  Returns FALSE at the end, and if the
 * text is invalid; then *rest does not point to a NUL.  A backslash before a quote is invalid, since readers
 * interpret it differently. */
gboolean oai_header_read_parameter (const char **rest, char **name, char **value);

G_END_DECLS
