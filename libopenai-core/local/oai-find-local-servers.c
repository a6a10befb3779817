/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-find-local-servers.h"

#include "oai-blocking-call-private.h"
#include "oai-deadline-private.h"
#include "oai-local-probe-private.h"
#include "oai-local-server-private.h"
#include "oai-local-server-table-private.h"

/* Servers on this machine answer within milliseconds, unless they are busy. */
#define TIME_LIMIT_MS 2000

typedef struct
{
  GTask *task;
  OaiDeadline deadline;
  GPtrArray *probes; /* of OaiLocalProbe, in the order of the result */
  guint n_running;
} Search;

static void
search_free (Search *self)
{
  oai_deadline_clear (&self->deadline);
  g_ptr_array_unref (self->probes);
  g_object_unref (self->task);
  g_free (self);
}

/* Whether a probe before this one has found the same server. */
static gboolean
is_duplicate (Search *self, guint index)
{
  for (guint i = 0; i < index; i++)
    if (oai_local_probe_is_same (g_ptr_array_index (self->probes, i), g_ptr_array_index (self->probes, index)))
      return TRUE;

  return FALSE;
}

static GListModel *
collect (Search *self)
{
  GListStore *servers = g_list_store_new (OAI_TYPE_LOCAL_SERVER);

  for (guint i = 0; i < self->probes->len; i++)
    {
      OaiLocalProbe *probe = g_ptr_array_index (self->probes, i);
      const char *const *models = oai_local_probe_get_models (probe);
      g_autoptr(OaiLocalServer) server = NULL;

      if (models == NULL || is_duplicate (self, i))
        continue;
      server = oai_local_server_new (oai_local_probe_get_name (probe), oai_local_probe_get_base_url (probe), models);
      g_list_store_append (servers, server);
    }

  return G_LIST_MODEL (servers);
}

static void
finish (Search *self)
{
  g_autoptr(GTask) task = g_object_ref (self->task);
  g_autoptr(GListModel) servers = collect (self);

  search_free (self);
  if (!g_task_return_error_if_cancelled (task))
    g_task_return_pointer (task, g_steal_pointer (&servers), g_object_unref);
}

static void
probed_cb (OaiLocalProbe *probe, gpointer user_data)
{
  Search *self = user_data;

  if (--self->n_running == 0)
    finish (self);
}

/* The result contains the servers that have answered before the time limit. */
static void
deadline_cb (gboolean timed_out, gpointer user_data)
{
  Search *self = user_data;

  for (guint i = 0; i < self->probes->len; i++)
    oai_local_probe_cancel (g_ptr_array_index (self->probes, i));
}

static void
add_probe (Search *self, const OaiLocalServerTable *table, const OaiLocalAddress *address, const char *host)
{
  self->n_running++;
  g_ptr_array_add (self->probes, oai_local_probe_new (address, host, table->traits, probed_cb, self));
}

static void
start (Search *self)
{
  const OaiLocalServerTable *table = oai_local_server_table_get ();

  for (const OaiLocalAddress *address = table->addresses; address->base != NULL; address++)
    {
      add_probe (self, table, address, "127.0.0.1");
      if (address->socket == NULL)
        add_probe (self, table, address, "::1");
    }
  if (self->n_running > 0)
    oai_deadline_start (&self->deadline, TIME_LIMIT_MS, 0);
  else
    finish (self);
}

/**
 * oai_find_local_servers_async:
 * @cancellable: (nullable): a cancellable
 * @callback: (nullable) (scope async): called in the thread-default main context when the search has ended
 * @user_data: data for @callback
 *
 * Finds the servers with the OpenAI API on this machine: llama.cpp, Ollama, LM Studio, vLLM, LocalAI,
 * Jan, KoboldCpp, text-generation-webui and others, at the ports and UNIX sockets where they listen
 * by default.
 *
 * The list of models is requested at all these addresses at the same time, on the loopback interface
 * only, without a proxy and without a key. A server is found if it sends the list within two
 * seconds. A server that requires a key for this is not found. A server that listens on several
 * addresses of a port is listed once.
 *
 * A machine without such servers is not an error; the list is then empty.
 *
 * Any program and any user of the machine can listen on such a port. Let the user confirm the server
 * before private data is sent to it.
 *
 * Since: 1.0
 */
void
oai_find_local_servers_async (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GMainContext) context = g_main_context_ref_thread_default ();
  Search *search;

  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  search = g_new0 (Search, 1);
  search->task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (search->task, oai_find_local_servers_async);
  search->probes = g_ptr_array_new_with_free_func ((GDestroyNotify) oai_local_probe_free);
  oai_deadline_init (&search->deadline, context, deadline_cb, search);
  oai_deadline_set_cancellable (&search->deadline, cancellable);
  start (search);
}

/**
 * oai_find_local_servers_finish:
 * @result: the result of [func@Oai.find_local_servers_async]
 * @error: return location for an error
 *
 * Returns the servers that were found.
 *
 * Returns: (transfer full): a [iface@Gio.ListModel] of [class@Oai.LocalServer], which can be empty; or
 *   %NULL with %G_IO_ERROR_CANCELLED
 *
 * Since: 1.0
 */
GListModel *
oai_find_local_servers_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * oai_find_local_servers:
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Finds the servers on this machine, and blocks meanwhile, for up to two seconds: see
 * [func@Oai.find_local_servers_async].
 *
 * Returns: (transfer full): a [iface@Gio.ListModel] of [class@Oai.LocalServer], which can be empty; or
 *   %NULL with %G_IO_ERROR_CANCELLED
 *
 * Since: 1.0
 */
GListModel *
oai_find_local_servers (GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  GListModel *servers;

  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), NULL);

  oai_blocking_call_begin (&sync);
  oai_find_local_servers_async (cancellable, oai_blocking_call_ready, &sync);
  servers = oai_find_local_servers_finish (oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return servers;
}
