/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-proxy-ports-private.h"

#include <string.h>

#include "oai-i18n-private.h"
#include "oai-proxy-sockets-private.h"

#define BACKLOG 1024
#define METRICS "metrics"

static void
port_free (gpointer data)
{
  OaiProxyPort *self = data;

  g_free (self->group);
  g_free (self->address);
  g_object_unref (self->socket);
  g_free (self);
}

GPtrArray *
oai_proxy_ports_new (void)
{
  return g_ptr_array_new_with_free_func (port_free);
}

/* Takes the socket.  listen: NULL for [metrics]. */
static void
append (GPtrArray *ports, OaiConfigListen *listen, char *address, GSocket *socket)
{
  OaiProxyPort *self = g_new0 (OaiProxyPort, 1);

  self->group = listen != NULL ? g_strconcat ("listen ", listen->name, NULL) : g_strdup (METRICS);
  self->address = address;
  self->mode = listen != NULL ? listen->mode : 0;
  self->tls = listen != NULL && listen->tls;
  self->socket = socket;
  g_ptr_array_add (ports, self);
}

void
oai_proxy_ports_append (GPtrArray *ports, gboolean tls, GSocket *socket)
{
  OaiConfigListen listen = { .name = "", .tls = tls };

  append (ports, &listen, g_strdup (""), socket);
}

static char *
get_address (OaiConfigListen *listen)
{
  if (listen->systemd != NULL)
    return g_strconcat ("systemd:", listen->systemd, NULL);
  if (listen->unix_path != NULL)
    return g_strconcat ("unix:", listen->unix_path, NULL);

  return g_strconcat ("address:", listen->address, NULL);
}

static gboolean
is_inet (OaiProxyPort *port)
{
  return g_str_has_prefix (port->address, "address:") || g_str_has_prefix (port->address, METRICS);
}

static gboolean
is_systemd (OaiProxyPort *port)
{
  return g_str_has_prefix (port->address, "systemd:");
}

static gboolean
add_passed (GPtrArray *ports, OaiConfigListen *listen, GArray *passed, GError **error)
{
  guint n = ports->len;

  for (guint i = 0; i < passed->len; i++)
    {
      OaiProxyPassedSocket *item = &g_array_index (passed, OaiProxyPassedSocket, i);
      GSocket *socket;

      if (item->fd < 0 || (!g_str_equal (listen->systemd, "*") && !g_str_equal (listen->systemd, item->name)))
        continue;
      socket = oai_proxy_socket_new_for_descriptor (item->fd, error);
      item->fd = -1;
      if (socket == NULL)
        return FALSE;
      append (ports, listen, get_address (listen), socket);
    }
  if (ports->len > n)
    return TRUE;

  /* Translators: %s is the name of a socket. */
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("The service manager has passed no socket “%s”. Use FileDescriptorName= in its unit."), listen->systemd);
  return FALSE;
}

static GSocket *
open_address (const char *text, gboolean reuse_port, GError **error)
{
  g_autoptr(GSocketAddress) address = oai_proxy_parse_address (text, error);

  return address != NULL ? oai_proxy_socket_new_for_address (address, reuse_port, BACKLOG, error) : NULL;
}

static gboolean
open_port (GPtrArray *ports, OaiConfigListen *listen, GArray *passed, gboolean reuse_port, GError **error)
{
  GSocket *socket;

  if (listen->systemd != NULL)
    return add_passed (ports, listen, passed, error);
  if (listen->address != NULL)
    socket = open_address (listen->address, reuse_port, error);
  else
    socket = oai_proxy_socket_new_for_path (listen->unix_path, listen->mode, BACKLOG, error);
  if (socket == NULL)
    return FALSE;

  append (ports, listen, get_address (listen), socket);
  return TRUE;
}

static gboolean
open_metrics (GPtrArray *ports, OaiProxyConfig *config, GError **error)
{
  GSocket *socket = open_address (config->metrics_address, FALSE, error);

  if (socket == NULL)
    return FALSE;

  append (ports, NULL, g_strconcat (METRICS ":", config->metrics_address, NULL), socket);
  return TRUE;
}

GPtrArray *
oai_proxy_ports_open (OaiProxyConfig *config, OaiProxyPortsFlags flags, GArray *passed, gboolean reuse_port, GError **error)
{
  g_autoptr(GPtrArray) ports = oai_proxy_ports_new ();
  gboolean success = TRUE;

  for (guint i = 0; success && (flags & OAI_PROXY_PORTS_LISTEN) != 0 && i < config->listens->len; i++)
    success = open_port (ports, config->listens->pdata[i], passed, reuse_port, error);
  if (success && (flags & OAI_PROXY_PORTS_METRICS) != 0 && config->metrics_address != NULL)
    success = open_metrics (ports, config, error);
  if (success)
    return g_steal_pointer (&ports);

  oai_proxy_ports_remove_files (ports);
  return NULL;
}

