/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Legacy completions, which quote the prompt. */

#include "oai-mock-private.h"

#include <string.h>

typedef struct {
  OaiMockCall *call;
  char *id;
  gint64 created;
  GPtrArray *texts;
  GPtrArray *reasons;
  guint n_prompt;
  guint n_completion;
} Completion;

static void
completion_clear (Completion *self)
{
  g_clear_pointer (&self->id, g_free);
  g_clear_pointer (&self->texts, g_ptr_array_unref);
  g_clear_pointer (&self->reasons, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Completion, completion_clear)

static char *
describe_prompt (JsonNode *prompt)
{
  if (JSON_NODE_HOLDS_VALUE (prompt) && json_node_get_value_type (prompt) == G_TYPE_STRING)
    return g_strdup (json_node_get_string (prompt));
  if (JSON_NODE_HOLDS_ARRAY (prompt))
    return g_strdup_printf ("%u tokens", json_array_get_length (json_node_get_array (prompt)));

  return g_strdup ("");
}

static gboolean
is_several (JsonNode *prompt)
{
  JsonArray *array = prompt != NULL && JSON_NODE_HOLDS_ARRAY (prompt) ? json_node_get_array (prompt) : NULL;
  JsonNode *first = array != NULL && json_array_get_length (array) > 0 ? json_array_get_element (array, 0) : NULL;

  return first != NULL && (JSON_NODE_HOLDS_ARRAY (first) || json_node_get_value_type (first) == G_TYPE_STRING);
}

static void
add_choice (Completion *self, const char *prompt)
{
  JsonObject *body = self->call->body;
  gint64 limit = oai_mock_get_int (body, "max_tokens", 16);
  g_autofree char *answer = g_strdup_printf ("You said: %s%s", prompt, oai_mock_get_string (body, "suffix") != NULL ? oai_mock_get_string (body, "suffix") : "");
  g_auto (GStrv) tokens = _oai_mock_text_split (answer);
  guint n = g_strv_length (tokens);
  g_autofree char *text = NULL;

  for (guint i = limit; i < n; i++)
    g_clear_pointer (&tokens[i], g_free);
  text = g_strjoinv ("", tokens);
  self->n_completion += MIN (n, limit);
  g_ptr_array_add (self->reasons, (gpointer) (n > limit ? "length" : "stop"));
  g_ptr_array_add (self->texts, oai_mock_get_boolean (body, "echo", FALSE) ? g_strconcat (prompt, text, NULL) : g_steal_pointer (&text));
}

static void
add_prompt (Completion *self, JsonNode *prompt)
{
  g_autofree char *text = describe_prompt (prompt);
  gint64 n = oai_mock_get_int (self->call->body, "n", 1);

  self->n_prompt += _oai_mock_text_count (text);
  for (gint64 i = 0; i < n; i++)
    add_choice (self, text);
}

static JsonObject *
make_logprobs (Completion *self, const char *text)
{
  gint64 n_top = oai_mock_get_int (self->call->body, "logprobs", -1);
  g_auto (GStrv) words = _oai_mock_text_split (text);
  JsonArray *tokens, *values, *top, *offsets;
  gsize offset = 0;

  if (n_top < 0)
    return NULL;
  tokens = json_array_new ();
  values = json_array_new ();
  top = json_array_new ();
  offsets = json_array_new ();
  for (guint i = 0; words[i] != NULL; i++)
    {
      JsonObject *one = json_object_new ();

      json_array_add_string_element (tokens, words[i]);
      json_array_add_double_element (values, -0.25);
      json_array_add_int_element (offsets, offset);
      json_object_set_double_member (one, words[i], -0.25);
      json_array_add_object_element (top, one);
      offset += g_utf8_strlen (words[i], -1);
    }

  return oai_mock_object ("tokens:a", tokens, "token_logprobs:a", values, "top_logprobs:a", top, "text_offset:a", offsets, NULL);
}

/* Takes @choices and @usage. */
static JsonObject *
wrap (Completion *self, JsonArray *choices, JsonObject *usage)
{
  const char *model = oai_mock_get_string (self->call->body, "model");
  JsonObject *object = oai_mock_object ("id:s", self->id, "object:s", "text_completion", "created:l", self->created,
                                        "model:s", model != NULL ? model : self->call->deployment, "choices:a", choices, NULL);

  if (usage != NULL)
    oai_mock_object_set (object, "usage:o", usage, NULL);

  return object;
}

static JsonObject *
make_choice (Completion *self, guint index, const char *text, const char *reason)
{
  return oai_mock_object ("text:s", text, "index:i", index, "logprobs:o", make_logprobs (self, text), "finish_reason:s", reason, NULL);
}

static JsonObject *
make_usage (Completion *self)
{
  return _oai_mock_usage (self->n_prompt, self->n_completion, 0);
}

static OaiMockReply *
reply_whole (Completion *self)
{
  JsonArray *choices = json_array_new ();

  for (guint i = 0; i < self->texts->len; i++)
    json_array_add_object_element (choices, make_choice (self, i, g_ptr_array_index (self->texts, i), g_ptr_array_index (self->reasons, i)));

  return _oai_mock_reply_new_object (wrap (self, choices, make_usage (self)));
}

static OaiMockReply *
reply_stream (Completion *self)
{
  OaiMockReply *reply = oai_mock_reply_new_events ();
  JsonObject *options = oai_mock_get_object (self->call->body, "stream_options");

  for (guint i = 0; i < self->texts->len; i++)
    {
      g_auto (GStrv) words = _oai_mock_text_split (g_ptr_array_index (self->texts, i));

      for (guint j = 0; words[j] != NULL; j++)
        {
          const char *reason = words[j + 1] == NULL ? g_ptr_array_index (self->reasons, i) : NULL;

          _oai_mock_reply_add_object_event (reply, NULL, wrap (self, oai_mock_array_of_object (make_choice (self, i, words[j], reason)), NULL));
        }
    }
  if (options != NULL && oai_mock_get_boolean (options, "include_usage", FALSE))
    _oai_mock_reply_add_object_event (reply, NULL, wrap (self, json_array_new (), make_usage (self)));
  _oai_mock_reply_add_done (reply);

  return reply;
}

static OaiMockReply *
create_completion (OaiMockCall *call)
{
  g_auto (Completion) self = { .call = call };
  JsonNode *prompt = call->body != NULL ? oai_mock_member (call->body, "prompt") : NULL;

  if (prompt == NULL)
    return _oai_mock_call_invalid (call, "prompt", "you must provide a prompt");
  self.id = _oai_mock_store_new_id (call->store, "cmpl-");
  self.created = _oai_mock_store_now (call->store);
  self.texts = g_ptr_array_new_with_free_func (g_free);
  self.reasons = g_ptr_array_new ();
  if (is_several (prompt))
    {
      JsonArray *prompts = json_node_get_array (prompt);

      for (guint i = 0; i < json_array_get_length (prompts); i++)
        add_prompt (&self, json_array_get_element (prompts, i));
    }
  else
    add_prompt (&self, prompt);

  return oai_mock_get_boolean (call->body, "stream", FALSE) ? reply_stream (&self) : reply_whole (&self);
}

const OaiMockRoute _oai_mock_completions_routes[] = {
  { "POST", "/completions", create_completion },
  { NULL },
};
