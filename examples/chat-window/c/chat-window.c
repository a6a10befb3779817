/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Replies and the list of models are received asynchronously, and widgets are bound to the objects of the library. */

#include "chat-window.h"

#include <glib/gi18n.h>
#include <math.h>

#include "chat-composer.h"
#include "chat-message-row.h"
#include "chat-model.h"
#include "chat-speech.h"
#include "chat-tail-model.h"

#define END_DISTANCE 40 /* pixels; closer to the end, the view follows the reply */

struct _ChatWindow
{
  AdwApplicationWindow parent_instance;

  ChatSettings *settings;
  ChatStore *store;
  OaiToolset *toolset;
  OaiClient *client;
  OaiPriceTable *prices;
  ChatSpeech *speech;
  OaiSession *session; /* the conversation that is shown */
  GSignalGroup *session_signals;
  GtkCustomFilter *filter;
  GCancellable *cancellable; /* of the list of models */
  gboolean follows;          /* the end of the conversation */
  guint found;               /* position of the message that find() has shown */
  guint follower;            /* id of the tick callback that scrolls to the end */
  guint scroller;            /* id of the tick callback that scrolls to a row */
  guint countdown;           /* source id */
  const char *bar_action;    /* of its button */

  AdwToastOverlay *toasts;
  AdwLeaflet *leaflet;
  GtkSearchBar *search_bar;
  GtkEditable *search_entry;
  GtkWidget *conversations;
  GtkSingleSelection *selection;
  GtkFilterListModel *filtered;
  GtkWidget *content;
  GtkDropTarget *drop_target;
  GtkDropDown *models;
  GtkInfoBar *bar;
  GtkLabel *bar_label;
  GtkWidget *bar_button;
  GtkScrolledWindow *scrolled;
  GtkWidget *view;
  ChatTailModel *messages;
  ChatComposer *composer;
  GtkLabel *usage;
};

G_DEFINE_FINAL_TYPE (ChatWindow, chat_window, ADW_TYPE_APPLICATION_WINDOW)

static void show_conversation (ChatWindow *self, OaiSession *session);

/* Errors, retries, tokens */

static void
toast (ChatWindow *self, const char *text)
{
  AdwToast *new_toast = adw_toast_new ("");
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_lines (GTK_LABEL (label), 4);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  adw_toast_set_custom_title (new_toast, label);
  adw_toast_overlay_add_toast (self->toasts, new_toast);
}

/* The action is that of a button, or NULL. */
static void
show_bar (ChatWindow *self, const char *text, GtkMessageType type, const char *action)
{
  g_clear_handle_id (&self->countdown, g_source_remove);
  gtk_info_bar_set_revealed (self->bar, text != NULL);
  if (text == NULL)
    return;

  gtk_info_bar_set_message_type (self->bar, type);
  gtk_label_set_text (self->bar_label, text);
  self->bar_action = action;
  gtk_widget_set_visible (self->bar_button, action != NULL);
  gtk_button_set_label (GTK_BUTTON (self->bar_button), g_strcmp0 (action, "win.server") == 0 ? _("Server") : _("_Try Again"));
}

static void
on_bar_response (GtkInfoBar *bar, int response, ChatWindow *self)
{
  if (response == 1)
    gtk_widget_activate_action (GTK_WIDGET (self), self->bar_action, NULL);
  else
    show_bar (self, NULL, GTK_MESSAGE_INFO, NULL);
}

static gboolean
count_down (gpointer user_data)
{
  ChatWindow *self = user_data;
  g_autoptr(GDateTime) now = g_date_time_new_now_local ();
  int seconds = (int) ceil ((double) g_date_time_difference (oai_session_get_retry_at (self->session), now) / G_USEC_PER_SEC);
  g_autofree char *text = g_strdup_printf (_("The server does not respond as expected. Next attempt in %d s."), MAX (seconds, 0));

  gtk_label_set_text (self->bar_label, text);

  return G_SOURCE_CONTINUE;
}

