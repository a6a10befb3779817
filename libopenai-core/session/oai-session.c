/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-session-private.h"

#include "oai-blocking-call-private.h"
#include "oai-emit-private.h"
#include "oai-enum-types.h"
#include "oai-error-map-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-method.h"

/**
 * OaiSession:
 *
 * A conversation with a model, as a list of items that change while replies arrive.
 *
 * A session is a [iface@Gio.ListModel] of [class@Oai.SessionItem]. [method@Oai.Session.send_async] appends the message of
 * the user, sends the conversation, and appends the items of the reply, whose texts grow while they arrive. A list view
 * that is bound to the session needs no other code. [method@Oai.Session.stop] ends a reply at any moment, and leaves a
 * conversation that servers accept.
 *
 * [ctor@Oai.ChatSession.new] creates a session for chat completions, which most servers support.
 *
 * A session can be used only in one main context, by one thread.
 *
 * Since: 1.0
 */

#define DEFAULT_MAX_ROUNDS 10

/* One turn: the requests from a message of the user to the last reply of the model.  The callbacks
 * of its operations check session to learn whether it has ended. */
typedef struct
{
  gatomicrefcount references;
  OaiSession *session; /* NULL after the turn has ended */
  GTask *task;         /* holds the session */
  GSource *cancelled;  /* watches the cancellable of the program; or NULL */
  GCancellable *cancellable;
  OaiStream *stream;   /* or NULL */
  GError *failure;     /* of a handler that stopped the session while the reply was taken; or NULL */
  guint round;
} Turn;

typedef struct
{
  OaiClient *client;
  char *model;
  char *instructions;
  OaiRecord *options;
  gboolean streaming;
  guint max_rounds;
  OaiSessionState state;
  GError *error;
  GPtrArray *items; /* OaiSessionItem */
  GPtrArray *reply; /* OaiSessionItem of the reply that is being received */
  GPtrArray *parts; /* OaiRecord for the next message of the user */
  Turn *turn;       /* or NULL */
  gboolean taking;  /* the items of the reply get their last states */
  gboolean ending;  /* while a turn ends, its handlers cannot start another one */
} OaiSessionPrivate;

enum
{
  PROP_0,
  PROP_CLIENT,
  PROP_MODEL,
  PROP_INSTRUCTIONS,
  PROP_OPTIONS,
  PROP_STREAMING,
  PROP_MAX_ROUNDS,
  PROP_STATE,
  PROP_ERROR,
  PROP_TEXT,
  PROP_ITEM_TYPE,
  PROP_N_ITEMS,
  N_PROPS
};

enum
{
  ROUND_STARTED,
  ROUND_FINISHED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static void oai_session_list_model_init (GListModelInterface *iface);

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (OaiSession, oai_session, G_TYPE_OBJECT,
                                  G_ADD_PRIVATE (OaiSession)
                                  G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, oai_session_list_model_init))

static OaiSessionPrivate *
get_private (OaiSession *self)
{
  return oai_session_get_instance_private (self);
}

static const OaiSessionHooks *
get_hooks (OaiSession *self)
{
  return OAI_SESSION_GET_CLASS (self)->hooks;
}

void
oai_session_class_set_hooks (OaiSessionClass *klass, const OaiSessionHooks *hooks)
{
  klass->hooks = hooks;
}

GPtrArray *
oai_session_get_items (OaiSession *self)
{
  return get_private (self)->items;
}

/* State */

static void
set_state (OaiSession *self, OaiSessionState state)
{
  OaiSessionPrivate *priv = get_private (self);

  if (priv->state == state)
    return;

  priv->state = state;
  oai_emit_notify (self, properties[PROP_STATE]);
}

/* error: nullable */
static void
set_error (OaiSession *self, const GError *error)
{
  OaiSessionPrivate *priv = get_private (self);

  if (priv->error == NULL && error == NULL)
    return;

  g_clear_error (&priv->error);
  priv->error = error != NULL ? g_error_copy (error) : NULL;
  oai_emit_notify (self, properties[PROP_ERROR]);
}

/* Items */

