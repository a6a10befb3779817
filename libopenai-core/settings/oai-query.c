/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-query-private.h"
#include "oai-json-doc-private.h"
#include "oai-json-writer-private.h"

#include <string.h>

typedef struct
{
  GString *out;
  OaiJsonDoc *doc;
  OaiArrayFormat arrays;
  OaiNestedFormat nested;
} Encoder;

static void encode_value (Encoder *self, const char *name, OaiJsonNode value);

static void
append_pair (Encoder *self, const char *name, const char *encoded_value)
{
  if (self->out->len > 0)
    g_string_append_c (self->out, '&');
  g_string_append_uri_escaped (self->out, name, NULL, FALSE);
  g_string_append_c (self->out, '=');
  g_string_append (self->out, encoded_value);
}

/* The text of a value between "=" and "&". */
static char *
encode_scalar (Encoder *self, OaiJsonNode value)
{
  g_autoptr (GString) text = NULL;
  const char *string = oai_json_get_string (self->doc, value, NULL);

  if (string != NULL)
    return g_uri_escape_string (string, NULL, FALSE);

  text = g_string_new (NULL);
  oai_json_write_node (text, self->doc, value);
  return g_uri_escape_string (text->str, NULL, FALSE);
}

static void
encode_object (Encoder *self, const char *name, OaiJsonNode object)
{
  OaiJsonIter iter;
  const char *key;
  OaiJsonNode value;

  oai_json_iter_init_members (&iter, self->doc, object);
  while (oai_json_iter_next (&iter, &key, &value))
    {
      g_autofree char *full = NULL;

      if (name == NULL)
        full = g_strdup (key);
      else if (self->nested == OAI_NESTED_DOTS)
        full = g_strconcat (name, ".", key, NULL);
      else
        full = g_strconcat (name, "[", key, "]", NULL);

      encode_value (self, full, value);
    }
}

static void
encode_joined (Encoder *self, const char *name, OaiJsonNode array)
{
  g_autoptr (GString) joined = g_string_new (NULL);
  OaiJsonIter iter;
  OaiJsonNode value;

  oai_json_iter_init (&iter, self->doc, array);
  while (oai_json_iter_next (&iter, NULL, &value))
    {
      g_autofree char *text = NULL;

      if (oai_json_get_type (self->doc, value) == OAI_JSON_NULL)
        continue;

      text = encode_scalar (self, value);
      if (joined->len > 0)
        g_string_append_c (joined, ',');
      g_string_append (joined, text);
    }

  if (joined->len > 0)
    append_pair (self, name, joined->str);
}

static void
encode_array (Encoder *self, const char *name, OaiJsonNode array)
{
  OaiJsonIter iter;
  OaiJsonNode value;
  guint index = 0;

  if (self->arrays == OAI_ARRAY_COMMA)
    {
      encode_joined (self, name, array);
      return;
    }

  oai_json_iter_init (&iter, self->doc, array);
  while (oai_json_iter_next (&iter, NULL, &value))
    {
      g_autofree char *full = NULL;

      if (self->arrays == OAI_ARRAY_REPEAT)
        full = g_strdup (name);
      else if (self->arrays == OAI_ARRAY_BRACKETS)
        full = g_strconcat (name, "[]", NULL);
      else
        full = g_strdup_printf ("%s[%u]", name, index);

      encode_value (self, full, value);
      index++;
    }
}

static void
encode_value (Encoder *self, const char *name, OaiJsonNode value)
{
  g_autofree char *text = NULL;

  switch (oai_json_get_type (self->doc, value))
    {
    case OAI_JSON_INVALID:
    case OAI_JSON_NULL:
      return;
    case OAI_JSON_OBJECT:
      encode_object (self, name, value);
      return;
    case OAI_JSON_ARRAY:
      encode_array (self, name, value);
      return;
    default:
      text = encode_scalar (self, value);
      append_pair (self, name, text);
    }
}

char *
oai_query_encode (OaiJsonDoc *doc, OaiJsonNode object, OaiArrayFormat arrays, OaiNestedFormat nested)
{
  g_autoptr (GString) out = g_string_new (NULL);
  Encoder encoder = { out, doc, arrays, nested };

  if (oai_json_get_type (doc, object) == OAI_JSON_OBJECT)
    encode_object (&encoder, NULL, object);

  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* The name of a pair, decoded as far as it can be. */
static char *
pair_name (const char *pair)
{
  g_autofree char *raw = g_strndup (pair, strcspn (pair, "="));
  char *name;

  for (char *p = raw; *p != '\0'; p++)
    {
      if (*p == '+')
        *p = ' ';
    }

  name = g_uri_unescape_string (raw, NULL);
  return name != NULL ? name : g_steal_pointer (&raw);
}

static GHashTable *
collect_names (char **pairs)
{
  GHashTable *names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; pairs[i] != NULL; i++)
    g_hash_table_add (names, pair_name (pairs[i]));

  return names;
}

static void
append_raw (GString *out, const char *pair)
{
  if (*pair == '\0')
    return;
  if (out->len > 0)
    g_string_append_c (out, '&');
  g_string_append (out, pair);
}

static char *
merge_pairs (const char *under, const char *over)
{
  g_auto (GStrv) under_pairs = g_strsplit (under != NULL ? under : "", "&", -1);
  g_auto (GStrv) over_pairs = g_strsplit (over != NULL ? over : "", "&", -1);
  g_autoptr (GHashTable) names = collect_names (over_pairs);
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; under_pairs[i] != NULL; i++)
    {
      g_autofree char *name = pair_name (under_pairs[i]);

      if (!g_hash_table_contains (names, name))
        append_raw (out, under_pairs[i]);
    }
  for (guint i = 0; over_pairs[i] != NULL; i++)
    append_raw (out, over_pairs[i]);

  return out->len > 0 ? g_string_free (g_steal_pointer (&out), FALSE) : NULL;
}

char *
oai_query_merge (const char *under, const char *over)
{
  /* The common case. */
  if ((under == NULL || *under == '\0') && (over == NULL || *over == '\0'))
    return NULL;

  return merge_pairs (under, over);
}
