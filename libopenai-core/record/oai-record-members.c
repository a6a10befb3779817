/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Members by their names on the wire, those included that no schema knows. */

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-doc-private.h"
#include "oai-json-hash-private.h"
#include "oai-record-impl-private.h"

#include <string.h>

OaiExtra *
oai_record_find_extra (OaiRecord *self, const char *name)
{
  OaiRecordPrivate *priv = oai_record_get_private (self);
  guint place = priv->extra_places != NULL ? GPOINTER_TO_UINT (g_hash_table_lookup (priv->extra_places, name)) : 0;

  return place != 0 ? &g_array_index (priv->extras, OaiExtra, place - 1) : NULL;
}

static int
find_head (OaiRecord *self, const char *name)
{
  return oai_record_find_head (oai_record_get_schema (self), name, 0);
}

static void
clear_extra (gpointer data)
{
  OaiExtra *extra = data;

  g_free (extra->name);
  g_clear_pointer (&extra->doc, oai_json_doc_unref);
}

void
oai_record_set_extra (OaiRecord *self, const char *name, OaiJsonDoc *doc)
{
  OaiRecordPrivate *priv = oai_record_get_private (self);
  OaiExtra *extra = oai_record_find_extra (self, name);
  OaiExtra added = { NULL, doc };

  if (extra != NULL)
    {
      g_clear_pointer (&extra->doc, oai_json_doc_unref);
      extra->doc = doc;
      return;
    }

  if (priv->extras == NULL)
    {
      priv->extras = g_array_new (FALSE, FALSE, sizeof (OaiExtra));
      g_array_set_clear_func (priv->extras, clear_extra);
      priv->extra_places = g_hash_table_new (oai_json_hash_name, g_str_equal);
    }
  added.name = g_strdup (name);
  g_array_append_val (priv->extras, added);
  g_hash_table_insert (priv->extra_places, added.name, GUINT_TO_POINTER (priv->extras->len));
}

/* The member as JSON that lies somewhere; FALSE where it has to be written first. */
static gboolean
find_node (OaiRecord *self, const char *name, OaiJsonDoc **doc, OaiJsonNode *node)
{
  OaiRecordPrivate *priv = oai_record_get_private (self);
  OaiExtra *extra = oai_record_find_extra (self, name);

  *doc = NULL;
  *node = OAI_JSON_NONE;
  if (extra != NULL)
    {
      *doc = extra->doc;
      *node = extra->doc != NULL ? 0 : OAI_JSON_NONE;
    }
  else if (priv->doc != NULL)
    {
      *doc = priv->doc;
      *node = oai_json_get_member (priv->doc, priv->node, name);
    }

  return *doc != NULL && *node != OAI_JSON_NONE;
}

gboolean
oai_record_peek_member (OaiRecord *self, const char *member, OaiJsonDoc **doc, OaiJsonNode *node)
{
  int head = find_head (self, member);
  OaiView view;

  if (head < 0)
    return find_node (self, member, doc, node);

  oai_record_view (self, (guint) head, &view);
  *doc = view.doc;
  *node = view.node;

  return view.kind == OAI_VIEW_NODE;
}

/* The array of a view as a document that can be added to. */
static OaiJsonDoc *
take_array (OaiRecord *self, guint head, const OaiView *view)
{
  g_autofree char *json = NULL;

  if (view->doc == oai_record_ensure_slot (self, head)->doc && !oai_json_doc_is_shared (view->doc))
    return g_steal_pointer (&oai_record_ensure_slot (self, head)->doc);

  json = oai_record_make_json (view->doc, view->node);

  return oai_json_doc_new_copy (json, -1, OAI_JSON_STRICT, NULL);
}

gboolean
oai_record_append_element (OaiRecord *self, const char *member, const char *json)
{
  int head = find_head (self, member);
  OaiJsonDoc *doc;
  OaiView view;

  g_return_val_if_fail (head >= 0, FALSE);

  oai_record_view (self, (guint) head, &view);
  if (view.kind != OAI_VIEW_NODE || oai_json_get_type (view.doc, view.node) != OAI_JSON_ARRAY || !oai_record_check_writable (self))
    return FALSE;

  doc = take_array (self, (guint) head, &view);
  g_return_val_if_fail (doc != NULL, FALSE);
  if (!oai_json_doc_append (doc, json, NULL))
    g_critical ("“%s” of %s is no array that can be added to", member, G_OBJECT_TYPE_NAME (self));
  oai_record_put_doc (self, (guint) head, doc);

  return TRUE;
}

