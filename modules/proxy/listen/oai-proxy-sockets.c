/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-proxy-sockets-private.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "oai-i18n-private.h"

#define FIRST_PASSED 3
#define MAX_PASSED 256

/* The file of a socket, by which it is recognised before it is removed.  The number of an inode is used again, so the time at
 * which the file was made is compared as well. */
typedef struct
{
  char *path;
  dev_t device;
  ino_t inode;
  struct timespec made;
} SocketFile;

static G_DEFINE_QUARK (oai-proxy-socket-file, socket_file)

static void
socket_file_free (gpointer data)
{
  SocketFile *self = data;

  g_free (self->path);
  g_free (self);
}

static gboolean
parse_port (const char *text, guint16 *port)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT16, &number, NULL) || !g_ascii_isdigit (*text))
    return FALSE;

  *port = (guint16) number;
  return TRUE;
}

/* Returns NULL if host is not an address. */
static GInetAddress *
parse_host (const char *host)
{
  gsize length = strlen (host);
  g_autofree char *inner = NULL;

  if (strcmp (host, "*") == 0)
    return g_inet_address_new_any (G_SOCKET_FAMILY_IPV6);
  if (strcmp (host, "localhost") == 0)
    return g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  if (host[0] != '[' || length < 2 || host[length - 1] != ']')
    return strchr (host, ':') == NULL ? g_inet_address_new_from_string (host) : NULL;

  inner = g_strndup (host + 1, length - 2);
  return strchr (inner, ':') != NULL ? g_inet_address_new_from_string (inner) : NULL;
}

GSocketAddress *
oai_proxy_parse_address (const char *text, GError **error)
{
  const char *colon = strrchr (text, ':');
  g_autofree char *host = colon != NULL ? g_strndup (text, colon - text) : g_strdup ("*");
  g_autoptr(GInetAddress) address = parse_host (host);
  guint16 port;

  if (address != NULL && parse_port (colon != NULL ? colon + 1 : text, &port))
    return g_inet_socket_address_new (address, port);

  /* Translators: %s is the text that is not an address. */
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               _("“%s” is not an address to listen at. Use “127.0.0.1:8080”, “[::1]:8080”, “localhost:8080” or “*:8080”."), text);
  return NULL;
}

gboolean
oai_proxy_address_is_local (GSocketAddress *address)
{
  if (!G_IS_INET_SOCKET_ADDRESS (address))
    return TRUE;

  return g_inet_address_get_is_loopback (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
}

char *
oai_proxy_address_to_string (GSocketAddress *address)
{
  if (G_IS_UNIX_SOCKET_ADDRESS (address))
    return g_filename_display_name (g_unix_socket_address_get_path (G_UNIX_SOCKET_ADDRESS (address)));

  return g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (address));
}

static gboolean
fail_to_listen (GError **error, const char *shown)
{
  /* Translators: %s is an address or a path. */
  g_prefix_error (error, _("Cannot listen at %s: "), shown);
  return FALSE;
}

static gboolean
fail_with_errno (GError **error, int number)
{
  g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (number), g_strerror (number));
  return FALSE;
}

/* g_socket_bind() unsets SO_REUSEPORT. */
static gboolean
bind_socket (GSocket *socket, GSocketAddress *address, GError **error)
{
  struct sockaddr_storage native;
  gssize size = g_socket_address_get_native_size (address);

  if (!g_socket_address_to_native (address, &native, sizeof native, error))
    return FALSE;
  if (bind (g_socket_get_fd (socket), (struct sockaddr *) &native, size) != 0)
    return fail_with_errno (error, errno);

  return TRUE;
}

