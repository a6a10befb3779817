/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-session-private.h"

#include "oai-blocking-call-private.h"
#include "oai-emit-private.h"
#include "oai-enum-types.h"
#include "oai-error-map-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-method.h"
#include "oai-tool-call-private.h"
#include "oai-toolset-private.h"

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
 * [ctor@Oai.ChatSession.new] creates a session for chat completions, which most servers support. Programs cannot derive
 * types from OaiSession: such a session fails with %OAI_ERROR_INVALID_ARGUMENT.
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
  OaiRecord *request;  /* the newest one */
  GPtrArray *calls;    /* OaiToolCall that run; or NULL */
  gint64 sent_at;      /* monotonic time in microseconds */
  gboolean repeated;   /* the request was repeated with a shorter conversation */
  GError *exceeded;    /* the conversation was too long; or NULL */
  GError *failure;     /* of a handler that stopped the session while the reply was taken; or NULL */
  guint round;
} Turn;

typedef struct
{
  OaiClient *client;
  char *model;
  char *instructions;
  OaiRecord *options;
  OaiToolset *toolset;
  OaiPriceTable *prices;
  gboolean streaming;
  guint coalesce_interval;
  guint max_rounds;
  double budget;
  OaiSessionUsage usage;
  double cost;
  gboolean is_measured; /* the last reply since there are these prices contained the number of tokens */
  guint first_token_latency;
  guint latency;
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
  PROP_TOOLSET,
  PROP_STREAMING,
  PROP_COALESCE_INTERVAL,
  PROP_MAX_ROUNDS,
  PROP_PRICES,
  PROP_BUDGET,
  PROP_COST,
  PROP_INPUT_TOKENS,
  PROP_CACHED_TOKENS,
  PROP_OUTPUT_TOKENS,
  PROP_REASONING_TOKENS,
  PROP_TOTAL_TOKENS,
  PROP_FIRST_TOKEN_LATENCY,
  PROP_LATENCY,
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
  TOOL_CALL,
  TOOL_RESULT,
  APPROVAL_REQUESTED,
  CONTEXT_EXCEEDED,
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

const OaiSessionHooks *
oai_session_get_hooks (OaiSession *self)
{
  return OAI_SESSION_GET_CLASS (self)->hooks;
}

void
oai_session_restore_usage (OaiSession *self, const OaiSessionUsage *usage, double cost)
{
  get_private (self)->usage = *usage;
  get_private (self)->cost = cost;
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

/* Subclasses of programs */

static GError *
new_unsupported (void)
{
  return g_error_new_literal (OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("Sessions of this type cannot be used. Create an OaiChatSession or an OaiResponsesSession."));
}

static GType
get_no_type (void)
{
  return G_TYPE_NONE;
}

static OaiRecord *
parse_no_record (OaiSessionItemKind kind, const char *json)
{
  return NULL;
}

static OaiRecord *
create_no_part (OaiSessionPart part, const char *text, GBytes *bytes, GError **error)
{
  g_propagate_error (error, new_unsupported ());

  return NULL;
}

/* The functions that are called without a turn. */
static const OaiSessionHooks no_hooks = {
  .get_request_type = get_no_type,
  .get_record_type = get_no_type,
  .parse_record = parse_no_record,
  .create_part = create_no_part,
};

static gboolean
is_supported (OaiSession *self)
{
  return oai_session_get_hooks (self) != &no_hooks;
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

static gboolean
is_message (OaiSessionItem *item, const char *role)
{
  return oai_session_item_get_kind (item) == OAI_SESSION_ITEM_KIND_MESSAGE && g_strcmp0 (oai_session_item_get_role (item), role) == 0;
}

/* Returns the newest message of the model, or NULL. */
static OaiSessionItem *
find_newest_reply (OaiSession *self)
{
  GPtrArray *items = get_private (self)->items;

  for (guint i = items->len; i > 0; i--)
    if (is_message (g_ptr_array_index (items, i - 1), oai_session_get_hooks (self)->model_role))
      return g_ptr_array_index (items, i - 1);

  return NULL;
}

/* Replaces items by another one, or removes them if item is NULL.  Nothing changes after the first emission. */
static void
replace_items (OaiSession *self, guint position, guint n_removed, OaiSessionItem *item)
{
  OaiSessionPrivate *priv = get_private (self);
  OaiSessionItem *newest = find_newest_reply (self);
  guint n_added = item != NULL ? 1 : 0;
  gboolean other_text;

  if (n_removed > 0)
    g_ptr_array_remove_range (priv->items, position, n_removed);
  if (item != NULL)
    g_ptr_array_insert (priv->items, (int) position, g_object_ref (item));
  other_text = find_newest_reply (self) != newest;

  oai_emit_items_changed (self, position, n_removed, n_added);
  if (n_removed != n_added)
    oai_emit_notify (self, properties[PROP_N_ITEMS]);
  if (other_text)
    oai_emit_notify (self, properties[PROP_TEXT]);
}

static void
insert_item (OaiSession *self, guint position, OaiSessionItem *item)
{
  replace_items (self, position, 0, item);
}

static void
remove_items (OaiSession *self, guint position, guint n_items)
{
  replace_items (self, position, n_items, NULL);
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

static guint
get_elapsed_ms (Turn *turn)
{
  return (guint) ((g_get_monotonic_time () - turn->sent_at) / 1000);
}

/* Handles the first part of a reply. */
static void
begin_reply (OaiSession *self, Turn *turn)
{
  OaiSessionPrivate *priv = get_private (self);

  if (priv->state != OAI_SESSION_STATE_WAITING)
    return;

  priv->first_token_latency = get_elapsed_ms (turn);
  set_state (self, OAI_SESSION_STATE_STREAMING);
  oai_emit_notify (self, properties[PROP_FIRST_TOKEN_LATENCY]);
}

OaiSessionItem *
oai_session_ref_reply_item (OaiSession *self, OaiSessionItemKind kind, const char *role, guint index)
{
  OaiSessionPrivate *priv = get_private (self);
  g_autoptr(OaiSession) held G_GNUC_UNUSED = g_object_ref (self);
  Turn *turn = priv->turn;
  OaiSessionItem *item = find_reply_item (self, kind, index);

  if (item != NULL)
    return g_object_ref (item);

  item = oai_session_item_new (kind, role);
  oai_session_item_set_index (item, index);
  g_ptr_array_add (priv->reply, g_object_ref (item));
  if (kind == OAI_SESSION_ITEM_KIND_MESSAGE)
    g_signal_connect_object (item, "notify::text", G_CALLBACK (text_changed_cb), self, G_CONNECT_SWAPPED);
  insert_item (self, priv->items->len, item);
  if (priv->turn == turn && turn != NULL)
    begin_reply (self, turn);
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
  g_clear_object (&turn->request);
  g_clear_pointer (&turn->calls, g_ptr_array_unref);
  g_clear_error (&turn->exceeded);
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
  taken = oai_session_get_hooks (self)->take_reply (self, reply, complete, error);
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

/* Returns the calls that have not ended. */
static GPtrArray *
list_open_calls (OaiSession *self)
{
  OaiSessionPrivate *priv = get_private (self);
  GPtrArray *calls = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < priv->items->len; i++)
    if (oai_session_item_has_open_call (g_ptr_array_index (priv->items, i)))
      g_ptr_array_add (calls, g_object_ref (oai_session_item_get_call (g_ptr_array_index (priv->items, i))));

  return calls;
}

static void
cancel_open_calls (OaiSession *self)
{
  g_autoptr(GPtrArray) calls = list_open_calls (self);

  for (guint i = 0; i < calls->len; i++)
    {
      g_signal_handlers_disconnect_by_data (g_ptr_array_index (calls, i), self);
      oai_tool_call_cancel (g_ptr_array_index (calls, i));
    }
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
  if (error != NULL)
    cancel_open_calls (self);
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

/* Usage */

static void
notify_usage (OaiSession *self)
{
  static const guint ids[] = {
    PROP_COST, PROP_INPUT_TOKENS, PROP_CACHED_TOKENS, PROP_OUTPUT_TOKENS, PROP_REASONING_TOKENS, PROP_TOTAL_TOKENS, PROP_LATENCY,
  };

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    oai_emit_notify (self, properties[ids[i]]);
}

/* Returns the price of a reply; that of the requested model if the server names another one. */
static double
compute_cost (OaiSession *self, const OaiSessionUsage *usage, OaiRecord *request)
{
  OaiSessionPrivate *priv = get_private (self);
  const char *model = usage->model;

  if (priv->prices == NULL)
    return 0;
  if (!oai_price_table_has_model (priv->prices, model))
    model = oai_session_get_hooks (self)->get_model (request);

  return MAX (oai_price_table_get_cost (priv->prices, model, usage->input_tokens, usage->cached_tokens, usage->output_tokens), 0);
}

/* Adds a number of a server, which can be any number. */
static gint64
add_tokens (gint64 tokens, gint64 number)
{
  return tokens + CLAMP (number, 0, G_MAXINT64 - tokens);
}

/* Adds the tokens of a reply to those of the session. */
static void
add_usage (OaiSession *self, Turn *turn, OaiRecord *reply)
{
  OaiSessionPrivate *priv = get_private (self);
  OaiSessionUsage usage = { 0 };

  priv->latency = get_elapsed_ms (turn);
  oai_session_get_hooks (self)->read_usage (reply, &usage);
  priv->usage.input_tokens = add_tokens (priv->usage.input_tokens, usage.input_tokens);
  priv->usage.cached_tokens = add_tokens (priv->usage.cached_tokens, usage.cached_tokens);
  priv->usage.output_tokens = add_tokens (priv->usage.output_tokens, usage.output_tokens);
  priv->usage.reasoning_tokens = add_tokens (priv->usage.reasoning_tokens, usage.reasoning_tokens);
  priv->usage.total_tokens = add_tokens (priv->usage.total_tokens, MAX (usage.total_tokens, add_tokens (add_tokens (0, usage.input_tokens), usage.output_tokens)));
  priv->cost += compute_cost (self, &usage, turn->request);
  priv->is_measured = usage.input_tokens > 0 || usage.output_tokens > 0;
  notify_usage (self);
}

/* Rounds */

static void start_round (Turn *turn);
static void run_calls (Turn *turn);

/* Continues after a reply, or with the calls of a restored session. */
static void
continue_turn (Turn *turn)
{
  g_autoptr(GPtrArray) calls = list_open_calls (turn->session);

  if (calls->len > 0)
    run_calls (turn);
  else
    start_round (turn);
}

/* Handles a complete reply. */
static void
finish_round (Turn *turn, OaiRecord *reply)
{
  OaiSession *self = turn->session;
  GError *error = NULL;
  g_autoptr(GPtrArray) calls = NULL;

  disconnect_stream (turn, self);
  take_reply (self, reply, TRUE, &error);
  g_clear_object (&turn->stream);
  add_usage (self, turn, reply);
  if (turn->failure != NULL)
    {
      g_clear_error (&error);
      error = g_steal_pointer (&turn->failure);
    }
  if (error == NULL && turn->session != NULL)
    oai_emit (self, signals[ROUND_FINISHED], 0, reply);
  if (turn->session == NULL)
    {
      g_clear_error (&error);
      return;
    }

  calls = list_open_calls (self);
  if (error == NULL && calls->len > 0)
    run_calls (turn);
  else
    end_turn (turn, error);
}

/* Calls */

static void
call_changed_cb (OaiSession *self, GParamSpec *pspec, OaiToolCall *call)
{
  g_autoptr(GPtrArray) calls = NULL;
  OaiSessionState state = OAI_SESSION_STATE_RUNNING_TOOLS;

  if (get_private (self)->turn == NULL)
    return;

  calls = list_open_calls (self);
  for (guint i = 0; i < calls->len; i++)
    if (oai_tool_call_get_state (g_ptr_array_index (calls, i)) == OAI_TOOL_CALL_STATE_WAITING_FOR_APPROVAL)
      state = OAI_SESSION_STATE_WAITING_FOR_APPROVAL;
  set_state (self, state);
}

static void
approval_requested_cb (OaiToolCall *call, OaiSession *self)
{
  oai_emit (self, signals[APPROVAL_REQUESTED], 0, call);
}

static void
tools_ran_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Turn) turn = user_data;
  g_autoptr(GPtrArray) calls = g_steal_pointer (&turn->calls);
  OaiSession *self = turn->session;
  GError *error = NULL;

  if (!oai_toolset_run_finish (OAI_TOOLSET (source), result, &error) && self != NULL)
    {
      end_turn (turn, error);
      return;
    }

  g_clear_error (&error);
  for (guint i = 0; turn->session != NULL && i < calls->len; i++)
    {
      g_signal_handlers_disconnect_by_data (g_ptr_array_index (calls, i), self);
      oai_emit (self, signals[TOOL_RESULT], 0, g_ptr_array_index (calls, i));
    }
  if (turn->session != NULL)
    continue_turn (turn);
}

/* The tool of a restored call may have been added after the session was restored. */
static void
find_tools (OaiSession *self, GPtrArray *calls)
{
  OaiSessionPrivate *priv = get_private (self);

  for (guint i = 0; priv->toolset != NULL && i < calls->len; i++)
    {
      OaiToolCall *call = g_ptr_array_index (calls, i);

      if (oai_tool_call_get_tool (call) == NULL)
        oai_tool_call_set_tool (call, oai_toolset_find (priv->toolset, oai_tool_call_get_name (call)));
    }
}

static void
start_call (OaiSession *self, OaiToolCall *call)
{
  g_signal_connect_object (call, "notify::state", G_CALLBACK (call_changed_cb), self, G_CONNECT_SWAPPED);
  if (g_signal_has_handler_pending (self, signals[APPROVAL_REQUESTED], 0, FALSE))
    g_signal_connect_object (call, "approval-requested", G_CALLBACK (approval_requested_cb), self, 0);
  oai_emit (self, signals[TOOL_CALL], 0, call);
}

/* Runs the tools that the model called. */
static void
run_calls (Turn *turn)
{
  OaiSession *self = turn->session;
  OaiSessionPrivate *priv = get_private (self);
  g_autoptr(OaiToolset) toolset = priv->toolset != NULL ? g_object_ref (priv->toolset) : oai_toolset_new ();
  g_autoptr(GPtrArray) calls = list_open_calls (self);

  find_tools (self, calls);
  if (turn->session == NULL)
    return;

  set_state (self, OAI_SESSION_STATE_RUNNING_TOOLS);
  for (guint i = 0; turn->session != NULL && i < calls->len; i++)
    start_call (self, g_ptr_array_index (calls, i));
  if (turn->session == NULL)
    return;

  turn->calls = g_ptr_array_ref (calls);
  oai_toolset_run_async (toolset, calls, oai_session_get_hooks (self)->is_parallel (self), turn->cancellable, tools_ran_cb, turn_ref (turn));
}

/* Conversations that are too long */

/* Returns the position of the newest message of the user, which must not be compacted; 0 if there is none. */
static guint
find_last_message (OaiSession *self)
{
  OaiSessionPrivate *priv = get_private (self);

  for (guint i = priv->items->len; i > 0; i--)
    if (is_message (g_ptr_array_index (priv->items, i - 1), oai_session_get_hooks (self)->user_role))
      return i - 1;

  return 0;
}

gboolean
oai_session_has_called (OaiSession *self, const char *name)
{
  GPtrArray *items = get_private (self)->items;

  for (guint i = find_last_message (self); i < items->len; i++)
    {
      OaiToolCall *call = oai_session_item_get_call (g_ptr_array_index (items, i));

      if (call != NULL && (name == NULL || g_strcmp0 (oai_tool_call_get_name (call), name) == 0))
        return TRUE;
    }

  return FALSE;
}

/* Sends the request again, with the changed items. */
static void
repeat_round (Turn *turn)
{
  turn->round--;
  start_round (turn);
}

/* Lets the program shorten the conversation. */
static void
request_shorter (Turn *turn)
{
  OaiSession *self = turn->session;
  gboolean handled = FALSE;

  oai_emit (self, signals[CONTEXT_EXCEEDED], 0, &handled);
  if (turn->session == NULL)
    return;

  if (handled)
    repeat_round (turn);
  else
    abort_turn (turn, g_steal_pointer (&turn->exceeded));
}

static gboolean
has_same_reply (OaiSessionItem *item, const char *id)
{
  return id != NULL && g_strcmp0 (oai_session_item_get_reply_id (item), id) == 0;
}

/* Replies that the server stores contain the items before them.  They cannot be continued if one of these items, or
 * one of the reply itself, has changed. */
static void
forget_replies (OaiSession *self, guint position)
{
  GPtrArray *items = get_private (self)->items;
  const char *id = position < items->len ? oai_session_item_get_reply_id (g_ptr_array_index (items, position)) : NULL;

  for (guint i = 0; i < items->len; i++)
    if (i >= position || has_same_reply (g_ptr_array_index (items, i), id))
      oai_session_item_forget_stored (g_ptr_array_index (items, i));
}

static void
compacted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(Turn) turn = user_data;
  g_autoptr(OaiSession) self = turn->session != NULL ? g_object_ref (turn->session) : NULL;
  g_autoptr(OaiRecord) compacted = NULL;
  g_autoptr(OaiSessionItem) item = NULL;

  if (self == NULL)
    return;

  compacted = oai_session_get_hooks (self)->compact_finish (source, result, NULL);
  if (compacted == NULL)
    {
      request_shorter (turn);
      return;
    }

  item = oai_session_item_new (OAI_SESSION_ITEM_KIND_COMPACTION, NULL);
  oai_session_item_set_record (item, compacted);
  oai_session_item_set_state (item, OAI_SESSION_ITEM_STATE_COMPLETE);
  forget_replies (self, find_last_message (self));
  insert_item (self, find_last_message (self), item);
  if (turn->session != NULL)
    repeat_round (turn);
}

/* The server compacts the conversation if it can.  Takes ownership of error. */
static void
shorten (Turn *turn, GError *error)
{
  OaiSession *self = turn->session;
  guint n_items = find_last_message (self);

  turn->repeated = TRUE;
  turn->exceeded = error;
  g_clear_object (&turn->stream);
  if (n_items > 0 && oai_session_get_hooks (self)->compact_async != NULL)
    oai_session_get_hooks (self)->compact_async (self, n_items, turn->cancellable, compacted_cb, turn_ref (turn));
  else
    request_shorter (turn);
}

/* Takes ownership of error. */
static void
fail_round (Turn *turn, GError *error)
{
  OaiSession *self = turn->session;
  OaiSessionPrivate *priv = get_private (self);

  if (priv->reply->len == 0 && g_error_matches (error, OAI_ERROR, OAI_ERROR_CONTEXT_LENGTH) && !turn->repeated)
    shorten (turn, error);
  else if (priv->reply->len == 0 && oai_session_get_hooks (self)->adapt != NULL && oai_session_get_hooks (self)->adapt (self, turn->request, error))
    {
      g_error_free (error);
      repeat_round (turn);
    }
  else
    abort_turn (turn, error);
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
    reply = oai_session_get_hooks (self)->create_finish (source, result, &error);

  if (turn->session == NULL)
    g_clear_error (&error);
  else if (error != NULL)
    fail_round (turn, error);
  else
    finish_round (turn, reply);
}

static void
send_request (Turn *turn)
{
  OaiSession *self = turn->session;
  OaiSessionPrivate *priv = get_private (self);

  turn->sent_at = g_get_monotonic_time ();
  g_ptr_array_set_size (priv->reply, 0);
  g_clear_object (&turn->stream);
  if (priv->streaming)
    {
      turn->stream = oai_session_get_hooks (self)->create_stream (self, turn->request);
      oai_stream_set_coalesce_interval_ms (turn->stream, priv->coalesce_interval);
      oai_stream_run_async (turn->stream, turn->cancellable, replied_cb, turn_ref (turn));
    }
  else
    oai_session_get_hooks (self)->create_async (self, turn->request, turn->cancellable, replied_cb, turn_ref (turn));
}

static gboolean
check_limits (OaiSession *self, Turn *turn, GError **error)
{
  OaiSessionPrivate *priv = get_private (self);
  const char *model = oai_session_get_hooks (self)->get_model (turn->request);

  if (turn->round >= priv->max_rounds)
    /* Translators: %u is a number of requests, at least 1. */
    g_set_error (error, OAI_ERROR, OAI_ERROR_TOO_MANY_ROUNDS, _("The model still calls tools after %u requests. Continue with another one, or increase max-rounds."), priv->max_rounds);
  else if (priv->budget > 0 && (priv->prices == NULL || !oai_price_table_has_model (priv->prices, model)))
    /* Translators: %s is the name of a model. */
    g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("There is a budget, but no price for the model “%s”. Set it with set_price()."), model != NULL ? model : "");
  else if (priv->budget > 0 && !priv->is_measured)
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_BUDGET_EXCEEDED, _("The server did not send the number of tokens, so the budget cannot be checked."));
  else if (priv->budget > 0 && priv->cost >= priv->budget)
    g_set_error_literal (error, OAI_ERROR, OAI_ERROR_BUDGET_EXCEEDED, _("The session has used its budget. Increase it to continue."));
  else
    return TRUE;

  return FALSE;
}

