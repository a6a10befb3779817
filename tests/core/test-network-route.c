/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whether there is a network, from the errors of the system. */

#include "oai-network-private.h"

#include "oai-platform-private.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Errors of the system that the test controls.  These functions replace those of the C library. */

static int socket_errno;
static int connect_errno;

int
socket (int domain, int type, int protocol)
{
  if (socket_errno == 0)
    return (int) syscall (SYS_socket, domain, type, protocol);

  errno = socket_errno;
  return -1;
}

int
connect (int fd, const struct sockaddr *address, socklen_t length)
{
  if (connect_errno == 0)
    return (int) syscall (SYS_connect, fd, address, length);

  errno = connect_errno;
  return -1;
}

/* A machine that lacks descriptors or memory may have a network. */
static void
test_errors_of_the_system (void)
{
  static const int lacks[] = { EMFILE, ENFILE, ENOMEM, EACCES, EPERM };
  static const int no_route[] = { ENETUNREACH, EHOSTUNREACH, ENETDOWN, EADDRNOTAVAIL };

  for (guint i = 0; i < G_N_ELEMENTS (lacks); i++)
    {
      socket_errno = lacks[i];
      g_assert_true (oai_network_has_route (NULL));
      socket_errno = 0;
      connect_errno = lacks[i];
      g_assert_true (oai_network_has_route ("192.0.2.1"));
      connect_errno = 0;
    }
  for (guint i = 0; i < G_N_ELEMENTS (no_route); i++)
    {
      connect_errno = no_route[i];
      g_assert_false (oai_network_has_route (NULL));
      connect_errno = 0;
    }
  socket_errno = EAFNOSUPPORT;
  g_assert_false (oai_network_has_route (NULL));
  socket_errno = 0;
}

/* GIO does not distinguish it from the lack of an address. */
static void
test_lack_of_buffers (void)
{
  connect_errno = ENOBUFS;
#ifdef OAI_HAVE_UNIX
  g_assert_true (oai_network_has_route ("192.0.2.1"));
#else
  g_assert_false (oai_network_has_route ("192.0.2.1"));
#endif
  connect_errno = 0;
}

/* The name of a proxy is not looked up; its address may have a route without one to the Internet. */
static void
test_proxy_with_address (void)
{
  static const char *const address[] = { "direct://", "http://192.0.2.1:3128", NULL };
  static const char *const name[] = { "http://proxy.example.com:3128", NULL };
  static const char *const unique_local[] = { "http://[fd12::1]:3128", NULL };

  g_assert_false (oai_network_has_local_proxy (name));
  g_assert_true (oai_network_has_local_proxy (unique_local));
  connect_errno = ENETUNREACH;
  g_assert_false (oai_network_has_local_proxy (address));
  connect_errno = EACCES;
  g_assert_true (oai_network_has_local_proxy (address));
  connect_errno = 0;
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/network-route/errors-of-the-system", test_errors_of_the_system);
  g_test_add_func ("/network-route/lack-of-buffers", test_lack_of_buffers);
  g_test_add_func ("/network-route/proxy-with-address", test_proxy_with_address);

  return g_test_run ();
}
