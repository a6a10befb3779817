/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-program-private.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "oai-i18n-private.h"
#include "oai-notify-private.h"
#include "oai-program-commands-private.h"
#include "oai-program-log-private.h"
#include "oai-program-secrets-private.h"
#include "oai-program-service-private.h"
#include "oai-proxy-sockets-private.h"
#include "oai-supervisor-private.h"

/* Memory with keys is not written to files, and other processes of the user cannot read it. */
static void
protect_memory (void)
{
  struct rlimit none = { 0, 0 };

  setrlimit (RLIMIT_CORE, &none);
#ifdef PR_SET_DUMPABLE
  prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

static void
raise_descriptors (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
    return;

  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}

static void
print_problems (OaiConfigProblems *problems)
{
  g_autofree char *text = NULL;

  oai_config_problems_sort (problems);
  text = oai_config_problems_to_string (problems);
  g_printerr ("%s\n", text);
}

static int
check (const char *path)
{
  g_autoptr(OaiConfigProblems) problems = NULL;
  g_autoptr(OaiProxyConfig) config = oai_program_service_reload_config (path, &problems);
  g_autoptr(OaiProxySetup) setup = NULL;

  if (config != NULL)
    setup = oai_proxy_setup_new (config, NULL, NULL, TRUE, problems);
  if (problems->messages->len > 0)
    {
      print_problems (problems);
      return 1;
    }

  /* Translators: %s is the path of a file. */
  g_print (_("%s: no problems"), problems->path);
  g_print ("\n");
  return 0;
}

static int
serve (const char *path)
{
  g_autoptr(GArray) passed = oai_proxy_take_passed_sockets ();
  g_autoptr(OaiConfigProblems) problems = NULL;
  g_autoptr(GError) error = NULL;
  OaiProxyConfig *config;
  GPtrArray *ports;
  gboolean done;

  oai_notify_init ();
  config = oai_program_service_reload_config (path, &problems);
  if (problems->messages->len > 0)
    {
      print_problems (problems);
      g_clear_pointer (&config, oai_proxy_config_free);
      return 1;
    }
  if (config->workers > 1)
    return oai_supervisor_run (config, passed);

  ports = oai_proxy_ports_open (config, OAI_PROXY_PORTS_ALL, passed, FALSE, &error);
  if (ports == NULL)
    {
      g_printerr ("%s\n", error->message);
      oai_proxy_config_free (config);
      return 1;
    }
  done = oai_program_service_run (config, ports, NULL, FALSE, problems);
  if (!done)
    print_problems (problems);

  return done ? 0 : 1;
}

static int
run (OaiProgramOptions *options)
{
  if (options->version)
    {
      g_print ("oai-proxy %s\n", OAI_PROXY_VERSION);
      return 0;
    }
  if (options->check)
    return check (options->config);
  if (options->worker != NULL)
    return oai_supervisor_run_worker (options->config, options->worker);
  if (oai_program_has_command (options))
    return oai_program_run_command (options);

  return serve (options->config);
}

int
oai_program_main (int argc, char **argv)
{
  OaiProgramOptions options = { 0 };
  g_autoptr(GError) error = NULL;
  int status;

  protect_memory ();
  raise_descriptors ();
  signal (SIGPIPE, SIG_IGN);
  g_set_prgname ("oai-proxy");
  oai_program_log_init ();
  if (oai_program_options_parse (&options, argc, argv, &error))
    {
      status = run (&options);
    }
  else
    {
      g_printerr ("%s\n", error->message);
      status = 2;
    }
  oai_program_options_clear (&options);
  oai_notify_shutdown ();
  oai_program_secrets_clear ();

  return status;
}
