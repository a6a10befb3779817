/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-session-file.h"

#include "oai-blocking-call-private.h"
#include "oai-download-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-method.h"
#include "oai-saved-session-private.h"
#include "oai-session-private.h"
#include "oai-whole-file-private.h"

#define SLICE (4 * 1000) /* microseconds; the time for which a long session blocks the main loop at once */

/* Operations with files.  Those of a session run one after the other, in the order of the calls.  The first one of the
 * queue is running; it belongs to the queue until it has ended, and its tasks hold the session. */

typedef struct
{
  GFile *file;
  gboolean deletes;
  gboolean running;
  GPtrArray *tasks; /* GTask; saves that wait are done by one write */
  GCancellable *cancellable; /* of the only task; or NULL */
  OaiSessionWriter *writer;  /* or NULL */
  GBytes *bytes;             /* to be written; or NULL */
  GOutputStream *stream;     /* that writes the file; or NULL */
  GError *failure;           /* of writing; or NULL */
  guint64 n_changes;         /* that the file contains after the operation; G_MAXUINT64 if there is no file */
  GApplication *application; /* that does not end before the operation; or NULL */
} Operation;

static void run_next (OaiSession *self);

static Operation *
operation_new (GFile *file, gboolean deletes)
{
  Operation *operation = g_new0 (Operation, 1);

  operation->file = g_object_ref (file);
  operation->deletes = deletes;
  operation->n_changes = G_MAXUINT64;
  operation->tasks = g_ptr_array_new_with_free_func (g_object_unref);

  return operation;
}

static void
operation_free (Operation *operation)
{
  g_object_unref (operation->file);
  g_ptr_array_unref (operation->tasks);
  g_clear_object (&operation->cancellable);
  g_clear_pointer (&operation->writer, oai_session_writer_free);
  g_clear_pointer (&operation->bytes, g_bytes_unref);
  g_clear_object (&operation->stream);
  g_clear_error (&operation->failure);
  if (operation->application != NULL)
    g_application_release (operation->application);
  g_clear_object (&operation->application);
  g_free (operation);
}

/* What has been done is not reported as cancelled.
 * error: nullable */
static void
return_end (GTask *task, const GError *error)
{
  g_task_set_check_cancellable (task, error != NULL);
  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_boolean (task, TRUE);
}

/* Takes ownership of error, which is nullable. */
static void
finish (OaiSession *self, GError *error)
{
  g_autoptr(OaiSession) held G_GNUC_UNUSED = g_object_ref (self);
  g_autoptr(GError) owned G_GNUC_UNUSED = error;
  Operation *operation = g_queue_pop_head (oai_session_get_file_operations (self));

  if (error == NULL)
    oai_session_set_n_saved (self, operation->n_changes);
  for (guint i = 0; i < operation->tasks->len; i++)
    return_end (g_ptr_array_index (operation->tasks, i), error);
  operation_free (operation);
  run_next (self);
}

static void
deleted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  g_file_delete_finish (G_FILE (source), result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    g_clear_error (&error);
  finish (user_data, error);
}

static Operation *
get_running (OaiSession *self)
{
  return g_queue_peek_head (oai_session_get_file_operations (self));
}

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Operation *operation = get_running (user_data);
  g_autoptr(GError) error = NULL;

  if (!g_output_stream_close_finish (G_OUTPUT_STREAM (source), result, &error) && operation->failure == NULL)
    operation->failure = g_steal_pointer (&error);
  finish (user_data, g_steal_pointer (&operation->failure));
}

/* GIO replaces the file when the stream is closed, also after a failure, unless the cancellable is cancelled.  The same
 * happens to a stream that a cancelled operation drops, so that only the writing is cancelled. */
static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Operation *operation = get_running (user_data);
  g_autoptr(GCancellable) cancelled = NULL;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &operation->failure))
    {
      cancelled = g_cancellable_new ();
      g_cancellable_cancel (cancelled);
    }
  g_output_stream_close_async (operation->stream, G_PRIORITY_DEFAULT, cancelled, closed_cb, user_data);
}

