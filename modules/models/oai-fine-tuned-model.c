/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-models-methods-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-method.h"

gboolean
oai_model_is_fine_tuned (OaiModel *self)
{
  const char *id;

  g_return_val_if_fail (OAI_IS_MODEL (self), FALSE);

  id = oai_model_get_id (self);
  if (id == NULL)
    return FALSE;

  return g_str_has_prefix (id, "ft:") || strstr (id, ":ft-") != NULL;
}

static void
deleted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  const char *model = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr(OaiModelDeletion) deletion = oai_models_endpoint_delete_model_finish (OAI_MODELS_ENDPOINT (source), result, &error);

  oai_method_attach_call (task, result);
  if (error != NULL)
    g_task_return_error (task, error);
  else if (oai_model_deletion_get_deleted (deletion))
    g_task_return_boolean (task, TRUE);
  else
    /* Translators: %s is the name of a model. */
    g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_FAILED, _("The server did not delete the model “%s”."), model);
}

void
oai_models_endpoint_delete_fine_tuned_model_start (OaiModelsEndpoint *self, const char *model, GTask *task)
{
  g_task_set_task_data (task, g_strdup (model), g_free);
  oai_models_endpoint_delete_model_async (self, model, g_task_get_cancellable (task), deleted_cb, task);
}
