/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-mcp-subscriptions-private.h"

#include "oai-deadline-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-builder-private.h"
#include "oai-source-private.h"

/* Time before the request is sent again after its end. */
#define FIRST_DELAY_MS 1000
#define MAX_DELAY_MS 60000

/* One resource more or less.  The changes are made one after the other. */
typedef struct
{
  OaiMcpSubscriptions *subscriptions;
  GTask *task;
  char *uri;
  gboolean subscribed;
  OaiDeadline deadline;
  gint64 id; /* of the request with the change, or OAI_MCP_NO_ID if it is not sent */
} Change;

struct _OaiMcpSubscriptions
{
  int ref_count;
  gboolean closed;
  OaiMcpRpc *rpc;
  OaiMcpSubscribedLists lists;
  GHashTable *uris;   /* of the acknowledged changes */
  gint64 id;          /* of the request with them, or OAI_MCP_NO_ID */
  GQueue changes;     /* of Change: the request with the first one waits for its acknowledgement */
  GSource *retry;
  guint delay_ms;
};

static void send_next (OaiMcpSubscriptions *self);

static OaiMcpSubscriptions *
subscriptions_ref (OaiMcpSubscriptions *self)
{
  self->ref_count++;

  return self;
}

static void
subscriptions_unref (OaiMcpSubscriptions *self)
{
  if (--self->ref_count > 0)
    return;

  g_hash_table_unref (self->uris);
  oai_mcp_rpc_unref (self->rpc);
  g_free (self);
}

/* Requests */

typedef struct
{
  OaiMcpSubscriptions *subscriptions;
  gint64 id;
} Listen;

static void ended_cb (GObject *source, GAsyncResult *result, gpointer user_data);

static gboolean
is_empty (OaiMcpSubscriptions *self, GHashTable *uris)
{
  return !self->lists.tools && !self->lists.prompts && !self->lists.resources && g_hash_table_size (uris) == 0;
}

static OaiJsonDoc *
build_params (OaiMcpSubscriptions *self, GHashTable *uris)
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
  if (g_hash_table_size (uris) > 0)
    {
      oai_json_builder_begin_array (builder, "resourceSubscriptions");
      g_hash_table_iter_init (&iter, uris);
      while (g_hash_table_iter_next (&iter, &uri, NULL))
        oai_json_builder_add_string (builder, NULL, uri, -1);
      oai_json_builder_end (builder);
    }

  return oai_json_builder_finish (builder);
}

/* Returns the number of the request; OAI_MCP_NO_ID if there is nothing to request. */
static gint64
send_request (OaiMcpSubscriptions *self, GHashTable *uris)
{
  g_autoptr(OaiJsonDoc) params = NULL;
  OaiMcpCallSpec spec = { .method = "subscriptions/listen" };
  Listen *listen;
  GTask *task;

  if (is_empty (self, uris))
    return OAI_MCP_NO_ID;

  params = build_params (self, uris);
  spec.params = params;
  listen = g_new (Listen, 1);
  listen->subscriptions = subscriptions_ref (self);
  task = g_task_new (NULL, NULL, ended_cb, listen);
  g_task_set_source_tag (task, send_request);

  return listen->id = oai_mcp_rpc_call (self->rpc, &spec, task);
}

static void
cancel_request (OaiMcpSubscriptions *self, gint64 id)
{
  if (id != OAI_MCP_NO_ID)
    oai_mcp_rpc_cancel (self->rpc, id);
}

static gboolean
retry_cb (gpointer user_data)
{
  OaiMcpSubscriptions *self = user_data;

  oai_drop_source (&self->retry);
  self->id = send_request (self, self->uris);

  return G_SOURCE_REMOVE;
}

static void
start_retry (OaiMcpSubscriptions *self, GMainContext *context)
{
  self->retry = g_timeout_source_new (self->delay_ms);
  g_source_set_static_name (self->retry, "[oai] MCP subscriptions");
  g_source_set_callback (self->retry, retry_cb, self, NULL);
  g_source_attach (self->retry, context);
  self->delay_ms = MIN (self->delay_ms * 2, MAX_DELAY_MS);
}

/* Changes */

