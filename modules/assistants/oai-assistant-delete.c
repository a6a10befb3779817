/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-assistants-methods-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-method.h"
#include "oai-path-template-private.h"

/* Deletes the vector stores one after the other, then the assistant.  If it fails, the method can
 * be called again. */
typedef struct
{
  OaiAssistantsEndpoint *endpoint;
  GStrv stores;
  guint next;
} Deletion;

static void
deletion_free (gpointer data)
{
  Deletion *deletion = data;

  g_clear_object (&deletion->endpoint);
  g_strfreev (deletion->stores);
  g_free (deletion);
}

/* Takes ownership of task and error. */
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
  g_autoptr(OaiAssistantDeletion) deletion = oai_assistant_delete_assistant_finish (OAI_ASSISTANT (source), result, &error);

  oai_method_attach_call (task, result);
  if (error != NULL)
    g_task_return_error (task, error);
  else if (oai_assistant_deletion_get_deleted (deletion))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_FAILED, _("The server did not delete the assistant"));
}

static void delete_next (GTask *task);

static void
store_deleted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Deletion *deletion = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr(OaiAssistantVectorStoreDeletion) reply = oai_assistants_endpoint_delete_vector_store_finish (OAI_ASSISTANTS_ENDPOINT (source), result, &error);

  oai_method_attach_call (task, result);
  /* A store that does not exist counts as deleted. */
  if (g_error_matches (error, OAI_ERROR, OAI_ERROR_NOT_FOUND))
    g_clear_error (&error);
  else if (error == NULL && !oai_assistant_vector_store_deletion_get_deleted (reply))
    /* Translators: %s is the name by which the server knows a vector store. */
    error = g_error_new (OAI_ERROR, OAI_ERROR_FAILED, _("The server did not delete the vector store “%s”"), deletion->stores[deletion->next]);
  if (error != NULL)
    {
      end_with_error (task, error);
      return;
    }

  deletion->next++;
  delete_next (task);
}

/* Takes ownership of task. */
static void
delete_next (GTask *task)
{
  Deletion *deletion = g_task_get_task_data (task);

  if (deletion->stores[deletion->next] == NULL)
    oai_assistant_delete_assistant_async (g_task_get_source_object (task), g_task_get_cancellable (task), deleted_cb, task);
  else
    oai_assistants_endpoint_delete_vector_store_async (deletion->endpoint, deletion->stores[deletion->next], g_task_get_cancellable (task), store_deleted_cb, task);
}

/* Fails before stores are deleted if the assistant cannot be deleted. */
static gboolean
check_identifier (OaiAssistant *self, GError **error)
{
  g_autofree char *path = oai_path_expand ("{assistant_id}", (const char *const[]) { oai_assistant_get_id (self), NULL }, error);

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

void
oai_assistant_delete_with_resources_start (OaiAssistant *self, GTask *task)
{
  Deletion *deletion = g_new0 (Deletion, 1);
  GError *error = NULL;

  deletion->stores = dup_stores (self);
  deletion->endpoint = OAI_ASSISTANTS_ENDPOINT (oai_record_new_endpoint (OAI_RECORD (self), OAI_TYPE_ASSISTANTS_ENDPOINT, &error));
  g_task_set_task_data (task, deletion, deletion_free);
  if (deletion->endpoint != NULL && check_identifier (self, &error))
    delete_next (task);
  else
    end_with_error (task, error);
}
