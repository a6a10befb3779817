/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-run-stream.h"

#include <string.h>

#include "oai-call.h"
#include "oai-emit-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-run-accumulator-private.h"
#include "oai-stream-private.h"
#include "oai-threads-marshal.h"

/**
 * OaiRunStream:
 *
 * A run of an assistant that streams in.
 *
 * ```c
 * g_autoptr(OaiRunStream) stream = oai_thread_create_run_stream (thread, NULL, request);
 * g_signal_connect_object (stream, "text-delta", G_CALLBACK (on_text), buffer, 0);
 * oai_stream_run_async (OAI_STREAM (stream), cancellable, on_done, NULL);
 * ```
 *
 * The result of [method@Oai.Stream.run_finish] is the [class@Oai.Run] as it was
 * last, whether it is completed, failed or waits for results of functions: look
 * at its status. A run that waits is told of by [signal@Oai.RunStream::requires-action]
 * too, and goes on with [method@Oai.Run.submit_tool_outputs_stream], which
 * is another stream.
 *
 * A stream that ends before its run does fails with %OAI_ERROR_INCOMPLETE. Whoever
 * pulls the chunks judges a run by himself where the server says that this was all,
 * by `[DONE]`, and where it told of no run.
 *
 * On the way the messages and the steps are put together; they are there at any
 * time with [method@Oai.RunStream.dup_messages] and [method@Oai.RunStream.dup_run_steps].
 * Events that this library does not know come by [signal@Oai.Stream::event] and
 * [signal@Oai.Stream::chunk].
 *
 * Stands for
 * [Streaming](https://platform.openai.com/docs/api-reference/assistants-streaming).
 *
 * Since: 1.0
 */
struct _OaiRunStream
{
  OaiStream parent_instance;

  OaiRunAccumulator *accumulator;
  gboolean any;          /* whether anything came at all */
  gboolean whole;        /* the run came as it is, in place of events */
  GString *pending;      /* text that is held back */
  guint pending_index;
};

G_DEFINE_FINAL_TYPE (OaiRunStream, oai_run_stream, OAI_TYPE_STREAM)

static guint signals[OAI_RUN_N_NEWS];

static void
oai_run_stream_finalize (GObject *object)
{
  OaiRunStream *self = OAI_RUN_STREAM (object);

  oai_run_accumulator_free (self->accumulator);
  g_string_free (self->pending, TRUE);

  G_OBJECT_CLASS (oai_run_stream_parent_class)->finalize (object);
}

/* Records of what there is */

static gpointer
new_record (OaiRunStream *self, GType type, OaiJsonValue *value)
{
  g_autoptr(GString) json = NULL;

  if (value == NULL)
    return NULL;

  json = g_string_new (NULL);
  oai_json_write_value (json, value);

  return oai_stream_new_record (OAI_STREAM (self), type, json->str);
}

static gpointer
new_delta (OaiRunStream *self, GType type, const OaiRunNews *news)
{
  g_autoptr(GString) json = g_string_new (NULL);

  oai_json_write_node (json, news->doc, news->delta);

  return oai_stream_new_record (OAI_STREAM (self), type, json->str);
}

/* What the accumulator tells */

static void
oai_run_stream_flush (OaiStream *stream)
{
  OaiRunStream *self = OAI_RUN_STREAM (stream);
  g_autofree char *text = NULL;

  if (self->pending->len == 0)
    return;

  text = g_strndup (self->pending->str, self->pending->len);
  g_string_truncate (self->pending, 0);
  oai_emit (self, signals[OAI_RUN_NEWS_TEXT_DELTA], 0, text, self->pending_index);
}

static void
emit_text_delta (OaiRunStream *self, const OaiRunNews *news)
{
  if (oai_stream_get_coalesce (OAI_STREAM (self)) == 0 && self->pending->len == 0)
    {
      oai_emit (self, signals[OAI_RUN_NEWS_TEXT_DELTA], 0, news->text, news->index);
      return;
    }

  if (self->pending_index != news->index)
    oai_run_stream_flush (OAI_STREAM (self));
  self->pending_index = news->index;
  g_string_append (self->pending, news->text);
  oai_stream_schedule_flush (OAI_STREAM (self));
}

