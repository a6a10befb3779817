/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-json-schema-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-builder-private.h"
#include "oai-json-doc-private.h"
#include "oai-json-writer-private.h"
#include "oai-schema-check-private.h"
#include "oai-schema-strict-private.h"
#include "oai-schema-validator-private.h"
#include "oai-type-schema-private.h"

struct _OaiJsonSchema
{
  GObject parent_instance;

  OaiJsonDoc *doc;
  char *json;
};

enum
{
  PROP_JSON = 1,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

/**
 * OaiJsonSchema:
 *
 * A [JSON schema](https://json-schema.org/), which describes the arguments of a tool or the form of a
 * reply.
 *
 * A schema does not change, so that any number of threads can use it.
 *
 * API reference: [Structured Outputs](https://platform.openai.com/docs/guides/structured-outputs)
 *
 * Since: 1.0
 */
G_DEFINE_FINAL_TYPE (OaiJsonSchema, oai_json_schema, G_TYPE_OBJECT)

static void
oai_json_schema_finalize (GObject *object)
{
  OaiJsonSchema *self = OAI_JSON_SCHEMA (object);

  g_clear_pointer (&self->doc, oai_json_doc_unref);
  g_free (self->json);

  G_OBJECT_CLASS (oai_json_schema_parent_class)->finalize (object);
}

static void
oai_json_schema_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  OaiJsonSchema *self = OAI_JSON_SCHEMA (object);