/* Counts the seconds until the library sends the request again. */
static void
show_retry (ChatWindow *self)
{
  show_bar (self, NULL, GTK_MESSAGE_INFO, NULL);
  if (oai_session_get_retry_at (self->session) == NULL)
    return;

  show_bar (self, "", GTK_MESSAGE_WARNING, NULL);
  count_down (self);
  self->countdown = g_timeout_add (250, count_down, self);
}

static void
show_usage (ChatWindow *self)
{
  gint64 tokens = oai_session_get_total_tokens (self->session);
  double cost = oai_session_get_cost (self->session);
  g_autofree char *number = g_strdup_printf ("%'" G_GINT64_FORMAT, tokens);
  g_autofree char *tokens_text = tokens > 0 ? g_strdup_printf (_("%s tokens"), number) : g_strdup ("");
  g_autofree char *cost_text = cost > 0 ? g_strdup_printf (" · $%.4f", cost) : g_strdup ("");
  g_autofree char *text = g_strconcat (tokens_text, cost_text, NULL);

  gtk_label_set_text (self->usage, text);
}

/* The end of the conversation stays visible while a reply arrives, unless the user scrolls up. */

static void
on_scrolled (GtkAdjustment *adjustment, ChatWindow *self)
{
  double value = gtk_adjustment_get_value (adjustment);
  double page = gtk_adjustment_get_page_size (adjustment);

  if (self->follower != 0)
    return;

  self->follows = value + page >= gtk_adjustment_get_upper (adjustment) - END_DISTANCE;
  if (!self->follows && value < page)
    chat_tail_model_add_earlier (self->messages);
}

static gboolean
on_follow_frame (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  ChatWindow *self = CHAT_WINDOW (widget);
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scrolled);

  self->follower = 0;
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment));

  return G_SOURCE_REMOVE;
}

static void
follow (ChatWindow *self)
{
  if (self->follows && self->follower == 0)
    self->follower = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_follow_frame, NULL, NULL);
}

static void
scroll_to_end (ChatWindow *self)
{
  self->follows = TRUE;
  follow (self);
}

typedef struct
{
  guint row;
  guint frames;
} Scroll;

static gboolean
on_scroll_frame (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  Scroll *scroll = user_data;

  if (--scroll->frames > 0)
    return G_SOURCE_CONTINUE;

  CHAT_WINDOW (widget)->scroller = 0;
  gtk_widget_activate_action (CHAT_WINDOW (widget)->view, "list.scroll-to-item", "u", scroll->row);
  return G_SOURCE_REMOVE;
}

/* Scrolls to a row that may be new: the view knows its position after the next layout. */
static void
scroll_to (ChatWindow *self, guint row)
{
  Scroll *scroll = g_new0 (Scroll, 1);

  self->follows = FALSE;
  scroll->row = row;
  scroll->frames = 3;
  if (self->scroller != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->scroller);
  self->scroller = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_scroll_frame, scroll, g_free);
}

/* The models */

static void
on_model_setup (GtkSignalListItemFactory *factory, GtkListItem *row, ChatWindow *self)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_list_item_set_child (row, label);
}

static void
on_model_bind (GtkSignalListItemFactory *factory, GtkListItem *row, ChatWindow *self)
{
  g_autofree char *markup = chat_model_describe (gtk_list_item_get_item (row));

  gtk_label_set_markup (GTK_LABEL (gtk_list_item_get_child (row)), markup);
}

static void
on_model_selected (GtkDropDown *models, GParamSpec *pspec, ChatWindow *self)
{
  OaiModel *model = gtk_drop_down_get_selected_item (models);

  if (model == NULL)
    return;
  oai_session_set_model (self->session, oai_model_get_id (model));
  chat_settings_set_model (self->settings, oai_model_get_id (model));
}

