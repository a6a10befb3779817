/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-page-impl-private.h"

#include "oai-call-private.h"
#include "oai-emit-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-record-private.h"
#include "oai-reply-body-private.h"

/**
 * OaiPage:
 *
 * A list of records on the server, which loads its pages as they are wanted.
 *
 * What an operation returns holds the first page. The list is a
 * [iface@Gio.ListModel] whose items are records; bound to a list view, it loads
 * the next page when its last item is looked at, unless
 * [property@Oai.Page:auto-load] is off. [method@Oai.Page.next_async] goes
 * through all items of all pages, one after the other.
 *
 * A list is used in one main context, and by its thread alone; its items are records, which
 * any thread may read. A call that blocks does not wait for a page
 * that the list began to load by itself; it loads the page in its stead.
 *
 * The members beside the items, whatever the server says there, are on the
 * record of [method@Oai.Page.get_record].
 *
 * Since: 1.0
 */

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

static void oai_page_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (OaiPage, oai_page, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, oai_page_list_model_init))

static void
oai_page_dispose (GObject *object)
{
  OaiPage *self = OAI_PAGE (object);

  oai_page_abandon_load (self);

  G_OBJECT_CLASS (oai_page_parent_class)->dispose (object);
}

static void
oai_page_finalize (GObject *object)
{
  OaiPage *self = OAI_PAGE (object);

  g_clear_object (&self->endpoint);
  g_clear_pointer (&self->path_arguments, g_strfreev);
  g_clear_object (&self->query);
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_clear_object (&self->record);
  g_clear_object (&self->call);
  g_free (self->cursor);
  g_hash_table_unref (self->cursors);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (oai_page_parent_class)->finalize (object);
}

