/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tools of the program in requests, and the calls of models. */

#include "oai-chat-methods-private.h"

#include "oai-call-ids-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-tool-private.h"
#include "oai-toolset-private.h"

OaiFunctionDefinition *
oai_function_definition_new_for_tool (OaiTool *tool, GError **error)
{
  g_autofree char *parameters = NULL;

  g_return_val_if_fail (OAI_IS_TOOL (tool), NULL);

  if (oai_tool_get_free_form (tool))
    {
      /* Translators: %s is the name of a tool. */
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("“%s” takes free text, which is not supported here"), oai_tool_get_name (tool));
      return NULL;
    }

  parameters = oai_tool_dup_parameters_json (tool, error);
  if (parameters == NULL)
    return NULL;

  return oai_function_definition_new_with_schema (oai_tool_get_name (tool), oai_tool_get_description (tool), parameters, oai_tool_get_strict (tool), error);
}

OaiChatTool *
oai_chat_tool_new_for_tool (OaiTool *tool, GError **error)
{
  g_autoptr(OaiFunctionDefinition) function = NULL;
  OaiChatTool *self = NULL;

  g_return_val_if_fail (OAI_IS_TOOL (tool), NULL);

  if (oai_tool_get_free_form (tool))
    return oai_chat_tool_new_custom (oai_tool_get_name (tool), oai_tool_get_description (tool), error);

  function = oai_function_definition_new_for_tool (tool, error);
  if (function == NULL)
    return NULL;

  self = oai_chat_tool_new (OAI_CHAT_TOOL_TYPE_FUNCTION);
  oai_chat_tool_set_function_definition (self, function);

  return self;
}

gboolean
oai_chat_request_add_toolset (OaiChatRequest *self, OaiToolset *toolset, GError **error)
{
  g_return_val_if_fail (OAI_IS_CHAT_REQUEST (self), FALSE);
  g_return_val_if_fail (OAI_IS_TOOLSET (toolset), FALSE);

  return oai_toolset_add_to_request (toolset, self, (OaiToolConvertFunc) oai_chat_tool_new_for_tool, (OaiToolAddFunc) oai_chat_request_add_tool, error);
}

/* Calls */

GPtrArray *
oai_chat_tool_call_create_calls (GPtrArray *tool_calls, OaiToolset *toolset)
{
  GPtrArray *calls;

  g_return_val_if_fail (OAI_IS_TOOLSET (toolset), NULL);

  calls = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; tool_calls != NULL && i < tool_calls->len; i++)
    {
      OaiChatToolCall *tool_call = g_ptr_array_index (tool_calls, i);

      g_ptr_array_add (calls, oai_toolset_new_call_for_record (toolset, OAI_RECORD (tool_call), oai_chat_tool_call_get_id (tool_call),
                                                               oai_chat_tool_call_get_name (tool_call), oai_chat_tool_call_get_input (tool_call)));
    }

  return calls;
}

/* Takes the identifier. */
static OaiChatToolCall *
copy_with_id (OaiChatToolCall *tool_call, char *id)
{
  OaiChatToolCall *copy = OAI_CHAT_TOOL_CALL (oai_record_copy (OAI_RECORD (tool_call)));
  g_autofree char *owned = id;

  oai_chat_tool_call_set_id (copy, owned);

  return copy;
}

OaiChatMessage *
oai_chat_message_with_call_ids (OaiChatMessage *self)
{
  g_autoptr(GPtrArray) replaced = NULL;
  g_autoptr(GHashTable) ids = NULL;
  GPtrArray *tool_calls;
  gboolean changed = FALSE;
  OaiChatMessage *copy;

  g_return_val_if_fail (OAI_IS_CHAT_MESSAGE (self), NULL);

  tool_calls = oai_chat_message_get_tool_calls (self);
  replaced = g_ptr_array_new_with_free_func (g_object_unref);
  ids = oai_call_ids_new ();
  for (guint i = 0; tool_calls != NULL && i < tool_calls->len; i++)
    {
      OaiChatToolCall *tool_call = g_ptr_array_index (tool_calls, i);
      char *id = oai_call_ids_add (ids, oai_chat_tool_call_get_id (tool_call));

      changed = changed || id != NULL;
      g_ptr_array_add (replaced, id != NULL ? copy_with_id (tool_call, id) : g_object_ref (tool_call));
    }
  if (!changed)
    return g_object_ref (self);

  copy = OAI_CHAT_MESSAGE (oai_record_copy (OAI_RECORD (self)));
  oai_chat_message_set_tool_calls (copy, replaced);

  return copy;
}

void
oai_chat_request_add_call_results (OaiChatRequest *self, GPtrArray *calls)
{
  g_return_if_fail (OAI_IS_CHAT_REQUEST (self));
  g_return_if_fail (calls != NULL);

  for (guint i = 0; i < calls->len; i++)
    {
      OaiToolCall *call = g_ptr_array_index (calls, i);
      g_autoptr(OaiChatMessage) message = NULL;
      g_autofree char *output = NULL;

      oai_tool_call_cancel (call);
      output = oai_tool_call_dup_text_output (call);
      message = oai_chat_message_new_tool (oai_tool_call_get_id (call), output);
      oai_chat_request_add_message (self, message);
    }
}

void
oai_chat_request_run_tools_start (OaiChatRequest *self, OaiChatMessage *message, OaiToolset *toolset, GTask *task)
{
  g_autoptr(OaiChatMessage) added = oai_chat_message_with_call_ids (message);
  gboolean parallel = !oai_record_has_member (OAI_RECORD (self), "parallel_tool_calls") || oai_chat_request_get_parallel_tool_calls (self);

  oai_chat_request_add_message (self, added);
  oai_toolset_run_for_method (toolset, oai_chat_tool_call_create_calls (oai_chat_message_get_tool_calls (added), toolset), parallel,
                              (OaiToolResultsFunc) oai_chat_request_add_call_results, task);
}
