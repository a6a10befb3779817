/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-paged-list-private.h"

#include "oai-blocking-call-private.h"
#include "oai-call-private.h"
#include "oai-emit-private.h"
#include "oai-error-map-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-writer-private.h"
#include "oai-record-private.h"
#include "oai-reply-body-private.h"
#include "oai-reply-collector-private.h"

/**
 * OaiPagedList:
 *
 * A list of records on the server, whose pages are loaded when they are needed.
 *
 * The list that an operation returns contains the first page. It is a [iface@Gio.ListModel] whose
 * items are records. If a list view or a program gets the last item, the list loads the next page,
 * unless [property@Oai.PagedList:auto-load] is %FALSE. [method@Oai.PagedList.next_async] iterates
 * over the items of all pages.
 *
 * A list can be used only in one main context, by one thread; any thread can read its items. A
 * blocking call does not wait for a page that is being loaded automatically: it cancels that
 * request, and loads the page itself.
 *
 * [method@Oai.PagedList.get_record] returns the newest page with all its members.
 *
 * ```c
 * g_autoptr(OaiPagedList) files = oai_files_endpoint_list (endpoint, NULL, NULL, &error);
 * g_autoptr(OaiRecord) file = NULL;
 *
 * while (files != NULL && (file = oai_paged_list_next (files, NULL, &error)) != NULL)
 *   {
 *     g_print ("%s\n", oai_file_get_filename (OAI_FILE (file)));
 *     g_clear_object (&file);
 *   }
 * ```
 *
 * Since: 1.0
 */

/* Number of consecutive empty pages after which a list is treated as endless. */
#define MAX_EMPTY_PAGES 100

/* One request for the next page, which can have several waiters. */
typedef struct _Load Load;

struct _Load
{
  OaiPagedList *page;             /* borrowed; NULL after the load was abandoned */
  GMainContext *context;
  GCancellable *cancellable;
  GTask *task;               /* of the request, not of a waiter */
  GList *waiters;            /* Waiter, in the order of their calls */
  gboolean ahead;            /* started automatically, without a waiter */
};

typedef struct
{
  Load *load;
  GTask *task;               /* holds the page */
  GSource *cancelled;
} Waiter;

struct _OaiPagedList
{
  GObject parent_instance;

  OaiRequestBuilder builder;
  GStrv path_arguments;
  OaiRecord *query;
  GType item_type;
  GPtrArray *items;
  OaiRecord *record;
  OaiCall *call;
  char *cursor;          /* of the next page, or NULL when this is the last */
  GHashTable *cursors;   /* that the server has sent so far */
  GError *error;
  Load *load;     /* the pending load, or NULL */
  guint position;        /* of the iteration with oai_paged_list_next() */
  gboolean auto_load;
};

enum
{
  PROP_0,
  PROP_ITEM_TYPE,
  PROP_N_ITEMS,
  PROP_HAS_MORE,
  PROP_LOADING,
  PROP_AUTO_LOAD,
  PROP_ERROR,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void oai_paged_list_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (OaiPagedList, oai_paged_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, oai_paged_list_list_model_init))

static void
set_error (OaiPagedList *self, const GError *error)
{
  if (self->error == NULL && error == NULL)
    return;

  g_clear_error (&self->error);
  self->error = error != NULL ? g_error_copy (error) : NULL;
  oai_emit_notify (self, properties[PROP_ERROR]);
}

static void
notify_loading (OaiPagedList *self)
{
  oai_emit_notify (self, properties[PROP_LOADING]);
}

static const OaiPaging *
get_paging (OaiPagedList *self)
{
  static const OaiPaging unpaged = { .size = sizeof (OaiPaging) };

  return self->builder.operation->paging != NULL ? self->builder.operation->paging : &unpaged;
}

static char *
dup_cursor (OaiJsonDoc *doc, OaiJsonNode object, const char *member)
{
  OaiJsonNode node = member != NULL ? oai_json_get_member (doc, object, member) : OAI_JSON_NONE;
  const char *text = oai_json_get_string (doc, node, NULL);
  gint64 number;

  if (text != NULL && *text != '\0')
    return g_strdup (text);
  if (oai_json_get_type (doc, node) == OAI_JSON_INT && oai_json_get_int (doc, node, &number))
    return g_strdup_printf ("%" G_GINT64_FORMAT, number);

  return NULL;
}

