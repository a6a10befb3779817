/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One request and all its attempts, from the credentials to the last byte of
 * the reply, in the main context that was the thread's default at the start. */

#pragma once

#include "oai-client-private.h"

G_BEGIN_DECLS

typedef struct _OaiExchange OaiExchange;

/* Where the body of a good reply goes.  Bodies of errors never get there. */
typedef struct
{
  /* The head of a good reply is here; may close or detach.  Optional. */
  void (*head) (OaiExchange *exchange, gpointer user_data);
  /* Room for at least one byte; sets how much. */
  char *(*reserve) (gsize *size, gpointer user_data);
  /* So much was read; FALSE: no more until oai_exchange_resume(). */
  gboolean (*commit) (gsize size, gpointer user_data);
  /* It is over, once and always, except after oai_exchange_close(): error is given away. */
  void (*done) (OaiExchange *exchange, GError *error, gpointer user_data);
} OaiExchangeSink;

/* streamed: the body is used as it arrives; the total time-out ends with the head, and
 * nothing is retried after it.  Takes the request. */
OaiExchange *oai_exchange_new (OaiClient *client, OaiRequest *request, gboolean streamed, const OaiExchangeSink *sink, gpointer user_data);
void oai_exchange_free (OaiExchange *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiExchange, oai_exchange_free)

OaiCall *oai_exchange_get_call (OaiExchange *self);
/* The token and the other credentials that were sent, one per line, to redact them in
 * replies. */
const char *oai_exchange_get_secret (OaiExchange *self);

void oai_exchange_start (OaiExchange *self, GCancellable *cancellable);
/* Continues to read after commit() returned FALSE. */
void oai_exchange_resume (OaiExchange *self);
/* Another operation takes the place of the one that started the exchange. */
void oai_exchange_set_cancellable (OaiExchange *self, GCancellable *cancellable);
/* The reply is known to be over: keeps the connection where little but its end
 * is left to read, closes it otherwise.  done() is not called. */
void oai_exchange_finish_early (OaiExchange *self, GError *error);
/* The reply came well but means failure, which the call records.  Borrows error, and redacts
 * what it repeats of the server. */
void oai_exchange_fail_reply (OaiExchange *self, GError *error);
/* Closes the connection at once; done() is not called. */
void oai_exchange_close (OaiExchange *self);
/* Gives the body away, in head(); the exchange is over. */
GInputStream *oai_exchange_detach_body (OaiExchange *self, goffset *length, guint *idle_timeout);

G_END_DECLS
