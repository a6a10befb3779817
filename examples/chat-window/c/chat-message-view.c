/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The end of the conversation stays visible while a reply arrives, unless the user scrolls up. */

#include "chat-message-view.h"

#include "chat-message-row.h"
#include "chat-tail-model.h"

#define END_DISTANCE 40 /* pixels; closer to the end, the view follows the reply */
#define LAYOUT_FRAMES 3 /* after which the list view knows the position of a new row */

struct _ChatMessageView
{
  AdwBin parent_instance;

  OaiSession *session;
  char *words;      /* that find() was called with; or NULL */
  guint found;      /* position of the message that find() has shown; G_MAXUINT if it has shown none */
  gboolean follows; /* the end of the conversation */
  gboolean is_new;  /* session, whose rows have no height before the next frame */
  guint follower;   /* id of the tick callback that scrolls to the end */
  guint row;        /* to scroll to */
  guint frames;     /* until that */

  GtkAdjustment *adjustment;
  GtkWidget *view;
  ChatTailModel *tail;
};

G_DEFINE_FINAL_TYPE (ChatMessageView, chat_message_view, ADW_TYPE_BIN)

/* The end */

static gboolean
on_end_frame (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  ChatMessageView *self = CHAT_MESSAGE_VIEW (widget);

  if (self->is_new)
    {
      self->is_new = FALSE;
      return G_SOURCE_CONTINUE;
    }

  self->follower = 0;
  gtk_adjustment_set_value (self->adjustment, gtk_adjustment_get_upper (self->adjustment) - gtk_adjustment_get_page_size (self->adjustment));

  return G_SOURCE_REMOVE;
}

void
chat_message_view_scroll_to_end (ChatMessageView *self)
{
  self->follows = TRUE;
  if (self->follower == 0)
    self->follower = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_end_frame, NULL, NULL);
}

static void
on_scrolled (GtkAdjustment *adjustment, ChatMessageView *self)
{
  double value = gtk_adjustment_get_value (adjustment);
  double page = gtk_adjustment_get_page_size (adjustment);

  if (self->follower != 0 || self->frames > 0)
    return;

  self->follows = value + page >= gtk_adjustment_get_upper (adjustment) - END_DISTANCE;
  if (!self->follows && value < page)
    chat_tail_model_add_earlier (self->tail);
}

static void
on_resized (GtkAdjustment *adjustment, ChatMessageView *self)
{
  if (self->follows)
    chat_message_view_scroll_to_end (self);
}

/* A row, which may be new */

static gboolean
on_row_frame (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  ChatMessageView *self = CHAT_MESSAGE_VIEW (widget);

  if (self->frames == 0)
    return G_SOURCE_REMOVE; /* another session is shown */
  if (--self->frames > 0)
    return G_SOURCE_CONTINUE;

  gtk_widget_activate_action (self->view, "list.scroll-to-item", "u", self->row);
  return G_SOURCE_REMOVE;
}

static void
scroll_to (ChatMessageView *self, guint row)
{
  self->follows = FALSE;
  self->row = row;
  if (self->frames == 0)
    gtk_widget_add_tick_callback (GTK_WIDGET (self), on_row_frame, NULL, NULL);
  self->frames = LAYOUT_FRAMES;
}

/* Shows the newest message with these words that is above those found before; returns whether there is one. */
gboolean
chat_message_view_find (ChatMessageView *self, const char *words)
{
  if (g_strcmp0 (words, self->words) != 0)
    {
      g_free (self->words);
      self->words = g_strdup (words);
      self->found = G_MAXUINT;
    }
  if (oai_session_find (self->session, words, self->found, &self->found))
    {
      scroll_to (self, chat_tail_model_show (self->tail, self->found));
      return TRUE;
    }

  self->found = G_MAXUINT;
  return FALSE;
}

void
chat_message_view_set_session (ChatMessageView *self, OaiSession *session)
{
  g_set_object (&self->session, session);
  chat_tail_model_set_session (self->tail, session);
  self->found = G_MAXUINT;
  self->frames = 0;
  self->is_new = TRUE;
  chat_message_view_scroll_to_end (self);
}

/* The key Tab leads to a call that waits for approval rather than to a message. */
static gboolean
chat_message_view_focus (GtkWidget *widget, GtkDirectionType direction)
{
  ChatMessageView *self = CHAT_MESSAGE_VIEW (widget);
  gboolean enters = gtk_widget_get_focus_child (widget) == NULL && (direction == GTK_DIR_TAB_FORWARD || direction == GTK_DIR_TAB_BACKWARD);

  for (GtkWidget *child = enters ? gtk_widget_get_last_child (self->view) : NULL; child != NULL; child = gtk_widget_get_prev_sibling (child))
    {
      GtkWidget *row = gtk_widget_get_first_child (child);

      if (CHAT_IS_MESSAGE_ROW (row) && chat_message_row_focus_answers (CHAT_MESSAGE_ROW (row), direction))
        return TRUE;
    }

  return GTK_WIDGET_CLASS (chat_message_view_parent_class)->focus (widget, direction);
}

static void
chat_message_view_dispose (GObject *object)
{
  ChatMessageView *self = CHAT_MESSAGE_VIEW (object);

  g_clear_object (&self->session);
  g_clear_pointer (&self->words, g_free);

  G_OBJECT_CLASS (chat_message_view_parent_class)->dispose (object);
}

static void
chat_message_view_class_init (ChatMessageViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = chat_message_view_dispose;
  widget_class->focus = chat_message_view_focus;

  /* The template contains these types. */
  g_type_ensure (CHAT_TYPE_TAIL_MODEL);
  g_type_ensure (CHAT_TYPE_MESSAGE_ROW);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/example/OaiChat/ui/message-view.ui");
  gtk_widget_class_bind_template_child (widget_class, ChatMessageView, adjustment);
  gtk_widget_class_bind_template_child (widget_class, ChatMessageView, view);
  gtk_widget_class_bind_template_child (widget_class, ChatMessageView, tail);
  gtk_widget_class_bind_template_callback (widget_class, on_resized);
  gtk_widget_class_bind_template_callback (widget_class, on_scrolled);
}

static void
chat_message_view_init (ChatMessageView *self)
{
  self->follows = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
}
