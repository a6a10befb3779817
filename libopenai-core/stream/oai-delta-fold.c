/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-delta-fold-private.h"

#include <string.h>

/* Repeats of texts: the number of times that the same text arrived, which is stored once; or one of
 * these. */
#define JOINED 0
#define LABEL -1

/* A text that arrived this often without a change is a label, which another text replaces. */
#define MIN_REPEATS 3
/* A shorter text may be a repeated word. */
#define MIN_LABEL 3

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
fold_text (OaiJsonValue *held, const char *text, gsize length)
{
  int count = oai_json_value_get_repeats (held);
  gsize held_length;
  const char *held_text = oai_json_value_get_string (held, &held_length);

  if (held_length == 0)
    {
      oai_json_value_append_string (held, text, (gssize) length);
      oai_json_value_set_repeats (held, may_be_label (text, length) ? 1 : JOINED);
      return;
    }
  if (count > JOINED && held_length == length && memcmp (held_text, text, length) == 0)
    {
      oai_json_value_set_repeats (held, count + 1);
      return;
    }

  /* The text is not a label. */
  if (count > 1)
    repeat (held, count - 1);
  oai_json_value_set_repeats (held, JOINED);
  oai_json_value_append_string (held, text, (gssize) length);
}

/* Returns whether a text replaces a label. */
static gboolean
is_next_label (OaiJsonValue *held, const char *text, gsize length)
{
  int count = oai_json_value_get_repeats (held);

  return count == LABEL || (count >= MIN_REPEATS && may_be_label (text, length));
}

static void
fold_members (OaiJsonValue *held, OaiJsonDoc *doc, OaiJsonNode object)
{
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode value;

  oai_json_iter_init_members (&iter, doc, object);
  while (oai_json_iter_next (&iter, &name, &value))
    oai_delta_fold_add (held, name, doc, value);
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
fold_indexed (OaiJsonValue *held, OaiJsonDoc *doc, OaiJsonNode list)
{
  OaiJsonIter iter;
  OaiJsonNode element;

  oai_json_iter_init (&iter, doc, list);
  while (oai_json_iter_next (&iter, NULL, &element))
    {
      gint64 index = 0;

      oai_json_get_int (doc, oai_json_get_member (doc, element, "index"), &index);
      fold_members (oai_json_value_ensure_indexed (held, index), doc, element);
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
fold_list (OaiJsonValue *held, OaiJsonDoc *doc, OaiJsonNode list)
{
  if (has_indices (doc, list))
    fold_indexed (held, doc, list);
  else if (!holds_numbers (doc, list) && begins_with (doc, list, held))
    append_elements (held, doc, list, oai_json_value_get_size (held));
  else
    append_elements (held, doc, list, 0);
}

/* Sets an empty value of the type. */
static OaiJsonValue *
set_empty (OaiJsonValue *object, const char *name, OaiJsonType type)
{
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
fold_string (OaiJsonValue *object, const char *name, OaiJsonValue *held, OaiJsonDoc *doc, OaiJsonNode value)
{
  gsize length;
  const char *text = oai_json_get_string (doc, value, &length);

  if (length == 0)
    return;
  if (!is_next_label (held, text, length))
    {
      fold_text (held, text, length);
      return;
    }

  if (!equals (held, doc, value))
    {
      held = oai_json_value_set_member (object, name, oai_json_value_new_string (text, (gssize) length));
      oai_json_value_set_repeats (held, LABEL);
    }
}

void
oai_delta_fold_add (OaiJsonValue *object, const char *name, OaiJsonDoc *doc, OaiJsonNode value)
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
    held = set_empty (object, name, type);

  if (type == OAI_JSON_STRING)
    fold_string (object, name, held, doc, value);
  else if (type == OAI_JSON_ARRAY)
    fold_list (held, doc, value);
  else
    fold_members (held, doc, value);
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
