/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Outputs of tools that the program runs, with the members that they share with the call. */

#include "oai-responses-types.h"

OaiResponseFunctionCallOutput *
oai_response_function_call_output_new_for_call (OaiResponseFunctionCall *call, const char *output)
{
  OaiResponseFunctionCallOutput *self = NULL;

  g_return_val_if_fail (OAI_IS_RESPONSE_FUNCTION_CALL (call), NULL);
  g_return_val_if_fail (output != NULL, NULL);

  self = oai_response_function_call_output_new ();
  oai_response_function_call_output_set_call_id (self, oai_response_function_call_get_call_id (call));
  oai_response_function_call_output_set_output (self, output);
  oai_response_function_call_output_set_caller (self, oai_response_function_call_get_caller (call));

  return self;
}

/* An identifier that is missing in a reply is empty, so that the server reports it. */
static const char *
or_empty (const char *id)
{
  return id != NULL ? id : "";
}

OaiResponseCustomToolCallOutput *
oai_response_custom_tool_call_output_new_for_call (OaiResponseCustomToolCall *call, const char *output)
{
  OaiResponseCustomToolCallOutput *self = NULL;

  g_return_val_if_fail (OAI_IS_RESPONSE_CUSTOM_TOOL_CALL (call), NULL);
  g_return_val_if_fail (output != NULL, NULL);

  self = oai_response_custom_tool_call_output_new (or_empty (oai_response_custom_tool_call_get_call_id (call)));
  oai_response_custom_tool_call_output_set_output (self, output);
  oai_response_custom_tool_call_output_set_caller (self, oai_response_custom_tool_call_get_caller (call));

  return self;
}

OaiResponseComputerCallOutput *
oai_response_computer_call_output_new_for_call (OaiResponseComputerCall *call, OaiResponseComputerScreenshot *screenshot)
{
  g_return_val_if_fail (OAI_IS_RESPONSE_COMPUTER_CALL (call), NULL);
  g_return_val_if_fail (OAI_IS_RESPONSE_COMPUTER_SCREENSHOT (screenshot), NULL);

  return oai_response_computer_call_output_new (or_empty (oai_response_computer_call_get_call_id (call)), screenshot);
}

void
oai_response_computer_call_output_acknowledge (OaiResponseComputerCallOutput *self, OaiResponseComputerCall *call)
{
  g_return_if_fail (OAI_IS_RESPONSE_COMPUTER_CALL_OUTPUT (self));
  g_return_if_fail (OAI_IS_RESPONSE_COMPUTER_CALL (call));

  oai_response_computer_call_output_set_acknowledged_safety_checks (self, oai_response_computer_call_get_pending_safety_checks (call));
}

OaiResponseLocalShellCallOutput *
oai_response_local_shell_call_output_new_for_call (OaiResponseLocalShellCall *call, const char *output)
{
  OaiResponseLocalShellCallOutput *self = NULL;
  const char *call_id = NULL;

  g_return_val_if_fail (OAI_IS_RESPONSE_LOCAL_SHELL_CALL (call), NULL);
  g_return_val_if_fail (output != NULL, NULL);

  call_id = or_empty (oai_response_local_shell_call_get_call_id (call));
  self = oai_response_local_shell_call_output_new (call_id, output);
  oai_response_item_set_id (OAI_RESPONSE_ITEM (self), call_id);

  return self;
}

OaiResponseShellOutput *
oai_response_shell_output_new_exit (const char *standard_output, const char *standard_error, gint64 exit_code)
{
  g_autoptr(OaiResponseShellExit) outcome = NULL;

  g_return_val_if_fail (standard_output != NULL, NULL);
  g_return_val_if_fail (standard_error != NULL, NULL);

  outcome = oai_response_shell_exit_new (exit_code);

  return oai_response_shell_output_new (standard_output, standard_error, OAI_RESPONSE_SHELL_OUTCOME (outcome));
}

OaiResponseShellOutput *
oai_response_shell_output_new_timeout (const char *standard_output, const char *standard_error)
{
  g_autoptr(OaiResponseShellTimeout) outcome = NULL;

  g_return_val_if_fail (standard_output != NULL, NULL);
  g_return_val_if_fail (standard_error != NULL, NULL);

  outcome = oai_response_shell_timeout_new ();

  return oai_response_shell_output_new (standard_output, standard_error, OAI_RESPONSE_SHELL_OUTCOME (outcome));
}

OaiResponseShellCallOutput *
oai_response_shell_call_output_new_for_call (OaiResponseShellCall *call)
{
  OaiResponseShellCallOutput *self = NULL;
  OaiResponseShellAction *action = NULL;

  g_return_val_if_fail (OAI_IS_RESPONSE_SHELL_CALL (call), NULL);

  self = oai_response_shell_call_output_new (or_empty (oai_response_shell_call_get_call_id (call)));
  action = oai_response_shell_call_get_action (call);
  if (action != NULL && oai_response_shell_action_get_max_output_length (action) > 0)
    oai_response_shell_call_output_set_max_output_length (self, oai_response_shell_action_get_max_output_length (action));
  oai_response_shell_call_output_set_caller (self, oai_response_shell_call_get_caller (call));

  return self;
}

OaiResponseApplyPatchCallOutput *
oai_response_apply_patch_call_output_new_for_call (OaiResponseApplyPatchCall *call, gboolean succeeded, const char *output)
{
  OaiResponseApplyPatchCallOutput *self = NULL;

  g_return_val_if_fail (OAI_IS_RESPONSE_APPLY_PATCH_CALL (call), NULL);

  self = oai_response_apply_patch_call_output_new (or_empty (oai_response_apply_patch_call_get_call_id (call)),
                                                   succeeded ? OAI_RESPONSE_ITEM_STATUS_COMPLETED : OAI_RESPONSE_ITEM_STATUS_FAILED);
  oai_response_apply_patch_call_output_set_output (self, output);
  oai_response_apply_patch_call_output_set_caller (self, oai_response_apply_patch_call_get_caller (call));

  return self;
}

OaiResponseToolSearchOutput *
oai_response_tool_search_output_new_for_call (OaiResponseToolSearchCall *call)
{
  OaiResponseToolSearchOutput *self = NULL;

  g_return_val_if_fail (OAI_IS_RESPONSE_TOOL_SEARCH_CALL (call), NULL);

  self = oai_response_tool_search_output_new ();
  oai_response_tool_search_output_set_call_id (self, oai_response_tool_search_call_get_call_id (call));
  oai_response_tool_search_output_set_execution (self, OAI_RESPONSE_TOOL_SEARCH_EXECUTION_CLIENT);

  return self;
}

OaiResponseMcpApprovalResponse *
oai_response_mcp_approval_response_new_for_request (OaiResponseMcpApprovalRequest *request, gboolean approve, const char *reason)
{
  OaiResponseMcpApprovalResponse *self = NULL;

  g_return_val_if_fail (OAI_IS_RESPONSE_MCP_APPROVAL_REQUEST (request), NULL);

  self = oai_response_mcp_approval_response_new (or_empty (oai_response_item_get_id (OAI_RESPONSE_ITEM (request))), approve);
  oai_response_mcp_approval_response_set_reason (self, reason);

  return self;
}
