/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tools of the program in requests. */

#include "oai-assistants-types.h"

#include "oai-toolset-private.h"

OaiAssistantFunctionTool *
oai_assistant_function_tool_new_for_tool (OaiTool *tool, GError **error)
{
  g_autoptr(OaiFunctionDefinition) function = NULL;

  g_return_val_if_fail (OAI_IS_TOOL (tool), NULL);

  function = oai_function_definition_new_for_tool (tool, error);

  return function != NULL ? oai_assistant_function_tool_new (function) : NULL;
}

gboolean
oai_assistant_request_add_toolset (OaiAssistantRequest *self, OaiToolset *toolset, GError **error)
{
  g_return_val_if_fail (OAI_IS_ASSISTANT_REQUEST (self), FALSE);
  g_return_val_if_fail (OAI_IS_TOOLSET (toolset), FALSE);

  return oai_toolset_add_to_request (toolset, self, (OaiToolConvertFunc) oai_assistant_function_tool_new_for_tool, (OaiToolAddFunc) oai_assistant_request_add_tool, error);
}

gboolean
oai_assistant_update_add_toolset (OaiAssistantUpdate *self, OaiToolset *toolset, GError **error)
{
  g_return_val_if_fail (OAI_IS_ASSISTANT_UPDATE (self), FALSE);
  g_return_val_if_fail (OAI_IS_TOOLSET (toolset), FALSE);

  return oai_toolset_add_to_request (toolset, self, (OaiToolConvertFunc) oai_assistant_function_tool_new_for_tool, (OaiToolAddFunc) oai_assistant_update_add_tool, error);
}