/* Sends the next request, unless a limit is reached. */
static void
start_round (Turn *turn)
{
  OaiSession *self = turn->session;
  GError *error = NULL;

  g_clear_object (&turn->request);
  if (get_private (self)->client == NULL)
    g_set_error_literal (&error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The session has no client. Set it when the session is created."));
  else
    turn->request = oai_session_get_hooks (self)->create_request (self, &error);
  if (turn->request == NULL || !check_limits (self, turn, &error))
    {
      end_turn (turn, error);
      return;
    }

  turn->round++;
  set_state (self, OAI_SESSION_STATE_WAITING);
  if (turn->session != NULL)
    oai_emit (self, signals[ROUND_STARTED], 0, turn->round);
  if (turn->session != NULL)
    send_request (turn);
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

/* Begins a turn.  Nothing is emitted before the items of the program have changed.  Takes ownership of the task. */
static Turn *
begin_turn (OaiSession *self, GTask *task)
{
  Turn *turn = g_new0 (Turn, 1);

  g_atomic_ref_count_init (&turn->references);
  turn->session = self;
  turn->task = task;
  turn->cancellable = g_cancellable_new ();
  watch_cancellable (turn, g_task_get_cancellable (task));
  get_private (self)->turn = turn_ref (turn);

  return turn;
}

/* Sends the first request of the turn.  Takes ownership of the turn. */
static void
start_turn (Turn *turn)
{
  g_autoptr(Turn) owned G_GNUC_UNUSED = turn;

  if (turn->session != NULL)
    set_error (turn->session, NULL);
  if (turn->session != NULL)
    continue_turn (turn);
}

/* Appends a message of the user, which replaces the items from a position.  Takes ownership of the record.  Open calls
 * of a restored session are cancelled, since the message does not answer them. */
static void
append_record (Turn *turn, guint position, const char *text, OaiRecord *record)
{
  OaiSession *self = turn->session;
  g_autoptr(OaiSessionItem) item = oai_session_item_new (OAI_SESSION_ITEM_KIND_MESSAGE, oai_session_get_hooks (self)->user_role);
  g_autoptr(OaiRecord) owned G_GNUC_UNUSED = record;

  oai_session_item_set_text (item, text);
  oai_session_item_set_record (item, record);
  oai_session_item_set_state (item, OAI_SESSION_ITEM_STATE_COMPLETE);
  forget_replies (self, position);
  replace_items (self, position, get_private (self)->items->len - position, item);
  if (turn->session != NULL)
    cancel_open_calls (self);
}

/* Appends a message of the user, from the text and the parts that were added before. */
static void
append_message (Turn *turn, const char *text)
{
  OaiSessionPrivate *priv = get_private (turn->session);
  OaiRecord *record = oai_session_get_hooks (turn->session)->create_message (text, priv->parts);

  g_ptr_array_set_size (priv->parts, 0);
  append_record (turn, priv->items->len, text, record);
}

/* Returns FALSE and completes the task if the session cannot start a turn. */
static gboolean
check_idle (OaiSession *self, GTask *task)
{
  OaiSessionPrivate *priv = get_private (self);

  if (!is_supported (self))
    g_task_return_error (task, new_unsupported ());
  else if (priv->turn != NULL || priv->ending)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PENDING, "%s", _("The session is still receiving a reply. Stop it first."));
  else
    return TRUE;

  g_object_unref (task);

  return FALSE;
}

static void
oai_session_dispose (GObject *object)
{
  OaiSessionPrivate *priv = get_private (OAI_SESSION (object));

  g_ptr_array_set_size (priv->items, 0);
  g_clear_object (&priv->options);
  g_clear_object (&priv->toolset);
  g_clear_object (&priv->prices);
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

/* Gets what the session has measured. */
static void
get_measurement (OaiSessionPrivate *priv, guint prop_id, GValue *value)
{
  switch (prop_id)
    {
    case PROP_COST:
      g_value_set_double (value, priv->cost);
      break;
    case PROP_INPUT_TOKENS:
      g_value_set_int64 (value, priv->usage.input_tokens);
      break;
    case PROP_CACHED_TOKENS:
      g_value_set_int64 (value, priv->usage.cached_tokens);
      break;
    case PROP_OUTPUT_TOKENS:
      g_value_set_int64 (value, priv->usage.output_tokens);
      break;
    case PROP_REASONING_TOKENS:
      g_value_set_int64 (value, priv->usage.reasoning_tokens);
      break;
    case PROP_TOTAL_TOKENS:
      g_value_set_int64 (value, priv->usage.total_tokens);
      break;
    case PROP_FIRST_TOKEN_LATENCY:
      g_value_set_uint (value, priv->first_token_latency);
      break;
    case PROP_LATENCY:
      g_value_set_uint (value, priv->latency);
      break;
    default:
      g_assert_not_reached ();
    }
}

/* Gets what the program has set. */
static gboolean
get_setting (OaiSessionPrivate *priv, guint prop_id, GValue *value)
{
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
    case PROP_TOOLSET:
      g_value_set_object (value, priv->toolset);
      break;
    case PROP_STREAMING:
      g_value_set_boolean (value, priv->streaming);
      break;
    case PROP_COALESCE_INTERVAL:
      g_value_set_uint (value, priv->coalesce_interval);
      break;
    case PROP_MAX_ROUNDS:
      g_value_set_uint (value, priv->max_rounds);
      break;
    case PROP_PRICES:
      g_value_set_object (value, priv->prices);
      break;
    case PROP_BUDGET:
      g_value_set_double (value, priv->budget);
      break;
    default:
      return FALSE;
    }

  return TRUE;
}

static void
oai_session_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  OaiSession *self = OAI_SESSION (object);
  OaiSessionPrivate *priv = get_private (self);

  if (get_setting (priv, prop_id, value))
    return;

  switch (prop_id)
    {
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
      get_measurement (priv, prop_id, value);
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
    case PROP_COALESCE_INTERVAL:
      oai_session_set_coalesce_interval_ms (self, g_value_get_uint (value));
      break;
    case PROP_MAX_ROUNDS:
      oai_session_set_max_rounds (self, g_value_get_uint (value));
      break;
    case PROP_TOOLSET:
      oai_session_set_toolset (self, g_value_get_object (value));
      break;
    case PROP_PRICES:
      oai_session_set_prices (self, g_value_get_object (value));
      break;
    case PROP_BUDGET:
      oai_session_set_budget (self, g_value_get_double (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
install_settings (void)
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
   * OaiSession:toolset: (getter get_toolset) (setter set_toolset)
   *
   * The tools that the model can call. The session runs them, and sends their results.
   *
   * Since: 1.0
   */
  properties[PROP_TOOLSET] = g_param_spec_object ("toolset", NULL, NULL, OAI_TYPE_TOOLSET, flags);
  /**
   * OaiSession:prices: (getter get_prices) (setter set_prices)
   *
   * The prices from which [property@Oai.Session:cost] is computed. If there are prices, streams of chat completions
   * request the number of tokens, which most servers send only then.
   *
   * Since: 1.0
   */
  properties[PROP_PRICES] = g_param_spec_object ("prices", NULL, NULL, OAI_TYPE_PRICE_TABLE, flags);
  /**
   * OaiSession:budget: (getter get_budget) (setter set_budget)
   *
   * The cost, in the currency of the prices, at which no further request is sent; 0 for no limit. The request that
   * reaches it is completed, so the cost can exceed it.
   *
   * Since: 1.0
   */
  properties[PROP_BUDGET] = g_param_spec_double ("budget", NULL, NULL, 0, G_MAXDOUBLE, 0, flags);
  /**
   * OaiSession:streaming: (getter get_streaming) (setter set_streaming)
   *
   * Whether replies are streamed. If not, an item appears when the reply is complete.
   *
   * Since: 1.0
   */
  properties[PROP_STREAMING] = g_param_spec_boolean ("streaming", NULL, NULL, TRUE, flags);
  /**
   * OaiSession:coalesce-interval-ms: (getter get_coalesce_interval_ms) (setter set_coalesce_interval_ms)
   *
   * Minimum time between two notifications of a text that is streamed, in milliseconds; 0 for a notification for each chunk. A
   * view that lays out a long text again for each change needs less time with an interval such as 50.
   *
   * Since: 1.0
   */
  properties[PROP_COALESCE_INTERVAL] = g_param_spec_uint ("coalesce-interval-ms", NULL, NULL, 0, G_MAXUINT, 0, flags);
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
install_count (guint id, const char *name)
{
  properties[id] = g_param_spec_int64 (name, NULL, NULL, 0, G_MAXINT64, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
}

static void
install_latency (guint id, const char *name)
{
  properties[id] = g_param_spec_uint (name, NULL, NULL, 0, G_MAXUINT, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
}

static void
install_measurements (void)
{
  /**
   * OaiSession:cost: (getter get_cost)
   *
   * The cost of all replies of the session, in the currency of [property@Oai.Session:prices]. Replies of models without a
   * price, and those for which the server sent no number of tokens, are not included.
   *
   * Since: 1.0
   */
  properties[PROP_COST] = g_param_spec_double ("cost", NULL, NULL, 0, G_MAXDOUBLE, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * OaiSession:input-tokens: (getter get_input_tokens)
   *
   * Number of tokens of the input of all requests. Many servers send numbers of tokens in streams of chat completions
   * only if the options request them, with [method@Oai.ChatRequest.enable_stream_usage], or if there are
   * [property@Oai.Session:prices].
   *
   * Since: 1.0
   */
  install_count (PROP_INPUT_TOKENS, "input-tokens");
  /**
   * OaiSession:cached-tokens: (getter get_cached_tokens)
   *
   * Number of tokens of the input that the server read from its cache.
   *
   * Since: 1.0
   */
  install_count (PROP_CACHED_TOKENS, "cached-tokens");
  /**
   * OaiSession:output-tokens: (getter get_output_tokens)
   *
   * Number of tokens that the model generated, including reasoning.
   *
   * Since: 1.0
   */
  install_count (PROP_OUTPUT_TOKENS, "output-tokens");
  /**
   * OaiSession:reasoning-tokens: (getter get_reasoning_tokens)
   *
   * Number of tokens of the reasoning of the model.
   *
   * Since: 1.0
   */
  install_count (PROP_REASONING_TOKENS, "reasoning-tokens");
  /**
   * OaiSession:total-tokens: (getter get_total_tokens)
   *
   * Number of tokens of the input and of the output of all requests.
   *
   * Since: 1.0
   */
  install_count (PROP_TOTAL_TOKENS, "total-tokens");
  /**
   * OaiSession:first-token-latency-ms: (getter get_first_token_latency_ms)
   *
   * Time from the newest request to the first part of its reply, in milliseconds.
   *
   * Since: 1.0
   */
  install_latency (PROP_FIRST_TOKEN_LATENCY, "first-token-latency-ms");
  /**
   * OaiSession:latency-ms: (getter get_latency_ms)
   *
   * Time from the newest request to the end of its reply, in milliseconds.
   *
   * Since: 1.0
   */
  install_latency (PROP_LATENCY, "latency-ms");
}

static void
install_state (void)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

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
}

/* name: with one argument of the type */
static guint
new_signal (const char *name, GType type)
{
  return g_signal_new (name, OAI_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, type);
}

static void
install_signals (void)
{
  /**
   * OaiSession::round-started:
   * @self: the session
   * @round: number of the request in this turn, from 1
   *
   * Emitted before a request is sent.
   *
   * Since: 1.0
   */
  signals[ROUND_STARTED] = new_signal ("round-started", G_TYPE_UINT);
  /**
   * OaiSession::round-finished:
   * @self: the session
   * @reply: the reply, such as an [class@Oai.ChatCompletion] or a [class@Oai.Response]
   *
   * Emitted when a reply is complete, before its tool calls run.
   *
   * Since: 1.0
   */
  signals[ROUND_FINISHED] = new_signal ("round-finished", OAI_TYPE_RECORD);
  /**
   * OaiSession::tool-call:
   * @self: the session
   * @call: the call
   *
   * Emitted before a tool runs. If the handler answers the call, with [method@Oai.ToolCall.respond] or another function of
   * this kind, the tool does not run. Emitted for all calls of a reply before the first one runs.
   *
   * Since: 1.0
   */
  signals[TOOL_CALL] = new_signal ("tool-call", OAI_TYPE_TOOL_CALL);
  /**
   * OaiSession::tool-result:
   * @self: the session
   * @call: the call, which has ended
   *
   * Emitted in the order of the calls, when all calls of a reply have ended.
   *
   * Since: 1.0
   */
  signals[TOOL_RESULT] = new_signal ("tool-result", OAI_TYPE_TOOL_CALL);
  /**
   * OaiSession::approval-requested:
   * @self: the session
   * @call: the call
   *
   * Emitted when a tool needs the approval of the user; see [property@Oai.Tool:needs-approval]. The handler calls
   * [method@Oai.ToolCall.approve] or [method@Oai.ToolCall.deny], now or later. Without a handler of this signal or of
   * those of the toolset and of the call, the call is denied.
   *
   * Since: 1.0
   */
  signals[APPROVAL_REQUESTED] = new_signal ("approval-requested", OAI_TYPE_TOOL_CALL);
  /**
   * OaiSession::context-exceeded:
   * @self: the session
   *
   * Emitted if the conversation is longer than the context of the model, and the server cannot compact it. The handler
   * makes it shorter with [method@Oai.Session.remove_items] and [method@Oai.Session.insert_record], for example with a
   * summary, and returns %TRUE. The request is then sent again, once.
   *
   * Returns: whether the handler has made the conversation shorter
   *
   * Since: 1.0
   */
  signals[CONTEXT_EXCEEDED] = g_signal_new ("context-exceeded", OAI_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, g_signal_accumulator_true_handled, NULL, NULL, G_TYPE_BOOLEAN, 0);
}

static void
oai_session_class_init (OaiSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = oai_session_dispose;
  object_class->finalize = oai_session_finalize;
  object_class->get_property = oai_session_get_property;
  object_class->set_property = oai_session_set_property;

  klass->hooks = &no_hooks;

  install_settings ();
  install_measurements ();
  install_state ();
  g_object_class_install_properties (object_class, N_PROPS, properties);
  install_signals ();
}

static void
oai_session_init (OaiSession *self)
{
  OaiSessionPrivate *priv = get_private (self);

  priv->streaming = TRUE;
  priv->is_measured = TRUE;
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
 * Returns: (nullable) (transfer none): the client, or %NULL if the session was created without one
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
  g_return_if_fail (options == NULL || G_TYPE_CHECK_INSTANCE_TYPE (options, oai_session_get_hooks (self)->get_request_type ()));

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
 * oai_session_get_coalesce_interval_ms:
 * @self: a session
 *
 * Gets the minimum time between two notifications of a text that is streamed.
 *
 * Returns: the time in milliseconds; 0 by default
 *
 * Since: 1.0
 */
guint
oai_session_get_coalesce_interval_ms (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), 0);

  return get_private (self)->coalesce_interval;
}

/**
 * oai_session_set_coalesce_interval_ms:
 * @self: a session
 * @interval_ms: the time in milliseconds; 0 for a notification for each chunk
 *
 * Sets the minimum time between two notifications of a text that is streamed, for the next replies.
 *
 * Since: 1.0
 */
void
oai_session_set_coalesce_interval_ms (OaiSession *self, guint interval_ms)
{
  g_return_if_fail (OAI_IS_SESSION (self));

  if (get_private (self)->coalesce_interval == interval_ms)
    return;

  get_private (self)->coalesce_interval = interval_ms;
  oai_emit_notify (self, properties[PROP_COALESCE_INTERVAL]);
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
  OaiSessionItem *item;

  g_return_val_if_fail (OAI_IS_SESSION (self), NULL);

  item = find_newest_reply (self);

  return item != NULL ? oai_session_item_get_text (item) : NULL;
}

/**
 * oai_session_get_toolset:
 * @self: a session
 *
 * Gets the tools that the model can call.
 *
 * Returns: (nullable) (transfer none): the toolset, or %NULL if there is none
 *
 * Since: 1.0
 */
OaiToolset *
oai_session_get_toolset (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), NULL);

  return get_private (self)->toolset;
}

/**
 * oai_session_set_toolset:
 * @self: a session
 * @toolset: (nullable): a toolset, or %NULL for none
 *
 * Sets the tools that the model can call, for the next request.
 *
 * Since: 1.0
 */
void
oai_session_set_toolset (OaiSession *self, OaiToolset *toolset)
{
  g_return_if_fail (OAI_IS_SESSION (self));

  if (g_set_object (&get_private (self)->toolset, toolset))
    oai_emit_notify (self, properties[PROP_TOOLSET]);
}

/**
 * oai_session_get_prices:
 * @self: a session
 *
 * Gets the prices from which the cost is computed.
 *
 * Returns: (nullable) (transfer none): the prices, or %NULL if there are none
 *
 * Since: 1.0
 */
OaiPriceTable *
oai_session_get_prices (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), NULL);

  return get_private (self)->prices;
}

/**
 * oai_session_set_prices:
 * @self: a session
 * @prices: (nullable): prices, or %NULL for none
 *
 * Sets the prices from which the cost of the next replies is computed. Earlier replies, whose tokens the server may not
 * have sent, do not prevent the use of a [property@Oai.Session:budget].
 *
 * Since: 1.0
 */
void
oai_session_set_prices (OaiSession *self, OaiPriceTable *prices)
{
  g_return_if_fail (OAI_IS_SESSION (self));

  if (!g_set_object (&get_private (self)->prices, prices))
    return;

  get_private (self)->is_measured = TRUE;
  oai_emit_notify (self, properties[PROP_PRICES]);
}

/**
 * oai_session_get_budget:
 * @self: a session
 *
 * Gets the cost at which no further request is sent.
 *
 * Returns: the cost, in the currency of the prices; 0 for no limit
 *
 * Since: 1.0
 */
double
oai_session_get_budget (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), 0);

  return get_private (self)->budget;
}

