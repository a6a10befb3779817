/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Iteration over the members of an object, inline, for code that runs for each event of a stream:
 *
 *   oai_json_member_init (&member, doc, object);
 *   while (oai_json_member_next (&member))
 *     if (oai_json_member_is (&member, "id"))
 *       id = member.value;
 *
 * Duplicate members are all returned.  Values that are not objects have no members. */

#pragma once

#include <string.h>

#include "oai-json-tape-private.h"

G_BEGIN_DECLS

typedef struct
{
  OaiJsonDoc *doc;
  const OaiJsonCell *name;
  OaiJsonNode value;
  OaiJsonNode next; /* node of the next name */
  guint left;
} OaiJsonMember;

static inline void
oai_json_member_init (OaiJsonMember *self, OaiJsonDoc *doc, OaiJsonNode object)
{
  gboolean is_object = object < doc->n_cells && doc->cells[object].type == OAI_JSON_OBJECT;

  self->doc = doc;
  self->next = object + 1;
  self->left = is_object ? doc->cells[object].length : 0;
}

/* Returns FALSE after the last member. */
static inline gboolean
oai_json_member_next (OaiJsonMember *self)
{
  if (self->left == 0)
    return FALSE;

  /* The cell of a value follows that of its name. */
  self->left--;
  self->name = &self->doc->cells[self->next];
  self->value = self->next + 1;
  self->next = oai_json_doc_skip_cell (self->doc, self->value);

  return TRUE;
}

static inline const char *
oai_json_member_get_name (const OaiJsonMember *self)
{
  return oai_json_doc_get_text (self->doc, self->name);
}

static inline gboolean
oai_json_member_has_name (const OaiJsonMember *self, const char *name, gsize length)
{
  return self->name->length == length && memcmp (oai_json_member_get_name (self), name, length) == 0;
}

/* Returns whether the name is a string literal. */
#define oai_json_member_is(self, literal) oai_json_member_has_name ((self), "" literal, sizeof (literal) - 1)

G_END_DECLS
