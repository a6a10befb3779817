/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A server with TLS in a thread, and clients that accept its certificate. */

#pragma once

#include <openai-1/openai.h>

typedef struct
{
  GThread *thread;
  GMainLoop *loop;
  SoupServer *server;
  GTlsCertificate *certificate;
  char *url;
  SoupServerCallback callback;
  SoupServerWebsocketCallback connected; /* or NULL; set before the start */
  gpointer user_data;
} TlsServer;

/* callback: runs in the thread of the server, as connected does; NULL for a server of WebSocket connections only */
void tls_server_start (TlsServer *self, SoupServerCallback callback, gpointer user_data);
void tls_server_stop (TlsServer *self);

/* With the certificate and its key. */
char *tls_server_find_certificate (void);
GTlsDatabase *tls_server_new_database (void);

/* session: NULL for sessions of the client, which use the certificates of the system */
OaiClient *tls_server_new_client (const char *url, SoupSession *session);

/* Functions to wait in the default main context. */
void tls_server_store_result (GObject *source, GAsyncResult *result, gpointer user_data);
GAsyncResult *tls_server_wait_for (GAsyncResult **result);
