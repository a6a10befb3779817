/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-stream-path-private.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"

static OaiPathStep
parse_brackets (const char *text, gsize length)
{
  OaiPathStep step = { OAI_PATH_KEY, NULL, 0 };
  const char *equals = memchr (text, '=', length);

  if (length == 0)
    step.kind = OAI_PATH_ALL;
  else if (length == 2 && memcmp (text, "-1", 2) == 0)
    step.kind = OAI_PATH_LAST;
  else if (equals != NULL)
    {
      step.kind = OAI_PATH_NUMBERED;
      step.number = strtoul (equals + 1, NULL, 10);
      length = equals - text;
    }
  else if (*text == '#')
    {
      step.kind = OAI_PATH_POSITION;
      text++;
      length--;
    }
  step.name = g_strndup (text, length);

  return step;
}

void
oai_path_init (OaiPath *self, const char *text)
{
  g_autoptr(GArray) steps = g_array_new (FALSE, FALSE, sizeof (OaiPathStep));

  if (text != NULL && strcmp (text, ".") == 0)
    text = NULL;
  while (text != NULL && *text != '\0')
    {
      gsize length = strcspn (text, ".[");
      OaiPathStep step = { OAI_PATH_MEMBER, NULL, 0 };

      if (length > 0)
        {
          step.name = g_strndup (text, length);
          g_array_append_val (steps, step);
        }
      text += length;
      if (*text == '[')
        {
          length = strcspn (text, "]");
          step = parse_brackets (text + 1, length - 1);
          g_array_append_val (steps, step);
          text += length + 1;
        }
      if (*text == '.')
        text++;
    }

  self->n_steps = steps->len;
  self->steps = (gpointer) g_array_free (g_steal_pointer (&steps), FALSE);
}

void
oai_path_clear (OaiPath *self)
{
  for (guint i = 0; i < self->n_steps; i++)
    g_free (self->steps[i].name);
  g_clear_pointer (&self->steps, g_free);
  self->n_steps = 0;
}

OaiJsonNode
oai_path_get_node (const OaiPath *self, OaiJsonDoc *doc, OaiJsonNode node)
{
  for (guint i = 0; i < self->n_steps; i++)
    node = self->steps[i].kind == OAI_PATH_MEMBER ? oai_json_get_member (doc, node, self->steps[i].name) : oai_json_get_element (doc, node, 0);

  return node;
}

static void
set_index_error (GError **error)
{
  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent an event with an invalid index"));
}

gboolean
oai_path_read_index (OaiJsonDoc *doc, OaiJsonNode node, guint fallback, guint *index, GError **error)
{
  gint64 number = fallback;

  if (oai_json_get_type (doc, node) > OAI_JSON_NULL && !oai_json_get_int (doc, node, &number))
    number = -1;
  if (number >= 0 && number <= OAI_STREAM_MAX_INDEX)
    {
      *index = number;
      return TRUE;
    }

  set_index_error (error);

  return FALSE;
}

/* Elements */

static gboolean
has_number (OaiJsonValue *element, const char *name, gint64 number, gint64 position)
{
  gint64 own;

  if (!oai_json_value_get_int (oai_json_value_get_member (element, name), &own))
    own = position;

  return own == number;
}

/* Returns the element with this number in the member, or at this position if it has no such
 * member. */
static OaiJsonValue *
find_numbered (OaiJsonValue *array, const char *name, guint number)
{
  guint size = oai_json_value_get_size (array);

  /* The position of an element is usually its number. */
  if (number < size && has_number (oai_json_value_get_element (array, number), name, number, number))
    return oai_json_value_get_element (array, number);
  for (guint i = 0; i < size; i++)
    if (has_number (oai_json_value_get_element (array, i), name, number, i))
      return oai_json_value_get_element (array, i);

  return NULL;
}

static OaiJsonValue *
get_element (const OaiPathStep *step, OaiJsonValue *array, OaiJsonDoc *doc, OaiJsonNode event)
{
  OaiJsonNode key = doc != NULL && step->kind != OAI_PATH_NUMBERED ? oai_json_get_member (doc, event, step->name) : OAI_JSON_NONE;
  guint size = oai_json_value_get_size (array);
  guint index;

  if (oai_json_value_get_type (array) != OAI_JSON_ARRAY)
    return NULL;
  if (step->kind == OAI_PATH_LAST)
    return size > 0 ? oai_json_value_get_element (array, size - 1) : NULL;
  if (step->kind == OAI_PATH_NUMBERED)
    return *step->name == '#' ? oai_json_value_get_element (array, step->number) : find_numbered (array, step->name, step->number);
  if (oai_json_get_type (doc, key) == OAI_JSON_STRING)
    return step->kind == OAI_PATH_KEY ? oai_json_value_find_element (array, step->name, oai_json_get_string (doc, key, NULL)) : NULL;
  if (!oai_path_read_index (doc, key, 0, &index, NULL))
    return NULL;

  return step->kind == OAI_PATH_KEY ? find_numbered (array, step->name, index) : oai_json_value_get_element (array, index);
}

