/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-embedding-list-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-doc-private.h"
#include "oai-json-number-private.h"
#include "oai-record-private.h"

GBytes *
oai_embedding_dup_vector (OaiEmbedding *self)
{
  OaiJsonDoc *doc;
  OaiJsonNode node;

  g_return_val_if_fail (OAI_IS_EMBEDDING (self), NULL);

  if (!oai_record_peek_member (OAI_RECORD (self), "embedding", &doc, &node))
    return NULL;

  return oai_json_dup_floats (doc, node);
}

static gboolean
has_number (OaiEmbedding *embedding)
{
  OaiJsonDoc *doc;
  OaiJsonNode node;
  gint64 index;

  if (oai_embedding_get_index (embedding) != 0)
    return TRUE;
  if (!oai_record_peek_member (OAI_RECORD (embedding), "index", &doc, &node) || oai_json_get_type (doc, node) == OAI_JSON_NULL)
    return FALSE;

  return !oai_json_get_int (doc, node, &index) || index != 0;
}

/* Returns whether the vectors have indexes.  Some servers send none, or 0 for all; then the order
 * of the reply is used. */
static gboolean
is_numbered (GPtrArray *embeddings)
{
  for (guint i = 0; i < embeddings->len; i++)
    if (has_number (g_ptr_array_index (embeddings, i)))
      return TRUE;

  return FALSE;
}

static OaiEmbedding *
find_embedding (GPtrArray *embeddings, guint index)
{
  gboolean numbered = is_numbered (embeddings);

  if (index < embeddings->len && (!numbered || oai_embedding_get_index (g_ptr_array_index (embeddings, index)) == index))
    return g_ptr_array_index (embeddings, index);
  for (guint i = 0; numbered && i < embeddings->len; i++)
    if (oai_embedding_get_index (g_ptr_array_index (embeddings, i)) == index)
      return g_ptr_array_index (embeddings, i);

  return NULL;
}

/* Returns the borrowed embeddings sorted by index, with NULL for missing ones.  If several have the
 * same index, the one at that position is used, or else the first one. */
static OaiEmbedding **
sort_embeddings (GPtrArray *embeddings)
{
  OaiEmbedding **sorted = g_new0 (OaiEmbedding *, embeddings->len);
  gboolean numbered = is_numbered (embeddings);

  for (guint i = 0; i < embeddings->len; i++)
    {
      OaiEmbedding *embedding = g_ptr_array_index (embeddings, i);
      gint64 index = numbered ? oai_embedding_get_index (embedding) : i;

      if (index >= 0 && index < embeddings->len && (sorted[index] == NULL || index == i))
        sorted[index] = embedding;
    }

  return sorted;
}

GBytes *
oai_embedding_list_dup_vector (OaiEmbeddingList *self, guint index)
{
  GPtrArray *embeddings;
  OaiEmbedding *found;

  g_return_val_if_fail (OAI_IS_EMBEDDING_LIST (self), NULL);

  embeddings = oai_embedding_list_get_data (self);
  found = find_embedding (embeddings, index);

  return found != NULL ? oai_embedding_dup_vector (found) : NULL;
}

static void
set_missing (GError **error, guint index)
{
  /* Translators: %u counts the texts that were to be embedded, from 1. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The reply contains no vector for input %u."), index + 1);
}

GPtrArray *
oai_embedding_list_dup_vectors (OaiEmbeddingList *self, GError **error)
{
  g_autoptr(GPtrArray) vectors = NULL;
  g_autofree OaiEmbedding **sorted = NULL;
  GPtrArray *embeddings;

  g_return_val_if_fail (OAI_IS_EMBEDDING_LIST (self), NULL);

  embeddings = oai_embedding_list_get_data (self);
  if (embeddings->len == 0)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The reply contains no vector."));
      return NULL;
    }

  sorted = sort_embeddings (embeddings);
  vectors = g_ptr_array_new_full (embeddings->len, (GDestroyNotify) g_bytes_unref);
  for (guint i = 0; i < embeddings->len; i++)
    {
      GBytes *vector = sorted[i] != NULL ? oai_embedding_dup_vector (sorted[i]) : NULL;

      if (vector == NULL)
        {
          set_missing (error, i);
          return NULL;
        }
      g_ptr_array_add (vectors, vector);
    }

  return g_steal_pointer (&vectors);
}

GPtrArray *
oai_embedding_list_dup_vectors_of (OaiEmbeddingList *self, guint n_inputs, GError **error)
{
  g_autoptr(GPtrArray) vectors = oai_embedding_list_dup_vectors (self, error);

  if (vectors == NULL || vectors->len == n_inputs)
    return g_steal_pointer (&vectors);

  if (vectors->len < n_inputs)
    set_missing (error, vectors->len);
  else
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The reply contains more vectors than the request contained inputs."));

  return NULL;
}
