/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-call.h"
#include "oai-client.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-record-impl-private.h"

#include <string.h>

/**
 * OaiRecord:
 *
 * A JSON object of the API: a request, a reply, or a part of one.
 *
 * What the API documents is reached by the properties and methods of the
 * subclasses, such as [class@Oai.ChatMessage]. Nothing that a server says is
 * lost: members that this library does not know are kept, reached by their
 * names with the methods here, and sent back with the record. A value of another
 * type than was expected reads as absent and is kept all the same.
 *
 * Getters borrow: what they return belongs to the record. A member that is
 * absent reads as %NULL or 0; [method@Oai.Record.has] tells the difference.
 *
 * Requests can be written, replies cannot. A record that is part of a reply can
 * become part of a request; records may be shared, and change for all that hold
 * them.
 *
 * Since: 1.0
 */

G_DEFINE_TYPE_WITH_CODE (OaiRecord, oai_record, G_TYPE_OBJECT, G_ADD_PRIVATE (OaiRecord))

OaiRecordPrivate *
oai_record_get_private (OaiRecord *self)
{
  return oai_record_get_instance_private (self);
}

static void
oai_record_finalize (GObject *object)
{
  OaiRecord *self = OAI_RECORD (object);
  OaiRecordPrivate *priv = oai_record_get_private (self);

  oai_record_clear_slots (self);
  g_clear_pointer (&priv->nodes, g_free);
  g_clear_pointer (&priv->doc, oai_json_doc_unref);
  g_clear_pointer (&priv->extras, g_array_unref);
  g_clear_pointer (&priv->texts, g_hash_table_unref);
  g_clear_object (&priv->client);
  g_clear_object (&priv->call);

  G_OBJECT_CLASS (oai_record_parent_class)->finalize (object);
}

static void
oai_record_class_init (OaiRecordClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = oai_record_finalize;
  oai_record_class_install (klass);
}

static void
oai_record_init (OaiRecord *self)
{
}

/**
 * oai_record_new_from_json:
 * @type: the type of the record, such as `OAI_TYPE_CHAT_MESSAGE`
 * @json: a JSON object
 * @error: return location for an error
 *
 * Makes a record from JSON text. Of a union, such as
 * [class@Oai.ChatContentPart], the type that fits is made.
 *
 * Fails with %OAI_ERROR_INVALID_ARGUMENT when the text is not a JSON object.
 *
 * Returns: (transfer full): the record
 *
 * Since: 1.0
 */
OaiRecord *
oai_record_new_from_json (GType type, const char *json, GError **error)
{
  g_autoptr(GError) local_error = NULL;
  g_autoptr(OaiJsonDoc) doc = NULL;
  OaiRecord *self;

  g_return_val_if_fail (g_type_is_a (type, OAI_TYPE_RECORD), NULL);
  g_return_val_if_fail (json != NULL, NULL);

  doc = oai_json_doc_new_copy (json, -1, OAI_JSON_STRICT, &local_error);
  if (doc == NULL)
    {
      /* Translators: the first %s is the name of a type, the second what is wrong with the text. */
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The text for a %s is not JSON: %s"), g_type_name (type), local_error->message);
      return NULL;
    }
  if (oai_json_get_type (doc, 0) != OAI_JSON_OBJECT)
    {
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The text for a %s is not a JSON object"), g_type_name (type));
      return NULL;
    }

  self = oai_record_new_from_node (type, doc, 0, NULL, NULL);
  oai_record_get_private (self)->from_wire = FALSE;

  return self;
}

/**
 * oai_record_to_json:
 * @self: a record
 *
 * Gets the record as JSON text, as it would be sent: with the members that this
 * library does not know.
 *
 * Returns: (transfer full): JSON text
 *
 * Since: 1.0
 */
char *
oai_record_to_json (OaiRecord *self)
{
  GString *out;

  g_return_val_if_fail (OAI_IS_RECORD (self), NULL);

  out = g_string_new (NULL);
  oai_record_write (self, out);

  return g_string_free (out, FALSE);
}

/**
 * oai_record_to_string:
 * @self: a record
 *
 * Gets the record as text for people and logs: JSON with `***` in the place of
 * what is secret.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
oai_record_to_string (OaiRecord *self)
{
  GString *out;

  g_return_val_if_fail (OAI_IS_RECORD (self), NULL);

  out = g_string_new (NULL);
  oai_record_write_redacted (self, out, TRUE);

  return g_string_free (out, FALSE);
}

static void
copy_extra (OaiRecordPrivate *copy, const OaiExtra *extra)
{
  OaiExtra added = { g_strdup (extra->name), extra->doc != NULL ? oai_json_doc_ref (extra->doc) : NULL };

  g_array_append_val (copy->extras, added);
}

/**
 * oai_record_copy:
 * @self: a record
 *
 * Copies a record and all its parts.
 *
 * Returns: (transfer full): the copy, of the same type
 *
 * Since: 1.0
 */
