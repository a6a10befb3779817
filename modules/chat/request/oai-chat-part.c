/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-chat-methods-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-mime-private.h"
#include "oai-whole-file-private.h"

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
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("This is not an image of a known format."));
      return NULL;
    }

  url = oai_data_url_build (content_type, bytes);

  return oai_chat_image_part_new_for_url (url, detail);
}

static void
return_image_part (GTask *task, GFile *file, GBytes *bytes)
{
  g_autoptr(GTask) owned_task G_GNUC_UNUSED = task;
  g_autoptr(GBytes) owned_bytes G_GNUC_UNUSED = bytes;
  GError *error = NULL;
  OaiChatImagePart *part = oai_chat_image_part_new_for_bytes (bytes, g_task_get_task_data (task), &error);

  if (part != NULL)
    g_task_return_pointer (task, part, g_object_unref);
  else
    g_task_return_error (task, error);
}

void
oai_chat_image_part_new_for_file_start (GFile *file, const char *detail, GTask *task)
{
  g_task_set_task_data (task, g_strdup (detail), g_free);
  oai_whole_file_load (task, file, return_image_part);
}

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
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("This is neither WAV nor MP3 audio."));
      return NULL;
    }

  data = g_base64_encode (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  audio = oai_chat_input_audio_new (data, format);

  return oai_chat_audio_part_new (audio);
}

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
