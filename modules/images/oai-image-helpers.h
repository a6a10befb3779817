/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-images-types.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
GBytes *oai_image_dup_bytes (OaiImage *self);
OAI_AVAILABLE_IN_1_0
GBytes *oai_image_load_bytes (OaiImage *self, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_image_load_bytes_async (OaiImage *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
GBytes *oai_image_load_bytes_finish (OaiImage *self, GAsyncResult *result, GError **error);

OAI_AVAILABLE_IN_1_0
gboolean oai_image_save (OaiImage *self, GFile *target, gboolean overwrite, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_image_save_async (OaiImage *self, GFile *target, gboolean overwrite, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
gboolean oai_image_save_finish (OaiImage *self, GAsyncResult *result, GError **error);

G_END_DECLS
