/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-stream-private.h"

#include <string.h>

#include "oai-blocking-call-private.h"
#include "oai-call-private.h"
#include "oai-emit-private.h"
#include "oai-error-map-private.h"
#include "oai-event-joiner-private.h"
#include "oai-event-reader-private.h"
#include "oai-http-event-source-private.h"
#include "oai-i18n-private.h"
#include "oai-json-surrogates-private.h"
#include "oai-json-writer-private.h"
#include "oai-owner-thread-private.h"
#include "oai-record-private.h"
#include "oai-reply-body-private.h"
#include "oai-stream-folder-private.h"

/**
 * OaiStream:
 *
 * A reply that arrives in chunks.
 *
 * A method of an endpoint creates a stream. The request is sent when the stream is started, so that
 * the program can connect to signals first. There are two modes:
 *
 * - **Push**: [method@Oai.Stream.run_async] reads the stream to its end and reports events by
 *   signals, in the main context that was the thread's default when it was called:
 *   [signal@Oai.Stream::event] with the raw JSON, [signal@Oai.Stream::chunk]
 *   with a record, and the typed signals of subclasses such as
 *   [signal@Oai.ChatStream::content-delta]. Records are created only if their signal has handlers.
 * - **Pull**: [method@Oai.Stream.next_async] gets one chunk, and reads no more from the network
 *   than necessary.
 *
 * ```c
 * static void
 * on_done (GObject *source, GAsyncResult *result, gpointer user_data)
 * {
 *   g_autoptr(GError) error = NULL;
 *   g_autoptr(OaiRecord) reply = oai_stream_run_finish (OAI_STREAM (source), result, &error);
 *
 *   if (reply == NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
 *     g_warning ("%s", error->message);
 * }
 *
 * g_signal_connect_object (stream, "chunk", G_CALLBACK (on_chunk), widget, 0);
 * oai_stream_run_async (stream, cancellable, on_done, NULL);
 * ```
 *
 * In both modes, the chunks are folded into one record. [method@Oai.Stream.dup_result] returns it
 * at any time, also after an error. A stream that ends before its reply is complete, or within an
 * event, fails with %OAI_ERROR_INCOMPLETE.
 *
 * A server may send one whole reply, as if no stream had been requested. The stream then emits the
 * same signals and returns the same chunks as for events.
 *
 * Cancellation, [method@Oai.Stream.close] and the release of the last reference close the
 * connection at once, so that the server stops generating.
 *
 * Only the thread that starts a stream may use it. Other threads may only close it, or cancel its
 * operation.
 *
 * Since: 1.0
 */

#define DEFAULT_MAX_RESUMES 3

typedef enum
{
  OAI_STREAM_NEW,
  OAI_STREAM_RUNNING,
  OAI_STREAM_OVER
} OaiStreamState;

/* The thread and the main context that read a stream, for other threads that close it. */
typedef struct
{
  OaiOwnerThread *thread;
  GMainContext *context;
} OaiStreamOwner;

/* An event that was created from a whole reply. */
typedef struct
{
  char *name;
  char *json;
} AddedEvent;

typedef struct
{
  OaiClient *client;
  OaiEventSource *source;
  OaiCall *call;
  GType chunk_type;
  gboolean enveloped;    /* a chunk consists of the name and the data of its event */
  GMainContext *context;
  OaiStreamOwner *owner; /* NULL before the stream has started; atomic */
  int closing;           /* whether close() was called, atomic */
  OaiStreamState state;
  OaiEvent event;        /* the current event; its values are folded one after the other; length 0: none */
  OaiEventJoiner joiner; /* delays events whose text ends within a character */
  GQueue added;          /* AddedEvent, to be handled before the next event of the source */
  OaiJsonValue *whole;   /* a whole reply that is the result, or NULL */
  AddedEvent *current;   /* owns the strings of event; or NULL */
  OaiEventSourceStatus end; /* how the source ended; OAI_EVENT_SOURCE_WAIT before its end */
  gboolean folding;      /* an event is being folded; signal handlers may run */
  gboolean trying;       /* try_next() handles an event; signal handlers may run */
  guint max_size;        /* limit of size; 0 for no limit */
  guint64 size;          /* total size of the events that are folded, in bytes */
  guint max_resumes;     /* how often the stream is continued without a new event */
  guint n_resumes;       /* since the last new event */
  OaiStreamFolder folder; /* its table is NULL for classes without a schema */
  gpointer hook_state;
  OaiJsonDoc *doc;       /* reused for events without a record */
  OaiRecord *newest;     /* the result of streams that do not fold */
  GQueue chunks;         /* chunks that next() has not returned yet */
  guint wanted;          /* the number of chunks that the pending next() returns at most */
  GTask *task;           /* the pending run() or next() */
  gboolean pulling;
  GError *error;         /* the error that ended the stream, or NULL */
} OaiStreamPrivate;

enum
{
  PROP_0,
  PROP_COALESCE_INTERVAL,
  PROP_MAX_RESUMES,
  PROP_RUNNING,
  PROP_CALL,
  N_PROPS
};

