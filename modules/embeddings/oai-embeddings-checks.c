/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-embeddings-checks-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-doc-private.h"

static gboolean
is_empty_list (OaiJsonDoc *doc, OaiJsonNode node)
{
  return oai_json_get_type (doc, node) == OAI_JSON_ARRAY && oai_json_get_size (doc, node) == 0;
}

/* An empty text is sent: OpenAI returns a vector for it.  Of a list without texts or
 * tokens, servers report only that something about the input is wrong. */
gboolean
oai_embeddings_check_input (OaiRecord *request, GError **error)
{
  g_autofree char *json = oai_record_dup_member (request, "input");
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (json != NULL ? json : "null", -1, OAI_JSON_TOLERANT, error);
  OaiJsonIter iter;
  OaiJsonNode element;

  if (doc == NULL)
    return FALSE;
  if (is_empty_list (doc, 0))
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("There is nothing to embed: the input is empty."));
      return FALSE;
    }
  if (oai_json_get_type (doc, 0) != OAI_JSON_ARRAY)
    return TRUE;

  oai_json_iter_init (&iter, doc, 0);
  for (guint i = 1; oai_json_iter_next (&iter, NULL, &element); i++)
    if (is_empty_list (doc, element))
      {
        /* Translators: %u counts the inputs that are to be embedded, from 1. */
        g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("There is nothing to embed in input %u: it is empty."), i);
        return FALSE;
      }

  return TRUE;
}
