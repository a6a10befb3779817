/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-model-list-private.h"

#include <string.h>

#include "oai-client-invoke.h"
#include "oai-json-builder-private.h"
#include "oai-json-doc-private.h"
#include "oai-proxy-error.h"
#include "oai-proxy-upstream-private.h"

#define LIFETIME (30 * G_USEC_PER_SEC)
#define TIMEOUT_MS 10000

typedef struct
{
  OaiProxyUpstream *upstream;
  OaiJsonDoc *doc; /* the list; NULL if it was not received */
} Part;

struct _OaiModelList
{
  OaiRouter *router;
  GArray *parts;             /* of Part, in the order of the servers */
  gint64 loaded;             /* monotonic time; 0 if the list was not loaded */
  guint n_pending;           /* servers that have not replied */
  guint n_received;
  GCancellable *cancellable; /* of the requests */
  GQueue waits;              /* of OaiModelListWait */
};

struct _OaiModelListWait
{
  OaiModelList *list;
  GList link;
  OaiModelListFunc func;
  gpointer user_data;
};

/* A request to a server. */
typedef struct
{
  OaiModelList *list; /* used only if the request was not cancelled */
  GCancellable *cancellable;
  guint index;
} Load;

static void
clear_part (gpointer data)
{
  Part *part = data;

  g_object_unref (part->upstream);
  g_clear_pointer (&part->doc, oai_json_doc_unref);
}

OaiModelList *
oai_model_list_new (OaiRouter *router)
{
  OaiModelList *self = g_new0 (OaiModelList, 1);

  self->router = oai_router_ref (router);
  self->parts = g_array_new (FALSE, TRUE, sizeof (Part));
  g_array_set_clear_func (self->parts, clear_part);

  return self;
}

static void
stop (OaiModelList *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->n_pending = 0;
}

void
oai_model_list_free (OaiModelList *self)
{
  OaiModelListWait *wait;

  stop (self);
  while ((wait = g_queue_peek_head (&self->waits)) != NULL)
    oai_model_list_wait_cancel (wait);
  g_array_unref (self->parts);
  oai_router_unref (self->router);
  g_free (self);
}

void
oai_model_list_forget (OaiModelList *self)
{
  self->loaded = 0;
}

/* Functions may cancel other waits, and wait again. */
static void
finish (OaiModelList *self)
{
  g_autoptr(GError) error = NULL;
  guint n = self->waits.length;

  g_clear_object (&self->cancellable);
  if (self->n_received > 0)
    self->loaded = g_get_monotonic_time ();
  else
    error = g_error_new_literal (OAI_PROXY_ERROR, OAI_PROXY_ERROR_UPSTREAM, "The server cannot be reached, or its reply is not valid");

  for (guint i = 0; i < n && self->waits.length > 0 && self->n_pending == 0; i++)
    {
      OaiModelListWait *wait = g_queue_peek_head (&self->waits);
      OaiModelListFunc func = wait->func;
      gpointer user_data = wait->user_data;

      oai_model_list_wait_cancel (wait);
      func (error, user_data);
    }
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Load *load = user_data;
  g_autoptr(GCancellable) cancellable = load->cancellable;
  g_autofree char *text = oai_client_invoke_finish (OAI_CLIENT (source), result, NULL);
  g_autoptr(OaiJsonDoc) doc = text != NULL ? oai_json_doc_new_copy (text, -1, OAI_JSON_TOLERANT, NULL) : NULL;
  OaiModelList *self = load->list;

  if (g_cancellable_is_cancelled (cancellable))
    return;

  if (doc != NULL && oai_json_get_type (doc, oai_json_get_member (doc, 0, "data")) == OAI_JSON_ARRAY)
    {
      g_array_index (self->parts, Part, load->index).doc = g_steal_pointer (&doc);
      self->n_received++;
    }
  if (--self->n_pending == 0)
    finish (self);
}

static void
start (OaiModelList *self)
{
  g_autoptr(OaiCallOptions) options = oai_call_options_new ();
  guint n = oai_router_get_n (self->router);

  oai_call_options_set_timeout_ms (options, TIMEOUT_MS);
  oai_call_options_set_max_retries (options, 0);
  g_array_set_size (self->parts, 0);
  g_array_set_size (self->parts, n);
  self->cancellable = g_cancellable_new ();
  self->n_pending = n;
  self->n_received = 0;
  for (guint i = 0; i < n; i++)
    g_array_index (self->parts, Part, i).upstream = g_object_ref (oai_router_get_nth (self->router, i));
  for (guint i = 0; i < n; i++)
    {
      Load *load = g_new (Load, 1);
      OaiProxyUpstream *upstream = g_array_index (self->parts, Part, i).upstream;

      *load = (Load) { self, g_object_ref (self->cancellable), i };
      oai_client_invoke_async (oai_proxy_upstream_get_client (upstream), "GET", "models", NULL, options, self->cancellable, loaded_cb, load);
    }
}

OaiModelListWait *
oai_model_list_load (OaiModelList *self, OaiModelListFunc func, gpointer user_data)
{
  OaiModelListWait *wait;

  if (self->loaded > 0 && g_get_monotonic_time () - self->loaded < LIFETIME && self->n_pending == 0)
    {
      func (NULL, user_data);
      return NULL;
    }
  if (oai_router_get_n (self->router) == 0)
    {
      g_autoptr(GError) error = g_error_new_literal (OAI_PROXY_ERROR, OAI_PROXY_ERROR_UNAVAILABLE, "The proxy has no server to forward requests to");

      func (error, user_data);
      return NULL;
    }

  wait = g_new0 (OaiModelListWait, 1);
  *wait = (OaiModelListWait) { .list = self, .link = { .data = wait }, .func = func, .user_data = user_data };
  g_queue_push_tail_link (&self->waits, &wait->link);
  if (self->n_pending == 0)
    start (self);

  return wait;
}

void
oai_model_list_wait_cancel (OaiModelListWait *wait)
{
  g_queue_unlink (&wait->list->waits, &wait->link);
  g_free (wait);
}

static void
add_models (OaiJsonBuilder *builder, const Part *part, OaiProxyLimits *limits, GHashTable *known)
{
  OaiJsonIter iter;
  OaiJsonNode model;

  oai_json_iter_init (&iter, part->doc, oai_json_get_member (part->doc, 0, "data"));
  while (oai_json_iter_next (&iter, NULL, &model))
    {
      const char *id = oai_json_get_string (part->doc, oai_json_get_member (part->doc, model, "id"), NULL);

      if (id == NULL || !oai_proxy_upstream_has_model (part->upstream, id) || (limits != NULL && !oai_proxy_limits_allows_model (limits, id)))
        continue;
      if (g_hash_table_add (known, g_strdup (id)))
        oai_json_builder_add_node (builder, NULL, part->doc, model);
    }
}

GBytes *
oai_model_list_to_json (OaiModelList *self, OaiProxyLimits *limits)
{
  g_autoptr(GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  OaiJsonBuilder *builder = oai_json_builder_new_object ();
  char *text;

  oai_json_builder_add_string (builder, "object", "list", -1);
  oai_json_builder_begin_array (builder, "data");
  for (guint i = 0; i < self->parts->len; i++)
    {
      const Part *part = &g_array_index (self->parts, Part, i);

      if (part->doc != NULL)
        add_models (builder, part, limits, known);
    }
  oai_json_builder_end (builder);
  text = oai_json_builder_finish_text (builder);

  return g_bytes_new_take (text, strlen (text));
}
