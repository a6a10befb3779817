/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-run-accumulator-private.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"

/* More parts than any message has, and than anybody should have to hold. */
#define MAX_INDEX 1024

typedef struct
{
  char *id;
  OaiJsonValue *value;
  gboolean done;
} Item;

/* In the order of their creation. */
typedef struct
{
  GPtrArray *list;
  GHashTable *by_id;
} Items;

struct _OaiRunAccumulator
{
  OaiRunNewsFunc func;
  gpointer user_data;
  OaiJsonValue *run;
  gboolean ended;       /* by the name of the event that told of it last */
  OaiJsonValue *thread;
  Items messages;
  Items steps;
  Item *message;        /* the one that is being written, or NULL */
  gint64 part;          /* of the message, whose text is not over; -1 for none */
  Item *step;           /* of the tool call */
  gint64 call;          /* the tool call that is not over; -1 for none */
};

static void
item_free (gpointer data)
{
  Item *item = data;

  g_free (item->id);
  oai_json_value_free (item->value);
  g_free (item);
}

static void
items_init (Items *items)
{
  items->list = g_ptr_array_new_with_free_func (item_free);
  items->by_id = g_hash_table_new (oai_json_hash_name, g_str_equal);
}

static void
items_clear (Items *items)
{
  g_hash_table_unref (items->by_id);
  g_ptr_array_unref (items->list);
}

OaiRunAccumulator *
oai_run_accumulator_new (OaiRunNewsFunc func, gpointer user_data)
{
  OaiRunAccumulator *self = g_new0 (OaiRunAccumulator, 1);

  self->func = func;
  self->user_data = user_data;
  items_init (&self->messages);
  items_init (&self->steps);
  self->part = -1;
  self->call = -1;

  return self;
}

void
oai_run_accumulator_free (OaiRunAccumulator *self)
{
  g_clear_pointer (&self->run, oai_json_value_free);
  g_clear_pointer (&self->thread, oai_json_value_free);
  items_clear (&self->messages);
  items_clear (&self->steps);
  g_free (self);
}

/* Items */

static Item *
ensure_item (Items *items, const char *id)
{
  Item *item = g_hash_table_lookup (items->by_id, id);

  if (item == NULL)
    {
      item = g_new0 (Item, 1);
      item->id = g_strdup (id);
      g_ptr_array_add (items->list, item);
      g_hash_table_insert (items->by_id, item->id, item);
    }

  return item;
}

static void
item_set (Item *item, OaiJsonDoc *doc, OaiJsonNode data)
{
  g_clear_pointer (&item->value, oai_json_value_free);
  item->value = oai_json_value_new_from_node (doc, data);
}

static const char *
get_id (OaiJsonDoc *doc, OaiJsonNode data, GError **error)
{
  const char *id = oai_json_get_string (doc, oai_json_get_member (doc, data, "id"), NULL);

  if (id != NULL && *id != '\0')
    return id;

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent an event of a run without an identifier"));

  return NULL;
}

static void
tell (OaiRunAccumulator *self, OaiRunNewsKind kind, OaiJsonValue *value, guint index)
{
  OaiRunNews news = { kind, value, NULL, OAI_JSON_NONE, NULL, index };

  self->func (&news, self->user_data);
}

static void
tell_delta (OaiRunAccumulator *self, OaiRunNewsKind kind, OaiJsonValue *value, OaiJsonDoc *doc, OaiJsonNode delta)
{
  OaiRunNews news = { kind, value, doc, delta, NULL, 0 };

  self->func (&news, self->user_data);
}

static void
tell_text (OaiRunAccumulator *self, OaiRunNewsKind kind, const char *text, guint index)
{
  OaiRunNews news = { kind, NULL, NULL, OAI_JSON_NONE, text, index };

  self->func (&news, self->user_data);
}

/* Lists whose elements have an index, or else their place. */

