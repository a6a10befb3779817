/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-mcp-handshake-private.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-builder-private.h"

#define META "io.modelcontextprotocol/"

typedef struct
{
  OaiMcpRpc *rpc;
  OaiMcpHandshake handshake; /* its documents are referenced */
  char *version;             /* owned; of handshake */
  OaiMcpReply *reply;
  gboolean was_silent;       /* the server did not reply to the first request in time */
} Negotiation;

static void initialize (GTask *task, const char *version);
static void discover (GTask *task, const char *version);

static const char *const versions[] = {
  OAI_MCP_VERSION_STATELESS, OAI_MCP_VERSION_SESSION, "2025-06-18", "2025-03-26", "2024-11-05", NULL
};

const char *const *
oai_mcp_handshake_get_versions (void)
{
  return versions;
}

static void
negotiation_free (Negotiation *self)
{
  g_clear_pointer (&self->reply, oai_mcp_reply_free);
  oai_json_doc_unref (self->handshake.client_info);
  oai_json_doc_unref (self->handshake.capabilities);
  g_free (self->version);
  oai_mcp_rpc_unref (self->rpc);
  g_free (self);
}

static gboolean
is_stateless (const char *version)
{
  return strcmp (version, OAI_MCP_VERSION_STATELESS) == 0;
}

static GTask *
new_step (GTask *task, GAsyncReadyCallback callback)
{
  GTask *step = g_task_new (NULL, g_task_get_cancellable (task), callback, task);

  g_task_set_source_tag (step, new_step);
  g_task_set_check_cancellable (step, FALSE);

  return step;
}

static void
finish (GTask *task, GError *error)
{
  Negotiation *self = g_task_get_task_data (task);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_steal_pointer (&self->reply), (GDestroyNotify) oai_mcp_reply_free);
  g_object_unref (task);
}

/* Revisions of the server */

static GError *
new_version_error (const char *offered)
{
  /* Translators: %s are dates, which name revisions of the protocol. */
  return g_error_new (OAI_ERROR, OAI_ERROR_PROTOCOL, _("The MCP server supports only other revisions of the protocol: %s"), offered);
}

static gboolean
lists_version (OaiJsonDoc *doc, OaiJsonNode list, const char *version)
{
  OaiJsonIter iter;
  OaiJsonNode node;

  oai_json_iter_init (&iter, doc, list);
  while (oai_json_iter_next (&iter, NULL, &node))
    {
      if (g_strcmp0 (oai_json_get_string (doc, node, NULL), version) == 0)
        return TRUE;
    }

  return FALSE;
}

static const char *
choose_version (Negotiation *self, OaiJsonDoc *doc, OaiJsonNode list)
{
  for (guint i = 0; versions[i] != NULL; i++)
    {
      if (self->version != NULL && strcmp (self->version, versions[i]) != 0)
        continue;
      if (lists_version (doc, list, versions[i]))
        return versions[i];
    }

  return NULL;
}

static char *
describe_versions (OaiJsonDoc *doc, OaiJsonNode list)
{
  GString *text = g_string_new (NULL);
  OaiJsonIter iter;
  OaiJsonNode node;

  oai_json_iter_init (&iter, doc, list);
  while (text->len < 200 && oai_json_iter_next (&iter, NULL, &node))
    {
      const char *version = oai_json_get_string (doc, node, NULL);

      if (version != NULL)
        g_string_append_printf (text, "%s%.40s", text->len > 0 ? ", " : "", version);
    }

  return g_string_free (text, FALSE);
}

/* Since 2026-07-28 */

void
oai_mcp_handshake_set_meta (OaiMcpRpc *rpc, const OaiMcpHandshake *handshake, const char *version)
{
  OaiJsonBuilder *builder = oai_json_builder_new_object ();
  g_autoptr(OaiJsonDoc) meta = NULL;

  oai_json_builder_add_string (builder, META "protocolVersion", version, -1);
  oai_json_builder_add_node (builder, META "clientInfo", handshake->client_info, 0);
  oai_json_builder_add_node (builder, META "clientCapabilities", handshake->capabilities, 0);
  if (handshake->log_level != NULL)
    oai_json_builder_add_string (builder, META "logLevel", handshake->log_level, -1);
  meta = oai_json_builder_finish (builder);
  oai_mcp_rpc_set_meta (rpc, meta);
}

/* Uses one of the revisions that the server lists.  accepted: whether the server answered with its description. */
static void
use_listed (GTask *task, OaiJsonDoc *doc, OaiJsonNode list, gboolean accepted)
{
  Negotiation *self = g_task_get_task_data (task);
  const char *version = choose_version (self, doc, list);
  g_autofree char *offered = NULL;

  if (version == NULL)
    {
      offered = describe_versions (doc, list);
      finish (task, new_version_error (offered));
    }
  else if (!is_stateless (version))
    initialize (task, version);
  else if (accepted)
    finish (task, NULL);
  else
    discover (task, version);
}

