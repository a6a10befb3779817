/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-request-edit-private.h"

#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-doc-private.h"
#include "oai-json-writer-private.h"

#define MAX_SEGMENTS 16
#define ELEMENTS "[]"

typedef enum
{
  EDIT_DROP,
  EDIT_RENAME,
  EDIT_REPLACE
} EditKind;

struct _OaiRequestEdit
{
  EditKind kind;
  char **path; /* names of members, and "[]" */
  char *value; /* DROP: the JSON of the member, or NULL for any; REPLACE: the string */
  char *next;  /* RENAME: the new name; REPLACE: the new string */
};

void
oai_request_edit_free (OaiRequestEdit *self)
{
  g_strfreev (self->path);
  g_free (self->value);
  g_free (self->next);
  g_free (self);
}

/* Parsing */

/* "a[].b" becomes "a", "[]", "b".  Returns NULL if the path is malformed, or does not lead to a member. */
static char **
parse_path (const char *text)
{
  g_auto(GStrv) parts = g_strsplit (text, ".", MAX_SEGMENTS + 1);
  g_autoptr(GPtrArray) path = g_ptr_array_new_with_free_func (g_free);
  gboolean elements = FALSE;

  for (guint i = 0; parts[i] != NULL; i++)
    {
      elements = g_str_has_suffix (parts[i], ELEMENTS);
      if (elements)
        parts[i][strlen (parts[i]) - strlen (ELEMENTS)] = '\0';
      if (*parts[i] == '\0' || strpbrk (parts[i], "[]") != NULL)
        return NULL;

      g_ptr_array_add (path, g_strdup (parts[i]));
      if (elements)
        g_ptr_array_add (path, g_strdup (ELEMENTS));
    }
  if (path->len == 0 || path->len > MAX_SEGMENTS || elements)
    return NULL;

  g_ptr_array_add (path, NULL);

  return (char **) g_ptr_array_free (g_steal_pointer (&path), FALSE);
}

static OaiRequestEdit *
parse_edit (EditKind kind, const char *text)
{
  static const guint n_parts[] = { [EDIT_DROP] = 2, [EDIT_RENAME] = 2, [EDIT_REPLACE] = 3 };
  g_auto(GStrv) parts = g_strsplit (text, ":", n_parts[kind]);
  guint n = g_strv_length (parts);
  g_auto(GStrv) path = n > 0 ? parse_path (parts[0]) : NULL;
  OaiRequestEdit *self;

  if (path == NULL || (n < n_parts[kind] && kind != EDIT_DROP) || (kind != EDIT_DROP && *parts[n - 1] == '\0'))
    return NULL;

  self = g_new0 (OaiRequestEdit, 1);
  self->kind = kind;
  self->path = g_steal_pointer (&path);
  if (kind != EDIT_RENAME)
    self->value = g_strdup (parts[1]);
  if (kind != EDIT_DROP)
    self->next = g_strdup (parts[n - 1]);

  return self;
}

static gboolean
read_entry (GPtrArray *edits, GKeyFile *file, const char *group, const char *key, EditKind kind, guint max, GError **error)
{
  g_auto(GStrv) texts = g_key_file_get_string_list (file, group, key, NULL, NULL);

  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    {
      OaiRequestEdit *edit = edits->len < max ? parse_edit (kind, g_strstrip (texts[i])) : NULL;

      if (edit == NULL)
        {
          /* Translators: the first %s is the name of an entry of a key file, the second its value. */
          g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The entry “%s” contains “%s”, which is not valid there"), key, texts[i]);
          return FALSE;
        }
      g_ptr_array_add (edits, edit);
    }

  return TRUE;
}

gboolean
oai_request_edits_read (GPtrArray *edits, GKeyFile *file, const char *group, guint max, GError **error)
{
  return read_entry (edits, file, group, "drop", EDIT_DROP, max, error)
         && read_entry (edits, file, group, "rename", EDIT_RENAME, max, error)
         && read_entry (edits, file, group, "replace", EDIT_REPLACE, max, error);
}

/* Editing */

typedef struct
{
  GPtrArray *edits;
  OaiJsonDoc *doc;
  GString *out;
  gboolean changed;
} Writer;

static void write_value (Writer *self, OaiJsonNode node, guint64 active, guint depth);

/* The edits whose path continues with a name. */
static guint64
follow (Writer *self, guint64 active, guint depth, const char *name)
{
  guint64 followed = 0;

  for (guint i = 0; i < self->edits->len; i++)
    {
      OaiRequestEdit *edit = g_ptr_array_index (self->edits, i);

      if ((active & (G_GUINT64_CONSTANT (1) << i)) != 0 && strcmp (edit->path[depth], name) == 0)
        followed |= G_GUINT64_CONSTANT (1) << i;
    }

  return followed;
}

static gboolean
has_value (Writer *self, OaiJsonNode node, OaiRequestEdit *edit)
{
  g_autofree char *json = NULL;

  if (edit->kind == EDIT_REPLACE)
    return g_strcmp0 (oai_json_get_string (self->doc, node, NULL), edit->value) == 0;
  if (edit->value == NULL)
    return TRUE;

  json = oai_json_dup_node (self->doc, node);

  return strcmp (json, edit->value) == 0;
}

