/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-record-json-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-equal-private.h"
#include "oai-json-writer-private.h"

/* Values of OaiRecordInfo.has_replies. */
enum
{
  UNKNOWN,
  NO,
  YES
};

static gboolean
find_replies (GType type, GHashTable *seen)
{
  g_autoptr(OaiRecordClass) klass = g_type_class_ref (type);
  const OaiRecordSchema *schema = klass->schema;
  const OaiRecordInfo *info = klass->info;

  if (!g_hash_table_add (seen, GSIZE_TO_POINTER (type)))
    return FALSE;

  for (guint i = 0; i < schema->n_fields; i++)
    {
      if ((schema->fields[i].flags & OAI_FIELD_REPLY) != 0)
        return TRUE;
      if (info->types[i]->content == OAI_FIELD_HOLDS_RECORDS && find_replies (schema->fields[i].item_type (), seen))
        return TRUE;
    }
  for (guint i = 0; i < schema->n_cases; i++)
    if (find_replies (schema->cases[i].type (), seen))
      return TRUE;

  return FALSE;
}

/* Whether a type or a type within it has a REPLY field. */
static gboolean
has_replies (GType type)
{
  g_autoptr(OaiRecordClass) klass = g_type_class_ref (type);
  OaiRecordInfo *info = klass->info;
  g_autoptr(GHashTable) seen = NULL;
  int known;

  if (klass->schema->n_fields == 0 && klass->schema->n_cases == 0)
    return FALSE;
  known = g_atomic_int_get (&info->has_replies);
  if (known != UNKNOWN)
    return known == YES;

  seen = g_hash_table_new (NULL, NULL);
  known = find_replies (type, seen) ? YES : NO;
  g_atomic_int_set (&info->has_replies, known);

  return known == YES;
}

/* Returns whether JSON must be read into records, because members within it may have to be
 * omitted. */
static gboolean
must_load (OaiRecord *self, guint field, OaiWriteFlags flags)
{
  if (oai_record_get_info (self)->types[field]->load == NULL)
    return FALSE;
  if ((flags & (OAI_WRITE_REDACTED | OAI_WRITE_NO_SECRETS)) != 0)
    return TRUE;

  return (flags & OAI_WRITE_SENT) != 0 && oai_record_is_from_server (self) && has_replies (oai_record_get_field (self, field)->item_type ());
}

/* Finds the field of a member whose records are written instead of its JSON. */
static gboolean
find_written_part (OaiRecord *self, guint head, const OaiView *view, OaiWriteFlags flags, guint *field)
{
  const OaiRecordInfo *info = oai_record_get_info (self);
  gboolean load = FALSE;

  for (guint i = head; i < info->ends[head]; i++)
    load = load || must_load (self, i, flags);
  for (guint i = head; i < info->ends[head] && load; i++)
    if (info->types[i]->load != NULL)
      info->types[i]->load (self, i);
  /* The JSON of a reply is written unchanged, unless a nested record was changed. */
  if (!oai_record_is_writable (self) && flags == OAI_WRITE_WHOLE && !oai_record_has_changed_parts (self))
    return FALSE;

  return oai_record_find_part (self, head, view, field);
}

static void
write_view (OaiRecord *self, guint head, const OaiView *view, GString *out, OaiWriteFlags flags)
{
  const OaiRecordInfo *info = oai_record_get_info (self);
  guint field;

  switch (view->kind)
    {
    case OAI_VIEW_VALUE:
      info->types[view->field]->write (oai_record_peek_value (self, view->field), out, flags);
      break;
    case OAI_VIEW_TAG:
      oai_json_write_string (out, view->tag, -1);
      break;
    case OAI_VIEW_NODE:
      if (find_written_part (self, head, view, flags, &field))
        info->types[field]->write (oai_record_peek_value (self, field), out, flags);
      else
        oai_json_write_node (out, view->doc, view->node);
      break;
    case OAI_VIEW_NULL:
    case OAI_VIEW_ABSENT:
    default:
      g_string_append (out, "null");
      break;
    }
}

