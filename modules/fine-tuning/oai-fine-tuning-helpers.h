/* SPDX-License-Identifier: LGPL-2.1-or-later */

#pragma once

#include "oai-fine-tuning-types.h"

G_BEGIN_DECLS

OAI_AVAILABLE_IN_1_0
OaiFineTuningMethod *oai_fine_tuning_method_new_for_supervised (OaiFineTuningHyperparameters *hyperparameters);
OAI_AVAILABLE_IN_1_0
OaiFineTuningMethod *oai_fine_tuning_method_new_for_dpo (OaiFineTuningHyperparameters *hyperparameters);
OAI_AVAILABLE_IN_1_0
OaiFineTuningMethod *oai_fine_tuning_method_new_for_reinforcement (OaiGrader *grader, OaiFineTuningHyperparameters *hyperparameters);
OAI_AVAILABLE_IN_1_0
OaiFineTuningHyperparameters *oai_fine_tuning_method_get_hyperparameters (OaiFineTuningMethod *self);
OAI_AVAILABLE_IN_1_0
OaiGrader *oai_fine_tuning_method_get_grader (OaiFineTuningMethod *self);

OAI_AVAILABLE_IN_1_0
void oai_fine_tuning_job_request_add_wandb (OaiFineTuningJobRequest *self, const char *project);

OAI_AVAILABLE_IN_1_0
gboolean oai_fine_tuning_job_is_finished (OaiFineTuningJob *self);
OAI_AVAILABLE_IN_1_0
OaiFineTuningMetrics *oai_fine_tuning_event_dup_metrics (OaiFineTuningEvent *self);

G_END_DECLS
