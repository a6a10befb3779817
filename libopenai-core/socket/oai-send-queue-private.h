/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The messages that wait until they can be sent over a WebSocket connection, in their order. */

#pragma once

#include <glib.h>

#include "oai-version.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 id; /* of the sender */
  GBytes *data;
  gboolean is_text;
} OaiSocketMessage;

typedef struct
{
  GQueue messages; /* of OaiSocketMessage */
  gsize size;      /* of the messages in bytes */
  gsize limit;     /* of size */
} OaiSendQueue;

/* Sends a message.  Returns FALSE with an error if it was not sent. */
typedef gboolean (*OaiSendFunc) (const OaiSocketMessage *message, gpointer user_data, GError **error);

void oai_send_queue_init (OaiSendQueue *self, gsize limit);
void oai_send_queue_clear (OaiSendQueue *self);
/* Fails if the queue would exceed its limit.  A message that is larger than the limit is accepted
 * into an empty queue. */
gboolean oai_send_queue_push (OaiSendQueue *self, guint64 id, GBytes *data, gboolean is_text, GError **error);
/* Sends the messages.  One that cannot be sent stays, with those after it. */
gboolean oai_send_queue_flush (OaiSendQueue *self, OaiSendFunc func, gpointer user_data, GError **error);
/* Removes a message.  Returns FALSE if it is not in the queue. */
gboolean oai_send_queue_remove (OaiSendQueue *self, guint64 id);
gboolean oai_send_queue_has (OaiSendQueue *self, guint64 id);
/* Removes all messages, and returns them as GBytes. */
GPtrArray *oai_send_queue_drain (OaiSendQueue *self);

G_END_DECLS
