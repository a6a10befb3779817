/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-session-item-private.h"

#include <string.h>

#include "oai-base64-private.h"
#include "oai-emit-private.h"
#include "oai-enum-types.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-mime-private.h"
#include "oai-structured-reply-private.h"

/**
 * OaiSessionItem:
 *
 * An item of a [class@Oai.Session]: a message, the reasoning of a model, a tool call or an image.
 *
 * While a reply is received, [property@Oai.SessionItem:text] grows and [property@Oai.SessionItem:state] changes, with a
 * notification each time. A label that is bound to the text therefore shows the reply as it arrives.
 *
 * Since: 1.0
 */

struct _OaiSessionItem
{
  GObject parent_instance;

  OaiSessionItemKind kind;
  OaiSessionItemState state;
  char *role;
  GString *text; /* or NULL */
  gboolean refusal;
  OaiToolCall *call; /* or NULL */
  OaiRecord *record;
  GDateTime *created_at;
  guint index;
  char *reply_id;
  OaiSessionItemStorage storage;
  guint n_changes;
  char *folded; /* the text for the search, or NULL */
  OaiSessionListImages list_images; /* of the session; NULL before the item belongs to one, and if it knows no images */
};

enum
{
  PROP_0,
  PROP_KIND,
  PROP_STATE,
  PROP_ROLE,
  PROP_TEXT,
  PROP_REFUSAL,
  PROP_CALL,
  PROP_RECORD,
  PROP_CREATED_AT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (OaiSessionItem, oai_session_item, G_TYPE_OBJECT)

static void
oai_session_item_finalize (GObject *object)
{
  OaiSessionItem *self = OAI_SESSION_ITEM (object);

  g_free (self->role);
  if (self->text != NULL)
    g_string_free (self->text, TRUE);
  g_clear_object (&self->call);
  g_clear_object (&self->record);
  g_date_time_unref (self->created_at);
  g_free (self->reply_id);
  g_free (self->folded);

  G_OBJECT_CLASS (oai_session_item_parent_class)->finalize (object);
}

static void
oai_session_item_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  OaiSessionItem *self = OAI_SESSION_ITEM (object);

  switch (prop_id)
    {
    case PROP_KIND:
      g_value_set_enum (value, self->kind);
      break;
    case PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case PROP_ROLE:
      g_value_set_string (value, self->role);
      break;
    case PROP_TEXT:
      g_value_set_string (value, oai_session_item_get_text (self));
      break;
    case PROP_REFUSAL:
      g_value_set_boolean (value, self->refusal);
      break;
    case PROP_CALL:
      g_value_set_object (value, self->call);
      break;
    case PROP_RECORD:
      g_value_set_object (value, self->record);
      break;
    case PROP_CREATED_AT:
      g_value_set_boxed (value, self->created_at);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
create_properties (void)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * OaiSessionItem:kind: (getter get_kind)
   *
   * The kind of the item.
   *
   * Since: 1.0
   */
  properties[PROP_KIND] = g_param_spec_enum ("kind", NULL, NULL, OAI_TYPE_SESSION_ITEM_KIND, OAI_SESSION_ITEM_KIND_MESSAGE, flags);
  /**
   * OaiSessionItem:state: (getter get_state)
   *
   * The state of the item.
   *
   * Since: 1.0
   */
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, OAI_TYPE_SESSION_ITEM_STATE, OAI_SESSION_ITEM_STATE_IN_PROGRESS, flags);
  /**
   * OaiSessionItem:role: (getter get_role)
   *
   * The author of the item, such as `user` or `assistant`; %NULL if it has none.
   *
   * Since: 1.0
   */
  properties[PROP_ROLE] = g_param_spec_string ("role", NULL, NULL, NULL, flags);
  /**
   * OaiSessionItem:text: (getter get_text)
   *
   * The text of a message or of reasoning as far as it has arrived. For a tool call, the arguments as JSON text.
   *
   * Since: 1.0
   */
  properties[PROP_TEXT] = g_param_spec_string ("text", NULL, NULL, NULL, flags);
  /**
   * OaiSessionItem:refusal: (getter is_refusal)
   *
   * Whether the text is a refusal of the model.
   *
   * Since: 1.0
   */
  properties[PROP_REFUSAL] = g_param_spec_boolean ("refusal", NULL, NULL, FALSE, flags);
  /**
   * OaiSessionItem:call: (getter get_call)
   *
   * The tool call with its state and its output; %NULL for other items, and while the call is received.
   *
   * Since: 1.0
   */
  properties[PROP_CALL] = g_param_spec_object ("call", NULL, NULL, OAI_TYPE_TOOL_CALL, flags);
  /**
   * OaiSessionItem:record: (getter get_record)
   *
   * The record of the API, with all its members; %NULL while the item is received.
   *
   * Since: 1.0
   */
  properties[PROP_RECORD] = g_param_spec_object ("record", NULL, NULL, OAI_TYPE_RECORD, flags);
  /**
   * OaiSessionItem:created-at: (getter get_created_at)
   *
   * The time when the item was created, in UTC.
   *
   * Since: 1.0
   */
  properties[PROP_CREATED_AT] = g_param_spec_boxed ("created-at", NULL, NULL, G_TYPE_DATE_TIME, flags);
}

