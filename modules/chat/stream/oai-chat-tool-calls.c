/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-chat-tool-calls-private.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"

/* The maximum length of arguments without brackets, such as null. */
#define MAX_SCALAR 32

static void
call_state_free (gpointer data)
{
  OaiChatCallState *self = data;

  g_free (self->id);
  oai_json_value_free (self->value);
  g_free (self);
}

void
oai_chat_tool_calls_init (OaiChatToolCalls *self)
{
  self->calls = g_ptr_array_new_with_free_func (call_state_free);
  self->newest = NULL;
}

void
oai_chat_tool_calls_clear (OaiChatToolCalls *self)
{
  g_clear_pointer (&self->calls, g_ptr_array_unref);
}

/* Returns a string, the digits of a number, or the JSON of other values; NULL if the value is
 * absent or null. */
static char *
dup_text (OaiJsonDoc *doc, OaiJsonNode node)
{
  const char *text = oai_json_get_string (doc, node, NULL);
  GString *json;

  if (text != NULL)
    return g_strdup (text);
  if (oai_json_get_type (doc, node) <= OAI_JSON_NULL)
    return NULL;

  json = g_string_new (NULL);
  oai_json_write_node (json, doc, node);

  return g_string_free (json, FALSE);
}

gboolean
oai_chat_read_index (OaiJsonDoc *doc, OaiJsonNode node, const char *what, guint limit, guint *index, gboolean *found, GError **error)
{
  g_autofree char *text = NULL;
  gint64 value;

  *found = FALSE;
  if (oai_json_get_type (doc, node) <= OAI_JSON_NULL)
    return TRUE;
  if (oai_json_get_int (doc, node, &value) && value >= 0 && value < limit)
    {
      *index = value;
      *found = TRUE;
      return TRUE;
    }

  /* A string of the server is not quoted, since truncation could split a key in it. */
  if (oai_json_get_type (doc, node) == OAI_JSON_INT || oai_json_get_type (doc, node) == OAI_JSON_DOUBLE)
    text = dup_text (doc, node);
  g_set_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("Chat completion stream contains an invalid %s index: %.20s"), what,
               text != NULL ? text : _("not a number"));

  return FALSE;
}

static OaiChatCallState *
find_by_id (OaiChatToolCalls *self, const char *id)
{
  for (guint i = 0; i < self->calls->len; i++)
    {
      OaiChatCallState *call = g_ptr_array_index (self->calls, i);

      if (g_strcmp0 (call->id, id) == 0)
        return call;
    }

  return NULL;
}

/* Returns the newest call with this index, since some servers send the same index for several
 * calls. */
static OaiChatCallState *
find_by_index (OaiChatToolCalls *self, guint index)
{
  for (guint i = self->calls->len; i > 0; i--)
    {
      OaiChatCallState *call = g_ptr_array_index (self->calls, i - 1);

      if (call->index == index)
        return call;
    }

  return NULL;
}

static guint
find_number (OaiChatToolCalls *self, guint index)
{
  guint number = index;

  for (guint i = 0; i < self->calls->len; i++)
    if (((OaiChatCallState *) g_ptr_array_index (self->calls, i))->number == index)
      for (guint j = 0; j < self->calls->len; j++)
        number = MAX (number, ((OaiChatCallState *) g_ptr_array_index (self->calls, j))->number + 1);

  return number;
}

/* Returns the arguments, or the input of a custom tool, so far. */
static const char *
get_payload (OaiChatCallState *self)
{
  OaiJsonValue *function = oai_json_value_get_member (self->value, "function");
  OaiJsonValue *custom = oai_json_value_get_member (self->value, "custom");
  OaiJsonValue *text = NULL;

  if (function != NULL)
    text = oai_json_value_get_member (function, "arguments");
  else if (custom != NULL)
    text = oai_json_value_get_member (custom, "input");

  return text != NULL ? oai_json_value_get_string (text, NULL) : NULL;
}

