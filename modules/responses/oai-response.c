/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-responses-types.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-record-schema.h"

typedef const char *(*GetText) (gpointer content);

/* Joins the texts of the parts of a type of all messages.  Some servers send the content of a
 * message as a string, which the caller may want, too. */
static GString *
join_texts (OaiResponse *self, GType type, GetText get_text, gboolean with_strings)
{
  GPtrArray *items = oai_response_get_output_items (self);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < items->len; i++)
    {
      OaiResponseItem *item = g_ptr_array_index (items, i);
      GPtrArray *parts;

      if (!OAI_IS_RESPONSE_MESSAGE (item))
        continue;
      if (with_strings && oai_response_message_get_content (OAI_RESPONSE_MESSAGE (item)) != NULL)
        g_string_append (text, oai_response_message_get_content (OAI_RESPONSE_MESSAGE (item)));
      parts = oai_response_message_get_content_parts (OAI_RESPONSE_MESSAGE (item));
      for (guint k = 0; k < parts->len; k++)
        {
          gpointer part = g_ptr_array_index (parts, k);
          const char *part_text = G_TYPE_CHECK_INSTANCE_TYPE (part, type) ? get_text (part) : NULL;

          if (part_text != NULL)
            g_string_append (text, part_text);
        }
    }

  return text;
}

static const char *
get_output_text (gpointer part)
{
  return oai_response_output_text_get_text (part);
}

const char *
oai_response_get_output_text (OaiResponse *self)
{
  g_return_val_if_fail (OAI_IS_RESPONSE (self), NULL);

  return oai_record_keep_text (OAI_RECORD (self), "output", g_string_free (join_texts (self, OAI_TYPE_RESPONSE_OUTPUT_TEXT, get_output_text, TRUE), FALSE));
}

static const char *
get_refusal (gpointer part)
{
  return oai_response_refusal_get_refusal (part);
}

const char *
oai_response_get_refusal_text (OaiResponse *self)
{
  g_autoptr(GString) text = NULL;

  g_return_val_if_fail (OAI_IS_RESPONSE (self), NULL);

  text = join_texts (self, OAI_TYPE_RESPONSE_REFUSAL, get_refusal, FALSE);
  if (text->len == 0)
    return NULL;

  return oai_record_keep_text (OAI_RECORD (self), "refusal", g_string_free (g_steal_pointer (&text), FALSE));
}

GPtrArray *
oai_response_dup_function_calls (OaiResponse *self)
{
  GPtrArray *calls;
  GPtrArray *items;

  g_return_val_if_fail (OAI_IS_RESPONSE (self), NULL);

  calls = g_ptr_array_new_with_free_func (g_object_unref);
  items = oai_response_get_output_items (self);
  for (guint i = 0; i < items->len; i++)
    if (OAI_IS_RESPONSE_FUNCTION_CALL (g_ptr_array_index (items, i)))
      g_ptr_array_add (calls, g_object_ref (g_ptr_array_index (items, i)));

  return calls;
}

OaiResponseMessage *
oai_response_dup_message (OaiResponse *self)
{
  GPtrArray *items;

  g_return_val_if_fail (OAI_IS_RESPONSE (self), NULL);

  items = oai_response_get_output_items (self);
  for (guint i = items->len; i > 0; i--)
    if (OAI_IS_RESPONSE_MESSAGE (g_ptr_array_index (items, i - 1)))
      return g_object_ref (g_ptr_array_index (items, i - 1));

  return NULL;
}

/* Codes of failed responses, of OpenAI and of other servers.  The first one that the code
 * contains determines the error. */
static const struct
{
  const char *part;
  OaiError code;
} error_codes[] = {
  { "rate_limit", OAI_ERROR_RATE_LIMITED },
  { "quota", OAI_ERROR_QUOTA_EXCEEDED },
  { "context_length", OAI_ERROR_CONTEXT_LENGTH },
  { "context_size", OAI_ERROR_CONTEXT_LENGTH },
  { "policy", OAI_ERROR_CONTENT_FILTER },
  { "content_filter", OAI_ERROR_CONTENT_FILTER },
  { "invalid", OAI_ERROR_BAD_REQUEST },
  { "image", OAI_ERROR_BAD_REQUEST },
  { "not_found", OAI_ERROR_NOT_FOUND },
  { "server_error", OAI_ERROR_SERVER },
  { "internal", OAI_ERROR_SERVER },
  { "timeout", OAI_ERROR_SERVER },
  { "overloaded", OAI_ERROR_SERVER },
};

static int
find_error_code (const char *name)
{
  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (error_codes); i++)
    if (strstr (name, error_codes[i].part) != NULL)
      return error_codes[i].code;

  return OAI_ERROR_FAILED;
}

static void
set_failed (OaiResponse *self, GError **error)
{
  OaiResponseError *reason = oai_response_get_error (self);
  const char *message = reason != NULL ? oai_response_error_get_message (reason) : NULL;
  const char *code = reason != NULL ? oai_response_error_get_code (reason) : NULL;

  g_set_error_literal (error, OAI_ERROR, find_error_code (code), message != NULL ? message : _("The response failed, and the server gave no reason."));
}

static void
set_incomplete (OaiResponse *self, GError **error)
{
  OaiResponseIncompleteDetails *details = oai_response_get_incomplete_details (self);
  const char *reason = details != NULL ? oai_response_incomplete_details_get_reason (details) : NULL;

  if (g_strcmp0 (reason, OAI_RESPONSE_INCOMPLETE_REASON_MAX_OUTPUT_TOKENS) == 0)
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_LENGTH, _("The response reached its token limit."));
  else if (g_strcmp0 (reason, OAI_RESPONSE_INCOMPLETE_REASON_CONTENT_FILTER) == 0)
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_CONTENT_FILTER, _("A content filter stopped the response."));
  else if (reason != NULL)
    /* Translators: %s is a word of the API, such as "steered". */
    g_set_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE, _("The response is incomplete: %s"), reason);
  else
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INCOMPLETE, _("The response is incomplete."));
}

gboolean
oai_response_check (OaiResponse *self, GError **error)
{
  const char *status;

  g_return_val_if_fail (OAI_IS_RESPONSE (self), FALSE);

  status = oai_response_get_status (self);
  if (g_strcmp0 (status, OAI_RESPONSE_STATUS_FAILED) == 0 || (status == NULL && oai_response_get_error (self) != NULL))
    set_failed (self, error);
  else if (g_strcmp0 (status, OAI_RESPONSE_STATUS_INCOMPLETE) == 0)
    set_incomplete (self, error);
  else if (g_strcmp0 (status, OAI_RESPONSE_STATUS_CANCELLED) == 0)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _("The response was cancelled."));
  else
    return TRUE;

  return FALSE;
}
