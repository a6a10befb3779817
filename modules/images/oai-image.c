/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-images-methods-private.h"

#include <string.h>

#include "oai-download-private.h"
#include "oai-error.h"
#include "oai-external-url-private.h"
#include "oai-i18n-private.h"
#include "oai-base64-private.h"
#include "oai-mime-private.h"

/* Returns the image in the reply; NULL without error if the reply contains only a URL. */
static GBytes *
decode (OaiImage *self, GError **error)
{
  const char *base64 = oai_image_get_b64_json (self);
  const char *url = oai_image_get_url (self);
  g_autoptr(GError) reason = NULL;
  GBytes *bytes = NULL;

  /* Some servers send a data URL in one of the members. */
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

  /* Translators: %s is the reason. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent an image that cannot be read: %s"),
               reason != NULL ? reason->message : _("it is empty"));

  return NULL;
}

GBytes *
oai_image_dup_bytes (OaiImage *self)
{
  g_return_val_if_fail (OAI_IS_IMAGE (self), NULL);

  return decode (self, NULL);
}

/* Loading */

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

/* Returns the image in the reply; NULL without error if the image has a URL. */
static GBytes *
decode_or_check_url (OaiImage *self, GError **error)
{
  g_autoptr(GError) reason = NULL;
  GBytes *bytes = decode (self, &reason);

  if (reason != NULL)
    g_propagate_error (error, g_steal_pointer (&reason));
  else if (bytes == NULL && (oai_image_get_url (self) == NULL || *oai_image_get_url (self) == '\0'))
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent neither the image nor its URL"));

  return bytes;
}

void
oai_image_load_bytes_start (OaiImage *self, GTask *task)
{
  g_autoptr(GTask) owned = task;
  GError *error = NULL;
  GBytes *bytes = decode_or_check_url (self, &error);

  if (bytes != NULL)
    g_task_return_pointer (task, bytes, (GDestroyNotify) g_bytes_unref);
  else if (error != NULL)
    g_task_return_error (task, error);
  else
    oai_external_url_load_async (oai_record_get_client (OAI_RECORD (self)), oai_image_get_url (self), g_task_get_cancellable (task), loaded_cb, g_steal_pointer (&owned));
}

/* Saving */

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

void
oai_image_save_start (OaiImage *self, GFile *target, gboolean overwrite, GTask *task)
{
  GError *error = NULL;
  g_autoptr(GBytes) bytes G_GNUC_UNUSED = decode_or_check_url (self, &error);

  if (error == NULL)
    {
      oai_download_task_prepare (task, target, overwrite, target_ready);
      return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}
