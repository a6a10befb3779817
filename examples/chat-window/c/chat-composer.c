/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Images are added to the session, and shown above the text. */

#include "chat-composer.h"

#include <glib/gi18n.h>

#define MAX_IMAGE (20 * 1024 * 1024) /* bytes */

struct _ChatComposer
{
  GtkBox parent_instance;

  OaiSession *session;
  GPtrArray *parts; /* GBytes of the images */
  gboolean busy;
  GtkFileChooserNative *chooser;

  GtkWidget *images;
  GtkWidget *text;
  GtkWidget *dictate;
  GtkWidget *button;
};

enum
{
  SUBMITTED,
  FAILED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ChatComposer, chat_composer, GTK_TYPE_BOX)

static void show_images (ChatComposer *self);

static void
set_title (GtkWidget *button, const char *title, const char *icon_name)
{
  gtk_button_set_icon_name (GTK_BUTTON (button), icon_name);
  gtk_widget_set_tooltip_text (button, title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
}

static void
set_css_class (GtkWidget *widget, const char *css_class, gboolean set)
{
  if (set)
    gtk_widget_add_css_class (widget, css_class);
  else
    gtk_widget_remove_css_class (widget, css_class);
}

static void
clear_parts (ChatComposer *self)
{
  g_ptr_array_set_size (self->parts, 0);
  show_images (self);
}

static void
add_parts (ChatComposer *self)
{
  for (guint i = 0; self->session != NULL && i < self->parts->len; i++)
    oai_session_add_image (self->session, g_ptr_array_index (self->parts, i), NULL);
}

/* Adds the images to another session; the text stays as well. */
void
chat_composer_set_session (ChatComposer *self, OaiSession *session)
{
  if (self->session != NULL)
    oai_session_clear_parts (self->session);
  g_set_object (&self->session, session);
  add_parts (self);
}

void
chat_composer_set_busy (ChatComposer *self, gboolean busy)
{
  self->busy = busy;
  set_title (self->button, busy ? _("Stop") : _("Send"), busy ? "media-playback-stop-symbolic" : "go-up-symbolic");
  set_css_class (self->button, "suggested-action", !busy);
}

void
chat_composer_set_recording (ChatComposer *self, gboolean recording)
{
  set_title (self->dictate, recording ? _("End the Dictation") : _("Dictate"), recording ? "media-record-symbolic" : "audio-input-microphone-symbolic");
  set_css_class (self->dictate, "error", recording);
}

void
chat_composer_focus (ChatComposer *self)
{
  gtk_widget_grab_focus (self->text);
}

void
chat_composer_insert (ChatComposer *self, const char *text)
{
  gtk_text_buffer_insert_at_cursor (gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->text)), text, -1);
  chat_composer_focus (self);
}

char *
chat_composer_dup_text (ChatComposer *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->text));
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);

  return g_strstrip (gtk_text_buffer_get_text (buffer, &start, &end, FALSE));
}

void
chat_composer_clear (ChatComposer *self)
{
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->text)), "", -1);
  clear_parts (self);
}

static void
on_clicked (GtkButton *button, ChatComposer *self)
{
  if (self->busy)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.stop", NULL);
  else
    g_signal_emit (self, signals[SUBMITTED], 0);
}

/* GTK scrolls the text when a line is added, although the entry becomes high enough. */
static void
on_scrolled (GtkAdjustment *adjustment, ChatComposer *self)
{
  if (gtk_widget_get_height (self->text) >= gtk_adjustment_get_upper (adjustment))
    gtk_adjustment_set_value (adjustment, 0);
}

static gboolean
on_key (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state, ChatComposer *self)
{
  if ((key != GDK_KEY_Return && key != GDK_KEY_KP_Enter) || (state & GDK_SHIFT_MASK) != 0)
    return FALSE;

  if (!self->busy)
    g_signal_emit (self, signals[SUBMITTED], 0);
  return TRUE;
}

/* Images */

static void
fail (ChatComposer *self, const char *message)
{
  g_signal_emit (self, signals[FAILED], 0, message);
}

static void
on_removed (GtkButton *button, ChatComposer *self)
{
  guint index = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "index"));

  g_ptr_array_remove_index (self->parts, index);
  if (self->session != NULL)
    oai_session_clear_parts (self->session);
  add_parts (self);
  show_images (self);
}

static void
add_preview (ChatComposer *self, guint index)
{
  g_autoptr(GdkTexture) texture = gdk_texture_new_from_bytes (g_ptr_array_index (self->parts, index), NULL);
  GtkWidget *overlay = gtk_overlay_new ();
  GtkWidget *image = gtk_picture_new_for_paintable (GDK_PAINTABLE (texture));
  GtkWidget *button = gtk_button_new ();

  gtk_widget_set_size_request (image, 72, 72);
  gtk_picture_set_alternative_text (GTK_PICTURE (image), _("Image"));
  gtk_overlay_set_child (GTK_OVERLAY (overlay), image);
  set_title (button, _("Remove the Image"), "window-close-symbolic");
  gtk_widget_set_halign (button, GTK_ALIGN_END);
  gtk_widget_set_valign (button, GTK_ALIGN_START);
  gtk_widget_add_css_class (button, "circular");
  gtk_widget_add_css_class (button, "osd");
  g_object_set_data (G_OBJECT (button), "index", GUINT_TO_POINTER (index));
  g_signal_connect (button, "clicked", G_CALLBACK (on_removed), self);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), button);
  gtk_box_append (GTK_BOX (self->images), overlay);
}

