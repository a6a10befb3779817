/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-mcp-operation-private.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-builder-private.h"
#include "oai-record-private.h"

/* How often a server can answer a request with requests for input, and how many of them at once. */
#define MAX_ROUNDS 20
#define MAX_INPUTS 50
/* Pages of a list, in addition to the limit of its items. */
#define MAX_PAGES 1000

typedef struct
{
  OaiMcpRpc *rpc;
  OaiMcpCallSpec spec;
  char *name;
  GStrv headers;
  guint n_rounds;
  guint n_missing;        /* answers that are awaited */
  GPtrArray *keys;
  GPtrArray *answers;     /* JSON, parallel to keys; NULL while it is awaited */
  char *state;            /* text of the server to be sent back, as JSON; or NULL */
  GError *error;          /* why an answer failed */
  GError *refusal;        /* of the server, until the user has opened URLs; or NULL */
} Operation;

static void
operation_free (Operation *self)
{
  g_clear_pointer (&self->keys, g_ptr_array_unref);
  g_clear_pointer (&self->answers, g_ptr_array_unref);
  g_clear_error (&self->error);
  g_clear_error (&self->refusal);
  g_free (self->state);
  if (self->spec.params != NULL)
    oai_json_doc_unref (self->spec.params);
  if (self->spec.progress_free != NULL)
    self->spec.progress_free (self->spec.progress_data);
  g_strfreev (self->headers);
  g_free (self->name);
  oai_mcp_rpc_unref (self->rpc);
  g_free (self);
}

static void send_round (GTask *task);

static void
fail (GTask *task, GError *error)
{
  g_task_return_error (task, error);
  g_object_unref (task);
}

/* Input */

typedef struct
{
  GTask *task;
  guint index;
} Input;

/* The original parameters, with the answers. */
static OaiJsonDoc *
build_params (Operation *self)
{
  OaiJsonBuilder *builder = oai_json_builder_new_object ();
  OaiJsonIter iter;
  OaiJsonNode node;
  const char *name;

  oai_json_iter_init_members (&iter, self->spec.params, 0);
  while (oai_json_iter_next (&iter, &name, &node))
    {
      if (strcmp (name, "inputResponses") != 0 && strcmp (name, "requestState") != 0)
        oai_json_builder_add_node (builder, name, self->spec.params, node);
    }

  oai_json_builder_begin_object (builder, "inputResponses");
  for (guint i = 0; i < self->keys->len; i++)
    {
      g_autoptr(OaiJsonDoc) answer = oai_json_doc_new_copy (self->answers->pdata[i], -1, OAI_JSON_TOLERANT, NULL);

      oai_json_builder_add_node (builder, self->keys->pdata[i], answer, 0);
    }
  oai_json_builder_end (builder);
  if (self->state != NULL)
    oai_json_builder_add_string (builder, "requestState", self->state, -1);

  return oai_json_builder_finish (builder);
}

/* Whether the user has agreed to open all URLs. */
static gboolean
is_accepted (Operation *self)
{
  for (guint i = 0; i < self->answers->len; i++)
    {
      const char *json = self->answers->pdata[i];
      g_autoptr(OaiJsonDoc) doc = json != NULL ? oai_json_doc_new_copy (json, -1, OAI_JSON_TOLERANT, NULL) : NULL;

      if (doc == NULL || g_strcmp0 (oai_json_get_string (doc, oai_json_get_member (doc, 0, "action"), NULL), "accept") != 0)
        return FALSE;
    }

  return self->answers->len > 0;
}

/* Sends the request again as it was, or fails: because it was cancelled meanwhile, or since the server refuses it. */
static void
repeat_refused (GTask *task)
{
  Operation *self = g_task_get_task_data (task);
  g_autoptr(GError) error = g_steal_pointer (&self->error);
  GError *refusal = g_steal_pointer (&self->refusal);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_error_free (refusal);
      fail (task, g_steal_pointer (&error));
      return;
    }
  if (!is_accepted (self))
    {
      fail (task, refusal);
      return;
    }

  g_error_free (refusal);
  send_round (task);
}

static void
send_answers (GTask *task)
{
  Operation *self = g_task_get_task_data (task);
  OaiJsonDoc *params;

  if (self->refusal != NULL)
    {
      repeat_refused (task);
      return;
    }

  if (self->error != NULL)
    {
      fail (task, g_steal_pointer (&self->error));
      return;
    }

  params = build_params (self);
  oai_json_doc_unref (self->spec.params);
  self->spec.params = params;
  send_round (task);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Input *input = user_data;
  g_autoptr(GTask) task = input->task;
  Operation *self = g_task_get_task_data (task);
  GError *error = NULL;
  char *answer = g_task_propagate_pointer (G_TASK (result), &error);

  self->answers->pdata[input->index] = answer;
  g_free (input);
  if (error != NULL && self->error == NULL)
    self->error = error;
  else
    g_clear_error (&error);
  if (--self->n_missing == 0)
    send_answers (g_object_ref (task));
}

