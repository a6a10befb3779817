/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-delta-fold-private.h"

#include <string.h>

/* Values of OaiDeltaFold.texts: the number of times that the same text arrived, which is stored
 * once; or one of these. */
#define JOINED 0
#define LABEL -1

/* A text that arrived this often without a change is a label, which another text replaces. */
#define MIN_REPEATS 3
/* A shorter text may be a repeated word. */
#define MIN_LABEL 3

void
oai_delta_fold_clear (OaiDeltaFold *self)
{
  g_clear_pointer (&self->texts, g_hash_table_unref);
  g_clear_pointer (&self->elements, g_hash_table_unref);
}

static gboolean
equals (OaiJsonValue *held, OaiJsonDoc *doc, OaiJsonNode node)
{
  g_autoptr(GString) first = g_string_new (NULL);
  g_autoptr(GString) second = g_string_new (NULL);

  if (oai_json_value_get_type (held) != oai_json_get_type (doc, node))
    return FALSE;

  oai_json_write_value (first, held);
  oai_json_write_node (second, doc, node);

  return g_string_equal (first, second);
}

/* Returns whether a list begins with the elements of the stored list. */
static gboolean
begins_with (OaiJsonDoc *doc, OaiJsonNode list, OaiJsonValue *held)
{
  guint size = oai_json_value_get_size (held);
  OaiJsonIter iter;
  OaiJsonNode element;
  guint i = 0;

  if (oai_json_get_size (doc, list) < size)
    return FALSE;

  oai_json_iter_init (&iter, doc, list);
  while (i < size && oai_json_iter_next (&iter, NULL, &element))
    if (!equals (oai_json_value_get_element (held, i++), doc, element))
      return FALSE;

  return TRUE;
}

static void
append_elements (OaiJsonValue *held, OaiJsonDoc *doc, OaiJsonNode list, guint start)
{
  OaiJsonIter iter;
  OaiJsonNode element;

  oai_json_iter_init (&iter, doc, list);
  for (guint i = 0; oai_json_iter_next (&iter, NULL, &element); i++)
    if (i >= start)
      oai_json_value_append (held, oai_json_value_new_from_node (doc, element));
}

/* States */

static void
merge_states (OaiJsonValue *held, OaiJsonDoc *doc, OaiJsonNode object)
{
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode value;

  oai_json_iter_init_members (&iter, doc, object);
  while (oai_json_iter_next (&iter, &name, &value))
    oai_delta_fold_state (held, name, doc, value);
}

static gboolean
says_nothing (OaiJsonDoc *doc, OaiJsonNode value)
{
  const char *text = oai_json_get_string (doc, value, NULL);

  return oai_json_get_type (doc, value) == OAI_JSON_NULL || (text != NULL && *text == '\0');
}

void
oai_delta_fold_state (OaiJsonValue *object, const char *name, OaiJsonDoc *doc, OaiJsonNode value)
{
  OaiJsonValue *held = oai_json_value_get_member (object, name);
  OaiJsonType type = oai_json_get_type (doc, value);

  if (held != NULL && says_nothing (doc, value))
    return;

  if (held == NULL || oai_json_value_get_type (held) != type || type < OAI_JSON_ARRAY)
    oai_json_value_set_member (object, name, oai_json_value_new_from_node (doc, value));
  else if (type == OAI_JSON_OBJECT)
    merge_states (held, doc, value);
  else
    append_elements (held, doc, value, begins_with (doc, value, held) ? oai_json_value_get_size (held) : 0);
}

/* Deltas */

static int
get_count (OaiDeltaFold *self, const char *path)
{
  return self->texts != NULL ? GPOINTER_TO_INT (g_hash_table_lookup (self->texts, path)) : JOINED;
}

static void
set_count (OaiDeltaFold *self, const char *path, int count)
{
  if (self->texts == NULL)
    self->texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_replace (self->texts, g_strdup (path), GINT_TO_POINTER (count));
}

/* Returns whether a text is a single word, such as an identifier: "analysis",
 * "anthropic-claude-v1". */
static gboolean
may_be_label (const char *text, gsize length)
{
  if (length < MIN_LABEL || strlen (text) != length)
    return FALSE;

  for (; *text != '\0'; text++)
    if (!g_ascii_isalnum (*text) && strchr ("_-.:/", *text) == NULL)
      return FALSE;

  return TRUE;
}

