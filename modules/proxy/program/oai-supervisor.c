/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-supervisor-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "oai-i18n-private.h"
#include "oai-notify-private.h"
#include "oai-program-log-private.h"
#include "oai-program-secrets-private.h"
#include "oai-program-service-private.h"
#include "oai-proxy-sockets-private.h"
#include "oai-usage-log-private.h"
#include "oai-wipe-private.h"

/* The descriptors of a worker: the variables with keys, the memory of its metrics, then the sockets. */
#define SECRETS_FD 3
#define METRICS_FD 4
#define FIRST_SOCKET_FD 5
/* In the list of sockets. */
#define PLAIN "plain"
#define TLS "tls"
#define MAX_SECRETS (64 * 1024)
#define KILL_DELAY_MS 10000
#define MIN_DELAY_MS 100
#define MAX_DELAY_MS 30000
/* A worker that has run for this long has started successfully. */
#define STABLE_US (10 * G_USEC_PER_SEC)

typedef struct _Supervisor Supervisor;

typedef struct
{
  Supervisor *supervisor;
  guint index;
  GPtrArray *ports;    /* OaiProxyPort; kept while the worker is started again, so that no connection is lost */
  OaiMetricsMemory *metrics; /* of the supervisor; the next process continues to count there */
  GSubprocess *process;
  gint64 started;
  guint delay_ms;
  guint timer;
} Worker;

struct _Supervisor
{
  OaiProxyConfig *config;
  guint shutdown_timeout_ms;
  char *program;
  OaiProxyServer *server;   /* serves the metrics */
  GPtrArray *metrics;       /* OaiMetricsMemory of each worker */
  GPtrArray *metrics_ports; /* OaiProxyPort */
  Worker *workers;
  guint n_workers;
  guint n_running;
  GMainLoop *loop;
  guint kill_timer;
  gboolean stopping;
  gboolean failed;
};

static void worker_start (Worker *self);

static gboolean
restart_now (gpointer user_data)
{
  Worker *self = user_data;

  self->timer = 0;
  worker_start (self);

  return G_SOURCE_REMOVE;
}

static void
schedule_restart (Worker *self)
{
  if (g_get_monotonic_time () - self->started > STABLE_US)
    self->delay_ms = MIN_DELAY_MS;
  self->timer = g_timeout_add (self->delay_ms, restart_now, self);
  self->delay_ms = MIN (self->delay_ms * 2, MAX_DELAY_MS);
}

static void
worker_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Worker *self = user_data;
  Supervisor *supervisor = self->supervisor;

  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  g_clear_object (&self->process);
  /* Its connections are closed. */
  oai_metrics_memory_clear_gauges (self->metrics);
  supervisor->n_running--;
  if (!supervisor->stopping)
    {
      /* Translators: %u is a number. */
      g_warning (_("Worker %u has ended, and is started again."), self->index);
      schedule_restart (self);
    }
  else if (supervisor->n_running == 0)
    {
      g_main_loop_quit (supervisor->loop);
    }
}

/* The pipe contains all; the worker reads it when it starts. */
static int
open_secrets (void)
{
  g_autoptr(GByteArray) data = oai_program_secrets_serialize ();
  int fds[2];
  gssize n = -1;

  if (data->len <= MAX_SECRETS && g_unix_open_pipe (fds, FD_CLOEXEC, NULL))
    {
      fcntl (fds[1], F_SETFL, O_NONBLOCK);
      n = write (fds[1], data->data, data->len);
      close (fds[1]);
      if (n != (gssize) data->len)
        close (fds[0]);
    }
  oai_wipe (data->data, data->len);

  return n == (gssize) data->len ? fds[0] : -1;
}

