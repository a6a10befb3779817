/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-assistant-delete.h"

#include "oai-assistants-endpoint.h"
#include "oai-client.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-sync-private.h"

/* The assistant first, then its vector stores, one after the other. */
typedef struct
{
  GStrv stores;
  guint next;
} Deletion;

static void
deletion_free (gpointer data)
{
  Deletion *deletion = data;

  g_strfreev (deletion->stores);
  g_free (deletion);
}

static void delete_next (GTask *task);

static void
store_deleted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;

  g_free (oai_client_request_finish (OAI_CLIENT (source), result, &error));
  /* One that is gone already is as good. */
  if (error == NULL || g_error_matches (error, OAI_ERROR, OAI_ERROR_NOT_FOUND))
    {
      g_clear_error (&error);
      delete_next (task);
      return;
    }

  g_task_return_error (task, error);
  g_object_unref (task);
}

static void
delete_next (GTask *task)
{
  Deletion *deletion = g_task_get_task_data (task);
  OaiClient *client = oai_record_get_client (g_task_get_source_object (task));
  g_autoptr(OaiCallOptions) options = NULL;
  g_autofree char *id = NULL;
  g_autofree char *path = NULL;

  if (deletion->stores[deletion->next] == NULL)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }

  options = oai_call_options_new ();
  oai_call_options_set_header (options, "OpenAI-Beta", "assistants=v2");
  id = g_uri_escape_string (deletion->stores[deletion->next++], NULL, FALSE);
  path = g_strconcat ("vector_stores/", id, NULL);
  oai_client_request_async (client, "DELETE", path, NULL, options, g_task_get_cancellable (task), store_deleted_cb, task);
}

static void
deleted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;
  g_autoptr(OaiAssistantDeletion) deletion = oai_assistant_delete_finish (OAI_ASSISTANT (source), result, &error);

  if (deletion != NULL && oai_assistant_deletion_get_deleted (deletion))
    {
      delete_next (task);
      return;
    }

  if (error == NULL)
    error = g_error_new_literal (OAI_ERROR, OAI_ERROR_FAILED, _("The server did not delete the assistant"));
  g_task_return_error (task, error);
  g_object_unref (task);
}

static GStrv
dup_stores (OaiAssistant *self)
{
  OaiToolResources *resources = oai_assistant_get_tool_resources (self);
  OaiFileSearchResources *search = resources != NULL ? oai_tool_resources_get_file_search (resources) : NULL;
  const char *const *stores = search != NULL ? oai_file_search_resources_get_vector_store_ids (search) : NULL;

  return stores != NULL ? g_strdupv ((char **) stores) : g_new0 (char *, 1);
}

/**
 * oai_assistant_delete_with_resources_async:
 * @self: an assistant
 * @cancellable: (nullable): cancels the calls
 * @callback: (scope async) (nullable): called when the replies are here
 * @user_data: data for @callback
 *
 * Deletes the assistant and the vector stores that it searches.
 *
 * [method@Oai.Assistant.delete_with_resources_finish] tells how it went.
 *
 * Since: 1.0
 */
void
oai_assistant_delete_with_resources_async (OaiAssistant *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  Deletion *deletion;
  GTask *task;

  g_return_if_fail (OAI_IS_ASSISTANT (self));

  deletion = g_new0 (Deletion, 1);
  deletion->stores = dup_stores (self);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_assistant_delete_with_resources_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, deletion, deletion_free);
  oai_assistant_delete_async (self, cancellable, deleted_cb, task);
}

/**
 * oai_assistant_delete_with_resources_finish:
 * @self: an assistant
 * @result: what the callback was given
 *
 * Ends [method@Oai.Assistant.delete_with_resources_async].
 *
 * Returns: %TRUE when all of it is gone
 *
 * Since: 1.0
 */
gboolean
oai_assistant_delete_with_resources_finish (OaiAssistant *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * oai_assistant_delete_with_resources:
 * @self: an assistant
 * @cancellable: (nullable): cancels the calls
 *
 * Deletes the assistant and the vector stores that it searches, as far as @self
 * knows of them. The files in them remain.
 *
 * Waits for the replies; [method@Oai.Assistant.delete_with_resources_async] does not.
 *
 * `DELETE assistants/{assistant_id}` and `DELETE vector_stores/{vector_store_id}`
 *
 * Returns: %TRUE when all of it is gone
 *
 * Since: 1.0
 */
gboolean
oai_assistant_delete_with_resources (OaiAssistant *self, GCancellable *cancellable, GError **error)
{
  OaiSync sync;
  gboolean deleted;

  g_return_val_if_fail (OAI_IS_ASSISTANT (self), FALSE);

  oai_sync_begin (&sync);
  oai_assistant_delete_with_resources_async (self, cancellable, oai_sync_ready, &sync);
  deleted = oai_assistant_delete_with_resources_finish (self, oai_sync_wait (&sync), error);
  oai_sync_end (&sync);

  return deleted;
}
