/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A request to a server over HTTP/1.1, and its reply, both with back-pressure.
 *
 * If the server closes a connection that was kept within a second and before it sends a byte of the reply, the request is
 * sent again over a new connection, once.  Bodies that can be read once only are sent over new connections. */

#pragma once

#include "oai-upstream-pool-private.h"
#include "oai-upstream-reader-private.h"

G_BEGIN_DECLS

/* The source of a body that is not in memory. */
typedef struct
{
  /* Returns the number of bytes, 0 at the end, or -1 with an error.  After G_IO_ERROR_WOULD_BLOCK,
   * oai_upstream_exchange_wake() is called when there are more. */
  gssize (*read) (char *buffer, gsize size, GError **error, gpointer user_data);
  /* Begins again.  NULL if that is not possible. */
  gboolean (*rewind) (GError **error, gpointer user_data);
} OaiUpstreamBodyFuncs;

typedef struct
{
  const char *method;
  const char *target;
  const char *host;      /* value of Host */
  OaiHttpFields *fields; /* Those that concern the connection or the framing are ignored. */
  GBytes *body;          /* or NULL */
  const OaiUpstreamBodyFuncs *body_funcs; /* or NULL */
  gpointer body_data;
  gint64 length;         /* of the body of body_funcs; -1 if it is not known */
} OaiUpstreamRequest;

/* Milliseconds; 0 for no limit. */
typedef struct
{
  guint connect_ms;
  guint head_ms; /* until the head of the reply */
  guint idle_ms; /* without a byte of the reply, after the request */
} OaiUpstreamTimeouts;

typedef struct
{
  /* Returns room for received bytes, and sets its size. */
  char *(*reserve) (gsize *size, gpointer user_data);
  /* The head of the final reply, or of one with the status 101.  length: of the body, or -1.  May free the exchange. */
  void (*head) (const OaiUpstreamHead *head, gint64 length, gpointer user_data);
  /* Bytes of the body, which may be changed: in the room, or elsewhere before the next call of reserve().  Returns FALSE
   * to pause until oai_upstream_exchange_resume().  Must not free the exchange. */
  gboolean (*body) (char *data, gsize size, gpointer user_data);
  /* The reply is complete, or the exchange has failed: with G_IO_ERROR_TIMED_OUT after a time limit.  Borrows error.
   * Called once, and not after oai_upstream_exchange_free(). */
  void (*done) (const GError *error, gpointer user_data);
} OaiUpstreamExchangeFuncs;

typedef struct _OaiUpstreamExchange OaiUpstreamExchange;

/* request: copied; the data of its body are borrowed. */
OaiUpstreamExchange *oai_upstream_exchange_new (OaiUpstreamOrigin *origin, const OaiUpstreamRequest *request, const OaiUpstreamTimeouts *timeouts,
                                                const OaiUpstreamExchangeFuncs *funcs, gpointer user_data);
/* Closes the connection if the reply is not complete. */
void oai_upstream_exchange_free (OaiUpstreamExchange *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OaiUpstreamExchange, oai_upstream_exchange_free)

void oai_upstream_exchange_start (OaiUpstreamExchange *self);
void oai_upstream_exchange_resume (OaiUpstreamExchange *self);
/* The body has more bytes. */
void oai_upstream_exchange_wake (OaiUpstreamExchange *self);

G_END_DECLS
