/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Bodies of replies into files. */

#pragma once

#include <gio/gio.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* Writes body beside target under another name, and gives it that of target when it
 * is whole; on an error or when cancelled nothing is left, and what was there before
 * stays.  The new file has the mode of the one that it replaces.  A symbolic link is
 * replaced too, not what it leads to.  Closes body in any case.  expected: bytes, -1 unknown; a body of another
 * length is an error.  Without overwrite, a target that exists is G_IO_ERROR_EXISTS. */
void oai_download_save_async (GInputStream *body, GFile *target, goffset expected, gboolean overwrite, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* How many bytes were written, or -1. */
_OAI_INTERNAL
goffset oai_download_save_finish (GAsyncResult *result, GError **error);

/* The same in two steps: errors of the target are reported, and the temporary file is created,
 * before the request is sent. */
typedef struct _OaiDownload OaiDownload;
_OAI_INTERNAL
void oai_download_prepare_async (GFile *target, gboolean overwrite, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* To be given to one of the next two, which take it. */
_OAI_INTERNAL
OaiDownload *oai_download_prepare_finish (GAsyncResult *result, GError **error);
/* Ends with oai_download_save_finish(). */
_OAI_INTERNAL
void oai_download_fill_async (OaiDownload *self, GInputStream *body, goffset expected, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* There is no body: leaves nothing, and oai_download_save_finish() gives the error back.  Takes error. */
_OAI_INTERNAL
void oai_download_abandon_async (OaiDownload *self, GError *error, GAsyncReadyCallback callback, gpointer user_data);

/* The two steps of tasks that end with TRUE when what they get is saved: their data
 * is the download.  All of these take the task; ready() has to call one of the others. */
typedef void (*OaiDownloadReady) (GTask *task);
_OAI_INTERNAL
void oai_download_task_prepare (GTask *task, GFile *target, gboolean overwrite, OaiDownloadReady ready);
_OAI_INTERNAL
void oai_download_task_save (GTask *task, GInputStream *body, goffset expected);
/* A body of no known length; it is an error if there is nothing in it. */
_OAI_INTERNAL
void oai_download_task_save_some (GTask *task, GInputStream *body);
/* Takes error. */
_OAI_INTERNAL
void oai_download_task_fail (GTask *task, GError *error);

G_END_DECLS
