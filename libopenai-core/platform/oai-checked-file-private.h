/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Opens files, and checks who owns them and who can write to them. */

#pragma once

#include <glib.h>

#include "oai-version.h"

G_BEGIN_DECLS

typedef struct
{
  guint32 owner; /* user id */
  guint32 mode;  /* permissions as on Unix, such as 0644 */
} OaiFileStatus;

/* A file in a directory.  Both were opened before their status was read, so that what was checked
 * is what is read. */
typedef struct
{
  int fd;        /* of the file, or -1 if it cannot be opened */
  int error;     /* errno, if fd is -1 */
  OaiFileStatus directory;
  OaiFileStatus file;
} OaiCheckedFile;

/* Returns a descriptor, or -1 with errno.  Only regular files are opened. */
_OAI_INTERNAL
int oai_checked_file_open_path (const char *path, OaiFileStatus *status);
/* Returns FALSE if the directory contains no regular file of that name. */
gboolean oai_checked_file_open (OaiCheckedFile *self, const char *directory, const char *name);
/* Reads until the end of the file or until the buffer is full.  Returns FALSE with errno. */
_OAI_INTERNAL
gboolean oai_checked_file_read (int fd, char *buffer, gsize size, gsize *length);
_OAI_INTERNAL
void oai_checked_file_close (int fd);

/* The user whose permissions count.  On systems without owners of files, all files belong to it
 * and are private. */
_OAI_INTERNAL
guint32 oai_checked_file_get_user (void);

G_END_DECLS