static void
insert_item (OaiSession *self, guint position, OaiSessionItem *item)
{
  OaiSessionPrivate *priv = get_private (self);

  g_ptr_array_insert (priv->items, (int) position, g_object_ref (item));
  oai_emit_items_changed (self, position, 0, 1);
  oai_emit_notify (self, properties[PROP_N_ITEMS]);
}

static void
append_item (OaiSession *self, OaiSessionItem *item)
{
  insert_item (self, get_private (self)->items->len, item);
}

static void
remove_items (OaiSession *self, guint position, guint n_items)
{
  OaiSessionPrivate *priv = get_private (self);

  g_ptr_array_remove_range (priv->items, position, n_items);
  oai_emit_items_changed (self, position, n_items, 0);
  oai_emit_notify (self, properties[PROP_N_ITEMS]);
}

static OaiSessionItem *
find_reply_item (OaiSession *self, OaiSessionItemKind kind, guint index)
{
  GPtrArray *reply = get_private (self)->reply;

  for (guint i = 0; i < reply->len; i++)
    {
      OaiSessionItem *item = g_ptr_array_index (reply, i);

      if (oai_session_item_get_kind (item) == kind && oai_session_item_get_index (item) == index)
        return item;
    }

  return NULL;
}

static void
text_changed_cb (OaiSession *self, GParamSpec *pspec, OaiSessionItem *item)
{
  oai_emit_notify (self, properties[PROP_TEXT]);
}

OaiSessionItem *
oai_session_ref_reply_item (OaiSession *self, OaiSessionItemKind kind, const char *role, guint index)
{
  OaiSessionPrivate *priv = get_private (self);
  Turn *turn = priv->turn;
  OaiSessionItem *item = find_reply_item (self, kind, index);

  if (item != NULL)
    return g_object_ref (item);

  item = oai_session_item_new (kind, role);
  oai_session_item_set_index (item, index);
  g_ptr_array_add (priv->reply, g_object_ref (item));
  if (kind == OAI_SESSION_ITEM_KIND_MESSAGE)
    g_signal_connect_object (item, "notify::text", G_CALLBACK (text_changed_cb), self, G_CONNECT_SWAPPED);
  append_item (self, item);
  if (priv->turn == turn && turn != NULL)
    set_state (self, OAI_SESSION_STATE_STREAMING);
  if (priv->turn == turn)
    return item;

  g_object_unref (item);

  return NULL;
}

/* Removes the items of the reply that have no record. */
static void
remove_empty_items (OaiSession *self)
{
  OaiSessionPrivate *priv = get_private (self);
  guint position;

  for (guint i = 0; i < priv->reply->len; i++)
    {
      OaiSessionItem *item = g_ptr_array_index (priv->reply, i);

      if (oai_session_item_get_record (item) == NULL && g_ptr_array_find (priv->items, item, &position))
        remove_items (self, position, 1);
    }
}

/* Returns the last message of the reply, or its last item if there is none; NULL if the reply is empty. */
static OaiSessionItem *
find_answer (OaiSession *self)
{
  GPtrArray *reply = get_private (self)->reply;
  OaiSessionItem *last = NULL;

  for (guint i = reply->len; i > 0; i--)
    {
      OaiSessionItem *item = g_ptr_array_index (reply, i - 1);

      if (oai_session_item_get_record (item) == NULL)
        continue;
      if (oai_session_item_get_kind (item) == OAI_SESSION_ITEM_KIND_MESSAGE)
        return item;
      if (last == NULL)
        last = item;
    }

  return last;
}

/* Turns */

static Turn *
turn_ref (Turn *turn)
{
  g_atomic_ref_count_inc (&turn->references);

  return turn;
}

static void
turn_unref (Turn *turn)
{
  if (!g_atomic_ref_count_dec (&turn->references))
    return;

  g_object_unref (turn->cancellable);
  g_clear_object (&turn->stream);
  g_clear_error (&turn->failure);
  g_free (turn);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Turn, turn_unref)

static void
disconnect_stream (Turn *turn, OaiSession *session)
{
  if (turn->stream != NULL)
    g_signal_handlers_disconnect_by_data (turn->stream, session);
}

/* Gives the items of a reply their last states.  A handler that stops the session meanwhile does so
 * afterwards. */