/**
 * oai_session_set_budget:
 * @self: a session
 * @budget: a cost, in the currency of the prices; 0 for no limit
 *
 * Sets the cost at which no further request is sent. A turn then fails with %OAI_ERROR_BUDGET_EXCEEDED, also if
 * the server does not send the number of tokens. It fails with %OAI_ERROR_INVALID_ARGUMENT if there is no price for the model.
 *
 * Since: 1.0
 */
void
oai_session_set_budget (OaiSession *self, double budget)
{
  g_return_if_fail (OAI_IS_SESSION (self));
  g_return_if_fail (budget >= 0);

  get_private (self)->budget = budget;
  oai_emit_notify (self, properties[PROP_BUDGET]);
}

/**
 * oai_session_get_cost:
 * @self: a session
 *
 * Gets the cost of all replies; see [property@Oai.Session:cost].
 *
 * Returns: the cost, in the currency of the prices
 *
 * Since: 1.0
 */
double
oai_session_get_cost (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), 0);

  return get_private (self)->cost;
}

/**
 * oai_session_get_input_tokens:
 * @self: a session
 *
 * Gets the number of tokens of the input of all requests.
 *
 * Returns: the number of tokens
 *
 * Since: 1.0
 */
gint64
oai_session_get_input_tokens (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), 0);

  return get_private (self)->usage.input_tokens;
}

