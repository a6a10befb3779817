/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-chat-session.h"

#include "oai-chat-endpoint.h"
#include "oai-chat-methods-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-record-private.h"
#include "oai-saved-session.h"
#include "oai-session-file.h"
#include "oai-session-private.h"
#include "oai-session-turn-private.h"
#include "oai-tool-call-private.h"

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

static OaiRecord *
parse_record (OaiSessionItemKind kind, const char *json)
{
  return oai_record_new_from_json (OAI_TYPE_CHAT_MESSAGE, json, NULL);
}

/* Returns the text of a message, else its refusal, else the transcript of its speech. */
static const char *
get_text (OaiChatMessage *message)
{
  const char *text = oai_chat_message_get_text (message);
  OaiChatMessageAudio *audio = oai_chat_message_get_audio (message);

  if (!oai_session_has_text (text))
    text = oai_chat_message_get_refusal_text (message);
  if (!oai_session_has_text (text) && audio != NULL)
    text = oai_chat_message_audio_get_transcript (audio);

  return text;
}

static gboolean
is_refusal (OaiChatMessage *message, const char *text)
{
  return oai_session_has_text (text) && text == oai_chat_message_get_refusal_text (message);
}

/* Messages of the user */

static OaiRecord *
create_part (OaiSessionPart part, const char *text, GBytes *bytes, GError **error)
{
  switch (part)
    {
    case OAI_SESSION_PART_IMAGE:
      return (OaiRecord *) oai_chat_image_part_new_for_bytes (bytes, NULL, error);
    case OAI_SESSION_PART_IMAGE_URL:
      return OAI_RECORD (oai_chat_image_part_new_for_url (text, NULL));
    case OAI_SESSION_PART_AUDIO:
      return (OaiRecord *) oai_chat_audio_part_new_for_bytes (bytes, error);
    case OAI_SESSION_PART_FILE:
      return OAI_RECORD (oai_chat_file_part_new_for_bytes (bytes, text));
    case OAI_SESSION_PART_FILE_ID:
    default:
      return OAI_RECORD (oai_chat_file_part_new_for_id (text));
    }
}

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

/* Keeps the parts that are no text. */
static OaiRecord *
edit_message (OaiRecord *message, const char *text)
{
  GPtrArray *parts = oai_chat_message_get_content_parts (OAI_CHAT_MESSAGE (message));
  g_autoptr(GPtrArray) kept = g_ptr_array_new ();

  for (guint i = 0; i < parts->len; i++)
    if (!OAI_IS_CHAT_TEXT_PART (g_ptr_array_index (parts, i)))
      g_ptr_array_add (kept, g_ptr_array_index (parts, i));

  return create_message (text, kept);
}

static void
list_images (OaiRecord *record, GPtrArray *images)
{
  GPtrArray *parts = oai_chat_message_get_content_parts (OAI_CHAT_MESSAGE (record));

  for (guint i = 0; i < parts->len; i++)
    {
      gpointer part = g_ptr_array_index (parts, i);
      OaiChatImageUrl *image = OAI_IS_CHAT_IMAGE_PART (part) ? oai_chat_image_part_get_image_url (part) : NULL;

      if (image != NULL)
        g_ptr_array_add (images, (char *) oai_chat_image_url_get_url (image));
    }
}

/* Messages of the program */

static OaiToolCall *
new_call (OaiSession *session, OaiChatToolCall *requested)
{
  return oai_session_new_call (session, OAI_RECORD (requested), oai_chat_tool_call_get_id (requested), oai_chat_tool_call_get_name (requested),
                               oai_chat_tool_call_get_input (requested));
}

static void
insert_item (OaiSession *session, guint *position, OaiSessionItemKind kind, OaiChatMessage *message, const char *text, OaiToolCall *call)
{
  g_autoptr(OaiSessionItem) item = oai_session_item_new (kind, oai_chat_message_get_role (message));

  oai_session_item_set_refusal (item, kind == OAI_SESSION_ITEM_KIND_MESSAGE && is_refusal (message, text));
  oai_session_item_seal (item, OAI_RECORD (message), text, call, OAI_SESSION_ITEM_STATE_COMPLETE);
  oai_session_insert_item (session, (*position)++, item);
}