/* Returns the value of the query's member that selects the next page; NULL if there is no next
 * page. */
static char *
find_cursor (OaiPagedList *self, OaiJsonDoc *doc, OaiJsonNode items)
{
  const OaiPaging *paging = get_paging (self);
  guint n = oai_json_get_size (doc, items);
  gboolean has_more = FALSE;
  char *cursor = NULL;

  if (paging->parameter == NULL || oai_json_get_type (doc, 0) != OAI_JSON_OBJECT)
    return NULL;
  if (!oai_json_get_boolean (doc, oai_json_get_member (doc, 0, paging->more_member), &has_more) || !has_more)
    return NULL;
  if (oai_json_get_member (doc, 0, paging->next_member) != OAI_JSON_NONE)
    return dup_cursor (doc, 0, paging->next_member);

  if (n > 0)
    cursor = dup_cursor (doc, oai_json_get_element (doc, items, n - 1), paging->item_member);
  if (n > 0 && cursor == NULL)
    cursor = dup_cursor (doc, 0, paging->last_member);

  return cursor;
}

/* Finds the items, which are a member of the reply or the whole reply. */
static gboolean
find_items (OaiPagedList *self, OaiJsonDoc *doc, OaiJsonNode *items, GError **error)
{
  const char *const *members = get_paging (self)->items;

  *items = oai_json_get_type (doc, 0) == OAI_JSON_OBJECT ? OAI_JSON_NONE : 0;
  for (guint i = 0; *items == OAI_JSON_NONE && members != NULL && members[i] != NULL; i++)
    *items = oai_json_get_member (doc, 0, members[i]);
  if (oai_json_get_type (doc, *items) == OAI_JSON_ARRAY || oai_json_get_type (doc, *items) <= OAI_JSON_NULL)
    return TRUE;

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The reply contains no list"));

  return FALSE;
}

/* Fails if the cursor is not new, since a server that ignores the cursor sends the same page
 * again. */
static gboolean
take_cursor (OaiPagedList *self, char *cursor, GError **error)
{
  if (cursor != NULL && !g_hash_table_add (self->cursors, g_strdup (cursor)))
    {
      g_free (cursor);
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent an earlier page again instead of the next one"));
      return FALSE;
    }
  g_free (self->cursor);
  self->cursor = cursor;

  return TRUE;
}

static void
add_items (OaiPagedList *self, OaiJsonDoc *doc, OaiJsonNode items, OaiCall *call)
{
  OaiClient *client = self->builder.client;
  guint before = self->items->len;
  OaiJsonIter iter;
  OaiJsonNode node;

  oai_json_iter_init (&iter, doc, items);
  while (oai_json_iter_next (&iter, NULL, &node))
    if (oai_json_get_type (doc, node) == OAI_JSON_OBJECT)
      g_ptr_array_add (self->items, oai_record_new_from_doc (self->item_type, doc, node, client, call));
  if (self->items->len == before)
    return;

  oai_emit_items_changed (self, before, 0, self->items->len - before);
  oai_emit_notify (self, properties[PROP_N_ITEMS]);
}

static gboolean
add_page (OaiPagedList *self, OaiCall *call, GBytes *body, const char *secret, GError **error)
{
  g_autoptr(OaiJsonDoc) doc = oai_reply_body_parse (call, body, G_TYPE_INVALID, secret, error);
  g_autoptr(OaiRecord) record = NULL;
  OaiJsonNode items;

  if (doc == NULL || !find_items (self, doc, &items, error) || !take_cursor (self, find_cursor (self, doc, items), error))
    return FALSE;

  if (oai_json_get_type (doc, 0) == OAI_JSON_OBJECT)
    {
      record = oai_record_new_from_doc (OAI_TYPE_RECORD, doc, 0, self->builder.client, call);
      g_set_object (&self->record, record);
    }
  g_set_object (&self->call, call);
  set_error (self, NULL);
  add_items (self, doc, items, call);
  oai_emit_notify (self, properties[PROP_HAS_MORE]);

  return TRUE;
}

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
load_free (Load *self)
{
  g_main_context_unref (self->context);
  g_object_unref (self->cancellable);
  g_task_return_boolean (self->task, TRUE);
  g_object_unref (self->task);
  g_free (self);
}

