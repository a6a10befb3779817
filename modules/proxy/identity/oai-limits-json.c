/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-limits-json-private.h"

#include <string.h>

#include "oai-unique-members-private.h"

#define MAX_PATTERNS 1000

static gboolean
read_patterns (OaiJsonDoc *doc, OaiJsonNode node, GValue *value)
{
  GStrvBuilder *builder = g_strv_builder_new ();
  gboolean valid = oai_json_get_type (doc, node) == OAI_JSON_ARRAY && oai_json_get_size (doc, node) <= MAX_PATTERNS;
  OaiJsonIter iter;
  OaiJsonNode element;

  oai_json_iter_init (&iter, doc, node);
  while (valid && oai_json_iter_next (&iter, NULL, &element))
    {
      const char *text = oai_json_get_string (doc, element, NULL);

      valid = text != NULL;
      if (valid)
        g_strv_builder_add (builder, text);
    }
  g_value_take_boxed (value, g_strv_builder_end (builder));
  g_strv_builder_unref (builder);

  return valid;
}

static gboolean
read_number (OaiJsonDoc *doc, OaiJsonNode node, GValue *value)
{
  gint64 number;

  if (!oai_json_get_int (doc, node, &number) || number < 0)
    return FALSE;

  if (G_VALUE_HOLDS_UINT (value))
    g_value_set_uint (value, MIN (number, G_MAXUINT));
  else if (G_VALUE_HOLDS_UINT64 (value))
    g_value_set_uint64 (value, number);
  else
    g_value_set_int64 (value, number);

  return TRUE;
}

static gboolean
read_value (OaiJsonDoc *doc, OaiJsonNode node, GValue *value)
{
  double number;

  if (G_VALUE_HOLDS (value, G_TYPE_STRV))
    return read_patterns (doc, node, value);
  if (!G_VALUE_HOLDS_DOUBLE (value))
    return read_number (doc, node, value);
  if (!oai_json_get_double (doc, node, &number) || !(number >= 0))
    return FALSE;

  g_value_set_double (value, number);

  return TRUE;
}

static gboolean
set_limit (OaiProxyLimits *limits, OaiJsonDoc *doc, const char *name, OaiJsonNode node)
{
  g_autofree char *property = g_strdelimit (g_strdup (name), "_", '-');
  GParamSpec *pspec = strchr (name, '-') == NULL ? g_object_class_find_property (G_OBJECT_GET_CLASS (limits), property) : NULL;
  g_auto(GValue) value = G_VALUE_INIT;

  if (pspec == NULL || (pspec->flags & G_PARAM_WRITABLE) == 0)
    return FALSE;

  g_value_init (&value, pspec->value_type);
  if (!read_value (doc, node, &value))
    return FALSE;

  g_object_set_property (G_OBJECT (limits), property, &value);

  return TRUE;
}

OaiProxyLimits *
oai_limits_from_json (OaiJsonDoc *doc, OaiJsonNode object)
{
  g_autoptr(OaiProxyLimits) limits = oai_proxy_limits_new ();
  OaiJsonIter iter;
  OaiJsonNode value;
  const char *name;

  if (oai_json_get_type (doc, object) != OAI_JSON_OBJECT || oai_json_has_duplicates (doc, object))
    return NULL;

  oai_json_iter_init_members (&iter, doc, object);
  while (oai_json_iter_next (&iter, &name, &value))
    {
      if (!set_limit (limits, doc, name, value))
        return NULL;
    }

  return g_steal_pointer (&limits);
}