enum
{
  EVENT,
  CHUNK,
  RESUMED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_TYPE_WITH_PRIVATE (OaiStream, oai_stream, G_TYPE_OBJECT)

static inline OaiStreamPrivate *
get_private (OaiStream *self)
{
  return oai_stream_get_instance_private (self);
}

static const OaiStreamHooks *
get_hooks (OaiStreamPrivate *priv)
{
  static const OaiStreamHooks none = { 0 };
  const OaiStreamTable *table = priv->folder.table;

  return table != NULL && table->schema.hooks != NULL ? table->schema.hooks : &none;
}

/* The end */

static GPtrArray *
take_chunks (OaiStreamPrivate *priv, guint max)
{
  GPtrArray *chunks = g_ptr_array_new_with_free_func (g_object_unref);

  while (chunks->len < max && priv->chunks.length > 0)
    g_ptr_array_add (chunks, g_queue_pop_head (&priv->chunks));

  return chunks;
}

static void
return_pull (OaiStreamPrivate *priv)
{
  g_autoptr(GTask) task = g_steal_pointer (&priv->task);

  if (priv->chunks.length > 0)
    g_task_return_pointer (task, take_chunks (priv, priv->wanted), (GDestroyNotify) g_ptr_array_unref);
  else if (priv->error != NULL)
    g_task_return_error (task, g_error_copy (priv->error));
  else
    g_task_return_pointer (task, take_chunks (priv, 0), (GDestroyNotify) g_ptr_array_unref);
}

static void
return_run (OaiStream *self)
{
  OaiStreamPrivate *priv = get_private (self);
  g_autoptr(GTask) task = g_steal_pointer (&priv->task);
  OaiRecord *result = priv->error == NULL ? oai_stream_dup_result (self) : NULL;

  if (priv->error != NULL)
    g_task_return_error (task, g_error_copy (priv->error));
  else if (result == NULL)
    g_task_return_error (task, oai_error_new_incomplete (_("it ended before its first event")));
  else
    g_task_return_pointer (task, result, g_object_unref);
}

/* Ends the stream, and discards buffered text.  Takes ownership of the error. */
static void
settle (OaiStream *self, GError *error)
{
  OaiStreamPrivate *priv = get_private (self);
  g_autoptr(OaiStream) held G_GNUC_UNUSED = g_object_ref (self);

  oai_coalescer_clear (&priv->folder.coalescer);
  priv->state = OAI_STREAM_OVER;
  g_clear_error (&priv->error);
  priv->error = error;
  g_clear_pointer (&priv->source, oai_event_source_drop);
  oai_emit_notify (self, properties[PROP_RUNNING]);

  if (priv->task == NULL)
    return;
  if (priv->pulling)
    return_pull (priv);
  else
    return_run (self);
}

static gboolean fold_node (OaiStream *self, const char *event, OaiJsonDoc *doc, gboolean recorded, GError **error);

/* Folds the events that were delayed for the rest of a character, since they are part of the
 * result.  Stops if a signal handler closes the stream. */
static void
fold_waiting (OaiStream *self)
{
  OaiStreamPrivate *priv = get_private (self);
  OaiJoinedEvent *event;

  if (priv->folding)
    return;

  oai_event_joiner_release (&priv->joiner);
  while (priv->state == OAI_STREAM_RUNNING && (event = oai_event_joiner_take (&priv->joiner)) != NULL)
    {
      fold_node (self, event->name, event->doc, event->recorded, NULL);
      oai_joined_event_free (event);
    }
}

/* Takes ownership of the error. */
static void
end (OaiStream *self, GError *error)
{
  OaiStreamPrivate *priv = get_private (self);
  g_autoptr(OaiStream) held G_GNUC_UNUSED = g_object_ref (self);

  fold_waiting (self);
  /* A handler of the last text signal may close the stream. */
  if (priv->state != OAI_STREAM_OVER)
    oai_coalescer_flush (&priv->folder.coalescer);
  if (priv->state != OAI_STREAM_OVER)
    settle (self, error);
  else
    g_clear_error (&error);
}

/* A signal handler of the call may close the stream. */
static void
finish_source (OaiStreamPrivate *priv, GError *error)
{
  g_autoptr(OaiEventSource) source = NULL;

  if (priv->source == NULL)
    return;

  source = oai_event_source_ref (priv->source);
  source->klass->finish (source, error);
}

/* Takes ownership of the error. */
static void
fail (OaiStream *self, GError *error)
{
  finish_source (get_private (self), error);
  end (self, error);
}

/* Returns whether the schema regards the reply as complete, or an end marker completes it. */
static gboolean
is_complete (OaiStream *self, OaiStreamEnd how)
{
  OaiStreamPrivate *priv = get_private (self);
  gboolean marker_suffices = (priv->folder.table->schema.flags & OAI_STREAM_END_REQUIRED) == 0;

  return oai_stream_is_complete (self) || (marker_suffices && how == OAI_STREAM_END_DONE && priv->folder.begun);
}

/* After the last event: returns an error if the reply is incomplete, else NULL. */
static GError *
find_lack (OaiStream *self, OaiStreamEnd how)
{
  OaiStreamPrivate *priv = get_private (self);
  GError *error = NULL;

  if (priv->whole != NULL)
    oai_stream_folder_set_result (&priv->folder, g_steal_pointer (&priv->whole));
  else if (get_hooks (priv)->complete != NULL)
    get_hooks (priv)->complete (self, how, &error);
  else if (priv->folder.table == NULL && !priv->pulling && priv->newest == NULL)
    error = oai_error_new_incomplete (_("it ended before its first event"));
  else if (priv->folder.table != NULL && !is_complete (self, how))
    error = oai_error_new_incomplete (_("the server ended the stream before the reply was complete"));

  return error;
}

/* Continuing after the connection was lost */

static void begin_source (OaiStream *self, GCancellable *cancellable);
static gboolean return_chunks (OaiStreamPrivate *priv);

static gboolean
is_lost (const GError *error)
{
  return g_error_matches (error, OAI_ERROR, OAI_ERROR_INCOMPLETE) || g_error_matches (error, OAI_ERROR, OAI_ERROR_CONNECTION)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

/* Returns the source of the rest of the reply, or NULL. */
static OaiEventSource *
new_rest (OaiStream *self)
{
  OaiStreamPrivate *priv = get_private (self);
  g_autoptr(OaiStream) rest = NULL;

  if (priv->state != OAI_STREAM_RUNNING || get_hooks (priv)->resume == NULL || priv->n_resumes >= priv->max_resumes)
    return NULL;

  rest = get_hooks (priv)->resume (self);

  return rest != NULL ? g_steal_pointer (&get_private (rest)->source) : NULL;
}

/* Continues with another request.  The source that failed must have finished.  Returns FALSE if
 * that is impossible. */
static gboolean
resume (OaiStream *self, const GError *error)
{
  OaiStreamPrivate *priv = get_private (self);
  g_autoptr(OaiStream) held G_GNUC_UNUSED = g_object_ref (self);
  OaiEventSource *source = is_lost (error) ? new_rest (self) : NULL;

  if (source == NULL)
    return FALSE;

  oai_event_source_drop (priv->source);
  priv->source = source;
  priv->n_resumes++;
  /* Events that were delayed are sent again. */
  oai_event_joiner_clear (&priv->joiner);
  priv->event.length = 0;
  priv->end = OAI_EVENT_SOURCE_WAIT;
  if (priv->pulling && priv->chunks.length > 0)
    return_chunks (priv);
  if (priv->source == source)
    oai_emit (self, signals[RESUMED], 0, priv->n_resumes);
  if (priv->source == source)
    begin_source (self, priv->task != NULL ? g_task_get_cancellable (priv->task) : NULL);

  return TRUE;
}

/* Takes ownership of the error. */
static void
resume_or_end (OaiStream *self, GError *error)
{
  if (error == NULL || !resume (self, error))
    end (self, error);
  else
    g_error_free (error);
}

static void
complete (OaiStream *self, OaiStreamEnd how)
{
  OaiStreamPrivate *priv = get_private (self);
  GError *error = find_lack (self, how);

  finish_source (priv, error);
  if (error == NULL && oai_call_get_error (priv->call) != NULL)
    error = g_error_copy (oai_call_get_error (priv->call));

  resume_or_end (self, error);
}

/* Records */

/* Returns whether the name of an event is the tag of its record. */
static gboolean
has_envelope (GType type)
{
  OaiRecordClass *klass = g_type_class_ref (type);
  const OaiRecordSchema *schema = klass->schema;
  gboolean tagged = schema->n_cases > 0 && strcmp (schema->fields[schema->tag_field].member, "event") == 0;

  g_type_class_unref (klass);

  return tagged;
}

static OaiRecord *
new_chunk (OaiStream *self, const char *event, OaiJsonDoc *doc)
{
  OaiStreamPrivate *priv = get_private (self);
  GString *json;

  if (!priv->enveloped)
    return oai_record_new_from_doc (priv->chunk_type, doc, 0, priv->client, priv->call);

  json = g_string_new ("{\"event\":");
  oai_json_write_string (json, event != NULL ? event : "", -1);
  g_string_append (json, ",\"data\":");
  oai_json_write_node (json, doc, 0);
  g_string_append_c (json, '}');

  return oai_stream_new_record (self, priv->chunk_type, g_string_free (json, FALSE));
}

/* Faster than g_signal_has_handler_pending(), which also looks for class handlers; signals of
 * streams have none. */
static gboolean
has_handlers (OaiStream *self, guint signal)
{
  return !get_private (self)->folder.silent && g_signal_handler_find (self, G_SIGNAL_MATCH_ID | G_SIGNAL_MATCH_UNBLOCKED, signals[signal], 0, NULL, NULL, NULL) != 0;
}

static gboolean
wants_record (OaiStream *self)
{
  OaiStreamPrivate *priv = get_private (self);

  return priv->folder.table == NULL || (priv->pulling && !priv->folder.silent) || has_handlers (self, CHUNK);
}

/* Events */

/* Returns FALSE if the stream is over. */
static gboolean
report_chunk (OaiStream *self, const char *event, OaiJsonDoc *doc)
{
  OaiStreamPrivate *priv = get_private (self);

  g_set_object (&priv->newest, NULL);
  priv->newest = new_chunk (self, event, doc);
  if (priv->pulling)
    g_queue_push_tail (&priv->chunks, g_object_ref (priv->newest));
  oai_emit (self, signals[CHUNK], 0, priv->newest);

  return priv->state == OAI_STREAM_RUNNING;
}

static const char *
get_secret (OaiStreamPrivate *priv)
{
  return priv->source != NULL ? priv->source->secret : NULL;
}

/* Returns whether the class of the stream finds the error of an event. */
static inline gboolean
is_checked_by_class (OaiStreamPrivate *priv, const char *event, OaiJsonDoc *doc, gboolean recorded)
{
  return get_hooks (priv)->finds_errors && !recorded && oai_json_get_type (doc, 0) == OAI_JSON_OBJECT
         && (event == NULL || strcmp (event, "error") != 0);
}

static gboolean
check_error (OaiStreamPrivate *priv, const char *event, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  GError *found = oai_error_find_in_event (priv->call, event, doc, node, get_secret (priv));

  if (found != NULL)
    g_propagate_error (error, found);

  return found == NULL;
}

static gboolean
fold (OaiStream *self, const char *event, OaiJsonDoc *doc, gboolean recorded, GError **error)
{
  OaiStreamPrivate *priv = get_private (self);

  if (!is_checked_by_class (priv, event, doc, recorded) && !check_error (priv, event, doc, 0, error))
    return FALSE;
  if (recorded && get_hooks (priv)->check != NULL && !get_hooks (priv)->check (self, doc, 0, error))
    return FALSE;
  if (recorded && oai_json_get_type (doc, 0) == OAI_JSON_OBJECT && !report_chunk (self, event, doc))
    return TRUE;

  return priv->folder.table == NULL || oai_stream_folder_add (&priv->folder, event, doc, 0, error);
}

static gboolean
fold_node (OaiStream *self, const char *event, OaiJsonDoc *doc, gboolean recorded, GError **error)
{
  OaiStreamPrivate *priv = get_private (self);
  gboolean folded;

  priv->folding = TRUE;
  folded = fold (self, event, doc, recorded, error);
  priv->folding = FALSE;

  return folded;
}

/* Parses the next value of the event, in place.  A record needs a copy of the document.  The text of
 * an error may not be JSON, and must stay unchanged for the error message. */
static OaiJsonDoc *
parse_value (OaiStream *self)
{
  OaiStreamPrivate *priv = get_private (self);
  const OaiEvent *event = &priv->event;
  gboolean recorded = *event->data == '{' && wants_record (self);

  if (G_UNLIKELY (event->name != NULL) && strcmp (event->name, "error") == 0)
    return oai_json_doc_new_copy (event->data, event->length, OAI_JSON_TOLERANT | OAI_JSON_PREFIX, NULL);
  if (!oai_json_doc_parse (priv->doc, event->data, event->length, OAI_JSON_TOLERANT | OAI_JSON_PREFIX | OAI_JSON_SIMILAR, NULL))
    return NULL;

  return recorded ? oai_json_doc_dup (priv->doc) : oai_json_doc_ref (priv->doc);
}

/* Skips a value and the blanks after it. */
static inline void
skip (OaiEvent *event, gsize length)
{
  event->data += length;
  event->length -= length;
  if (event->length == 0 || *event->data == '{')
    return;

  length = oai_event_reader_count_blanks (event->data, event->length);
  event->data += length;
  event->length -= length;
}

/* Returns FALSE if the stream is over. */
static inline gboolean
handle_doc (OaiStream *self, const char *name, OaiJsonDoc *doc, gboolean recorded)
{
  OaiStreamPrivate *priv = get_private (self);
  GError *error = NULL;

  if (!fold_node (self, name, doc, recorded, &error))
    fail (self, error);
  else if (G_UNLIKELY (priv->event.is_value) && oai_json_get_type (doc, 0) != OAI_JSON_OBJECT)
    fail (self, oai_reply_body_new_no_object_error ());

  return priv->state == OAI_STREAM_RUNNING;
}

/* Adds a value to the joiner, which may delay it.  Errors are not delayed.  Takes ownership of
 * doc. */
static gboolean
join_value (OaiStream *self, const char *name, OaiJsonDoc *doc, gboolean recorded)
{
  OaiStreamPrivate *priv = get_private (self);
  GError *error = oai_error_find_in_event (priv->call, name, doc, 0, get_secret (priv));

  if (error == NULL)
    {
      oai_event_joiner_add (&priv->joiner, name, doc, recorded);
      return TRUE;
    }

  oai_json_doc_unref (doc);
  fail (self, error);

  return FALSE;
}

static gboolean
handle_value (OaiStream *self)
{
  OaiStreamPrivate *priv = get_private (self);
  g_autoptr(OaiJsonDoc) doc = parse_value (self);
  gboolean recorded = doc != priv->doc;

  if (doc == NULL)
    {
      fail (self, oai_error_new_for_event (priv->call, priv->event.name, priv->event.data, priv->event.length, get_secret (priv)));
      return FALSE;
    }

  skip (&priv->event, oai_json_doc_get_consumed (doc));
  if (G_LIKELY (priv->joiner.events.length == 0 && oai_json_doc_get_n_surrogates (doc) == 0) || oai_event_joiner_can_pass (&priv->joiner, doc))
    return handle_doc (self, priv->event.name, doc, recorded);

  return join_value (self, priv->event.name, recorded ? g_steal_pointer (&doc) : oai_json_doc_dup (doc), recorded);
}

/* Returns FALSE if the stream is over. */
static gboolean
split_reply (OaiStream *self)
{
  OaiStreamPrivate *priv = get_private (self);
  GError *error = NULL;
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (priv->event.data, priv->event.length, OAI_JSON_TOLERANT, &error);

  priv->event.length = 0;
  if (doc != NULL && !oai_stream_type_is_reply (G_OBJECT_TYPE (self), doc))
    {
      fail (self, oai_reply_body_new_other_error ());
      return FALSE;
    }
  if (doc != NULL && get_hooks (priv)->split_reply (self, doc, 0, &error))
    {
      if (get_hooks (priv)->keeps_reply)
        priv->whole = oai_json_value_new_from_node (doc, 0);
      return TRUE;
    }

  fail (self, error);

  return FALSE;
}

/* Prepares an event that the program may have got before.  Returns FALSE to ignore it. */
static gboolean
begin_dated_event (OaiStream *self)
{
  OaiStreamPrivate *priv = get_private (self);
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (priv->event.data, priv->event.length, OAI_JSON_TOLERANT | OAI_JSON_PREFIX, NULL);
  OaiStreamEventAge age = doc != NULL ? get_hooks (priv)->get_age (self, doc, 0) : OAI_STREAM_EVENT_UNKNOWN;

  priv->folder.silent = age == OAI_STREAM_EVENT_EARLIER;
  if (age == OAI_STREAM_EVENT_NEW)
    priv->n_resumes = 0;
  if (age == OAI_STREAM_EVENT_REPEATED)
    priv->event.length = 0;

  return age != OAI_STREAM_EVENT_REPEATED;
}

/* Returns FALSE if the events that are folded are too large in total.  A whole reply has a limit of
 * its own. */
static inline gboolean
add_size (OaiStream *self)
{
  OaiStreamPrivate *priv = get_private (self);

  if (G_UNLIKELY (priv->event.is_reply))
    return TRUE;

  priv->size += priv->event.length;
  if (G_LIKELY (priv->size <= priv->max_size || priv->max_size == 0))
    return TRUE;

  fail (self, oai_error_new_stream_too_large (priv->max_size));

  return FALSE;
}

/* Prepares the values of a new event.  Returns FALSE if the stream is over. */
static gboolean
begin_event (OaiStream *self)
{
  OaiStreamPrivate *priv = get_private (self);
  OaiEvent *event = &priv->event;

  if (G_UNLIKELY (event->is_reply) && get_hooks (priv)->split_reply != NULL)
    return split_reply (self);
  if (get_hooks (priv)->may_repeat != NULL && get_hooks (priv)->may_repeat (self) && !begin_dated_event (self))
    return TRUE;
  if (!add_size (self))
    return FALSE;

  if (has_handlers (self, EVENT))
    {
      g_autofree char *json = g_utf8_make_valid (event->data, event->length);

      oai_emit (self, signals[EVENT], 0, event->name, json);
    }

  return priv->state == OAI_STREAM_RUNNING;
}

static void
added_event_free (gpointer data)
{
  AddedEvent *event = data;

  g_free (event->name);
  g_free (event->json);
  g_free (event);
}

static gboolean
begin_added_event (OaiStream *self)
{
  OaiStreamPrivate *priv = get_private (self);

  g_clear_pointer (&priv->current, added_event_free);
  priv->current = g_queue_pop_head (&priv->added);
  priv->event = (OaiEvent) { .name = priv->current->name, .data = priv->current->json, .length = strlen (priv->current->json) };

  return begin_event (self);
}

static gboolean
has_enough (OaiStreamPrivate *priv)
{
  return priv->pulling && priv->chunks.length >= MAX (priv->wanted, 1);
}

/* Returns the chunks that have arrived to the program.  Returns TRUE if the program has already
 * called next() again. */
static gboolean
return_chunks (OaiStreamPrivate *priv)
{
  if (priv->task != NULL)
    return_pull (priv);

  return priv->task != NULL && priv->state == OAI_STREAM_RUNNING;
}

/* Handles the next event of the joiner.  Returns FALSE if there is none, or the stream is over. */
static gboolean
handle_joined (OaiStream *self)
{
  OaiStreamPrivate *priv = get_private (self);
  g_autoptr(OaiJoinedEvent) joined = oai_event_joiner_take (&priv->joiner);

  return joined != NULL && handle_doc (self, joined->name, joined->doc, joined->recorded);
}

/* Handles the next value, or the beginning of an event.  Returns FALSE if there is none, or the
 * stream is over. */
static inline gboolean
handle_next (OaiStream *self, OaiStreamPrivate *priv, GError **error)
{
  if (priv->event.length > 0)
    return handle_value (self);
  if (G_UNLIKELY (priv->added.length > 0))
    return begin_added_event (self);

  priv->end = oai_event_source_next (priv->source, &priv->event, error);
  if (G_LIKELY (priv->end == OAI_EVENT_SOURCE_EVENT))
    return begin_event (self);

  priv->event.length = 0;

  return (priv->end == OAI_EVENT_SOURCE_DONE || priv->end == OAI_EVENT_SOURCE_EOF) && oai_event_joiner_release (&priv->joiner);
}

/* Handles the events that have arrived.  Returns TRUE if more should be read.  The source, whose
 * bytes contain the event, stays until a signal handler that closes the stream has returned. */
static gboolean
handle_events (OaiStream *self)
{
  OaiStreamPrivate *priv = get_private (self);
  g_autoptr(OaiEventSource) source G_GNUC_UNUSED = NULL;
  GError *error = NULL;
  gboolean more = TRUE;

  /* The stream is being closed. */
  if (priv->source == NULL)
    return FALSE;

  source = oai_event_source_ref (priv->source);
  while (more && !has_enough (priv))
    {
      if (G_UNLIKELY (priv->joiner.events.length > 0) && handle_joined (self))
        continue;
      more = priv->state == OAI_STREAM_RUNNING && handle_next (self, priv, &error);
    }

  if (error != NULL)
    {
      finish_source (priv, error);
      resume_or_end (self, error);
    }
  else if (priv->state != OAI_STREAM_RUNNING)
    return FALSE;
  else if (!more && priv->end == OAI_EVENT_SOURCE_DONE)
    complete (self, OAI_STREAM_END_DONE);
  else if (!more && priv->end == OAI_EVENT_SOURCE_EOF)
    complete (self, OAI_STREAM_END_EOF);
  else
    return priv->pulling && priv->chunks.length > 0 ? return_chunks (priv) : TRUE;

  return FALSE;
}

/* The listener of the source */

static gboolean
ready_cb (OaiEventSource *source, gpointer user_data)
{
  g_autoptr(OaiStream) self = g_object_ref (user_data);

  return handle_events (self);
}

static void
failed_cb (OaiEventSource *source, GError *error, gpointer user_data)
{
  resume_or_end (user_data, error);
}

static gboolean
is_chunk_cb (OaiEventSource *source, OaiJsonDoc *doc, gpointer user_data)
{
  OaiStreamPrivate *priv = get_private (user_data);

  return priv->folder.table != NULL && oai_stream_table_is_chunk (priv->folder.table, doc);
}

static const OaiEventListener listener = { ready_cb, failed_cb, is_chunk_cb };

/* Closing */

static GError *
close_source (OaiStreamPrivate *priv)
{
  /* A signal handler of the call may close the stream, too. */
  OaiEventSource *source = g_steal_pointer (&priv->source);
  GError *error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("The stream was closed"));

  if (source == NULL)
    return error;

  source->klass->close (source, error);
  oai_event_source_drop (source);

  return error;
}

static void
close_here (GObject *object)
{
  OaiStream *self = OAI_STREAM (object);
  OaiStreamPrivate *priv = get_private (self);

  if (priv->state != OAI_STREAM_OVER)
    end (self, close_source (priv));
}

/* Sets the main context in which other threads close the stream from now on. */
static void
set_owner (OaiStreamPrivate *priv)
{
  OaiStreamOwner *owner = g_new (OaiStreamOwner, 1);

  owner->thread = oai_owner_thread_ref_current ();
  owner->context = g_main_context_ref (priv->context);
  g_atomic_pointer_set (&priv->owner, owner);
}

static void
owner_free (OaiStreamOwner *owner)
{
  oai_owner_thread_unref (owner->thread);
  g_main_context_unref (owner->context);
  g_free (owner);
}

/* Closes the stream if close() was called before it had started. */
static void
catch_up_close (OaiStream *self)
{
  if (g_atomic_int_get (&get_private (self)->closing))
    close_here (G_OBJECT (self));
}

/**
 * oai_stream_close:
 * @self: a stream
 *
 * Closes the connection at once, so that the server stops working. An operation that
 * reads the stream fails with %G_IO_ERROR_CANCELLED. The chunks that have arrived are kept. Does
 * nothing if the stream is over.
 *
 * May be called from any thread. If another thread blocks in a method of the stream, this method
 * waits until that thread has closed the stream. If the stream is read in the main context of
 * another thread, it is closed when that main context is iterated.
 *
 * Since: 1.0
 */
void
oai_stream_close (OaiStream *self)
{
  OaiStreamPrivate *priv;
  OaiStreamOwner *owner;
  g_autoptr(OaiStream) held = NULL;

  g_return_if_fail (OAI_IS_STREAM (self));

  /* A signal handler may release the last reference. */
  held = g_object_ref (self);
  priv = get_private (self);
  g_atomic_int_set (&priv->closing, TRUE);
  owner = g_atomic_pointer_get (&priv->owner);
  if (owner != NULL)
    oai_owner_thread_send (owner->thread, owner->context, close_here, G_OBJECT (self));
}

/* Starting */

/* Starts the source, with a new call. */
static void
begin_source (OaiStream *self, GCancellable *cancellable)
{
  OaiStreamPrivate *priv = get_private (self);
  OaiEventSource *source = priv->source;

  oai_event_source_listen (source, &listener, self);
  source->klass->prepare (source);
  g_set_object (&priv->call, source->call);
  priv->folder.call = priv->call;
  if (priv->task != NULL)
    oai_call_attach (priv->call, priv->task);
  oai_emit_notify (self, properties[PROP_CALL]);
  if (priv->state == OAI_STREAM_RUNNING && priv->n_resumes == 0)
    oai_emit_notify (self, properties[PROP_RUNNING]);
  catch_up_close (self);
  if (priv->state == OAI_STREAM_RUNNING && priv->source == source)
    source->klass->start (source, cancellable);
}

static void
start (OaiStream *self, GCancellable *cancellable)
{
  g_autoptr(OaiStream) held G_GNUC_UNUSED = g_object_ref (self);
  OaiStreamPrivate *priv = get_private (self);

  priv->state = OAI_STREAM_RUNNING;
  priv->context = g_main_context_ref_thread_default ();
  priv->folder.coalescer.context = priv->context;
  set_owner (priv);
  priv->doc = oai_json_doc_new ();
  priv->enveloped = has_envelope (priv->chunk_type);
  if (priv->client != NULL && priv->folder.table != NULL)
    priv->max_size = oai_settings_get_max_stream_size (oai_client_get_settings (priv->client));
  begin_source (self, cancellable);
}

OaiRecord *
oai_stream_fold_body (GType type, OaiClient *client, OaiCall *call, GType chunk_type, GBytes *body, const char *secret, GError **error)
{
  g_autoptr(OaiStream) self = oai_stream_new (type, client, oai_http_event_source_new_for_body (call, body, secret), chunk_type, NULL);
  OaiStreamPrivate *priv = get_private (self);

  start (self, NULL);
  if (priv->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&priv->error));
      return NULL;
    }

  return oai_stream_dup_result (self);
}

