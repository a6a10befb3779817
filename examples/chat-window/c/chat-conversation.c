/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Replies are received asynchronously.  A signal is emitted when another action becomes possible. */

#include "chat-conversation.h"

#include <glib/gi18n.h>

#include "chat-speech.h"

#define COALESCE_INTERVAL_MS 30

struct _ChatConversation
{
  GtkBox parent_instance;

  ChatStore *store;
  OaiClient *client;
  OaiSession *session;
  GSignalGroup *session_signals;
  ChatSpeech *speech;

  ChatErrorBar *bar;
  ChatMessageView *messages;
  ChatComposer *composer;
  GtkLabel *usage;
};

enum
{
  CHANGED,
  FAILED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ChatConversation, chat_conversation, GTK_TYPE_BOX)

OaiSession *
chat_conversation_get_session (ChatConversation *self)
{
  return self->session;
}

ChatErrorBar *
chat_conversation_get_bar (ChatConversation *self)
{
  return self->bar;
}

ChatComposer *
chat_conversation_get_composer (ChatConversation *self)
{
  return self->composer;
}

ChatMessageView *
chat_conversation_get_messages (ChatConversation *self)
{
  return self->messages;
}

gboolean
chat_conversation_is_busy (ChatConversation *self)
{
  return oai_session_get_state (self->session) != OAI_SESSION_STATE_IDLE;
}

gboolean
chat_conversation_can_retry (ChatConversation *self)
{
  return !chat_conversation_is_busy (self) && g_list_model_get_n_items (G_LIST_MODEL (self->session)) > 0;
}

gboolean
chat_conversation_can_speak (ChatConversation *self)
{
  return self->client != NULL && chat_speech_is_supported ();
}

/* A session that is not idle keeps its server: a call may wait for approval. */
static void
on_changed (ChatConversation *self)
{
  gboolean busy = chat_conversation_is_busy (self);

  if (!busy)
    oai_session_set_client (self->session, self->client);
  chat_composer_set_recording (self->composer, chat_speech_is_recording (self->speech));
  chat_composer_set_busy (self->composer, busy);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
show_retry (ChatConversation *self)
{
  chat_error_bar_show_retry (self->bar, oai_session_get_retry_at (self->session));
}

static void
show_usage (ChatConversation *self)
{
  gint64 tokens = oai_session_get_total_tokens (self->session);
  double cost = oai_session_get_cost (self->session);
  g_autofree char *number = g_strdup_printf ("%'" G_GINT64_FORMAT, tokens);
  g_autofree char *tokens_text = tokens > 0 ? g_strdup_printf (_("%s tokens"), number) : g_strdup ("");
  g_autofree char *cost_text = cost > 0 ? g_strdup_printf (" · $%.4f", cost) : g_strdup ("");
  g_autofree char *text = g_strconcat (tokens_text, cost_text, NULL);

  gtk_label_set_text (self->usage, text);
}

static void
fail (ChatConversation *self, const char *text)
{
  g_signal_emit (self, signals[FAILED], 0, text);
}

static void
on_composer_failed (ChatComposer *composer, const char *text, ChatConversation *self)
{
  fail (self, text);
}

void
chat_conversation_set_store (ChatConversation *self, ChatStore *store)
{
  g_set_object (&self->store, store);
}

void
chat_conversation_set_client (ChatConversation *self, OaiClient *client)
{
  g_set_object (&self->client, client);
  chat_error_bar_close (self->bar);
  on_changed (self);
}

void
chat_conversation_set_session (ChatConversation *self, OaiSession *session)
{
  g_set_object (&self->session, session);
  oai_session_set_coalesce_interval_ms (session, COALESCE_INTERVAL_MS);
  g_signal_group_set_target (self->session_signals, session);
  chat_message_view_set_session (self->messages, session);
  chat_composer_set_session (self->composer, session);
  show_retry (self);
  show_usage (self);
  on_changed (self);
}

/* Turns */

/* Saves the conversation, and shows an error, which the session also returns if it was stopped. */
static void
end_turn (ChatConversation *self, OaiSession *session, const GError *error)
{
  if (session == self->session)
    {
      chat_error_bar_close (self->bar);
      if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        chat_error_bar_show_error (self->bar, error->message, _("_Try Again"), "win.retry");
    }
  chat_store_save (self->store, session);
}

static void
on_reply (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(ChatConversation) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiSessionItem) item G_GNUC_UNUSED = oai_session_send_finish (OAI_SESSION (source), result, &error);

  end_turn (self, OAI_SESSION (source), error);
}

