/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-chat-methods-private.h"

#include "oai-json-doc-private.h"

/* Gets the name of the function or custom tool, and the arguments of a function. */
static void
read_call (OaiChatToolCall *call, const char **name, const char **text)
{
  OaiChatFunctionCall *function = oai_chat_tool_call_get_function (call);
  OaiChatCustomCall *custom = oai_chat_tool_call_get_custom (call);

  *name = function != NULL ? oai_chat_function_call_get_name (function) : custom != NULL ? oai_chat_custom_call_get_name (custom) : NULL;
  *text = function != NULL ? oai_chat_function_call_get_arguments (function) : NULL;
}

/* Returns whether the reply ended within the call. */
static gboolean
is_incomplete (OaiChatToolCall *call)
{
  g_autoptr(OaiJsonDoc) doc = NULL;
  const char *id = oai_chat_tool_call_get_id (call);
  const char *name;
  const char *text;

  read_call (call, &name, &text);
  if (id == NULL || *id == '\0' || name == NULL || *name == '\0')
    return TRUE;
  if (oai_chat_tool_call_get_function (call) == NULL)
    return FALSE;
  if (text == NULL || *text == '\0')
    return TRUE;

  doc = oai_json_doc_new_copy (text, -1, OAI_JSON_TOLERANT, NULL);

  return doc == NULL;
}

/* Returns whether one of the tool messages after the message with the call answers it.  If calls
 * have no identifiers, neither do tool messages. */
static gboolean
is_answered (OaiChatToolCall *call, GPtrArray *messages, guint position)
{
  const char *id = oai_chat_tool_call_get_id (call);

  for (guint i = position + 1; i < messages->len; i++)
    {
      OaiChatMessage *message = g_ptr_array_index (messages, i);
      const char *answers;

      if (g_strcmp0 (oai_chat_message_get_role (message), OAI_ROLE_TOOL) != 0)
        return FALSE;
      answers = oai_chat_message_get_tool_call_id (message);
      if (answers == NULL || *answers == '\0' || g_strcmp0 (answers, id) == 0)
        return TRUE;
    }

  return FALSE;
}

/* Returns whether other messages follow the message and its tool messages. */
static gboolean
is_followed (GPtrArray *messages, guint position)
{
  static const char *const roles[] = { OAI_ROLE_SYSTEM, OAI_ROLE_DEVELOPER, OAI_ROLE_USER, OAI_ROLE_ASSISTANT, NULL };
  const char *role = NULL;

  for (guint i = position + 1; i < messages->len && (role == NULL || g_strcmp0 (role, OAI_ROLE_TOOL) == 0); i++)
    role = oai_chat_message_get_role (g_ptr_array_index (messages, i));

  return role != NULL && g_strv_contains (roles, role);
}

static gboolean
holds (OaiChatMessage *message, const char *member)
{
  return oai_record_has_member (OAI_RECORD (message), member) && !oai_record_is_null_member (OAI_RECORD (message), member);
}

/* Returns whether the message has calls that were not answered before the next message, or is
 * of a server that sent an empty list of calls, which OpenAI does not accept. */
static gboolean
must_change (GPtrArray *messages, guint position)
{
  OaiChatMessage *message = g_ptr_array_index (messages, position);
  GPtrArray *calls;

  if (!holds (message, "tool_calls"))
    return FALSE;

  calls = oai_chat_message_get_tool_calls (message);
  if (calls->len == 0)
    return oai_record_get_client (OAI_RECORD (message)) != NULL;

  for (guint i = 0; i < calls->len; i++)
    {
      OaiChatToolCall *call = g_ptr_array_index (calls, i);

      if (!is_answered (call, messages, position) && (is_incomplete (call) || is_followed (messages, position)))
        return TRUE;
    }

  return FALSE;
}

/* Returns the message with only the answered calls; NULL if it is empty without the others. */
static OaiChatMessage *
remove_calls (GPtrArray *messages, guint position)
{
  OaiChatMessage *message = g_ptr_array_index (messages, position);
  g_autoptr(OaiChatMessage) copy = OAI_CHAT_MESSAGE (oai_record_copy (OAI_RECORD (message)));
  GPtrArray *calls = oai_chat_message_get_tool_calls (message);
  gboolean has_calls = FALSE;

  oai_record_unset_member (OAI_RECORD (copy), "tool_calls");
  for (guint i = 0; i < calls->len; i++)
    if (is_answered (g_ptr_array_index (calls, i), messages, position))
      {
        oai_chat_message_add_tool_call (copy, g_ptr_array_index (calls, i));
        has_calls = TRUE;
      }
  if (calls->len > 0 && !has_calls && !holds (copy, "content") && !holds (copy, "refusal"))
    return NULL;

  return g_steal_pointer (&copy);
}

OaiRecord *
oai_chat_adapt_messages (OaiRecord *request)
{
  GPtrArray *messages = oai_chat_request_get_messages (OAI_CHAT_REQUEST (request));
  g_autoptr(GPtrArray) adapted = NULL;
  OaiRecord *copy;
  guint i = 0;

  while (i < messages->len && !must_change (messages, i))
    i++;
  if (i == messages->len)
    return NULL;

  adapted = g_ptr_array_new_with_free_func (g_object_unref);
  for (i = 0; i < messages->len; i++)
    {
      OaiChatMessage *message = must_change (messages, i) ? remove_calls (messages, i) : g_object_ref (g_ptr_array_index (messages, i));

      if (message != NULL)
        g_ptr_array_add (adapted, message);
    }
  copy = oai_record_copy (request);
  oai_chat_request_set_messages (OAI_CHAT_REQUEST (copy), adapted);

  return copy;
}
