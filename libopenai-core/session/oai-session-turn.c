/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-session-turn-private.h"

#include "oai-blocking-call-private.h"
#include "oai-call-private.h"
#include "oai-emit-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-method.h"
#include "oai-tool-call-private.h"

/* One turn: the requests from a message of the user to the last reply of the model.  The callbacks of its operations
 * check session to learn whether it has ended.  OaiSession knows it until its task completes, so that no other turn
 * begins while this one ends. */
struct _OaiSessionTurn
{
  gatomicrefcount references;
  OaiSession *session; /* NULL after the turn has ended */
  GTask *task;         /* holds the session */
  GSource *cancelled;  /* watches the cancellable of the program; or NULL */
  GCancellable *cancellable;
  OaiClient *client;   /* of the newest request; or NULL */
  OaiCall *call;       /* of the newest request; or NULL */
  OaiStream *stream;   /* or NULL */
  OaiRecord *request;  /* the newest one */
  GPtrArray *reply;    /* OaiSessionItem of the reply that is being received */
  GPtrArray *calls;    /* OaiToolCall that run; or NULL */
  GPtrArray *started;  /* OaiToolCall of call-started, without those of call-finished */
  gint64 sent_at;      /* monotonic time in microseconds */
  gboolean repeated;   /* the request was repeated with a shorter conversation */
  gboolean taking;     /* the items of the reply get their last states */
  GError *exceeded;    /* the conversation was too long; or NULL */
  GError *failure;     /* of a handler that stopped the session while the reply was taken; or NULL */
  guint round;
};

static OaiSessionTurn *
turn_ref (OaiSessionTurn *self)
{
  g_atomic_ref_count_inc (&self->references);

  return self;
}

static void
turn_unref (OaiSessionTurn *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;

  g_object_unref (self->cancellable);
  g_clear_object (&self->client);
  g_clear_object (&self->call);
  g_clear_object (&self->stream);
  g_clear_object (&self->request);
  g_ptr_array_unref (self->reply);
  g_clear_pointer (&self->calls, g_ptr_array_unref);
  g_ptr_array_unref (self->started);
  g_clear_error (&self->exceeded);
  g_clear_error (&self->failure);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiSessionTurn, turn_unref)

static gboolean
has_ended (OaiSessionTurn *self)
{
  return self->session == NULL;
}

static const OaiSessionHooks *
get_hooks (OaiSessionTurn *self)
{
  return oai_session_get_hooks (self->session);
}

/* argument: of a signal with one object, or the location of the returned value */
static void
emit (OaiSessionTurn *self, OaiSessionSignal signal, gpointer argument)
{
  oai_emit (self->session, oai_session_get_signal (signal), 0, argument);
}

/* The reply that is being received */

static guint
get_elapsed_ms (OaiSessionTurn *self)
{
  return (guint) ((g_get_monotonic_time () - self->sent_at) / 1000);
}

/* Handles the first part of a reply. */
static void
begin_reply (OaiSessionTurn *self)
{
  OaiSession *session = self->session;

  if (oai_session_get_state (session) != OAI_SESSION_STATE_WAITING)
    return;

  oai_session_set_first_token_latency (session, get_elapsed_ms (self));
  if (!has_ended (self))
    oai_session_set_state (session, OAI_SESSION_STATE_STREAMING);
}

static OaiSessionItem *
find_reply_item (OaiSessionTurn *self, OaiSessionItemKind kind, guint index)
{
  for (guint i = 0; i < self->reply->len; i++)
    {
      OaiSessionItem *item = g_ptr_array_index (self->reply, i);

      if (oai_session_item_get_kind (item) == kind && oai_session_item_get_index (item) == index)
        return item;
    }

  return NULL;
}

OaiSessionItem *
oai_session_ref_reply_item (OaiSession *session, OaiSessionItemKind kind, const char *role, guint index)
{
  g_autoptr(OaiSession) held G_GNUC_UNUSED = g_object_ref (session);
  g_autoptr(OaiSessionTurn) self = turn_ref (oai_session_get_turn (session));
  gboolean ended = has_ended (self);
  OaiSessionItem *item = find_reply_item (self, kind, index);

  if (item != NULL)
    return g_object_ref (item);

  item = oai_session_item_new (kind, role);
  oai_session_item_set_index (item, index);
  g_ptr_array_add (self->reply, g_object_ref (item));
  oai_session_insert_item (session, G_MAXUINT, item);
  if (!has_ended (self))
    begin_reply (self);
  if (has_ended (self) == ended)
    return item;

  g_object_unref (item);

  return NULL;
}