/* Whether the server has a model, which is then selected in the list. */
static gboolean
find_model (ChatWindow *self, const char *id)
{
  GListModel *models = gtk_drop_down_get_model (self->models);
  guint n_models = models != NULL ? g_list_model_get_n_items (models) : 0;

  for (guint i = 0; i < n_models; i++)
    {
      g_autoptr(OaiModel) model = g_list_model_get_item (models, i);

      if (g_strcmp0 (oai_model_get_id (model), id) == 0)
        {
          gtk_drop_down_set_selected (self->models, i);
          return TRUE;
        }
    }

  return FALSE;
}

/* Selects the model of the session.  If the server does not have it, uses that of the settings, or the first. */
static void
show_model (ChatWindow *self)
{
  if (!find_model (self, oai_session_get_model (self->session)))
    find_model (self, chat_settings_get_model (self->settings));
  on_model_selected (self->models, NULL, self);
}

static void
list_models (ChatWindow *self, GListModel *models)
{
  g_signal_handlers_block_by_func (self->models, on_model_selected, self);
  gtk_drop_down_set_model (self->models, models);
  g_signal_handlers_unblock_by_func (self->models, on_model_selected, self);
}

static void
on_models (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(ChatWindow) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiPagedList) models = oai_models_endpoint_list_finish (OAI_MODELS_ENDPOINT (source), result, &error);
  guint n_models = models != NULL ? g_list_model_get_n_items (G_LIST_MODEL (models)) : 0;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (models == NULL)
    {
      show_bar (self, error->message, GTK_MESSAGE_ERROR, "win.server");
      return;
    }
  for (guint i = 0; i < n_models; i++)
    {
      g_autoptr(OaiModel) model = g_list_model_get_item (G_LIST_MODEL (models), i);

      oai_price_table_add_model (self->prices, model);
    }
  list_models (self, G_LIST_MODEL (models));
  show_model (self);
}

/* Uses the server of the settings, and lists its models. */
void
chat_window_connect (ChatWindow *self, OaiAuth *auth, const char *warning)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiSettings) settings = oai_settings_new_for_base_url (chat_settings_get_base_url (self->settings), &error);
  g_autoptr(OaiModelsEndpoint) endpoint = NULL;
  GListModel *sessions = chat_store_get_model (self->store);
  guint n_sessions = g_list_model_get_n_items (sessions);

  if (warning != NULL)
    toast (self, warning);
  if (settings == NULL)
    {
      show_bar (self, error->message, GTK_MESSAGE_ERROR, NULL);
      return;
    }

  g_clear_object (&self->client);
  self->client = oai_client_new (auth, settings);
  for (guint i = 0; i < n_sessions; i++)
    {
      g_autoptr(OaiSession) session = g_list_model_get_item (sessions, i);

      oai_session_stop (session);
    }
  show_bar (self, NULL, GTK_MESSAGE_INFO, NULL);
  endpoint = oai_models_endpoint_new (self->client);
  /* The models of another server are no choice for this one. */
  list_models (self, NULL);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  oai_models_endpoint_list_async (endpoint, self->cancellable, on_models, g_object_ref (self));
  show_conversation (self, self->session);
}

/* The conversation */

static void
set_enabled (ChatWindow *self, const char *name, gboolean enabled)
{
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), name)), enabled);
}

static void
show_state (ChatWindow *self)
{
  gboolean busy = oai_session_get_state (self->session) != OAI_SESSION_STATE_IDLE;
  gboolean has_speech = self->client != NULL && chat_speech_is_supported ();

  set_enabled (self, "stop", busy);
  set_enabled (self, "retry", !busy && g_list_model_get_n_items (G_LIST_MODEL (self->session)) > 0);
  set_enabled (self, "speak", has_speech);
  set_enabled (self, "dictate", has_speech);
  chat_composer_set_recording (self->composer, chat_speech_is_recording (self->speech));
  chat_composer_set_busy (self->composer, busy);
}