static void
repeat (OaiJsonValue *held, int times)
{
  gsize length;
  const char *text = oai_json_value_get_string (held, &length);
  g_autofree char *copy = g_strndup (text, length);

  while (times-- > 0)
    oai_json_value_append_string (held, copy, (gssize) length);
}

static void
fold_text (OaiDeltaFold *self, const char *path, OaiJsonValue *held, const char *text, gsize length)
{
  int count = get_count (self, path);
  gsize held_length;
  const char *held_text = oai_json_value_get_string (held, &held_length);

  if (held_length == 0)
    {
      oai_json_value_append_string (held, text, (gssize) length);
      if (may_be_label (text, length))
        set_count (self, path, 1);
      else if (count != JOINED)
        set_count (self, path, JOINED);
      return;
    }
  if (count > JOINED && held_length == length && memcmp (held_text, text, length) == 0)
    {
      set_count (self, path, count + 1);
      return;
    }

  /* The text is not a label. */
  if (count > 1)
    repeat (held, count - 1);
  if (count > JOINED)
    set_count (self, path, JOINED);
  oai_json_value_append_string (held, text, (gssize) length);
}

/* Returns whether a text replaces a label. */
static gboolean
is_next_label (OaiDeltaFold *self, const char *path, const char *text, gsize length)
{
  int count = get_count (self, path);

  return count == LABEL || (count >= MIN_REPEATS && may_be_label (text, length));
}

static void fold_member (OaiDeltaFold *self, const char *path, OaiJsonValue *object, const char *name, OaiJsonDoc *doc, OaiJsonNode value);

static void
fold_members (OaiDeltaFold *self, const char *path, OaiJsonValue *held, OaiJsonDoc *doc, OaiJsonNode object)
{
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode value;

  oai_json_iter_init_members (&iter, doc, object);
  while (oai_json_iter_next (&iter, &name, &value))
    {
      g_autofree char *inner = g_strconcat (path, ".", name, NULL);

      fold_member (self, inner, held, name, doc, value);
    }
}

static gboolean
has_indices (OaiJsonDoc *doc, OaiJsonNode list)
{
  gint64 index;
  OaiJsonIter iter;
  OaiJsonNode element;

  oai_json_iter_init (&iter, doc, list);
  while (oai_json_iter_next (&iter, NULL, &element))
    if (!oai_json_get_int (doc, oai_json_get_member (doc, element, "index"), &index))
      return FALSE;

  return TRUE;
}

static void
fold_indexed (OaiDeltaFold *self, const char *path, OaiJsonValue *held, OaiJsonDoc *doc, OaiJsonNode list)
{
  OaiJsonIter iter;
  OaiJsonNode element;

  if (self->elements == NULL)
    self->elements = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  oai_json_iter_init (&iter, doc, list);
  while (oai_json_iter_next (&iter, NULL, &element))
    {
      g_autofree char *inner = NULL;
      OaiJsonValue *known;
      gint64 index = 0;

      oai_json_get_int (doc, oai_json_get_member (doc, element, "index"), &index);
      inner = g_strdup_printf ("%s[%" G_GINT64_FORMAT "]", path, index);
      known = g_hash_table_lookup (self->elements, inner);
      if (known == NULL)
        {
          known = oai_json_value_append (held, oai_json_value_new_object ());
          g_hash_table_insert (self->elements, g_strdup (inner), known);
        }
      fold_members (self, inner, known, doc, element);
    }
}

static gboolean
holds_numbers (OaiJsonDoc *doc, OaiJsonNode list)
{
  OaiJsonType type = oai_json_get_first_type (doc, list);

  return type == OAI_JSON_INT || type == OAI_JSON_DOUBLE;
}

/* Extends a list, unless it is sent again.  A list of numbers is always appended, since equal
 * numbers may be new. */
static void
fold_list (OaiDeltaFold *self, const char *path, OaiJsonValue *held, OaiJsonDoc *doc, OaiJsonNode list)
{
  if (has_indices (doc, list))
    fold_indexed (self, path, held, doc, list);
  else if (!holds_numbers (doc, list) && begins_with (doc, list, held))
    append_elements (held, doc, list, oai_json_value_get_size (held));
  else
    append_elements (held, doc, list, 0);
}

