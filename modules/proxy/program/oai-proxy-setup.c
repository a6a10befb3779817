/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "oai-proxy-setup-private.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>

#include "oai-api-path-private.h"
#include "oai-error.h"
#include "oai-i18n-private.h"
#include "oai-program-secrets-private.h"
#include "oai-proxy-backend-private.h"
#include "oai-proxy-client-certificates.h"
#include "oai-proxy-command.h"
#include "oai-proxy-open-id.h"
#include "oai-proxy-peer-credentials.h"
#include "oai-proxy-sockets-private.h"
#include "oai-proxy-token-file.h"
#include "oai-proxy-token-issuer.h"
#include "oai-redis-settings-private.h"
#include "oai-secret-private.h"

#define DEFAULT_LIMITS "default"

typedef struct
{
  OaiProxyConfig *config;
  OaiProxySetup *setup;
  OaiConfigProblems *problems;
} Builder;

static OaiProxyLimits *
create_limits (OaiConfigLimits *config)
{
  OaiProxyLimits *limits = oai_proxy_limits_new ();

  oai_proxy_limits_set_requests_per_minute (limits, config->requests_per_minute);
  oai_proxy_limits_set_requests_per_day (limits, config->requests_per_day);
  oai_proxy_limits_set_tokens_per_minute (limits, (gint64) config->tokens_per_minute);
  oai_proxy_limits_set_tokens_per_day (limits, (gint64) config->tokens_per_day);
  oai_proxy_limits_set_cost_per_day (limits, config->cost_per_day);
  oai_proxy_limits_set_cost_per_month (limits, config->cost_per_month);
  oai_proxy_limits_set_max_streams (limits, config->max_streams);
  oai_proxy_limits_set_max_body_size (limits, config->max_body_size);
  oai_proxy_limits_set_allowed_models (limits, (const char *const *) config->allowed_models);
  oai_proxy_limits_set_allowed_operations (limits, (const char *const *) config->allowed_operations);

  return limits;
}

/* The file contains a key alone, or is one that OaiAuth reads. */
static OaiAuth *
load_key (const char *path, OaiConfigUpstream *upstream, GError **error)
{
  oai_autosecret char *key = NULL;
  g_autoptr(GError) failure = NULL;

  key = oai_program_secrets_read_line (path, &failure);
  if (key != NULL && strpbrk (key, "={:") == NULL)
    return oai_auth_new_full (key, upstream->organization, upstream->project);
  if (failure != NULL && !g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_INVALID_DATA))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }

  return oai_auth_new_from_path (path, error);
}

