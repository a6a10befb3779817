/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-embeddings-methods-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-doc-private.h"
#include "oai-record-private.h"

static gboolean
is_list_of_lists (OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiJsonIter iter;
  OaiJsonNode first;

  oai_json_iter_init (&iter, doc, node);

  return oai_json_iter_next (&iter, NULL, &first) && oai_json_get_type (doc, first) == OAI_JSON_ARRAY;
}

void
oai_embedding_request_add_tokens (OaiEmbeddingRequest *self, const gint64 *tokens, gsize n_tokens)
{
  g_autoptr(GString) json = NULL;
  OaiJsonDoc *doc;
  OaiJsonNode node;

  g_return_if_fail (OAI_IS_EMBEDDING_REQUEST (self));
  g_return_if_fail (tokens != NULL || n_tokens == 0);

  json = g_string_new ("[");
  for (gsize i = 0; i < n_tokens; i++)
    {
      if (i > 0)
        g_string_append_c (json, ',');
      g_string_append_printf (json, "%" G_GINT64_FORMAT, tokens[i]);
    }
  g_string_append_c (json, ']');
  if (oai_record_peek_member (OAI_RECORD (self), "input", &doc, &node)
      && is_list_of_lists (doc, node)
      && oai_record_append_element (OAI_RECORD (self), "input", json->str))
    return;

  g_string_prepend_c (json, '[');
  g_string_append_c (json, ']');
  oai_embedding_request_set_token_lists (self, json->str);
}

static gboolean
is_empty_list (OaiJsonDoc *doc, OaiJsonNode node)
{
  return oai_json_get_type (doc, node) == OAI_JSON_ARRAY && oai_json_get_size (doc, node) == 0;
}

/* Fails for a list without texts or tokens, since the error messages of servers are not clear.  An
 * empty text is allowed: OpenAI returns a vector for it. */
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