static void
show_conversation (ChatWindow *self, OaiSession *session)
{
  g_set_object (&self->session, session);
  if (oai_session_get_state (session) == OAI_SESSION_STATE_IDLE)
    oai_session_set_client (session, self->client);
  oai_session_set_toolset (session, self->toolset);
  oai_session_set_prices (session, self->prices);
  oai_session_set_coalesce_interval_ms (session, 30);
  g_signal_group_set_target (self->session_signals, session);
  chat_tail_model_set_session (self->messages, session);
  chat_composer_set_session (self->composer, session);
  self->found = g_list_model_get_n_items (G_LIST_MODEL (self->session));
  scroll_to_end (self);
  show_retry (self);
  show_model (self);
  show_usage (self);
  show_state (self);
}

static void
on_conversation_selected (GtkSingleSelection *selection, GParamSpec *pspec, ChatWindow *self)
{
  OaiSession *session = gtk_single_selection_get_selected_item (selection);

  if (session != NULL && session != self->session)
    show_conversation (self, session);
}

static void
on_conversation_setup (GtkSignalListItemFactory *factory, GtkListItem *row, ChatWindow *self)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_margin_top (label, 6);
  gtk_widget_set_margin_bottom (label, 6);
  gtk_list_item_set_child (row, label);
}

static gboolean
get_label (GBinding *binding, const GValue *title, GValue *label, gpointer user_data)
{
  g_value_set_string (label, g_value_get_string (title) != NULL ? g_value_get_string (title) : _("New conversation"));
  return TRUE;
}

static void
on_conversation_bind (GtkSignalListItemFactory *factory, GtkListItem *row, ChatWindow *self)
{
  GBinding *binding = g_object_bind_property_full (gtk_list_item_get_item (row), "title", gtk_list_item_get_child (row), "label",
                                                   G_BINDING_SYNC_CREATE, get_label, NULL, NULL, NULL);

  g_object_set_data (G_OBJECT (row), "title", binding);
}

static void
on_conversation_unbind (GtkSignalListItemFactory *factory, GtkListItem *row, ChatWindow *self)
{
  g_binding_unbind (g_object_get_data (G_OBJECT (row), "title"));
}

static void
on_conversation_activated (GtkListView *view, guint position, ChatWindow *self)
{
  adw_leaflet_set_visible_child (self->leaflet, self->content);
}

static const char *
get_words (ChatWindow *self)
{
  const char *text = gtk_editable_get_text (self->search_entry);

  return text + strspn (text, " ");
}

static gboolean
matches_search (gpointer session, gpointer user_data)
{
  const char *words = get_words (user_data);

  return *words == '\0' || oai_session_find (session, words, G_MAXUINT, NULL);
}

static void
on_search_changed (GtkSearchEntry *entry, ChatWindow *self)
{
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
}

static void
on_search_activate (GtkSearchEntry *entry, ChatWindow *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.find", NULL);
}

/* Selects a conversation, also if the search does not find it. */
static void
show (ChatWindow *self, OaiSession *session)
{
  guint n_items;

  show_conversation (self, session);
  gtk_editable_set_text (self->search_entry, "");
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_LESS_STRICT);
  n_items = g_list_model_get_n_items (G_LIST_MODEL (self->selection));
  for (guint i = 0; i < n_items; i++)
    {
      g_autoptr(OaiSession) other = g_list_model_get_item (G_LIST_MODEL (self->selection), i);

      if (other == session)
        gtk_single_selection_set_selected (self->selection, i);
    }
  adw_leaflet_set_visible_child (self->leaflet, self->content);
}

/* Turns */

/* Saves the conversation, and shows an error, which the session also returns if it was stopped. */
static void
end_turn (ChatWindow *self, OaiSession *session, const GError *error)
{
  gboolean failed = error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  if (session == self->session)
    show_bar (self, failed ? error->message : NULL, GTK_MESSAGE_ERROR, "win.retry");
  chat_store_save (self->store, session);
}