static OaiAuth *
create_auth (OaiConfigUpstream *upstream, GError **error)
{
  g_autofree char *credential = NULL;
  const char *key;

  if (upstream->no_key)
    return oai_auth_new_full ("", upstream->organization, upstream->project);
  if (upstream->key_file != NULL)
    return load_key (upstream->key_file, upstream, error);
  if (upstream->key_credential != NULL)
    {
      credential = oai_program_secrets_find_credential (upstream->key_credential, error);
      return credential != NULL ? load_key (credential, upstream, error) : NULL;
    }

  key = oai_program_secrets_get (upstream->key_environment);
  if (key != NULL)
    return oai_auth_new_full (key, upstream->organization, upstream->project);

  /* Translators: %s is the name of a variable. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_AUTHENTICATION, _("The environment variable “%s” is not set"), upstream->key_environment);
  return NULL;
}

static OaiSettings *
create_settings (OaiConfigUpstream *upstream, GError **error)
{
  OaiSettings *settings;

  if (upstream->azure_endpoint != NULL)
    settings = oai_settings_new_for_azure_endpoint (upstream->azure_endpoint, upstream->deployment, upstream->api_version, upstream->active_directory, error);
  else
    settings = oai_settings_new_for_base_url (upstream->base_url, error);
  if (settings == NULL)
    return NULL;

  oai_settings_set_organization (settings, upstream->organization);
  oai_settings_set_project (settings, upstream->project);
  oai_settings_set_connect_timeout_ms (settings, upstream->connect_timeout_ms);
  if (upstream->idle_timeout_ms > 0)
    oai_settings_set_idle_timeout_ms (settings, upstream->idle_timeout_ms);
  if (upstream->timeout_ms > 0)
    oai_settings_set_timeout_ms (settings, upstream->timeout_ms);
  oai_settings_set_allow_insecure_http (settings, upstream->allow_insecure_http);

  return settings;
}

static void
add_upstream (Builder *self, OaiConfigUpstream *config)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(OaiSettings) settings = NULL;
  g_autoptr(OaiAuth) auth = NULL;
  g_autoptr(OaiClient) client = NULL;
  OaiProxyUpstream *upstream;

  if (config->base_url == NULL && config->azure_endpoint == NULL)
    return;
  if (!config->no_key && config->key_file == NULL && config->key_credential == NULL && config->key_environment == NULL)
    return;

  settings = create_settings (config, &error);
  auth = settings != NULL ? create_auth (config, &error) : NULL;
  if (auth == NULL)
    {
      oai_config_problems_add (self->problems, config->line, "%s", error->message);
      return;
    }

  client = oai_client_new (auth, settings);
  upstream = oai_proxy_upstream_new (config->name, client);
  oai_proxy_upstream_set_models (upstream, (const char *const *) config->models);
  oai_proxy_upstream_set_priority (upstream, config->priority);
  oai_proxy_upstream_set_weight (upstream, config->weight);
  oai_proxy_upstream_set_max_concurrent (upstream, config->max_concurrent);
  g_ptr_array_add (self->setup->upstreams, upstream);
}

/* The copy of the file that the service manager has passed, if this is its service, or the file itself. */
static char *
find_identity_file (OaiConfigIdentity *config, GError **error)
{
  if (config->file_credential != NULL && g_getenv ("CREDENTIALS_DIRECTORY") != NULL)
    return oai_program_secrets_find_credential (config->file_credential, error);

  return g_strdup (config->file);
}

static OaiProxyAuthenticator *
create_token_file (Builder *self, OaiConfigIdentity *config, GError **error)
{
  g_autofree char *path = find_identity_file (config, error);
  OaiProxyTokenFile *file = path != NULL ? oai_proxy_token_file_new (path, error) : NULL;
  g_auto(GStrv) names = NULL;

  if (file == NULL)
    return NULL;

  names = oai_proxy_token_file_list_limits_names (file);
  for (guint i = 0; names[i] != NULL; i++)
    if (oai_proxy_config_find_limits (self->config, names[i]) == NULL)
      /* Translators: the first %s is the path of a file, the second one is the name of limits. */
      oai_config_problems_add (self->problems, config->line, _("“%s” contains limits “%s”, and there is no group [limits %s]."), path, names[i], names[i]);

  return OAI_PROXY_AUTHENTICATOR (file);
}

static OaiProxyAuthenticator *
create_issuer (OaiConfigIdentity *config, GError **error)
{
  g_autoptr(OaiProxyTokenIssuer) issuer = oai_proxy_token_issuer_new ();
  g_autofree char *path = find_identity_file (config, error);

  if (path == NULL || !oai_proxy_token_issuer_load_keys (issuer, path, error))
    return NULL;

  return OAI_PROXY_AUTHENTICATOR (g_steal_pointer (&issuer));
}

static OaiProxyAuthenticator *
create_command (OaiConfigIdentity *config)
{
  OaiProxyCommand *command;

  if (config->command == NULL || *config->command == NULL)
    return NULL;

  command = oai_proxy_command_new ((const char *const *) config->command);
  if (config->timeout_ms > 0)
    oai_proxy_command_set_timeout_ms (command, config->timeout_ms);
  if (config->max_processes > 0)
    oai_proxy_command_set_max_processes (command, config->max_processes);
  if (config->cache_ms > 0)
    oai_proxy_command_set_cache_ms (command, config->cache_ms);

  return OAI_PROXY_AUTHENTICATOR (command);
}

/* Loads a plug-in, and connects to no server. */
static gboolean
require_backend (Builder *self, const char *backend, const char *key, const char *group, guint line)
{
  g_autoptr(GError) error = NULL;

  if (oai_proxy_backend_load (backend, &error) != NULL)
    return TRUE;

  /* Translators: the first %s is a key, the second one is the kind of a group, the third one says which plug-in is not
   * installed. */
  oai_config_problems_add (self->problems, line, _("“%s” in [%s] cannot be used. %s"), key, group, error->message);
  return FALSE;
}

static OaiProxyAuthenticator *
create_open_id (Builder *self, OaiConfigIdentity *config, GError **error)
{
  OaiProxyOpenId *open_id;

  if (config->issuer == NULL || config->audience == NULL || *config->audience == NULL)
    return NULL;
  if (!require_backend (self, "openid", "type = openid", "identity", config->line))
    return NULL;

  open_id = oai_proxy_open_id_new (config->issuer, *config->audience, NULL, error);
  if (open_id == NULL)
    return NULL;
  for (guint i = 1; config->audience[i] != NULL; i++)
    oai_proxy_open_id_add_audience (open_id, config->audience[i]);
  if (config->identity_claim != NULL)
    oai_proxy_open_id_set_identity_claim (open_id, config->identity_claim);
  if (config->identity_prefix != NULL)
    oai_proxy_open_id_set_identity_prefix (open_id, config->identity_prefix);
  if (config->limits_claim != NULL)
    oai_proxy_open_id_set_limits_claim (open_id, config->limits_claim);
  if (config->required_scope != NULL)
    oai_proxy_open_id_set_required_scope (open_id, config->required_scope);

  return OAI_PROXY_AUTHENTICATOR (open_id);
}

/* "KIND:VALUE=IDENTITY", with blanks around it. */
static gboolean
split_entry (const char *text, char **kind, char **value, char **identity, GError **error)
{
  const char *colon = strchr (text, ':');
  const char *equals = strrchr (text, '=');

  if (colon == NULL || equals == NULL || equals < colon)
    {
      /* Translators: %s is an entry of a list. */
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("“%s” is not “KIND:VALUE=IDENTITY”."), text);
      return FALSE;
    }

  *kind = g_strstrip (g_strndup (text, colon - text));
  *value = g_strstrip (g_strndup (colon + 1, equals - colon - 1));
  *identity = g_strstrip (g_strdup (equals + 1));
  return TRUE;
}

