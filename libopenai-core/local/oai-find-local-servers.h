/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Finds servers on this machine. */

#pragma once

#include "oai-local-server.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
GListModel *oai_find_local_servers (GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_find_local_servers_async (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
GListModel *oai_find_local_servers_finish (GAsyncResult *result, GError **error);

G_END_DECLS
