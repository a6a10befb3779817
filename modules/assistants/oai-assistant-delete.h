/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-assistants-types.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
gboolean oai_assistant_delete_with_resources (OaiAssistant *self, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_assistant_delete_with_resources_async (OaiAssistant *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_assistant_delete_with_resources_finish (OaiAssistant *self, GAsyncResult *result, GError **error);

G_END_DECLS