/* A member that the schema knows, as JSON: what getters by name fall back on. */
static char *
dup_head (OaiRecord *self, int head)
{
  GString *out;
  OaiView view;

  oai_record_view (self, (guint) head, &view);
  if (view.kind == OAI_VIEW_ABSENT)
    return NULL;

  out = g_string_new (NULL);
  oai_record_write_head (self, (guint) head, out, OAI_WRITE_WHOLE);

  return g_string_free (out, FALSE);
}

static void
add_name (OaiRecord *self, const char *name, int head, OaiJsonDoc *doc, OaiJsonNode node, gpointer data)
{
  g_strv_builder_add (data, name);
}

/**
 * oai_record_list_members:
 * @self: a record
 *
 * Lists the members that the record has, by their names in JSON, those included
 * that this library does not know.
 *
 * Returns: (transfer full): the names
 *
 * Since: 1.0
 */
GStrv
oai_record_list_members (OaiRecord *self)
{
  g_autoptr(GStrvBuilder) builder = NULL;

  g_return_val_if_fail (OAI_IS_RECORD (self), NULL);

  builder = g_strv_builder_new ();
  oai_record_foreach_member (self, add_name, builder);

  return g_strv_builder_end (builder);
}

/**
 * oai_record_has:
 * @self: a record
 * @member: the name of a member in JSON, such as `max_tokens`
 *
 * Tells whether the record has a member. A member that is null is there.
 *
 * Returns: %TRUE if it is there
 *
 * Since: 1.0
 */
gboolean
oai_record_has (OaiRecord *self, const char *member)
{
  OaiJsonDoc *doc;
  OaiJsonNode node;
  OaiView view;
  int head;

  g_return_val_if_fail (OAI_IS_RECORD (self), FALSE);
  g_return_val_if_fail (member != NULL, FALSE);

  head = find_head (self, member);
  if (head < 0)
    return find_node (self, member, &doc, &node);
  oai_record_view (self, (guint) head, &view);

  return view.kind != OAI_VIEW_ABSENT;
}

/**
 * oai_record_is_null:
 * @self: a record
 * @member: the name of a member in JSON
 *
 * Tells whether a member is there and is null.
 *
 * Returns: %TRUE if it is null
 *
 * Since: 1.0
 */
gboolean
oai_record_is_null (OaiRecord *self, const char *member)
{
  OaiJsonDoc *doc;
  OaiJsonNode node;
  OaiView view;
  int head;

  g_return_val_if_fail (OAI_IS_RECORD (self), FALSE);
  g_return_val_if_fail (member != NULL, FALSE);

  head = find_head (self, member);
  if (head < 0)
    return find_node (self, member, &doc, &node) && oai_json_get_type (doc, node) == OAI_JSON_NULL;
  oai_record_view (self, (guint) head, &view);

  return view.kind == OAI_VIEW_NULL;
}

/**
 * oai_record_unset:
 * @self: a record that can be written
 * @member: the name of a member in JSON
 *
 * Removes a member, so that it is not sent.
 *
 * Since: 1.0
 */
void
oai_record_unset (OaiRecord *self, const char *member)
{
  int head;

  g_return_if_fail (OAI_IS_RECORD (self));
  g_return_if_fail (member != NULL);

  if (!oai_record_check_writable (self))
    return;

  head = find_head (self, member);
  if (head < 0)
    oai_record_set_extra (self, member, NULL);
  else
    oai_record_put_state (self, (guint) head, OAI_SLOT_UNSET);
}

/**
 * oai_record_set_null:
 * @self: a record that can be written
 * @member: the name of a member in JSON
 *
 * Sets a member to null, which some parameters tell from being absent.
 *
 * Since: 1.0
 */
