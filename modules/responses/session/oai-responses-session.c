/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-responses-session.h"

#include "oai-call-ids-private.h"
#include "oai-response-private.h"
#include "oai-response-toolset-private.h"
#include "oai-responses-endpoint.h"
#include "oai-responses-methods-private.h"
#include "oai-saved-session.h"
#include "oai-session-file.h"
#include "oai-session-turn-private.h"

/**
 * OaiResponsesSession:
 *
 * A conversation by the Responses API.
 *
 * The records of the items are of the type [class@Oai.ResponseItem]; each item of the output is an item of the session.
 * [property@Oai.Session:options] is an [class@Oai.ResponseRequest].
 *
 * If the server stores responses, a request names the last one and contains only the new items. If it does not, because
 * of the server or of [property@Oai.ResponseRequest:store], a request contains all items. The session finds this out
 * by itself. If the options name a conversation, a request contains only the new items; items that the session removes
 * stay in the conversation on the server.
 *
 * Items whose results the program provides, such as a call of a shell or a request for the approval of an MCP call, are
 * answered with [method@Oai.Session.add_record], and [method@Oai.Session.send_async] without a text continues. If the
 * output of a call is a list, its texts are joined, and its images and files are kept if they are `data:` URLs.
 *
 * If the conversation is longer than the context of the model, the server compacts it: an item of the kind
 * %OAI_SESSION_ITEM_KIND_COMPACTION replaces the items before it in requests. To compact it earlier, use
 * [method@Oai.ResponseRequest.enable_compaction] of the options.
 *
 * Since: 1.0
 */

struct _OaiResponsesSession
{
  OaiSession parent_instance;

  gboolean stateless; /* the server has refused to continue a response */
};

G_DEFINE_FINAL_TYPE (OaiResponsesSession, oai_responses_session, OAI_TYPE_SESSION)

/* The record of a compaction is an item of the output, or the result of a request for it. */
static OaiRecord *
parse_record (OaiSessionItemKind kind, const char *json)
{
  OaiRecord *record = NULL;

  if (kind == OAI_SESSION_ITEM_KIND_COMPACTION)
    record = oai_record_new_from_json (OAI_TYPE_COMPACTED_RESPONSE, json, NULL);
  if (record != NULL && oai_record_has_member (record, "output"))
    return record;
  g_clear_object (&record);

  return oai_record_new_from_json (OAI_TYPE_RESPONSE_ITEM, json, NULL);
}

/* Messages of the user */

static OaiRecord *
create_part (OaiSessionPart part, const char *text, GBytes *bytes, GError **error)
{
  switch (part)
    {
    case OAI_SESSION_PART_IMAGE:
      return (OaiRecord *) oai_response_input_image_new_for_bytes (bytes, NULL, error);
    case OAI_SESSION_PART_IMAGE_URL:
      return OAI_RECORD (oai_response_input_image_new_for_url (text, NULL));
    case OAI_SESSION_PART_AUDIO:
      return (OaiRecord *) oai_response_input_audio_new_for_bytes (bytes, error);
    case OAI_SESSION_PART_FILE:
      return OAI_RECORD (oai_response_input_file_new_for_bytes (bytes, text));
    case OAI_SESSION_PART_FILE_ID:
    default:
      return OAI_RECORD (oai_response_input_file_new_for_id (text));
    }
}

static OaiRecord *
create_message (const char *text, GPtrArray *parts)
{
  OaiResponseMessage *message = oai_response_message_new_user (text != NULL ? text : "");

  if (text == NULL && parts->len > 0)
    oai_response_message_set_content (message, NULL);
  for (guint i = 0; i < parts->len; i++)
    oai_response_message_add_part (message, g_ptr_array_index (parts, i));

  return OAI_RECORD (message);
}

/* Keeps the parts that are no text.  The message of a restored session can have any record. */
static OaiRecord *
edit_message (OaiRecord *message, const char *text)
{
  GPtrArray *parts = OAI_IS_RESPONSE_MESSAGE (message) ? oai_response_message_get_content_parts (OAI_RESPONSE_MESSAGE (message)) : NULL;
  g_autoptr(GPtrArray) kept = g_ptr_array_new ();

  for (guint i = 0; parts != NULL && i < parts->len; i++)
    if (!OAI_IS_RESPONSE_INPUT_TEXT (g_ptr_array_index (parts, i)))
      g_ptr_array_add (kept, g_ptr_array_index (parts, i));

  return create_message (text, kept);
}

