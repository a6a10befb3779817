/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the sessions of modules implement, and the functions that they use. */

#pragma once

#include "oai-session-item-private.h"
#include "oai-session.h"
#include "oai-stream.h"

G_BEGIN_DECLS

typedef struct _OaiSessionHooks OaiSessionHooks;
struct _OaiSessionHooks
{
  /* The roles of messages of the user and of the model. */
  const char *user_role;
  const char *model_role;
  /* Creates the record of a message of the user.  text: nullable.  parts: OaiRecord; may be empty */
  OaiRecord *(*create_message) (const char *text, GPtrArray *parts);
  /* Creates the request for the next reply, from the options and the items. */
  OaiRecord *(*create_request) (OaiSession *self, GError **error);
  /* Creates the stream for a request, and connects its signals with the session as the data: the
   * handlers add text to the items of oai_session_ref_reply_item(). */
  OaiStream *(*create_stream) (OaiSession *self, OaiRecord *request);
  /* Sends a request without a stream. */
  void (*create_async) (OaiSession *self, OaiRecord *request, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
  OaiRecord *(*create_finish) (GObject *source, GAsyncResult *result, GError **error);
  /* Gives the items of the reply their final texts, records and states.  Items without a record are
   * removed afterwards.  reply: what has arrived of it if it is not complete; nullable.  Returns FALSE with an
   * error if the reply is unusable or truncated. */
  gboolean (*take_reply) (OaiSession *self, OaiRecord *reply, gboolean complete, GError **error);
};

_OAI_INTERNAL
void oai_session_class_set_hooks (OaiSessionClass *klass, const OaiSessionHooks *hooks);

/* The items, borrowed. */
_OAI_INTERNAL
GPtrArray *oai_session_get_items (OaiSession *self);
/* Finds an item of the reply that is being received by its kind and its index, or appends a new
 * one.  NULL if a handler has stopped the session. */
_OAI_INTERNAL
OaiSessionItem *oai_session_ref_reply_item (OaiSession *self, OaiSessionItemKind kind, const char *role, guint index);

G_END_DECLS
