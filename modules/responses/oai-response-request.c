/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-responses-types.h"

#include "oai-record-class.h"

void
oai_response_request_add_item (OaiResponseRequest *self, OaiResponseItem *item)
{
  g_autoptr(OaiResponseMessage) first = NULL;
  const char *text;

  g_return_if_fail (OAI_IS_RESPONSE_REQUEST (self));
  g_return_if_fail (OAI_IS_RESPONSE_ITEM (item));

  text = oai_response_request_get_input (self);
  if (text != NULL)
    {
      first = oai_response_message_new_user (text);
      oai_response_request_add_input_item (self, OAI_RESPONSE_ITEM (first));
    }
  oai_response_request_add_input_item (self, item);
}

void
oai_response_request_add_output (OaiResponseRequest *self, OaiResponse *response)
{
  GPtrArray *items;

  g_return_if_fail (OAI_IS_RESPONSE_REQUEST (self));
  g_return_if_fail (OAI_IS_RESPONSE (response));

  items = oai_response_get_output_items (response);
  for (guint i = 0; i < items->len; i++)
    {
      g_autoptr(OaiResponseItem) item = oai_response_item_to_input (g_ptr_array_index (items, i));

      if (item != NULL)
        oai_response_request_add_item (self, item);
    }
}

void
oai_response_request_add_compacted (OaiResponseRequest *self, OaiCompactedResponse *compacted)
{
  GPtrArray *items;

  g_return_if_fail (OAI_IS_RESPONSE_REQUEST (self));
  g_return_if_fail (OAI_IS_COMPACTED_RESPONSE (compacted));

  items = oai_compacted_response_get_output_items (compacted);
  for (guint i = 0; i < items->len; i++)
    oai_response_request_add_item (self, g_ptr_array_index (items, i));
}

void
oai_response_request_continue_from (OaiResponseRequest *self, OaiResponse *response)
{
  g_return_if_fail (OAI_IS_RESPONSE_REQUEST (self));
  g_return_if_fail (OAI_IS_RESPONSE (response));

  oai_response_request_set_previous_response_id (self, oai_response_get_id (response));
  oai_record_unset_member (OAI_RECORD (self), "input");
}

static OaiResponseTextOptions *
ensure_text (OaiResponseRequest *self)
{
  g_autoptr(OaiResponseTextOptions) created = NULL;

  if (oai_response_request_get_text (self) == NULL)
    {
      created = oai_response_text_options_new ();
      oai_response_request_set_text (self, created);
    }

  return oai_response_request_get_text (self);
}

static OaiResponseReasoningOptions *
ensure_reasoning (OaiResponseRequest *self)
{
  g_autoptr(OaiResponseReasoningOptions) created = NULL;

  if (oai_response_request_get_reasoning (self) == NULL)
    {
      created = oai_response_reasoning_options_new ();
      oai_response_request_set_reasoning (self, created);
    }

  return oai_response_request_get_reasoning (self);
}

void
oai_response_request_set_verbosity (OaiResponseRequest *self, const char *verbosity)
{
  g_return_if_fail (OAI_IS_RESPONSE_REQUEST (self));
  g_return_if_fail (verbosity != NULL);

  oai_response_text_options_set_verbosity (ensure_text (self), verbosity);
}

void
oai_response_request_set_reasoning_effort (OaiResponseRequest *self, const char *effort)
{
  g_return_if_fail (OAI_IS_RESPONSE_REQUEST (self));
  g_return_if_fail (effort != NULL);

  oai_response_reasoning_options_set_effort (ensure_reasoning (self), effort);
}

void
oai_response_request_set_reasoning_summary (OaiResponseRequest *self, const char *summary)
{
  g_return_if_fail (OAI_IS_RESPONSE_REQUEST (self));
  g_return_if_fail (summary != NULL);

  oai_response_reasoning_options_set_summary (ensure_reasoning (self), summary);
}

