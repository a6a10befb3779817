/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* More pages, and going through them. */

#include "oai-page-impl-private.h"

#include "oai-blocking-call-private.h"
#include "oai-call-private.h"
#include "oai-emit-private.h"
#include "oai-error-map-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"

/* In a row, before a list is taken for one without an end. */
#define MAX_EMPTY_PAGES 100

/* One request for the next page, whoever waits for it. */
struct _OaiPageLoad
{
  OaiPage *page;             /* borrowed; NULL when nobody wants it any more */
  GMainContext *context;
  GCancellable *cancellable;
  GTask *task;               /* of the request; nobody's */
  GList *waiters;            /* Waiter, in their order */
  gboolean ahead;            /* was begun for nobody */
};

typedef struct
{
  OaiPageLoad *load;
  GTask *task;               /* holds the page */
  GSource *cancelled;
} Waiter;

static void
waiter_free (gpointer data)
{
  Waiter *self = data;

  if (self->cancelled != NULL)
    g_source_destroy (self->cancelled);
  g_clear_pointer (&self->cancelled, g_source_unref);
  g_object_unref (self->task);
  g_free (self);
}

static void
load_free (OaiPageLoad *self)
{
  g_main_context_unref (self->context);
  g_object_unref (self->cancellable);
  g_task_return_boolean (self->task, TRUE);
  g_object_unref (self->task);
  g_free (self);
}

void
oai_page_abandon_load (OaiPage *self)
{
  OaiPageLoad *load = g_steal_pointer (&self->load);

  if (load == NULL)
    return;

  load->page = NULL;
  g_cancellable_cancel (load->cancellable);
  oai_page_notify_loading (self);
}

/* The call of the request becomes that of the waiter's task. */
static GTask *
end_wait (Waiter *waiter)
{
  OaiCall *call = oai_call_from_result (G_ASYNC_RESULT (waiter->load->task));
  GTask *task = g_object_ref (waiter->task);

  if (call != NULL)
    oai_call_attach (call, task);
  waiter_free (waiter);

  return task;
}

static gboolean
waiter_cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  Waiter *waiter = user_data;
  OaiPageLoad *load = waiter->load;
  g_autoptr(GTask) task = NULL;

  load->waiters = g_list_remove (load->waiters, waiter);
  task = end_wait (waiter);
  if (load->waiters == NULL && !load->ahead)
    oai_page_abandon_load (load->page);
  g_task_return_error (task, oai_error_new_cancelled ());

  return G_SOURCE_REMOVE;
}

/* Takes the task. */
static void
add_waiter (OaiPageLoad *load, GTask *task)
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  Waiter *waiter = g_new0 (Waiter, 1);

  waiter->load = load;
  waiter->task = task;
  load->waiters = g_list_append (load->waiters, waiter);
  if (cancellable == NULL)
    return;

  waiter->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_static_name (waiter->cancelled, "[oai] cancelled");
  g_source_set_callback (waiter->cancelled, G_SOURCE_FUNC (waiter_cancelled_cb), waiter, NULL);
  g_source_attach (waiter->cancelled, load->context);
}

/* Takes the waiters. */
static void
tell_waiters (GList *waiters, const GError *error)
{
  for (GList *link = waiters; link != NULL; link = link->next)
    {
      g_autoptr(GTask) task = end_wait (link->data);

      if (error != NULL)
        g_task_return_error (task, g_error_copy (error));
      else
        g_task_return_boolean (task, TRUE);
    }
  g_list_free (waiters);
}

/* By the time that views hear of new items, the next page can be loaded.  Takes the body. */
static void
take_page (OaiPage *self, OaiExchange *exchange, GBytes *body, GError **error)
{
  g_object_freeze_notify (G_OBJECT (self));
  self->load = NULL;
  oai_page_notify_loading (self);
  if (*error == NULL && !oai_page_add (self, oai_exchange_get_call (exchange), body, oai_exchange_get_secret (exchange), error))
    oai_exchange_fail_reply (exchange, *error);
  if (*error != NULL)
    oai_page_set_error (self, *error);
  oai_emit_thaw (self);
}

static void
loaded_cb (OaiExchange *exchange, GBytes *body, GError *error, gpointer user_data)
{
  OaiPageLoad *load = user_data;
  g_autoptr(OaiPage) page = load->page != NULL ? g_object_ref (load->page) : NULL;
  g_autoptr(GError) reason = error;

  if (page != NULL)
    take_page (page, exchange, body, &reason);
  else
    g_clear_pointer (&body, g_bytes_unref);
  tell_waiters (g_steal_pointer (&load->waiters), reason);
  load_free (load);
}

static OaiRequest *
build_next_request (OaiPage *self, GError **error)
{
  g_autoptr(OaiRecord) query = NULL;
  g_autoptr(GString) cursor = g_string_new (NULL);

  if (self->query != NULL)
    query = oai_record_copy (self->query);
  else
    query = g_object_new (self->operation->query_type (), NULL);
  oai_json_write_string (cursor, self->cursor, -1);
  if (!oai_record_set_member (query, "after", cursor->str, error))
    return NULL;

  return oai_endpoint_build_request (self->endpoint, self->operation, (const char *const *) self->path_arguments, query, NULL, FALSE, error);
}

/* Takes the task of the first waiter, which is NULL when the page is loaded ahead.  The
 * load may be over when this returns. */