/* The records that a signal carries: of what there is now, and of what came. */
static const struct
{
  GType (*value_type) (void);
  GType (*delta_type) (void);
} kinds[OAI_RUN_N_NEWS] = {
  [OAI_RUN_NEWS_THREAD_CREATED] = { oai_thread_get_type, NULL },
  [OAI_RUN_NEWS_RUN_CHANGED] = { oai_run_get_type, NULL },
  [OAI_RUN_NEWS_REQUIRES_ACTION] = { oai_run_get_type, NULL },
  [OAI_RUN_NEWS_MESSAGE_CREATED] = { oai_thread_message_get_type, NULL },
  [OAI_RUN_NEWS_MESSAGE_DELTA] = { oai_thread_message_get_type, oai_thread_message_delta_get_type },
  [OAI_RUN_NEWS_MESSAGE_DONE] = { oai_thread_message_get_type, NULL },
  [OAI_RUN_NEWS_IMAGE_FILE_DONE] = { oai_thread_image_file_get_type, NULL },
  [OAI_RUN_NEWS_STEP_CREATED] = { oai_run_step_get_type, NULL },
  [OAI_RUN_NEWS_STEP_DELTA] = { oai_run_step_get_type, oai_run_step_delta_get_type },
  [OAI_RUN_NEWS_STEP_DONE] = { oai_run_step_get_type, NULL },
  [OAI_RUN_NEWS_TOOL_CALL_CREATED] = { oai_run_step_tool_call_get_type, NULL },
  [OAI_RUN_NEWS_TOOL_CALL_DELTA] = { oai_run_step_tool_call_get_type, oai_run_step_tool_call_get_type },
  [OAI_RUN_NEWS_TOOL_CALL_DONE] = { oai_run_step_tool_call_get_type, NULL },
};

static void
emit_records (OaiRunStream *self, const OaiRunNews *news)
{
  g_autoptr(OaiRecord) value = NULL;
  g_autoptr(OaiRecord) delta = NULL;

  if (!g_signal_has_handler_pending (self, signals[news->kind], 0, FALSE))
    return;

  value = new_record (self, kinds[news->kind].value_type (), news->value);
  if (kinds[news->kind].delta_type != NULL)
    {
      delta = new_delta (self, kinds[news->kind].delta_type (), news);
      oai_emit (self, signals[news->kind], 0, delta, value);
    }
  else if (news->kind == OAI_RUN_NEWS_IMAGE_FILE_DONE)
    {
      oai_emit (self, signals[news->kind], 0, value, news->index);
    }
  else
    {
      oai_emit (self, signals[news->kind], 0, value);
    }
}

static void
on_news (const OaiRunNews *news, gpointer user_data)
{
  OaiRunStream *self = user_data;

  if (news->kind == OAI_RUN_NEWS_TEXT_DELTA)
    {
      emit_text_delta (self, news);
      return;
    }

  /* Other parts of the text are told of in pieces too: it need not be there yet. */
  if (news->kind != OAI_RUN_NEWS_MESSAGE_DELTA)
    oai_run_stream_flush (OAI_STREAM (self));
  if (news->kind == OAI_RUN_NEWS_TEXT_CREATED)
    oai_emit (self, signals[news->kind], 0, news->index);
  else if (news->kind == OAI_RUN_NEWS_TEXT_DONE)
    oai_emit (self, signals[news->kind], 0, news->text, news->index);
  else
    emit_records (self, news);
}

/* What the stream asks for */

static gboolean
oai_run_stream_fold (OaiStream *stream, const char *event, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  OaiRunStream *self = OAI_RUN_STREAM (stream);

  self->any = TRUE;

  return oai_run_accumulator_add (self->accumulator, event, doc, node, error);
}

/* The run as it is: its status names the event that would have brought it. */
static gboolean
oai_run_stream_split_reply (OaiStream *stream, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  const char *status = oai_json_get_string (doc, oai_json_get_member (doc, node, "status"), NULL);
  g_autofree char *event = NULL;
  g_autoptr(GString) json = g_string_new (NULL);

  if (status != NULL && *status != '\0' && strspn (status, "abcdefghijklmnopqrstuvwxyz_") == strlen (status))
    event = g_strconcat ("thread.run.", status, NULL);
  oai_json_write_node (json, doc, node);
  OAI_RUN_STREAM (stream)->whole = TRUE;
  oai_stream_add_event (stream, event != NULL ? event : "thread.run.created", json->str);

  return TRUE;
}

/* Whoever pulls judges the chunks by himself: the word of the server is enough then,
 * and so is an end in order after things that say nothing of a run.  A run that
 * has begun and is not over is cut short for everybody. */