/* method: of the request of the server; nullable */
static void
request_input (GTask *task, OaiJsonDoc *doc, const char *key, const char *method, OaiJsonNode params)
{
  Operation *self = g_task_get_task_data (task);
  Input *input = g_new (Input, 1);
  GTask *step;

  *input = (Input) { g_object_ref (task), self->keys->len };
  g_ptr_array_add (self->keys, g_strdup (key));
  g_ptr_array_add (self->answers, NULL);
  self->n_missing++;
  step = g_task_new (NULL, g_task_get_cancellable (task), answered_cb, input);
  g_task_set_source_tag (step, answered_cb);
  g_task_set_check_cancellable (step, FALSE);
  oai_mcp_rpc_answer (self->rpc, method != NULL ? method : "", doc, params, step);
}

/* Returns FALSE if the server requests too much.  Otherwise, requests for input and end_inputs() follow.  The count of
 * one more keeps the answers from being sent meanwhile. */
static gboolean
begin_inputs (Operation *self, guint n_inputs)
{
  if (++self->n_rounds > MAX_ROUNDS || n_inputs > MAX_INPUTS)
    return FALSE;

  g_clear_pointer (&self->keys, g_ptr_array_unref);
  g_clear_pointer (&self->answers, g_ptr_array_unref);
  self->keys = g_ptr_array_new_with_free_func (g_free);
  self->answers = g_ptr_array_new_with_free_func (g_free);
  self->n_missing = 1;

  return TRUE;
}

/* Takes task. */
static void
end_inputs (GTask *task)
{
  Operation *self = g_task_get_task_data (task);

  if (--self->n_missing == 0)
    send_answers (task);
  else
    g_object_unref (task);
}

/* The requests are answered at the same time. */
static void
request_inputs (GTask *task, OaiMcpReply *reply)
{
  Operation *self = g_task_get_task_data (task);
  OaiJsonNode requests = oai_json_get_member (reply->doc, reply->result, "inputRequests");
  OaiJsonNode request;
  const char *key;
  OaiJsonIter iter;

  g_free (self->state);
  self->state = g_strdup (oai_json_get_string (reply->doc, oai_json_get_member (reply->doc, reply->result, "requestState"), NULL));
  if (!begin_inputs (self, oai_json_get_size (reply->doc, requests)))
    {
      fail (task, g_error_new (OAI_ERROR, OAI_ERROR_PROTOCOL, _("The MCP server requests too much input for “%s”"), self->spec.method));
      return;
    }

  oai_json_iter_init_members (&iter, reply->doc, requests);
  while (oai_json_iter_next (&iter, &key, &request))
    request_input (task, reply->doc, key, oai_json_get_string (reply->doc, oai_json_get_member (reply->doc, request, "method"), NULL),
                   oai_json_get_member (reply->doc, request, "params"));
  end_inputs (task);
}

/* In 2025-11-25, a server can refuse a request until the user has opened URLs.  Takes error. */
static void
request_urls (GTask *task, GError *error, OaiJsonDoc *doc, OaiJsonNode urls)
{
  Operation *self = g_task_get_task_data (task);
  OaiJsonIter iter;
  OaiJsonNode params;

  if (!begin_inputs (self, oai_json_get_size (doc, urls)))
    {
      fail (task, error);
      return;
    }

  self->refusal = error;
  oai_json_iter_init (&iter, doc, urls);
  while (oai_json_iter_next (&iter, NULL, &params))
    request_input (task, doc, "", "elicitation/create", params);
  end_inputs (task);
}

/* Replies */

static void
replied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Operation *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr(OaiMcpReply) reply = g_task_propagate_pointer (G_TASK (result), &error);
  OaiJsonDoc *doc;
  OaiJsonNode data;
  const char *type;

  if (reply == NULL)
    {
      if (oai_mcp_rpc_get_error_code (G_TASK (result), &doc, &data) == OAI_MCP_URL_REQUIRED)
        request_urls (task, error, doc, oai_json_get_member (doc, data, "elicitations"));
      else
        fail (task, error);
      return;
    }

  type = oai_json_get_string (reply->doc, oai_json_get_member (reply->doc, reply->result, "resultType"), NULL);
  if (g_strcmp0 (type, "input_required") == 0 && self->spec.params != NULL)
    request_inputs (task, reply);
  else if (type == NULL || strcmp (type, "complete") == 0)
    {
      g_task_return_pointer (task, g_steal_pointer (&reply), (GDestroyNotify) oai_mcp_reply_free);
      g_object_unref (task);
    }
  else
    fail (task, g_error_new (OAI_ERROR, OAI_ERROR_PROTOCOL, _("The MCP server answered “%s” with a result of an unknown type"), self->spec.method));
}