static void
on_retried (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(ChatConversation) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiSessionItem) item G_GNUC_UNUSED = oai_session_retry_finish (OAI_SESSION (source), result, &error);

  end_turn (self, OAI_SESSION (source), error);
}

static void
send_text (ChatConversation *self, const char *text)
{
  chat_error_bar_close (self->bar);
  oai_session_send_async (self->session, text, NULL, on_reply, g_object_ref (self));
  chat_store_save (self->store, self->session);
}

static void
on_submitted (ChatComposer *composer, ChatConversation *self)
{
  g_autofree char *text = chat_composer_dup_text (composer);

  if (*text == '\0' && oai_session_get_n_parts (self->session) == 0)
    return;

  send_text (self, text);
  chat_composer_clear (composer);
  chat_message_view_scroll_to_end (self->messages);
}

/* A restored call runs when the session continues. */
void
chat_conversation_continue_calls (ChatConversation *self)
{
  if (!chat_conversation_is_busy (self))
    send_text (self, NULL);
}

void
chat_conversation_retry (ChatConversation *self)
{
  chat_error_bar_close (self->bar);
  oai_session_retry_async (self->session, NULL, on_retried, g_object_ref (self));
}

/* Speech */

/* Reads the last reply aloud, or stops that. */
void
chat_conversation_speak (ChatConversation *self)
{
  if (chat_speech_is_speaking (self->speech))
    chat_speech_stop (self->speech);
  else if (oai_session_get_text (self->session) != NULL)
    chat_speech_speak (self->speech, self->client, oai_session_get_text (self->session));
}

/* Begins or ends a dictation, whose text is inserted into the message. */
void
chat_conversation_dictate (ChatConversation *self)
{
  if (chat_speech_is_recording (self->speech))
    chat_speech_finish_recording (self->speech);
  else
    chat_speech_record (self->speech, self->client);
}

/* Ends the speech. */
void
chat_conversation_close (ChatConversation *self)
{
  chat_speech_close (self->speech);
}

static void
chat_conversation_dispose (GObject *object)
{
  ChatConversation *self = CHAT_CONVERSATION (object);

  g_clear_object (&self->session_signals);
  g_clear_object (&self->session);
  g_clear_object (&self->speech);
  g_clear_object (&self->client);
  g_clear_object (&self->store);
  gtk_widget_dispose_template (GTK_WIDGET (self), CHAT_TYPE_CONVERSATION);

  G_OBJECT_CLASS (chat_conversation_parent_class)->dispose (object);
}

static void
chat_conversation_class_init (ChatConversationClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = chat_conversation_dispose;
  signals[CHANGED] = g_signal_new ("changed", CHAT_TYPE_CONVERSATION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[FAILED] = g_signal_new ("failed", CHAT_TYPE_CONVERSATION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  /* The template contains these types. */
  g_type_ensure (CHAT_TYPE_ERROR_BAR);
  g_type_ensure (CHAT_TYPE_MESSAGE_VIEW);
  g_type_ensure (CHAT_TYPE_COMPOSER);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/example/OaiChat/ui/conversation.ui");
  gtk_widget_class_bind_template_child (widget_class, ChatConversation, bar);
  gtk_widget_class_bind_template_child (widget_class, ChatConversation, messages);
  gtk_widget_class_bind_template_child (widget_class, ChatConversation, composer);
  gtk_widget_class_bind_template_child (widget_class, ChatConversation, usage);
  gtk_widget_class_bind_template_callback (widget_class, on_composer_failed);
  gtk_widget_class_bind_template_callback (widget_class, on_submitted);
}

static void
chat_conversation_init (ChatConversation *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  self->session_signals = g_signal_group_new (OAI_TYPE_SESSION);
  g_signal_group_connect_swapped (self->session_signals, "notify::state", G_CALLBACK (on_changed), self);
  g_signal_group_connect_swapped (self->session_signals, "notify::retry-at", G_CALLBACK (show_retry), self);
  g_signal_group_connect_swapped (self->session_signals, "notify::total-tokens", G_CALLBACK (show_usage), self);
  g_signal_group_connect_swapped (self->session_signals, "approval-requested", G_CALLBACK (chat_message_view_scroll_to_end), self->messages);

  self->speech = g_object_new (CHAT_TYPE_SPEECH, NULL);
  g_signal_connect_object (self->speech, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->speech, "failed", G_CALLBACK (fail), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->speech, "transcribed", G_CALLBACK (chat_composer_insert), self->composer, G_CONNECT_SWAPPED);
}