/**
 * oai_session_get_cached_tokens:
 * @self: a session
 *
 * Gets the number of tokens of the input that the server read from its cache.
 *
 * Returns: the number of tokens
 *
 * Since: 1.0
 */
gint64
oai_session_get_cached_tokens (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), 0);

  return get_private (self)->usage.cached_tokens;
}

/**
 * oai_session_get_output_tokens:
 * @self: a session
 *
 * Gets the number of tokens that the model generated, including reasoning.
 *
 * Returns: the number of tokens
 *
 * Since: 1.0
 */
gint64
oai_session_get_output_tokens (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), 0);

  return get_private (self)->usage.output_tokens;
}

/**
 * oai_session_get_reasoning_tokens:
 * @self: a session
 *
 * Gets the number of tokens of the reasoning of the model.
 *
 * Returns: the number of tokens
 *
 * Since: 1.0
 */
gint64
oai_session_get_reasoning_tokens (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), 0);

  return get_private (self)->usage.reasoning_tokens;
}

/**
 * oai_session_get_total_tokens:
 * @self: a session
 *
 * Gets the number of tokens of the input and of the output of all requests.
 *
 * Returns: the number of tokens
 *
 * Since: 1.0
 */
gint64
oai_session_get_total_tokens (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), 0);

  return get_private (self)->usage.total_tokens;
}

