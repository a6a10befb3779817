/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A server of connections that repeats each request, and its clients, in one main context. */

#pragma once

#include <gio/gio.h>

#include "oai-http-connection-private.h"

G_BEGIN_DECLS

typedef struct _HttpServer HttpServer;

struct _HttpServer
{
  OaiHttpConnection *connection; /* the last one */
  OaiHttpSettings settings;
  GSocketAddress *address;
  GSocket *listener;
  GTlsCertificate *certificate;  /* for TLS, or NULL */
  gboolean wrapped;              /* whether streams hide their sockets */
  GIOStream *stream;             /* of the last connection */

  /* Called in place of reading the body and replying, if it is set. */
  void (*request) (HttpServer *self, OaiHttpHead *head);
  void (*readable) (HttpServer *self);
  void (*writable) (HttpServer *self);
  void (*replied) (HttpServer *self);
  void (*refused) (HttpServer *self);
  gpointer data;

  GString *body;                 /* of the current request */
  char *line;                    /* its method and target */
  guint n_requests;
  guint n_replied;
  guint n_refused;
  guint n_closed;
  guint status;                  /* of the last refusal, also of a body */
  char *code;
  GError *error;                 /* with which the connection was closed */
};

/* settings: may be NULL. */
HttpServer *http_server_new (const OaiHttpSettings *settings);
void http_server_free (HttpServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpServer, http_server_free)
/* Also for the clients. */
void http_server_use_tls (HttpServer *self);
/* Takes the stream. */
void http_server_add (HttpServer *self, GIOStream *stream);
/* Reads what has arrived of the body; replies at its end. */
void http_server_read_body (HttpServer *self);
void http_server_wait_closed (HttpServer *self);

typedef struct
{
  GSocket *socket;
  GIOStream *stream; /* TLS, or NULL */
  GString *received; /* that was not used */
  gboolean ended;    /* closed by the server */
  GError *error;     /* of receiving */
} HttpClient;

/* Connects to the server, over TCP, or TLS if the server has a certificate. */
HttpClient *http_client_new (HttpServer *server);
void http_client_free (HttpClient *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HttpClient, http_client_free)
void http_client_send (HttpClient *self, const char *text);
void http_client_send_bytes (HttpClient *self, const char *data, gsize size);
/* Receives what has arrived, without blocking.  Returns whether something arrived. */
gboolean http_client_receive (HttpClient *self);
/* Receives until the text has arrived, or the server closes the connection. */
void http_client_receive_until (HttpClient *self, const char *text);
/* Receives until the server closes the connection. */
void http_client_receive_end (HttpClient *self);
/* Receives a whole reply with a length.  head: its beginning. */
void http_client_assert_reply (HttpClient *self, const char *head, const char *body);
void http_client_close (HttpClient *self);
/* So that the server receives a reset. */
void http_client_reset (HttpClient *self);

/* Iterates the main loop until condition is true. */
#define HTTP_WAIT(condition) \
  G_STMT_START { while (!(condition)) g_main_context_iteration (NULL, TRUE); } G_STMT_END
/* Iterates it for a time. */
void http_iterate (guint milliseconds);

G_END_DECLS
