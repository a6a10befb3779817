/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Streams of responses: the reported events, the texts so far, and the response. */

#include "driver.h"

#include "oai-response-stream.h"
#include "oai-responses-endpoint.h"

typedef struct
{
  JsonArray *types;
  JsonArray *numbers;
  JsonArray *snapshots;
  guint n_events;
} Log;

static void
on_event (OaiStream *stream, const char *name, const char *json, Log *log)
{
  log->n_events++;
}

static void
on_chunk (OaiStream *stream, OaiRecord *chunk, Log *log)
{
  gint64 number = oai_response_event_get_sequence_number (OAI_RESPONSE_EVENT (chunk));

  json_array_add_string_element (log->types, oai_record_get_string_member (chunk, "type"));
  json_array_add_int_element (log->numbers, number);
}

static void
on_output_text_delta (OaiResponseStream *stream, const char *text, guint output_index, guint content_index, Log *log)
{
  JsonObject *snapshot = json_object_new ();

  json_object_set_string_member (snapshot, "type", "response.output_text.delta");
  json_object_set_string_member (snapshot, "snapshot", oai_response_stream_get_text (stream, output_index, content_index));
  json_array_add_object_element (log->snapshots, snapshot);
}

static void
report (DriverCase *self, OaiStream *stream, Log *log, const GError *error)
{
  g_autoptr(OaiRecord) response = oai_stream_dup_result (stream);
  g_autofree char *json = response != NULL ? oai_record_to_json (response) : NULL;

  json_object_set_int_member (self->out, "n_events", log->n_events);
  if (json != NULL)
    driver_set_json (self->out, "final", json);
  if (error != NULL)
    driver_report_error (self, error);
  driver_report_call (self);
}

static void
play_response_stream (DriverCase *self)
{
  g_auto(DriverInvocation) invocation = { 0 };
  g_autoptr(OaiStream) stream = driver_open_stream (self, &invocation);
  g_autoptr(OaiRecord) result = NULL;
  g_autoptr(GError) error = NULL;
  Log log = { json_array_new (), json_array_new (), json_array_new (), 0 };

  json_object_set_array_member (self->out, "event_types", log.types);
  json_object_set_array_member (self->out, "emitted_sequence_numbers", log.numbers);
  json_object_set_array_member (self->out, "snapshots", log.snapshots);
  if (stream == NULL)
    return;

  if (json_object_has_member (self->fixture, "starting_after"))
    oai_response_stream_set_starting_after (OAI_RESPONSE_STREAM (stream), json_object_get_int_member (self->fixture, "starting_after"));
  g_signal_connect (stream, "event", G_CALLBACK (on_event), &log);
  g_signal_connect (stream, "chunk", G_CALLBACK (on_chunk), &log);
  g_signal_connect (stream, "output-text-delta", G_CALLBACK (on_output_text_delta), &log);
  result = oai_stream_run (stream, NULL, &error);
  report (self, stream, &log, error);
}

const DriverEntry driver_response_table[] = {
  { "response_stream", play_response_stream },
  { NULL, NULL },
};
