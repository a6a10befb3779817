/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-assistant-delete.h"

#include "oai-assistants-endpoint.h"
#include "oai-call-private.h"
#include "oai-client.h"
#include "oai-client-invoke.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-blocking-call-private.h"
#include "oai-path-template-private.h"

/* The vector stores one after the other, and the assistant at last: as long as it
 * is there, it can be asked once more for what is left. */
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

static void
remember_call (GTask *task, GAsyncResult *result)
{
  OaiCall *call = oai_call_from_result (result);

  if (call != NULL)
    oai_call_attach (call, task);
}

/* Takes error. */
static void
end_with_error (GTask *task, GError *error)
{
  g_task_return_error (task, error);
  g_object_unref (task);
}

static void
deleted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  g_autoptr(OaiAssistantDeletion) deletion = oai_assistant_delete_finish (OAI_ASSISTANT (source), result, &error);

  remember_call (task, result);
  if (error != NULL)
    g_task_return_error (task, error);
  else if (oai_assistant_deletion_get_deleted (deletion))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_FAILED, _("The server did not delete the assistant"));
}

static void delete_next (GTask *task);

/* What is said of the deletion of a store has the form of an assistant's. */
static gboolean
says_deleted (const char *reply)
{
  g_autoptr(OaiRecord) deletion = oai_record_new_from_json (OAI_TYPE_ASSISTANT_DELETION, reply != NULL ? reply : "{}", NULL);

  return deletion != NULL && oai_assistant_deletion_get_deleted (OAI_ASSISTANT_DELETION (deletion));
}

static void
store_deleted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Deletion *deletion = g_task_get_task_data (task);
  GError *error = NULL;
  g_autofree char *reply = oai_client_invoke_finish (OAI_CLIENT (source), result, &error);
  /* One that is gone already is as good. */
  gboolean gone = g_error_matches (error, OAI_ERROR, OAI_ERROR_NOT_FOUND) || (error == NULL && says_deleted (reply));

  remember_call (task, result);
  if (gone)
    {
      g_clear_error (&error);
      deletion->next++;
      delete_next (task);
      return;
    }

  if (error == NULL)
    /* Translators: %s is the name by which the server knows a vector store. */
    error = g_error_new (OAI_ERROR, OAI_ERROR_FAILED, _("The server did not delete the vector store “%s”"), deletion->stores[deletion->next]);
  end_with_error (task, error);
}

static void
delete_next (GTask *task)
{
  Deletion *deletion = g_task_get_task_data (task);
  OaiAssistant *self = g_task_get_source_object (task);
  g_autoptr(OaiCallOptions) options = NULL;
  g_autofree char *path = NULL;
  GError *error = NULL;

  if (deletion->stores[deletion->next] == NULL)
    {
      oai_assistant_delete_async (self, g_task_get_cancellable (task), deleted_cb, task);
      return;
    }

  path = oai_path_expand ("vector_stores/{vector_store_id}", (const char *const[]) { deletion->stores[deletion->next], NULL }, &error);
  if (path == NULL)
    {
      end_with_error (task, error);
      return;
    }

  options = oai_call_options_new ();
  oai_call_options_set_header (options, "OpenAI-Beta", "assistants=v2");
  oai_client_invoke_async (oai_record_get_client (OAI_RECORD (self)), "DELETE", path, NULL, options,
                            g_task_get_cancellable (task), store_deleted_cb, task);
}

/* No store is deleted of an assistant that could not be. */
static gboolean
check_assistant (OaiAssistant *self, GError **error)
{
  g_autofree char *path = NULL;

  if (oai_record_get_client (OAI_RECORD (self)) == NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The record is not associated with a client, so no request can be sent"));
      return FALSE;
    }
  path = oai_path_expand ("assistants/{assistant_id}", (const char *const[]) { oai_assistant_get_id (self), NULL }, error);

  return path != NULL;
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
 * Deletes the vector stores that the assistant searches, and the assistant.
 *
 * [method@Oai.Assistant.delete_with_resources_finish] tells how it went.
 *
 * Since: 1.0
 */
void
oai_assistant_delete_with_resources_async (OaiAssistant *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  Deletion *deletion;
  GError *error = NULL;
  GTask *task;

  g_return_if_fail (OAI_IS_ASSISTANT (self));

  deletion = g_new0 (Deletion, 1);
  deletion->stores = dup_stores (self);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_assistant_delete_with_resources_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, deletion, deletion_free);
  if (check_assistant (self, &error))
    delete_next (task);
  else
    end_with_error (task, error);
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
 * Deletes the vector stores that the assistant searches, as far as @self knows of
 * them, and the assistant. The files in them remain.
 *
 * The assistant goes last, and stores that are gone already are no error: where
 * it fails on the way, call it again for what is left.
 *
 * Waits for the replies; [method@Oai.Assistant.delete_with_resources_async] does not.
 *
 * `DELETE vector_stores/{vector_store_id}` and `DELETE assistants/{assistant_id}`
 *
 * Returns: %TRUE when all of it is gone
 *
 * Since: 1.0
 */
gboolean
oai_assistant_delete_with_resources (OaiAssistant *self, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  gboolean deleted;

  g_return_val_if_fail (OAI_IS_ASSISTANT (self), FALSE);

  oai_blocking_call_begin (&sync);
  oai_assistant_delete_with_resources_async (self, cancellable, oai_blocking_call_ready, &sync);
  deleted = oai_assistant_delete_with_resources_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return deleted;
}
