/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-mcp-server-tool-private.h"

#include <string.h>

#include "oai-base64-private.h"
#include "oai-error.h"
#include "oai-json-builder-private.h"
#include "oai-mcp-client-private.h"
#include "oai-mcp-derived-tools-private.h"
#include "oai-record-private.h"
#include "oai-tool-call-private.h"

/**
 * OaiMcpServerTool:
 *
 * A tool of an MCP server; or its resources or one of its prompts as a tool. [class@Oai.McpToolset] creates it.
 *
 * The model gets the structured result of the server, or else its texts. Images, audio and the bytes of resources are
 * described by their types and sizes. Images (PNG, JPEG, WebP and GIF) and PDF documents are also files of the output
 * ([method@Oai.ToolCall.add_file]), unless [property@Oai.McpToolset:sends-files] is unset;
 * [method@Oai.McpServerTool.get_result] has all contents. If the server reports that the
 * tool failed, the model gets the text of that.
 *
 * Since: 1.0
 */
struct _OaiMcpServerTool
{
  OaiTool parent_instance;

  OaiMcpClient *client;
  OaiMcpToolKind kind;
  OaiMcpTool *record;
  char *wire_name; /* or NULL */
  gboolean sends_files;
};

G_DEFINE_FINAL_TYPE (OaiMcpServerTool, oai_mcp_server_tool, OAI_TYPE_TOOL)

static GQuark
get_result_quark (void)
{
  return g_quark_from_static_string ("oai-mcp-tool-result");
}

/* Results */

static void
add_media (OaiJsonBuilder *builder, const char *type, const char *mime_type, const char *base64)
{
  oai_json_builder_begin_object (builder, NULL);
  oai_json_builder_add_string (builder, "type", type, -1);
  if (mime_type != NULL)
    oai_json_builder_add_string (builder, "mime_type", mime_type, -1);
  if (base64 != NULL)
    oai_json_builder_add_int (builder, "size", (gint64) strlen (base64) / 4 * 3);
  oai_json_builder_end (builder);
}

static void
add_resource (OaiJsonBuilder *builder, OaiMcpResourceContents *contents)
{
  if (contents == NULL)
    return;

  oai_json_builder_begin_object (builder, NULL);
  oai_json_builder_add_string (builder, "type", "resource", -1);
  if (oai_mcp_resource_contents_get_uri (contents) != NULL)
    oai_json_builder_add_string (builder, "uri", oai_mcp_resource_contents_get_uri (contents), -1);
  if (oai_mcp_resource_contents_get_mime_type (contents) != NULL)
    oai_json_builder_add_string (builder, "mime_type", oai_mcp_resource_contents_get_mime_type (contents), -1);
  if (oai_mcp_resource_contents_get_text (contents) != NULL)
    oai_json_builder_add_string (builder, "text", oai_mcp_resource_contents_get_text (contents), -1);
  oai_json_builder_end (builder);
}

static void
add_link (OaiJsonBuilder *builder, OaiMcpResourceLink *link)
{
  oai_json_builder_begin_object (builder, NULL);
  oai_json_builder_add_string (builder, "type", "resource_link", -1);
  if (oai_mcp_resource_link_get_uri (link) != NULL)
    oai_json_builder_add_string (builder, "uri", oai_mcp_resource_link_get_uri (link), -1);
  if (oai_mcp_resource_link_get_name (link) != NULL)
    oai_json_builder_add_string (builder, "name", oai_mcp_resource_link_get_name (link), -1);
  if (oai_mcp_resource_link_get_description (link) != NULL)
    oai_json_builder_add_string (builder, "description", oai_mcp_resource_link_get_description (link), -1);
  oai_json_builder_end (builder);
}

