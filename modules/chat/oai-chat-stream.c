/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-chat-stream.h"

#include <string.h>

#include "oai-base64-pieces-private.h"
#include "oai-chat-accumulator-private.h"
#include "oai-chat-marshal.h"
#include "oai-emit-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-partial-private.h"
#include "oai-stream-private.h"

/**
 * OaiChatStream:
 *
 * A chat completion that streams in.
 *
 * ```c
 * g_autoptr(OaiChatStream) stream = oai_chat_endpoint_create_stream (chat, request);
 * g_signal_connect_object (stream, "content-delta", G_CALLBACK (on_text), buffer, 0);
 * oai_stream_run_async (OAI_STREAM (stream), cancellable, on_done, NULL);
 * ```
 *
 * The pieces are folded into one [class@Oai.ChatCompletion], the result of
 * [method@Oai.Stream.run_finish], whatever shape the server sends them in: tool
 * calls with and without an index, reasoning under any of its names, usage once
 * or again and again. Members that this library does not know are kept in the
 * message, and go back to the server with it.
 *
 * Stands for
 * [Streaming](https://platform.openai.com/docs/api-reference/chat-streaming).
 *
 * Since: 1.0
 */

enum
{
  CONTENT_DELTA,
  CONTENT_DONE,
  REFUSAL_DELTA,
  REFUSAL_DONE,
  REASONING_DELTA,
  REASONING_DONE,
  TOOL_CALL_DELTA,
  TOOL_CALL_DONE,
  LOGPROBS_DELTA,
  LOGPROBS_DONE,
  AUDIO_DELTA,
  FINISHED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static const guint delta_signals[OAI_CHAT_N_TEXTS] = { CONTENT_DELTA, REFUSAL_DELTA, REASONING_DELTA };
static const guint done_signals[OAI_CHAT_N_TEXTS] = { CONTENT_DONE, REFUSAL_DONE, REASONING_DONE };

/* Text that is buffered for a signal. */
typedef struct
{
  guint choice;
  OaiChatText kind;
  GString *text;
} Pending;

/* The sound of one reply. */
typedef struct
{
  guint choice;
  OaiBase64Pieces pieces;
} Sound;

struct _OaiChatStream
{
  OaiStream parent_instance;

  OaiChatAccumulator *accumulator;
  GQueue pending;          /* Pending, in the order of their arrival */
  GArray *sounds;
  gboolean damaged;         /* sound that cannot be read has come */
  gboolean request_read;
  gboolean wants_json_schema;
  guint n_choices;       /* how many replies there can be */
};

G_DEFINE_FINAL_TYPE (OaiChatStream, oai_chat_stream, OAI_TYPE_STREAM)

static void
pending_free (gpointer data)
{
  Pending *pending = data;

  g_string_free (pending->text, TRUE);
  g_free (pending);
}

static void
oai_chat_stream_finalize (GObject *object)
{
  OaiChatStream *self = OAI_CHAT_STREAM (object);

  oai_chat_accumulator_free (self->accumulator);
  g_queue_clear_full (&self->pending, pending_free);
  g_array_unref (self->sounds);

  G_OBJECT_CLASS (oai_chat_stream_parent_class)->finalize (object);
}

static void read_request (OaiChatStream *self);

/* What the accumulator tells */

/* Most replies have one choice: only another one is reason to look what was asked for. */
static gboolean
on_begin (guint choice, GError **error, gpointer user_data)
{
  OaiChatStream *self = user_data;

  if (choice > 0)
    read_request (self);
  if (choice < self->n_choices)
    return TRUE;

  g_set_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("Chat completion stream contains an invalid choice index: %u"), choice);

  return FALSE;
}

static void
hold_back (OaiChatStream *self, guint choice, OaiChatText kind, const char *delta)
{
  Pending *pending = g_queue_peek_tail (&self->pending);

  if (pending == NULL || pending->choice != choice || pending->kind != kind)
    {
      pending = g_new0 (Pending, 1);
      pending->choice = choice;
      pending->kind = kind;
      pending->text = g_string_new (NULL);
      g_queue_push_tail (&self->pending, pending);
    }
  g_string_append (pending->text, delta);
}

