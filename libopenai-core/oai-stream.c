/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-stream-request-private.h"

#include <string.h>

#include "oai-call-private.h"
#include "oai-error-map-private.h"
#include "oai-event-reader-private.h"
#include "oai-i18n-private.h"
#include "oai-record-private.h"

/**
 * OaiStream:
 *
 * A reply that comes piece by piece.
 *
 * A stream is made by a method of an endpoint and sends nothing until it is
 * used, so that there is time to connect to its signals. Then there are two ways:
 *
 * - **Push**: [method@Oai.Stream.run_async] reads it to its end, and everything
 *   comes by signals in the main context that was the thread's default then:
 *   [signal@Oai.Stream::event] with the raw JSON, [signal@Oai.Stream::chunk]
 *   with a record, and the typed ones of subclasses such as
 *   [signal@Oai.ChatStream::content-delta]. Records are made only where somebody
 *   listens for them.
 * - **Pull**: [method@Oai.Stream.next_async] gets one chunk, and nothing is
 *   read from the network as long as nobody asks.
 *
 * Either way the pieces are folded into one record, which is there at any time
 * with [method@Oai.Stream.dup_result], also after an error. A stream that ends
 * before its reply is whole fails with %OAI_ERROR_INCOMPLETE.
 *
 * Cancelling, [method@Oai.Stream.close] and dropping the last reference close
 * the connection at once, so that the server stops working.
 *
 * Since: 1.0
 */

typedef enum
{
  STATE_NEW,
  STATE_RUNNING,
  STATE_OVER
} State;

typedef struct
{
  OaiClient *client;
  OaiRequest *request;
  GBytes *request_body;
  OaiExchange *exchange;
  OaiCall *call;
  GType chunk_type;
  GMainContext *context;
  State state;
  OaiEventReader reader;
  OaiJsonDoc *doc;       /* reused where no record is wanted */
  OaiRecord *newest;     /* the result of streams that fold nothing */
  GQueue chunks;         /* pulled, not given away yet */
  guint wanted;          /* how many the pending pull takes at most */
  GTask *task;           /* run or pull under way */
  gboolean pulling;
  GError *error;         /* what the stream ended with */
  const char *secret;    /* while events are folded */
  guint coalesce;
  GSource *flush_source;
} OaiStreamPrivate;

enum
{
  PROP_0,
  PROP_COALESCE,
  PROP_RUNNING,
  PROP_CALL,
  N_PROPS
};