/* Removes the items of the reply that have no record. */
static void
remove_empty_items (OaiSessionTurn *self, OaiSession *session)
{
  guint position;

  for (guint i = 0; i < self->reply->len; i++)
    {
      OaiSessionItem *item = g_ptr_array_index (self->reply, i);

      if (oai_session_item_get_record (item) == NULL && g_ptr_array_find (oai_session_get_items (session), item, &position))
        oai_session_replace_items (session, position, 1, NULL);
    }
}

/* Returns the last message of the reply, or its last item if there is none; NULL if the reply is empty. */
static OaiSessionItem *
find_answer (OaiSessionTurn *self)
{
  OaiSessionItem *last = NULL;

  for (guint i = self->reply->len; i > 0; i--)
    {
      OaiSessionItem *item = g_ptr_array_index (self->reply, i - 1);

      if (oai_session_item_get_record (item) == NULL)
        continue;
      if (oai_session_item_get_kind (item) == OAI_SESSION_ITEM_KIND_MESSAGE)
        return item;
      if (last == NULL)
        last = item;
    }

  return last;
}

/* Gives the items of a reply their last states.  A handler that stops the session meanwhile does so
 * afterwards. */
static gboolean
take_reply (OaiSessionTurn *self, OaiSession *session, OaiRecord *reply, gboolean complete, GError **error)
{
  gboolean taken;

  self->taking = TRUE;
  taken = oai_session_get_hooks (session)->take_reply (session, reply, complete, error);
  remove_empty_items (self, session);
  self->taking = FALSE;

  return taken;
}

/* The call of a request */

static void
retry_changed_cb (OaiSession *session, GParamSpec *pspec, OaiCall *call)
{
  oai_session_set_retry_at (session, oai_call_get_retry_at (call));
}

static void
unwatch_call (OaiSessionTurn *self)
{
  if (self->call != NULL)
    g_signal_handlers_disconnect_by_func (self->call, retry_changed_cb, self->session);
  g_clear_object (&self->call);
}

/* Each call of the client is announced, also those of others, in the thread that starts it. */
static void
call_announced_cb (OaiClient *client, OaiCall *call, OaiSessionTurn *self)
{
  if (!oai_call_is_started_with (call, self->cancellable) || has_ended (self))
    return;

  unwatch_call (self);
  self->call = g_object_ref (call);
  g_signal_connect_object (call, "notify::retry-at", G_CALLBACK (retry_changed_cb), self->session, G_CONNECT_SWAPPED);
}

static void
unref_turn_cb (gpointer data, GClosure *closure)
{
  turn_unref (data);
}

static void
unwatch_client (OaiSessionTurn *self)
{
  if (self->client != NULL)
    g_signal_handlers_disconnect_by_func (self->client, call_announced_cb, self);
  g_clear_object (&self->client);
}

/* Finds the calls of the next requests. */
static void
watch_client (OaiSessionTurn *self)
{
  if (self->client != NULL)
    return;

  self->client = g_object_ref (oai_session_get_client (self->session));
  g_signal_connect_data (self->client, "call-started", G_CALLBACK (call_announced_cb), turn_ref (self), unref_turn_cb, 0);
}

/* The end */

static void
disconnect_stream (OaiSessionTurn *self, OaiSession *session)
{
  if (self->stream != NULL)
    g_signal_handlers_disconnect_by_data (self->stream, session);
}

/* Ends the turn for the callbacks of its operations. */
static void
detach (OaiSessionTurn *self)
{
  disconnect_stream (self, self->session);
  unwatch_call (self);
  unwatch_client (self);
  self->session = NULL;
  if (self->cancelled != NULL)
    g_source_destroy (self->cancelled);
  g_clear_pointer (&self->cancelled, g_source_unref);
  g_cancellable_cancel (self->cancellable);
}

