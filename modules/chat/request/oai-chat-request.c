/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-chat-methods-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"

gboolean
oai_chat_request_set_json_schema (OaiChatRequest *self,
                                  const char *name,
                                  const char *schema_json,
                                  gboolean strict,
                                  GError **error)
{
  g_autoptr(OaiJsonSchemaFormat) schema = NULL;
  g_autoptr(OaiResponseFormat) format = NULL;

  g_return_val_if_fail (OAI_IS_CHAT_REQUEST (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (schema_json != NULL, FALSE);

  schema = oai_json_schema_format_new_with_schema (name, schema_json, strict, error);
  if (schema == NULL)
    return FALSE;

  format = oai_response_format_new (OAI_RESPONSE_FORMAT_TYPE_JSON_SCHEMA);
  oai_response_format_set_json_schema (format, schema);
  oai_chat_request_set_response_format (self, format);

  return TRUE;
}

void
oai_chat_request_enable_logprobs (OaiChatRequest *self, guint n_alternatives)
{
  g_return_if_fail (OAI_IS_CHAT_REQUEST (self));

  oai_chat_request_set_logprobs (self, TRUE);
  if (n_alternatives > 0)
    oai_chat_request_set_top_logprobs (self, n_alternatives);
  else
    oai_record_unset_member (OAI_RECORD (self), "top_logprobs");
}

static gboolean
has_tool (OaiChatRequest *request, const char *name)
{
  GPtrArray *tools = oai_chat_request_get_tools (request);

  for (guint i = 0; tools != NULL && i < tools->len; i++)
    if (g_strcmp0 (oai_chat_tool_get_name (g_ptr_array_index (tools, i)), name) == 0)
      return TRUE;

  return FALSE;
}

/* Fails if the tool choice is the name of a tool, since the error message of servers is not clear.
 * Other strings may be modes of a server. */
gboolean
oai_chat_check_request (OaiRecord *request, GError **error)
{
  OaiChatRequest *self = OAI_CHAT_REQUEST (request);
  const char *choice = oai_chat_request_get_tool_choice (self);
  static const char *const modes[] = {
    OAI_CHAT_TOOL_MODE_NONE, OAI_CHAT_TOOL_MODE_AUTO, OAI_CHAT_TOOL_MODE_REQUIRED, NULL,
  };

  if (choice == NULL || g_strv_contains (modes, choice) || !has_tool (self, choice))
    return TRUE;

  /* Translators: %s is the name of a tool. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT,
               _("The tool choice “%s” is the name of a tool: set it as tool-choice-function or tool-choice-custom."), choice);
  return FALSE;
}