static void
list_images (OaiRecord *record, GPtrArray *images)
{
  GPtrArray *parts = OAI_IS_RESPONSE_MESSAGE (record) ? oai_response_message_get_content_parts (OAI_RESPONSE_MESSAGE (record)) : NULL;

  for (guint i = 0; parts != NULL && i < parts->len; i++)
    if (OAI_IS_RESPONSE_INPUT_IMAGE (g_ptr_array_index (parts, i)))
      g_ptr_array_add (images, (char *) oai_response_input_image_get_image_url (g_ptr_array_index (parts, i)));
  if (OAI_IS_RESPONSE_IMAGE_GENERATION_CALL (record))
    g_ptr_array_add (images, (char *) oai_response_image_generation_call_get_result (OAI_RESPONSE_IMAGE_GENERATION_CALL (record)));
}

/* Items */

static OaiSessionItemKind
get_kind (OaiRecord *record)
{
  if (OAI_IS_RESPONSE_MESSAGE (record))
    return OAI_SESSION_ITEM_KIND_MESSAGE;
  if (OAI_IS_RESPONSE_REASONING (record))
    return OAI_SESSION_ITEM_KIND_REASONING;
  if (OAI_IS_RESPONSE_FUNCTION_CALL (record) || OAI_IS_RESPONSE_CUSTOM_TOOL_CALL (record))
    return OAI_SESSION_ITEM_KIND_TOOL_CALL;
  if (OAI_IS_RESPONSE_IMAGE_GENERATION_CALL (record))
    return OAI_SESSION_ITEM_KIND_IMAGE;
  if (OAI_IS_RESPONSE_COMPACTION (record))
    return OAI_SESSION_ITEM_KIND_COMPACTION;

  return OAI_SESSION_ITEM_KIND_OTHER;
}

static const char *
get_call_id (OaiRecord *record)
{
  if (OAI_IS_RESPONSE_FUNCTION_CALL (record))
    return oai_response_function_call_get_call_id (OAI_RESPONSE_FUNCTION_CALL (record));

  return oai_response_custom_tool_call_get_call_id (OAI_RESPONSE_CUSTOM_TOOL_CALL (record));
}

static const char *
get_name (OaiRecord *record)
{
  if (OAI_IS_RESPONSE_FUNCTION_CALL (record))
    return oai_response_function_call_get_name (OAI_RESPONSE_FUNCTION_CALL (record));

  return oai_response_custom_tool_call_get_name (OAI_RESPONSE_CUSTOM_TOOL_CALL (record));
}

static const char *
get_input (OaiRecord *record)
{
  if (OAI_IS_RESPONSE_FUNCTION_CALL (record))
    return oai_response_function_call_get_arguments (OAI_RESPONSE_FUNCTION_CALL (record));

  return oai_response_custom_tool_call_get_input (OAI_RESPONSE_CUSTOM_TOOL_CALL (record));
}

/* Returns NULL for a record that is no call. */
static OaiToolCall *
new_call (OaiSession *session, OaiRecord *record)
{
  if (get_kind (record) != OAI_SESSION_ITEM_KIND_TOOL_CALL)
    return NULL;

  return oai_session_new_call (session, record, get_call_id (record), get_name (record), get_input (record));
}

static const char *
get_text (OaiRecord *record)
{
  const char *text = NULL;

  if (OAI_IS_RESPONSE_MESSAGE (record))
    text = oai_response_message_get_text (OAI_RESPONSE_MESSAGE (record));
  if (OAI_IS_RESPONSE_MESSAGE (record) && !oai_session_has_text (text))
    text = oai_response_message_get_refusal_text (OAI_RESPONSE_MESSAGE (record));
  if (OAI_IS_RESPONSE_REASONING (record))
    text = oai_response_reasoning_get_text (OAI_RESPONSE_REASONING (record));
  if (OAI_IS_RESPONSE_REASONING (record) && !oai_session_has_text (text))
    text = oai_response_reasoning_get_summary_text (OAI_RESPONSE_REASONING (record));
  if (get_kind (record) == OAI_SESSION_ITEM_KIND_TOOL_CALL)
    text = get_input (record);

  return text;
}

