/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-response-stream.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-response-accumulator-private.h"
#include "oai-responses-endpoint.h"

gboolean
oai_response_stream_add_event (OaiStream *self, const char *name, OaiJsonDoc *doc, OaiJsonNode event, GError **error)
{
  return oai_response_accumulator_add (oai_stream_get_state (self), name, doc, event, error);
}

static gboolean
check (OaiStream *self, OaiJsonDoc *doc, OaiJsonNode event, GError **error)
{
  return oai_response_accumulator_check (oai_stream_get_state (self), doc, event, error);
}

/* Some servers omit members that each response has. */
static gboolean
is_reply (OaiJsonDoc *doc, OaiJsonNode object)
{
  OaiJsonNode kind = oai_json_get_member (doc, object, "object");

  if (oai_json_get_type (doc, oai_json_get_member (doc, object, "output")) == OAI_JSON_ARRAY)
    return TRUE;
  if (oai_json_get_type (doc, kind) > OAI_JSON_NULL)
    return g_strcmp0 (oai_json_get_string (doc, kind, NULL), "response") == 0;

  return oai_json_get_type (doc, oai_json_get_member (doc, object, "status")) == OAI_JSON_STRING
         || oai_json_get_type (doc, oai_json_get_member (doc, object, "id")) == OAI_JSON_STRING;
}

/* Adds an event about an item or a text.  Takes ownership of the value. */
static void
add_event (OaiStream *self, const char *name, gint64 output_index, gint64 content_index, const char *member, OaiJsonValue *value)
{
  OaiJsonValue *event = oai_json_value_new_object ();

  oai_json_value_set_member (event, "output_index", oai_json_value_new_int (output_index));
  if (content_index >= 0)
    oai_json_value_set_member (event, "content_index", oai_json_value_new_int (content_index));
  oai_json_value_set_member (event, member, value);
  oai_stream_add_event (self, name, event);
}

/* Adds the events for the texts of a message. */
static void
split_content (OaiStream *self, OaiJsonDoc *doc, OaiJsonNode content, gint64 output_index)
{
  static const char *const members[] = { "text", "refusal" };
  static const char *const names[] = { "response.output_text.delta", "response.refusal.delta" };
  gint64 index = 0;
  OaiJsonIter iter;
  OaiJsonNode part;

  for (oai_json_iter_init (&iter, doc, content); oai_json_iter_next (&iter, NULL, &part); index++)
    for (guint i = 0; i < G_N_ELEMENTS (members); i++)
      {
        OaiJsonNode text = oai_json_get_member (doc, part, members[i]);

        if (oai_json_get_type (doc, text) == OAI_JSON_STRING)
          add_event (self, names[i], output_index, index, "delta", oai_json_value_new_from_node (doc, text));
      }
}

static void
split_output (OaiStream *self, OaiJsonDoc *doc, OaiJsonNode output)
{
  gint64 index = 0;
  OaiJsonIter iter;
  OaiJsonNode item;

  if (oai_json_get_type (doc, output) != OAI_JSON_ARRAY)
    return;

  oai_json_iter_init (&iter, doc, output);
  while (oai_json_iter_next (&iter, NULL, &item))
    {
      OaiJsonNode content = oai_json_get_member (doc, item, "content");

      if (oai_json_get_type (doc, item) != OAI_JSON_OBJECT)
        continue;
      if (g_strcmp0 (oai_json_get_string (doc, oai_json_get_member (doc, item, "type"), NULL), "message") == 0
          && oai_json_get_type (doc, content) == OAI_JSON_ARRAY)
        split_content (self, doc, content, index);
      add_event (self, "response.output_item.done", index++, -1, "item", oai_json_value_new_from_node (doc, item));
    }
}

