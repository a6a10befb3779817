/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Signals of parts of messages and of tool calls.  The API has no events for the beginning and the
 * end of a part or a call: they are derived from the indexes of the deltas. */

#include "oai-run-stream-private.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"

/* More than the number of parts of a message. */
#define MAX_INDEX 1024

typedef struct
{
  gboolean ended;   /* according to the newest event of the run */
  gboolean is_whole; /* the run arrived as one whole reply */
  char *message_id; /* of the incomplete message, or NULL */
  gint64 part;      /* index of the incomplete part of the message; -1 for none */
  char *step_id;    /* of the step of the call, or NULL */
  gint64 call;      /* index of the incomplete tool call; -1 for none */
} RunState;

static void
init_state (OaiStream *self, gpointer state)
{
  ((RunState *) state)->part = -1;
  ((RunState *) state)->call = -1;
}

static void
clear_state (gpointer state)
{
  g_free (((RunState *) state)->message_id);
  g_free (((RunState *) state)->step_id);
}

/* Values */

static OaiRecord *
new_record (OaiStream *self, GType type, OaiJsonValue *value)
{
  GString *json = g_string_new (NULL);

  oai_json_write_value (json, value);

  return oai_stream_new_record (self, type, g_string_free (json, FALSE));
}

static void
emit_record (OaiStream *self, guint signal, GType type, OaiJsonValue *value)
{
  g_autoptr(OaiRecord) record = NULL;

  if (!oai_stream_wants (self, signal))
    return;

  record = new_record (self, type, value);
  oai_stream_emit (self, signal, record);
}

static void
emit_delta (OaiStream *self, guint signal, GType delta_type, OaiJsonDoc *doc, OaiJsonNode delta, GType type, OaiJsonValue *value)
{
  g_autoptr(OaiJsonValue) copy = NULL;
  g_autoptr(OaiRecord) delta_record = NULL;
  g_autoptr(OaiRecord) record = NULL;

  if (!oai_stream_wants (self, signal))
    return;

  copy = oai_json_value_new_from_node (doc, delta);
  delta_record = new_record (self, delta_type, copy);
  record = new_record (self, type, value);
  oai_stream_emit (self, signal, delta_record, record);
}

static const char *
get_string (OaiJsonValue *object, const char *name)
{
  return oai_json_value_get_string (oai_json_value_get_member (object, name), NULL);
}

static const char *
get_id (OaiJsonDoc *doc, OaiJsonNode event, GError **error)
{
  const char *id = oai_json_get_string (doc, oai_json_get_member (doc, event, "id"), NULL);

  if (id != NULL && *id != '\0')
    return id;

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent an event of a run without an identifier"));

  return NULL;
}

static gboolean
read_index (OaiJsonDoc *doc, OaiJsonNode element, gint64 *index)
{
  OaiJsonNode node = oai_json_get_member (doc, element, "index");

  return oai_json_get_type (doc, node) != OAI_JSON_BOOLEAN && oai_json_get_int (doc, node, index) && *index >= 0 && *index <= MAX_INDEX;
}

static gboolean
check_indexes (OaiJsonDoc *doc, OaiJsonNode array, GError **error)
{
  OaiJsonIter iter;
  OaiJsonNode element;
  gint64 index;

  oai_json_iter_init (&iter, doc, array);
  while (oai_json_iter_next (&iter, NULL, &element))
    if (!read_index (doc, element, &index))
      {
        g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent part of a run with an invalid index"));
        return FALSE;
      }

  return TRUE;
}

/* Returns the element with this index, or at this position if it has no index; the newest one of
 * several. */
static OaiJsonValue *
find_indexed (OaiJsonValue *array, gint64 index)
{
  OaiJsonValue *found = NULL;

  for (guint i = 0; oai_json_value_get_type (array) == OAI_JSON_ARRAY && i < oai_json_value_get_size (array); i++)
    {
      OaiJsonValue *element = oai_json_value_get_element (array, i);
      gint64 own = i;

      oai_json_value_get_int (oai_json_value_get_member (element, "index"), &own);
      if (own == index)
        found = element;
    }

  return found;
}

/* Messages */

static const char *
get_part_text (OaiJsonValue *part)
{
  const char *text = get_string (oai_json_value_get_member (part, "text"), "value");

  return text != NULL ? text : "";
}

