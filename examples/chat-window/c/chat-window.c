/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The window passes the conversation that is chosen to its widgets, and has the actions. */

#include "chat-window.h"

#include <glib/gi18n.h>

#include "chat-conversation.h"
#include "chat-model-chooser.h"
#include "chat-sidebar.h"

struct _ChatWindow
{
  AdwApplicationWindow parent_instance;

  ChatSettings *settings;
  ChatStore *store;
  OaiToolset *toolset;
  OaiClient *client;

  AdwToastOverlay *toasts;
  AdwLeaflet *leaflet;
  ChatSidebar *sidebar;
  GtkDropTarget *drop_target;
  ChatModelChooser *models;
  ChatConversation *conversation;
};

G_DEFINE_FINAL_TYPE (ChatWindow, chat_window, ADW_TYPE_APPLICATION_WINDOW)

static void
toast (ChatWindow *self, const char *text)
{
  AdwToast *new_toast = adw_toast_new ("");
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_natural_wrap_mode (GTK_LABEL (label), GTK_NATURAL_WRAP_NONE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_lines (GTK_LABEL (label), 4);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  adw_toast_set_custom_title (new_toast, label);
  adw_toast_overlay_add_toast (self->toasts, new_toast);
}

/* The server */

/* Uses the server of the settings, and lists its models. */
void
chat_window_connect (ChatWindow *self, OaiAuth *auth, const char *warning)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiSettings) settings = oai_settings_new_for_base_url (chat_settings_get_base_url (self->settings), &error);

  if (warning != NULL)
    toast (self, warning);
  if (settings == NULL)
    {
      chat_error_bar_show_error (chat_conversation_get_bar (self->conversation), error->message, NULL, NULL);
      return;
    }

  g_clear_object (&self->client);
  self->client = oai_client_new (auth, settings);
  chat_store_stop_all (self->store);
  chat_model_chooser_set_client (self->models, self->client);
  chat_conversation_set_client (self->conversation, self->client);
}

static void
on_models_failed (ChatModelChooser *models, const char *text, ChatWindow *self)
{
  chat_error_bar_show_error (chat_conversation_get_bar (self->conversation), text, _("Server"), "win.server");
}

static void
on_server_saved (ChatServerDialog *dialog, OaiAuth *auth, const char *warning, ChatWindow *self)
{
  OaiSession *session = chat_conversation_get_session (self->conversation);

  chat_window_connect (self, auth, warning);
  if (oai_session_get_client (session) == self->client)
    oai_session_set_model (session, chat_settings_get_model (self->settings));
}

static void
on_chosen (ChatSidebar *sidebar, OaiSession *session, ChatWindow *self)
{
  if (session == chat_conversation_get_session (self->conversation))
    return;

  oai_session_set_toolset (session, self->toolset);
  chat_conversation_set_session (self->conversation, session);
  chat_model_chooser_set_session (self->models, session);
}

/* The actions */

/* Shows an empty conversation, another one only if this one has messages. */
static void
new_conversation (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ChatWindow *self = CHAT_WINDOW (widget);
  OaiSession *session = chat_conversation_get_session (self->conversation);

  if (g_list_model_get_n_items (G_LIST_MODEL (session)) == 0)
    chat_sidebar_choose (self->sidebar, session);
  else
    chat_sidebar_add (self->sidebar);
  chat_composer_focus (chat_conversation_get_composer (self->conversation));
}

static void
delete_conversation (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ChatWindow *self = CHAT_WINDOW (widget);

  chat_sidebar_delete (self->sidebar, chat_conversation_get_session (self->conversation));
}

static void
search (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ChatWindow *self = CHAT_WINDOW (widget);

  adw_leaflet_set_visible_child (self->leaflet, GTK_WIDGET (self->sidebar));
  chat_sidebar_search (self->sidebar);
}

static void
find (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ChatWindow *self = CHAT_WINDOW (widget);
  const char *words = chat_sidebar_get_words (self->sidebar);

  if (*words != '\0' && !chat_message_view_find (chat_conversation_get_messages (self->conversation), words))
    toast (self, _("There are no more matches."));
}

static void
show_sidebar (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ChatWindow *self = CHAT_WINDOW (widget);

  adw_leaflet_set_visible_child (self->leaflet, GTK_WIDGET (self->sidebar));
  chat_sidebar_focus (self->sidebar);
}

static void
stop (GtkWidget *widget, const char *name, GVariant *parameter)
{
  oai_session_stop (chat_conversation_get_session (CHAT_WINDOW (widget)->conversation));
}

static void
retry (GtkWidget *widget, const char *name, GVariant *parameter)
{
  chat_conversation_retry (CHAT_WINDOW (widget)->conversation);
}

static void
attach (GtkWidget *widget, const char *name, GVariant *parameter)
{
  chat_composer_choose_images (chat_conversation_get_composer (CHAT_WINDOW (widget)->conversation));
}

