/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-socket-copy-private.h"

#include "oai-platform-private.h"

#ifdef OAI_HAVE_UNIX

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

int
oai_socket_copy (GSocket *socket)
{
  return fcntl (g_socket_get_fd (socket), F_DUPFD_CLOEXEC, 0);
}

void
oai_socket_copy_read (int copy, GByteArray *bytes, guint max)
{
  guint8 buffer[8192];

  while (bytes->len < max)
    {
      gssize n = recv (copy, buffer, sizeof buffer, MSG_DONTWAIT);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      g_byte_array_append (bytes, buffer, n);
    }
}

void
oai_socket_copy_close (int copy)
{
  close (copy);
}

#else

int
oai_socket_copy (GSocket *socket)
{
  return -1;
}

void
oai_socket_copy_read (int copy, GByteArray *bytes, guint max)
{
}

void
oai_socket_copy_close (int copy)
{
}

#endif