static void
finish_part (OaiStream *self, OaiJsonValue *part)
{
  RunState *state = oai_stream_get_state (self);
  const char *type = get_string (part, "type");
  OaiJsonValue *file = oai_json_value_get_member (part, "image_file");
  guint index = state->part;
  g_autoptr(OaiRecord) record = NULL;

  state->part = -1;
  if (g_strcmp0 (type, "text") == 0)
    oai_stream_emit (self, RUN_STREAM__TEXT_DONE, get_part_text (part), index);
  else if (g_strcmp0 (type, "image_file") == 0 && file != NULL && oai_stream_wants (self, RUN_STREAM__IMAGE_FILE_DONE))
    {
      record = new_record (self, OAI_TYPE_THREAD_IMAGE_FILE, file);
      oai_stream_emit (self, RUN_STREAM__IMAGE_FILE_DONE, record, index);
    }
}

gboolean
oai_run_stream_begin_message (OaiStream *self, const char *name, OaiJsonDoc *doc, OaiJsonNode event, GError **error)
{
  RunState *state = oai_stream_get_state (self);
  const char *id = get_id (doc, event, error);

  if (id == NULL)
    return FALSE;
  if (state->message_id != NULL || oai_stream_find_value (self, "messages[id]", doc, event) != NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server began a message twice, or before another one was complete"));
      return FALSE;
    }

  state->message_id = g_strdup (id);
  state->part = -1;

  return TRUE;
}

static OaiJsonNode
get_delta_content (OaiJsonDoc *doc, OaiJsonNode event)
{
  return oai_json_get_member (doc, oai_json_get_member (doc, event, "delta"), "content");
}

static gboolean
is_being_written (OaiStream *self, const char *id)
{
  RunState *state = oai_stream_get_state (self);

  return g_strcmp0 (state->message_id, id) == 0;
}

gboolean
oai_run_stream_check_message (OaiStream *self, const char *name, OaiJsonDoc *doc, OaiJsonNode event, GError **error)
{
  const char *id = get_id (doc, event, error);

  if (id == NULL)
    return FALSE;
  if (is_being_written (self, id))
    return TRUE;

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent content of a message that has not begun"));

  return FALSE;
}

static void
report_parts (OaiStream *self, OaiJsonValue *held, OaiJsonDoc *doc, OaiJsonNode content)
{
  RunState *state = oai_stream_get_state (self);
  OaiJsonIter iter;
  OaiJsonNode element;
  gint64 index;

  oai_json_iter_init (&iter, doc, content);
  while (oai_json_iter_next (&iter, NULL, &element))
    {
      OaiJsonNode text = oai_json_get_member (doc, element, "text");

      read_index (doc, element, &index);
      if (oai_json_get_type (doc, text) == OAI_JSON_OBJECT)
        {
          gsize length = 0;
          const char *value = oai_json_get_string (doc, oai_json_get_member (doc, text, "value"), &length);
          const guint indexes[OAI_STREAM_MAX_INDEXES] = { index };

          oai_stream_emit_text (self, RUN_STREAM__TEXT_DELTA, value != NULL ? value : "", length, indexes);
        }
      if (index != state->part && state->part >= 0)
        finish_part (self, find_indexed (held, state->part));
      state->part = index;
    }
}

static void
report_new_parts (OaiStream *self, OaiJsonValue *held, OaiJsonDoc *doc, OaiJsonNode content, const gboolean *known)
{
  OaiJsonIter iter;
  OaiJsonNode element;
  gint64 index;

  oai_json_iter_init (&iter, doc, content);
  for (guint i = 0; oai_json_iter_next (&iter, NULL, &element); i++)
    if (!known[i] && read_index (doc, element, &index) && g_strcmp0 (get_string (find_indexed (held, index), "type"), "text") == 0)
      oai_stream_emit (self, RUN_STREAM__TEXT_CREATED, (guint) index);
}

static gboolean *
find_known_parts (OaiJsonValue *held, OaiJsonDoc *doc, OaiJsonNode content)
{
  gboolean *known = g_new0 (gboolean, oai_json_get_size (doc, content) + 1);
  OaiJsonIter iter;
  OaiJsonNode element;
  gint64 index;

  oai_json_iter_init (&iter, doc, content);
  for (guint i = 0; oai_json_iter_next (&iter, NULL, &element); i++)
    known[i] = read_index (doc, element, &index) && find_indexed (held, index) != NULL;

  return known;
}