enum
{
  EVENT,
  CHUNK,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_TYPE_WITH_PRIVATE (OaiStream, oai_stream, G_TYPE_OBJECT)

static OaiStreamPrivate *
get_private (OaiStream *self)
{
  return oai_stream_get_instance_private (self);
}

static const OaiStreamVTable *
get_vtable (OaiStream *self)
{
  static const OaiStreamVTable none = { 0 };
  const OaiStreamVTable *vtable = OAI_STREAM_GET_CLASS (self)->vtable;

  return vtable != NULL ? vtable : &none;
}

static void
drop_flush_source (OaiStreamPrivate *priv)
{
  if (priv->flush_source == NULL)
    return;

  g_source_destroy (priv->flush_source);
  g_clear_pointer (&priv->flush_source, g_source_unref);
}

static void
oai_stream_dispose (GObject *object)
{
  OaiStreamPrivate *priv = get_private (OAI_STREAM (object));

  g_clear_pointer (&priv->exchange, oai_exchange_free);
  drop_flush_source (priv);

  G_OBJECT_CLASS (oai_stream_parent_class)->dispose (object);
}

static void
oai_stream_finalize (GObject *object)
{
  OaiStreamPrivate *priv = get_private (OAI_STREAM (object));

  g_clear_pointer (&priv->request, oai_request_free);
  g_clear_pointer (&priv->request_body, g_bytes_unref);
  oai_event_reader_clear (&priv->reader);
  g_clear_pointer (&priv->doc, oai_json_doc_unref);
  g_clear_pointer (&priv->context, g_main_context_unref);
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
    case PROP_COALESCE:
      g_value_set_uint (value, priv->coalesce);
      break;
    case PROP_RUNNING:
      g_value_set_boolean (value, priv->state == STATE_RUNNING);
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
    case PROP_COALESCE:
      oai_stream_set_coalesce (OAI_STREAM (object), g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_properties (GObjectClass *object_class)
{
  /**
   * OaiStream:coalesce: (getter get_coalesce) (setter set_coalesce)
   *
   * For how many milliseconds pieces of text are held back to be told of at
   * once; 0 for each as it comes. A text view has less to do with 50.
   *
   * Since: 1.0
   */
  properties[PROP_COALESCE] = g_param_spec_uint ("coalesce", NULL, NULL, 0, G_MAXUINT, 0,
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
   * The exchange with the server, once the stream has started.
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

  object_class->dispose = oai_stream_dispose;
  object_class->finalize = oai_stream_finalize;
  object_class->get_property = oai_stream_get_property;
  object_class->set_property = oai_stream_set_property;
  install_properties (object_class);

  /**
   * OaiStream::event:
   * @self: the stream
   * @name: (nullable): what the server calls the event, or %NULL when it has no name
   * @json: the event as JSON text
   *
   * An event has arrived, whether this library knows its kind or not.
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
   * An event has arrived. Records cost time, in some languages much: where text
   * is all that is wanted, connect to the signals of the subclass instead.
   *
   * Since: 1.0
   */
  signals[CHUNK] = g_signal_new ("chunk", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, OAI_TYPE_RECORD);
}

static void
oai_stream_init (OaiStream *self)
{
  g_queue_init (&get_private (self)->chunks);
}

OaiStream *
oai_stream_new (GType type, OaiClient *client, OaiRequest *request, GType chunk_type, GError *error)
{
  OaiStream *self = g_object_new (type, NULL);
  OaiStreamPrivate *priv = get_private (self);

  priv->client = g_object_ref (client);
  priv->request = request;
  if (request != NULL && request->body != NULL)
    priv->request_body = g_bytes_ref (request->body);
  priv->chunk_type = chunk_type;
  priv->error = error;

  return self;
}

OaiClient *
oai_stream_get_client (OaiStream *self)
{
  return get_private (self)->client;
}

GBytes *
oai_stream_get_request_body (OaiStream *self)
{
  return get_private (self)->request_body;
}

OaiRecord *
oai_stream_new_record (OaiStream *self, GType type, const char *json)
{
  OaiStreamPrivate *priv = get_private (self);
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (json, -1, OAI_JSON_TOLERANT, NULL);

  g_return_val_if_fail (doc != NULL, NULL);

  return oai_record_new_from_node (type, doc, 0, priv->client, priv->call);
}

/* Held back text */

static void
flush (OaiStream *self)
{
  drop_flush_source (get_private (self));
  if (get_vtable (self)->flush != NULL)
    get_vtable (self)->flush (self);
}

static gboolean
flush_cb (gpointer user_data)
{
  g_autoptr(OaiStream) self = g_object_ref (user_data);

  flush (self);

  return G_SOURCE_REMOVE;
}

void
oai_stream_schedule_flush (OaiStream *self)
{
  OaiStreamPrivate *priv = get_private (self);

  if (priv->coalesce == 0)
    {
      get_vtable (self)->flush (self);
      return;
    }
  if (priv->flush_source != NULL)
    return;

  priv->flush_source = g_timeout_source_new (priv->coalesce);
  g_source_set_static_name (priv->flush_source, "[oai] held back text");
  g_source_set_callback (priv->flush_source, flush_cb, self, NULL);
  g_source_attach (priv->flush_source, priv->context);
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
return_pull (OaiStream *self)
{
  OaiStreamPrivate *priv = get_private (self);
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

  if (priv->error != NULL)
    g_task_return_error (task, g_error_copy (priv->error));
  else
    g_task_return_pointer (task, oai_stream_dup_result (self), g_object_unref);
}

/* Takes the error.  Nothing is read any more. */
static void
end (OaiStream *self, GError *error)
{
  OaiStreamPrivate *priv = get_private (self);

  if (priv->state == STATE_OVER)
    {
      g_clear_error (&error);
      return;
    }

  flush (self);
  priv->state = STATE_OVER;
  priv->error = error;
  g_clear_pointer (&priv->exchange, oai_exchange_free);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);

  if (priv->task == NULL)
    return;
  if (priv->pulling)
    return_pull (self);
  else
    return_run (self);
}

/* The events are over. */
static void
complete (OaiStream *self, OaiStreamEnd how)
{
  OaiStreamPrivate *priv = get_private (self);
  GError *error = NULL;

  if (get_vtable (self)->complete != NULL)
    get_vtable (self)->complete (self, how, &error);
  else if (how == OAI_STREAM_END_CUT)
    error = oai_error_new_incomplete (priv->call, _("it ended within an event"));

  if (priv->exchange != NULL && how == OAI_STREAM_END_DONE)
    oai_exchange_finish_early (priv->exchange, g_steal_pointer (&error));
  else if (priv->exchange != NULL && error != NULL)
    oai_exchange_fail_reply (priv->exchange, error);
  if (error == NULL && oai_call_get_error (priv->call) != NULL)
    error = g_error_copy (oai_call_get_error (priv->call));

  end (self, error);
}

/* Events */

static gboolean
wants_record (OaiStream *self)
{
  OaiStreamPrivate *priv = get_private (self);

  return priv->pulling || get_vtable (self)->dup_result == NULL || g_signal_has_handler_pending (self, signals[CHUNK], 0, FALSE);
}

static GError *
find_error (OaiStream *self, const char *event, OaiJsonDoc *doc, OaiJsonNode node)
{
  OaiStreamPrivate *priv = get_private (self);
  g_auto(OaiErrorDetails) details = { 0 };
  gboolean named = event != NULL && strcmp (event, "error") == 0;

  if (!oai_error_details_read_node (&details, doc, node, named))
    return NULL;
  if (details.message == NULL)
    details.message = g_strdup (_("An error occurred during streaming"));

  return oai_error_new_for_details (priv->call, &details, priv->secret);
}

static gboolean
fold_node (OaiStream *self, const char *event, OaiJsonDoc *doc, OaiJsonNode node, gboolean owned, GError **error)
{
  OaiStreamPrivate *priv = get_private (self);
  GError *found = find_error (self, event, doc, node);

  if (found != NULL)
    {
      g_propagate_error (error, found);
      return FALSE;
    }

  if (owned && oai_json_get_type (doc, node) == OAI_JSON_OBJECT)
    {
      g_set_object (&priv->newest, NULL);
      priv->newest = oai_record_new_from_node (priv->chunk_type, doc, node, priv->client, priv->call);
      if (priv->pulling)
        g_queue_push_tail (&priv->chunks, g_object_ref (priv->newest));
      g_signal_emit (self, signals[CHUNK], 0, priv->newest);
    }

  return get_vtable (self)->fold == NULL || get_vtable (self)->fold (self, event, doc, node, error);
}

static void
set_malformed (OaiStream *self, GError **error)
{
  OaiCall *call = get_private (self)->call;
  const char *id = oai_call_get_request_id (call);

  if (id != NULL)
    /* Translators: %s is the server's name for the request. */
    g_set_error (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("Error reading response: malformed server-sent event JSON. (request id %s)"), id);
  else
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_PROTOCOL, _("Error reading response: malformed server-sent event JSON."));
}

/* The data of an event: one JSON value, or several behind each other. */
static gboolean
fold_data (OaiStream *self, const char *event, char *data, gsize length, GError **error)
{
  OaiStreamPrivate *priv = get_private (self);

  while (priv->state == STATE_RUNNING)
    {
      gboolean owned = wants_record (self);
      g_autoptr(OaiJsonDoc) doc = NULL;
      gsize used;

      if (owned)
        doc = oai_json_doc_new_copy (data, length, OAI_JSON_TOLERANT | OAI_JSON_PREFIX, NULL);
      else if (oai_json_doc_parse (priv->doc, data, length, OAI_JSON_TOLERANT | OAI_JSON_PREFIX, NULL))
        doc = oai_json_doc_ref (priv->doc);
      if (doc == NULL)
        {
          set_malformed (self, error);
          return FALSE;
        }
      used = oai_json_doc_get_consumed (doc);
      if (!fold_node (self, event, doc, 0, owned, error))
        return FALSE;

      data += used;
      length -= used;
      while (length > 0 && g_ascii_isspace (*data))
        {
          data++;
          length--;
        }
      if (length == 0)
        break;
    }

  return TRUE;
}

/* FALSE when the stream is over. */
static gboolean
handle_event (OaiStream *self, OaiSseEvent *event)
{
  GError *error = NULL;

  if (event->length == 6 && memcmp (event->data, "[DONE]", 6) == 0)
    {
      complete (self, OAI_STREAM_END_DONE);
      return FALSE;
    }
  /* Comments that a gateway wrapped into data, and events with none. */
  if (event->length == 0 || *event->data == ':')
    return TRUE;

  if (g_signal_has_handler_pending (self, signals[EVENT], 0, FALSE))
    {
      g_autofree char *json = g_utf8_make_valid (event->data, event->length);

      g_signal_emit (self, signals[EVENT], 0, event->event, json);
      if (get_private (self)->state != STATE_RUNNING)
        return FALSE;
    }

  if (!fold_data (self, event->event, event->data, event->length, &error))
    {
      OaiStreamPrivate *priv = get_private (self);

      if (priv->exchange != NULL)
        oai_exchange_finish_early (priv->exchange, g_error_copy (error));
      end (self, error);
      return FALSE;
    }

  return get_private (self)->state == STATE_RUNNING;
}

static gboolean
has_enough (OaiStreamPrivate *priv)
{
  return priv->pulling && priv->chunks.length >= MAX (priv->wanted, 1);
}

/* Handles what has arrived. TRUE when more should be read. */
static gboolean
handle_events (OaiStream *self)
{
  OaiStreamPrivate *priv = get_private (self);
  OaiSseEvent event;
  GError *error = NULL;

  while (!has_enough (priv) && oai_event_reader_next (&priv->reader, &event, &error))
    if (!handle_event (self, &event))
      return FALSE;

  if (error != NULL)
    {
      if (priv->exchange != NULL)
        oai_exchange_finish_early (priv->exchange, g_error_copy (error));
      end (self, error);
      return FALSE;
    }
  if (priv->pulling && priv->chunks.length > 0)
    {
      if (priv->task != NULL)
        return_pull (self);
      return FALSE;
    }

  return TRUE;
}

/* A reply that is one JSON value. */
static void
handle_whole (OaiStream *self)
{
  OaiStreamPrivate *priv = get_private (self);
  g_autoptr(OaiJsonDoc) doc = oai_event_reader_parse_whole (&priv->reader);
  GError *error = NULL;

  if (doc == NULL)
    set_malformed (self, &error);
  else
    error = find_error (self, NULL, doc, 0);

  if (error == NULL && get_vtable (self)->fold_whole != NULL)
    get_vtable (self)->fold_whole (self, doc, 0, &error);
  else if (error == NULL)
    fold_node (self, NULL, doc, 0, TRUE, &error);

  if (priv->exchange != NULL && error != NULL)
    oai_exchange_fail_reply (priv->exchange, error);
  end (self, error);
}

/* The sink of the exchange */

static void
head_cb (OaiExchange *exchange, gpointer user_data)
{
  OaiStreamPrivate *priv = get_private (user_data);
  const char *type = oai_call_get_header (oai_exchange_get_call (exchange), "content-type");

  priv->secret = oai_exchange_get_secret (exchange);
  oai_event_reader_set_type (&priv->reader, type);
}

static char *
reserve_cb (gsize *size, gpointer user_data)
{
  return oai_event_reader_reserve (&get_private (user_data)->reader, size);
}

static gboolean
commit_cb (gsize size, gpointer user_data)
{
  g_autoptr(OaiStream) self = g_object_ref (user_data);

  oai_event_reader_commit (&get_private (self)->reader, size);

  return handle_events (self);
}

static void
done_cb (OaiExchange *exchange, GError *error, gpointer user_data)
{
  g_autoptr(OaiStream) self = g_object_ref (user_data);
  OaiStreamPrivate *priv = get_private (self);

  if (error != NULL)
    end (self, error);
  else if (priv->reader.is_whole)
    handle_whole (self);
  else
    complete (self, oai_event_reader_is_cut (&priv->reader) ? OAI_STREAM_END_CUT : OAI_STREAM_END_EOF);
}

static const OaiExchangeSink stream_sink = { head_cb, reserve_cb, commit_cb, done_cb };

static void
start (OaiStream *self, GCancellable *cancellable)
{
  OaiStreamPrivate *priv = get_private (self);

  priv->state = STATE_RUNNING;
  priv->context = g_main_context_ref_thread_default ();
  oai_event_reader_init (&priv->reader);
  priv->doc = oai_json_doc_new ();
  priv->exchange = oai_exchange_new (priv->client, g_steal_pointer (&priv->request), TRUE, &stream_sink, self);
  priv->call = g_object_ref (oai_exchange_get_call (priv->exchange));
  oai_call_attach (priv->call, priv->task);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CALL]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);
  oai_exchange_start (priv->exchange, cancellable);
}

OaiRecord *
oai_stream_fold_body (GType type, OaiClient *client, OaiCall *call, GType chunk_type, GBytes *body, const char *secret, GError **error)
{
  g_autoptr(OaiStream) self = oai_stream_new (type, client, NULL, chunk_type, NULL);
  OaiStreamPrivate *priv = get_private (self);
  g_autoptr(GBytes) owned = body;
  gsize length;
  const char *data = g_bytes_get_data (owned, &length);

  priv->state = STATE_RUNNING;
  priv->call = g_object_ref (call);
  priv->secret = secret;
  oai_event_reader_init (&priv->reader);
  priv->doc = oai_json_doc_new ();
  memcpy (oai_sse_parser_reserve (priv->reader.parser, length + 1), data, length);
  oai_sse_parser_commit (priv->reader.parser, length);
  if (handle_events (self))
    complete (self, oai_event_reader_is_cut (&priv->reader) ? OAI_STREAM_END_CUT : OAI_STREAM_END_EOF);

  if (priv->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&priv->error));
      return NULL;
    }

  return oai_stream_dup_result (self);
}

