/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-response-private.h"

#include "oai-error-map-private.h"
#include "oai-i18n-private.h"
#include "oai-record-schema.h"
#include "oai-redact-private.h"

typedef const char *(*GetText) (OaiResponseMessage *message);

/* Joins the texts of all messages. */
static GString *
join_texts (OaiResponse *self, GetText get_text)
{
  GPtrArray *items = oai_response_get_output_items (self);
  GString *joined = g_string_new (NULL);

  for (guint i = 0; i < items->len; i++)
    {
      OaiResponseItem *item = g_ptr_array_index (items, i);
      const char *text = OAI_IS_RESPONSE_MESSAGE (item) ? get_text (OAI_RESPONSE_MESSAGE (item)) : NULL;

      if (text != NULL)
        g_string_append (joined, text);
    }

  return joined;
}

const char *
oai_response_get_output_text (OaiResponse *self)
{
  g_return_val_if_fail (OAI_IS_RESPONSE (self), NULL);

  return oai_record_keep_text (OAI_RECORD (self), "output", g_string_free (join_texts (self, oai_response_message_get_text), FALSE));
}

const char *
oai_response_get_refusal_text (OaiResponse *self)
{
  g_autoptr(GString) text = NULL;

  g_return_val_if_fail (OAI_IS_RESPONSE (self), NULL);

  text = join_texts (self, oai_response_message_get_refusal_text);
  if (text->len == 0)
    return NULL;

  return oai_record_keep_text (OAI_RECORD (self), "refusal", g_string_free (g_steal_pointer (&text), FALSE));
}

const char *
oai_response_get_reasoning_summary_text (OaiResponse *self)
{
  GPtrArray *items;
  GString *joined = NULL;

  g_return_val_if_fail (OAI_IS_RESPONSE (self), NULL);

  items = oai_response_get_output_items (self);
  for (guint i = 0; i < items->len; i++)
    {
      OaiResponseItem *item = g_ptr_array_index (items, i);
      const char *text = OAI_IS_RESPONSE_REASONING (item) ? oai_response_reasoning_get_summary_text (OAI_RESPONSE_REASONING (item)) : NULL;

      if (text != NULL && joined == NULL)
        joined = g_string_new (text);
      else if (text != NULL)
        g_string_append_printf (joined, "\n\n%s", text);
    }

  return joined != NULL ? oai_record_keep_text (OAI_RECORD (self), "reasoning-summary", g_string_free (joined, FALSE)) : NULL;
}

/* Returns the items of the output that have a type. */
static GPtrArray *
dup_items (OaiResponse *self, GType type)
{
  GPtrArray *found = g_ptr_array_new_with_free_func (g_object_unref);
  GPtrArray *items = oai_response_get_output_items (self);

  for (guint i = 0; i < items->len; i++)
    if (G_TYPE_CHECK_INSTANCE_TYPE (g_ptr_array_index (items, i), type))
      g_ptr_array_add (found, g_object_ref (g_ptr_array_index (items, i)));

  return found;
}

GPtrArray *
oai_response_dup_function_calls (OaiResponse *self)
{
  g_return_val_if_fail (OAI_IS_RESPONSE (self), NULL);

  return dup_items (self, OAI_TYPE_RESPONSE_FUNCTION_CALL);
}

GPtrArray *
oai_response_dup_custom_tool_calls (OaiResponse *self)
{
  g_return_val_if_fail (OAI_IS_RESPONSE (self), NULL);

  return dup_items (self, OAI_TYPE_RESPONSE_CUSTOM_TOOL_CALL);
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

/* Errors */

/* code, message: nullable */
static void
set_failed (const char *code, const char *message, GError **error)
{
  g_autofree char *shown = message != NULL ? g_strdup (message) : g_strdup (_("The response failed, and the server gave no reason."));

  oai_make_printable (shown);
  g_set_error_literal (error, OAI_ERROR, oai_error_code_for_name (code), shown);
}

static void
set_incomplete (const char *reason, GError **error)
{
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
oai_response_check_status (const char *status, const char *reason, GError **error)
{
  if (g_strcmp0 (status, OAI_RESPONSE_STATUS_FAILED) == 0)
    set_failed (NULL, NULL, error);
  else if (g_strcmp0 (status, OAI_RESPONSE_STATUS_INCOMPLETE) == 0)
    set_incomplete (reason, error);
  else if (g_strcmp0 (status, OAI_RESPONSE_STATUS_CANCELLED) == 0)
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INCOMPLETE, _("The response was cancelled."));
  else
    return TRUE;

  return FALSE;
}

gboolean
oai_response_check (OaiResponse *self, GError **error)
{
  OaiResponseIncompleteDetails *details;
  OaiResponseError *failure;
  const char *status;

  g_return_val_if_fail (OAI_IS_RESPONSE (self), FALSE);

  status = oai_response_get_status (self);
  failure = oai_response_get_error (self);
  if (failure != NULL && (status == NULL || g_str_equal (status, OAI_RESPONSE_STATUS_FAILED)))
    {
      set_failed (oai_response_error_get_code (failure), oai_response_error_get_message (failure), error);
      return FALSE;
    }

  details = oai_response_get_incomplete_details (self);

  return oai_response_check_status (status, details != NULL ? oai_response_incomplete_details_get_reason (details) : NULL, error);
}
