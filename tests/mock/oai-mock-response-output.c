/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The content of responses, which depends only on the request and the items that it continues.
 *
 * Texts are those of chat completions. The word "refuse" in the user's message leads to a refusal, "comment" to a
 * commentary before the answer, "fail" to a failed response, and "crash" to an error of the server. */

#include "oai-mock-responses-private.h"

#include <string.h>

/* Takes @item. */
void
_oai_mock_turn_add (OaiMockTurn *self, JsonObject *item)
{
  json_array_add_object_element (self->output, item);
}

/* Whether the request contains the option in `include`. */
gboolean
_oai_mock_turn_includes (OaiMockTurn *self, const char *what)
{
  JsonArray *include = oai_mock_get_array (self->call->body, "include");

  for (guint i = 0; include != NULL && i < json_array_get_length (include); i++)
    if (g_strcmp0 (json_array_get_string_element (include, i), what) == 0)
      return TRUE;

  return FALSE;
}

static void
add_message (OaiMockTurn *self, const char *phase, JsonObject *part)
{
  g_autofree char *id = _oai_mock_store_new_id (self->call->store, "msg_");

  _oai_mock_turn_add (self, oai_mock_object ("id:s", id, "type:s", "message", "status:s", "completed", "role:s", "assistant", "phase:s", phase,
                                             "content:a", oai_mock_array_of_object (part), NULL));
}

static JsonObject *
text_part (OaiMockTurn *self, const char *text)
{
  gboolean wanted = _oai_mock_turn_includes (self, "message.output_text.logprobs");
  g_auto (GStrv) tokens = _oai_mock_text_split (text);
  JsonArray *logprobs = json_array_new ();

  for (guint i = 0; wanted && tokens[i] != NULL; i++)
    json_array_add_object_element (logprobs, _oai_mock_logprob (tokens[i], oai_mock_get_int (self->call->body, "top_logprobs", 0)));

  return oai_mock_object ("type:s", "output_text", "text:s", text, "annotations:a", json_array_new (), "logprobs:a", logprobs, NULL);
}

static char *
in_format (JsonObject *body, const char *text)
{
  JsonObject *options = oai_mock_get_object (body, "text");
  JsonObject *format = options != NULL ? oai_mock_get_object (options, "format") : NULL;

  return _oai_mock_text_in_format (format, format != NULL ? oai_mock_get_object (format, "schema") : NULL, text);
}

/* Moves the annotations to the end of the text, which has the results of the tools. */
static void
annotate (OaiMockTurn *self, JsonObject *part)
{
  gint64 end = g_utf8_strlen (oai_mock_get_string (part, "text"), -1);
  gint64 start = MAX (end - (self->result != NULL ? g_utf8_strlen (self->result, -1) : 0), 0);

  for (guint i = 0; i < json_array_get_length (self->annotations); i++)
    {
      JsonObject *annotation = json_array_get_object_element (self->annotations, i);

      if (json_object_has_member (annotation, "index"))
        oai_mock_object_set (annotation, "index:l", end, NULL);
      else
        oai_mock_object_set (annotation, "start_index:l", start, "end_index:l", end, NULL);
    }
  oai_mock_object_set (part, "annotations:a", json_array_ref (self->annotations), NULL);
}

static void
add_answer (OaiMockTurn *self)
{
  JsonObject *part;
  g_autofree char *plain = NULL;
  g_autofree char *text = NULL;

  if (_oai_mock_text_mentions (self->said, "comment"))
    add_message (self, "commentary", text_part (self, "I will answer."));
  if (_oai_mock_text_mentions (self->said, "refuse"))
    {
      add_message (self, "final_answer", oai_mock_object ("type:s", "refusal", "refusal:s", "I'm sorry, I can't assist with that request.", NULL));
      return;
    }

  plain = self->result != NULL ? g_strdup_printf ("The tool said: %s", self->result) : g_strdup_printf ("You said: %s", self->said);
  text = in_format (self->call->body, plain);
  part = text_part (self, text);
  annotate (self, part);
  add_message (self, "final_answer", part);
}