OaiRecord *
oai_record_copy (OaiRecord *self)
{
  OaiRecordPrivate *priv;
  OaiRecordPrivate *copied;
  OaiRecord *copy;

  g_return_val_if_fail (OAI_IS_RECORD (self), NULL);

  priv = oai_record_get_private (self);
  copy = g_object_new (G_OBJECT_TYPE (self), NULL);
  copied = oai_record_get_private (copy);
  copied->doc = priv->doc != NULL ? oai_json_doc_ref (priv->doc) : NULL;
  copied->node = priv->node;
  copied->from_wire = priv->from_wire;
  g_set_object (&copied->client, priv->client);
  g_set_object (&copied->call, priv->call);
  oai_record_copy_slots (self, copy);
  if (priv->extras != NULL)
    {
      copied->extras = oai_record_new_extras ();
      for (guint i = 0; i < priv->extras->len; i++)
        copy_extra (copied, &g_array_index (priv->extras, OaiExtra, i));
    }

  return copy;
}

/* Equality by value: numbers as numbers, members in any order. */

static gboolean equal_nodes (OaiJsonDoc *a, OaiJsonNode node_a, OaiJsonDoc *b, OaiJsonNode node_b);

static gboolean
equal_objects (OaiJsonDoc *a, OaiJsonNode node_a, OaiJsonDoc *b, OaiJsonNode node_b)
{
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode value;

  if (oai_json_get_size (a, node_a) != oai_json_get_size (b, node_b))
    return FALSE;

  oai_json_iter_init (&iter, a, node_a);
  while (oai_json_iter_next (&iter, &name, &value))
    {
      OaiJsonNode other = oai_json_get_member (b, node_b, name);

      if (other == OAI_JSON_NONE || !equal_nodes (a, value, b, other))
        return FALSE;
    }

  return TRUE;
}

static gboolean
equal_arrays (OaiJsonDoc *a, OaiJsonNode node_a, OaiJsonDoc *b, OaiJsonNode node_b)
{
  OaiJsonIter iter_a;
  OaiJsonIter iter_b;
  OaiJsonNode value_a;
  OaiJsonNode value_b;

  if (oai_json_get_size (a, node_a) != oai_json_get_size (b, node_b))
    return FALSE;

  oai_json_iter_init (&iter_a, a, node_a);
  oai_json_iter_init (&iter_b, b, node_b);
  while (oai_json_iter_next (&iter_a, NULL, &value_a) && oai_json_iter_next (&iter_b, NULL, &value_b))
    if (!equal_nodes (a, value_a, b, value_b))
      return FALSE;

  return TRUE;
}

static gboolean
equal_numbers (OaiJsonDoc *a, OaiJsonNode node_a, OaiJsonDoc *b, OaiJsonNode node_b)
{
  gint64 int_a;
  gint64 int_b;
  double double_a = 0;
  double double_b = 0;

  if (oai_json_get_int (a, node_a, &int_a) && oai_json_get_int (b, node_b, &int_b))
    return int_a == int_b;

  return oai_json_get_double (a, node_a, &double_a) && oai_json_get_double (b, node_b, &double_b) && double_a == double_b;
}

static gboolean
equal_nodes (OaiJsonDoc *a, OaiJsonNode node_a, OaiJsonDoc *b, OaiJsonNode node_b)
{
  OaiJsonType type = oai_json_get_type (a, node_a);
  OaiJsonType other = oai_json_get_type (b, node_b);
  gboolean boolean_a = FALSE;
  gboolean boolean_b = FALSE;

  if ((type == OAI_JSON_INT || type == OAI_JSON_DOUBLE) && (other == OAI_JSON_INT || other == OAI_JSON_DOUBLE))
    return equal_numbers (a, node_a, b, node_b);
  if (type != other)
    return FALSE;

  switch (type)
    {
    case OAI_JSON_OBJECT:
      return equal_objects (a, node_a, b, node_b);
    case OAI_JSON_ARRAY:
      return equal_arrays (a, node_a, b, node_b);
    case OAI_JSON_STRING:
      return strcmp (oai_json_get_string (a, node_a, NULL), oai_json_get_string (b, node_b, NULL)) == 0;
    case OAI_JSON_BOOLEAN:
      return oai_json_get_boolean (a, node_a, &boolean_a) && oai_json_get_boolean (b, node_b, &boolean_b) && boolean_a == boolean_b;
    case OAI_JSON_INT:
    case OAI_JSON_DOUBLE:
    case OAI_JSON_NULL:
    case OAI_JSON_INVALID:
    default:
      return TRUE;
    }
}

