/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-chat-accumulator-private.h"

#include <string.h>

#include "oai-delta-fold-private.h"
#include "oai-chat-tool-calls-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-member-private.h"

/* More than servers send. */
#define MAX_SETTLED 16

static const char *const text_members[OAI_CHAT_N_TEXTS] = { "content", "refusal", "reasoning_content" };
static const guint delta_signals[OAI_CHAT_N_TEXTS] = { CHAT_STREAM__CONTENT_DELTA, CHAT_STREAM__REFUSAL_DELTA, CHAT_STREAM__REASONING_DELTA };
static const guint done_signals[OAI_CHAT_N_TEXTS] = { CHAT_STREAM__CONTENT_DONE, CHAT_STREAM__REFUSAL_DONE, CHAT_STREAM__REASONING_DONE };

typedef struct
{
  guint index;
  OaiJsonValue *rest;      /* members of the choice, except the message */
  OaiJsonValue *message;   /* members of the message, except the tool calls */
  OaiJsonValue *texts[OAI_CHAT_N_TEXTS]; /* borrowed from the message, except the content if there are parts */
  OaiJsonValue *parts;     /* the content as a list, if not all of it is text; borrowed from the message */
  OaiJsonValue *text_part; /* the text of the last part, if that is text */
  gboolean text_done[OAI_CHAT_N_TEXTS];
  const char *reasoning_member; /* "reasoning_content" or "reasoning", depending on the server */
  OaiChatToolCalls calls;
  gboolean from_deltas;    /* whether a delta has arrived, so that a "message" only repeats the deltas */
  gsize length_before_refusal; /* length of the content before a refusal; G_MAXSIZE without a refusal */
  OaiBase64Decoder audio;   /* buffers an incomplete group of characters */
  gboolean finished;
} Choice;

/* Compares the first letter before it calls strcmp(), since most names differ in it. */
static inline gboolean
is (const char *name, const char *wanted)
{
  return *name == *wanted && strcmp (name, wanted) == 0;
}

static void
choice_free (gpointer data)
{
  Choice *choice = data;

  if (choice->parts != NULL)
    g_clear_pointer (&choice->texts[OAI_CHAT_TEXT_CONTENT], oai_json_value_free);
  oai_json_value_free (choice->rest);
  oai_json_value_free (choice->message);
  oai_chat_tool_calls_clear (&choice->calls);
  g_free (choice);
}

void
oai_chat_accumulator_init (OaiStream *stream, gpointer state)
{
  OaiChatAccumulator *self = state;

  self->stream = stream;
  self->root = oai_json_value_new_object ();
  self->settled = g_ptr_array_new_with_free_func (g_free);
  self->choices = g_ptr_array_new_with_free_func (choice_free);
  self->n_choices = G_MAXUINT;
}

void
oai_chat_accumulator_clear (gpointer state)
{
  OaiChatAccumulator *self = state;

  oai_json_value_free (self->root);
  g_ptr_array_unref (self->settled);
  g_ptr_array_unref (self->choices);
}

static Choice *
get_choice (OaiChatAccumulator *self, guint index)
{
  for (guint i = 0; i < self->choices->len; i++)
    {
      Choice *choice = g_ptr_array_index (self->choices, i);

      if (choice->index == index)
        return choice;
    }

  return NULL;
}

void
oai_chat_accumulator_read_request (OaiChatAccumulator *self)
{
  GBytes *body = oai_stream_get_request_body (self->stream);
  g_autoptr(OaiJsonDoc) doc = NULL;
  OaiJsonNode format;
  gsize length;
  const char *data;
  gint64 n;

  if (self->request_read || body == NULL)
    return;

  self->request_read = TRUE;
  data = g_bytes_get_data (body, &length);
  doc = oai_json_doc_new_copy (data, length, OAI_JSON_TOLERANT, NULL);
  if (doc == NULL)
    return;

  format = oai_json_get_member (doc, 0, "response_format");
  self->wants_json_schema = g_strcmp0 (oai_json_get_string (doc, oai_json_get_member (doc, format, "type"), NULL), "json_schema") == 0;
  if (oai_json_get_int (doc, oai_json_get_member (doc, 0, "n"), &n) && n > 0 && n < G_MAXUINT)
    self->n_choices = n;
}

/* The request is only read if there is a second choice, since most replies have one. */
static gboolean
check_choice_index (OaiChatAccumulator *self, guint index, GError **error)
{
  if (index > 0)
    oai_chat_accumulator_read_request (self);
  if (index < self->n_choices)
    return TRUE;

  g_set_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("Chat completion stream contains an invalid choice index: %u"), index);

  return FALSE;
}