static OaiJsonValue *
find_indexed (OaiJsonValue *array, gint64 index)
{
  OaiJsonValue *found = NULL;

  if (array == NULL || oai_json_value_get_type (array) != OAI_JSON_ARRAY)
    return NULL;

  for (guint i = 0; i < oai_json_value_get_size (array); i++)
    {
      OaiJsonValue *element = oai_json_value_get_element (array, i);
      OaiJsonValue *member = oai_json_value_get_member (element, "index");
      gint64 own = i;

      if (member != NULL)
        oai_json_value_get_int (member, &own);
      if (own == index)
        found = element;
    }

  return found;
}

static gboolean
read_index (OaiJsonDoc *doc, OaiJsonNode element, gint64 *index)
{
  OaiJsonNode node = oai_json_get_member (doc, element, "index");

  return oai_json_get_type (doc, node) != OAI_JSON_BOOLEAN && oai_json_get_int (doc, node, index) && *index >= 0 && *index <= MAX_INDEX;
}

static gboolean
check_indices (OaiJsonDoc *doc, OaiJsonNode array, GError **error)
{
  OaiJsonIter iter;
  OaiJsonNode element;
  gint64 index;

  oai_json_iter_init (&iter, doc, array);
  while (oai_json_iter_next (&iter, NULL, &element))
    if (!read_index (doc, element, &index))
      {
        g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent part of a run with an impossible index"));
        return FALSE;
      }

  return TRUE;
}

static const char *
get_string (OaiJsonValue *object, const char *name)
{
  OaiJsonValue *member = object != NULL ? oai_json_value_get_member (object, name) : NULL;

  return member != NULL ? oai_json_value_get_string (member, NULL) : NULL;
}

/* Messages */

static const char *
get_part_text (OaiJsonValue *part)
{
  OaiJsonValue *text = part != NULL ? oai_json_value_get_member (part, "text") : NULL;

  return text != NULL && oai_json_value_get_type (text) == OAI_JSON_OBJECT ? get_string (text, "value") : NULL;
}

static OaiJsonValue *
get_part (Item *message, gint64 index)
{
  return find_indexed (oai_json_value_get_member (message->value, "content"), index);
}

static void
finish_part (OaiRunAccumulator *self, OaiJsonValue *part)
{
  const char *type = part != NULL ? get_string (part, "type") : NULL;
  gint64 index = self->part;

  self->part = -1;
  if (index < 0 || type == NULL)
    return;

  if (strcmp (type, "text") == 0)
    tell_text (self, OAI_RUN_NEWS_TEXT_DONE, get_part_text (part) != NULL ? get_part_text (part) : "", index);
  else if (strcmp (type, "image_file") == 0 && oai_json_value_get_member (part, "image_file") != NULL)
    tell (self, OAI_RUN_NEWS_IMAGE_FILE_DONE, oai_json_value_get_member (part, "image_file"), index);
}

static void
tell_new_parts (OaiRunAccumulator *self, OaiJsonDoc *doc, OaiJsonNode content, const gboolean *known)
{
  OaiJsonIter iter;
  OaiJsonNode element;
  gint64 index;

  oai_json_iter_init (&iter, doc, content);
  for (guint i = 0; oai_json_iter_next (&iter, NULL, &element); i++)
    if (!known[i] && read_index (doc, element, &index) && g_strcmp0 (get_string (get_part (self->message, index), "type"), "text") == 0)
      tell (self, OAI_RUN_NEWS_TEXT_CREATED, NULL, index);
}

static void
tell_parts (OaiRunAccumulator *self, OaiJsonDoc *doc, OaiJsonNode content)
{
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
          const char *value = oai_json_get_string (doc, oai_json_get_member (doc, text, "value"), NULL);

          tell_text (self, OAI_RUN_NEWS_TEXT_DELTA, value != NULL ? value : "", index);
        }
      if (index != self->part && self->part >= 0)
        finish_part (self, get_part (self->message, self->part));
      self->part = index;
    }
}

