/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-files-methods-private.h"

#include <string.h>

#include "oai-call.h"
#include "oai-client.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-deadline-private.h"
#include "oai-method.h"
#include "oai-settings.h"

#define FIRST_DELAY_MS 1000
#define MAX_DELAY_MS (30 * 1000)
#define DEFAULT_TIMEOUT_MS (5 * 60 * 1000)

typedef struct
{
  OaiFilesEndpoint *endpoint;  /* without retries, since requests are repeated here */
  char *file_id;
  guint delay_ms;              /* before the next request */
  guint retries;               /* remaining retries after errors, except after the error that the file is being processed */
  GError *error;               /* of the last request */
  gboolean single;             /* a single request is sent */
  OaiDeadline deadline;
} Deletion;

static void
deletion_free (gpointer data)
{
  Deletion *self = data;

  oai_deadline_clear (&self->deadline);
  g_clear_object (&self->endpoint);
  g_free (self->file_id);
  g_clear_error (&self->error);
  g_free (self);
}

static gboolean
is_processing (const GError *error)
{
  return g_error_matches (error, OAI_ERROR, OAI_ERROR_CONFLICT)
         || (error->domain == OAI_ERROR && strstr (error->message, "still processing") != NULL);
}

/* Returns whether other calls are retried after the error. */
static gboolean
is_temporary (const GError *error, OaiCall *call)
{
  if (call != NULL && g_strcmp0 (oai_call_get_header (call, "x-should-retry"), "false") == 0)
    return FALSE;

  return g_error_matches (error, OAI_ERROR, OAI_ERROR_SERVER) || g_error_matches (error, OAI_ERROR, OAI_ERROR_RATE_LIMITED)
         || g_error_matches (error, OAI_ERROR, OAI_ERROR_CONNECTION) || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

/* Takes ownership of task and error.  After the deadline, reports the last error of the server. */
static void
end (GTask *task, GError *error)
{
  g_autoptr(GTask) owned = task;
  Deletion *self = g_task_get_task_data (owned);

  oai_deadline_disarm (&self->deadline);
  if (error == NULL)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  if (!self->deadline.timed_out)
    {
      g_task_return_error (task, error);
      return;
    }
  g_error_free (error);
  if (self->error != NULL)
    g_task_return_error (task, g_steal_pointer (&self->error));
  else
    /* Translators: %s is the name by which the server knows a file. */
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("The server did not confirm in time that the file “%s” is deleted"), self->file_id);
}

static void send_request (GTask *task);

static void
waited_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;

  if (!oai_deadline_wait_finish (result, &error))
    end (task, error);
  else
    send_request (task);
}

/* Takes ownership of the task.  Each delay is twice as long as the previous one. */
static void
retry_later (GTask *task)
{
  Deletion *self = g_task_get_task_data (task);

  oai_deadline_wait_async (self->delay_ms, self->deadline.cancellable, waited_cb, task);
  self->delay_ms = MIN (self->delay_ms * 2, MAX_DELAY_MS);
}

static void
deleted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Deletion *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr(OaiFileDeletion) deletion = oai_files_endpoint_delete_file_finish (OAI_FILES_ENDPOINT (source), result, &error);
  OaiCall *call = oai_call_find_for_result (result);

  oai_method_attach_call (task, result);
  if (error != NULL && !self->single && (is_processing (error) || (self->retries > 0 && is_temporary (error, call))))
    {
      self->retries -= is_processing (error) ? 0 : 1;
      g_clear_error (&self->error);
      self->error = error;
      retry_later (task);
      return;
    }
  if (error == NULL && !oai_file_deletion_get_deleted (deletion))
    /* Translators: %s is the name by which the server knows a file. */
    error = g_error_new (OAI_ERROR, OAI_ERROR_FAILED, _("The server did not delete the file “%s”"), self->file_id);
  end (task, error);
}

/* Takes ownership of task. */
static void
send_request (GTask *task)
{
  Deletion *self = g_task_get_task_data (task);

  oai_files_endpoint_delete_file_async (self->endpoint, self->file_id, self->deadline.cancellable, deleted_cb, task);
}

static Deletion *
deletion_new (OaiFilesEndpoint *endpoint, const char *file_id)
{
  Deletion *self = g_new0 (Deletion, 1);
  OaiCallOptions *options = oai_endpoint_get_options (OAI_ENDPOINT (endpoint));
  OaiSettings *settings = oai_client_get_settings (oai_endpoint_get_client (OAI_ENDPOINT (endpoint)));
  g_autoptr(OaiCallOptions) single = options != NULL ? oai_call_options_copy (options) : oai_call_options_new ();

  oai_call_options_set_max_retries (single, 0);
  self->endpoint = OAI_FILES_ENDPOINT (oai_endpoint_with_options (OAI_ENDPOINT (endpoint), single));
  self->file_id = g_strdup (file_id);
  self->delay_ms = FIRST_DELAY_MS;
  self->retries = oai_settings_get_max_retries (settings);
  if (options != NULL && oai_call_options_get_max_retries (options) >= 0)
    self->retries = oai_call_options_get_max_retries (options);

  return self;
}

void
oai_files_endpoint_delete_when_processed_start (OaiFilesEndpoint *self, const char *file_id, gint64 timeout_ms, GTask *task)
{
  Deletion *deletion = deletion_new (self, file_id);

  g_task_set_task_data (task, deletion, deletion_free);
  /* The deadline also cancels a pending request or delay. */
  oai_deadline_init_linked (&deletion->deadline, g_task_get_context (task), g_task_get_cancellable (task));
  deletion->single = timeout_ms == 0;
  if (timeout_ms != 0)
    oai_deadline_start (&deletion->deadline, timeout_ms > 0 ? timeout_ms : DEFAULT_TIMEOUT_MS, 0);
  send_request (task);
}
