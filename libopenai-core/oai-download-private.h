/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Bodies of replies into files. */

#pragma once

#include <gio/gio.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* A name from a server, made one that stays in the directory it is put in: no
 * separators, no leading dots, nothing reserved, at most 200 bytes, never empty. */
_OAI_INTERNAL
char *oai_download_name_sanitise (const char *name);

/* Writes body beside target under another name, and gives it that of target when it
 * is whole; on an error or when cancelled nothing is left, and what was there before
 * stays.  Closes body in any case.  expected: bytes, -1 unknown; a body of another
 * length is an error.  Without overwrite, a target that exists is G_IO_ERROR_EXISTS. */
_OAI_INTERNAL
void oai_download_save_async (GInputStream *body, GFile *target, goffset expected, gboolean overwrite, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* How many bytes were written, or -1. */
_OAI_INTERNAL
goffset oai_download_save_finish (GAsyncResult *result, GError **error);

/* For tasks that end with TRUE when what they get is saved: the target is their data. */
_OAI_INTERNAL
void oai_download_task_set_target (GTask *task, GFile *target, gboolean overwrite);
/* Takes the task. */
_OAI_INTERNAL
void oai_download_task_save (GTask *task, GInputStream *body, goffset expected);

G_END_DECLS
