/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The keyring keeps a key for each address.  Servers on this computer are offered. */

#include "chat-server-dialog.h"

#include <glib/gi18n.h>

#include "chat-button-names.h"

struct _ChatServerDialog
{
  AdwWindow parent_instance;

  ChatSettings *settings;
  GCancellable *cancellable; /* of the search for servers */

  GtkWidget *address;
  GtkWidget *key;
  GtkWidget *model;
  GtkWidget *error;
  GtkWidget *servers;
  GtkWidget *save;
};

static guint saved_signal;

G_DEFINE_FINAL_TYPE (ChatServerDialog, chat_server_dialog, ADW_TYPE_WINDOW)

static char *
dup_text (GtkWidget *row)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (row))));
}

/* Shows why an address is not valid. */
static void
on_address_changed (GtkEditable *row, ChatServerDialog *self)
{
  g_autofree char *address = dup_text (self->address);
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiSettings) settings = oai_settings_new_for_base_url (address, &error);

  gtk_widget_set_visible (self->error, settings == NULL);
  gtk_label_set_text (GTK_LABEL (self->error), settings == NULL ? error->message : "");
  gtk_widget_set_sensitive (self->save, settings != NULL);
}

/* Servers on this computer */

static void
on_use (GtkButton *button, ChatServerDialog *self)
{
  OaiLocalServer *server = g_object_get_data (G_OBJECT (button), "server");
  GtkStringObject *model = gtk_drop_down_get_selected_item (g_object_get_data (G_OBJECT (button), "models"));

  gtk_editable_set_text (GTK_EDITABLE (self->address), oai_local_server_get_base_url (server));
  gtk_editable_set_text (GTK_EDITABLE (self->key), "");
  if (model != NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->model), gtk_string_object_get_string (model));
}

static GtkWidget *
make_row (ChatServerDialog *self, OaiLocalServer *server)
{
  const char *const *names = oai_local_server_get_models (server);
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *models = gtk_drop_down_new_from_strings (names);
  GtkWidget *use = gtk_button_new_with_mnemonic (_("_Use"));
  g_autofree char *title = g_markup_escape_text (oai_local_server_get_name (server), -1);
  g_autofree char *subtitle = g_markup_escape_text (oai_local_server_get_base_url (server), -1);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_widget_set_valign (models, GTK_ALIGN_CENTER);
  gtk_widget_set_visible (models, names[0] != NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (models), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Model"), -1);
  gtk_widget_set_valign (use, GTK_ALIGN_CENTER);
  /* The title of the row is also a part of the name. */
  gtk_accessible_update_property (GTK_ACCESSIBLE (use), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  gtk_label_get_text (GTK_LABEL (gtk_button_get_child (GTK_BUTTON (use)))), -1);
  g_object_set_data_full (G_OBJECT (use), "server", g_object_ref (server), g_object_unref);
  g_object_set_data (G_OBJECT (use), "models", models);
  g_signal_connect (use, "clicked", G_CALLBACK (on_use), self);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), models);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), use);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), use);

  return row;
}

static void
on_servers (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(ChatServerDialog) self = user_data;
  g_autoptr(GListModel) servers = oai_find_local_servers_finish (result, NULL);
  guint n_servers = servers != NULL ? g_list_model_get_n_items (servers) : 0;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;

  for (guint i = 0; i < n_servers; i++)
    {
      g_autoptr(OaiLocalServer) server = g_list_model_get_item (servers, i);

      adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->servers), make_row (self, server));
    }
  gtk_widget_set_visible (self->servers, n_servers > 0);
}

/* The key */

/* Returns the key of the keyring, or no key, with a warning if there is a keyring that cannot be used. */
OaiAuth *
chat_load_auth_finish (GAsyncResult *result, char **warning)
{
  g_autoptr(GError) error = NULL;
  OaiAuth *auth = oai_auth_new_from_keyring_or_none_finish (result, &error);
  gboolean is_absent = g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN);

  *warning = error != NULL && !is_absent ? g_strdup (error->message) : NULL;

  return auth != NULL ? auth : oai_auth_new ("");
}

