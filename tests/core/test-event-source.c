/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A stream over a source of events that is no HTTP, and a class of streams by a schema of its own. */

#include "oai-call-private.h"
#include "oai-error.h"
#include "oai-stream-private.h"
#include "record-types.h"

#include <string.h>

/* A source of events in memory */

typedef struct
{
  OaiEventSource parent;

  GQueue events;              /* "name\0data" */
  char *current;
  OaiEventSourceStatus end;   /* OAI_EVENT_SOURCE_WAIT as long as more events may come */
  gboolean paused;
  guint n_resumed;
  gboolean *finished;
  gboolean *closed;
} MemorySource;

static void
memory_source_report (MemorySource *self)
{
  if (!self->paused)
    self->paused = !self->parent.listener->ready (&self->parent, self->parent.user_data);
}

static void
memory_source_add (MemorySource *self, const char *name, const char *json)
{
  gsize length = strlen (name) + strlen (json) + 2;
  char *event = g_malloc (length);

  strcpy (event, name);
  strcpy (event + strlen (name) + 1, json);
  g_queue_push_tail (&self->events, event);
}

static void
memory_source_prepare (OaiEventSource *source)
{
  source->call = oai_call_new ("test", "GET", "memory:");
}

static gboolean
report_cb (gpointer user_data)
{
  OaiEventSource *source = user_data;

  if (source->listener != NULL)
    memory_source_report ((MemorySource *) source);
  oai_event_source_unref (source);

  return G_SOURCE_REMOVE;
}

static void
memory_source_start (OaiEventSource *source, GCancellable *cancellable)
{
  g_idle_add (report_cb, oai_event_source_ref (source));
}

static OaiEventSourceStatus
memory_source_next (OaiEventSource *source, OaiEvent *event, GError **error)
{
  MemorySource *self = (MemorySource *) source;

  g_free (self->current);
  self->current = g_queue_pop_head (&self->events);
  if (self->current == NULL)
    return self->end;

  *event = (OaiEvent) { .name = self->current, .data = self->current + strlen (self->current) + 1 };
  event->length = strlen (event->data);

  return OAI_EVENT_SOURCE_EVENT;
}

static void
memory_source_resume (OaiEventSource *source, GCancellable *cancellable)
{
  MemorySource *self = (MemorySource *) source;

  self->n_resumed++;
  self->paused = FALSE;
  g_idle_add (report_cb, oai_event_source_ref (source));
}

static void
memory_source_finish (OaiEventSource *source, GError *error)
{
  *((MemorySource *) source)->finished = TRUE;
}

static void
memory_source_close (OaiEventSource *source, const GError *error)
{
  *((MemorySource *) source)->closed = TRUE;
}

static void
memory_source_free (OaiEventSource *source)
{
  MemorySource *self = (MemorySource *) source;

  g_queue_clear_full (&self->events, g_free);
  g_free (self->current);
}

static const OaiEventSourceClass memory_source_class = {
  memory_source_prepare, memory_source_start, memory_source_next, memory_source_resume,
  memory_source_finish, memory_source_close, memory_source_free,
};

/* A class of streams: messages of several texts */

typedef struct
{
  OaiStream parent;
} TestStream;

typedef struct
{
  OaiStreamClass parent_class;
} TestStreamClass;

GType test_stream_get_type (void);
G_DEFINE_TYPE (TestStream, test_stream, OAI_TYPE_STREAM)

static const OaiStreamArgument text_arguments[] = { { OAI_STREAM_ARGUMENT_STRING, NULL }, { OAI_STREAM_ARGUMENT_INDEX, NULL }, { OAI_STREAM_ARGUMENT_INDEX, NULL } };
static const OaiStreamArgument item_arguments[] = { { OAI_STREAM_ARGUMENT_RECORD, test_usage_get_type }, { OAI_STREAM_ARGUMENT_BYTES, NULL }, { OAI_STREAM_ARGUMENT_JSON, NULL } };

static const OaiStreamSignal test_signals[] = {
  { "text", OAI_STREAM_SIGNAL_COALESCED, 3, text_arguments },
  { "item", OAI_STREAM_SIGNAL_NONE, 3, item_arguments },
  { "old", OAI_STREAM_SIGNAL_DEPRECATED, 0, NULL },
};

static const OaiStreamRule text_rules[] = {
  { .verb = OAI_STREAM_FOLD, .source = "delta", .target = "output[#output_index].content[#content_index].text" },
  { .verb = OAI_STREAM_EMIT, .number = 0, .values = (const char *const[]) { ".", "output_index", "content_index" } },
};

static const OaiStreamRule item_rules[] = {
  { .verb = OAI_STREAM_PUT, .source = "item", .target = "items[id]" },
  { .verb = OAI_STREAM_EMIT, .flags = OAI_STREAM_RULE_ONCE, .number = 1, .values = (const char *const[]) { "=", "data", "." } },
};