static void
show_images (ChatComposer *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->images)) != NULL)
    gtk_box_remove (GTK_BOX (self->images), child);
  for (guint i = 0; i < self->parts->len; i++)
    add_preview (self, i);
  gtk_widget_set_visible (self->images, self->parts->len > 0);
}

static void
add_image (ChatComposer *self, GBytes *bytes)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GdkTexture) texture = gdk_texture_new_from_bytes (bytes, &error);

  if (texture != NULL && (self->session == NULL || oai_session_add_image (self->session, bytes, &error)))
    {
      g_ptr_array_add (self->parts, g_bytes_ref (bytes));
      show_images (self);
    }
  else if (error != NULL)
    {
      g_autofree char *message = g_strdup_printf (_("The image cannot be used: %s"), error->message);

      fail (self, message);
    }
}

static void
add_texture (ChatComposer *self, GdkTexture *texture)
{
  g_autoptr(GBytes) bytes = gdk_texture_save_to_png_bytes (texture);

  add_image (self, bytes);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(ChatComposer) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);

  if (bytes == NULL)
    fail (self, error->message);
  else if (g_bytes_get_size (bytes) > MAX_IMAGE)
    {
      g_autofree char *message = g_strdup_printf (_("The image is larger than %d MB."), MAX_IMAGE >> 20);

      fail (self, message);
    }
  else
    add_image (self, bytes);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(ChatComposer) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GFileInputStream) stream = g_file_read_finish (G_FILE (source), result, &error);

  if (stream == NULL)
    fail (self, error->message);
  else
    g_input_stream_read_bytes_async (G_INPUT_STREAM (stream), MAX_IMAGE + 1, G_PRIORITY_DEFAULT, NULL, on_read, g_object_ref (self));
}

static void
add_file (ChatComposer *self, GFile *file)
{
  g_file_read_async (file, G_PRIORITY_DEFAULT, NULL, on_opened, g_object_ref (self));
}

static void
on_chosen (GtkNativeDialog *chooser, int response, ChatComposer *self)
{
  g_autoptr(GListModel) files = NULL;
  guint n_files;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (chooser));
      n_files = g_list_model_get_n_items (files);
      for (guint i = 0; i < n_files; i++)
        {
          g_autoptr(GFile) file = g_list_model_get_item (files, i);

          add_file (self, file);
        }
    }
  g_clear_object (&self->chooser);
}

void
chat_composer_choose_images (ChatComposer *self)
{
  g_autoptr(GtkFileFilter) filter = gtk_file_filter_new ();

  g_clear_object (&self->chooser);
  self->chooser = gtk_file_chooser_native_new (_("Attach Images"), GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);
  gtk_file_filter_set_name (filter, _("Images"));
  gtk_file_filter_add_pixbuf_formats (filter);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (self->chooser), filter);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (self->chooser), TRUE);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect (self->chooser, "response", G_CALLBACK (on_chosen), self);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
on_texture (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(ChatComposer) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GdkTexture) texture = gdk_clipboard_read_texture_finish (GDK_CLIPBOARD (source), result, &error);

  if (texture != NULL)
    add_texture (self, texture);
  else
    fail (self, error->message);
}

static void
on_paste (GtkTextView *text, ChatComposer *self)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (GTK_WIDGET (text));

  if (!gdk_content_formats_contain_gtype (gdk_clipboard_get_formats (clipboard), GDK_TYPE_TEXTURE))
    return;

  g_signal_stop_emission_by_name (text, "paste-clipboard");
  gdk_clipboard_read_texture_async (clipboard, NULL, on_texture, g_object_ref (self));
}

/* Adds what was dropped: an image, or files. */
void
chat_composer_drop (ChatComposer *self, const GValue *value)
{
  if (G_VALUE_HOLDS (value, GDK_TYPE_TEXTURE))
    add_texture (self, g_value_get_object (value));
  else if (G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST))
    {
      g_autoptr(GSList) files = gdk_file_list_get_files (g_value_get_boxed (value));

      for (GSList *file = files; file != NULL; file = file->next)
        add_file (self, file->data);
    }
}

static void
chat_composer_dispose (GObject *object)
{
  ChatComposer *self = CHAT_COMPOSER (object);

  g_clear_object (&self->session);
  g_clear_object (&self->chooser);
  g_clear_pointer (&self->parts, g_ptr_array_unref);
  gtk_widget_dispose_template (GTK_WIDGET (self), CHAT_TYPE_COMPOSER);

  G_OBJECT_CLASS (chat_composer_parent_class)->dispose (object);
}

static void
chat_composer_class_init (ChatComposerClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = chat_composer_dispose;
  signals[SUBMITTED] = g_signal_new ("submitted", CHAT_TYPE_COMPOSER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[FAILED] = g_signal_new ("failed", CHAT_TYPE_COMPOSER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/example/OaiChat/ui/composer.ui");
  gtk_widget_class_bind_template_child (widget_class, ChatComposer, images);
  gtk_widget_class_bind_template_child (widget_class, ChatComposer, text);
  gtk_widget_class_bind_template_child (widget_class, ChatComposer, dictate);
  gtk_widget_class_bind_template_child (widget_class, ChatComposer, button);
  gtk_widget_class_bind_template_callback (widget_class, on_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_key);
  gtk_widget_class_bind_template_callback (widget_class, on_paste);
  gtk_widget_class_bind_template_callback (widget_class, on_scrolled);
}

static void
chat_composer_init (ChatComposer *self)
{
  self->parts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  gtk_widget_init_template (GTK_WIDGET (self));
  chat_composer_set_recording (self, FALSE);
  chat_composer_set_busy (self, FALSE);
}