static gboolean
fail_unknown_kind (const char *kind, const char *kinds, GError **error)
{
  /* Translators: both %s are words of the file; the second one lists them. */
  g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("“%s” is not one of: %s."), kind, kinds);
  return FALSE;
}

static gboolean
add_certificate (OaiProxyClientCertificates *certificates, const char *text, const char *limits, GError **error)
{
  g_autofree char *kind = NULL;
  g_autofree char *value = NULL;
  g_autofree char *identity = NULL;

  if (!split_entry (text, &kind, &value, &identity, error))
    return FALSE;
  if (g_str_equal (kind, "fingerprint"))
    return oai_proxy_client_certificates_add_fingerprint (certificates, value, identity, limits, error);
  if (g_str_equal (kind, "subject"))
    return oai_proxy_client_certificates_add_subject (certificates, value, identity, limits, error);
  if (g_str_equal (kind, "dns"))
    return oai_proxy_client_certificates_add_dns_name (certificates, value, identity, limits, error);

  return fail_unknown_kind (kind, "fingerprint subject dns", error);
}

static OaiProxyAuthenticator *
create_certificates (Builder *self, OaiConfigIdentity *config, GError **error)
{
  g_autoptr(OaiProxyClientCertificates) certificates = NULL;
  g_autoptr(GTlsDatabase) database = NULL;

  if (self->config->client_ca == NULL)
    {
      g_set_error_literal (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("Certificates of clients require “client-ca” in [tls]."));
      return NULL;
    }
  database = g_tls_file_database_new (self->config->client_ca, error);
  if (database == NULL)
    return NULL;

  certificates = oai_proxy_client_certificates_new (database);
  for (guint i = 0; config->map != NULL && config->map[i] != NULL; i++)
    if (!add_certificate (certificates, config->map[i], config->limits, error))
      return NULL;

  return OAI_PROXY_AUTHENTICATOR (g_steal_pointer (&certificates));
}