static void
on_text (guint choice, OaiChatText kind, const char *delta, gpointer user_data)
{
  OaiChatStream *self = user_data;

  if (oai_stream_get_coalesce (OAI_STREAM (self)) == 0 && g_queue_is_empty (&self->pending))
    {
      oai_emit (self, signals[delta_signals[kind]], 0, delta, choice);
      return;
    }

  hold_back (self, choice, kind, delta);
  oai_stream_schedule_flush (OAI_STREAM (self));
}

static void
oai_chat_stream_flush (OaiStream *stream)
{
  OaiChatStream *self = OAI_CHAT_STREAM (stream);
  Pending *held;

  /* A handler may run the main loop, in which more text arrives: it has to wait for this. */
  while ((held = g_queue_pop_head (&self->pending)) != NULL)
    {
      oai_emit (self, signals[delta_signals[held->kind]], 0, held->text->str, held->choice);
      pending_free (held);
    }
}

static void
on_text_done (guint choice, OaiChatText kind, const char *text, gpointer user_data)
{
  oai_chat_stream_flush (user_data);
  oai_emit (user_data, signals[done_signals[kind]], 0, text, choice);
}

static void
on_tool_call (guint choice, guint call, const char *name, const char *arguments_delta, gpointer user_data)
{
  oai_chat_stream_flush (user_data);
  oai_emit (user_data, signals[TOOL_CALL_DELTA], 0, choice, call, name, arguments_delta);
}

static void
on_tool_call_done (guint choice, guint call, gpointer user_data)
{
  g_autoptr(OaiChatToolCall) record = NULL;

  if (!g_signal_has_handler_pending (user_data, signals[TOOL_CALL_DONE], 0, FALSE))
    return;

  oai_chat_stream_flush (user_data);
  record = oai_chat_stream_dup_tool_call (user_data, choice, call);
  oai_emit (user_data, signals[TOOL_CALL_DONE], 0, choice, call, record);
}

static void
on_logprobs (guint choice, OaiChatText kind, OaiJsonDoc *doc, OaiJsonNode tokens, gpointer user_data)
{
  g_autoptr(GString) json = NULL;

  if (!g_signal_has_handler_pending (user_data, signals[LOGPROBS_DELTA], 0, FALSE))
    return;

  oai_chat_stream_flush (user_data);
  json = g_string_new (NULL);
  oai_json_write_node (json, doc, tokens);
  oai_emit (user_data, signals[LOGPROBS_DELTA], 0, choice, kind == OAI_CHAT_TEXT_REFUSAL ? "refusal" : "content", json->str);
}

static void
on_logprobs_done (guint choice, OaiChatText kind, OaiJsonValue *tokens, gpointer user_data)
{
  g_autoptr(GString) json = NULL;

  if (!g_signal_has_handler_pending (user_data, signals[LOGPROBS_DONE], 0, FALSE))
    return;

  oai_chat_stream_flush (user_data);
  json = g_string_new (NULL);
  oai_json_write_value (json, tokens);
  oai_emit (user_data, signals[LOGPROBS_DONE], 0, choice, kind == OAI_CHAT_TEXT_REFUSAL ? "refusal" : "content", json->str);
}

static Sound *
ensure_sound (OaiChatStream *self, guint choice)
{
  Sound sound = { .choice = choice };

  for (guint i = 0; i < self->sounds->len; i++)
    if (g_array_index (self->sounds, Sound, i).choice == choice)
      return &g_array_index (self->sounds, Sound, i);

  g_array_append_val (self->sounds, sound);

  return &g_array_index (self->sounds, Sound, self->sounds->len - 1);
}

