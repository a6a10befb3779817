/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads files that decide who may use the proxy, after a check of their permissions. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Identifies the contents of a file, to notice when it is replaced or changed. */
typedef struct
{
  guint64 device;
  guint64 inode;
  gint64 size;
  gint64 modified_ns;
  gint64 changed_ns;
} OaiFileStamp;

/* All zero if the file cannot be found. */
void oai_file_stamp_read (OaiFileStamp *self, const char *path);
gboolean oai_file_stamp_equal (const OaiFileStamp *a, const OaiFileStamp *b);

/* Returns NUL-terminated text, which the caller frees with oai_secret_free().  Fails if the file belongs to another
 * user than the one of the process or root, or if others can write to it.  is_secret: fails also if others can read it;
 * otherwise, this is logged.  A file that contains NUL is invalid. */
char *oai_secret_file_read (const char *path, gsize max_size, gboolean is_secret, OaiFileStamp *stamp, GError **error);

G_END_DECLS