OaiJsonValue *
oai_path_get_value (const OaiPath *self, OaiJsonValue *value, OaiJsonDoc *doc, OaiJsonNode event)
{
  for (guint i = 0; i < self->n_steps && value != NULL; i++)
    {
      const OaiPathStep *step = &self->steps[i];

      if (step->kind != OAI_PATH_MEMBER)
        value = get_element (step, value, doc, event);
      else
        value = oai_json_value_get_type (value) == OAI_JSON_OBJECT ? oai_json_value_get_member (value, step->name) : NULL;
    }

  return value;
}

/* Creating missing values */

static OaiJsonValue *
append_element (OaiJsonValue *array, gboolean *made)
{
  *made = TRUE;

  return oai_json_value_append (array, oai_json_value_new_object ());
}

static OaiJsonValue *
ensure_position (OaiJsonValue *array, guint position, gboolean *made, GError **error)
{
  if (position > OAI_STREAM_MAX_POSITION)
    {
      set_index_error (error);
      return NULL;
    }

  while (oai_json_value_get_size (array) <= position)
    append_element (array, made);

  return oai_json_value_get_element (array, position);
}

/* Elements are kept in the order of their numbers. */
static OaiJsonValue *
ensure_numbered (OaiJsonValue *array, const char *name, guint number, gboolean *made)
{
  OaiJsonValue *element = find_numbered (array, name, number);
  guint position = oai_json_value_get_size (array);
  gint64 own;

  if (element != NULL)
    return element;

  while (position > 0 && oai_json_value_get_int (oai_json_value_get_member (oai_json_value_get_element (array, position - 1), name), &own) && own > number)
    position--;
  *made = TRUE;
  element = oai_json_value_insert (array, position, oai_json_value_new_object ());
  oai_json_value_set_member (element, name, oai_json_value_new_int (number));

  return element;
}

static OaiJsonValue *
ensure_named (OaiJsonValue *array, const char *name, const char *text, gboolean *made)
{
  OaiJsonValue *element = oai_json_value_find_element (array, name, text);

  if (element != NULL)
    return element;

  element = append_element (array, made);
  oai_json_value_set_member (element, name, oai_json_value_new_string (text, -1));

  return element;
}

static OaiJsonValue *
ensure_element (const OaiPathStep *step, OaiJsonValue *array, OaiJsonDoc *doc, OaiJsonNode event, guint position, gboolean *made, GError **error)
{
  OaiJsonNode key;
  const char *text;
  guint index;

  if (oai_json_value_get_type (array) != OAI_JSON_ARRAY)
    oai_json_value_assign (array, oai_json_value_new_array ());
  if (step->kind == OAI_PATH_ALL)
    return append_element (array, made);
  if (step->kind == OAI_PATH_LAST)
    return oai_json_value_get_size (array) > 0 ? get_element (step, array, doc, event) : append_element (array, made);

  key = oai_json_get_member (doc, event, step->name);
  text = oai_json_get_string (doc, key, NULL);
  if (text != NULL && step->kind == OAI_PATH_KEY)
    return ensure_named (array, step->name, text, made);
  if (!oai_path_read_index (doc, key, position, &index, error))
    return NULL;

  return step->kind == OAI_PATH_KEY ? ensure_numbered (array, step->name, index, made) : ensure_position (array, index, made, error);
}

OaiJsonValue *
oai_path_ensure_value (const OaiPath *self, OaiJsonValue *value, OaiJsonDoc *doc, OaiJsonNode event, guint position, gboolean *made, GError **error)
{
  *made = FALSE;
  for (guint i = 0; i < self->n_steps && value != NULL; i++)
    {
      const OaiPathStep *step = &self->steps[i];
      OaiJsonValue *member;

      if (step->kind != OAI_PATH_MEMBER)
        {
          value = ensure_element (step, value, doc, event, position, made, error);
          continue;
        }

      if (oai_json_value_get_type (value) != OAI_JSON_OBJECT)
        oai_json_value_assign (value, oai_json_value_new_object ());
      member = oai_json_value_get_member (value, step->name);
      *made = *made || member == NULL;
      value = member != NULL ? member : oai_json_value_set_member (value, step->name, oai_json_value_new_object ());
    }

  return value;
}

static gboolean
is_filled (const OaiPathStep *steps, guint n_steps, OaiJsonValue *value)
{
  gsize length = 0;

  for (; n_steps > 0 && steps->kind == OAI_PATH_MEMBER; steps++, n_steps--)
    value = oai_json_value_get_type (value) == OAI_JSON_OBJECT ? oai_json_value_get_member (value, steps->name) : NULL;
  if (n_steps == 0)
    return oai_json_value_get_string (value, &length) != NULL && length > 0;

  if (oai_json_value_get_type (value) != OAI_JSON_ARRAY)
    return FALSE;
  for (guint i = 0; i < oai_json_value_get_size (value); i++)
    if (!is_filled (steps + 1, n_steps - 1, oai_json_value_get_element (value, i)))
      return FALSE;

  return oai_json_value_get_size (value) > 0;
}

gboolean
oai_path_is_filled (const OaiPath *self, OaiJsonValue *value)
{
  return is_filled (self->steps, self->n_steps, value);
}
