/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-mock-lane-private.h"
#include "oai-mock-responses-private.h"
#include "oai-mock-server-private.h"

#include <string.h>

/* A message that waits until the lane has ended the responses before it. */
typedef struct {
  OaiMockRequest *request;
  JsonObject *message;
  OaiMockReply *scripted;
} Waiting;

struct _OaiMockLane {
  OaiMockLanes *lanes;
  char *id;
  GQueue waiting;

  JsonObject *record;
  GPtrArray *texts; /* what is sent for the current message */
  guint next;
};

static void
waiting_free (Waiting *waiting)
{
  g_clear_object (&waiting->request);
  g_clear_object (&waiting->scripted);
  g_clear_pointer (&waiting->message, json_object_unref);
  g_free (waiting);
}

OaiMockLane *
_oai_mock_lane_new (OaiMockLanes *lanes, const char *id)
{
  OaiMockLane *self = g_new0 (OaiMockLane, 1);

  self->lanes = lanes;
  self->id = g_strdup (id);
  self->texts = g_ptr_array_new_with_free_func (g_free);
  g_queue_init (&self->waiting);

  return self;
}

void
_oai_mock_lane_free (OaiMockLane *self)
{
  g_queue_clear_full (&self->waiting, (GDestroyNotify) waiting_free);
  g_clear_pointer (&self->record, json_object_unref);
  g_clear_pointer (&self->texts, g_ptr_array_unref);
  g_free (self->id);
  g_free (self);
}

const char *
_oai_mock_lane_get_id (OaiMockLane *self)
{
  return self->id;
}

/* Takes @scripted. */
void
_oai_mock_lane_push (OaiMockLane *self, OaiMockRequest *request, JsonObject *message, OaiMockReply *scripted)
{
  Waiting *waiting = g_new0 (Waiting, 1);

  waiting->request = g_object_ref (request);
  waiting->message = json_object_ref (message);
  waiting->scripted = scripted;
  g_queue_push_tail (&self->waiting, waiting);
}

/* The text of a message for an error reply of the service. */
char *
_oai_mock_lane_error_text (OaiMockReply *problem, const char *lane)
{
  g_autofree char *text = _oai_mock_reply_dup_text (problem);
  g_autoptr (JsonNode) node = oai_mock_parse (text, -1, NULL);
  JsonObject *error = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? oai_mock_get_object (json_node_get_object (node), "error") : NULL;
  g_autoptr (JsonObject) message = oai_mock_object ("type:s", "error", "status:i", problem->status, NULL);

  oai_mock_object_set (message, "error:o", error != NULL ? json_object_ref (error) : oai_mock_object ("type:s", "server_error", "code:z", "param:z", "message:s", text, NULL), NULL);
  if (lane != NULL)
    oai_mock_object_set (message, "stream_id:s", lane, NULL);

  return oai_mock_object_to_text (message);
}

/* Takes @event. */
static void
add_event (OaiMockLane *self, JsonObject *event)
{
  if (self->id != NULL)
    oai_mock_object_set (event, "stream_id:s", self->id, NULL);
  _oai_mock_service_check_message_reply (self->lanes->service, event);
  g_ptr_array_add (self->texts, oai_mock_object_to_text (event));
  json_object_unref (event);
}

static void
add_events (OaiMockLane *self, JsonArray *events, gboolean obfuscate)
{
  for (guint i = 0; i < json_array_get_length (events); i++)
    {
      JsonObject *event = json_array_get_object_element (events, i);

      add_event (self, obfuscate ? _oai_mock_response_event_obfuscate (event) : oai_mock_object_copy (event));
    }
}

static void
call_init (OaiMockCall *call, OaiMockLane *self, Waiting *waiting)
{
  call->server = self->lanes->server;
  call->store = self->lanes->server->store;
  call->request = waiting->request;
  call->template = "/responses";
  call->body = oai_mock_object_copy (waiting->message);
  call->collection = self->lanes->collection;
  json_object_remove_member (call->body, "type");
  json_object_remove_member (call->body, "stream_id");
}

static void
generate (OaiMockLane *self, Waiting *waiting)
{
  OaiMockCall call = { NULL };
  g_autoptr (OaiMockReply) problem = _oai_mock_service_check_message (self->lanes->service, waiting->request, waiting->message);

  call_init (&call, self, waiting);
  if (problem == NULL)
    self->record = _oai_mock_response_create (&call, &problem);
  if (problem != NULL)
    g_ptr_array_add (self->texts, _oai_mock_lane_error_text (problem, self->id));
  else
    {
      g_autoptr (JsonArray) events = _oai_mock_response_events (oai_mock_get_object (self->record, "response"));

      add_events (self, events, _oai_mock_response_obfuscates (call.body));
    }
  json_object_unref (call.body);
}

/* The chunks of a scripted reply are messages. Events are sent without their names. */
static void
take_script (OaiMockLane *self, OaiMockReply *scripted)
{
  if (scripted->status >= 400)
    g_ptr_array_add (self->texts, _oai_mock_lane_error_text (scripted, self->id));
  for (guint i = 0; scripted->status < 400 && i < scripted->chunks->len; i++)
    {
      gsize length;
      const char *data = g_bytes_get_data (g_ptr_array_index (scripted->chunks, i), &length);
      g_autofree char *text = g_strndup (data, length);
      const char *event = g_str_has_prefix (text, "event: ") || g_str_has_prefix (text, "data: ") ? strstr (text, "data: ") : NULL;

      g_ptr_array_add (self->texts, event != NULL ? g_strndup (event + 6, strcspn (event + 6, "\n")) : g_steal_pointer (&text));
    }
}

static void
begin (OaiMockLane *self, Waiting *waiting)
{
  g_clear_pointer (&self->record, json_object_unref);
  g_ptr_array_set_size (self->texts, 0);
  self->next = 0;
  if (waiting->scripted != NULL && !waiting->scripted->pass)
    take_script (self, waiting->scripted);
  else
    generate (self, waiting);
  waiting_free (waiting);
}

/* The text of the next message to send, or NULL if there is none. */
char *
_oai_mock_lane_next (OaiMockLane *self)
{
  while (self->next == self->texts->len && !g_queue_is_empty (&self->waiting))
    begin (self, g_queue_pop_head (&self->waiting));
  if (self->next == self->texts->len)
    return NULL;

  return g_strdup (g_ptr_array_index (self->texts, self->next++));
}
