/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-chat-part-helpers.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-mime-private.h"

/* Pictures */

/**
 * oai_chat_image_part_new_for_url: (constructor)
 * @url: a web address, or a `data:` URL
 * @detail: (nullable): how closely the model looks, such as %OAI_IMAGE_DETAIL_HIGH
 *
 * Makes a part with a picture that the server gets by itself.
 *
 * Local servers often take nothing but `data:` URLs; see [ctor@Oai.ChatImagePart.new_for_file].
 *
 * Returns: (transfer full): a new part
 *
 * Since: 1.0
 */
OaiChatImagePart *
oai_chat_image_part_new_for_url (const char *url, const char *detail)
{
  g_autoptr(OaiChatImageUrl) image_url = NULL;

  g_return_val_if_fail (url != NULL, NULL);

  image_url = oai_chat_image_url_new (url);
  if (detail != NULL && !g_str_equal (detail, OAI_IMAGE_DETAIL_AUTO))
    oai_chat_image_url_set_detail (image_url, detail);

  return oai_chat_image_part_new (image_url);
}

/**
 * oai_chat_image_part_new_for_bytes: (constructor)
 * @bytes: a picture: the content of a PNG, JPEG, WebP or GIF file or of another format
 * @detail: (nullable): how closely the model looks, such as %OAI_IMAGE_DETAIL_HIGH
 *
 * Makes a part with a picture that is sent along.
 *
 * What kind of picture it is tell the bytes themselves. Fails with
 * %OAI_ERROR_INVALID_ARGUMENT if they are no picture of a known kind.
 *
 * Returns: (transfer full): a new part
 *
 * Since: 1.0
 */
OaiChatImagePart *
oai_chat_image_part_new_for_bytes (GBytes *bytes, const char *detail, GError **error)
{
  const char *content_type = NULL;
  g_autofree char *url = NULL;
  gconstpointer data = NULL;
  gsize length = 0;

  g_return_val_if_fail (bytes != NULL, NULL);

  data = g_bytes_get_data (bytes, &length);
  content_type = oai_mime_sniff (data, length);
  if (content_type == NULL || !g_str_has_prefix (content_type, "image/"))
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("This is not a picture of a known format."));
      return NULL;
    }

  url = oai_data_url_build (content_type, bytes);

  return oai_chat_image_part_new_for_url (url, detail);
}

/**
 * oai_chat_image_part_new_for_file: (constructor)
 * @file: a picture
 * @detail: (nullable): how closely the model looks, such as %OAI_IMAGE_DETAIL_HIGH
 * @cancellable: (nullable): cancels reading
 *
 * Reads a picture and makes a part of it.
 *
 * Fails with an error of #GIOErrorEnum if the file cannot be read, and with
 * %OAI_ERROR_INVALID_ARGUMENT if it is no picture of a known kind.
 *
 * Returns: (transfer full): a new part
 *
 * Since: 1.0
 */
OaiChatImagePart *
oai_chat_image_part_new_for_file (GFile *file, const char *detail, GCancellable *cancellable, GError **error)
{
  g_autoptr(GBytes) bytes = NULL;

  g_return_val_if_fail (G_IS_FILE (file), NULL);

  bytes = g_file_load_bytes (file, cancellable, NULL, error);
  if (bytes == NULL)
    return NULL;

  return oai_chat_image_part_new_for_bytes (bytes, detail, error);
}

static void
on_image_loaded (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(OaiChatImagePart) part = NULL;
  g_autoptr(GBytes) bytes = NULL;
  GError *error = NULL;

  bytes = g_file_load_bytes_finish (G_FILE (object), result, NULL, &error);
  if (bytes != NULL)
    part = oai_chat_image_part_new_for_bytes (bytes, g_task_get_task_data (task), &error);

  if (part != NULL)
    g_task_return_pointer (task, g_steal_pointer (&part), g_object_unref);
  else
    g_task_return_error (task, error);
}

/**
 * oai_chat_image_part_new_for_file_async:
 * @file: a picture
 * @detail: (nullable): how closely the model looks, such as %OAI_IMAGE_DETAIL_HIGH
 * @cancellable: (nullable): cancels reading
 * @callback: (scope async) (nullable): called when the file was read
 * @user_data: data for @callback
 *
 * Reads a picture to make a part of it.
 *
 * [ctor@Oai.ChatImagePart.new_for_file_finish] gives the part.
 *
 * Since: 1.0
 */