/* Removes the edits that end at a member from followed, and returns the one that applies to it, or NULL. */
static OaiRequestEdit *
find_last (Writer *self, OaiJsonNode node, guint64 *followed, guint depth)
{
  OaiRequestEdit *found = NULL;

  for (guint i = 0; i < self->edits->len; i++)
    {
      OaiRequestEdit *edit = g_ptr_array_index (self->edits, i);
      guint64 bit = G_GUINT64_CONSTANT (1) << i;

      if ((*followed & bit) == 0 || edit->path[depth + 1] != NULL)
        continue;

      *followed &= ~bit;
      if (found == NULL && has_value (self, node, edit))
        found = edit;
    }

  return found;
}

static void
write_name (Writer *self, const char *name)
{
  if (self->out->str[self->out->len - 1] != '{')
    g_string_append_c (self->out, ',');
  oai_json_write_string (self->out, name, -1);
  g_string_append_c (self->out, ':');
}

static gboolean
is_null (Writer *self, OaiJsonNode node)
{
  return oai_json_get_type (self->doc, node) == OAI_JSON_NULL;
}

/* Whether a member of the object gets this name. */
static gboolean
is_new_name (Writer *self, OaiJsonNode object, const char *name, guint64 active, guint depth)
{
  for (guint i = 0; i < self->edits->len; i++)
    {
      OaiRequestEdit *edit = g_ptr_array_index (self->edits, i);

      if ((active & (G_GUINT64_CONSTANT (1) << i)) != 0 && edit->kind == EDIT_RENAME && edit->path[depth + 1] == NULL
          && strcmp (edit->next, name) == 0 && oai_json_get_member (self->doc, object, edit->path[depth]) != OAI_JSON_NONE)
        return TRUE;
    }

  return FALSE;
}

/* A member is also dropped if one of its new name exists, unless that one is null, which is dropped then. */
static void
write_member (Writer *self, OaiJsonNode object, const char *name, OaiJsonNode value, guint64 active, guint depth)
{
  guint64 followed = follow (self, active, depth, name);
  OaiRequestEdit *edit = find_last (self, value, &followed, depth);

  self->changed |= edit != NULL;
  if (edit != NULL && edit->kind == EDIT_DROP)
    return;
  if (edit == NULL && is_null (self, value) && is_new_name (self, object, name, active, depth))
    return;
  if (edit != NULL && edit->kind == EDIT_RENAME)
    {
      OaiJsonNode other = oai_json_get_member (self->doc, object, edit->next);

      if (other != OAI_JSON_NONE && !is_null (self, other))
        return;
    }

  write_name (self, edit != NULL && edit->kind == EDIT_RENAME ? edit->next : name);
  if (edit != NULL && edit->kind == EDIT_REPLACE)
    oai_json_write_string (self->out, edit->next, -1);
  else
    write_value (self, value, followed, depth + 1);
}

static void
write_object (Writer *self, OaiJsonNode node, guint64 active, guint depth)
{
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode value;

  g_string_append_c (self->out, '{');
  oai_json_iter_init_members (&iter, self->doc, node);
  while (oai_json_iter_next (&iter, &name, &value))
    write_member (self, node, name, value, active, depth);
  g_string_append_c (self->out, '}');
}

static void
write_array (Writer *self, OaiJsonNode node, guint64 active, guint depth)
{
  guint64 followed = follow (self, active, depth, ELEMENTS);
  OaiJsonIter iter;
  OaiJsonNode value;

  g_string_append_c (self->out, '[');
  oai_json_iter_init (&iter, self->doc, node);
  for (guint i = 0; oai_json_iter_next (&iter, NULL, &value); i++)
    {
      if (i > 0)
        g_string_append_c (self->out, ',');
      write_value (self, value, followed, depth + 1);
    }
  g_string_append_c (self->out, ']');
}

/* The depth is limited by the length of the paths. */
static void
write_value (Writer *self, OaiJsonNode node, guint64 active, guint depth)
{
  OaiJsonType type = oai_json_get_type (self->doc, node);

  if (active != 0 && type == OAI_JSON_OBJECT)
    write_object (self, node, active, depth);
  else if (active != 0 && type == OAI_JSON_ARRAY)
    write_array (self, node, active, depth);
  else
    oai_json_write_node (self->out, self->doc, node);
}

GBytes *
oai_request_edits_apply (GPtrArray *edits, GBytes *body)
{
  gsize length;
  const char *text = g_bytes_get_data (body, &length);
  g_autoptr(OaiJsonDoc) doc = NULL;
  g_autoptr(GString) out = NULL;
  Writer writer = { edits };

  g_return_val_if_fail (edits->len <= OAI_REQUEST_EDITS_MAX, NULL);

  if (edits->len == 0)
    return NULL;
  doc = oai_json_doc_new_copy (text, length, OAI_JSON_STRICT | OAI_JSON_OWN, NULL);
  if (doc == NULL || oai_json_get_type (doc, 0) != OAI_JSON_OBJECT)
    return NULL;

  out = g_string_sized_new (length + 1);
  writer.doc = doc;
  writer.out = out;
  write_value (&writer, 0, edits->len < 64 ? (G_GUINT64_CONSTANT (1) << edits->len) - 1 : G_MAXUINT64, 0);

  return writer.changed ? g_string_free_to_bytes (g_steal_pointer (&out)) : NULL;
}
