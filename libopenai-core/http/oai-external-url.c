/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-external-url-private.h"

#include "oai-body-input-stream-private.h"
#include "oai-call-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-reply-collector-private.h"
#include "oai-url-private.h"

#define OPERATION "external.get"

/* Objects without a client, such as a record that was created from JSON text, use a separate
 * client.  It never looks for credentials, since the exchange needs none. */
static OaiClient *
ref_client (OaiClient *client)
{
  g_autoptr(OaiSettings) settings = NULL;

  if (client != NULL)
    return g_object_ref (client);

  settings = g_object_new (OAI_TYPE_SETTINGS, NULL);

  return oai_client_new (NULL, settings);
}

/* Returns the request, or NULL after the task has returned the error. */
static OaiRequest *
new_request (GTask *task, const char *url)
{
  g_autoptr(GUri) uri = oai_url_parse_http (url, NULL);
  OaiRequest *request;

  if (uri == NULL)
    {
      g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent a URL that is not an http or https URL"));
      return NULL;
    }

  request = oai_request_new (OPERATION, "GET", g_strdup (url));
  request->external = TRUE;
  request->large = TRUE;
  request->accept = "*/*";

  return request;
}

/* Open */

typedef struct
{
  GTask *task;
  OaiClient *client;
  OaiExchange *exchange;
} Opening;

static void
opening_free (Opening *self)
{
  oai_exchange_free (self->exchange);
  g_object_unref (self->client);
  g_object_unref (self->task);
  g_free (self);
}

/* The stream keeps the client and its sessions alive. */
static void
head_cb (OaiExchange *exchange, gpointer user_data)
{
  Opening *opening = user_data;
  goffset length;
  guint idle_timeout;
  g_autoptr(GInputStream) body = oai_exchange_detach_body (exchange, &length, &idle_timeout);

  g_task_return_pointer (opening->task, oai_body_input_stream_new (body, G_OBJECT (opening->client), length, idle_timeout), g_object_unref);
  opening_free (opening);
}

static char *
reserve_cb (gsize *size, gpointer user_data)
{
  g_assert_not_reached ();
}

static gboolean
commit_cb (gsize size, gpointer user_data)
{
  g_assert_not_reached ();
}

static void
done_cb (OaiExchange *exchange, GError *error, gpointer user_data)
{
  Opening *opening = user_data;

  g_task_return_error (opening->task, error);
  opening_free (opening);
}

static const OaiExchangeSink open_sink = { head_cb, reserve_cb, commit_cb, done_cb };

void
oai_external_url_open_async (OaiClient *client, const char *url, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  OaiRequest *request;
  Opening *opening;

  g_task_set_source_tag (task, oai_external_url_open_async);
  g_task_set_check_cancellable (task, FALSE);
  request = new_request (task, url);
  if (request == NULL)
    return;

  opening = g_new0 (Opening, 1);
  opening->task = g_object_ref (task);
  opening->client = ref_client (client);
  opening->exchange = oai_exchange_new (opening->client, request, TRUE, &open_sink, opening);
  oai_call_attach (oai_exchange_get_call (opening->exchange), task);
  oai_exchange_start (opening->exchange, cancellable);
}

GInputStream *
oai_external_url_open_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Load */

static void
collected_cb (OaiExchange *exchange, GBytes *body, GError *error, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, body, (GDestroyNotify) g_bytes_unref);
}

void
oai_external_url_load_async (OaiClient *client, const char *url, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr(OaiClient) used = NULL;
  OaiRequest *request;

  g_task_set_source_tag (task, oai_external_url_load_async);
  g_task_set_check_cancellable (task, FALSE);
  request = new_request (task, url);
  if (request == NULL)
    return;

  used = ref_client (client);
  oai_reply_collect (used, request, cancellable, task, collected_cb, g_object_ref (task));
}

GBytes *
oai_external_url_load_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
