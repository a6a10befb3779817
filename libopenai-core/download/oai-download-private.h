/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Saves bodies of replies to files. */

#pragma once

#include <gio/gio.h>

#include "oai-version.h"

G_BEGIN_DECLS

/* Writes body to a temporary file beside target, and renames it when it is complete.  On an
 * error, and when it is cancelled, the temporary file is deleted and target stays unchanged.
 * The new file has the mode of the file that it replaces.  A symbolic link is replaced, and its
 * target stays.  Always closes body.  expected: the number of bytes, or -1 if it is unknown;
 * another length is an error.  Without overwrite, an existing target is G_IO_ERROR_EXISTS. */
void oai_download_save_async (GInputStream *body, GFile *target, goffset expected, gboolean overwrite, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* The number of bytes that were written, or -1. */
_OAI_INTERNAL
goffset oai_download_save_finish (GAsyncResult *result, GError **error);

/* Writes bytes to a file that only the user can read, and replaces what has this name.  Ends with
 * oai_download_save_finish(). */
void oai_download_save_private_async (GBytes *bytes, GFile *target, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);

/* The same in two steps, if the body has to be requested first: errors of the target are
 * reported, and the temporary file is created, before the request. */
typedef struct _OaiDownload OaiDownload;
_OAI_INTERNAL
void oai_download_prepare_async (GFile *target, gboolean overwrite, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* The result is passed to one of the next two functions, which take it. */
_OAI_INTERNAL
OaiDownload *oai_download_prepare_finish (GAsyncResult *result, GError **error);
/* Ends with oai_download_save_finish(). */
_OAI_INTERNAL
void oai_download_fill_async (OaiDownload *self, GInputStream *body, goffset expected, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* There is no body: deletes the temporary file.  oai_download_save_finish() returns the error.
 * Takes error. */
_OAI_INTERNAL
void oai_download_abandon_async (OaiDownload *self, GError *error, GAsyncReadyCallback callback, gpointer user_data);

/* The two steps for a task that returns TRUE when the body is saved.  The download is the data
 * of the task.  All functions take the task; ready() has to call one of the others. */
typedef void (*OaiDownloadReady) (GTask *task);
_OAI_INTERNAL
void oai_download_task_prepare (GTask *task, GFile *target, gboolean overwrite, OaiDownloadReady ready);
_OAI_INTERNAL
void oai_download_task_save (GTask *task, GInputStream *body, goffset expected);
/* A body of unknown length; an empty one is an error. */
_OAI_INTERNAL
void oai_download_task_save_some (GTask *task, GInputStream *body);
/* Takes error. */
_OAI_INTERNAL
void oai_download_task_fail (GTask *task, GError *error);

G_END_DECLS
