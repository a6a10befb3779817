/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* For the functions of the types of sessions that read files. */

#pragma once

#include "oai-session-file.h"

G_BEGIN_DECLS

/* client: nullable */
_OAI_INTERNAL
OaiSession *oai_session_load (GType type, OaiClient *client, GFile *file, GCancellable *cancellable, GError **error);
_OAI_INTERNAL
void oai_session_load_async (GType type, OaiClient *client, GFile *file, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
_OAI_INTERNAL
OaiSession *oai_session_load_finish (GAsyncResult *result, GError **error);

G_END_DECLS
