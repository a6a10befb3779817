/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-stream-table-private.h"

#include <string.h>

#include "oai-coalescer-private.h"
#include "oai-stream-marshal.h"

/* Copies a row.  The row of a module that was compiled for an older version may be shorter. */
static void
copy_row (gpointer row, gsize size, gconstpointer rows, gsize stride, guint index)
{
  memset (row, 0, size);
  memcpy (row, (const char *) rows + stride * index, MIN (size, stride));
}

/* Signals */

static GType
get_argument_type (const OaiStreamArgument *argument)
{
  switch ((OaiStreamArgumentType) argument->type)
    {
    case OAI_STREAM_ARGUMENT_INDEX:
      return G_TYPE_UINT;
    case OAI_STREAM_ARGUMENT_BYTES:
      return G_TYPE_BYTES;
    case OAI_STREAM_ARGUMENT_RECORD:
      return argument->record_type ();
    case OAI_STREAM_ARGUMENT_STRING:
    case OAI_STREAM_ARGUMENT_JSON:
    default:
      return G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE;
    }
}

/* Sets a marshaller that is faster than libffi, since these signals are frequent. */
static void
set_text_marshaller (guint id, GType type, guint n_indexes)
{
  static const GSignalCVaMarshaller marshallers[] = {
    g_cclosure_marshal_VOID__STRINGv,
    _oai_stream_marshal_VOID__STRING_UINTv,
    _oai_stream_marshal_VOID__STRING_UINT_UINTv,
    _oai_stream_marshal_VOID__STRING_UINT_UINT_UINTv,
  };

  if (n_indexes < G_N_ELEMENTS (marshallers))
    g_signal_set_va_marshaller (id, type, marshallers[n_indexes]);
}

static GClosureMarshal
get_text_marshaller (guint n_indexes)
{
  static const GClosureMarshal marshallers[] = {
    g_cclosure_marshal_VOID__STRING,
    _oai_stream_marshal_VOID__STRING_UINT,
    _oai_stream_marshal_VOID__STRING_UINT_UINT,
    _oai_stream_marshal_VOID__STRING_UINT_UINT_UINT,
  };

  return n_indexes < G_N_ELEMENTS (marshallers) ? marshallers[n_indexes] : NULL;
}

static void
install_signal (OaiTableSignal *self, const OaiStreamSchema *schema, const OaiStreamSignal *signal, GType type)
{
  GType types[OAI_STREAM_MAX_ARGUMENTS];
  GSignalFlags flags = G_SIGNAL_RUN_LAST;

  g_assert (signal->n_arguments <= OAI_STREAM_MAX_ARGUMENTS);
  self->signal = signal;
  self->is_text = signal->n_arguments > 0 && signal->n_arguments <= OAI_STREAM_MAX_INDEXES + 1;
  for (guint i = 0; i < signal->n_arguments; i++)
    {
      copy_row (&self->arguments[i], sizeof *self->arguments, signal->arguments, schema->argument_size, i);
      types[i] = get_argument_type (&self->arguments[i]);
      self->is_text = self->is_text && self->arguments[i].type == (guint32) (i == 0 ? OAI_STREAM_ARGUMENT_STRING : OAI_STREAM_ARGUMENT_INDEX);
    }

  if ((signal->flags & OAI_STREAM_SIGNAL_DEPRECATED) != 0)
    flags |= G_SIGNAL_DEPRECATED;
  self->id = g_signal_newv (signal->name, type, flags, NULL, NULL, NULL,
                            self->is_text ? get_text_marshaller (signal->n_arguments - 1) : NULL,
                            G_TYPE_NONE, signal->n_arguments, types);
  if (self->is_text)
    set_text_marshaller (self->id, type, signal->n_arguments - 1);
}

static void
install_signals (OaiStreamTable *self, GType type)
{
  const OaiStreamSchema *schema = &self->schema;

  self->signals = g_new0 (OaiTableSignal, schema->n_signals);
  for (guint i = 0; i < schema->n_signals; i++)
    {
      OaiStreamSignal *signal = g_new (OaiStreamSignal, 1);

      copy_row (signal, sizeof *signal, schema->signals, schema->signal_size, i);
      install_signal (&self->signals[i], schema, signal, type);
    }
}

/* Rules */

static void
parse_value (OaiTableValue *self, const char *text)
{
  self->in_reply = *text == '=';
  if (self->in_reply)
    text++;
  self->is_last = *text == '\0' || strcmp (text, ".") == 0;
  oai_path_init (&self->path, text);
}

/* Parses "{a,b}", "*" or a path. */
static void
parse_source (OaiTableRule *self, const char *source)
{
  g_autofree char *names = NULL;

  if (source != NULL && *source == '{')
    {
      names = g_strndup (source + 1, strlen (source) - 2);
      self->only = g_strsplit (names, ",", -1);
    }
  else if (g_strcmp0 (source, "*") != 0)
    {
      oai_path_init (&self->source, source);
    }
}

static void
parse_rule (OaiTableRule *self, const OaiStreamRule *rule, const OaiTableSignal *signals)
{
  self->verb = rule->verb;
  self->flags = rule->flags;
  self->number = rule->number;
  self->function = rule->function;
  parse_source (self, rule->source);
  oai_path_init (&self->target, rule->target);
  if (rule->verb == OAI_STREAM_EMIT)
    for (guint i = 0; i < signals[rule->number].signal->n_arguments; i++)
      parse_value (&self->values[i], rule->values[i]);
}

