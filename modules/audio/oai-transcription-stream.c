/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-transcription-stream.h"

#include "oai-emit-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-stream-private.h"

/**
 * OaiTranscriptionStream:
 *
 * A transcript that streams in.
 *
 * [signal@Oai.TranscriptionStream::text-delta] has the text as it is written,
 * [signal@Oai.TranscriptionStream::segment] who says what, where that was asked
 * for. The result of [method@Oai.Stream.run_finish] is an
 * [class@Oai.Transcription] as without a stream, whatever the server sent: models
 * that cannot stream, such as `whisper-1`, send it at once.
 *
 * Stands for
 * [Streaming](https://platform.openai.com/docs/api-reference/audio/createTranscription).
 *
 * Since: 1.0
 */

enum
{
  TEXT_DELTA,
  SEGMENT,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _OaiTranscriptionStream
{
  OaiStream parent_instance;

  GString *text;       /* as far as it has arrived */
  GString *pending;    /* held back */
  GString *segments;   /* JSON, without the brackets */
  GString *logprobs;   /* the same */
  GString *members;    /* of the last event, to go into the result */
  char *whole;         /* a reply that was no stream, as JSON */
  gboolean done;
};

G_DEFINE_FINAL_TYPE (OaiTranscriptionStream, oai_transcription_stream, OAI_TYPE_STREAM)

static void
oai_transcription_stream_finalize (GObject *object)
{
  OaiTranscriptionStream *self = OAI_TRANSCRIPTION_STREAM (object);

  g_string_free (self->text, TRUE);
  g_string_free (self->pending, TRUE);
  g_string_free (self->segments, TRUE);
  g_string_free (self->logprobs, TRUE);
  g_string_free (self->members, TRUE);
  g_free (self->whole);

  G_OBJECT_CLASS (oai_transcription_stream_parent_class)->finalize (object);
}

static void
oai_transcription_stream_flush (OaiStream *stream)
{
  OaiTranscriptionStream *self = OAI_TRANSCRIPTION_STREAM (stream);
  g_autofree char *text = NULL;

  if (self->pending->len == 0)
    return;

  text = g_string_free (self->pending, FALSE);
  self->pending = g_string_new (NULL);
  oai_emit (self, signals[TEXT_DELTA], 0, text);
}

static void
take_text (OaiTranscriptionStream *self, const char *text)
{
  g_string_append (self->text, text);
  g_string_append (self->pending, text);
  oai_stream_schedule_flush (OAI_STREAM (self));
}

static void
append_node (GString *list, OaiJsonDoc *doc, OaiJsonNode node)
{
  if (list->len > 0)
    g_string_append_c (list, ',');
  oai_json_write_node (list, doc, node);
}

static void
append_elements (GString *list, OaiJsonDoc *doc, OaiJsonNode array)
{
  OaiJsonIter iter;
  OaiJsonNode element;

  oai_json_iter_init (&iter, doc, array);
  while (oai_json_iter_next (&iter, NULL, &element))
    append_node (list, doc, element);
}

/* A segment that no delta told of has text of its own; segments are words apart. */
static void
take_segment (OaiTranscriptionStream *self, OaiJsonDoc *doc, OaiJsonNode node)
{
  g_autoptr(GString) json = NULL;
  g_autoptr(OaiRecord) segment = NULL;

  append_node (self->segments, doc, node);
  oai_transcription_stream_flush (OAI_STREAM (self));
  if (!g_signal_has_handler_pending (self, signals[SEGMENT], 0, FALSE))
    return;

  json = g_string_new (NULL);
  oai_json_write_node (json, doc, node);
  segment = oai_stream_new_record (OAI_STREAM (self), OAI_TYPE_TRANSCRIPTION_SEGMENT, json->str);
  oai_emit (self, signals[SEGMENT], 0, segment);
}

/* The whole text counts, and everything else that the event has. */
static void
take_done (OaiTranscriptionStream *self, OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiJsonNode text = oai_json_get_member (doc, node, "text");
  OaiJsonNode logprobs = oai_json_get_member (doc, node, "logprobs");
  const char *name;
  OaiJsonIter iter;
  OaiJsonNode value;

  if (oai_json_get_string (doc, text, NULL) != NULL)
    g_string_assign (self->text, oai_json_get_string (doc, text, NULL));
  if (oai_json_get_size (doc, logprobs) > 0)
    {
      g_string_truncate (self->logprobs, 0);
      append_elements (self->logprobs, doc, logprobs);
    }

  g_string_truncate (self->members, 0);
  oai_json_iter_init_members (&iter, doc, node);
  while (oai_json_iter_next (&iter, &name, &value))
    if (!g_str_equal (name, "type") && !g_str_equal (name, "text") && !g_str_equal (name, "logprobs"))
      {
        g_string_append_c (self->members, ',');
        oai_json_write_string (self->members, name, -1);
        g_string_append_c (self->members, ':');
        oai_json_write_node (self->members, doc, value);
      }
  self->done = TRUE;
}

/* What the stream asks for */

static gboolean
oai_transcription_stream_fold (OaiStream *stream, const char *event, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  OaiTranscriptionStream *self = OAI_TRANSCRIPTION_STREAM (stream);
  const char *type = oai_json_get_string (doc, oai_json_get_member (doc, node, "type"), NULL);
  const char *delta = oai_json_get_string (doc, oai_json_get_member (doc, node, "delta"), NULL);

  if (type == NULL)
    type = event;
  if (g_strcmp0 (type, OAI_TRANSCRIPTION_EVENT_TYPE_DELTA) == 0)
    {
      append_elements (self->logprobs, doc, oai_json_get_member (doc, node, "logprobs"));
      if (delta != NULL && *delta != '\0')
        take_text (self, delta);
    }
  else if (g_strcmp0 (type, OAI_TRANSCRIPTION_EVENT_TYPE_SEGMENT) == 0)
    take_segment (self, doc, node);
  else if (g_strcmp0 (type, OAI_TRANSCRIPTION_EVENT_TYPE_DONE) == 0)
    take_done (self, doc, node);

  return TRUE;
}

/* An event with all members of an object but those that it has otherwise. */
static void
add_event (OaiTranscriptionStream *self, const char *type, OaiJsonDoc *doc, OaiJsonNode object)
{
  g_autoptr(GString) json = g_string_new ("{\"type\":");
  OaiJsonIter iter;
  OaiJsonNode value;
  const char *name;

  oai_json_write_string (json, type, -1);
  oai_json_iter_init_members (&iter, doc, object);
  while (oai_json_iter_next (&iter, &name, &value))
    if (!g_str_equal (name, "type") && !g_str_equal (name, "segments"))
      {
        g_string_append_c (json, ',');
        oai_json_write_string (json, name, -1);
        g_string_append_c (json, ':');
        oai_json_write_node (json, doc, value);
      }
  g_string_append_c (json, '}');
  oai_stream_add_event (OAI_STREAM (self), NULL, json->str);
}

static gboolean
oai_transcription_stream_split_reply (OaiStream *stream, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  OaiTranscriptionStream *self = OAI_TRANSCRIPTION_STREAM (stream);
  OaiJsonNode text = oai_json_get_member (doc, node, "text");
  gsize length = 0;
  g_autoptr(GString) json = g_string_new (NULL);
  OaiJsonIter iter;
  OaiJsonNode segment;

  if (oai_json_get_type (doc, node) != OAI_JSON_OBJECT)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The reply is no transcript"));
      return FALSE;
    }

