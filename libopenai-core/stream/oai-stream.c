/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-stream-impl-private.h"

#include "oai-emit-private.h"
#include "oai-i18n-private.h"
#include "oai-record-private.h"

/**
 * OaiStream:
 *
 * A reply that arrives in chunks.
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
 * - **Pull**: [method@Oai.Stream.next_async] gets one chunk, and no more is
 *   read from the network than that needs.
 *
 * Either way the chunks are folded into one record, which is there at any time
 * with [method@Oai.Stream.dup_result], also after an error. A stream that ends
 * before its reply is complete, or within an event, fails with
 * %OAI_ERROR_INCOMPLETE.
 *
 * A server may answer with one whole reply, as if no stream had been requested.
 * The stream then has the signals and the chunks that events would have brought.
 *
 * Cancelling, [method@Oai.Stream.close] and dropping the last reference close
 * the connection at once, so that the server stops working.
 *
 * A stream belongs to the thread that reads it. Other threads may only close it, or cancel
 * what reads it.
 *
 * Since: 1.0
 */

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

OaiStreamPrivate *
oai_stream_get_private (OaiStream *self)
{
  return oai_stream_get_instance_private (self);
}

const OaiStreamVTable *
oai_stream_get_vtable (OaiStream *self)
{
  static const OaiStreamVTable none = { 0 };
  const OaiStreamVTable *vtable = OAI_STREAM_GET_CLASS (self)->vtable;

  return vtable != NULL ? vtable : &none;
}

void
oai_stream_notify_running (OaiStream *self)
{
  oai_emit_notify (self, properties[PROP_RUNNING]);
}

void
oai_stream_notify_call (OaiStream *self)
{
  oai_emit_notify (self, properties[PROP_CALL]);
}

gboolean
oai_stream_wants_events (OaiStream *self)
{
  return g_signal_has_handler_pending (self, signals[EVENT], 0, FALSE);
}

void
oai_stream_emit_event (OaiStream *self, const char *name, const char *json)
{
  oai_emit (self, signals[EVENT], 0, name, json);
}

gboolean
oai_stream_wants_chunks (OaiStream *self)
{
  return g_signal_has_handler_pending (self, signals[CHUNK], 0, FALSE);
}

void
oai_stream_emit_chunk (OaiStream *self, OaiRecord *chunk)
{
  oai_emit (self, signals[CHUNK], 0, chunk);
}

static GError *
close_exchange (OaiStreamPrivate *priv)
{
  /* A handler of the call's end may close the stream, too. */
  OaiExchange *exchange = g_steal_pointer (&priv->exchange);
  GError *error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("The stream was closed"));

  if (exchange == NULL)
    return error;

  oai_exchange_close (exchange);
  oai_exchange_fail_reply (exchange, error);
  oai_exchange_free (exchange);

  return error;
}

static void
oai_stream_dispose (GObject *object)
{
  OaiStreamPrivate *priv = oai_stream_get_private (OAI_STREAM (object));

  /* Programs may do this by hand, while something waits for the stream.  Of text that
   * is held back nobody is told any more. */
  if (priv->state == OAI_STREAM_RUNNING)
    {
      GError *error = close_exchange (priv);

      if (priv->state == OAI_STREAM_RUNNING)
        oai_stream_settle (OAI_STREAM (object), error);
      else
        g_error_free (error);
    }

  G_OBJECT_CLASS (oai_stream_parent_class)->dispose (object);
}

static void
place_free (OaiStreamPlace *place)
{
  oai_owner_thread_unref (place->home);
  g_main_context_unref (place->context);
  g_free (place);
}

static void
oai_stream_finalize (GObject *object)
{
  OaiStreamPrivate *priv = oai_stream_get_private (OAI_STREAM (object));

  g_clear_pointer (&priv->request, oai_request_free);
  g_clear_pointer (&priv->request_body, g_bytes_unref);
  oai_event_reader_clear (&priv->reader);
  oai_event_joiner_clear (&priv->joiner);
  g_clear_pointer (&priv->doc, oai_json_doc_unref);
  g_clear_pointer (&priv->context, g_main_context_unref);
  g_clear_pointer (&priv->place, place_free);
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
  OaiStreamPrivate *priv = oai_stream_get_private (OAI_STREAM (object));

  switch (prop_id)
    {
    case PROP_COALESCE:
      g_value_set_uint (value, priv->coalesce);
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
   * For how many milliseconds text is buffered, so that one signal carries several
   * deltas; 0 for a signal for each delta. A text view has less to do with 50.
   *
   * Signals keep their order. A new value counts also for the text that is buffered
   * already, from the time of the change.
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
  g_queue_init (&oai_stream_get_private (self)->chunks);
}

OaiStream *
oai_stream_new (GType type, OaiClient *client, OaiRequest *request, GType chunk_type, GError *error)
{
  OaiStream *self = g_object_new (type, NULL);
  OaiStreamPrivate *priv = oai_stream_get_private (self);

  g_set_object (&priv->client, client);
  priv->request = request;
  if (request != NULL && request->body != NULL)
    priv->request_body = g_bytes_ref (request->body);
  if (request != NULL)
    {
      priv->text_member = request->text_member;
      priv->format = request->format;
    }
  priv->chunk_type = chunk_type;
  priv->error = error;

  return self;
}

gboolean
oai_stream_is_pulled (OaiStream *self)
{
  return oai_stream_get_private (self)->pulling;
}

GBytes *
oai_stream_get_request_body (OaiStream *self)
{
  return oai_stream_get_private (self)->request_body;
}

OaiRecord *
oai_stream_new_record (OaiStream *self, GType type, const char *json)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);
  g_autoptr(OaiJsonDoc) doc = oai_json_doc_new_copy (json, -1, OAI_JSON_TOLERANT | OAI_JSON_OWN, NULL);

  g_return_val_if_fail (doc != NULL, NULL);

  return oai_record_new_from_node (type, doc, 0, priv->client, priv->call);
}