void
oai_record_set_null (OaiRecord *self, const char *member)
{
  int head;

  g_return_if_fail (OAI_IS_RECORD (self));
  g_return_if_fail (member != NULL);

  if (!oai_record_check_writable (self))
    return;

  head = find_head (self, member);
  if (head < 0)
    oai_record_set_extra (self, member, oai_json_doc_new_copy ("null", -1, OAI_JSON_STRICT, NULL));
  else
    oai_record_put_state (self, (guint) head, OAI_SLOT_NULL);
}

/**
 * oai_record_dup_member:
 * @self: a record
 * @member: the name of a member in JSON
 *
 * Gets a member as JSON text, whatever it is.
 *
 * Returns: (nullable) (transfer full): JSON text, or %NULL when the member is absent
 *
 * Since: 1.0
 */
char *
oai_record_dup_member (OaiRecord *self, const char *member)
{
  OaiJsonDoc *doc;
  OaiJsonNode node;
  int head;

  g_return_val_if_fail (OAI_IS_RECORD (self), NULL);
  g_return_val_if_fail (member != NULL, NULL);

  head = find_head (self, member);
  if (head >= 0)
    return dup_head (self, head);

  return find_node (self, member, &doc, &node) ? oai_record_make_json (doc, node) : NULL;
}

/**
 * oai_record_set_member:
 * @self: a record that can be written
 * @member: the name of a member in JSON
 * @json: (nullable): its value, as JSON text, or %NULL to remove it
 * @error: return location for an error
 *
 * Sets a member, whether this library knows it or not: for parameters that are
 * newer than it, and for those that only some servers have.
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT when @json is not JSON.
 *
 * Returns: %TRUE if the member was set
 *
 * Since: 1.0
 */
gboolean
oai_record_set_member (OaiRecord *self, const char *member, const char *json, GError **error)
{
  g_autoptr(GError) local_error = NULL;
  OaiJsonDoc *doc;
  int head;

  g_return_val_if_fail (OAI_IS_RECORD (self), FALSE);
  g_return_val_if_fail (member != NULL, FALSE);

  if (!oai_record_is_writable (self))
    {
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("“%s” is what a server said and cannot be changed"), member);
      return FALSE;
    }
  if (json == NULL)
    {
      oai_record_unset (self, member);
      return TRUE;
    }
  doc = oai_json_doc_new_copy (json, -1, OAI_JSON_STRICT, &local_error);
  if (doc == NULL)
    {
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The value of “%s” is not JSON: %s"), member, local_error->message);
      return FALSE;
    }

  head = find_head (self, member);
  if (head < 0)
    oai_record_set_extra (self, member, doc);
  else
    oai_record_put_doc (self, (guint) head, doc);

  return TRUE;
}

/* Looks at a member, known or not. */
static void
view_member (OaiRecord *self, const char *member, OaiView *view)
{
  int head = find_head (self, member);

  if (head >= 0)
    {
      oai_record_view (self, (guint) head, view);
      return;
    }
  view->kind = find_node (self, member, &view->doc, &view->node) ? OAI_VIEW_NODE : OAI_VIEW_ABSENT;
}

/* The text of a node that is no string. */
static const char *
get_made_text (OaiJsonDoc *doc, OaiJsonNode node)
{
  const char *kept = oai_json_peek_text (doc, node);
  char *made;

  if (kept != NULL)
    return kept;
  made = oai_record_make_text (doc, node);

  return made != NULL ? oai_json_keep_text (doc, node, made) : NULL;
}

/* The digits of a number that was set. */
static const char *
get_digits (OaiRecord *self, guint field)
{
  OaiAtomicMap *texts = &oai_record_get_private (self)->texts;
  const char *kept = oai_atomic_map_lookup (texts, field);
  guint type = oai_record_get_field (self, field)->type;
  GString *out;

  if (kept != NULL || (type != OAI_FIELD_INT && type != OAI_FIELD_TIME && type != OAI_FIELD_NUMBER))
    return kept;
  out = g_string_new (NULL);
  oai_record_write_value (self, field, out, OAI_WRITE_WHOLE);

  return oai_atomic_map_add (texts, field, g_string_free (out, FALSE), g_free);
}