/* Converts a response to events: the texts, the items, and the status. */
static gboolean
split_reply (OaiStream *self, OaiJsonDoc *doc, OaiJsonNode reply, GError **error)
{
  const char *status = oai_json_get_string (doc, oai_json_get_member (doc, reply, "status"), NULL);
  g_autofree char *name = g_strconcat ("response.", status, NULL);
  OaiJsonValue *event;

  if (!oai_response_accumulator_check_response (oai_stream_get_state (self), doc, reply, error))
    return FALSE;

  event = oai_json_value_new_object ();
  split_output (self, doc, oai_json_get_member (doc, reply, "output"));
  oai_json_value_set_member (event, "response", oai_json_value_new_from_node (doc, reply));
  oai_stream_add_event (self, oai_response_event_table_find (name) != NULL ? name : "response.completed", event);

  return TRUE;
}

static gboolean
complete (OaiStream *self, OaiStreamEnd end, GError **error)
{
  OaiResponseAccumulator *state = oai_stream_get_state (self);

  if (state->ended || end == OAI_STREAM_END_DONE)
    return TRUE;

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INCOMPLETE, _("The server ended the stream before the response was complete"));

  return FALSE;
}

static gboolean
build_result (OaiStream *self, OaiJsonBuilder *builder)
{
  return oai_response_accumulator_build (oai_stream_get_state (self), builder);
}

/* Continuing */

/* A response that the server generates in the background can be continued after any event. */
static OaiStream *
resume (OaiStream *self)
{
  OaiResponseAccumulator *state = oai_stream_get_state (self);
  g_autoptr(OaiRecord) response = oai_stream_dup_result (self);
  g_autoptr(OaiResponseQuery) query = NULL;

  if (response == NULL || state->ended || state->sequence_number < 0 || !oai_response_get_background (OAI_RESPONSE (response)))
    return NULL;

  state->resumed = TRUE;
  query = oai_response_query_new ();
  oai_response_query_set_starting_after (query, state->sequence_number);

  return OAI_STREAM (oai_response_retrieve_stream (OAI_RESPONSE (response), query));
}

static gboolean
may_repeat (OaiStream *self)
{
  OaiResponseAccumulator *state = oai_stream_get_state (self);

  return state->resumed || state->starting_after >= 0;
}

static OaiStreamEventAge
get_age (OaiStream *self, OaiJsonDoc *doc, OaiJsonNode event)
{
  OaiResponseAccumulator *state = oai_stream_get_state (self);
  gint64 number;

  /* It is handled, although its numbers may be those of earlier events, so that the stream fails. */
  if (oai_response_accumulator_is_other (state, doc, oai_json_get_member (doc, event, "response")))
    return OAI_STREAM_EVENT_UNKNOWN;
  if (!oai_json_get_int (doc, oai_json_get_member (doc, event, "sequence_number"), &number))
    return OAI_STREAM_EVENT_UNKNOWN;
  if (number <= state->sequence_number)
    return OAI_STREAM_EVENT_REPEATED;

  return number <= state->starting_after ? OAI_STREAM_EVENT_EARLIER : OAI_STREAM_EVENT_NEW;
}

const OaiStreamHooks oai_response_stream_hooks = {
  .state_size = sizeof (OaiResponseAccumulator),
  .init_state = oai_response_accumulator_init,
  .clear_state = oai_response_accumulator_clear,
  .check = check,
  .finds_errors = TRUE,
  .is_reply = is_reply,
  .split_reply = split_reply,
  .complete = complete,
  .build_result = build_result,
  .resume = resume,
  .may_repeat = may_repeat,
  .get_age = get_age,
};

/**
 * oai_response_stream_get_text:
 * @self: a stream
 * @output_index: index of an item in the output
 * @content_index: index of a part in the content of the item; 0 for most messages
 *
 * Gets a text of a message as far as it has arrived.
 *
 * Returns: (nullable) (transfer none): the text, or %NULL if there is none; valid until the next
 *   event
 *
 * Since: 1.0
 */