/* Sets an empty value of the type. */
static OaiJsonValue *
set_empty (OaiDeltaFold *self, OaiJsonValue *object, const char *name, OaiJsonType type)
{
  /* The table may contain elements of the replaced value. */
  if (self->elements != NULL && oai_json_value_get_member (object, name) != NULL)
    g_hash_table_remove_all (self->elements);

  if (type == OAI_JSON_STRING)
    return oai_json_value_set_member (object, name, oai_json_value_new_string ("", 0));
  if (type == OAI_JSON_ARRAY)
    return oai_json_value_set_member (object, name, oai_json_value_new_array ());

  return oai_json_value_set_member (object, name, oai_json_value_new_object ());
}

static gboolean
names_itself (const char *name)
{
  return strcmp (name, "type") == 0 || strcmp (name, "id") == 0 || strcmp (name, "index") == 0;
}

static void
fold_string (OaiDeltaFold *self, const char *path, OaiJsonValue *object, const char *name, OaiJsonValue *held, OaiJsonDoc *doc, OaiJsonNode value)
{
  gsize length;
  const char *text = oai_json_get_string (doc, value, &length);

  if (length == 0)
    return;
  if (is_next_label (self, path, text, length))
    {
      gboolean same = equals (held, doc, value);

      if (!same)
        {
          oai_json_value_set_member (object, name, oai_json_value_new_string (text, (gssize) length));
          set_count (self, path, LABEL);
        }
      return;
    }

  fold_text (self, path, held, text, length);
}

static void
fold_member (OaiDeltaFold *self, const char *path, OaiJsonValue *object, const char *name, OaiJsonDoc *doc, OaiJsonNode value)
{
  OaiJsonValue *held = oai_json_value_get_member (object, name);
  OaiJsonType type = oai_json_get_type (doc, value);

  if (held != NULL && type == OAI_JSON_NULL)
    return;
  if (type < OAI_JSON_STRING || names_itself (name))
    {
      oai_json_value_set_member (object, name, oai_json_value_new_from_node (doc, value));
      return;
    }
  if (held == NULL || oai_json_value_get_type (held) != type)
    held = set_empty (self, object, name, type);

  if (type == OAI_JSON_STRING)
    fold_string (self, path, object, name, held, doc, value);
  else if (type == OAI_JSON_ARRAY)
    fold_list (self, path, held, doc, value);
  else
    fold_members (self, path, held, doc, value);
}

void
oai_delta_fold_add (OaiDeltaFold *self, OaiJsonValue *object, const char *name, OaiJsonDoc *doc, OaiJsonNode value)
{
  fold_member (self, name, object, name, doc, value);
}

/* Known values */

static gboolean
fold_known_members (OaiJsonValue *held, OaiJsonDoc *doc, OaiJsonNode delta, GError **error)
{
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode value;

  oai_json_iter_init_members (&iter, doc, delta);
  while (oai_json_iter_next (&iter, &name, &value))
    {
      OaiJsonValue *member = oai_json_value_get_member (held, name);

      if (member == NULL)
        oai_json_value_set_member (held, name, oai_json_value_new_from_node (doc, value));
      else if (!oai_delta_fold_known (member, doc, value, error))
        return FALSE;
    }

  return TRUE;
}

gboolean
oai_delta_fold_known (OaiJsonValue *held, OaiJsonDoc *doc, OaiJsonNode delta, GError **error)
{
  OaiJsonType type = oai_json_get_type (doc, delta);
  gsize length;
  const char *text;

  if (type == OAI_JSON_NULL)
    return TRUE;
  if (type == OAI_JSON_ARRAY)
    {
      if (oai_json_value_get_type (held) != OAI_JSON_ARRAY)
        oai_json_value_assign (held, oai_json_value_new_array ());
      if (has_indices (doc, delta))
        return oai_json_value_accumulate (held, doc, delta, error);
      append_elements (held, doc, delta, 0);
      return TRUE;
    }
  if (oai_json_value_get_type (held) != type || type < OAI_JSON_STRING)
    {
      oai_json_value_assign (held, oai_json_value_new_from_node (doc, delta));
      return TRUE;
    }
  if (type == OAI_JSON_OBJECT)
    return fold_known_members (held, doc, delta, error);

  text = oai_json_get_string (doc, delta, &length);
  oai_json_value_append_string (held, text, (gssize) length);

  return TRUE;
}
