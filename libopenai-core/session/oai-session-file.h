/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sessions in files. */

#pragma once

#include "oai-session.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
gboolean oai_session_save (OaiSession *self, GFile *file, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_session_save_async (OaiSession *self, GFile *file, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_session_save_finish (OaiSession *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
gboolean oai_session_delete_file (OaiSession *self, GFile *file, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_session_delete_file_async (OaiSession *self, GFile *file, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_session_delete_file_finish (OaiSession *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
OaiSession *oai_session_restore_file (GType type, OaiClient *client, GFile *file, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_session_restore_file_async (GType type, OaiClient *client, GFile *file, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiSession *oai_session_restore_file_finish (GAsyncResult *result, GError **error);

G_END_DECLS