/* Gives the task to the stream, or ends it where the stream cannot take it. */
static gboolean
accept_task (OaiStream *self, GTask *task, gboolean pulling)
{
  OaiStreamPrivate *priv = get_private (self);
  g_autoptr(GMainContext) here = g_main_context_ref_thread_default ();

  if (priv->task != NULL || (!pulling && priv->state != STATE_NEW))
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING, _("The stream is in use already"));
      return FALSE;
    }
  if (priv->context != NULL && priv->context != here && priv->state == STATE_RUNNING)
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

void
oai_stream_push (OaiStream *self, GTask *task)
{
  OaiStreamPrivate *priv = get_private (self);

  if (!accept_task (self, task, FALSE))
    return;

  if (priv->request == NULL)
    end (self, g_steal_pointer (&priv->error));
  else
    start (self, g_task_get_cancellable (task));
}

void
oai_stream_pull (OaiStream *self, GTask *task, guint max)
{
  OaiStreamPrivate *priv = get_private (self);
  GCancellable *cancellable = g_task_get_cancellable (task);

  if (!accept_task (self, task, TRUE))
    return;

  priv->wanted = max;
  if (priv->state == STATE_NEW && priv->request == NULL)
    {
      end (self, g_steal_pointer (&priv->error));
    }
  else if (priv->state == STATE_NEW)
    {
      start (self, cancellable);
    }
  else if (priv->state == STATE_OVER)
    {
      return_pull (self);
    }
  else if (g_cancellable_is_cancelled (cancellable))
    {
      oai_stream_close (self);
    }
  else
    {
      oai_exchange_set_cancellable (priv->exchange, cancellable);
      if (handle_events (self) && priv->exchange != NULL)
        oai_exchange_resume (priv->exchange);
    }
}