static void
on_reply (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(ChatWindow) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiSessionItem) item G_GNUC_UNUSED = oai_session_send_finish (OAI_SESSION (source), result, &error);

  end_turn (self, OAI_SESSION (source), error);
}

static void
on_retried (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(ChatWindow) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiSessionItem) item G_GNUC_UNUSED = oai_session_retry_finish (OAI_SESSION (source), result, &error);

  end_turn (self, OAI_SESSION (source), error);
}

static void
on_submitted (ChatComposer *composer, ChatWindow *self)
{
  g_autofree char *text = chat_composer_dup_text (composer);

  if (*text == '\0' && oai_session_get_n_parts (self->session) == 0)
    return;

  show_bar (self, NULL, GTK_MESSAGE_INFO, NULL);
  oai_session_send_async (self->session, text, NULL, on_reply, g_object_ref (self));
  chat_composer_clear (composer);
  scroll_to_end (self);
}

/* A restored call runs when the session continues. */
void
chat_window_continue_calls (ChatWindow *self)
{
  if (oai_session_get_state (self->session) == OAI_SESSION_STATE_IDLE)
    oai_session_send_async (self->session, NULL, NULL, on_reply, g_object_ref (self));
}

/* The actions */

/* Shows an empty conversation, another one only if this one has messages. */
static void
new_conversation (ChatWindow *self)
{
  gboolean is_empty = self->session != NULL && g_list_model_get_n_items (G_LIST_MODEL (self->session)) == 0;

  show (self, is_empty ? self->session : chat_store_add (self->store, chat_settings_get_model (self->settings)));
  chat_composer_focus (self->composer);
}

static void
on_undo (AdwToast *undo_toast, ChatWindow *self)
{
  OaiSession *session = g_object_get_data (G_OBJECT (undo_toast), "session");

  chat_store_restore (self->store, session);
  show (self, session);
}

static void
offer_undo (ChatWindow *self, OaiSession *session)
{
  AdwToast *undo_toast = adw_toast_new (_("Conversation deleted"));

  adw_toast_set_button_label (undo_toast, _("_Undo"));
  g_object_set_data_full (G_OBJECT (undo_toast), "session", g_object_ref (session), g_object_unref);
  g_signal_connect_object (undo_toast, "button-clicked", G_CALLBACK (on_undo), self, 0);
  adw_toast_overlay_add_toast (self->toasts, undo_toast);
}

static void
delete_conversation (ChatWindow *self)
{
  g_autoptr(OaiSession) session = g_object_ref (self->session);
  g_autoptr(OaiSession) first = NULL;

  chat_store_remove (self->store, session);
  first = g_list_model_get_item (chat_store_get_model (self->store), 0);
  show (self, first != NULL ? first : chat_store_add (self->store, chat_settings_get_model (self->settings)));
  if (g_list_model_get_n_items (G_LIST_MODEL (session)) > 0)
    offer_undo (self, session);
}