/* Takes the bytes, which are NULL where the sound is damaged. */
static void
tell_sound (OaiChatStream *self, guint choice, GBytes *bytes, const char *transcript)
{
  if (bytes == NULL)
    {
      self->damaged = TRUE;
      return;
    }

  if (g_bytes_get_size (bytes) > 0 || transcript != NULL)
    {
      oai_chat_stream_flush (OAI_STREAM (self));
      oai_emit (self, signals[AUDIO_DELTA], 0, choice, bytes, transcript);
    }
  g_bytes_unref (bytes);
}

/* Servers cut Base64 anywhere: what is whole is told, and a rest waits for the next piece. */
static void
on_audio (guint choice, const char *base64, const char *transcript, gpointer user_data)
{
  OaiChatStream *self = user_data;
  gsize length = base64 != NULL ? strlen (base64) : 0;

  if (self->damaged || !g_signal_has_handler_pending (self, signals[AUDIO_DELTA], 0, FALSE))
    return;

  tell_sound (self, choice, oai_base64_pieces_add (&ensure_sound (self, choice)->pieces, base64, length), transcript);
}

/* Padding may be missing. */
static void
end_sounds (OaiChatStream *self)
{
  g_autoptr(GArray) sounds = g_steal_pointer (&self->sounds);

  self->sounds = g_array_new (FALSE, FALSE, sizeof (Sound));
  for (guint i = 0; i < sounds->len; i++)
    {
      Sound *sound = &g_array_index (sounds, Sound, i);

      tell_sound (self, sound->choice, oai_base64_pieces_end (&sound->pieces), NULL);
    }
}

static gboolean
check_sound (OaiChatStream *self, GError **error)
{
  if (!self->damaged)
    return TRUE;

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent sound that is damaged"));

  return FALSE;
}

static void
on_finished (guint choice, const char *reason, gpointer user_data)
{
  oai_chat_stream_flush (user_data);
  oai_emit (user_data, signals[FINISHED], 0, reason, choice);
}

static const OaiChatAccumulatorFuncs accumulator_funcs = {
  on_begin, on_text, on_text_done, on_tool_call, on_tool_call_done, on_logprobs, on_logprobs_done, on_audio, on_finished,
};

/* What the stream asks for */

static gboolean
oai_chat_stream_fold (OaiStream *stream, const char *event, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  OaiChatStream *self = (OaiChatStream *) stream;

  return oai_chat_accumulator_add (self->accumulator, doc, node, error) && check_sound (self, error);
}