static void
insert_record (OaiSession *session, guint position, OaiRecord *record)
{
  OaiChatMessage *message = OAI_CHAT_MESSAGE (record);
  GPtrArray *calls = oai_chat_message_get_tool_calls (message);
  OaiToolCall *answered = oai_session_find_open_call (session, position, oai_chat_message_get_tool_call_id (message));
  const char *text = get_text (message);

  if (answered != NULL && g_strcmp0 (oai_chat_message_get_role (message), OAI_ROLE_TOOL) == 0)
    {
      oai_tool_call_respond_output (answered, text != NULL ? text : "");
      return;
    }

  if (oai_session_has_text (text) || calls->len == 0)
    insert_item (session, &position, OAI_SESSION_ITEM_KIND_MESSAGE, message, text, NULL);
  for (guint i = 0; i < calls->len; i++)
    {
      OaiChatToolCall *requested = g_ptr_array_index (calls, i);
      g_autoptr(OaiToolCall) call = new_call (session, requested);

      insert_item (session, &position, OAI_SESSION_ITEM_KIND_TOOL_CALL, message, oai_tool_call_get_arguments (call), call);
    }
}

/* Requests */

/* The items of a reply, which have the same message. */
typedef struct
{
  OaiChatMessage *message;
  gboolean foreign;
  gboolean has_text;  /* there is an item for the text */
  GPtrArray *calls;   /* OaiToolCall, borrowed */
} Group;

/* Reads the items from a position that have the same message, and returns the position after them. */
static guint
read_group (GPtrArray *items, guint position, Group *group)
{
  OaiRecord *record = oai_session_item_get_record (g_ptr_array_index (items, position));

  group->message = OAI_CHAT_MESSAGE (record);
  group->foreign = oai_session_item_is_foreign (g_ptr_array_index (items, position));
  group->has_text = FALSE;
  g_ptr_array_set_size (group->calls, 0);
  for (; position < items->len; position++)
    {
      OaiSessionItem *item = g_ptr_array_index (items, position);

      if (oai_session_item_get_record (item) != record)
        break;
      if (oai_session_item_get_kind (item) == OAI_SESSION_ITEM_KIND_MESSAGE)
        group->has_text = TRUE;
      if (oai_session_item_get_call (item) != NULL)
        g_ptr_array_add (group->calls, oai_session_item_get_call (item));
    }

  return position;
}

/* Returns whether a call of the message still has an item. */
static gboolean
has_call (Group *group, OaiChatToolCall *requested)
{
  for (guint i = 0; i < group->calls->len; i++)
    if (g_strcmp0 (oai_tool_call_get_id (g_ptr_array_index (group->calls, i)), oai_chat_tool_call_get_id (requested)) == 0)
      return TRUE;

  return FALSE;
}

/* Returns the message without the text and the calls whose items were removed. */
static OaiChatMessage *
dup_message (Group *group)
{
  GPtrArray *requested = oai_chat_message_get_tool_calls (group->message);
  gboolean drops_text = !group->has_text && oai_session_has_text (get_text (group->message));
  OaiChatMessage *copy;

  if (!drops_text && requested->len == group->calls->len)
    return g_object_ref (group->message);

  copy = OAI_CHAT_MESSAGE (oai_record_copy (OAI_RECORD (group->message)));
  if (drops_text)
    {
      oai_record_set_null_member (OAI_RECORD (copy), "content");
      oai_record_unset_member (OAI_RECORD (copy), "refusal");
      oai_record_unset_member (OAI_RECORD (copy), "audio");
    }
  oai_record_unset_member (OAI_RECORD (copy), "tool_calls");
  for (guint i = 0; i < requested->len; i++)
    if (has_call (group, g_ptr_array_index (requested, i)))
      oai_chat_message_add_tool_call (copy, g_ptr_array_index (requested, i));

  return copy;
}

/* Whether a server can read a part that was sent to another one, or received from it. */
static gboolean
is_portable_part (gpointer part)
{
  OaiChatInputFile *file = OAI_IS_CHAT_FILE_PART (part) ? oai_chat_file_part_get_file (part) : NULL;

  return !OAI_IS_CHAT_THINKING_PART (part) && (file == NULL || !oai_session_has_text (oai_chat_input_file_get_file_id (file)));
}