static void
brackets_add (OaiChatBrackets *self, const char *text)
{
  for (; *text != '\0'; text++)
    {
      if (self->in_string)
        {
          self->in_string = self->escaped || *text != '"';
          self->escaped = !self->escaped && *text == '\\';
          continue;
        }
      if (self->depth == 0 && *text != '{' && *text != '[')
        self->wrong = self->wrong || (self->closed && !g_ascii_isspace (*text));
      else if (*text == '{' || *text == '[')
        self->depth++;
      else if (*text == '}' || *text == ']')
        self->closed = --self->depth == 0;
      else
        self->in_string = *text == '"';
    }
}

/* Arguments are parsed once, when their brackets are closed, since servers can send deltas of
 * several calls alternately. */
gboolean
oai_chat_call_state_is_whole (OaiChatCallState *self)
{
  const char *payload = get_payload (self);
  g_autoptr(OaiJsonDoc) doc = NULL;

  if (oai_json_value_get_member (self->value, "custom") != NULL)
    return TRUE;
  if (payload == NULL || self->brackets.depth > 0 || self->brackets.wrong || (!self->brackets.closed && strlen (payload) > MAX_SCALAR))
    return FALSE;

  doc = oai_json_doc_new_copy (payload, -1, 0, NULL);
  self->brackets.wrong = doc == NULL && self->brackets.closed;

  return doc != NULL;
}

/* Returns whether a delta without index and id begins a call: it is not the first delta of the
 * chunk, or it has a name after the arguments of the newest call. */
static gboolean
begins_call (OaiChatToolCalls *self, OaiJsonDoc *doc, OaiJsonNode fragment, gboolean first)
{
  OaiJsonNode function = oai_json_get_member (doc, fragment, "function");
  const char *name = oai_json_get_string (doc, oai_json_get_member (doc, function, "name"), NULL);
  const char *payload = self->newest != NULL ? get_payload (self->newest) : NULL;

  if (name == NULL || *name == '\0')
    return FALSE;

  return !first || (payload != NULL && *payload != '\0');
}

static OaiChatCallState *
open_call (OaiChatToolCalls *self, guint index, const char *id)
{
  OaiChatCallState *call = g_new0 (OaiChatCallState, 1);
  guint place = self->calls->len;

  call->index = index;
  call->number = find_number (self, index);
  call->id = g_strdup (id);
  call->value = oai_json_value_new_object ();
  while (place > 0 && ((OaiChatCallState *) g_ptr_array_index (self->calls, place - 1))->index > index)
    place--;
  g_ptr_array_insert (self->calls, place, call);

  return call;
}

OaiChatCallState *
oai_chat_tool_calls_find (OaiChatToolCalls *self, OaiJsonDoc *doc, OaiJsonNode fragment, gboolean first, GError **error)
{
  g_autofree char *id = dup_text (doc, oai_json_get_member (doc, fragment, "id"));
  OaiChatCallState *call = NULL;
  guint index = 0;
  gboolean has_index;

  if (!oai_chat_read_index (doc, oai_json_get_member (doc, fragment, "index"), "tool call", OAI_CHAT_MAX_INDEX, &index, &has_index, error))
    return NULL;
  if (id != NULL && *id == '\0')
    g_clear_pointer (&id, g_free);

  if (has_index)
    call = find_by_index (self, index);
  else if (id != NULL)
    call = find_by_id (self, id);
  else if (!begins_call (self, doc, fragment, first))
    call = self->newest;
  if (call != NULL && id != NULL && call->id != NULL && strcmp (call->id, id) != 0)
    call = find_by_id (self, id);

  if (call == NULL)
    {
      if (self->calls->len >= OAI_CHAT_MAX_INDEX)
        {
          g_set_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("Chat completion stream contains more than %u tool calls"), OAI_CHAT_MAX_INDEX);
          return NULL;
        }
      call = open_call (self, has_index ? index : self->calls->len, id);
    }
  if (call->id == NULL)
    call->id = g_steal_pointer (&id);
  self->newest = call;

  return call;
}

