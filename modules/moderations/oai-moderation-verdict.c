/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-moderation-verdict-private.h"

#include "oai-json-doc-private.h"

/* Getters give FALSE for what is absent or of another type, as they do everywhere;
 * here that would be a harmless text. So this looks at what the server wrote. */
OaiVerdict
oai_moderation_get_verdict (OaiModeration *self)
{
  g_autofree char *json = oai_record_dup_member (OAI_RECORD (self), "results");
  g_autoptr(OaiJsonDoc) doc = json != NULL ? oai_json_doc_new_copy (json, -1, OAI_JSON_TOLERANT, NULL) : NULL;
  OaiVerdict verdict = OAI_VERDICT_HARMLESS;
  OaiJsonIter iter;
  OaiJsonNode result;

  if (doc == NULL || oai_json_get_type (doc, 0) != OAI_JSON_ARRAY || oai_json_get_size (doc, 0) == 0)
    return OAI_VERDICT_NONE;

  oai_json_iter_init (&iter, doc, 0);
  while (oai_json_iter_next (&iter, NULL, &result))
    {
      gboolean flagged;

      if (!oai_json_get_boolean (doc, oai_json_get_member (doc, result, "flagged"), &flagged))
        return OAI_VERDICT_NONE;
      if (flagged)
        verdict = OAI_VERDICT_HARMFUL;
    }

  return verdict;
}