void
oai_chat_image_part_new_for_file_async (GFile *file,
                                        const char *detail,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data)
{
  g_autoptr(GTask) task = NULL;

  g_return_if_fail (G_IS_FILE (file));

  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_chat_image_part_new_for_file_async);
  g_task_set_task_data (task, g_strdup (detail), g_free);
  g_file_load_bytes_async (file, cancellable, on_image_loaded, g_steal_pointer (&task));
}

/**
 * oai_chat_image_part_new_for_file_finish: (constructor)
 * @result: what the callback was given
 *
 * Ends [func@Oai.ChatImagePart.new_for_file_async].
 *
 * Returns: (transfer full): a new part
 *
 * Since: 1.0
 */
OaiChatImagePart *
oai_chat_image_part_new_for_file_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Sound */

static const char *
find_audio_format (GBytes *bytes)
{
  gsize length = 0;
  gconstpointer data = g_bytes_get_data (bytes, &length);
  const char *content_type = oai_mime_sniff (data, length);

  if (content_type == NULL)
    return NULL;
  if (g_str_equal (content_type, "audio/wav") || g_str_equal (content_type, "audio/x-wav"))
    return OAI_CHAT_INPUT_AUDIO_FORMAT_WAV;
  if (g_str_equal (content_type, "audio/mpeg"))
    return OAI_CHAT_INPUT_AUDIO_FORMAT_MP3;
  return NULL;
}

/**
 * oai_chat_audio_part_new_for_bytes: (constructor)
 * @bytes: the content of a WAV or MP3 file
 *
 * Makes a part with recorded sound.
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT if the bytes are of another format.
 *
 * Returns: (transfer full): a new part
 *
 * Since: 1.0
 */
OaiChatAudioPart *
oai_chat_audio_part_new_for_bytes (GBytes *bytes, GError **error)
{
  g_autoptr(OaiChatInputAudio) audio = NULL;
  g_autofree char *data = NULL;
  const char *format = NULL;

  g_return_val_if_fail (bytes != NULL, NULL);

  format = find_audio_format (bytes);
  if (format == NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("This is neither WAV nor MP3 sound."));
      return NULL;
    }

  data = g_base64_encode (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  audio = oai_chat_input_audio_new (data, format);

  return oai_chat_audio_part_new (audio);
}

/* Documents */

/**
 * oai_chat_file_part_new_for_bytes: (constructor)
 * @bytes: the content of a document, such as a PDF file
 * @filename: its name, which the model sees
 *
 * Makes a part with a document that is sent along.
 *
 * Returns: (transfer full): a new part
 *
 * Since: 1.0
 */
OaiChatFilePart *
oai_chat_file_part_new_for_bytes (GBytes *bytes, const char *filename)
{
  g_autoptr(OaiChatInputFile) file = NULL;
  g_autofree char *content_type = NULL;
  g_autofree char *url = NULL;
  gconstpointer data = NULL;
  gsize length = 0;

  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (filename != NULL, NULL);

  data = g_bytes_get_data (bytes, &length);
  content_type = oai_mime_guess (filename, data, length);
  url = oai_data_url_build (content_type, bytes);
  file = oai_chat_input_file_new ();
  oai_chat_input_file_set_filename (file, filename);
  oai_chat_input_file_set_file_data (file, url);

  return oai_chat_file_part_new (file);
}

/**
 * oai_chat_file_part_new_for_id: (constructor)
 * @file_id: identifier of a file on the server
 *
 * Makes a part with a document that was uploaded before.
 *
 * Returns: (transfer full): a new part
 *
 * Since: 1.0
 */
OaiChatFilePart *
oai_chat_file_part_new_for_id (const char *file_id)
{
  g_autoptr(OaiChatInputFile) file = NULL;

  g_return_val_if_fail (file_id != NULL, NULL);

  file = oai_chat_input_file_new ();
  oai_chat_input_file_set_file_id (file, file_id);

  return oai_chat_file_part_new (file);
}