/**
 * oai_session_get_first_token_latency_ms:
 * @self: a session
 *
 * Gets the time from the newest request to the first part of its reply.
 *
 * Returns: the time in milliseconds; 0 before the first reply
 *
 * Since: 1.0
 */
guint
oai_session_get_first_token_latency_ms (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), 0);

  return get_private (self)->first_token_latency;
}

/**
 * oai_session_get_latency_ms:
 * @self: a session
 *
 * Gets the time from the newest request to the end of its reply.
 *
 * Returns: the time in milliseconds; 0 before the first reply
 *
 * Since: 1.0
 */
guint
oai_session_get_latency_ms (OaiSession *self)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), 0);

  return get_private (self)->latency;
}

/* Parts */

static gboolean
add_part (OaiSession *self, OaiSessionPart kind, const char *text, GBytes *bytes, GError **error)
{
  OaiRecord *part = oai_session_get_hooks (self)->create_part (kind, text, bytes, error);

  if (part == NULL)
    return FALSE;

  g_ptr_array_add (get_private (self)->parts, part);

  return TRUE;
}

/**
 * oai_session_add_image:
 * @self: a session
 * @bytes: the content of an image file
 * @error: return location for an error
 *
 * Adds an image to the next message. Fails with %OAI_ERROR_INVALID_ARGUMENT if its format is unknown.
 *
 * Returns: %TRUE if the image was added
 *
 * Since: 1.0
 */