static gboolean
take_reply (OaiSession *self, OaiRecord *reply, gboolean complete, GError **error)
{
  OaiSessionPrivate *priv = get_private (self);
  gboolean taken;

  priv->taking = TRUE;
  taken = get_hooks (self)->take_reply (self, reply, complete, error);
  remove_empty_items (self);
  priv->taking = FALSE;

  return taken;
}

/* Separates a turn from the session, which cannot start another one before conclude(). */
static void
detach_turn (OaiSession *self, Turn *turn)
{
  OaiSessionPrivate *priv = get_private (self);

  priv->ending = TRUE;
  priv->turn = NULL;
  turn->session = NULL;
  disconnect_stream (turn, self);
  if (turn->cancelled != NULL)
    g_source_destroy (turn->cancelled);
  g_clear_pointer (&turn->cancelled, g_source_unref);
  g_cancellable_cancel (turn->cancellable);
}

/* Completes the task of a turn.  Takes ownership of the turn, and of error, which is NULL if the turn is complete. */
static void
conclude (OaiSession *self, Turn *turn, GError *error)
{
  OaiSessionPrivate *priv = get_private (self);
  g_autoptr(OaiSession) held G_GNUC_UNUSED = g_object_ref (self);
  g_autoptr(GTask) task = g_steal_pointer (&turn->task);
  OaiSessionItem *answer = NULL;

  if (error == NULL && find_answer (self) != NULL)
    answer = g_object_ref (find_answer (self));
  else if (error == NULL)
    error = g_error_new_literal (OAI_ERROR, OAI_ERROR_PROTOCOL, _("The reply of the model is empty."));
  g_ptr_array_set_size (priv->reply, 0);
  turn_unref (turn);
  set_error (self, error);
  priv->ending = FALSE;
  set_state (self, OAI_SESSION_STATE_IDLE);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, answer, g_object_unref);
}

/* Ends a turn between two requests, or after the last one.  Takes ownership of error, which is
 * nullable. */
static void
end_turn (Turn *turn, GError *error)
{
  OaiSession *self = turn->session;

  detach_turn (self, turn);
  conclude (self, turn, error);
}

/* Ends a turn at any moment, and keeps the parts of the reply that have arrived.  Takes ownership
 * of error. */
static void
abort_turn (Turn *turn, GError *error)
{
  OaiSession *self = turn->session;
  g_autoptr(OaiRecord) reply = NULL;

  if (get_private (self)->taking)
    {
      if (turn->failure == NULL)
        turn->failure = error;
      else
        g_error_free (error);
      return;
    }

  detach_turn (self, turn);
  if (turn->stream != NULL)
    reply = oai_stream_dup_result (turn->stream);
  take_reply (self, reply, FALSE, NULL);
  conclude (self, turn, error);
}

/* Handles a complete reply. */
static void
finish_round (Turn *turn, OaiRecord *reply)
{
  OaiSession *self = turn->session;
  GError *error = NULL;

  disconnect_stream (turn, self);
  g_clear_object (&turn->stream);
  take_reply (self, reply, TRUE, &error);
  if (turn->failure != NULL)
    {
      g_clear_error (&error);
      error = g_steal_pointer (&turn->failure);
    }
  if (error == NULL)
    oai_emit (self, signals[ROUND_FINISHED], 0, reply);
  if (turn->session != NULL)
    end_turn (turn, error);
}

static void
replied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Turn) turn = user_data;
  g_autoptr(OaiRecord) reply = NULL;
  g_autoptr(OaiSession) self = NULL;
  GError *error = NULL;

  if (turn->session != NULL)
    self = g_object_ref (turn->session);
  if (OAI_IS_STREAM (source))
    reply = oai_stream_run_finish (OAI_STREAM (source), result, &error);
  else if (self != NULL)
    reply = get_hooks (self)->create_finish (source, result, &error);

  if (self == NULL)
    g_clear_error (&error);
  else if (error != NULL)
    abort_turn (turn, error);
  else
    finish_round (turn, reply);
}