/* What was asked for, where it matters for the reply; looked at once. */
static void
read_request (OaiChatStream *self)
{
  GBytes *body = oai_stream_get_request_body (OAI_STREAM (self));
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

static gboolean
oai_chat_stream_check (OaiStream *stream, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  OaiChatStream *self = (OaiChatStream *) stream;

  if (!self->request_read)
    {
      if (oai_chat_check_chunk (doc, node, 1, NULL))
        return TRUE;
      read_request (self);
    }

  return oai_chat_check_chunk (doc, node, self->n_choices, error);
}

static void
write_member (GString *out, const char *name, OaiJsonDoc *doc, OaiJsonNode value)
{
  if (out->str[out->len - 1] != '{')
    g_string_append_c (out, ',');
  oai_json_write_string (out, name, -1);
  g_string_append_c (out, ':');
  if (value != OAI_JSON_NONE)
    oai_json_write_node (out, doc, value);
}

/* Each with its index, as deltas have it. */
static void
write_tool_calls (GString *out, OaiJsonDoc *doc, OaiJsonNode calls)
{
  OaiJsonIter iter, members;
  OaiJsonNode call, value;
  const char *name;
  guint index = 0;

  g_string_append_c (out, '[');
  oai_json_iter_init (&iter, doc, calls);
  while (oai_json_iter_next (&iter, NULL, &call))
    {
      g_string_append_printf (out, "%s{\"index\":%u", index > 0 ? "," : "", index);
      oai_json_iter_init_members (&members, doc, call);
      while (oai_json_iter_next (&members, &name, &value))
        if (strcmp (name, "index") != 0)
          write_member (out, name, doc, value);
      g_string_append_c (out, '}');
      index++;
    }
  g_string_append_c (out, ']');
}

static void
write_delta (GString *out, OaiJsonDoc *doc, OaiJsonNode message)
{
  OaiJsonIter iter;
  OaiJsonNode value;
  const char *name;

  g_string_append_c (out, '{');
  oai_json_iter_init_members (&iter, doc, message);
  while (oai_json_iter_next (&iter, &name, &value))
    if (strcmp (name, "tool_calls") == 0 && oai_json_get_type (doc, value) == OAI_JSON_ARRAY)
      {
        write_member (out, name, doc, OAI_JSON_NONE);
        write_tool_calls (out, doc, value);
      }
    else
      {
        write_member (out, name, doc, value);
      }
  g_string_append_c (out, '}');
}

/* A choice whose message is a delta. */
static void
write_choice (GString *out, OaiJsonDoc *doc, OaiJsonNode choice)
{
  gboolean has_delta = oai_json_get_type (doc, oai_json_get_member (doc, choice, "delta")) == OAI_JSON_OBJECT;
  OaiJsonIter iter;
  OaiJsonNode value;
  const char *name;

  if (oai_json_get_type (doc, choice) != OAI_JSON_OBJECT)
    {
      oai_json_write_node (out, doc, choice);
      return;
    }

  g_string_append_c (out, '{');
  oai_json_iter_init_members (&iter, doc, choice);
  while (oai_json_iter_next (&iter, &name, &value))
    if (strcmp (name, "message") == 0 && !has_delta && oai_json_get_type (doc, value) == OAI_JSON_OBJECT)
      {
        write_member (out, "delta", doc, OAI_JSON_NONE);
        write_delta (out, doc, value);
      }
    else if (has_delta || strcmp (name, "delta") != 0)
      {
        write_member (out, name, doc, value);
      }
  g_string_append_c (out, '}');
}

/* The completion becomes one chunk. */
static gboolean
oai_chat_stream_split_reply (OaiStream *stream, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  g_autoptr(GString) out = g_string_new ("{");
  OaiJsonIter iter, choices;
  OaiJsonNode value, choice;
  const char *name;

  oai_json_iter_init_members (&iter, doc, node);
  while (oai_json_iter_next (&iter, &name, &value))
    if (strcmp (name, "object") == 0)
      {
        write_member (out, name, doc, OAI_JSON_NONE);
        g_string_append (out, "\"chat.completion.chunk\"");
      }
    else if (strcmp (name, "choices") == 0 && oai_json_get_type (doc, value) == OAI_JSON_ARRAY)
      {
        write_member (out, name, doc, OAI_JSON_NONE);
        g_string_append_c (out, '[');
        oai_json_iter_init (&choices, doc, value);
        while (oai_json_iter_next (&choices, NULL, &choice))
          {
            if (out->str[out->len - 1] != '[')
              g_string_append_c (out, ',');
            write_choice (out, doc, choice);
          }
        g_string_append_c (out, ']');
      }
    else
      {
        write_member (out, name, doc, value);
      }
  g_string_append_c (out, '}');
  oai_stream_add_event (stream, NULL, out->str);

  return TRUE;
}

static gboolean
oai_chat_stream_complete (OaiStream *stream, OaiStreamEnd end, GError **error)
{
  OaiChatStream *self = OAI_CHAT_STREAM (stream);
  gboolean finished = oai_chat_accumulator_is_finished (self->accumulator);

  if (!finished && end != OAI_STREAM_END_DONE)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INCOMPLETE, _("The reply broke off: the server ended the stream before the completion was finished"));
      return FALSE;
    }
  end_sounds (self);
  if (!check_sound (self, error))
    return FALSE;
  read_request (self);
  if (!self->wants_json_schema)
    return TRUE;

  if (oai_chat_accumulator_find_reason (self->accumulator, "length") >= 0)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_LENGTH, _("Could not parse response content as the length limit was reached"));
      return FALSE;
    }
  if (oai_chat_accumulator_find_reason (self->accumulator, "content_filter") >= 0)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_CONTENT_FILTER, _("Could not parse response content as the request was rejected by the content filter"));
      return FALSE;
    }

  return TRUE;
}