static void
finish (ChatServerDialog *self, OaiAuth *auth, const char *warning)
{
  g_signal_emit (self, saved_signal, 0, auth, warning);
  gtk_window_close (GTK_WINDOW (self));
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(ChatServerDialog) self = user_data;
  g_autofree char *warning = NULL;
  g_autoptr(OaiAuth) auth = chat_load_auth_finish (result, &warning);

  finish (self, auth, warning);
}

static void
on_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(ChatServerDialog) self = user_data;
  g_autofree char *warning = NULL;
  g_autoptr(GError) error = NULL;

  if (!oai_auth_store_in_keyring_finish (OAI_AUTH (source), result, &error))
    warning = g_strdup_printf (_("The key is used until the program ends. %s"), error->message);
  finish (self, OAI_AUTH (source), warning);
}

static void
on_save (GtkButton *button, ChatServerDialog *self)
{
  g_autofree char *address = dup_text (self->address);
  g_autofree char *key = dup_text (self->key);
  g_autofree char *model = dup_text (self->model);

  gtk_widget_set_sensitive (self->save, FALSE);
  chat_settings_set_base_url (self->settings, address);
  if (*model != '\0')
    chat_settings_set_model (self->settings, model);
  if (*key != '\0')
    {
      g_autoptr(OaiAuth) auth = oai_auth_new (key);

      oai_auth_store_in_keyring_async (auth, address, NULL, on_stored, g_object_ref (self));
    }
  else
    oai_auth_new_from_keyring_or_none_async (address, NULL, on_loaded, g_object_ref (self));
}

static gboolean
on_close (ChatServerDialog *self)
{
  g_cancellable_cancel (self->cancellable);
  return FALSE;
}

static void
chat_server_dialog_dispose (GObject *object)
{
  ChatServerDialog *self = CHAT_SERVER_DIALOG (object);

  g_clear_object (&self->settings);
  g_clear_object (&self->cancellable);
  gtk_widget_dispose_template (GTK_WIDGET (self), CHAT_TYPE_SERVER_DIALOG);

  G_OBJECT_CLASS (chat_server_dialog_parent_class)->dispose (object);
}

static void
chat_server_dialog_class_init (ChatServerDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = chat_server_dialog_dispose;
  saved_signal = g_signal_new ("saved", CHAT_TYPE_SERVER_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, OAI_TYPE_AUTH, G_TYPE_STRING);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/example/OaiChat/ui/server-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, ChatServerDialog, address);
  gtk_widget_class_bind_template_child (widget_class, ChatServerDialog, key);
  gtk_widget_class_bind_template_child (widget_class, ChatServerDialog, model);
  gtk_widget_class_bind_template_child (widget_class, ChatServerDialog, error);
  gtk_widget_class_bind_template_child (widget_class, ChatServerDialog, servers);
  gtk_widget_class_bind_template_child (widget_class, ChatServerDialog, save);
  gtk_widget_class_bind_template_callback (widget_class, on_address_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_save);
}

static void
chat_server_dialog_init (ChatServerDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  chat_reset_button_names (GTK_WIDGET (self));
  self->cancellable = g_cancellable_new ();
  g_signal_connect (self, "close-request", G_CALLBACK (on_close), NULL);
}

/* Returns a dialog, which the windows of GTK own. */
GtkWindow *
chat_server_dialog_new (GtkWindow *parent, ChatSettings *settings)
{
  ChatServerDialog *self = g_object_new (CHAT_TYPE_SERVER_DIALOG, "transient-for", parent, NULL);

  self->settings = g_object_ref (settings);
  gtk_editable_set_text (GTK_EDITABLE (self->address), chat_settings_get_base_url (settings));
  gtk_editable_set_text (GTK_EDITABLE (self->model), chat_settings_get_model (settings));
  oai_find_local_servers_async (self->cancellable, on_servers, g_object_ref (self));

  return GTK_WINDOW (self);
}