/* Returns the calls that have not ended. */
static GPtrArray *
list_open_calls (OaiSession *session)
{
  GPtrArray *items = oai_session_get_items (session);
  GPtrArray *calls = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < items->len; i++)
    if (oai_session_item_has_open_call (g_ptr_array_index (items, i)))
      g_ptr_array_add (calls, g_object_ref (oai_session_item_get_call (g_ptr_array_index (items, i))));

  return calls;
}

static void
cancel_calls (GPtrArray *calls)
{
  for (guint i = 0; i < calls->len; i++)
    oai_tool_call_cancel (g_ptr_array_index (calls, i));
}

static void
call_changed_cb (OaiSession *session, GParamSpec *pspec, OaiToolCall *call)
{
  OaiSessionTurn *self = oai_session_get_turn (session);
  g_autoptr(GPtrArray) calls = NULL;
  OaiSessionState state = OAI_SESSION_STATE_RUNNING_TOOLS;

  if (self == NULL || has_ended (self))
    return;

  calls = list_open_calls (session);
  for (guint i = 0; i < calls->len; i++)
    if (oai_tool_call_get_state (g_ptr_array_index (calls, i)) == OAI_TOOL_CALL_STATE_WAITING_FOR_APPROVAL)
      state = OAI_SESSION_STATE_WAITING_FOR_APPROVAL;
  oai_session_set_state (session, state);
}

static void
approval_requested_cb (OaiToolCall *call, OaiSession *session)
{
  oai_emit (session, oai_session_get_signal (OAI_SESSION_APPROVAL_REQUESTED), 0, call);
}

/* Reports the end of a call.  The turn may have ended. */
static void
finish_call (OaiSessionTurn *self, OaiSession *session, OaiToolCall *call)
{
  g_autoptr(OaiToolCall) held G_GNUC_UNUSED = g_object_ref (call);

  if (!g_ptr_array_remove (self->started, call))
    return;

  g_signal_handlers_disconnect_by_func (call, call_changed_cb, session);
  g_signal_handlers_disconnect_by_func (call, approval_requested_cb, session);
  oai_emit (session, oai_session_get_signal (OAI_SESSION_CALL_FINISHED), 0, call);
}

/* Completes the task of a detached turn.  Takes ownership of error, which is NULL if the turn is complete. */
static void
conclude (OaiSessionTurn *self, OaiSession *session, GError *error)
{
  g_autoptr(OaiSession) held G_GNUC_UNUSED = g_object_ref (session);
  g_autoptr(GTask) task = g_steal_pointer (&self->task);
  g_autoptr(GPtrArray) calls = list_open_calls (session);
  OaiSessionItem *answer = NULL;

  if (error == NULL && find_answer (self) != NULL)
    answer = g_object_ref (find_answer (self));
  else if (error == NULL)
    error = g_error_new_literal (OAI_ERROR, OAI_ERROR_PROTOCOL, _("The reply of the model is empty."));
  if (error != NULL)
    cancel_calls (calls);
  while (self->started->len > 0)
    finish_call (self, session, g_ptr_array_index (self->started, 0));
  oai_session_set_retry_at (session, NULL);
  oai_session_set_error (session, error);
  oai_session_set_turn (session, NULL);
  turn_unref (self);
  oai_session_set_state (session, OAI_SESSION_STATE_IDLE);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, answer, g_object_unref);
}

/* Ends the turn between two requests, or after the last one.  Takes ownership of error, which is
 * nullable. */
static void
end (OaiSessionTurn *self, GError *error)
{
  OaiSession *session = self->session;

  detach (self);
  conclude (self, session, error);
}

/* Ends the turn at any moment, and keeps the parts of the reply that have arrived.  Takes ownership
 * of error. */
static void
abort_turn (OaiSessionTurn *self, GError *error)
{
  OaiSession *session = self->session;
  g_autoptr(OaiRecord) reply = NULL;

  if (self->taking)
    {
      if (self->failure == NULL)
        self->failure = error;
      else
        g_error_free (error);
      return;
    }

  detach (self);
  if (self->stream != NULL)
    reply = oai_stream_dup_result (self->stream);
  take_reply (self, session, reply, FALSE, NULL);
  conclude (self, session, error);
}

/* Rounds */

static void start_round (OaiSessionTurn *self);
static void run_calls (OaiSessionTurn *self);

