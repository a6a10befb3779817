/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-json-beginning-private.h"

#include <string.h>

/* A shorter beginning saves nothing. */
#define MIN_LENGTH 32
#define MAX_LENGTH 1024
#define MAX_CELLS 64
/* After this many different texts in a row, no more beginnings are stored. */
#define MAX_MISSES 16

struct _OaiJsonBeginning
{
  OaiJsonFlags flags;   /* with which the text was parsed */
  guint n_misses;
  OaiJsonResumption end; /* offset 0: nothing is stored */
  OaiJsonCell cells[MAX_CELLS]; /* as they were at the end of the beginning */
  guint16 quotes[MAX_CELLS];    /* offsets of the quotes after strings, which the parser overwrites */
  guint n_quotes;
  char text[MAX_LENGTH];
};

void
oai_json_beginning_free (OaiJsonBeginning *self)
{
  g_free (self);
}

/* Descends from the root into the first container that is not empty, as long as all cells are those
 * of names, scalars and open containers.  Copies the cells, with the open containers as they are
 * during parsing.  Returns the innermost object, or OAI_JSON_NONE. */
static OaiJsonNode
descend (OaiJsonBeginning *self, OaiJsonDoc *doc)
{
  OaiJsonNode open = OAI_JSON_NONE, innermost = OAI_JSON_NONE, at = 0;
  guint count = 0, depth = 0;

  while (at < MIN (doc->n_cells, MAX_CELLS) && (open == OAI_JSON_NONE || at < doc->cells[open].next))
    {
      OaiJsonCell *cell = &self->cells[at];

      /* The name of a member precedes its value. */
      if (open != OAI_JSON_NONE && doc->cells[open].type == OAI_JSON_OBJECT)
        {
          *cell++ = doc->cells[at++];
          if (at == MAX_CELLS)
            break;
        }
      *cell = doc->cells[at];
      if (cell->type < OAI_JSON_ARRAY)
        {
          count++;
          at++;
          continue;
        }
      if (cell->length == 0 || (cell->flags & OAI_JSON_CELL_NUMBER_ARRAY) != 0)
        break;

      if (open != OAI_JSON_NONE)
        self->cells[open].length = count;
      cell->next = open;
      cell->length = count = 0;
      depth++;
      if (cell->type == OAI_JSON_OBJECT)
        {
          innermost = at;
          self->end.depth = depth;
        }
      open = at++;
    }

  return innermost;
}

/* Copies the text, and puts back the quotes that were overwritten. */
static void
copy_text (OaiJsonBeginning *self, OaiJsonDoc *doc)
{
  memcpy (self->text, doc->data, self->end.offset + 1);
  self->n_quotes = 0;
  for (guint i = 0; i < self->end.n_cells; i++)
    {
      guint16 quote = (guint16) (self->cells[i].offset + self->cells[i].length);

      if (self->cells[i].type != OAI_JSON_STRING)
        continue;
      self->text[quote] = '"';
      self->quotes[self->n_quotes++] = quote;
    }
}

void
oai_json_beginning_store (OaiJsonDoc *doc, gsize verbatim, OaiJsonFlags flags)
{
  OaiJsonBeginning *self = doc->beginning;
  OaiJsonNode innermost;
  const OaiJsonCell *name;

  if (self == NULL)
    self = doc->beginning = g_new0 (OaiJsonBeginning, 1);
  self->end.offset = 0;
  if (self->n_misses == MAX_MISSES)
    return;

  self->n_misses++;
  innermost = descend (self, doc);
  if (innermost == OAI_JSON_NONE)
    return;

  name = &doc->cells[innermost + 1];
  if ((name->flags & OAI_JSON_CELL_SIDE) != 0 || name->offset < MIN_LENGTH || name->offset > MIN (verbatim, MAX_LENGTH))
    return;

  self->flags = flags;
  self->end.offset = name->offset - 1;
  self->end.n_cells = innermost + 1;
  copy_text (self, doc);
}

gboolean
oai_json_beginning_apply (OaiJsonDoc *doc, gsize length, OaiJsonFlags flags, OaiJsonResumption *resumption)
{
  OaiJsonBeginning *self = doc->beginning;

  if (self == NULL || self->end.offset == 0 || length <= self->end.offset || self->flags != flags)
    return FALSE;
  if (doc->n_allocated < self->end.n_cells || memcmp (doc->data, self->text, self->end.offset + 1) != 0)
    return FALSE;

  memcpy (doc->cells, self->cells, self->end.n_cells * sizeof (OaiJsonCell));
  for (guint i = 0; i < self->n_quotes; i++)
    doc->data[self->quotes[i]] = '\0';
  self->n_misses = 0;
  *resumption = self->end;

  return TRUE;
}
