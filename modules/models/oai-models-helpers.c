/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-models-helpers.h"

#include "oai-error.h"
#include "oai-i18n-private.h"

static gboolean
check_deletion (OaiModelDeletion *deletion, GError **error)
{
  if (deletion == NULL)
    return FALSE;

  if (oai_model_deletion_get_deleted (deletion))
    return TRUE;

  /* Translators: %s is the name of a model. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_FAILED, _("The server did not delete the model “%s”."),
               oai_model_deletion_get_id (deletion) != NULL ? oai_model_deletion_get_id (deletion) : "");
  return FALSE;
}

/**
 * oai_model_is_fine_tuned:
 * @self: a model
 *
 * Whether the model comes from a fine-tuning job, going by its name.
 *
 * OpenAI calls such models `ft:gpt-4o-mini:acme::abc123`; old ones are called
 * `davinci:ft-acme-2023-03-01`.
 *
 * Returns: %TRUE if the model is a fine-tuned one
 *
 * Since: 1.0
 */
gboolean
oai_model_is_fine_tuned (OaiModel *self)
{
  const char *id = NULL;

  g_return_val_if_fail (OAI_IS_MODEL (self), FALSE);

  id = oai_model_get_id (self);
  if (id == NULL)
    return FALSE;

  return g_str_has_prefix (id, "ft:") || strstr (id, ":ft-") != NULL;
}

/**
 * oai_models_endpoint_delete_fine_tuned_model:
 * @self: a models endpoint
 * @model: the name of the model
 * @cancellable: (nullable): cancels the call
 *
 * Deletes a fine-tuned model. It takes the role of an owner in the organization.
 *
 * Fails with %OAI_ERROR_PERMISSION_DENIED without that role. It does the same as
 * [method@Oai.ModelsEndpoint.delete_model], for those who only want to know
 * whether the model is gone.
 *
 * `DELETE models/{model}`, [API reference](https://platform.openai.com/docs/api-reference/models/delete)
 *
 * Returns: %TRUE if the model is gone
 *
 * Since: 1.0
 */
gboolean
oai_models_endpoint_delete_fine_tuned_model (OaiModelsEndpoint *self,
                                             const char *model,
                                             GCancellable *cancellable,
                                             GError **error)
{
  g_autoptr(OaiModelDeletion) deletion = oai_models_endpoint_delete_model (self, model, cancellable, error);

  return check_deletion (deletion, error);
}

/**
 * oai_models_endpoint_delete_fine_tuned_model_async:
 * @self: a models endpoint
 * @model: the name of the model
 * @cancellable: (nullable): cancels the call
 * @callback: (scope async) (nullable): called when the reply is here
 * @user_data: data for @callback
 *
 * Deletes a fine-tuned model. It takes the role of an owner in the organization.
 *
 * [method@Oai.ModelsEndpoint.delete_fine_tuned_model_finish] tells whether it is gone.
 *
 * `DELETE models/{model}`, [API reference](https://platform.openai.com/docs/api-reference/models/delete)
 *
 * Since: 1.0
 */
void
oai_models_endpoint_delete_fine_tuned_model_async (OaiModelsEndpoint *self,
                                                   const char *model,
                                                   GCancellable *cancellable,
                                                   GAsyncReadyCallback callback,
                                                   gpointer user_data)
{
  oai_models_endpoint_delete_model_async (self, model, cancellable, callback, user_data);
}

/**
 * oai_models_endpoint_delete_fine_tuned_model_finish:
 * @self: a models endpoint
 * @result: what the callback was given
 *
 * Ends [method@Oai.ModelsEndpoint.delete_fine_tuned_model_async].
 *
 * Returns: %TRUE if the model is gone
 *
 * Since: 1.0
 */
gboolean
oai_models_endpoint_delete_fine_tuned_model_finish (OaiModelsEndpoint *self, GAsyncResult *result, GError **error)
{
  g_autoptr(OaiModelDeletion) deletion = oai_models_endpoint_delete_model_finish (self, result, error);

  return check_deletion (deletion, error);
}
