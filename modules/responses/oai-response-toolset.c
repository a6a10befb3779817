/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tools of the program in requests, and the calls of models. */

#include "oai-response-toolset-private.h"

#include <string.h>

#include "oai-mime-private.h"
#include "oai-responses-methods-private.h"
#include "oai-tool-private.h"
#include "oai-toolset-private.h"

OaiResponseFunctionTool *
oai_response_function_tool_new_for_tool (OaiTool *tool, GError **error)
{
  g_autoptr(OaiFunctionDefinition) function = NULL;

  g_return_val_if_fail (OAI_IS_TOOL (tool), NULL);

  function = oai_function_definition_new_for_tool (tool, error);
  if (function == NULL)
    return NULL;

  return oai_response_function_tool_new_with_schema (oai_tool_get_name (tool), oai_tool_get_description (tool),
                                                     oai_function_definition_get_parameters (function), oai_tool_get_strict (tool), error);
}

static gpointer
convert (OaiTool *tool, GError **error)
{
  OaiResponseCustomTool *custom;

  if (!oai_tool_get_free_form (tool))
    return oai_response_function_tool_new_for_tool (tool, error);

  custom = oai_response_custom_tool_new (oai_tool_get_name (tool));
  if (oai_tool_get_description (tool) != NULL)
    oai_response_custom_tool_set_description (custom, oai_tool_get_description (tool));

  return custom;
}

gboolean
oai_response_request_add_toolset (OaiResponseRequest *self, OaiToolset *toolset, GError **error)
{
  g_return_val_if_fail (OAI_IS_RESPONSE_REQUEST (self), FALSE);
  g_return_val_if_fail (OAI_IS_TOOLSET (toolset), FALSE);

  return oai_toolset_add_to_request (toolset, self, convert, (OaiToolAddFunc) oai_response_request_add_tool, error);
}

/* Calls */

/* Returns NULL for other items. */
static OaiToolCall *
create_call (OaiToolset *toolset, OaiResponseItem *item)
{
  OaiResponseFunctionCall *function = OAI_IS_RESPONSE_FUNCTION_CALL (item) ? OAI_RESPONSE_FUNCTION_CALL (item) : NULL;
  OaiResponseCustomToolCall *custom = OAI_IS_RESPONSE_CUSTOM_TOOL_CALL (item) ? OAI_RESPONSE_CUSTOM_TOOL_CALL (item) : NULL;

  if (function != NULL)
    return oai_toolset_new_call_for_record (toolset, OAI_RECORD (item), oai_response_function_call_get_call_id (function),
                                            oai_response_function_call_get_name (function), oai_response_function_call_get_arguments (function));
  if (custom != NULL)
    return oai_toolset_new_call_for_record (toolset, OAI_RECORD (item), oai_response_custom_tool_call_get_call_id (custom),
                                            oai_response_custom_tool_call_get_name (custom), oai_response_custom_tool_call_get_input (custom));

  return NULL;
}

GPtrArray *
oai_response_create_calls (OaiResponse *self, OaiToolset *toolset)
{
  GPtrArray *items, *calls;

  g_return_val_if_fail (OAI_IS_RESPONSE (self), NULL);
  g_return_val_if_fail (OAI_IS_TOOLSET (toolset), NULL);

  items = oai_response_get_output_items (self);
  calls = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < items->len; i++)
    {
      OaiToolCall *call = create_call (toolset, g_ptr_array_index (items, i));

      if (call != NULL)
        g_ptr_array_add (calls, call);
    }

  return calls;
}

/* Images of the types that models can see are sent as such. */
static OaiResponseContent *
create_file_part (GBytes *bytes, const char *content_type, const char *filename)
{
  static const char *const images[] = { "image/png", "image/jpeg", "image/webp", "image/gif", NULL };
  g_autofree char *url = NULL;

  if (!g_strv_contains (images, content_type))
    return OAI_RESPONSE_CONTENT (oai_response_input_file_new_for_bytes (
        bytes, filename != NULL ? filename : strcmp (content_type, "application/pdf") == 0 ? "file.pdf" : "file"));

  url = oai_data_url_build (content_type, bytes);

  return OAI_RESPONSE_CONTENT (oai_response_input_image_new_for_url (url, NULL));
}

/* Returns the text and the files of an output, or NULL if it has only text. */
static GPtrArray *
create_parts (OaiToolCall *call, const char *output)
{
  guint n_files = oai_tool_call_get_state (call) == OAI_TOOL_CALL_STATE_SUCCEEDED ? oai_tool_call_get_n_files (call) : 0;
  GPtrArray *parts;

  if (n_files == 0)
    return NULL;

  parts = g_ptr_array_new_with_free_func (g_object_unref);
  if (*output != '\0')
    g_ptr_array_add (parts, oai_response_input_text_new (output));
  for (guint i = 0; i < n_files; i++)
    {
      const char *content_type, *filename;
      GBytes *bytes = oai_tool_call_get_file (call, i, &content_type, &filename);

      g_ptr_array_add (parts, create_file_part (bytes, content_type, filename));
    }

  return parts;
}

