/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-stream-folder-private.h"

#include "oai-base64-private.h"
#include "oai-delta-fold-private.h"
#include "oai-emit-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-json-builder-private.h"
#include "oai-json-writer-private.h"
#include "oai-mime-private.h"
#include "oai-record-private.h"

/* The state while the rules of an event are applied. */
typedef struct
{
  OaiStreamFolder *folder;
  OaiJsonDoc *doc;
  OaiJsonNode event;   /* or its element that EACH handles */
  const char *name;    /* of the event, or NULL */
  guint position;      /* index of the element; 0 for an event */
  OaiJsonValue *reply; /* or its element */
  OaiJsonNode source;  /* of the last verb; OAI_JSON_NONE if the event has no such value */
  OaiJsonValue *target;
  gboolean was_set;    /* the target had a value before */
} Folding;

void
oai_stream_folder_init (OaiStreamFolder *self, const OaiStreamTable *table, gpointer stream)
{
  const char *initial = table->schema.initial;
  g_autoptr(OaiJsonDoc) doc = initial != NULL ? oai_json_doc_new_copy (initial, -1, 0, NULL) : NULL;

  self->table = table;
  self->stream = stream;
  self->reply = doc != NULL ? oai_json_value_new_from_node (doc, 0) : oai_json_value_new_object ();
}

void
oai_stream_folder_clear (OaiStreamFolder *self)
{
  oai_coalescer_clear (&self->coalescer);
  g_clear_pointer (&self->reply, oai_json_value_free);
}

/* Signals */

gboolean
oai_stream_folder_wants (OaiStreamFolder *self, guint signal)
{
  return !self->silent && g_signal_handler_find (self->stream, G_SIGNAL_MATCH_ID | G_SIGNAL_MATCH_UNBLOCKED, self->table->signals[signal].id, 0, NULL, NULL, NULL) != 0;
}

static OaiRecord *
new_record (OaiStreamFolder *self, GType type, const char *json)
{
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (json, -1, OAI_JSON_TOLERANT | OAI_JSON_OWN, NULL);

  return doc != NULL ? oai_record_new_from_doc (type, doc, 0, self->client, self->call) : NULL;
}

OaiRecord *
oai_stream_folder_new_record (OaiStreamFolder *self, GType type, OaiJsonValue *value)
{
  g_autoptr(OaiJsonDoc) doc = value != NULL ? oai_json_doc_new_from_value (value) : NULL;

  return doc != NULL ? oai_record_new_from_doc (type, doc, 0, self->client, self->call) : NULL;
}

static OaiJsonNode
get_value_node (Folding *f, const OaiTableValue *value)
{
  return value->is_last ? f->source : oai_path_get_node (&value->path, f->doc, f->event);
}

static OaiJsonValue *
get_reply_value (Folding *f, const OaiTableValue *value)
{
  return value->is_last ? f->target : oai_path_get_value (&value->path, f->reply, f->doc, f->event);
}

static const char *
get_text (Folding *f, const OaiTableValue *value, gsize *length)
{
  return value->in_reply ? oai_json_value_get_string (get_reply_value (f, value), length) : oai_json_get_string (f->doc, get_value_node (f, value), length);
}

static char *
dup_json (Folding *f, const OaiTableValue *value)
{
  GString *json = g_string_new (NULL);

  if (value->in_reply && get_reply_value (f, value) != NULL)
    oai_json_write_value (json, get_reply_value (f, value));
  else if (!value->in_reply)
    oai_json_write_node (json, f->doc, get_value_node (f, value));

  return g_string_free (json, FALSE);
}

static GBytes *
dup_bytes (Folding *f, const OaiTableValue *value, GError **error)
{
  gsize length = 0;
  const char *text = get_text (f, value, &length);
  GBytes *bytes;

  if (text == NULL || length == 0)
    return NULL;

  bytes = g_str_has_prefix (text, "data:") ? oai_data_url_parse (text, NULL, NULL) : oai_base64_decode (text, length, NULL);
  if (bytes == NULL)
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("The server sent Base64 that is invalid"));

  return bytes;
}

