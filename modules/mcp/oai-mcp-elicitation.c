/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-mcp-elicitation-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-builder-private.h"
#include "oai-json-writer-private.h"
#include "oai-mcp-answer-private.h"

/**
 * OaiMcpElicitation:
 *
 * A request of an MCP server for input of the user, with a message for the user: a form with a JSON schema of the values
 * ([signal@Oai.McpClient::elicitation-requested]), or a URL that the user should open
 * ([signal@Oai.McpClient::url-requested]).
 *
 * A handler answers at once, or keeps a reference and answers later. Only the first answer is used. If the last
 * reference is released without an answer, the request is declined. If the server or the program cancels what the
 * input is for, [method@Oai.McpElicitation.get_cancellable] is cancelled, and later answers are ignored.
 *
 * The program should show which server requests the input. Servers must not request passwords or keys with a form; they
 * use a URL instead, so that the program does not receive what the user enters. Show the whole URL, and open it only if
 * the user agrees, in a web browser.
 *
 * Since: 1.0
 */
struct _OaiMcpElicitation
{
  GObject parent_instance;

  OaiMcpAnswer answer;
  char *message;
  char *schema;
  char *url; /* NULL for a form */
  char *id;
};

G_DEFINE_FINAL_TYPE (OaiMcpElicitation, oai_mcp_elicitation, G_TYPE_OBJECT)

/* content: nullable */
static void
respond (OaiMcpElicitation *self, const char *action, OaiJsonDoc *content)
{
  g_autoptr(GTask) task = oai_mcp_answer_steal (&self->answer);
  OaiJsonBuilder *builder;

  if (task == NULL)
    return;

  builder = oai_json_builder_new_object ();
  oai_json_builder_add_string (builder, "action", action, -1);
  if (content != NULL)
    oai_json_builder_add_node (builder, "content", content, 0);
  g_task_return_pointer (task, oai_json_builder_finish_text (builder), g_free);
}

static void
oai_mcp_elicitation_dispose (GObject *object)
{
  respond (OAI_MCP_ELICITATION (object), "decline", NULL);

  G_OBJECT_CLASS (oai_mcp_elicitation_parent_class)->dispose (object);
}

static void
oai_mcp_elicitation_finalize (GObject *object)
{
  OaiMcpElicitation *self = OAI_MCP_ELICITATION (object);

  oai_mcp_answer_clear (&self->answer);
  g_free (self->message);
  g_free (self->schema);
  g_free (self->url);
  g_free (self->id);

  G_OBJECT_CLASS (oai_mcp_elicitation_parent_class)->finalize (object);
}

static void
oai_mcp_elicitation_class_init (OaiMcpElicitationClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = oai_mcp_elicitation_dispose;
  object_class->finalize = oai_mcp_elicitation_finalize;
}

static void
oai_mcp_elicitation_init (OaiMcpElicitation *self)
{
}

OaiMcpElicitation *
oai_mcp_elicitation_new (OaiJsonDoc *doc, OaiJsonNode params, const char *url, GTask *task)
{
  OaiMcpElicitation *self = g_object_new (OAI_TYPE_MCP_ELICITATION, NULL);
  OaiJsonNode schema = oai_json_get_member (doc, params, "requestedSchema");

  oai_mcp_answer_init (&self->answer, task);
  self->message = g_strdup (oai_json_get_string (doc, oai_json_get_member (doc, params, "message"), NULL));
  self->url = g_strdup (url);
  self->id = g_strdup (oai_json_get_string (doc, oai_json_get_member (doc, params, "elicitationId"), NULL));
  self->schema = oai_json_get_type (doc, schema) == OAI_JSON_OBJECT ? oai_json_dup_node (doc, schema) : NULL;

  return self;
}

/**
 * oai_mcp_elicitation_get_message:
 * @self: the request
 *
 * Gets the message for the user, which explains what is requested and why.
 *
 * Returns: the message, empty if the server sent none
 *
 * Since: 1.0
 */
const char *
oai_mcp_elicitation_get_message (OaiMcpElicitation *self)
{
  g_return_val_if_fail (OAI_IS_MCP_ELICITATION (self), NULL);

  return self->message != NULL ? self->message : "";
}

