/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-call.h"
#include "oai-client.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-doc-private.h"
#include "oai-record-impl-private.h"

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
 * Any number of threads may read a record at the same time, and send it. While a
 * thread changes a record or one of its parts, no other thread may use it; a list
 * that a getter returned is a part of its record.
 *
 * Since: 1.0
 */

G_DEFINE_TYPE_WITH_CODE (OaiRecord, oai_record, G_TYPE_OBJECT, G_ADD_PRIVATE (OaiRecord))

/* Of records within records, as of JSON that is read. */
#define MAX_DEPTH 512

static __thread OaiRecordVisit *innermost;

static gboolean
is_visited (OaiRecord *self)
{
  for (OaiRecordVisit *visit = innermost; visit != NULL; visit = visit->outer)
    if (visit->record == self)
      return TRUE;

  return FALSE;
}

gboolean
oai_record_enter (OaiRecord *self, OaiRecordVisit *visit)
{
  guint depth = innermost != NULL ? innermost->depth + 1 : 1;

  if (depth > MAX_DEPTH || is_visited (self))
    return FALSE;

  visit->record = self;
  visit->outer = innermost;
  visit->depth = depth;
  innermost = visit;

  return TRUE;
}

void
oai_record_warn_of_nesting (OaiRecord *self)
{
  if (is_visited (self))
    g_critical ("A %s is a part of itself", G_OBJECT_TYPE_NAME (self));
  else
    g_critical ("A %s is nested in more than %d records", G_OBJECT_TYPE_NAME (self), MAX_DEPTH);
}

void
oai_record_leave (OaiRecordVisit *visit)
{
  innermost = visit->outer;
}

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
  g_clear_pointer (&priv->extra_places, g_hash_table_unref);
  g_clear_pointer (&priv->extras, g_array_unref);
  oai_atomic_map_clear (&priv->texts, g_free);
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
  oai_record_write_with_flags (self, out, OAI_WRITE_REDACTED);

  return g_string_free (out, FALSE);
}

static void
copy_extras (OaiRecord *self, OaiRecord *copy)
{
  GArray *extras = oai_record_get_private (self)->extras;

  for (guint i = 0; extras != NULL && i < extras->len; i++)
    {
      OaiExtra *extra = &g_array_index (extras, OaiExtra, i);

      oai_record_set_extra (copy, extra->name, extra->doc != NULL ? oai_json_doc_ref (extra->doc) : NULL);
    }
}

/**
 * oai_record_copy:
 * @self: a record
 *
 * Copies a record and all its parts. A record that is a part of itself is left out
 * there, with a critical warning.
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
  OaiRecordVisit visit;

  g_return_val_if_fail (OAI_IS_RECORD (self), NULL);

  if (!oai_record_enter (self, &visit))
    {
      oai_record_warn_of_nesting (self);
      return NULL;
    }

  priv = oai_record_get_private (self);
  copy = g_object_new (G_OBJECT_TYPE (self), NULL);
  copied = oai_record_get_private (copy);
  copied->doc = priv->doc != NULL ? oai_json_doc_ref (priv->doc) : NULL;
  copied->node = priv->node;
  copied->from_wire = priv->from_wire;
  g_set_object (&copied->client, priv->client);
  g_set_object (&copied->call, priv->call);
  oai_record_copy_slots (self, copy);
  copy_extras (self, copy);
  oai_record_leave (&visit);

  return copy;
}

OaiJsonDoc *
oai_record_to_doc (OaiRecord *self)
{
  GString *out = g_string_new (NULL);
  gsize length;

  oai_record_write (self, out);
  length = out->len;

  return oai_json_doc_new_take (g_string_free (out, FALSE), length, OAI_JSON_TOLERANT | OAI_JSON_OWN, NULL);
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

  return (oai_record_get_schema (self)->flags & OAI_RECORD_SCHEMA_WRITABLE) != 0;
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

static void
set_part_origin (OaiRecord *part, gpointer parent)
{
  OaiRecordPrivate *priv = oai_record_get_private (parent);

  oai_record_set_origin (part, priv->client, priv->call);
}

void
oai_record_set_origin (OaiRecord *self, OaiClient *client, OaiCall *call)
{
  OaiRecordPrivate *priv = oai_record_get_private (self);

  g_set_object (&priv->client, client);
  g_set_object (&priv->call, call);
  oai_record_foreach_part (self, set_part_origin, self);
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

static gboolean
validate_fields (OaiRecord *self, GError **error)
{
  const OaiRecordSchema *schema = oai_record_get_schema (self);

  for (guint i = 0; i < schema->n_fields; i++)
    {
      const OaiField *field = &schema->fields[i];
      OaiView view;

      if ((field->flags & OAI_FIELD_ALTERNATIVE) != 0)
        continue;
      oai_record_view (self, i, &view);
      if (view.kind == OAI_VIEW_ABSENT && (field->flags & OAI_FIELD_REQUIRED) != 0)
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

gboolean
oai_record_validate (OaiRecord *self, GError **error)
{
  OaiRecordVisit visit;
  gboolean valid;

  /* What a server or the program's own JSON says may go back as it is; a record that is a
   * part of itself is reported when it is written. */
  if (!oai_record_is_writable (self) || oai_record_get_private (self)->doc != NULL || !oai_record_enter (self, &visit))
    return TRUE;

  valid = validate_fields (self, error);
  oai_record_leave (&visit);

  return valid;
}
