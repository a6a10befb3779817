/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Texts in the user's keyring.  Without libsecret, all functions fail. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

void oai_keyring_lookup_async (const char *service, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* To be freed with oai_secret_free(). */
char *oai_keyring_lookup_finish (GAsyncResult *result, GError **error);
void oai_keyring_store_async (const char *service, const char *text, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
void oai_keyring_remove_async (const char *service, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* May show a prompt of the keyring. */
void oai_keyring_unlock_async (const char *service, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* Finishes storing, removing and unlocking. */
gboolean oai_keyring_change_finish (GAsyncResult *result, GError **error);

G_END_DECLS