gboolean
oai_run_stream_add_message_delta (OaiStream *self, const char *name, OaiJsonDoc *doc, OaiJsonNode event, GError **error)
{
  OaiJsonNode content = get_delta_content (doc, event);
  g_autofree gboolean *known = NULL;
  const char *id = get_id (doc, event, error);
  OaiJsonValue *message, *held;

  /* An empty delta of another message can be ignored. */
  if (id != NULL && oai_json_get_size (doc, content) == 0 && !is_being_written (self, id))
    return TRUE;
  if (id == NULL || !oai_run_stream_check_message (self, name, doc, event, error))
    return FALSE;
  if (!check_indexes (doc, content, error))
    return FALSE;

  message = oai_stream_find_value (self, "messages[id]", doc, event);
  held = oai_json_value_get_member (message, "content");
  if (oai_json_value_get_type (held) != OAI_JSON_ARRAY && oai_json_get_type (doc, content) == OAI_JSON_ARRAY)
    held = oai_json_value_set_member (message, "content", oai_json_value_new_array ());
  known = find_known_parts (held, doc, content);
  if (oai_json_get_type (doc, content) == OAI_JSON_ARRAY && !oai_json_value_accumulate (held, doc, content, error))
    return FALSE;

  report_new_parts (self, held, doc, content, known);
  emit_delta (self, RUN_STREAM__MESSAGE_DELTA, OAI_TYPE_THREAD_MESSAGE_DELTA, doc, event, OAI_TYPE_THREAD_MESSAGE, message);
  report_parts (self, held, doc, content);

  return TRUE;
}

gboolean
oai_run_stream_end_message (OaiStream *self, const char *name, OaiJsonDoc *doc, OaiJsonNode event, GError **error)
{
  RunState *state = oai_stream_get_state (self);
  g_autoptr(OaiJsonValue) final = NULL;

  if (!oai_run_stream_check_message (self, name, doc, event, error))
    return FALSE;

  if (state->part >= 0)
    {
      final = oai_json_value_new_from_node (doc, oai_json_get_member (doc, event, "content"));
      finish_part (self, find_indexed (final, state->part));
    }
  g_clear_pointer (&state->message_id, g_free);

  return TRUE;
}

/* Steps */

static OaiJsonValue *
get_call (OaiJsonValue *step, gint64 index)
{
  OaiJsonValue *details = oai_json_value_get_member (step, "step_details");

  return oai_json_value_get_type (details) == OAI_JSON_OBJECT ? find_indexed (oai_json_value_get_member (details, "tool_calls"), index) : NULL;
}

static OaiJsonValue *
find_step (OaiStream *self, const char *id)
{
  OaiJsonValue *steps = oai_json_value_get_member (oai_stream_get_reply (self), "steps");

  return steps != NULL && id != NULL ? oai_json_value_find_element (steps, "id", id) : NULL;
}

static void
finish_call (OaiStream *self)
{
  RunState *state = oai_stream_get_state (self);
  OaiJsonValue *call = state->call >= 0 ? get_call (find_step (self, state->step_id), state->call) : NULL;

  state->call = -1;
  if (call != NULL)
    emit_record (self, RUN_STREAM__TOOL_CALL_DONE, OAI_TYPE_RUN_STEP_TOOL_CALL, call);
}

static void
report_calls (OaiStream *self, const char *id, OaiJsonValue *step, OaiJsonDoc *doc, OaiJsonNode calls)
{
  RunState *state = oai_stream_get_state (self);
  OaiJsonIter iter;
  OaiJsonNode element;
  gint64 index;

  oai_json_iter_init (&iter, doc, calls);
  while (oai_json_iter_next (&iter, NULL, &element))
    {
      OaiJsonValue *call;

      read_index (doc, element, &index);
      call = get_call (step, index);
      if (g_strcmp0 (state->step_id, id) == 0 && index == state->call)
        {
          emit_delta (self, RUN_STREAM__TOOL_CALL_DELTA, OAI_TYPE_RUN_STEP_TOOL_CALL, doc, element, OAI_TYPE_RUN_STEP_TOOL_CALL, call);
          continue;
        }

      finish_call (self);
      g_free (state->step_id);
      state->step_id = g_strdup (id);
      state->call = index;
      if (call != NULL)
        emit_record (self, RUN_STREAM__TOOL_CALL_CREATED, OAI_TYPE_RUN_STEP_TOOL_CALL, call);
    }
}

gboolean
oai_run_stream_check_step (OaiStream *self, const char *name, OaiJsonDoc *doc, OaiJsonNode event, GError **error)
{
  return get_id (doc, event, error) != NULL;
}

gboolean
oai_run_stream_change_step (OaiStream *self, const char *name, OaiJsonDoc *doc, OaiJsonNode event, GError **error)
{
  RunState *state = oai_stream_get_state (self);
  const char *id = get_id (doc, event, error);

  if (id != NULL && g_strcmp0 (state->step_id, id) == 0)
    finish_call (self);

  return id != NULL;
}

