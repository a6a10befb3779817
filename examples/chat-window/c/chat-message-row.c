/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* List views reuse a row for other items.  A text that grows changes the label of its last block only.  The layout of a long text
 * would take several frames, so that it is shown in chunks, one in each frame. */

#include "chat-message-row.h"

#include <glib/gi18n.h>
#include <openai-1/openai.h>

#include "chat-button-names.h"
#include "chat-conversation.h"
#include "chat-markdown.h"

#define LONG_TEXT 200 /* bytes */
#define LONG_TEXT_CHARS 20
#define FRAME_TEXT 4096 /* bytes */

struct _ChatMessageRow
{
  GtkBox parent_instance;

  OaiSessionItem *item;
  GSignalGroup *item_signals;
  GSignalGroup *call_signals;
  ChatMarkdown *markdown;
  GPtrArray *labels; /* GtkLabel of each block */
  guint n_shown;     /* blocks */
  guint tick;        /* which shows the others */

  GtkWidget *images;
  GtkWidget *bubble;
  GtkWidget *expander;
  GtkWidget *folded;
  GtkWidget *answers;
};

enum
{
  PROP_0,
  PROP_ITEM,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (ChatMessageRow, chat_message_row, GTK_TYPE_BOX)

static GtkWidget *
add_label (ChatMessageRow *self)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_box_append (GTK_BOX (self->bubble), label);
  g_ptr_array_add (self->labels, label);

  return label;
}

static void
set_css_class (GtkWidget *widget, const char *css_class, gboolean set)
{
  if (set)
    gtk_widget_add_css_class (widget, css_class);
  else
    gtk_widget_remove_css_class (widget, css_class);
}

/* GTK measures how narrow a label can be.  That takes seconds for long words, so labels of long texts have a minimum width. */
static void
limit_width (GtkLabel *label, const char *text)
{
  gtk_label_set_width_chars (label, text != NULL && strlen (text) > LONG_TEXT ? LONG_TEXT_CHARS : -1);
}

static void
show_block (ChatMessageRow *self, guint index, ChatBlock *block)
{
  GtkWidget *label = index < self->labels->len ? g_ptr_array_index (self->labels, index) : add_label (self);
  g_autofree char *markup = chat_block_to_markup (block);

  limit_width (GTK_LABEL (label), block->text);
  gtk_label_set_markup (GTK_LABEL (label), markup);
  set_css_class (label, "code", block->fence != NULL);
  gtk_widget_set_visible (label, TRUE);
}

/* Returns whether there are more blocks. */
static gboolean
show_more (ChatMessageRow *self)
{
  GPtrArray *blocks = chat_markdown_get_blocks (self->markdown);

  for (gsize size = 0; self->n_shown < blocks->len && size < FRAME_TEXT; self->n_shown++)
    {
      ChatBlock *block = g_ptr_array_index (blocks, self->n_shown);

      show_block (self, self->n_shown, block);
      size += strlen (block->text);
    }

  return self->n_shown < blocks->len;
}

static gboolean
on_frame (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  ChatMessageRow *self = CHAT_MESSAGE_ROW (widget);

  if (show_more (self))
    return G_SOURCE_CONTINUE;

  self->tick = 0;
  return G_SOURCE_REMOVE;
}

static void
end_frames (ChatMessageRow *self)
{
  if (self->tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick);
  self->tick = 0;
}

/* Changes the labels of the blocks that have changed. */
static void
show_blocks (ChatMessageRow *self)
{
  const char *text = oai_session_item_get_text (self->item);
  guint kept = chat_markdown_update (self->markdown, text != NULL ? text : "");

  self->n_shown = MIN (self->n_shown, kept);
  if (self->tick == 0 && show_more (self))
    self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_frame, NULL, NULL);
  for (guint i = self->n_shown; i < self->labels->len; i++)
    gtk_widget_set_visible (g_ptr_array_index (self->labels, i), FALSE);
}

static const char *
get_call_title (OaiToolCallState state)
{
  switch (state)
    {
    case OAI_TOOL_CALL_STATE_WAITING_FOR_APPROVAL:
      return _("Allow “%s”?");
    case OAI_TOOL_CALL_STATE_RUNNING:
      return _("Running %s…");
    case OAI_TOOL_CALL_STATE_SUCCEEDED:
      return _("Called %s");
    case OAI_TOOL_CALL_STATE_FAILED:
      return _("%s failed");
    case OAI_TOOL_CALL_STATE_DENIED:
      return _("%s was denied");
    case OAI_TOOL_CALL_STATE_CANCELLED:
      return _("%s was cancelled");
    case OAI_TOOL_CALL_STATE_NEW:
    default:
      return _("Calling %s");
    }
}

