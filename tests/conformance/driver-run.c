/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Streams of runs: the emitted signals, with the names of openai-node. */

#include "driver.h"

static void
tell (JsonArray *callbacks, const char *name, JsonArray *arguments)
{
  JsonObject *callback = json_object_new ();

  json_object_set_string_member (callback, "name", name);
  json_object_set_array_member (callback, "args", arguments);
  json_array_add_object_element (callbacks, callback);
}

static void
add_record (JsonArray *arguments, OaiRecord *record)
{
  g_autofree char *json = oai_record_to_json (record);

  json_array_add_element (arguments, json_from_string (json, NULL));
}

/* The name is stored in the closure, and the list of callbacks in the stream. */

static JsonArray *
get_callbacks (gpointer stream)
{
  return g_object_get_data (stream, "callbacks");
}

static void
on_record (OaiStream *stream, OaiRecord *record, const char *name)
{
  JsonArray *arguments = json_array_new ();

  add_record (arguments, record);
  tell (get_callbacks (stream), name, arguments);
}

static void
on_delta (OaiStream *stream, OaiRecord *delta, OaiRecord *snapshot, const char *name)
{
  JsonArray *arguments = json_array_new ();

  add_record (arguments, delta);
  add_record (arguments, snapshot);
  tell (get_callbacks (stream), name, arguments);
}

static void
on_indexed_record (OaiStream *stream, OaiRecord *record, guint index, const char *name)
{
  on_record (stream, record, name);
}

static void
on_text (OaiStream *stream, const char *text, guint index, const char *name)
{
  JsonArray *arguments = json_array_new ();

  json_array_add_string_element (arguments, text);
  tell (get_callbacks (stream), name, arguments);
}

static void
on_text_created (OaiStream *stream, guint index, const char *name)
{
  tell (get_callbacks (stream), name, json_array_new ());
}

static const struct
{
  const char *signal;
  GCallback callback;
  const char *name;
} listeners[] = {
  { "message-created", G_CALLBACK (on_record), "messageCreated" },
  { "message-delta", G_CALLBACK (on_delta), "messageDelta" },
  { "message-done", G_CALLBACK (on_record), "messageDone" },
  { "image-file-done", G_CALLBACK (on_indexed_record), "imageFileDone" },
  { "text-created", G_CALLBACK (on_text_created), "textCreated" },
  { "text-delta", G_CALLBACK (on_text), "textDelta" },
  { "text-done", G_CALLBACK (on_text), "textDone" },
  { "run-step-created", G_CALLBACK (on_record), "runStepCreated" },
  { "run-step-delta", G_CALLBACK (on_delta), "runStepDelta" },
  { "run-step-done", G_CALLBACK (on_record), "runStepDone" },
  { "tool-call-created", G_CALLBACK (on_record), "toolCallCreated" },
  { "tool-call-delta", G_CALLBACK (on_delta), "toolCallDelta" },
  { "tool-call-done", G_CALLBACK (on_record), "toolCallDone" },
};

static void
play_run_stream (DriverCase *self)
{
  g_auto(DriverInvocation) invocation = { 0 };
  g_autoptr(OaiStream) stream = driver_open_stream (self, &invocation);
  g_autoptr(OaiRecord) run = NULL;
  g_autoptr(GError) error = NULL;
  JsonArray *callbacks = json_array_new ();

  json_object_set_array_member (self->out, "callbacks", callbacks);
  if (stream == NULL)
    return;

  g_object_set_data (G_OBJECT (stream), "callbacks", callbacks);
  for (guint i = 0; i < G_N_ELEMENTS (listeners); i++)
    g_signal_connect (stream, listeners[i].signal, listeners[i].callback, (gpointer) listeners[i].name);
  run = oai_stream_run (stream, NULL, &error);
  if (error != NULL)
    driver_report_error (self, error);
  else
    on_record (stream, run, "run");
}

const DriverEntry driver_run_table[] = {
  { "run_stream", play_run_stream },
  { NULL, NULL },
};