static void
abandon_load (OaiPagedList *self)
{
  Load *load = g_steal_pointer (&self->load);

  if (load == NULL)
    return;

  load->page = NULL;
  g_cancellable_cancel (load->cancellable);
  notify_loading (self);
}

/* Attaches the call of the request to the waiter's task. */
static GTask *
end_wait (Waiter *waiter)
{
  OaiCall *call = oai_call_find_for_result (G_ASYNC_RESULT (waiter->load->task));
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
  Load *load = waiter->load;
  g_autoptr(GTask) task = NULL;

  load->waiters = g_list_remove (load->waiters, waiter);
  task = end_wait (waiter);
  if (load->waiters == NULL && !load->ahead)
    abandon_load (load->page);
  g_task_return_error (task, oai_error_new_cancelled ());

  return G_SOURCE_REMOVE;
}

/* Takes ownership of the task. */
static void
add_waiter (Load *load, GTask *task)
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

/* Takes ownership of the waiters. */
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

/* Clears load before views are notified of the new items, so that they can load the next page.
 * Takes ownership of the body. */
static void
take_page (OaiPagedList *self, OaiExchange *exchange, GBytes *body, GError **error)
{
  g_object_freeze_notify (G_OBJECT (self));
  self->load = NULL;
  notify_loading (self);
  if (*error == NULL && !add_page (self, oai_exchange_get_call (exchange), body, oai_exchange_get_secret (exchange), error))
    oai_exchange_fail_reply (exchange, *error);
  if (*error != NULL)
    set_error (self, *error);
  oai_emit_thaw (self);
}

static void
loaded_cb (OaiExchange *exchange, GBytes *body, GError *error, gpointer user_data)
{
  Load *load = user_data;
  g_autoptr(OaiPagedList) page = load->page != NULL ? g_object_ref (load->page) : NULL;
  g_autoptr(GError) reason = error;

  if (page != NULL)
    take_page (page, exchange, body, &reason);
  else
    g_clear_pointer (&body, g_bytes_unref);
  tell_waiters (g_steal_pointer (&load->waiters), reason);
  load_free (load);
}

static OaiRequest *
build_next_request (OaiPagedList *self, GError **error)
{
  g_autoptr(OaiRecord) query = NULL;
  g_autoptr(GString) cursor = g_string_new (NULL);

  if (self->query != NULL)
    query = oai_record_copy (self->query);
  else
    query = g_object_new (self->builder.operation->query_type (), NULL);
  oai_json_write_string (cursor, self->cursor, -1);
  if (!oai_record_set_member (query, get_paging (self)->parameter, cursor->str, error))
    return NULL;

  return oai_request_builder_build (&self->builder, (const char *const *) self->path_arguments, query, NULL, FALSE, error);
}

/* Takes ownership of the task of the first waiter, which is NULL if the page is loaded
 * automatically.  The load may already be complete on return. */
static void
start_load (OaiPagedList *self, GTask *task)
{
  g_autoptr(OaiPagedList) held G_GNUC_UNUSED = g_object_ref (self);
  g_autoptr(GTask) owned G_GNUC_UNUSED = task;
  g_autoptr(GError) error = NULL;
  OaiRequest *request = build_next_request (self, &error);
  Load *load;

  if (request == NULL)
    {
      if (task != NULL)
        g_task_return_error (task, g_steal_pointer (&error));
      else
        set_error (self, error);
      return;
    }

  load = g_new0 (Load, 1);
  load->page = self;
  load->context = g_main_context_ref_thread_default ();
  load->cancellable = g_cancellable_new ();
  load->task = g_task_new (NULL, NULL, NULL, NULL);
  g_task_set_source_tag (load->task, oai_paged_list_load_more_async);
  load->ahead = task == NULL;
  self->load = load;
  if (task != NULL)
    add_waiter (load, g_steal_pointer (&owned));
  notify_loading (self);
  oai_reply_collect (self->builder.client, request, load->cancellable, load->task, loaded_cb, load);
}

static void
load_ahead (OaiPagedList *self)
{
  start_load (self, NULL);
}

