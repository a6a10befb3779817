/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-chat-session.h"

#include "oai-chat-endpoint.h"
#include "oai-chat-methods-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-session-private.h"

/**
 * OaiChatSession:
 *
 * A conversation by chat completions, which most servers support.
 *
 * ```c
 * g_autoptr(OaiSession) session = oai_chat_session_new (client, "gpt-4o");
 *
 * gtk_list_view_set_model (view, selection_of (G_LIST_MODEL (session)));
 * oai_session_send_async (session, "Hello!", NULL, on_reply, NULL);
 * ```
 *
 * The records of the items are of the type [class@Oai.ChatMessage]. The text, the reasoning and the tool calls of a reply
 * are several items with the same record. [property@Oai.Session:options] is an [class@Oai.ChatRequest].
 *
 * Since: 1.0
 */

struct _OaiChatSession
{
  OaiSession parent_instance;
};

G_DEFINE_FINAL_TYPE (OaiChatSession, oai_chat_session, OAI_TYPE_SESSION)

/* Requests */

static OaiRecord *
create_message (const char *text, GPtrArray *parts)
{
  OaiChatMessage *message = oai_chat_message_new (OAI_ROLE_USER);

  if (parts->len == 0)
    oai_chat_message_set_content (message, text != NULL ? text : "");
  else if (text != NULL)
    oai_chat_message_add_text (message, text);
  for (guint i = 0; i < parts->len; i++)
    oai_chat_message_add_part (message, g_ptr_array_index (parts, i));

  return OAI_RECORD (message);
}

/* Appends the messages of the items.  The items of a reply have the same message, which is appended once. */
static void
add_messages (OaiSession *session, OaiChatRequest *request)
{
  GPtrArray *items = oai_session_get_items (session);
  OaiRecord *last = NULL;

  for (guint i = 0; i < items->len; i++)
    {
      OaiRecord *record = oai_session_item_get_record (g_ptr_array_index (items, i));

      if (record != NULL && record != last)
        oai_chat_request_add_message (request, OAI_CHAT_MESSAGE (record));
      last = record;
    }
}

static OaiRecord *
create_request (OaiSession *session, GError **error)
{
  OaiRecord *options = oai_session_get_options (session);
  OaiChatRequest *request = OAI_CHAT_REQUEST (options != NULL ? oai_record_copy (options) : g_object_new (OAI_TYPE_CHAT_REQUEST, NULL));
  g_autoptr(GPtrArray) none = g_ptr_array_new ();

  if (oai_session_get_model (session) != NULL)
    oai_chat_request_set_model (request, oai_session_get_model (session));
  oai_chat_request_set_messages (request, none);
  if (oai_session_get_instructions (session) != NULL)
    oai_chat_request_add_system_message (request, oai_session_get_instructions (session));
  add_messages (session, request);

  return OAI_RECORD (request);
}

static void
create_async (OaiSession *session, OaiRecord *request, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (oai_session_get_client (session));

  oai_chat_endpoint_create_async (chat, OAI_CHAT_REQUEST (request), cancellable, callback, user_data);
}

static OaiRecord *
create_finish (GObject *source, GAsyncResult *result, GError **error)
{
  return OAI_RECORD (oai_chat_endpoint_create_finish (OAI_CHAT_ENDPOINT (source), result, error));
}

/* Replies */

/* Appends text to an item of the reply.  Other replies of the request are ignored. */
static void
append_text (OaiSession *session, OaiSessionItemKind kind, const char *text, guint choice_index, gboolean refusal)
{
  g_autoptr(OaiSessionItem) item = choice_index == 0 ? oai_session_ref_reply_item (session, kind, OAI_ROLE_ASSISTANT, 0) : NULL;

  if (item == NULL)
    return;

  if (refusal)
    oai_session_item_set_refusal (item, TRUE);
  oai_session_item_append_text (item, text);
}

static void
content_cb (OaiChatStream *stream, const char *text, guint choice_index, OaiSession *session)
{
  append_text (session, OAI_SESSION_ITEM_KIND_MESSAGE, text, choice_index, FALSE);
}