static void
add_content (OaiJsonBuilder *builder, OaiMcpContent *content)
{
  if (OAI_IS_MCP_TEXT_CONTENT (content) && oai_mcp_text_content_get_text (OAI_MCP_TEXT_CONTENT (content)) != NULL)
    oai_json_builder_add_string (builder, NULL, oai_mcp_text_content_get_text (OAI_MCP_TEXT_CONTENT (content)), -1);
  else if (OAI_IS_MCP_IMAGE_CONTENT (content))
    add_media (builder, "image", oai_mcp_image_content_get_mime_type (OAI_MCP_IMAGE_CONTENT (content)),
               oai_mcp_image_content_get_data (OAI_MCP_IMAGE_CONTENT (content)));
  else if (OAI_IS_MCP_AUDIO_CONTENT (content))
    add_media (builder, "audio", oai_mcp_audio_content_get_mime_type (OAI_MCP_AUDIO_CONTENT (content)),
               oai_mcp_audio_content_get_data (OAI_MCP_AUDIO_CONTENT (content)));
  else if (OAI_IS_MCP_EMBEDDED_RESOURCE (content))
    add_resource (builder, oai_mcp_embedded_resource_get_resource (OAI_MCP_EMBEDDED_RESOURCE (content)));
  else if (OAI_IS_MCP_RESOURCE_LINK (content))
    add_link (builder, OAI_MCP_RESOURCE_LINK (content));
}

/* Returns the text of a result that has only texts, NULL for another one. */
static char *
dup_text (GPtrArray *parts)
{
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; i < parts->len; i++)
    {
      const char *part = OAI_IS_MCP_TEXT_CONTENT (parts->pdata[i]) ? oai_mcp_text_content_get_text (parts->pdata[i]) : NULL;

      if (part == NULL)
        return NULL;
      if (text->len > 0)
        g_string_append_c (text, '\n');
      g_string_append (text, part);
    }

  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
dup_description (GPtrArray *parts)
{
  OaiJsonBuilder *builder = oai_json_builder_new_array ();

  for (guint i = 0; i < parts->len; i++)
    add_content (builder, parts->pdata[i]);

  return oai_json_builder_finish_text (builder);
}

static void
add_file (OaiToolCall *call, const char *base64, const char *content_type, const char *filename)
{
  static const char *const types[] = { "image/png", "image/jpeg", "image/webp", "image/gif", "application/pdf", NULL };
  g_autoptr(GBytes) bytes = NULL;

  if (base64 == NULL || content_type == NULL || !g_strv_contains (types, content_type))
    return;

  bytes = oai_base64_decode (base64, strlen (base64), NULL);
  if (bytes != NULL && g_bytes_get_size (bytes) > 0)
    oai_tool_call_add_file (call, bytes, content_type, filename);
}

static void
add_resource_file (OaiToolCall *call, OaiMcpResourceContents *contents)
{
  const char *uri = contents != NULL ? oai_mcp_resource_contents_get_uri (contents) : NULL;
  g_autofree char *filename = uri != NULL ? g_path_get_basename (uri) : NULL;

  if (contents != NULL)
    add_file (call, oai_mcp_resource_contents_get_blob (contents), oai_mcp_resource_contents_get_mime_type (contents), filename);
}

static void
add_files (OaiToolCall *call, GPtrArray *parts)
{
  for (guint i = 0; i < parts->len; i++)
    {
      if (OAI_IS_MCP_IMAGE_CONTENT (parts->pdata[i]))
        add_file (call, oai_mcp_image_content_get_data (parts->pdata[i]), oai_mcp_image_content_get_mime_type (parts->pdata[i]), NULL);
      else if (OAI_IS_MCP_EMBEDDED_RESOURCE (parts->pdata[i]))
        add_resource_file (call, oai_mcp_embedded_resource_get_resource (parts->pdata[i]));
    }
}

static void
respond (OaiToolCall *call, OaiMcpToolResult *result)
{
  GPtrArray *parts = oai_mcp_tool_result_get_content_parts (result);
  const char *structured = oai_mcp_tool_result_get_structured_content (result);
  g_autofree char *text = dup_text (parts);
  g_autofree char *described = text == NULL ? dup_description (parts) : NULL;

  if (oai_mcp_tool_result_get_is_error (result))
    oai_tool_call_fail_with_message (call, text != NULL ? text : described);
  else if (structured != NULL && text != NULL)
    oai_tool_call_respond_json (call, structured);
  else if (text != NULL)
    oai_tool_call_respond (call, text);
  else
    oai_tool_call_respond_json (call, described);
}

/* Resources */

static void
add_member (OaiJsonBuilder *builder, const char *name, const char *value)
{
  if (value != NULL)
    oai_json_builder_add_string (builder, name, value, -1);
}