/**
 * oai_stream_close:
 * @self: a stream
 *
 * Closes the connection at once, so that the server stops working. Whatever
 * waits for the stream ends with %G_IO_ERROR_CANCELLED. What has arrived is
 * kept. Does nothing when the stream is over.
 *
 * Since: 1.0
 */
void
oai_stream_close (OaiStream *self)
{
  OaiStreamPrivate *priv;

  g_return_if_fail (OAI_IS_STREAM (self));

  priv = get_private (self);
  if (priv->exchange != NULL)
    oai_exchange_close (priv->exchange);
  end (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("The stream was closed")));
}

/**
 * oai_stream_is_running:
 * @self: a stream
 *
 * Tells whether the stream has started and is not over.
 *
 * Returns: %TRUE while it is running
 *
 * Since: 1.0
 */
gboolean
oai_stream_is_running (OaiStream *self)
{
  g_return_val_if_fail (OAI_IS_STREAM (self), FALSE);

  return get_private (self)->state == STATE_RUNNING;
}

/**
 * oai_stream_get_call:
 * @self: a stream
 *
 * Gets the exchange with the server.
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
 * oai_stream_get_coalesce:
 * @self: a stream
 *
 * Gets for how long pieces of text are held back to be told of at once.
 *
 * Returns: milliseconds; 0 when each is told of as it comes
 *
 * Since: 1.0
 */