/* Returns FALSE without error if the event has no such value. */
static gboolean
set_argument (Folding *f, GValue *argument, const OaiStreamArgument *row, const OaiTableValue *value, GError **error)
{
  g_autofree char *json = NULL;
  guint index = 0;

  switch ((OaiStreamArgumentType) row->type)
    {
    case OAI_STREAM_ARGUMENT_INDEX:
      g_value_init (argument, G_TYPE_UINT);
      if (!oai_path_read_index (f->doc, get_value_node (f, value), f->position, &index, error))
        return FALSE;
      g_value_set_uint (argument, index);
      return TRUE;
    case OAI_STREAM_ARGUMENT_BYTES:
      g_value_init (argument, G_TYPE_BYTES);
      g_value_take_boxed (argument, dup_bytes (f, value, error));
      return g_value_get_boxed (argument) != NULL;
    case OAI_STREAM_ARGUMENT_RECORD:
      g_value_init (argument, row->record_type ());
      json = dup_json (f, value);
      g_value_take_object (argument, new_record (f->folder, row->record_type (), json));
      return g_value_get_object (argument) != NULL;
    case OAI_STREAM_ARGUMENT_JSON:
      g_value_init (argument, G_TYPE_STRING);
      g_value_take_string (argument, dup_json (f, value));
      return TRUE;
    case OAI_STREAM_ARGUMENT_STRING:
    default:
      g_value_init (argument, G_TYPE_STRING);
      g_value_set_string (argument, get_text (f, value, NULL));
      return TRUE;
    }
}

static gboolean
emit_values (Folding *f, const OaiTableSignal *signal, const OaiTableRule *rule, GError **error)
{
  GValue values[OAI_STREAM_MAX_ARGUMENTS + 1] = { G_VALUE_INIT };
  guint n = signal->signal->n_arguments;
  GError *failure = NULL;
  guint n_set = 0;
  gboolean present = TRUE;

  while (present && n_set < n)
    {
      present = set_argument (f, &values[n_set + 1], &signal->arguments[n_set], &rule->values[n_set], &failure);
      n_set++;
    }
  if (present)
    {
      oai_coalescer_flush (&f->folder->coalescer);
      g_value_init (&values[0], G_OBJECT_TYPE (f->folder->stream));
      g_value_set_object (&values[0], f->folder->stream);
      oai_emit_values (values, signal->id);
      g_value_unset (&values[0]);
    }
  for (guint i = 1; i <= n_set; i++)
    g_value_unset (&values[i]);
  if (failure != NULL)
    g_propagate_error (error, failure);

  return failure == NULL;
}

static gboolean
emit_text (Folding *f, const OaiTableSignal *signal, const OaiTableRule *rule, GError **error)
{
  guint indexes[OAI_STREAM_MAX_INDEXES] = { 0 };
  gsize length = 0;
  const char *text = get_text (f, &rule->values[0], &length);

  if (text == NULL)
    return TRUE;
  for (guint i = 1; i < signal->signal->n_arguments; i++)
    if (!oai_path_read_index (f->doc, get_value_node (f, &rule->values[i]), f->position, &indexes[i - 1], error))
      return FALSE;

  if ((signal->signal->flags & OAI_STREAM_SIGNAL_COALESCED) == 0)
    oai_coalescer_flush (&f->folder->coalescer);
  if ((signal->signal->flags & OAI_STREAM_SIGNAL_COALESCED) != 0)
    oai_coalescer_add (&f->folder->coalescer, signal->id, text, length, indexes);
  else
    oai_emit (f->folder->stream, signal->id, 0, text, indexes[0], indexes[1], indexes[2], indexes[3]);

  return TRUE;
}

static gboolean
is_empty_text (Folding *f)
{
  const char *text = oai_json_get_string (f->doc, f->source, NULL);

  return text != NULL && *text == '\0';
}

static gboolean
emit (Folding *f, const OaiTableRule *rule, GError **error)
{
  const OaiTableSignal *signal = &f->folder->table->signals[rule->number];

  if (f->folder->silent || f->source == OAI_JSON_NONE || is_empty_text (f) || ((rule->flags & OAI_STREAM_RULE_ONCE) != 0 && f->was_set))
    return TRUE;
  if (signal->is_text)
    return emit_text (f, signal, rule, error);

  return !oai_stream_folder_wants (f->folder, rule->number) || emit_values (f, signal, rule, error);
}

/* Put and fold */

static gboolean
has_value (OaiJsonValue *value)
{
  gsize length = 1;

  if (oai_json_value_get_type (value) == OAI_JSON_STRING)
    oai_json_value_get_string (value, &length);

  return length > 0 && oai_json_value_get_type (value) > OAI_JSON_NULL;
}

static gboolean
says_nothing (OaiJsonDoc *doc, OaiJsonNode value)
{
  return oai_json_get_type (doc, value) <= OAI_JSON_NULL || (oai_json_get_type (doc, value) == OAI_JSON_ARRAY && oai_json_get_size (doc, value) == 0);
}

