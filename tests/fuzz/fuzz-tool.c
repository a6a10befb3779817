/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Arguments that a model sends: a tool runs only with a JSON object that fits its schema, and the model gets JSON. */

#include "fuzz.h"

#include "oai-toolset.h"

/* The schemas of tools; the first byte selects one. */
static const char *const schemas[] = {
  NULL,
  "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"},\"days\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":14}},\"required\":[\"city\"]}",
  "{\"type\":\"object\",\"properties\":{\"list\":{\"type\":\"array\",\"items\":{\"$ref\":\"#\"}},\"unit\":{\"enum\":[\"c\",\"f\",null]},"
  "\"when\":{\"anyOf\":[{\"type\":\"number\"},{\"type\":\"string\",\"pattern\":\"^[0-9]+$\"}]}},\"additionalProperties\":false}",
};

static void
read_arguments (OaiToolCall *call)
{
  static const char *const names[] = { "city", "days", "list", "unit", "when" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *text = oai_tool_call_get_string (call, names[i]);
      g_autofree char *json = oai_tool_call_dup_argument (call, names[i]);

      if (text != NULL)
        fuzz_assert_text (text);
      if (json != NULL)
        fuzz_assert_json (json);
      g_assert_true (oai_tool_call_has_argument (call, names[i]) == (json != NULL));
      oai_tool_call_get_int (call, names[i]);
      oai_tool_call_get_double (call, names[i]);
      oai_tool_call_get_boolean (call, names[i]);
    }
}

static void
tool_cb (OaiToolCall *call, gpointer user_data)
{
  gboolean *has_city = user_data;

  *has_city = oai_tool_call_get_string (call, "city") != NULL;
  read_arguments (call);
  oai_tool_call_respond (call, oai_tool_call_get_arguments (call));
}

static void
run_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  gboolean *done = user_data;

  *done = oai_tool_call_run_finish (OAI_TOOL_CALL (source), result, NULL);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint schema = fuzz_take_byte (&data, &size) % G_N_ELEMENTS (schemas);
  g_autofree char *arguments = fuzz_dup_text (data, size);
  g_autoptr (OaiToolset) toolset = oai_toolset_new ();
  g_autoptr (OaiToolCall) call = NULL;
  gboolean has_city = FALSE, done = FALSE;

  oai_toolset_add_function (toolset, "tool", NULL, schemas[schema], tool_cb, &has_city, NULL, NULL);
  call = oai_toolset_new_call (toolset, arguments, "tool", arguments);
  fuzz_assert_text (oai_tool_call_get_id (call));
  fuzz_assert_text (oai_tool_call_get_arguments (call));
  read_arguments (call);

  oai_tool_call_run_async (call, NULL, run_cb, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
  fuzz_assert_json (oai_tool_call_get_output (call));
  if (oai_tool_call_get_state (call) == OAI_TOOL_CALL_STATE_SUCCEEDED)
    g_assert_true (has_city || schema != 1);
  else
    g_assert_nonnull (oai_tool_call_get_error (call));

  return 0;
}