/* Whether the error shows that the server is one of before 2026-07-28, and not that it is lost. */
static gboolean
is_refusal (Negotiation *self, GTask *step, const GError *error)
{
  int code = oai_mcp_rpc_get_error_code (step, NULL, NULL);

  if (!oai_mcp_rpc_is_open (self->rpc))
    return FALSE;
  if (code != 0)
    return code != OAI_MCP_HEADER_MISMATCH && code != OAI_MCP_MISSING_CAPABILITY;
  if (error->domain == OAI_ERROR)
    return error->code != OAI_ERROR_CONNECTION && error->code != OAI_ERROR_AUTHENTICATION
           && error->code != OAI_ERROR_PERMISSION_DENIED && error->code != OAI_ERROR_CERTIFICATE
           && error->code != OAI_ERROR_INVALID_ARGUMENT;

  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

static void
discovered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Negotiation *self = g_task_get_task_data (task);
  GError *error = NULL;
  OaiJsonDoc *doc;
  OaiJsonNode data;

  self->reply = g_task_propagate_pointer (G_TASK (result), &error);
  if (self->reply != NULL)
    {
      use_listed (task, self->reply->doc, oai_json_get_member (self->reply->doc, self->reply->result, "supportedVersions"), TRUE);
      return;
    }

  if (oai_mcp_rpc_get_error_code (G_TASK (result), &doc, &data) == OAI_MCP_UNSUPPORTED_VERSION)
    {
      use_listed (task, doc, oai_json_get_member (doc, data, "supported"), FALSE);
      g_error_free (error);
    }
  else if (self->version == NULL && is_refusal (self, G_TASK (result), error))
    {
      self->was_silent = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
      g_error_free (error);
      initialize (task, OAI_MCP_VERSION_SESSION);
    }
  else
    finish (task, error);
}

static void
discover (GTask *task, const char *version)
{
  Negotiation *self = g_task_get_task_data (task);
  OaiMcpCallSpec spec = { .method = "server/discover", .is_opening = TRUE };

  spec.timeout_ms = self->version != NULL ? self->handshake.timeout_ms : self->handshake.probe_timeout_ms;
  g_clear_pointer (&self->reply, oai_mcp_reply_free);
  oai_mcp_handshake_set_meta (self->rpc, &self->handshake, version);
  oai_mcp_transport_set_version (oai_mcp_rpc_get_transport (self->rpc), version, TRUE);
  oai_mcp_rpc_call (self->rpc, &spec, new_step (task, discovered_cb));
}

/* Before 2026-07-28 */

static void
delivered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  g_task_propagate_boolean (G_TASK (result), &error);
  finish (user_data, error);
}

static void
initialized_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Negotiation *self = g_task_get_task_data (task);
  const char *version = NULL;
  GError *error = NULL;

  self->reply = g_task_propagate_pointer (G_TASK (result), &error);
  if (self->reply != NULL)
    version = oai_json_get_string (self->reply->doc, oai_json_get_member (self->reply->doc, self->reply->result, "protocolVersion"), NULL);
  if (error == NULL
      && (version == NULL || is_stateless (version) || !g_strv_contains (versions, version)
          || (self->version != NULL && strcmp (version, self->version) != 0)))
    {
      g_autofree char *shown = g_strdup_printf ("%.40s", version != NULL ? version : "?");

      error = new_version_error (shown);
    }
  if (error != NULL && self->was_silent && oai_mcp_rpc_get_error_code (G_TASK (result), NULL, NULL) != 0)
    {
      /* The server took long to start, and does not know the handshake. */
      g_error_free (error);
      self->version = g_strdup (OAI_MCP_VERSION_STATELESS);
      self->was_silent = FALSE;
      discover (task, OAI_MCP_VERSION_STATELESS);
      return;
    }
  if (error != NULL)
    {
      finish (task, error);
      return;
    }

  oai_mcp_transport_set_version (oai_mcp_rpc_get_transport (self->rpc), version, FALSE);
  oai_mcp_rpc_notify (self->rpc, "notifications/initialized", NULL, new_step (task, delivered_cb));
}

static void
initialize (GTask *task, const char *version)
{
  Negotiation *self = g_task_get_task_data (task);
  OaiMcpCallSpec spec = { .method = "initialize", .timeout_ms = self->handshake.timeout_ms, .is_opening = TRUE };
  OaiJsonBuilder *builder = oai_json_builder_new_object ();
  g_autoptr(OaiJsonDoc) params = NULL;

  oai_json_builder_add_string (builder, "protocolVersion", version, -1);
  oai_json_builder_add_node (builder, "capabilities", self->handshake.capabilities, 0);
  oai_json_builder_add_node (builder, "clientInfo", self->handshake.client_info, 0);
  params = oai_json_builder_finish (builder);
  spec.params = params;
  g_clear_pointer (&self->reply, oai_mcp_reply_free);
  oai_mcp_rpc_set_meta (self->rpc, NULL);
  oai_mcp_transport_set_version (oai_mcp_rpc_get_transport (self->rpc), NULL, FALSE);
  oai_mcp_rpc_call (self->rpc, &spec, new_step (task, initialized_cb));
}

/* The operation */

void
oai_mcp_handshake_async (OaiMcpRpc *rpc, const OaiMcpHandshake *handshake, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Negotiation *self = g_new0 (Negotiation, 1);

  g_task_set_source_tag (task, oai_mcp_handshake_async);
  g_task_set_check_cancellable (task, FALSE);
  self->rpc = oai_mcp_rpc_ref (rpc);
  self->handshake = *handshake;
  self->handshake.log_level = NULL;
  self->version = g_strdup (handshake->version);
  oai_json_doc_ref (handshake->client_info);
  oai_json_doc_ref (handshake->capabilities);
  g_task_set_task_data (task, self, (GDestroyNotify) negotiation_free);

  if (self->version == NULL || is_stateless (self->version))
    discover (task, OAI_MCP_VERSION_STATELESS);
  else
    initialize (task, self->version);
}

OaiMcpReply *
oai_mcp_handshake_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