/* Ends a change, also while another one is pending.  error: NULL for success; taken */
static void
finish_change (Change *change, GError *error)
{
  OaiMcpSubscriptions *self = change->subscriptions;
  g_autoptr(GTask) task = change->task;

  g_queue_remove (&self->changes, change);
  oai_deadline_clear (&change->deadline);
  g_free (change->uri);
  g_free (change);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

/* A failed change leaves the request of before as it is.  Takes error. */
static void
fail_change (Change *change, GError *error)
{
  OaiMcpSubscriptions *self = subscriptions_ref (change->subscriptions);
  gint64 id = change->id;

  finish_change (change, error);
  cancel_request (self, id);
  if (!self->closed)
    send_next (self);
  subscriptions_unref (self);
}

/* The request with the change replaces the one of before. */
static void
accept_change (OaiMcpSubscriptions *self, Change *change)
{
  gint64 previous = self->id;

  oai_drop_source (&self->retry);
  self->delay_ms = FIRST_DELAY_MS;
  self->id = change->id;
  if (change->subscribed)
    g_hash_table_add (self->uris, g_strdup (change->uri));
  else
    g_hash_table_remove (self->uris, change->uri);

  subscriptions_ref (self);
  finish_change (change, NULL);
  cancel_request (self, previous);
  if (!self->closed)
    send_next (self);
  subscriptions_unref (self);
}

static GHashTable *
get_changed_uris (OaiMcpSubscriptions *self, Change *change)
{
  GHashTable *uris = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer uri;

  g_hash_table_iter_init (&iter, self->uris);
  while (g_hash_table_iter_next (&iter, &uri, NULL))
    g_hash_table_add (uris, uri);
  if (change->subscribed)
    g_hash_table_add (uris, change->uri);
  else
    g_hash_table_remove (uris, change->uri);

  return uris;
}

/* Sends the request with the first change, if it is not sent. */
static void
send_next (OaiMcpSubscriptions *self)
{
  Change *change = g_queue_peek_head (&self->changes);
  g_autoptr(GHashTable) uris = NULL;

  if (change == NULL || change->id != OAI_MCP_NO_ID)
    return;

  uris = get_changed_uris (self, change);
  change->id = send_request (self, uris);
  if (change->id == OAI_MCP_NO_ID)
    accept_change (self, change);
}

static void
deadline_cb (gboolean timed_out, gpointer user_data)
{
  GError *error = NULL;

  if (timed_out)
    error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("The MCP server did not acknowledge the subscription"));
  else
    error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("The operation was cancelled"));
  fail_change (user_data, error);
}

void
oai_mcp_subscriptions_change (OaiMcpSubscriptions *self, const char *uri, gboolean subscribed, guint timeout_ms, GTask *task)
{
  Change *change;

  if (g_task_return_error_if_cancelled (task))
    {
      g_object_unref (task);
      return;
    }

  change = g_new0 (Change, 1);
  change->subscriptions = self;
  change->task = task;
  change->uri = g_strdup (uri);
  change->subscribed = subscribed;
  oai_deadline_init (&change->deadline, g_task_get_context (task), deadline_cb, change);
  oai_deadline_set_cancellable (&change->deadline, g_task_get_cancellable (task));
  oai_deadline_start (&change->deadline, timeout_ms, 0);
  g_queue_push_tail (&self->changes, change);
  send_next (self);
}

/* Replies */

static Change *
find_change (OaiMcpSubscriptions *self, gint64 id)
{
  Change *change = g_queue_peek_head (&self->changes);

  return change != NULL && change->id == id ? change : NULL;
}

/* The request to which a notification belongs; OAI_MCP_NO_ID if it has none. */
static gint64
get_request_id (OaiJsonDoc *doc, OaiJsonNode params)
{
  OaiJsonNode meta = oai_json_get_member (doc, params, "_meta");
  gint64 id = OAI_MCP_NO_ID;

  oai_json_get_int (doc, oai_json_get_member (doc, meta, "io.modelcontextprotocol/subscriptionId"), &id);

  return id;
}