gboolean
oai_session_add_image (OaiSession *self, GBytes *bytes, GError **error)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), FALSE);
  g_return_val_if_fail (bytes != NULL, FALSE);

  return add_part (self, OAI_SESSION_PART_IMAGE, NULL, bytes, error);
}

/**
 * oai_session_add_image_url:
 * @self: a session
 * @url: a web address, or a `data:` URL
 *
 * Adds an image that the server loads from a URL to the next message.
 *
 * Since: 1.0
 */
void
oai_session_add_image_url (OaiSession *self, const char *url)
{
  g_return_if_fail (OAI_IS_SESSION (self));
  g_return_if_fail (url != NULL);

  add_part (self, OAI_SESSION_PART_IMAGE_URL, url, NULL, NULL);
}

/**
 * oai_session_add_audio:
 * @self: a session
 * @bytes: the content of a WAV or MP3 file
 * @error: return location for an error
 *
 * Adds recorded audio to the next message. Fails with %OAI_ERROR_INVALID_ARGUMENT if the bytes have another format.
 *
 * Returns: %TRUE if the audio was added
 *
 * Since: 1.0
 */
gboolean
oai_session_add_audio (OaiSession *self, GBytes *bytes, GError **error)
{
  g_return_val_if_fail (OAI_IS_SESSION (self), FALSE);
  g_return_val_if_fail (bytes != NULL, FALSE);

  return add_part (self, OAI_SESSION_PART_AUDIO, NULL, bytes, error);
}

