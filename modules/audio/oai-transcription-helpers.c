/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-transcription-helpers.h"

#include "oai-audio-checks-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"

/* Formats that are no JSON have no place for the times; which kind of JSON has one
 * is for the server to say. */
gboolean
oai_audio_check_transcription (OaiRecord *request, GError **error)
{
  static const char *const without_times[] = { OAI_TRANSCRIPTION_FORMAT_TEXT, OAI_TRANSCRIPTION_FORMAT_SRT, OAI_TRANSCRIPTION_FORMAT_VTT, NULL };
  OaiTranscriptionRequest *self = OAI_TRANSCRIPTION_REQUEST (request);
  const char *const *granularities = oai_transcription_request_get_timestamp_granularities (self);
  const char *format = oai_transcription_request_get_response_format (self);

  if (granularities == NULL || granularities[0] == NULL || format == NULL || !g_strv_contains (without_times, format))
    return TRUE;

  /* Translators: both names are members of the request. */
  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("“timestamp_granularities” wants the “response_format” verbose_json: other formats have no such times"));

  return FALSE;
}

/**
 * oai_transcription_request_want_words:
 * @self: a request
 *
 * Asks for each word with its time, besides the segments: sets the format
 * %OAI_TRANSCRIPTION_FORMAT_VERBOSE_JSON, which `whisper-1` can write, and both
 * granularities. [method@Oai.Transcription.get_words] has them.
 *
 * Since: 1.0
 */
void
oai_transcription_request_want_words (OaiTranscriptionRequest *self)
{
  static const char *const granularities[] = { OAI_TRANSCRIPTION_GRANULARITY_WORD, OAI_TRANSCRIPTION_GRANULARITY_SEGMENT, NULL };

  g_return_if_fail (OAI_IS_TRANSCRIPTION_REQUEST (self));

  oai_transcription_request_set_response_format (self, OAI_TRANSCRIPTION_FORMAT_VERBOSE_JSON);
  oai_transcription_request_set_timestamp_granularities (self, granularities);
}

/**
 * oai_transcription_request_want_speakers:
 * @self: a request
 *
 * Asks for who says what: sets the format
 * %OAI_TRANSCRIPTION_FORMAT_DIARIZED_JSON, which `gpt-4o-transcribe-diarize` can
 * write, and lets the server cut the recording as it has to be when it is long.
 * [method@Oai.TranscriptionSegment.get_speaker] has them.
 *
 * Since: 1.0
 */
void
oai_transcription_request_want_speakers (OaiTranscriptionRequest *self)
{
  g_return_if_fail (OAI_IS_TRANSCRIPTION_REQUEST (self));

  oai_transcription_request_set_response_format (self, OAI_TRANSCRIPTION_FORMAT_DIARIZED_JSON);
  if (!oai_record_has (OAI_RECORD (self), "chunking_strategy"))
    oai_transcription_request_set_chunking_strategy (self, "auto");
}