/**
 * oai_mcp_elicitation_get_schema:
 * @self: the request
 *
 * Gets the JSON schema of the values: an object whose members are texts, numbers, booleans or choices.
 *
 * Returns: the schema as JSON text; an empty object if the server sent none, or requests that the user opens a URL
 *
 * Since: 1.0
 */
const char *
oai_mcp_elicitation_get_schema (OaiMcpElicitation *self)
{
  g_return_val_if_fail (OAI_IS_MCP_ELICITATION (self), NULL);

  return self->schema != NULL ? self->schema : "{}";
}

/**
 * oai_mcp_elicitation_get_url:
 * @self: the request
 *
 * Gets the URL that the user should open.
 *
 * Returns: (nullable): a URL with the scheme http or https; %NULL for a form
 *
 * Since: 1.0
 */
const char *
oai_mcp_elicitation_get_url (OaiMcpElicitation *self)
{
  g_return_val_if_fail (OAI_IS_MCP_ELICITATION (self), NULL);

  return self->url;
}

/**
 * oai_mcp_elicitation_get_id:
 * @self: the request
 *
 * Gets the identifier of a request for a URL, for [signal@Oai.McpClient::url-completed].
 *
 * Returns: (nullable): the identifier; %NULL for a form, and for servers of 2026-07-28
 *
 * Since: 1.0
 */
const char *
oai_mcp_elicitation_get_id (OaiMcpElicitation *self)
{
  g_return_val_if_fail (OAI_IS_MCP_ELICITATION (self), NULL);

  return self->id;
}

/**
 * oai_mcp_elicitation_get_cancellable:
 * @self: the request
 *
 * Gets a cancellable that is cancelled if the input is no longer needed. A dialog can be closed then.
 *
 * Returns: (transfer none): the cancellable
 *
 * Since: 1.0
 */
GCancellable *
oai_mcp_elicitation_get_cancellable (OaiMcpElicitation *self)
{
  g_return_val_if_fail (OAI_IS_MCP_ELICITATION (self), NULL);

  return self->answer.cancellable;
}

/**
 * oai_mcp_elicitation_accept:
 * @self: the request
 * @content_json: (nullable): the values: a JSON object that matches the schema; %NULL for a URL
 * @error: return location for an error
 *
 * Sends the values of a form, or reports that the user agrees to open the URL, and not that the user has completed what
 * it is for. If @content_json is not a JSON object, a form fails with %OAI_ERROR_INVALID_ARGUMENT, and can still be answered.
 *
 * Returns: %FALSE on error
 *
 * Since: 1.0
 */
gboolean
oai_mcp_elicitation_accept (OaiMcpElicitation *self, const char *content_json, GError **error)
{
  g_autoptr(OaiJsonDoc) doc = NULL;

  g_return_val_if_fail (OAI_IS_MCP_ELICITATION (self), FALSE);

  if (self->url == NULL)
    {
      doc = content_json != NULL ? oai_json_doc_new_copy (content_json, -1, OAI_JSON_STRICT, error) : NULL;
      if (content_json != NULL && doc == NULL)
        return FALSE;
      if (doc == NULL || oai_json_get_type (doc, 0) != OAI_JSON_OBJECT)
        {
          g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The values of a form must be a JSON object"));
          return FALSE;
        }
    }

  respond (self, "accept", doc);

  return TRUE;
}

/**
 * oai_mcp_elicitation_decline:
 * @self: the request
 *
 * Reports that the user refuses to give the input.
 *
 * Since: 1.0
 */
void
oai_mcp_elicitation_decline (OaiMcpElicitation *self)
{
  g_return_if_fail (OAI_IS_MCP_ELICITATION (self));

  respond (self, "decline", NULL);
}

/**
 * oai_mcp_elicitation_cancel:
 * @self: the request
 *
 * Reports that the user made no choice, for example by closing the dialog.
 *
 * Since: 1.0
 */
void
oai_mcp_elicitation_cancel (OaiMcpElicitation *self)
{
  g_return_if_fail (OAI_IS_MCP_ELICITATION (self));

  respond (self, "cancel", NULL);
}