OaiPagedList *
oai_paged_list_new (const OaiRequestBuilder *builder, const char *const *path_arguments, OaiRecord *query, OaiCall *call, GBytes *body, const char *secret, GError **error)
{
  g_autoptr(OaiPagedList) self = g_object_new (OAI_TYPE_PAGED_LIST, NULL);

  oai_request_builder_init_copy (&self->builder, builder);
  self->item_type = builder->operation->result_type ();
  self->path_arguments = g_strdupv ((char **) path_arguments);
  self->query = query != NULL ? g_object_ref (query) : NULL;
  if (!add_page (self, call, body, secret, error))
    return NULL;

  return g_steal_pointer (&self);
}

static void
oai_paged_list_dispose (GObject *object)
{
  OaiPagedList *self = OAI_PAGED_LIST (object);

  abandon_load (self);

  G_OBJECT_CLASS (oai_paged_list_parent_class)->dispose (object);
}

static void
oai_paged_list_finalize (GObject *object)
{
  OaiPagedList *self = OAI_PAGED_LIST (object);

  oai_request_builder_clear (&self->builder);
  g_clear_pointer (&self->path_arguments, g_strfreev);
  g_clear_object (&self->query);
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_clear_object (&self->record);
  g_clear_object (&self->call);
  g_free (self->cursor);
  g_hash_table_unref (self->cursors);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (oai_paged_list_parent_class)->finalize (object);
}

