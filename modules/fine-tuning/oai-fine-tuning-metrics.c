/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-fine-tuning-types.h"

OaiFineTuningMetrics *
oai_fine_tuning_event_dup_metrics (OaiFineTuningEvent *self)
{
  const char *data;
  OaiRecord *metrics;

  g_return_val_if_fail (OAI_IS_FINE_TUNING_EVENT (self), NULL);

  data = oai_fine_tuning_event_get_data (self);
  if (data == NULL || g_strcmp0 (oai_fine_tuning_event_get_type_value (self), OAI_FINE_TUNING_EVENT_TYPE_METRICS) != 0)
    return NULL;

  metrics = oai_record_new_from_json (OAI_TYPE_FINE_TUNING_METRICS, data, NULL);

  return metrics != NULL ? OAI_FINE_TUNING_METRICS (metrics) : NULL;
}
