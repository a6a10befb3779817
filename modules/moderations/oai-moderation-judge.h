/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-moderations-endpoint.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
gboolean oai_moderations_endpoint_judge (OaiModerationsEndpoint *self, const char *text, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_moderations_endpoint_judge_async (OaiModerationsEndpoint *self, const char *text, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_moderations_endpoint_judge_finish (OaiModerationsEndpoint *self, GAsyncResult *result, GError **error);

G_END_DECLS
