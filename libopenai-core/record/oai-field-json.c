/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-field-json-private.h"

#include <string.h>

#include "oai-json-builder-private.h"
#include "oai-json-writer-private.h"
#include "oai-record-private.h"

static GParamSpec *
json_create_property (const OaiField *field, GParamFlags flags)
{
  return g_param_spec_string (field->name, NULL, NULL, NULL, flags);
}

static void
json_get_property (OaiRecord *record, guint field, GValue *value)
{
  g_value_set_string (value, oai_record_get_field_json (record, field));
}

static void
json_set_property (OaiRecord *record, guint field, const GValue *value)
{
  oai_record_set_field_json (record, field, g_value_get_string (value));
}

static gboolean
json_accepts (OaiJsonDoc *doc, OaiJsonNode node)
{
  return TRUE;
}

static gboolean
map_accepts (OaiJsonDoc *doc, OaiJsonNode node)
{
  return oai_json_get_type (doc, node) == OAI_JSON_OBJECT;
}

static void
json_write (const OaiFieldValue *value, GString *out, OaiWriteFlags flags)
{
  g_string_append (out, value->text);
}

static void
json_clear (OaiFieldValue *value)
{
  g_free (value->text);
}

static gboolean
json_copy (const OaiFieldValue *value, OaiFieldValue *copy)
{
  copy->text = g_strdup (value->text);

  return TRUE;
}

const OaiFieldTypeClass oai_field_json_class = {
  .name = "json",
  .create_property = json_create_property,
  .get_property = json_get_property,
  .set_property = json_set_property,
  .accepts = json_accepts,
  .write = json_write,
  .clear = json_clear,
  .copy = json_copy
};

const OaiFieldTypeClass oai_field_map_class = {
  .name = "map",
  .create_property = json_create_property,
  .get_property = json_get_property,
  .set_property = json_set_property,
  .accepts = map_accepts,
  .write = json_write,
  .clear = json_clear,
  .copy = json_copy
};

/**
 * oai_record_get_field_json: (skip)
 * @self: a record
 * @field: index of a JSON or MAP field
 *
 * Returns: (transfer none) (nullable): JSON text, or %NULL if the member is absent or null
 *
 * Since: 1.0
 */
const char *
oai_record_get_field_json (OaiRecord *self, guint field)
{
  OaiView view;
  const OaiFieldValue *held;

  if (!oai_record_check_field (self, field))
    return NULL;
  oai_record_look (self, field, &view);
  if (view.kind != OAI_VIEW_NODE || !oai_record_get_info (self)->types[field]->accepts (view.doc, view.node))
    return NULL;

  held = oai_record_peek_value (self, field);
  if (held == NULL)
    held = oai_record_keep (self, field, (OaiFieldValue) { .text = oai_json_dup_node (view.doc, view.node) });

  return held->text;
}

/**
 * oai_record_set_field_json: (skip)
 * @self: a writable record
 * @field: index of a JSON or MAP field
 * @json: (nullable): JSON text, of an object for a MAP field; %NULL removes the member
 *
 * If the text is not JSON, emits a critical warning, and does not change the member.
 *
 * Since: 1.0
 */
void
oai_record_set_field_json (OaiRecord *self, guint field, const char *json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (OaiJsonDoc) doc = NULL;

  if (!oai_record_begin_set (self, field))
    return;
  if (json == NULL)
    {
      oai_record_unset_field (self, field);
      return;
    }

  doc = oai_json_doc_new_copy (json, -1, OAI_JSON_STRICT, &error);
  if (doc == NULL)
    {
      g_critical ("“%s” of %s: %s", oai_record_get_field (self, field)->member, G_OBJECT_TYPE_NAME (self), error->message);
      return;
    }
  if (!oai_record_get_info (self)->types[field]->accepts (doc, 0))
    {
      g_critical ("“%s” of %s requires a JSON object", oai_record_get_field (self, field)->member, G_OBJECT_TYPE_NAME (self));
      return;
    }

  if (g_strcmp0 (oai_record_get_field_json (self, field), json) != 0)
    oai_record_put_doc (self, field, g_steal_pointer (&doc));
}

/**
 * oai_record_dup_field_map_value: (skip)
 * @self: a record
 * @field: index of a MAP field
 * @key: a key
 *
 * Returns: (transfer full) (nullable): the value of the key, as JSON text if it is not a
 *   string, or %NULL if there is none
 *
 * Since: 1.0
 */
char *
oai_record_dup_field_map_value (OaiRecord *self, guint field, const char *key)
{
  OaiView view;
  OaiJsonNode node;
  const char *text;

  if (!oai_record_check_field (self, field))
    return NULL;
  g_return_val_if_fail (key != NULL, NULL);

  oai_record_look (self, field, &view);
  if (view.kind != OAI_VIEW_NODE)
    return NULL;
  node = oai_json_get_member (view.doc, view.node, key);
  if (oai_json_get_type (view.doc, node) <= OAI_JSON_NULL)
    return NULL;

  text = oai_json_get_string (view.doc, node, NULL);
  return text != NULL ? g_strdup (text) : oai_json_dup_node (view.doc, node);
}

/* Returns the map with one key set, or removed if value is NULL. */
static OaiJsonDoc *
replace_key (const OaiView *view, const char *key, const char *value)
{
  OaiJsonBuilder *builder = oai_json_builder_new_object ();
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode node;

  oai_json_iter_init_members (&iter, view->kind == OAI_VIEW_NODE ? view->doc : NULL, view->kind == OAI_VIEW_NODE ? view->node : OAI_JSON_NONE);
  while (oai_json_iter_next (&iter, &name, &node))
    if (strcmp (name, key) != 0)
      oai_json_builder_add_node (builder, name, view->doc, node);
  if (value != NULL)
    oai_json_builder_add_string (builder, key, value, -1);

  return oai_json_builder_finish (builder);
}

/**
 * oai_record_set_field_map_value: (skip)
 * @self: a writable record
 * @field: index of a MAP field
 * @key: a key
 * @value: (nullable): the new value; %NULL removes the key
 *
 * Since: 1.0
 */
void
oai_record_set_field_map_value (OaiRecord *self, guint field, const char *key, const char *value)
{
  OaiJsonNode old;
  OaiView view;

  if (!oai_record_begin_set (self, field))
    return;
  g_return_if_fail (key != NULL);

  oai_record_look (self, field, &view);
  old = view.kind == OAI_VIEW_NODE ? oai_json_get_member (view.doc, view.node, key) : OAI_JSON_NONE;
  if (old == OAI_JSON_NONE ? value == NULL : value != NULL && g_strcmp0 (oai_json_get_string (view.doc, old, NULL), value) == 0)
    return;

  oai_record_put_doc (self, field, replace_key (&view, key, value));
}
