/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-response-event-table-private.h"

enum
{
  OUTPUT_TEXT,
  REFUSAL,
  REASONING,
  SUMMARY,
  ARGUMENTS,
  INPUT,
  MCP_ARGUMENTS,
  CODE,
  DIFF,
  COMMAND,
  N_TEXTS
};

static const OaiResponseTextRow texts[N_TEXTS] = {
  [OUTPUT_TEXT] = { "message", OAI_RESPONSE_LIST_CONTENT, "output_text", NULL, "text", "text", RESPONSE_STREAM__OUTPUT_TEXT_DELTA, RESPONSE_STREAM__OUTPUT_TEXT_DONE },
  [REFUSAL] = { "message", OAI_RESPONSE_LIST_CONTENT, "refusal", NULL, "refusal", "refusal", RESPONSE_STREAM__REFUSAL_DELTA, RESPONSE_STREAM__REFUSAL_DONE },
  [REASONING] = { "reasoning", OAI_RESPONSE_LIST_CONTENT, "reasoning_text", NULL, "text", "text", RESPONSE_STREAM__REASONING_TEXT_DELTA, RESPONSE_STREAM__REASONING_TEXT_DONE },
  [SUMMARY] = { "reasoning", OAI_RESPONSE_LIST_SUMMARY, "summary_text", NULL, "text", "text", RESPONSE_STREAM__REASONING_SUMMARY_DELTA, RESPONSE_STREAM__REASONING_SUMMARY_DONE },
  [ARGUMENTS] = { "function_call", OAI_RESPONSE_LIST_NONE, NULL, NULL, "arguments", "arguments", RESPONSE_STREAM__FUNCTION_CALL_ARGUMENTS_DELTA, RESPONSE_STREAM__FUNCTION_CALL_ARGUMENTS_DONE },
  [INPUT] = { "custom_tool_call", OAI_RESPONSE_LIST_NONE, NULL, NULL, "input", "input", RESPONSE_STREAM__CUSTOM_TOOL_CALL_INPUT_DELTA, RESPONSE_STREAM__CUSTOM_TOOL_CALL_INPUT_DONE },
  [MCP_ARGUMENTS] = { "mcp_call", OAI_RESPONSE_LIST_NONE, NULL, NULL, "arguments", "arguments", RESPONSE_STREAM__MCP_CALL_ARGUMENTS_DELTA, RESPONSE_STREAM__MCP_CALL_ARGUMENTS_DONE },
  [CODE] = { "code_interpreter_call", OAI_RESPONSE_LIST_NONE, NULL, NULL, "code", "code", RESPONSE_STREAM__CODE_INTERPRETER_CODE_DELTA, RESPONSE_STREAM__CODE_INTERPRETER_CODE_DONE },
  [DIFF] = { "apply_patch_call", OAI_RESPONSE_LIST_NONE, NULL, "operation", "diff", "diff", RESPONSE_STREAM__PATCH_DIFF_DELTA, RESPONSE_STREAM__PATCH_DIFF_DONE },
  [COMMAND] = { "shell_call", OAI_RESPONSE_LIST_COMMANDS, NULL, NULL, NULL, "command", RESPONSE_STREAM__SHELL_COMMAND_DELTA, RESPONSE_STREAM__SHELL_COMMAND_DONE },
};

