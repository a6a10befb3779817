/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-record-operation.h"

#include "oai-blocking-call-private.h"
#include "oai-call-private.h"
#include "oai-endpoint.h"
#include "oai-error.h"
#include "oai-method.h"
#include "oai-reply-private.h"
#include "oai-stream-private.h"

static void
invoked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  const OaiOperation *operation = g_task_get_task_data (task);
  OaiCall *call = oai_call_find_for_result (result);
  GError *error = NULL;
  gpointer reply = oai_endpoint_invoke_finish (OAI_ENDPOINT (source), result, &error);

  if (call != NULL)
    oai_call_attach (call, task);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, reply, oai_reply_get_destroy (operation));
}

void
oai_record_invoke_async (OaiRecord *self, GType endpoint_type, guint operation, const char *const *path_arguments, OaiRecord *query, OaiRecord *request, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data, gpointer source_tag)
{
  g_autoptr(OaiEndpoint) endpoint = NULL;
  GError *error = NULL;
  GTask *task;

  g_return_if_fail (OAI_IS_RECORD (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, source_tag);
  g_task_set_check_cancellable (task, FALSE);
  endpoint = oai_record_new_endpoint (self, endpoint_type, &error);
  if (endpoint == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  g_task_set_task_data (task, (gpointer) &OAI_ENDPOINT_GET_CLASS (endpoint)->operations[operation], NULL);
  oai_endpoint_invoke_async (endpoint, operation, path_arguments, query, request, cancellable, invoked_cb, task, source_tag);
}

gpointer
oai_record_invoke_finish (OaiRecord *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

gpointer
oai_record_invoke (OaiRecord *self, GType endpoint_type, guint operation, const char *const *path_arguments, OaiRecord *query, OaiRecord *request, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  gpointer reply;

  g_return_val_if_fail (OAI_IS_RECORD (self), NULL);

  oai_blocking_call_begin (&sync);
  oai_record_invoke_async (self, endpoint_type, operation, path_arguments, query, request, cancellable, oai_blocking_call_ready, &sync, oai_record_invoke);
  reply = oai_record_invoke_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return reply;
}

/* Creates a stream that fails with the error when it is run or read.  Takes ownership of the
 * error. */
static gpointer
new_failed_stream (GType endpoint_type, guint operation, GError *error)
{
  OaiEndpointClass *klass = g_type_class_ref (endpoint_type);
  const OaiOperation *table = &klass->operations[operation];
  OaiStream *stream = oai_stream_new (table->stream_type (), NULL, NULL, table->chunk_type (), error);

  g_type_class_unref (klass);

  return stream;
}

gpointer
oai_record_stream (OaiRecord *self, GType endpoint_type, guint operation, const char *const *path_arguments, OaiRecord *query, OaiRecord *request)
{
  g_autoptr(OaiEndpoint) endpoint = NULL;
  GError *error = NULL;

  g_return_val_if_fail (OAI_IS_RECORD (self), NULL);

  endpoint = oai_record_new_endpoint (self, endpoint_type, &error);
  if (endpoint == NULL)
    return new_failed_stream (endpoint_type, operation, error);

  return oai_endpoint_stream (endpoint, operation, path_arguments, query, request);
}