static void
write_head (OaiRecord *self, guint head, GString *out, OaiWriteFlags flags)
{
  OaiView view;

  if ((flags & OAI_WRITE_REDACTED) != 0 && (oai_record_get_field (self, head)->flags & OAI_FIELD_SECRET) != 0)
    {
      g_string_append (out, "\"***\"");
      return;
    }

  oai_record_view (self, head, &view);
  write_view (self, head, &view, out, flags);
}

/* Returns whether a member is sent.  Members that the program has set are sent.  Members from a
 * server are sent unless they only exist in replies, or are null although requests do not accept
 * null. */
static gboolean
is_sent (OaiRecord *self, guint head)
{
  const OaiField *field = oai_record_get_field (self, head);
  OaiView view;

  if (!oai_record_is_from_server (self) || oai_record_is_head_changed (self, head))
    return TRUE;
  if ((field->flags & OAI_FIELD_REPLY) != 0)
    return FALSE;

  oai_record_view (self, head, &view);

  return view.kind != OAI_VIEW_NULL || (field->flags & OAI_FIELD_NULLABLE) != 0;
}

typedef struct
{
  GString *out;
  OaiWriteFlags flags;
  gboolean first;
} Writing;

static void
write_member (OaiRecord *self, const char *name, int head, OaiJsonDoc *doc, OaiJsonNode node, gpointer user_data)
{
  Writing *writing = user_data;

  if (head >= 0 && (writing->flags & OAI_WRITE_SENT) != 0 && !is_sent (self, (guint) head))
    return;
  if (head >= 0 && (writing->flags & OAI_WRITE_NO_SECRETS) != 0 && (oai_record_get_field (self, head)->flags & OAI_FIELD_SECRET) != 0)
    return;
  if (!writing->first)
    g_string_append_c (writing->out, ',');
  writing->first = FALSE;
  oai_json_write_string (writing->out, name, -1);
  g_string_append_c (writing->out, ':');
  if (head >= 0)
    write_head (self, (guint) head, writing->out, writing->flags);
  else
    oai_json_write_node (writing->out, doc, node);
}