static gboolean
may_end (OaiRunStream *self, OaiStreamEnd end)
{
  if (!oai_stream_is_pulled (OAI_STREAM (self)))
    return FALSE;

  return end == OAI_STREAM_END_DONE || (self->any && oai_run_accumulator_is_empty (self->accumulator));
}

/* A page of a proxy, say: what it is called tells more than that no run came. */
static gboolean
set_foreign (OaiRunStream *self, GError **error)
{
  OaiCall *call = oai_stream_get_call (OAI_STREAM (self));
  const char *type = call != NULL ? oai_call_get_header (call, "content-type") : NULL;

  if (self->any || type == NULL || strstr (type, "json") != NULL || g_str_has_prefix (type, "text/event-stream"))
    return FALSE;

  /* Translators: %s is a content type, such as text/html. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent “%s” instead of the events of a run"), type);

  return TRUE;
}

static gboolean
oai_run_stream_complete (OaiStream *stream, OaiStreamEnd end, GError **error)
{
  OaiRunStream *self = OAI_RUN_STREAM (stream);

  if (self->whole || oai_run_accumulator_is_finished (self->accumulator) || may_end (self, end))
    return TRUE;

  if (!set_foreign (self, error))
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INCOMPLETE, _("The run broke off: the server ended the stream before the run was over"));

  return FALSE;
}

static OaiRecord *
oai_run_stream_dup_result (OaiStream *stream)
{
  return OAI_RECORD (oai_run_stream_dup_run (OAI_RUN_STREAM (stream)));
}

static const OaiStreamVTable stream_vtable = {
  .fold = oai_run_stream_fold,
  .split_reply = oai_run_stream_split_reply,
  .flush = oai_run_stream_flush,
  .complete = oai_run_stream_complete,
  .dup_result = oai_run_stream_dup_result,
};

static guint
install_record_signal (OaiRunStreamClass *klass, const char *name, GType type)
{
  return g_signal_new (name, G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, type);
}

static guint
install_delta_signal (OaiRunStreamClass *klass, const char *name, GType delta, GType value)
{
  return g_signal_new (name, G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, delta, value);
}

static guint
install_text_signal (OaiRunStreamClass *klass, const char *name)
{
  guint id = g_signal_new (name, G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                           _oai_threads_marshal_VOID__STRING_UINT,
                           G_TYPE_NONE, 2, G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE, G_TYPE_UINT);

  g_signal_set_va_marshaller (id, G_TYPE_FROM_CLASS (klass), _oai_threads_marshal_VOID__STRING_UINTv);

  return id;
}

static void
install_run_signals (OaiRunStreamClass *klass)
{
  /**
   * OaiRunStream::thread-created:
   * @self: the stream
   * @thread: the thread
   *
   * The thread was made, where thread and run were asked for at once.
   *
   * Since: 1.0
   */
  signals[OAI_RUN_NEWS_THREAD_CREATED] = install_record_signal (klass, "thread-created", OAI_TYPE_THREAD);
  /**
   * OaiRunStream::run-changed:
   * @self: the stream
   * @run: the run as it is now
   *
   * The run began, moved on or ended: its status tells.
   *
   * Since: 1.0
   */
  signals[OAI_RUN_NEWS_RUN_CHANGED] = install_record_signal (klass, "run-changed", OAI_TYPE_RUN);
  /**
   * OaiRunStream::requires-action:
   * @self: the stream
   * @run: the run, with the calls to answer
   *
   * The run waits for results of functions: see [method@Oai.Run.get_tool_calls].
   * The stream ends with this; the results go into another one.
   *
   * Since: 1.0
   */
  signals[OAI_RUN_NEWS_REQUIRES_ACTION] = install_record_signal (klass, "requires-action", OAI_TYPE_RUN);
}