  if (oai_json_get_string (doc, text, &length) != NULL && length > 0)
    {
      g_string_append (json, "{\"type\":\"" OAI_TRANSCRIPTION_EVENT_TYPE_DELTA "\",\"delta\":");
      oai_json_write_node (json, doc, text);
      g_string_append_c (json, '}');
      oai_stream_add_event (stream, NULL, json->str);
    }
  oai_json_iter_init (&iter, doc, oai_json_get_member (doc, node, "segments"));
  while (oai_json_iter_next (&iter, NULL, &segment))
    if (oai_json_get_type (doc, segment) == OAI_JSON_OBJECT)
      add_event (self, OAI_TRANSCRIPTION_EVENT_TYPE_SEGMENT, doc, segment);
  add_event (self, OAI_TRANSCRIPTION_EVENT_TYPE_DONE, doc, node);

  g_string_truncate (json, 0);
  oai_json_write_node (json, doc, node);
  self->whole = g_string_free (g_steal_pointer (&json), FALSE);

  return TRUE;
}

static gboolean
oai_transcription_stream_complete (OaiStream *stream, OaiStreamEnd end, GError **error)
{
  if (OAI_TRANSCRIPTION_STREAM (stream)->done || end == OAI_STREAM_END_DONE)
    return TRUE;

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INCOMPLETE, _("The transcript broke off: the server ended the stream before it said that it was done"));

  return FALSE;
}