/* value: a number or a name. */
static gboolean
find_id (const char *kind, const char *value, guint *id, GError **error)
{
  gboolean is_group = g_str_equal (kind, "group");
  struct passwd *user = NULL;
  struct group *group = NULL;
  guint64 number;

  if (g_ascii_string_to_unsigned (value, 10, 0, G_MAXUINT32 - 1, &number, NULL))
    {
      *id = (guint) number;
      return TRUE;
    }
  if (is_group)
    group = getgrnam (value);
  else
    user = getpwnam (value);
  if (user == NULL && group == NULL)
    {
      /* Translators: %s is the name of a user or of a group. */
      g_set_error (error, OAI_ERROR, OAI_ERROR_INVALID_ARGUMENT, _("There is no user or group “%s”."), value);
      return FALSE;
    }

  *id = is_group ? group->gr_gid : user->pw_uid;
  return TRUE;
}

static gboolean
add_peer (OaiProxyPeerCredentials *peers, const char *text, const char *limits, GError **error)
{
  g_autofree char *kind = NULL;
  g_autofree char *value = NULL;
  g_autofree char *identity = NULL;
  guint id;

  if (!split_entry (text, &kind, &value, &identity, error))
    return FALSE;
  if (!g_str_equal (kind, "user") && !g_str_equal (kind, "group"))
    return fail_unknown_kind (kind, "user group", error);
  if (!find_id (kind, value, &id, error))
    return FALSE;

  return g_str_equal (kind, "user") ? oai_proxy_peer_credentials_add_user (peers, id, identity, limits, error)
                                    : oai_proxy_peer_credentials_add_group (peers, id, identity, limits, error);
}

static OaiProxyAuthenticator *
create_peers (OaiConfigIdentity *config, GError **error)
{
  g_autoptr(OaiProxyPeerCredentials) peers = oai_proxy_peer_credentials_new ();

  for (guint i = 0; config->map != NULL && config->map[i] != NULL; i++)
    if (!add_peer (peers, config->map[i], config->limits, error))
      return NULL;

  return OAI_PROXY_AUTHENTICATOR (g_steal_pointer (&peers));
}

static OaiProxyAuthenticator *
create_authenticator (Builder *self, OaiConfigIdentity *config, GError **error)
{
  if (g_str_equal (config->type, "tokens"))
    return create_token_file (self, config, error);
  if (g_str_equal (config->type, "issuer"))
    return create_issuer (config, error);
  if (g_str_equal (config->type, "command"))
    return create_command (config);
  if (g_str_equal (config->type, "openid"))
    return create_open_id (self, config, error);
  if (g_str_equal (config->type, "certificates"))
    return create_certificates (self, config, error);

  return create_peers (config, error);
}

static void
add_identity (Builder *self, OaiConfigIdentity *config)
{
  g_autoptr(GError) error = NULL;
  OaiProxyAuthenticator *authenticator = config->type != NULL ? create_authenticator (self, config, &error) : NULL;
  GHashTableIter iter;
  gpointer name;
  gpointer limits;

  if (error != NULL)
    oai_config_problems_add (self->problems, config->line, "%s", error->message);
  if (authenticator == NULL)
    return;

  g_hash_table_iter_init (&iter, self->setup->limits);
  while (g_hash_table_iter_next (&iter, &name, &limits))
    oai_proxy_authenticator_set_limits (authenticator, name, limits);
  if (config->limits != NULL)
    oai_proxy_authenticator_set_limits (authenticator, NULL, g_hash_table_lookup (self->setup->limits, config->limits));
  g_ptr_array_add (self->setup->authenticators, authenticator);
}