/* Answers the call before a position that the record is the output of.  Returns FALSE if there is none. */
static gboolean
answer_call (OaiSession *session, guint position, OaiRecord *record)
{
  OaiToolCall *call = NULL;

  if (OAI_IS_RESPONSE_FUNCTION_CALL_OUTPUT (record) || OAI_IS_RESPONSE_CUSTOM_TOOL_CALL_OUTPUT (record))
    call = oai_session_find_open_call (session, position, oai_record_get_string_member (record, "call_id"));
  if (call != NULL)
    oai_response_answer_call (call, record);

  return call != NULL;
}

static gboolean
is_refusal (OaiRecord *record)
{
  OaiResponseMessage *message = OAI_IS_RESPONSE_MESSAGE (record) ? OAI_RESPONSE_MESSAGE (record) : NULL;

  return message != NULL && !oai_session_has_text (oai_response_message_get_text (message)) && oai_session_has_text (oai_response_message_get_refusal_text (message));
}

static void
insert_record (OaiSession *session, guint position, OaiRecord *record)
{
  const char *role = OAI_IS_RESPONSE_MESSAGE (record) ? oai_response_message_get_role (OAI_RESPONSE_MESSAGE (record)) : NULL;
  g_autoptr(OaiSessionItem) item = NULL;
  g_autoptr(OaiToolCall) call = NULL;

  if (answer_call (session, position, record))
    return;

  item = oai_session_item_new (get_kind (record), role);
  oai_session_item_set_refusal (item, is_refusal (record));
  call = new_call (session, record);
  oai_session_item_seal (item, record, get_text (record), call, OAI_SESSION_ITEM_STATE_COMPLETE);
  oai_session_insert_item (session, position, item);
}

/* Requests */

/* Returns the output of the item's call, or NULL. */
static OaiResponseItem *
dup_output (OaiSessionItem *item)
{
  OaiToolCall *call = oai_session_item_get_call (item);

  return call != NULL ? oai_response_new_call_result (oai_session_item_get_record (item), call) : NULL;
}

static void
add_outputs (OaiResponseRequest *request, GPtrArray *outputs)
{
  for (guint i = 0; i < outputs->len; i++)
    oai_response_request_add_item (request, g_ptr_array_index (outputs, i));
  g_ptr_array_set_size (outputs, 0);
}

/* Returns whether a server that does not store the reply can read the item. */
static gboolean
is_readable (OaiSessionItem *item, OaiRecord *record)
{
  OaiResponseReasoning *reasoning;

  if (!OAI_IS_RESPONSE_REASONING (record))
    return TRUE;
  if (oai_session_item_get_state (item) != OAI_SESSION_ITEM_STATE_COMPLETE)
    return FALSE;

  reasoning = OAI_RESPONSE_REASONING (record);

  return oai_session_item_is_stored (item) || oai_session_has_text (oai_response_reasoning_get_encrypted_content (reasoning))
         || oai_session_has_text (oai_response_reasoning_get_text (reasoning));
}

/* Whether a server can read a part that was sent to another one, or received from it. */
static gboolean
is_portable_part (gpointer part)
{
  if (OAI_IS_RESPONSE_INPUT_IMAGE (part))
    return !oai_session_has_text (oai_response_input_image_get_file_id (part));
  if (OAI_IS_RESPONSE_INPUT_FILE (part))
    return !oai_session_has_text (oai_response_input_file_get_file_id (part));

  return !OAI_IS_RESPONSE_COMPUTER_SCREENSHOT (part) && !OAI_IS_RESPONSE_ENCRYPTED_CONTENT (part);
}

/* Removes what only the other server can read.  Returns FALSE if there is no content then. */
static gboolean
make_portable_message (OaiResponseMessage *message)
{
  GPtrArray *parts = oai_response_message_get_content_parts (message);
  g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr(GPtrArray) none = g_ptr_array_new ();

  if (parts->len == 0)
    return TRUE;

  for (guint i = 0; i < parts->len; i++)
    if (is_portable_part (g_ptr_array_index (parts, i)))
      {
        OaiRecord *part = oai_record_copy (g_ptr_array_index (parts, i));

        if (OAI_IS_RESPONSE_OUTPUT_TEXT (part))
          oai_response_output_text_set_annotations (OAI_RESPONSE_OUTPUT_TEXT (part), none);
        g_ptr_array_add (kept, part);
      }
  oai_response_message_set_content_parts (message, kept);

  return kept->len > 0;
}

