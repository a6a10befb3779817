/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-fine-tuning-types.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
OaiFineTuningJob *oai_fine_tuning_job_wait (OaiFineTuningJob *self, guint interval, gint64 timeout, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_fine_tuning_job_wait_async (OaiFineTuningJob *self, guint interval, gint64 timeout, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiFineTuningJob *oai_fine_tuning_job_wait_finish (OaiFineTuningJob *self, GAsyncResult *result, GError **error);

G_END_DECLS
