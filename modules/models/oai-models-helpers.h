/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-models-endpoint.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
gboolean oai_model_is_fine_tuned (OaiModel *self);

OAI_AVAILABLE_IN_1_0
gboolean oai_models_endpoint_delete_fine_tuned_model (OaiModelsEndpoint *self, const char *model, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_models_endpoint_delete_fine_tuned_model_async (OaiModelsEndpoint *self, const char *model, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_models_endpoint_delete_fine_tuned_model_finish (OaiModelsEndpoint *self, GAsyncResult *result, GError **error);

G_END_DECLS