static void
install_message_signals (OaiRunStreamClass *klass)
{
  /**
   * OaiRunStream::message-created:
   * @self: the stream
   * @message: the message, still without content
   *
   * The assistant begins a message.
   *
   * Since: 1.0
   */
  signals[OAI_RUN_NEWS_MESSAGE_CREATED] = install_record_signal (klass, "message-created", OAI_TYPE_THREAD_MESSAGE);
  /**
   * OaiRunStream::message-delta:
   * @self: the stream
   * @delta: what came
   * @message: the message as it is now
   *
   * Something came to the message. Where text is all that is wanted,
   * [signal@Oai.RunStream::text-delta] costs less.
   *
   * Since: 1.0
   */
  signals[OAI_RUN_NEWS_MESSAGE_DELTA] = install_delta_signal (klass, "message-delta", OAI_TYPE_THREAD_MESSAGE_DELTA, OAI_TYPE_THREAD_MESSAGE);
  /**
   * OaiRunStream::message-done:
   * @self: the stream
   * @message: the message
   *
   * A message is whole, or broke off: its status tells.
   *
   * Since: 1.0
   */
  signals[OAI_RUN_NEWS_MESSAGE_DONE] = install_record_signal (klass, "message-done", OAI_TYPE_THREAD_MESSAGE);
  /**
   * OaiRunStream::image-file-done:
   * @self: the stream
   * @image_file: the picture
   * @index: which part of the message it is
   *
   * A picture of the message is there.
   *
   * Since: 1.0
   */
  signals[OAI_RUN_NEWS_IMAGE_FILE_DONE] = g_signal_new ("image-file-done", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                                        G_TYPE_NONE, 2, OAI_TYPE_THREAD_IMAGE_FILE, G_TYPE_UINT);
}

static void
install_text_signals (OaiRunStreamClass *klass)
{
  /**
   * OaiRunStream::text-created:
   * @self: the stream
   * @index: which part of the message it is
   *
   * A text of the message begins.
   *
   * Since: 1.0
   */
  signals[OAI_RUN_NEWS_TEXT_CREATED] = g_signal_new ("text-created", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                                     G_TYPE_NONE, 1, G_TYPE_UINT);
  /**
   * OaiRunStream::text-delta:
   * @self: the stream
   * @text: what is new
   * @index: which part of the message it comes to
   *
   * Text of the message has arrived. Text may be held back for a while to come
   * at once: see [property@Oai.Stream:coalesce].
   *
   * Since: 1.0
   */
  signals[OAI_RUN_NEWS_TEXT_DELTA] = install_text_signal (klass, "text-delta");
  /**
   * OaiRunStream::text-done:
   * @self: the stream
   * @text: the whole text
   * @index: which part of the message it is
   *
   * A text of the message is whole.
   *
   * Since: 1.0
   */
  signals[OAI_RUN_NEWS_TEXT_DONE] = install_text_signal (klass, "text-done");
}

static void
install_step_signals (OaiRunStreamClass *klass)
{
  /**
   * OaiRunStream::run-step-created:
   * @self: the stream
   * @step: the step
   *
   * A step of the run begins.
   *
   * Since: 1.0
   */
  signals[OAI_RUN_NEWS_STEP_CREATED] = install_record_signal (klass, "run-step-created", OAI_TYPE_RUN_STEP);
  /**
   * OaiRunStream::run-step-delta:
   * @self: the stream
   * @delta: what came
   * @step: the step as it is now
   *
   * Something came to a step.
   *
   * Since: 1.0
   */
  signals[OAI_RUN_NEWS_STEP_DELTA] = install_delta_signal (klass, "run-step-delta", OAI_TYPE_RUN_STEP_DELTA, OAI_TYPE_RUN_STEP);
  /**
   * OaiRunStream::run-step-done:
   * @self: the stream
   * @step: the step
   *
   * A step is over: its status tells how.
   *
   * Since: 1.0
   */
  signals[OAI_RUN_NEWS_STEP_DONE] = install_record_signal (klass, "run-step-done", OAI_TYPE_RUN_STEP);
  /**
   * OaiRunStream::tool-call-created:
   * @self: the stream
   * @tool_call: the use of the tool, as far as it has arrived
   *
   * The assistant begins to use a tool.
   *
   * Since: 1.0
   */
  signals[OAI_RUN_NEWS_TOOL_CALL_CREATED] = install_record_signal (klass, "tool-call-created", OAI_TYPE_RUN_STEP_TOOL_CALL);
  /**
   * OaiRunStream::tool-call-delta:
   * @self: the stream
   * @delta: what came, such as a piece of the arguments
   * @tool_call: the use of the tool as it is now
   *
   * Something came to the use of a tool.
   *
   * Since: 1.0
   */
  signals[OAI_RUN_NEWS_TOOL_CALL_DELTA] = install_delta_signal (klass, "tool-call-delta", OAI_TYPE_RUN_STEP_TOOL_CALL, OAI_TYPE_RUN_STEP_TOOL_CALL);
  /**
   * OaiRunStream::tool-call-done:
   * @self: the stream
   * @tool_call: the use of the tool
   *
   * The use of a tool is known as a whole. Functions wait for their results then.
   *
   * Since: 1.0
   */
  signals[OAI_RUN_NEWS_TOOL_CALL_DONE] = install_record_signal (klass, "tool-call-done", OAI_TYPE_RUN_STEP_TOOL_CALL);
}

