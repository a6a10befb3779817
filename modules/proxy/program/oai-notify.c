/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-notify-private.h"

#include <gio/gio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

static GSocket *socket_to_manager;
static GSocketAddress *manager;
static guint64 watchdog_us;
static guint watchdog_source;

static GSocketAddress *
create_address (const char *path)
{
  if (strlen (path) < 2 || strlen (path) >= sizeof ((struct sockaddr_un *) NULL)->sun_path)
    return NULL;
  if (*path == '@')
    return g_unix_socket_address_new_with_type (path + 1, -1, G_UNIX_SOCKET_ADDRESS_ABSTRACT);

  return *path == '/' ? g_unix_socket_address_new (path) : NULL;
}

static guint64
get_number (const char *name)
{
  const char *text = g_getenv (name);
  guint64 number = 0;

  if (text != NULL)
    g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &number, NULL);

  return number;
}

void
oai_notify_init (void)
{
  const char *path = g_getenv ("NOTIFY_SOCKET");
  guint64 pid = get_number ("WATCHDOG_PID");

  if (pid == 0 || pid == (guint64) getpid ())
    watchdog_us = get_number ("WATCHDOG_USEC");
  manager = path != NULL ? create_address (path) : NULL;
  if (manager != NULL)
    socket_to_manager = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_DEFAULT, NULL);
  if (socket_to_manager != NULL)
    g_socket_set_blocking (socket_to_manager, FALSE);
  g_unsetenv ("NOTIFY_SOCKET");
  g_unsetenv ("WATCHDOG_PID");
  g_unsetenv ("WATCHDOG_USEC");
}

static void
send_message (const char *message)
{
  g_autoptr(GError) error = NULL;

  if (socket_to_manager != NULL && g_socket_send_to (socket_to_manager, manager, message, strlen (message), NULL, &error) < 0)
    g_debug ("The service manager was not notified: %s", error->message);
}

void
oai_notify_ready (const char *status)
{
  g_autofree char *message = g_strdup_printf ("READY=1\nSTATUS=%s", status);

  send_message (message);
}

void
oai_notify_reloading (void)
{
  g_autofree char *message = g_strdup_printf ("RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, g_get_monotonic_time ());

  send_message (message);
}

void
oai_notify_stopping (void)
{
  send_message ("STOPPING=1");
}

void
oai_notify_status (const char *status)
{
  g_autofree char *message = g_strdup_printf ("STATUS=%s", status);

  send_message (message);
}

static gboolean
send_watchdog (gpointer user_data)
{
  send_message ("WATCHDOG=1");

  return G_SOURCE_CONTINUE;
}

void
oai_notify_start_watchdog (void)
{
  if (watchdog_us == 0 || socket_to_manager == NULL || watchdog_source != 0)
    return;

  send_message ("WATCHDOG=1");
  watchdog_source = g_timeout_add (MAX (watchdog_us / 2000, 1), send_watchdog, NULL);
}

void
oai_notify_shutdown (void)
{
  g_clear_handle_id (&watchdog_source, g_source_remove);
  g_clear_object (&socket_to_manager);
  g_clear_object (&manager);
}