static void
send_request (Turn *turn, OaiRecord *request)
{
  OaiSession *self = turn->session;
  OaiSessionPrivate *priv = get_private (self);

  g_ptr_array_set_size (priv->reply, 0);
  g_clear_object (&turn->stream);
  if (priv->streaming)
    {
      turn->stream = get_hooks (self)->create_stream (self, request);
      oai_stream_run_async (turn->stream, turn->cancellable, replied_cb, turn_ref (turn));
    }
  else
    get_hooks (self)->create_async (self, request, turn->cancellable, replied_cb, turn_ref (turn));
}

static void
start_round (Turn *turn)
{
  OaiSession *self = turn->session;
  g_autoptr(OaiRecord) request = NULL;
  GError *error = NULL;

  request = get_hooks (self)->create_request (self, &error);
  if (request == NULL)
    {
      end_turn (turn, error);
      return;
    }

  turn->round++;
  set_state (self, OAI_SESSION_STATE_WAITING);
  if (turn->session != NULL)
    oai_emit (self, signals[ROUND_STARTED], 0, turn->round);
  if (turn->session != NULL)
    send_request (turn, request);
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr(Turn) turn = turn_ref (user_data);

  abort_turn (turn, oai_error_new_cancelled ());

  return G_SOURCE_REMOVE;
}

static void
watch_cancellable (Turn *turn, GCancellable *cancellable)
{
  if (cancellable == NULL)
    return;

  turn->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_static_name (turn->cancelled, "[oai] cancelled");
  g_source_set_callback (turn->cancelled, G_SOURCE_FUNC (cancelled_cb), turn, NULL);
  g_source_attach (turn->cancelled, g_main_context_get_thread_default ());
}

/* Takes ownership of the task. */
static void
start_turn (OaiSession *self, GTask *task)
{
  OaiSessionPrivate *priv = get_private (self);
  g_autoptr(Turn) turn = g_new0 (Turn, 1);

  g_atomic_ref_count_init (&turn->references);
  turn->session = self;
  turn->task = task;
  turn->cancellable = g_cancellable_new ();
  watch_cancellable (turn, g_task_get_cancellable (task));
  priv->turn = turn_ref (turn);
  set_error (self, NULL);
  if (turn->session != NULL)
    start_round (turn);
}

/* Appends a message of the user, from the text and the parts that were added before. */
static void
append_message (OaiSession *self, const char *text)
{
  OaiSessionPrivate *priv = get_private (self);
  g_autoptr(OaiSessionItem) item = oai_session_item_new (OAI_SESSION_ITEM_KIND_MESSAGE, get_hooks (self)->user_role);
  g_autoptr(OaiRecord) record = get_hooks (self)->create_message (text, priv->parts);

  g_ptr_array_set_size (priv->parts, 0);
  oai_session_item_set_text (item, text);
  oai_session_item_set_record (item, record);
  oai_session_item_set_state (item, OAI_SESSION_ITEM_STATE_COMPLETE);
  append_item (self, item);
}

/* Returns FALSE and completes the task if the session cannot start a turn. */
static gboolean
check_idle (OaiSession *self, GTask *task)
{
  OaiSessionPrivate *priv = get_private (self);

  if (priv->turn == NULL && !priv->ending)
    return TRUE;

  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING, "%s", _("The session is still receiving a reply. Stop it first."));
  g_object_unref (task);

  return FALSE;
}

static void
oai_session_dispose (GObject *object)
{
  OaiSessionPrivate *priv = get_private (OAI_SESSION (object));

  g_ptr_array_set_size (priv->items, 0);
  g_clear_object (&priv->options);
  g_clear_object (&priv->client);

  G_OBJECT_CLASS (oai_session_parent_class)->dispose (object);
}

static void
oai_session_finalize (GObject *object)
{
  OaiSessionPrivate *priv = get_private (OAI_SESSION (object));

  g_ptr_array_unref (priv->items);
  g_ptr_array_unref (priv->reply);
  g_ptr_array_unref (priv->parts);
  g_free (priv->model);
  g_free (priv->instructions);
  g_clear_error (&priv->error);

  G_OBJECT_CLASS (oai_session_parent_class)->finalize (object);
}