static void
oai_page_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  OaiPage *self = OAI_PAGE (object);

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
oai_page_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  OaiPage *self = OAI_PAGE (object);

  switch (prop_id)
    {
    case PROP_AUTO_LOAD:
      oai_page_set_auto_load (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
oai_page_class_init (OaiPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->dispose = oai_page_dispose;
  object_class->finalize = oai_page_finalize;
  object_class->get_property = oai_page_get_property;
  object_class->set_property = oai_page_set_property;

  /**
   * OaiPage:item-type:
   *
   * The type of the records in the list.
   *
   * Since: 1.0
   */
  properties[PROP_ITEM_TYPE] = g_param_spec_gtype ("item-type", NULL, NULL, OAI_TYPE_RECORD, flags);
  /**
   * OaiPage:n-items:
   *
   * How many records are loaded.
   *
   * Since: 1.0
   */
  properties[PROP_N_ITEMS] = g_param_spec_uint ("n-items", NULL, NULL, 0, G_MAXUINT, 0, flags);
  /**
   * OaiPage:has-more: (getter get_has_more)
   *
   * Whether the server has more of them.
   *
   * Since: 1.0
   */
  properties[PROP_HAS_MORE] = g_param_spec_boolean ("has-more", NULL, NULL, FALSE, flags);
  /**
   * OaiPage:loading: (getter is_loading)
   *
   * Whether a page is being loaded.
   *
   * Since: 1.0
   */
  properties[PROP_LOADING] = g_param_spec_boolean ("loading", NULL, NULL, FALSE, flags);
  /**
   * OaiPage:auto-load: (getter get_auto_load) (setter set_auto_load)
   *
   * Whether looking at the last item loads the next page.
   *
   * Since: 1.0
   */
  properties[PROP_AUTO_LOAD] = g_param_spec_boolean ("auto-load", NULL, NULL, TRUE,
                                                     G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiPage:error: (getter get_error)
   *
   * Why the newest page could not be loaded, or %NULL.
   *
   * Since: 1.0
   */
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
oai_page_init (OaiPage *self)
{
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  self->cursors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->auto_load = TRUE;
}

static GType
get_item_type (GListModel *model)
{
  return OAI_PAGE (model)->item_type;
}

static guint
get_n_items (GListModel *model)
{
  return OAI_PAGE (model)->items->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  OaiPage *self = OAI_PAGE (model);

  if (position >= self->items->len)
    return NULL;

  if (self->auto_load && position + 1 == self->items->len && self->cursor != NULL && self->load == NULL && self->error == NULL)
    oai_page_load_ahead (self);

  return g_object_ref (g_ptr_array_index (self->items, position));
}

static void
oai_page_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

/* Where the next page starts: "after" is the id of the last item, unless the
 * server names it: a "next" that is null names none. NULL when there is no next page. */
static char *
find_cursor (OaiPage *self, OaiJsonDoc *doc, OaiJsonNode items)
{
  gboolean has_more = TRUE;
  OaiJsonNode node = oai_json_get_member (doc, 0, "next");
  const char *cursor = oai_json_get_string (doc, node, NULL);
  guint n = oai_json_get_size (doc, items);

  if (self->operation->query_type == NULL || n == 0)
    return NULL;
  if (oai_json_get_boolean (doc, oai_json_get_member (doc, 0, "has_more"), &has_more) && !has_more)
    return NULL;

  if (cursor == NULL && node == OAI_JSON_NONE)
    cursor = oai_json_get_string (doc, oai_json_get_member (doc, oai_json_get_element (doc, items, n - 1), "id"), NULL);
  if (cursor == NULL && node == OAI_JSON_NONE)
    cursor = oai_json_get_string (doc, oai_json_get_member (doc, 0, "last_id"), NULL);
  if (cursor == NULL || *cursor == '\0' || oai_json_get_type (doc, oai_json_get_member (doc, 0, "has_more")) != OAI_JSON_BOOLEAN)
    return NULL;

  return g_strdup (cursor);
}

/* The items stand in "data", or are the whole reply. */
static gboolean
find_items (OaiJsonDoc *doc, OaiJsonNode *items, GError **error)
{
  *items = 0;
  if (oai_json_get_type (doc, 0) == OAI_JSON_OBJECT)
    {
      *items = oai_json_get_member (doc, 0, "data");
      if (*items == OAI_JSON_NONE)
        *items = oai_json_get_member (doc, 0, "models");
    }
  if (oai_json_get_type (doc, *items) == OAI_JSON_ARRAY || oai_json_get_type (doc, *items) <= OAI_JSON_NULL)
    return TRUE;

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The reply holds no list"));

  return FALSE;
}

/* A server that does not look at the cursor would send the same page for ever. */
static gboolean
take_cursor (OaiPage *self, char *cursor, GError **error)
{
  if (cursor != NULL && !g_hash_table_add (self->cursors, g_strdup (cursor)))
    {
      g_free (cursor);
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent a page that it had sent before, instead of the next one"));
      return FALSE;
    }
  g_free (self->cursor);
  self->cursor = cursor;

  return TRUE;
}

static void
add_items (OaiPage *self, OaiJsonDoc *doc, OaiJsonNode items, OaiCall *call)
{
  OaiClient *client = oai_endpoint_get_client (self->endpoint);
  guint before = self->items->len;
  OaiJsonIter iter;
  OaiJsonNode node;

  oai_json_iter_init (&iter, doc, items);
  while (oai_json_iter_next (&iter, NULL, &node))
    if (oai_json_get_type (doc, node) == OAI_JSON_OBJECT)
      g_ptr_array_add (self->items, oai_record_new_from_node (self->item_type, doc, node, client, call));
  if (self->items->len == before)
    return;

  oai_emit_items_changed (self, before, 0, self->items->len - before);
  oai_emit_notify (self, properties[PROP_N_ITEMS]);
}

gboolean
oai_page_add (OaiPage *self, OaiCall *call, GBytes *body, const char *secret, GError **error)
{
  g_autoptr(OaiJsonDoc) doc = oai_reply_body_parse (call, body, secret, error);
  g_autoptr(OaiRecord) record = NULL;
  OaiJsonNode items;

  if (doc == NULL || !find_items (doc, &items, error) || !take_cursor (self, find_cursor (self, doc, items), error))
    return FALSE;

  if (oai_json_get_type (doc, 0) == OAI_JSON_OBJECT)
    {
      record = oai_record_new_from_node (OAI_TYPE_RECORD, doc, 0, oai_endpoint_get_client (self->endpoint), call);
      g_set_object (&self->record, record);
    }
  g_set_object (&self->call, call);
  oai_page_set_error (self, NULL);
  add_items (self, doc, items, call);
  oai_emit_notify (self, properties[PROP_HAS_MORE]);

  return TRUE;
}

OaiPage *
oai_page_new (OaiEndpoint *endpoint, const OaiOperation *operation, const char *const *path_arguments, OaiRecord *query, OaiCall *call, GBytes *body, const char *secret, GError **error)
{
  g_autoptr(OaiPage) self = g_object_new (OAI_TYPE_PAGE, NULL);

  self->endpoint = g_object_ref (endpoint);
  self->operation = operation;
  self->item_type = operation->result_type ();
  self->path_arguments = g_strdupv ((char **) path_arguments);
  self->query = query != NULL ? g_object_ref (query) : NULL;
  if (!oai_page_add (self, call, body, secret, error))
    return NULL;

  return g_steal_pointer (&self);
}

void
oai_page_set_error (OaiPage *self, const GError *error)
{
  if (self->error == NULL && error == NULL)
    return;

  g_clear_error (&self->error);
  self->error = error != NULL ? g_error_copy (error) : NULL;
  oai_emit_notify (self, properties[PROP_ERROR]);
}

void
oai_page_notify_loading (OaiPage *self)
{
  oai_emit_notify (self, properties[PROP_LOADING]);
}

/**
 * oai_page_get_n_loaded:
 * @self: a list
 *
 * Gets how many items are loaded so far.
 *
 * Returns: the number of items
 *
 * Since: 1.0
 */
guint
oai_page_get_n_loaded (OaiPage *self)
{
  g_return_val_if_fail (OAI_IS_PAGE (self), 0);

  return self->items->len;
}

/**
 * oai_page_get_has_more:
 * @self: a list
 *
 * Tells whether the server has more items than are loaded.
 *
 * Returns: %TRUE if there is another page
 *
 * Since: 1.0
 */
gboolean
oai_page_get_has_more (OaiPage *self)
{
  g_return_val_if_fail (OAI_IS_PAGE (self), FALSE);

  return self->cursor != NULL;
}

/**
 * oai_page_is_loading:
 * @self: a list
 *
 * Tells whether a page is being loaded.
 *
 * Returns: %TRUE while one is
 *
 * Since: 1.0
 */
gboolean
oai_page_is_loading (OaiPage *self)
{
  g_return_val_if_fail (OAI_IS_PAGE (self), FALSE);

  return self->load != NULL;
}

/**
 * oai_page_get_auto_load:
 * @self: a list
 *
 * Tells whether looking at the last item loads the next page.
 *
 * Returns: %TRUE if it does
 *
 * Since: 1.0
 */
gboolean
oai_page_get_auto_load (OaiPage *self)
{
  g_return_val_if_fail (OAI_IS_PAGE (self), FALSE);

  return self->auto_load;
}

/**
 * oai_page_set_auto_load:
 * @self: a list
 * @auto_load: whether looking at the last item shall load the next page
 *
 * Sets whether the list grows by itself as it is looked at.
 *
 * Since: 1.0
 */
void
oai_page_set_auto_load (OaiPage *self, gboolean auto_load)
{
  g_return_if_fail (OAI_IS_PAGE (self));

  auto_load = !!auto_load;
  if (self->auto_load == auto_load)
    return;

  self->auto_load = auto_load;
  oai_emit_notify (self, properties[PROP_AUTO_LOAD]);
}

/**
 * oai_page_get_error:
 * @self: a list
 *
 * Gets why the newest page could not be loaded. The list does not try again by
 * itself then; [method@Oai.Page.load_more_async] does.
 *
 * Returns: (nullable) (transfer none): the error, or %NULL when all is well
 *
 * Since: 1.0
 */
const GError *
oai_page_get_error (OaiPage *self)
{
  g_return_val_if_fail (OAI_IS_PAGE (self), NULL);

  return self->error;
}

/**
 * oai_page_get_call:
 * @self: a list
 *
 * Gets the exchange that brought the newest page.
 *
 * Returns: (transfer none): the call
 *
 * Since: 1.0
 */
OaiCall *
oai_page_get_call (OaiPage *self)
{
  g_return_val_if_fail (OAI_IS_PAGE (self), NULL);

  return self->call;
}

/**
 * oai_page_get_record:
 * @self: a list
 *
 * Gets the newest page as the server sent it.
 *
 * Returns: (nullable) (transfer none): the page as a record, or %NULL when the server sent a bare list
 *
 * Since: 1.0
 */
OaiRecord *
oai_page_get_record (OaiPage *self)
{
  g_return_val_if_fail (OAI_IS_PAGE (self), NULL);

  return self->record;
}