static void
replaced_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Operation *operation = get_running (user_data);
  GError *error = NULL;
  gconstpointer data;
  gsize size;

  operation->stream = G_OUTPUT_STREAM (g_file_replace_finish (G_FILE (source), result, &error));
  if (operation->stream == NULL)
    {
      finish (user_data, error);
      return;
    }

  data = g_bytes_get_data (operation->bytes, &size);
  g_output_stream_write_all_async (operation->stream, data, size, G_PRIORITY_DEFAULT, operation->cancellable, written_cb, user_data);
}

static void
created_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  oai_download_save_finish (result, &error);
  finish (user_data, error);
}

/* GIO writes an existing file under another name, waits until the disk contains it, and renames it.  A new file would be
 * incomplete if the program ended meanwhile. */
static void
looked_up_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Operation *operation = get_running (user_data);
  GError *error = NULL;
  g_autoptr(GFileInfo) info = g_file_query_info_finish (G_FILE (source), result, &error);

  if (info != NULL && oai_whole_file_check (operation->file, info, &error))
    g_file_replace_async (operation->file, NULL, FALSE, G_FILE_CREATE_PRIVATE | G_FILE_CREATE_REPLACE_DESTINATION, G_PRIORITY_DEFAULT, NULL,
                          replaced_cb, user_data);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    oai_download_save_private_async (operation->bytes, operation->file, operation->cancellable, created_cb, user_data);
  else
    {
      finish (user_data, error);
      return;
    }

  g_clear_error (&error);
}