static OaiRecord *
oai_chat_stream_dup_result (OaiStream *stream)
{
  g_autofree char *json = oai_chat_accumulator_dup_completion (OAI_CHAT_STREAM (stream)->accumulator);

  return oai_stream_new_record (stream, OAI_TYPE_CHAT_COMPLETION, json != NULL ? json : "{\"object\":\"chat.completion\",\"choices\":[]}");
}

static const OaiStreamVTable stream_vtable = {
  .check = oai_chat_stream_check,
  .fold = oai_chat_stream_fold,
  .split_reply = oai_chat_stream_split_reply,
  .flush = oai_chat_stream_flush,
  .complete = oai_chat_stream_complete,
  .dup_result = oai_chat_stream_dup_result,
};

static guint
install_text_signal (OaiChatStreamClass *klass, const char *name)
{
  guint id = g_signal_new (name, G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                           _oai_chat_marshal_VOID__STRING_UINT,
                           G_TYPE_NONE, 2, G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE, G_TYPE_UINT);

  g_signal_set_va_marshaller (id, G_TYPE_FROM_CLASS (klass), _oai_chat_marshal_VOID__STRING_UINTv);

  return id;
}

static void
install_text_signals (OaiChatStreamClass *klass)
{
  /**
   * OaiChatStream::content-delta:
   * @self: the stream
   * @text: what is new
   * @choice: which of the replies; 0 unless several were asked for
   *
   * Text of the reply has arrived. Text may be held back for a while to come at
   * once: see [property@Oai.Stream:coalesce].
   *
   * Since: 1.0
   */
  signals[CONTENT_DELTA] = install_text_signal (klass, "content-delta");
  /**
   * OaiChatStream::content-done:
   * @self: the stream
   * @text: the whole text
   * @choice: which of the replies
   *
   * The text of a reply is whole.
   *
   * Since: 1.0
   */
  signals[CONTENT_DONE] = install_text_signal (klass, "content-done");
  /**
   * OaiChatStream::refusal-delta:
   * @self: the stream
   * @text: what is new
   * @choice: which of the replies
   *
   * The model refuses, and more of why has arrived.
   *
   * Since: 1.0
   */
  signals[REFUSAL_DELTA] = install_text_signal (klass, "refusal-delta");
  /**
   * OaiChatStream::refusal-done:
   * @self: the stream
   * @text: the whole refusal
   * @choice: which of the replies
   *
   * A refusal is whole.
   *
   * Since: 1.0
   */
  signals[REFUSAL_DONE] = install_text_signal (klass, "refusal-done");
  /**
   * OaiChatStream::reasoning-delta:
   * @self: the stream
   * @text: what is new
   * @choice: which of the replies
   *
   * More of what the model thinks has arrived, from servers that tell.
   *
   * Since: 1.0
   */
  signals[REASONING_DELTA] = install_text_signal (klass, "reasoning-delta");
  /**
   * OaiChatStream::reasoning-done:
   * @self: the stream
   * @text: the whole reasoning
   * @choice: which of the replies
   *
   * The reasoning is whole.
   *
   * Since: 1.0
   */
  signals[REASONING_DONE] = install_text_signal (klass, "reasoning-done");
  /**
   * OaiChatStream::finished:
   * @self: the stream
   * @reason: why, such as `stop`, `length` or `tool_calls`
   * @choice: which of the replies
   *
   * One of the replies is whole. The usage may still be to come.
   *
   * Since: 1.0
   */
  signals[FINISHED] = install_text_signal (klass, "finished");
}