static void
refusal_cb (OaiChatStream *stream, const char *text, guint choice_index, OaiSession *session)
{
  append_text (session, OAI_SESSION_ITEM_KIND_MESSAGE, text, choice_index, TRUE);
}

static void
reasoning_cb (OaiChatStream *stream, const char *text, guint choice_index, OaiSession *session)
{
  append_text (session, OAI_SESSION_ITEM_KIND_REASONING, text, choice_index, FALSE);
}

static OaiStream *
create_stream (OaiSession *session, OaiRecord *request)
{
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (oai_session_get_client (session));
  OaiChatStream *stream = oai_chat_endpoint_create_stream (chat, OAI_CHAT_REQUEST (request));

  g_signal_connect (stream, "content-delta", G_CALLBACK (content_cb), session);
  g_signal_connect (stream, "refusal-delta", G_CALLBACK (refusal_cb), session);
  g_signal_connect (stream, "reasoning-delta", G_CALLBACK (reasoning_cb), session);

  return OAI_STREAM (stream);
}

static gboolean
has_text (const char *text)
{
  return text != NULL && *text != '\0';
}

/* Gives an item of the reply its last text. */
static void
seal_item (OaiSession *session, OaiSessionItemKind kind, const char *text, OaiChatMessage *message, OaiSessionItemState state)
{
  g_autoptr(OaiSessionItem) item = has_text (text) ? oai_session_ref_reply_item (session, kind, OAI_ROLE_ASSISTANT, 0) : NULL;

  if (item == NULL)
    return;

  oai_session_item_set_text (item, text);
  oai_session_item_set_record (item, OAI_RECORD (message));
  oai_session_item_set_state (item, state);
}

static void
seal_items (OaiSession *session, OaiChatMessage *message, OaiSessionItemState state)
{
  const char *text = oai_chat_message_get_text (message);
  const char *refusal = oai_chat_message_get_refusal_text (message);

  if (!has_text (text) && !has_text (refusal))
    return;

  seal_item (session, OAI_SESSION_ITEM_KIND_REASONING, oai_chat_message_get_reasoning_text (message), message, OAI_SESSION_ITEM_STATE_COMPLETE);
  seal_item (session, OAI_SESSION_ITEM_KIND_MESSAGE, has_text (text) ? text : refusal, message, state);
}

static gboolean
take_reply (OaiSession *session, OaiRecord *reply, gboolean complete, GError **error)
{
  OaiChatCompletion *completion = reply != NULL ? OAI_CHAT_COMPLETION (reply) : NULL;
  OaiChatMessage *message = completion != NULL ? oai_chat_completion_get_message (completion) : NULL;
  gboolean truncated = complete && g_strcmp0 (oai_chat_completion_get_finish_reason (completion), OAI_FINISH_REASON_LENGTH) == 0;

  if (message != NULL)
    seal_items (session, message, complete && !truncated ? OAI_SESSION_ITEM_STATE_COMPLETE : OAI_SESSION_ITEM_STATE_INCOMPLETE);
  if (truncated)
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_LENGTH, _("The reply reached its token limit."));

  return !truncated;
}

static const OaiSessionHooks hooks = {
  .user_role = OAI_ROLE_USER,
  .model_role = OAI_ROLE_ASSISTANT,
  .create_message = create_message,
  .create_request = create_request,
  .create_stream = create_stream,
  .create_async = create_async,
  .create_finish = create_finish,
  .take_reply = take_reply,
};

static void
oai_chat_session_class_init (OaiChatSessionClass *klass)
{
  oai_session_class_set_hooks (OAI_SESSION_CLASS (klass), &hooks);
}

static void
oai_chat_session_init (OaiChatSession *self)
{
}

/**
 * oai_chat_session_new:
 * @client: a client
 * @model: (nullable): name of the model; %NULL to use that of [property@Oai.Session:options]
 *
 * Creates a session without items.
 *
 * Returns: (transfer full) (type OaiChatSession): a new session
 *
 * Since: 1.0
 */
OaiSession *
oai_chat_session_new (OaiClient *client, const char *model)
{
  g_return_val_if_fail (OAI_IS_CLIENT (client), NULL);

  return g_object_new (OAI_TYPE_CHAT_SESSION, "client", client, "model", model, NULL);
}