static const OaiResponseEventRow rows[] = {
  { "response.created", OAI_RESPONSE_EVENT_RESPONSE },
  { "response.queued", OAI_RESPONSE_EVENT_RESPONSE },
  { "response.in_progress", OAI_RESPONSE_EVENT_RESPONSE },
  { "response.completed", OAI_RESPONSE_EVENT_END },
  { "response.incomplete", OAI_RESPONSE_EVENT_END },
  { "response.failed", OAI_RESPONSE_EVENT_END },
  { "response.cancelled", OAI_RESPONSE_EVENT_END },
  { "response.output_item.added", OAI_RESPONSE_EVENT_ITEM_ADDED },
  { "response.output_item.done", OAI_RESPONSE_EVENT_ITEM_DONE },
  { "response.content_part.added", OAI_RESPONSE_EVENT_PART_ADDED, .list = OAI_RESPONSE_LIST_CONTENT },
  { "response.content_part.done", OAI_RESPONSE_EVENT_PART_DONE, .list = OAI_RESPONSE_LIST_CONTENT },
  { "response.reasoning_part.added", OAI_RESPONSE_EVENT_PART_ADDED, .list = OAI_RESPONSE_LIST_CONTENT, .item_type = "reasoning" },
  { "response.reasoning_part.done", OAI_RESPONSE_EVENT_PART_DONE, .list = OAI_RESPONSE_LIST_CONTENT, .item_type = "reasoning" },
  { "response.reasoning_summary_part.added", OAI_RESPONSE_EVENT_PART_ADDED, .list = OAI_RESPONSE_LIST_SUMMARY, .item_type = "reasoning" },
  { "response.reasoning_summary_part.done", OAI_RESPONSE_EVENT_PART_DONE, .list = OAI_RESPONSE_LIST_SUMMARY, .item_type = "reasoning" },
  { "response.output_text.delta", OAI_RESPONSE_EVENT_TEXT_DELTA, &texts[OUTPUT_TEXT], .item_type = "message" },
  { "response.output_text.done", OAI_RESPONSE_EVENT_TEXT_DONE, &texts[OUTPUT_TEXT], .item_type = "message" },
  { "response.refusal.delta", OAI_RESPONSE_EVENT_TEXT_DELTA, &texts[REFUSAL], .item_type = "message" },
  { "response.refusal.done", OAI_RESPONSE_EVENT_TEXT_DONE, &texts[REFUSAL], .item_type = "message" },
  { "response.reasoning_text.delta", OAI_RESPONSE_EVENT_TEXT_DELTA, &texts[REASONING], .item_type = "reasoning" },
  { "response.reasoning_text.done", OAI_RESPONSE_EVENT_TEXT_DONE, &texts[REASONING], .item_type = "reasoning" },
  { "response.reasoning_summary_text.delta", OAI_RESPONSE_EVENT_TEXT_DELTA, &texts[SUMMARY], .item_type = "reasoning" },
  { "response.reasoning_summary_text.done", OAI_RESPONSE_EVENT_TEXT_DONE, &texts[SUMMARY], .item_type = "reasoning" },
  { "response.function_call_arguments.delta", OAI_RESPONSE_EVENT_TEXT_DELTA, &texts[ARGUMENTS], .item_type = "function_call" },
  { "response.function_call_arguments.done", OAI_RESPONSE_EVENT_TEXT_DONE, &texts[ARGUMENTS], .item_type = "function_call" },
  { "response.custom_tool_call_input.delta", OAI_RESPONSE_EVENT_TEXT_DELTA, &texts[INPUT], .item_type = "custom_tool_call" },
  { "response.custom_tool_call_input.done", OAI_RESPONSE_EVENT_TEXT_DONE, &texts[INPUT], .item_type = "custom_tool_call" },
  { "response.mcp_call_arguments.delta", OAI_RESPONSE_EVENT_TEXT_DELTA, &texts[MCP_ARGUMENTS], .item_type = "mcp_call" },
  { "response.mcp_call_arguments.done", OAI_RESPONSE_EVENT_TEXT_DONE, &texts[MCP_ARGUMENTS], .item_type = "mcp_call" },
  { "response.code_interpreter_call_code.delta", OAI_RESPONSE_EVENT_TEXT_DELTA, &texts[CODE], .item_type = "code_interpreter_call" },
  { "response.code_interpreter_call_code.done", OAI_RESPONSE_EVENT_TEXT_DONE, &texts[CODE], .item_type = "code_interpreter_call" },
  { "response.apply_patch_call_operation_diff.delta", OAI_RESPONSE_EVENT_TEXT_DELTA, &texts[DIFF], .item_type = "apply_patch_call" },
  { "response.apply_patch_call_operation_diff.done", OAI_RESPONSE_EVENT_TEXT_DONE, &texts[DIFF], .item_type = "apply_patch_call" },
  { "response.shell_call_command.added", OAI_RESPONSE_EVENT_TEXT_ADDED, &texts[COMMAND], .item_type = "shell_call" },
  { "response.shell_call_command.delta", OAI_RESPONSE_EVENT_TEXT_DELTA, &texts[COMMAND], .item_type = "shell_call" },
  { "response.shell_call_command.done", OAI_RESPONSE_EVENT_TEXT_DONE, &texts[COMMAND], .item_type = "shell_call" },
  { "response.output_text.annotation.added", OAI_RESPONSE_EVENT_ANNOTATION, &texts[OUTPUT_TEXT], .item_type = "message" },
  { "response.shell_call_output_content.delta", OAI_RESPONSE_EVENT_OUTPUT_DELTA, .list = OAI_RESPONSE_LIST_OUTPUTS, .item_type = "shell_call_output" },
  { "response.shell_call_output_content.done", OAI_RESPONSE_EVENT_OUTPUT_DONE, .list = OAI_RESPONSE_LIST_OUTPUTS, .item_type = "shell_call_output" },
  { "response.web_search_call.in_progress", OAI_RESPONSE_EVENT_PROGRESS, .item_type = "web_search_call", .status = "in_progress" },
  { "response.web_search_call.searching", OAI_RESPONSE_EVENT_PROGRESS, .item_type = "web_search_call", .status = "searching" },
  { "response.web_search_call.completed", OAI_RESPONSE_EVENT_PROGRESS, .item_type = "web_search_call", .status = "completed" },
  { "response.file_search_call.in_progress", OAI_RESPONSE_EVENT_PROGRESS, .item_type = "file_search_call", .status = "in_progress" },
  { "response.file_search_call.searching", OAI_RESPONSE_EVENT_PROGRESS, .item_type = "file_search_call", .status = "searching" },
  { "response.file_search_call.completed", OAI_RESPONSE_EVENT_PROGRESS, .item_type = "file_search_call", .status = "completed" },
  { "response.code_interpreter_call.in_progress", OAI_RESPONSE_EVENT_PROGRESS, .item_type = "code_interpreter_call", .status = "in_progress" },
  { "response.code_interpreter_call.interpreting", OAI_RESPONSE_EVENT_PROGRESS, .item_type = "code_interpreter_call", .status = "interpreting" },
  { "response.code_interpreter_call.completed", OAI_RESPONSE_EVENT_PROGRESS, .item_type = "code_interpreter_call", .status = "completed" },
  { "response.image_generation_call.in_progress", OAI_RESPONSE_EVENT_PROGRESS, .item_type = "image_generation_call", .status = "in_progress" },
  { "response.image_generation_call.generating", OAI_RESPONSE_EVENT_PROGRESS, .item_type = "image_generation_call", .status = "generating" },
  { "response.image_generation_call.completed", OAI_RESPONSE_EVENT_PROGRESS, .item_type = "image_generation_call", .status = "completed" },
  { "response.mcp_call.in_progress", OAI_RESPONSE_EVENT_PROGRESS, .item_type = "mcp_call", .status = "in_progress" },
  { "response.mcp_call.completed", OAI_RESPONSE_EVENT_PROGRESS, .item_type = "mcp_call", .status = "completed" },
  { "response.mcp_call.failed", OAI_RESPONSE_EVENT_PROGRESS, .item_type = "mcp_call", .status = "failed" },
  { "response.mcp_list_tools.in_progress", OAI_RESPONSE_EVENT_PROGRESS, .item_type = "mcp_list_tools", .status = "in_progress", .keeps_status = TRUE },
  { "response.mcp_list_tools.completed", OAI_RESPONSE_EVENT_PROGRESS, .item_type = "mcp_list_tools", .status = "completed", .keeps_status = TRUE },
  { "response.mcp_list_tools.failed", OAI_RESPONSE_EVENT_PROGRESS, .item_type = "mcp_list_tools", .status = "failed", .keeps_status = TRUE },
  { "response.compaction.compacting", OAI_RESPONSE_EVENT_PROGRESS, .item_type = "compaction", .status = "compacting", .keeps_status = TRUE },
  { "response.image_generation_call.partial_image", OAI_RESPONSE_EVENT_IMAGE, .item_type = "image_generation_call" },
  { "response.audio.delta", OAI_RESPONSE_EVENT_AUDIO },
  { "response.audio.transcript.delta", OAI_RESPONSE_EVENT_TRANSCRIPT },
  { "response.audio.transcript.done", OAI_RESPONSE_EVENT_TRANSCRIPT_DONE },
};

const OaiResponseEventRow *
oai_response_event_table_find (const char *name)
{
  static GHashTable *by_name;

  if (g_once_init_enter (&by_name))
    {
      GHashTable *table = g_hash_table_new (g_str_hash, g_str_equal);

      for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
        g_hash_table_insert (table, (char *) rows[i].name, (gpointer) &rows[i]);
      g_once_init_leave (&by_name, table);
    }

  return name != NULL ? g_hash_table_lookup (by_name, name) : NULL;
}

const OaiResponseTextRow *
oai_response_event_table_get_texts (guint *n_texts)
{
  *n_texts = N_TEXTS;

  return texts;
}
