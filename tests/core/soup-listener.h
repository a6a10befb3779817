/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Addresses for a SoupServer of a test. */

#pragma once

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

static inline guint16
soup_listener_get_port (SoupServer *server)
{
  GSList *uris = soup_server_get_uris (server);
  guint16 port = (guint16) g_uri_get_port (uris->data);

  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);

  return port;
}

/* Listens on a free port of 127.0.0.1, and returns the port. */
static inline guint16
soup_listener_start (SoupServer *server, SoupServerListenOptions options)
{
  g_autoptr(GError) error = NULL;

  soup_server_listen_local (server, 0, options | SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);

  return soup_listener_get_port (server);
}

/* Listens on a UNIX socket in a new directory, and returns its path. */
static inline char *
soup_listener_start_unix (SoupServer *server)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocketAddress) address = NULL;
  g_autofree char *directory = g_dir_make_tmp ("oai-listener-XXXXXX", &error);
  char *path;

  g_assert_no_error (error);
  path = g_build_filename (directory, "server.sock", NULL);
  address = g_unix_socket_address_new (path);
  soup_server_listen (server, address, 0, &error);
  g_assert_no_error (error);

  return path;
}

/* Deletes the socket, unless the test has done that, and its directory.  Frees the path. */
static inline void
soup_listener_remove_unix (char *path)
{
  g_autofree char *directory = g_path_get_dirname (path);

  g_unlink (path);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
  g_free (path);
}

G_END_DECLS
