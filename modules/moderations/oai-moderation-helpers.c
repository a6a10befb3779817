/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-moderation-helpers.h"

#include "oai-json-doc-private.h"
#include "oai-mime-private.h"
#include "oai-moderation-verdict-private.h"
#include "oai-record-private.h"

/**
 * oai_moderation_request_new_for_text:
 * @text: what to judge
 *
 * Makes a request for the judgement on a text.
 *
 * Returns: (transfer full): the request
 *
 * Since: 1.0
 */
OaiModerationRequest *
oai_moderation_request_new_for_text (const char *text)
{
  OaiModerationRequest *self;

  g_return_val_if_fail (text != NULL, NULL);

  self = g_object_new (OAI_TYPE_MODERATION_REQUEST, NULL);
  oai_moderation_request_set_input (self, text);

  return self;
}

/* The parts of a list; its texts become parts, too. */
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
      g_ptr_array_add (parts, oai_record_new_from_node (OAI_TYPE_MODERATION_INPUT, doc, element, NULL, NULL));
}

/* The member holds texts or parts, and parts would take the place of texts: what
 * nobody sends, nobody judges. So texts become parts before others follow. */
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

  oai_moderation_request_set_parts (self, parts);
}

static void
add_part (OaiModerationRequest *self, OaiModerationInput *part)
{
  make_parts_of_texts (self);
  oai_moderation_request_add_part (self, part);
}

/**
 * oai_moderation_request_add_text:
 * @self: a request
 * @text: a text to judge
 *
 * Adds a text to what is judged together. Texts that the request holds already
 * are judged together with it.
 *
 * Since: 1.0
 */
void
oai_moderation_request_add_text (OaiModerationRequest *self, const char *text)
{
  g_autoptr(OaiModerationText) part = NULL;

  g_return_if_fail (OAI_IS_MODERATION_REQUEST (self));
  g_return_if_fail (text != NULL);

  part = oai_moderation_text_new (text);
  add_part (self, OAI_MODERATION_INPUT (part));
}

/**
 * oai_moderation_request_add_image_url:
 * @self: a request
 * @url: the address of a picture, or a data URL
 *
 * Adds a picture to what is judged together, texts included that the request
 * holds already. Only omni models see pictures.
 *
 * Since: 1.0
 */
void
oai_moderation_request_add_image_url (OaiModerationRequest *self, const char *url)
{
  g_autoptr(OaiModerationImageUrl) image_url = NULL;
  g_autoptr(OaiModerationImage) part = NULL;

  g_return_if_fail (OAI_IS_MODERATION_REQUEST (self));
  g_return_if_fail (url != NULL);

  image_url = oai_moderation_image_url_new (url);
  part = oai_moderation_image_new (image_url);
  add_part (self, OAI_MODERATION_INPUT (part));
}

/**
 * oai_moderation_request_add_image:
 * @self: a request
 * @bytes: a picture
 *
 * Adds a picture to what is judged together, which travels within the request.
 *
 * Since: 1.0
 */
void
oai_moderation_request_add_image (OaiModerationRequest *self, GBytes *bytes)
{
  g_autofree char *url = NULL;

  g_return_if_fail (bytes != NULL);

  url = oai_data_url_build (NULL, bytes);
  oai_moderation_request_add_image_url (self, url);
}

/**
 * oai_moderation_is_flagged:
 * @self: judgements
 *
 * Tells whether any of the inputs was found harmful. What was not judged counts
 * as harmful, so that nothing passes because an answer is not what it should be:
 * one without judgements, or with one that does not say in a boolean whether the
 * input is flagged. [method@Oai.ModerationsEndpoint.judge] makes an error of it.
 *
 * How many inputs there were, the answer does not tell. A program that sends a
 * list of texts is to look whether there are as many judgements.
 *
 * Returns: %FALSE if all were judged and are harmless
 *
 * Since: 1.0
 */