/* Returns the form of an item that another server than before can read, or NULL.  Calls of tools that servers run refer to
 * what the server stores. */
static OaiResponseItem *
dup_portable (OaiSessionItem *item)
{
  OaiSessionItemKind kind = oai_session_item_get_kind (item);
  g_autoptr(OaiResponseItem) input = NULL;

  if (kind != OAI_SESSION_ITEM_KIND_MESSAGE && kind != OAI_SESSION_ITEM_KIND_TOOL_CALL)
    return NULL;

  input = oai_response_item_to_input (OAI_RESPONSE_ITEM (oai_session_item_get_record (item)));
  if (input == NULL || (OAI_IS_RESPONSE_MESSAGE (input) && !make_portable_message (OAI_RESPONSE_MESSAGE (input))))
    return NULL;

  oai_record_unset_member (OAI_RECORD (input), "id");

  return g_steal_pointer (&input);
}

static void
add_item (OaiResponseRequest *request, OaiSessionItem *item)
{
  OaiRecord *record = oai_session_item_get_record (item);
  g_autoptr(OaiResponseItem) input = NULL;

  if (oai_session_item_is_foreign (item))
    input = dup_portable (item);
  else if (OAI_IS_COMPACTED_RESPONSE (record))
    oai_response_request_add_compacted (request, OAI_COMPACTED_RESPONSE (record));
  else if (is_readable (item, record))
    input = oai_response_item_to_input (OAI_RESPONSE_ITEM (record));
  if (input != NULL)
    oai_response_request_add_item (request, input);
}

/* Appends items to the input.  The outputs of calls follow the last item of their reply.
 * known: the identifier of a reply that the server knows, of which only the outputs are appended; or NULL */
static void
add_items (OaiSession *session, OaiResponseRequest *request, guint begin, guint end, const char *known)
{
  GPtrArray *items = oai_session_get_items (session);
  g_autoptr(GPtrArray) outputs = g_ptr_array_new_with_free_func (g_object_unref);
  const char *reply_id = known;

  for (guint i = begin; i < end; i++)
    {
      OaiSessionItem *item = g_ptr_array_index (items, i);
      OaiResponseItem *output = NULL;

      if (oai_session_item_get_record (item) == NULL)
        continue;
      if (g_strcmp0 (oai_session_item_get_reply_id (item), reply_id) != 0 || reply_id == NULL)
        add_outputs (request, outputs);
      reply_id = oai_session_item_get_reply_id (item);
      if (known == NULL || g_strcmp0 (reply_id, known) != 0)
        add_item (request, item);
      output = dup_output (item);
      if (output != NULL)
        g_ptr_array_add (outputs, output);
    }
  add_outputs (request, outputs);
}

/* Whether the item is a compaction that the server of the session can read. */
static gboolean
is_compaction (OaiSessionItem *item)
{
  return oai_session_item_get_kind (item) == OAI_SESSION_ITEM_KIND_COMPACTION && !oai_session_item_is_foreign (item);
}

/* Returns the position of the last compaction, which replaces the items before it; 0 if there is none. */
static guint
find_begin (GPtrArray *items, guint end)
{
  for (guint i = end; i > 0; i--)
    if (is_compaction (g_ptr_array_index (items, i - 1)))
      return i - 1;

  return 0;
}

/* Returns the position of the first item of the last reply that the server stores, or -1. */
static int
find_stored (GPtrArray *items, guint begin)
{
  const char *id = NULL;
  int position = -1;

  for (guint i = items->len; i > begin; i--)
    {
      OaiSessionItem *item = g_ptr_array_index (items, i - 1);

      if (id == NULL && oai_session_item_is_stored (item))
        id = oai_session_item_get_reply_id (item);
      if (id != NULL && g_strcmp0 (oai_session_item_get_reply_id (item), id) == 0)
        position = (int) i - 1;
    }

  return position;
}