static void
oai_session_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  OaiSession *self = OAI_SESSION (object);
  OaiSessionPrivate *priv = get_private (self);

  switch (prop_id)
    {
    case PROP_CLIENT:
      g_value_set_object (value, priv->client);
      break;
    case PROP_MODEL:
      g_value_set_string (value, priv->model);
      break;
    case PROP_INSTRUCTIONS:
      g_value_set_string (value, priv->instructions);
      break;
    case PROP_OPTIONS:
      g_value_set_object (value, priv->options);
      break;
    case PROP_STREAMING:
      g_value_set_boolean (value, priv->streaming);
      break;
    case PROP_MAX_ROUNDS:
      g_value_set_uint (value, priv->max_rounds);
      break;
    case PROP_STATE:
      g_value_set_enum (value, priv->state);
      break;
    case PROP_ERROR:
      g_value_set_boxed (value, priv->error);
      break;
    case PROP_TEXT:
      g_value_set_string (value, oai_session_get_text (self));
      break;
    case PROP_ITEM_TYPE:
      g_value_set_gtype (value, OAI_TYPE_SESSION_ITEM);
      break;
    case PROP_N_ITEMS:
      g_value_set_uint (value, priv->items->len);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
oai_session_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  OaiSession *self = OAI_SESSION (object);

  switch (prop_id)
    {
    case PROP_CLIENT:
      get_private (self)->client = g_value_dup_object (value);
      break;
    case PROP_MODEL:
      oai_session_set_model (self, g_value_get_string (value));
      break;
    case PROP_INSTRUCTIONS:
      oai_session_set_instructions (self, g_value_get_string (value));
      break;
    case PROP_OPTIONS:
      oai_session_set_options (self, g_value_get_object (value));
      break;
    case PROP_STREAMING:
      oai_session_set_streaming (self, g_value_get_boolean (value));
      break;
    case PROP_MAX_ROUNDS:
      oai_session_set_max_rounds (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_settings (GObjectClass *object_class)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  /**
   * OaiSession:client: (getter get_client)
   *
   * The client that sends the requests.
   *
   * Since: 1.0
   */
  properties[PROP_CLIENT] = g_param_spec_object ("client", NULL, NULL, OAI_TYPE_CLIENT, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  /**
   * OaiSession:model: (getter get_model) (setter set_model)
   *
   * Name of the model. A change applies to the next request.
   *
   * Since: 1.0
   */
  properties[PROP_MODEL] = g_param_spec_string ("model", NULL, NULL, NULL, flags);
  /**
   * OaiSession:instructions: (getter get_instructions) (setter set_instructions)
   *
   * Instructions for the model, also called the system prompt. A change applies to the next request.
   *
   * Since: 1.0
   */
  properties[PROP_INSTRUCTIONS] = g_param_spec_string ("instructions", NULL, NULL, NULL, flags);
  /**
   * OaiSession:options: (getter get_options) (setter set_options)
   *
   * A request whose members are the options of all requests, such as the temperature: an [class@Oai.ChatRequest] or a
   * [class@Oai.ResponseRequest]. Its model, if it is set, and its conversation are ignored.
   *
   * Since: 1.0
   */
  properties[PROP_OPTIONS] = g_param_spec_object ("options", NULL, NULL, OAI_TYPE_RECORD, flags);
  /**
   * OaiSession:streaming: (getter get_streaming) (setter set_streaming)
   *
   * Whether replies are streamed. If not, an item appears when the reply is complete.
   *
   * Since: 1.0
   */
  properties[PROP_STREAMING] = g_param_spec_boolean ("streaming", NULL, NULL, TRUE, flags);
  /**
   * OaiSession:max-rounds: (getter get_max_rounds) (setter set_max_rounds)
   *
   * Maximum number of requests for one message of the user. Each reply with tool calls needs another request.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_ROUNDS] = g_param_spec_uint ("max-rounds", NULL, NULL, 1, G_MAXUINT, DEFAULT_MAX_ROUNDS, flags);
}

static void
oai_session_class_init (OaiSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->dispose = oai_session_dispose;
  object_class->finalize = oai_session_finalize;
  object_class->get_property = oai_session_get_property;
  object_class->set_property = oai_session_set_property;

  install_settings (object_class);
  /**
   * OaiSession:state: (getter get_state)
   *
   * The state of the session.
   *
   * Since: 1.0
   */
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, OAI_TYPE_SESSION_STATE, OAI_SESSION_STATE_IDLE, flags);
  /**
   * OaiSession:error: (getter get_error)
   *
   * The error of the last turn, else %NULL.
   *
   * Since: 1.0
   */
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, flags);
  /**
   * OaiSession:text: (getter get_text)
   *
   * The text of the newest message of the model as far as it has arrived.
   *
   * Since: 1.0
   */
  properties[PROP_TEXT] = g_param_spec_string ("text", NULL, NULL, NULL, flags);
  /**
   * OaiSession:item-type:
   *
   * The type of the items, [class@Oai.SessionItem].
   *
   * Since: 1.0
   */
  properties[PROP_ITEM_TYPE] = g_param_spec_gtype ("item-type", NULL, NULL, OAI_TYPE_SESSION_ITEM, flags);
  /**
   * OaiSession:n-items:
   *
   * The number of items.
   *
   * Since: 1.0
   */
  properties[PROP_N_ITEMS] = g_param_spec_uint ("n-items", NULL, NULL, 0, G_MAXUINT, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * OaiSession::round-started:
   * @self: the session
   * @round: number of the request in this turn, from 1
   *
   * Emitted before a request is sent.
   *
   * Since: 1.0
   */
  signals[ROUND_STARTED] = g_signal_new ("round-started", OAI_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  /**
   * OaiSession::round-finished:
   * @self: the session
   * @reply: the reply, such as an [class@Oai.ChatCompletion] or a [class@Oai.Response]
   *
   * Emitted when a reply is complete, before its tool calls run.
   *
   * Since: 1.0
   */
  signals[ROUND_FINISHED] = g_signal_new ("round-finished", OAI_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, OAI_TYPE_RECORD);
}

static void
oai_session_init (OaiSession *self)
{
  OaiSessionPrivate *priv = get_private (self);

  priv->streaming = TRUE;
  priv->max_rounds = DEFAULT_MAX_ROUNDS;
  priv->items = g_ptr_array_new_with_free_func (g_object_unref);
  priv->reply = g_ptr_array_new_with_free_func (g_object_unref);
  priv->parts = g_ptr_array_new_with_free_func (g_object_unref);
}

static GType
get_item_type (GListModel *model)
{
  return OAI_TYPE_SESSION_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return get_private (OAI_SESSION (model))->items->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  GPtrArray *items = get_private (OAI_SESSION (model))->items;

  return position < items->len ? g_object_ref (g_ptr_array_index (items, position)) : NULL;
}

static void
oai_session_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

/**
 * oai_session_get_client:
 * @self: a session
 *
 * Gets the client that sends the requests.
 *
 * Returns: (transfer none): the client
 *
 * Since: 1.0
 */
OaiClient *
oai_session_get_client (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), NULL);

  return get_private (self)->client;
}

/**
 * oai_session_get_model:
 * @self: a session
 *
 * Gets the name of the model.
 *
 * Returns: (nullable) (transfer none): the name
 *
 * Since: 1.0
 */
const char *
oai_session_get_model (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), NULL);

  return get_private (self)->model;
}

