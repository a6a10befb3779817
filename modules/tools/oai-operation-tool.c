/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-operation-tool.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-writer-private.h"
#include "oai-operation-schema-private.h"
#include "oai-tool-name-private.h"

/* Values longer than this are replaced by a note. */
#define MAX_WORD 2000
#define MAX_NUMBERS 100
#define MAX_REPLY 100000

typedef struct
{
  OaiEndpoint *endpoint;
  const OaiOperation *operation;
  OaiJsonDoc *fixed; /* arguments that the program has set, or NULL */
  GPtrArray *names;  /* of the arguments that the model can choose */
  OaiOperationToolFunc func;
  gpointer user_data;
  GDestroyNotify notify;
} Target;

static void
free_target (gpointer data)
{
  Target *target = data;

  if (target->notify != NULL)
    target->notify (target->user_data);
  g_clear_pointer (&target->fixed, oai_json_doc_unref);
  g_ptr_array_unref (target->names);
  g_object_unref (target->endpoint);
  g_free (target);
}

/* Replies */

static gboolean
is_data (const char *text, gsize length)
{
  return length > MAX_WORD && strcspn (text, " \t\r\n") > MAX_WORD;
}

static void write_short (OaiJsonDoc *doc, OaiJsonNode node, GString *out);

static void
write_container (OaiJsonDoc *doc, OaiJsonNode node, GString *out)
{
  gboolean object = oai_json_get_type (doc, node) == OAI_JSON_OBJECT;
  const char *separator = "";
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode child;

  g_string_append_c (out, object ? '{' : '[');
  oai_json_iter_init (&iter, doc, node);
  while (oai_json_iter_next (&iter, &name, &child))
    {
      g_string_append (out, separator);
      separator = ",";
      if (object)
        {
          oai_json_write_string (out, name, -1);
          g_string_append_c (out, ':');
        }
      write_short (doc, child, out);
    }
  g_string_append_c (out, object ? '}' : ']');
}

/* Writes a value, in which data is replaced by a note. */
static void
write_short (OaiJsonDoc *doc, OaiJsonNode node, GString *out)
{
  OaiJsonType type = oai_json_get_type (doc, node);
  gsize length;
  const char *text = oai_json_get_string (doc, node, &length);
  guint size = oai_json_get_size (doc, node);

  if (text != NULL && is_data (text, length))
    g_string_append_printf (out, "\"[%" G_GSIZE_FORMAT " characters of data, which the program has received]\"", length);
  else if (type == OAI_JSON_OBJECT || (type == OAI_JSON_ARRAY && size <= MAX_NUMBERS))
    write_container (doc, node, out);
  else if (type == OAI_JSON_ARRAY)
    g_string_append_printf (out, "\"[%u elements, which the program has received]\"", size);
  else
    oai_json_write_node (out, doc, node);
}

/* Returns JSON for the model. */
static char *
shorten (Target *self, const char *reply)
{
  g_autoptr(OaiJsonDoc) doc = self->operation->result != OAI_RESULT_BYTES ? oai_json_doc_new_copy (reply, -1, OAI_JSON_TOLERANT, NULL) : NULL;
  g_autoptr(GString) out = g_string_new (NULL);

  if (doc != NULL)
    write_short (doc, 0, out);
  else if (self->operation->result == OAI_RESULT_BYTES)
    g_string_append_printf (out, "\"[%" G_GSIZE_FORMAT " bytes of data, which the program has received]\"", strlen (reply) / 4 * 3);
  else
    oai_json_write_string (out, reply, -1);
  if (out->len > MAX_REPLY)
    g_string_printf (out, "\"[a reply of %" G_GSIZE_FORMAT " bytes, which the program has received]\"", strlen (reply));

  return g_strdup (out->str);
}

static void
answer (Target *self, OaiToolCall *call, const char *reply)
{
  g_autofree char *json = shorten (self, reply);

  if (self->func != NULL)
    self->func (call, reply, self->user_data);
  if (!oai_tool_call_has_ended (call))
    oai_tool_call_respond_json (call, json);
}

/* Calls */

typedef struct
{
  OaiToolCall *call;
  OaiTool *tool;
  Target *target; /* of the tool */
} Pending;

static void
replied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Pending *pending = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *reply = oai_endpoint_invoke_by_name_finish (OAI_ENDPOINT (source), result, &error);

  if (error != NULL)
    oai_tool_call_fail (pending->call, error);
  else if (reply == NULL)
    oai_tool_call_respond (pending->call, NULL);
  else
    answer (pending->target, pending->call, reply);

  g_object_unref (pending->call);
  g_object_unref (pending->tool);
  g_free (pending);
}

static void
add_member (GString *out, const char *name)
{
  g_string_append (out, out->len > 1 ? "," : "");
  oai_json_write_string (out, name, -1);
  g_string_append_c (out, ':');
}

