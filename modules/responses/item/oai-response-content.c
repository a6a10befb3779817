/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-response-content-private.h"

#include "oai-chat-endpoint.h"
#include "oai-responses-methods-private.h"
#include "oai-whole-file-private.h"

/* Texts */

const char *
oai_response_part_get_text (OaiResponseContent *part)
{
  if (OAI_IS_RESPONSE_OUTPUT_TEXT (part))
    return oai_response_output_text_get_text (OAI_RESPONSE_OUTPUT_TEXT (part));
  if (OAI_IS_RESPONSE_INPUT_TEXT (part))
    return oai_response_input_text_get_text (OAI_RESPONSE_INPUT_TEXT (part));
  if (OAI_IS_RESPONSE_TEXT (part))
    return oai_response_text_get_text (OAI_RESPONSE_TEXT (part));
  return NULL;
}

const char *
oai_response_part_get_refusal (OaiResponseContent *part)
{
  return OAI_IS_RESPONSE_REFUSAL (part) ? oai_response_refusal_get_refusal (OAI_RESPONSE_REFUSAL (part)) : NULL;
}

char *
oai_response_join_parts (GPtrArray *parts, OaiResponsePartFunc get_text, const char *separator)
{
  GString *joined = NULL;

  for (guint i = 0; i < parts->len; i++)
    {
      const char *text = get_text (g_ptr_array_index (parts, i));

      if (text == NULL)
        continue;
      if (joined == NULL)
        joined = g_string_new (text);
      else
        g_string_append_printf (joined, "%s%s", separator, text);
    }

  return joined != NULL ? g_string_free (joined, FALSE) : NULL;
}

/* Images */

OaiResponseInputImage *
oai_response_input_image_new_for_url (const char *url, const char *detail)
{
  OaiResponseInputImage *self = NULL;

  g_return_val_if_fail (url != NULL, NULL);

  self = oai_response_input_image_new ();
  oai_response_input_image_set_image_url (self, url);
  oai_response_input_image_set_detail (self, detail != NULL ? detail : OAI_IMAGE_DETAIL_AUTO);

  return self;
}

OaiResponseInputImage *
oai_response_input_image_new_for_id (const char *file_id, const char *detail)
{
  OaiResponseInputImage *self = NULL;

  g_return_val_if_fail (file_id != NULL, NULL);

  self = oai_response_input_image_new ();
  oai_response_input_image_set_file_id (self, file_id);
  oai_response_input_image_set_detail (self, detail != NULL ? detail : OAI_IMAGE_DETAIL_AUTO);

  return self;
}

static const char *
get_url (OaiChatImagePart *image)
{
  return oai_chat_image_url_get_url (oai_chat_image_part_get_image_url (image));
}

OaiResponseInputImage *
oai_response_input_image_new_for_bytes (GBytes *bytes, const char *detail, GError **error)
{
  g_autoptr(OaiChatImagePart) image = NULL;

  g_return_val_if_fail (bytes != NULL, NULL);

  image = oai_chat_image_part_new_for_bytes (bytes, NULL, error);

  return image != NULL ? oai_response_input_image_new_for_url (get_url (image), detail) : NULL;
}

static void
loaded_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(OaiChatImagePart) image = NULL;
  GError *error = NULL;

  image = oai_chat_image_part_new_for_file_finish (result, &error);
  if (image != NULL)
    g_task_return_pointer (task, oai_response_input_image_new_for_url (get_url (image), g_task_get_task_data (task)), g_object_unref);
  else
    g_task_return_error (task, error);
}

void
oai_response_input_image_new_for_file_start (GFile *file, const char *detail, GTask *task)
{
  g_task_set_task_data (task, g_strdup (detail), g_free);
  oai_chat_image_part_new_for_file_async (file, NULL, g_task_get_cancellable (task), loaded_cb, task);
}

OaiResponseComputerScreenshot *
oai_response_computer_screenshot_new_for_bytes (GBytes *bytes, GError **error)
{
  g_autoptr(OaiChatImagePart) image = NULL;

  g_return_val_if_fail (bytes != NULL, NULL);

  image = oai_chat_image_part_new_for_bytes (bytes, NULL, error);

  return image != NULL ? oai_response_computer_screenshot_new_for_url (get_url (image)) : NULL;
}

/* Documents and audio */

OaiResponseInputFile *
oai_response_input_file_new_for_bytes (GBytes *bytes, const char *filename)
{
  g_autoptr(OaiChatFilePart) part = NULL;
  OaiChatInputFile *file = NULL;
  OaiResponseInputFile *self = NULL;

  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (filename != NULL, NULL);

  part = oai_chat_file_part_new_for_bytes (bytes, filename);
  file = oai_chat_file_part_get_file (part);
  self = oai_response_input_file_new ();
  oai_response_input_file_set_filename (self, filename);
  oai_response_input_file_set_file_data (self, oai_chat_input_file_get_file_data (file));

  return self;
}

static void
return_document (GTask *task, GFile *file, GBytes *bytes)
{
  g_autoptr(GTask) owned_task G_GNUC_UNUSED = task;
  g_autoptr(GBytes) owned_bytes G_GNUC_UNUSED = bytes;
  g_autofree char *name = g_file_get_basename (file);
  g_autofree char *filename = g_utf8_make_valid (name != NULL ? name : "file", -1);

  g_task_return_pointer (task, oai_response_input_file_new_for_bytes (bytes, filename), g_object_unref);
}

void
oai_response_input_file_new_for_file_start (GFile *file, GTask *task)
{
  oai_whole_file_load (task, file, return_document);
}

OaiResponseInputAudio *
oai_response_input_audio_new_for_bytes (GBytes *bytes, GError **error)
{
  g_autoptr(OaiChatAudioPart) part = NULL;

  g_return_val_if_fail (bytes != NULL, NULL);

  part = oai_chat_audio_part_new_for_bytes (bytes, error);

  return part != NULL ? oai_response_input_audio_new (oai_chat_audio_part_get_input_audio (part)) : NULL;
}