/**
 * oai_record_get_string:
 * @self: a record
 * @member: the name of a member in JSON
 *
 * Gets a member that is a string. A number gives its digits and an object its
 * JSON text, since servers send these where strings belong.
 *
 * Getters of the subclasses are shorter; this one also reaches members that this
 * library does not know.
 *
 * Returns: (nullable) (transfer none): the string, or %NULL when the member is absent or no string
 *
 * Since: 1.0
 */
const char *
oai_record_get_string (OaiRecord *self, const char *member)
{
  OaiView view;
  const char *text;

  g_return_val_if_fail (OAI_IS_RECORD (self), NULL);
  g_return_val_if_fail (member != NULL, NULL);

  view_member (self, member, &view);
  switch (view.kind)
    {
    case OAI_VIEW_TAG:
      return view.tag;
    case OAI_VIEW_VALUE:
      if (oai_record_get_field (self, view.field)->type == OAI_FIELD_STRING)
        return oai_record_get_field_string (self, view.field);
      return get_digits (self, view.field);
    case OAI_VIEW_NODE:
      text = oai_json_get_string (view.doc, view.node, NULL);
      return text != NULL ? text : get_made_text (view.doc, view.node);
    case OAI_VIEW_NULL:
    case OAI_VIEW_ABSENT:
    default:
      return NULL;
    }
}

/**
 * oai_record_get_int:
 * @self: a record
 * @member: the name of a member in JSON
 *
 * Gets a member that is a whole number; a fraction is left off.
 *
 * Returns: the number, or 0 when the member is absent or no number
 *
 * Since: 1.0
 */
gint64
oai_record_get_int (OaiRecord *self, const char *member)
{
  OaiView view;
  gint64 value = 0;
  guint type;

  g_return_val_if_fail (OAI_IS_RECORD (self), 0);
  g_return_val_if_fail (member != NULL, 0);

  view_member (self, member, &view);
  if (view.kind == OAI_VIEW_NODE)
    oai_record_read_int (view.doc, view.node, &value);
  if (view.kind != OAI_VIEW_VALUE)
    return value;

  type = oai_record_get_field (self, view.field)->type;
  if (type == OAI_FIELD_INT || type == OAI_FIELD_TIME)
    return oai_record_get_field_int (self, view.field);

  return type == OAI_FIELD_NUMBER ? oai_record_truncate (oai_record_get_field_number (self, view.field)) : 0;
}

/**
 * oai_record_get_number:
 * @self: a record
 * @member: the name of a member in JSON
 *
 * Gets a member that is a number.
 *
 * Returns: the number, or 0 when the member is absent or no number
 *
 * Since: 1.0
 */
double
oai_record_get_number (OaiRecord *self, const char *member)
{
  OaiView view;
  double value = 0;
  guint type;

  g_return_val_if_fail (OAI_IS_RECORD (self), 0);
  g_return_val_if_fail (member != NULL, 0);

  view_member (self, member, &view);
  if (view.kind == OAI_VIEW_NODE)
    oai_json_get_double (view.doc, view.node, &value);
  if (view.kind != OAI_VIEW_VALUE)
    return value;

  type = oai_record_get_field (self, view.field)->type;
  if (type == OAI_FIELD_INT || type == OAI_FIELD_TIME)
    return (double) oai_record_get_field_int (self, view.field);

  return type == OAI_FIELD_NUMBER ? oai_record_get_field_number (self, view.field) : 0;
}

/**
 * oai_record_get_boolean:
 * @self: a record
 * @member: the name of a member in JSON
 *
 * Gets a member that is true or false.
 *
 * Returns: the value, or %FALSE when the member is absent or neither
 *
 * Since: 1.0
 */
gboolean
oai_record_get_boolean (OaiRecord *self, const char *member)
{
  OaiView view;
  gboolean value = FALSE;

  g_return_val_if_fail (OAI_IS_RECORD (self), FALSE);
  g_return_val_if_fail (member != NULL, FALSE);

  view_member (self, member, &view);
  if (view.kind == OAI_VIEW_NODE)
    oai_json_get_boolean (view.doc, view.node, &value);
  if (view.kind != OAI_VIEW_VALUE || oai_record_get_field (self, view.field)->type != OAI_FIELD_BOOLEAN)
    return value;

  return oai_record_get_field_boolean (self, view.field);
}
