/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Connects a datagram socket, which chooses a route and sends nothing. */

#include "oai-route-private.h"

#include "oai-platform-private.h"

#ifdef OAI_HAVE_UNIX

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/socket.h>

/* Other errors, such as a lack of descriptors or memory, do not show that there is no route. */
static gboolean
means_no_route (int number)
{
  static const int numbers[] = { ENETUNREACH, EHOSTUNREACH, ENETDOWN, EADDRNOTAVAIL, EAFNOSUPPORT, EPROTONOSUPPORT };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (number == numbers[i])
      return TRUE;

  return FALSE;
}

gboolean
oai_route_exists (GSocketAddress *address)
{
  struct sockaddr_storage native;
  gssize size = g_socket_address_get_native_size (address);
  gboolean exists;
  int fd;

  if (size < 0 || !g_socket_address_to_native (address, &native, sizeof native, NULL))
    return TRUE;

  fd = socket (native.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return !means_no_route (errno);

  exists = connect (fd, (struct sockaddr *) &native, size) == 0 || !means_no_route (errno);
  g_close (fd, NULL);

  return exists;
}

#else

static gboolean
means_no_route (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE) || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
}

/* GIO has no code for the error of Linux that the machine has no address of IPv6 (EADDRNOTAVAIL).  The only other error of
 * connecting without a code is a lack of buffers in the kernel, which therefore also counts as the lack of a route. */
gboolean
oai_route_exists (GSocketAddress *address)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocket) socket = g_socket_new (g_socket_address_get_family (address), G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_DEFAULT, &error);

  if (socket == NULL)
    return !means_no_route (error);

  return g_socket_connect (socket, address, NULL, &error)
         || !(means_no_route (error) || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_FAILED));
}

#endif
