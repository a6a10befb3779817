/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-run-stream.h"
#include "oai-threads-types.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
char *oai_thread_message_dup_text (OaiThreadMessage *self);
OAI_AVAILABLE_IN_1_0
OaiThreadMessageRequest *oai_thread_message_request_new_user (const char *text);
OAI_AVAILABLE_IN_1_0
OaiThreadRequest *oai_thread_request_new_for_text (const char *text);

OAI_AVAILABLE_IN_1_0
OaiRun *oai_assistant_create_thread_and_run (OaiAssistant *self, OaiThreadRequest *thread, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_assistant_create_thread_and_run_async (OaiAssistant *self, OaiThreadRequest *thread, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiRun *oai_assistant_create_thread_and_run_finish (OaiAssistant *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
OaiRunStream *oai_assistant_create_thread_and_run_stream (OaiAssistant *self, OaiThreadRequest *thread);

G_END_DECLS
