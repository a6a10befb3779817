/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-json-object.h"

#include <string.h>

#include "oai-error.h"
#include "oai-json-doc-private.h"
#include "oai-json-equal-private.h"
#include "oai-json-mapping-private.h"
#include "oai-json-partial-private.h"
#include "oai-json-property-private.h"
#include "oai-json-schema-private.h"
#include "oai-json-variant-private.h"
#include "oai-json-writer-private.h"
#include "oai-record.h"
#include "oai-schema-validator-private.h"

static OaiJsonDoc *
parse (const char *json, GError **error)
{
  return oai_json_doc_new_copy (json, -1, OAI_JSON_STRICT, error);
}

static gboolean
validate (GType type, OaiJsonDoc *doc, GError **error)
{
  g_autoptr (OaiJsonSchema) schema = oai_json_schema_new_for_type (type, error);

  return schema != NULL && oai_schema_validate (oai_json_schema_get_doc (schema), doc, error);
}

/**
 * oai_json_to_object:
 * @type: a class of objects
 * @json: JSON text of an object
 * @error: return location for a [error@Oai.Error]
 *
 * Creates an object with the properties that the text has.
 *
 * The text must fit the schema of the class; see [ctor@Oai.JsonSchema.new_for_type]. Members that are
 * no properties are ignored.
 *
 * Returns: (transfer full) (type GObject.Object): an object, or %NULL with
 *   %OAI_ERROR_INVALID_ARGUMENT; the message reports, for a model, where the text differs
 *
 * Since: 1.0
 */
GObject *
oai_json_to_object (GType type, const char *json, GError **error)
{
  g_autoptr (OaiJsonDoc) doc = NULL;

  g_return_val_if_fail (g_type_is_a (type, G_TYPE_OBJECT), NULL);
  g_return_val_if_fail (json != NULL, NULL);

  doc = parse (json, error);
  if (doc == NULL || !validate (type, doc, error))
    return NULL;

  return oai_json_mapping_read_object (type, doc, 0, error);
}

/* Updates */

static void update_object (GObject *object, OaiJsonDoc *doc, OaiJsonNode node);

/* Returns whether g_param_values_cmp() compares addresses. */
static gboolean
has_address (GParamSpec *pspec)
{
  GType fundamental = G_TYPE_FUNDAMENTAL (pspec->value_type);

  return fundamental == G_TYPE_BOXED || fundamental == G_TYPE_OBJECT || fundamental == G_TYPE_INTERFACE;
}

/* Returns whether a value has the JSON already. */
static gboolean
has_json (const GValue *value, GParamSpec *pspec, OaiJsonDoc *doc, OaiJsonNode node)
{
  g_autofree char *json = oai_json_mapping_write_value (value, pspec, NULL);
  g_autoptr (OaiJsonDoc) current = json != NULL ? oai_json_doc_new_copy (json, -1, OAI_JSON_OWN, NULL) : NULL;

  return current != NULL && oai_json_equal (current, 0, doc, node);
}

/* Adds an item from JSON; returns FALSE if it does not fit yet. */
static gboolean
append_item (GListStore *store, OaiJsonDoc *doc, OaiJsonNode node)
{
  g_autoptr (GObject) item = oai_json_mapping_read_object (g_list_model_get_item_type (G_LIST_MODEL (store)), doc, node, NULL);

  if (item != NULL)
    g_list_store_append (store, item);

  return item != NULL;
}

/* Items stay the same objects while they change. */
static void
update_list (GListStore *store, OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiJsonIter iter;
  OaiJsonNode element;
  guint i = 0;

  oai_json_iter_init (&iter, doc, node);
  while (oai_json_iter_next (&iter, NULL, &element))
    {
      g_autoptr (GObject) item = g_list_model_get_item (G_LIST_MODEL (store), i);

      if (item != NULL)
        update_object (item, doc, element);
      else if (!append_item (store, doc, element))
        return;
      i++;
    }

  /* A handler may have changed the list. */
  if (g_list_model_get_n_items (G_LIST_MODEL (store)) > i)
    g_list_store_splice (store, i, g_list_model_get_n_items (G_LIST_MODEL (store)) - i, NULL, 0);
}

/* Returns whether the object or the list that a property has was updated itself. */
static gboolean
update_content (const GValue *value, OaiJsonDoc *doc, OaiJsonNode node)
{
  g_autoptr (GObject) content = G_VALUE_HOLDS_OBJECT (value) ? g_value_dup_object (value) : NULL;
  OaiJsonType type = oai_json_get_type (doc, node);

  if (G_IS_LIST_STORE (content) && type == OAI_JSON_ARRAY)
    update_list (G_LIST_STORE (content), doc, node);
  else if (content != NULL && !G_IS_LIST_MODEL (content) && !OAI_IS_RECORD (content) && type == OAI_JSON_OBJECT)
    update_object (content, doc, node);
  else
    return FALSE;

  return TRUE;
}

