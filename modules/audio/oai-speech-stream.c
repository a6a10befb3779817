/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-speech-stream.h"

#include "oai-audio-streams-private.h"
#include "oai-base64-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"

typedef struct
{
  gint64 n_bytes;
  OaiBase64Decoder decoder;
} SpeechState;

/* Takes ownership of the bytes, which are NULL if the Base64 is invalid. */
static gboolean
report_audio (OaiStream *self, GBytes *audio, GError **error)
{
  SpeechState *state = oai_stream_get_state (self);
  g_autoptr(GBytes) bytes = audio;

  if (bytes == NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent audio that is damaged"));
      return FALSE;
    }
  state->n_bytes += g_bytes_get_size (bytes);
  if (g_bytes_get_size (bytes) > 0)
    oai_stream_emit (self, SPEECH_STREAM__AUDIO_DELTA, bytes);

  return TRUE;
}

gboolean
oai_speech_stream_take_audio (OaiStream *self, const char *name, OaiJsonDoc *doc, OaiJsonNode event, GError **error)
{
  SpeechState *state = oai_stream_get_state (self);
  gsize length = 0;
  const char *base64 = oai_json_get_string (doc, oai_json_get_member (doc, event, "audio"), &length);

  return base64 == NULL || report_audio (self, oai_base64_decoder_add (&state->decoder, base64, length), error);
}

/* Adds an event with the audio, and one with the other members. */
static gboolean
split_reply (OaiStream *self, OaiJsonDoc *doc, OaiJsonNode reply, GError **error)
{
  OaiJsonValue *delta;
  OaiJsonValue *done;
  OaiJsonNode audio = oai_json_get_member (doc, reply, "audio");
  OaiJsonIter iter;
  OaiJsonNode value;
  const char *name;

  if (oai_json_get_string (doc, audio, NULL) == NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The reply has no audio"));
      return FALSE;
    }

  delta = oai_json_value_new_object ();
  done = oai_json_value_new_object ();
  oai_json_iter_init_members (&iter, doc, reply);
  while (oai_json_iter_next (&iter, &name, &value))
    oai_json_value_set_member (g_str_equal (name, "audio") ? delta : done, name, oai_json_value_new_from_node (doc, value));
  oai_stream_add_event (self, OAI_SPEECH_EVENT_TYPE_DELTA, delta);
  oai_stream_add_event (self, OAI_SPEECH_EVENT_TYPE_DONE, done);

  return TRUE;
}

static gboolean
complete (OaiStream *self, OaiStreamEnd end, GError **error)
{
  SpeechState *state = oai_stream_get_state (self);

  /* The Base64 padding may be missing. */
  if (oai_stream_is_complete (self) || (end == OAI_STREAM_END_DONE && (state->n_bytes > 0 || state->decoder.n > 0)))
    return report_audio (self, oai_base64_decoder_end (&state->decoder), error);

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INCOMPLETE, _("The server ended the stream before the speech was complete"));

  return FALSE;
}

const OaiStreamHooks oai_speech_stream_hooks = {
  .state_size = sizeof (SpeechState),
  .split_reply = split_reply,
  .complete = complete,
};

/**
 * oai_speech_stream_get_bytes_received:
 * @self: a stream
 *
 * Gets the number of bytes of audio that have arrived, not counting the base64 encoding.
 *
 * Returns: the number of bytes
 *
 * Since: 1.0
 */
gint64
oai_speech_stream_get_bytes_received (OaiSpeechStream *self)
{
  SpeechState *state;

  g_return_val_if_fail (OAI_IS_SPEECH_STREAM (self), 0);

  state = oai_stream_get_state (OAI_STREAM (self));

  return state->n_bytes;
}