/* Only what it says comes in pieces. */
static gboolean
fold_content (Item *message, OaiJsonDoc *doc, OaiJsonNode content, GError **error)
{
  OaiJsonValue *held = oai_json_value_get_member (message->value, "content");

  if (oai_json_get_type (doc, content) != OAI_JSON_ARRAY)
    return TRUE;
  if (oai_json_value_get_type (held) != OAI_JSON_ARRAY)
    held = oai_json_value_set_member (message->value, "content", oai_json_value_new_array ());

  return oai_json_value_accumulate (held, doc, content, error);
}

static OaiJsonNode
get_delta_content (OaiJsonDoc *doc, OaiJsonNode data)
{
  return oai_json_get_member (doc, oai_json_get_member (doc, data, "delta"), "content");
}

static gboolean
add_message_delta (OaiRunAccumulator *self, OaiJsonDoc *doc, OaiJsonNode data, GError **error)
{
  OaiJsonNode content = get_delta_content (doc, data);
  g_autofree gboolean *known = NULL;
  OaiJsonIter iter;
  OaiJsonNode element;
  gint64 index;

  if (!check_indices (doc, content, error))
    return FALSE;

  known = g_new0 (gboolean, oai_json_get_size (doc, content) + 1);
  oai_json_iter_init (&iter, doc, content);
  for (guint i = 0; oai_json_iter_next (&iter, NULL, &element); i++)
    known[i] = read_index (doc, element, &index) && get_part (self->message, index) != NULL;

  if (!fold_content (self->message, doc, content, error))
    return FALSE;
  tell_new_parts (self, doc, content, known);
  tell_delta (self, OAI_RUN_NEWS_MESSAGE_DELTA, self->message->value, doc, data);
  tell_parts (self, doc, content);

  return TRUE;
}

static void
end_message (OaiRunAccumulator *self, OaiJsonDoc *doc, OaiJsonNode data)
{
  Item *message = self->message;

  if (self->part >= 0)
    {
      g_autoptr(OaiJsonValue) final = oai_json_value_new_from_node (doc, data);

      finish_part (self, find_indexed (oai_json_value_get_member (final, "content"), self->part));
    }
  item_set (message, doc, data);
  message->done = TRUE;
  self->message = NULL;
  tell (self, OAI_RUN_NEWS_MESSAGE_DONE, message->value, 0);
}

static gboolean
create_message (OaiRunAccumulator *self, const char *id, OaiJsonDoc *doc, OaiJsonNode data, GError **error)
{
  if (self->message != NULL || g_hash_table_contains (self->messages.by_id, id))
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server began a message twice, or before another one was over"));
      return FALSE;
    }

  self->message = ensure_item (&self->messages, id);
  self->part = -1;
  item_set (self->message, doc, data);
  tell (self, OAI_RUN_NEWS_MESSAGE_CREATED, self->message->value, 0);

  return TRUE;
}

/* what: the rest of the event's name. */
static gboolean
add_message (OaiRunAccumulator *self, const char *what, OaiJsonDoc *doc, OaiJsonNode data, GError **error)
{
  static const char *const known[] = { "created", "in_progress", "delta", "completed", "incomplete", NULL };
  const char *id;

  if (!g_strv_contains (known, what))
    return TRUE;
  id = get_id (doc, data, error);
  if (id == NULL)
    return FALSE;
  if (strcmp (what, "created") == 0)
    return create_message (self, id, doc, data, error);

  if (self->message == NULL || strcmp (self->message->id, id) != 0)
    {
      /* Where nothing came, nothing is lost. */
      if (strcmp (what, "delta") == 0 && oai_json_get_size (doc, get_delta_content (doc, data)) == 0)
        return TRUE;
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent part of a message that is not being written"));
      return FALSE;
    }
  if (strcmp (what, "delta") == 0)
    return add_message_delta (self, doc, data, error);
  if (strcmp (what, "in_progress") != 0)
    end_message (self, doc, data);

  return TRUE;
}

