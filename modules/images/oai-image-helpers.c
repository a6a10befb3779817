/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-image-helpers.h"

#include <string.h>

#include "oai-download-private.h"
#include "oai-error.h"
#include "oai-external-url-private.h"
#include "oai-i18n-private.h"
#include "oai-mime-private.h"
#include "oai-blocking-call-private.h"

/* What the server sent along.  NULL with no error where that is only an address. */
static GBytes *
decode (OaiImage *self, GError **error)
{
  const char *base64 = oai_image_get_b64_json (self);
  const char *url = oai_image_get_url (self);
  g_autoptr(GError) reason = NULL;
  GBytes *bytes = NULL;

  /* Some servers put a data URL into either member. */
  if (base64 != NULL && g_str_has_prefix (base64, "data:"))
    bytes = oai_data_url_parse (base64, NULL, &reason);
  else if (base64 != NULL && *base64 != '\0')
    bytes = oai_base64_decode (base64, strlen (base64), &reason);
  else if (url != NULL && g_str_has_prefix (url, "data:"))
    bytes = oai_data_url_parse (url, NULL, &reason);

  if (reason == NULL && bytes != NULL && g_bytes_get_size (bytes) == 0)
    g_clear_pointer (&bytes, g_bytes_unref);
  else if (reason == NULL)
    return bytes;

  /* Translators: %s says what is wrong with it. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent a picture that cannot be read: %s"),
               reason != NULL ? reason->message : _("it is empty"));

  return NULL;
}

/**
 * oai_image_dup_bytes:
 * @self: a picture
 *
 * Gets the file of the picture, if the server sent it along.
 *
 * [method@Oai.Image.load_bytes_async] gets it wherever it is, and says what is
 * wrong with a picture that came damaged.
 *
 * Returns: (nullable) (transfer full): the file, or %NULL when the server sent only where it is, or nothing that is a file
 *
 * Since: 1.0
 */
GBytes *
oai_image_dup_bytes (OaiImage *self)
{
  g_return_val_if_fail (OAI_IS_IMAGE (self), NULL);

  return decode (self, NULL);
}

static void
set_nothing (GError **error)
{
  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent neither the picture nor where it is"));
}

static gboolean
has_address (OaiImage *self)
{
  return oai_image_get_url (self) != NULL && *oai_image_get_url (self) != '\0';
}

/* Into memory */

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  GBytes *bytes = oai_external_url_load_finish (result, &error);

  if (bytes != NULL)
    g_task_return_pointer (task, bytes, (GDestroyNotify) g_bytes_unref);
  else
    g_task_return_error (task, error);
}

/**
 * oai_image_load_bytes_async:
 * @self: a picture
 * @cancellable: (nullable): cancels it
 * @callback: (scope async) (nullable): called when the picture is here
 * @user_data: data for @callback
 *
 * Gets the file of the picture.
 *
 * [method@Oai.Image.load_bytes_finish] gives it.
 *
 * Since: 1.0
 */