/* Open models send their thoughts, others send a summary if the request has that option. */
static void
add_reasoning (OaiMockTurn *self)
{
  JsonObject *options = oai_mock_get_object (self->call->body, "reasoning");
  const char *effort = options != NULL ? oai_mock_get_string (options, "effort") : NULL;
  const char *model = oai_mock_get_string (self->call->body, "model");
  gboolean encrypted = _oai_mock_turn_includes (self, "reasoning.encrypted_content");
  gboolean summary = options != NULL && (oai_mock_member (options, "summary") != NULL || oai_mock_member (options, "generate_summary") != NULL);
  g_autofree char *id = NULL;
  g_autofree char *thought = NULL;
  g_autofree char *cipher = NULL;
  JsonObject *item;

  if ((effort == NULL && !summary && !encrypted) || g_strcmp0 (effort, "none") == 0)
    return;

  id = _oai_mock_store_new_id (self->call->store, "rs_");
  thought = g_strdup_printf ("The user said: %s", self->said);
  cipher = g_base64_encode ((const guchar *) thought, strlen (thought));
  item = oai_mock_object ("id:s", id, "type:s", "reasoning", "summary:a", json_array_new (), NULL);
  if (summary)
    oai_mock_object_set (item, "summary:a", oai_mock_array_of_object (oai_mock_object ("type:s", "summary_text", "text:s", thought, NULL)), NULL);
  if (model != NULL && g_str_has_prefix (model, "gpt-oss"))
    oai_mock_object_set (item, "content:a", oai_mock_array_of_object (oai_mock_object ("type:s", "reasoning_text", "text:s", thought, NULL)), NULL);
  if (encrypted)
    oai_mock_object_set (item, "encrypted_content:s", cipher, NULL);
  _oai_mock_turn_add (self, item);
  self->reasoning_tokens = _oai_mock_text_count (thought);
}

JsonObject *
_oai_mock_response_usage (guint input, guint output, guint reasoning)
{
  return oai_mock_object ("input_tokens:i", input,
                          "input_tokens_details:o", oai_mock_object ("cached_tokens:i", 0, "cache_write_tokens:i", 0, NULL),
                          "output_tokens:i", output + reasoning,
                          "output_tokens_details:o", oai_mock_object ("reasoning_tokens:i", reasoning, NULL),
                          "total_tokens:i", input + output + reasoning, NULL);
}

/* The settings that a response repeats. */

static JsonNode *
repeat_tools (JsonObject *body)
{
  JsonArray *tools = oai_mock_get_array (body, "tools");
  JsonArray *copies = json_array_new ();
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);

  for (guint i = 0; tools != NULL && i < json_array_get_length (tools); i++)
    {
      JsonObject *copy = oai_mock_object_copy (json_array_get_object_element (tools, i));

      json_object_remove_member (copy, "authorization");
      json_object_remove_member (copy, "headers");
      json_array_add_object_element (copies, copy);
    }
  json_node_take_array (node, copies);

  return node;
}

static JsonObject *
repeat_text (JsonObject *body)
{
  JsonObject *given = oai_mock_get_object (body, "text");
  JsonObject *text = given != NULL ? oai_mock_object_copy (given) : json_object_new ();

  if (oai_mock_member (text, "format") == NULL)
    oai_mock_object_set (text, "format:o", oai_mock_object ("type:s", "text", NULL), NULL);
  if (oai_mock_member (text, "verbosity") == NULL)
    oai_mock_object_set (text, "verbosity:s", "medium", NULL);

  return text;
}

static JsonObject *
repeat_reasoning (JsonObject *body)
{
  JsonObject *given = oai_mock_get_object (body, "reasoning");
  JsonObject *reasoning = oai_mock_object ("effort:z", "summary:z", NULL);
  g_autoptr (GList) names = given != NULL ? json_object_get_members (given) : NULL;

  for (GList *l = names; l != NULL; l = l->next)
    json_object_set_member (reasoning, l->data, json_object_dup_member (given, l->data));

  return reasoning;
}