static gboolean
has_conversation (OaiRecord *options)
{
  return options != NULL && oai_record_has_member (options, "conversation") && !oai_record_is_null_member (options, "conversation");
}

/* Returns whether the program forbids the server to store responses. */
static gboolean
forbids_storing (OaiRecord *options)
{
  return options != NULL && oai_record_has_member (options, "store") && !oai_response_request_get_store (OAI_RESPONSE_REQUEST (options));
}

static void
add_history (OaiSession *session, OaiResponseRequest *request)
{
  GPtrArray *items = oai_session_get_items (session);
  OaiRecord *options = oai_session_get_options (session);
  guint begin = find_begin (items, items->len);
  int stored = OAI_RESPONSES_SESSION (session)->stateless || forbids_storing (options) ? -1 : find_stored (items, begin);
  const char *known = NULL;

  if (stored >= 0)
    {
      begin = (guint) stored;
      known = oai_session_item_get_reply_id (g_ptr_array_index (items, begin));
    }
  add_items (session, request, begin, items->len, known);
  if (known != NULL && !has_conversation (options))
    oai_response_request_set_previous_response_id (request, known);
  if (forbids_storing (options))
    oai_response_request_add_include (request, OAI_RESPONSE_INCLUDE_ENCRYPTED_REASONING);
}

static gboolean
requires_call (OaiRecord *request, const char **name)
{
  OaiResponseToolChoice *choice = oai_response_request_get_tool_choice_object (OAI_RESPONSE_REQUEST (request));

  *name = choice != NULL ? oai_response_tool_choice_get_name (choice) : NULL;

  return choice != NULL || g_strcmp0 (oai_response_request_get_tool_choice (OAI_RESPONSE_REQUEST (request)), OAI_CHAT_TOOL_MODE_REQUIRED) == 0;
}

/* Returns a request with the options, without input. */
static OaiResponseRequest *
new_request (OaiSession *session)
{
  OaiRecord *options = oai_session_get_options (session);
  OaiResponseRequest *request = OAI_RESPONSE_REQUEST (options != NULL ? oai_record_copy (options) : g_object_new (OAI_TYPE_RESPONSE_REQUEST, NULL));

  oai_record_unset_member (OAI_RECORD (request), "input");
  oai_record_unset_member (OAI_RECORD (request), "previous_response_id");
  if (oai_session_get_model (session) != NULL)
    oai_response_request_set_model (request, oai_session_get_model (session));
  if (oai_session_get_instructions (session) != NULL)
    oai_response_request_set_instructions (request, oai_session_get_instructions (session));

  return request;
}

static OaiRecord *
create_request (OaiSession *session, GError **error)
{
  OaiToolset *toolset = oai_session_get_toolset (session);
  g_autoptr(OaiResponseRequest) request = new_request (session);

  add_history (session, request);

  if (toolset != NULL && !oai_response_request_add_toolset (request, toolset, error))
    return NULL;

  return OAI_RECORD (g_steal_pointer (&request));
}

static const char *
get_model (OaiRecord *request)
{
  return oai_response_request_get_model (OAI_RESPONSE_REQUEST (request));
}

static void
create_async (OaiSession *session, OaiRecord *request, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (oai_session_get_client (session));

  oai_responses_endpoint_create_async (responses, OAI_RESPONSE_REQUEST (request), cancellable, callback, user_data);
}

static OaiRecord *
create_finish (GObject *source, GAsyncResult *result, GError **error)
{
  return (OaiRecord *) oai_responses_endpoint_create_finish (OAI_RESPONSES_ENDPOINT (source), result, error);
}

/* A server that does not store the last response gets all items from now on. */
static gboolean
adapt (OaiSession *session, OaiRecord *request, const GError *error)
{
  OaiResponsesSession *self = OAI_RESPONSES_SESSION (session);
  g_autofree char *explanation = NULL;

  if (self->stateless || !oai_session_has_text (oai_response_request_get_previous_response_id (OAI_RESPONSE_REQUEST (request))))
    return FALSE;

  explanation = oai_responses_explain_state (request, error);
  self->stateless = explanation != NULL;

  return self->stateless;
}

static void
forget_server (OaiSession *session)
{
  OAI_RESPONSES_SESSION (session)->stateless = FALSE;
}