static GSubprocess *
spawn (Worker *self, GError **error)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr(GString) kinds = g_string_new (NULL);
  int secrets = open_secrets ();

  if (secrets < 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("The keys cannot be passed to a worker"));
      return NULL;
    }

  g_subprocess_launcher_take_fd (launcher, secrets, SECRETS_FD);
  g_subprocess_launcher_take_fd (launcher, fcntl (oai_metrics_memory_get_descriptor (self->metrics), F_DUPFD_CLOEXEC, FIRST_SOCKET_FD), METRICS_FD);
  for (guint i = 0; i < self->ports->len; i++)
    {
      OaiProxyPort *port = self->ports->pdata[i];

      g_subprocess_launcher_take_fd (launcher, fcntl (g_socket_get_fd (port->socket), F_DUPFD_CLOEXEC, FIRST_SOCKET_FD), FIRST_SOCKET_FD + (int) i);
      g_string_append_printf (kinds, "%s%s", i > 0 ? ":" : "", port->tls ? TLS : PLAIN);
    }

  return g_subprocess_launcher_spawn (launcher, error, self->supervisor->program, "--config", self->supervisor->config->path, "--worker", kinds->str, NULL);
}

static void
worker_start (Worker *self)
{
  g_autoptr(GError) error = NULL;

  self->started = g_get_monotonic_time ();
  self->process = spawn (self, &error);
  if (self->process == NULL)
    {
      g_warning ("%s", error->message);
      schedule_restart (self);
      return;
    }

  self->supervisor->n_running++;
  g_subprocess_wait_async (self->process, NULL, worker_ended, self);
}

static void
send_to_all (Supervisor *self, int signal_number)
{
  for (guint i = 0; i < self->n_workers; i++)
    if (self->workers[i].process != NULL)
      g_subprocess_send_signal (self->workers[i].process, signal_number);
}

/* The sockets of the workers and their number stay as they are. */
static void
warn_of_changes (Supervisor *self, OaiProxyConfig *config)
{
  oai_proxy_ports_warn_of_changes (self->workers[0].ports, config);
  if (config->workers != self->n_workers)
    g_warning (_("“%s” in [%s] has changed. This has no effect until the proxy is restarted."), "workers", "proxy");
}

static gboolean
apply_new (Supervisor *self, OaiProxyConfig *config, OaiConfigProblems *problems)
{
  g_autoptr(OaiProxySetup) setup G_GNUC_UNUSED = oai_proxy_setup_new (config, NULL, NULL, TRUE, problems);
  g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  GPtrArray *ports = NULL;

  if (problems->messages->len == 0)
    ports = oai_proxy_ports_reopen (self->metrics_ports, config, OAI_PROXY_PORTS_METRICS, warnings, problems);
  if (ports == NULL)
    return FALSE;

  oai_proxy_ports_withdraw (self->metrics_ports, ports, self->server);
  oai_proxy_ports_close (self->metrics_ports, ports);
  oai_proxy_ports_restore (ports, self->metrics_ports, NULL, self->server);
  g_ptr_array_unref (self->metrics_ports);
  self->metrics_ports = ports;
  self->shutdown_timeout_ms = config->shutdown_timeout_ms;
  oai_proxy_setup_apply_settings (config, self->server);
  oai_program_log_set_level (config->log_level);
  warn_of_changes (self, config);
  return TRUE;
}

static gboolean
reload (gpointer user_data)
{
  Supervisor *self = user_data;
  g_autoptr(OaiConfigProblems) problems = NULL;
  g_autoptr(OaiProxyConfig) config = NULL;

  if (self->stopping)
    return G_SOURCE_CONTINUE;

  oai_notify_reloading ();
  config = oai_program_service_reload_config (self->config->path, &problems);
  if (config != NULL && apply_new (self, config, problems))
    {
      send_to_all (self, SIGHUP);
    }
  else
    {
      oai_program_log_problems (problems);
      g_warning ("%s", _("The former configuration is used further."));
    }
  oai_notify_ready ("");

  return G_SOURCE_CONTINUE;
}

static gboolean
kill_all (gpointer user_data)
{
  Supervisor *self = user_data;

  self->kill_timer = 0;
  send_to_all (self, SIGKILL);

  return G_SOURCE_REMOVE;
}