static void
load_tls (Builder *self)
{
  OaiProxyConfig *config = self->config;
  g_autoptr(GError) error = NULL;

  if (config->certificate == NULL)
    return;

  self->setup->tls = oai_proxy_tls_new (config->certificate, config->key, config->client_ca, g_strcmp0 (config->client_certificates, "required") == 0, &error);
  if (error != NULL)
    oai_config_problems_add (self->problems, config->tls_line, "%s", error->message);
}

static char *
read_redis_password (OaiProxyConfig *config, GError **error)
{
  g_autofree char *path = NULL;

  if (config->redis_password_file != NULL)
    return oai_program_secrets_read_line (config->redis_password_file, error);

  path = oai_program_secrets_find_credential (config->redis_password_credential, error);
  return path != NULL ? oai_program_secrets_read_line (path, error) : NULL;
}

static OaiProxyUnavailable
get_policy (OaiProxyConfig *config)
{
  if (g_strcmp0 (config->redis_when_unavailable, "allow") == 0)
    return OAI_PROXY_UNAVAILABLE_ALLOW;

  return g_strcmp0 (config->redis_when_unavailable, "local") == 0 ? OAI_PROXY_UNAVAILABLE_LOCAL : OAI_PROXY_UNAVAILABLE_REFUSE;
}

static void
open_redis (Builder *self)
{
  OaiProxyConfig *config = self->config;
  g_autoptr(GError) error = NULL;
  oai_autosecret char *password = NULL;
  OaiRedisSettings settings = { 0 };
  OaiCounterStore *store = NULL;

  if (config->redis_password_file != NULL || config->redis_password_credential != NULL)
    password = read_redis_password (config, &error);
  if (error == NULL)
    {
      settings.url = config->redis_url;
      settings.password = password;
      settings.ca_file = config->redis_ca_file;
      settings.prefix = config->redis_prefix;
      settings.hash_identities = config->redis_hash_identities;
      settings.timeout_ms = config->redis_timeout_ms;
      store = oai_redis_store_open (&settings, &error);
    }
  if (store != NULL)
    self->setup->limiter = oai_proxy_limiter_new (store, get_policy (config), NULL);
  else
    oai_config_problems_add (self->problems, config->redis_line, "%s", error->message);
}

static gboolean
has_same_redis (OaiProxyConfig *a, OaiProxyConfig *b)
{
  return g_strcmp0 (a->redis_url, b->redis_url) == 0 && g_strcmp0 (a->redis_password_file, b->redis_password_file) == 0
         && g_strcmp0 (a->redis_password_credential, b->redis_password_credential) == 0 && g_strcmp0 (a->redis_ca_file, b->redis_ca_file) == 0
         && g_strcmp0 (a->redis_prefix, b->redis_prefix) == 0 && a->redis_hash_identities == b->redis_hash_identities
         && a->redis_timeout_ms == b->redis_timeout_ms && g_strcmp0 (a->redis_when_unavailable, b->redis_when_unavailable) == 0;
}

/* Counters are kept if they are counted in the same memory or on the same server. */
static void
open_limiter (Builder *self, OaiProxyConfig *former_config, OaiProxySetup *former)
{
  if (former != NULL && has_same_redis (self->config, former_config))
    self->setup->limiter = oai_proxy_limiter_ref (former->limiter);
  else if (self->config->redis_url != NULL)
    open_redis (self);
  else
    self->setup->limiter = oai_proxy_limiter_new (NULL, OAI_PROXY_UNAVAILABLE_REFUSE, NULL);
}