const char *
oai_response_stream_get_text (OaiResponseStream *self, guint output_index, guint content_index)
{
  OaiResponseItemState *item;
  int position;

  g_return_val_if_fail (OAI_IS_RESPONSE_STREAM (self), NULL);

  item = oai_response_accumulator_get_item (oai_stream_get_state (OAI_STREAM (self)), output_index);
  position = item != NULL ? oai_response_item_state_find_part (item, OAI_RESPONSE_LIST_CONTENT, content_index) : -1;
  if (position < 0)
    return NULL;

  return oai_json_value_get_string (oai_json_value_get_member (oai_response_item_state_get_part_value (item, OAI_RESPONSE_LIST_CONTENT, position), "text"), NULL);
}

/**
 * oai_response_stream_get_phase:
 * @self: a stream
 * @output_index: index of an item in the output
 *
 * Gets what a message is for: `commentary` is a comment about the work of the model, and
 * `final_answer` is the answer. Only some models set it.
 *
 * Returns: (nullable) (transfer none): the phase, or %NULL if there is none; valid until the next
 *   event
 *
 * Since: 1.0
 */
const char *
oai_response_stream_get_phase (OaiResponseStream *self, guint output_index)
{
  OaiResponseItemState *item;

  g_return_val_if_fail (OAI_IS_RESPONSE_STREAM (self), NULL);

  item = oai_response_accumulator_get_item (oai_stream_get_state (OAI_STREAM (self)), output_index);

  return item != NULL ? oai_response_item_state_get_string (item, "phase") : NULL;
}

/**
 * oai_response_stream_dup_item:
 * @self: a stream
 * @output_index: index of an item in the output
 *
 * Gets an item of the output as far as it has arrived.
 *
 * Returns: (nullable) (transfer full): the item, or %NULL if there is none
 *
 * Since: 1.0
 */
OaiResponseItem *
oai_response_stream_dup_item (OaiResponseStream *self, guint output_index)
{
  OaiResponseItemState *item;
  GString *json;

  g_return_val_if_fail (OAI_IS_RESPONSE_STREAM (self), NULL);

  item = oai_response_accumulator_get_item (oai_stream_get_state (OAI_STREAM (self)), output_index);
  if (item == NULL)
    return NULL;

  json = g_string_new (NULL);
  oai_json_write_value (json, item->value);

  return OAI_RESPONSE_ITEM (oai_stream_new_record (OAI_STREAM (self), OAI_TYPE_RESPONSE_ITEM, g_string_free (json, FALSE)));
}

/**
 * oai_response_stream_get_sequence_number:
 * @self: a stream
 *
 * Gets the number of the newest event. With it, a program can continue the stream of a response that
 * is generated in the background later; see [method@Oai.ResponseStream.set_starting_after].
 *
 * Returns: the number; -1 if there is none, since no event has arrived or the server does not number
 *   them
 *
 * Since: 1.0
 */
gint64
oai_response_stream_get_sequence_number (OaiResponseStream *self)
{
  g_return_val_if_fail (OAI_IS_RESPONSE_STREAM (self), -1);

  return ((OaiResponseAccumulator *) oai_stream_get_state (OAI_STREAM (self)))->sequence_number;
}

/**
 * oai_response_stream_set_starting_after:
 * @self: a stream that has not been started
 * @sequence_number: the number of the last event that the program has handled; -1 for none
 *
 * Sets after which event the stream reports events. Earlier events are not reported: they only
 * complete the response and the items. Use this with [method@Oai.ResponsesEndpoint.retrieve_stream]
 * without a query, which sends all events again.
 *
 * [method@Oai.ResponseQuery.set_starting_after] instead omits the earlier events, so that less is
 * transferred, but the items are incomplete until they end.
 *
 * Since: 1.0
 */
void
oai_response_stream_set_starting_after (OaiResponseStream *self, gint64 sequence_number)
{
  g_return_if_fail (OAI_IS_RESPONSE_STREAM (self));
  g_return_if_fail (oai_stream_get_call (OAI_STREAM (self)) == NULL);

  ((OaiResponseAccumulator *) oai_stream_get_state (OAI_STREAM (self)))->starting_after = sequence_number;
}