static gboolean
is_of_model (OaiChatMessage *message)
{
  return g_strcmp0 (oai_chat_message_get_role (message), OAI_ROLE_ASSISTANT) == 0;
}

/* All servers accept the text of a reply, which also stands for a refusal and for the identifier of speech. */
static void
replace_content (OaiChatMessage *copy, OaiChatMessage *message)
{
  GPtrArray *parts = oai_chat_message_get_content_parts (message);
  g_autoptr(GPtrArray) kept = g_ptr_array_new ();

  if (is_of_model (message) && oai_session_has_text (get_text (message)))
    {
      oai_chat_message_set_content (copy, get_text (message));
      return;
    }

  for (guint i = 0; i < parts->len; i++)
    if (is_portable_part (g_ptr_array_index (parts, i)))
      g_ptr_array_add (kept, g_ptr_array_index (parts, i));
  if (kept->len == 0 && parts->len > 0)
    oai_record_set_null_member (OAI_RECORD (copy), "content");
  else if (kept->len < parts->len)
    oai_chat_message_set_content_parts (copy, kept);
}

/* Returns the form of a message that another server than before can read, or NULL. */
static OaiChatMessage *
dup_portable (OaiChatMessage *message)
{
  static const char *const members[] = { "role", "content", "name", "tool_calls", "tool_call_id", NULL };
  static const char *const call_members[] = { "id", "type", "function", "custom", NULL };
  g_autoptr(OaiChatMessage) copy = OAI_CHAT_MESSAGE (oai_record_copy (OAI_RECORD (message)));
  GPtrArray *calls;

  replace_content (copy, message);
  oai_record_keep_members (OAI_RECORD (copy), members);
  calls = oai_chat_message_get_tool_calls (copy);
  for (guint i = 0; i < calls->len; i++)
    oai_record_keep_members (g_ptr_array_index (calls, i), call_members);
  if (calls->len == 0 && !oai_session_has_text (get_text (copy)) && oai_chat_message_get_content_parts (message)->len > 0
      && oai_chat_message_get_content_parts (copy)->len == 0)
    return NULL;

  return g_steal_pointer (&copy);
}

/* Appends the message and the results of its calls, in their order. */
static void
add_group (OaiChatRequest *request, Group *group)
{
  g_autoptr(OaiChatMessage) message = NULL;

  if (!group->has_text && group->calls->len == 0)
    return;

  message = dup_message (group);
  if (group->foreign)
    {
      g_autoptr(OaiChatMessage) whole = g_steal_pointer (&message);

      message = dup_portable (whole);
    }
  if (message == NULL)
    return;

  oai_chat_request_add_message (request, message);
  for (guint i = 0; i < group->calls->len; i++)
    {
      OaiToolCall *call = g_ptr_array_index (group->calls, i);
      g_autofree char *output = oai_tool_call_dup_text_output (call);
      g_autoptr(OaiChatMessage) result = oai_chat_message_new_tool (oai_tool_call_get_id (call), output);

      oai_chat_request_add_message (request, result);
    }
}

/* Appends the messages of the items. */
static void
add_messages (OaiSession *session, OaiChatRequest *request)
{
  GPtrArray *items = oai_session_get_items (session);
  g_autoptr(GPtrArray) calls = g_ptr_array_new ();
  Group group = { .calls = calls };

  for (guint i = 0; i < items->len;)
    if (oai_session_item_get_record (g_ptr_array_index (items, i)) == NULL)
      i++;
    else
      {
        i = read_group (items, i, &group);
        add_group (request, &group);
      }
}

/* Returns the name of the tool that the model must call, or NULL. */
static const char *
get_chosen_name (OaiChatToolChoice *choice)
{
  if (choice != NULL && oai_chat_tool_choice_get_function (choice) != NULL)
    return oai_chat_tool_name_get_name (oai_chat_tool_choice_get_function (choice));
  if (choice != NULL && oai_chat_tool_choice_get_custom (choice) != NULL)
    return oai_chat_tool_name_get_name (oai_chat_tool_choice_get_custom (choice));

  return NULL;
}