/* Continues after a reply, or with the calls of a restored session. */
static void
continue_turn (OaiSessionTurn *self)
{
  g_autoptr(GPtrArray) calls = list_open_calls (self->session);

  if (calls->len > 0)
    run_calls (self);
  else
    start_round (self);
}

/* Handles a complete reply. */
static void
finish_round (OaiSessionTurn *self, OaiRecord *reply)
{
  OaiSession *session = self->session;
  GError *error = NULL;
  g_autoptr(GPtrArray) calls = NULL;

  disconnect_stream (self, session);
  take_reply (self, session, reply, TRUE, &error);
  g_clear_object (&self->stream);
  oai_session_add_usage (session, reply, get_hooks (self)->get_model (self->request), get_elapsed_ms (self));
  if (self->failure != NULL)
    {
      g_clear_error (&error);
      error = g_steal_pointer (&self->failure);
    }
  if (error == NULL && !has_ended (self))
    emit (self, OAI_SESSION_ROUND_FINISHED, reply);
  if (has_ended (self))
    {
      g_clear_error (&error);
      return;
    }

  calls = list_open_calls (session);
  if (error == NULL && calls->len > 0)
    run_calls (self);
  else
    end (self, error);
}

/* Calls */

/* The toolset may run calls of others at the same time. */
static void
call_started_cb (OaiToolset *toolset, OaiToolCall *call, OaiSessionTurn *self)
{
  OaiSession *session = self->session;

  if (has_ended (self) || !g_ptr_array_find (self->calls, call, NULL) || g_ptr_array_find (self->started, call, NULL))
    return;

  g_ptr_array_add (self->started, g_object_ref (call));
  g_signal_connect_object (call, "notify::state", G_CALLBACK (call_changed_cb), session, G_CONNECT_SWAPPED);
  if (g_signal_has_handler_pending (session, oai_session_get_signal (OAI_SESSION_APPROVAL_REQUESTED), 0, FALSE))
    g_signal_connect_object (call, "approval-requested", G_CALLBACK (approval_requested_cb), session, 0);
  emit (self, OAI_SESSION_CALL_STARTED, call);
}

static void
call_finished_cb (OaiToolset *toolset, OaiToolCall *call, OaiSessionTurn *self)
{
  if (!has_ended (self))
    finish_call (self, self->session, call);
}

static void
tools_ran_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(OaiSessionTurn) self = user_data;
  GError *error = NULL;

  g_signal_handlers_disconnect_by_data (source, self);
  g_clear_pointer (&self->calls, g_ptr_array_unref);
  oai_toolset_run_finish (OAI_TOOLSET (source), result, &error);
  if (has_ended (self))
    g_clear_error (&error);
  else if (error != NULL)
    end (self, error);
  else
    continue_turn (self);
}

/* The tool of a restored call may have been added after the session was restored. */
static void
find_tools (OaiToolset *toolset, GPtrArray *calls)
{
  for (guint i = 0; i < calls->len; i++)
    {
      OaiToolCall *call = g_ptr_array_index (calls, i);

      if (oai_tool_call_get_tool (call) == NULL && oai_tool_call_get_name (call) != NULL)
        oai_tool_call_set_tool (call, oai_toolset_find (toolset, oai_tool_call_get_name (call)));
    }
}

/* Returns whether the options allow several tools to run at the same time. */
static gboolean
is_parallel (OaiSessionTurn *self)
{
  OaiRecord *options = oai_session_get_options (self->session);
  const char *member = get_hooks (self)->parallel_member;

  return options == NULL || !oai_record_has_member (options, member) || oai_record_get_boolean_member (options, member);
}

/* Runs the tools that the model called. */
static void
run_calls (OaiSessionTurn *self)
{
  OaiSession *session = self->session;
  OaiToolset *own = oai_session_get_toolset (session);
  g_autoptr(OaiToolset) toolset = own != NULL ? g_object_ref (own) : oai_toolset_new ();
  g_autoptr(GPtrArray) calls = list_open_calls (session);

  find_tools (toolset, calls);
  if (has_ended (self))
    return;

  oai_session_set_state (session, OAI_SESSION_STATE_RUNNING_TOOLS);
  if (has_ended (self))
    return;

  self->calls = g_ptr_array_ref (calls);
  g_signal_connect (toolset, "call-started", G_CALLBACK (call_started_cb), self);
  g_signal_connect (toolset, "call-finished", G_CALLBACK (call_finished_cb), self);
  oai_toolset_run_async (toolset, calls, is_parallel (self), self->cancellable, tools_ran_cb, turn_ref (self));
}