static void
send_round (GTask *task)
{
  Operation *self = g_task_get_task_data (task);
  OaiMcpCallSpec spec = self->spec;
  GTask *step = g_task_new (NULL, g_task_get_cancellable (task), replied_cb, task);

  spec.progress_free = NULL;
  g_task_set_source_tag (step, send_round);
  g_task_set_check_cancellable (step, FALSE);
  oai_mcp_rpc_call (self->rpc, &spec, step);
}

void
oai_mcp_operation_run (OaiMcpRpc *rpc, const OaiMcpCallSpec *spec, GTask *task)
{
  Operation *self = g_new0 (Operation, 1);

  self->rpc = oai_mcp_rpc_ref (rpc);
  self->spec = *spec;
  if (spec->params != NULL)
    oai_json_doc_ref (spec->params);
  self->name = g_strdup (spec->name);
  self->headers = g_strdupv ((GStrv) spec->headers);
  self->spec.name = self->name;
  self->spec.headers = (const char *const *) self->headers;
  g_task_set_task_data (task, self, (GDestroyNotify) operation_free);
  send_round (task);
}

/* Lists */

typedef struct
{
  OaiMcpRpc *rpc;
  OaiMcpListSpec spec;
  GPtrArray *items;
  GHashTable *cursors; /* that were used */
  guint n_pages;
} Listing;

static void
listing_free (Listing *self)
{
  oai_mcp_rpc_unref (self->rpc);
  g_ptr_array_unref (self->items);
  g_hash_table_unref (self->cursors);
  g_free (self);
}

static void request_page (GTask *task, const char *cursor);

/* Returns FALSE if the list is too long. */
static gboolean
add_items (Listing *self, OaiMcpReply *reply)
{
  guint max = self->spec.max_items;
  OaiJsonIter iter;
  OaiJsonNode node;

  oai_json_iter_init (&iter, reply->doc, oai_json_get_member (reply->doc, reply->result, self->spec.member));
  while (oai_json_iter_next (&iter, NULL, &node))
    {
      if (max > 0 && self->items->len >= max)
        return FALSE;
      if (oai_json_get_type (reply->doc, node) == OAI_JSON_OBJECT)
        g_ptr_array_add (self->items, oai_record_new_from_doc (self->spec.type, reply->doc, node, NULL, NULL));
    }

  return ++self->n_pages < MAX_PAGES;
}

static void
page_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Listing *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr(OaiMcpReply) reply = g_task_propagate_pointer (G_TASK (result), &error);
  const char *cursor;

  if (reply == NULL)
    {
      fail (task, error);
      return;
    }

  if (!add_items (self, reply))
    {
      fail (task, g_error_new (OAI_ERROR, OAI_ERROR_PROTOCOL, _("The list “%s” of the MCP server is too long"), self->spec.method));
      return;
    }

  cursor = oai_json_get_string (reply->doc, oai_json_get_member (reply->doc, reply->result, "nextCursor"), NULL);
  if (cursor == NULL)
    {
      g_task_return_pointer (task, g_ptr_array_ref (self->items), (GDestroyNotify) g_ptr_array_unref);
      g_object_unref (task);
    }
  else if (g_hash_table_add (self->cursors, g_strdup (cursor)))
    request_page (task, cursor);
  else
    fail (task, g_error_new (OAI_ERROR, OAI_ERROR_PROTOCOL, _("The list “%s” of the MCP server has no end: a page follows itself"), self->spec.method));
}

static void
request_page (GTask *task, const char *cursor)
{
  Listing *self = g_task_get_task_data (task);
  OaiMcpCallSpec spec = { .method = self->spec.method, .timeout_ms = self->spec.timeout_ms, .total_timeout_ms = self->spec.total_timeout_ms };
  g_autoptr(OaiJsonDoc) params = NULL;
  GTask *step = g_task_new (NULL, g_task_get_cancellable (task), page_cb, task);

  if (cursor != NULL)
    {
      OaiJsonBuilder *builder = oai_json_builder_new_object ();

      oai_json_builder_add_string (builder, "cursor", cursor, -1);
      params = oai_json_builder_finish (builder);
      spec.params = params;
    }
  g_task_set_source_tag (step, request_page);
  g_task_set_check_cancellable (step, FALSE);
  oai_mcp_operation_run (self->rpc, &spec, step);
}

void
oai_mcp_operation_list (OaiMcpRpc *rpc, const OaiMcpListSpec *spec, GTask *task)
{
  Listing *self = g_new0 (Listing, 1);

  self->rpc = oai_mcp_rpc_ref (rpc);
  self->spec = *spec;
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  self->cursors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_task_set_task_data (task, self, (GDestroyNotify) listing_free);
  request_page (task, NULL);
}
