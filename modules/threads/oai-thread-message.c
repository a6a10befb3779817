/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-threads-types.h"

/* Returns the text of a part, or the URL of its image; NULL for other parts. */
static const char *
get_part_text (OaiThreadContentPart *part)
{
  if (OAI_IS_THREAD_TEXT_PART (part))
    {
      OaiThreadText *text = oai_thread_text_part_get_text_object (OAI_THREAD_TEXT_PART (part));

      return text != NULL ? oai_thread_text_get_value (text) : oai_thread_text_part_get_text (OAI_THREAD_TEXT_PART (part));
    }
  if (OAI_IS_THREAD_IMAGE_FILE_PART (part))
    {
      OaiThreadImageFile *file = oai_thread_image_file_part_get_image_file (OAI_THREAD_IMAGE_FILE_PART (part));

      return file != NULL ? oai_thread_image_file_get_file_id (file) : NULL;
    }
  if (OAI_IS_THREAD_IMAGE_URL_PART (part))
    {
      OaiThreadImageUrl *url = oai_thread_image_url_part_get_image_url (OAI_THREAD_IMAGE_URL_PART (part));

      return url != NULL ? oai_thread_image_url_get_url (url) : NULL;
    }
  if (OAI_IS_THREAD_REFUSAL_PART (part))
    return oai_thread_refusal_part_get_refusal (OAI_THREAD_REFUSAL_PART (part));

  return NULL;
}

char *
oai_thread_message_dup_text (OaiThreadMessage *self)
{
  GPtrArray *parts;
  GString *text;

  g_return_val_if_fail (OAI_IS_THREAD_MESSAGE (self), NULL);

  text = g_string_new (NULL);
  parts = oai_thread_message_get_content_parts (self);
  for (guint i = 0; parts != NULL && i < parts->len; i++)
    {
      const char *piece = get_part_text (g_ptr_array_index (parts, i));

      if (piece == NULL)
        continue;
      if (text->len > 0)
        g_string_append_c (text, '\n');
      g_string_append (text, piece);
    }

  return g_string_free (text, FALSE);
}

OaiThreadRequest *
oai_thread_request_new_for_text (const char *text)
{
  OaiThreadRequest *self;
  g_autoptr(OaiThreadMessageRequest) message = NULL;

  g_return_val_if_fail (text != NULL, NULL);

  self = oai_thread_request_new ();
  message = oai_thread_message_request_new_user (text);
  oai_thread_request_add_message (self, message);

  return self;
}