static gboolean
bind_and_listen (GSocket *socket, GSocketAddress *address, gboolean reuse_port, guint backlog, GError **error)
{
  gboolean inet = G_IS_INET_SOCKET_ADDRESS (address);

  g_socket_set_blocking (socket, FALSE);
  if (inet && !g_socket_set_option (socket, SOL_SOCKET, SO_REUSEADDR, 1, error))
    return FALSE;
  if (reuse_port && !g_socket_set_option (socket, SOL_SOCKET, SO_REUSEPORT, 1, error))
    return FALSE;
  if (g_socket_get_family (socket) == G_SOCKET_FAMILY_IPV6)
    g_socket_set_option (socket, IPPROTO_IPV6, IPV6_V6ONLY, 0, NULL);
  g_socket_set_listen_backlog (socket, backlog);

  return bind_socket (socket, address, error) && g_socket_listen (socket, error);
}

/* On a system without IPv6, the address of all networks is that of IPv4. */
static GSocketAddress *
choose_address (GSocketAddress *address)
{
  GInetSocketAddress *inet = G_INET_SOCKET_ADDRESS (address);
  g_autoptr(GSocket) probe = NULL;
  g_autoptr(GInetAddress) any = NULL;

  if (g_socket_address_get_family (address) != G_SOCKET_FAMILY_IPV6 || !g_inet_address_get_is_any (g_inet_socket_address_get_address (inet)))
    return g_object_ref (address);
  probe = g_socket_new (G_SOCKET_FAMILY_IPV6, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  if (probe != NULL)
    return g_object_ref (address);

  any = g_inet_address_new_any (G_SOCKET_FAMILY_IPV4);
  return g_inet_socket_address_new (any, g_inet_socket_address_get_port (inet));
}

GSocket *
oai_proxy_socket_new_for_address (GSocketAddress *address, gboolean reuse_port, guint backlog, GError **error)
{
  g_autoptr(GSocketAddress) chosen = choose_address (address);
  g_autofree char *shown = oai_proxy_address_to_string (chosen);
  g_autoptr(GSocket) socket = g_socket_new (g_socket_address_get_family (chosen), G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);

  if (socket == NULL || !bind_and_listen (socket, chosen, reuse_port, backlog, error))
    {
      fail_to_listen (error, shown);
      return NULL;
    }

  return g_steal_pointer (&socket);
}

/* Removes the file of a socket at which no process listens.  Returns FALSE with an error if there is another file. */
static gboolean
remove_stale (const char *path, GSocketAddress *address, GError **error)
{
  g_autoptr(GSocket) probe = NULL;
  g_autoptr(GError) failure = NULL;
  struct stat status;

  if (lstat (path, &status) != 0)
    return TRUE;
  if (!S_ISSOCK (status.st_mode))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_EXISTS, _("There is another file, which is not a socket"));
      return FALSE;
    }

  probe = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, error);
  if (probe == NULL)
    return FALSE;
  g_socket_set_blocking (probe, FALSE);
  g_socket_connect (probe, address, NULL, &failure);
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    {
      unlink (path);
      return TRUE;
    }

  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE, _("Another process listens there"));
  return FALSE;
}

static void
remember_file (GSocket *socket, const char *path)
{
  SocketFile *file;
  struct stat status;

  if (lstat (path, &status) != 0)
    return;

  file = g_new0 (SocketFile, 1);
  file->path = g_strdup (path);
  file->device = status.st_dev;
  file->inode = status.st_ino;
  file->made = status.st_mtim;
  g_object_set_qdata_full (G_OBJECT (socket), socket_file_quark (), file, socket_file_free);
}

/* The file has no more rights than mode from the beginning: those of the socket, less those of the umask. */
static gboolean
open_path (GSocket *socket, GSocketAddress *address, const char *path, guint mode, guint backlog, GError **error)
{
  if (!remove_stale (path, address, error))
    return FALSE;
  if (fchmod (g_socket_get_fd (socket), mode) != 0)
    return fail_with_errno (error, errno);
  if (!bind_and_listen (socket, address, FALSE, backlog, error))
    return FALSE;

  remember_file (socket, path);
  if (chmod (path, mode) == 0)
    return TRUE;

  fail_with_errno (error, errno);
  oai_proxy_socket_remove_file (socket);
  return FALSE;
}