static gboolean
requires_call (OaiRecord *request, const char **name)
{
  OaiChatToolChoice *choice = oai_chat_request_get_tool_choice_object (OAI_CHAT_REQUEST (request));

  *name = get_chosen_name (choice);

  return choice != NULL || g_strcmp0 (oai_chat_request_get_tool_choice (OAI_CHAT_REQUEST (request)), OAI_CHAT_TOOL_MODE_REQUIRED) == 0;
}

/* Most servers send the number of tokens in a stream only on request.  Some reject the option, so it
 * is not sent without need. */
static void
request_usage (OaiSession *session, OaiChatRequest *request)
{
  if (oai_session_get_prices (session) != NULL && oai_session_get_streaming (session) && !oai_record_has_member (OAI_RECORD (request), "stream_options"))
    oai_chat_request_enable_stream_usage (request);
}

static OaiRecord *
create_request (OaiSession *session, GError **error)
{
  OaiRecord *options = oai_session_get_options (session);
  OaiToolset *toolset = oai_session_get_toolset (session);
  g_autoptr(OaiChatRequest) request = NULL;
  g_autoptr(GPtrArray) none = g_ptr_array_new ();

  request = OAI_CHAT_REQUEST (options != NULL ? oai_record_copy (options) : g_object_new (OAI_TYPE_CHAT_REQUEST, NULL));
  if (oai_session_get_model (session) != NULL)
    oai_chat_request_set_model (request, oai_session_get_model (session));
  oai_chat_request_set_messages (request, none);
  if (oai_session_get_instructions (session) != NULL)
    oai_chat_request_add_system_message (request, oai_session_get_instructions (session));
  add_messages (session, request);
  request_usage (session, request);

  if (toolset != NULL && !oai_chat_request_add_toolset (request, toolset, error))
    return NULL;

  return OAI_RECORD (g_steal_pointer (&request));
}