/* Replaces a text; returns whether it has changed. */
static gboolean
replace_text (char **text, const char *replacement)
{
  char *copy;

  if (g_strcmp0 (*text, replacement) == 0)
    return FALSE;

  copy = g_strdup (replacement);
  g_free (*text);
  *text = copy;

  return TRUE;
}

/**
 * oai_session_set_model:
 * @self: a session
 * @model: (nullable): name of the model
 *
 * Selects the model for the next request. The conversation so far is sent to it, too.
 *
 * Since: 1.0
 */
void
oai_session_set_model (OaiSession *self, const char *model)
{
  g_return_if_fail (OAI_IS_SESSION (self));

  if (replace_text (&get_private (self)->model, model))
    oai_emit_notify (self, properties[PROP_MODEL]);
}

/**
 * oai_session_get_instructions:
 * @self: a session
 *
 * Gets the instructions for the model.
 *
 * Returns: (nullable) (transfer none): the instructions, or %NULL if there are none
 *
 * Since: 1.0
 */
const char *
oai_session_get_instructions (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), NULL);

  return get_private (self)->instructions;
}

/**
 * oai_session_set_instructions:
 * @self: a session
 * @instructions: (nullable): instructions, or %NULL for none
 *
 * Sets the instructions for the model, also called the system prompt, for the next request.
 *
 * Since: 1.0
 */
