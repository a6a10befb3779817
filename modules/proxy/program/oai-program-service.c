/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-program-service-private.h"

#include <glib-unix.h>
#include <signal.h>

#include "oai-i18n-private.h"
#include "oai-notify-private.h"
#include "oai-program-log-private.h"
#include "oai-program-secrets-private.h"

typedef struct
{
  OaiProxyConfig *config;
  OaiProxySetup *setup;
  OaiProxyServer *server;
  GPtrArray *ports; /* OaiProxyPort */
  GMainLoop *loop;
  gboolean worker;
  gboolean stopping;
} Service;

void
oai_program_log_problems (OaiConfigProblems *problems)
{
  for (guint i = 0; i < problems->messages->len; i++)
    g_warning ("%s", (const char *) problems->messages->pdata[i]);
}

OaiProxyConfig *
oai_program_service_reload_config (const char *path, OaiConfigProblems **problems)
{
  g_autoptr(OaiProxyConfig) config = NULL;
  g_autoptr(GPtrArray) names = NULL;

  *problems = oai_config_problems_new (path);
  config = oai_proxy_config_load (path, *problems);
  if (config == NULL)
    return NULL;

  names = oai_proxy_setup_list_variables (config);
  oai_program_secrets_take_environment ((const char *const *) names->pdata);
  return g_steal_pointer (&config);
}

static char *
describe_addresses (Service *self)
{
  g_auto(GStrv) addresses = oai_proxy_server_list_addresses (self->server);
  g_autofree char *list = g_strjoinv (", ", addresses);

  /* Translators: %s lists addresses. */
  return g_strdup_printf (_("Listening at %s"), list);
}

/* The sockets of the workers are those of the supervisor. */
static GPtrArray *
reopen_ports (Service *self, OaiProxyConfig *config, GPtrArray *warnings, OaiConfigProblems *problems)
{
  if (self->worker)
    return g_ptr_array_ref (self->ports);
  if (config->workers != 1)
    g_ptr_array_add (warnings, g_strdup_printf (_("“%s” in [%s] has changed. This has no effect until the proxy is restarted."), "workers", "proxy"));

  return oai_proxy_ports_reopen (self->ports, config, OAI_PROXY_PORTS_ALL, warnings, problems);
}

/* Addresses are checked and new sockets are opened before anything changes. */
static gboolean
replace_setup (Service *self, OaiProxySetup *setup, OaiProxyConfig *config, GPtrArray *ports, OaiConfigProblems *problems)
{
  g_autoptr(GError) error = NULL;

  oai_proxy_ports_withdraw (self->ports, ports, self->server);
  if (!oai_proxy_setup_apply (setup, config, self->setup, self->server, &error))
    {
      oai_config_problems_add (problems, 0, "%s", error->message);
      oai_proxy_ports_restore (self->ports, ports, self->setup->tls, self->server);
      oai_proxy_ports_discard (ports, self->ports);
      return FALSE;
    }

  oai_proxy_ports_close (self->ports, ports);
  oai_proxy_ports_update_tls (ports, setup->tls, self->server);
  oai_proxy_ports_restore (ports, self->ports, setup->tls, self->server);
  return TRUE;
}

static gboolean
apply_new (Service *self, OaiProxyConfig *config, OaiConfigProblems *problems)
{
  g_autoptr(OaiProxySetup) setup = oai_proxy_setup_new (config, self->config, self->setup, FALSE, problems);
  g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GPtrArray) ports = NULL;

  if (problems->messages->len > 0)
    return FALSE;
  ports = reopen_ports (self, config, warnings, problems);
  if (ports == NULL || !replace_setup (self, setup, config, ports, problems))
    return FALSE;

  for (guint i = 0; i < warnings->len; i++)
    g_warning ("%s", (const char *) warnings->pdata[i]);
  g_clear_pointer (&self->ports, g_ptr_array_unref);
  self->ports = g_steal_pointer (&ports);
  g_clear_pointer (&self->setup, oai_proxy_setup_free);
  self->setup = g_steal_pointer (&setup);
  oai_program_log_set_level (config->log_level);
  return TRUE;
}