static void
start_load (OaiPage *self, GTask *task)
{
  g_autoptr(OaiPage) held G_GNUC_UNUSED = g_object_ref (self);
  g_autoptr(GTask) owned G_GNUC_UNUSED = task;
  g_autoptr(GError) error = NULL;
  OaiRequest *request = build_next_request (self, &error);
  OaiPageLoad *load;

  if (request == NULL)
    {
      if (task != NULL)
        g_task_return_error (task, g_steal_pointer (&error));
      else
        oai_page_set_error (self, error);
      return;
    }

  load = g_new0 (OaiPageLoad, 1);
  load->page = self;
  load->context = g_main_context_ref_thread_default ();
  load->cancellable = g_cancellable_new ();
  load->task = g_task_new (NULL, NULL, NULL, NULL);
  load->ahead = task == NULL;
  self->load = load;
  if (task != NULL)
    add_waiter (load, g_steal_pointer (&owned));
  oai_page_notify_loading (self);
  oai_reply_collect (oai_endpoint_get_client (self->endpoint), request, load->cancellable, load->task, loaded_cb, load);
}

void
oai_page_load_ahead (OaiPage *self)
{
  start_load (self, NULL);
}

/**
 * oai_page_load_more_async:
 * @self: a list
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async) (nullable): called when it is done
 * @user_data: data for @callback
 *
 * Starts [method@Oai.Page.load_more]. While a page is being loaded, this waits for
 * the same.
 *
 * Since: 1.0
 */
void
oai_page_load_more_async (OaiPage *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GMainContext) context = g_main_context_ref_thread_default ();
  g_autoptr(GTask) task = NULL;

  g_return_if_fail (OAI_IS_PAGE (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_page_load_more_async);
  g_task_set_check_cancellable (task, FALSE);
  if (g_cancellable_is_cancelled (cancellable))
    {
      g_task_return_error (task, oai_error_new_cancelled ());
      return;
    }
  /* What was begun for nobody, in a context that nobody runs meanwhile, would never end. */
  if (self->load != NULL && self->load->context != context && self->load->waiters == NULL)
    oai_page_abandon_load (self);
  if (self->load != NULL && self->load->context != context)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING, _("A page is being loaded already"));
  else if (self->cursor == NULL)
    g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("There is no next page: look whether there is more before it is loaded"));
  else if (self->load == NULL)
    start_load (self, g_steal_pointer (&task));
  else
    add_waiter (self->load, g_steal_pointer (&task));
}

/**
 * oai_page_load_more_finish:
 * @self: a list
 * @result: the result
 * @error: return location for an error
 *
 * Ends [method@Oai.Page.load_more_async].
 *
 * Returns: %TRUE if a page was loaded
 *
 * Since: 1.0
 */
gboolean
oai_page_load_more_finish (OaiPage *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * oai_page_load_more:
 * @self: a list
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Loads the next page, and adds its items at the end. Blocks until it is there;
 * see [method@Oai.Page.load_more_async].
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT when there is no next page:
 * [method@Oai.Page.get_has_more] tells.
 *
 * Returns: %TRUE if a page was loaded
 *
 * Since: 1.0
 */
gboolean
oai_page_load_more (OaiPage *self, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  gboolean loaded;

  g_return_val_if_fail (OAI_IS_PAGE (self), FALSE);

  oai_blocking_call_begin (&sync);
  oai_page_load_more_async (self, cancellable, oai_blocking_call_ready, &sync);
  loaded = oai_page_load_more_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return loaded;
}

/* Iteration */

static void go_on (GTask *task);

static void
next_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  OaiCall *call = oai_call_from_result (result);
  GError *error = NULL;

  if (call != NULL)
    oai_call_attach (call, task);
  if (oai_page_load_more_finish (OAI_PAGE (source), result, &error))
    go_on (g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

/* Until there is another item, or no other page.  Takes the task, whose data count the pages. */
static void
go_on (GTask *task)
{
  g_autoptr(GTask) held G_GNUC_UNUSED = task;
  OaiPage *self = g_task_get_source_object (task);
  guint n_pages = GPOINTER_TO_UINT (g_task_get_task_data (task));

  if (self->position < self->items->len)
    g_task_return_pointer (task, g_object_ref (g_ptr_array_index (self->items, self->position++)), g_object_unref);
  else if (self->cursor == NULL)
    g_task_return_pointer (task, NULL, NULL);
  else if (n_pages > MAX_EMPTY_PAGES)
    g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent %u pages without an item"), MAX_EMPTY_PAGES);
  else
    {
      g_task_set_task_data (task, GUINT_TO_POINTER (n_pages + 1), NULL);
      oai_page_load_more_async (self, g_task_get_cancellable (task), next_loaded_cb, g_steal_pointer (&held));
    }
}

/**
 * oai_page_next_async:
 * @self: a list
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when it is done
 * @user_data: data for @callback
 *
 * Starts [method@Oai.Page.next].
 *
 * Since: 1.0
 */
void
oai_page_next_async (OaiPage *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = NULL;

  g_return_if_fail (OAI_IS_PAGE (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_page_next_async);
  if (!g_task_return_error_if_cancelled (task))
    go_on (g_steal_pointer (&task));
}

/**
 * oai_page_next_finish:
 * @self: a list
 * @result: the result
 * @error: return location for an error
 *
 * Ends [method@Oai.Page.next_async].
 *
 * Returns: (nullable) (transfer full): the item, or %NULL on error and after the last one
 *
 * Since: 1.0
 */
OaiRecord *
oai_page_next_finish (OaiPage *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * oai_page_next:
 * @self: a list
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Gets the next item of the list, from its first on, and loads pages as need
 * be. Blocks; see [method@Oai.Page.next_async].
 *
 * Returns: (nullable) (transfer full): the item, or %NULL on error and after the last one
 *
 * Since: 1.0
 */
OaiRecord *
oai_page_next (OaiPage *self, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  OaiRecord *record;

  g_return_val_if_fail (OAI_IS_PAGE (self), NULL);

  oai_blocking_call_begin (&sync);
  oai_page_next_async (self, cancellable, oai_blocking_call_ready, &sync);
  record = oai_page_next_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return record;
}