gboolean
oai_moderation_is_flagged (OaiModeration *self)
{
  g_return_val_if_fail (OAI_IS_MODERATION (self), TRUE);

  return oai_moderation_get_verdict (self) != OAI_VERDICT_HARMLESS;
}

/**
 * oai_moderation_result_list_flagged:
 * @self: a judgement
 *
 * Lists the categories that the input falls into, those included that are newer
 * than this library.
 *
 * Returns: (transfer full): their names, such as `harassment/threatening`
 *
 * Since: 1.0
 */
GStrv
oai_moderation_result_list_flagged (OaiModerationResult *self)
{
  g_autoptr(GStrvBuilder) builder = NULL;
  OaiModerationCategories *categories;
  g_auto(GStrv) names = NULL;

  g_return_val_if_fail (OAI_IS_MODERATION_RESULT (self), NULL);

  builder = g_strv_builder_new ();
  categories = oai_moderation_result_get_categories (self);
  names = categories != NULL ? oai_record_list_members (OAI_RECORD (categories)) : NULL;
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    if (oai_record_get_boolean (OAI_RECORD (categories), names[i]))
      g_strv_builder_add (builder, names[i]);

  return g_strv_builder_end (builder);
}

/**
 * oai_moderation_result_has_category:
 * @self: a judgement
 * @category: a category, such as `harassment/threatening`
 *
 * Tells whether the input falls into a category, be it one that is newer than
 * this library.
 *
 * Returns: %TRUE if it does
 *
 * Since: 1.0
 */
gboolean
oai_moderation_result_has_category (OaiModerationResult *self, const char *category)
{
  OaiModerationCategories *categories;

  g_return_val_if_fail (OAI_IS_MODERATION_RESULT (self), FALSE);
  g_return_val_if_fail (category != NULL, FALSE);

  categories = oai_moderation_result_get_categories (self);

  return categories != NULL && oai_record_get_boolean (OAI_RECORD (categories), category);
}

/**
 * oai_moderation_result_get_score:
 * @self: a judgement
 * @category: a category, such as `harassment/threatening`
 *
 * Gets how sure the model is of a category.
 *
 * Returns: from 0 to 1; 0 when the model did not judge it
 *
 * Since: 1.0
 */
double
oai_moderation_result_get_score (OaiModerationResult *self, const char *category)
{
  OaiModerationScores *scores;

  g_return_val_if_fail (OAI_IS_MODERATION_RESULT (self), 0);
  g_return_val_if_fail (category != NULL, 0);

  scores = oai_moderation_result_get_category_scores (self);

  return scores != NULL ? oai_record_get_number (OAI_RECORD (scores), category) : 0;
}

/**
 * oai_moderation_split_text:
 * @text: a long text
 * @chunk_size: how many characters a piece has at most, from 1
 * @overlap: how many characters a piece repeats of the one before it, less than @chunk_size
 *
 * Cuts a text into pieces that overlap, so that what stands on a seam is still
 * seen in whole. No character is lost; what is no UTF-8 becomes replacement characters.
 *
 * Returns: (transfer full): the pieces; one at least
 *
 * Since: 1.0
 */
GStrv
oai_moderation_split_text (const char *text, guint chunk_size, guint overlap)
{
  g_autoptr(GStrvBuilder) builder = NULL;
  g_autofree char *valid = NULL;
  const char *start;

  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (chunk_size > overlap, NULL);

  builder = g_strv_builder_new ();
  start = valid = g_utf8_make_valid (text, -1);
  for (;;)
    {
      const char *end = start;
      const char *next = start;
      g_autofree char *piece = NULL;

      for (guint i = 0; i < chunk_size && *end != '\0'; i++)
        {
          end = g_utf8_next_char (end);
          if (i < chunk_size - overlap)
            next = end;
        }
      piece = g_strndup (start, end - start);
      g_strv_builder_add (builder, piece);
      if (*end == '\0')
        break;
      start = next;
    }

  return g_strv_builder_end (builder);
}
