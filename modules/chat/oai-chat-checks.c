/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-chat-checks-private.h"

#include "oai-chat-tool-helpers.h"
#include "oai-chat-types.h"
#include "oai-error.h"
#include "oai-i18n-private.h"

static gboolean
has_tool (OaiChatRequest *request, const char *name)
{
  GPtrArray *tools = oai_chat_request_get_tools (request);

  for (guint i = 0; tools != NULL && i < tools->len; i++)
    if (g_strcmp0 (oai_chat_tool_get_name (g_ptr_array_index (tools, i)), name) == 0)
      return TRUE;

  return FALSE;
}

/* The choice is one of a few modes or an object; the name of a tool as a string is
 * refused by servers, which do not say what to send instead.  Other strings may be
 * modes that a server has invented. */
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