/* Names arrive complete, once or with every delta; some servers send them in parts. */
static void
add_name (OaiJsonValue *object, const char *name)
{
  OaiJsonValue *held = oai_json_value_get_member (object, "name");

  if (held == NULL || oai_json_value_get_type (held) != OAI_JSON_STRING)
    oai_json_value_set_member (object, "name", oai_json_value_new_string (name, -1));
  else if (strcmp (oai_json_value_get_string (held, NULL), name) != 0)
    oai_json_value_append_string (held, name, -1);
}

/* Adds "function" with its arguments, or "custom" with its input. */
static void
add_payload (OaiChatCallState *self, const char *kind, const char *text_member, OaiJsonDoc *doc, OaiJsonNode payload, char **arguments)
{
  OaiJsonValue *held = oai_json_value_get_member (self->value, kind);
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode value;

  if (held == NULL)
    {
      held = oai_json_value_set_member (self->value, kind, oai_json_value_new_object ());
      oai_json_value_set_member (held, text_member, oai_json_value_new_string ("", 0));
    }

  oai_json_iter_init_members (&iter, doc, payload);
  while (oai_json_iter_next (&iter, &name, &value))
    {
      g_autofree char *text = NULL;

      if (oai_json_get_type (doc, value) == OAI_JSON_NULL)
        continue;
      if (strcmp (name, text_member) == 0)
        {
          text = dup_text (doc, value);
          oai_json_value_append_string (oai_json_value_get_member (held, text_member), text, -1);
          brackets_add (&self->brackets, text);
          g_free (*arguments);
          *arguments = g_steal_pointer (&text);
        }
      else if (strcmp (name, "name") == 0)
        {
          text = dup_text (doc, value);
          add_name (held, text);
        }
      else
        {
          oai_delta_fold_add (held, name, doc, value);
        }
    }
}

void
oai_chat_call_state_add (OaiChatCallState *self, OaiJsonDoc *doc, OaiJsonNode fragment, const char **name, char **arguments)
{
  OaiJsonIter iter;
  const char *member;
  OaiJsonNode value;
  OaiJsonValue *held;

  oai_json_iter_init_members (&iter, doc, fragment);
  while (oai_json_iter_next (&iter, &member, &value))
    {
      if (oai_json_get_type (doc, value) == OAI_JSON_NULL || strcmp (member, "index") == 0 || strcmp (member, "id") == 0)
        continue;
      if (strcmp (member, "function") == 0)
        add_payload (self, member, "arguments", doc, value, arguments);
      else if (strcmp (member, "custom") == 0)
        add_payload (self, member, "input", doc, value, arguments);
      else
        oai_delta_fold_add (self->value, member, doc, value);
    }
  if (self->id != NULL)
    oai_json_value_set_member (self->value, "id", oai_json_value_new_string (self->id, -1));
  if (oai_json_value_get_member (self->value, "type") == NULL)
    oai_json_value_set_member (self->value, "type",
                               oai_json_value_new_string (oai_json_value_get_member (self->value, "custom") != NULL ? "custom" : "function", -1));

  held = oai_json_value_get_member (self->value, "function");
  if (held == NULL)
    held = oai_json_value_get_member (self->value, "custom");
  held = held != NULL ? oai_json_value_get_member (held, "name") : NULL;
  *name = held != NULL ? oai_json_value_get_string (held, NULL) : NULL;
}

void
oai_chat_tool_calls_build (OaiChatToolCalls *self, OaiJsonBuilder *builder)
{
  g_autoptr(OaiJsonValue) calls = oai_json_value_new_array ();

  oai_json_builder_begin_value (builder, "tool_calls", calls);
  for (guint i = 0; i < self->calls->len; i++)
    oai_json_builder_add_value (builder, NULL, ((OaiChatCallState *) g_ptr_array_index (self->calls, i))->value);
  oai_json_builder_end (builder);
}