static void
note_member (OaiRecord *self, const char *name, int head, OaiJsonDoc *doc, OaiJsonNode node, gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

static gboolean
has_members (OaiRecord *self)
{
  gboolean found = FALSE;

  oai_record_foreach_member (self, note_member, &found);

  return found;
}

void
oai_record_write (OaiRecord *self, GString *out, OaiWriteFlags flags)
{
  Writing writing = { out, flags, TRUE };
  OaiRecordVisit visit;
  OaiJsonDoc *doc;
  OaiJsonNode node;

  /* The record was created from an element of a list that is not an object. */
  if (oai_record_get_source (self, &doc, &node) && oai_json_get_type (doc, node) != OAI_JSON_OBJECT && !has_members (self))
    {
      oai_json_write_node (out, doc, node);
      return;
    }

  if (!oai_record_enter (self, &visit))
    {
      oai_record_warn_of_nesting (self);
      g_string_append (out, "null");
      return;
    }
  g_string_append_c (out, '{');
  oai_record_foreach_member (self, write_member, &writing);
  g_string_append_c (out, '}');
  oai_record_leave (&visit);
}

/**
 * oai_record_new_from_json:
 * @type: the type of the record, such as `OAI_TYPE_CHAT_MESSAGE`
 * @json: a JSON object
 * @error: return location for an error
 *
 * Creates a record from JSON text. If the type is a union, such as [class@Oai.ChatContentPart], the
 * tag selects the type of the record.
 *
 * Returns: (transfer full): the record, or %NULL with %OAI_ERROR_INVALID_ARGUMENT if the text is not
 *   a JSON object
 *
 * Since: 1.0
 */
OaiRecord *
oai_record_new_from_json (GType type, const char *json, GError **error)
{
  g_autoptr(GError) local_error = NULL;
  g_autoptr(OaiJsonDoc) doc = NULL;
  OaiRecord *self;

  g_return_val_if_fail (g_type_is_a (type, OAI_TYPE_RECORD), NULL);
  g_return_val_if_fail (json != NULL, NULL);

  doc = oai_json_doc_new_copy (json, -1, OAI_JSON_STRICT, &local_error);
  if (doc == NULL)
    {
      /* Translators: the first %s is the name of a type, the second what is wrong with the text. */
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The text for a %s is not JSON: %s"), g_type_name (type), local_error->message);
      return NULL;
    }
  if (oai_json_get_type (doc, 0) != OAI_JSON_OBJECT)
    {
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The text for a %s is not a JSON object"), g_type_name (type));
      return NULL;
    }

  self = oai_record_new_from_doc (type, doc, 0, NULL, NULL);
  oai_record_set_from_program (self);

  return self;
}

static char *
to_text (OaiRecord *self, OaiWriteFlags flags)
{
  GString *out = g_string_new (NULL);

  oai_record_write (self, out, flags);

  return g_string_free (out, FALSE);
}

/**
 * oai_record_to_json:
 * @self: a record
 *
 * Gets the record as JSON text, including the members that this library does not know.
 *
 * Returns: (transfer full): JSON text
 *
 * Since: 1.0
 */
char *
oai_record_to_json (OaiRecord *self)
{
  g_return_val_if_fail (OAI_IS_RECORD (self), NULL);

  return to_text (self, OAI_WRITE_WHOLE);
}

/**
 * oai_record_to_string:
 * @self: a record
 *
 * Gets the record as text for people and logs: JSON in which secrets are replaced with `***`.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *
oai_record_to_string (OaiRecord *self)
{
  g_return_val_if_fail (OAI_IS_RECORD (self), NULL);

  return to_text (self, OAI_WRITE_REDACTED);
}

/**
 * oai_record_dup_member:
 * @self: a record
 * @member: the name of a member in JSON
 *
 * Gets a member of any type as JSON text.
 *
 * Returns: (nullable) (transfer full): JSON text, or %NULL if the member is absent
 *
 * Since: 1.0
 */
char *
oai_record_dup_member (OaiRecord *self, const char *member)
{
  GString *out;
  OaiJsonDoc *doc;
  OaiJsonNode node;
  OaiView view;
  int head;

  g_return_val_if_fail (OAI_IS_RECORD (self), NULL);
  g_return_val_if_fail (member != NULL, NULL);

  head = oai_record_find_member (self, member);
  if (head < 0)
    return oai_record_find_unknown_member (self, member, &doc, &node) ? oai_json_dup_node (doc, node) : NULL;
  oai_record_view (self, (guint) head, &view);
  if (view.kind == OAI_VIEW_ABSENT)
    return NULL;

  out = g_string_new (NULL);
  write_head (self, (guint) head, out, OAI_WRITE_WHOLE);

  return g_string_free (out, FALSE);
}

static OaiJsonDoc *
to_doc (OaiRecord *self)
{
  GString *out = g_string_new (NULL);
  gsize length;

  oai_record_write (self, out, OAI_WRITE_WHOLE);
  length = out->len;

  return oai_json_doc_new_take (g_string_free (out, FALSE), length, OAI_JSON_TOLERANT | OAI_JSON_OWN, NULL);
}

/* Compares the files, which are not part of the JSON. */
static gboolean
has_equal_files (OaiRecord *self, OaiRecord *other)
{
  const OaiRecordInfo *info = oai_record_get_info (self);

  for (guint i = 0; i < oai_record_get_schema (self)->n_fields; i++)
    if (info->types[i]->equal != NULL && !info->types[i]->equal (self, other, i))
      return FALSE;

  return TRUE;
}

/**
 * oai_record_equal:
 * @self: a record
 * @other: another record
 *
 * Gets whether two records have the same type and equal members. Numbers are compared by
 * value, and members in any order. Files are equal if they are the same object.
 *
 * Returns: %TRUE if they are equal
 *
 * Since: 1.0
 */
gboolean
oai_record_equal (OaiRecord *self, OaiRecord *other)
{
  g_autoptr(OaiJsonDoc) a = NULL;
  g_autoptr(OaiJsonDoc) b = NULL;

  g_return_val_if_fail (OAI_IS_RECORD (self), FALSE);
  g_return_val_if_fail (OAI_IS_RECORD (other), FALSE);

  if (self == other)
    return TRUE;
  if (G_OBJECT_TYPE (self) != G_OBJECT_TYPE (other))
    return FALSE;

  a = to_doc (self);
  b = to_doc (other);

  return a != NULL && b != NULL && oai_json_equal (a, 0, b, 0) && has_equal_files (self, other);
}
