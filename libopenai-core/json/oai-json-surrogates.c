/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-json-surrogates-private.h"

#include "oai-json-doc-private.h"
#include "oai-json-scan-private.h"

/* The maximum number of members and elements that a search for the continuation of a string
 * visits.  Without a limit, a server could make each of many surrogates search a large event. */
#define MAX_STEPS 4096

guint
oai_json_doc_get_n_surrogates (OaiJsonDoc *doc)
{
  return doc->surrogates != NULL ? doc->surrogates->len : 0;
}

OaiJsonSurrogates *
oai_json_doc_get_surrogates (OaiJsonDoc *doc, guint i)
{
  return &g_array_index (doc->surrogates, OaiJsonSurrogates, i);
}

static OaiJsonSurrogates *
find_surrogates (OaiJsonDoc *doc, OaiJsonNode node)
{
  for (guint i = 0; i < oai_json_doc_get_n_surrogates (doc); i++)
    if (oai_json_doc_get_surrogates (doc, i)->node == node)
      return oai_json_doc_get_surrogates (doc, i);

  return NULL;
}

/* Returns whether a member is an index, such as the index of a choice. */
static gboolean
is_index (const char *name)
{
  return strcmp (name, "index") == 0 || g_str_has_suffix (name, "_index");
}

typedef struct
{
  OaiJsonDoc *doc;
  OaiJsonDoc *other;
  guint steps;
} Search;

/* Gets the next child; returns FALSE also if the limit was reached. */
static gboolean
next_child (Search *self, OaiJsonIter *iter, const char **name, OaiJsonNode *child)
{
  return self->steps++ < MAX_STEPS && oai_json_iter_next (iter, name, child);
}

static gboolean
have_same_indices (Search *self, OaiJsonNode object, OaiJsonNode counterpart)
{
  OaiJsonIter iter;
  OaiJsonNode value;
  const char *name;

  oai_json_iter_init_members (&iter, self->doc, object);
  while (next_child (self, &iter, &name, &value))
    {
      gint64 here, there;

      if (is_index (name) && oai_json_get_int (self->doc, value, &here)
          && oai_json_get_int (self->other, oai_json_get_member (self->other, counterpart, name), &there) && here != there)
        return FALSE;
    }

  return self->steps <= MAX_STEPS;
}

static gint64
get_index (OaiJsonDoc *doc, OaiJsonNode element, gint64 place)
{
  gint64 index;

  return oai_json_get_int (doc, oai_json_get_member (doc, element, "index"), &index) ? index : place;
}

static OaiJsonNode
find_element (Search *self, OaiJsonNode array, gint64 index)
{
  OaiJsonIter iter;
  OaiJsonNode element;

  if (oai_json_get_type (self->other, array) != OAI_JSON_ARRAY)
    return OAI_JSON_NONE;

  oai_json_iter_init (&iter, self->other, array);
  for (gint64 i = 0; next_child (self, &iter, NULL, &element); i++)
    if (get_index (self->other, element, i) == index)
      return element;

  return OAI_JSON_NONE;
}

/* Moves from a container to its child that contains the target, and to the corresponding child in
 * the other document. */
static gboolean
step (Search *self, OaiJsonNode *at, OaiJsonNode target, OaiJsonNode *counterpart)
{
  OaiJsonIter iter;
  OaiJsonNode child;
  const char *name;

  if (!have_same_indices (self, *at, *counterpart))
    return FALSE;

  oai_json_iter_init (&iter, self->doc, *at);
  for (gint64 i = 0; next_child (self, &iter, &name, &child); i++)
    {
      if (target < child || target >= oai_json_doc_skip (self->doc, child))
        continue;
      *at = child;
      *counterpart = name != NULL ? oai_json_get_member (self->other, *counterpart, name)
                                  : find_element (self, *counterpart, get_index (self->doc, child, i));
      return *counterpart != OAI_JSON_NONE;
    }

  return FALSE;
}

/* Returns the string of the other document that continues a string, or OAI_JSON_NONE. */
static OaiJsonNode
find_continuation (OaiJsonDoc *doc, OaiJsonNode node, OaiJsonDoc *other)
{
  Search search = { doc, other, 0 };
  OaiJsonNode at = 0, counterpart = 0;
  OaiJsonCell made;
  const OaiJsonCell *cell;

  while (at != node)
    if (!step (&search, &at, node, &counterpart))
      return OAI_JSON_NONE;
  cell = oai_json_doc_get_cell (other, counterpart, &made);

  return cell->type == OAI_JSON_STRING && cell->length > 0 ? counterpart : OAI_JSON_NONE;
}

static void
drop_last_character (OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiJsonCell *cell = &doc->cells[node];
  char *text = (cell->flags & OAI_JSON_CELL_SIDE) != 0 ? doc->side->str + cell->offset : doc->data + cell->offset;

  cell->length -= strlen (OAI_JSON_REPLACEMENT);
  text[cell->length] = '\0';
}

static void
replace_first_character (OaiJsonDoc *doc, OaiJsonNode node, gunichar character)
{
  OaiJsonCell *cell = &doc->cells[node];
  g_autofree char *rest = g_strdup (oai_json_doc_get_text (doc, cell) + strlen (OAI_JSON_REPLACEMENT));

  if (doc->side == NULL)
    doc->side = g_string_new (NULL);
  cell->offset = (guint32) doc->side->len;
  cell->flags |= OAI_JSON_CELL_SIDE;
  g_string_append_unichar (doc->side, character);
  g_string_append (doc->side, rest);
  cell->length = (guint32) (doc->side->len - cell->offset);
  g_string_append_c (doc->side, '\0');
}

gboolean
oai_json_doc_join_surrogates (OaiJsonDoc *doc, const OaiJsonSurrogates *surrogates, OaiJsonDoc *next)
{
  OaiJsonNode continuation = find_continuation (doc, surrogates->node, next);
  OaiJsonSurrogates *other;

  if (continuation == OAI_JSON_NONE)
    return FALSE;

  other = find_surrogates (next, continuation);
  if (other == NULL || other->low == 0)
    return TRUE;

  drop_last_character (doc, surrogates->node);
  replace_first_character (next, continuation, 0x10000 + ((surrogates->high - 0xd800) << 10) + (other->low - 0xdc00));
  other->low = 0;

  return TRUE;
}
