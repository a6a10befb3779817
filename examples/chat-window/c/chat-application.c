/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The style and the list of keyboard shortcuts are read from the resources. */

#include "chat-application.h"

#include <glib/gi18n.h>

#include "chat-note-tool.h"
#include "chat-window.h"

#define APP_ID "org.example.OaiChat"
#define VERSION "1.0.0"
#define DEVELOPERS "The authors of the OpenAI client library for GNOME"

struct _ChatApplication
{
  AdwApplication parent_instance;
};

G_DEFINE_FINAL_TYPE (ChatApplication, chat_application, ADW_TYPE_APPLICATION)

static const char *const accels[][2] = {
  { "app.quit", "<Control>q" },
  { "window.close", "<Control>w" },
  { "win.show-help-overlay", "<Control>question" },
  { "win.new", "<Control>n" },
  { "win.delete", "<Control><Shift>Delete" },
  { "win.search", "<Control>f" },
  { "win.find", "<Control>g" },
  { "win.sidebar", "F9" },
  { "win.stop", "Escape" },
  { "win.retry", "<Control>r" },
  { "win.attach", "<Control>o" },
  { "win.speak", "<Control><Shift>s" },
  { "win.dictate", "<Control>d" },
  { "win.compose", "<Control>l" },
  { "win.server", "<Control>comma" },
};

static void
on_quit (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (user_data));

  if (window != NULL)
    gtk_window_close (window);
}

static void
on_about (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  adw_show_about_window (gtk_application_get_active_window (GTK_APPLICATION (user_data)),
                         "application-name", _("Chat"),
                         "application-icon", APP_ID,
                         "version", VERSION,
                         "developer-name", DEVELOPERS,
                         "license-type", GTK_LICENSE_LGPL_2_1,
                         NULL);
}

static void
chat_application_startup (GApplication *application)
{
  static const GActionEntry entries[] = { { .name = "quit", .activate = on_quit }, { .name = "about", .activate = on_about } };

  G_APPLICATION_CLASS (chat_application_parent_class)->startup (application);
  g_action_map_add_action_entries (G_ACTION_MAP (application), entries, G_N_ELEMENTS (entries), application);
  for (gsize i = 0; i < G_N_ELEMENTS (accels); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), accels[i][0], (const char *[]) { accels[i][1], NULL });
}

static void
on_auth (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(ChatWindow) window = user_data;
  g_autofree char *warning = NULL;
  g_autoptr(OaiAuth) auth = chat_load_auth_finish (result, &warning);

  chat_window_connect (window, auth, warning);
}

static void
chat_application_activate (GApplication *application)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));
  g_autofree char *path = g_build_filename (g_get_user_config_dir (), APP_ID, "settings.json", NULL);
  g_autoptr(GFile) directory = g_file_new_build_filename (g_get_user_data_dir (), APP_ID, NULL);
  g_autoptr(ChatSettings) settings = NULL;
  g_autoptr(OaiToolset) toolset = NULL;
  g_autoptr(OaiAuth) auth = NULL;
  const char *key = g_getenv ("OPENAI_API_KEY");

  if (window != NULL)
    {
      gtk_window_present (window);
      return;
    }

  settings = chat_settings_new (path);
  toolset = chat_note_tool_new_toolset ();
  window = chat_window_new (GTK_APPLICATION (application), settings, directory, toolset);
  auth = key != NULL && *key != '\0' && !chat_settings_is_saved (settings) ? oai_auth_new_from_environment (NULL) : NULL;
  if (auth != NULL)
    chat_window_connect (CHAT_WINDOW (window), auth, NULL);
  else
    oai_auth_new_from_keyring_or_none_async (chat_settings_get_base_url (settings), NULL, on_auth, g_object_ref (window));
  gtk_window_present (window);
}

static void
chat_application_class_init (ChatApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->startup = chat_application_startup;
  application_class->activate = chat_application_activate;
}

static void
chat_application_init (ChatApplication *self)
{
}

GApplication *
chat_application_new (void)
{
  return g_object_new (CHAT_TYPE_APPLICATION, "application-id", APP_ID, "resource-base-path", "/org/example/OaiChat", NULL);
}
