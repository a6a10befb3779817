/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-responses-types.h"

#include "oai-record-schema.h"
#include "oai-response-content-private.h"

const char *
oai_response_message_get_text (OaiResponseMessage *self)
{
  const char *content = NULL;

  g_return_val_if_fail (OAI_IS_RESPONSE_MESSAGE (self), NULL);

  content = oai_response_message_get_content (self);
  if (content != NULL)
    return content;

  return oai_record_keep_text (OAI_RECORD (self), "text",
                               oai_response_join_parts (oai_response_message_get_content_parts (self), oai_response_part_get_text, ""));
}

const char *
oai_response_message_get_refusal_text (OaiResponseMessage *self)
{
  g_return_val_if_fail (OAI_IS_RESPONSE_MESSAGE (self), NULL);

  return oai_record_keep_text (OAI_RECORD (self), "refusal",
                               oai_response_join_parts (oai_response_message_get_content_parts (self), oai_response_part_get_refusal, ""));
}

/* Returns a part for the text of the message. */
static OaiResponseContent *
new_first_part (OaiResponseMessage *self, const char *text)
{
  if (g_strcmp0 (oai_response_message_get_role (self), OAI_ROLE_ASSISTANT) == 0)
    return OAI_RESPONSE_CONTENT (oai_response_output_text_new (text));

  return OAI_RESPONSE_CONTENT (oai_response_input_text_new (text));
}

void
oai_response_message_add_part (OaiResponseMessage *self, OaiResponseContent *part)
{
  g_autoptr(OaiResponseContent) first = NULL;
  const char *text = NULL;

  g_return_if_fail (OAI_IS_RESPONSE_MESSAGE (self));
  g_return_if_fail (OAI_IS_RESPONSE_CONTENT (part));

  text = oai_response_message_get_content (self);
  if (text != NULL)
    {
      first = new_first_part (self, text);
      oai_response_message_set_content (self, NULL);
      oai_response_message_add_content_part (self, first);
    }

  oai_response_message_add_content_part (self, part);
}