static GSocket *
duplicate_socket (OaiProxyPort *port, GError **error)
{
  g_autoptr(GSocketAddress) address = NULL;

  if (!is_inet (port))
    return g_object_ref (port->socket);

  address = g_socket_get_local_address (port->socket, error);
  return address != NULL ? oai_proxy_socket_new_for_address (address, TRUE, BACKLOG, error) : NULL;
}

static void
append_copy (GPtrArray *ports, OaiProxyPort *port, GSocket *socket)
{
  OaiProxyPort *copy = g_memdup2 (port, sizeof *port);

  copy->group = g_strdup (port->group);
  copy->address = g_strdup (port->address);
  copy->socket = socket;
  g_ptr_array_add (ports, copy);
}

GPtrArray *
oai_proxy_ports_duplicate (GPtrArray *ports, GError **error)
{
  g_autoptr(GPtrArray) copies = oai_proxy_ports_new ();

  for (guint i = 0; i < ports->len; i++)
    {
      OaiProxyPort *port = ports->pdata[i];
      GSocket *socket = duplicate_socket (port, error);

      if (socket == NULL)
        return NULL;
      append_copy (copies, port, socket);
    }

  return g_steal_pointer (&copies);
}

static gboolean
has_socket (GPtrArray *ports, GSocket *socket)
{
  for (guint i = 0; i < ports->len; i++)
    if (((OaiProxyPort *) ports->pdata[i])->socket == socket)
      return TRUE;

  return FALSE;
}

static void
warn_of_setting (GPtrArray *warnings, const char *key, const char *group)
{
  /* Translators: the first %s is a key, the second one is the header of a group. */
  g_ptr_array_add (warnings, g_strdup_printf (_("“%s” in [%s] has changed. This has no effect until the proxy is restarted."), key, group));
}

/* Adds the sockets of former with an address.  Those of systemd can be several. */
static gboolean
keep (GPtrArray *ports, GPtrArray *former, const char *address, OaiConfigListen *listen, GPtrArray *warnings)
{
  gboolean found = FALSE;

  for (guint i = 0; i < former->len; i++)
    {
      OaiProxyPort *port = former->pdata[i];

      if (!g_str_equal (port->address, address) || has_socket (ports, port->socket) || (found && !is_systemd (port)))
        continue;
      append (ports, listen, g_strdup (address), g_object_ref (port->socket));
      found = TRUE;
      if (listen == NULL || listen->unix_path == NULL || listen->mode == port->mode)
        continue;
      ((OaiProxyPort *) ports->pdata[ports->len - 1])->mode = port->mode;
      warn_of_setting (warnings, "mode", port->group);
    }

  return found;
}

static gboolean
reopen_listen (GPtrArray *ports, GPtrArray *former, OaiConfigListen *listen, GPtrArray *warnings, GError **error)
{
  g_autofree char *address = get_address (listen);
  g_autofree char *group = g_strconcat ("listen ", listen->name, NULL);

  if (keep (ports, former, address, listen, warnings))
    return TRUE;
  if (listen->systemd == NULL)
    return open_port (ports, listen, NULL, FALSE, error);

  warn_of_setting (warnings, "systemd", group);
  return TRUE;
}

/* systemd keeps the sockets open, so clients could still connect. */
static void
keep_passed (GPtrArray *ports, GPtrArray *former, GPtrArray *warnings)
{
  for (guint i = 0; i < former->len; i++)
    {
      OaiProxyPort *port = former->pdata[i];

      if (!is_systemd (port) || has_socket (ports, port->socket))
        continue;
      append_copy (ports, port, g_object_ref (port->socket));
      warn_of_setting (warnings, "systemd", port->group);
    }
}

static gboolean
reopen_metrics (GPtrArray *ports, GPtrArray *former, OaiProxyConfig *config, GPtrArray *warnings, GError **error)
{
  g_autofree char *address = g_strconcat (METRICS ":", config->metrics_address, NULL);

  if (config->metrics_address == NULL || keep (ports, former, address, NULL, warnings))
    return TRUE;

  return open_metrics (ports, config, error);
}

static void
add_problem (OaiConfigProblems *problems, guint line, const GError *error)
{
  oai_config_problems_add (problems, line, "%s", error->message);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
    oai_config_problems_add (problems, line, _("If the proxy itself uses the address, for example with another host, the change requires a restart."));
}

GPtrArray *
oai_proxy_ports_reopen (GPtrArray *former, OaiProxyConfig *config, OaiProxyPortsFlags flags, GPtrArray *warnings, OaiConfigProblems *problems)
{
  g_autoptr(GPtrArray) ports = oai_proxy_ports_new ();

  for (guint i = 0; (flags & OAI_PROXY_PORTS_LISTEN) != 0 && i < config->listens->len; i++)
    {
      OaiConfigListen *listen = config->listens->pdata[i];
      g_autoptr(GError) error = NULL;

      if (!reopen_listen (ports, former, listen, warnings, &error))
        add_problem (problems, listen->line, error);
    }
  keep_passed (ports, former, warnings);
  if ((flags & OAI_PROXY_PORTS_METRICS) != 0)
    {
      g_autoptr(GError) error = NULL;

      if (!reopen_metrics (ports, former, config, warnings, &error))
        add_problem (problems, config->metrics_line, error);
    }
  if (problems->messages->len == 0)
    return g_steal_pointer (&ports);

  oai_proxy_ports_discard (ports, former);
  return NULL;
}