/* The service finds a difference to the other request only if it does not know it. */
static void
repeat_cache_options (OaiMockTurn *self, JsonObject *response)
{
  JsonObject *given = oai_mock_get_object (self->call->body, "prompt_cache_options");
  const char *const kept[] = { "ttl", "mode", "comparison_response_id", NULL };
  JsonObject *options = oai_mock_object ("mode:s", "implicit", "ttl:s", "30m", NULL);
  const char *other = oai_mock_get_string (given, "comparison_response_id");

  oai_mock_copy_members (given, options, kept);
  oai_mock_object_set (response, "prompt_cache_options:o", options, NULL);
  if (other != NULL)
    oai_mock_object_set (response, "prompt_cache_diagnostics:o",
                         oai_mock_object ("type:s", _oai_mock_response_find (self->call, other) != NULL ? "cache_hit" : "comparison_response_not_found", NULL), NULL);
}

static void
repeat_settings (JsonObject *response, JsonObject *body)
{
  const char *const plain[] = { "background", "instructions", "max_output_tokens", "max_tool_calls", "metadata", "parallel_tool_calls",
                                "previous_response_id", "prompt", "prompt_cache_key", "prompt_cache_retention", "safety_identifier", "store", "temperature", "tool_choice",
                                "top_logprobs", "top_p", "truncation", "user", NULL };
  const char *tier = oai_mock_get_string (body, "service_tier");
  const char *name = oai_mock_get_string (body, "conversation");
  JsonObject *conversation = oai_mock_get_object (body, "conversation");

  oai_mock_object_set (response, "background:b", FALSE, "instructions:z", "max_output_tokens:z", "max_tool_calls:z", "metadata:o", json_object_new (),
                       "parallel_tool_calls:b", TRUE, "previous_response_id:z", "prompt_cache_key:z", "safety_identifier:z",
                       "service_tier:s", tier != NULL && !g_str_equal (tier, "auto") ? tier : "default", "store:b", TRUE, "temperature:d", 1.0, "tool_choice:s", "auto",
                       "top_logprobs:i", 0, "top_p:d", 1.0, "truncation:s", "disabled", "reasoning:o", repeat_reasoning (body), "text:o", repeat_text (body),
                       "tools:n", repeat_tools (body), NULL);
  for (guint i = 0; plain[i] != NULL; i++)
    if (oai_mock_member (body, plain[i]) != NULL)
      json_object_set_member (response, plain[i], json_object_dup_member (body, plain[i]));
  if (name != NULL || conversation != NULL)
    oai_mock_object_set (response, "conversation:o", oai_mock_object ("id:s", name != NULL ? name : oai_mock_get_string (conversation, "id"), NULL), NULL);
}

static guint
count_words (JsonArray *output)
{
  guint n = 0;

  for (guint i = 0; i < json_array_get_length (output); i++)
    {
      JsonObject *item = json_array_get_object_element (output, i);
      JsonObject *part = oai_mock_array_get_object (oai_mock_get_array (item, "content"), 0);

      if (_oai_mock_item_is (item, "message"))
        n += _oai_mock_text_count (_oai_mock_item_is (part, "refusal") ? oai_mock_get_string (part, "refusal") : oai_mock_get_string (part, "text"));
      else if (!_oai_mock_item_is (item, "reasoning"))
        n += 7;
    }

  return n;
}

static void
fail (JsonObject *response)
{
  oai_mock_object_set (response, "status:s", "failed", "output:a", json_array_new (), "completed_at:z",
                       "error:o", oai_mock_object ("code:s", "server_error", "message:s", "Sorry, something went wrong.", NULL), NULL);
}

static void
shorten_list (JsonObject *part, const char *member, guint length)
{
  JsonArray *list = oai_mock_get_array (part, member);

  while (list != NULL && json_array_get_length (list) > length)
    json_array_remove_element (list, length);
}