static void
search (ChatWindow *self)
{
  adw_leaflet_set_visible_child_name (self->leaflet, "sidebar");
  gtk_search_bar_set_search_mode (self->search_bar, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}

/* Scrolls to the newest message with the text of the search that is above those found before. */
static void
find (ChatWindow *self)
{
  if (oai_session_find (self->session, get_words (self), self->found, &self->found))
    scroll_to (self, chat_tail_model_show (self->messages, self->found));
  else if (*get_words (self) != '\0')
    {
      self->found = g_list_model_get_n_items (G_LIST_MODEL (self->session));
      toast (self, _("There are no more matches."));
    }
}

static void
show_sidebar (ChatWindow *self)
{
  adw_leaflet_set_visible_child_name (self->leaflet, "sidebar");
  gtk_widget_grab_focus (self->conversations);
}

static void
stop (ChatWindow *self)
{
  oai_session_stop (self->session);
}

static void
retry (ChatWindow *self)
{
  show_bar (self, NULL, GTK_MESSAGE_INFO, NULL);
  oai_session_retry_async (self->session, NULL, on_retried, g_object_ref (self));
}

static void
attach (ChatWindow *self)
{
  chat_composer_choose_images (self->composer);
}

/* Reads the last reply aloud, or stops that. */
static void
speak (ChatWindow *self)
{
  if (chat_speech_is_speaking (self->speech))
    chat_speech_stop (self->speech);
  else if (oai_session_get_text (self->session) != NULL)
    chat_speech_speak (self->speech, self->client, oai_session_get_text (self->session));
}

/* Begins or ends a dictation, whose text is inserted into the message. */
static void
dictate (ChatWindow *self)
{
  if (chat_speech_is_recording (self->speech))
    chat_speech_finish_recording (self->speech);
  else
    chat_speech_record (self->speech, self->client);
}

static void
compose (ChatWindow *self)
{
  chat_composer_focus (self->composer);
}

static void
on_server_saved (ChatServerDialog *dialog, OaiAuth *auth, const char *warning, ChatWindow *self)
{
  chat_window_connect (self, auth, warning);
  oai_session_set_model (self->session, chat_settings_get_model (self->settings));
}

static void
show_server (ChatWindow *self)
{
  GtkWindow *dialog = chat_server_dialog_new (GTK_WINDOW (self), self->settings);

  g_signal_connect_object (dialog, "saved", G_CALLBACK (on_server_saved), self, 0);
  gtk_window_present (dialog);
}

/* The functions of the actions have the window as their only parameter. */
static const struct
{
  const char *name;
  void (*activate) (ChatWindow *self);
} actions[] = {
  { "new", new_conversation }, { "delete", delete_conversation }, { "search", search }, { "find", find },
  { "sidebar", show_sidebar }, { "stop", stop }, { "retry", retry }, { "attach", attach },
  { "speak", speak }, { "dictate", dictate }, { "compose", compose }, { "server", show_server },
};

static void
add_actions (ChatWindow *self)
{
  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      g_autoptr(GSimpleAction) action = g_simple_action_new (actions[i].name, NULL);

      g_signal_connect_swapped (action, "activate", G_CALLBACK (actions[i].activate), self);
      g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (action));
    }
}

/* The window */

static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y, ChatWindow *self)
{
  chat_composer_drop (self->composer, value);
  return TRUE;
}

static void
on_composer_failed (ChatComposer *composer, const char *message, ChatWindow *self)
{
  toast (self, message);
}

static gboolean
on_close_request (GtkWindow *window, ChatWindow *self)
{
  GListModel *sessions = chat_store_get_model (self->store);
  guint n_sessions = g_list_model_get_n_items (sessions);

  g_cancellable_cancel (self->cancellable);
  chat_speech_close (self->speech);
  for (guint i = 0; i < n_sessions; i++)
    {
      g_autoptr(OaiSession) session = g_list_model_get_item (sessions, i);

      /* A call that waits for approval still waits when the conversation is restored. */
      if (oai_session_get_state (session) != OAI_SESSION_STATE_WAITING_FOR_APPROVAL)
        oai_session_stop (session);
      chat_store_save (self->store, session);
    }

  return FALSE;
}

static void
chat_window_dispose (GObject *object)
{
  ChatWindow *self = CHAT_WINDOW (object);

  if (self->scroller != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->scroller);
  self->scroller = 0;
  g_clear_handle_id (&self->countdown, g_source_remove);
  g_clear_object (&self->session_signals);
  g_clear_object (&self->session);
  g_clear_object (&self->speech);
  g_clear_object (&self->client);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->prices);
  g_clear_object (&self->toolset);
  g_clear_object (&self->store);
  g_clear_object (&self->settings);
  gtk_widget_dispose_template (GTK_WIDGET (self), CHAT_TYPE_WINDOW);

  G_OBJECT_CLASS (chat_window_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, leaflet);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, search_bar);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, search_entry);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, conversations);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, selection);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, filtered);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, content);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, drop_target);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, models);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, bar);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, bar_label);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, bar_button);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, scrolled);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, view);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, messages);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, composer);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, usage);
}

