/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Connections of clients of the proxy: requests, replies, back-pressure, time limits, and clients that go away. */

#include <openai-1/openai.h>

#include <string.h>

#include "http-server.h"

static void
test_request (void)
{
  g_autoptr(HttpServer) server = http_server_new (NULL);
  g_autoptr(HttpClient) client = http_client_new (server);

  http_client_send (client, "POST /v1/x?a=%20b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello");
  http_client_assert_reply (client, "HTTP/1.1 200 OK\r\n", "POST /v1/x?a=%20b\nhello");
  g_assert_cmpuint (server->n_requests, ==, 1);

  http_client_send (client, "GET /v1/y HTTP/1.1\r\nHost: localhost\r\n\r\n");
  http_client_assert_reply (client, "HTTP/1.1 200 OK\r\n", "GET /v1/y\n");
  g_assert_cmpuint (server->n_replied, ==, 2);
  g_assert_cmpuint (server->n_closed, ==, 0);

  http_client_close (client);
  http_server_wait_closed (server);
  g_assert_no_error (server->error);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/proxy/http/connection/request", test_request);

  return g_test_run ();
}