static void
open_logs (Builder *self, OaiProxyConfig *former_config, OaiProxySetup *former)
{
  OaiProxyConfig *config = self->config;
  g_autoptr(GError) error = NULL;

  if (config->access_log != NULL)
    self->setup->access_log = oai_access_log_new (config->access_log, &error);
  if (error != NULL)
    oai_config_problems_add (self->problems, config->log_line, "%s", error->message);
  g_clear_error (&error);

  if (config->usage_database == NULL)
    return;
  if (former != NULL && former->usage_log != NULL && g_strcmp0 (config->usage_database, former_config->usage_database) == 0)
    self->setup->usage_log = g_object_ref (former->usage_log);
  else
    self->setup->usage_log = oai_usage_log_new (config->usage_database, &error);
  if (error != NULL)
    oai_config_problems_add (self->problems, config->usage_line, "%s", error->message);
}

static void
add_prices (Builder *self)
{
  for (guint i = 0; i < self->config->prices->len; i++)
    {
      OaiConfigPrice *price = self->config->prices->pdata[i];

      oai_price_table_set_price (self->setup->prices, price->model, price->input, price->cached_input, price->output);
    }
}

static void
check_listens (Builder *self)
{
  for (guint i = 0; i < self->config->listens->len; i++)
    {
      OaiConfigListen *listen = self->config->listens->pdata[i];
      g_autoptr(GError) error = NULL;
      g_autoptr(GSocketAddress) address = listen->address != NULL ? oai_proxy_parse_address (listen->address, &error) : NULL;

      if (error != NULL)
        oai_config_problems_add (self->problems, listen->line, "%s", error->message);
      else if (address != NULL && self->config->allow_anonymous && !oai_proxy_address_is_local (address))
        oai_config_problems_add (self->problems, listen->line, _("“allow-anonymous” is set, so the proxy can listen at 127.0.0.1, [::1] and UNIX sockets only."));
    }
}

static void
check_backends (Builder *self)
{
  OaiProxyConfig *config = self->config;

  if (config->redis_url != NULL)
    require_backend (self, "redis", "url", "redis", config->redis_line);
  if (config->usage_database != NULL)
    require_backend (self, oai_usage_log_get_backend (config->usage_database), "database", "usage", config->usage_line);
}

static void
check_prefix (Builder *self)
{
  g_autofree char *prefix = oai_api_path_normalize_prefix (self->config->prefix);

  if (prefix == NULL)
    /* Translators: %s is what the program or the user has entered. */
    oai_config_problems_add (self->problems, 0, _("“%s” is not a path. Use one like “/ai”, without special characters."), self->config->prefix);
}

OaiProxySetup *
oai_proxy_setup_new (OaiProxyConfig *config, OaiProxyConfig *former_config, OaiProxySetup *former, gboolean dry, OaiConfigProblems *problems)
{
  OaiProxySetup *self = g_new0 (OaiProxySetup, 1);
  Builder builder = { config, self, problems };

  self->upstreams = g_ptr_array_new_with_free_func (g_object_unref);
  self->authenticators = g_ptr_array_new_with_free_func (g_object_unref);
  self->limits = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  self->prices = oai_price_table_new ();
  check_prefix (&builder);
  check_listens (&builder);
  check_backends (&builder);
  for (guint i = 0; i < config->limits->len; i++)
    {
      OaiConfigLimits *limits = config->limits->pdata[i];

      g_hash_table_insert (self->limits, g_strdup (limits->name), create_limits (limits));
    }
  for (guint i = 0; i < config->upstreams->len; i++)
    add_upstream (&builder, config->upstreams->pdata[i]);
  for (guint i = 0; i < config->identities->len; i++)
    add_identity (&builder, config->identities->pdata[i]);
  add_prices (&builder);
  load_tls (&builder);
  if (!dry && problems->messages->len == 0)
    {
      open_limiter (&builder, former_config, former);
      open_logs (&builder, former_config, former);
    }

  return self;
}

void
oai_proxy_setup_free (OaiProxySetup *self)
{
  g_ptr_array_unref (self->upstreams);
  g_ptr_array_unref (self->authenticators);
  g_hash_table_unref (self->limits);
  g_object_unref (self->prices);
  g_clear_pointer (&self->tls, oai_proxy_tls_unref);
  g_clear_pointer (&self->limiter, oai_proxy_limiter_unref);
  g_clear_pointer (&self->access_log, oai_access_log_free);
  g_clear_object (&self->usage_log);
  g_free (self);
}