GSocket *
oai_proxy_socket_new_for_path (const char *path, guint mode, guint backlog, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  g_autoptr(GSocketAddress) address = NULL;
  g_autoptr(GSocket) socket = NULL;

  if (strlen (path) >= sizeof ((struct sockaddr_un *) NULL)->sun_path)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG, _("The path is too long for a socket"));
      fail_to_listen (error, shown);
      return NULL;
    }

  address = g_unix_socket_address_new (path);
  socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, error);
  if (socket == NULL || !open_path (socket, address, path, mode, backlog, error))
    {
      fail_to_listen (error, shown);
      return NULL;
    }

  return g_steal_pointer (&socket);
}

static gboolean
is_same_file (const SocketFile *file, const struct stat *status)
{
  return status->st_dev == file->device && status->st_ino == file->inode && status->st_mtim.tv_sec == file->made.tv_sec
         && status->st_mtim.tv_nsec == file->made.tv_nsec;
}

void
oai_proxy_socket_remove_file (GSocket *socket)
{
  SocketFile *file = g_object_get_qdata (G_OBJECT (socket), socket_file_quark ());
  struct stat status;

  if (file == NULL)
    return;

  if (lstat (file->path, &status) == 0 && is_same_file (file, &status))
    unlink (file->path);
  g_object_set_qdata (G_OBJECT (socket), socket_file_quark (), NULL);
}

static gboolean
is_listening (int fd)
{
  int listening = 0;
  socklen_t size = sizeof listening;

  return getsockopt (fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening != 0;
}

GSocket *
oai_proxy_socket_new_for_descriptor (int fd, GError **error)
{
  g_autoptr(GSocket) socket = NULL;

  if (!is_listening (fd))
    {
      /* Translators: %d is the number of a file descriptor. */
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("The file descriptor %d is not a socket that listens"), fd);
      close (fd);
      return NULL;
    }
  socket = g_socket_new_from_fd (fd, error);
  if (socket == NULL)
    {
      close (fd);
      return NULL;
    }

  g_socket_set_blocking (socket, FALSE);
  return g_steal_pointer (&socket);
}

static void
passed_socket_clear (gpointer data)
{
  OaiProxyPassedSocket *self = data;

  g_free (self->name);
}

static guint
count_passed (void)
{
  const char *pid = g_getenv ("LISTEN_PID");
  const char *fds = g_getenv ("LISTEN_FDS");
  guint64 number;

  if (pid == NULL || fds == NULL || !g_ascii_string_to_unsigned (pid, 10, 1, G_MAXINT32, &number, NULL) || number != (guint64) getpid ())
    return 0;

  return g_ascii_string_to_unsigned (fds, 10, 0, MAX_PASSED, &number, NULL) ? (guint) number : 0;
}

GArray *
oai_proxy_take_passed_sockets (void)
{
  GArray *sockets = g_array_new (FALSE, FALSE, sizeof (OaiProxyPassedSocket));
  guint n = count_passed ();
  const char *text = g_getenv ("LISTEN_FDNAMES");
  g_auto(GStrv) names = g_strsplit (text != NULL ? text : "", ":", MAX_PASSED);
  guint n_names = g_strv_length (names);

  g_array_set_clear_func (sockets, passed_socket_clear);
  for (guint i = 0; i < n; i++)
    {
      OaiProxyPassedSocket passed = { .name = g_strdup (i < n_names && *names[i] != '\0' ? names[i] : "unknown"), .fd = FIRST_PASSED + (int) i };

      fcntl (passed.fd, F_SETFD, FD_CLOEXEC);
      g_array_append_val (sockets, passed);
    }
  g_unsetenv ("LISTEN_PID");
  g_unsetenv ("LISTEN_FDS");
  g_unsetenv ("LISTEN_FDNAMES");

  return sockets;
}