static void
oai_run_stream_class_init (OaiRunStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = oai_run_stream_finalize;
  OAI_STREAM_CLASS (klass)->vtable = &stream_vtable;

  install_run_signals (klass);
  install_message_signals (klass);
  install_text_signals (klass);
  install_step_signals (klass);
}

static void
oai_run_stream_init (OaiRunStream *self)
{
  self->accumulator = oai_run_accumulator_new (on_news, self);
  self->pending = g_string_new (NULL);
}

/**
 * oai_run_stream_get_text:
 * @self: a stream
 * @index: which part of the message; 0 for the first
 *
 * Gets a text of the newest message as far as it has arrived.
 *
 * Returns: (nullable) (transfer none): the text, or %NULL where there is none; until the next event
 *
 * Since: 1.0
 */
const char *
oai_run_stream_get_text (OaiRunStream *self, guint index)
{
  g_return_val_if_fail (OAI_IS_RUN_STREAM (self), NULL);

  return oai_run_accumulator_get_text (self->accumulator, index);
}

/**
 * oai_run_stream_dup_thread:
 * @self: a stream
 *
 * Gets the thread that was made together with the run.
 *
 * Returns: (nullable) (transfer full): the thread, or %NULL when none was made
 *
 * Since: 1.0
 */
OaiThread *
oai_run_stream_dup_thread (OaiRunStream *self)
{
  g_return_val_if_fail (OAI_IS_RUN_STREAM (self), NULL);

  return new_record (self, OAI_TYPE_THREAD, oai_run_accumulator_get_thread (self->accumulator));
}

/**
 * oai_run_stream_dup_run:
 * @self: a stream
 *
 * Gets the run as it was last.
 *
 * Returns: (nullable) (transfer full): the run, or %NULL as long as nothing is known of it
 *
 * Since: 1.0
 */
OaiRun *
oai_run_stream_dup_run (OaiRunStream *self)
{
  g_return_val_if_fail (OAI_IS_RUN_STREAM (self), NULL);

  return new_record (self, OAI_TYPE_RUN, oai_run_accumulator_get_run (self->accumulator));
}

/**
 * oai_run_stream_dup_message:
 * @self: a stream
 *
 * Gets the newest message as far as it has arrived.
 *
 * Returns: (nullable) (transfer full): the message, or %NULL as long as there is none
 *
 * Since: 1.0
 */
OaiThreadMessage *
oai_run_stream_dup_message (OaiRunStream *self)
{
  guint n_messages;

  g_return_val_if_fail (OAI_IS_RUN_STREAM (self), NULL);

  n_messages = oai_run_accumulator_get_n_messages (self->accumulator);

  return n_messages > 0 ? new_record (self, OAI_TYPE_THREAD_MESSAGE, oai_run_accumulator_get_message (self->accumulator, n_messages - 1)) : NULL;
}

/**
 * oai_run_stream_dup_messages:
 * @self: a stream
 *
 * Gets the messages that the run wrote, as far as they have arrived.
 *
 * Returns: (transfer container) (element-type OaiThreadMessage): the messages, the oldest first; may be empty
 *
 * Since: 1.0
 */
GPtrArray *
oai_run_stream_dup_messages (OaiRunStream *self)
{
  GPtrArray *messages;

  g_return_val_if_fail (OAI_IS_RUN_STREAM (self), NULL);

  messages = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < oai_run_accumulator_get_n_messages (self->accumulator); i++)
    g_ptr_array_add (messages, new_record (self, OAI_TYPE_THREAD_MESSAGE, oai_run_accumulator_get_message (self->accumulator, i)));

  return messages;
}

/**
 * oai_run_stream_dup_run_steps:
 * @self: a stream
 *
 * Gets the steps of the run, as far as they have arrived.
 *
 * Returns: (transfer container) (element-type OaiRunStep): the steps, the oldest first; may be empty
 *
 * Since: 1.0
 */
GPtrArray *
oai_run_stream_dup_run_steps (OaiRunStream *self)
{
  GPtrArray *steps;

  g_return_val_if_fail (OAI_IS_RUN_STREAM (self), NULL);

  steps = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < oai_run_accumulator_get_n_steps (self->accumulator); i++)
    g_ptr_array_add (steps, new_record (self, OAI_TYPE_RUN_STEP, oai_run_accumulator_get_step (self->accumulator, i)));

  return steps;
}