static gboolean
stop (gpointer user_data)
{
  Supervisor *self = user_data;

  send_to_all (self, SIGTERM);
  if (self->stopping)
    return G_SOURCE_CONTINUE;

  self->stopping = TRUE;
  oai_notify_stopping ();
  for (guint i = 0; i < self->n_workers; i++)
    g_clear_handle_id (&self->workers[i].timer, g_source_remove);
  /* A worker that does not end within its own limits: of its requests, and then of its usage records. */
  self->kill_timer = g_timeout_add (self->shutdown_timeout_ms + OAI_USAGE_LOG_FLUSH_TIMEOUT_MS + KILL_DELAY_MS, kill_all, self);
  if (self->n_running == 0)
    g_main_loop_quit (self->loop);

  return G_SOURCE_CONTINUE;
}

/* Each worker has its own sockets of an address, and the kernel distributes connections; it shares the others. */
static gboolean
open_ports (Supervisor *self, GArray *passed, GError **error)
{
  self->workers[0].ports = oai_proxy_ports_open (self->config, OAI_PROXY_PORTS_LISTEN, passed, TRUE, error);
  if (self->workers[0].ports == NULL)
    return FALSE;

  for (guint i = 1; i < self->n_workers; i++)
    {
      self->workers[i].ports = oai_proxy_ports_duplicate (self->workers[0].ports, error);
      if (self->workers[i].ports == NULL)
        return FALSE;
    }

  return TRUE;
}

/* This process serves the metrics: it accepts connections also if a worker hangs, and reads the memory of all. */
static gboolean
open_metrics (Supervisor *self, GError **error)
{
  for (guint i = 0; i < self->n_workers; i++)
    {
      self->workers[i].metrics = oai_metrics_memory_new_shared (error);
      if (self->workers[i].metrics == NULL)
        return FALSE;
      g_ptr_array_add (self->metrics, self->workers[i].metrics);
    }
  oai_proxy_server_set_metrics (self->server, oai_metrics_new_for_sum (self->metrics));
  oai_proxy_setup_apply_settings (self->config, self->server);
  self->metrics_ports = oai_proxy_ports_open (self->config, OAI_PROXY_PORTS_METRICS, NULL, FALSE, error);

  return self->metrics_ports != NULL && oai_proxy_ports_add (self->metrics_ports, NULL, self->server, error);
}

static void
run (Supervisor *self)
{
  guint sources[] = {
    g_unix_signal_add (SIGHUP, reload, self),
    g_unix_signal_add (SIGTERM, stop, self),
    g_unix_signal_add (SIGINT, stop, self),
  };

  for (guint i = 0; i < self->n_workers; i++)
    worker_start (&self->workers[i]);
  oai_notify_ready ("");
  oai_notify_start_watchdog ();
  g_main_loop_run (self->loop);
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    g_source_remove (sources[i]);
  g_clear_handle_id (&self->kill_timer, g_source_remove);
}

static void
memory_free (gpointer data)
{
  oai_metrics_memory_free (data);
}

static void
supervisor_init (Supervisor *self)
{
  self->workers = g_new0 (Worker, self->n_workers);
  self->loop = g_main_loop_new (NULL, FALSE);
  self->server = oai_proxy_server_new (NULL);
  self->metrics = g_ptr_array_new_with_free_func (memory_free);
  for (guint i = 0; i < self->n_workers; i++)
    {
      self->workers[i].supervisor = self;
      self->workers[i].index = i + 1;
      self->workers[i].delay_ms = MIN_DELAY_MS;
    }
}