/* Conversations that are too long */

/* Sends the request again, with the changed items. */
static void
repeat_round (OaiSessionTurn *self)
{
  self->round--;
  start_round (self);
}

/* Lets the program shorten the conversation. */
static void
request_shorter (OaiSessionTurn *self)
{
  gboolean handled = FALSE;

  emit (self, OAI_SESSION_CONTEXT_EXCEEDED, &handled);
  if (has_ended (self))
    return;

  if (handled)
    repeat_round (self);
  else
    abort_turn (self, g_steal_pointer (&self->exceeded));
}

static void
compacted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(OaiSessionTurn) self = user_data;
  g_autoptr(OaiSession) session = !has_ended (self) ? g_object_ref (self->session) : NULL;
  g_autoptr(OaiRecord) compacted = NULL;
  g_autoptr(OaiSessionItem) item = NULL;

  if (session == NULL)
    return;

  compacted = get_hooks (self)->compact_finish (source, result, NULL);
  if (compacted == NULL)
    {
      request_shorter (self);
      return;
    }

  item = oai_session_item_new (OAI_SESSION_ITEM_KIND_COMPACTION, NULL);
  oai_session_item_seal (item, compacted, NULL, NULL, OAI_SESSION_ITEM_STATE_COMPLETE);
  oai_session_forget_replies (session, oai_session_find_last_message (session));
  oai_session_insert_item (session, oai_session_find_last_message (session), item);
  if (!has_ended (self))
    repeat_round (self);
}

/* The server compacts the conversation if it can.  Takes ownership of error. */
static void
shorten (OaiSessionTurn *self, GError *error)
{
  OaiSession *session = self->session;
  guint n_items = oai_session_find_last_message (session);

  self->repeated = TRUE;
  self->exceeded = error;
  g_clear_object (&self->stream);
  if (n_items > 0 && get_hooks (self)->compact_async != NULL)
    get_hooks (self)->compact_async (session, n_items, self->cancellable, compacted_cb, turn_ref (self));
  else
    request_shorter (self);
}

/* Requests */

/* Takes ownership of error. */
static void
fail_round (OaiSessionTurn *self, GError *error)
{
  const OaiSessionHooks *hooks = get_hooks (self);

  if (self->reply->len == 0 && g_error_matches (error, OAI_ERROR, OAI_ERROR_CONTEXT_LENGTH) && !self->repeated)
    shorten (self, error);
  else if (self->reply->len == 0 && hooks->adapt != NULL && hooks->adapt (self->session, self->request, error))
    {
      g_error_free (error);
      repeat_round (self);
    }
  else
    abort_turn (self, error);
}

static void
replied_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(OaiSessionTurn) self = user_data;
  g_autoptr(OaiSession) session = !has_ended (self) ? g_object_ref (self->session) : NULL;
  g_autoptr(OaiRecord) reply = NULL;
  GError *error = NULL;

  if (OAI_IS_STREAM (source))
    reply = oai_stream_run_finish (OAI_STREAM (source), result, &error);
  else if (session != NULL)
    reply = get_hooks (self)->create_finish (source, result, &error);

  if (has_ended (self))
    g_clear_error (&error);
  else if (error != NULL)
    fail_round (self, error);
  else
    finish_round (self, reply);
}

static void
send_request (OaiSessionTurn *self)
{
  OaiSession *session = self->session;

  self->sent_at = g_get_monotonic_time ();
  watch_client (self);
  g_ptr_array_set_size (self->reply, 0);
  g_clear_object (&self->stream);
  if (oai_session_get_streaming (session))
    {
      self->stream = get_hooks (self)->create_stream (session, self->request);
      oai_stream_set_coalesce_interval_ms (self->stream, oai_session_get_coalesce_interval_ms (session));
      oai_stream_run_async (self->stream, self->cancellable, replied_cb, turn_ref (self));
    }
  else
    get_hooks (self)->create_async (session, self->request, self->cancellable, replied_cb, turn_ref (self));
}