/* Returns the title with the name in place of %s. */
static char *
format_title (const char *title, const char *name)
{
  g_auto(GStrv) parts = g_strsplit (title, "%s", 2);

  return g_strconcat (parts[0], name, parts[1], NULL);
}

/* GtkExpander has no name for screen readers without this. */
static void
set_title (ChatMessageRow *self, const char *title)
{
  gtk_expander_set_label (GTK_EXPANDER (self->expander), title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->expander), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
}

static void
show_call (ChatMessageRow *self)
{
  OaiToolCall *call = oai_session_item_get_call (self->item);
  OaiToolCallState state = call != NULL ? oai_tool_call_get_state (call) : OAI_TOOL_CALL_STATE_NEW;
  gboolean waits = state == OAI_TOOL_CALL_STATE_WAITING_FOR_APPROVAL;
  g_autofree char *title = format_title (get_call_title (state), call != NULL ? oai_tool_call_get_name (call) : _("a tool"));
  g_autofree char *arguments = call != NULL ? oai_tool_call_dup_arguments_text (call) : g_strdup (oai_session_item_get_text (self->item));
  const char *output = call != NULL ? oai_tool_call_get_output (call) : NULL;
  g_autofree char *text = g_strjoin (output != NULL && *arguments != '\0' ? "\n" : "", arguments != NULL ? arguments : "", output, NULL);

  set_title (self, title);
  gtk_label_set_text (GTK_LABEL (self->folded), text);
  gtk_widget_set_visible (self->answers, waits);
  if (waits)
    gtk_expander_set_expanded (GTK_EXPANDER (self->expander), TRUE);
}

static void
show_reasoning (ChatMessageRow *self)
{
  const char *text = oai_session_item_get_text (self->item);
  gboolean thinks = oai_session_item_get_state (self->item) == OAI_SESSION_ITEM_STATE_IN_PROGRESS;

  set_title (self, thinks ? _("Thinking…") : _("Reasoning"));
  gtk_label_set_text (GTK_LABEL (self->folded), text != NULL ? text : "");
}

static void
update (ChatMessageRow *self)
{
  OaiSessionItemKind kind = oai_session_item_get_kind (self->item);
  const char *text = oai_session_item_get_text (self->item);
  gboolean incomplete = oai_session_item_get_state (self->item) == OAI_SESSION_ITEM_STATE_INCOMPLETE;

  gtk_widget_set_visible (self->bubble, kind == OAI_SESSION_ITEM_KIND_MESSAGE && text != NULL && *text != '\0');
  gtk_widget_set_visible (self->expander, kind != OAI_SESSION_ITEM_KIND_MESSAGE);
  gtk_widget_set_visible (self->answers, FALSE);
  limit_width (GTK_LABEL (self->folded), text);
  g_signal_group_set_target (self->call_signals, oai_session_item_get_call (self->item));
  if (kind == OAI_SESSION_ITEM_KIND_MESSAGE)
    show_blocks (self);
  else if (kind == OAI_SESSION_ITEM_KIND_TOOL_CALL)
    show_call (self);
  else
    show_reasoning (self);
  gtk_widget_set_opacity (GTK_WIDGET (self), incomplete && kind != OAI_SESSION_ITEM_KIND_TOOL_CALL ? 0.6 : 1);
}

static void
show_style (ChatMessageRow *self, gboolean from_user)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, from_user ? _("Your message") : _("Reply"), -1);
  gtk_widget_set_halign (self->bubble, from_user ? GTK_ALIGN_END : GTK_ALIGN_FILL);
  gtk_widget_set_halign (self->images, from_user ? GTK_ALIGN_END : GTK_ALIGN_START);
  gtk_widget_set_margin_start (self->bubble, from_user ? 48 : 0);
  set_css_class (self->bubble, "bubble", from_user);
}

/* Images that GTK cannot read are omitted. */
static void
show_images (ChatMessageRow *self)
{
  g_autoptr(GPtrArray) images = oai_session_item_dup_images (self->item);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->images)) != NULL)
    gtk_box_remove (GTK_BOX (self->images), child);
  for (guint i = 0; i < images->len; i++)
    {
      g_autoptr(GdkTexture) texture = gdk_texture_new_from_bytes (g_ptr_array_index (images, i), NULL);
      GtkWidget *image = texture != NULL ? gtk_picture_new_for_paintable (GDK_PAINTABLE (texture)) : NULL;

      if (image == NULL)
        continue;
      gtk_picture_set_can_shrink (GTK_PICTURE (image), TRUE);
      gtk_picture_set_alternative_text (GTK_PICTURE (image), _("Image"));
      gtk_widget_set_size_request (image, 120, 120);
      gtk_box_append (GTK_BOX (self->images), image);
    }
  gtk_widget_set_visible (self->images, gtk_widget_get_first_child (self->images) != NULL);
}