gboolean
oai_run_stream_add_step_delta (OaiStream *self, const char *name, OaiJsonDoc *doc, OaiJsonNode event, GError **error)
{
  OaiJsonNode delta = oai_json_get_member (doc, event, "delta");
  OaiJsonNode calls = oai_json_get_member (doc, oai_json_get_member (doc, delta, "step_details"), "tool_calls");
  const char *id = get_id (doc, event, error);
  OaiJsonValue *step = id != NULL ? find_step (self, id) : NULL;

  if (id == NULL)
    return FALSE;
  if (step == NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent content of a step that has not begun"));
      return FALSE;
    }
  if (!check_indexes (doc, calls, error))
    return FALSE;
  if (oai_json_get_type (doc, delta) == OAI_JSON_OBJECT && !oai_json_value_accumulate (step, doc, delta, error))
    return FALSE;

  report_calls (self, id, step, doc, calls);
  emit_delta (self, RUN_STREAM__RUN_STEP_DELTA, OAI_TYPE_RUN_STEP_DELTA, doc, event, OAI_TYPE_RUN_STEP, step);

  return TRUE;
}

/* The run */

static gboolean
is_over (const char *status, gboolean ended)
{
  static const char *const moving[] = { "queued", "in_progress", "cancelling", NULL };

  return status != NULL ? !g_strv_contains (moving, status) : ended;
}

gboolean
oai_run_stream_change_run (OaiStream *self, const char *name, OaiJsonDoc *doc, OaiJsonNode event, GError **error)
{
  static const char *const ends[] = { "requires_action", "completed", "incomplete", "failed", "cancelled", "expired", NULL };
  RunState *state = oai_stream_get_state (self);

  state->ended = g_strv_contains (ends, name + strlen ("thread.run."));
  if (is_over (oai_json_get_string (doc, oai_json_get_member (doc, event, "status"), NULL), state->ended))
    finish_call (self);

  return TRUE;
}

gboolean
oai_run_stream_report_action (OaiStream *self, const char *name, OaiJsonDoc *doc, OaiJsonNode event, GError **error)
{
  OaiJsonValue *run = oai_json_value_get_member (oai_stream_get_reply (self), "run");

  if (g_strcmp0 (get_string (run, "status"), "requires_action") == 0)
    emit_record (self, RUN_STREAM__REQUIRES_ACTION, OAI_TYPE_RUN, run);

  return TRUE;
}

/* Converts the run to the event that reports its status. */
static gboolean
split_reply (OaiStream *self, OaiJsonDoc *doc, OaiJsonNode reply, GError **error)
{
  const char *status = oai_json_get_string (doc, oai_json_get_member (doc, reply, "status"), NULL);
  g_autofree char *name = NULL;

  if (status != NULL && *status != '\0' && strspn (status, "abcdefghijklmnopqrstuvwxyz_") == strlen (status))
    name = g_strconcat ("thread.run.", status, NULL);
  ((RunState *) oai_stream_get_state (self))->is_whole = TRUE;
  oai_stream_add_event (self, name != NULL ? name : "thread.run.created", oai_json_value_new_from_node (doc, reply));

  return TRUE;
}

/* Returns whether the stream may end.  A run that has begun must be over.  If the program reads the
 * chunks itself, an end marker is enough, and so is the end of a stream without events of a run. */
static gboolean
may_end (OaiStream *self, OaiStreamEnd end)
{
  if (!oai_stream_is_pulled (self))
    return FALSE;

  return end == OAI_STREAM_END_DONE || (oai_stream_has_begun (self) && oai_json_value_get_size (oai_stream_get_reply (self)) == 0);
}

/* Fails for replies such as the page of a proxy, since the content type explains more than a
 * missing run. */
static gboolean
set_foreign_error (OaiStream *self, GError **error)
{
  OaiCall *call = oai_stream_get_call (self);
  const char *type = call != NULL ? oai_call_get_header (call, "content-type") : NULL;

  if (oai_stream_has_begun (self) || type == NULL || strstr (type, "json") != NULL || g_str_has_prefix (type, "text/event-stream"))
    return FALSE;

  /* Translators: %s is a content type, such as text/html. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent “%s” instead of the events of a run"), type);

  return TRUE;
}

static gboolean
complete (OaiStream *self, OaiStreamEnd end, GError **error)
{
  RunState *state = oai_stream_get_state (self);
  OaiJsonValue *run = oai_json_value_get_member (oai_stream_get_reply (self), "run");

  if (state->is_whole || is_over (get_string (run, "status"), state->ended) || may_end (self, end))
    return TRUE;

  if (!set_foreign_error (self, error))
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INCOMPLETE, _("The server ended the stream before the run was over"));

  return FALSE;
}

const OaiStreamHooks oai_run_stream_hooks = {
  .state_size = sizeof (RunState),
  .init_state = init_state,
  .clear_state = clear_state,
  .split_reply = split_reply,
  .complete = complete,
};