static gboolean
check_limits (OaiSessionTurn *self, GError **error)
{
  guint max_rounds = oai_session_get_max_rounds (self->session);

  if (self->round < max_rounds)
    return oai_session_check_budget (self->session, get_hooks (self)->get_model (self->request), error);

  /* Translators: %u is a number of requests, at least 1. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_TOO_MANY_ROUNDS, _("The model still calls tools after %u requests. Continue with another one, or increase max-rounds."), max_rounds);

  return FALSE;
}

/* Returns NULL with an error if the session has no client, or a tool cannot be sent. */
static OaiRecord *
create_request (OaiSessionTurn *self, GError **error)
{
  const OaiSessionHooks *hooks = get_hooks (self);
  OaiRecord *request;
  const char *name = NULL;

  if (oai_session_get_client (self->session) == NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The session has no client. Set it with oai_session_set_client()."));
      return NULL;
    }
  oai_session_check_server (self->session);

  /* A choice that requires a call applies until the model has called the tool in this turn: otherwise it could never
   * answer. */
  request = hooks->create_request (self->session, error);
  if (request != NULL && hooks->requires_call (request, &name) && oai_session_has_called (self->session, name))
    oai_record_unset_member (request, hooks->choice_member);

  return request;
}

/* Sends the next request, unless a limit is reached. */
static void
start_round (OaiSessionTurn *self)
{
  OaiSession *session = self->session;
  GError *error = NULL;

  g_clear_object (&self->request);
  self->request = create_request (self, &error);
  if (self->request == NULL || !check_limits (self, &error))
    {
      end (self, error);
      return;
    }

  self->round++;
  oai_session_set_state (session, OAI_SESSION_STATE_WAITING);
  if (!has_ended (self))
    oai_emit (session, oai_session_get_signal (OAI_SESSION_ROUND_STARTED), 0, self->round);
  if (!has_ended (self))
    send_request (self);
}

/* The beginning */

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr(OaiSessionTurn) self = turn_ref (user_data);

  abort_turn (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("The operation was cancelled")));

  return G_SOURCE_REMOVE;
}

static void
watch_cancellable (OaiSessionTurn *self, GCancellable *cancellable)
{
  if (cancellable == NULL)
    return;

  self->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_static_name (self->cancelled, "[oai] cancelled");
  g_source_set_callback (self->cancelled, G_SOURCE_FUNC (cancelled_cb), self, NULL);
  g_source_attach (self->cancelled, g_main_context_get_thread_default ());
}

/* Returns FALSE and completes the task if the session cannot begin a turn. */
static gboolean
check_idle (OaiSession *session, GTask *task)
{
  GError *error = NULL;

  if (oai_session_get_turn (session) != NULL)
    g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_PENDING, _("The session is still receiving a reply. Stop it first."));
  else if (oai_session_check_type (session, &error))
    return TRUE;

  g_task_return_error (task, error);
  g_object_unref (task);

  return FALSE;
}

/* Begins a turn.  Nothing is emitted before the items of the program have changed.  Takes ownership of the task. */
static OaiSessionTurn *
begin (OaiSession *session, GTask *task)
{
  OaiSessionTurn *self = g_new0 (OaiSessionTurn, 1);

  g_atomic_ref_count_init (&self->references);
  self->session = session;
  self->task = task;
  self->cancellable = g_cancellable_new ();
  self->reply = g_ptr_array_new_with_free_func (g_object_unref);
  self->started = g_ptr_array_new_with_free_func (g_object_unref);
  watch_cancellable (self, g_task_get_cancellable (task));
  oai_session_set_turn (session, turn_ref (self));

  return self;
}

/* Sends the first request.  Takes ownership of the turn. */
static void
start (OaiSessionTurn *turn)
{
  g_autoptr(OaiSessionTurn) self = turn;

  if (!has_ended (self))
    oai_session_set_error (self->session, NULL);
  if (!has_ended (self))
    continue_turn (self);
}

/* Appends a message of the user, which replaces the items from a position.  Takes ownership of the record.  Open calls
 * of a restored session are cancelled, since the message does not answer them.
 * edited: the item whose parts the message has; or NULL */
