/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The button activates an action of the window. */

#include "chat-error-bar.h"

#include <glib/gi18n.h>

#include "chat-button-names.h"
#include <math.h>

#define INTERVAL_MS 250 /* of the countdown */

struct _ChatErrorBar
{
  AdwBin parent_instance;

  GDateTime *retry_at;
  guint countdown; /* source id */

  GtkInfoBar *bar;
  GtkLabel *label;
  GtkWidget *button;
};

G_DEFINE_FINAL_TYPE (ChatErrorBar, chat_error_bar, ADW_TYPE_BIN)

void
chat_error_bar_close (ChatErrorBar *self)
{
  g_clear_handle_id (&self->countdown, g_source_remove);
  gtk_info_bar_set_revealed (self->bar, FALSE);
}

static void
reveal (ChatErrorBar *self, GtkMessageType type)
{
  chat_error_bar_close (self);
  gtk_info_bar_set_message_type (self->bar, type);
  gtk_info_bar_set_revealed (self->bar, TRUE);
}

/* Shows an error, and a button with an action against it unless they are NULL. */
void
chat_error_bar_show_error (ChatErrorBar *self, const char *text, const char *button, const char *action)
{
  reveal (self, GTK_MESSAGE_ERROR);
  gtk_label_set_text (self->label, text);
  gtk_widget_set_visible (self->button, button != NULL);
  if (button == NULL)
    return;

  gtk_button_set_label (GTK_BUTTON (self->button), button);
  chat_reset_button_names (self->button);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->button), action);
}

static gboolean
count_down (gpointer user_data)
{
  ChatErrorBar *self = user_data;
  g_autoptr(GDateTime) now = g_date_time_new_now_local ();
  int seconds = (int) ceil ((double) g_date_time_difference (self->retry_at, now) / G_USEC_PER_SEC);
  g_autofree char *text = g_strdup_printf (_("The server does not respond as expected. Next attempt in %d s."), MAX (seconds, 0));

  gtk_label_set_text (self->label, text);

  return G_SOURCE_CONTINUE;
}

/* Counts the seconds until that time, or hides the bar if it is NULL. */
void
chat_error_bar_show_retry (ChatErrorBar *self, GDateTime *time)
{
  chat_error_bar_close (self);
  if (time == NULL)
    return;

  g_clear_pointer (&self->retry_at, g_date_time_unref);
  self->retry_at = g_date_time_ref (time);
  reveal (self, GTK_MESSAGE_WARNING);
  gtk_widget_set_visible (self->button, FALSE);
  count_down (self);
  self->countdown = g_timeout_add (INTERVAL_MS, count_down, self);
}

static void
on_response (GtkInfoBar *bar, int response, ChatErrorBar *self)
{
  if (response == GTK_RESPONSE_CLOSE)
    chat_error_bar_close (self);
}

static void
chat_error_bar_dispose (GObject *object)
{
  ChatErrorBar *self = CHAT_ERROR_BAR (object);

  g_clear_handle_id (&self->countdown, g_source_remove);
  g_clear_pointer (&self->retry_at, g_date_time_unref);

  G_OBJECT_CLASS (chat_error_bar_parent_class)->dispose (object);
}

static void
chat_error_bar_class_init (ChatErrorBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = chat_error_bar_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/example/OaiChat/ui/error-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, ChatErrorBar, bar);
  gtk_widget_class_bind_template_child (widget_class, ChatErrorBar, label);
  gtk_widget_class_bind_template_child (widget_class, ChatErrorBar, button);
  gtk_widget_class_bind_template_callback (widget_class, on_response);
}

static void
chat_error_bar_init (ChatErrorBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