static void
chat_window_class_init (ChatWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = chat_window_dispose;

  /* The template contains these types. */
  g_type_ensure (OAI_TYPE_MODEL);
  g_type_ensure (CHAT_TYPE_TAIL_MODEL);
  g_type_ensure (CHAT_TYPE_MESSAGE_ROW);
  g_type_ensure (CHAT_TYPE_COMPOSER);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/example/OaiChat/ui/window.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, on_bar_response);
  gtk_widget_class_bind_template_callback (widget_class, on_close_request);
  gtk_widget_class_bind_template_callback (widget_class, on_composer_failed);
  gtk_widget_class_bind_template_callback (widget_class, on_conversation_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_conversation_bind);
  gtk_widget_class_bind_template_callback (widget_class, on_conversation_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_conversation_setup);
  gtk_widget_class_bind_template_callback (widget_class, on_conversation_unbind);
  gtk_widget_class_bind_template_callback (widget_class, on_drop);
  gtk_widget_class_bind_template_callback (widget_class, on_model_bind);
  gtk_widget_class_bind_template_callback (widget_class, on_model_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_model_setup);
  gtk_widget_class_bind_template_callback (widget_class, on_search_activate);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_submitted);
}

static void
chat_window_init (ChatWindow *self)
{
  GtkAdjustment *adjustment;

  self->follows = TRUE;
  self->prices = oai_price_table_new ();
  self->speech = g_object_new (CHAT_TYPE_SPEECH, NULL);
  self->session_signals = g_signal_group_new (OAI_TYPE_SESSION);
  add_actions (self);
  gtk_widget_init_template (GTK_WIDGET (self));

  g_signal_group_connect_swapped (self->session_signals, "notify::state", G_CALLBACK (show_state), self);
  g_signal_group_connect_swapped (self->session_signals, "notify::retry-at", G_CALLBACK (show_retry), self);
  g_signal_group_connect_swapped (self->session_signals, "notify::total-tokens", G_CALLBACK (show_usage), self);
  g_signal_group_connect_swapped (self->session_signals, "approval-requested", G_CALLBACK (scroll_to_end), self);
  g_signal_connect_object (self->speech, "changed", G_CALLBACK (show_state), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->speech, "failed", G_CALLBACK (toast), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->speech, "transcribed", G_CALLBACK (chat_composer_insert), self->composer, G_CONNECT_SWAPPED);
  self->filter = gtk_custom_filter_new (matches_search, self, NULL);
  gtk_filter_list_model_set_filter (self->filtered, GTK_FILTER (self->filter));
  gtk_search_bar_connect_entry (self->search_bar, self->search_entry);
  gtk_drop_target_set_gtypes (self->drop_target, (GType[]) { GDK_TYPE_FILE_LIST, GDK_TYPE_TEXTURE }, 2);
  adjustment = gtk_scrolled_window_get_vadjustment (self->scrolled);
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (on_scrolled), self, 0);
  g_signal_connect_object (adjustment, "changed", G_CALLBACK (follow), self, G_CONNECT_SWAPPED);
  adw_leaflet_set_visible_child (self->leaflet, self->content);
}

/* Returns a window, which the application owns, with an empty conversation. */
GtkWindow *
chat_window_new (GtkApplication *application, ChatSettings *settings, GFile *directory, OaiToolset *toolset)
{
  ChatWindow *self = g_object_new (CHAT_TYPE_WINDOW, "application", application, NULL);

  self->settings = g_object_ref (settings);
  self->store = chat_store_new (directory);
  self->toolset = g_object_ref (toolset);
  g_signal_connect_object (self->store, "failed", G_CALLBACK (toast), self, G_CONNECT_SWAPPED);
  gtk_filter_list_model_set_model (self->filtered, chat_store_get_model (self->store));
  new_conversation (self);
  chat_store_load (self->store);

  return GTK_WINDOW (self);
}
