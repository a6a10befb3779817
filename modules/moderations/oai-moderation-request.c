/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-moderations-types.h"

#include "oai-json-doc-private.h"
#include "oai-mime-private.h"
#include "oai-record-private.h"

/* Adds the elements of a list, and converts texts to parts. */
static void
add_elements (GPtrArray *parts, const char *json)
{
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (json, -1, OAI_JSON_TOLERANT, NULL);
  OaiJsonIter iter;
  OaiJsonNode element;

  oai_json_iter_init (&iter, doc, 0);
  while (oai_json_iter_next (&iter, NULL, &element))
    if (oai_json_get_type (doc, element) == OAI_JSON_STRING)
      g_ptr_array_add (parts, oai_moderation_text_new (oai_json_get_string (doc, element, NULL)));
    else
      g_ptr_array_add (parts, oai_record_new_from_doc (OAI_TYPE_MODERATION_INPUT, doc, element, NULL, NULL));
}

/* Converts the texts to parts, since the member contains either texts or parts. */
static void
make_parts_of_texts (OaiModerationRequest *self)
{
  g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char *json = NULL;

  if (oai_moderation_request_get_inputs (self) != NULL)
    {
      json = oai_record_dup_member (OAI_RECORD (self), "input");
      add_elements (parts, json);
    }
  else if (oai_moderation_request_get_input (self) != NULL)
    g_ptr_array_add (parts, oai_moderation_text_new (oai_moderation_request_get_input (self)));
  else
    return;

  oai_moderation_request_set_input_parts (self, parts);
}

void
oai_moderation_request_add_part (OaiModerationRequest *self, OaiModerationInput *part)
{
  g_return_if_fail (OAI_IS_MODERATION_REQUEST (self));
  g_return_if_fail (OAI_IS_MODERATION_INPUT (part));

  make_parts_of_texts (self);
  oai_moderation_request_add_input_part (self, part);
}

void
oai_moderation_request_add_image (OaiModerationRequest *self, GBytes *bytes)
{
  g_autofree char *url = NULL;

  g_return_if_fail (bytes != NULL);

  url = oai_data_url_build (NULL, bytes);
  oai_moderation_request_add_image_url (self, url);
}