static void
add_listed_resource (gpointer resource, gpointer builder)
{
  oai_json_builder_begin_object (builder, NULL);
  add_member (builder, "uri", oai_mcp_resource_get_uri (resource));
  add_member (builder, "name", oai_mcp_resource_get_name (resource));
  add_member (builder, "description", oai_mcp_resource_get_description (resource));
  add_member (builder, "mime_type", oai_mcp_resource_get_mime_type (resource));
  oai_json_builder_end (builder);
}

static void
add_listed_template (gpointer template, gpointer builder)
{
  oai_json_builder_begin_object (builder, NULL);
  add_member (builder, "uri_template", oai_mcp_resource_template_get_uri_template (template));
  add_member (builder, "name", oai_mcp_resource_template_get_name (template));
  add_member (builder, "description", oai_mcp_resource_template_get_description (template));
  add_member (builder, "mime_type", oai_mcp_resource_template_get_mime_type (template));
  oai_json_builder_end (builder);
}

typedef struct
{
  OaiToolCall *call;
  GPtrArray *resources;
} Listing;

/* Many servers have resources and no templates, so an error means that there are none. */
static void
templates_listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Listing *listing = user_data;
  g_autoptr(OaiToolCall) call = listing->call;
  g_autoptr(GPtrArray) resources = listing->resources;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) templates = oai_mcp_client_list_resource_templates_finish (OAI_MCP_CLIENT (source), result, &error);
  OaiJsonBuilder *builder;
  g_autofree char *text = NULL;

  if (templates == NULL)
    g_debug ("The templates of resources of an MCP server were not listed: %s", error->message);

  builder = oai_json_builder_new_object ();
  oai_json_builder_begin_array (builder, "resources");
  g_ptr_array_foreach (resources, add_listed_resource, builder);
  oai_json_builder_end (builder);
  oai_json_builder_begin_array (builder, "templates");
  if (templates != NULL)
    g_ptr_array_foreach (templates, add_listed_template, builder);
  text = oai_json_builder_finish_text (builder);
  oai_tool_call_respond_json (call, text);
}

static void
resources_listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(OaiToolCall) call = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) resources = oai_mcp_client_list_resources_finish (OAI_MCP_CLIENT (source), result, &error);
  Listing *listing;

  if (resources == NULL)
    {
      oai_tool_call_fail (call, error);
      return;
    }

  listing = g_new (Listing, 1);
  *listing = (Listing) { g_object_ref (call), g_steal_pointer (&resources) };
  oai_mcp_client_list_resource_templates_async (OAI_MCP_CLIENT (source), oai_tool_call_get_cancellable (call), templates_listed_cb, listing);
}

/* Returns the only text, or NULL if there is something else. */
static const char *
get_only_text (GPtrArray *contents)
{
  return contents->len == 1 ? oai_mcp_resource_contents_get_text (contents->pdata[0]) : NULL;
}

typedef struct
{
  OaiMcpServerTool *tool; /* the tool of the call may be another one, which has a prefix */
  OaiToolCall *call;
} Reading;

static void
resource_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Reading *reading = user_data;
  g_autoptr(OaiMcpServerTool) self = reading->tool;
  g_autoptr(OaiToolCall) call = reading->call;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) contents = oai_mcp_client_read_resource_finish (OAI_MCP_CLIENT (source), result, &error);
  OaiJsonBuilder *builder;
  g_autofree char *text = NULL;

  /* The code of the error depends on the revision of the protocol. */
  if (g_error_matches (error, OAI_ERROR, OAI_ERROR_NOT_FOUND) || g_error_matches (error, OAI_ERROR, OAI_ERROR_BAD_REQUEST))
    oai_tool_call_fail_with_message (call, "There is no resource with this URI.");
  else if (contents == NULL)
    oai_tool_call_fail (call, error);
  if (contents == NULL)
    return;

  builder = oai_json_builder_new_array ();
  for (guint i = 0; i < contents->len; i++)
    {
      add_resource (builder, contents->pdata[i]);
      if (self->sends_files)
        add_resource_file (call, contents->pdata[i]);
    }
  text = oai_json_builder_finish_text (builder);
  if (get_only_text (contents) != NULL)
    oai_tool_call_respond (call, get_only_text (contents));
  else
    oai_tool_call_respond_json (call, text);
}