static OaiResponseFunctionCallOutput *
new_function_result (OaiRecord *record, OaiToolCall *call, const char *output)
{
  OaiResponseFunctionCallOutput *result;

  if (OAI_IS_RESPONSE_FUNCTION_CALL (record))
    return oai_response_function_call_output_new_for_call (OAI_RESPONSE_FUNCTION_CALL (record), output);

  result = oai_response_function_call_output_new ();
  oai_response_function_call_output_set_call_id (result, oai_tool_call_get_id (call));
  oai_response_function_call_output_set_output (result, output);

  return result;
}

OaiResponseItem *
oai_response_new_call_result (OaiRecord *record, OaiToolCall *call)
{
  const char *output = oai_tool_call_get_output (call) != NULL ? oai_tool_call_get_output (call) : "";
  g_autoptr(GPtrArray) parts = create_parts (call, output);
  OaiResponseCustomToolCallOutput *custom;
  OaiResponseFunctionCallOutput *function;

  if (OAI_IS_RESPONSE_CUSTOM_TOOL_CALL (record))
    {
      custom = oai_response_custom_tool_call_output_new_for_call (OAI_RESPONSE_CUSTOM_TOOL_CALL (record), output);
      if (parts != NULL)
        oai_response_custom_tool_call_output_set_output_parts (custom, parts);
      return OAI_RESPONSE_ITEM (custom);
    }

  function = new_function_result (record, call, output);
  if (parts != NULL)
    oai_response_function_call_output_set_output_parts (function, parts);

  return OAI_RESPONSE_ITEM (function);
}

static void
add_file (OaiToolCall *call, const char *url, const char *filename)
{
  g_autofree char *content_type = NULL;
  g_autoptr(GBytes) bytes = url != NULL && g_str_has_prefix (url, "data:") ? oai_data_url_parse (url, &content_type, NULL) : NULL;

  if (bytes != NULL)
    oai_tool_call_add_file (call, bytes, content_type, filename);
  else
    g_message ("%s: a file of the output is omitted, since the output does not contain its data", oai_tool_call_get_name (call));
}

static void
add_part (OaiToolCall *call, OaiRecord *part, GString *text)
{
  if (OAI_IS_RESPONSE_INPUT_IMAGE (part))
    add_file (call, oai_response_input_image_get_image_url (OAI_RESPONSE_INPUT_IMAGE (part)), NULL);
  else if (OAI_IS_RESPONSE_INPUT_FILE (part))
    add_file (call, oai_response_input_file_get_file_data (OAI_RESPONSE_INPUT_FILE (part)), oai_response_input_file_get_filename (OAI_RESPONSE_INPUT_FILE (part)));
  else if (OAI_IS_RESPONSE_INPUT_TEXT (part) && oai_response_input_text_get_text (OAI_RESPONSE_INPUT_TEXT (part)) != NULL)
    g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "", oai_response_input_text_get_text (OAI_RESPONSE_INPUT_TEXT (part)));
}

void
oai_response_answer_call (OaiToolCall *call, OaiRecord *output)
{
  g_autoptr(GString) text = g_string_new (oai_record_get_string_member (output, "output"));
  GPtrArray *parts = OAI_IS_RESPONSE_FUNCTION_CALL_OUTPUT (output)
                       ? oai_response_function_call_output_get_output_parts (OAI_RESPONSE_FUNCTION_CALL_OUTPUT (output))
                       : oai_response_custom_tool_call_output_get_output_parts (OAI_RESPONSE_CUSTOM_TOOL_CALL_OUTPUT (output));

  for (guint i = 0; parts != NULL && i < parts->len; i++)
    add_part (call, g_ptr_array_index (parts, i), text);
  oai_tool_call_respond_output (call, text->str);
}

void
oai_response_request_add_call_results (OaiResponseRequest *self, GPtrArray *calls)
{
  g_return_if_fail (OAI_IS_RESPONSE_REQUEST (self));
  g_return_if_fail (calls != NULL);

  for (guint i = 0; i < calls->len; i++)
    {
      OaiToolCall *call = g_ptr_array_index (calls, i);
      g_autoptr(OaiResponseItem) result = NULL;

      oai_tool_call_cancel (call);
      result = oai_response_new_call_result (oai_tool_call_get_record (call), call);
      oai_response_request_add_item (self, result);
    }
}

/* Whether the server stores what precedes this request. */
static gboolean
is_stored (OaiResponseRequest *self)
{
  return oai_response_request_get_conversation (self) != NULL || oai_response_request_get_conversation_object (self) != NULL;
}

void
oai_response_request_run_tools_start (OaiResponseRequest *self, OaiResponse *response, OaiToolset *toolset, GTask *task)
{
  gboolean parallel = !oai_record_has_member (OAI_RECORD (self), "parallel_tool_calls") || oai_response_request_get_parallel_tool_calls (self);

  if (oai_response_request_get_previous_response_id (self) != NULL)
    oai_response_request_continue_from (self, response);
  else if (is_stored (self))
    oai_record_unset_member (OAI_RECORD (self), "input");
  else
    oai_response_request_add_output (self, response);
  oai_toolset_run_for_method (toolset, oai_response_create_calls (response, toolset), parallel,
                              (OaiToolResultsFunc) oai_response_request_add_call_results, task);
}