/* Joins the arguments of the program and those of the model.  Null is omitted. */
static char *
dup_arguments (Target *self, OaiToolCall *call)
{
  GString *out = g_string_new ("{");
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode node;

  if (self->fixed != NULL)
    {
      oai_json_iter_init_members (&iter, self->fixed, 0);
      while (oai_json_iter_next (&iter, &name, &node))
        {
          add_member (out, name);
          oai_json_write_node (out, self->fixed, node);
        }
    }
  for (guint i = 0; i < self->names->len; i++)
    {
      g_autofree char *json = oai_tool_call_dup_argument (call, g_ptr_array_index (self->names, i));

      if (json == NULL)
        continue;
      add_member (out, g_ptr_array_index (self->names, i));
      g_string_append (out, json);
    }

  return g_string_free (g_string_append_c (out, '}'), FALSE);
}

static void
call_target (OaiToolCall *call, gpointer data)
{
  Target *target = data;
  g_autofree char *arguments = dup_arguments (target, call);
  Pending *pending = g_new0 (Pending, 1);

  pending->call = g_object_ref (call);
  pending->tool = g_object_ref (oai_tool_call_get_tool (call));
  pending->target = target;
  oai_endpoint_invoke_by_name_async (target->endpoint, target->operation->name, arguments, oai_tool_call_get_cancellable (call), replied_cb, pending);
}

/* The tool */

static const OaiOperation *
find_operation (OaiEndpoint *endpoint, const char *name, GError **error)
{
  OaiEndpointClass *klass = OAI_ENDPOINT_GET_CLASS (endpoint);

  for (guint i = 0; i < klass->n_operations; i++)
    if (g_str_equal (klass->operations[i].name, name))
      return &klass->operations[i];

  g_set_error (error, OAI_ERROR, OAI_ERROR_NOT_FOUND, _("The endpoint “%s” has no operation “%s”"), oai_endpoint_get_name (endpoint), name);

  return NULL;
}

static gboolean
read_fixed (Target *self, const char *json, GError **error)
{
  if (json == NULL)
    return TRUE;

  self->fixed = oai_json_doc_new_copy (json, -1, OAI_JSON_STRICT, error);
  if (self->fixed == NULL || oai_json_get_type (self->fixed, 0) == OAI_JSON_OBJECT)
    return self->fixed != NULL;

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The fixed arguments of an operation must be a JSON object"));

  return FALSE;
}

static OaiTool *
create_tool (Target *target, const char *operation, const char *fixed_arguments, GError **error)
{
  g_autoptr(OaiJsonSchema) schema = NULL;
  g_autofree char *name = oai_tool_name_new (oai_endpoint_get_name (target->endpoint), operation);

  target->operation = find_operation (target->endpoint, operation, error);
  if (target->operation == NULL || !read_fixed (target, fixed_arguments, error))
    return NULL;
  schema = oai_operation_schema_new (target->operation, target->fixed, target->names, error);

  return schema != NULL ? oai_tool_new (name, NULL, schema, call_target, target, free_target) : NULL;
}

/**
 * oai_tool_new_for_operation: (constructor)
 * @endpoint: an endpoint
 * @operation: the name of an operation, such as `create`; [method@Oai.Endpoint.list_operations] lists them
 * @fixed_arguments_json: (nullable): a JSON object with arguments that the program sets, and the model does
 *   not see, such as `{"model": "gpt-image-1"}`
 * @func: (scope notified) (closure user_data) (destroy notify) (nullable): receives each reply
 * @user_data: data for @func
 * @notify: (nullable): frees @user_data
 * @error: return location for a [error@Oai.Error]
 *
 * Creates a tool that calls an operation of the API, for instance to generate an image.
 *
 * The parameters are the other arguments of the operation: those of the path, of the query and of the
 * body, as [method@Oai.Endpoint.invoke_by_name] takes them. Files, secrets and deprecated members
 * are not offered, so that a model cannot upload a file of the user. Set a description:
 * [property@Oai.Tool:description] is not set.
 *
 * The model gets the reply, in which Base64 and other long data, and lists of more than 100 elements, are
 * replaced by a note; a reply of more than 100,000 bytes is replaced as a whole. @func gets the whole reply.
 *
 * The name of the tool is the name of the endpoint and of the operation, as in `images_generate`.
 * Requests cost money: consider [property@Oai.Tool:needs-approval].
 *
 * Returns: (transfer full): a tool, or %NULL with %OAI_ERROR_NOT_FOUND if there is no such operation, or
 *   %OAI_ERROR_INVALID_ARGUMENT if it requires a file, or if @fixed_arguments_json is not a JSON object; then
 *   @notify was called
 *
 * Since: 1.0
 */
OaiTool *
oai_tool_new_for_operation (OaiEndpoint *endpoint, const char *operation, const char *fixed_arguments_json, OaiOperationToolFunc func, gpointer user_data, GDestroyNotify notify, GError **error)
{
  Target *target;
  OaiTool *tool;

  g_return_val_if_fail (OAI_IS_ENDPOINT (endpoint), NULL);
  g_return_val_if_fail (operation != NULL, NULL);

  target = g_new0 (Target, 1);
  target->endpoint = g_object_ref (endpoint);
  target->names = g_ptr_array_new_with_free_func (g_free);
  target->func = func;
  target->user_data = user_data;
  target->notify = notify;
  tool = create_tool (target, operation, fixed_arguments_json, error);
  if (tool == NULL)
    free_target (target);

  return tool;
}