static void
read_resource (OaiMcpServerTool *self, OaiToolCall *call)
{
  Reading *reading = g_new (Reading, 1);

  *reading = (Reading) { g_object_ref (self), g_object_ref (call) };
  oai_mcp_client_read_resource_async (self->client, oai_tool_call_get_string (call, OAI_MCP_ARGUMENT_URI), oai_tool_call_get_cancellable (call), resource_read_cb, reading);
}

/* Prompts */

static void
prompt_received_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(OaiToolCall) call = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiMcpPromptResult) prompt = oai_mcp_client_request_prompt_finish (OAI_MCP_CLIENT (source), result, &error);
  GPtrArray *messages;
  OaiJsonBuilder *builder;
  g_autofree char *text = NULL;

  if (prompt == NULL)
    {
      oai_tool_call_fail (call, error);
      return;
    }

  messages = oai_mcp_prompt_result_get_messages (prompt);
  builder = oai_json_builder_new_array ();
  for (guint i = 0; i < messages->len; i++)
    {
      oai_json_builder_begin_object (builder, NULL);
      add_member (builder, "role", oai_record_get_string_member (messages->pdata[i], "role"));
      oai_json_builder_begin_array (builder, "content");
      if (oai_mcp_prompt_message_get_content (messages->pdata[i]) != NULL)
        add_content (builder, oai_mcp_prompt_message_get_content (messages->pdata[i]));
      oai_json_builder_end (builder);
      oai_json_builder_end (builder);
    }
  text = oai_json_builder_finish_text (builder);
  oai_tool_call_respond_json (call, text);
}

/* Calls */

static void
called_cb (GObject *source, GAsyncResult *task, gpointer user_data)
{
  g_autoptr(OaiToolCall) call = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiMcpReply) reply = g_task_propagate_pointer (G_TASK (task), &error);
  OaiMcpServerTool *self = OAI_MCP_SERVER_TOOL (source);
  OaiRecord *result;

  if (reply == NULL)
    {
      oai_tool_call_fail (call, error);
      return;
    }

  result = oai_record_new_from_doc (OAI_TYPE_MCP_TOOL_RESULT, reply->doc, reply->result, NULL, NULL);
  g_object_set_qdata_full (G_OBJECT (call), get_result_quark (), result, g_object_unref);
  if (self->sends_files)
    add_files (call, oai_mcp_tool_result_get_content_parts (OAI_MCP_TOOL_RESULT (result)));
  respond (call, OAI_MCP_TOOL_RESULT (result));
}

static void
progress_cb (double progress, double total, const char *message, gpointer user_data)
{
  double part = total > 0 && progress >= 0 ? MIN (progress / total, 1) : -1;

  oai_tool_call_report_progress (user_data, part, message);
}

static void
run_tool (OaiMcpServerTool *self, OaiToolCall *call, const char *arguments_json)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiJsonDoc) arguments = oai_json_doc_new_copy (arguments_json, -1, OAI_JSON_TOLERANT, &error);
  GTask *task;

  if (arguments == NULL)
    {
      oai_tool_call_fail (call, error);
      return;
    }

  task = g_task_new (self, oai_tool_call_get_cancellable (call), called_cb, g_object_ref (call));
  g_task_set_source_tag (task, run_tool);
  g_task_set_check_cancellable (task, FALSE);
  oai_mcp_client_run_tool (self->client, self->wire_name, arguments, progress_cb, g_object_ref (call), g_object_unref, task);
}

static void
oai_mcp_server_tool_call (OaiTool *tool, OaiToolCall *call)
{
  OaiMcpServerTool *self = OAI_MCP_SERVER_TOOL (tool);
  GCancellable *cancellable = oai_tool_call_get_cancellable (call);
  g_autofree char *arguments = oai_tool_call_dup_arguments_json (call);

  switch (self->kind)
    {
    case OAI_MCP_TOOL_KIND_LIST_RESOURCES:
      oai_mcp_client_list_resources_async (self->client, cancellable, resources_listed_cb, g_object_ref (call));
      break;
    case OAI_MCP_TOOL_KIND_READ_RESOURCE:
      read_resource (self, call);
      break;
    case OAI_MCP_TOOL_KIND_PROMPT:
      oai_mcp_client_request_prompt_async (self->client, self->wire_name, arguments, cancellable, prompt_received_cb, g_object_ref (call));
      break;
    case OAI_MCP_TOOL_KIND_TOOL:
    default:
      run_tool (self, call, arguments);
    }
}