static void
oai_session_item_class_init (OaiSessionItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = oai_session_item_finalize;
  object_class->get_property = oai_session_item_get_property;

  create_properties ();
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
oai_session_item_init (OaiSessionItem *self)
{
  self->created_at = g_date_time_new_now_utc ();
}

OaiSessionItem *
oai_session_item_new (OaiSessionItemKind kind, const char *role)
{
  OaiSessionItem *self = g_object_new (OAI_TYPE_SESSION_ITEM, NULL);

  self->kind = kind;
  self->role = g_strdup (role);

  return self;
}

void
oai_session_item_append_text (OaiSessionItem *self, const char *text)
{
  if (text == NULL || *text == '\0')
    return;

  if (self->text == NULL)
    self->text = g_string_new (NULL);
  g_string_append (self->text, text);
  self->n_changes++;
  g_clear_pointer (&self->folded, g_free);
  oai_emit_notify (self, properties[PROP_TEXT]);
}

void
oai_session_item_set_text (OaiSessionItem *self, const char *text)
{
  if (g_strcmp0 (oai_session_item_get_text (self), text) == 0)
    return;

  if (self->text != NULL)
    g_string_free (self->text, TRUE);
  self->text = text != NULL ? g_string_new (text) : NULL;
  self->n_changes++;
  g_clear_pointer (&self->folded, g_free);
  oai_emit_notify (self, properties[PROP_TEXT]);
}

void
oai_session_item_set_refusal (OaiSessionItem *self, gboolean refusal)
{
  if (self->refusal == refusal)
    return;

  self->refusal = refusal;
  self->n_changes++;
  oai_emit_notify (self, properties[PROP_REFUSAL]);
}

void
oai_session_item_set_state (OaiSessionItem *self, OaiSessionItemState state)
{
  if (self->state == state)
    return;

  self->state = state;
  self->n_changes++;
  oai_emit_notify (self, properties[PROP_STATE]);
}

void
oai_session_item_set_record (OaiSessionItem *self, OaiRecord *record)
{
  if (!g_set_object (&self->record, record))
    return;

  self->n_changes++;
  oai_emit_notify (self, properties[PROP_RECORD]);
}

static OaiSessionItemState
get_state_of_call (OaiToolCall *call)
{
  switch (oai_tool_call_get_state (call))
    {
    case OAI_TOOL_CALL_STATE_SUCCEEDED:
      return OAI_SESSION_ITEM_STATE_COMPLETE;
    case OAI_TOOL_CALL_STATE_FAILED:
    case OAI_TOOL_CALL_STATE_DENIED:
      return OAI_SESSION_ITEM_STATE_FAILED;
    case OAI_TOOL_CALL_STATE_CANCELLED:
      return OAI_SESSION_ITEM_STATE_INCOMPLETE;
    default:
      return OAI_SESSION_ITEM_STATE_IN_PROGRESS;
    }
}

static void
call_changed_cb (OaiSessionItem *self, GParamSpec *pspec, OaiToolCall *call)
{
  if (call == self->call)
    oai_session_item_set_state (self, get_state_of_call (call));
}

void
oai_session_item_set_call (OaiSessionItem *self, OaiToolCall *call)
{
  if (!g_set_object (&self->call, call))
    return;

  self->n_changes++;
  g_signal_connect_object (call, "notify::state", G_CALLBACK (call_changed_cb), self, G_CONNECT_SWAPPED);
  oai_emit_notify (self, properties[PROP_CALL]);
  oai_session_item_set_state (self, get_state_of_call (call));
}

void
oai_session_item_seal (OaiSessionItem *self, OaiRecord *record, const char *text, OaiToolCall *call, OaiSessionItemState state)
{
  oai_session_item_set_text (self, text);
  oai_session_item_set_record (self, record);
  if (call != NULL)
    oai_session_item_set_call (self, call);
  else
    oai_session_item_set_state (self, state);
}

gboolean
oai_session_item_has_open_call (OaiSessionItem *self)
{
  return self->call != NULL && !oai_tool_call_has_ended (self->call);
}

gboolean
oai_session_item_is_message (OaiSessionItem *self, const char *role)
{
  return self->kind == OAI_SESSION_ITEM_KIND_MESSAGE && g_strcmp0 (self->role, role) == 0;
}

static OaiToolCall *
copy_call (OaiToolCall *call)
{
  OaiToolCall *copy;

  if (oai_tool_call_has_ended (call))
    return g_object_ref (call);

  copy = oai_tool_call_new (NULL, oai_tool_call_get_id (call), oai_tool_call_get_name (call), oai_tool_call_get_arguments (call));
  oai_tool_call_cancel (copy);

  return copy;
}

OaiSessionItem *
oai_session_item_copy (OaiSessionItem *self)
{
  OaiSessionItem *copy = oai_session_item_new (self->kind, self->role);

  oai_session_item_set_text (copy, oai_session_item_get_text (self));
  oai_session_item_set_refusal (copy, self->refusal);
  oai_session_item_set_record (copy, self->record);
  oai_session_item_set_reply (copy, self->reply_id, FALSE);
  copy->storage = self->storage;
  copy->list_images = self->list_images;
  oai_session_item_set_created_at (copy, self->created_at);
  oai_session_item_set_state (copy, self->state);
  if (self->call != NULL)
    {
      g_autoptr(OaiToolCall) call = copy_call (self->call);

      oai_session_item_set_call (copy, call);
    }

  return copy;
}

void
oai_session_item_set_created_at (OaiSessionItem *self, GDateTime *created_at)
{
  g_date_time_unref (self->created_at);
  self->created_at = g_date_time_ref (created_at);
}

guint
oai_session_item_get_index (OaiSessionItem *self)
{
  return self->index;
}

void
oai_session_item_set_index (OaiSessionItem *self, guint index)
{
  self->index = index;
}

const char *
oai_session_item_get_reply_id (OaiSessionItem *self)
{
  return self->reply_id;
}

OaiSessionItemStorage
oai_session_item_get_storage (OaiSessionItem *self)
{
  return self->storage;
}

void
oai_session_item_set_reply (OaiSessionItem *self, const char *reply_id, gboolean stored)
{
  char *copy = g_strdup (reply_id);

  g_free (self->reply_id);
  self->reply_id = copy;
  self->storage = stored ? OAI_SESSION_ITEM_STORED : OAI_SESSION_ITEM_NOT_STORED;
}

void
oai_session_item_forget_stored (OaiSessionItem *self)
{
  if (self->storage != OAI_SESSION_ITEM_STORED)
    return;

  self->storage = OAI_SESSION_ITEM_NOT_STORED;
  self->n_changes++;
}

guint
oai_session_item_get_n_changes (OaiSessionItem *self)
{
  return self->n_changes;
}

void
oai_session_item_set_foreign (OaiSessionItem *self)
{
  self->storage = OAI_SESSION_ITEM_FOREIGN;
  self->n_changes++;
}

void
oai_session_item_set_list_images (OaiSessionItem *self, OaiSessionListImages list_images)
{
  self->list_images = list_images;
}

/* Search */

/* Most text is ASCII, which needs no tables. */
char *
oai_session_item_fold (const char *text)
{
  g_autofree char *valid = NULL;
  g_autofree char *folded = NULL;

  if (g_str_is_ascii (text))
    return g_ascii_strdown (text, -1);

  valid = g_utf8_make_valid (text, -1);
  folded = g_utf8_casefold (valid, -1);

  return g_utf8_normalize (folded, -1, G_NORMALIZE_ALL_COMPOSE);
}

gboolean
oai_session_item_contains (OaiSessionItem *self, const char *const *words)
{
  if (self->text == NULL)
    return FALSE;

  if (self->folded == NULL)
    self->folded = oai_session_item_fold (self->text->str);
  for (gsize i = 0; words[i] != NULL; i++)
    if (strstr (self->folded, words[i]) == NULL)
      return FALSE;

  return TRUE;
}

/**
 * oai_session_item_get_kind:
 * @self: an item
 *
 * Gets the kind of the item.
 *
 * Returns: the kind
 *
 * Since: 1.0
 */
OaiSessionItemKind
oai_session_item_get_kind (OaiSessionItem *self)
{
  g_return_val_if_fail (OAI_IS_SESSION_ITEM (self), OAI_SESSION_ITEM_KIND_OTHER);

  return self->kind;
}

/**
 * oai_session_item_get_state:
 * @self: an item
 *
 * Gets the state of the item.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
OaiSessionItemState
oai_session_item_get_state (OaiSessionItem *self)
{
  g_return_val_if_fail (OAI_IS_SESSION_ITEM (self), OAI_SESSION_ITEM_STATE_FAILED);

  return self->state;
}

/**
 * oai_session_item_get_role:
 * @self: an item
 *
 * Gets the author of the item, such as `user` or `assistant`.
 *
 * Returns: (nullable) (transfer none): the author, or %NULL if the item has none
 *
 * Since: 1.0
 */
const char *
oai_session_item_get_role (OaiSessionItem *self)
{
  g_return_val_if_fail (OAI_IS_SESSION_ITEM (self), NULL);

  return self->role;
}

/**
 * oai_session_item_get_text:
 * @self: an item
 *
 * Gets the text of a message or of reasoning as far as it has arrived. For a tool call, these are the arguments as JSON
 * text.
 *
 * Returns: (nullable) (transfer none): the text, or %NULL if there is none; valid until it changes
 *
 * Since: 1.0
 */
const char *
oai_session_item_get_text (OaiSessionItem *self)
{
  g_return_val_if_fail (OAI_IS_SESSION_ITEM (self), NULL);

  return self->text != NULL ? self->text->str : NULL;
}

/**
 * oai_session_item_is_refusal:
 * @self: an item
 *
 * Gets whether the text is a refusal of the model.
 *
 * Returns: whether the model refused
 *
 * Since: 1.0
 */
gboolean
oai_session_item_is_refusal (OaiSessionItem *self)
{
  g_return_val_if_fail (OAI_IS_SESSION_ITEM (self), FALSE);

  return self->refusal;
}

/**
 * oai_session_item_get_call:
 * @self: an item
 *
 * Gets the tool call, whose state and output change while the tool runs.
 *
 * Returns: (nullable) (transfer none): the call; %NULL for other items, and while the call is received
 *
 * Since: 1.0
 */
OaiToolCall *
oai_session_item_get_call (OaiSessionItem *self)
{
  g_return_val_if_fail (OAI_IS_SESSION_ITEM (self), NULL);

  return self->call;
}

/**
 * oai_session_item_get_record:
 * @self: an item
 *
 * Gets the record of the API, such as an [class@Oai.ChatMessage] or a [class@Oai.ResponseItem]. Several items of a reply,
 * such as its text and its tool calls, can have the same record.
 *
 * Returns: (nullable) (transfer none): the record, or %NULL while the item is received
 *
 * Since: 1.0
 */
OaiRecord *
oai_session_item_get_record (OaiSessionItem *self)
{
  g_return_val_if_fail (OAI_IS_SESSION_ITEM (self), NULL);

  return self->record;
}

/**
 * oai_session_item_get_created_at:
 * @self: an item
 *
 * Gets the time when the item was created.
 *
 * Returns: (transfer none): the time, in UTC
 *
 * Since: 1.0
 */
GDateTime *
oai_session_item_get_created_at (OaiSessionItem *self)
{
  g_return_val_if_fail (OAI_IS_SESSION_ITEM (self), NULL);

  return self->created_at;
}

/* Returns NULL for other URLs than data URLs of images.  Other text counts if it is an image in Base64: it can be a URL, too. */
static GBytes *
decode_image (const char *text)
{
  g_autoptr(GBytes) bytes = NULL;
  const char *type;

  if (text == NULL || *text == '\0')
    return NULL;
  if (g_ascii_strncasecmp (text, "data:image/", 11) == 0)
    return oai_data_url_parse (text, NULL, NULL);

  bytes = oai_base64_decode (text, strlen (text), NULL);
  type = bytes != NULL ? oai_mime_sniff (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes)) : NULL;

  return type != NULL && g_str_has_prefix (type, "image/") ? g_steal_pointer (&bytes) : NULL;
}