static const char *
get_model (OaiRecord *request)
{
  return oai_chat_request_get_model (OAI_CHAT_REQUEST (request));
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

static void
audio_cb (OaiChatStream *stream, GBytes *data, const char *transcript, guint choice_index, OaiSession *session)
{
  append_text (session, OAI_SESSION_ITEM_KIND_MESSAGE, transcript, choice_index, FALSE);
}

static void
tool_call_cb (OaiChatStream *stream, const char *name, const char *arguments, guint choice_index, guint call_index, OaiSession *session)
{
  g_autoptr(OaiSessionItem) item = NULL;

  if (choice_index == 0)
    item = oai_session_ref_reply_item (session, OAI_SESSION_ITEM_KIND_TOOL_CALL, OAI_ROLE_ASSISTANT, call_index);
  if (item != NULL)
    oai_session_item_append_text (item, arguments);
}

static OaiStream *
create_stream (OaiSession *session, OaiRecord *request)
{
  g_autoptr(OaiChatEndpoint) chat = oai_chat_endpoint_new (oai_session_get_client (session));
  OaiChatStream *stream = oai_chat_endpoint_create_stream (chat, OAI_CHAT_REQUEST (request));

  g_signal_connect (stream, "content-delta", G_CALLBACK (content_cb), session);
  g_signal_connect (stream, "refusal-delta", G_CALLBACK (refusal_cb), session);
  g_signal_connect (stream, "reasoning-delta", G_CALLBACK (reasoning_cb), session);
  g_signal_connect (stream, "audio-delta", G_CALLBACK (audio_cb), session);
  g_signal_connect (stream, "tool-call-delta", G_CALLBACK (tool_call_cb), session);

  return OAI_STREAM (stream);
}

/* Returns whether the call is usable, although the reply is incomplete. */
static gboolean
has_arrived (OaiChatToolCall *call)
{
  return oai_chat_tool_call_get_custom (call) == NULL
         && oai_session_has_arrived (oai_chat_tool_call_get_name (call), oai_chat_tool_call_get_input (call));
}

/* Servers reject results whose call is not unique in its message. */
static void
make_unique (OaiChatMessage *message)
{
  g_autoptr(OaiChatMessage) unique = oai_chat_message_with_call_ids (message);

  if (unique != message)
    oai_chat_message_set_tool_calls (message, oai_chat_message_get_tool_calls (unique));
}

/* Removes the calls of an incomplete reply that have not arrived. */
static void
remove_calls (OaiChatMessage *message)
{
  g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func (g_object_unref);
  GPtrArray *calls = oai_chat_message_get_tool_calls (message);

  for (guint i = 0; i < calls->len; i++)
    if (has_arrived (g_ptr_array_index (calls, i)))
      g_ptr_array_add (kept, g_object_ref (g_ptr_array_index (calls, i)));
  if (kept->len == calls->len)
    return;

  if (kept->len > 0)
    oai_chat_message_set_tool_calls (message, kept);
  else
    oai_record_unset_member (OAI_RECORD (message), "tool_calls");
}

/* Gives an item of the reply its last text. */
static void
seal_item (OaiSession *session, OaiSessionItemKind kind, const char *text, OaiChatMessage *message, OaiSessionItemState state)
{
  g_autoptr(OaiSessionItem) item = oai_session_has_text (text) ? oai_session_ref_reply_item (session, kind, OAI_ROLE_ASSISTANT, 0) : NULL;

  if (item == NULL)
    return;

  oai_session_item_set_refusal (item, kind == OAI_SESSION_ITEM_KIND_MESSAGE && is_refusal (message, text));
  oai_session_item_seal (item, OAI_RECORD (message), text, NULL, state);
}

static void
seal_call (OaiSession *session, OaiChatToolCall *requested, guint index, OaiChatMessage *message)
{
  g_autoptr(OaiToolCall) call = new_call (session, requested);
  g_autoptr(OaiSessionItem) item = oai_session_ref_reply_item (session, OAI_SESSION_ITEM_KIND_TOOL_CALL, OAI_ROLE_ASSISTANT, index);

  oai_session_item_seal (item, OAI_RECORD (message), oai_chat_tool_call_get_input (requested), call, OAI_SESSION_ITEM_STATE_IN_PROGRESS);
}

/* Does nothing for a reply without text and calls, whose items are then removed. */
static void
seal_items (OaiSession *session, OaiChatMessage *message, OaiSessionItemState state)
{
  const char *text = get_text (message);
  GPtrArray *calls = oai_chat_message_get_tool_calls (message);

  if (!oai_session_has_text (text) && calls->len == 0)
    return;

  seal_item (session, OAI_SESSION_ITEM_KIND_REASONING, oai_chat_message_get_reasoning_text (message), message, OAI_SESSION_ITEM_STATE_COMPLETE);
  seal_item (session, OAI_SESSION_ITEM_KIND_MESSAGE, text, message, state);
  for (guint i = 0; i < calls->len; i++)
    seal_call (session, g_ptr_array_index (calls, i), i, message);
}

static gboolean
take_reply (OaiSession *session, OaiRecord *reply, gboolean complete, GError **error)
{
  OaiChatMessage *message = reply != NULL ? oai_chat_completion_get_message (OAI_CHAT_COMPLETION (reply)) : NULL;
  gboolean truncated = FALSE;

  if (message == NULL)
    return TRUE;

  make_unique (message);

  if (complete)
    truncated = g_strcmp0 (oai_chat_completion_get_finish_reason (OAI_CHAT_COMPLETION (reply)), OAI_FINISH_REASON_LENGTH) == 0;
  if (!complete || truncated)
    remove_calls (message);
  seal_items (session, message, complete && !truncated ? OAI_SESSION_ITEM_STATE_COMPLETE : OAI_SESSION_ITEM_STATE_INCOMPLETE);
  if (truncated)
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_LENGTH, _("The reply reached its token limit."));

  return !truncated;
}

static void
read_usage (OaiRecord *reply, OaiSessionUsage *usage)
{
  OaiCompletionUsage *counts = oai_chat_completion_get_usage (OAI_CHAT_COMPLETION (reply));
  OaiPromptTokensDetails *input;
  OaiCompletionTokensDetails *output;

  usage->model = oai_chat_completion_get_model (OAI_CHAT_COMPLETION (reply));
  if (counts == NULL)
    return;

  usage->input_tokens = oai_completion_usage_get_prompt_tokens (counts);
  usage->output_tokens = oai_completion_usage_get_completion_tokens (counts);
  usage->total_tokens = oai_completion_usage_get_total_tokens (counts);
  input = oai_completion_usage_get_prompt_tokens_details (counts);
  output = oai_completion_usage_get_completion_tokens_details (counts);
  if (input != NULL)
    usage->cached_tokens = oai_prompt_tokens_details_get_cached_tokens (input);
  if (output != NULL)
    usage->reasoning_tokens = oai_completion_tokens_details_get_reasoning_tokens (output);
}

