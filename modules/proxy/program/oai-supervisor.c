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
#include "oai-wipe-private.h"

/* The descriptors of a worker: the variables with keys, then the sockets. */
#define SECRETS_FD 3
#define FIRST_SOCKET_FD 4
#define MAX_SECRETS (64 * 1024)
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
  GSubprocess *process;
  gint64 started;
  guint delay_ms;
  guint timer;
} Worker;

struct _Supervisor
{
  OaiProxyConfig *config;
  char *program;
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
  g_autoptr(GString) names = g_string_new (NULL);
  int secrets = open_secrets ();

  if (secrets < 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("The keys cannot be passed to a worker"));
      return NULL;
    }

  g_subprocess_launcher_take_fd (launcher, secrets, SECRETS_FD);
  for (guint i = 0; i < self->ports->len; i++)
    {
      OaiProxyPort *port = self->ports->pdata[i];

      g_subprocess_launcher_take_fd (launcher, fcntl (g_socket_get_fd (port->socket), F_DUPFD_CLOEXEC, FIRST_SOCKET_FD), FIRST_SOCKET_FD + (int) i);
      g_string_append_printf (names, "%s%s", i > 0 ? ":" : "", port->name);
    }

  return g_subprocess_launcher_spawn (launcher, error, self->supervisor->program, "--config", self->supervisor->config->path, "--worker", names->str, NULL);
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

static gboolean
reload (gpointer user_data)
{
  Supervisor *self = user_data;
  g_autoptr(OaiConfigProblems) problems = NULL;
  g_autoptr(OaiProxyConfig) config = NULL;
  g_autoptr(OaiProxySetup) setup = NULL;

  if (self->stopping)
    return G_SOURCE_CONTINUE;

  oai_notify_reloading ();
  config = oai_program_service_reload_config (self->config->path, &problems);
  setup = config != NULL ? oai_proxy_setup_new (config, NULL, NULL, TRUE, problems) : NULL;
  if (problems->messages->len == 0)
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
  /* A worker that does not end within its own limit. */
  self->kill_timer = g_timeout_add (self->config->shutdown_timeout_ms + 10000, kill_all, self);
  if (self->n_running == 0)
    g_main_loop_quit (self->loop);

  return G_SOURCE_CONTINUE;
}

/* Each worker has its own sockets of an address, and the kernel distributes connections; it shares the others. */
static gboolean
open_ports (Supervisor *self, GArray *passed, GError **error)
{
  self->workers[0].ports = oai_proxy_ports_open (self->config, passed, TRUE, error);
  if (self->workers[0].ports == NULL)
    return FALSE;

  for (guint i = 1; i < self->n_workers; i++)
    {
      self->workers[i].ports = oai_proxy_ports_duplicate (self->workers[0].ports, self->config, error);
      if (self->workers[i].ports == NULL)
        return FALSE;
    }

  return TRUE;
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
remove_files (Supervisor *self)
{
  for (guint i = 0; self->workers[0].ports != NULL && i < self->workers[0].ports->len; i++)
    {
      OaiProxyPort *port = self->workers[0].ports->pdata[i];

      oai_proxy_socket_remove_file (port->socket);
    }
  for (guint i = 0; i < self->n_workers; i++)
    g_clear_pointer (&self->workers[i].ports, g_ptr_array_unref);
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
  Supervisor self = { .config = config, .n_workers = config->workers };
  g_autoptr(GError) error = NULL;
  gboolean opened = FALSE;

  oai_program_log_set_level (config->log_level);
  self.program = g_file_read_link ("/proc/self/exe", &error);
  self.workers = g_new0 (Worker, self.n_workers);
  self.loop = g_main_loop_new (NULL, FALSE);
  for (guint i = 0; i < self.n_workers; i++)
    {
      self.workers[i].supervisor = &self;
      self.workers[i].index = i + 1;
      self.workers[i].delay_ms = MIN_DELAY_MS;
    }
  if (self.program != NULL && check_setup (config))
    opened = open_ports (&self, passed, &error);
  if (opened && config->redis_url == NULL)
    g_warning ("%s", _("Each worker counts on its own, so clients can use the limits several times. A group [redis] avoids this."));
  if (opened)
    run (&self);
  else if (error != NULL)
    g_printerr ("%s\n", error->message);
  remove_files (&self);
  g_free (self.workers);
  g_free (self.program);
  g_main_loop_unref (self.loop);
  oai_proxy_config_free (config);

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

int
oai_supervisor_run_worker (const char *path, const char *names)
{
  g_auto(GStrv) list = g_strsplit (names, ":", -1);
  GPtrArray *ports = g_ptr_array_new_with_free_func ((GDestroyNotify) oai_proxy_port_free);
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
        g_ptr_array_add (ports, oai_proxy_port_new (list[i], socket));
      else
        oai_config_problems_add (problems, 0, "%s", error->message);
    }
  if (problems->messages->len == 0 && oai_program_service_run (config, g_steal_pointer (&ports), TRUE, problems))
    return 0;

  oai_program_log_problems (problems);
  return 1;
}
