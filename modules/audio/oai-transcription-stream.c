/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-transcription-stream-private.h"

/* Adds an event with the members of an object, except the segments. */
static void
add_object (OaiStream *self, const char *type, OaiJsonDoc *doc, OaiJsonNode object)
{
  OaiJsonValue *event = oai_json_value_new_object ();
  OaiJsonIter iter;
  OaiJsonNode value;
  const char *name;

  oai_json_iter_init_members (&iter, doc, object);
  while (oai_json_iter_next (&iter, &name, &value))
    if (!g_str_equal (name, "segments"))
      oai_json_value_set_member (event, name, oai_json_value_new_from_node (doc, value));
  oai_stream_add_event (self, type, event);
}

static gboolean
split_reply (OaiStream *self, OaiJsonDoc *doc, OaiJsonNode reply, GError **error)
{
  OaiJsonNode text = oai_json_get_member (doc, reply, "text");
  gsize length = 0;
  OaiJsonIter iter;
  OaiJsonNode segment;

  if (oai_json_get_string (doc, text, &length) != NULL && length > 0)
    {
      OaiJsonValue *delta = oai_json_value_new_object ();

      oai_json_value_set_member (delta, "delta", oai_json_value_new_from_node (doc, text));
      oai_stream_add_event (self, OAI_TRANSCRIPTION_EVENT_TYPE_DELTA, delta);
    }
  oai_json_iter_init (&iter, doc, oai_json_get_member (doc, reply, "segments"));
  while (oai_json_iter_next (&iter, NULL, &segment))
    if (oai_json_get_type (doc, segment) == OAI_JSON_OBJECT)
      add_object (self, OAI_TRANSCRIPTION_EVENT_TYPE_SEGMENT, doc, segment);
  add_object (self, OAI_TRANSCRIPTION_EVENT_TYPE_DONE, doc, reply);

  return TRUE;
}

const OaiStreamHooks oai_transcription_stream_hooks = {
  .split_reply = split_reply,
  .keeps_reply = TRUE,
};
