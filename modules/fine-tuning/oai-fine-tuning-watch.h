/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reports the events of a fine-tuning job. */

#pragma once

#include "oai-fine-tuning-endpoint.h"

G_BEGIN_DECLS

#define OAI_TYPE_FINE_TUNING_WATCH (oai_fine_tuning_watch_get_type ())
OAI_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (OaiFineTuningWatch, oai_fine_tuning_watch, OAI, FINE_TUNING_WATCH, GObject)

OAI_AVAILABLE_IN_1_0
OaiFineTuningWatch *oai_fine_tuning_watch_new (OaiFineTuningEndpoint *endpoint, const char *job_id);
OAI_AVAILABLE_IN_1_0
OaiFineTuningEndpoint *oai_fine_tuning_watch_get_endpoint (OaiFineTuningWatch *self);
OAI_AVAILABLE_IN_1_0
const char *oai_fine_tuning_watch_get_job_id (OaiFineTuningWatch *self);
OAI_AVAILABLE_IN_1_0
OaiFineTuningJob *oai_fine_tuning_watch_get_job (OaiFineTuningWatch *self);
OAI_AVAILABLE_IN_1_0
guint oai_fine_tuning_watch_get_interval_ms (OaiFineTuningWatch *self);
OAI_AVAILABLE_IN_1_0
void oai_fine_tuning_watch_set_interval_ms (OaiFineTuningWatch *self, guint interval_ms);

OAI_AVAILABLE_IN_1_0
OaiFineTuningJob *oai_fine_tuning_watch_run (OaiFineTuningWatch *self, GCancellable *cancellable, GError **error);
OAI_AVAILABLE_IN_1_0
void oai_fine_tuning_watch_run_async (OaiFineTuningWatch *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
OAI_AVAILABLE_IN_1_0
OaiFineTuningJob *oai_fine_tuning_watch_run_finish (OaiFineTuningWatch *self, GAsyncResult *result, GError **error);

G_END_DECLS
