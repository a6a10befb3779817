/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Renaming without replacing a file. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Renames a local file, unless the target exists, in one step.  TRUE if it was renamed;
 * FALSE with G_IO_ERROR_EXISTS if the target exists; FALSE without an error if this is not
 * possible here. */
gboolean oai_link_file (GFile *from, GFile *to, GError **error);

G_END_DECLS