static void
write_file (OaiSession *self, Operation *operation)
{
  operation->bytes = g_string_free_to_bytes (oai_session_writer_finish (g_steal_pointer (&operation->writer)));
  if (g_bytes_get_size (operation->bytes) > OAI_WHOLE_FILE_MAX)
    {
      finish (self, g_error_new (OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The conversation is larger than %d MB, and cannot be saved."), OAI_WHOLE_FILE_MAX >> 20));
      return;
    }

  g_file_query_info_async (operation->file, G_FILE_ATTRIBUTE_STANDARD_TYPE, G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS, G_PRIORITY_DEFAULT,
                           operation->cancellable, looked_up_cb, self);
}

static gboolean
write_slice (gpointer user_data)
{
  OaiSession *self = user_data;
  Operation *operation = g_queue_peek_head (oai_session_get_file_operations (self));
  GError *error = NULL;

  if (g_cancellable_set_error_if_cancelled (operation->cancellable, &error))
    {
      finish (self, error);
      return G_SOURCE_REMOVE;
    }
  if (!oai_session_writer_write (operation->writer, g_get_monotonic_time () + SLICE))
    return G_SOURCE_CONTINUE;

  write_file (self, operation);

  return G_SOURCE_REMOVE;
}

/* Writes a long session in slices, between which the main loop runs. */
static void
save (OaiSession *self, Operation *operation)
{
  gint64 end_time = oai_blocking_call_is_current () ? G_MAXINT64 : g_get_monotonic_time () + SLICE;
  g_autoptr(GSource) source = NULL;

  operation->writer = oai_session_writer_new (self);
  operation->n_changes = oai_session_get_n_changes (self);
  if (oai_session_writer_write (operation->writer, end_time))
    {
      write_file (self, operation);
      return;
    }

  source = g_idle_source_new ();
  g_source_set_static_name (source, "[oai] save");
  g_source_set_callback (source, write_slice, self, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
}

/* Removes the tasks that were cancelled while they waited. */
static void
drop_cancelled (Operation *operation)
{
  for (guint i = operation->tasks->len; i > 0; i--)
    if (g_task_return_error_if_cancelled (g_ptr_array_index (operation->tasks, i - 1)))
      g_ptr_array_remove_index (operation->tasks, i - 1);
}

/* The application of the main loop must not end while a file is written. */
static void
hold_application (Operation *operation)
{
  GApplication *application = g_main_context_get_thread_default () == NULL ? g_application_get_default () : NULL;

  if (application == NULL)
    return;

  operation->application = g_object_ref (application);
  g_application_hold (application);
}

/* Starts the first operation of the queue, unless it is running. */
static void
run_next (OaiSession *self)
{
  GQueue *operations = oai_session_get_file_operations (self);
  Operation *operation = g_queue_peek_head (operations);

  if (operation == NULL || operation->running)
    return;

  operation->running = TRUE;
  drop_cancelled (operation);
  if (operation->tasks->len == 0)
    {
      operation_free (g_queue_pop_head (operations));
      run_next (self);
      return;
    }

  hold_application (operation);
  if (operation->tasks->len == 1)
    g_set_object (&operation->cancellable, g_task_get_cancellable (g_ptr_array_index (operation->tasks, 0)));
  if (operation->deletes)
    g_file_delete_async (operation->file, G_PRIORITY_DEFAULT, operation->cancellable, deleted_cb, self);
  else
    save (self, operation);
}

/* Takes ownership of the task. */
static void
add_operation (OaiSession *self, GFile *file, gboolean deletes, GTask *task)
{
  g_autoptr(OaiSession) held G_GNUC_UNUSED = g_object_ref (self);
  GQueue *operations = oai_session_get_file_operations (self);
  Operation *last = g_queue_peek_tail (operations);

  if (last == NULL || last->running || last->deletes || deletes || !g_file_equal (last->file, file))
    {
      last = operation_new (file, deletes);
      g_queue_push_tail (operations, last);
    }
  g_ptr_array_add (last->tasks, task);
  run_next (self);
}

/* A blocking operation cannot wait for one of the main loop. */
static gboolean
check_no_operation (OaiSession *self, GError **error)
{
  Operation *running = g_queue_peek_head (oai_session_get_file_operations (self));

  if (running == NULL)
    return TRUE;

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PENDING,
                       running->deletes ? _("A file of the session is still being deleted. Wait for the end of oai_session_delete_file_async().")
                                        : _("The session is still being saved. Wait for the end of oai_session_save_async()."));

  return FALSE;
}

/**
 * oai_session_save_async:
 * @self: a session
 * @file: the file, whose directory exists
 * @cancellable: (nullable): a cancellable
 * @callback: (nullable) (scope async): called when the file is written
 * @user_data: data for @callback
 *
 * Writes the session to a file, as the text of [method@Oai.Session.to_json]. It is written under another
 * name first, so that the file is never incomplete. Only the user can read the file, also if others could read that before.
 * A link is replaced, too. If the operation fails, the file is as before.
 *
 * The operations of one session run in the order of the calls, and the file then contains the state of the session at the
 * time of the last call, or a newer one: saves that wait for another one are done at once. A session of thousands of messages
 * is converted in several steps, between which the main loop runs.
 *
 * If this is called in the main loop of the default [class@Gio.Application], the application does not end before the file is
 * written, unless it calls [method@Gio.Application.quit], which does not wait.
 *
 * [func@Oai.ChatSession.load_async] and [func@Oai.ResponsesSession.load_async] read the file.
 *
 * Since: 1.0
 */
void
oai_session_save_async (OaiSession *self, GFile *file, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (OAI_IS_SESSION (self));
  g_return_if_fail (G_IS_FILE (file));

  add_operation (self, file, FALSE, oai_method_task_new (self, cancellable, callback, user_data, oai_session_save_async));
}

/**
 * oai_session_save_finish:
 * @self: a session
 * @result: a result
 * @error: return location for an error
 *
 * Completes [method@Oai.Session.save_async]. Fails with the errors of [iface@Gio.File], such as %G_IO_ERROR_NO_SPACE or,
 * for a pipe or a device, %G_IO_ERROR_NOT_REGULAR_FILE, and with %OAI_ERROR_INVALID_ARGUMENT if the text is larger than 1 GiB.
 *
 * Returns: %TRUE if the file was written
 *
 * Since: 1.0
 */
gboolean
oai_session_save_finish (OaiSession *self, GAsyncResult *result, GError **error)
{
  return oai_method_finish_boolean (self, result, error);
}

/**
 * oai_session_save:
 * @self: a session
 * @file: the file, whose directory exists
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Writes the session to a file; see [method@Oai.Session.save_async]. Blocks until the file is written. Fails also with
 * %G_IO_ERROR_PENDING if an asynchronous operation with a file of this session has not ended.
 *
 * Returns: %TRUE if the file was written
 *
 * Since: 1.0
 */
gboolean
oai_session_save (OaiSession *self, GFile *file, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall call;
  gboolean saved;

  g_return_val_if_fail (OAI_IS_SESSION (self), FALSE);
  g_return_val_if_fail (G_IS_FILE (file), FALSE);

  if (!check_no_operation (self, error))
    return FALSE;

  oai_blocking_call_begin (&call);
  oai_session_save_async (self, file, cancellable, oai_blocking_call_ready, &call);
  saved = oai_session_save_finish (self, oai_blocking_call_wait (&call), error);
  oai_blocking_call_end (&call);

  return saved;
}

/**
 * oai_session_delete_file_async:
 * @self: a session
 * @file: the file
 * @cancellable: (nullable): a cancellable
 * @callback: (nullable) (scope async): called when the file is deleted
 * @user_data: data for @callback
 *
 * Deletes a file of the session after the saves that were requested before, so that none of them creates it again. The
 * session itself does not change, and can be saved again. The default application is held as by
 * [method@Oai.Session.save_async].
 *
 * Since: 1.0
 */
void
oai_session_delete_file_async (OaiSession *self, GFile *file, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (OAI_IS_SESSION (self));
  g_return_if_fail (G_IS_FILE (file));

  add_operation (self, file, TRUE, oai_method_task_new (self, cancellable, callback, user_data, oai_session_delete_file_async));
}

/**
 * oai_session_delete_file_finish:
 * @self: a session
 * @result: a result
 * @error: return location for an error
 *
 * Completes [method@Oai.Session.delete_file_async]. Fails with the errors of [iface@Gio.File], but not if the file does not exist.
 *
 * Returns: %TRUE if the file does not exist
 *
 * Since: 1.0
 */
gboolean
oai_session_delete_file_finish (OaiSession *self, GAsyncResult *result, GError **error)
{
  return oai_method_finish_boolean (self, result, error);
}

/**
 * oai_session_delete_file:
 * @self: a session
 * @file: the file
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Deletes a file of the session; see [method@Oai.Session.delete_file_async]. Blocks until the file is deleted. Fails also with
 * %G_IO_ERROR_PENDING if an asynchronous operation with a file of this session has not ended.
 *
 * Returns: %TRUE if the file does not exist
 *
 * Since: 1.0
 */
gboolean
oai_session_delete_file (OaiSession *self, GFile *file, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall call;
  gboolean deleted;

  g_return_val_if_fail (OAI_IS_SESSION (self), FALSE);
  g_return_val_if_fail (G_IS_FILE (file), FALSE);

  if (!check_no_operation (self, error))
    return FALSE;

  oai_blocking_call_begin (&call);
  oai_session_delete_file_async (self, file, cancellable, oai_blocking_call_ready, &call);
  deleted = oai_session_delete_file_finish (self, oai_blocking_call_wait (&call), error);
  oai_blocking_call_end (&call);

  return deleted;
}

/* Reading */

typedef struct
{
  GType type;
  OaiClient *client; /* or NULL */
} Load;

static void
load_free (gpointer data)
{
  Load *self = data;

  g_clear_object (&self->client);
  g_free (self);
}

/* Errors of the text do not contain the name of the file. */
static void
prefix_name (GError **error, GFile *file)
{
  g_autofree char *name = oai_whole_file_dup_name (file);

  /* Translators: %s is the name of a file. */
  g_prefix_error (error, _("The file “%s” is no saved conversation: "), name);
}

static void
restore (GTask *task, GFile *file, GBytes *bytes)
{
  g_autoptr(GTask) owned G_GNUC_UNUSED = task;
  Load *load = g_task_get_task_data (task);
  gsize length;
  char *contents = g_bytes_unref_to_data (bytes, &length);
  GError *error = NULL;
  OaiSession *session = oai_session_restore_take (load->type, load->client, contents, length, &error);

  if (session != NULL)
    {
      g_task_return_pointer (task, session, g_object_unref);
      return;
    }

  prefix_name (&error, file);
  g_task_return_error (task, error);
}

/**
 * oai_session_restore_file_async:
 * @type: type of the session, such as %OAI_TYPE_CHAT_SESSION
 * @client: (nullable): a client; %NULL to set [property@Oai.Session:client] before a message is sent
 * @file: a file of [method@Oai.Session.save_async]
 * @cancellable: (nullable): a cancellable
 * @callback: (nullable) (scope async): called when the session is restored
 * @user_data: data for @callback
 *
 * Reads a session of any type from a file; see [func@Oai.Session.restore]. The types have functions for this, such as
 * [func@Oai.ChatSession.load_async].
 *
 * Since: 1.0
 */
void
oai_session_restore_file_async (GType type, OaiClient *client, GFile *file, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  Load *load;
  GTask *task;

  g_return_if_fail (g_type_is_a (type, OAI_TYPE_SESSION) && !G_TYPE_IS_ABSTRACT (type));
  g_return_if_fail (client == NULL || OAI_IS_CLIENT (client));
  g_return_if_fail (G_IS_FILE (file));

  load = g_new0 (Load, 1);
  load->type = type;
  g_set_object (&load->client, client);
  task = oai_method_task_new (NULL, cancellable, callback, user_data, oai_session_restore_file_async);
  g_task_set_task_data (task, load, load_free);
  oai_whole_file_load (task, file, restore);
}

/**
 * oai_session_restore_file_finish:
 * @result: a result
 * @error: return location for an error
 *
 * Completes [func@Oai.Session.restore_file_async].
 *
 * Fails with the errors of [iface@Gio.File], such as %G_IO_ERROR_NOT_FOUND, and with %OAI_ERROR_INVALID_ARGUMENT if the file
 * is larger than 1 GiB, or does not contain a saved session of the type.
 *
 * Returns: (transfer full): a new session
 *
 * Since: 1.0
 */
OaiSession *
oai_session_restore_file_finish (GAsyncResult *result, GError **error)
{
  return oai_method_finish (NULL, result, error);
}

/**
 * oai_session_restore_file:
 * @type: type of the session, such as %OAI_TYPE_CHAT_SESSION
 * @client: (nullable): a client; %NULL to set [property@Oai.Session:client] before a message is sent
 * @file: a file of [method@Oai.Session.save]
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Reads a session of any type from a file; see [func@Oai.Session.restore_file_async]. Blocks until the session is restored.
 *
 * Returns: (transfer full): a new session
 *
 * Since: 1.0
 */
OaiSession *
oai_session_restore_file (GType type, OaiClient *client, GFile *file, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall call;
  OaiSession *session;

  g_return_val_if_fail (g_type_is_a (type, OAI_TYPE_SESSION) && !G_TYPE_IS_ABSTRACT (type), NULL);
  g_return_val_if_fail (client == NULL || OAI_IS_CLIENT (client), NULL);
  g_return_val_if_fail (G_IS_FILE (file), NULL);

  oai_blocking_call_begin (&call);
  oai_session_restore_file_async (type, client, file, cancellable, oai_blocking_call_ready, &call);
  session = oai_session_restore_file_finish (oai_blocking_call_wait (&call), error);
  oai_blocking_call_end (&call);

  return session;
}
