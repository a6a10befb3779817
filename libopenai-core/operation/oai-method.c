/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-method.h"

#include "oai-blocking-call-private.h"
#include "oai-call-private.h"
#include "oai-download-private.h"
#include "oai-endpoint.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-operation.h"

G_STATIC_ASSERT (sizeof (OaiMethodCall) == sizeof (OaiBlockingCall));

OaiEndpoint *
oai_record_new_endpoint (OaiRecord *self, GType endpoint_type, GError **error)
{
  OaiClient *client = oai_record_get_client (self);

  if (client != NULL)
    return g_object_new (endpoint_type, "client", client, NULL);

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The record is not associated with a client, so no request can be sent"));

  return NULL;
}

GTask *
oai_method_task_new (gpointer source, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data, gpointer source_tag)
{
  GTask *task = g_task_new (source, cancellable, callback, user_data);

  g_task_set_source_tag (task, source_tag);
  g_task_set_check_cancellable (task, FALSE);

  return task;
}

gpointer
oai_method_finish (gpointer source, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, source), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
oai_method_finish_boolean (gpointer source, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, source), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
oai_method_attach_call (GTask *task, GAsyncResult *result)
{
  OaiCall *call = oai_call_find_for_result (result);

  if (call != NULL)
    oai_call_attach (call, task);
}

void
oai_method_return (GTask *task, GAsyncResult *result, gpointer value, GDestroyNotify value_free, GError *error)
{
  oai_method_attach_call (task, result);
  if (value != NULL)
    g_task_return_pointer (task, value, value_free);
  else
    g_task_return_error (task, error);
}

GTask *
oai_method_begin (OaiMethodCall *self, gpointer source, GCancellable *cancellable, gpointer source_tag)
{
  oai_blocking_call_begin ((OaiBlockingCall *) self);

  return oai_method_task_new (source, cancellable, oai_blocking_call_ready, self, source_tag);
}

gpointer
oai_method_end (OaiMethodCall *self, GError **error)
{
  gpointer result = g_task_propagate_pointer (G_TASK (oai_blocking_call_wait ((OaiBlockingCall *) self)), error);

  oai_blocking_call_end ((OaiBlockingCall *) self);

  return result;
}

gboolean
oai_method_end_boolean (OaiMethodCall *self, GError **error)
{
  gboolean result = g_task_propagate_boolean (G_TASK (oai_blocking_call_wait ((OaiBlockingCall *) self)), error);

  oai_blocking_call_end ((OaiBlockingCall *) self);

  return result;
}

gpointer
oai_method_run (gpointer self, OaiMethodAsync async, OaiMethodFinish finish, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall call;
  gpointer result;

  oai_blocking_call_begin (&call);
  async (self, cancellable, oai_blocking_call_ready, &call);
  result = finish (self, oai_blocking_call_wait (&call), error);
  oai_blocking_call_end (&call);

  return result;
}

gboolean
oai_method_narrow_query (OaiRecord **query, GType query_type, const char *member, const char *value, GError **error)
{
  GValue text = G_VALUE_INIT;

  if (value == NULL || *value == '\0')
    {
      /* Translators: %s is the name of a member of a request. */
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The record has no identifier for “%s” of the request"), member);
      return FALSE;
    }

  *query = *query != NULL ? oai_record_copy (*query) : g_object_new (query_type, NULL);
  g_value_init (&text, G_TYPE_STRING);
  g_value_set_string (&text, value);
  g_object_set_property (G_OBJECT (*query), member, &text);
  g_value_unset (&text);

  return TRUE;
}

gpointer
oai_method_get_first (GPtrArray *records, const char *member)
{
  for (guint i = 0; records != NULL && i < records->len; i++)
    if (oai_record_get_int_member (g_ptr_array_index (records, i), member) == 0)
      return g_ptr_array_index (records, i);

  return records != NULL && records->len > 0 ? g_ptr_array_index (records, 0) : NULL;
}

/* Saving */

typedef struct
{
  guint operation;
  GStrv path_arguments;
  OaiRecord *query;
  OaiRecord *request;
} SavedRequest;

static void
saved_request_free (gpointer data)
{
  SavedRequest *self = data;

  g_strfreev (self->path_arguments);
  g_clear_object (&self->query);
  g_clear_object (&self->request);
  g_free (self);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  SavedRequest *request = g_object_get_data (G_OBJECT (task), "oai-request");
  const OaiOperation *operation = &OAI_ENDPOINT_GET_CLASS (source)->operations[request->operation];
  GError *error = NULL;
  g_autoptr(GInputStream) body = oai_endpoint_open_finish (OAI_ENDPOINT (source), result, &error);

  oai_method_attach_call (task, result);
  if (body == NULL)
    oai_download_task_fail (task, error);
  else if (operation->flags & OAI_OPERATION_MEDIA)
    oai_download_task_save_some (task, body);
  else
    oai_download_task_save (task, body, -1);
}

static void
open_body (GTask *task)
{
  SavedRequest *request = g_object_get_data (G_OBJECT (task), "oai-request");

  oai_endpoint_open_async (g_task_get_source_object (task), request->operation, (const char *const *) request->path_arguments,
                           request->query, request->request, g_task_get_cancellable (task), opened_cb, task, open_body);
}

/* Takes ownership of the task. */
static void
save (GTask *task, guint operation, const char *const *path_arguments, OaiRecord *query, OaiRecord *request, GFile *target, gboolean overwrite)
{
  SavedRequest *saved = g_new0 (SavedRequest, 1);

  saved->operation = operation;
  saved->path_arguments = g_strdupv ((char **) path_arguments);
  saved->query = query != NULL ? oai_record_copy (query) : NULL;
  saved->request = request != NULL ? oai_record_copy (request) : NULL;
  g_object_set_data_full (G_OBJECT (task), "oai-request", saved, saved_request_free);
  oai_download_task_prepare (task, target, overwrite, open_body);
}

void
oai_endpoint_save_async (OaiEndpoint *self, guint operation, const char *const *path_arguments, OaiRecord *query, OaiRecord *request, GFile *target, gboolean overwrite, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data, gpointer source_tag)
{
  g_return_if_fail (OAI_IS_ENDPOINT (self));
  g_return_if_fail (G_IS_FILE (target));

  save (oai_method_task_new (self, cancellable, callback, user_data, source_tag), operation, path_arguments, query, request, target, overwrite);
}

gboolean
oai_endpoint_save_finish (OaiEndpoint *self, GAsyncResult *result, GError **error)
{
  return oai_method_finish_boolean (self, result, error);
}

gboolean
oai_endpoint_save (OaiEndpoint *self, guint operation, const char *const *path_arguments, OaiRecord *query, OaiRecord *request, GFile *target, gboolean overwrite, GCancellable *cancellable, GError **error)
{
  OaiMethodCall call;

  g_return_val_if_fail (OAI_IS_ENDPOINT (self), FALSE);
  g_return_val_if_fail (G_IS_FILE (target), FALSE);

  save (oai_method_begin (&call, self, cancellable, oai_endpoint_save), operation, path_arguments, query, request, target, overwrite);

  return oai_method_end_boolean (&call, error);
}