static void
compact_async (OaiSession *session, guint n_items, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (oai_session_get_client (session));
  g_autoptr(OaiResponseRequest) request = new_request (session);
  g_autoptr(OaiResponseCompactRequest) compaction = NULL;

  add_items (session, request, find_begin (oai_session_get_items (session), n_items), n_items, NULL);
  compaction = oai_response_compact_request_new_for_request (request);
  oai_responses_endpoint_compact_async (responses, compaction, cancellable, callback, user_data);
}

static OaiRecord *
compact_finish (GObject *source, GAsyncResult *result, GError **error)
{
  return (OaiRecord *) oai_responses_endpoint_compact_finish (OAI_RESPONSES_ENDPOINT (source), result, error);
}

/* Streams */

static void
append_text (OaiSession *session, OaiSessionItemKind kind, const char *text, guint output_index)
{
  g_autoptr(OaiSessionItem) item = oai_session_ref_reply_item (session, kind, OAI_ROLE_ASSISTANT, output_index);

  if (item != NULL)
    oai_session_item_append_text (item, text);
}

static void
text_cb (OaiResponseStream *stream, const char *text, guint output_index, guint content_index, OaiSession *session)
{
  append_text (session, OAI_SESSION_ITEM_KIND_MESSAGE, text, output_index);
}

static void
refusal_cb (OaiResponseStream *stream, const char *text, guint output_index, guint content_index, OaiSession *session)
{
  g_autoptr(OaiSessionItem) item = oai_session_ref_reply_item (session, OAI_SESSION_ITEM_KIND_MESSAGE, OAI_ROLE_ASSISTANT, output_index);

  if (item == NULL)
    return;

  oai_session_item_set_refusal (item, TRUE);
  oai_session_item_append_text (item, text);
}

static void
reasoning_cb (OaiResponseStream *stream, const char *text, guint output_index, guint part_index, OaiSession *session)
{
  append_text (session, OAI_SESSION_ITEM_KIND_REASONING, text, output_index);
}

static void
input_cb (OaiResponseStream *stream, const char *input, guint output_index, OaiSession *session)
{
  append_text (session, OAI_SESSION_ITEM_KIND_TOOL_CALL, input, output_index);
}

/* Shows an item before it has a text. */
static void
item_added_cb (OaiResponseStream *stream, OaiResponseItem *item, guint output_index, OaiSession *session)
{
  OaiSessionItemKind kind = get_kind (OAI_RECORD (item));
  g_autoptr(OaiSessionItem) shown G_GNUC_UNUSED = NULL;

  if (kind != OAI_SESSION_ITEM_KIND_MESSAGE)
    shown = oai_session_ref_reply_item (session, kind, OAI_ROLE_ASSISTANT, output_index);
}

static OaiStream *
create_stream (OaiSession *session, OaiRecord *request)
{
  g_autoptr(OaiResponsesEndpoint) responses = oai_responses_endpoint_new (oai_session_get_client (session));
  OaiResponseStream *stream = oai_responses_endpoint_create_stream (responses, OAI_RESPONSE_REQUEST (request));

  g_signal_connect (stream, "item-added", G_CALLBACK (item_added_cb), session);
  g_signal_connect (stream, "output-text-delta", G_CALLBACK (text_cb), session);
  g_signal_connect (stream, "refusal-delta", G_CALLBACK (refusal_cb), session);
  g_signal_connect (stream, "reasoning-text-delta", G_CALLBACK (reasoning_cb), session);
  g_signal_connect (stream, "reasoning-summary-delta", G_CALLBACK (reasoning_cb), session);
  g_signal_connect (stream, "function-call-arguments-delta", G_CALLBACK (input_cb), session);
  g_signal_connect (stream, "custom-tool-call-input-delta", G_CALLBACK (input_cb), session);

  return OAI_STREAM (stream);
}

/* Replies */

/* Servers reject outputs whose call is not unique.  Returns whether an identifier has changed, so that the server
 * does not know the call. */
