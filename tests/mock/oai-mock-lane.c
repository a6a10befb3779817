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

  Waiting *current;
  JsonObject *record;
  JsonArray *steers; /* for the current response */
  GPtrArray *texts; /* what is sent for the current message, before the chunks of a scripted reply */
  guint next;
  GPtrArray *chunks;
  guint next_chunk;
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
  self->steers = json_array_new ();
  self->texts = g_ptr_array_new_with_free_func (g_free);
  g_queue_init (&self->waiting);

  return self;
}

void
_oai_mock_lane_free (OaiMockLane *self)
{
  g_queue_clear_full (&self->waiting, (GDestroyNotify) waiting_free);
  g_clear_pointer (&self->current, waiting_free);
  g_clear_pointer (&self->record, json_object_unref);
  g_clear_pointer (&self->steers, json_array_unref);
  g_clear_pointer (&self->texts, g_ptr_array_unref);
  g_clear_pointer (&self->chunks, g_ptr_array_unref);
  g_free (self->id);
  g_free (self);
}

const char *
_oai_mock_lane_get_id (OaiMockLane *self)
{
  return self->id;
}

/* The id of the response that is being sent, or NULL. */
const char *
_oai_mock_lane_get_response_id (OaiMockLane *self)
{
  return self->record != NULL && self->next < self->texts->len ? oai_mock_get_string (self->record, "id") : NULL;
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

/* The text of a message for an error reply. @checked is NULL if the reply is scripted. */
char *
_oai_mock_lane_error_text (OaiMockService *checked, OaiMockReply *problem, const char *lane)
{
  g_autofree char *text = _oai_mock_reply_dup_text (problem);
  g_autoptr (JsonNode) node = oai_mock_parse (text, -1, NULL);
  JsonObject *error = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? oai_mock_get_object (json_node_get_object (node), "error") : NULL;
  g_autoptr (JsonObject) message = oai_mock_object ("type:s", "error", "status:i", problem->status, NULL);

  oai_mock_object_set (message, "error:o", error != NULL ? json_object_ref (error) : oai_mock_object ("type:s", "server_error", "code:z", "param:z", "message:s", text, NULL), NULL);
  if (lane != NULL)
    oai_mock_object_set (message, "stream_id:s", lane, NULL);
  if (checked != NULL)
    _oai_mock_service_check_message_reply (checked, message);

  return oai_mock_object_to_text (message);
}

/* Takes @text. */
static void
add_text (OaiMockLane *self, char *text)
{
  OaiMockReply *const faults[] = { self->lanes->fault, self->current->scripted };

  for (guint i = 0; i < G_N_ELEMENTS (faults) && text != NULL; i++)
    if (faults[i] != NULL)
      text = _oai_mock_reply_edit (faults[i], text);
  if (text != NULL)
    g_ptr_array_add (self->texts, text);
}

/* Takes @event. */
static void
add_event (OaiMockLane *self, JsonObject *event)
{
  if (self->id != NULL)
    oai_mock_object_set (event, "stream_id:s", self->id, NULL);
  _oai_mock_service_check_message_reply (self->lanes->service, event);
  add_text (self, oai_mock_object_to_text (event));
  json_object_unref (event);
}

static void
write_events (OaiMockLane *self)
{
  g_autoptr (JsonArray) events = _oai_mock_response_events (oai_mock_get_object (self->record, "response"));
  gboolean obfuscate = _oai_mock_response_obfuscates (self->current->message);

  g_ptr_array_set_size (self->texts, 0);
  for (guint i = 0; i < json_array_get_length (events); i++)
    {
      JsonObject *event = json_array_get_object_element (events, i);

      add_event (self, obfuscate ? _oai_mock_response_event_obfuscate (event) : oai_mock_object_copy (event));
    }
}

/* Puts the input that waits for the continuation of the previous response before that of the request. */
static void
add_pending_input (OaiMockLane *self, JsonObject *body)
{
  const char *previous = oai_mock_get_string (body, "previous_response_id");
  JsonArray *steers = previous != NULL ? g_hash_table_lookup (self->lanes->pending, previous) : NULL;
  JsonArray *input;

  if (steers == NULL)
    return;
  input = json_array_new ();
  for (guint i = 0; i < json_array_get_length (steers); i++)
    _oai_mock_steer_append (input, oai_mock_member (json_array_get_object_element (steers, i), "input"));
  _oai_mock_steer_append (input, oai_mock_member (body, "input"));
  oai_mock_object_set (body, "input:a", input, NULL);
  g_hash_table_remove (self->lanes->pending, previous);
}

static void
generate (OaiMockLane *self)
{
  g_autoptr (OaiMockReply) problem = _oai_mock_service_check_message (self->lanes->service, self->current->request, self->current->message);
  g_autoptr (JsonObject) body = oai_mock_object_copy (self->current->message);
  OaiMockCall call = { .server = self->lanes->server, .store = self->lanes->server->store, .request = self->current->request, .template = "/responses",
                       .body = body, .collection = self->lanes->collection };

  json_object_remove_member (body, "type");
  json_object_remove_member (body, "stream_id");
  if (problem == NULL)
    {
      add_pending_input (self, body);
      self->record = _oai_mock_response_create (&call, &problem);
    }
  if (problem != NULL)
    add_text (self, _oai_mock_lane_error_text (self->lanes->service, problem, self->id));
  else
    write_events (self);
}

/* The chunks of a scripted reply are messages. */
static void
take_script (OaiMockLane *self, OaiMockReply *scripted)
{
  if (scripted->status >= 400)
    g_ptr_array_add (self->texts, _oai_mock_lane_error_text (NULL, scripted, self->id));
  else
    self->chunks = g_ptr_array_ref (scripted->chunks);
}

/* The text of the next chunk. Events are sent without their names. */
static char *
take_chunk (OaiMockLane *self)
{
  gsize length;
  const char *data = g_bytes_get_data (g_ptr_array_index (self->chunks, self->next_chunk++), &length);
  g_autofree char *text = g_strndup (data, length);
  const char *event = g_str_has_prefix (text, "event: ") || g_str_has_prefix (text, "data: ") ? strstr (text, "data: ") : NULL;

  return event != NULL ? g_strndup (event + 6, strcspn (event + 6, "\n")) : g_steal_pointer (&text);
}

/* Takes @waiting. */
static void
begin (OaiMockLane *self, Waiting *waiting)
{
  g_clear_pointer (&self->current, waiting_free);
  g_clear_pointer (&self->record, json_object_unref);
  g_clear_pointer (&self->chunks, g_ptr_array_unref);
  g_ptr_array_set_size (self->texts, 0);
  self->next = 0;
  self->next_chunk = 0;
  self->current = waiting;
  if (waiting->scripted != NULL && !waiting->scripted->pass)
    take_script (self, waiting->scripted);
  else
    generate (self);
}

/* Steering */

static guint
count_sent_words (OaiMockLane *self)
{
  guint n = 0;

  for (guint i = 0; i < self->next; i++)
    n += strstr (g_ptr_array_index (self->texts, i), "\"response.output_text.delta\"") != NULL;

  return n;
}

/* Accepts the input for the response that is being sent, and ends that response after the text that was sent. Returns an event. */
JsonObject *
_oai_mock_lane_steer (OaiMockLane *self, JsonObject *message)
{
  JsonObject *response = oai_mock_get_object (self->record, "response");
  JsonObject *steer = oai_mock_object_copy (message);
  g_autofree char *id = g_strdup_printf ("steer_%08u", ++self->lanes->n_steers);
  g_autoptr (JsonArray) items = _oai_mock_steer_required (response);
  JsonObject *event;

  oai_mock_object_set (steer, "id:s", id, NULL);
  json_array_add_object_element (self->steers, steer);
  if (json_array_get_length (items) == 0 && g_strcmp0 (oai_mock_get_string (response, "status"), "completed") == 0)
    {
      _oai_mock_response_cut (response, count_sent_words (self), "steered");
      write_events (self);
    }
  event = _oai_mock_steer_accepted (self->lanes, steer);
  if (self->id != NULL)
    oai_mock_object_set (event, "stream_id:s", self->id, NULL);

  return event;
}

static void
add_successor (OaiMockLane *self)
{
  Waiting *successor = g_new0 (Waiting, 1);
  JsonArray *input = json_array_new ();

  for (guint i = 0; i < json_array_get_length (self->steers); i++)
    _oai_mock_steer_append (input, oai_mock_member (json_array_get_object_element (self->steers, i), "input"));
  successor->request = g_object_ref (self->current->request);
  successor->message = oai_mock_object_copy (self->current->message);
  oai_mock_object_set (successor->message, "input:a", input, "previous_response_id:s", oai_mock_get_string (self->record, "id"), NULL);
  g_queue_push_head (&self->waiting, successor);
}

/* Continues a response whose events have been sent with the input that was accepted for it. */
static void
commit_steers (OaiMockLane *self)
{
  JsonObject *response = oai_mock_get_object (self->record, "response");
  g_autoptr (JsonArray) items = _oai_mock_steer_required (response);
  g_autoptr (JsonArray) steers = json_array_ref (self->steers);
  gboolean failed = g_strcmp0 (oai_mock_get_string (response, "status"), "failed") == 0;
  gboolean pending = json_array_get_length (items) > 0;

  if (!failed && !pending)
    add_successor (self);
  for (guint i = 0; i < json_array_get_length (steers); i++)
    {
      JsonObject *steer = json_array_get_object_element (steers, i);

      if (failed)
        add_event (self, _oai_mock_steer_failed (self->lanes, steer, "successor_creation_failed", "The response has failed."));
      else if (pending)
        add_event (self, _oai_mock_steer_pending (self->lanes, steer, items));
    }
  if (pending && !failed)
    g_hash_table_insert (self->lanes->pending, g_strdup (oai_mock_get_string (self->record, "id")), json_array_ref (steers));
  json_array_unref (self->steers);
  self->steers = json_array_new ();
}

static gboolean
is_at_end (OaiMockLane *self)
{
  return self->next >= self->texts->len && (self->chunks == NULL || self->next_chunk >= self->chunks->len);
}

/* The text of the next message to send, or NULL if there is none. */
char *
_oai_mock_lane_next (OaiMockLane *self)
{
  if (is_at_end (self) && json_array_get_length (self->steers) > 0)
    commit_steers (self);
  while (is_at_end (self) && !g_queue_is_empty (&self->waiting))
    begin (self, g_queue_pop_head (&self->waiting));
  if (is_at_end (self))
    return NULL;

  if (self->next < self->texts->len)
    return g_strdup (g_ptr_array_index (self->texts, self->next++));

  return take_chunk (self);
}