static Choice *
ensure_choice (OaiChatAccumulator *self, guint index, GError **error)
{
  Choice *choice = get_choice (self, index);
  guint position = self->choices->len;

  if (choice != NULL)
    return choice;
  if (!check_choice_index (self, index, error))
    return NULL;

  choice = g_new0 (Choice, 1);
  choice->index = index;
  choice->length_before_refusal = G_MAXSIZE;
  choice->rest = oai_json_value_new_object ();
  choice->message = oai_json_value_new_object ();
  oai_chat_tool_calls_init (&choice->calls);
  while (position > 0 && ((Choice *) g_ptr_array_index (self->choices, position - 1))->index > index)
    position--;
  g_ptr_array_insert (self->choices, position, choice);

  return choice;
}

/* Texts */

static void
finish_text (OaiChatAccumulator *self, Choice *choice, OaiChatText kind)
{
  gsize length = 0;

  /* Ignores the empty text that some servers send before tool calls and refusals. */
  oai_json_value_get_string (choice->texts[kind], &length);
  if (length == 0 || choice->text_done[kind])
    return;

  choice->text_done[kind] = TRUE;
  oai_stream_emit (self->stream, done_signals[kind], oai_json_value_get_string (choice->texts[kind], NULL), choice->index);
}

static void
add_text_part (Choice *choice, const char *text, gsize length)
{
  if (length == 0)
    return;

  if (choice->text_part == NULL)
    {
      OaiJsonValue *part = oai_json_value_append (choice->parts, oai_json_value_new_object ());

      oai_json_value_set_member (part, "type", oai_json_value_new_string ("text", -1));
      choice->text_part = oai_json_value_set_member (part, "text", oai_json_value_new_string ("", 0));
    }
  oai_json_value_append_string (choice->text_part, text, (gssize) length);
}

/* The content becomes a list when its first part arrives that is not text. */
static void
begin_parts (Choice *choice)
{
  gsize length = 0;
  const char *text = oai_json_value_get_string (choice->texts[OAI_CHAT_TEXT_CONTENT], &length);
  OaiJsonValue *whole = oai_json_value_new_string (text != NULL ? text : "", (gssize) length);

  choice->parts = oai_json_value_new_array ();
  add_text_part (choice, text, length);
  oai_json_value_set_member (choice->message, text_members[OAI_CHAT_TEXT_CONTENT], choice->parts);
  choice->texts[OAI_CHAT_TEXT_CONTENT] = whole;
}

/* A part that is neither text nor reasoning, such as an image or a reference. */
static void
add_other_part (Choice *choice, OaiJsonDoc *doc, OaiJsonNode part)
{
  if (choice->parts == NULL)
    begin_parts (choice);
  oai_json_value_append (choice->parts, oai_json_value_new_from_node (doc, part));
  choice->text_part = NULL;
}

static void
add_text (OaiChatAccumulator *self, Choice *choice, OaiChatText kind, const char *member, const char *text, gsize length)
{
  const guint indexes[OAI_STREAM_MAX_INDEXES] = { choice->index };

  if (kind == OAI_CHAT_TEXT_CONTENT && choice->parts != NULL)
    add_text_part (choice, text, length);
  if (choice->texts[kind] == NULL)
    choice->texts[kind] = oai_json_value_set_member (choice->message, member, oai_json_value_new_string (text, length));
  else
    oai_json_value_append_string (choice->texts[kind], text, length);

  oai_stream_emit_text (self->stream, delta_signals[kind], text, length, indexes);
}

static void add_parts (OaiChatAccumulator *self, Choice *choice, OaiChatText kind, OaiJsonDoc *doc, OaiJsonNode parts);

/* Adds text, or a list of parts, which some servers send instead.  Parts of thinking are added to
 * the reasoning.  Parts of the content that are neither text nor thinking are kept unchanged. */
static void
add_text_node (OaiChatAccumulator *self, Choice *choice, OaiChatText kind, const char *member, OaiJsonDoc *doc, OaiJsonNode node)
{
  gsize length;
  const char *text = oai_json_get_string (doc, node, &length);

  if (text != NULL)
    add_text (self, choice, kind, member, text, length);
  else
    add_parts (self, choice, kind, doc, node);
}

static void
add_parts (OaiChatAccumulator *self, Choice *choice, OaiChatText kind, OaiJsonDoc *doc, OaiJsonNode parts)
{
  OaiJsonIter iter;
  OaiJsonNode part;

  if (oai_json_get_type (doc, parts) != OAI_JSON_ARRAY)
    return;

  oai_json_iter_init (&iter, doc, parts);
  while (oai_json_iter_next (&iter, NULL, &part))
    {
      OaiJsonNode thinking = oai_json_get_member (doc, part, "thinking");
      OaiJsonNode text = oai_json_get_member (doc, part, "text");

      if (thinking != OAI_JSON_NONE)
        add_text_node (self, choice, OAI_CHAT_TEXT_REASONING, text_members[OAI_CHAT_TEXT_REASONING], doc, thinking);
      else if (text != OAI_JSON_NONE || kind != OAI_CHAT_TEXT_CONTENT)
        add_text_node (self, choice, kind, text_members[kind], doc, text);
      else
        add_other_part (choice, doc, part);
    }
}

