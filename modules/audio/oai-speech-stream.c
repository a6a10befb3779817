/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-speech-stream.h"

#include <string.h>

#include "oai-base64-pieces-private.h"
#include "oai-emit-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-stream-private.h"

/**
 * OaiSpeechStream:
 *
 * Speech that comes in events, with the tokens it took at the end.
 *
 * [signal@Oai.SpeechStream::audio-delta] has the sound. The result of
 * [method@Oai.Stream.run_finish] is the last [class@Oai.SpeechEvent], which has
 * the usage but no sound.
 *
 * Some models do not send speech in events, `tts-1` for instance, and many other
 * servers do not either; [class@Oai.Speech] works with them all.
 *
 * Stands for
 * [Create speech](https://platform.openai.com/docs/api-reference/audio/createSpeech)
 * with `stream_format` set to `sse`.
 *
 * Since: 1.0
 */

enum
{
  AUDIO_DELTA,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _OaiSpeechStream
{
  OaiStream parent_instance;

  gint64 bytes_received;
  OaiBase64Pieces pieces;
  GString *done;          /* the last event, as JSON */
};

G_DEFINE_FINAL_TYPE (OaiSpeechStream, oai_speech_stream, OAI_TYPE_STREAM)

static void
oai_speech_stream_finalize (GObject *object)
{
  OaiSpeechStream *self = OAI_SPEECH_STREAM (object);

  g_string_free (self->done, TRUE);

  G_OBJECT_CLASS (oai_speech_stream_parent_class)->finalize (object);
}

/* Takes the bytes, which are NULL where the sound is damaged. */
static gboolean
take_sound (OaiSpeechStream *self, GBytes *sound, GError **error)
{
  g_autoptr(GBytes) bytes = sound;

  if (bytes == NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent sound that is damaged"));
      return FALSE;
    }
  self->bytes_received += g_bytes_get_size (bytes);
  if (g_bytes_get_size (bytes) > 0)
    oai_emit (self, signals[AUDIO_DELTA], 0, bytes);

  return TRUE;
}

static gboolean
oai_speech_stream_fold (OaiStream *stream, const char *event, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  OaiSpeechStream *self = OAI_SPEECH_STREAM (stream);
  const char *type = oai_json_get_string (doc, oai_json_get_member (doc, node, "type"), NULL);
  gsize length = 0;
  const char *base64 = oai_json_get_string (doc, oai_json_get_member (doc, node, "audio"), &length);

  if (type == NULL)
    type = event;
  if (base64 != NULL && !take_sound (self, oai_base64_pieces_add (&self->pieces, base64, length), error))
    return FALSE;
  if (g_strcmp0 (type, OAI_SPEECH_EVENT_TYPE_DONE) == 0)
    {
      g_string_truncate (self->done, 0);
      oai_json_write_node (self->done, doc, node);
    }

  return TRUE;
}

/* All of the audio at once, and what goes with it. */
static gboolean
oai_speech_stream_split_reply (OaiStream *stream, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  g_autoptr(GString) delta = g_string_new ("{\"type\":\"" OAI_SPEECH_EVENT_TYPE_DELTA "\",\"audio\":");
  g_autoptr(GString) done = g_string_new ("{\"type\":\"" OAI_SPEECH_EVENT_TYPE_DONE "\"");
  OaiJsonNode audio = oai_json_get_member (doc, node, "audio");
  OaiJsonIter iter;
  OaiJsonNode value;
  const char *name;

  if (oai_json_get_string (doc, audio, NULL) == NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The reply holds no audio"));
      return FALSE;
    }

  oai_json_write_node (delta, doc, audio);
  g_string_append_c (delta, '}');
  oai_json_iter_init_members (&iter, doc, node);
  while (oai_json_iter_next (&iter, &name, &value))
    if (strcmp (name, "audio") != 0 && strcmp (name, "type") != 0)
      {
        g_string_append_c (done, ',');
        oai_json_write_string (done, name, -1);
        g_string_append_c (done, ':');
        oai_json_write_node (done, doc, value);
      }
  g_string_append_c (done, '}');
  oai_stream_add_event (stream, NULL, delta->str);
  oai_stream_add_event (stream, NULL, done->str);

  return TRUE;
}

static gboolean
oai_speech_stream_complete (OaiStream *stream, OaiStreamEnd end, GError **error)
{
  OaiSpeechStream *self = OAI_SPEECH_STREAM (stream);

  /* Padding may be missing. */
  if (self->done->len > 0 || (end == OAI_STREAM_END_DONE && (self->bytes_received > 0 || self->pieces.n > 0)))
    return take_sound (self, oai_base64_pieces_end (&self->pieces), error);

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INCOMPLETE, _("The speech broke off: the server ended the stream before it said that it was done"));

  return FALSE;
}

static OaiRecord *
oai_speech_stream_dup_result (OaiStream *stream)
{
  OaiSpeechStream *self = OAI_SPEECH_STREAM (stream);

  return oai_stream_new_record (stream, OAI_TYPE_SPEECH_EVENT, self->done->len > 0 ? self->done->str : "{\"type\":\"" OAI_SPEECH_EVENT_TYPE_DONE "\"}");
}

static const OaiStreamVTable stream_vtable = {
  .fold = oai_speech_stream_fold,
  .split_reply = oai_speech_stream_split_reply,
  .complete = oai_speech_stream_complete,
  .dup_result = oai_speech_stream_dup_result,
};

static void
oai_speech_stream_class_init (OaiSpeechStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = oai_speech_stream_finalize;
  OAI_STREAM_CLASS (klass)->vtable = &stream_vtable;

  /**
   * OaiSpeechStream::audio-delta:
   * @self: the stream
   * @data: what is new of the sound, in the format that was asked for
   *
   * Sound has arrived.
   *
   * Since: 1.0
   */
  signals[AUDIO_DELTA] = g_signal_new ("audio-delta", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 1, G_TYPE_BYTES);
}

static void
oai_speech_stream_init (OaiSpeechStream *self)
{
  self->done = g_string_new (NULL);
}

/**
 * oai_speech_stream_get_bytes_received:
 * @self: a stream
 *
 * Gets how much sound has arrived.
 *
 * Returns: the number of bytes
 *
 * Since: 1.0
 */
gint64
oai_speech_stream_get_bytes_received (OaiSpeechStream *self)
{
  g_return_val_if_fail (OAI_IS_SPEECH_STREAM (self), 0);

  return self->bytes_received;
}