guint
oai_stream_get_coalesce (OaiStream *self)
{
  g_return_val_if_fail (OAI_IS_STREAM (self), 0);

  return get_private (self)->coalesce;
}

/**
 * oai_stream_set_coalesce:
 * @self: a stream
 * @milliseconds: for how long to hold pieces of text back; 0 not at all
 *
 * Sets for how long pieces of text are held back to be told of at once.
 *
 * Since: 1.0
 */
void
oai_stream_set_coalesce (OaiStream *self, guint milliseconds)
{
  OaiStreamPrivate *priv;

  g_return_if_fail (OAI_IS_STREAM (self));

  priv = get_private (self);
  if (priv->coalesce == milliseconds)
    return;

  priv->coalesce = milliseconds;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COALESCE]);
}

/**
 * oai_stream_dup_result:
 * @self: a stream
 *
 * Gets the reply as far as it has arrived: folded where the stream is of a kind
 * that folds, the newest chunk otherwise. Works while the stream is running,
 * and also after it has failed.
 *
 * Returns: (nullable) (transfer full): the record, or %NULL when nothing has arrived
 *
 * Since: 1.0
 */
OaiRecord *
oai_stream_dup_result (OaiStream *self)
{
  OaiStreamPrivate *priv;

  g_return_val_if_fail (OAI_IS_STREAM (self), NULL);

  priv = get_private (self);
  if (get_vtable (self)->dup_result != NULL)
    return get_vtable (self)->dup_result (self);

  return priv->newest != NULL ? g_object_ref (priv->newest) : NULL;
}