/* Makes the task the pending one of the stream, or returns an error from it. */
static gboolean
accept_task (OaiStream *self, GTask *task, gboolean pulling)
{
  OaiStreamPrivate *priv = get_private (self);
  g_autoptr(GMainContext) here = g_main_context_ref_thread_default ();

  if (priv->state == OAI_STREAM_NEW)
    catch_up_close (self);
  if (priv->task != NULL || priv->trying || (!pulling && priv->state != OAI_STREAM_NEW))
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING, _("The stream is already in use"));
      return FALSE;
    }
  if (priv->context != NULL && priv->context != here && priv->state == OAI_STREAM_RUNNING)
    {
      g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The stream was started in another main context"));
      return FALSE;
    }

  priv->task = g_object_ref (task);
  priv->pulling = pulling;
  if (priv->call != NULL)
    oai_call_attach (priv->call, task);

  return TRUE;
}

/* A stream without a source fails with the error that it was created with. */
static void
start_or_fail (OaiStream *self, GCancellable *cancellable)
{
  OaiStreamPrivate *priv = get_private (self);

  if (priv->source == NULL)
    end (self, g_steal_pointer (&priv->error));
  else
    start (self, cancellable);
}

static void
pull (OaiStream *self, guint max, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data, gpointer source_tag)
{
  OaiStreamPrivate *priv = get_private (self);
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, source_tag);
  g_task_set_check_cancellable (task, FALSE);
  if (!accept_task (self, task, TRUE))
    return;

  priv->wanted = max;
  if (priv->state == OAI_STREAM_NEW)
    start_or_fail (self, cancellable);
  else if (priv->state == OAI_STREAM_OVER)
    return_pull (priv);
  else if (g_cancellable_is_cancelled (cancellable))
    oai_stream_close (self);
  else if (handle_events (self) && priv->source != NULL)
    priv->source->klass->resume (priv->source, cancellable);
}