/**
 * oai_session_add_file:
 * @self: a session
 * @bytes: the content of a document, such as a PDF file
 * @filename: its name, which the model can read
 *
 * Adds a document to the next message.
 *
 * Since: 1.0
 */
void
oai_session_add_file (OaiSession *self, GBytes *bytes, const char *filename)
{
  g_return_if_fail (OAI_IS_SESSION (self));
  g_return_if_fail (bytes != NULL);
  g_return_if_fail (filename != NULL);

  add_part (self, OAI_SESSION_PART_FILE, filename, bytes, NULL);
}

/**
 * oai_session_add_file_id:
 * @self: a session
 * @file_id: identifier of a file
 *
 * Adds a document that is stored on the server to the next message.
 *
 * Since: 1.0
 */
void
oai_session_add_file_id (OaiSession *self, const char *file_id)
{
  g_return_if_fail (OAI_IS_SESSION (self));
  g_return_if_fail (file_id != NULL);

  add_part (self, OAI_SESSION_PART_FILE_ID, file_id, NULL, NULL);
}

/* Turns of the program */

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
  Turn *turn;

  g_return_if_fail (OAI_IS_SESSION (self));

  task = oai_method_task_new (self, cancellable, callback, user_data, oai_session_send_async);
  if (!check_idle (self, task))
    return;

  turn = begin_turn (self, task);
  if (text != NULL || get_private (self)->parts->len > 0)
    append_message (turn, text);
  start_turn (turn);
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
 * received, with %OAI_ERROR_LENGTH if the reply reached a token limit, with %OAI_ERROR_CONTEXT_LENGTH if the conversation is
 * too long, with %OAI_ERROR_TOO_MANY_ROUNDS and %OAI_ERROR_BUDGET_EXCEEDED at the limits of the session, and with the errors
 * of requests.
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
 * oai_session_retry_async:
 * @self: a session
 * @cancellable: (nullable): a cancellable
 * @callback: (nullable) (scope async): called when the reply is complete
 * @user_data: data for @callback
 *
 * Removes the items after the newest message of the user, and sends the conversation again.
 *
 * Since: 1.0
 */
void
oai_session_retry_async (OaiSession *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  OaiSessionPrivate *priv;
  GTask *task;
  Turn *turn;
  guint position;

  g_return_if_fail (OAI_IS_SESSION (self));

  task = oai_method_task_new (self, cancellable, callback, user_data, oai_session_retry_async);
  if (!check_idle (self, task))
    return;

  turn = begin_turn (self, task);
  priv = get_private (self);
  position = find_last_message (self) + 1;
  if (position < priv->items->len)
    oai_session_remove_items (self, position, priv->items->len - position);
  start_turn (turn);
}

/**
 * oai_session_retry_finish:
 * @self: a session
 * @result: a result
 * @error: return location for an error
 *
 * Completes [method@Oai.Session.retry_async]. Fails like [method@Oai.Session.send_finish].
 *
 * Returns: (transfer full): the last message of the reply, or its last item if it contains no message
 *
 * Since: 1.0
 */
OaiSessionItem *
oai_session_retry_finish (OaiSession *self, GAsyncResult *result, GError **error)
{
  return oai_method_finish (self, result, error);
}

/**
 * oai_session_retry:
 * @self: a session
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Removes the items after the newest message of the user, and sends the conversation again. Blocks like
 * [method@Oai.Session.send].
 *
 * Returns: (transfer full): the last message of the reply, or its last item if it contains no message
 *
 * Since: 1.0
 */
OaiSessionItem *
oai_session_retry (OaiSession *self, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall call;
  OaiSessionItem *item;

  g_return_val_if_fail (OAI_IS_SESSION (self), NULL);

  oai_blocking_call_begin (&call);
  oai_session_retry_async (self, cancellable, oai_blocking_call_ready, &call);
  item = oai_session_retry_finish (self, oai_blocking_call_wait (&call), error);
  oai_blocking_call_end (&call);

  return item;
}

/* Returns the position of a message of the user; fails if the item is not one of the session. */
static gboolean
find_message (OaiSession *self, OaiSessionItem *item, guint *position, GError **error)
{
  if (g_ptr_array_find (get_private (self)->items, item, position) && is_message (item, oai_session_get_hooks (self)->user_role))
    return TRUE;

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("Only messages of the user that the session contains can be edited."));

  return FALSE;
}

/**
 * oai_session_edit_async:
 * @self: a session
 * @item: a message of the user
 * @text: its new text
 * @cancellable: (nullable): a cancellable
 * @callback: (nullable) (scope async): called when the reply is complete
 * @user_data: data for @callback
 *
 * Replaces the text of a message of the user, removes all items after it, and sends the conversation again. Images and
 * files of the message are kept. To keep the items, create a branch with [method@Oai.Session.branch] before.
 *
 * Since: 1.0
 */