static void
append_list (GString *json, const char *name, GString *list)
{
  if (list->len > 0)
    g_string_append_printf (json, ",\"%s\":[%s]", name, list->str);
}

static OaiRecord *
oai_transcription_stream_dup_result (OaiStream *stream)
{
  OaiTranscriptionStream *self = OAI_TRANSCRIPTION_STREAM (stream);
  g_autoptr(GString) json = NULL;

  if (self->whole != NULL)
    return oai_stream_new_record (stream, OAI_TYPE_TRANSCRIPTION, self->whole);

  json = g_string_new ("{\"text\":");
  oai_json_write_string (json, self->text->str, self->text->len);
  g_string_append_len (json, self->members->str, self->members->len);
  append_list (json, "segments", self->segments);
  append_list (json, "logprobs", self->logprobs);
  g_string_append_c (json, '}');

  return oai_stream_new_record (stream, OAI_TYPE_TRANSCRIPTION, json->str);
}

static const OaiStreamVTable stream_vtable = {
  .fold = oai_transcription_stream_fold,
  .split_reply = oai_transcription_stream_split_reply,
  .flush = oai_transcription_stream_flush,
  .complete = oai_transcription_stream_complete,
  .dup_result = oai_transcription_stream_dup_result,
};

static void
oai_transcription_stream_class_init (OaiTranscriptionStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = oai_transcription_stream_finalize;
  OAI_STREAM_CLASS (klass)->vtable = &stream_vtable;

  /**
   * OaiTranscriptionStream::text-delta:
   * @self: the stream
   * @text: what is new
   *
   * Text has arrived. It may be held back for a while to come at once: see
   * [property@Oai.Stream:coalesce].
   *
   * Since: 1.0
   */
  signals[TEXT_DELTA] = g_signal_new ("text-delta", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                      G_TYPE_NONE, 1, G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE);
  /**
   * OaiTranscriptionStream::segment:
   * @self: the stream
   * @segment: who said what
   *
   * A segment with its speaker is whole.
   *
   * Since: 1.0
   */
  signals[SEGMENT] = g_signal_new ("segment", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 1, OAI_TYPE_TRANSCRIPTION_SEGMENT);
}

static void
oai_transcription_stream_init (OaiTranscriptionStream *self)
{
  self->text = g_string_new (NULL);
  self->pending = g_string_new (NULL);
  self->segments = g_string_new (NULL);
  self->logprobs = g_string_new (NULL);
  self->members = g_string_new (NULL);
}

/**
 * oai_transcription_stream_get_text:
 * @self: a stream
 *
 * Gets the text as far as it has arrived.
 *
 * Returns: (transfer none): the text; until the next chunk
 *
 * Since: 1.0
 */
const char *
oai_transcription_stream_get_text (OaiTranscriptionStream *self)
{
  g_return_val_if_fail (OAI_IS_TRANSCRIPTION_STREAM (self), NULL);

  return self->text->str;
}

/**
 * oai_transcription_stream_dup_transcription:
 * @self: a stream
 *
 * Gets the transcript as far as it has arrived; [method@Oai.Stream.dup_result]
 * with its type.
 *
 * Returns: (transfer full): the transcript
 *
 * Since: 1.0
 */
OaiTranscription *
oai_transcription_stream_dup_transcription (OaiTranscriptionStream *self)
{
  g_return_val_if_fail (OAI_IS_TRANSCRIPTION_STREAM (self), NULL);

  return OAI_TRANSCRIPTION (oai_stream_dup_result (OAI_STREAM (self)));
}