/**
 * oai_stream_run_async:
 * @self: a stream that has not been started
 * @cancellable: (nullable): a cancellable; cancelling closes the connection at once
 * @callback: (scope async) (nullable): called when the stream is over
 * @user_data: data for @callback
 *
 * Starts [method@Oai.Stream.run]. Signals are emitted in the current thread-default main context.
 *
 * Since: 1.0
 */
void
oai_stream_run_async (OaiStream *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = NULL;

  g_return_if_fail (OAI_IS_STREAM (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, oai_stream_run_async);
  g_task_set_check_cancellable (task, FALSE);
  if (accept_task (self, task, FALSE))
    start_or_fail (self, cancellable);
}

/**
 * oai_stream_run_finish:
 * @self: a stream
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.Stream.run_async].
 *
 * Returns: (transfer full): the whole reply as a record, or %NULL on error
 *
 * Since: 1.0
 */
OaiRecord *
oai_stream_run_finish (OaiStream *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * oai_stream_run:
 * @self: a stream that has not been started
 * @cancellable: (nullable): a cancellable; cancelling closes the connection at once
 * @error: return location for an error
 *
 * Reads the stream to its end. Emits signals for the chunks, and returns a record of the folded
 * chunks. Blocks until the stream is over; see [method@Oai.Stream.run_async].
 *
 * Fails with %OAI_ERROR_INCOMPLETE when the reply is incomplete; [method@Oai.Stream.dup_result]
 * returns what has arrived.
 *
 * Returns: (transfer full): the whole reply as a record, or %NULL on error
 *
 * Since: 1.0
 */
OaiRecord *
oai_stream_run (OaiStream *self, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  OaiRecord *record;

  g_return_val_if_fail (OAI_IS_STREAM (self), NULL);

  oai_blocking_call_begin (&sync);
  oai_stream_run_async (self, cancellable, oai_blocking_call_ready, &sync);
  record = oai_stream_run_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return record;
}

/**
 * oai_stream_next_async:
 * @self: a stream
 * @cancellable: (nullable): a cancellable; cancelling closes the connection at once
 * @callback: (scope async): called when there is a chunk, or the stream is over
 * @user_data: data for @callback
 *
 * Starts [method@Oai.Stream.next].
 *
 * Since: 1.0
 */
void
oai_stream_next_async (OaiStream *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (OAI_IS_STREAM (self));

  pull (self, 1, cancellable, callback, user_data, oai_stream_next_async);
}

/**
 * oai_stream_next_finish:
 * @self: a stream
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.Stream.next_async].
 *
 * Returns: (nullable) (transfer full): the chunk, or %NULL on error and after the last one
 *
 * Since: 1.0
 */
OaiRecord *
oai_stream_next_finish (OaiStream *self, GAsyncResult *result, GError **error)
{
  g_autoptr(GPtrArray) chunks = NULL;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  chunks = g_task_propagate_pointer (G_TASK (result), error);
  if (chunks == NULL || chunks->len == 0)
    return NULL;

  return g_ptr_array_steal_index (chunks, 0);
}

/**
 * oai_stream_next:
 * @self: a stream
 * @cancellable: (nullable): a cancellable; cancelling closes the connection at once
 * @error: return location for an error
 *
 * Gets the next chunk. Starts the stream if necessary. Blocks until a chunk has arrived; see
 * [method@Oai.Stream.next_async].
 *
 * A stream cannot change its main context, and blocking calls use a private one. Therefore all
 * further calls for a stream that was started with this method must be blocking:
 * [method@Oai.Stream.next_async] fails with %OAI_ERROR_INVALID_ARGUMENT, also in the same thread.
 *
 * Returns: (nullable) (transfer full): the chunk, or %NULL on error and after the last one
 *
 * Since: 1.0
 */
OaiRecord *
oai_stream_next (OaiStream *self, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  OaiRecord *record;

  g_return_val_if_fail (OAI_IS_STREAM (self), NULL);

  oai_blocking_call_begin (&sync);
  oai_stream_next_async (self, cancellable, oai_blocking_call_ready, &sync);
  record = oai_stream_next_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return record;
}

/* Handles the events that have been received, until one is a chunk.  In a stream that blocks, the
 * handlers run as during a blocking call. */
static void
handle_received (OaiStream *self)
{
  OaiStreamPrivate *priv = get_private (self);
  g_autoptr(GMainContext) here = g_main_context_ref_thread_default ();
  gboolean blocking = priv->context != here;

  if (blocking && oai_owner_thread_begin_call () != priv->context)
    {
      oai_owner_thread_end_call ();
      return;
    }

  priv->wanted = 1;
  priv->trying = TRUE;
  handle_events (self);
  priv->trying = FALSE;
  if (blocking)
    oai_owner_thread_end_call ();
}

/**
 * oai_stream_try_next:
 * @self: a stream
 *
 * Gets the next chunk if it has already been received. Does not wait and does not read from the
 * network, so this is faster than [method@Oai.Stream.next] after that has returned a chunk.
 *
 * %NULL does not mean that the stream has ended: call [method@Oai.Stream.next] or
 * [method@Oai.Stream.next_async] then, which also report errors. Chunks are returned in order by all
 * of these methods. Also returns %NULL if the stream has not been started, or while another
 * operation reads it.
 *
 * Returns: (nullable) (transfer full): the chunk, or %NULL if none has been received
 *
 * Since: 1.0
 */
OaiRecord *
oai_stream_try_next (OaiStream *self)
{
  OaiStreamPrivate *priv;
  g_autoptr(OaiStream) held G_GNUC_UNUSED = NULL;

  g_return_val_if_fail (OAI_IS_STREAM (self), NULL);

  /* A signal handler may release the last reference. */
  held = g_object_ref (self);
  priv = get_private (self);
  if (priv->task != NULL || priv->trying || !priv->pulling)
    return NULL;
  if (priv->chunks.length == 0 && priv->state == OAI_STREAM_RUNNING)
    handle_received (self);

  return g_queue_pop_head (&priv->chunks);
}

/**
 * oai_stream_next_many_async:
 * @self: a stream
 * @max_items: the maximum number of chunks, at least 1
 * @cancellable: (nullable): a cancellable; cancelling closes the connection at once
 * @callback: (scope async): called when there are chunks, or the stream is over
 * @user_data: data for @callback
 *
 * Starts [method@Oai.Stream.next_many].
 *
 * Since: 1.0
 */
void
oai_stream_next_many_async (OaiStream *self, guint max_items, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (OAI_IS_STREAM (self));
  g_return_if_fail (max_items > 0);

  pull (self, max_items, cancellable, callback, user_data, oai_stream_next_many_async);
}

/**
 * oai_stream_next_many_finish:
 * @self: a stream
 * @result: the result
 * @error: return location for an error
 *
 * Finishes [method@Oai.Stream.next_many_async].
 *
 * Returns: (transfer container) (element-type Oai.Record): the chunks, empty after the last one, or
 *   %NULL on error
 *
 * Since: 1.0
 */
GPtrArray *
oai_stream_next_many_finish (OaiStream *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * oai_stream_next_many:
 * @self: a stream
 * @max_items: the maximum number of chunks, at least 1
 * @cancellable: (nullable): a cancellable; cancelling closes the connection at once
 * @error: return location for an error
 *
 * Gets all chunks that have arrived, at least one and at most @max_items. This is faster than
 * [method@Oai.Stream.next] if many chunks arrive at once. Blocks until a chunk has arrived; see
 * [method@Oai.Stream.next_many_async].
 *
 * Returns: (transfer container) (element-type Oai.Record): the chunks, empty after the last one, or
 *   %NULL on error
 *
 * Since: 1.0
 */
GPtrArray *
oai_stream_next_many (OaiStream *self, guint max_items, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall sync;
  GPtrArray *chunks;

  g_return_val_if_fail (OAI_IS_STREAM (self), NULL);
  g_return_val_if_fail (max_items > 0, NULL);

  oai_blocking_call_begin (&sync);
  oai_stream_next_many_async (self, max_items, cancellable, oai_blocking_call_ready, &sync);
  chunks = oai_stream_next_many_finish (self, oai_blocking_call_wait (&sync), error);
  oai_blocking_call_end (&sync);

  return chunks;
}

/* The object */

static void
oai_stream_dispose (GObject *object)
{
  OaiStream *self = OAI_STREAM (object);
  OaiStreamPrivate *priv = get_private (self);

  /* Programs may dispose a stream explicitly, also while an operation is pending. */
  if (priv->state == OAI_STREAM_RUNNING)
    {
      GError *error = close_source (priv);

      if (priv->state == OAI_STREAM_RUNNING)
        settle (self, error);
      else
        g_error_free (error);
    }

  G_OBJECT_CLASS (oai_stream_parent_class)->dispose (object);
}

static void
oai_stream_finalize (GObject *object)
{
  OaiStreamPrivate *priv = get_private (OAI_STREAM (object));

  if (get_hooks (priv)->clear_state != NULL)
    get_hooks (priv)->clear_state (priv->hook_state);
  g_free (priv->hook_state);
  oai_stream_folder_clear (&priv->folder);
  g_clear_pointer (&priv->source, oai_event_source_drop);
  oai_event_joiner_clear (&priv->joiner);
  g_queue_clear_full (&priv->added, added_event_free);
  g_clear_pointer (&priv->current, added_event_free);
  g_clear_pointer (&priv->whole, oai_json_value_free);
  g_clear_pointer (&priv->doc, oai_json_doc_unref);
  g_clear_pointer (&priv->context, g_main_context_unref);
  g_clear_pointer (&priv->owner, owner_free);
  g_queue_clear_full (&priv->chunks, g_object_unref);
  g_clear_object (&priv->newest);
  g_clear_object (&priv->call);
  g_clear_object (&priv->client);
  g_clear_error (&priv->error);

  G_OBJECT_CLASS (oai_stream_parent_class)->finalize (object);
}

static void
oai_stream_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  OaiStreamPrivate *priv = get_private (OAI_STREAM (object));

  switch (prop_id)
    {
    case PROP_COALESCE_INTERVAL:
      g_value_set_uint (value, priv->folder.coalescer.interval);
      break;
    case PROP_MAX_RESUMES:
      g_value_set_uint (value, priv->max_resumes);
      break;
    case PROP_RUNNING:
      g_value_set_boolean (value, priv->state == OAI_STREAM_RUNNING);
      break;
    case PROP_CALL:
      g_value_set_object (value, priv->call);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
oai_stream_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_COALESCE_INTERVAL:
      oai_stream_set_coalesce_interval_ms (OAI_STREAM (object), g_value_get_uint (value));
      break;
    case PROP_MAX_RESUMES:
      oai_stream_set_max_resumes (OAI_STREAM (object), g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

/* In init, the class is that of the parent type. */
static void
oai_stream_constructed (GObject *object)
{
  OaiStream *self = OAI_STREAM (object);
  OaiStreamPrivate *priv = get_private (self);
  const OaiStreamTable *table = OAI_STREAM_GET_CLASS (self)->table;

  G_OBJECT_CLASS (oai_stream_parent_class)->constructed (object);
  if (table == NULL)
    return;

  oai_stream_folder_init (&priv->folder, table, self);
  priv->hook_state = g_malloc0 (get_hooks (priv)->state_size);
  if (get_hooks (priv)->init_state != NULL)
    get_hooks (priv)->init_state (self, priv->hook_state);
}

static void
install_properties (GObjectClass *object_class)
{
  /**
   * OaiStream:coalesce-interval-ms: (getter get_coalesce_interval_ms) (setter set_coalesce_interval_ms)
   *
   * How long text is buffered, in milliseconds, so that one signal carries several deltas; 0 for a
   * signal for each delta. With a value such as 50, a text view is redrawn less often.
   *
   * Signals keep their order. A new value also applies to text that is already buffered.
   *
   * Since: 1.0
   */
  properties[PROP_COALESCE_INTERVAL] = g_param_spec_uint ("coalesce-interval-ms", NULL, NULL, 0, G_MAXUINT, 0,
                                                 G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiStream:max-resumes: (getter get_max_resumes) (setter set_max_resumes)
   *
   * How often a stream whose connection was lost is continued with another request, if no new event
   * arrives meanwhile; 0 for never. The default is 3.
   *
   * This applies to replies that the server generates in the background, such as those of
   * [class@Oai.ResponseStream]. No event is reported twice.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_RESUMES] = g_param_spec_uint ("max-resumes", NULL, NULL, 0, G_MAXUINT, DEFAULT_MAX_RESUMES,
                                                    G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiStream:running: (getter is_running)
   *
   * Whether the stream has started and is not over.
   *
   * Since: 1.0
   */
  properties[PROP_RUNNING] = g_param_spec_boolean ("running", NULL, NULL, FALSE,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiStream:call: (getter get_call)
   *
   * The call of the stream, or %NULL before the stream has started.
   *
   * Since: 1.0
   */
  properties[PROP_CALL] = g_param_spec_object ("call", NULL, NULL, OAI_TYPE_CALL,
                                               G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
oai_stream_class_init (OaiStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = oai_stream_constructed;
  object_class->dispose = oai_stream_dispose;
  object_class->finalize = oai_stream_finalize;
  object_class->get_property = oai_stream_get_property;
  object_class->set_property = oai_stream_set_property;
  install_properties (object_class);

  /**
   * OaiStream::event:
   * @self: the stream
   * @name: (nullable): the name of the event, or %NULL if it has none
   * @json: the event as JSON text
   *
   * Emitted for each event, also for events that this library does not know.
   *
   * Since: 1.0
   */
  signals[EVENT] = g_signal_new ("event", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 2, G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE, G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE);
  /**
   * OaiStream::chunk:
   * @self: the stream
   * @chunk: the event as a record
   *
   * Emitted for each event. Creating records takes time, in some languages much: if you only need
   * the text, connect to the signals of the subclass instead.
   *
   * Since: 1.0
   */
  signals[CHUNK] = g_signal_new ("chunk", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, OAI_TYPE_RECORD);
  /**
   * OaiStream::resumed:
   * @self: the stream
   * @attempt: how often the stream has been continued since the last new event, from 1
   *
   * Emitted when the connection was lost, before another request continues the stream.
   * [property@Oai.Stream:max-resumes] limits how often this happens.
   *
   * Since: 1.0
   */
  signals[RESUMED] = g_signal_new ("resumed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
oai_stream_init (OaiStream *self)
{
  OaiStreamPrivate *priv = get_private (self);

  g_queue_init (&priv->chunks);
  g_queue_init (&priv->added);
  priv->end = OAI_EVENT_SOURCE_WAIT;
  priv->max_resumes = DEFAULT_MAX_RESUMES;
  oai_coalescer_init (&priv->folder.coalescer, self);
}

OaiStream *
oai_stream_new (GType type, OaiClient *client, OaiEventSource *source, GType chunk_type, GError *error)
{
  OaiStream *self = g_object_new (type, NULL);
  OaiStreamPrivate *priv = get_private (self);

  g_set_object (&priv->client, client);
  priv->folder.client = client;
  priv->source = source;
  priv->chunk_type = chunk_type;
  priv->error = error;

  return self;
}

/**
 * oai_stream_is_running:
 * @self: a stream
 *
 * Gets whether the stream has started and is not over.
 *
 * Returns: %TRUE while it is running
 *
 * Since: 1.0
 */
gboolean
oai_stream_is_running (OaiStream *self)
{
  g_return_val_if_fail (OAI_IS_STREAM (self), FALSE);

  return get_private (self)->state == OAI_STREAM_RUNNING;
}

/**
 * oai_stream_get_call:
 * @self: a stream
 *
 * Gets the call of the stream.
 *
 * Returns: (nullable) (transfer none): the call, or %NULL before the stream has started
 *
 * Since: 1.0
 */
OaiCall *
oai_stream_get_call (OaiStream *self)
{
  g_return_val_if_fail (OAI_IS_STREAM (self), NULL);

  return get_private (self)->call;
}

/**
 * oai_stream_get_coalesce_interval_ms:
 * @self: a stream
 *
 * Gets how long text is buffered, so that one signal carries several deltas.
 *
 * Returns: milliseconds; 0 for a signal for each delta
 *
 * Since: 1.0
 */
guint
oai_stream_get_coalesce_interval_ms (OaiStream *self)
{
  g_return_val_if_fail (OAI_IS_STREAM (self), 0);

  return get_private (self)->folder.coalescer.interval;
}

/**
 * oai_stream_set_coalesce_interval_ms:
 * @self: a stream
 * @interval_ms: how long to buffer text, in milliseconds; 0 for a signal for each delta
 *
 * Sets how long text is buffered, so that one signal carries several deltas. The default is 0.
 *
 * Since: 1.0
 */
void
oai_stream_set_coalesce_interval_ms (OaiStream *self, guint interval_ms)
{
  OaiStreamPrivate *priv;

  g_return_if_fail (OAI_IS_STREAM (self));

  priv = get_private (self);
  if (priv->folder.coalescer.interval == interval_ms)
    return;

  oai_coalescer_set_interval (&priv->folder.coalescer, interval_ms);
  oai_emit_notify (self, properties[PROP_COALESCE_INTERVAL]);
}

/**
 * oai_stream_get_max_resumes:
 * @self: a stream
 *
 * Gets how often the stream is continued after its connection was lost, if no new event arrives
 * meanwhile.
 *
 * Returns: the number; 0 for never
 *
 * Since: 1.0
 */
guint
oai_stream_get_max_resumes (OaiStream *self)
{
  g_return_val_if_fail (OAI_IS_STREAM (self), 0);

  return get_private (self)->max_resumes;
}

/**
 * oai_stream_set_max_resumes:
 * @self: a stream
 * @max_resumes: the number; 0 for never
 *
 * Sets how often the stream is continued after its connection was lost, if no new event arrives
 * meanwhile. The default is 3.
 *
 * Since: 1.0
 */
void
oai_stream_set_max_resumes (OaiStream *self, guint max_resumes)
{
  OaiStreamPrivate *priv;

  g_return_if_fail (OAI_IS_STREAM (self));

  priv = get_private (self);
  if (priv->max_resumes == max_resumes)
    return;

  priv->max_resumes = max_resumes;
  oai_emit_notify (self, properties[PROP_MAX_RESUMES]);
}

static OaiRecord *
build_result (OaiStream *self)
{
  OaiStreamPrivate *priv = get_private (self);
  g_autoptr(OaiJsonBuilder) builder = oai_json_builder_new ();
  g_autoptr(OaiJsonDoc) doc = NULL;

  if (!get_hooks (priv)->build_result (self, builder))
    return NULL;

  doc = oai_json_builder_finish (g_steal_pointer (&builder));

  return oai_record_new_from_doc (priv->folder.table->schema.result_type (), doc, 0, priv->client, priv->call);
}

/**
 * oai_stream_dup_result:
 * @self: a stream
 *
 * Gets the reply as far as it has arrived: one record of the folded chunks, or the newest chunk if
 * the class of the stream does not fold. Can be called while the stream is running, and after it
 * has failed.
 *
 * Returns: (nullable) (transfer full): the record, or %NULL if no chunk has arrived
 *
 * Since: 1.0
 */
OaiRecord *
oai_stream_dup_result (OaiStream *self)
{
  OaiStreamPrivate *priv;

  g_return_val_if_fail (OAI_IS_STREAM (self), NULL);

  priv = get_private (self);
  if (get_hooks (priv)->build_result != NULL)
    return build_result (self);
  if (priv->folder.table != NULL)
    return oai_stream_folder_dup_result (&priv->folder);

  return priv->newest != NULL ? g_object_ref (priv->newest) : NULL;
}

/* Stream classes */

/**
 * oai_stream_class_set_schema: (skip)
 * @klass: the class of a stream
 * @schema: its schema; static
 *
 * Sets the schema of a class, and installs its signals. For generated code.
 *
 * Since: 1.0
 */
void
oai_stream_class_set_schema (OaiStreamClass *klass, const struct _OaiStreamSchema *schema)
{
  klass->table = oai_stream_table_new (schema, G_TYPE_FROM_CLASS (klass));
}

G_GNUC_PRINTF (2, 0)
static OaiJsonValue *
get_reply_value (OaiStream *self, const char *format, va_list arguments)
{
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  OaiJsonValue *value;
  OaiPath path;

  oai_path_init (&path, text);
  value = oai_path_get_value (&path, get_private (self)->folder.reply, NULL, OAI_JSON_NONE);
  oai_path_clear (&path);

  return value;
}

/**
 * oai_stream_get_reply_text: (skip)
 * @self: a stream
 * @format: a path in the reply, as a format string; see oai-stream-schema.h
 * @...: the arguments of @format
 *
 * Gets a text of the reply as far as it has arrived. For generated code.
 *
 * Returns: (nullable) (transfer none): the text, or %NULL; valid until the next event
 *
 * Since: 1.0
 */
const char *
oai_stream_get_reply_text (OaiStream *self, const char *format, ...)
{
  OaiJsonValue *value;
  va_list arguments;

  va_start (arguments, format);
  value = get_reply_value (self, format, arguments);
  va_end (arguments);

  return oai_json_value_get_string (value, NULL);
}

/**
 * oai_stream_dup_reply_record: (skip)
 * @self: a stream
 * @type: the type of the record
 * @format: a path in the reply, as a format string; see oai-stream-schema.h
 * @...: the arguments of @format
 *
 * Gets an object of the reply as far as it has arrived. For generated code.
 *
 * Returns: (nullable) (transfer full): a record of @type, or %NULL
 *
 * Since: 1.0
 */
gpointer
oai_stream_dup_reply_record (OaiStream *self, GType type, const char *format, ...)
{
  OaiJsonValue *value;
  va_list arguments;

  va_start (arguments, format);
  value = get_reply_value (self, format, arguments);
  va_end (arguments);

  return oai_stream_folder_new_record (&get_private (self)->folder, type, value);
}

/**
 * oai_stream_dup_reply_list: (skip)
 * @self: a stream
 * @type: the type of the records
 * @format: a path in the reply, as a format string; see oai-stream-schema.h
 * @...: the arguments of @format
 *
 * Gets the objects of a list of the reply as far as they have arrived. For generated code.
 *
 * Returns: (transfer container) (element-type Oai.Record): records of @type; may be empty
 *
 * Since: 1.0
 */
GPtrArray *
oai_stream_dup_reply_list (OaiStream *self, GType type, const char *format, ...)
{
  GPtrArray *records = g_ptr_array_new_with_free_func (g_object_unref);
  OaiJsonValue *list;
  va_list arguments;

  va_start (arguments, format);
  list = get_reply_value (self, format, arguments);
  va_end (arguments);
  for (guint i = 0; oai_json_value_get_type (list) == OAI_JSON_ARRAY && i < oai_json_value_get_size (list); i++)
    g_ptr_array_add (records, oai_stream_folder_new_record (&get_private (self)->folder, type, oai_json_value_get_element (list, i)));

  return records;
}

gboolean
oai_stream_type_is_chunk (GType type, OaiJsonDoc *doc)
{
  OaiStreamClass *klass = g_type_class_ref (type);
  gboolean chunk = klass->table != NULL && oai_stream_table_is_chunk (klass->table, doc);

  g_type_class_unref (klass);

  return chunk;
}

/* For the hand-written part of stream classes */

gboolean
oai_stream_type_is_reply (GType type, OaiJsonDoc *doc)
{
  OaiStreamClass *klass = g_type_class_ref (type);
  const OaiStreamTable *table = klass->table;
  const OaiStreamHooks *hooks = table != NULL ? table->schema.hooks : NULL;
  gboolean is_reply = hooks == NULL || hooks->is_reply == NULL || hooks->is_reply (doc, 0);

  g_type_class_unref (klass);

  return is_reply;
}

gpointer
oai_stream_get_state (OaiStream *self)
{
  return get_private (self)->hook_state;
}

gboolean
oai_stream_check_error (OaiStream *self, const char *name, OaiJsonDoc *doc, OaiJsonNode node, GError **error)
{
  return check_error (get_private (self), name, doc, node, error);
}

OaiJsonValue *
oai_stream_get_reply (OaiStream *self)
{
  return get_private (self)->folder.reply;
}

gboolean
oai_stream_is_complete (OaiStream *self)
{
  return oai_stream_folder_is_finished (&get_private (self)->folder);
}

gboolean
oai_stream_has_begun (OaiStream *self)
{
  return get_private (self)->folder.begun;
}

OaiJsonValue *
oai_stream_find_value (OaiStream *self, const char *path, OaiJsonDoc *doc, OaiJsonNode event)
{
  OaiJsonValue *value;
  OaiPath parsed;

  oai_path_init (&parsed, path);
  value = oai_path_get_value (&parsed, get_private (self)->folder.reply, doc, event);
  oai_path_clear (&parsed);

  return value;
}

void
oai_stream_add_event (OaiStream *self, const char *name, OaiJsonValue *event)
{
  OaiStreamPrivate *priv = get_private (self);
  const char *tag = priv->folder.table->schema.tag;
  AddedEvent *added = g_new0 (AddedEvent, 1);
  GString *json = g_string_new (NULL);

  if (tag == NULL)
    added->name = g_strdup (name);
  else if (name != NULL)
    oai_json_value_set_member (event, tag, oai_json_value_new_string (name, -1));
  oai_json_write_value (json, event);
  oai_json_value_free (event);
  added->json = g_string_free (json, FALSE);
  g_queue_push_tail (&priv->added, added);
}

OaiRecord *
oai_stream_new_record (OaiStream *self, GType type, char *json)
{
  OaiStreamPrivate *priv = get_private (self);
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_take (json, strlen (json), OAI_JSON_TOLERANT | OAI_JSON_OWN, NULL);

  g_return_val_if_fail (doc != NULL, NULL);

  return oai_record_new_from_doc (type, doc, 0, priv->client, priv->call);
}

gboolean
oai_stream_is_pulled (OaiStream *self)
{
  return get_private (self)->pulling;
}

GBytes *
oai_stream_get_request_body (OaiStream *self)
{
  OaiStreamPrivate *priv = get_private (self);

  return priv->source != NULL ? priv->source->request_body : NULL;
}

gboolean
oai_stream_wants (OaiStream *self, guint signal)
{
  return oai_stream_folder_wants (&get_private (self)->folder, signal);
}

void
oai_stream_emit_text (OaiStream *self, guint signal, const char *text, gsize length, const guint *indexes)
{
  OaiStreamPrivate *priv = get_private (self);

  if (priv->folder.silent)
    return;

  oai_coalescer_add (&priv->folder.coalescer, priv->folder.table->signals[signal].id, text, length, indexes);
}

void
oai_stream_emit (OaiStream *self, guint signal, ...)
{
  OaiStreamPrivate *priv = get_private (self);
  va_list arguments;

  if (!oai_stream_wants (self, signal))
    return;

  oai_coalescer_flush (&priv->folder.coalescer);
  va_start (arguments, signal);
  oai_emit_valist (self, priv->folder.table->signals[signal].id, 0, arguments);
  va_end (arguments);
}