void
oai_proxy_setup_apply_settings (OaiProxyConfig *config, OaiProxyServer *server)
{
  OaiProxyListenerSettings listener = OAI_PROXY_LISTENER_DEFAULTS;
  OaiHttpSettings http = { 0 };

  listener.max_connections = config->max_connections;
  listener.max_connections_per_address = config->max_connections_per_address;
  listener.handshake_timeout_ms = config->handshake_timeout_ms;
  oai_proxy_listener_set_settings (oai_proxy_server_get_listener (server), &listener);
  http.head_timeout_ms = config->head_timeout_ms;
  http.idle_timeout_ms = config->idle_timeout_ms;
  http.body_timeout_ms = config->body_timeout_ms;
  http.write_timeout_ms = config->write_timeout_ms;
  http.max_requests = config->max_requests;
  oai_proxy_server_set_http_settings (server, &http);
  oai_proxy_server_set_max_body_size (server, config->max_body_size);
  oai_proxy_server_set_spool_directory (server, config->spool_directory);
}

/* The sockets keep the object that they were opened with, also if the configuration no longer contains a certificate. */
static void
replace_tls (OaiProxySetup *self, OaiProxySetup *former)
{
  if (former == NULL || former->tls == NULL)
    return;

  if (self->tls != NULL)
    oai_proxy_tls_assign (former->tls, self->tls);
  g_clear_pointer (&self->tls, oai_proxy_tls_unref);
  self->tls = oai_proxy_tls_ref (former->tls);
}

static void
replace_objects (OaiProxySetup *self, OaiProxySetup *former, OaiProxyServer *server)
{
  for (guint i = 0; i < self->upstreams->len; i++)
    oai_proxy_server_add_upstream (server, self->upstreams->pdata[i]);
  for (guint i = 0; former != NULL && i < former->upstreams->len; i++)
    oai_proxy_server_remove_upstream (server, former->upstreams->pdata[i]);
  for (guint i = 0; i < self->authenticators->len; i++)
    oai_proxy_server_add_authenticator (server, self->authenticators->pdata[i]);
  for (guint i = 0; former != NULL && i < former->authenticators->len; i++)
    oai_proxy_server_remove_authenticator (server, former->authenticators->pdata[i]);
}

gboolean
oai_proxy_setup_apply (OaiProxySetup *self, OaiProxyConfig *config, OaiProxySetup *former, OaiProxyServer *server, GError **error)
{
  if (!oai_proxy_server_set_route_prefix (server, config->prefix != NULL ? config->prefix : "", error)
      || !oai_proxy_server_set_allow_anonymous (server, config->allow_anonymous, error))
    return FALSE;

  replace_objects (self, former, server);
  replace_tls (self, former);
  oai_proxy_setup_apply_settings (config, server);
  oai_proxy_server_set_default_limits (server, g_hash_table_lookup (self->limits, DEFAULT_LIMITS));
  oai_proxy_server_set_prices (server, self->prices);
  if (former == NULL || self->limiter != former->limiter)
    oai_proxy_server_set_limiter (server, oai_proxy_limiter_ref (self->limiter));
  oai_proxy_server_set_access_log (server, self->access_log);
  oai_proxy_server_set_usage_log (server, self->usage_log);

  return TRUE;
}

GPtrArray *
oai_proxy_setup_list_variables (OaiProxyConfig *config)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  /* Also if it is not used: it is a key that users have in their environment. */
  g_ptr_array_add (names, g_strdup ("OPENAI_API_KEY"));
  for (guint i = 0; i < config->upstreams->len; i++)
    {
      OaiConfigUpstream *upstream = config->upstreams->pdata[i];

      if (upstream->key_environment != NULL)
        g_ptr_array_add (names, g_strdup (upstream->key_environment));
    }
  g_ptr_array_add (names, NULL);

  return names;
}
