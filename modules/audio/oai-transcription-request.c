/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-audio-methods-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"

/* Only JSON formats can contain times.  The server checks which of them do. */
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
  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("“timestamp_granularities” requires the “response_format” verbose_json: other formats contain no times"));

  return FALSE;
}

void
oai_transcription_request_enable_speaker_labels (OaiTranscriptionRequest *self)
{
  g_return_if_fail (OAI_IS_TRANSCRIPTION_REQUEST (self));

  oai_transcription_request_set_response_format (self, OAI_TRANSCRIPTION_FORMAT_DIARIZED_JSON);
  if (!oai_record_has_member (OAI_RECORD (self), "chunking_strategy"))
    oai_transcription_request_set_chunking_strategy (self, "auto");
}
