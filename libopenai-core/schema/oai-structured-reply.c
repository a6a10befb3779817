/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-structured-reply-private.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-object.h"

#define MAX_NAME 64
/* Up to this length, an object is updated with each delta. */
#define SHORT_TEXT 2048
/* After a longer text, this part of its length must have arrived before the next update. */
#define GROWTH 16

typedef struct
{
  GObject *object;
  gsize received; /* bytes of all texts since the last update */
  gsize longest;  /* length of the longest text of an update */
} Parsed;

static G_DEFINE_QUARK (oai-structured-reply-parsed, parsed)

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
oai_structured_reply_parse (GType type, const char *refusal, const char *text, GError **error)
{
  g_autoptr (GError) inner = NULL;
  GObject *object;

  if (refusal != NULL && *refusal != '\0')
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_CONTENT_FILTER, refusal);
      return NULL;
    }
  if (text == NULL || *text == '\0')
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The reply contains no text."));
      return NULL;
    }

  object = oai_json_to_object (type, text, &inner);
  if (object == NULL)
    /* Translators: the first %s is the name of a type; the second is a message in English. */
    g_set_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The reply does not fit the type %s: %s"), g_type_name (type), inner->message);

  return object;
}

/* Objects that streams update */

static void
parsed_free (Parsed *self)
{
  g_object_unref (self->object);
  g_free (self);
}

gboolean
oai_structured_reply_set_object (GObject *stream, GObject *object)
{
  Parsed *self = g_object_get_qdata (stream, parsed_quark ());
  gboolean first = self == NULL;

  if (first)
    {
      self = g_new0 (Parsed, 1);
      g_object_set_qdata_full (stream, parsed_quark (), self, (GDestroyNotify) parsed_free);
    }
  g_set_object (&self->object, object);
  self->longest = 0;

  return first;
}

GObject *
oai_structured_reply_get_object (GObject *stream)
{
  Parsed *self = g_object_get_qdata (stream, parsed_quark ());

  return self != NULL ? self->object : NULL;
}

/* Returns whether enough text has arrived since the last update. */
static gboolean
is_due (Parsed *self)
{
  return self->longest <= SHORT_TEXT || self->received >= self->longest / GROWTH;
}

void
oai_structured_reply_update (GObject *stream, const char *text, const char *delta)
{
  Parsed *self = g_object_get_qdata (stream, parsed_quark ());
  g_autoptr (GObject) object = NULL;

  if (delta != NULL)
    self->received += strlen (delta);
  if (text == NULL || (delta != NULL && !is_due (self)))
    return;

  self->received = 0;
  self->longest = MAX (self->longest, strlen (text));
  /* Handlers may set another object. */
  object = g_object_ref (self->object);
  oai_json_update_object (object, text, NULL);
}