void
oai_session_edit_async (OaiSession *self, OaiSessionItem *item, const char *text, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;
  GError *error = NULL;
  OaiRecord *record;
  Turn *turn;
  guint position;

  g_return_if_fail (OAI_IS_SESSION (self));
  g_return_if_fail (OAI_IS_SESSION_ITEM (item));
  g_return_if_fail (text != NULL);

  task = oai_method_task_new (self, cancellable, callback, user_data, oai_session_edit_async);
  if (!check_idle (self, task))
    return;
  if (!find_message (self, item, &position, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  turn = begin_turn (self, task);
  record = oai_session_get_hooks (self)->edit_message (oai_session_item_get_record (item), text);
  append_record (turn, position, text, record);
  start_turn (turn);
}

/**
 * oai_session_edit_finish:
 * @self: a session
 * @result: a result
 * @error: return location for an error
 *
 * Completes [method@Oai.Session.edit_async]. Fails with %OAI_ERROR_INVALID_ARGUMENT if the item is no message of the user
 * in this session, and like [method@Oai.Session.send_finish].
 *
 * Returns: (transfer full): the last message of the reply, or its last item if it contains no message
 *
 * Since: 1.0
 */
OaiSessionItem *
oai_session_edit_finish (OaiSession *self, GAsyncResult *result, GError **error)
{
  return oai_method_finish (self, result, error);
}

/**
 * oai_session_edit:
 * @self: a session
 * @item: a message of the user
 * @text: its new text
 * @cancellable: (nullable): a cancellable
 * @error: return location for an error
 *
 * Replaces the text of a message of the user; see [method@Oai.Session.edit_async]. Blocks like
 * [method@Oai.Session.send].
 *
 * Returns: (transfer full): the last message of the reply, or its last item if it contains no message
 *
 * Since: 1.0
 */
OaiSessionItem *
oai_session_edit (OaiSession *self, OaiSessionItem *item, const char *text, GCancellable *cancellable, GError **error)
{
  OaiBlockingCall call;
  OaiSessionItem *answer;

  g_return_val_if_fail (OAI_IS_SESSION (self), NULL);

  oai_blocking_call_begin (&call);
  oai_session_edit_async (self, item, text, cancellable, oai_blocking_call_ready, &call);
  answer = oai_session_edit_finish (self, oai_blocking_call_wait (&call), error);
  oai_blocking_call_end (&call);

  return answer;
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

/* The list */

void
oai_session_insert_item (OaiSession *self, guint position, OaiSessionItem *item)
{
  insert_item (self, MIN (position, get_private (self)->items->len), item);
}

OaiToolCall *
oai_session_new_call (OaiSession *self, OaiRecord *record, const char *id, const char *name, const char *arguments)
{
  OaiSessionPrivate *priv = get_private (self);
  g_autoptr(OaiToolset) toolset = priv->toolset != NULL ? g_object_ref (priv->toolset) : oai_toolset_new ();

  return oai_toolset_new_call_for_record (toolset, record, id, name, arguments);
}

/**
 * oai_session_insert_record:
 * @self: a session
 * @position: position of the new item
 * @record: an [class@Oai.ChatMessage] or a [class@Oai.ResponseItem], depending on the type of the session
 *
 * Inserts a message of the program, such as a summary. A record with text and tool calls becomes several items; a record
 * with the result of a tool becomes the result of the earlier call.
 *
 * Since: 1.0
 */
void
oai_session_insert_record (OaiSession *self, guint position, OaiRecord *record)
{
  g_return_if_fail (OAI_IS_SESSION (self));
  g_return_if_fail (position <= get_private (self)->items->len);
  g_return_if_fail (G_TYPE_CHECK_INSTANCE_TYPE (record, oai_session_get_hooks (self)->get_record_type ()));

  if (position < get_private (self)->items->len)
    forget_replies (self, position);
  oai_session_get_hooks (self)->insert_record (self, position, record);
}

/**
 * oai_session_add_record:
 * @self: a session
 * @record: an [class@Oai.ChatMessage] or a [class@Oai.ResponseItem], depending on the type of the session
 *
 * Appends a message of the program; see [method@Oai.Session.insert_record]. [method@Oai.Session.send_async] without a
 * text then continues the conversation.
 *
 * Since: 1.0
 */
void
oai_session_add_record (OaiSession *self, OaiRecord *record)
{
  g_return_if_fail (OAI_IS_SESSION (self));

  oai_session_insert_record (self, get_private (self)->items->len, record);
}

/**
 * oai_session_remove_items:
 * @self: a session
 * @position: position of the first item
 * @n_items: number of items
 *
 * Removes items, which later requests do not contain. If the session is receiving a reply, stop it first, except in a
 * handler of [signal@Oai.Session::context-exceeded].
 *
 * Since: 1.0
 */
void
oai_session_remove_items (OaiSession *self, guint position, guint n_items)
{
  g_return_if_fail (OAI_IS_SESSION (self));
  g_return_if_fail (position + n_items >= position && position + n_items <= get_private (self)->items->len);

  if (n_items == 0)
    return;

  forget_replies (self, position);
  remove_items (self, position, n_items);
}

static void
copy_settings (OaiSession *self, OaiSession *other)
{
  OaiSessionPrivate *priv = get_private (self);
  OaiSessionPrivate *target = get_private (other);

  target->model = g_strdup (priv->model);
  target->instructions = g_strdup (priv->instructions);
  target->options = priv->options != NULL ? oai_record_copy (priv->options) : NULL;
  g_set_object (&target->toolset, priv->toolset);
  g_set_object (&target->prices, priv->prices);
  target->streaming = priv->streaming;
  target->coalesce_interval = priv->coalesce_interval;
  target->max_rounds = priv->max_rounds;
  target->budget = priv->budget;
}

/**
 * oai_session_branch:
 * @self: a session
 * @item: the last item that the branch contains
 *
 * Creates a session with the same settings and the items up to one of them. Both sessions continue independently. The
 * branch counts only its own tokens. A tool call that has not ended is cancelled in the branch.
 *
 * Returns: (transfer full): a new session
 *
 * Since: 1.0
 */
OaiSession *
oai_session_branch (OaiSession *self, OaiSessionItem *item)
{
  OaiSessionPrivate *priv;
  OaiSession *branch;
  guint position;

  g_return_val_if_fail (OAI_IS_SESSION (self), NULL);
  priv = get_private (self);
  g_return_val_if_fail (g_ptr_array_find (priv->items, item, &position), NULL);

  branch = g_object_new (G_OBJECT_TYPE (self), "client", priv->client, NULL);
  copy_settings (self, branch);
  for (guint i = 0; i <= position; i++)
    if (oai_session_item_get_record (g_ptr_array_index (priv->items, i)) != NULL)
      g_ptr_array_add (get_private (branch)->items, oai_session_item_copy (g_ptr_array_index (priv->items, i)));
  if (position + 1 < priv->items->len && has_same_reply (g_ptr_array_index (priv->items, position + 1), oai_session_item_get_reply_id (item)))
    forget_replies (branch, get_private (branch)->items->len - 1);

  return branch;
}