/* Ends the response after this number of words in its first text, and removes the items after it. */
void
_oai_mock_response_cut (JsonObject *response, gint64 words, const char *reason)
{
  JsonArray *output = oai_mock_get_array (response, "output");

  for (guint i = 0; i < json_array_get_length (output); i++)
    {
      JsonObject *item = json_array_get_object_element (output, i);
      JsonObject *part = oai_mock_array_get_object (oai_mock_get_array (item, "content"), 0);
      g_auto (GStrv) tokens = _oai_mock_item_is (part, "output_text") ? _oai_mock_text_split (oai_mock_get_string (part, "text")) : NULL;
      g_autofree char *text = NULL;

      if (tokens == NULL)
        continue;
      if (g_strv_length (tokens) <= words)
        {
          words -= g_strv_length (tokens);
          continue;
        }
      for (guint k = words; tokens[k] != NULL; k++)
        g_clear_pointer (&tokens[k], g_free);
      text = g_strjoinv ("", tokens);
      oai_mock_object_set (part, "text:s", text, "annotations:a", json_array_new (), NULL);
      shorten_list (part, "logprobs", words);
      oai_mock_object_set (item, "status:s", "incomplete", NULL);
      while (json_array_get_length (output) > i + 1)
        json_array_remove_element (output, i + 1);
      oai_mock_object_set (response, "status:s", "incomplete", "completed_at:z", "incomplete_details:o", oai_mock_object ("reason:s", reason, NULL), NULL);
      return;
    }
}

static void
set_usage (OaiMockTurn *self, JsonObject *response)
{
  guint input = _oai_mock_text_count_messages (self->context) + _oai_mock_text_count_messages (self->input);

  oai_mock_object_set (response, "usage:o", _oai_mock_response_usage (input, count_words (self->output), self->reasoning_tokens), NULL);
}

/* An item that replaces those before it. */
JsonObject *
_oai_mock_turn_compact (OaiMockTurn *self)
{
  g_autofree char *id = _oai_mock_store_new_id (self->call->store, "cmp_");
  g_autofree char *cipher = g_base64_encode ((const guchar *) self->said, strlen (self->said));

  return oai_mock_object ("id:s", id, "type:s", "compaction", "encrypted_content:s", cipher, NULL);
}

/* Whether the context has reached the length at which the request demands a compaction. */
static gboolean
is_long (OaiMockTurn *self)
{
  JsonObject *management = oai_mock_array_get_object (oai_mock_get_array (self->call->body, "context_management"), 0);
  gint64 limit = management != NULL ? oai_mock_get_int (management, "compact_threshold", G_MAXINT) : G_MAXINT;

  return _oai_mock_text_count_messages (self->context) + _oai_mock_text_count_messages (self->input) >= limit;
}

static void
generate (OaiMockTurn *self)
{
  if (self->compacts || is_long (self))
    _oai_mock_turn_add (self, _oai_mock_turn_compact (self));
  if (self->compacts)
    return;
  add_reasoning (self);
  _oai_mock_turn_use_tools (self);
  if (!self->waits)
    add_answer (self);
}

/* Generates the complete response. */
JsonObject *
_oai_mock_turn_answer (OaiMockTurn *self, const char *id)
{
  JsonObject *body = self->call->body;
  gint64 limit = oai_mock_get_int (body, "max_output_tokens", 0);
  gint64 created = _oai_mock_store_now (self->call->store);
  const char *model = oai_mock_get_string (body, "model");
  JsonObject *response;

  if (oai_mock_get_boolean (body, "generate", TRUE))
    generate (self);

  response = oai_mock_object ("id:s", id, "object:s", "response", "created_at:l", created, "status:s", "completed", "completed_at:l", created + 1,
                              "error:z", "incomplete_details:z", "model:s", model != NULL ? model : self->call->deployment != NULL ? self->call->deployment : "gpt-5",
                              "output:a", json_array_ref (self->output), NULL);
  repeat_settings (response, body);
  if (oai_mock_get_object (body, "prompt_cache_options") != NULL)
    repeat_cache_options (self, response);
  if (limit > 0)
    _oai_mock_response_cut (response, limit, "max_output_tokens");
  set_usage (self, response);
  if (_oai_mock_text_mentions (self->said, "fail"))
    fail (response);

  return response;
}

/* The response before it has ended. */
JsonObject *
_oai_mock_response_as (JsonObject *response, const char *status)
{
  JsonObject *copy = oai_mock_object_copy (response);

  oai_mock_object_set (copy, "status:s", status, "output:a", json_array_new (), "completed_at:z", "error:z", "incomplete_details:z", NULL);
  json_object_remove_member (copy, "usage");

  return copy;
}