/**
 * oai_record_equal:
 * @self: a record
 * @other: another record
 *
 * Tells whether two records are of the same type and say the same. The order of
 * members does not matter, and numbers count by their value.
 *
 * Returns: %TRUE if they are equal
 *
 * Since: 1.0
 */
gboolean
oai_record_equal (OaiRecord *self, OaiRecord *other)
{
  g_autoptr(OaiJsonDoc) a = NULL;
  g_autoptr(OaiJsonDoc) b = NULL;

  g_return_val_if_fail (OAI_IS_RECORD (self), FALSE);
  g_return_val_if_fail (OAI_IS_RECORD (other), FALSE);

  if (self == other)
    return TRUE;
  if (G_OBJECT_TYPE (self) != G_OBJECT_TYPE (other))
    return FALSE;

  a = oai_record_to_doc (self);
  b = oai_record_to_doc (other);

  return equal_nodes (a, 0, b, 0);
}

OaiJsonDoc *
oai_record_to_doc (OaiRecord *self)
{
  GString *out = g_string_new (NULL);
  gsize length;

  oai_record_write (self, out);
  length = out->len;

  return oai_json_doc_new_take (g_string_free (out, FALSE), length, OAI_JSON_TOLERANT, NULL);
}

/**
 * oai_record_is_writable:
 * @self: a record
 *
 * Tells whether the record can be changed: requests can, replies cannot.
 *
 * Returns: %TRUE if it can
 *
 * Since: 1.0
 */
gboolean
oai_record_is_writable (OaiRecord *self)
{
  g_return_val_if_fail (OAI_IS_RECORD (self), FALSE);

  return oai_record_get_schema (self)->writable;
}

/**
 * oai_record_get_call:
 * @self: a record
 *
 * Gets the exchange that the record came by.
 *
 * Returns: (nullable) (transfer none): the call, or %NULL when the record did not come from a server
 *
 * Since: 1.0
 */
OaiCall *
oai_record_get_call (OaiRecord *self)
{
  g_return_val_if_fail (OAI_IS_RECORD (self), NULL);

  return oai_record_get_private (self)->call;
}

/**
 * oai_record_get_client:
 * @self: a record
 *
 * Gets the client that the record came by, which its methods go on with.
 *
 * Returns: (nullable) (transfer none): the client, or %NULL when the record did not come from a server
 *
 * Since: 1.0
 */
OaiClient *
oai_record_get_client (OaiRecord *self)
{
  g_return_val_if_fail (OAI_IS_RECORD (self), NULL);

  return oai_record_get_private (self)->client;
}

void
oai_record_set_origin (OaiRecord *self, OaiClient *client, OaiCall *call)
{
  OaiRecordPrivate *priv = oai_record_get_private (self);

  g_set_object (&priv->client, client);
  g_set_object (&priv->call, call);
}

static gboolean
validate_part (OaiRecord *self, guint field, GError **error)
{
  OaiSlot *slot = oai_record_peek_value (self, field);

  switch (oai_record_get_schema (self)->fields[field].type)
    {
    case OAI_FIELD_RECORD:
      return oai_record_validate (slot->value.object, error);
    case OAI_FIELD_RECORD_LIST:
      for (guint i = 0; i < slot->value.list->len; i++)
        if (!oai_record_validate (slot->value.list->pdata[i], error))
          return FALSE;
      return TRUE;
    default:
      return TRUE;
    }
}

gboolean
oai_record_validate (OaiRecord *self, GError **error)
{
  const OaiRecordSchema *schema = oai_record_get_schema (self);

  /* Whatever a server or the program's own JSON says may go back as it is. */
  if (!schema->writable || oai_record_get_private (self)->doc != NULL)
    return TRUE;

  for (guint i = 0; i < schema->n_fields; i++)
    {
      const OaiField *field = &schema->fields[i];
      OaiView view;

      if ((field->flags & OAI_FIELD_ALTERNATIVE) != 0)
        continue;
      oai_record_view (self, i, &view);
      if (view.kind == OAI_VIEW_ABSENT && (field->flags & OAI_FIELD_REQUIRED) != 0 && field->type != OAI_FIELD_RECORD_LIST)
        {
          /* Translators: the first %s is a parameter such as “model”, the second the name of a type. */
          g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("“%s” of %s is not set, but required"), field->member, G_OBJECT_TYPE_NAME (self));
          return FALSE;
        }
      if (view.kind == OAI_VIEW_VALUE && !validate_part (self, view.field, error))
        return FALSE;
    }

  return TRUE;
}