static const OaiSessionHooks hooks = {
  .user_role = OAI_ROLE_USER,
  .model_role = OAI_ROLE_ASSISTANT,
  .parallel_member = "parallel_tool_calls",
  .choice_member = "tool_choice",
  .get_request_type = oai_chat_request_get_type,
  .get_record_type = oai_chat_message_get_type,
  .parse_record = parse_record,
  .create_part = create_part,
  .create_message = create_message,
  .edit_message = edit_message,
  .list_images = list_images,
  .insert_record = insert_record,
  .create_request = create_request,
  .get_model = get_model,
  .requires_call = requires_call,
  .create_stream = create_stream,
  .create_async = create_async,
  .create_finish = create_finish,
  .take_reply = take_reply,
  .read_usage = read_usage,
};

static void
oai_chat_session_class_init (OaiChatSessionClass *klass)
{
  OAI_SESSION_CLASS (klass)->hooks = &hooks;
}

static void
oai_chat_session_init (OaiChatSession *self)
{
}

/**
 * oai_chat_session_new:
 * @client: (nullable): a client; %NULL to set [property@Oai.Session:client] before the first message is sent
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
  return oai_session_create (OAI_TYPE_CHAT_SESSION, client, model);
}

/**
 * oai_chat_session_new_from_json:
 * @client: (nullable): a client; %NULL to set [property@Oai.Session:client] before a message is sent
 * @json: text of [method@Oai.Session.to_json]
 * @error: return location for an error
 *
 * Restores a session; see [func@Oai.Session.restore]. Fails with %OAI_ERROR_INVALID_ARGUMENT if the text is not a saved
 * session of this type.
 *
 * Returns: (transfer full) (type OaiChatSession): a new session
 *
 * Since: 1.0
 */
OaiSession *
oai_chat_session_new_from_json (OaiClient *client, const char *json, GError **error)
{
  return oai_session_restore (OAI_TYPE_CHAT_SESSION, client, json, error);
}

/**
 * oai_chat_session_load_async:
 * @client: (nullable): a client; %NULL to set [property@Oai.Session:client] before a message is sent
 * @file: a file of [method@Oai.Session.save_async]
 * @cancellable: (nullable): a cancellable
 * @callback: (nullable) (scope async): called when the session is restored
 * @user_data: data for @callback
 *
 * Reads a session from a file; see [func@Oai.Session.restore].
 *
 * Since: 1.0
 */
void
oai_chat_session_load_async (OaiClient *client, GFile *file, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  oai_session_restore_file_async (OAI_TYPE_CHAT_SESSION, client, file, cancellable, callback, user_data);
}

/**
 * oai_chat_session_load_finish:
 * @result: a result
 * @error: return location for an error
 *
 * Completes [func@Oai.ChatSession.load_async].
 *
 * Fails with the errors of [iface@Gio.File], such as %G_IO_ERROR_NOT_FOUND, and with %OAI_ERROR_INVALID_ARGUMENT if the file
 * is larger than 1 GiB, or does not contain a saved session of this type.
 *
 * Returns: (transfer full) (type OaiChatSession): a new session
 *
 * Since: 1.0
 */
OaiSession *
oai_chat_session_load_finish (GAsyncResult *result, GError **error)
{
  return oai_session_restore_file_finish (result, error);
}

/**
 * oai_chat_session_load:
 * @client: (nullable): a client; %NULL to set [property@Oai.Session:client] before a message is sent
 * @file: a file of [method@Oai.Session.save]
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Reads a session from a file; see [func@Oai.ChatSession.load_async]. Blocks until the session is restored.
 *
 * Returns: (transfer full) (type OaiChatSession): a new session
 *
 * Since: 1.0
 */
OaiSession *
oai_chat_session_load (OaiClient *client, GFile *file, GCancellable *cancellable, GError **error)
{
  return oai_session_restore_file (OAI_TYPE_CHAT_SESSION, client, file, cancellable, error);
}
