/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Moves a key file into the user's keyring. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Stores the contents of the file, reads them back, and only then removes the file.  On any failure, the
 * file stays as it is. */
void oai_key_move_async (const char *path, const char *service, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* Returns the stored text, to be freed with oai_secret_free(). */
char *oai_key_move_finish (GAsyncResult *result, GError **error);

G_END_DECLS
