/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A proxy in front of the mock service, and a client that sends and receives bytes. */

#pragma once

#include "../core/wait-until.h"
#include "oai-mock.h"
#include "oai-proxy-server-private.h"

G_BEGIN_DECLS

#define PROXY_KEY "sk-of-the-server-0123456789"

typedef struct
{
  OaiMockServer *mock;
  OaiClient *client; /* of the proxy, with its key */
  OaiProxyServer *proxy;
  char *address;     /* of the proxy: "127.0.0.1:PORT" */
} ProxyFixture;

/* The proxy accepts clients without credentials. */
void proxy_fixture_set_up (ProxyFixture *self, gconstpointer user_data);
void proxy_fixture_tear_down (ProxyFixture *self, gconstpointer user_data);
/* A client of this library for the proxy. */
OaiClient *proxy_fixture_new_client (ProxyFixture *self, const char *token);

/* Opens a connection, which does not block. */
GSocket *proxy_connect (const char *address);
void proxy_send (GSocket *socket, const char *text);
/* Receives until the other side closes, and iterates the default context meanwhile.  Frees the socket. */
char *proxy_receive_all (GSocket *socket);
/* Receives until the text ends with the end, or contains it.  */
char *proxy_receive_until (GSocket *socket, const char *end);
/* Sends a request over a new connection, and returns all that is received. */
char *proxy_exchange (ProxyFixture *self, const char *request);

/* A callback that stores the result in a GAsyncResult *. */
void proxy_keep_result (GObject *source, GAsyncResult *result, gpointer user_data);

G_END_DECLS