static void
install_other_signals (OaiChatStreamClass *klass)
{
  /**
   * OaiChatStream::tool-call-delta:
   * @self: the stream
   * @choice: which of the replies
   * @call: which of its tool calls
   * @name: (nullable): the name of the tool, as far as it has arrived
   * @arguments: what is new of the arguments, or of the input of a custom tool
   *
   * Part of a tool call has arrived.
   *
   * Since: 1.0
   */
  signals[TOOL_CALL_DELTA] = g_signal_new ("tool-call-delta", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                           _oai_chat_marshal_VOID__UINT_UINT_STRING_STRING,
                                           G_TYPE_NONE, 4, G_TYPE_UINT, G_TYPE_UINT,
                                           G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE, G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE);
  g_signal_set_va_marshaller (signals[TOOL_CALL_DELTA], G_TYPE_FROM_CLASS (klass), _oai_chat_marshal_VOID__UINT_UINT_STRING_STRINGv);
  /**
   * OaiChatStream::tool-call-done:
   * @self: the stream
   * @choice: which of the replies
   * @call: which of its tool calls
   * @tool_call: the whole call
   *
   * A tool call is whole.
   *
   * Since: 1.0
   */
  signals[TOOL_CALL_DONE] = g_signal_new ("tool-call-done", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                          _oai_chat_marshal_VOID__UINT_UINT_OBJECT,
                                          G_TYPE_NONE, 3, G_TYPE_UINT, G_TYPE_UINT, OAI_TYPE_CHAT_TOOL_CALL);
  g_signal_set_va_marshaller (signals[TOOL_CALL_DONE], G_TYPE_FROM_CLASS (klass), _oai_chat_marshal_VOID__UINT_UINT_OBJECTv);
  /**
   * OaiChatStream::logprobs-delta:
   * @self: the stream
   * @choice: which of the replies
   * @kind: `content` or `refusal`
   * @json: the new tokens with their log probabilities, as a JSON list
   *
   * Log probabilities have arrived.
   *
   * Since: 1.0
   */
  signals[LOGPROBS_DELTA] = g_signal_new ("logprobs-delta", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 3, G_TYPE_UINT, G_TYPE_STRING, G_TYPE_STRING);
  /**
   * OaiChatStream::logprobs-done:
   * @self: the stream
   * @choice: which of the replies
   * @kind: `content` or `refusal`
   * @json: all tokens with their log probabilities, as a JSON list
   *
   * The log probabilities of a text are whole.
   *
   * Since: 1.0
   */
  signals[LOGPROBS_DONE] = g_signal_new ("logprobs-done", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 3, G_TYPE_UINT, G_TYPE_STRING, G_TYPE_STRING);
  /**
   * OaiChatStream::audio-delta:
   * @self: the stream
   * @choice: which of the replies
   * @data: what is new of the sound; may be empty
   * @transcript: (nullable): what is new of its transcript
   *
   * Spoken reply has arrived.
   *
   * Since: 1.0
   */
  signals[AUDIO_DELTA] = g_signal_new ("audio-delta", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 3, G_TYPE_UINT, G_TYPE_BYTES, G_TYPE_STRING);
}

static void
oai_chat_stream_class_init (OaiChatStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = oai_chat_stream_finalize;
  OAI_STREAM_CLASS (klass)->vtable = &stream_vtable;

  install_text_signals (klass);
  install_other_signals (klass);
}

static void
oai_chat_stream_init (OaiChatStream *self)
{
  self->accumulator = oai_chat_accumulator_new (&accumulator_funcs, self);
  g_queue_init (&self->pending);
  self->sounds = g_array_new (FALSE, FALSE, sizeof (Sound));
  self->n_choices = G_MAXUINT;
}

/**
 * oai_chat_stream_get_content:
 * @self: a stream
 * @choice: which of the replies; 0 unless several were asked for
 *
 * Gets the text as far as it has arrived.
 *
 * Returns: (nullable) (transfer none): the text, or %NULL when there is none; until the next chunk
 *
 * Since: 1.0
 */
const char *
oai_chat_stream_get_content (OaiChatStream *self, guint choice)
{
  g_return_val_if_fail (OAI_IS_CHAT_STREAM (self), NULL);

  return oai_chat_accumulator_get_text (self->accumulator, choice, OAI_CHAT_TEXT_CONTENT);
}