static const OaiStreamRule choice_rules[] = {
  { .verb = OAI_STREAM_EACH, .number = 2, .source = "choices", .target = "choices[index]" },
  { .verb = OAI_STREAM_FOLD, .source = "tokens", .target = "tokens" },
  { .verb = OAI_STREAM_PUT, .source = "*" },
  { .verb = OAI_STREAM_PUT, .source = "*" },
};

static const OaiStreamRule result_rules[] = {
  { .verb = OAI_STREAM_PUT, .source = "{unit,total}", .target = "usage" },
};

static const OaiStreamEvent test_events[] = {
  { "text.delta", OAI_STREAM_EVENT_NONE, G_N_ELEMENTS (text_rules), text_rules },
  { "item.*", OAI_STREAM_EVENT_NONE, G_N_ELEMENTS (item_rules), item_rules },
  { "*.done", OAI_STREAM_EVENT_END, G_N_ELEMENTS (result_rules), result_rules },
  { NULL, OAI_STREAM_EVENT_NONE, G_N_ELEMENTS (choice_rules), choice_rules },
};

static const OaiStreamSchema test_schema = {
  OAI_STREAM_SCHEMA_SIZES,
  .signals = test_signals,
  .n_signals = G_N_ELEMENTS (test_signals),
  .events = test_events,
  .n_events = G_N_ELEMENTS (test_events),
  .result_type = test_usage_get_type,
};

static void
test_stream_class_init (TestStreamClass *klass)
{
  oai_stream_class_set_schema (OAI_STREAM_CLASS (klass), &test_schema);
}

static void
test_stream_init (TestStream *self)
{
}

typedef struct
{
  MemorySource *source;
  OaiStream *stream;
  GString *log;
  gboolean finished;
  gboolean closed;
} Fixture;

static void
on_text (OaiStream *stream, const char *text, guint output, guint content, GString *log)
{
  g_string_append_printf (log, "%s@%u.%u ", text, output, content);
}

static void
on_item (OaiStream *stream, OaiRecord *item, GBytes *bytes, const char *json, GString *log)
{
  g_string_append_printf (log, "item:%s:%.*s ", oai_record_get_field_string (item, USAGE_UNIT), (int) g_bytes_get_size (bytes), (const char *) g_bytes_get_data (bytes, NULL));
}

static void
set_up (Fixture *self, gconstpointer user_data)
{
  self->source = g_new0 (MemorySource, 1);
  self->source->parent.klass = &memory_source_class;
  self->source->parent.ref_count = 1;
  self->source->end = OAI_EVENT_SOURCE_WAIT;
  self->source->finished = &self->finished;
  self->source->closed = &self->closed;
  self->log = g_string_new (NULL);
  self->stream = oai_stream_new (test_stream_get_type (), NULL, &self->source->parent, test_usage_get_type (), NULL);
  g_signal_connect (self->stream, "text", G_CALLBACK (on_text), self->log);
  g_signal_connect (self->stream, "item", G_CALLBACK (on_item), self->log);
}

static void
tear_down (Fixture *self, gconstpointer user_data)
{
  g_object_unref (self->stream);
  g_string_free (self->log, TRUE);
}

static void
store_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_set_object ((GAsyncResult **) user_data, result);
}

static OaiRecord *
run (Fixture *self, GError **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  oai_stream_run_async (self->stream, NULL, store_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);

  return oai_stream_run_finish (self->stream, result, error);
}

#define TEXT(delta, output, content) "{\"delta\":\"" delta "\",\"output_index\":" #output ",\"content_index\":" #content "}"
#define ITEM "{\"item\":{\"id\":\"a\",\"unit\":\"cm\"},\"id\":\"a\",\"data\":\"SGk=\"}"