static void
close_here (GObject *object)
{
  OaiStream *self = OAI_STREAM (object);
  OaiStreamPrivate *priv = oai_stream_get_private (self);

  if (priv->state != OAI_STREAM_OVER)
    oai_stream_end (self, close_exchange (priv));
}

void
oai_stream_set_place (OaiStream *self)
{
  OaiStreamPrivate *priv = oai_stream_get_private (self);
  OaiStreamPlace *place = g_new (OaiStreamPlace, 1);

  place->home = oai_owner_thread_ref_current ();
  place->context = g_main_context_ref (priv->context);
  g_atomic_pointer_set (&priv->place, place);
}

void
oai_stream_catch_up_close (OaiStream *self)
{
  if (g_atomic_int_get (&oai_stream_get_private (self)->closing))
    close_here (G_OBJECT (self));
}

/**
 * oai_stream_close:
 * @self: a stream
 *
 * Closes the connection at once, so that the server stops working. Whatever
 * waits for the stream ends with %G_IO_ERROR_CANCELLED. What has arrived is
 * kept. Does nothing when the stream is over.
 *
 * May be called from any thread. While another thread blocks in a method of the stream,
 * that thread closes it, and this waits for it; a stream that is read in the main context
 * of another thread is closed when that main context runs.
 *
 * Since: 1.0
 */
void
oai_stream_close (OaiStream *self)
{
  OaiStreamPrivate *priv;
  OaiStreamPlace *place;
  g_autoptr(OaiStream) held = NULL;

  g_return_if_fail (OAI_IS_STREAM (self));

  /* A handler may drop the last reference. */
  held = g_object_ref (self);
  priv = oai_stream_get_private (self);
  g_atomic_int_set (&priv->closing, TRUE);
  place = g_atomic_pointer_get (&priv->place);
  if (place != NULL)
    oai_owner_thread_send (place->home, place->context, close_here, G_OBJECT (self));
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

  return oai_stream_get_private (self)->state == OAI_STREAM_RUNNING;
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

  return oai_stream_get_private (self)->call;
}

/**
 * oai_stream_get_coalesce:
 * @self: a stream
 *
 * Gets how long text is buffered, so that one signal carries several deltas.
 *
 * Returns: milliseconds; 0 for a signal for each delta
 *
 * Since: 1.0
 */
guint
oai_stream_get_coalesce (OaiStream *self)
{
  g_return_val_if_fail (OAI_IS_STREAM (self), 0);

  return oai_stream_get_private (self)->coalesce;
}

/**
 * oai_stream_set_coalesce:
 * @self: a stream
 * @milliseconds: how long to buffer text; 0 not at all
 *
 * Sets how long text is buffered, so that one signal carries several deltas.
 *
 * Since: 1.0
 */
void
oai_stream_set_coalesce (OaiStream *self, guint milliseconds)
{
  OaiStreamPrivate *priv;

  g_return_if_fail (OAI_IS_STREAM (self));

  priv = oai_stream_get_private (self);
  if (priv->coalesce == milliseconds)
    return;

  priv->coalesce = milliseconds;
  if (priv->flush_source != NULL)
    g_source_set_ready_time (priv->flush_source, g_get_monotonic_time () + milliseconds * G_TIME_SPAN_MILLISECOND);
  oai_emit_notify (self, properties[PROP_COALESCE]);
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

  priv = oai_stream_get_private (self);
  if (oai_stream_get_vtable (self)->dup_result != NULL)
    return oai_stream_get_vtable (self)->dup_result (self);

  return priv->newest != NULL ? g_object_ref (priv->newest) : NULL;
}
