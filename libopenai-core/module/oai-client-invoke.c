/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-client-invoke.h"

#include <string.h>

#include "oai-blocking-call-private.h"
#include "oai-call-options-private.h"
#include "oai-error.h"
#include "oai-exchange-private.h"
#include "oai-i18n-private.h"
#include "oai-json-doc-private.h"
#include "oai-operation-lookup-private.h"
#include "oai-path-template-private.h"
#include "oai-reply-body-private.h"
#include "oai-reply-collector-private.h"
#include "oai-request-builder-private.h"
#include "oai-request-url-private.h"

/* Rejects values that would end the request line, or leave the base URL. */
static gboolean
check (const char *method, const char *path, GError **error)
{
  if (!oai_header_name_is_valid (method))
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The method of a request must be one word, such as GET"));
      return FALSE;
    }

  return oai_request_url_is_absolute (path) || oai_path_check (path, error);
}

/* Azure requires the deployment in the URL of some operations.  Returns the member of the body that
 * names it, or NULL. */
static const char *
find_deployment_member (OaiClient *self, const char *method, const char *path)
{
  const OaiOperation *operation;

  if (!oai_settings_is_azure (oai_client_get_settings (self)) || oai_request_url_is_absolute (path))
    return NULL;

  operation = oai_operation_lookup (method, path);

  return operation != NULL ? operation->deployment_member : NULL;
}

/* Members that the options set for other calls do not add a body to a GET or DELETE request. */
static gboolean
is_without_body (const char *method, const char *body)
{
  return body == NULL && strcmp (method, "POST") != 0 && strcmp (method, "PUT") != 0 && strcmp (method, "PATCH") != 0;
}

static void
note_deployment (OaiRequest *request, const char *member)
{
  gsize length;
  const char *body;
  g_autoptr(OaiJsonDoc) doc = NULL;

  request->deployment = TRUE;
  if (request->body == NULL)
    return;

  body = g_bytes_get_data (request->body, &length);
  doc = oai_json_doc_new_copy (body, length, OAI_JSON_TOLERANT, NULL);
  if (doc != NULL)
    request->model = g_strdup (oai_json_get_string (doc, oai_json_get_member (doc, 0, member), NULL));
}

static OaiRequest *
build_request (OaiClient *self, const char *method, const char *path, const char *body, OaiCallOptions *options, GError **error)
{
  g_autoptr(OaiRequest) request = oai_request_new ("client.invoke", method, g_strdup (path));
  const char *deployment_member = find_deployment_member (self, method, path);

  request->raw = TRUE;
  request->large = TRUE;
  request->options = options != NULL ? g_object_ref (options) : NULL;
  oai_request_set_query (request, NULL, options);
  if (!oai_request_set_json (request, body, is_without_body (method, body) ? NULL : options, error))
    return NULL;
  if (deployment_member != NULL)
    note_deployment (request, deployment_member);

  return g_steal_pointer (&request);
}

static void
requested_cb (OaiExchange *exchange, GBytes *body, GError *error, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  char *text = NULL;

  if (error == NULL)
    {
      text = oai_reply_body_dup_text (oai_exchange_get_call (exchange), body, oai_exchange_get_secret (exchange), &error);
      if (error != NULL)
        oai_exchange_fail_reply (exchange, error);
    }
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, text, g_free);
}

/**
 * oai_client_invoke_async:
 * @self: a client
 * @method: the HTTP method, one word
 * @path: the path below the base URL, encoded and without dot segments (`..`), with or
 *   without a query; or a whole URL
 * @body_json: (nullable): the body, as JSON text; members that @options set replace those in it
 * @options: (nullable): options for this call
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the operation is complete
 * @user_data: data for @callback
 *
 * Starts [method@Oai.Client.invoke].
 *
 * Since: 1.0
 */
void
oai_client_invoke_async (OaiClient *self, const char *method, const char *path, const char *body_json, OaiCallOptions *options, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;
  OaiRequest *request = NULL;
  GError *error = NULL;

  g_return_if_fail (OAI_IS_CLIENT (self));
  g_return_if_fail (method != NULL);
  g_return_if_fail (path != NULL);
  g_return_if_fail (options == NULL || OAI_IS_CALL_OPTIONS (options));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_client_invoke_async);
  g_task_set_check_cancellable (task, FALSE);
  if (check (method, path, &error))
    request = build_request (self, method, path, body_json, options, &error);
  if (request == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  oai_reply_collect (self, request, cancellable, task, requested_cb, task);
}

/**
 * oai_client_invoke_finish:
 * @self: a client
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.Client.invoke_async].
 *
 * Returns: (nullable) (transfer full): the reply as text, or %NULL on error or when it is empty
 *
 * Since: 1.0
 */
char *
oai_client_invoke_finish (OaiClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (OAI_IS_CLIENT (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * oai_client_invoke:
 * @self: a client
 * @method: the HTTP method, one word
 * @path: the path below the base URL, encoded and without dot segments (`..`), with or
 *   without a query; or a whole URL
 * @body_json: (nullable): the body, as JSON text; members that @options set replace those in it
 * @options: (nullable): options for this call
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Sends a request to any path of the server. This is for operations that no endpoint has, such as
 * extensions of a server and additions to the API that are newer than this library. Credentials,
 * retries and errors work as in all other calls.
 *
 * If @path is a whole URL, the credentials are sent to its server. For the administration of an
 * organization, set [property@Oai.CallOptions:use-admin-key].
 *
 * On Azure, an operation of an installed module is sent to the deployment of the settings, or else
 * of the model in @body_json. For other operations, begin the path with `deployments/NAME/`.
 *
 * Blocks until the reply has arrived; see [method@Oai.Client.invoke_async].
 *
 * Returns: (nullable) (transfer full): the reply as text, or %NULL on error or when it is empty
 *
 * Since: 1.0
 */
char *
oai_client_invoke (OaiClient *self, const char *method, const char *path, const char *body_json, OaiCallOptions *options, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  char *reply;

  g_return_val_if_fail (OAI_IS_CLIENT (self), NULL);
  g_return_val_if_fail (method != NULL, NULL);
  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (options == NULL || OAI_IS_CALL_OPTIONS (options), NULL);

  oai_blocking_call_begin (&sync);
  oai_client_invoke_async (self, method, path, body_json, options, cancellable, oai_blocking_call_ready, &sync);
  reply = oai_client_invoke_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return reply;
}
