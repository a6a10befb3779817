/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Emits a signal when a conversation is chosen. */

#include "chat-sidebar.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "chat-button-names.h"

struct _ChatSidebar
{
  GtkBox parent_instance;

  ChatStore *store;
  ChatSettings *settings;
  OaiSession *chosen; /* also if the search does not find it */
  GtkCustomFilter *filter;

  GtkSearchBar *search_bar;
  GtkEditable *search_entry;
  GtkWidget *conversations;
  GtkSingleSelection *selection;
  GtkFilterListModel *filtered;
};

static guint chosen_signal;

G_DEFINE_FINAL_TYPE (ChatSidebar, chat_sidebar, GTK_TYPE_BOX)

/* The search */

const char *
chat_sidebar_get_words (ChatSidebar *self)
{
  const char *text = gtk_editable_get_text (self->search_entry);

  return text + strspn (text, " ");
}

static gboolean
matches (gpointer session, gpointer user_data)
{
  const char *words = chat_sidebar_get_words (user_data);

  return *words == '\0' || oai_session_find (session, words, G_MAXUINT, NULL);
}

static void
select_session (ChatSidebar *self, OaiSession *session)
{
  guint n_items = g_list_model_get_n_items (G_LIST_MODEL (self->selection));

  for (guint i = 0; i < n_items; i++)
    {
      g_autoptr(OaiSession) other = g_list_model_get_item (G_LIST_MODEL (self->selection), i);

      if (other == session)
        gtk_single_selection_set_selected (self->selection, i);
    }
}

static void
on_search_changed (GtkSearchEntry *entry, ChatSidebar *self)
{
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
  select_session (self, self->chosen);
}

/* A narrow window shows either the list or the conversation. */
static void
show_content (ChatSidebar *self)
{
  adw_leaflet_navigate (ADW_LEAFLET (gtk_widget_get_parent (GTK_WIDGET (self))), ADW_NAVIGATION_DIRECTION_FORWARD);
}

/* Shows a match of the conversation that is shown, or of the first one with a match. */
static void
on_search_activate (GtkSearchEntry *entry, ChatSidebar *self)
{
  on_search_changed (entry, self);
  if (gtk_single_selection_get_selected_item (self->selection) == NULL)
    gtk_single_selection_set_selected (self->selection, 0);
  if (adw_leaflet_get_folded (ADW_LEAFLET (gtk_widget_get_parent (GTK_WIDGET (self)))))
    show_content (self);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.find", NULL);
}

void
chat_sidebar_search (ChatSidebar *self)
{
  gtk_search_bar_set_search_mode (self->search_bar, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}

/* The list */

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *row, ChatSidebar *self)
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
on_bind (GtkSignalListItemFactory *factory, GtkListItem *row, ChatSidebar *self)
{
  GBinding *binding = g_object_bind_property_full (gtk_list_item_get_item (row), "title", gtk_list_item_get_child (row), "label",
                                                   G_BINDING_SYNC_CREATE, get_label, NULL, NULL, NULL);

  g_object_set_data (G_OBJECT (row), "title", binding);
}

static void
on_unbind (GtkSignalListItemFactory *factory, GtkListItem *row, ChatSidebar *self)
{
  g_binding_unbind (g_object_get_data (G_OBJECT (row), "title"));
}

static void
on_selected (GtkSingleSelection *selection, GParamSpec *pspec, ChatSidebar *self)
{
  OaiSession *session = gtk_single_selection_get_selected_item (selection);

  if (session == NULL)
    return;
  g_set_object (&self->chosen, session);
  g_signal_emit (self, chosen_signal, 0, session);
}

static void
on_activated (GtkListView *view, guint position, ChatSidebar *self)
{
  show_content (self);
}

void
chat_sidebar_focus (ChatSidebar *self)
{
  gtk_widget_grab_focus (self->conversations);
}

/* The conversations */

