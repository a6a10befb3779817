/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-paged-list.h"
#include "oai-threads-types.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
gboolean oai_run_is_active (OaiRun *self);
OAI_AVAILABLE_IN_1_0
GPtrArray *oai_run_get_tool_calls (OaiRun *self);

OAI_AVAILABLE_IN_1_0
OaiPagedList *oai_run_list_messages (OaiRun *self, OaiThreadMessageListQuery *query, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_run_list_messages_async (OaiRun *self, OaiThreadMessageListQuery *query, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiPagedList *oai_run_list_messages_finish (OaiRun *self, GAsyncResult *result, GError **error);

OAI_AVAILABLE_IN_1_0
void oai_run_tool_outputs_request_append (OaiRunToolOutputsRequest *self, const char *tool_call_id, const char *output);

G_END_DECLS