/* Steps */

static OaiJsonValue *
get_call (Item *step, gint64 index)
{
  OaiJsonValue *details = step != NULL && step->value != NULL ? oai_json_value_get_member (step->value, "step_details") : NULL;

  return details != NULL && oai_json_value_get_type (details) == OAI_JSON_OBJECT ? find_indexed (oai_json_value_get_member (details, "tool_calls"), index) : NULL;
}

static void
finish_call (OaiRunAccumulator *self)
{
  OaiJsonValue *call = self->call >= 0 ? get_call (self->step, self->call) : NULL;

  self->call = -1;
  if (call != NULL)
    tell (self, OAI_RUN_NEWS_TOOL_CALL_DONE, call, 0);
}

static void
tell_calls (OaiRunAccumulator *self, Item *step, OaiJsonDoc *doc, OaiJsonNode calls)
{
  OaiJsonIter iter;
  OaiJsonNode element;
  gint64 index;

  oai_json_iter_init (&iter, doc, calls);
  while (oai_json_iter_next (&iter, NULL, &element))
    {
      read_index (doc, element, &index);
      if (step == self->step && index == self->call)
        {
          tell_delta (self, OAI_RUN_NEWS_TOOL_CALL_DELTA, get_call (step, index), doc, element);
          continue;
        }

      finish_call (self);
      self->step = step;
      self->call = index;
      if (get_call (step, index) != NULL)
        tell (self, OAI_RUN_NEWS_TOOL_CALL_CREATED, get_call (step, index), 0);
    }
}

static gboolean
add_step_delta (OaiRunAccumulator *self, const char *id, OaiJsonDoc *doc, OaiJsonNode data, GError **error)
{
  OaiJsonNode delta = oai_json_get_member (doc, data, "delta");
  OaiJsonNode calls = oai_json_get_member (doc, oai_json_get_member (doc, delta, "step_details"), "tool_calls");
  Item *step = g_hash_table_lookup (self->steps.by_id, id);

  if (step == NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent part of a step that did not begin"));
      return FALSE;
    }
  if (!check_indices (doc, calls, error))
    return FALSE;
  if (oai_json_get_type (doc, delta) == OAI_JSON_OBJECT && !oai_json_value_accumulate (step->value, doc, delta, error))
    return FALSE;

  tell_calls (self, step, doc, calls);
  tell_delta (self, OAI_RUN_NEWS_STEP_DELTA, step->value, doc, data);

  return TRUE;
}

static void
end_step (OaiRunAccumulator *self, const char *id, OaiJsonDoc *doc, OaiJsonNode data)
{
  Item *step = ensure_item (&self->steps, id);

  if (step == self->step)
    finish_call (self);
  item_set (step, doc, data);
  step->done = TRUE;
  tell (self, OAI_RUN_NEWS_STEP_DONE, step->value, 0);
}

static gboolean
add_step (OaiRunAccumulator *self, const char *what, OaiJsonDoc *doc, OaiJsonNode data, GError **error)
{
  static const char *const ends[] = { "completed", "failed", "cancelled", "expired", NULL };
  const char *id;
  Item *step;

  id = get_id (doc, data, error);
  if (id == NULL)
    return FALSE;
  if (strcmp (what, "delta") == 0)
    return add_step_delta (self, id, doc, data, error);
  if (g_strv_contains (ends, what))
    {
      end_step (self, id, doc, data);
      return TRUE;
    }
  if (strcmp (what, "created") != 0 && strcmp (what, "in_progress") != 0)
    return TRUE;

  step = ensure_item (&self->steps, id);
  if (step == self->step)
    finish_call (self);
  item_set (step, doc, data);
  if (strcmp (what, "created") == 0)
    tell (self, OAI_RUN_NEWS_STEP_CREATED, step->value, 0);

  return TRUE;
}

/* The run */

