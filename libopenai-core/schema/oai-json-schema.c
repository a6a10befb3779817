/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-json-schema.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-builder-private.h"
#include "oai-json-doc-private.h"
#include "oai-json-writer-private.h"
#include "oai-schema-strict-private.h"
#include "oai-schema-validator-private.h"

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

/**
 * oai_json_schema_new:
 * @json: a JSON schema: an object, `true` or `false`
 * @error: return location for a [error@Oai.Error]
 *
 * Returns: (transfer full): a schema, or %NULL with %OAI_ERROR_INVALID_ARGUMENT if the text is not
 *   JSON, or is not a schema
 *
 * Since: 1.0
 */
OaiJsonSchema *
oai_json_schema_new (const char *json, GError **error)
{
  g_autoptr (OaiJsonSchema) self = NULL;
  OaiJsonType type;

  g_return_val_if_fail (json != NULL, NULL);

  self = g_object_new (OAI_TYPE_JSON_SCHEMA, NULL);
  self->doc = oai_json_doc_new_copy (json, -1, OAI_JSON_STRICT, error);
  if (self->doc == NULL)
    return NULL;
  type = oai_json_get_type (self->doc, 0);
  if (type != OAI_JSON_OBJECT && type != OAI_JSON_BOOLEAN)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("A JSON schema must be a JSON object"));
      return NULL;
    }
  self->json = oai_json_dup_node (self->doc, 0);

  return g_steal_pointer (&self);
}

/**
 * oai_json_schema_get_json: (get-property json)
 * @self: a schema
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
  g_autoptr (OaiJsonDoc) doc = NULL;
  g_autofree char *json = NULL;

  g_return_val_if_fail (OAI_IS_JSON_SCHEMA (self), NULL);

  value = oai_schema_make_strict (self->doc, OAI_STRICT_DEFAULT, error);
  if (value == NULL)
    return NULL;
  doc = oai_json_doc_new_from_value (value);
  json = oai_json_dup_node (doc, 0);

  return oai_json_schema_new (json, error);
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
