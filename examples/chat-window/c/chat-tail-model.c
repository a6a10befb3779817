/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The list grows at its beginning when the user scrolls there, so that a view of a long conversation begins
 * with few rows, and the rows that are visible stay where they are. */

#include "chat-tail-model.h"

#define FIRST 40 /* items that are shown at first */
#define MORE 100 /* items that are added at a time */

struct _ChatTailModel
{
  GObject parent_instance;

  OaiSession *session;
  gulong handler;
  guint offset; /* position of the first item in the session */
};

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ChatTailModel, chat_tail_model, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static GType
get_item_type (GListModel *model)
{
  return OAI_TYPE_SESSION_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  ChatTailModel *self = CHAT_TAIL_MODEL (model);

  return self->session != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->session)) - self->offset : 0;
}

static gpointer
get_item (GListModel *model, guint position)
{
  ChatTailModel *self = CHAT_TAIL_MODEL (model);

  return position < get_n_items (model) ? g_list_model_get_item (G_LIST_MODEL (self->session), self->offset + position) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
chat_tail_model_dispose (GObject *object)
{
  ChatTailModel *self = CHAT_TAIL_MODEL (object);

  if (self->session != NULL)
    g_clear_signal_handler (&self->handler, self->session);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (chat_tail_model_parent_class)->dispose (object);
}

static void
chat_tail_model_class_init (ChatTailModelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chat_tail_model_dispose;
}

static void
chat_tail_model_init (ChatTailModel *self)
{
}

static void
on_items_changed (GListModel *session, guint position, guint removed, guint added, ChatTailModel *self)
{
  guint shown;

  if (position >= self->offset)
    {
      g_list_model_items_changed (G_LIST_MODEL (self), position - self->offset, removed, added);
      return;
    }
  if (position + removed < self->offset)
    {
      self->offset = self->offset - removed + added;
      return;
    }
  shown = position + removed - self->offset;
  self->offset = position;
  g_list_model_items_changed (G_LIST_MODEL (self), 0, shown, added);
}

void
chat_tail_model_set_session (ChatTailModel *self, OaiSession *session)
{
  guint before = get_n_items (G_LIST_MODEL (self));
  guint n_items;

  if (self->session != NULL)
    g_clear_signal_handler (&self->handler, self->session);
  g_set_object (&self->session, session);
  self->offset = 0;
  if (session != NULL)
    {
      self->handler = g_signal_connect (session, "items-changed", G_CALLBACK (on_items_changed), self);
      n_items = g_list_model_get_n_items (G_LIST_MODEL (session));
      self->offset = n_items > FIRST ? n_items - FIRST : 0;
    }
  g_list_model_items_changed (G_LIST_MODEL (self), 0, before, get_n_items (G_LIST_MODEL (self)));
}

static void
add_items (ChatTailModel *self, guint n_items)
{
  guint added = MIN (n_items, self->offset);

  self->offset -= added;
  if (added > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, 0, added);
}

void
chat_tail_model_add_earlier (ChatTailModel *self)
{
  add_items (self, MORE);
}

/* Adds the items from that position of the session on; returns its position in this list. */
guint
chat_tail_model_show (ChatTailModel *self, guint position)
{
  if (position < self->offset)
    add_items (self, self->offset - position + MORE);

  return position - self->offset;
}