static gboolean
can_set (GParamSpec *pspec)
{
  return (pspec->flags & G_PARAM_WRITABLE) != 0 && (pspec->flags & G_PARAM_CONSTRUCT_ONLY) == 0;
}

/* Sets an empty list, whose items are added as they arrive. */
static void
ensure_list (GObject *object, GParamSpec *pspec, GValue *current, OaiJsonType type)
{
  g_autoptr (GListStore) store = NULL;
  gboolean is_list = g_type_is_a (pspec->value_type, G_TYPE_LIST_MODEL) && g_type_is_a (G_TYPE_LIST_STORE, pspec->value_type);
  GType item_type = oai_json_property_get_item_type (pspec);

  if (!is_list || item_type == G_TYPE_INVALID || type != OAI_JSON_ARRAY || g_value_get_object (current) != NULL || !can_set (pspec))
    return;

  store = g_list_store_new (item_type);
  g_object_set (object, pspec->name, store, NULL);
  g_value_set_object (current, store);
}

static void
update_property (GObject *object, GParamSpec *pspec, OaiJsonDoc *doc, OaiJsonNode node)
{
  g_auto (GValue) current = G_VALUE_INIT;
  g_auto (GValue) value = G_VALUE_INIT;

  g_value_init (&current, pspec->value_type);
  g_object_get_property (object, pspec->name, &current);
  ensure_list (object, pspec, &current, oai_json_get_type (doc, node));
  if (update_content (&current, doc, node) || (has_address (pspec) && has_json (&current, pspec, doc, node)) || !can_set (pspec))
    return;

  /* What does not fit may still arrive. */
  g_value_init (&value, pspec->value_type);
  if (oai_json_mapping_read_value (&value, pspec, doc, node, NULL) && g_param_values_cmp (pspec, &value, &current) != 0)
    g_object_set_property (object, pspec->name, &value);
}

static void
update_object (GObject *object, OaiJsonDoc *doc, OaiJsonNode node)
{
  g_autoptr (GObject) kept = g_object_ref (object);
  g_autofree GParamSpec **pspecs = NULL;
  guint n;

  pspecs = oai_json_property_list (G_OBJECT_GET_CLASS (object), &n);
  g_object_freeze_notify (kept);
  for (guint i = 0; i < n; i++)
    {
      OaiJsonNode member = oai_json_mapping_find_member (doc, node, pspecs[i]);

      if (member != OAI_JSON_NONE)
        update_property (kept, pspecs[i], doc, member);
    }
  g_object_thaw_notify (kept);
}

/* Returns FALSE for objects that are certainly truncated, which need not be parsed to notice that. */
static gboolean
may_be_complete (const char *json)
{
  const char *start = json + strspn (json, " \t\r\n");
  gsize length = strlen (start);

  while (length > 0 && g_ascii_isspace (start[length - 1]))
    length--;

  return *start != '{' || start[length - 1] == '}';
}

/**
 * oai_json_update_object:
 * @object: an object, which is not a [class@Oai.Record]
 * @json: JSON text of an object, which may be incomplete at its end
 * @error: return location for a [error@Oai.Error]
 *
 * Sets the properties of an object from text that still arrives, such as the reply of a model.
 *
 * Call it with all of the text each time. A string that is not complete has the part that has arrived;
 * other values are set when they are complete. Only properties that change are set and notified, once
 * each; nested objects, and the items of a [class@Gio.ListStore], stay the same objects and are updated
 * too. Properties that can only be set at construction do not change.
 *
 * Returns: %TRUE if the text is the beginning of JSON, or if it is complete and fits the class;
 *   %FALSE with %OAI_ERROR_INVALID_ARGUMENT otherwise, after what fits was set
 *
 * Since: 1.0
 */
gboolean
oai_json_update_object (GObject *object, const char *json, GError **error)
{
  g_autoptr (OaiJsonDoc) doc = NULL;
  g_autofree char *completed = NULL;
  gboolean complete;

  g_return_val_if_fail (G_IS_OBJECT (object) && !OAI_IS_RECORD (object), FALSE);
  g_return_val_if_fail (json != NULL, FALSE);

  doc = may_be_complete (json) ? parse (json, NULL) : NULL;
  complete = doc != NULL;
  if (!complete)
    {
      completed = oai_json_complete (json, OAI_JSON_PARTIAL_STRINGS);
      if (completed == NULL)
        return TRUE;
      doc = parse (completed, error);
      if (doc == NULL)
        return FALSE;
    }
  if (oai_json_get_type (doc, 0) == OAI_JSON_OBJECT)
    update_object (object, doc, 0);

  return !complete || validate (G_OBJECT_TYPE (object), doc, error);
}