static void
supervisor_clear (Supervisor *self)
{
  oai_proxy_server_close (self->server);
  g_object_unref (self->server);
  if (self->workers[0].ports != NULL)
    oai_proxy_ports_remove_files (self->workers[0].ports);
  for (guint i = 0; i < self->n_workers; i++)
    g_clear_pointer (&self->workers[i].ports, g_ptr_array_unref);
  g_clear_pointer (&self->metrics_ports, g_ptr_array_unref);
  g_ptr_array_unref (self->metrics);
  g_free (self->workers);
  g_free (self->program);
  g_main_loop_unref (self->loop);
  oai_proxy_config_free (self->config);
}

/* Without this, a worker would be started for a configuration that cannot be used. */
static gboolean
check_setup (OaiProxyConfig *config)
{
  g_autoptr(OaiConfigProblems) problems = oai_config_problems_new (config->path);
  g_autoptr(OaiProxySetup) setup = NULL;
  g_autofree char *text = NULL;

  setup = oai_proxy_setup_new (config, NULL, NULL, TRUE, problems);
  text = oai_config_problems_to_string (problems);
  if (problems->messages->len > 0)
    g_printerr ("%s\n", text);

  return problems->messages->len == 0;
}

int
oai_supervisor_run (OaiProxyConfig *config, GArray *passed)
{
  Supervisor self = { .config = config, .n_workers = config->workers, .shutdown_timeout_ms = config->shutdown_timeout_ms };
  g_autoptr(GError) error = NULL;
  gboolean opened = FALSE;

  oai_program_log_set_level (config->log_level);
  self.program = g_file_read_link ("/proc/self/exe", &error);
  supervisor_init (&self);
  if (self.program != NULL && check_setup (config))
    opened = open_ports (&self, passed, &error) && open_metrics (&self, &error);
  if (opened && config->redis_url == NULL)
    g_warning ("%s", _("Each worker counts on its own, so clients can use the limits several times. A group [redis] avoids this."));
  if (opened)
    run (&self);
  else if (error != NULL)
    g_printerr ("%s\n", error->message);
  supervisor_clear (&self);

  return opened ? 0 : 1;
}

static void
read_secrets (void)
{
  g_autofree char *data = g_malloc (MAX_SECRETS);
  gsize length = 0;
  gssize n;

  while (length < MAX_SECRETS && ((n = read (SECRETS_FD, data + length, MAX_SECRETS - length)) > 0 || (n < 0 && errno == EINTR)))
    if (n > 0)
      length += n;
  close (SECRETS_FD);
  oai_program_secrets_add (data, length);
  oai_wipe (data, MAX_SECRETS);
}

/* Those of the former process of the worker.  Without them, requests are served, but not counted for /metrics. */
static OaiMetrics *
take_metrics (void)
{
  g_autoptr(GError) error = NULL;
  OaiMetricsMemory *memory = oai_metrics_memory_new_for_descriptor (METRICS_FD, &error);

  if (memory != NULL)
    return oai_metrics_new_for_memory (memory);

  g_warning ("%s", error->message);
  return NULL;
}

int
oai_supervisor_run_worker (const char *path, const char *kinds)
{
  g_auto(GStrv) list = g_strsplit (kinds, ":", -1);
  GPtrArray *ports = oai_proxy_ports_new ();
  g_autoptr(OaiConfigProblems) problems = NULL;
  OaiProxyConfig *config;

  /* The supervisor has ended before its workers. */
  prctl (PR_SET_PDEATHSIG, SIGTERM);
  read_secrets ();
  config = oai_program_service_reload_config (path, &problems);
  for (guint i = 0; list[i] != NULL; i++)
    {
      g_autoptr(GError) error = NULL;
      GSocket *socket = oai_proxy_socket_new_for_descriptor (FIRST_SOCKET_FD + (int) i, &error);

      if (socket != NULL)
        oai_proxy_ports_append (ports, g_str_equal (list[i], TLS), socket);
      else
        oai_config_problems_add (problems, 0, "%s", error->message);
    }
  if (problems->messages->len == 0 && oai_program_service_run (config, ports, take_metrics (), TRUE, problems))
    return 0;

  oai_program_log_problems (problems);
  return 1;
}
