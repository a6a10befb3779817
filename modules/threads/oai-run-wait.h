/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-threads-types.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
OaiRun *oai_run_wait (OaiRun *self, guint interval, gint64 timeout, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_run_wait_async (OaiRun *self, guint interval, gint64 timeout, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiRun *oai_run_wait_finish (OaiRun *self, GAsyncResult *result, GError **error);

G_END_DECLS