static gboolean
make_unique (GPtrArray *items)
{
  g_autoptr(GHashTable) ids = oai_call_ids_new ();
  gboolean changed = FALSE;

  for (guint i = 0; i < items->len; i++)
    {
      OaiRecord *record = g_ptr_array_index (items, i);
      g_autofree char *replacement = NULL;

      if (get_kind (record) != OAI_SESSION_ITEM_KIND_TOOL_CALL)
        continue;
      replacement = oai_call_ids_add (ids, get_call_id (record));
      if (replacement == NULL)
        continue;
      g_object_set (record, "call-id", replacement, NULL);
      changed = TRUE;
    }

  return changed;
}

/* Returns the form in which an item of an incomplete reply can be sent, or NULL.  It has no identifier, since the
 * server does not know the item. */
static OaiRecord *
adapt_item (OaiRecord *record)
{
  OaiRecord *copy;

  if (OAI_IS_RESPONSE_MESSAGE (record) && oai_session_has_text (oai_response_message_get_text (OAI_RESPONSE_MESSAGE (record))))
    return OAI_RECORD (oai_response_message_new_assistant (oai_response_message_get_text (OAI_RESPONSE_MESSAGE (record))));
  if (OAI_IS_RESPONSE_REASONING (record))
    return g_object_ref (record);
  if (!OAI_IS_RESPONSE_FUNCTION_CALL (record) || !oai_session_has_arrived (get_name (record), get_input (record)))
    return NULL;

  copy = oai_record_copy (record);
  oai_record_unset_member (copy, "id");
  oai_record_unset_member (copy, "status");

  return copy;
}

/* Returns whether an incomplete reply contains more than reasoning. */
static gboolean
has_content (GPtrArray *items)
{
  for (guint i = 0; i < items->len; i++)
    {
      g_autoptr(OaiRecord) record = adapt_item (g_ptr_array_index (items, i));

      if (record != NULL && !OAI_IS_RESPONSE_REASONING (record))
        return TRUE;
    }

  return FALSE;
}

static void
seal_item (OaiSession *session, OaiRecord *record, guint index, OaiSessionItemState state, const char *reply_id, gboolean stored)
{
  g_autoptr(OaiSessionItem) item = oai_session_ref_reply_item (session, get_kind (record), OAI_ROLE_ASSISTANT, index);
  g_autoptr(OaiToolCall) call = new_call (session, record);

  oai_session_item_set_reply (item, reply_id, stored);
  oai_session_item_set_refusal (item, is_refusal (record));
  oai_session_item_seal (item, record, get_text (record), call, state);
}

/* Returns whether the response can be continued by its identifier. */
static gboolean
is_stored (OaiSession *session, OaiResponse *response)
{
  return oai_session_has_text (oai_response_get_id (response))
         && (has_conversation (oai_session_get_options (session)) || oai_response_get_store (response));
}

static void
take_incomplete (OaiSession *session, GPtrArray *items)
{
  g_autofree char *reply_id = g_uuid_string_random ();

  if (!has_content (items))
    return;

  for (guint i = 0; i < items->len; i++)
    {
      g_autoptr(OaiRecord) record = adapt_item (g_ptr_array_index (items, i));

      if (record != NULL)
        seal_item (session, record, i, OAI_SESSION_ITEM_STATE_INCOMPLETE, reply_id, FALSE);
    }
}

static gboolean
take_reply (OaiSession *session, OaiRecord *reply, gboolean complete, GError **error)
{
  OaiResponse *response = (OaiResponse *) reply;
  GPtrArray *items = response != NULL ? oai_response_get_output_items (response) : NULL;
  g_autofree char *fallback = g_uuid_string_random ();
  gboolean changed;

  if (response == NULL)
    return TRUE;

  changed = make_unique (items);
  if (!complete || !oai_response_check (response, error))
    {
      take_incomplete (session, items);
      return !complete;
    }

  for (guint i = 0; i < items->len; i++)
    seal_item (session, g_ptr_array_index (items, i), i, OAI_SESSION_ITEM_STATE_COMPLETE,
               oai_session_has_text (oai_response_get_id (response)) ? oai_response_get_id (response) : fallback, is_stored (session, response) && !changed);

  return TRUE;
}