/**
 * oai_chat_stream_get_refusal:
 * @self: a stream
 * @choice: which of the replies; 0 unless several were asked for
 *
 * Gets why the model refuses, as far as it has arrived.
 *
 * Returns: (nullable) (transfer none): the refusal, or %NULL when there is none; until the next chunk
 *
 * Since: 1.0
 */
const char *
oai_chat_stream_get_refusal (OaiChatStream *self, guint choice)
{
  g_return_val_if_fail (OAI_IS_CHAT_STREAM (self), NULL);

  return oai_chat_accumulator_get_text (self->accumulator, choice, OAI_CHAT_TEXT_REFUSAL);
}

/**
 * oai_chat_stream_get_reasoning:
 * @self: a stream
 * @choice: which of the replies; 0 unless several were asked for
 *
 * Gets what the model thinks, as far as it has arrived.
 *
 * Returns: (nullable) (transfer none): the reasoning, or %NULL when there is none; until the next chunk
 *
 * Since: 1.0
 */
const char *
oai_chat_stream_get_reasoning (OaiChatStream *self, guint choice)
{
  g_return_val_if_fail (OAI_IS_CHAT_STREAM (self), NULL);

  return oai_chat_accumulator_get_text (self->accumulator, choice, OAI_CHAT_TEXT_REASONING);
}

/**
 * oai_chat_stream_dup_partial_json:
 * @self: a stream
 * @choice: which of the replies; 0 unless several were asked for
 *
 * Gets a reply that is to be JSON as far as it has arrived, made whole: open
 * objects and lists are closed, an unfinished string is left out. So a program
 * can show a structured reply while it comes in. What comes after the model began
 * to refuse does not count.
 *
 * Returns: (nullable) (transfer full): JSON text, or %NULL as long as there is none
 *
 * Since: 1.0
 */
char *
oai_chat_stream_dup_partial_json (OaiChatStream *self, guint choice)
{
  g_autofree char *content = NULL;
  g_autofree char *json = NULL;
  g_autoptr(OaiJsonDoc) doc = NULL;

  g_return_val_if_fail (OAI_IS_CHAT_STREAM (self), NULL);

  content = oai_chat_accumulator_dup_json_text (self->accumulator, choice);
  if (content != NULL)
    json = oai_json_complete (content, OAI_JSON_PARTIAL_NUMBERS);
  if (json != NULL)
    doc = oai_json_doc_new_copy (json, -1, OAI_JSON_TOLERANT, NULL);

  return doc != NULL ? g_steal_pointer (&json) : NULL;
}

/**
 * oai_chat_stream_dup_tool_call:
 * @self: a stream
 * @choice: which of the replies; 0 unless several were asked for
 * @call: which of its tool calls
 *
 * Gets a tool call as far as it has arrived.
 *
 * Returns: (nullable) (transfer full): the call, or %NULL when there is none
 *
 * Since: 1.0
 */
OaiChatToolCall *
oai_chat_stream_dup_tool_call (OaiChatStream *self, guint choice, guint call)
{
  g_autofree char *json = NULL;

  g_return_val_if_fail (OAI_IS_CHAT_STREAM (self), NULL);

  json = oai_chat_accumulator_dup_tool_call (self->accumulator, choice, call);
  if (json == NULL)
    return NULL;

  return OAI_CHAT_TOOL_CALL (oai_stream_new_record (OAI_STREAM (self), OAI_TYPE_CHAT_TOOL_CALL, json));
}

/**
 * oai_chat_stream_dup_completion:
 * @self: a stream
 *
 * Gets the completion as far as it has arrived, also after an error.
 *
 * Returns: (transfer full): the completion
 *
 * Since: 1.0
 */
OaiChatCompletion *
oai_chat_stream_dup_completion (OaiChatStream *self)
{
  g_return_val_if_fail (OAI_IS_CHAT_STREAM (self), NULL);

  return OAI_CHAT_COMPLETION (oai_chat_stream_dup_result (OAI_STREAM (self)));
}
