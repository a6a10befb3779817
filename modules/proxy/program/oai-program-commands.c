/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-program-commands-private.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-proxy-config-private.h"
#include "oai-proxy-token-file.h"
#include "oai-proxy-token-issuer.h"
#include "oai-secret-private.h"
#include "oai-usage-log-private.h"
#include "oai-wipe-private.h"

#define MAX_TOKEN 4096
#define DEFAULT_LIFETIME 3600
#define DEFAULT_DAYS 30

gboolean
oai_program_options_parse (OaiProgramOptions *self, int argc, char **argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, &self->config, _("The configuration file"), _("FILE") },
    { "check", 0, 0, G_OPTION_ARG_NONE, &self->check, _("Check the configuration, and print all problems"), NULL },
    { "add-token", 0, 0, G_OPTION_ARG_STRING, &self->add_token, _("Add a new token to the file of tokens, and print it"), _("IDENTITY") },
    { "hash-token", 0, 0, G_OPTION_ARG_STRING, &self->hash_token, _("Print the line for a token that is read from the standard input"), _("IDENTITY") },
    { "issue-token", 0, 0, G_OPTION_ARG_STRING, &self->issue_token, _("Print a token that expires"), _("IDENTITY") },
    { "generate-key", 0, 0, G_OPTION_ARG_STRING, &self->generate_key, _("Print a line for the file of keys of issued tokens"), _("ID") },
    { "limits", 0, 0, G_OPTION_ARG_STRING, &self->limits, _("The limits of the token"), _("NAME") },
    { "lifetime", 0, 0, G_OPTION_ARG_INT, &self->lifetime, _("The lifetime of an issued token (3600)"), _("SECONDS") },
    { "usage", 0, 0, G_OPTION_ARG_NONE, &self->usage, _("Print what identities have used"), NULL },
    { "days", 0, 0, G_OPTION_ARG_INT, &self->days, _("Number of days to print (30)"), _("DAYS") },
    { "version", 0, 0, G_OPTION_ARG_NONE, &self->version, _("Print the version"), NULL },
    { "worker", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &self->worker, NULL, NULL },
    { NULL }
  };
  g_autoptr(GOptionContext) context = g_option_context_new (NULL);
  g_auto(GStrv) arguments = g_strdupv (argv);

  self->lifetime = DEFAULT_LIFETIME;
  self->days = DEFAULT_DAYS;
  g_option_context_set_summary (context, _("A proxy for the OpenAI API that keeps the keys on the server."));
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse_strv (context, &arguments, error))
    return FALSE;
  if (arguments[0] != NULL && arguments[1] != NULL)
    {
      /* Translators: %s is an argument of the command line. */
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _("The argument “%s” is not known. “--help” lists the options."), arguments[1]);
      return FALSE;
    }
  self->has_config = self->config != NULL;
  if (!self->has_config)
    self->config = g_strdup (OAI_PROXY_CONFIG);

  return TRUE;
}

void
oai_program_options_clear (OaiProgramOptions *self)
{
  g_free (self->config);
  g_free (self->worker);
  g_free (self->add_token);
  g_free (self->hash_token);
  g_free (self->issue_token);
  g_free (self->generate_key);
  g_free (self->limits);
}

gboolean
oai_program_has_command (OaiProgramOptions *options)
{
  return options->add_token != NULL || options->hash_token != NULL || options->issue_token != NULL || options->generate_key != NULL || options->usage;
}

/* The first identity of a type that has a file. */
static OaiConfigIdentity *
find_identity (OaiProxyConfig *config, const char *type, GError **error)
{
  for (guint i = 0; i < config->identities->len; i++)
    {
      OaiConfigIdentity *identity = config->identities->pdata[i];

      if (g_strcmp0 (identity->type, type) == 0 && identity->file != NULL)
        return identity;
    }

  /* Translators: %s is a type of identities. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The configuration has no group [identity NAME] with “type = %s”."), type);
  return NULL;
}

/* Tokens with limits that the configuration does not contain would not be accepted. */
static gboolean
check_limits (OaiProxyConfig *config, OaiProgramOptions *options, GError **error)
{
  if (options->limits == NULL || oai_proxy_config_find_limits (config, options->limits) != NULL)
    return TRUE;

  /* Translators: the first %s is the path of a file, the second one is the name of limits. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("“%s” contains no group [limits %s]."), config->path, options->limits);
  return FALSE;
}

/* An empty file, which only its owner can read.  Another process may create it at the same time. */
static gboolean
create_file (const char *path, GError **error)
{
  g_autofree char *shown = g_filename_display_name (path);
  int fd = g_open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  int number = errno;

  if (fd >= 0)
    {
      g_printerr (_("“%s” was created."), shown);
      g_printerr ("\n");
      return g_close (fd, error);
    }
  if (number == EEXIST)
    return TRUE;

  /* Translators: the first %s is the path of a file, the second one is a reason. */
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number), _("“%s” cannot be created: %s"), shown, g_strerror (number));
  return FALSE;
}

