/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads files as a whole. */

#pragma once

#include <gio/gio.h>

#include "oai-version.h"

G_BEGIN_DECLS

#define OAI_WHOLE_FILE_MAX (1024 * 1024 * 1024) /* bytes */

/* Takes ownership of task and bytes. */
typedef void (*OaiWholeFileLoaded) (GTask *task, GFile *file, GBytes *bytes);

/* Loads a file for a task.  An error is returned by the task: OAI_ERROR_INVALID_ARGUMENT if the file is too large, and
 * G_IO_ERROR_NOT_REGULAR_FILE for a pipe or a device, which would have no end.  Takes ownership of task. */
_OAI_INTERNAL
void oai_whole_file_load (GTask *task, GFile *file, OaiWholeFileLoaded loaded);

/* Fails if the file is a pipe, a socket or a device.  info: with standard::type, if the file system knows it */
gboolean oai_whole_file_check (GFile *file, GFileInfo *info, GError **error);

/* Returns a name for messages. */
char *oai_whole_file_dup_name (GFile *file);

G_END_DECLS
