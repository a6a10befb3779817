/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-responses-types.h"

/* Returns whether requests accept the item without a change of its meaning. */
static gboolean
can_be_input (OaiResponseItem *self)
{
  if (OAI_IS_RESPONSE_ADDITIONAL_TOOLS (self))
    return g_strcmp0 (oai_response_additional_tools_get_role (OAI_RESPONSE_ADDITIONAL_TOOLS (self)), OAI_ROLE_DEVELOPER) == 0;
  if (OAI_IS_RESPONSE_COMPUTER_CALL_OUTPUT (self))
    return g_strcmp0 (oai_response_computer_call_output_get_status (OAI_RESPONSE_COMPUTER_CALL_OUTPUT (self)), OAI_RESPONSE_ITEM_STATUS_FAILED) != 0;
  if (OAI_IS_RESPONSE_CUSTOM_TOOL_CALL_OUTPUT (self))
    return !oai_record_has_member (OAI_RECORD (self), "status")
           || g_strcmp0 (oai_response_custom_tool_call_output_get_status (OAI_RESPONSE_CUSTOM_TOOL_CALL_OUTPUT (self)), OAI_RESPONSE_ITEM_STATUS_COMPLETED) == 0;
  return TRUE;
}

OaiResponseItem *
oai_response_item_to_input (OaiResponseItem *self)
{
  OaiRecord *copy = NULL;

  g_return_val_if_fail (OAI_IS_RESPONSE_ITEM (self), NULL);

  if (!can_be_input (self))
    return NULL;

  copy = oai_record_copy (OAI_RECORD (self));
  oai_record_unset_member (copy, "created_by");
  if (OAI_IS_RESPONSE_CUSTOM_TOOL_CALL_OUTPUT (copy))
    oai_record_unset_member (copy, "status");
  if (OAI_IS_RESPONSE_SHELL_CALL_OUTPUT (copy))
    {
      GPtrArray *outputs = oai_response_shell_call_output_get_outputs (OAI_RESPONSE_SHELL_CALL_OUTPUT (copy));

      for (guint i = 0; i < outputs->len; i++)
        oai_record_unset_member (g_ptr_array_index (outputs, i), "created_by");
    }

  return OAI_RESPONSE_ITEM (copy);
}
