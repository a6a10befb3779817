/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-structured-reply-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-object.h"

#define MAX_NAME 64

static G_DEFINE_QUARK (oai-structured-reply-object, object)

/* Names of types in other languages contain other characters, such as "+". */
static char *
dup_name (GType type)
{
  char *name = g_strndup (g_type_name (type), MAX_NAME);

  return g_strcanon (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-", '_');
}

OaiJsonSchema *
oai_structured_reply_new_schema (GType type, char **name, GError **error)
{
  g_autoptr (OaiJsonSchema) schema = oai_json_schema_new_for_type (type, error);
  OaiJsonSchema *strict = schema != NULL ? oai_json_schema_make_strict (schema, error) : NULL;

  if (strict != NULL)
    *name = dup_name (type);

  return strict;
}

GObject *
oai_structured_reply_parse (GType type, const char *text, GError **error)
{
  g_autoptr (GError) inner = NULL;
  GObject *object = oai_json_to_object (type, text, &inner);

  if (object == NULL)
    /* Translators: the first %s is the name of a type; the second is a message in English. */
    g_set_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The reply does not fit the type %s: %s"), g_type_name (type), inner->message);

  return object;
}

gboolean
oai_structured_reply_set_object (GObject *stream, GObject *object)
{
  gboolean first = g_object_get_qdata (stream, object_quark ()) == NULL;

  g_object_set_qdata_full (stream, object_quark (), g_object_ref (object), g_object_unref);

  return first;
}

GObject *
oai_structured_reply_get_object (GObject *stream)
{
  return g_object_get_qdata (stream, object_quark ());
}

void
oai_structured_reply_update (GObject *stream, const char *text)
{
  GObject *object = g_object_get_qdata (stream, object_quark ());

  if (object == NULL || text == NULL)
    return;

  /* Handlers may set another object. */
  g_object_ref (object);
  oai_json_update_object (object, text, NULL);
  g_object_unref (object);
}