/* Copies several members of the event to the target. */
static gboolean
put_members (Folding *f, const OaiTableRule *rule, GError **error)
{
  OaiJsonIter iter;
  const char *name;
  OaiJsonNode value;

  f->source = f->event;
  oai_json_iter_init_members (&iter, f->doc, f->event);
  while (oai_json_iter_next (&iter, &name, &value))
    {
      gboolean named = g_strv_contains ((const char *const *) (rule->only != NULL ? rule->only : rule->except), name);
      OaiJsonValue *member;

      if (named != (rule->only != NULL) || says_nothing (f->doc, value))
        continue;
      member = rule->verb == OAI_STREAM_FOLD ? oai_json_value_get_member (f->target, name) : NULL;
      if (member == NULL)
        oai_json_value_set_member (f->target, name, oai_json_value_new_from_node (f->doc, value));
      else if (!oai_delta_fold_known (member, f->doc, value, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
put (Folding *f, const OaiTableRule *rule, GError **error)
{
  const OaiPath *target = rule->verb == OAI_STREAM_RESULT ? &f->folder->table->result : &rule->target;
  gboolean several = rule->only != NULL || rule->except != NULL;
  gboolean made;

  f->source = several ? f->event : oai_path_get_node (&rule->source, f->doc, f->event);
  if (says_nothing (f->doc, f->source))
    {
      f->source = OAI_JSON_NONE;
      return TRUE;
    }

  f->target = oai_path_ensure_value (target, f->reply, f->doc, f->event, f->position, &made, error);
  if (f->target == NULL)
    return FALSE;
  f->was_set = !made && has_value (f->target);
  if (several)
    return put_members (f, rule, error);
  if (rule->verb == OAI_STREAM_FOLD)
    return oai_delta_fold_known (f->target, f->doc, f->source, error);

  oai_json_value_assign (f->target, oai_json_value_new_from_node (f->doc, f->source));

  return TRUE;
}

/* Rules */

static gboolean apply (Folding *f, const OaiTableRule *rules, guint n_rules, GError **error);

static gboolean
apply_to_each (Folding *f, const OaiTableRule *rule, GError **error)
{
  OaiJsonIter iter;
  OaiJsonNode element;
  guint position = 0;
  gboolean made;

  oai_json_iter_init (&iter, f->doc, oai_path_get_node (&rule->source, f->doc, f->event));
  while (oai_json_iter_next (&iter, NULL, &element))
    {
      Folding inner = { .folder = f->folder, .name = f->name, .doc = f->doc, .event = element, .position = position++ };

      inner.reply = oai_path_ensure_value (&rule->target, f->reply, f->doc, element, inner.position, &made, error);
      if (inner.reply == NULL || !apply (&inner, rule + 1, rule->number, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
apply (Folding *f, const OaiTableRule *rules, guint n_rules, GError **error)
{
  f->source = f->event;
  for (guint i = 0; i < n_rules; i++)
    {
      const OaiTableRule *rule = &rules[i];
      gboolean applied;

      if (rule->verb == OAI_STREAM_EACH)
        applied = apply_to_each (f, rule, error);
      else if (rule->verb == OAI_STREAM_EMIT)
        applied = emit (f, rule, error);
      else if (rule->verb == OAI_STREAM_CALL)
        applied = rule->function (f->folder->stream, f->name, f->doc, f->event, error);
      else
        applied = put (f, rule, error);
      if (!applied)
        return FALSE;
      i += rule->verb == OAI_STREAM_EACH ? rule->number : 0;
    }

  return TRUE;
}

gboolean
oai_stream_folder_add (OaiStreamFolder *self, const char *name, OaiJsonDoc *doc, OaiJsonNode event, GError **error)
{
  const OaiTableEvent *row;
  Folding f;

  if (oai_json_get_type (doc, event) != OAI_JSON_OBJECT)
    return TRUE;

  self->begun = TRUE;
  /* A fast path for schemas that call one function for all events. */
  if (self->table->only_function != NULL)
    return self->table->only_function (self->stream, name, doc, event, error);

  f = (Folding) { .folder = self, .doc = doc, .event = event, .reply = self->reply };
  f.name = oai_stream_table_get_name (self->table, name, doc, event);
  row = oai_stream_table_find (self->table, f.name);
  if (row == NULL)
    return TRUE;
  if (!apply (&f, row->rules, row->n_rules, error))
    return FALSE;
  self->ended = self->ended || (row->flags & OAI_STREAM_EVENT_END) != 0;

  return TRUE;
}

gboolean
oai_stream_folder_is_finished (OaiStreamFolder *self)
{
  return self->ended || (self->table->finished.n_steps > 0 && oai_path_is_filled (&self->table->finished, self->reply));
}

void
oai_stream_folder_set_result (OaiStreamFolder *self, OaiJsonValue *value)
{
  gboolean made;

  oai_json_value_assign (oai_path_ensure_value (&self->table->result, self->reply, NULL, OAI_JSON_NONE, 0, &made, NULL), value);
}

OaiRecord *
oai_stream_folder_dup_result (OaiStreamFolder *self)
{
  if (!self->begun && self->table->schema.initial == NULL)
    return NULL;

  return oai_stream_folder_new_record (self, self->table->schema.result_type (), oai_path_get_value (&self->table->result, self->reply, NULL, OAI_JSON_NONE));
}