static void
append_record (OaiSessionTurn *self, guint position, const char *text, OaiRecord *record, OaiSessionItem *edited)
{
  OaiSession *session = self->session;
  g_autoptr(OaiSessionItem) item = oai_session_item_new (OAI_SESSION_ITEM_KIND_MESSAGE, get_hooks (self)->user_role);
  g_autoptr(OaiRecord) owned G_GNUC_UNUSED = record;
  g_autoptr(GPtrArray) calls = list_open_calls (session);

  oai_session_check_server (session);
  oai_session_item_seal (item, record, text, NULL, OAI_SESSION_ITEM_STATE_COMPLETE);
  if (edited != NULL && oai_session_item_is_foreign (edited))
    oai_session_item_set_foreign (item);
  oai_session_forget_replies (session, position);
  oai_session_replace_items (session, position, oai_session_get_items (session)->len - position, item);
  cancel_calls (calls);
}

/* Appends a message of the user, from the text and the parts that were added before. */
static void
append_message (OaiSessionTurn *self, const char *text)
{
  OaiSession *session = self->session;
  GPtrArray *parts = oai_session_get_parts (session);
  OaiRecord *record = get_hooks (self)->create_message (text, parts);
  gboolean had_parts = parts->len > 0;

  g_ptr_array_set_size (parts, 0);
  append_record (self, oai_session_get_items (session)->len, text, record, NULL);
  if (had_parts)
    oai_session_notify_parts (session);
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
  OaiSessionTurn *turn;

  g_return_if_fail (OAI_IS_SESSION (self));

  task = oai_method_task_new (self, cancellable, callback, user_data, oai_session_send_async);
  if (!check_idle (self, task))
    return;

  turn = begin (self, task);
  if (text != NULL || oai_session_get_parts (self)->len > 0)
    append_message (turn, text);
  start (turn);
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
 * reply is complete. No other sources run, except while a tool has not answered yet, or waits for approval: then the main
 * context of the caller is iterated as well.
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

/* Returns the position after the newest message of the user.  Without one, that is where the last reply of the model
 * begins. */
static guint
find_retried (OaiSession *session)
{
  const OaiSessionHooks *hooks = oai_session_get_hooks (session);
  GPtrArray *items = oai_session_get_items (session);
  guint position = oai_session_find_last_message (session);

  if (position < items->len && oai_session_item_is_message (g_ptr_array_index (items, position), hooks->user_role))
    return position + 1;

  position = items->len;
  while (position > 0 && g_strcmp0 (oai_session_item_get_role (g_ptr_array_index (items, position - 1)), hooks->model_role) == 0)
    position--;

  return position;
}

/**
 * oai_session_retry_async:
 * @self: a session
 * @cancellable: (nullable): a cancellable
 * @callback: (nullable) (scope async): called when the reply is complete
 * @user_data: data for @callback
 *
 * Removes the items after the newest message of the user, and sends the conversation again. If there is no message of the
 * user, removes the last reply.
 *
 * Since: 1.0
 */
void
oai_session_retry_async (OaiSession *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task;
  OaiSessionTurn *turn;
  guint position;
  g_autoptr(GPtrArray) calls = NULL;

  g_return_if_fail (OAI_IS_SESSION (self));

  task = oai_method_task_new (self, cancellable, callback, user_data, oai_session_retry_async);
  if (!check_idle (self, task))
    return;

  position = find_retried (self);
  if (position == 0 && oai_session_get_instructions (self) == NULL)
    {
      g_task_return_new_error (task, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, "%s", _("The session contains no message of the user, and no instructions. Send a message with oai_session_send_async()"));
      g_object_unref (task);
      return;
    }

  calls = list_open_calls (self);
  turn = begin (self, task);
  oai_session_remove_items (self, position, oai_session_get_items (self)->len - position);
  cancel_calls (calls);
  start (turn);
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
  if (g_ptr_array_find (oai_session_get_items (self), item, position) && oai_session_item_is_message (item, oai_session_get_hooks (self)->user_role))
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
  OaiSessionTurn *turn;
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

  turn = begin (self, task);
  record = oai_session_get_hooks (self)->edit_message (oai_session_item_get_record (item), text);
  append_record (turn, position, text, record, item);
  start (turn);
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
  OaiSessionTurn *turn;

  g_return_if_fail (OAI_IS_SESSION (self));

  turn = oai_session_get_turn (self);
  if (turn != NULL && !has_ended (turn))
    abort_turn (turn, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("The reply was stopped")));
}