void
oai_run_accumulator_set_run (OaiRunAccumulator *self, OaiJsonDoc *doc, OaiJsonNode run)
{
  g_clear_pointer (&self->run, oai_json_value_free);
  self->run = oai_json_value_new_from_node (doc, run);
  if (oai_run_accumulator_is_finished (self))
    finish_call (self);
  tell (self, OAI_RUN_NEWS_RUN_CHANGED, self->run, 0);
  if (g_strcmp0 (get_string (self->run, "status"), "requires_action") == 0)
    tell (self, OAI_RUN_NEWS_REQUIRES_ACTION, self->run, 0);
}

/* what: the rest of the event's name. */
static void
add_run (OaiRunAccumulator *self, const char *what, OaiJsonDoc *doc, OaiJsonNode data)
{
  static const char *const ends[] = { "requires_action", "completed", "incomplete", "failed", "cancelled", "expired", NULL };

  self->ended = g_strv_contains (ends, what);
  oai_run_accumulator_set_run (self, doc, data);
}

static void
set_thread (OaiRunAccumulator *self, OaiJsonDoc *doc, OaiJsonNode data)
{
  g_clear_pointer (&self->thread, oai_json_value_free);
  self->thread = oai_json_value_new_from_node (doc, data);
  tell (self, OAI_RUN_NEWS_THREAD_CREATED, self->thread, 0);
}

gboolean
oai_run_accumulator_add (OaiRunAccumulator *self, const char *event, OaiJsonDoc *doc, OaiJsonNode data, GError **error)
{
  if (event == NULL || oai_json_get_type (doc, data) != OAI_JSON_OBJECT)
    return TRUE;

  if (g_str_has_prefix (event, "thread.message."))
    return add_message (self, event + strlen ("thread.message."), doc, data, error);
  if (g_str_has_prefix (event, "thread.run.step."))
    return add_step (self, event + strlen ("thread.run.step."), doc, data, error);
  if (g_str_has_prefix (event, "thread.run."))
    add_run (self, event + strlen ("thread.run."), doc, data);
  else if (strcmp (event, "thread.created") == 0)
    set_thread (self, doc, data);

  return TRUE;
}

gboolean
oai_run_accumulator_is_finished (OaiRunAccumulator *self)
{
  static const char *const moving[] = { "queued", "in_progress", "cancelling", NULL };
  const char *status = get_string (self->run, "status");

  return status != NULL ? !g_strv_contains (moving, status) : self->ended;
}

gboolean
oai_run_accumulator_is_empty (OaiRunAccumulator *self)
{
  return self->run == NULL && self->thread == NULL && self->messages.list->len == 0 && self->steps.list->len == 0;
}

/* What there is */

OaiJsonValue *
oai_run_accumulator_get_run (OaiRunAccumulator *self)
{
  return self->run;
}

OaiJsonValue *
oai_run_accumulator_get_thread (OaiRunAccumulator *self)
{
  return self->thread;
}

static OaiJsonValue *
get_value (GPtrArray *items, guint position)
{
  return position < items->len ? ((Item *) g_ptr_array_index (items, position))->value : NULL;
}

guint
oai_run_accumulator_get_n_messages (OaiRunAccumulator *self)
{
  return self->messages.list->len;
}

OaiJsonValue *
oai_run_accumulator_get_message (OaiRunAccumulator *self, guint position)
{
  return get_value (self->messages.list, position);
}

guint
oai_run_accumulator_get_n_steps (OaiRunAccumulator *self)
{
  return self->steps.list->len;
}

OaiJsonValue *
oai_run_accumulator_get_step (OaiRunAccumulator *self, guint position)
{
  return get_value (self->steps.list, position);
}

const char *
oai_run_accumulator_get_text (OaiRunAccumulator *self, guint index)
{
  if (self->messages.list->len == 0)
    return NULL;

  return get_part_text (get_part (g_ptr_array_index (self->messages.list, self->messages.list->len - 1), index));
}