void
oai_image_load_bytes_async (OaiImage *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = NULL;
  GBytes *bytes;
  GError *error = NULL;

  g_return_if_fail (OAI_IS_IMAGE (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_image_load_bytes_async);
  g_task_set_check_cancellable (task, FALSE);
  bytes = decode (self, &error);
  if (bytes != NULL)
    {
      g_task_return_pointer (task, bytes, (GDestroyNotify) g_bytes_unref);
      return;
    }
  if (error == NULL && !has_address (self))
    set_nothing (&error);
  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  oai_external_url_load_async (oai_record_get_client (OAI_RECORD (self)), oai_image_get_url (self), cancellable, loaded_cb, g_steal_pointer (&task));
}

/**
 * oai_image_load_bytes_finish:
 * @self: a picture
 * @result: what the callback was given
 *
 * Ends [method@Oai.Image.load_bytes_async].
 *
 * Returns: (transfer full): the file
 *
 * Since: 1.0
 */
GBytes *
oai_image_load_bytes_finish (OaiImage *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * oai_image_load_bytes:
 * @self: a picture
 * @cancellable: (nullable): cancels it
 *
 * Gets the file of the picture: what the server sent along, or else what lies at
 * its address. No credentials are sent there. A picture that came damaged is
 * %OAI_ERROR_PROTOCOL, as is one that did not come at all.
 *
 * Addresses of OpenAI are good for an hour.
 *
 * Blocks; [method@Oai.Image.load_bytes_async] does not.
 *
 * Returns: (transfer full): the file
 *
 * Since: 1.0
 */
GBytes *
oai_image_load_bytes (OaiImage *self, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  GBytes *bytes;

  g_return_val_if_fail (OAI_IS_IMAGE (self), NULL);

  oai_blocking_call_begin (&sync);
  oai_image_load_bytes_async (self, cancellable, oai_blocking_call_ready, &sync);
  bytes = oai_image_load_bytes_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return bytes;
}

/* Into a file */

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  GError *error = NULL;
  g_autoptr(GInputStream) body = oai_external_url_open_finish (result, &error);

  if (body == NULL)
    oai_download_task_fail (task, error);
  else
    oai_download_task_save_some (task, body);
}

static void
target_ready (GTask *task)
{
  OaiImage *self = g_task_get_source_object (task);
  GError *error = NULL;
  g_autoptr(GBytes) bytes = decode (self, &error);
  g_autoptr(GInputStream) body = bytes != NULL ? g_memory_input_stream_new_from_bytes (bytes) : NULL;

  if (body != NULL)
    oai_download_task_save (task, body, g_bytes_get_size (bytes));
  else if (error != NULL)
    oai_download_task_fail (task, error);
  else
    oai_external_url_open_async (oai_record_get_client (OAI_RECORD (self)), oai_image_get_url (self), g_task_get_cancellable (task), opened_cb, task);
}

/**
 * oai_image_save_async:
 * @self: a picture
 * @target: what the file is to be
 * @overwrite: whether to replace a file that is there
 * @cancellable: (nullable): cancels it
 * @callback: (scope async) (nullable): called when the file is there
 * @user_data: data for @callback
 *
 * Saves the picture.
 *
 * [method@Oai.Image.save_finish] tells whether the file is there.
 *
 * Since: 1.0
 */
void
oai_image_save_async (OaiImage *self, GFile *target, gboolean overwrite, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = NULL;
  g_autoptr(GBytes) bytes = NULL;
  GError *error = NULL;

  g_return_if_fail (OAI_IS_IMAGE (self));
  g_return_if_fail (G_IS_FILE (target));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_image_save_async);
  g_task_set_check_cancellable (task, FALSE);
  bytes = decode (self, &error);
  if (error == NULL && bytes == NULL && !has_address (self))
    set_nothing (&error);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    oai_download_task_prepare (g_steal_pointer (&task), target, overwrite, target_ready);
}

/**
 * oai_image_save_finish:
 * @self: a picture
 * @result: what the callback was given
 *
 * Ends [method@Oai.Image.save_async].
 *
 * Returns: %TRUE if the file is there, whole
 *
 * Since: 1.0
 */
gboolean
oai_image_save_finish (OaiImage *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * oai_image_save:
 * @self: a picture
 * @target: what the file is to be, anywhere GIO can write
 * @overwrite: whether to replace a file that is there
 * @cancellable: (nullable): cancels it
 *
 * Saves the picture, wherever it is: see [method@Oai.Image.load_bytes].
 *
 * The file appears when it is whole. When that fails or is cancelled, nothing is
 * left, and what was there before stays. Without @overwrite it fails with
 * %G_IO_ERROR_EXISTS where there is a file.
 *
 * A file that is replaced hands its permissions on; a symbolic link is replaced,
 * and what it leads to stays.
 *
 * Blocks; [method@Oai.Image.save_async] does not.
 *
 * Returns: %TRUE if the file is there, whole
 *
 * Since: 1.0
 */
gboolean
oai_image_save (OaiImage *self, GFile *target, gboolean overwrite, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  gboolean saved;

  g_return_val_if_fail (OAI_IS_IMAGE (self), FALSE);
  g_return_val_if_fail (G_IS_FILE (target), FALSE);

  oai_blocking_call_begin (&sync);
  oai_image_save_async (self, target, overwrite, cancellable, oai_blocking_call_ready, &sync);
  saved = oai_image_save_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return saved;
}
