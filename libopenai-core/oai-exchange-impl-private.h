/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the parts of the exchange engine share; for oai-exchange*.c only. */

#pragma once

#include "oai-deadlines-private.h"
#include "oai-drain-private.h"
#include "oai-exchange-private.h"
#include "oai-home-private.h"
#include "oai-source-private.h"

G_BEGIN_DECLS

struct _OaiExchange
{
  int ref_count;
  OaiClient *client;
  OaiSettings *settings;
  OaiAuth *auth;
  OaiRequest *request;
  OaiCall *call;
  const OaiExchangeSink *sink;
  gpointer sink_data;
  gboolean streamed;

  GMainContext *context;
  OaiHome *home;
  GCancellable *user_cancellable; /* the caller's */
  GSource *cancelled_source;
  GCancellable *cancellable;      /* that of the attempt: also time-outs cancel it */
  OaiDeadlines deadlines;
  GSource *retry_source;
  gboolean timed_out;
  gboolean closed;

  char *token;
  char *secrets; /* the token, and what else must not be seen; one a line */
  GUri *uri;
  const char *method;
  guint redirects;
  gboolean with_body;
  gboolean with_credentials;

  SoupSession *session;
  SoupMessage *message;
  GSource *send_source;
  GError *resend_error; /* why the message, which libsoup sends again, cannot be */
  GInputStream *body;
  OaiDrain drain;
  OaiBuffer error_body;
  gboolean failed_status;
};

/* oai-exchange-end.c */
/* Lets go of everything that belongs to one request; an unread body closes its connection. */
void oai_exchange_end_request (OaiExchange *self);
/* An attempt is one request, or several where the server redirects. */
void oai_exchange_end_attempt (OaiExchange *self);
/* Tells of the end of the call, and why it failed. */
void oai_exchange_end_call (OaiExchange *self, const GError *error);

G_END_DECLS
