/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-send-queue-private.h"

#include "oai-error.h"
#include "oai-i18n-private.h"

static void
message_free (gpointer data)
{
  OaiSocketMessage *message = data;

  g_bytes_unref (message->data);
  g_free (message);
}

void
oai_send_queue_init (OaiSendQueue *self, gsize limit)
{
  g_queue_init (&self->messages);
  self->size = 0;
  self->limit = limit;
}

void
oai_send_queue_clear (OaiSendQueue *self)
{
  g_queue_clear_full (&self->messages, message_free);
  self->size = 0;
}

gboolean
oai_send_queue_push (OaiSendQueue *self, guint64 id, GBytes *data, gboolean is_text, GError **error)
{
  gsize size = g_bytes_get_size (data);
  OaiSocketMessage *message;

  if (self->messages.length > 0 && (size > self->limit || self->size > self->limit - size))
    {
      g_set_error (error, OAI_ERROR, OAI_ERROR_FAILED, _("The send queue is full (%u bytes). The message was discarded"), (guint) self->limit);
      return FALSE;
    }

  message = g_new (OaiSocketMessage, 1);
  *message = (OaiSocketMessage) { id, g_bytes_ref (data), is_text };
  g_queue_push_tail (&self->messages, message);
  self->size += size;

  return TRUE;
}

static OaiSocketMessage *
take (OaiSendQueue *self, GList *link)
{
  OaiSocketMessage *message = link->data;

  self->size -= g_bytes_get_size (message->data);
  g_queue_delete_link (&self->messages, link);

  return message;
}

gboolean
oai_send_queue_flush (OaiSendQueue *self, OaiSendFunc func, gpointer user_data, GError **error)
{
  while (self->messages.head != NULL)
    {
      if (!func (self->messages.head->data, user_data, error))
        return FALSE;
      message_free (take (self, self->messages.head));
    }

  return TRUE;
}

static GList *
find (OaiSendQueue *self, guint64 id)
{
  for (GList *link = self->messages.head; link != NULL; link = link->next)
    if (((OaiSocketMessage *) link->data)->id == id)
      return link;

  return NULL;
}

gboolean
oai_send_queue_has (OaiSendQueue *self, guint64 id)
{
  return find (self, id) != NULL;
}

gboolean
oai_send_queue_remove (OaiSendQueue *self, guint64 id)
{
  GList *link = find (self, id);

  if (link == NULL)
    return FALSE;

  message_free (take (self, link));

  return TRUE;
}

GPtrArray *
oai_send_queue_drain (OaiSendQueue *self)
{
  GPtrArray *drained = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  while (self->messages.head != NULL)
    {
      OaiSocketMessage *message = take (self, self->messages.head);

      g_ptr_array_add (drained, g_bytes_ref (message->data));
      message_free (message);
    }

  return drained;
}