/**
 * oai_session_item_dup_images:
 * @self: an item
 *
 * Gets the images that the item contains: those that the user has added to a message, and one that the model has generated.
 * Images that the record only names by a web address or by the identifier of a file are omitted.
 *
 * Returns: (transfer container) (element-type GLib.Bytes): the contents of the image files, in their order; empty if there are
 *   none
 *
 * Since: 1.0
 */
GPtrArray *
oai_session_item_dup_images (OaiSessionItem *self)
{
  g_autoptr(GPtrArray) list = NULL;
  GPtrArray *images;

  g_return_val_if_fail (OAI_IS_SESSION_ITEM (self), NULL);

  list = g_ptr_array_new ();
  images = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  if (self->record != NULL && self->list_images != NULL)
    self->list_images (self->record, list);
  for (guint i = 0; i < list->len; i++)
    {
      GBytes *bytes = decode_image (g_ptr_array_index (list, i));

      if (bytes != NULL)
        g_ptr_array_add (images, bytes);
    }

  return images;
}

/**
 * oai_session_item_parse:
 * @self: an item
 * @type: a class of objects, such as that which the options of the session request as the form of replies
 * @error: return location for a [error@Oai.Error]
 *
 * Reads the text of the item into an object: a reply of the model, or the arguments of a tool call.
 *
 * Fails with %OAI_ERROR_CONTENT_FILTER if the model refused, in which case the message of the error is the refusal; with
 * %OAI_ERROR_INCOMPLETE if the text has not arrived completely, because the reply is still received, reached a token
 * limit or was stopped; and with %OAI_ERROR_PROTOCOL if the item has no text, or the text does not fit the class.
 *
 * Returns: (transfer full) (type GObject.Object): a new object, or %NULL with an error
 *
 * Since: 1.0
 */
GObject *
oai_session_item_parse (OaiSessionItem *self, GType type, GError **error)
{
  const char *text;

  g_return_val_if_fail (OAI_IS_SESSION_ITEM (self), NULL);
  g_return_val_if_fail (g_type_is_a (type, G_TYPE_OBJECT), NULL);

  text = oai_session_item_get_text (self);
  if (self->call != NULL || self->state == OAI_SESSION_ITEM_STATE_COMPLETE)
    return oai_structured_reply_parse (type, self->refusal ? text : NULL, text, error);

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INCOMPLETE, _("The reply is not complete, so that it cannot be parsed."));
  return NULL;
}