/* Whether the server omits the resource from what it acknowledges. */
static gboolean
is_omitted (Change *change, OaiJsonDoc *doc, OaiJsonNode params)
{
  OaiJsonNode accepted = oai_json_get_member (doc, params, "notifications");
  OaiJsonIter iter;
  OaiJsonNode uri;

  if (!change->subscribed || oai_json_get_type (doc, accepted) != OAI_JSON_OBJECT)
    return FALSE;

  oai_json_iter_init (&iter, doc, oai_json_get_member (doc, accepted, "resourceSubscriptions"));
  while (oai_json_iter_next (&iter, NULL, &uri))
    {
      if (g_strcmp0 (oai_json_get_string (doc, uri, NULL), change->uri) == 0)
        return FALSE;
    }

  return TRUE;
}

void
oai_mcp_subscriptions_acknowledge (OaiMcpSubscriptions *self, OaiJsonDoc *doc, OaiJsonNode params)
{
  gint64 id = get_request_id (doc, params);
  Change *change = id != OAI_MCP_NO_ID ? find_change (self, id) : NULL;

  if (change == NULL)
    {
      if (id == self->id)
        self->delay_ms = FIRST_DELAY_MS;
      return;
    }

  if (is_omitted (change, doc, params))
    fail_change (change, g_error_new (OAI_ERROR, OAI_ERROR_NOT_FOUND, _("The MCP server does not report changes of “%s”"), change->uri));
  else
    accept_change (self, change);
}

gboolean
oai_mcp_subscriptions_is_outdated (OaiMcpSubscriptions *self, OaiJsonDoc *doc, OaiJsonNode params)
{
  gint64 id = get_request_id (doc, params);

  return id != OAI_MCP_NO_ID && id != self->id && find_change (self, id) == NULL;
}

/* Whether the server rejects what is requested, so that another attempt fails, too. */
static gboolean
is_refusal (const GError *error)
{
  return g_error_matches (error, OAI_ERROR, OAI_ERROR_NOT_FOUND) || g_error_matches (error, OAI_ERROR, OAI_ERROR_BAD_REQUEST);
}

/* error: NULL if the server ended the reply; taken */
static void
take_end (OaiMcpSubscriptions *self, gint64 id, GMainContext *context, GError *error)
{
  Change *change = find_change (self, id);

  if (change != NULL)
    {
      change->id = OAI_MCP_NO_ID;
      fail_change (change, error != NULL ? error
                                         : g_error_new_literal (OAI_ERROR, OAI_ERROR_PROTOCOL, _("The MCP server did not acknowledge the subscription")));
      return;
    }

  if (id == self->id)
    {
      self->id = OAI_MCP_NO_ID;
      if (error != NULL)
        g_debug ("The MCP server does not report changes: %s", error->message);
      if (!is_refusal (error))
        start_retry (self, context);
    }
  g_clear_error (&error);
}

/* The request has ended: the server ended it, it was replaced by another one, or the connection was closed. */
static void
ended_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Listen *listen = user_data;
  OaiMcpSubscriptions *self = listen->subscriptions;
  GError *error = NULL;
  g_autoptr(OaiMcpReply) reply G_GNUC_UNUSED = g_task_propagate_pointer (G_TASK (result), &error);

  if (!self->closed)
    take_end (self, listen->id, g_task_get_context (G_TASK (result)), error);
  else
    g_clear_error (&error);
  g_free (listen);
  subscriptions_unref (self);
}

/* The object */

OaiMcpSubscriptions *
oai_mcp_subscriptions_new (OaiMcpRpc *rpc, const OaiMcpSubscribedLists *lists)
{
  OaiMcpSubscriptions *self = g_new0 (OaiMcpSubscriptions, 1);

  self->ref_count = 1;
  self->rpc = oai_mcp_rpc_ref (rpc);
  self->lists = *lists;
  self->delay_ms = FIRST_DELAY_MS;
  self->uris = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_queue_init (&self->changes);
  self->id = send_request (self, self->uris);

  return self;
}

void
oai_mcp_subscriptions_free (OaiMcpSubscriptions *self)
{
  Change *change;

  self->closed = TRUE;
  oai_drop_source (&self->retry);
  cancel_request (self, self->id);
  while ((change = g_queue_peek_head (&self->changes)) != NULL)
    fail_change (change, g_error_new_literal (OAI_ERROR, OAI_ERROR_CONNECTION, _("The MCP server is not connected. Connect the client with oai_mcp_client_connect_async()")));
  subscriptions_unref (self);
}
