/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-mcp-derived-tools-private.h"

#include "oai-json-builder-private.h"

/* Begins the description of a tool that only reads, up to its arguments. */
static OaiJsonBuilder *
begin_tool (const char *name, const char *title, const char *description)
{
  OaiJsonBuilder *builder = oai_json_builder_new_object ();

  oai_json_builder_add_string (builder, "name", name, -1);
  if (title != NULL)
    oai_json_builder_add_string (builder, "title", title, -1);
  if (description != NULL)
    oai_json_builder_add_string (builder, "description", description, -1);
  oai_json_builder_begin_object (builder, "annotations");
  oai_json_builder_add_boolean (builder, "readOnlyHint", TRUE);
  oai_json_builder_end (builder);

  oai_json_builder_begin_object (builder, "inputSchema");
  oai_json_builder_add_string (builder, "type", "object", -1);
  oai_json_builder_add_boolean (builder, "additionalProperties", FALSE);
  oai_json_builder_begin_object (builder, "properties");

  return builder;
}

static void
add_string_argument (OaiJsonBuilder *builder, const char *name, const char *description)
{
  oai_json_builder_begin_object (builder, name);
  oai_json_builder_add_string (builder, "type", "string", -1);
  if (description != NULL)
    oai_json_builder_add_string (builder, "description", description, -1);
  oai_json_builder_end (builder);
}

/* Closes the arguments, and begins the list of those that are required. */
static void
begin_required (OaiJsonBuilder *builder)
{
  oai_json_builder_end (builder);
  oai_json_builder_begin_array (builder, "required");
}

static OaiMcpTool *
finish_tool (OaiJsonBuilder *builder)
{
  g_autofree char *text = oai_json_builder_finish_text (builder);

  return OAI_MCP_TOOL (oai_record_new_from_json (OAI_TYPE_MCP_TOOL, text, NULL));
}

OaiMcpTool *
oai_mcp_derived_tools_describe_list (void)
{
  OaiJsonBuilder *builder = begin_tool ("list_resources", NULL, "Lists the resources that can be read, and the templates of their URIs.");

  begin_required (builder);

  return finish_tool (builder);
}

OaiMcpTool *
oai_mcp_derived_tools_describe_read (void)
{
  OaiJsonBuilder *builder = begin_tool ("read_resource", NULL, "Reads a resource.");

  add_string_argument (builder, OAI_MCP_ARGUMENT_URI, "URI of the resource");
  begin_required (builder);
  oai_json_builder_add_string (builder, NULL, OAI_MCP_ARGUMENT_URI, -1);

  return finish_tool (builder);
}

OaiMcpTool *
oai_mcp_derived_tools_describe_prompt (OaiMcpPrompt *prompt)
{
  const char *wire = oai_mcp_prompt_get_name (prompt);
  g_autofree char *name = g_strconcat ("prompt_", wire != NULL ? wire : "", NULL);
  GPtrArray *arguments = oai_mcp_prompt_get_argument_list (prompt);
  OaiJsonBuilder *builder = begin_tool (name, oai_mcp_prompt_get_title (prompt), oai_mcp_prompt_get_description (prompt));

  for (guint i = 0; i < arguments->len; i++)
    if (oai_mcp_prompt_argument_get_name (arguments->pdata[i]) != NULL)
      add_string_argument (builder, oai_mcp_prompt_argument_get_name (arguments->pdata[i]), oai_mcp_prompt_argument_get_description (arguments->pdata[i]));
  begin_required (builder);
  for (guint i = 0; i < arguments->len; i++)
    if (oai_mcp_prompt_argument_get_name (arguments->pdata[i]) != NULL && oai_mcp_prompt_argument_get_required (arguments->pdata[i]))
      oai_json_builder_add_string (builder, NULL, oai_mcp_prompt_argument_get_name (arguments->pdata[i]), -1);

  return finish_tool (builder);
}