static void
add_other_reasoning (Choice *choice, const char *member, OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiJsonValue *held = oai_json_value_get_member (choice->message, member);
  gsize length;
  const char *text = oai_json_get_string (doc, node, &length);

  if (held != NULL && oai_json_value_get_type (held) == OAI_JSON_STRING)
    oai_json_value_append_string (held, text, (gssize) length);
  else
    oai_json_value_set_member (choice->message, member, oai_json_value_new_string (text, (gssize) length));
}

/* Some servers send the same text in two members; it is reported once. */
static void
add_reasoning (OaiChatAccumulator *self, Choice *choice, const char *member, OaiJsonDoc *doc, OaiJsonNode node)
{
  if (choice->reasoning_member == NULL && oai_json_get_type (doc, node) > OAI_JSON_NULL)
    choice->reasoning_member = strcmp (member, "reasoning") == 0 ? "reasoning" : text_members[OAI_CHAT_TEXT_REASONING];

  if (g_strcmp0 (choice->reasoning_member, member) == 0)
    add_text_node (self, choice, OAI_CHAT_TEXT_REASONING, member, doc, node);
  else if (oai_json_get_string (doc, node, NULL) != NULL)
    add_other_reasoning (choice, member, doc, node);
}

/* Notes the length of the content before a refusal: the text after it is not part of the JSON. */
static void
note_refusal (Choice *choice, OaiJsonDoc *doc, OaiJsonNode delta)
{
  OaiJsonNode refusal = OAI_JSON_NONE;
  OaiJsonMember member;
  const char *text;

  oai_json_member_init (&member, doc, delta);
  while (oai_json_member_next (&member))
    if (oai_json_member_is (&member, "refusal"))
      refusal = member.value;
  if (G_LIKELY (refusal == OAI_JSON_NONE))
    return;

  text = oai_json_get_string (doc, refusal, NULL);
  if (text == NULL || *text == '\0' || choice->length_before_refusal != G_MAXSIZE)
    return;

  choice->length_before_refusal = 0;
  if (choice->texts[OAI_CHAT_TEXT_CONTENT] != NULL)
    oai_json_value_get_string (choice->texts[OAI_CHAT_TEXT_CONTENT], &choice->length_before_refusal);
}

/* Tool calls */

static void
report_call (OaiChatAccumulator *self, Choice *choice, OaiChatCallState *call)
{
  g_autoptr(OaiRecord) record = NULL;
  GString *json;

  if (!oai_stream_wants (self->stream, CHAT_STREAM__TOOL_CALL_DONE))
    return;

  json = g_string_new (NULL);
  oai_json_write_value (json, call->value);
  record = oai_stream_new_record (self->stream, OAI_TYPE_CHAT_TOOL_CALL, g_string_free (json, FALSE));
  oai_stream_emit (self->stream, CHAT_STREAM__TOOL_CALL_DONE, record, choice->index, call->number);
}

static void
finish_call (OaiChatAccumulator *self, Choice *choice, OaiChatCallState *call)
{
  if (call == NULL || call->done)
    return;

  call->done = TRUE;
  if (call->id == NULL)
    {
      g_autofree char *uuid = g_uuid_string_random ();

      /* Creates an identifier, since the tool message must contain one. */
      call->id = g_strconcat ("call_", uuid, NULL);
      oai_json_value_set_member (call->value, "id", oai_json_value_new_string (call->id, -1));
    }
  report_call (self, choice, call);
}

static gboolean
add_tool_calls (OaiChatAccumulator *self, Choice *choice, OaiJsonDoc *doc, OaiJsonNode list, GError **error)
{
  OaiJsonIter iter;
  OaiJsonNode fragment;
  gboolean first = TRUE;

  oai_json_iter_init (&iter, doc, list);
  while (oai_json_iter_next (&iter, NULL, &fragment))
    {
      OaiChatCallState *before = choice->calls.newest;
      OaiChatCallState *call = oai_chat_tool_calls_find (&choice->calls, doc, fragment, first, error);
      g_autofree char *arguments = NULL;
      const char *name = NULL;

      if (call == NULL)
        return FALSE;
      first = FALSE;
      if (before != NULL && before != call && !before->done && oai_chat_call_state_is_whole (before))
        finish_call (self, choice, before);
      oai_chat_call_state_add (call, doc, fragment, &name, &arguments);
      oai_stream_emit (self->stream, CHAT_STREAM__TOOL_CALL_DELTA, name, arguments != NULL ? arguments : "", choice->index, call->number);
    }

  return TRUE;
}