/* Chooses a conversation, also if the search does not find it. */
void
chat_sidebar_choose (ChatSidebar *self, OaiSession *session)
{
  gtk_editable_set_text (self->search_entry, "");
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_LESS_STRICT);
  select_session (self, session);
  show_content (self);
}

/* Chooses a new conversation. */
void
chat_sidebar_add (ChatSidebar *self)
{
  chat_sidebar_choose (self, chat_store_add (self->store, chat_settings_get_model (self->settings)));
}

static void
on_undo (AdwToast *toast, ChatSidebar *self)
{
  OaiSession *session = g_object_get_data (G_OBJECT (toast), "session");

  chat_store_restore (self->store, session);
  chat_sidebar_choose (self, session);
}

static void
offer_undo (ChatSidebar *self, OaiSession *session)
{
  GtkWidget *toasts = gtk_widget_get_ancestor (GTK_WIDGET (self), ADW_TYPE_TOAST_OVERLAY);
  AdwToast *toast = adw_toast_new (_("Conversation deleted"));

  adw_toast_set_button_label (toast, _("_Undo"));
  g_object_set_data_full (G_OBJECT (toast), "session", g_object_ref (session), g_object_unref);
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (on_undo), self, 0);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (toasts), toast);
  chat_reset_button_names (toasts);
}

void
chat_sidebar_delete (ChatSidebar *self, OaiSession *session)
{
  g_autoptr(OaiSession) deleted = g_object_ref (session);
  g_autoptr(OaiSession) first = NULL;

  chat_store_remove (self->store, deleted);
  first = g_list_model_get_item (chat_store_get_model (self->store), 0);
  if (first != NULL)
    chat_sidebar_choose (self, first);
  else
    chat_sidebar_add (self);
  if (g_list_model_get_n_items (G_LIST_MODEL (deleted)) > 0)
    offer_undo (self, deleted);
}

void
chat_sidebar_set_store (ChatSidebar *self, ChatStore *store, ChatSettings *settings)
{
  g_set_object (&self->store, store);
  g_set_object (&self->settings, settings);
  gtk_filter_list_model_set_model (self->filtered, chat_store_get_model (store));
}

static void
chat_sidebar_dispose (GObject *object)
{
  ChatSidebar *self = CHAT_SIDEBAR (object);

  g_clear_object (&self->chosen);
  g_clear_object (&self->filter);
  g_clear_object (&self->settings);
  g_clear_object (&self->store);
  gtk_widget_dispose_template (GTK_WIDGET (self), CHAT_TYPE_SIDEBAR);

  G_OBJECT_CLASS (chat_sidebar_parent_class)->dispose (object);
}

static void
chat_sidebar_class_init (ChatSidebarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = chat_sidebar_dispose;
  chosen_signal = g_signal_new ("chosen", CHAT_TYPE_SIDEBAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, OAI_TYPE_SESSION);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/example/OaiChat/ui/sidebar.ui");
  gtk_widget_class_bind_template_child (widget_class, ChatSidebar, search_bar);
  gtk_widget_class_bind_template_child (widget_class, ChatSidebar, search_entry);
  gtk_widget_class_bind_template_child (widget_class, ChatSidebar, conversations);
  gtk_widget_class_bind_template_child (widget_class, ChatSidebar, selection);
  gtk_widget_class_bind_template_child (widget_class, ChatSidebar, filtered);
  gtk_widget_class_bind_template_callback (widget_class, on_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_bind);
  gtk_widget_class_bind_template_callback (widget_class, on_search_activate);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_setup);
  gtk_widget_class_bind_template_callback (widget_class, on_unbind);
}

static void
chat_sidebar_init (ChatSidebar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->filter = gtk_custom_filter_new (matches, self, NULL);
  gtk_filter_list_model_set_filter (self->filtered, GTK_FILTER (self->filter));
  gtk_search_bar_connect_entry (self->search_bar, self->search_entry);
}
