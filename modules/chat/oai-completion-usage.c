/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-chat-types.h"

static void
append_sum (GString *json, const char *name, gint64 sum)
{
  if (json->str[json->len - 1] != '{')
    g_string_append_c (json, ',');
  g_string_append_printf (json, "\"%s\":%" G_GINT64_FORMAT, name, sum);
}

static void
append_prompt_details (GString *json, OaiPromptTokensDetails *a, OaiPromptTokensDetails *b)
{
#define SUM(name) append_sum (json, #name, (a != NULL ? oai_prompt_tokens_details_get_##name (a) : 0) + \
                                               (b != NULL ? oai_prompt_tokens_details_get_##name (b) : 0))
  if (a == NULL && b == NULL)
    return;

  g_string_append (json, ",\"prompt_tokens_details\":{");
  SUM (audio_tokens);
  SUM (cached_tokens);
  SUM (text_tokens);
  SUM (image_tokens);
  SUM (cache_write_tokens);
  g_string_append_c (json, '}');
#undef SUM
}

static void
append_completion_details (GString *json, OaiCompletionTokensDetails *a, OaiCompletionTokensDetails *b)
{
#define SUM(name) append_sum (json, #name, (a != NULL ? oai_completion_tokens_details_get_##name (a) : 0) + \
                                               (b != NULL ? oai_completion_tokens_details_get_##name (b) : 0))
  if (a == NULL && b == NULL)
    return;

  g_string_append (json, ",\"completion_tokens_details\":{");
  SUM (accepted_prediction_tokens);
  SUM (rejected_prediction_tokens);
  SUM (audio_tokens);
  SUM (reasoning_tokens);
  SUM (text_tokens);
  g_string_append_c (json, '}');
#undef SUM
}

OaiCompletionUsage *
oai_completion_usage_add (OaiCompletionUsage *self, OaiCompletionUsage *other)
{
  g_autoptr(GString) json = g_string_new ("{");

  g_return_val_if_fail (OAI_IS_COMPLETION_USAGE (self), NULL);
  g_return_val_if_fail (other == NULL || OAI_IS_COMPLETION_USAGE (other), NULL);

  if (other == NULL)
    return OAI_COMPLETION_USAGE (oai_record_copy (OAI_RECORD (self)));

  append_sum (json, "prompt_tokens",
              oai_completion_usage_get_prompt_tokens (self) + oai_completion_usage_get_prompt_tokens (other));
  append_sum (json, "completion_tokens",
              oai_completion_usage_get_completion_tokens (self) + oai_completion_usage_get_completion_tokens (other));
  append_sum (json, "total_tokens",
              oai_completion_usage_get_total_tokens (self) + oai_completion_usage_get_total_tokens (other));
  append_prompt_details (json, oai_completion_usage_get_prompt_tokens_details (self),
                         oai_completion_usage_get_prompt_tokens_details (other));
  append_completion_details (json, oai_completion_usage_get_completion_tokens_details (self),
                             oai_completion_usage_get_completion_tokens_details (other));
  g_string_append_c (json, '}');

  return OAI_COMPLETION_USAGE (oai_record_new_from_json (OAI_TYPE_COMPLETION_USAGE, json->str, NULL));
}