/* The object */

static void
oai_mcp_server_tool_finalize (GObject *object)
{
  OaiMcpServerTool *self = OAI_MCP_SERVER_TOOL (object);

  g_clear_object (&self->client);
  g_clear_object (&self->record);
  g_free (self->wire_name);

  G_OBJECT_CLASS (oai_mcp_server_tool_parent_class)->finalize (object);
}

static void
oai_mcp_server_tool_class_init (OaiMcpServerToolClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = oai_mcp_server_tool_finalize;
  OAI_TOOL_CLASS (klass)->call = oai_mcp_server_tool_call;
}

static void
oai_mcp_server_tool_init (OaiMcpServerTool *self)
{
}

static const char *
get_description (OaiMcpTool *record)
{
  const char *description = oai_mcp_tool_get_description (record);

  return description != NULL ? description : oai_mcp_tool_get_title (record);
}

OaiTool *
oai_mcp_server_tool_new (OaiMcpClient *client, OaiMcpToolKind kind, OaiMcpTool *record, const char *wire_name, const char *name, GError **error)
{
  const char *text = oai_mcp_tool_get_input_schema (record);
  g_autoptr(OaiJsonSchema) schema = text != NULL ? oai_json_schema_new (text, error) : NULL;
  OaiMcpServerTool *self;

  if (text != NULL && schema == NULL)
    return NULL;

  self = g_object_new (OAI_TYPE_MCP_SERVER_TOOL, "name", name, "description", get_description (record), "parameters", schema, NULL);
  self->client = g_object_ref (client);
  self->kind = kind;
  self->record = g_object_ref (record);
  self->wire_name = g_strdup (wire_name);

  return OAI_TOOL (self);
}

OaiMcpToolKind
oai_mcp_server_tool_get_kind (OaiMcpServerTool *self)
{
  return self->kind;
}

void
oai_mcp_server_tool_set_sends_files (OaiMcpServerTool *self, gboolean sends_files)
{
  self->sends_files = sends_files;
}

/**
 * oai_mcp_server_tool_get_client:
 * @self: a tool
 *
 * Gets the client of the server.
 *
 * Returns: (transfer none): the client
 *
 * Since: 1.0
 */
OaiMcpClient *
oai_mcp_server_tool_get_client (OaiMcpServerTool *self)
{
  g_return_val_if_fail (OAI_IS_MCP_SERVER_TOOL (self), NULL);

  return self->client;
}

/**
 * oai_mcp_server_tool_get_record:
 * @self: a tool
 *
 * Gets the tool as the server describes it: its own name, a name for people, icons, and hints. The record of a prompt or
 * of resources is made by the library.
 *
 * Returns: (transfer none): the record
 *
 * Since: 1.0
 */
OaiMcpTool *
oai_mcp_server_tool_get_record (OaiMcpServerTool *self)
{
  g_return_val_if_fail (OAI_IS_MCP_SERVER_TOOL (self), NULL);

  return self->record;
}

/**
 * oai_mcp_server_tool_get_result:
 * @self: a tool
 * @call: a call of the tool
 *
 * Gets the whole result of a call of a tool of the server, which may contain images, audio and resources.
 *
 * Returns: (transfer none) (nullable): the result; %NULL if the server has not returned one
 *
 * Since: 1.0
 */
OaiMcpToolResult *
oai_mcp_server_tool_get_result (OaiMcpServerTool *self, OaiToolCall *call)
{
  g_return_val_if_fail (OAI_IS_MCP_SERVER_TOOL (self), NULL);
  g_return_val_if_fail (OAI_IS_TOOL_CALL (call), NULL);

  return g_object_get_qdata (G_OBJECT (call), get_result_quark ());
}