gboolean
oai_response_request_set_json_schema (OaiResponseRequest *self,
                                      const char *name,
                                      const char *schema_json,
                                      gboolean strict,
                                      GError **error)
{
  g_autoptr(OaiJsonSchemaFormat) checked = NULL;
  g_autoptr(OaiResponseJsonSchemaFormat) format = NULL;

  g_return_val_if_fail (OAI_IS_RESPONSE_REQUEST (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (schema_json != NULL, FALSE);

  checked = oai_json_schema_format_new_with_schema (name, schema_json, strict, error);
  if (checked == NULL)
    return FALSE;

  format = oai_response_json_schema_format_new (name, schema_json);
  oai_response_json_schema_format_set_strict (format, strict);
  oai_response_text_options_set_format (ensure_text (self), OAI_RESPONSE_TEXT_FORMAT (format));

  return TRUE;
}

void
oai_response_request_set_json_mode (OaiResponseRequest *self)
{
  g_autoptr(OaiResponseJsonObjectFormat) format = NULL;

  g_return_if_fail (OAI_IS_RESPONSE_REQUEST (self));

  format = oai_response_json_object_format_new ();
  oai_response_text_options_set_format (ensure_text (self), OAI_RESPONSE_TEXT_FORMAT (format));
}

void
oai_response_request_add_include (OaiResponseRequest *self, const char *include)
{
  const char *const *present;
  g_autoptr(GPtrArray) all = NULL;

  g_return_if_fail (OAI_IS_RESPONSE_REQUEST (self));
  g_return_if_fail (include != NULL);

  present = oai_response_request_get_include (self);
  if (present != NULL && g_strv_contains (present, include))
    return;

  all = g_ptr_array_new ();
  for (guint i = 0; present != NULL && present[i] != NULL; i++)
    g_ptr_array_add (all, (gpointer) present[i]);
  g_ptr_array_add (all, (gpointer) include);
  g_ptr_array_add (all, NULL);
  oai_response_request_set_include (self, (const char *const *) all->pdata);
}

void
oai_response_request_enable_logprobs (OaiResponseRequest *self, guint n_alternatives)
{
  g_return_if_fail (OAI_IS_RESPONSE_REQUEST (self));

  oai_response_request_add_include (self, OAI_RESPONSE_INCLUDE_LOGPROBS);
  if (n_alternatives > 0)
    oai_response_request_set_top_logprobs (self, n_alternatives);
  else
    oai_record_unset_member (OAI_RECORD (self), "top_logprobs");
}

void
oai_response_request_enable_compaction (OaiResponseRequest *self, guint threshold)
{
  g_autoptr(OaiResponseContextManager) management = NULL;

  g_return_if_fail (OAI_IS_RESPONSE_REQUEST (self));

  management = oai_response_context_manager_new ("compaction");
  oai_response_context_manager_set_compact_threshold (management, threshold);
  oai_record_unset_member (OAI_RECORD (self), "context_management");
  oai_response_request_add_context_manager (self, management);
}

/* Creates a request with those members of another one that it has, too. */
static gpointer
new_from_members (GType type, OaiResponseRequest *request)
{
  OaiRecord *self = g_object_new (type, NULL);
  const OaiRecordSchema *schema = OAI_RECORD_GET_CLASS (self)->schema;

  for (guint i = 0; i < schema->n_fields; i++)
    {
      const char *member = schema->fields[i].member;
      g_autofree char *json = NULL;

      if (!oai_record_has_member (OAI_RECORD (request), member) || oai_record_has_member (self, member))
        continue;
      json = oai_record_dup_member (OAI_RECORD (request), member);
      oai_record_set_member (self, member, json, NULL);
    }

  return self;
}

OaiResponseTokenCountRequest *
oai_response_token_count_request_new_for_request (OaiResponseRequest *request)
{
  g_return_val_if_fail (OAI_IS_RESPONSE_REQUEST (request), NULL);

  return new_from_members (OAI_TYPE_RESPONSE_TOKEN_COUNT_REQUEST, request);
}

OaiResponseCompactRequest *
oai_response_compact_request_new_for_request (OaiResponseRequest *request)
{
  g_return_val_if_fail (OAI_IS_RESPONSE_REQUEST (request), NULL);

  return new_from_members (OAI_TYPE_RESPONSE_COMPACT_REQUEST, request);
}