static void
test_folded (Fixture *self, gconstpointer user_data)
{
  g_autoptr(OaiRecord) result = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *json = NULL;

  memory_source_add (self->source, "text.delta", TEXT ("Hel", 0, 1));
  memory_source_add (self->source, "text.delta", TEXT ("lo", 0, 1));
  memory_source_add (self->source, "item.added", ITEM);
  memory_source_add (self->source, "item.changed", ITEM);
  memory_source_add (self->source, "other", "{\"choices\":[{\"index\":3,\"tokens\":[1],\"x\":1}],\"y\":null,\"z\":2}");
  memory_source_add (self->source, "other", "{\"choices\":[{\"index\":1},{\"index\":3,\"tokens\":[2],\"x\":2}]}");
  memory_source_add (self->source, "all.done", "{\"total\":7,\"unit\":\"m\",\"more\":1}");
  self->source->end = OAI_EVENT_SOURCE_EOF;
  result = run (self, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (self->log->str, ==, "Hel@0.1 lo@0.1 item:cm:Hi ");
  json = oai_record_to_json (result);
  g_assert_cmpstr (json, ==,
                   "{\"output\":[{\"content\":[{},{\"text\":\"Hello\"}]}],\"items\":[{\"id\":\"a\",\"unit\":\"cm\"}],"
                   "\"choices\":[{\"index\":1},{\"index\":3,\"tokens\":[1,2],\"x\":2}],\"z\":2,\"usage\":{\"total\":7,\"unit\":\"m\"}}");
  g_assert_true (self->finished);
  g_assert_false (self->closed);
}

static void
test_coalesced (Fixture *self, gconstpointer user_data)
{
  g_autoptr(OaiRecord) result = NULL;
  g_autoptr(GError) error = NULL;

  oai_stream_set_coalesce_interval_ms (self->stream, 60000);
  memory_source_add (self->source, "text.delta", TEXT ("a", 0, 0));
  memory_source_add (self->source, "text.delta", TEXT ("b", 0, 0));
  memory_source_add (self->source, "text.delta", TEXT ("c", 0, 1));
  memory_source_add (self->source, "item.added", ITEM);
  memory_source_add (self->source, "text.delta", TEXT ("d", 1, 0));
  memory_source_add (self->source, "done", "{}");
  self->source->end = OAI_EVENT_SOURCE_DONE;
  result = run (self, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (self->log->str, ==, "ab@0.0 c@0.1 item:cm:Hi d@1.0 ");
}

static void
test_incomplete (Fixture *self, gconstpointer user_data)
{
  g_autoptr(OaiRecord) result = NULL;
  g_autoptr(GError) error = NULL;

  memory_source_add (self->source, "text.delta", TEXT ("a", 0, 0));
  self->source->end = OAI_EVENT_SOURCE_EOF;
  result = run (self, &error);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_INCOMPLETE);
  g_assert_null (result);
}

static void
test_invalid (Fixture *self, gconstpointer user_data)
{
  const char *event = user_data;
  g_autoptr(OaiRecord) result = NULL;
  g_autoptr(GError) error = NULL;

  memory_source_add (self->source, strstr (event, "delta") != NULL ? "text.delta" : "item.added", event);
  result = run (self, &error);
  g_assert_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL);
  g_assert_null (result);
  g_assert_true (self->finished);
}

static OaiRecord *
pull (Fixture *self)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  OaiRecord *chunk;

  oai_stream_next_async (self->stream, NULL, store_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  chunk = oai_stream_next_finish (self->stream, result, &error);
  g_assert_no_error (error);

  return chunk;
}

/* The source pauses until the next chunk is requested. */
static void
test_pulled (Fixture *self, gconstpointer user_data)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(OaiRecord) chunk = NULL;

      memory_source_add (self->source, "text.delta", TEXT ("a", 0, 0));
      chunk = pull (self);
      g_assert_nonnull (chunk);
      g_assert_true (self->source->paused);
    }
  g_assert_cmpuint (self->source->n_resumed, <=, 1);
  g_assert_cmpstr (self->log->str, ==, "a@0.0 a@0.0 ");
}

static void
test_closed (Fixture *self, gconstpointer user_data)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(OaiRecord) record = NULL;
  g_autoptr(GError) error = NULL;

  oai_stream_run_async (self->stream, NULL, store_cb, &result);
  oai_stream_close (self->stream);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  record = oai_stream_run_finish (self->stream, result, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (self->closed);
}

static void
test_deprecated_signals_are_marked (void)
{
  GTypeClass *klass = g_type_class_ref (test_stream_get_type ());
  GSignalQuery query;

  g_signal_query (g_signal_lookup ("old", test_stream_get_type ()), &query);
  g_assert_cmphex (query.signal_flags & G_SIGNAL_DEPRECATED, !=, 0);
  g_signal_query (g_signal_lookup ("item", test_stream_get_type ()), &query);
  g_assert_cmphex (query.signal_flags & G_SIGNAL_DEPRECATED, ==, 0);
  g_type_class_unref (klass);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/event-source/folded", Fixture, NULL, set_up, test_folded, tear_down);
  g_test_add ("/event-source/coalesced", Fixture, NULL, set_up, test_coalesced, tear_down);
  g_test_add ("/event-source/incomplete", Fixture, NULL, set_up, test_incomplete, tear_down);
  g_test_add ("/event-source/position-too-large", Fixture, "{\"delta\":\"a\",\"output_index\":9999,\"content_index\":0}", set_up, test_invalid, tear_down);
  g_test_add ("/event-source/position-that-is-not-a-number", Fixture, "{\"delta\":\"a\",\"output_index\":\"x\"}", set_up, test_invalid, tear_down);
  g_test_add ("/event-source/invalid-base64", Fixture, "{\"item\":{\"id\":\"a\"},\"id\":\"a\",\"data\":\"@@@@\"}", set_up, test_invalid, tear_down);
  g_test_add ("/event-source/pulled", Fixture, NULL, set_up, test_pulled, tear_down);
  g_test_add_func ("/event-source/deprecated-signals-are-marked", test_deprecated_signals_are_marked);
  g_test_add ("/event-source/closed", Fixture, NULL, set_up, test_closed, tear_down);

  return g_test_run ();
}