void
oai_proxy_ports_discard (GPtrArray *ports, GPtrArray *former)
{
  for (guint i = 0; i < ports->len; i++)
    {
      OaiProxyPort *port = ports->pdata[i];

      if (!has_socket (former, port->socket))
        oai_proxy_socket_remove_file (port->socket);
    }
}

static OaiConfigListen *
find_listen (OaiProxyConfig *config, const char *address)
{
  for (guint i = 0; i < config->listens->len; i++)
    {
      g_autofree char *other = get_address (config->listens->pdata[i]);

      if (g_str_equal (other, address))
        return config->listens->pdata[i];
    }

  return NULL;
}

static gboolean
has_address (GPtrArray *ports, const char *address)
{
  for (guint i = 0; i < ports->len; i++)
    if (g_str_equal (((OaiProxyPort *) ports->pdata[i])->address, address))
      return TRUE;

  return FALSE;
}

static void
warn_of_group (const char *group)
{
  /* Translators: %s is the header of a group. */
  g_warning (_("[%s] has changed. With several workers, this has no effect until the proxy is restarted."), group);
}

void
oai_proxy_ports_warn_of_changes (GPtrArray *ports, OaiProxyConfig *config)
{
  for (guint i = 0; i < ports->len; i++)
    {
      OaiProxyPort *port = ports->pdata[i];
      OaiConfigListen *listen = find_listen (config, port->address);

      if (listen == NULL || listen->tls != port->tls || listen->mode != port->mode)
        warn_of_group (port->group);
    }
  for (guint i = 0; i < config->listens->len; i++)
    {
      OaiConfigListen *listen = config->listens->pdata[i];
      g_autofree char *address = get_address (listen);
      g_autofree char *group = g_strconcat ("listen ", listen->name, NULL);

      if (!has_address (ports, address))
        warn_of_group (group);
    }
}

static OaiProxyListener *
get_listener (OaiProxyPort *port, OaiProxyServer *server)
{
  return g_str_equal (port->group, METRICS) ? oai_proxy_server_get_metrics_listener (server) : oai_proxy_server_get_listener (server);
}

static gboolean
add_port (OaiProxyPort *port, OaiProxyTls *tls, OaiProxyServer *server, GError **error)
{
  if (!port->tls)
    return oai_proxy_listener_add_socket (get_listener (port, server), port->socket, NULL, error);
  if (tls != NULL)
    return oai_proxy_listener_add_socket (get_listener (port, server), port->socket, tls, error);

  /* Its clients would send their tokens in clear text. */
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("“tls” requires “certificate” in [tls]."));
  return FALSE;
}

gboolean
oai_proxy_ports_add (GPtrArray *ports, OaiProxyTls *tls, OaiProxyServer *server, GError **error)
{
  for (guint i = 0; i < ports->len; i++)
    if (!add_port (ports->pdata[i], tls, server, error))
      return FALSE;

  return TRUE;
}

void
oai_proxy_ports_withdraw (GPtrArray *ports, GPtrArray *others, OaiProxyServer *server)
{
  for (guint i = 0; i < ports->len; i++)
    {
      OaiProxyPort *port = ports->pdata[i];

      if (!has_socket (others, port->socket))
        oai_proxy_listener_withdraw_socket (get_listener (port, server), port->socket);
    }
}

void
oai_proxy_ports_restore (GPtrArray *ports, GPtrArray *others, OaiProxyTls *tls, OaiProxyServer *server)
{
  for (guint i = 0; i < ports->len; i++)
    {
      OaiProxyPort *port = ports->pdata[i];
      g_autoptr(GError) error = NULL;

      if (!has_socket (others, port->socket) && !add_port (port, tls, server, &error))
        g_warning ("%s", error->message);
    }
}

void
oai_proxy_ports_close (GPtrArray *ports, GPtrArray *others)
{
  for (guint i = 0; i < ports->len; i++)
    {
      OaiProxyPort *port = ports->pdata[i];

      if (has_socket (others, port->socket))
        continue;
      oai_proxy_socket_remove_file (port->socket);
      g_socket_close (port->socket, NULL);
    }
}

void
oai_proxy_ports_update_tls (GPtrArray *ports, OaiProxyTls *tls, OaiProxyServer *server)
{
  for (guint i = 0; i < ports->len; i++)
    {
      OaiProxyPort *port = ports->pdata[i];

      if (!port->tls || tls != NULL)
        oai_proxy_listener_set_tls (get_listener (port, server), port->socket, port->tls ? tls : NULL);
    }
}

void
oai_proxy_ports_remove_files (GPtrArray *ports)
{
  for (guint i = 0; i < ports->len; i++)
    oai_proxy_socket_remove_file (((OaiProxyPort *) ports->pdata[i])->socket);
}