static gboolean
add_token (OaiProxyConfig *config, OaiProgramOptions *options, GError **error)
{
  OaiConfigIdentity *identity = find_identity (config, "tokens", error);
  g_autoptr(OaiProxyTokenFile) file = NULL;
  oai_autosecret char *token = oai_proxy_token_file_generate_token ();

  g_autofree char *line = NULL;

  if (identity == NULL || !check_limits (config, options, error))
    return FALSE;
  /* No file is created for names that are not valid. */
  line = oai_proxy_token_file_format_line (options->add_token, token, options->limits, error);
  if (line == NULL || !create_file (identity->file, error))
    return FALSE;
  file = oai_proxy_token_file_new (identity->file, error);
  if (file == NULL || !oai_proxy_token_file_add_token (file, options->add_token, token, options->limits, error))
    return FALSE;

  fputs (token, stdout);
  fputs ("\n", stdout);
  if (identity->file_credential != NULL)
    g_printerr ("%s\n", _("A service of systemd has a copy of the file. Restart it, so that it accepts the token."));
  return TRUE;
}

static gboolean
issue_token (OaiProxyConfig *config, OaiProgramOptions *options, GError **error)
{
  OaiConfigIdentity *identity = find_identity (config, "issuer", error);
  g_autoptr(OaiProxyTokenIssuer) issuer = oai_proxy_token_issuer_new ();
  oai_autosecret char *token = NULL;

  if (identity == NULL || !check_limits (config, options, error) || !oai_proxy_token_issuer_load_keys (issuer, identity->file, error))
    return FALSE;
  token = oai_proxy_token_issuer_issue (issuer, options->issue_token, options->limits, (guint64) MAX (options->lifetime, 0) * 1000, error);
  if (token == NULL)
    return FALSE;

  fputs (token, stdout);
  fputs ("\n", stdout);
  return TRUE;
}

static OaiProxyConfig *
load_config (OaiProgramOptions *options, GError **error)
{
  g_autoptr(OaiConfigProblems) problems = oai_config_problems_new (options->config);
  g_autoptr(OaiProxyConfig) config = oai_proxy_config_load (options->config, problems);
  g_autofree char *text = oai_config_problems_to_string (problems);

  if (problems->messages->len == 0)
    return g_steal_pointer (&config);

  g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, text);
  return NULL;
}

/* Needs no configuration, but checks the limits with one that is named. */
static gboolean
check_hash_limits (OaiProgramOptions *options, GError **error)
{
  g_autoptr(OaiProxyConfig) config = NULL;

  if (!options->has_config || options->limits == NULL)
    return TRUE;

  config = load_config (options, error);
  return config != NULL && check_limits (config, options, error);
}

static gboolean
hash_token (OaiProgramOptions *options, GError **error)
{
  char token[MAX_TOKEN];
  g_autofree char *line = NULL;

  if (!check_hash_limits (options, error))
    return FALSE;
  if (fgets (token, sizeof token, stdin) == NULL)
    *token = '\0';
  g_strstrip (token);
  line = oai_proxy_token_file_format_line (options->hash_token, token, options->limits, error);
  oai_wipe (token, sizeof token);
  if (line == NULL)
    return FALSE;

  g_print ("%s\n", line);
  return TRUE;
}

static gboolean
generate_key (OaiProgramOptions *options, GError **error)
{
  oai_autosecret char *line = oai_proxy_token_issuer_generate_key_line (options->generate_key, error);

  if (line == NULL)
    return FALSE;

  fputs (line, stdout);
  fputs ("\n", stdout);
  return TRUE;
}

static gboolean
print_usage (OaiProxyConfig *config, OaiProgramOptions *options, GError **error)
{
  gint64 now = g_get_real_time ();
  gint64 span = CLAMP (options->days, 1, 36500) * G_TIME_SPAN_DAY;
  g_autoptr(GPtrArray) sums = NULL;

  if (config->usage_database == NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("The configuration has no “database” in [usage]."));
      return FALSE;
    }
  sums = oai_usage_log_load_sums (config->usage_database, now - span, now + 1, error);
  if (sums == NULL)
    return FALSE;

  g_print ("day\tidentity\tmodel\trequests\tinput_tokens\tcached_tokens\toutput_tokens\tcost\n");
  for (guint i = 0; i < sums->len; i++)
    {
      OaiUsageSum *sum = sums->pdata[i];

      g_print ("%s\t%s\t%s\t%" G_GINT64_FORMAT "\t%" G_GINT64_FORMAT "\t%" G_GINT64_FORMAT "\t%" G_GINT64_FORMAT "\t%.6f\n",
               sum->day, sum->identity, sum->model, sum->n_requests, sum->input_tokens, sum->cached_tokens, sum->output_tokens, sum->cost);
    }

  return TRUE;
}

static gboolean
run_with_config (OaiProgramOptions *options, GError **error)
{
  g_autoptr(OaiProxyConfig) config = load_config (options, error);

  if (config == NULL)
    return FALSE;
  if (options->add_token != NULL)
    return add_token (config, options, error);
  if (options->issue_token != NULL)
    return issue_token (config, options, error);

  return print_usage (config, options, error);
}

int
oai_program_run_command (OaiProgramOptions *options)
{
  g_autoptr(GError) error = NULL;

  if (options->hash_token != NULL)
    hash_token (options, &error);
  else if (options->generate_key != NULL)
    generate_key (options, &error);
  else
    run_with_config (options, &error);
  if (error == NULL)
    return 0;

  g_printerr ("%s\n", error->message);
  return 1;
}