/* Audio */

/* Takes ownership of the bytes, which are NULL if the Base64 is invalid. */
static void
report_audio (OaiChatAccumulator *self, Choice *choice, GBytes *audio, const char *transcript)
{
  g_autoptr(GBytes) bytes = audio;

  self->damaged = self->damaged || bytes == NULL;
  if (bytes != NULL && (g_bytes_get_size (bytes) > 0 || transcript != NULL))
    oai_stream_emit (self->stream, CHAT_STREAM__AUDIO_DELTA, bytes, transcript, choice->index);
}

/* Decodes Base64 that may be split at any character: an incomplete group is buffered. */
static void
decode_audio (OaiChatAccumulator *self, Choice *choice, const char *base64, const char *transcript)
{
  gsize length = base64 != NULL ? strlen (base64) : 0;

  if (!self->damaged && oai_stream_wants (self->stream, CHAT_STREAM__AUDIO_DELTA))
    report_audio (self, choice, oai_base64_decoder_add (&choice->audio, base64, length), transcript);
}

static gboolean
check_audio (OaiChatAccumulator *self, GError **error)
{
  if (self->damaged)
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent audio that is damaged"));

  return !self->damaged;
}

/* The padding may be missing. */
gboolean
oai_chat_accumulator_end_audio (OaiChatAccumulator *self, GError **error)
{
  for (guint i = 0; i < self->choices->len; i++)
    {
      Choice *choice = g_ptr_array_index (self->choices, i);

      report_audio (self, choice, oai_base64_decoder_end (&choice->audio), NULL);
    }

  return check_audio (self, error);
}

/* Appends to the data and the transcript, and replaces other members. */
static void
add_audio (OaiChatAccumulator *self, Choice *choice, OaiJsonDoc *doc, OaiJsonNode audio)
{
  OaiJsonValue *held = oai_json_value_get_member (choice->message, "audio");
  const char *data = oai_json_get_string (doc, oai_json_get_member (doc, audio, "data"), NULL);
  const char *transcript = oai_json_get_string (doc, oai_json_get_member (doc, audio, "transcript"), NULL);
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode value;

  if (oai_json_get_type (doc, audio) != OAI_JSON_OBJECT)
    return;
  if (held == NULL || oai_json_value_get_type (held) != OAI_JSON_OBJECT)
    held = oai_json_value_set_member (choice->message, "audio", oai_json_value_new_object ());

  oai_json_iter_init_members (&iter, doc, audio);
  while (oai_json_iter_next (&iter, &name, &value))
    {
      OaiJsonValue *member = oai_json_value_get_member (held, name);
      gsize length;
      const char *text = oai_json_get_string (doc, value, &length);

      if (text != NULL && oai_json_value_get_type (member) == OAI_JSON_STRING && (strcmp (name, "data") == 0 || strcmp (name, "transcript") == 0))
        oai_json_value_append_string (member, text, length);
      else if (oai_json_get_type (doc, value) != OAI_JSON_NULL)
        oai_json_value_set_member (held, name, oai_json_value_new_from_node (doc, value));
    }
  if (data != NULL || transcript != NULL)
    decode_audio (self, choice, data, transcript);
}

static gboolean
add_delta_member (OaiChatAccumulator *self, Choice *choice, const OaiJsonMember *member, OaiJsonDoc *doc, GError **error)
{
  const char *name = oai_json_member_get_name (member);

  if (oai_json_member_is (member, "content"))
    add_text_node (self, choice, OAI_CHAT_TEXT_CONTENT, name, doc, member->value);
  else if (oai_json_member_is (member, "role"))
    {
      if (oai_json_get_string (doc, member->value, NULL) != NULL)
        oai_json_value_set_member (choice->message, name, oai_json_value_new_from_node (doc, member->value));
    }
  else if (oai_json_member_is (member, "refusal"))
    add_text_node (self, choice, OAI_CHAT_TEXT_REFUSAL, name, doc, member->value);
  else if (oai_json_member_is (member, "reasoning_content") || oai_json_member_is (member, "reasoning"))
    add_reasoning (self, choice, name, doc, member->value);
  else if (oai_json_member_is (member, "tool_calls"))
    return add_tool_calls (self, choice, doc, member->value, error);
  else if (oai_json_member_is (member, "audio"))
    add_audio (self, choice, doc, member->value);
  else
    oai_delta_fold_add (choice->message, name, doc, member->value);

  return TRUE;
}

