/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One request with all its attempts, from the credentials to the last byte of the reply.  It
 * uses the main context that was the thread-default one when it was created. */

#pragma once

#include "oai-client-private.h"

G_BEGIN_DECLS

typedef struct _OaiExchange OaiExchange;

/* Receives the body of a successful reply.  Bodies of errors are not passed to it. */
typedef struct
{
  /* The head of a successful reply has arrived; may close or detach.  Optional. */
  void (*head) (OaiExchange *exchange, gpointer user_data);
  /* Returns room for at least one byte, and sets its size. */
  char *(*reserve) (gsize *size, gpointer user_data);
  /* Reports that size bytes were read.  Return FALSE to pause until oai_exchange_resume(). */
  gboolean (*commit) (gsize size, gpointer user_data);
  /* The exchange has ended.  Called exactly once, except after oai_exchange_close().  Takes
   * error. */
  void (*done) (OaiExchange *exchange, GError *error, gpointer user_data);
  /* The server accepted a WebSocket connection.  The exchange has ended; done() is not called.  Takes
   * connection.  Only for requests for an upgrade. */
  void (*upgraded) (OaiExchange *exchange, SoupWebsocketConnection *connection, gpointer user_data);
} OaiExchangeSink;

/* streamed: the body is used as it arrives; the total time-out ends with the head, and
 * nothing is retried after it.  Takes the request. */
_OAI_INTERNAL
OaiExchange *oai_exchange_new (OaiClient *client, OaiRequest *request, gboolean streamed, const OaiExchangeSink *sink, gpointer user_data);
_OAI_INTERNAL
void oai_exchange_free (OaiExchange *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiExchange, oai_exchange_free)

_OAI_INTERNAL
OaiCall *oai_exchange_get_call (OaiExchange *self);
/* The token and the other credentials that were sent, one on each line, to redact what the
 * server echoes. */
_OAI_INTERNAL
const char *oai_exchange_get_secret (OaiExchange *self);

_OAI_INTERNAL
void oai_exchange_start (OaiExchange *self, GCancellable *cancellable);
/* Continues to read after commit() has returned FALSE. */
void oai_exchange_resume (OaiExchange *self);
/* Replaces the cancellable, when another operation continues the exchange. */
void oai_exchange_set_cancellable (OaiExchange *self, GCancellable *cancellable);
/* The rest of the reply is not needed: keeps the connection if little is left to read, otherwise
 * closes it.  done() is not called.  Takes error. */
_OAI_INTERNAL
void oai_exchange_finish_early (OaiExchange *self, GError *error);
/* The reply has a status of success but means a failure, which the call records.  Borrows error,
 * and redacts its message. */
void oai_exchange_fail_reply (OaiExchange *self, GError *error);
/* Closes the connection at once; done() is not called. */
_OAI_INTERNAL
void oai_exchange_close (OaiExchange *self);
/* Returns the body to the caller, in head(); the exchange has ended. */
GInputStream *oai_exchange_detach_body (OaiExchange *self, goffset *length, guint *idle_timeout);

G_END_DECLS