static void
oai_paged_list_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  OaiPagedList *self = OAI_PAGED_LIST (object);

  switch (prop_id)
    {
    case PROP_ITEM_TYPE:
      g_value_set_gtype (value, self->item_type);
      break;
    case PROP_N_ITEMS:
      g_value_set_uint (value, self->items->len);
      break;
    case PROP_HAS_MORE:
      g_value_set_boolean (value, self->cursor != NULL);
      break;
    case PROP_LOADING:
      g_value_set_boolean (value, self->load != NULL);
      break;
    case PROP_AUTO_LOAD:
      g_value_set_boolean (value, self->auto_load);
      break;
    case PROP_ERROR:
      g_value_set_boxed (value, self->error);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
oai_paged_list_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  OaiPagedList *self = OAI_PAGED_LIST (object);

  switch (prop_id)
    {
    case PROP_AUTO_LOAD:
      oai_paged_list_set_auto_load (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
oai_paged_list_class_init (OaiPagedListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = oai_paged_list_dispose;
  object_class->finalize = oai_paged_list_finalize;
  object_class->get_property = oai_paged_list_get_property;
  object_class->set_property = oai_paged_list_set_property;

  /**
   * OaiPagedList:item-type:
   *
   * The type of the records in the list.
   *
   * Since: 1.0
   */
  properties[PROP_ITEM_TYPE] = g_param_spec_gtype ("item-type", NULL, NULL, OAI_TYPE_RECORD,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiPagedList:n-items:
   *
   * The number of records that are loaded.
   *
   * Since: 1.0
   */
  properties[PROP_N_ITEMS] = g_param_spec_uint ("n-items", NULL, NULL, 0, G_MAXUINT, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiPagedList:has-more: (getter get_has_more)
   *
   * Whether the server has more records than are loaded.
   *
   * Since: 1.0
   */
  properties[PROP_HAS_MORE] = g_param_spec_boolean ("has-more", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiPagedList:loading: (getter is_loading)
   *
   * Whether a page is being loaded.
   *
   * Since: 1.0
   */
  properties[PROP_LOADING] = g_param_spec_boolean ("loading", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiPagedList:auto-load: (getter get_auto_load) (setter set_auto_load)
   *
   * Whether access to the last item loads the next page.
   *
   * Since: 1.0
   */
  properties[PROP_AUTO_LOAD] = g_param_spec_boolean ("auto-load", NULL, NULL, TRUE,
                                                     G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiPagedList:error: (getter get_error)
   *
   * The error of the newest page if it could not be loaded, else %NULL.
   *
   * Since: 1.0
   */
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
oai_paged_list_init (OaiPagedList *self)
{
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  self->cursors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->auto_load = TRUE;
}

static GType
get_item_type (GListModel *model)
{
  return OAI_PAGED_LIST (model)->item_type;
}

static guint
get_n_items (GListModel *model)
{
  return OAI_PAGED_LIST (model)->items->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  OaiPagedList *self = OAI_PAGED_LIST (model);

  if (position >= self->items->len)
    return NULL;

  if (self->auto_load && position + 1 == self->items->len && self->cursor != NULL && self->load == NULL && self->error == NULL)
    load_ahead (self);

  return g_object_ref (g_ptr_array_index (self->items, position));
}

static void
oai_paged_list_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

/**
 * oai_paged_list_get_n_loaded:
 * @self: a list
 *
 * Gets the number of items that are loaded.
 *
 * Returns: the number of items
 *
 * Since: 1.0
 */
guint
oai_paged_list_get_n_loaded (OaiPagedList *self)
{
  g_return_val_if_fail (OAI_IS_PAGED_LIST (self), 0);

  return self->items->len;
}

/**
 * oai_paged_list_get_has_more:
 * @self: a list
 *
 * Checks whether the server has more items than are loaded.
 *
 * Returns: %TRUE if there is another page
 *
 * Since: 1.0
 */
gboolean
oai_paged_list_get_has_more (OaiPagedList *self)
{
  g_return_val_if_fail (OAI_IS_PAGED_LIST (self), FALSE);

  return self->cursor != NULL;
}

/**
 * oai_paged_list_is_loading:
 * @self: a list
 *
 * Checks whether a page is being loaded.
 *
 * Returns: %TRUE while a page is being loaded
 *
 * Since: 1.0
 */
gboolean
oai_paged_list_is_loading (OaiPagedList *self)
{
  g_return_val_if_fail (OAI_IS_PAGED_LIST (self), FALSE);

  return self->load != NULL;
}

/**
 * oai_paged_list_get_auto_load:
 * @self: a list
 *
 * Gets whether access to the last item loads the next page.
 *
 * Returns: %TRUE if the next page is loaded automatically
 *
 * Since: 1.0
 */
gboolean
oai_paged_list_get_auto_load (OaiPagedList *self)
{
  g_return_val_if_fail (OAI_IS_PAGED_LIST (self), FALSE);

  return self->auto_load;
}

/**
 * oai_paged_list_set_auto_load:
 * @self: a list
 * @auto_load: whether access to the last item loads the next page
 *
 * Sets whether access to the last item loads the next page. The default is %TRUE.
 *
 * Since: 1.0
 */
void
oai_paged_list_set_auto_load (OaiPagedList *self, gboolean auto_load)
{
  g_return_if_fail (OAI_IS_PAGED_LIST (self));

  auto_load = !!auto_load;
  if (self->auto_load == auto_load)
    return;

  self->auto_load = auto_load;
  oai_emit_notify (self, properties[PROP_AUTO_LOAD]);
}

/**
 * oai_paged_list_get_error:
 * @self: a list
 *
 * Gets the error of the newest page if it could not be loaded. The list does not retry
 * automatically; call [method@Oai.PagedList.load_more_async] to retry.
 *
 * Returns: (nullable) (transfer none): the error, or %NULL if the page was loaded
 *
 * Since: 1.0
 */
const GError *
oai_paged_list_get_error (OaiPagedList *self)
{
  g_return_val_if_fail (OAI_IS_PAGED_LIST (self), NULL);

  return self->error;
}

/**
 * oai_paged_list_get_call:
 * @self: a list
 *
 * Gets the call that loaded the newest page.
 *
 * Returns: (transfer none): the call
 *
 * Since: 1.0
 */
OaiCall *
oai_paged_list_get_call (OaiPagedList *self)
{
  g_return_val_if_fail (OAI_IS_PAGED_LIST (self), NULL);

  return self->call;
}

/**
 * oai_paged_list_get_record:
 * @self: a list
 *
 * Gets the newest page as the server sent it.
 *
 * Returns: (nullable) (transfer none): the page as a record, or %NULL if the server sent an array
 *   instead of an object
 *
 * Since: 1.0
 */
OaiRecord *
oai_paged_list_get_record (OaiPagedList *self)
{
  g_return_val_if_fail (OAI_IS_PAGED_LIST (self), NULL);

  return self->record;
}
/**
 * oai_paged_list_load_more_async:
 * @self: a list
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async) (nullable): called when the operation is complete
 * @user_data: data for @callback
 *
 * Starts [method@Oai.PagedList.load_more]. If a page is being loaded, this call completes with that
 * page.
 *
 * Since: 1.0
 */
void
oai_paged_list_load_more_async (OaiPagedList *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GMainContext) context = g_main_context_ref_thread_default ();
  g_autoptr(GTask) task = NULL;

  g_return_if_fail (OAI_IS_PAGED_LIST (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_paged_list_load_more_async);
  g_task_set_check_cancellable (task, FALSE);
  if (g_cancellable_is_cancelled (cancellable))
    {
      g_task_return_error (task, oai_error_new_cancelled ());
      return;
    }
  /* A load without a waiter would not complete while its main context is not iterated. */
  if (self->load != NULL && self->load->context != context && self->load->waiters == NULL)
    abandon_load (self);
  if (self->load != NULL && self->load->context != context)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING, _("A page is being loaded already"));
  else if (self->cursor == NULL)
    g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("There is no next page. Check “has-more” before you load a page"));
  else if (self->load == NULL)
    start_load (self, g_steal_pointer (&task));
  else
    add_waiter (self->load, g_steal_pointer (&task));
}

/**
 * oai_paged_list_load_more_finish:
 * @self: a list
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.PagedList.load_more_async].
 *
 * Returns: %TRUE if a page was loaded; %FALSE on error
 *
 * Since: 1.0
 */
gboolean
oai_paged_list_load_more_finish (OaiPagedList *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * oai_paged_list_load_more:
 * @self: a list
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Loads the next page, and appends its items. Blocks until the page is loaded;
 * [method@Oai.PagedList.load_more_async] does not block.
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT if there is no next page; see
 * [method@Oai.PagedList.get_has_more].
 *
 * Returns: %TRUE if a page was loaded; %FALSE on error
 *
 * Since: 1.0
 */
gboolean
oai_paged_list_load_more (OaiPagedList *self, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  gboolean loaded;

  g_return_val_if_fail (OAI_IS_PAGED_LIST (self), FALSE);

  oai_blocking_call_begin (&sync);
  oai_paged_list_load_more_async (self, cancellable, oai_blocking_call_ready, &sync);
  loaded = oai_paged_list_load_more_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return loaded;
}

/* Iteration */

static void go_on (GTask *task);

static void
next_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  OaiCall *call = oai_call_find_for_result (result);
  GError *error = NULL;

  if (call != NULL)
    oai_call_attach (call, task);
  if (oai_paged_list_load_more_finish (OAI_PAGED_LIST (source), result, &error))
    go_on (g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

/* Loads pages until there is an item or no further page.  Takes ownership of the task, whose data
 * is the number of pages. */
static void
go_on (GTask *task)
{
  g_autoptr(GTask) held G_GNUC_UNUSED = task;
  OaiPagedList *self = g_task_get_source_object (task);
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
      oai_paged_list_load_more_async (self, g_task_get_cancellable (task), next_loaded_cb, g_steal_pointer (&held));
    }
}

/**
 * oai_paged_list_next_async:
 * @self: a list
 * @cancellable: (nullable): a cancellable
 * @callback: (scope async): called when the operation is complete
 * @user_data: data for @callback
 *
 * Starts [method@Oai.PagedList.next].
 *
 * Since: 1.0
 */
void
oai_paged_list_next_async (OaiPagedList *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = NULL;

  g_return_if_fail (OAI_IS_PAGED_LIST (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_paged_list_next_async);
  if (!g_task_return_error_if_cancelled (task))
    go_on (g_steal_pointer (&task));
}

/**
 * oai_paged_list_next_finish:
 * @self: a list
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.PagedList.next_async].
 *
 * Returns: (nullable) (transfer full): the item, or %NULL on error and after the last one
 *
 * Since: 1.0
 */
OaiRecord *
oai_paged_list_next_finish (OaiPagedList *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * oai_paged_list_next:
 * @self: a list
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Gets the next item of the list. The first call returns the first item. Loads the next page if
 * necessary. Blocks; see [method@Oai.PagedList.next_async].
 *
 * Returns: (nullable) (transfer full): the item, or %NULL on error and after the last one
 *
 * Since: 1.0
 */
OaiRecord *
oai_paged_list_next (OaiPagedList *self, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  OaiRecord *record;

  g_return_val_if_fail (OAI_IS_PAGED_LIST (self), NULL);

  oai_blocking_call_begin (&sync);
  oai_paged_list_next_async (self, cancellable, oai_blocking_call_ready, &sync);
  record = oai_paged_list_next_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return record;
}