static void
read_usage (OaiRecord *reply, OaiSessionUsage *usage)
{
  OaiResponseUsage *counts = oai_response_get_usage (OAI_RESPONSE (reply));
  OaiResponseInputTokensDetails *input;
  OaiResponseOutputTokensDetails *output;

  usage->model = oai_response_get_model (OAI_RESPONSE (reply));
  if (counts == NULL)
    return;

  usage->input_tokens = oai_response_usage_get_input_tokens (counts);
  usage->output_tokens = oai_response_usage_get_output_tokens (counts);
  usage->total_tokens = oai_response_usage_get_total_tokens (counts);
  input = oai_response_usage_get_input_tokens_details (counts);
  output = oai_response_usage_get_output_tokens_details (counts);
  if (input != NULL)
    usage->cached_tokens = oai_response_input_tokens_details_get_cached_tokens (input);
  if (output != NULL)
    usage->reasoning_tokens = oai_response_output_tokens_details_get_reasoning_tokens (output);
}

static const OaiSessionHooks hooks = {
  .user_role = OAI_ROLE_USER,
  .model_role = OAI_ROLE_ASSISTANT,
  .parallel_member = "parallel_tool_calls",
  .choice_member = "tool_choice",
  .get_request_type = oai_response_request_get_type,
  .get_record_type = oai_response_item_get_type,
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
  .adapt = adapt,
  .forget_server = forget_server,
  .compact_async = compact_async,
  .compact_finish = compact_finish,
};

static void
oai_responses_session_class_init (OaiResponsesSessionClass *klass)
{
  OAI_SESSION_CLASS (klass)->hooks = &hooks;
}

static void
oai_responses_session_init (OaiResponsesSession *self)
{
}

/**
 * oai_responses_session_new:
 * @client: (nullable): a client; %NULL to set [property@Oai.Session:client] before the first message is sent
 * @model: (nullable): name of the model; %NULL to use that of [property@Oai.Session:options]
 *
 * Creates a session without items.
 *
 * Returns: (transfer full) (type OaiResponsesSession): a new session
 *
 * Since: 1.0
 */
OaiSession *
oai_responses_session_new (OaiClient *client, const char *model)
{
  return oai_session_create (OAI_TYPE_RESPONSES_SESSION, client, model);
}

/**
 * oai_responses_session_new_from_json:
 * @client: (nullable): a client; %NULL to set [property@Oai.Session:client] before a message is sent
 * @json: text of [method@Oai.Session.to_json]
 * @error: return location for an error
 *
 * Restores a session; see [func@Oai.Session.restore]. Fails with %OAI_ERROR_INVALID_ARGUMENT if the text is not a saved
 * session of this type.
 *
 * Returns: (transfer full) (type OaiResponsesSession): a new session
 *
 * Since: 1.0
 */
OaiSession *
oai_responses_session_new_from_json (OaiClient *client, const char *json, GError **error)
{
  return oai_session_restore (OAI_TYPE_RESPONSES_SESSION, client, json, error);
}

/**
 * oai_responses_session_load_async:
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
oai_responses_session_load_async (OaiClient *client, GFile *file, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  oai_session_restore_file_async (OAI_TYPE_RESPONSES_SESSION, client, file, cancellable, callback, user_data);
}

/**
 * oai_responses_session_load_finish:
 * @result: a result
 * @error: return location for an error
 *
 * Completes [func@Oai.ResponsesSession.load_async].
 *
 * Fails with the errors of [iface@Gio.File], such as %G_IO_ERROR_NOT_FOUND, and with %OAI_ERROR_INVALID_ARGUMENT if the file
 * is larger than 1 GiB, or does not contain a saved session of this type.
 *
 * Returns: (transfer full) (type OaiResponsesSession): a new session
 *
 * Since: 1.0
 */
OaiSession *
oai_responses_session_load_finish (GAsyncResult *result, GError **error)
{
  return oai_session_restore_file_finish (result, error);
}

/**
 * oai_responses_session_load:
 * @client: (nullable): a client; %NULL to set [property@Oai.Session:client] before a message is sent
 * @file: a file of [method@Oai.Session.save]
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Reads a session from a file; see [func@Oai.ResponsesSession.load_async]. Blocks until the session is restored.
 *
 * Returns: (transfer full) (type OaiResponsesSession): a new session
 *
 * Since: 1.0
 */
OaiSession *
oai_responses_session_load (OaiClient *client, GFile *file, GCancellable *cancellable, GError **error)
{
  return oai_session_restore_file (OAI_TYPE_RESPONSES_SESSION, client, file, cancellable, error);
}