static void
speak (GtkWidget *widget, const char *name, GVariant *parameter)
{
  chat_conversation_speak (CHAT_WINDOW (widget)->conversation);
}

static void
dictate (GtkWidget *widget, const char *name, GVariant *parameter)
{
  chat_conversation_dictate (CHAT_WINDOW (widget)->conversation);
}

static void
compose (GtkWidget *widget, const char *name, GVariant *parameter)
{
  chat_composer_focus (chat_conversation_get_composer (CHAT_WINDOW (widget)->conversation));
}

static void
show_server (GtkWidget *widget, const char *name, GVariant *parameter)
{
  GtkWindow *dialog = chat_server_dialog_new (GTK_WINDOW (widget), CHAT_WINDOW (widget)->settings);

  g_signal_connect_object (dialog, "saved", G_CALLBACK (on_server_saved), widget, 0);
  gtk_window_present (dialog);
}

static void
install_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "win.new", NULL, new_conversation);
  gtk_widget_class_install_action (widget_class, "win.delete", NULL, delete_conversation);
  gtk_widget_class_install_action (widget_class, "win.search", NULL, search);
  gtk_widget_class_install_action (widget_class, "win.find", NULL, find);
  gtk_widget_class_install_action (widget_class, "win.sidebar", NULL, show_sidebar);
  gtk_widget_class_install_action (widget_class, "win.stop", NULL, stop);
  gtk_widget_class_install_action (widget_class, "win.retry", NULL, retry);
  gtk_widget_class_install_action (widget_class, "win.attach", NULL, attach);
  gtk_widget_class_install_action (widget_class, "win.speak", NULL, speak);
  gtk_widget_class_install_action (widget_class, "win.dictate", NULL, dictate);
  gtk_widget_class_install_action (widget_class, "win.compose", NULL, compose);
  gtk_widget_class_install_action (widget_class, "win.server", NULL, show_server);
}

static void
on_changed (ChatConversation *conversation, ChatWindow *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  gtk_widget_action_set_enabled (widget, "win.stop", chat_conversation_is_busy (conversation));
  gtk_widget_action_set_enabled (widget, "win.retry", chat_conversation_can_retry (conversation));
  gtk_widget_action_set_enabled (widget, "win.speak", chat_conversation_can_speak (conversation));
  gtk_widget_action_set_enabled (widget, "win.dictate", chat_conversation_can_speak (conversation));
}

/* The window */

static void
on_failed (ChatConversation *conversation, const char *text, ChatWindow *self)
{
  toast (self, text);
}

static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y, ChatWindow *self)
{
  chat_composer_drop (chat_conversation_get_composer (self->conversation), value);
  return TRUE;
}

static gboolean
on_close_request (GtkWindow *window, ChatWindow *self)
{
  chat_model_chooser_set_client (self->models, NULL);
  chat_conversation_close (self->conversation);
  chat_store_stop_all (self->store);
  chat_store_save_all (self->store);

  return FALSE;
}

static void
chat_window_dispose (GObject *object)
{
  ChatWindow *self = CHAT_WINDOW (object);

  g_clear_object (&self->client);
  g_clear_object (&self->toolset);
  g_clear_object (&self->store);
  g_clear_object (&self->settings);
  gtk_widget_dispose_template (GTK_WIDGET (self), CHAT_TYPE_WINDOW);

  G_OBJECT_CLASS (chat_window_parent_class)->dispose (object);
}

static void
chat_window_class_init (ChatWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = chat_window_dispose;
  install_actions (widget_class);

  /* The template contains these types. */
  g_type_ensure (CHAT_TYPE_SIDEBAR);
  g_type_ensure (CHAT_TYPE_MODEL_CHOOSER);
  g_type_ensure (CHAT_TYPE_CONVERSATION);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/example/OaiChat/ui/window.ui");
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, leaflet);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, sidebar);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, drop_target);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, models);
  gtk_widget_class_bind_template_child (widget_class, ChatWindow, conversation);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_chosen);
  gtk_widget_class_bind_template_callback (widget_class, on_close_request);
  gtk_widget_class_bind_template_callback (widget_class, on_drop);
  gtk_widget_class_bind_template_callback (widget_class, on_failed);
  gtk_widget_class_bind_template_callback (widget_class, on_models_failed);
}

static void
chat_window_init (ChatWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_drop_target_set_gtypes (self->drop_target, (GType[]) { GDK_TYPE_FILE_LIST, GDK_TYPE_TEXTURE }, 2);
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
  chat_model_chooser_set_settings (self->models, settings);
  chat_conversation_set_store (self->conversation, self->store);
  chat_sidebar_set_store (self->sidebar, self->store, settings);
  chat_sidebar_add (self->sidebar);
  chat_composer_focus (chat_conversation_get_composer (self->conversation));
  chat_store_load (self->store);

  return GTK_WINDOW (self);
}