static gboolean
add_delta (OaiChatAccumulator *self, Choice *choice, OaiJsonDoc *doc, OaiJsonNode delta, GError **error)
{
  OaiJsonMember member;

  note_refusal (choice, doc, delta);
  oai_json_member_init (&member, doc, delta);
  while (oai_json_member_next (&member))
    if (!add_delta_member (self, choice, &member, doc, error))
      return FALSE;

  /* A text is complete when another member arrives. */
  if (choice->texts[OAI_CHAT_TEXT_REFUSAL] != NULL && oai_json_get_type (doc, oai_json_get_member (doc, delta, "content")) != OAI_JSON_STRING)
    finish_text (self, choice, OAI_CHAT_TEXT_CONTENT);
  if (choice->calls.calls->len > 0)
    {
      finish_text (self, choice, OAI_CHAT_TEXT_CONTENT);
      finish_text (self, choice, OAI_CHAT_TEXT_REFUSAL);
    }

  return TRUE;
}

static gboolean
is_text_or_call (const char *name)
{
  static const char *const names[] = { "content", "refusal", "reasoning_content", "reasoning", "tool_calls", "audio", "function_call" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (is (name, names[i]))
      return TRUE;

  return FALSE;
}

/* Adds the members of a message that were not in the deltas. */
static void
add_repeated (Choice *choice, OaiJsonDoc *doc, OaiJsonNode delta, OaiJsonNode message)
{
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode value;

  oai_json_iter_init_members (&iter, doc, message);
  while (oai_json_iter_next (&iter, &name, &value))
    if (!is_text_or_call (name) && oai_json_get_member (doc, delta, name) == OAI_JSON_NONE)
      oai_delta_fold_state (choice->message, name, doc, value);
}

/* Adds a delta and a message, each of which may be missing. */
static gboolean
add_delta_or_message (OaiChatAccumulator *self, Choice *choice, OaiJsonDoc *doc, OaiJsonNode delta, OaiJsonNode message, GError **error)
{
  gboolean has_delta = oai_json_get_size (doc, delta) > 0;

  if (!has_delta && !choice->from_deltas)
    return add_delta (self, choice, doc, message, error);

  choice->from_deltas = TRUE;
  if (has_delta && !add_delta (self, choice, doc, delta, error))
    return FALSE;
  add_repeated (choice, doc, delta, message);

  return TRUE;
}

/* Appends the tokens of a chunk, which have no index. */
static void
append_tokens (OaiJsonValue *logprobs, const char *member, OaiJsonDoc *doc, OaiJsonNode tokens)
{
  OaiJsonValue *held = oai_json_value_get_member (logprobs, member);
  OaiJsonIter iter;
  OaiJsonNode token;

  if (held == NULL || oai_json_value_get_type (held) != OAI_JSON_ARRAY)
    held = oai_json_value_set_member (logprobs, member, oai_json_value_new_array ());
  oai_json_iter_init (&iter, doc, tokens);
  while (oai_json_iter_next (&iter, NULL, &token))
    oai_json_value_append (held, oai_json_value_new_from_node (doc, token));
}

static void
fold_logprobs (Choice *choice, OaiJsonDoc *doc, OaiJsonNode logprobs)
{
  OaiJsonValue *held = oai_json_value_get_member (choice->rest, "logprobs");
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode value;

  if (held == NULL || oai_json_value_get_type (held) != OAI_JSON_OBJECT)
    held = oai_json_value_set_member (choice->rest, "logprobs", oai_json_value_new_object ());
  oai_json_iter_init_members (&iter, doc, logprobs);
  while (oai_json_iter_next (&iter, &name, &value))
    if (oai_json_get_type (doc, value) == OAI_JSON_ARRAY)
      append_tokens (held, name, doc, value);
    else
      oai_delta_fold_state (held, name, doc, value);
}

static void
add_logprobs (OaiChatAccumulator *self, Choice *choice, OaiJsonDoc *doc, OaiJsonNode logprobs)
{
  if (oai_json_get_type (doc, logprobs) == OAI_JSON_NULL)
    return;
  if (oai_json_get_type (doc, logprobs) != OAI_JSON_OBJECT)
    {
      oai_delta_fold_state (choice->rest, "logprobs", doc, logprobs);
      return;
    }

  fold_logprobs (choice, doc, logprobs);
  for (guint kind = 0; kind <= OAI_CHAT_TEXT_REFUSAL; kind++)
    {
      OaiJsonNode tokens = oai_json_get_member (doc, logprobs, text_members[kind]);

      if (oai_json_get_size (doc, tokens) > 0 && oai_stream_wants (self->stream, CHAT_STREAM__LOGPROBS_DELTA))
        {
          g_autoptr(GString) json = g_string_new (NULL);

          oai_json_write_node (json, doc, tokens);
          oai_stream_emit (self->stream, CHAT_STREAM__LOGPROBS_DELTA, json->str, text_members[kind], choice->index);
        }
    }
}

static void
finish_logprobs (OaiChatAccumulator *self, Choice *choice)
{
  OaiJsonValue *logprobs = oai_json_value_get_member (choice->rest, "logprobs");

  for (guint kind = 0; logprobs != NULL && kind <= OAI_CHAT_TEXT_REFUSAL; kind++)
    {
      OaiJsonValue *tokens = oai_json_value_get_member (logprobs, text_members[kind]);

      if (oai_json_value_get_type (tokens) == OAI_JSON_ARRAY && oai_json_value_get_size (tokens) > 0 && oai_stream_wants (self->stream, CHAT_STREAM__LOGPROBS_DONE))
        {
          g_autoptr(GString) json = g_string_new (NULL);

          oai_json_write_value (json, tokens);
          oai_stream_emit (self->stream, CHAT_STREAM__LOGPROBS_DONE, json->str, text_members[kind], choice->index);
        }
    }
}

static void
finish_choice (OaiChatAccumulator *self, Choice *choice, const char *reason)
{
  choice->finished = TRUE;
  for (guint kind = 0; kind < OAI_CHAT_N_TEXTS; kind++)
    finish_text (self, choice, kind);
  finish_logprobs (self, choice);
  for (guint i = 0; i < choice->calls.calls->len; i++)
    finish_call (self, choice, g_ptr_array_index (choice->calls.calls, i));
  oai_stream_emit (self->stream, CHAT_STREAM__FINISHED, reason, choice->index);
}

/* The members of a choice, OAI_JSON_NONE if they are absent. */
typedef struct
{
  OaiJsonNode index;
  OaiJsonNode delta;
  OaiJsonNode message;
  OaiJsonNode finish_reason;
  OaiJsonNode logprobs;
  gboolean others; /* whether there are other members */
} ChoiceMembers;

/* Returns the address of a member, or NULL for other members. */
static inline OaiJsonNode *
get_choice_member (ChoiceMembers *self, const OaiJsonMember *member)
{
  if (oai_json_member_is (member, "index"))
    return &self->index;
  if (oai_json_member_is (member, "delta"))
    return &self->delta;
  if (oai_json_member_is (member, "message"))
    return &self->message;
  if (oai_json_member_is (member, "finish_reason"))
    return &self->finish_reason;
  if (oai_json_member_is (member, "logprobs"))
    return &self->logprobs;

  return NULL;
}

static ChoiceMembers
read_choice (OaiJsonDoc *doc, OaiJsonNode node)
{
  ChoiceMembers members = { OAI_JSON_NONE, OAI_JSON_NONE, OAI_JSON_NONE, OAI_JSON_NONE, OAI_JSON_NONE, FALSE };
  OaiJsonMember member;

  oai_json_member_init (&member, doc, node);
  while (oai_json_member_next (&member))
    {
      OaiJsonNode *known = get_choice_member (&members, &member);

      if (known != NULL)
        *known = member.value;
      else
        members.others = TRUE;
    }

  return members;
}

static void
fold_other_members (Choice *choice, ChoiceMembers *members, OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiJsonMember member;

  oai_json_member_init (&member, doc, node);
  while (oai_json_member_next (&member))
    if (get_choice_member (members, &member) == NULL)
      oai_delta_fold_state (choice->rest, oai_json_member_get_name (&member), doc, member.value);
}

static gboolean
add_choice (OaiChatAccumulator *self, OaiJsonDoc *doc, OaiJsonNode node, guint position, GError **error)
{
  ChoiceMembers members = read_choice (doc, node);
  const char *finish_reason;
  guint index = position;
  gboolean has_index;
  Choice *choice;

  if (!oai_chat_read_index (doc, members.index, "choice", OAI_CHAT_MAX_INDEX, &index, &has_index, error))
    return FALSE;
  choice = ensure_choice (self, index, error);
  if (choice == NULL)
    return FALSE;

  if (members.others)
    fold_other_members (choice, &members, doc, node);
  if (!add_delta_or_message (self, choice, doc, members.delta, members.message, error))
    return FALSE;
  if (members.logprobs != OAI_JSON_NONE)
    add_logprobs (self, choice, doc, members.logprobs);

  finish_reason = oai_json_get_string (doc, members.finish_reason, NULL);
  if (finish_reason != NULL && *finish_reason != '\0')
    {
      oai_json_value_set_member (choice->rest, "finish_reason", oai_json_value_new_string (finish_reason, -1));
      if (!choice->finished)
        finish_choice (self, choice, finish_reason);
    }

  return TRUE;
}

/* Adds a member of the completion.  The first text that is not empty, or number that is not 0, is
 * kept; objects and lists are extended.  The usage is replaced, since servers send it several times
 * for the whole reply.  Returns TRUE if later chunks cannot change the member, and it is not an
 * "error" that may be one in a later chunk. */
static gboolean
add_root_member (OaiChatAccumulator *self, const char *name, OaiJsonDoc *doc, OaiJsonNode value)
{
  OaiJsonValue *held = oai_json_value_get_member (self->root, name);
  OaiJsonType type = held != NULL ? oai_json_value_get_type (held) : OAI_JSON_INVALID;
  gsize length = 1;
  gint64 number = 1;

  if (oai_json_get_type (doc, value) == OAI_JSON_NULL)
    return FALSE;
  if (type == OAI_JSON_STRING)
    oai_json_value_get_string (held, &length);
  else if (type == OAI_JSON_INT)
    oai_json_value_get_int (held, &number);

  if (type > OAI_JSON_NULL && type < OAI_JSON_ARRAY && length > 0 && number != 0)
    return !is (name, "error");

  if (is (name, "usage"))
    oai_json_value_set_member (self->root, name, oai_json_value_new_from_node (doc, value));
  else
    oai_delta_fold_state (self->root, name, doc, value);

  return FALSE;
}

/* Returns whether the member is the next one that later chunks cannot change.  Chunks repeat these
 * members in the same order; position is the number of members that were found. */
static inline gboolean
is_settled (OaiChatAccumulator *self, guint *position, const char *name)
{
  if (*position == self->settled->len || strcmp (g_ptr_array_index (self->settled, *position), name) != 0)
    return FALSE;

  ++*position;

  return TRUE;
}

static void
fold_root_member (OaiChatAccumulator *self, guint *position, const char *name, OaiJsonDoc *doc, OaiJsonNode value)
{
  if (!add_root_member (self, name, doc, value) || *position < self->settled->len || *position == MAX_SETTLED)
    return;

  g_ptr_array_add (self->settled, g_strdup (name));
  ++*position;
}

/* Returns whether a member is not part of the completion.  The type of an error is "error". */
static inline gboolean
is_ignored (const OaiJsonMember *member, OaiJsonDoc *doc)
{
  if (oai_json_member_is (member, "object"))
    return g_strcmp0 (oai_json_get_string (doc, member->value, NULL), "error") != 0;

  return oai_json_get_type (doc, member->value) == OAI_JSON_NULL || oai_json_member_is (member, "obfuscation");
}

/* Adds the members of a chunk, except the choices, which it returns.  An error has a member that is
 * neither settled nor ignored. */
static gboolean
add_root (OaiChatAccumulator *self, OaiJsonDoc *doc, OaiJsonNode chunk, OaiJsonNode *choices, GError **error)
{
  gboolean checked = FALSE;
  guint position = 0;
  OaiJsonMember member;

  *choices = OAI_JSON_NONE;
  oai_json_member_init (&member, doc, chunk);
  while (oai_json_member_next (&member))
    {
      const char *name = oai_json_member_get_name (&member);

      if (is_settled (self, &position, name))
        continue;
      if (oai_json_member_is (&member, "choices"))
        *choices = member.value;
      if (*choices == member.value || is_ignored (&member, doc))
        continue;
      if (!checked && !oai_stream_check_error (self->stream, NULL, doc, chunk, error))
        return FALSE;
      checked = TRUE;
      fold_root_member (self, &position, name, doc, member.value);
    }

  return TRUE;
}

static gboolean
check_choice (OaiJsonDoc *doc, OaiJsonNode choice, guint n_choices, GError **error)
{
  ChoiceMembers members = read_choice (doc, choice);
  guint index = 0;
  gboolean found;
  OaiJsonIter iter;
  OaiJsonNode call;

  if (!oai_chat_read_index (doc, members.index, "choice", n_choices, &index, &found, error))
    return FALSE;

  oai_json_iter_init (&iter, doc, oai_json_get_member (doc, members.delta, "tool_calls"));
  while (oai_json_iter_next (&iter, NULL, &call))
    if (!oai_chat_read_index (doc, oai_json_get_member (doc, call, "index"), "tool call", OAI_CHAT_MAX_INDEX, &index, &found, error))
      return FALSE;

  return TRUE;
}

gboolean
oai_chat_check_chunk (OaiJsonDoc *doc, OaiJsonNode chunk, guint n_choices, GError **error)
{
  OaiJsonIter iter;
  OaiJsonNode choice;

  oai_json_iter_init (&iter, doc, oai_json_get_member (doc, chunk, "choices"));
  while (oai_json_iter_next (&iter, NULL, &choice))
    if (!check_choice (doc, choice, MIN (n_choices, OAI_CHAT_MAX_INDEX), error))
      return FALSE;

  return TRUE;
}

gboolean
oai_chat_accumulator_add (OaiChatAccumulator *self, OaiJsonDoc *doc, OaiJsonNode chunk, GError **error)
{
  OaiJsonNode choices;
  OaiJsonIter iter;
  OaiJsonNode node;
  guint position = 0;

  if (oai_json_get_type (doc, chunk) != OAI_JSON_OBJECT)
    return TRUE;
  if (!add_root (self, doc, chunk, &choices, error))
    return FALSE;

  oai_json_iter_init (&iter, doc, choices);
  while (oai_json_iter_next (&iter, NULL, &node))
    if (!add_choice (self, doc, node, position++, error))
      return FALSE;

  return check_audio (self, error);
}

gboolean
oai_chat_accumulator_is_finished (OaiChatAccumulator *self)
{
  for (guint i = 0; i < self->choices->len; i++)
    if (!((Choice *) g_ptr_array_index (self->choices, i))->finished)
      return FALSE;

  return self->choices->len > 0;
}

gboolean
oai_chat_accumulator_has_reason (OaiChatAccumulator *self, const char *reason)
{
  for (guint i = 0; i < self->choices->len; i++)
    {
      Choice *choice = g_ptr_array_index (self->choices, i);
      OaiJsonValue *held = oai_json_value_get_member (choice->rest, "finish_reason");

      if (held != NULL && g_strcmp0 (oai_json_value_get_string (held, NULL), reason) == 0)
        return TRUE;
    }

  return FALSE;
}

const char *
oai_chat_accumulator_get_text (OaiChatAccumulator *self, guint choice, OaiChatText kind)
{
  Choice *state = get_choice (self, choice);

  if (state == NULL || state->texts[kind] == NULL)
    return NULL;

  return oai_json_value_get_string (state->texts[kind], NULL);
}

char *
oai_chat_accumulator_dup_tool_call (OaiChatAccumulator *self, guint choice, guint call)
{
  Choice *state = get_choice (self, choice);

  for (guint i = state != NULL ? state->calls.calls->len : 0; i > 0; i--)
    {
      OaiChatCallState *held = g_ptr_array_index (state->calls.calls, i - 1);
      GString *json;

      if (held->number != call)
        continue;
      json = g_string_new (NULL);
      oai_json_write_value (json, held->value);
      return g_string_free (json, FALSE);
    }

  return NULL;
}

char *
oai_chat_accumulator_dup_json_text (OaiChatAccumulator *self, guint choice)
{
  Choice *state = get_choice (self, choice);
  const char *text = oai_chat_accumulator_get_text (self, choice, OAI_CHAT_TEXT_CONTENT);

  if (text == NULL)
    return NULL;

  return g_strndup (text, MIN (strlen (text), state->length_before_refusal));
}

static void
add_string (OaiJsonBuilder *builder, const char *name, const char *text)
{
  g_autoptr(OaiJsonValue) value = oai_json_value_new_string (text, -1);

  oai_json_builder_add_value (builder, name, value);
}

static void
add_message (OaiJsonBuilder *builder, Choice *choice)
{
  oai_json_builder_begin_value (builder, "message", choice->message);
  if (oai_json_value_get_member (choice->message, "role") == NULL)
    add_string (builder, "role", "assistant");
  if (choice->calls.calls->len > 0)
    oai_chat_tool_calls_build (&choice->calls, builder);
  if (oai_json_value_get_member (choice->message, "content") == NULL)
    oai_json_builder_add_value (builder, "content", NULL);
  oai_json_builder_end (builder);
}

static void
add_completed_choice (OaiJsonBuilder *builder, Choice *choice)
{
  g_autoptr(OaiJsonValue) index = oai_json_value_new_int (choice->index);

  oai_json_builder_begin_value (builder, NULL, choice->rest);
  oai_json_builder_add_value (builder, "index", index);
  add_message (builder, choice);
  oai_json_builder_end (builder);
}

void
oai_chat_accumulator_build_completion (OaiChatAccumulator *self, OaiJsonBuilder *builder)
{
  g_autoptr(OaiJsonValue) choices = oai_json_value_new_array ();

  oai_json_builder_begin_value (builder, NULL, self->root);
  add_string (builder, "object", "chat.completion");
  oai_json_builder_begin_value (builder, "choices", choices);
  for (guint i = 0; i < self->choices->len; i++)
    add_completed_choice (builder, g_ptr_array_index (self->choices, i));
  oai_json_builder_end (builder);
}
