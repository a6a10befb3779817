/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The turns of sessions: from a message of the user to the last reply of the model. */

#pragma once

#include "oai-session.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
OaiSessionItem *oai_session_send (OaiSession *self, const char *text, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_session_send_async (OaiSession *self, const char *text, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiSessionItem *oai_session_send_finish (OaiSession *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
OaiSessionItem *oai_session_retry (OaiSession *self, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_session_retry_async (OaiSession *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiSessionItem *oai_session_retry_finish (OaiSession *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
OaiSessionItem *oai_session_edit (OaiSession *self, OaiSessionItem *item, const char *text, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_session_edit_async (OaiSession *self, OaiSessionItem *item, const char *text, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiSessionItem *oai_session_edit_finish (OaiSession *self, GAsyncResult *result, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_session_stop (OaiSession *self);

G_END_DECLS
