/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-moderation-result-private.h"

#include "oai-json-doc-private.h"

/* Reads the JSON, since the getter of an absent boolean returns FALSE, which would mean
 * harmless. */
OaiModerationOutcome
oai_moderation_get_outcome (OaiModeration *self)
{
  g_autofree char *json = oai_record_dup_member (OAI_RECORD (self), "results");
  g_autoptr(OaiJsonDoc) doc = json != NULL ? oai_json_doc_new_copy (json, -1, OAI_JSON_TOLERANT, NULL) : NULL;
  OaiModerationOutcome outcome = OAI_MODERATION_HARMLESS;
  OaiJsonIter iter;
  OaiJsonNode result;

  if (doc == NULL || oai_json_get_type (doc, 0) != OAI_JSON_ARRAY || oai_json_get_size (doc, 0) == 0)
    return OAI_MODERATION_NONE;

  oai_json_iter_init (&iter, doc, 0);
  while (oai_json_iter_next (&iter, NULL, &result))
    {
      gboolean flagged;

      if (!oai_json_get_boolean (doc, oai_json_get_member (doc, result, "flagged"), &flagged))
        return OAI_MODERATION_NONE;
      if (flagged)
        outcome = OAI_MODERATION_HARMFUL;
    }

  return outcome;
}

gboolean
oai_moderation_is_flagged (OaiModeration *self)
{
  g_return_val_if_fail (OAI_IS_MODERATION (self), TRUE);

  return oai_moderation_get_outcome (self) != OAI_MODERATION_HARMLESS;
}

GStrv
oai_moderation_result_dup_flagged_categories (OaiModerationResult *self)
{
  g_autoptr(GStrvBuilder) builder = NULL;
  OaiModerationCategories *categories;
  g_auto(GStrv) names = NULL;

  g_return_val_if_fail (OAI_IS_MODERATION_RESULT (self), NULL);

  builder = g_strv_builder_new ();
  categories = oai_moderation_result_get_categories (self);
  names = categories != NULL ? oai_record_list_members (OAI_RECORD (categories)) : NULL;
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    if (oai_record_get_boolean_member (OAI_RECORD (categories), names[i]))
      g_strv_builder_add (builder, names[i]);

  return g_strv_builder_end (builder);
}

gboolean
oai_moderation_result_is_category_flagged (OaiModerationResult *self, const char *category)
{
  OaiModerationCategories *categories;

  g_return_val_if_fail (OAI_IS_MODERATION_RESULT (self), FALSE);
  g_return_val_if_fail (category != NULL, FALSE);

  categories = oai_moderation_result_get_categories (self);

  return categories != NULL && oai_record_get_boolean_member (OAI_RECORD (categories), category);
}

double
oai_moderation_result_get_score (OaiModerationResult *self, const char *category)
{
  OaiModerationScores *scores;

  g_return_val_if_fail (OAI_IS_MODERATION_RESULT (self), 0);
  g_return_val_if_fail (category != NULL, 0);

  scores = oai_moderation_result_get_category_scores (self);

  return scores != NULL ? oai_record_get_double_member (OAI_RECORD (scores), category) : 0;
}