  if (prop_id == PROP_JSON)
    g_value_set_string (value, self->json);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static void
oai_json_schema_class_init (OaiJsonSchemaClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = oai_json_schema_finalize;
  object_class->get_property = oai_json_schema_get_property;

  /**
   * OaiJsonSchema:json:
   *
   * The schema as JSON text.
   *
   * Since: 1.0
   */
  properties[PROP_JSON] = g_param_spec_string ("json", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
oai_json_schema_init (OaiJsonSchema *self)
{
}

/* Takes ownership of doc. */
static OaiJsonSchema *
new_take (OaiJsonDoc *doc)
{
  OaiJsonSchema *self = g_object_new (OAI_TYPE_JSON_SCHEMA, NULL);

  self->doc = doc;
  self->json = oai_json_dup_node (doc, 0);

  return self;
}

/**
 * oai_json_schema_new:
 * @json: a JSON schema: an object, `true` or `false`
 * @error: return location for a [error@Oai.Error]
 *
 * Creates a schema from JSON text.
 *
 * Keywords must have values of their form: `type` must be a type of JSON or a list of such types,
 * `properties` an object of schemas, `required` a list of names, and so on. Unknown keywords can have any
 * value. As in older drafts, `items` can be a list, and exclusive limits can be booleans.
 *
 * Returns: (transfer full): a schema, or %NULL with %OAI_ERROR_INVALID_ARGUMENT if the text is not
 *   JSON, or is not a schema; the message contains the position
 *
 * Since: 1.0
 */
OaiJsonSchema *
oai_json_schema_new (const char *json, GError **error)
{
  g_autoptr (OaiJsonDoc) doc = NULL;
  g_autoptr (GError) inner = NULL;

  g_return_val_if_fail (json != NULL, NULL);

  doc = oai_json_doc_new_copy (json, -1, OAI_JSON_STRICT, &inner);
  if (doc == NULL)
    {
      /* Translators: %s is the error and its position. */
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The schema is not JSON: %s"), inner->message);
      return NULL;
    }

  return oai_schema_check (doc, error) ? new_take (g_steal_pointer (&doc)) : NULL;
}

/**
 * oai_json_schema_new_for_type:
 * @type: a type
 * @error: return location for a [error@Oai.Error]
 *
 * Creates the schema of the JSON that [func@Oai.json_to_object] and [func@Oai.json_to_value] read.
 *
 * A class of objects is an object with its readable and writable properties. Their names have `_` for
 * `-`, their blurbs are descriptions, and the limits of numbers are limits. A property that has a
 * default value other than zero or an empty string, or that is
 * [flags@Oai.JsonPropertyFlags.NULLABLE], can be `null`; others are required.
 *
 * Enumerations are strings, the nicks of their values; flags are arrays of nicks. `GStrv` is an array
 * of strings, [struct@GLib.DateTime] text of ISO 8601, [struct@GLib.Date] a date, [struct@GLib.Uri] a
 * URI, and [struct@GLib.Bytes] Base64 text. Other objects are nested. The items of a
 * [iface@Gio.ListModel] or a `GPtrArray` are declared by [func@Oai.json_set_item_type]. For variants,
 * see [func@Oai.json_to_variant]. A [class@Oai.Record] has the members that a request can contain,
 * except files.
 *
 * Returns: (transfer full): a schema, or %NULL with %OAI_ERROR_INVALID_ARGUMENT if the type, or that of
 *   a property, has no JSON form; [func@Oai.json_set_property_flags] can exclude a property
 *
 * Since: 1.0
 */
OaiJsonSchema *
oai_json_schema_new_for_type (GType type, GError **error)
{
  OaiJsonDoc *doc = oai_type_schema_new (type, error);

  return doc != NULL ? new_take (doc) : NULL;
}

/**
 * oai_json_schema_new_for_properties:
 * @params: (array length=n_params): properties
 * @n_params: the number of properties
 * @error: return location for a [error@Oai.Error]
 *
 * Creates the schema of an object that has some properties, which need not belong to a class; see
 * [ctor@Oai.JsonSchema.new_for_type].
 *
 * Returns: (transfer full): a schema, or %NULL with %OAI_ERROR_INVALID_ARGUMENT if the type of a
 *   property has no JSON form
 *
 * Since: 1.0
 */
OaiJsonSchema *
oai_json_schema_new_for_properties (GParamSpec **params, guint n_params, GError **error)
{
  OaiJsonDoc *doc;

  g_return_val_if_fail (params != NULL || n_params == 0, NULL);

  doc = oai_type_schema_new_for_properties (params, n_params, error);

  return doc != NULL ? new_take (doc) : NULL;
}

/**
 * oai_json_schema_new_for_variant_type:
 * @type: a definite type
 * @error: return location for a [error@Oai.Error]
 *
 * Creates the schema of the JSON that [func@Oai.json_to_variant] reads.
 *
 * Returns: (transfer full): a schema, or %NULL with %OAI_ERROR_INVALID_ARGUMENT if the type is not
 *   definite, or contains file descriptors
 *
 * Since: 1.0
 */
OaiJsonSchema *
oai_json_schema_new_for_variant_type (const GVariantType *type, GError **error)
{
  OaiJsonDoc *doc;

  g_return_val_if_fail (type != NULL, NULL);

  doc = oai_type_schema_new_for_variant (type, error);

  return doc != NULL ? new_take (doc) : NULL;
}

OaiJsonDoc *
oai_json_schema_get_doc (OaiJsonSchema *self)
{
  return self->doc;
}

/**
 * oai_json_schema_get_json: (get-property json)
 * @self: a schema
 *
 * Gets the schema as JSON text.
 *
 * Returns: the schema as JSON text
 *
 * Since: 1.0
 */
const char *
oai_json_schema_get_json (OaiJsonSchema *self)
{
  g_return_val_if_fail (OAI_IS_JSON_SCHEMA (self), NULL);

  return self->json;
}

/**
 * oai_json_schema_make_strict:
 * @self: a schema of an object
 * @error: return location for a [error@Oai.Error]
 *
 * Creates a schema for strict function calling and strict structured outputs.
 *
 * Its objects allow no other members, and require all of theirs: an optional member that does not
 * accept `null` then does. `allOf` is replaced by one schema, a reference that has a description by its
 * target, and defaults that are `null` are removed.
 *
 * Returns: (transfer full): a new schema, or %NULL with %OAI_ERROR_INVALID_ARGUMENT if the schema uses
 *   something that strict schemas cannot express; the message contains the position
 *
 * Since: 1.0
 */
OaiJsonSchema *
oai_json_schema_make_strict (OaiJsonSchema *self, GError **error)
{
  g_autoptr (OaiJsonValue) value = NULL;

  g_return_val_if_fail (OAI_IS_JSON_SCHEMA (self), NULL);

  value = oai_schema_make_strict (self->doc, OAI_STRICT_DEFAULT, error);
  if (value == NULL)
    return NULL;

  return new_take (oai_json_doc_new_from_value (value));
}

/**
 * oai_json_schema_validate:
 * @self: a schema
 * @json: JSON text
 * @error: return location for a [error@Oai.Error]
 *
 * Returns whether a value fits the schema.
 *
 * The error message is made for a model, so that it can correct its reply: it is in English, and lists
 * where the value differs, and what was expected there. It contains names of members, but no values of
 * the text.
 *
 * Formats, and references to other documents, are not checked. Patterns are Perl-compatible regular
 * expressions; one that is invalid is not checked. A value that takes too long to check does not fit.
 *
 * Returns: %TRUE if the value fits; %FALSE with %OAI_ERROR_INVALID_ARGUMENT if it does not, or if the
 *   text is not JSON
 *
 * Since: 1.0
 */
gboolean
oai_json_schema_validate (OaiJsonSchema *self, const char *json, GError **error)
{
  g_autoptr (OaiJsonDoc) doc = NULL;

  g_return_val_if_fail (OAI_IS_JSON_SCHEMA (self), FALSE);
  g_return_val_if_fail (json != NULL, FALSE);

  doc = oai_json_doc_new_copy (json, -1, OAI_JSON_STRICT, error);
  if (doc == NULL)
    return FALSE;

  return oai_schema_validate (self->doc, doc, error);
}