static gboolean
reload (gpointer user_data)
{
  Service *self = user_data;
  g_autoptr(OaiConfigProblems) problems = NULL;
  g_autoptr(OaiProxyConfig) config = NULL;
  g_autofree char *status = NULL;

  if (self->stopping)
    return G_SOURCE_CONTINUE;
  if (!self->worker)
    oai_notify_reloading ();

  config = oai_program_service_reload_config (self->config->path, &problems);
  if (config != NULL && apply_new (self, config, problems))
    {
      g_clear_pointer (&self->config, oai_proxy_config_free);
      self->config = g_steal_pointer (&config);
      g_message ("%s", _("The configuration was read again."));
    }
  else
    {
      oai_program_log_problems (problems);
      g_warning ("%s", _("The former configuration is used further."));
    }
  status = describe_addresses (self);
  if (!self->worker)
    oai_notify_ready (status);

  return G_SOURCE_CONTINUE;
}

static void
shut_down (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Service *self = user_data;
  g_autoptr(GError) error = NULL;

  if (!oai_proxy_server_shutdown_finish (self->server, result, &error))
    g_warning ("%s", error->message);
  g_main_loop_quit (self->loop);
}

static gboolean
stop (gpointer user_data)
{
  Service *self = user_data;

  if (self->stopping)
    {
      g_message ("%s", _("All connections are closed at once."));
      oai_proxy_server_close (self->server);
      return G_SOURCE_CONTINUE;
    }

  self->stopping = TRUE;
  g_message ("%s", _("The proxy stops when its requests have ended."));
  if (!self->worker)
    oai_notify_stopping ();
  oai_proxy_server_shutdown_async (self->server, self->config->shutdown_timeout_ms, NULL, shut_down, self);

  return G_SOURCE_CONTINUE;
}

static gboolean
start (Service *self, OaiConfigProblems *problems)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiProxySetup) setup = oai_proxy_setup_new (self->config, NULL, NULL, FALSE, problems);

  if (problems->messages->len > 0)
    return FALSE;
  self->setup = g_steal_pointer (&setup);
  if (oai_proxy_ports_add (self->ports, self->setup->tls, self->server, &error)
      && oai_proxy_setup_apply (self->setup, self->config, NULL, self->server, &error))
    return TRUE;

  oai_config_problems_add (problems, 0, "%s", error->message);
  return FALSE;
}

static void
run (Service *self)
{
  guint sources[] = {
    g_unix_signal_add (SIGHUP, reload, self),
    g_unix_signal_add (SIGTERM, stop, self),
    g_unix_signal_add (SIGINT, stop, self),
  };
  g_autofree char *status = describe_addresses (self);

  g_message ("%s", status);
  if (!self->worker)
    {
      oai_notify_ready (status);
      oai_notify_start_watchdog ();
    }
  g_main_loop_run (self->loop);
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    g_source_remove (sources[i]);
}

gboolean
oai_program_service_run (OaiProxyConfig *config, GPtrArray *ports, OaiMetrics *metrics, gboolean worker, OaiConfigProblems *problems)
{
  Service self = { .config = config, .ports = ports, .worker = worker };
  gboolean started;

  self.server = oai_proxy_server_new (NULL);
  if (metrics != NULL)
    oai_proxy_server_set_metrics (self.server, metrics);
  self.loop = g_main_loop_new (NULL, FALSE);
  oai_program_log_set_level (config->log_level);
  started = start (&self, problems);
  if (started)
    run (&self);

  oai_proxy_server_close (self.server);
  oai_proxy_server_set_access_log (self.server, NULL);
  g_object_unref (self.server);
  g_ptr_array_unref (self.ports);
  g_clear_pointer (&self.setup, oai_proxy_setup_free);
  oai_proxy_config_free (self.config);
  g_main_loop_unref (self.loop);

  return started;
}
