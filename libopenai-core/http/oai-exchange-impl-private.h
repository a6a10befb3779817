/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the parts of the exchange engine share; for oai-exchange*.c only. */

#pragma once

#include "oai-deadlines-private.h"
#include "oai-body-reader-private.h"
#include "oai-early-reply-private.h"
#include "oai-exchange-private.h"
#include "oai-owner-thread-private.h"
#include "oai-pending-private.h"
#include "oai-source-private.h"

G_BEGIN_DECLS

struct _OaiExchange
{
  int ref_count;
  OaiClient *client;
  OaiSettings *settings; /* as they were at the start */
  OaiAuth *auth;
  OaiRequest *request;
  OaiCall *call;
  const OaiExchangeSink *sink;
  gpointer sink_data;
  gboolean streamed;

  GMainContext *context;
  OaiOwnerThread *home;
  GCancellable *user_cancellable; /* the caller's */
  GSource *cancelled_source;
  GCancellable *cancellable;      /* that of the attempt: also time-outs cancel it */
  OaiDeadlines deadlines;
  GSource *retry_source;
  gboolean timed_out;
  gboolean closed;

  /* Handlers of the program run whenever something is emitted.  They may close the exchange,
   * and main loops that they iterate may move it on.  The number of the step changes with each
   * beginning and end of a request: code goes on after an emission only if it is the same. */
  guint step;
  OaiPending *pending; /* the operation that the step waits for */

  char *token;
  gboolean fixed_token; /* no provider's: the same for all attempts */
  char *secrets; /* the token, and what else must not be seen; one a line */
  GUri *uri;
  const char *method;
  guint redirects;
  gboolean asked_for_proxy; /* the program was asked for its password, because of an early reply */
  gboolean with_body;
  gboolean with_credentials;

  SoupSession *session;
  SoupMessage *message;
  GSource *send_source;
  guint n_interim;  /* replies of the 1xx class to the message */
  GError *broken;   /* why the message was cancelled from within libsoup */
  OaiEarlyReply *early; /* that comes while the body is written */
  GInputStream *body;
  OaiBodyReader drain;
  OaiBuffer error_body;
  gsize received; /* of the body of a good reply, decompressed */
  gboolean failed_status;
};

/* oai-exchange.c */
OaiExchange *oai_exchange_ref (OaiExchange *self);
void oai_exchange_unref (OaiExchange *self);
void oai_exchange_leave_session (OaiExchange *self);

/* oai-exchange-end.c */
/* Drops everything that belongs to one request; an unread body closes its connection.  What is
 * under way is cancelled, and abandoned whether or not it completes then. */
void oai_exchange_end_request (OaiExchange *self);
/* An attempt is one request, or several where the server redirects. */
void oai_exchange_end_attempt (OaiExchange *self);
/* Sets the final state of the call, and why it failed. */
void oai_exchange_end_call (OaiExchange *self, const GError *error);

G_END_DECLS
