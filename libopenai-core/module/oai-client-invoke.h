/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sends requests that are described by method, path and JSON text. */

#pragma once

#include "oai-call-options.h"
#include "oai-client.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
char *oai_client_invoke (OaiClient *self, const char *method, const char *path, const char *body_json, OaiCallOptions *options, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_client_invoke_async (OaiClient *self, const char *method, const char *path, const char *body_json, OaiCallOptions *options, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
char *oai_client_invoke_finish (OaiClient *self, GAsyncResult *result, GError **error);

G_END_DECLS