/* Lists the members that the rules name, for the rule with "*". */
static char **
list_named (const OaiTableRule *rules, guint n_rules, const char *tag)
{
  GStrvBuilder *names = g_strv_builder_new ();
  char **list;

  if (tag != NULL)
    g_strv_builder_add (names, tag);
  for (guint i = 0; i < n_rules; i++)
    {
      if (rules[i].only != NULL)
        g_strv_builder_addv (names, (const char **) rules[i].only);
      else if (rules[i].source.n_steps > 0)
        g_strv_builder_add (names, rules[i].source.steps[0].name);
      if (rules[i].verb == OAI_STREAM_EACH)
        i += rules[i].number;
    }
  list = g_strv_builder_end (names);
  g_strv_builder_unref (names);

  return list;
}

static void
set_exceptions (OaiTableRule *rules, guint n_rules, const OaiStreamRule *rows, gsize stride, const char *tag)
{
  for (guint i = 0; i < n_rules; i++)
    {
      OaiStreamRule row;

      copy_row (&row, sizeof row, rows, stride, i);
      if (row.source != NULL && strcmp (row.source, "*") == 0)
        rules[i].except = list_named (rules, n_rules, tag);
      if (row.verb != OAI_STREAM_EACH)
        continue;
      set_exceptions (rules + i + 1, row.number, (gconstpointer) ((const char *) rows + stride * (i + 1)), stride, NULL);
      i += row.number;
    }
}

static void
parse_event (OaiTableEvent *self, const OaiStreamEvent *event, const OaiStreamTable *table)
{
  self->name = event->name;
  self->flags = event->flags;
  self->n_rules = event->n_rules;
  self->rules = g_new0 (OaiTableRule, event->n_rules);
  for (guint i = 0; i < event->n_rules; i++)
    {
      OaiStreamRule rule;

      copy_row (&rule, sizeof rule, event->rules, table->schema.rule_size, i);
      parse_rule (&self->rules[i], &rule, table->signals);
    }
  set_exceptions (self->rules, self->n_rules, event->rules, table->schema.rule_size, table->schema.tag);
}

static void
parse_events (OaiStreamTable *self)
{
  const OaiStreamSchema *schema = &self->schema;

  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->events = g_new0 (OaiTableEvent, schema->n_events);
  for (guint i = 0; i < schema->n_events; i++)
    {
      OaiStreamEvent event;

      copy_row (&event, sizeof event, schema->events, schema->event_size, i);
      parse_event (&self->events[i], &event, self);
      if (event.name == NULL)
        self->any = &self->events[i];
      else
        g_hash_table_insert (self->by_name, (char *) event.name, &self->events[i]);
    }
  if (schema->n_events == 1 && self->any != NULL && self->any->n_rules == 1)
    self->only_function = self->any->rules[0].function;
}

OaiStreamTable *
oai_stream_table_new (const OaiStreamSchema *schema, GType type)
{
  OaiStreamTable *self = g_new0 (OaiStreamTable, 1);

  copy_row (&self->schema, sizeof self->schema, schema, schema->size, 0);
  install_signals (self, type);
  parse_events (self);
  oai_path_init (&self->result, self->schema.result);
  oai_path_init (&self->finished, self->schema.finished);
  oai_path_init (&self->chunk, self->schema.chunk);
  oai_path_init (&self->whole, self->schema.whole);

  return self;
}

static gboolean
matches (const char *pattern, const char *name)
{
  gsize length = strlen (pattern);

  if (*pattern == '*')
    return g_str_has_suffix (name, pattern + 1);

  return length > 0 && pattern[length - 1] == '*' && strncmp (pattern, name, length - 1) == 0;
}

const OaiTableEvent *
oai_stream_table_find (const OaiStreamTable *self, const char *name)
{
  const OaiTableEvent *event = name != NULL ? g_hash_table_lookup (self->by_name, name) : NULL;

  if (event != NULL || name == NULL)
    return event != NULL ? event : self->any;

  for (guint i = 0; i < self->schema.n_events; i++)
    if (self->events[i].name != NULL && matches (self->events[i].name, name))
      return &self->events[i];

  return self->any;
}

const char *
oai_stream_table_get_name (const OaiStreamTable *self, const char *name, OaiJsonDoc *doc, OaiJsonNode event)
{
  const char *tag = self->schema.tag != NULL ? oai_json_get_string (doc, oai_json_get_member (doc, event, self->schema.tag), NULL) : NULL;

  return tag != NULL ? tag : name;
}

static gboolean
has_object (const OaiPath *path, OaiJsonDoc *doc)
{
  return path->n_steps > 0 && oai_json_get_type (doc, oai_path_get_node (path, doc, 0)) == OAI_JSON_OBJECT;
}

gboolean
oai_stream_table_is_chunk (const OaiStreamTable *self, OaiJsonDoc *doc)
{
  const char *name = oai_stream_table_get_name (self, NULL, doc, 0);

  if (self->schema.tag != NULL && name != NULL && oai_stream_table_find (self, name) != NULL)
    return TRUE;

  return has_object (&self->chunk, doc) && !has_object (&self->whole, doc);
}