void
oai_session_set_instructions (OaiSession *self, const char *instructions)
{
  g_return_if_fail (OAI_IS_SESSION (self));

  if (replace_text (&get_private (self)->instructions, instructions))
    oai_emit_notify (self, properties[PROP_INSTRUCTIONS]);
}

/**
 * oai_session_get_options:
 * @self: a session
 *
 * Gets the options of all requests.
 *
 * Returns: (nullable) (transfer none): a request, or %NULL if there are no options
 *
 * Since: 1.0
 */
OaiRecord *
oai_session_get_options (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), NULL);

  return get_private (self)->options;
}

/**
 * oai_session_set_options:
 * @self: a session
 * @options: (nullable): a request of the type of the session, or %NULL for none
 *
 * Sets the options of the next requests: the members of an [class@Oai.ChatRequest] or of an [class@Oai.ResponseRequest],
 * such as the temperature. Its conversation is ignored.
 *
 * Since: 1.0
 */
void
oai_session_set_options (OaiSession *self, OaiRecord *options)
{
  g_return_if_fail (OAI_IS_SESSION (self));
  g_return_if_fail (options == NULL || OAI_IS_RECORD (options));

  if (g_set_object (&get_private (self)->options, options))
    oai_emit_notify (self, properties[PROP_OPTIONS]);
}

/**
 * oai_session_get_streaming:
 * @self: a session
 *
 * Gets whether replies are streamed.
 *
 * Returns: whether replies are streamed
 *
 * Since: 1.0
 */
gboolean
oai_session_get_streaming (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), FALSE);

  return get_private (self)->streaming;
}

/**
 * oai_session_set_streaming:
 * @self: a session
 * @streaming: whether replies are streamed
 *
 * Sets whether the next replies are streamed. If not, an item appears when the reply is complete.
 *
 * Since: 1.0
 */
void
oai_session_set_streaming (OaiSession *self, gboolean streaming)
{
  OaiSessionPrivate *priv;

  g_return_if_fail (OAI_IS_SESSION (self));

  priv = get_private (self);
  if (priv->streaming == !!streaming)
    return;

  priv->streaming = !!streaming;
  oai_emit_notify (self, properties[PROP_STREAMING]);
}

/**
 * oai_session_get_max_rounds:
 * @self: a session
 *
 * Gets the maximum number of requests for one message of the user.
 *
 * Returns: the number; 10 by default
 *
 * Since: 1.0
 */
guint
oai_session_get_max_rounds (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), 0);

  return get_private (self)->max_rounds;
}

/**
 * oai_session_set_max_rounds:
 * @self: a session
 * @max_rounds: the number, at least 1
 *
 * Sets the maximum number of requests for one message of the user. Each reply with tool calls needs another request. If
 * the number is not enough, the turn fails with %OAI_ERROR_TOO_MANY_ROUNDS after the tools have run;
 * [method@Oai.Session.send_async] without a text continues.
 *
 * Since: 1.0
 */
void
oai_session_set_max_rounds (OaiSession *self, guint max_rounds)
{
  g_return_if_fail (OAI_IS_SESSION (self));
  g_return_if_fail (max_rounds > 0);

  if (get_private (self)->max_rounds == max_rounds)
    return;

  get_private (self)->max_rounds = max_rounds;
  oai_emit_notify (self, properties[PROP_MAX_ROUNDS]);
}

/**
 * oai_session_get_state:
 * @self: a session
 *
 * Gets the state of the session.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
OaiSessionState
oai_session_get_state (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), OAI_SESSION_STATE_IDLE);

  return get_private (self)->state;
}

/**
 * oai_session_get_error:
 * @self: a session
 *
 * Gets the error of the last turn. It is cleared when the next turn begins.
 *
 * Returns: (nullable) (transfer none): the error, or %NULL if there was none
 *
 * Since: 1.0
 */
