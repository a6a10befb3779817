/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-mcp-subscriptions-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-builder-private.h"
#include "oai-source-private.h"

/* Time before the request is sent again after its end. */
#define FIRST_DELAY_MS 1000
#define MAX_DELAY_MS 60000

struct _OaiMcpSubscriptions
{
  int ref_count;
  gboolean closed;
  OaiMcpRpc *rpc;
  OaiMcpSubscribedLists lists;
  GHashTable *uris;
  gint64 id;          /* of the newest request, or OAI_MCP_NO_ID */
  GTask *task;        /* waits for its acknowledgement, or NULL */
  GSource *timeout;
  GSource *retry;
  guint delay_ms;
};

static void send_request (OaiMcpSubscriptions *self);

static void
subscriptions_unref (OaiMcpSubscriptions *self)
{
  if (--self->ref_count > 0)
    return;

  g_hash_table_unref (self->uris);
  oai_mcp_rpc_unref (self->rpc);
  g_free (self);
}

/* error: NULL for success; taken */
static void
finish_change (OaiMcpSubscriptions *self, GError *error)
{
  g_autoptr(GTask) task = g_steal_pointer (&self->task);

  oai_drop_source (&self->timeout);
  if (task == NULL)
    g_clear_error (&error);
  else if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

void
oai_mcp_subscriptions_free (OaiMcpSubscriptions *self)
{
  self->closed = TRUE;
  oai_drop_source (&self->retry);
  if (self->id != OAI_MCP_NO_ID)
    oai_mcp_rpc_cancel (self->rpc, self->id);
  finish_change (self, g_error_new_literal (OAI_ERROR, OAI_ERROR_CONNECTION, _("The MCP server is not connected")));
  subscriptions_unref (self);
}

static gboolean
retry_cb (gpointer user_data)
{
  OaiMcpSubscriptions *self = user_data;

  oai_drop_source (&self->retry);
  send_request (self);

  return G_SOURCE_REMOVE;
}

static void
start_retry (OaiMcpSubscriptions *self, GMainContext *context)
{
  self->retry = g_timeout_source_new (self->delay_ms);
  g_source_set_callback (self->retry, retry_cb, self, NULL);
  g_source_attach (self->retry, context);
  self->delay_ms = MIN (self->delay_ms * 2, MAX_DELAY_MS);
}

typedef struct
{
  OaiMcpSubscriptions *subscriptions;
  gint64 id;
} Listen;

/* The request has ended: the server ended it, it was replaced by another one, or the connection was closed. */
static void
ended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Listen *listen = user_data;
  OaiMcpSubscriptions *self = listen->subscriptions;
  GError *error = NULL;
  g_autoptr(OaiMcpReply) reply G_GNUC_UNUSED = g_task_propagate_pointer (G_TASK (result), &error);

  if (!self->closed && listen->id == self->id)
    {
      self->id = OAI_MCP_NO_ID;
      if (error != NULL)
        g_debug ("The MCP server does not report changes: %s", error->message);
      if (error == NULL || g_error_matches (error, OAI_ERROR, OAI_ERROR_CONNECTION) || g_error_matches (error, OAI_ERROR, OAI_ERROR_INCOMPLETE))
        start_retry (self, g_task_get_context (G_TASK (result)));
      finish_change (self, error != NULL ? g_steal_pointer (&error) : NULL);
    }
  g_clear_error (&error);
  g_free (listen);
  subscriptions_unref (self);
}

static OaiJsonDoc *
build_params (OaiMcpSubscriptions *self)
{
  OaiJsonBuilder *builder = oai_json_builder_new_object ();
  GHashTableIter iter;
  gpointer uri;

  oai_json_builder_begin_object (builder, "notifications");
  if (self->lists.tools)
    oai_json_builder_add_boolean (builder, "toolsListChanged", TRUE);
  if (self->lists.prompts)
    oai_json_builder_add_boolean (builder, "promptsListChanged", TRUE);
  if (self->lists.resources)
    oai_json_builder_add_boolean (builder, "resourcesListChanged", TRUE);
  if (g_hash_table_size (self->uris) > 0)
    {
      oai_json_builder_begin_array (builder, "resourceSubscriptions");
      g_hash_table_iter_init (&iter, self->uris);
      while (g_hash_table_iter_next (&iter, &uri, NULL))
        oai_json_builder_add_string (builder, NULL, uri, -1);
      oai_json_builder_end (builder);
    }

  return oai_json_builder_finish (builder);
}

static gboolean
is_empty (OaiMcpSubscriptions *self)
{
  return !self->lists.tools && !self->lists.prompts && !self->lists.resources && g_hash_table_size (self->uris) == 0;
}

static void
send_request (OaiMcpSubscriptions *self)
{
  g_autoptr(OaiJsonDoc) params = build_params (self);
  OaiMcpCallSpec spec = { .method = "subscriptions/listen", .params = params };
  gint64 previous = self->id;
  Listen *listen;

  oai_drop_source (&self->retry);
  self->id = OAI_MCP_NO_ID;
  if (!is_empty (self))
    {
      listen = g_new (Listen, 1);
      listen->subscriptions = self;
      self->ref_count++;
      self->id = listen->id = oai_mcp_rpc_call (self->rpc, &spec, g_task_new (NULL, NULL, ended_cb, listen));
    }
  if (previous != OAI_MCP_NO_ID)
    oai_mcp_rpc_cancel (self->rpc, previous);
}

OaiMcpSubscriptions *
oai_mcp_subscriptions_new (OaiMcpRpc *rpc, const OaiMcpSubscribedLists *lists)
{
  OaiMcpSubscriptions *self = g_new0 (OaiMcpSubscriptions, 1);

  self->ref_count = 1;
  self->rpc = oai_mcp_rpc_ref (rpc);
  self->lists = *lists;
  self->delay_ms = FIRST_DELAY_MS;
  self->uris = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  send_request (self);

  return self;
}

static gboolean
timeout_cb (gpointer user_data)
{
  OaiMcpSubscriptions *self = user_data;

  finish_change (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("The MCP server did not acknowledge the subscription")));

  return G_SOURCE_REMOVE;
}

void
oai_mcp_subscriptions_change (OaiMcpSubscriptions *self, const char *uri, gboolean subscribed, guint timeout_ms, GTask *task)
{
  finish_change (self, NULL);
  if (subscribed)
    g_hash_table_add (self->uris, g_strdup (uri));
  else
    g_hash_table_remove (self->uris, uri);

  self->task = task;
  send_request (self);
  if (self->id == OAI_MCP_NO_ID)
    {
      finish_change (self, NULL);
    }
  else if (timeout_ms > 0)
    {
      self->timeout = g_timeout_source_new (timeout_ms);
      g_source_set_callback (self->timeout, timeout_cb, self, NULL);
      g_source_attach (self->timeout, g_task_get_context (task));
    }
}

void
oai_mcp_subscriptions_acknowledge (OaiMcpSubscriptions *self, OaiJsonDoc *doc, OaiJsonNode params)
{
  OaiJsonNode meta = oai_json_get_member (doc, params, "_meta");
  gint64 id;

  if (!oai_json_get_int (doc, oai_json_get_member (doc, meta, "io.modelcontextprotocol/subscriptionId"), &id) || id != self->id)
    return;

  self->delay_ms = FIRST_DELAY_MS;
  finish_change (self, NULL);
}