static void
set_item (ChatMessageRow *self, OaiSessionItem *item)
{
  gboolean from_user;

  if (!g_set_object (&self->item, item))
    return;

  end_frames (self);
  g_signal_group_set_target (self->item_signals, item);
  if (item == NULL)
    {
      g_signal_group_set_target (self->call_signals, NULL);
      return;
    }
  from_user = g_strcmp0 (oai_session_item_get_role (item), "user") == 0;
  g_clear_pointer (&self->markdown, chat_markdown_free);
  self->markdown = chat_markdown_new ();
  self->n_shown = 0;
  gtk_expander_set_expanded (GTK_EXPANDER (self->expander), FALSE);
  show_style (self, from_user);
  show_images (self);
  update (self);
}

/* Focuses the buttons of a call that waits for approval; returns whether there are any. */
gboolean
chat_message_row_focus_answers (ChatMessageRow *self, GtkDirectionType direction)
{
  return gtk_widget_get_visible (self->answers) && gtk_widget_child_focus (self->answers, direction);
}

static void
on_allowed (GtkButton *button, ChatMessageRow *self)
{
  oai_tool_call_approve (oai_session_item_get_call (self->item));
  chat_conversation_continue_calls (CHAT_CONVERSATION (gtk_widget_get_ancestor (GTK_WIDGET (self), CHAT_TYPE_CONVERSATION)));
}

static void
on_denied (GtkButton *button, ChatMessageRow *self)
{
  oai_tool_call_deny (oai_session_item_get_call (self->item), _("The user denied this."));
  chat_conversation_continue_calls (CHAT_CONVERSATION (gtk_widget_get_ancestor (GTK_WIDGET (self), CHAT_TYPE_CONVERSATION)));
}

static void
chat_message_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_ITEM)
    g_value_set_object (value, CHAT_MESSAGE_ROW (object)->item);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
chat_message_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_ITEM)
    set_item (CHAT_MESSAGE_ROW (object), g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
chat_message_row_dispose (GObject *object)
{
  ChatMessageRow *self = CHAT_MESSAGE_ROW (object);

  end_frames (self);
  g_clear_object (&self->item_signals);
  g_clear_object (&self->call_signals);
  g_clear_object (&self->item);
  g_clear_pointer (&self->markdown, chat_markdown_free);
  g_clear_pointer (&self->labels, g_ptr_array_unref);
  gtk_widget_dispose_template (GTK_WIDGET (self), CHAT_TYPE_MESSAGE_ROW);

  G_OBJECT_CLASS (chat_message_row_parent_class)->dispose (object);
}

static void
chat_message_row_class_init (ChatMessageRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = chat_message_row_get_property;
  object_class->set_property = chat_message_row_set_property;
  object_class->dispose = chat_message_row_dispose;
  properties[PROP_ITEM] = g_param_spec_object ("item", NULL, NULL, OAI_TYPE_SESSION_ITEM, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/example/OaiChat/ui/message-row.ui");
  gtk_widget_class_bind_template_child (widget_class, ChatMessageRow, images);
  gtk_widget_class_bind_template_child (widget_class, ChatMessageRow, bubble);
  gtk_widget_class_bind_template_child (widget_class, ChatMessageRow, expander);
  gtk_widget_class_bind_template_child (widget_class, ChatMessageRow, folded);
  gtk_widget_class_bind_template_child (widget_class, ChatMessageRow, answers);
  gtk_widget_class_bind_template_callback (widget_class, on_allowed);
  gtk_widget_class_bind_template_callback (widget_class, on_denied);
}

static void
chat_message_row_init (ChatMessageRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  chat_reset_button_names (self->answers);
  self->labels = g_ptr_array_new ();
  self->item_signals = g_signal_group_new (OAI_TYPE_SESSION_ITEM);
  g_signal_group_connect_swapped (self->item_signals, "notify::text", G_CALLBACK (update), self);
  g_signal_group_connect_swapped (self->item_signals, "notify::state", G_CALLBACK (update), self);
  g_signal_group_connect_swapped (self->item_signals, "notify::call", G_CALLBACK (update), self);
  self->call_signals = g_signal_group_new (OAI_TYPE_TOOL_CALL);
  g_signal_group_connect_swapped (self->call_signals, "notify::state", G_CALLBACK (update), self);
}