const GError *
oai_session_get_error (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), NULL);

  return get_private (self)->error;
}

/**
 * oai_session_get_text:
 * @self: a session
 *
 * Gets the text of the newest message of the model as far as it has arrived.
 *
 * Returns: (nullable) (transfer none): the text, or %NULL if there is none; valid until it changes
 *
 * Since: 1.0
 */
const char *
oai_session_get_text (OaiSession *self)
{
  GPtrArray *items;

  g_return_val_if_fail (OAI_IS_SESSION (self), NULL);

  items = get_private (self)->items;
  for (guint i = items->len; i > 0; i--)
    {
      OaiSessionItem *item = g_ptr_array_index (items, i - 1);

      if (oai_session_item_get_kind (item) == OAI_SESSION_ITEM_KIND_MESSAGE && g_strcmp0 (oai_session_item_get_role (item), get_hooks (self)->model_role) == 0)
        return oai_session_item_get_text (item);
    }

  return NULL;
}

/**
 * oai_session_send_async:
 * @self: a session
 * @text: (nullable): the message of the user; %NULL to send only the parts that were added, or to continue the
 *   conversation without a new message
 * @cancellable: (nullable): a cancellable
 * @callback: (nullable) (scope async): called when the reply is complete
 * @user_data: data for @callback
 *
 * Sends a message of the user, and receives the reply of the model.
 *
 * The message and the items of the reply are appended to the session. If the session is stopped or cancelled, or the
 * reply fails, the parts that have arrived are kept, and the conversation can be continued.
 *
 * Since: 1.0
 */
void
oai_session_send_async (OaiSession *self, const char *text, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;

  g_return_if_fail (OAI_IS_SESSION (self));

  task = oai_method_task_new (self, cancellable, callback, user_data, oai_session_send_async);
  if (!check_idle (self, task))
    return;

  if (text != NULL || get_private (self)->parts->len > 0)
    append_message (self, text);
  if (check_idle (self, task))
    start_turn (self, task);
}

/**
 * oai_session_send_finish:
 * @self: a session
 * @result: a result
 * @error: return location for an error
 *
 * Completes [method@Oai.Session.send_async].
 *
 * Fails with %G_IO_ERROR_CANCELLED if the session was stopped, with %G_IO_ERROR_PENDING if a reply is still being
 * received, with %OAI_ERROR_LENGTH if the reply reached a token limit, and with the errors of requests.
 *
 * Returns: (transfer full): the last message of the reply, or its last item if it contains no message
 *
 * Since: 1.0
 */
OaiSessionItem *
oai_session_send_finish (OaiSession *self, GAsyncResult *result, GError **error)
{
  return oai_method_finish (self, result, error);
}

/**
 * oai_session_send:
 * @self: a session
 * @text: (nullable): the message of the user
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Sends a message of the user, and receives the reply of the model; see [method@Oai.Session.send_async]. Blocks until the
 * reply is complete. Tools must answer before they return, since no other sources run.
 *
 * Returns: (transfer full): the last message of the reply, or its last item if it contains no message
 *
 * Since: 1.0
 */
OaiSessionItem *
oai_session_send (OaiSession *self, const char *text, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall call;
  OaiSessionItem *item;

  g_return_val_if_fail (OAI_IS_SESSION (self), NULL);

  oai_blocking_call_begin (&call);
  oai_session_send_async (self, text, cancellable, oai_blocking_call_ready, &call);
  item = oai_session_send_finish (self, oai_blocking_call_wait (&call), error);
  oai_blocking_call_end (&call);

  return item;
}

/**
 * oai_session_stop:
 * @self: a session
 *
 * Stops the reply that is being received, and tools that are running. The operation fails with %G_IO_ERROR_CANCELLED.
 *
 * The text that has arrived is kept, and tool calls without a result get one that says that they were cancelled, so that
 * servers accept the conversation. If no reply is being received, nothing happens.
 *
 * Since: 1.0
 */
void
oai_session_stop (OaiSession *self)
{
  Turn *turn;

  g_return_if_fail (OAI_IS_SESSION (self));

  turn = get_private (self)->turn;
  if (turn != NULL)
    abort_turn (turn, oai_error_new_cancelled ());
}