/**
 * oai_json_from_object:
 * @object: an object
 * @error: return location for a [error@Oai.Error]
 *
 * Writes the properties of an object, as its schema describes them; see
 * [ctor@Oai.JsonSchema.new_for_type].
 *
 * Returns: (transfer full): JSON text, or %NULL with %OAI_ERROR_INVALID_ARGUMENT if the type of a
 *   property has no JSON form, or objects contain themselves
 *
 * Since: 1.0
 */
char *
oai_json_from_object (GObject *object, GError **error)
{
  g_return_val_if_fail (G_IS_OBJECT (object), NULL);

  return oai_json_mapping_write_object (object, error);
}

/**
 * oai_json_to_value:
 * @value: a value that was initialized with a type
 * @json: JSON text
 * @error: return location for a [error@Oai.Error]
 *
 * Sets a value of any type that has a JSON form; see [ctor@Oai.JsonSchema.new_for_type].
 *
 * Returns: %TRUE if @value was set; %FALSE with %OAI_ERROR_INVALID_ARGUMENT if the text does not fit
 *   the type
 *
 * Since: 1.0
 */
gboolean
oai_json_to_value (GValue *value, const char *json, GError **error)
{
  g_autoptr (OaiJsonDoc) doc = NULL;

  g_return_val_if_fail (G_IS_VALUE (value), FALSE);
  g_return_val_if_fail (json != NULL, FALSE);

  doc = parse (json, error);
  if (doc == NULL || (G_VALUE_HOLDS_OBJECT (value) && !validate (G_VALUE_TYPE (value), doc, error)))
    return FALSE;

  return oai_json_mapping_read_value (value, NULL, doc, 0, error);
}

/**
 * oai_json_from_value:
 * @value: a value
 * @error: return location for a [error@Oai.Error]
 *
 * Writes a value of any type that has a JSON form.
 *
 * Returns: (transfer full): JSON text, or %NULL with %OAI_ERROR_INVALID_ARGUMENT if the type has no
 *   JSON form
 *
 * Since: 1.0
 */
char *
oai_json_from_value (const GValue *value, GError **error)
{
  g_return_val_if_fail (G_IS_VALUE (value), NULL);

  return oai_json_mapping_write_value (value, NULL, error);
}

/**
 * oai_json_to_variant:
 * @type: a definite type
 * @json: JSON text
 * @error: return location for a [error@Oai.Error]
 *
 * Reads a variant. Dictionaries with string keys are objects in JSON; arrays, tuples and other entries
 * are arrays, `ay` is Base64, a maybe type can be `null`, and `v` any value. File descriptors are not
 * possible.
 *
 * Returns: (transfer full): a variant, or %NULL with %OAI_ERROR_INVALID_ARGUMENT if the text does not
 *   fit the type; the message is made for a model
 *
 * Since: 1.0
 */
GVariant *
oai_json_to_variant (const GVariantType *type, const char *json, GError **error)
{
  g_autoptr (OaiJsonDoc) doc = NULL;
  GVariant *variant;

  g_return_val_if_fail (type != NULL && g_variant_type_is_definite (type), NULL);
  g_return_val_if_fail (json != NULL, NULL);

  doc = parse (json, error);
  variant = doc != NULL ? oai_json_variant_read (type, doc, 0, error) : NULL;

  return variant != NULL ? g_variant_ref_sink (variant) : NULL;
}

/**
 * oai_json_from_variant:
 * @variant: a variant
 *
 * Writes a variant, as [func@Oai.json_to_variant] reads it.
 *
 * Returns: (transfer full): JSON text
 *
 * Since: 1.0
 */
char *
oai_json_from_variant (GVariant *variant)
{
  OaiJsonBuilder *builder; /* with a root that is ended */
  g_autoptr (OaiJsonDoc) doc = NULL;

  g_return_val_if_fail (variant != NULL, NULL);

  builder = oai_json_builder_new_array ();
  oai_json_variant_add (builder, NULL, variant);
  doc = oai_json_builder_finish (builder);

  return oai_json_dup_node (doc, oai_json_get_element (doc, 0, 0));
}
