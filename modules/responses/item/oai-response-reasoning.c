/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-responses-types.h"

#include "oai-record-schema.h"
#include "oai-response-content-private.h"

#define PARAGRAPH "\n\n"

static const char *
get_summary (OaiResponseContent *part)
{
  return OAI_IS_RESPONSE_SUMMARY_TEXT (part) ? oai_response_summary_text_get_text (OAI_RESPONSE_SUMMARY_TEXT (part)) : NULL;
}

static const char *
get_reasoning (OaiResponseContent *part)
{
  return OAI_IS_RESPONSE_REASONING_TEXT (part) ? oai_response_reasoning_text_get_text (OAI_RESPONSE_REASONING_TEXT (part)) : NULL;
}

const char *
oai_response_reasoning_get_summary_text (OaiResponseReasoning *self)
{
  g_return_val_if_fail (OAI_IS_RESPONSE_REASONING (self), NULL);

  return oai_record_keep_text (OAI_RECORD (self), "summary",
                               oai_response_join_parts (oai_response_reasoning_get_summary_parts (self), get_summary, PARAGRAPH));
}

const char *
oai_response_reasoning_get_text (OaiResponseReasoning *self)
{
  g_return_val_if_fail (OAI_IS_RESPONSE_REASONING (self), NULL);

  return oai_record_keep_text (OAI_RECORD (self), "text",
                               oai_response_join_parts (oai_response_reasoning_get_content_parts (self), get_reasoning, PARAGRAPH));
}
